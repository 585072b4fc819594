"""Tally -> estimates: computed by hand, by R's numbers or by plain pandas from the rows."""

from __future__ import annotations

from functools import cache
from math import isnan, nan, sqrt

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import outcomes
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.fitzpatrick import SKIN_BANDS, SKIN_TYPES
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.errors import UsageError
from outcomes.records.read import sample_path
from outcomes.statistics.intervals import wilson
from shared import sample

SHOWN = ["session", "n", "estimate", "conf_low", "conf_high"]
BANDS = ["I-II", "III-IV", "V-VI"]
ALL_FOUR = (
    outcomes.change_by_session,
    outcomes.responders_by_session,
    outcomes.percent_of_possible_by_session,
    outcomes.better_or_worse,
)


def tally_of(courses: list[tuple], prefix: str = "scar", scale: str = "goodman_baron_grade") -> outcomes.Tally:
    """A tally of courses, each a skin type and its scores after 0, 1, 2, ... sessions, None where missed."""
    visits = [
        (f"P{number}", skin_type, 30 * k, k, scale, score)
        for number, (skin_type, *scores) in enumerate(courses)
        for k, score in enumerate(scores)
    ]
    names = ["patient_id", "fitzpatrick", "day", "sessions_completed", f"{prefix}_scale", f"{prefix}_score"]
    frame = pl.DataFrame(
        visits,
        schema=dict(zip(names, [pl.String, pl.String, pl.Int64, pl.Int64, pl.String, pl.Float64], strict=True)),
        orient="row",
    )
    return outcomes.tally(
        outcomes.read_records(frame), {"scar": "scarring", "pih": "pih", "line": "fine_lines"}[prefix], scale=scale
    )


def shown(estimates: pd.DataFrame) -> list[tuple]:
    return list(estimates[SHOWN].itertuples(index=False, name=None))


def near(expected: list[tuple], tolerance: float = 5e-5) -> list:
    return [pytest.approx(row, abs=tolerance, nan_ok=True) for row in expected]


# Six courses; after session 1 the changes are -1, -1, 0, -2, -0.5, +1; after session 2 the second and fifth are gone.
SIX = [
    ("I", 4, 3, 2),
    ("I", 4, 3),
    ("II", 3, 3, 2.5),
    ("II", 4, 2, 2),
    ("VI", 2, 1.5),
    ("VI", 2, 3, None, 1),
]


@cache
def six() -> outcomes.Tally:
    return tally_of(SIX)


# Change


def test_change_is_the_mean_difference_with_a_t_interval() -> None:
    """After session 1: mean -3.5/6, sum of squares 7.25, variance (7.25 - 3.5^2/6)/5; t(0.975, 5 df) = 2.570582."""
    half = 2.570582 * sqrt((7.25 - 3.5**2 / 6) / 5 / 6)
    # After session 2: -2, -0.5, -2: variance 0.75; t(0.975, 2 df) = 4.302653.
    wide = 4.302653 * sqrt(0.75 / 3)
    expected = [
        (1, 6, -3.5 / 6, -3.5 / 6 - half, -3.5 / 6 + half),
        (2, 3, -1.5, -1.5 - wide, -1.5 + wide),
        (3, 1, -1, nan, nan),
    ]
    change = outcomes.change_by_session(six())
    assert shown(change) == near(expected, 1e-5)
    assert change["note"].tolist() == [(), (Note(NoteCode.TOO_FEW, 3),), (Note(NoteCode.TOO_FEW, 1),)]
    assert set(zip(change["measure"], change["estimand"], change["unit"], change["method"], strict=True)) == {
        ("change", "observed", "grades", "t interval")
    }


def test_as_treated_takes_every_course_once_at_its_last_score() -> None:
    """Changes -2, -1, -0.5, -2, -0.5, -1 after 2, 1, 2, 2, 1 and 3 sessions: the median is 2."""
    changes = np.array([-2, -1, -0.5, -2, -0.5, -1])
    low, high = stats.t.interval(0.95, 5, changes.mean(), stats.sem(changes))
    as_treated = outcomes.change_by_session(six(), estimand="as_treated")
    assert shown(as_treated) == near([(2, 6, -7 / 6, low, high)])
    assert as_treated["estimand"].tolist() == ["as_treated"]


