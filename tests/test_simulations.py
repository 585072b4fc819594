"""Known truth: what intervals cover, and by how much estimates are off, where patients stop for what their scores show.

Every figure is a mean over `RUNS` invented clinics from a fixed seed. With 2 000 runs a coverage of .95 is known to .005
(one standard error), with 1 000 to .007; bounds are those promised, not widened by it. The figures of a run are in its
``--junitxml``, under "measured".
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

import outcomes
from outcomes import states
from outcomes.cells import cells_of
from outcomes.estimands import continued_by_session
from outcomes.estimators import groups_of
from outcomes.intervals import wilson
from outcomes.occupied import change_rows, continued, improved_rows
from outcomes.repeated import mmrm_of_cells
from outcomes.sample import sample
from outcomes.skin_types import compare_skin_types
from outcomes.wide import EVERYONE, Wide, wide_of_tally

pytestmark = pytest.mark.slow

RUNS = 2_000
SESSIONS = np.arange(7)
GRADES = [1.0, 2.0, 3.0, 4.0]


class Stop(NamedTuple):
    """Log odds of not coming back: `base` when `at` was gained so far, `pull` more for every unit gained beyond."""

    pull: float
    at: float
    base: float


POINTS = {"satisfied": Stop(0.12, 15, -2.0), "disappointed": Stop(-0.10, 10, -2.0)}
STEPS = {"satisfied": Stop(1.3, 1, -1.6), "disappointed": Stop(-1.0, 0.8, -2.0), "random": Stop(0, 0, -1.8)}


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


def wide_of(scores: np.ndarray) -> Wide:
    n = len(scores)
    return Wide(scores, np.ones(n), np.ones(n, bool), np.zeros(n, np.int64), (EVERYONE,), tuple(SESSIONS.tolist()))


@cache
def true_grades() -> tuple[np.ndarray, np.ndarray]:
    """Mean change and share down by a grade after each session, had all continued."""
    scores = grades(np.random.default_rng(99), 2_000_000)
    change = scores - scores[:, :1]
    return change.mean(axis=0), (change <= -1).mean(axis=0)


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


# Grades: the weighted occupation


@pytest.mark.parametrize(
    ("why", "n", "naive_mean", "naive_share"),
    [
        ("satisfied", 40, 0.85, 0.90),
        ("satisfied", 120, 0.60, 0.80),
        ("satisfied", 400, 0.10, 0.40),
        ("disappointed", 40, 0.92, 0.96),
        ("disappointed", 120, 0.75, 0.85),
        ("disappointed", 400, 0.25, 0.50),
        ("random", 40, 0.97, 0.98),
        ("random", 120, 0.97, 0.98),
        ("random", 400, 0.97, 0.98),
    ],
)
def test_the_weighted_occupation_covers_and_those_who_still_attend_do_not(
    record_property, why: str, n: int, naive_mean: float, naive_share: float
) -> None:
    """At the last session that half still reach. Measured: means .954 to .964, shares .957 to .965, bias at most .015 of 1.

    Student's and Wilson's intervals of those who still attend cover less with every patient: where the satisfied stop
    .72, .35, .01 and .83, .66, .22 - but .95 where nobody stops for a reason.
    """
    rng, (change, improved) = np.random.default_rng(2000 + n), true_grades()
    reached = (~np.isnan(recorded(rng, grades(rng, 100_000), STEPS[why], missed=0))).mean(axis=0)
    k = int(np.flatnonzero(reached >= 0.5).max())
    out = []
    for _ in range(RUNS):
        scores = recorded(rng, grades(rng, n), STEPS[why])
        of = continued(wide_of(scores), GRADES, lambda before, after: before - after >= 1)
        mean, share = change_rows(EVERYONE, of, 0.95).iloc[k - 1], improved_rows(EVERYONE, of, 0.95).iloc[k - 1]
        drops = (scores[:, k] - scores[:, 0])[~np.isnan(scores[:, k])]
        half = stats.t.ppf(0.975, len(drops) - 1) * drops.std(ddof=1) / len(drops) ** 0.5
        naive = (abs(drops.mean() - change[k]) <= half, covers(*wilson(int((drops <= -1).sum()), len(drops)), improved[k]))
        ours = (
            covers(mean["conf_low"], mean["conf_high"], change[k]),
            covers(share["conf_low"], share["conf_high"], improved[k]),
        )
        out.append((mean["estimate"] - change[k], *ours, *naive))
    error, *ours, by_t, by_wilson = np.mean(out, axis=0)
    record_property(
        "measured", f"grades, {why}, n = {n}, session {k}: bias {error:.3f}, covered {ours}, t {by_t:.3f}, Wilson {by_wilson:.3f}"
    )
    assert all(0.93 <= covered <= 0.98 for covered in ours)
    assert abs(error) < 0.03
    assert by_t < naive_mean
    assert by_wilson < naive_share
    if why == "random":
        assert min(by_t, by_wilson) >= 0.93


# Points at a skewed pace: the chain, and the model's limit


@pytest.mark.parametrize(("n", "model_below"), [(60, 0.95), (300, 0.92), (1000, 0.88)])
def test_the_chain_covers_at_a_skewed_pace_and_the_model_less_with_more_patients(
    record_property, n: int, model_below: float
) -> None:
    """After session 5, which half reach. Measured with 1 000 runs: chain .966, .956, .954, bias at most .11 of 23.

    The model's limit, of which the chain is the cure: .93, .90, .80, off by .5.
    """
    rng, truth, out = np.random.default_rng(3000 + n), -25 * (1 - 0.75**5) / (1 - 0.75**6), []
    for _ in range(RUNS // 2):
        wide = wide_of(recorded(rng, skewed_scores(rng, n), POINTS["satisfied"]))
        of = continued(wide, None, lambda before, after: before - after >= 10)
        rows = change_rows(EVERYONE, of, 0.95).iloc[4], mmrm_of_cells(cells_of(wide)).change.iloc[4]
        out.append([part for row in rows for part in (row["estimate"] - truth, covers(row["conf_low"], row["conf_high"], truth))])
    error, covered, model_error, model_covered = np.mean(out, axis=0)
    record_property(
        "measured", f"skewed, n = {n}: chain {covered:.3f}, bias {error:.3f}; model {model_covered:.3f}, bias {model_error:.3f}"
    )
    assert 0.93 <= covered <= 0.98
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
        rows = compare_skin_types(tally_of(np.clip(scores, 0, 84), ["II"] * n + ["V"] * n, scale=scale))
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
        types = rng.choice(outcomes.scales.SKIN_TYPES, 30, p=[0.08, 0.20, 0.28, 0.24, 0.14, 0.06])
        tally = tally_of(recorded(rng, grades(rng, 30), STEPS["satisfied"]), types)
        merged = set(groups_of(tally, "skin_types").values())
        assert not merged & set(outcomes.scales.SKIN_TYPES)
        assert set(compare_skin_types(tally)["skin_types"]) <= merged
        by_type = continued_by_session(tally, "skin_type").query("session > 0")
        few = by_type.groupby("skin_type", observed=False)["estimate"].count() == 0
        begun = np.array([(types == name).sum() for name in outcomes.scales.SKIN_TYPES])
        assert few.to_numpy()[begun < 15].all()


# The generator of the committed sample, at a size where chance is small


@cache
def large(why: str) -> tuple[outcomes.Tally, np.ndarray]:
    drawn = sample(100_000, seed=5, stopping=why)
    tally = outcomes.tally(outcomes.read_records(drawn.records))
    return tally, np.array(drawn.truth["endpoints"]["scarring"]["change"])


@pytest.mark.parametrize("why", ["random", "satisfied", "disappointed"])
def test_at_100_000_patients_the_truth_is_found(why: str) -> None:
    """Sessions 1 to 6; fewer than 6 % of the courses go on to 8."""
    tally, truth = large(why)
    rows = continued_by_session(tally).query("measure == 'change' and 1 <= session <= 6")
    np.testing.assert_allclose(rows["estimate"], truth[:6], atol=0.01)
    attending = tally.scores.assign(total=lambda scores: (scores["score"] - scores["baseline"]) * scores["n"] / 100)
    raw = attending.groupby("session")[["total", "n"]].sum().loc[6]
    off = abs(raw["total"] / raw["n"] - truth[5])
    assert off < 0.02 if why == "random" else off > 0.1


def test_transitions_without_the_session_before_would_be_biased(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the session before was missed, an older state carried forward in its place is off by .016 after 6 sessions.

    And by .027 where the ends of courses that go on or were finished are taken as stops as well.
    """
    tally, truth = large("satisfied")
    wide = wide_of_tally(tally)

    def carried_forward(paths: states.Paths, weights: np.ndarray, attending: np.ndarray) -> list[np.ndarray]:
        m, out = paths.levels, []
        for k in range(paths.states.shape[1] - 1):
            both = paths.seen[:, k] & paths.seen[:, k + 1]
            code = ((paths.latest[:, 0] * m + paths.latest[:, max(k - 1, 0)]) * m + paths.latest[:, k]) * m + paths.latest[
                :, k + 1
            ]
            moves = [
                np.bincount(code[both], row[both] * reach[both, k + 1], m**4)
                for row, reach in zip(weights, attending, strict=True)
            ]
            out.append(np.reshape(moves, (-1, m, m, m, m)))
        return out

    def change(stopped: np.ndarray) -> np.ndarray:
        paths = states.Paths(
            np.where(np.isnan(wide.scores), 0, np.round(wide.scores)).astype(np.int64) - 1, wide.count, stopped, 4
        )
        joint = states.occupation(paths, paths.count[None])[0]
        return np.einsum("tbj,bj->t", joint, np.subtract.outer(np.arange(4), np.arange(4)).T)

    assert abs(change(wide.stopped)[6] - truth[5]) < 0.01
    monkeypatch.setattr(states, "_transitions", carried_forward)
    assert change(wide.stopped)[6] - truth[5] < -0.012
    assert change(np.ones_like(wide.stopped))[6] - truth[5] < -0.02
