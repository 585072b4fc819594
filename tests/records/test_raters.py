"""A visit that several assessors scored, each on a row: one visit, their mean score, and no row lost."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import outcomes
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.errors import RecordsError
from outcomes.records.raters import taken_blind
from outcomes.tabular.engines import collect

VISITS = """
    patient_id day sessions_completed scar_scale          scar_score assessor_id blinded gais gais_by   treated depth_mm
    P1x         0  0                  goodman_baron_grade 3          A1          no      .    .         yes     1.5
    P1x         0  0                  goodman_baron_grade 4          A2          yes     .    .         .       .
    P1x        30  1                  goodman_baron_grade 2.01       A1          no      2    clinician yes     .
    P1x        30  1                  goodman_baron_grade 2.02       A2          yes     3    clinician yes     .
    P1x        60  2                  goodman_baron_grade 1          A1          no      .    .         .       .
    P1x        60  2                  goodman_baron_grade 2          A2          .       .    .         .       .
    P1x        60  2                  .                   .          A3          yes     .    .         .       .
    P2x         0  0                  goodman_baron_grade 3          A1          no      .    .         .       .
    P2x        30  1                  goodman_baron_grade 2          A1          yes     .    .         .       .
    P2x        61  2                  goodman_baron_grade 1          A1          .       .    .         .       .