def test_the_median_number_of_sessions_may_be_a_half() -> None:
    tally = tally_of([("I", 4, 3), ("I", 4, 3, 2)])
    assert outcomes.change_by_session(tally, estimand="as_treated")["session"].tolist() == [1.5]


def test_the_median_number_of_sessions_is_over_courses_and_not_over_kinds_of_courses() -> None:
    tally = tally_of([("I", 4, 3), ("I", 4, 3), ("I", 4, 3), ("I", 4, 3, 2)])
    assert outcomes.change_by_session(tally, estimand="as_treated")["session"].tolist() == [1]


def test_a_lower_level_is_a_narrower_interval() -> None:
    changes = np.array([-1, -1, 0, -2, -0.5, 1])
    low, high = stats.t.interval(0.8, 5, changes.mean(), stats.sem(changes))
    assert shown(outcomes.change_by_session(six(), level=0.8))[0] == pytest.approx((1, 6, -3.5 / 6, low, high))


def test_courses_that_changed_alike_have_no_interval_and_say_so() -> None:
    change = outcomes.change_by_session(tally_of([("I", 4, 3)] * 6))
    assert shown(change) == near([(1, 6, -1, nan, nan)])
    assert change["note"].tolist() == [(Note(NoteCode.CHANGED_ALIKE),)]


# Groups


@pytest.mark.parametrize("estimate", ALL_FOUR)
@pytest.mark.parametrize(("by", "groups"), [("skin_type", list(SKIN_TYPES)), ("skin_band", BANDS)])
@pytest.mark.parametrize("estimand", ["observed", "as_treated"])
def test_groups_without_patients_are_rows_of_nobody(estimate, by, groups: list[str], estimand) -> None:
    estimates = estimate(six(), by=by, estimand=estimand)
    assert estimates[by].cat.categories.tolist() == groups
    assert estimates[by].cat.ordered
    sessions = 3 if estimand == "observed" else 1
    assert estimates.groupby([by, "measure"], observed=False).size().unique().tolist() == [sessions]
    nobody = estimates[estimates[by].isin(["III", "IV", "V", "III-IV"])]
    assert len(nobody) > 0
    assert nobody["n"].tolist() == [0] * len(nobody)
    assert nobody[["estimate", "conf_low", "conf_high"]].isna().all(axis=None)
    assert set(nobody["note"]) == {(Note(NoteCode.NO_COURSES),)}


def test_a_group_is_estimated_from_its_own_courses() -> None:
    by_type = outcomes.change_by_session(six(), by="skin_type").query("session == 1").set_index("skin_type")
    assert by_type["n"].tolist() == [2, 2, 0, 0, 0, 2]
    assert by_type["estimate"].tolist() == pytest.approx([-1, -1, nan, nan, nan, 0.25], nan_ok=True)
    by_band = outcomes.change_by_session(six(), by="skin_band").query("session == 1").set_index("skin_band")
    assert by_band["n"].tolist() == [4, 0, 2]
    assert by_band["estimate"].tolist() == pytest.approx([-1, nan, 0.25], nan_ok=True)


@pytest.mark.parametrize("estimate", ALL_FOUR)
def test_patients_of_type_iv_never_alter_the_rows_of_type_ii(estimate) -> None:
    more = tally_of([*SIX, ("IV", 4, 1), ("IV", 1, 4), ("IV", 3, 3)])
    before, after = (estimate(tally, by="skin_type") for tally in (six(), more))
    pd.testing.assert_frame_equal(before[before["skin_type"] != "IV"], after[after["skin_type"] != "IV"])
    assert after.loc[after["skin_type"] == "IV", "n"].max() in (2, 3)


# Responders


