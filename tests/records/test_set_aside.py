"""Courses with broken rows set aside whole: rows in are rows analysed and rows set aside, always."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import outcomes
from outcomes.definitions.columns import COLUMN
from outcomes.errors import RecordsError
from outcomes.tabular.csv_writer import csv_text
from outcomes.tabular.engines import collect

CLEAN = """
    patient_id area  course_id fitzpatrick age day sessions_completed scar_scale scar_score status
    P1         face  .         IV          30  0   0                  asas       3          finished
    P1         face  .         IV          30  30  1                  asas       2          finished
    P1         neck  .         IV          30  0   0                  asas       3          .
    P2         face  C1        II          41  0   0                  asas       3          .
    P2         face  C1        II          41  30  1                  asas       1          .
    P3         .     .         I           25  0   0                  ecca       90         .
"""


def table(text: str = CLEAN) -> pd.DataFrame:
    header, *lines = (line.split() for line in text.strip().splitlines())
    return pd.DataFrame([[None if cell == "." else cell for cell in line] for line in lines], columns=header, dtype=object)


def apart(frame: Any) -> dict[int, str]:
    """Row -> reason for the rows that are set aside."""
    records = outcomes.read_records(frame, set_aside=True)
    assert records.rows_in == records.rows + records.rows_aside == len(frame)
    if records.aside is None:
        return {}
    header, rows = records.aside.table()
    assert header[:2] == ["row", "reason"]
    return {row[0]: row[1] for row in rows}


WITH = "another row of this course, or of this patient, breaks a rule"


def test_clean_records_have_nothing_to_set_aside() -> None:
    records = outcomes.read_records(table(), set_aside=True)
    assert (records.rows_in, records.rows, records.rows_aside, records.aside) == (6, 6, 0, None)


@pytest.mark.parametrize("of", [lambda frame: frame, lambda frame: pl.DataFrame(frame.to_dict("list"))], ids=["pandas", "polars"])
def test_a_course_with_a_broken_row_is_set_aside_whole_and_no_other(of: Any) -> None:
    frame = table()
    frame.loc[1, "scar_score"] = "5"
    assert apart(of(frame)) == {2: WITH, 3: "scar_score: 5 is not between 0 and 4"}


def test_where_the_course_cannot_be_told_all_of_the_patient_is_set_aside() -> None:
    frame = table()
    frame.loc[2, "area"] = "nek"
    problem = "area: nek is not one of face, cheeks, forehead, temples, nose, chin, jawline, neck, chest, back, other"
    assert apart(frame) == {2: WITH, 3: WITH, 4: problem}


def test_a_row_without_a_patient_is_set_aside_alone() -> None:
    frame = table()
    frame.loc[5, "patient_id"] = None
    assert list(apart(frame)) == [7]


def test_a_patient_who_changes_is_set_aside_with_all_courses() -> None:
    frame = table()
    frame.loc[2, "fitzpatrick"] = "V"
    reason = "fitzpatrick: V here, IV before (row 2); the skin type is the same on all rows of a patient"
    assert apart(frame) == {2: WITH, 3: WITH, 4: reason}


def test_two_rows_on_a_day_set_their_course_aside() -> None:
    frame = table()
    frame.loc[4, "day"] = "0"
    assert list(apart(frame)) == [5, 6]


def test_the_reasons_are_counted_by_rule() -> None:
    frame = table()
    frame.loc[[0, 3], "scar_score"] = ["8", "9"]
    records = outcomes.read_records(frame, set_aside=True)
    assert records.aside is not None
    assert records.aside.reasons().to_dict("records") == [{"column": "scar_score", "problem": "8 is not between 0 and 4", "n": 2}]
    assert records.rows == 2


def test_a_set_aside_cell_keeps_its_text() -> None:
    frame = table().assign(device="=1+1")
    frame.loc[5, "scar_score"] = "n/a"
    records = outcomes.read_records(frame, set_aside=True)
    assert records.aside is not None
    header, rows = records.aside.table()
    assert [dict(zip(header, row, strict=True)) | {"reason": ""} for row in rows] == [
        {"row": 7, "reason": "", **{name: frame.loc[5, name] for name in frame.columns}}
    ]


def test_records_without_a_whole_course_are_refused() -> None:
    with pytest.raises(RecordsError, match="every course would have to be set aside; nothing is left to analyse"):
        outcomes.read_records(table().assign(fitzpatrick="VII"), set_aside=True)


DAMAGE = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(list(table().columns)),
        st.sampled_from([None, "", "x", "-1", "IV", "0", "7", "1.5", "P1", "P2"]),
    ),
    max_size=3,
)


@given(damage=DAMAGE)
@settings(max_examples=12, deadline=None)
def test_rows_in_are_rows_analysed_and_rows_set_aside_and_the_kept_rows_are_clean(
    damage: list[tuple[int, str, str | None]],
) -> None:
    frame = table()
    for row, column, value in damage:
        frame.loc[row, column] = value
    # On Polars, which answers small questions soonest.
    as_polars = pl.DataFrame(frame.to_dict("list"), schema=dict.fromkeys(frame, pl.String))
    try:
        records = outcomes.read_records(as_polars, set_aside=True)
    except RecordsError:
        # Every course is broken; that nothing else refuses is the test above.
        assert outcomes.read_records(pl.concat([as_polars, OTHER]), set_aside=True).rows == 1
        return
    recorded = int(frame.replace("", None).notna().any(axis=1).sum())
    assert records.rows + records.rows_aside == records.rows_in == recorded
    kept = collect(records.frame)["source_row"].tolist()
    again = outcomes.read_records(as_polars[[row - 2 for row in kept]])
    assert again.rows == records.rows


OTHER = pl.DataFrame(table().iloc[[5]].assign(patient_id="P99").to_dict("list"), schema=dict.fromkeys(table(), pl.String))
NAMED = ["Jane Smith", "Smith, J", "O'Brien", "Zoë", "dr smith", "Lee Kim 1980", "jane.smith"]


@pytest.mark.parametrize("column", [name for name, column in COLUMN.items() if column.kind not in ("id", "text")])
def test_a_cell_that_could_not_be_read_is_not_written_into_the_file_that_is_passed_on(column: str) -> None:
    named = [{**OTHER.row(0, named=True), "patient_id": f"P{n}", column: name} for n, name in enumerate(NAMED, start=10)]
    frame = pl.concat([OTHER, pl.DataFrame(named)], how="diagonal_relaxed")
    aside = outcomes.read_records(frame, set_aside=True).aside
    assert aside is not None
    written = csv_text(*aside.table())
    assert [name for name in NAMED if name in written] == []
    assert [name for name in NAMED if f"a text of {len(name)} characters" not in written] == []


def test_a_cell_that_could_be_read_stands_in_the_file_as_it_was() -> None:
    frame = table()
    frame.loc[1, ["scar_score", "age"]] = ["5", "thirty one"]
    header, rows = outcomes.read_records(frame, set_aside=True).aside.table()  # type: ignore[union-attr]
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["age"], row["scar_score"]) for row in cells] == [("30", "3"), ("a text of 10 characters", "5")]