"""


def table(text: str = VISITS) -> pd.DataFrame:
    header, *lines = (line.split() for line in text.strip().splitlines())
    cells = [[None if cell == "." else cell for cell in line] for line in lines]
    return pd.DataFrame(cells, columns=header, dtype=object).assign(fitzpatrick="IV")


def shown(frame: object, *columns: str) -> list[list[object]]:
    found = collect(frame.select("course", "day", *columns)).sort_values(["course", "day"])  # type: ignore[attr-defined]
    return found[list(columns)].astype(object).where(found[list(columns)].notna(), None).to_numpy().tolist()


def problems(frame: pd.DataFrame) -> list[str]:
    with pytest.raises(RecordsError) as refused:
        outcomes.read_records(frame)
    return [f"{breach.row} {breach.column}: {breach.problem}" for breach in refused.value.breaches]


RULE = "several assessors' rows of one day differ only in assessor_id, blinded, the scores and a clinician's gais"


# One visit


def test_the_rows_of_several_assessors_are_one_visit_with_their_mean() -> None:
    """2.01 and 2.02 are 2.01, half a hundredth down; a third assessor without a score changes nothing."""
    records = outcomes.read_records(table())
    assert (records.rows_in, records.rows, records.visits, records.courses) == (10, 10, 6, 2)
    assert shown(records.frame, "source_row", "scar_score") == [[2, 350], [4, 201], [6, 150], [9, 300], [10, 200], [11, 100]]


def test_the_visit_has_what_either_row_records() -> None:
    records = outcomes.read_records(table())
    assert shown(records.frame, "gais", "treated", "depth_mm", "blinded")[:3] == [
        [None, True, 150, False],
        [250, True, None, False],
        [None, None, None, False],
    ]


def test_the_single_scores_are_kept_for_the_visits_that_several_scored() -> None:
    records = outcomes.read_records(table())
    assert records.ratings is not None
    kept = collect(records.ratings).sort_values(["day", "assessor_id"])
    assert kept["assessor_id"].tolist() == ["A1", "A2", "A1", "A2", "A1", "A2", "A3"]
    assert kept["scar_score"].fillna(-1).tolist() == [300, 400, 201, 202, 100, 200, -1]


@given(scores=st.lists(st.integers(100, 400), min_size=2, max_size=5), order=st.randoms())
@settings(max_examples=15, deadline=None)
def test_the_mean_is_the_nearest_hundredth_and_the_lower_of_two(scores: list[int], order: object) -> None:
    rows = [{"assessor_id": f"A{place}", "scar_score": f"{score / 100:.2f}"} for place, score in enumerate(scores)]
    order.shuffle(rows)  # type: ignore[attr-defined]
    constants = {"patient_id": "P1x", "fitzpatrick": "IV", "day": "0", "sessions_completed": "0", "scar_scale": "asas"}
    records = outcomes.read_records(pl.DataFrame([constants | row for row in rows]))
    (((mean,),),) = [shown(records.frame, "scar_score")]
    assert mean == ceil(Fraction(sum(scores), len(scores)) - Fraction(1, 2))


def test_a_baseline_by_two_assessors_is_one_baseline() -> None:
    courses = outcomes.courses(outcomes.read_records(table()))
    assert courses["after_0"].tolist() == [3.5, 3.0]
    assert courses["reason"].tolist() == ["analysed", "analysed"]


def test_polars_gives_the_same_courses() -> None:
    """PySpark too: see test_engines."""
    of = pl.DataFrame(table().to_dict("list"))
    pd.testing.assert_frame_equal(outcomes.courses(outcomes.read_records(of)), outcomes.courses(outcomes.read_records(table())))


def test_records_of_one_assessor_a_visit_keep_no_ratings() -> None:
    records = outcomes.read_records(table().iloc[7:])
    assert (records.ratings, records.visits) == (None, records.rows)


# What stays broken


def test_the_same_assessor_twice_on_a_day_is_two_rows_on_one_day() -> None:
    frame = table()
    frame.loc[1, "assessor_id"] = "A1"
    assert problems(frame) == [
        "3 day: 0 stands twice in one course (row 2); a course has one row per day",
        "3 scar_score: a second score before the first session (row 2); a course has one baseline",
    ]


def test_an_assessor_who_is_not_named_makes_two_rows_on_one_day() -> None:
    frame = table()
    frame.loc[3, "assessor_id"] = None
    assert problems(frame) == ["5 day: 30 stands twice in one course (row 4); a course has one row per day"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("sessions_completed", "2"), ("treated", "no"), ("gais_by", "patient"), ("device", "pen 2"), ("satisfaction", "4")],
)
def test_rows_of_one_visit_that_disagree_are_broken_by_column_and_show_no_value(column: str, value: str) -> None:
    frame = table().assign(device="pen 1", satisfaction="7")
    frame.loc[3, column] = value
    assert problems(frame) == [f"5 {column}: not the same as before (row 4); {RULE}"]


def test_what_a_patient_judged_is_the_same_on_all_rows() -> None:
    frame = table()
    frame.loc[[2, 3], "gais_by"] = "patient"
    assert problems(frame) == [f"5 gais: not the same as before (row 4); {RULE}"]
    frame.loc[3, "gais"] = "2"
    assert shown(outcomes.read_records(frame).frame, "gais")[1] == [200]


def test_scales_and_skin_types_that_differ_are_told_once_by_their_own_rule() -> None:
    frame = table()
    frame.loc[3, "fitzpatrick"] = "V"
    assert problems(frame) == ["5 fitzpatrick: V here, IV before (row 2); the skin type is the same on all rows of a patient"]


def test_a_course_with_a_visit_that_disagrees_is_set_aside_and_no_row_is_lost() -> None:
    frame = table()
    frame.loc[3, "treated"] = "no"
    records = outcomes.read_records(frame, set_aside=True)
    assert (records.rows_in, records.rows, records.rows_aside, records.visits) == (10, 3, 7, 3)
    assert records.ratings is None


def test_the_visits_of_courses_that_stay_are_still_taken_together() -> None:
    frame = table()
    frame.loc[8, "scar_score"] = "5"
    records = outcomes.read_records(frame, set_aside=True)
    assert (records.rows_in, records.rows, records.rows_aside, records.visits) == (10, 7, 3, 3)
    assert records.ratings is not None
    assert len(collect(records.ratings)) == 7


def test_completeness_counts_visits() -> None:
    recorded = outcomes.completeness(outcomes.read_records(table())).set_index("column")
    assert recorded.loc["scar_score", ["n", "of"]].tolist() == [6, 6]


# Blind scores


def test_only_blind_scores_count_after_a_session_and_every_visit_stays() -> None:
    """P1x after 1 session: the blind one of two; after 2: the one whose score is not known to be blind is not."""
    records = outcomes.read_records(table())
    blind = taken_blind(records.frame, records.ratings, ENDPOINTS["scarring"])
    assert shown(blind, "sessions_completed", "scar_score") == [[0, 350], [1, 202], [2, None], [0, 300], [1, 200], [2, None]]


def test_without_several_assessors_it_is_the_same_rule() -> None:
    records = outcomes.read_records(table().iloc[7:])
    blind = taken_blind(records.frame, records.ratings, ENDPOINTS["scarring"])
    assert shown(blind, "scar_score") == [[300], [200], [None]]