def test_responders_are_counted_among_those_who_can_respond() -> None:
    """Two of the three above grade 1 are down by a grade; the two already at grade 1 are left out and counted."""
    responders = outcomes.responders_by_session(tally_of([("I", 4, 3), ("I", 4, 2), ("I", 4, 3.5), ("I", 1, 1), ("I", 1, 2)]))
    low, high = wilson(2, 3)
    assert shown(responders) == near([(1, 3, 200 / 3, 100 * low, 100 * high)])
    assert responders["note"].tolist() == [(Note(NoteCode.TOO_FEW, 3), Note(NoteCode.AT_BEST_LEFT_OUT, 2))]
    assert (responders["unit"][0], responders["method"][0]) == ("%", "Wilson")


def test_nobody_who_could_respond_is_no_rate() -> None:
    responders = outcomes.responders_by_session(tally_of([("I", 1, 1)] * 7))
    assert shown(responders) == near([(1, 0, nan, nan, nan)])
    assert responders["note"].tolist() == [(Note(NoteCode.NO_COURSES), Note(NoteCode.AT_BEST_LEFT_OUT, 7))]


def test_the_rule_of_the_scale_decides_who_responds() -> None:
    """From a PAHPI of 14, half of the way to 6 is 10."""
    pih = tally_of([("I", 14, 10), ("I", 14, 10.01), ("I", 7, 6.5), ("I", 22, 15)], "pih", "pahpi")
    counts = tally_of([("I", 20, 16), ("I", 20, 15.99), ("I", 3, 0)], "scar", "goodman_baron_score")
    assert outcomes.responders_by_session(pih)["estimate"].tolist() == [50]
    assert outcomes.responders_by_session(counts)["estimate"].tolist() == pytest.approx([100 / 3])


# Percent of the possible


def test_percent_of_the_possible_is_a_ratio_of_means_from_the_floor() -> None:
    """PAHPI's best is 6. Gained 4, 0, 1 of 8, 16, 1: 5/25 = 20 %; the mean of the three ratios would be 50 %."""
    possible = outcomes.percent_of_possible_by_session(tally_of([("I", 14, 10), ("I", 22, 22), ("I", 7, 6)], "pih", "pahpi"))
    assert possible["estimate"].tolist() == pytest.approx([20])
    assert (possible["measure"][0], possible["unit"][0], possible["method"][0]) == ("percent of the possible", "%", "Fieller")


def test_percent_of_the_possible_has_the_interval_that_r_finds() -> None:
    """The pairs of tests/oracles/intervals.R, where the ends are roots of R's paired t statistic."""
    gained, room = [4, 7, 1, 0, 6, 3, 5, 2], [9, 11, 6, 4, 12, 5, 10, 7]
    tally = tally_of([("V", 6 + r, 6 + r - g) for g, r in zip(gained, room, strict=True)], "pih", "pahpi")
    assert shown(outcomes.percent_of_possible_by_session(tally)) == near([(1, 8, 43.75, 24.87960558, 55.82152425)], 1e-6)


def test_no_interval_of_the_possible_is_without_its_reason() -> None:
    reason = (Note(NoteCode.IMPROVED_ALIKE),)
    alike = outcomes.percent_of_possible_by_session(
        tally_of([("I", 14, 10), ("I", 10, 8), ("I", 22, 14), ("I", 8, 7), ("I", 18, 12)], "pih", "pahpi")
    )
    assert shown(alike) == near([(1, 5, 50, nan, nan)])
    assert alike["note"].tolist() == [reason]
    close = outcomes.percent_of_possible_by_session(tally_of([("I", 1, 2), ("I", 1, 1), ("I", 1, 1), ("I", 1, 1), ("I", 4, 1)]))
    assert shown(close) == near([(1, 5, 100 * 2 / 3, nan, nan)])
    assert close["note"].tolist() == [reason]


