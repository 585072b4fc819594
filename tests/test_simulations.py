"""Known truth: what intervals cover, and by how much estimates are off, where patients stop for what their scores show.

Every figure is a mean over so many invented clinics from a fixed seed. A coverage of .95 is known to .005 (one standard error)
with 2 000 runs, to .007 with 1 000 and to .011 with 400. Bounds are those promised, .93 to .97, not widened by it; a case that
misses them says so beside its own. The figures of a run are in its ``--junitxml``, under "measured".
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

import outcomes
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.groups import groups_of
from outcomes.measures.skin_types import skin_type_differences
from outcomes.simulate.sample import sample
from outcomes.statistics.attendance import Courses
from outcomes.statistics.continued import continued
from outcomes.statistics.jackknife import kinds_of
from outcomes.statistics.longitudinal import EVERYONE, Wide
from outcomes.statistics.mmrm import mmrm_of_cells
from outcomes.statistics.sufficient_statistics import cells_of

pytestmark = pytest.mark.slow

RUNS = 2_000
FEWER_RUNS = 400
SESSIONS = np.arange(7)


class Stop(NamedTuple):
    """Log odds of not coming back: `base` when `at` was gained so far, `pull` more for every unit gained beyond.

    And `stalled` more where the latest score is no better than the one before.
    """

    pull: float
    at: float
    base: float
    stalled: float = 0.0


POINTS = {"satisfied": Stop(0.12, 15, -2.0), "disappointed": Stop(-0.10, 10, -2.0)}
STEPS = {
    "satisfied": Stop(1.3, 1, -1.6),
    "disappointed": Stop(-1.0, 0.8, -2.0),
    "random": Stop(0, 0, -1.8),
    "stalled": Stop(0, 0, -2.4, 1.5),
    "nobody": Stop(0, 0, -np.inf),
}


def normal_scores(rng: np.random.Generator, n: int) -> np.ndarray:
    """Points, 25 of them gained on average after 6 sessions, at a normal pace."""
    gain = 25 * (1 - 0.75**SESSIONS) / (1 - 0.75**6)
    return rng.normal(60, 12, (n, 1)) - rng.normal(1, 0.4, (n, 1)) * gain + rng.normal(0, 4, (n, 7))


def skewed_scores(rng: np.random.Generator, n: int) -> np.ndarray:
    """The same at a gamma pace with coefficient of variation 0.5, in tenths of a point."""
    gain = 25 * (1 - 0.75**SESSIONS) / (1 - 0.75**6)
    return np.round(rng.normal(60, 12, (n, 1)) - rng.gamma(4, 0.25, (n, 1)) * gain + rng.normal(0, 4, (n, 7)), 1)


def grades(rng: np.random.Generator, n: int) -> np.ndarray:
    """Grades 1 to 4 that fall at a log-normal pace, 1.1 of them on average after 6 sessions."""
    exact = (
        rng.normal(3.2, 0.65, (n, 1))
        - rng.lognormal(-0.125, 0.5, (n, 1)) * 1.5 * (1 - 0.75**SESSIONS)
        + rng.normal(0, 0.3, (n, 7))
    )
    return np.clip(np.rint(exact), 1, 4)


def recorded(rng: np.random.Generator, scores: np.ndarray, stop: Stop, missed: float = 0.05) -> np.ndarray:
    """What a clinic has of the scores: nan where missed by chance, and after who stopped for what was recorded."""
    seen = np.where((rng.random(scores.shape) < missed) & (SESSIONS > 0), np.nan, scores)
    gone, latest = np.zeros(len(scores), bool), scores[:, 0]
    for k in SESSIONS[1:]:
        seen[gone, k] = np.nan
        latest = np.where(np.isnan(seen[:, k]), latest, seen[:, k])
        gone |= rng.random(len(scores)) < 1 / (1 + np.exp(-stop.base - stop.pull * (scores[:, 0] - latest - stop.at)))
    return seen


class Seen(NamedTuple):
    """Scores as recorded (n, 7), nan where not, and the last session attended (n,), scored or not."""

    scores: np.ndarray
    attended: np.ndarray


def scored_at(rng: np.random.Generator, n: int, pattern: str) -> np.ndarray:
    """Whether each is to be scored at each session: ``every session``, sessions like ``0/3/6``, or ``35 % missed`` by chance."""
    if "missed" in pattern:
        return (rng.random((n, 7)) >= int(pattern.split()[0]) / 100) | (SESSIONS == 0)
    return np.tile(np.isin(SESSIONS, [int(k) for k in pattern.split("/")] if "/" in pattern else SESSIONS), (n, 1))


def attended(rng: np.random.Generator, scores: np.ndarray, pattern: str, why: str) -> Seen:
    """What a clinic that scores by `pattern` has, where patients stop by what was recorded so far."""
    stop, asked = STEPS[why], scored_at(rng, len(scores), pattern)
    last, latest, stalled = np.full(len(scores), 6), scores[:, 0], np.zeros(len(scores), bool)
    for k in SESSIONS[1:6]:
        now = np.where(asked[:, k], scores[:, k], latest)
        stalled, latest = np.where(asked[:, k], now >= latest, stalled), now
        odds = stop.base + stop.pull * (scores[:, 0] - latest - stop.at) + stop.stalled * stalled
        last[(last == 6) & (rng.random(len(scores)) < expit(odds))] = k
    return Seen(np.where(asked & (last[:, None] >= SESSIONS), scores, np.nan), last)


def until_last_scored(scores: np.ndarray) -> Seen:
    return Seen(scores, (~np.isnan(scores) * SESSIONS).max(axis=1))


def courses_of(seen: Seen) -> Courses:
    """Each course of a patient of its own; those alike are counted together, which changes nothing but the time."""
    rows = np.column_stack([np.where(np.isnan(seen.scores), -1, np.round(seen.scores * 100)), seen.attended]).astype(np.int64)
    kinds = kinds_of(rows, np.arange(len(rows)))
    stopped = np.ones(len(kinds.row), bool)
    return Courses(seen.scores[kinds.row], seen.attended[kinds.row], stopped, kinds.kind, kinds.patients.astype(float))


def wide_of(scores: np.ndarray) -> Wide:
    n = len(scores)
    return Wide(
        scores,
        np.ones(n),
        np.ones(n, bool),
        np.zeros(n, np.int64),
        (EVERYONE,),
        tuple(SESSIONS.tolist()),
        until_last_scored(scores).attended,
        np.arange(n),
    )


@cache
def true_grades() -> tuple[np.ndarray, np.ndarray]:
    """Mean change and share down by a grade after each session, had all continued."""
    scores = grades(np.random.default_rng(99), 2_000_000)
    change = scores - scores[:, :1]
    return change.mean(axis=0), (change <= -1).mean(axis=0)


def down(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Down by a grade; no score is no response."""
    return np.nan_to_num(before - after) >= 1


