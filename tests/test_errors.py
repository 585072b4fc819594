"""One message each, a place and an exit code: what a user must act on."""

from __future__ import annotations

import copy
import pickle

import pytest

from outcomes.errors import Breach, OutcomesError, PrivacyError, RecordsError, ReportError, UsageError


@pytest.mark.parametrize(
    ("breach", "sentence"),
    [
        (Breach(14, "scar_score", "7 is not between 1 and 4"), "sessions.csv row 14, scar_score: 7 is not between 1 and 4"),
        (Breach(3, None, "2 cells, but the header has 6"), "sessions.csv row 3: 2 cells, but the header has 6"),
        (Breach(None, "day", "is wrong"), "sessions.csv, day: is wrong"),
        (Breach(None, None, "the file is empty"), "sessions.csv: the file is empty"),
    ],
)
def test_a_breach_says_where_and_what(breach: Breach, sentence: str) -> None:
    assert breach.sentence("sessions.csv") == sentence


@pytest.mark.parametrize(
    ("n", "last"), [(1, "f row 2: wrong"), (20, "f row 21: wrong"), (21, "... and 1 more"), (1_254, "... and 1,234 more")]
)
def test_twenty_breaches_are_listed_and_the_rest_is_counted(n: int, last: str) -> None:
    lines = str(RecordsError("f", [Breach(row, None, "wrong") for row in range(2, n + 2)])).split("\n")
    assert lines[0] == "f row 2: wrong"
    assert lines[-1] == last
    assert len(lines) == min(n, 21)


def test_every_error_has_an_exit_code_of_its_own() -> None:
    codes = {error: error.exit_code for error in (OutcomesError, UsageError, RecordsError, PrivacyError, ReportError)}
    assert list(codes.values()) == [1, 2, 4, 5, 6]
    assert all(issubclass(error, OutcomesError) for error in codes)


def test_a_records_error_survives_a_journey_between_processes() -> None:
    error = RecordsError("f", [Breach(row, "day", "wrong") for row in range(30)])
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (str(again), again.source, again.breaches) == (str(error), "f", error.breaches)