def test_where_every_course_was_at_the_best_score_nothing_is_possible() -> None:
    possible = outcomes.percent_of_possible_by_session(tally_of([("I", 1, 1)] * 5))
    assert shown(possible) == near([(1, 5, nan, nan, nan)])
    assert possible["note"].tolist() == [(Note(NoteCode.ALL_AT_BEST),)]


# Better, the same or worse


def test_better_same_and_worse_are_three_rows_that_sum_to_100() -> None:
    shares = outcomes.better_or_worse(six())
    assert shares["measure"].tolist() == ["better"] * 3 + ["same"] * 3 + ["worse"] * 3
    after_1 = shares[shares["session"] == 1]
    assert after_1["estimate"].tolist() == pytest.approx([100 * 4 / 6, 100 / 6, 100 / 6])
    assert after_1[["conf_low", "conf_high"]].to_numpy() == pytest.approx(
        100 * np.array([wilson(4, 6), wilson(1, 6), wilson(1, 6)])
    )
    for estimand in ("observed", "as_treated"):
        every = outcomes.better_or_worse(six(), by="skin_band", estimand=estimand).groupby(
            ["skin_band", "session"], observed=True
        )
        assert every["estimate"].sum(min_count=3).dropna().tolist() == pytest.approx(
            [100] * every["estimate"].sum(min_count=3).count()
        )


# Grade before by grade after


def test_transitions_are_shares_of_each_grade_before() -> None:
    table = outcomes.transitions(tally_of([("I", 4, 3), ("I", 4, 3), ("I", 4, 4), ("I", 2, 1), ("I", 1, 1)]))
    grid = table.pivot(index="before", columns="after", values="estimate")
    expected = [[100, 0, 0, 0], [100, 0, 0, 0], [nan] * 4, [0, 0, 200 / 3, 100 / 3]]
    assert grid.index.tolist() == grid.columns.tolist() == [1, 2, 3, 4]
    assert grid.to_numpy() == pytest.approx(np.array(expected), nan_ok=True)
    assert table.groupby("before")["n"].unique().explode().tolist() == [1, 1, 0, 3]
    assert set(table.loc[table["before"] == 3, "note"]) == {(Note(NoteCode.NO_COURSES),)}
    cell = table.query("before == 4 and after == 3").iloc[0]
    assert (cell["conf_low"], cell["conf_high"]) == pytest.approx([100 * end for end in wilson(2, 3)])
    assert (cell["unit"], cell["estimand"], cell["measure"]) == (
        "% of courses with that grade before",
        "as_treated",
        "transition",
    )


@pytest.mark.parametrize(("score", "grade"), [(1, 1), (1.49, 1), (1.5, 2), (2.49, 2), (2.5, 3), (3.5, 4), (4, 4)])
def test_a_half_grade_is_filed_under_the_worse_one(score: float, grade: int) -> None:
    table = outcomes.transitions(tally_of([("I", score, score)]))
    assert table.loc[table["estimate"] == 100, ["before", "after"]].values.tolist() == [[grade, grade]]
    assert table.loc[table["n"] == 1, "before"].unique().tolist() == [grade]


def test_transitions_after_one_session_are_of_those_scored_then() -> None:
    last, after_1 = outcomes.transitions(six()), outcomes.transitions(six(), session=1)
    assert last.query("before == 4 and after == 2")["estimate"].tolist() == pytest.approx([200 / 3])
    assert after_1.query("before == 4 and after == 2")["estimate"].tolist() == pytest.approx([100 / 3])
    assert (set(last["session"]), set(after_1["session"])) == ({2}, {1})
    assert (set(last["estimand"]), set(after_1["estimand"])) == ({"as_treated"}, {"observed"})


def test_transitions_by_group_keep_every_group_and_grade() -> None:
    table = outcomes.transitions(six(), by="skin_band")
    assert table.groupby(["skin_band", "before", "after"], observed=False).size().tolist() == [1] * 3 * 4 * 4
    shares = table[table["n"] > 0].groupby(["skin_band", "before"], observed=True)["estimate"].sum()
    assert shares.tolist() == pytest.approx([100] * len(shares))


