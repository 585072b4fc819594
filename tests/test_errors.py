"""One message each, a place and an exit code: what a user must act on."""

from __future__ import annotations

import copy
import pickle

import pytest

from outcomes.errors import Breach, OutcomesError, PrivacyError, RecordsError, ReportError, UsageError, spans


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
    ("n", "last"), [(1, "f row 2: wrong 2"), (20, "f row 21: wrong 21"), (21, "... and 1 more"), (1_254, "... and 1,234 more")]
)
def test_twenty_problems_are_listed_and_the_rest_is_counted(n: int, last: str) -> None:
    lines = str(RecordsError("f", [Breach(row, None, f"wrong {row}") for row in range(2, n + 2)])).split("\n")
    assert lines[0] == "f row 2: wrong 2"
    assert lines[-1] == last
    assert len(lines) == min(n, 21)


def test_a_problem_is_told_once_with_all_its_rows() -> None:
    breaches = [Breach(row, "sex", "f is not one of female, male, other", "value") for row in (3, 5, 6, 7, 12)]
    others = [Breach(4, "sex", "m is not one of female, male, other", "value"), Breach(9, "day", "f is wrong", "value")]
    assert str(RecordsError("f", sorted([*breaches, *others]))).split("\n") == [
        "f row 3, sex: f is not one of female, male, other",
        "    and 4 more rows: 5-7, 12",
        "f row 4, sex: m is not one of female, male, other",
        "f row 9, day: f is wrong",
    ]


def test_where_a_rule_has_more_than_twenty_problems_it_is_told_once() -> None:
    breaches = [Breach(row, "pih_score", f"{row} is not between 6 and 22", "range") for row in range(30, 60)]
    assert str(RecordsError("f", breaches)).split("\n") == [
        "f row 30, pih_score: 30 is not between 6 and 22",
        "    likewise 29 more rows: 31-59",
    ]


def test_rows_are_told_as_spans_and_not_without_end() -> None:
    assert spans([2, 3, 4, 8, 10, 11]) == "2-4, 8, 10-11"
    assert spans(range(2, 100, 2), most=3) == "2, 4, 6, ..."


def test_a_privacy_error_says_where_and_what_to_do() -> None:
    error = PrivacyError("f.csv", ["column 'phone': by its name", "column day holds calendar dates"])
    assert str(error).split("\n") == [
        "f.csv: column 'phone': by its name",
        "f.csv: column day holds calendar dates",
        "Refused: a patient could be identified. `outcomes deidentify` makes records without that; its --help says how.",
    ]
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_every_error_has_an_exit_code_of_its_own() -> None:
    codes = {error: error.exit_code for error in (OutcomesError, UsageError, RecordsError, PrivacyError, ReportError)}
    assert list(codes.values()) == [1, 2, 4, 5, 6]
    assert all(issubclass(error, OutcomesError) for error in codes)


def test_a_records_error_survives_a_journey_between_processes() -> None:
    error = RecordsError("f", [Breach(row, "day", "wrong") for row in range(30)])
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (str(again), again.source, again.breaches) == (str(error), "f", error.breaches)
