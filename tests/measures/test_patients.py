"""Who the patients are: shares and quartiles by hand on a little table; a blank is never a category, and cohorts add."""

from __future__ import annotations

from functools import cache
from math import isnan

import pandas as pd
import pytest

import outcomes
from outcomes.cohort.courses import NOT_PRESENT
from outcomes.cohort.patients import AGE, AREA, DEPTH, DEVICE, GIVEN, SEVERAL_AREAS, SEX, SKIN_TYPE
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.notes import Note, NoteCode
from outcomes.measures.patients import BASELINE, COURSES, QUARTILES, SEVERAL, SHARE, UNIT_OF

VISITS = """
    patient_id area course_id age sex    fitzpatrick day sessions_completed treated device depth_mm scar_scale          scar_score pih_scale pih_score
    A          chin 1         31  female I           0   0                  yes     pen_1  1.5      goodman_baron_grade 4          pahpi     6
    A          chin 1         31  female I           30  1                  yes     pen_1  1.55     goodman_baron_grade 3          pahpi     6
    A          back 2         32  female I           0   0                  yes     pen_2  .        asas                2          .         .
    B          nose 1         .   other  IV          0   0                  yes     .      0.5      goodman_baron_grade 3          pahpi     14
    B          chin 1         .   other  IV          30  1                  no      .      .        goodman_baron_grade 2          pahpi     13
    C          .    1         90  .      VI          0   0                  .       .      1        .                   .          .         .
    C          .    1         90  .      VI          30  1                  .       .      .        goodman_baron_grade 1          .         .
    D          chin 1         45  female IV          0   0                  yes     pen_1  0.5      goodman_baron_grade 3.5        pahpi     9
    E          chin 1         36  male   II          0   0                  yes     pen_2  1.5      goodman_baron_grade 2          pahpi     22
    F          chin 1         28  female II          0   0                  yes     pen_2  1.5      goodman_baron_grade 2          pih_severity 0
"""
"""Of C no score was taken before the first session, and nothing tells that a session was given."""


def visits() -> pd.DataFrame:
    header, *lines = (line.split() for line in VISITS.strip().splitlines())
    return pd.DataFrame([[None if cell == "." else cell for cell in line] for line in lines], columns=header)


@cache
def found() -> pd.DataFrame:
    return outcomes.patients(outcomes.read_cohort(visits()))


def rows(variable: str, measure: str, endpoint: str = "") -> pd.DataFrame:
    return found().query("variable == @variable and measure == @measure and endpoint == @endpoint")


def shares(variable: str, endpoint: str = "") -> dict[str, tuple[int, int]]:
    """`events` of `n` by level."""
    of = rows(variable, SHARE, endpoint)
    return {level: (events, n) for level, events, n in zip(of["level"], of["events"], of["n"], strict=True)}


def blank(variable: str, endpoint: str = "") -> tuple[int, int]:
    (row,) = rows(variable, NOT_RECORDED, endpoint)[["events", "n"]].to_numpy().tolist()
    return tuple(row)


def middle(variable: str, endpoint: str = "", scale: str = "") -> tuple[float, ...]:
    """n, and the quartiles."""
    each = [rows(variable, name, endpoint) for name in QUARTILES]
    of = [row[row["scale"] == scale].iloc[0] for row in each]
    assert len({row["n"] for row in of}) == 1
    return (of[0]["n"], *(row["estimate"] for row in of))


def test_patients_are_counted_once_however_many_courses_they_have() -> None:
    assert shares(SEX) == {"female": (3, 5), "male": (1, 5), "other": (1, 5)}
    assert blank(SEX) == (1, 6)
    assert shares(SKIN_TYPE) == dict(zip(SKIN_TYPES, [(1, 6), (2, 6), (0, 6), (2, 6), (0, 6), (1, 6)], strict=True))
    assert blank(SKIN_TYPE) == (0, 6)
    assert shares(COURSES) == {SEVERAL: (1, 6)}
    assert middle(AGE) == (5, 31, 36, 45)
    assert blank(AGE) == (1, 6)


def test_each_course_has_one_area_and_its_sessions() -> None:
    assert shares(AREA) == {"chin": (4, 6), "back": (1, 6), SEVERAL_AREAS: (1, 6)}
    assert blank(AREA) == (1, 7)
    assert middle(GIVEN) == (7, 1, 1, 1)
    assert blank(GIVEN) == (0, 7)