def test_a_scale_whose_best_is_0_has_a_grade_0() -> None:
    table = outcomes.transitions(tally_of([("I", 2, 0)], "line", "lemperle"))
    assert sorted(set(table["before"])) == [0, 1, 2, 3, 4, 5]
    assert table.query("before == 2 and after == 0")["estimate"].tolist() == [100]


# What is asked wrongly


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: outcomes.change_by_session(six(), by="fitzpatrick"), "by must be skin_type or skin_band, got 'fitzpatrick'"),
        (lambda: outcomes.responders_by_session(six(), estimand="itt"), "estimand must be observed or as_treated, got 'itt'"),
        (
            lambda: outcomes.percent_of_possible_by_session([six()], estimand="last"),
            "estimand must be observed or as_treated, got 'last'",
        ),
        (lambda: outcomes.better_or_worse(six(), by="age"), "by must be skin_type or skin_band, got 'age'"),
        (lambda: outcomes.transitions(six(), by="age"), "by must be skin_type or skin_band, got 'age'"),
        (lambda: outcomes.transitions(six(), session=4), "session must be one after which courses were scored, got 4"),
        (lambda: outcomes.transitions(six(), session=0), "session must be one after which courses were scored, got 0"),
        (
            lambda: outcomes.transitions(tally_of([("I", 12, 7)], "pih", "pahpi")),
            "transitions need a scale of grades; pahpi is scored in points",
        ),
    ],
)
def test_a_question_that_does_not_exist_is_said(wrong, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        wrong()
    assert str(raised.value) == message


@pytest.mark.parametrize("estimate", ALL_FOUR)
def test_a_level_is_not_a_percentage(estimate) -> None:
    with pytest.raises(ValueError, match="level must be between 0 and 1, got 95"):
        estimate(six(), level=95)


# The shape of every table


@pytest.mark.parametrize("estimate", [*ALL_FOUR, outcomes.transitions])
@pytest.mark.parametrize("by", [None, "skin_type", "skin_band"])
def test_columns_are_those_of_estimates_in_order(estimate, by) -> None:
    grades = ["before", "after"] if estimate is outcomes.transitions else []
    elsewhere = {"event", "rule", "variable", "level", "provider_id", "start_year", "gais_by", "month", "events", "since", "tilt"}
    groups = {"skin_type", "skin_band", "skin_types", "before", "after"}
    own = [name for name in ESTIMATES if name not in elsewhere | groups - {by, *grades}]
    estimates = estimate(six(), by=by)
    assert estimates.columns.tolist() == own
    assert estimates.index.tolist() == list(range(len(estimates)))
    assert (set(estimates["endpoint"]), set(estimates["scale"])) == ({"scarring"}, {"goodman_baron_grade"})


@pytest.mark.parametrize("estimate", ALL_FOUR)
@pytest.mark.parametrize("by", [None, "skin_band"])
@pytest.mark.parametrize("estimand", ["observed", "as_treated"])
def test_where_nobody_came_again_there_is_a_row_of_nobody(estimate, by, estimand) -> None:
    for tally in (tally_of([("I", 4), ("VI", 3)]), tally_of([("I", 6, 6)], "pih", "pahpi")):
        estimates = estimate(tally, by=by, estimand=estimand)
        assert estimates.columns.tolist() == estimate(six(), by=by, estimand=estimand).columns.tolist()
        assert set(estimates["n"]) == {0}
        assert set(estimates["note"]) == {(Note(NoteCode.NO_COURSES),)}
        assert estimates["estimate"].isna().all()
        assert estimates["session"].tolist() == pytest.approx(
            [1 if estimand == "observed" else nan] * len(estimates), nan_ok=True
        )


@pytest.mark.parametrize("estimate", ALL_FOUR)
def test_a_number_that_can_not_be_estimated_says_why(estimate) -> None:
    for by in ("skin_type", None):
        estimates = estimate([six(), tally_of([("I", 6, 6), ("I", 9, 9), ("II", 12, 6)], "pih", "pahpi")], by=by)
        bare = estimates[estimates[["estimate", "conf_low", "conf_high"]].isna().any(axis=1) & (estimates["note"].map(len) == 0)]
        assert bare.empty


@pytest.mark.parametrize("estimate", ALL_FOUR)
def test_several_tallies_give_their_rows_below_each_other(estimate) -> None:
    lines = tally_of([("I", 3, 2), ("IV", 5, 5, 4)], "line", "lemperle")
    both = estimate([six(), lines], by="skin_band")
    assert both["skin_band"].cat.categories.tolist() == BANDS
    for tally in (six(), lines):
        own = both[both["endpoint"] == tally.endpoint.name].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, estimate(tally, by="skin_band"))


