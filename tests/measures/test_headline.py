"""One session for a whole report: that of the first endpoint, and its own for one that cannot be estimated after it."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.errors import UsageError
from outcomes.measures.headline import session_of

ALL_SEEN = [[4, 3, 2], [3, 3, 2], [3, 2, 2], [2, 2, 1]] * 10
SEEN_ONCE = [[14, 12, nan], [16, 15, nan], [12, 11, nan], [18, 14, nan]] * 10

Two = tuple[outcomes.Tally, outcomes.Tally]


@pytest.fixture(scope="module")
def two(tally_of: Callable[..., outcomes.Tally]) -> Two:
    """Grades seen after both sessions, whose session is 2, and points seen after the first alone, whose session is 1."""
    types = ["II", "V"] * 20
    return tally_of(ALL_SEEN, types), tally_of(SEEN_ONCE, types, scale="pahpi", endpoint="pih")


def sessions(frame: pd.DataFrame) -> dict[str, list[int]]:
    """The sessions that the rows of each endpoint are of."""
    return {name: sorted(set(rows["session"])) for name, rows in frame.groupby("endpoint", sort=False)}


def test_the_session_of_several_is_that_of_the_first(two: Two) -> None:
    grades, points = two
    assert [outcomes.headline_session(each) for each in (grades, points)] == [2, 1]
    assert [outcomes.headline_session(both) for both in ([grades, points], [points, grades], [grades])] == [2, 1, 2]


def test_no_tally_has_no_session() -> None:
    with pytest.raises(UsageError, match=r"^no tally was given, so there is nothing to estimate$"):
        outcomes.headline_session([])


def test_an_endpoint_that_cannot_be_estimated_after_that_session_keeps_its_own(two: Two) -> None:
    grades, points = two
    assert sessions(outcomes.headline([grades, points])) == {"scarring": [2], "pih": [1]}


def test_an_endpoint_that_can_is_told_after_the_session_of_the_first(two: Two) -> None:
    grades, points = two
    together = outcomes.headline([points, grades])
    assert sessions(together) == {"pih": [1], "scarring": [1]}
    of_grades = outcomes.continued_by_session(grades).query("session == 1").reset_index(drop=True)
    told = together[together["endpoint"] == "scarring"].reset_index(drop=True)
    pd.testing.assert_frame_equal(told[of_grades.columns], of_grades)
    assert told["baseline"].tolist() == [3.0, 3.0]


def test_one_tally_is_told_as_a_list_of_it(two: Two) -> None:
    for tally in two:
        pd.testing.assert_frame_equal(outcomes.headline(tally), outcomes.headline([tally]))


@pytest.mark.parametrize(("session", "of"), [(None, 2), (1, 1), (2, 2), (0, 2), (-1, 2), (3, 2), (99, 2)])
def test_a_session_that_is_given_is_taken_where_it_can_be_estimated(two: Two, session: int | None, of: int) -> None:
    grades, points = two
    assert session_of(grades, session) == of
    assert session_of(points, session) == 1


# The session of every measure that speaks of one

OF_A_SESSION: list[Callable[..., pd.DataFrame]] = [
    outcomes.tilt_sensitivity,
    outcomes.regression_to_the_mean,
    outcomes.skin_type_differences,
    lambda tally, **how: outcomes.evidence(tally, **how).query("estimand == 'continued'"),
    lambda tally, **how: outcomes.blind_headline(tally, tally, **how),
]
NAMES = ["tilt_sensitivity", "regression_to_the_mean", "skin_type_differences", "evidence", "blind_headline"]


@pytest.mark.parametrize("measure", OF_A_SESSION, ids=NAMES)
def test_a_measure_is_of_the_session_asked_for_else_of_its_own(two: Two, measure: Callable[..., Any]) -> None:
    grades, points = both = list(two)
    assert sessions(measure(grades)) == {"scarring": [2]}
    assert sessions(measure(grades, session=1)) == {"scarring": [1]}
    assert sessions(measure(both, session=2)) == {"scarring": [2], "pih": [1]}
    assert sessions(measure(both, session=1)) == {"scarring": [1], "pih": [1]}
    pd.testing.assert_frame_equal(measure(points, session=2), measure(points))


@pytest.mark.parametrize("measure", OF_A_SESSION, ids=NAMES)
def test_its_numbers_are_those_of_that_session(two: Two, measure: Callable[..., Any]) -> None:
    grades = two[0]
    of_each = [measure(grades, session=session)["estimate"].iloc[0] for session in (1, 2)]
    assert of_each[0] != of_each[1]
    if measure is not outcomes.skin_type_differences:
        change = outcomes.continued_by_session(grades).query("measure == 'change'").set_index("session")["estimate"]
        assert of_each == change.loc[[1, 2]].tolist()