def test_sessions_given_have_device_and_depth() -> None:
    assert shares(DEVICE) == {"pen_1": (3, 6), "pen_2": (3, 6)}
    assert blank(DEVICE) == (1, 7)
    assert middle(DEPTH) == (6, 0.5, 1.5, 1.5)
    assert blank(DEPTH) == (1, 7)


def test_scores_before_treatment_stand_by_scale_and_a_course_is_not_recorded_once() -> None:
    assert middle(BASELINE, "scarring", "goodman_baron_grade") == (5, 2, 3, 3.5)
    assert middle(BASELINE, "scarring", "asas") == (1, 2, 2, 2)
    assert blank(BASELINE, "scarring") == (1, 7)


def test_pih_is_of_the_courses_that_had_it() -> None:
    assert shares(BASELINE, "pih") == {NOT_PRESENT: (2, 5)}
    assert middle(BASELINE, "pih", "pahpi") == (3, 9, 14, 22)
    assert middle(BASELINE, "pih", "pih_severity")[0] == 0
    assert blank(BASELINE, "pih") == (2, 7)


def test_shares_are_of_those_recorded_and_say_of_what() -> None:
    of = rows(SEX, SHARE).set_index("level")
    assert of["estimate"].to_dict() == {"female": 60, "male": 20, "other": 20}
    assert set(of["unit"]) == {"% of patients"}
    assert rows(SEX, NOT_RECORDED)["estimate"].tolist() == [pytest.approx(100 / 6)]
    percents = found()[found()["unit"].str.startswith("%")]
    assert percents["unit"].tolist() == [f"% of {UNIT_OF[variable]}" for variable in percents["variable"]]


def test_few_and_none_are_noted() -> None:
    pih = found()[found()["endpoint"] == "pih"]
    few, none = (pih[pih["scale"] == scale].iloc[0] for scale in ("pahpi", "pih_severity"))
    assert few["note"] == (Note(NoteCode.TOO_FEW, 3, unit="courses"),)
    assert none["note"] == (Note(NoteCode.NOT_RECORDED),)
    assert isnan(none["estimate"])


def test_a_variable_that_is_never_recorded_has_one_row_or_its_quartiles_without_a_number() -> None:
    bare = visits()[["patient_id", "course_id", "fitzpatrick", "day", "sessions_completed"]]
    of = outcomes.patients(outcomes.read_cohort(bare))
    assert BASELINE not in set(of["variable"])
    assert of.query("variable == 'sex'")[["measure", "events", "n"]].to_numpy().tolist() == [[NOT_RECORDED, 6, 6]]
    age = of.query("variable == 'age'")
    assert age["measure"].tolist() == [*QUARTILES, NOT_RECORDED]
    assert age["estimate"].isna().tolist() == [True, True, True, False]
    # No session is marked as given.
    assert of.query("variable == 'device'")[["n", "note"]].to_numpy().tolist() == [[0, (Note(NoteCode.NOT_RECORDED),)]]


def test_the_sum_of_two_cohorts_has_the_rows_of_the_whole() -> None:
    for names in (["A"], ["B", "C"], ["F"]):
        is_in = visits()["patient_id"].isin(names)
        summed = outcomes.read_cohort(visits()[is_in], window="14,30,60") + outcomes.read_cohort(
            visits()[~is_in], window="14,30,60"
        )
        whole = outcomes.read_cohort(visits(), window="14,30,60")
        pd.testing.assert_frame_equal(outcomes.patients(summed), outcomes.patients(whole))


def test_levels_of_the_sample_are_every_patient_course_and_session_once(sample_records: outcomes.Records) -> None:
    of = outcomes.patients(sample_records)
    treated = collected_sessions(sample_records)
    every = {"patients": sample_records.patients, "courses": sample_records.courses, "sessions": treated}
    for variable in (SEX, SKIN_TYPE, AREA, DEVICE):
        told = of[of["variable"] == variable]
        assert told["events"].sum() == every[UNIT_OF[variable]], variable
    totals = of[of["measure"] == NOT_RECORDED]
    assert totals["n"].tolist() == [every[UNIT_OF[variable]] for variable in totals["variable"]]


def collected_sessions(records: outcomes.Records) -> int:
    """Sessions given, as guidance counts them."""
    return int(outcomes.eligibility(records).query("measure == 'not recorded' and rule == 'tip reused'")["n"].iloc[0])