# Properties

grades = st.lists(
    st.tuples(st.sampled_from(["I", "II", "VI"]), st.integers(3, 6), st.one_of(st.none(), st.integers(3, 6)), st.integers(3, 6)),
    min_size=1,
    max_size=12,
).map(lambda courses: [(skin_type, *(None if half is None else half / 2 for half in halves)) for skin_type, *halves in courses])


@settings(max_examples=5, deadline=None)
@given(grades, st.sampled_from([-0.5, 0.5, 1]))
def test_a_constant_added_to_all_scores_leaves_the_change(courses: list[tuple], constant: float) -> None:
    moved = [(skin_type, *(None if score is None else score + constant for score in scores)) for skin_type, *scores in courses]
    tallies = [tally_of(some) for some in (courses, moved)]
    for estimate in (outcomes.change_by_session, outcomes.better_or_worse):
        for estimand in ("observed", "as_treated"):
            one, other = (estimate(tally, by="skin_band", estimand=estimand) for tally in tallies)
            pd.testing.assert_frame_equal(one, other)


@settings(max_examples=8, deadline=None)
@given(grades)
def test_estimates_hold_their_intervals(courses: list[tuple]) -> None:
    tally = tally_of(courses)
    for estimate in ALL_FOUR:
        sure = estimate(tally).dropna(subset=["conf_low", "conf_high"])
        assert (sure["conf_low"] <= sure["estimate"] + 1e-9).all()
        assert (sure["estimate"] <= sure["conf_high"] + 1e-9).all()


# Straight from the rows of the sample, by plain pandas and without anything of the package but the scales


@cache
def scored_visits(prefix: str) -> pd.DataFrame:
    """One row per course and session: baseline and the score nearest to 30 days after the session, from 14 to 60.

    Where the visit of session k is missing: 14 days or more after the last visit with fewer sessions, none with more within 14
    days, and at most 60 after the day expected, the sample's 30 days for every session since the last known one.
    """
    visits = pd.read_csv(sample_path())
    within = visits["course_id"].fillna(visits["area"]).fillna("")
    visits = visits.assign(course=visits["patient_id"] + "/" + within, score=visits[f"{prefix}_score"])
    treated_day = visits[visits["treated"] == "yes"].groupby(["course", "sessions_completed"])["day"].max().to_dict()
    spans = visits.groupby(["course", "sessions_completed"])["day"].agg(["min", "max"])
    kept = []
    for course, rows in visits[visits["score"].notna()].groupby("course"):
        span = spans.loc[course]
        baseline = rows.loc[rows["sessions_completed"] == 0, "score"]
        if baseline.empty or (prefix == "pih" and baseline.iloc[0] <= 6):
            continue
        for k, candidates in rows[rows["sessions_completed"] > 0].groupby("sessions_completed"):
            fewer, more = span[span.index < k], span[span.index > k]
            if (course, k - 1) in treated_day:
                waited = candidates["day"] - treated_day[course, k - 1]
                in_time = waited.between(14, 60)
            elif len(fewer):
                before = fewer.index[-1]
                after_session = treated_day.get((course, before))
                expected = (
                    fewer["max"].iloc[-1] + 30 * (k - before) if after_session is None else after_session + 30 * (k - before - 1)
                )
                waited = candidates["day"] - min(expected, span.loc[k, "min"])
                apart = (candidates["day"] - fewer["max"].iloc[-1] >= 14) & (
                    len(more) == 0 or more["min"].iloc[0] - candidates["day"] > 14
                )
                in_time = apart & (waited <= 60)
            else:
                continue
            allowed = candidates.assign(distance=(waited - 30).abs())[in_time]
            if len(allowed):
                best = allowed.sort_values(["distance", "day"]).iloc[0]
                kept.append((course, best["fitzpatrick"], k, baseline.iloc[0], best["score"]))
    return pd.DataFrame(kept, columns=["course", "skin_type", "session", "baseline", "score"])


