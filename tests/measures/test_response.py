"""Sessions to response and who stops: R's answers, worked tables, and what is too few."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.measures.response import first_response, response_by_session
from outcomes.measures.stopping import odds_of_stopping
from outcomes.statistics.intervals import wilson

ORACLES = Path(__file__).parents[1] / "oracles"
R = [line.split() for line in (ORACLES / "stopping.txt").read_text(encoding="utf-8").splitlines()]
"""What `stopping.R`, beside it, printed of the courses in `stopping.csv`."""

GRADE = SCALES["goodman_baron_grade"]
nan = np.nan


@pytest.fixture
def recorded(tally_of):
    courses = pd.read_csv(ORACLES / "stopping.csv")
    return tally_of(courses.filter(regex="^after_").to_numpy(), "II", courses["end"].to_numpy())


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_survfit_of_r_agrees_on_the_upper_end(recorded, level: float) -> None:
    rows = response_by_session(recorded, level=level).query("measure == 'responded by, at most'").set_index("session")
    printed = [list(map(float, line[1:])) for line in R if line[0] == "survfit" and float(line[1]) == level]
    assert len(printed) == len(rows) == 5
    for _, session, at_risk, *percent in printed:
        ours = rows.loc[int(session)]
        assert ours["n"] == at_risk
        assert ours[["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx([100 * share for share in percent], rel=1e-8)


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_glm_of_r_agrees_on_who_stops(recorded, level: float) -> None:
    row = odds_of_stopping(recorded, level=level).iloc[0]
    _, _, stopped, *printed = next(line for line in R if line[0] == "hazard" and float(line[1]) == level)
    estimate, low, high = map(float, printed)
    assert row["n"] == int(stopped)
    assert row["estimate"] == pytest.approx(estimate, rel=1e-6)
    # R's interval takes the sessions of a course as independent; ours is robust, and not far from it here.
    ours, theirs = np.log(row["conf_high"] / row["conf_low"]), np.log(high / low)
    assert 0.8 < ours / theirs < 1.25


def test_the_interval_of_who_stops_is_the_sandwich_of_patients(tally_of) -> None:
    rng = np.random.default_rng(8)
    scores = np.clip(np.rint(3.3 - rng.gamma(2, 0.25, (90, 1)) * np.arange(4) + rng.normal(0, 0.4, (90, 4))), 1, 4)
    last = rng.integers(1, 4, 90)
    patient = np.arange(90) // 2
    row = odds_of_stopping(tally_of(np.where(np.arange(4) <= last[:, None], scores, nan), patient=patient)).iloc[0]
    rows = [(i, k) for i in range(90) for k in (1, 2) if last[i] >= k]
    x = np.array([[scores[i, 0] - scores[i, k], k == 1, k == 2] for i, k in rows], float)
    y = np.array([last[i] == k for i, k in rows], float)
    beta = np.zeros(3)
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ beta))
        bread = np.linalg.inv((x.T * (p * (1 - p))) @ x)
        beta = beta + bread @ x.T @ (y - p)
    left = x * (y - p)[:, None]
    sums = np.array([left[[patient[i] == who for i, _ in rows]].sum(axis=0) for who in range(45)])
    error = np.sqrt((bread @ (sums.T @ sums) @ bread)[0, 0] * 45 / 44)
    ends = np.exp(beta[0] + np.array([-1, 0, 1]) * 1.959964 * error)
    assert row[["conf_low", "estimate", "conf_high"]].tolist() == pytest.approx(ends.tolist(), rel=1e-5)


def test_courses_written_twice_say_no_more(tally_of, recorded) -> None:
    courses = pd.read_csv(ORACLES / "stopping.csv")
    scores, ends = courses.filter(regex="^after_").to_numpy(), courses["end"].to_numpy()
    twice = tally_of(np.repeat(scores, 2, axis=0), "II", np.repeat(ends, 2), patient=np.repeat(range(len(scores)), 2))
    for measure in (odds_of_stopping, response_by_session):
        numbers = ["estimate", "conf_low", "conf_high"]
        pd.testing.assert_frame_equal(measure(twice)[numbers], measure(recorded)[numbers], rtol=1e-6)


# Sessions to response


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ([3, 2, 2], 1),
        ([3, 2, 3], np.inf),  # taken back at the next assessment
        ([3, 2, 3, 2, 2], 3),
        ([3, 3, 2], 2),  # at the last assessment nothing takes it back
        ([3, 2, nan, 2], 1),  # the next recorded one counts
        ([3, 2, nan, 3], np.inf),
        ([3, nan, 2, nan], 2),
        ([3, 2, nan, nan], 1),
        ([3, nan, nan, nan], np.inf),
        ([4, 3, 2, 1], 1),
    ],
)
def test_a_response_holds_at_the_next_assessment_or_is_the_last(path: list[float], first: float) -> None:
    assert first_response(np.array([path], float), GRADE)[0] == first


def test_the_lower_end_is_of_all_who_began(tally_of) -> None:
    scores = [[3, 2, 2]] * 6 + [[3, 3, 2]] * 3 + [[3, 3, nan]] * 8 + [[3, nan, nan]] * 3
    rows = response_by_session(tally_of(scores)).query("measure == 'responded by, at least'").set_index("session")
    for session, k in ((1, 6), (2, 9)):
        assert rows.loc[session, "estimate"] == pytest.approx(100 * k / 20)
        assert rows.loc[session, ["conf_low", "conf_high"]].tolist() == pytest.approx([100 * end for end in wilson(k, 20)])


def test_the_ends_are_in_order_and_meet_where_nobody_stops(tally_of, recorded) -> None:
    by_end = response_by_session(recorded).pivot(index="session", columns="measure", values="estimate")
    assert (by_end["responded by, at least"] <= by_end["responded by, at most"] + 1e-9).all()
    whole = response_by_session(tally_of([[3, 2, 2]] * 6 + [[3, 3, 2]] * 3 + [[3, 3, 3]] * 8))
    met = whole.pivot(index="session", columns="measure", values="estimate")
    np.testing.assert_allclose(met["responded by, at least"], met["responded by, at most"])


def test_courses_that_can_not_respond_are_left_out(tally_of) -> None:
    scores = [[3, 2, 2]] * 6 + [[3, 3, 3]] * 6
    pd.testing.assert_frame_equal(response_by_session(tally_of(scores + [[1, 1, 1]] * 5)), response_by_session(tally_of(scores)))


def test_nobody_or_everybody_has_no_log_log_interval(tally_of) -> None:
    for scores, percent in (([[3, 3, 3]] * 9, 0), ([[3, 2, 2]] * 9, 100)):
        row = response_by_session(tally_of(scores)).query("measure == 'responded by, at most'").iloc[0]
        assert row["estimate"] == percent
        assert np.isnan(row["conf_low"])
        assert np.isnan(row["conf_high"])


def test_nobody_to_respond_is_no_rows(tally_of) -> None:
    rows = response_by_session(tally_of([[1, 1, 1]] * 9))
    assert rows.empty
    assert {"measure", "session", "estimate", "conf_low", "conf_high"} <= set(rows)


# Who stops


def test_stopping_at_random_has_an_odds_ratio_near_1(tally_of) -> None:
    rng = np.random.default_rng(2)
    scores = np.clip(np.rint(3.5 - rng.gamma(2, 0.3, (4000, 1)) * np.arange(5) + rng.normal(0, 0.3, (4000, 5))), 1, 4)
    stops = np.where((leaves := rng.random((4000, 3)) < 0.2).any(axis=1), leaves.argmax(axis=1) + 1, 4)
    row = odds_of_stopping(tally_of(np.where(np.arange(5) <= stops[:, None], scores, nan))).iloc[0]
    assert row["conf_low"] < 1 < row["conf_high"]
    assert row["conf_high"] / row["conf_low"] < 1.3


def test_courses_that_go_on_have_not_stopped(tally_of) -> None:
    scores = [[3, 2, nan, nan]] * 20 + [[3, 3, 3, 3]] * 20 + [[3, 2, 2, 2]] * 20 + [[3, 3, nan, nan]] * 10
    ends = np.repeat(["ongoing", "stopped"], [20, 50])
    row = odds_of_stopping(tally_of(scores, "II", ends)).iloc[0]
    assert row["n"] == 10
    assert row["note"] == (Note(NoteCode.TOLD_APART),)  # of those who gained none stopped


def test_a_unit_is_a_grade_or_a_tenth_of_the_range(tally_of, recorded) -> None:
    assert odds_of_stopping(recorded)["unit"].iloc[0] == "odds ratio per grade"
    scores = pd.read_csv(ORACLES / "stopping.csv").filter(regex="^after_").to_numpy() * 8.4
    points = odds_of_stopping(
        tally_of(np.round(scores, 2), "II", pd.read_csv(ORACLES / "stopping.csv")["end"], scale="goodman_baron_score")
    )
    assert points["unit"].iloc[0] == "odds ratio per 8.4 points"
    np.testing.assert_allclose(points["estimate"], odds_of_stopping(recorded)["estimate"], rtol=1e-6)


def test_too_few_and_complete_separation_are_nan_in_words(tally_of) -> None:
    few = odds_of_stopping(tally_of([[3, 2, nan]] * 4 + [[3, 3, 3]] * 20)).iloc[0]
    assert np.isnan(few["estimate"])
    assert few["note"][-1] == Note(NoteCode.TOO_FEW_STOPPED, 4)
    apart = odds_of_stopping(tally_of([[3, 2, nan]] * 10 + [[3, 3, 3]] * 10)).iloc[0]
    assert apart["note"] == (Note(NoteCode.TOLD_APART),)


def test_every_band_is_a_row(tally_of, recorded) -> None:
    rows = odds_of_stopping(recorded, "skin_band").set_index("skin_band")
    assert rows.index.tolist() == ["I-II", "III-IV", "V-VI"]
    assert rows.loc["I-II", "estimate"] == pytest.approx(odds_of_stopping(recorded)["estimate"].iloc[0])
    assert rows.loc["V-VI", "note"][-1] == Note(NoteCode.TOO_FEW_STOPPED, 0)