def down_by_ten(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Down by ten points; no score is no response."""
    return np.nan_to_num(before - after) >= 10


def covers(low: float, high: float, truth: float) -> bool:
    return bool(low <= truth <= high)


# Points: the model


@pytest.mark.parametrize(("n", "classical"), [(60, 0.96), (300, 0.93)])
def test_the_model_covers_where_satisfied_patients_stop(record_property, n: int, classical: float) -> None:
    """Measured: .954 and .951, bias at most .07 of 25; by the standard error of other software .904 and .925.

    Those who still attend are off by 6.5.
    """
    rng, out = np.random.default_rng(1000 + n), []
    for _ in range(RUNS):
        scores = recorded(rng, normal_scores(rng, n), POINTS["satisfied"], missed=0)
        cells = cells_of(wide_of(scores))
        rows = [mmrm_of_cells(cells, standard_error=name).change.iloc[-1] for name in ("joint", "classical")]
        covered = [covers(row["conf_low"], row["conf_high"], -25) for row in rows]
        out.append((rows[0]["estimate"] + 25, *covered, np.nanmean(scores[:, 6] - scores[:, 0]) + 25))
    error, joint, usual, attending = np.mean(out, axis=0)
    record_property(
        "measured",
        f"model, n = {n}: bias {error:.3f}, joint {joint:.4f}, classical {usual:.4f}, attending off by {attending:.2f}",
    )
    assert 0.93 <= joint <= 0.97
    assert abs(error) < 0.3
    assert usual < min(joint - 0.015, classical)
    assert attending > 5


# Grades: had every patient continued, for any pattern of scoring

PATTERNS = ("every session", "0/3/6", "0/6", "35 % missed", "60 % missed")
CASES = [
    *((pattern, why, 120) for pattern in PATTERNS for why in ("random", "satisfied", "disappointed", "stalled")),
    ("every session", "satisfied", 60),
    ("every session", "satisfied", 400),
    ("0/3/6", "satisfied", 60),
    ("0/3/6", "satisfied", 400),
    ("0/6", "satisfied", 60),
    ("0/6", "satisfied", 400),
    ("35 % missed", "satisfied", 60),
    ("35 % missed", "satisfied", 400),
    ("60 % missed", "satisfied", 60),
    ("60 % missed", "nobody", 60),
    ("60 % missed", "nobody", 120),
]
PROMISED = (0.93, 0.97)

MEAN_BESIDE: dict[tuple[str, str, int], tuple[float, float]] = {
    ("0/6", "satisfied", 60): (0.92, 0.97),
    ("35 % missed", "satisfied", 60): (0.93, 0.98),
}
"""Cases in which the interval of the mean covers less than promised, or is wider than needed, each within what was measured."""

BIAS_BESIDE = {
    ("60 % missed", "satisfied", 60): 0.05,
    ("60 % missed", "satisfied", 120): 0.04,
    ("60 % missed", "stalled", 120): 0.04,
}
"""Cases in which the mean is off by .03 of a grade or more, and what it is below."""

SHARE_BESIDE: dict[tuple[str, str, int], tuple[float, float]] = {
    ("every session", "satisfied", 60): (0.93, 0.99),
    ("0/3/6", "satisfied", 60): (0.93, 0.98),
    ("0/6", "satisfied", 400): (0.92, 0.97),
    ("35 % missed", "satisfied", 60): (0.93, 0.98),
    ("35 % missed", "satisfied", 120): (0.93, 0.98),
    ("60 % missed", "satisfied", 60): (0.93, 0.99),
    ("60 % missed", "nobody", 60): (0.93, 0.98),
}
"""The same of the share responding."""

REFUSED_BESIDE = {
    ("35 % missed", "satisfied", 60): 0.010,
    ("60 % missed", "satisfied", 60): 0.180,
    ("60 % missed", "satisfied", 120): 0.008,
}
"""Cases in which so much of the clinics get no estimate, with too few scored or nobody like those who left."""


@cache
def reported_session(pattern: str, why: str) -> int:
    """The last session that half still come to; the last that is scored, where only some sessions are."""
    if "/" in pattern:
        return 6
    rng = np.random.default_rng(1)
    last = attended(rng, grades(rng, 50_000), pattern, why).attended
    return int(np.flatnonzero([(last >= k).mean() >= 0.5 for k in SESSIONS]).max())


@pytest.mark.parametrize(("pattern", "why", "n"), CASES)
def test_the_mean_and_the_share_cover_whatever_was_scored_and_whyever_patients_stop(
    record_property, pattern: str, why: str, n: int
) -> None:
    """At the last session that half still come to, or after 6 where only 0/3/6 or 0/6 are scored; 400 runs each.

    A coverage above .97 is an interval wider than needed, a shortfall that is kept below the bound of its own case: the share where
    the satisfied stop, with 60 patients above all. With 60 % missed the mean is off by .03 to .05 where patients stop for what was
    recorded, and with 60 patients .18 of the clinics get no estimate; the figures are of those that do. 0/6 where the satisfied
    stop covers less than promised, by less than one standard error: the mean .922 with 60 patients, the share .927 with 400.
    Not every case is run with 60 and 400 patients.

    pattern        who stops       n  session   mean: off by  covered   width   share: off by  covered   those scored: off by
    every session  random        120        5          +.004     .935    0.33           -.001     .960                  +.006
    every session  satisfied      60        5          +.011     .953    0.53           +.001     .983                  +.217
    every session  satisfied     120        5          +.007     .948    0.37           -.000     .970                  +.215
    every session  satisfied     400        5          -.000     .948    0.19           -.000     .938                  +.213
    every session  disappointed  120        5          +.005     .948    0.35           +.001     .958                  -.159
    every session  stalled       120        3          -.004     .935    0.30           +.002     .953                  -.061
    0/3/6          random        120        6          +.003     .950    0.37           -.001     .958                  +.004
    0/3/6          satisfied      60        6          +.008     .935    0.55           +.004     .980                  +.190
    0/3/6          satisfied     120        6          -.002     .950    0.38           +.002     .958                  +.185
    0/3/6          satisfied     400        6          -.001     .963    0.20           +.001     .960                  +.184
    0/3/6          disappointed  120        6          +.007     .940    0.42           -.000     .950                  -.116
    0/3/6          stalled       120        6          +.004     .948    0.37           -.003     .963                  -.125
    0/6            random        120        6          +.004     .943    0.40           -.001     .960                  +.004
    0/6            satisfied      60        6          +.007     .922    0.45           -.002     .958                  +.007
    0/6            satisfied     120        6          +.003     .945    0.31           -.001     .963                  +.002
    0/6            satisfied     400        6          -.000     .945    0.17           -.000     .927                  -.000
    0/6            disappointed  120        6          +.009     .930    0.54           -.003     .960                  +.010
    0/6            stalled       120        6          +.003     .955    0.34           -.002     .970                  +.002
    35 % missed    random        120        5          +.007     .955    0.41           -.002     .958                  +.006
    35 % missed    satisfied      60        5          +.016     .977    0.66           -.006     .980                  +.183
    35 % missed    satisfied     120        5          +.011     .968    0.43           -.001     .975                  +.179
    35 % missed    satisfied     400        5          +.004     .965    0.22           +.002     .968                  +.178
    35 % missed    disappointed  120        5          +.006     .960    0.46           +.002     .958                  -.136
    35 % missed    stalled       120        4          -.015     .955    0.42           +.007     .955                  -.072
    60 % missed    random        120        5          +.013     .963    0.59           -.006     .953                  +.005
    60 % missed    satisfied      60        6          +.046     .954    0.99           -.003     .985                  +.191
    60 % missed    satisfied     120        6          +.030     .932    0.64           -.003     .965                  +.184
    60 % missed    disappointed  120        4          +.008     .965    0.62           -.001     .965                  -.065
    60 % missed    stalled       120        5          -.030     .955    0.64           +.016     .965                  -.084
    60 % missed    nobody         60        6          +.002     .968    0.62           +.000     .973                  +.008
    60 % missed    nobody        120        6          +.007     .958    0.40           -.003     .953                  +.006
    """
    rng, (change, improved), k = np.random.default_rng(2000 + n), true_grades(), reported_session(pattern, why)
    out = []
    for _ in range(FEWER_RUNS):
        seen = attended(rng, grades(rng, n), pattern, why)
        of = continued(courses_of(seen), down)
        naive = np.nanmean(seen.scores[:, k] - seen.scores[:, 0])
        if of.reason[k]:
            out.append((np.nan, np.nan, naive, np.nan, np.nan, np.nan))
            continue
        mean, share = np.array(of.change_interval(0.95))[:, k], np.array(of.improved_interval(0.95))[:, k]
        errors = of.change[k] - change[k], of.improved[k] - improved[k], naive - change[k]
        out.append((*errors, covers(*mean, change[k]), covers(*share, improved[k]), mean[1] - mean[0]))
    error, share_error, naive_error, of_mean, of_share, width = np.nanmean(out, axis=0)
    refused = np.isnan(out)[:, 0].mean()
    record_property(
        "measured",
        f"{pattern}, {why}, n = {n}, session {k}: mean {error:+.3f} {of_mean:.3f}, width {width:.2f}; "
        f"share {share_error:+.3f} {of_share:.3f}; those scored {naive_error:+.3f}; refused {refused:.3f}",
    )
    assert refused <= REFUSED_BESIDE.get((pattern, why, n), 0)
    low, high = MEAN_BESIDE.get((pattern, why, n), PROMISED)
    assert low <= of_mean <= high
    low, high = SHARE_BESIDE.get((pattern, why, n), PROMISED)
    assert low <= of_share <= high
    assert abs(error) < BIAS_BESIDE.get((pattern, why, n), 0.03)
    assert abs(share_error) < 0.03
    if why == "satisfied" and pattern in ("every session", "0/3/6"):
        assert naive_error > 0.1


@pytest.mark.parametrize("n", [60, 120])
def test_two_courses_of_a_patient_are_left_out_together(record_property, n: int) -> None:
    """Two courses of one skin have the same scores, and each stops by itself, when satisfied; 0/3/6, 400 runs.

    Measured: the mean .940 and .932, the share .968 and .942, off by at most .012; taken for courses of different patients .860
    and .855.
    """
    rng, (change, improved), k, out = np.random.default_rng(6000 + n), true_grades(), 6, []
    for _ in range(FEWER_RUNS):
        both = np.repeat(grades(rng, n), 2, axis=0)
        seen = attended(rng, both, "0/3/6", "satisfied")
        stopped, one = np.ones(2 * n, bool), np.arange(2 * n)
        by_patient, by_course = (
            continued(Courses(seen.scores, seen.attended, stopped, kind, np.ones(kind.max() + 1)), down)
            for kind in (one // 2, one)
        )
        covered = [covers(*np.array(of.change_interval(0.95))[:, k], change[k]) for of in (by_patient, by_course)]
        share = covers(*np.array(by_patient.improved_interval(0.95))[:, k], improved[k])
        out.append((by_patient.change[k] - change[k], *covered, share))
    error, of_mean, of_course, of_share = np.mean(out, axis=0)
    record_property(
        "measured",
        f"two courses, n = {n}: bias {error:+.3f}, by patient {of_mean:.3f}, share {of_share:.3f}, by course {of_course:.3f}",
    )
    assert abs(error) < 0.03
    assert all(0.93 <= covered <= 0.97 for covered in (of_mean, of_share))
    assert of_course < 0.88


@pytest.mark.parametrize(
    ("why", "tilt", "base", "most", "least"),
    [
        ("satisfied", 1.3, -2.0, (0.02, 0.04, 0.06), (0.93, 0.88, 0.84)),
        ("disappointed", -1.5, -0.8, (0.02, 0.02, 0.04), (0.93, 0.93, 0.93)),
    ],
    ids=["satisfied", "disappointed"],
)
def test_where_leaving_goes_by_a_gain_that_nobody_recorded_its_tilt_brings_the_truth_back(
    record_property, why: str, tilt: float, base: float, most: tuple[float, ...], least: tuple[float, ...]
) -> None:
    """Patients don't come back to be scored where the skin then has gained, or not: log odds `base` and `tilt` a grade; n = 120.

    After sessions 2, 3 and 4, 300 runs.
    Measured at a tilt of 0: satisfied +.14, +.19 and +.23 too small, covered .52, .42 and .46; disappointed -.13, -.14 and -.16,
    .61, .63 and .58. Tilted by the true log odds ratio: +.01, +.03 and +.05, .95, .90 and .86; -.01, -.01 and -.03, .94, .96
    and .95. So the tilt brings back three quarters of the error and more, and where the satisfied leave unseen its interval is
    too narrow after sessions 3 and 4, which .44 and .31 reach.
    """
    rng, (change, _), sessions, out = np.random.default_rng(7120), true_grades(), np.array([2, 3, 4]), []
    for _ in range(300):
        scores, last = grades(rng, 120), np.full(120, 6)
        for k in SESSIONS[1:6]:
            last[(last == 6) & (rng.random(120) < expit(base + tilt * (scores[:, 0] - scores[:, k])))] = k - 1
        courses = courses_of(Seen(np.where(last[:, None] >= SESSIONS, scores, np.nan), last))
        each = []
        for of in (continued(courses, down), continued(courses, down, tilt=tilt)):
            low, high = (ends[sessions] for ends in of.change_interval(0.95))
            each.append((of.change[sessions] - change[sessions], (low <= change[sessions]) & (change[sessions] <= high)))
        out.append(each)
    (without, without_covers), (error, covered) = np.mean(out, axis=0)
    record_property("measured", f"unrecorded, {why}: 0 {without} {without_covers}; tilted {error} {covered}".replace("\n", " "))
    assert (np.abs(without) > 0.1).all()
    assert (without_covers < 0.8).all()
    assert (np.abs(error) < np.array(most)).all()
    assert (covered >= np.array(least)).all()


# Points at a skewed pace: the estimator, and the model's limit


@pytest.mark.parametrize(("n", "model_below"), [(60, 0.95), (300, 0.92)])
def test_points_at_a_skewed_pace_are_covered_and_by_the_model_less_with_more_patients(
    record_property, n: int, model_below: float
) -> None:
    """After session 5, which half reach. Measured with 400 runs: .948 and .960, off by .17 and .13 of 23, widths 9.1 and 4.1.

    The model's limit, of which this is the cure: .925 and .918, off by .4, widths 7.5 and 3.2.
    """
    rng, truth, out = np.random.default_rng(3000 + n), -25 * (1 - 0.75**5) / (1 - 0.75**6), []
    for _ in range(FEWER_RUNS):
        scores = recorded(rng, skewed_scores(rng, n), POINTS["satisfied"])
        of = continued(courses_of(until_last_scored(scores)), down_by_ten)
        low, high = (float(ends[5]) for ends in of.change_interval(0.95))
        row = mmrm_of_cells(cells_of(wide_of(scores))).change.iloc[4]
        errors = of.change[5] - truth, row["estimate"] - truth
        out.append((*errors, covers(low, high, truth), covers(row["conf_low"], row["conf_high"], truth)))
    error, model_error, covered, model_covered = np.mean(out, axis=0)
    record_property(
        "measured", f"skewed, n = {n}: ours {covered:.3f}, bias {error:.3f}; model {model_covered:.3f}, bias {model_error:.3f}"
    )
    assert 0.93 <= covered <= 0.97
    assert abs(error) < 0.3
    assert 0.3 < model_error < 0.7
    assert model_covered < model_below


# Skin types


@pytest.mark.parametrize(("kind", "n"), [("grades", 40), ("grades", 150), ("points", 40), ("points", 140)])
def test_equal_efficacy_and_different_stopping_are_not_called_different(tally_of, record_property, kind: str, n: int) -> None:
    """Type II stops when satisfied, type V when disappointed. Measured with 1 000 runs: .044, .003, .061, .056.

    The same by Welch's t test on those who still attend: .27, .73, .43, .88.
    """
    rng, draw, stops = (
        np.random.default_rng(4000 + n),
        grades if kind == "grades" else normal_scores,
        STEPS if kind == "grades" else POINTS,
    )
    scale = "goodman_baron_grade" if kind == "grades" else "goodman_baron_score"
    flagged, naive = [], []
    for _ in range(RUNS // 2):
        scores = np.vstack([recorded(rng, draw(rng, n), stops[why]) for why in ("satisfied", "disappointed")])
        rows = skin_type_differences(tally_of(np.clip(scores, 0, 84), ["II"] * n + ["V"] * n, scale=scale))
        flagged.append((rows["verdict"] == "different").any())
        k = rows["session"].iloc[0]
        change = scores[:, k] - scores[:, 0]
        naive.append(stats.ttest_ind(change[:n], change[n:], equal_var=False, nan_policy="omit").pvalue < 0.05)
    record_property(
        "measured", f"two types, {kind}, n = {n}: called different {np.mean(flagged):.3f}, by Welch's test {np.mean(naive):.3f}"
    )
    assert np.mean(flagged) <= 0.07
    assert np.mean(naive) > 0.2


def test_thirty_patients_never_give_a_claim_about_a_single_skin_type(tally_of) -> None:
    rng = np.random.default_rng(5000)
    for _ in range(200):
        types = rng.choice(outcomes.definitions.fitzpatrick.SKIN_TYPES, 30, p=[0.08, 0.20, 0.28, 0.24, 0.14, 0.06])
        tally = tally_of(recorded(rng, grades(rng, 30), STEPS["satisfied"]), types)
        merged = set(groups_of(tally, "skin_types").values())
        assert not merged & set(outcomes.definitions.fitzpatrick.SKIN_TYPES)
        assert set(skin_type_differences(tally)["skin_types"]) <= merged
        by_type = continued_by_session(tally, "skin_type").query("session > 0")
        few = by_type.groupby("skin_type", observed=False)["estimate"].count() == 0
        begun = np.array([(types == name).sum() for name in outcomes.definitions.fitzpatrick.SKIN_TYPES])
        assert few.to_numpy()[begun < 15].all()


# The generator of the committed sample, at a size where chance is small


@cache
def large(why: str) -> tuple[outcomes.Tally, np.ndarray]:
    drawn = sample(100_000, seed=5, stopping=why)
    tally = outcomes.tally(outcomes.read_records(drawn.records))
    return tally, np.array(drawn.truth["endpoints"]["scarring"]["change"])


@pytest.mark.parametrize("why", ["random", "satisfied", "disappointed"])
def test_at_100_000_patients_the_truth_is_found(why: str) -> None:
    """Sessions 1 to 6; fewer than 6 % of the courses go on to 8. Measured: at most .004, .008 and .009 off."""
    tally, truth = large(why)
    rows = continued_by_session(tally).query("measure == 'change' and 1 <= session <= 6")
    np.testing.assert_allclose(rows["estimate"], truth[:6], atol=0.01)
    attending = tally.scores.assign(total=lambda scores: (scores["score"] - scores["baseline"]) * scores["n"] / 100)
    raw = attending.groupby("session")[["total", "n"]].sum().loc[6]
    off = abs(raw["total"] / raw["n"] - truth[5])
    assert off < 0.02 if why == "random" else off > 0.1