SAMPLED = [("scar", "scarring", "goodman_baron_grade"), ("pih", "pih", "pahpi"), ("line", "fine_lines", "lemperle")]


@cache
def sample_tally(endpoint: str) -> outcomes.Tally:
    return outcomes.tally(sample(), endpoint)


@pytest.mark.parametrize(("prefix", "endpoint", "scale"), SAMPLED)
@pytest.mark.parametrize(("estimand", "by"), [("observed", "skin_type"), ("as_treated", "skin_band")])
def test_the_sample_by_plain_pandas(prefix: str, endpoint: str, scale: str, estimand, by) -> None:
    scored = scored_visits(prefix)
    scored = scored.assign(skin_band=scored["skin_type"].map(SKIN_BANDS))
    if estimand == "as_treated":
        scored = scored.sort_values("session").groupby("course").last().reset_index()
    keys = [by, "session"] if estimand == "observed" else [by]
    floor = SCALES[scale].low
    change = outcomes.change_by_session(sample_tally(endpoint), by=by, estimand=estimand).set_index(keys)
    responders = outcomes.responders_by_session(sample_tally(endpoint), by=by, estimand=estimand).set_index(keys)
    possible = outcomes.percent_of_possible_by_session(sample_tally(endpoint), by=by, estimand=estimand).set_index(keys)
    assert change["n"].sum() == len(scored) > 50
    for key, rows in scored.groupby(keys):
        key = key if len(keys) > 1 else key[0]
        moved = rows["score"] - rows["baseline"]
        assert change.loc[key, "n"] == len(rows)
        assert change.loc[key, "estimate"] == pytest.approx(moved.mean(), abs=1e-12)
        if len(rows) > 1 and moved.std() > 0:
            # The courses of a patient are left out together: with one each this is the usual interval.
            of_patient = (moved - moved.mean()).groupby(rows["course"].str.split("/").str[0]).sum()
            people = len(of_patient)
            error = ((of_patient**2).sum() * people / (people - 1)) ** 0.5 / len(rows)
            ends = stats.t.interval(0.95, people - 1, moved.mean(), error)
            assert (change.loc[key, "conf_low"], change.loc[key, "conf_high"]) == pytest.approx(ends, abs=1e-9)
        able = rows[rows["baseline"] > floor]
        # The rules, written once more.
        half = able["baseline"] - able["score"] >= (able["baseline"] - floor) / 2 - 1e-9
        grade = able["baseline"] - able["score"] >= 1
        responded = half if prefix == "pih" else grade
        assert responders.loc[key, "n"] == len(able)
        if len(able):
            assert responders.loc[key, "estimate"] == pytest.approx(100 * responded.mean())
            share = 100 * (rows["baseline"] - rows["score"]).mean() / (rows["baseline"] - floor).mean()
            assert possible.loc[key, "estimate"] == pytest.approx(share)


def test_the_sample_has_what_the_test_above_needs() -> None:
    """A scale each, no course on two, and every number the size that makes the comparison mean something."""
    visits = pd.read_csv(sample_path())
    for prefix, endpoint, scale in SAMPLED:
        assert set(visits[f"{prefix}_scale"].dropna()) == {scale}
        assert sample_tally(endpoint).scale.name == scale
        assert not isnan(outcomes.change_by_session(sample_tally(endpoint))["conf_low"].iloc[0])
