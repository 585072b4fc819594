"""Who the patients are, counted by hand on a little table: a blank is counted as a blank, and no two variables are crossed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes.cohort.counts import MISSED
from outcomes.cohort.patients import AGE, AREA, DEPTH, DEVICE, GIVEN, SEVERAL_AREAS, SEX, SKIN_TYPE

VISITS = """
    patient_id area  course_id age sex    fitzpatrick day sessions_completed treated device depth_mm
    A          chin  1         31  female I           0   0                  yes     pen_1  1.5
    A          chin  1         .   .      I           30  1                  yes     pen_1  1.55
    A          chin  1         31  female I           60  2                  no      pen_1  .
    A          back  2         32  female I           0   0                  yes     pen_2  .
    B          nose  1         .   other  IV          0   0                  yes     .      0.5
    B          chin  1         .   other  IV          30  1                  no      .      .
    C          .     1         90  .      VI          0   0                  .       .      1
"""
"""A is 32 when the second course begins; B's one course is on two areas; of C nothing tells that a session was given."""


def visits() -> pd.DataFrame:
    header, *lines = (line.split() for line in VISITS.strip().splitlines())
    return pd.DataFrame([[None if cell == "." else cell for cell in line] for line in lines], columns=header)


def told(cohort: outcomes.Cohort, variable: str) -> dict[Any, int]:
    """How many of each word or whole number."""
    counts = cohort.part("patients").query("variable == @variable")
    return {row["level"] or row["value"]: row["n"] for row in counts.to_dict("records")}


@pytest.mark.parametrize(
    ("variable", "counts"),
    [
        (AGE, {31: 1, 90: 1, MISSED: 1}),
        (SEX, {"female": 1, "other": 1, MISSED: 1}),
        (SKIN_TYPE, {"I": 1, "IV": 1, "VI": 1}),
        (AREA, {"chin": 1, "back": 1, SEVERAL_AREAS: 1, MISSED: 1}),
        (GIVEN, {2: 1, 1: 2, 0: 1}),
        (DEVICE, {"pen_1": 2, "pen_2": 1, MISSED: 1}),
        (DEPTH, {50: 1, 150: 1, 155: 1, MISSED: 1}),
    ],
)
def test_each_patient_course_and_session_given_is_counted_once(variable: str, counts: dict[Any, int]) -> None:
    assert told(outcomes.read_cohort(visits()), variable) == counts


def test_columns_that_the_records_have_not_are_blank_throughout() -> None:
    bare = visits()[["patient_id", "fitzpatrick", "day", "sessions_completed"]].query("day == '0'").drop_duplicates("patient_id")
    cohort = outcomes.read_cohort(bare)
    assert [told(cohort, name) for name in (AGE, SEX, AREA)] == [{MISSED: 3}] * 3
    assert [told(cohort, name) for name in (GIVEN, DEVICE, DEPTH)] == [{0: 3}, {}, {}]


def test_every_engine_counts_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    here = outcomes.read_cohort(visits()).part("patients")
    polars = pl.LazyFrame({name: [None if pd.isna(cell) else cell for cell in column] for name, column in visits().items()})
    pd.testing.assert_frame_equal(outcomes.read_cohort(polars).part("patients"), here)
    monkeypatch.setattr("outcomes.records.read.SMALL", -1)
    records = outcomes.read_records(visits())
    assert records.frame.implementation.is_duckdb()
    pd.testing.assert_frame_equal(outcomes.read_cohort(records).part("patients"), here)


@pytest.mark.spark
def test_spark_counts_the_same(spark: Any) -> None:
    cells = visits().astype(object).where(visits().notna(), None)
    schema = ", ".join(f"{name} string" for name in cells)
    frame = spark.createDataFrame([tuple(row) for row in cells.itertuples(index=False)], schema)
    here = outcomes.read_cohort(visits()).part("patients")
    pd.testing.assert_frame_equal(outcomes.read_cohort(frame).part("patients"), here)


def test_cohorts_of_different_patients_add() -> None:
    whole, is_first = visits(), visits()["patient_id"] == "A"
    summed = outcomes.read_cohort(whole[is_first]) + outcomes.read_cohort(whole[~is_first])
    pd.testing.assert_frame_equal(summed.part("patients"), outcomes.read_cohort(whole).part("patients"))
