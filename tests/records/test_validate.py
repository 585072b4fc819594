"""Rules across rows, and what a message may repeat. The rules of one row are in tests/bad."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes.errors import Breach, RecordsError
from outcomes.records.validate import quoted


def broken(rows: str, *, of: Any = pd.DataFrame) -> list[Breach]:
    """The breaches of a little table: a header line, then one line per row; a dot is a blank."""
    header, *lines = (line.split() for line in rows.strip().splitlines())
    frame = of({name: [None if line[place] == "." else line[place] for line in lines] for place, name in enumerate(header)})
    try:
        outcomes.read_records(frame)
    except RecordsError as error:
        return [breach._replace(rule="") for breach in error.breaches]
    return []


@pytest.mark.parametrize(
    "value", ["7", "-1", "2.25", "2,5", "+3", "9999", "IX", "maybe", "n/a", "?", "cheek", "Goodman", "femal"]
)
def test_a_short_number_and_what_is_near_to_an_allowed_word_is_shown(value: str) -> None:
    assert quoted(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "Jane Doe",
        "ann@example.org",
        "12.03.85",
        "12/03/1985",
        "1985-03-12",
        "5551234",
        "94110",
        "123-45-6789",
        "x" * 21,
        "<b>",
        "Smith",
        "Chester",
        "perhaps",
        "",
        "A1",
        "7\n8",
    ],
)
def test_what_could_name_somebody_is_only_counted(value: str) -> None:
    assert quoted(value) == f"a text of {len(value)} {'character' if len(value) == 1 else 'characters'}"


def test_clean_records_have_no_breach() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed scar_scale scar_score status age
        P1         IV          0   0                  asas       3          .      30
        P1         IV          30  1                  asas       2          stopped 31
        P1         IV          60  1                  asas       2          .      .
        P2         I           0   0                  ecca       99         ongoing 20
    """
    assert broken(rows) == []


def test_a_blank_in_between_hides_no_change_of_status() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed status
        P1         IV          0   0                  ongoing
        P1         IV          30  1                  .
        P1         IV          60  2                  finished
    """
    rule = "finished here, ongoing before (row 2); the status is the same on all rows of a course"
    assert broken(rows) == [Breach(4, "status", rule)]


def test_the_age_may_differ_by_one_year_and_no_more() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed age
        P1         IV          0   0                  30
        P1         IV          30  1                  31
        P1         IV          60  2                  32
        P1         IV          90  3                  29
    """
    rule = "the age, give or take a year, is the same on all rows of a patient"
    assert broken(rows) == [
        Breach(4, "age", f"32 here, 30 before (row 2); {rule}"),
        Breach(5, "age", f"29 here, 31 before (row 3); {rule}"),
    ]


def test_ages_two_years_apart_are_told_though_each_is_one_from_the_first() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed age
        P1         IV          0   0                  30
        P1         IV          30  1                  31
        P1         IV          60  2                  29
    """
    rule = "29 here, 31 before (row 3); the age, give or take a year, is the same on all rows of a patient"
    assert broken(rows) == [Breach(4, "age", rule)]


def test_courses_of_one_patient_have_their_own_days_baselines_plans_and_scales() -> None:
    rows = """
        patient_id area fitzpatrick day sessions_completed scar_scale scar_score status   planned_sessions
        P1         face IV          0   0                  asas       3          finished 3
        P1         back IV          0   0                  ecca       90         ongoing  6
        P1         back IV          30  1                  ecca       80         ongoing  6
    """
    assert broken(rows) == []


def test_two_baselines_are_of_one_endpoint_and_a_row_without_a_score_is_none() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed scar_scale scar_score pih_scale pih_score
        P1         IV          0   0                  asas       3          .         .
        P1         IV          3   0                  .          .          pahpi     9
        P1         IV          7   0                  .          .          pahpi     8
    """
    rule = "a second score before the first session (row 3); a course has one baseline"
    assert broken(rows) == [Breach(4, "pih_score", rule)]


def test_three_rows_on_a_day_are_two_breaches() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed
        P1         IV          5   0
        P2         IV          5   0
        P1         IV          5   0
        P1         IV          5   0
    """
    rule = "5 stands twice in one course (row 2); a course has one row per day"
    assert broken(rows) == [Breach(4, "day", rule), Breach(5, "day", rule)]


def test_sessions_fall_by_day_and_not_by_row() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed
        P1         IV          60  2
        P1         IV          0   0
        P1         IV          30  1
        P2         IV          0   1
        P2         IV          30  0
    """
    rule = "0 comes after 1 in the same course; it never falls as days rise"
    assert broken(rows) == [Breach(6, "sessions_completed", rule)]


def test_a_row_that_is_broken_by_itself_is_not_compared_with_others() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed sex
        P1         IV          0   0                  female
        P1         V           0   0                  n/a
    """
    assert broken(rows) == [Breach(3, "sex", "n/a is not one of female, male, other")]


def test_one_cell_is_one_breach() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed scar_score scar_scale
        P1         IV          0   0                  7          goodman
    """
    assert [(breach.column, breach.row) for breach in broken(rows)] == [("scar_scale", 2)]


def test_polars_finds_the_same() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed scar_scale scar_score
        P1         IV          0   0                  asas       3
        P1         V           30  2                  ecca       3
        P1         V           30  1                  ecca       2
    """
    found = broken(rows)
    assert {breach.column for breach in found} == {"day", "fitzpatrick", "scar_scale"}
    assert broken(rows, of=pl.DataFrame) == found


@pytest.mark.parametrize("name", ["Lee", "kim", "Eva", "Chinn", "Ann"])
def test_a_name_is_not_shown_however_short_or_near_to_an_allowed_word(name: str) -> None:
    assert quoted(name) == f"a text of {len(name)} characters"
