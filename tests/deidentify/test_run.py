"""Exports in, session records out: what is carried, merged, counted and moved, and that no value leaves in a message."""

from __future__ import annotations

import csv
import random
import re
import stat
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics import Clinic, columns, mapping_of
from outcomes.deidentify.account import Deidentified, summary
from outcomes.deidentify.mapping import read_mapping
from outcomes.deidentify.run import deidentify
from outcomes.errors import RecordsError, UsageError
from outcomes.records.read import read_records

DATA = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


# Dates, ages, codes


def test_a_date_becomes_days_since_the_first_visit_of_the_course(clinic: Clinic) -> None:
    rows = clinic.run(
        """
        Chart,Date,Skin,Area
        7,05.03.2024,II,face
        7,02.04.2024 10:30,II,face
        7,01.06.2024,II,neck
        """,
        mapping_of('area = "Area"'),
    )
    assert columns(rows, "area", "day", "sessions_completed") == [("face", "0", "0"), ("face", "28", "1"), ("neck", "0", "0")]


def test_the_year_of_the_first_visit_of_each_course_is_filled_in(clinic: Clinic) -> None:
    rows = clinic.run(
        """
        Chart,Date,Skin,Area
        7,30.12.2023,II,face
        7,29.01.2024,II,face
        7,01.06.2024,II,neck
        8,31.12.1989,II,face
        8,29.01.1990,II,face
        """,
        mapping_of('area = "Area"'),
    )
    assert columns(rows, "start_year", "area", "day") == [
        ("", "face", "0"),
        ("", "face", "29"),
        ("2023", "face", "0"),
        ("2023", "face", "30"),
        ("2024", "neck", "0"),
    ]
    assert read_records(clinic.out).courses == 3


BEGUN = "Chart,Date,Skin,Begun\n1,05.03.2024,II,{year}\n1,04.04.2024,II,\n2,05.03.2024,II,"


def test_a_course_that_began_before_the_export_does_has_the_year_that_the_export_says(clinic: Clinic) -> None:
    rows = clinic.run(BEGUN.format(year=2022), mapping_of('start_year = "Begun"'))
    assert columns(rows, "start_year", "day") == [("2022", "0"), ("2022", "30"), ("2024", "0")]


@pytest.mark.parametrize(
    ("year", "problem"),
    [
        ("2025", "visits.csv row 2, Begun: is after the year of the course's first visit"),
        ("23", "visits.csv row 2, Begun: is not a whole number between 1990 and 2100"),
    ],
)
def test_a_year_that_can_not_be_is_refused(clinic: Clinic, year: str, problem: str) -> None:
    assert clinic.problems(BEGUN.format(year=year), mapping_of('start_year = "Begun"'))[0] == problem


def test_a_date_of_birth_becomes_the_age_at_the_first_visit_of_the_patient(clinic: Clinic) -> None:
    rows = clinic.run(
        """
        Chart,Date,Skin,Born
        1,05.03.2024,II,06.03.1990
        1,04.04.2024,II,
        2,05.03.2024,II,05.03.1990
        3,05.03.2024,II,01.01.1930
        """,
        mapping_of('age = "Born"'),
    )
    assert columns(rows, "age", "day") == [("33", "0"), ("33", "30"), ("34", "0"), ("90", "0")]
    assert clinic.done.topped == 1


def test_a_column_of_ages_counts_back_to_the_first_visit(clinic: Clinic) -> None:
    rows = clinic.run("Chart,Date,Skin,Age\n1,05.03.2022,II,\n1,04.06.2024,II,34\n1,04.06.2025,II,35", mapping_of('age = "Age"'))
    assert {row["age"] for row in rows} == {"32"}


def test_a_year_of_birth_of_two_digits_lies_before_the_first_visit(clinic: Clinic) -> None:
    text = mapping_of('age = "Born"').replace("dd.mm.yyyy", "dd/mm/yy")
    rows = clinic.run("Chart,Date,Skin,Born\n1,05/03/24,II,06/03/90\n2,05/03/24,II,06/03/01", text)
    assert columns(rows, "age") == [("22",), ("33",)]


def test_codes_are_random_and_the_same_for_the_same_patient_in_the_next_export(clinic: Clinic) -> None:
    first = clinic.run(
        "Chart,Date,Skin,Who\nAb 1,05.03.2024,II,Dr. Example\nab  1 ,06.04.2024,II,dr. example", mapping_of('provider_id = "Who"')
    )
    assert len({row["patient_id"] for row in first}) == len({row["provider_id"] for row in first}) == 1
    assert re.fullmatch(r"P[B-Z3-9]{8}", first[0]["patient_id"])
    second = clinic.run(
        "Chart,Date,Skin,Who\nXY9,05.03.2024,II,Dr. Example\nAB 1,05.03.2024,II,Dr. Other", mapping_of('provider_id = "Who"')
    )
    assert first[0]["patient_id"] in {row["patient_id"] for row in second}
    assert first[0]["provider_id"] in {row["provider_id"] for row in second}
    assert clinic.done.new_codes == 2


def test_the_order_of_the_rows_does_not_tell_the_order_of_the_export(clinic: Clinic) -> None:
    export = "Chart,Date,Skin\n" + "\n".join(f"{number},05.03.2024,II" for number in range(40))
    told = [row["patient_id"] for row in clinic.run(export, mapping_of())]
    assert told == sorted(told)


def test_a_tip_is_told_by_lot_and_serial_number_together(clinic: Clinic) -> None:
    rows = clinic.run(
        "Chart,Date,Skin,Lot,Serial\n1,05.03.2024,II,L1,1\n1,05.04.2024,II,L1,2\n1,05.05.2024,II,L1,",
        mapping_of('tip_code = ["Lot", "Serial"]'),
    )
    codes = [row["tip_code"] for row in rows]
    assert codes[0] != codes[1]
    assert codes[2] == ""


# Rows


def test_two_rows_of_a_visit_become_one(clinic: Clinic) -> None:
    rows = clinic.run(
        """
        Chart,Date,Skin,GB,Depth
        1,05.03.2024,II,3,
        1,05.03.2024,,,1.5
        1,05.04.2024,,2.0,1
        """,
        mapping_of('scar_score = "GB"\ndepth_mm = "Depth"'),
    )
    assert columns(rows, "day", "scar_score", "depth_mm") == [("0", "3", "1.5"), ("31", "2", "1")]
    assert clinic.done.merged == 1


def test_two_rows_of_a_visit_that_differ_are_told_without_values(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,GB\n1,05.03.2024,II,3\n1,05.03.2024,II,2"
    assert clinic.problems(export, mapping_of('scar_score = "GB"')) == [
        "visits.csv row 3, GB: differs from row 2, which is of the same visit"
    ]


def test_what_is_constant_is_carried_from_a_row_without_a_date(clinic: Clinic) -> None:
    rows = clinic.run(
        """
        Chart,Date,Skin,Sex,Plan
        1,,IV,female,4
        1,05.03.2024,,,
        1,05.04.2024,,,
        ,,,,
        """,
        mapping_of('sex = "Sex"\nplanned_sessions = "Plan"'),
    )
    assert columns(rows, "fitzpatrick", "sex", "planned_sessions") == [("IV", "female", "4")] * 2
    assert (clinic.done.undated, clinic.done.blank, clinic.done.rows_out) == (1, 1, 2)


def test_a_plan_told_without_an_area_holds_for_every_course(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,Area,Plan\n1,,II,,4\n1,05.03.2024,,face,\n1,05.03.2024,,neck,3"
    rows = clinic.run(export, mapping_of('area = "Area"\nplanned_sessions = "Plan"'))
    assert columns(rows, "area", "planned_sessions") == [("face", "4"), ("neck", "3")]


def test_a_skin_type_that_changes_is_refused(clinic: Clinic) -> None:
    assert clinic.problems("Chart,Date,Skin\n1,05.03.2024,II\n1,05.04.2024,IV", mapping_of()) == [
        "visits.csv row 3, Skin: differs from row 2; the skin type is the same on all rows of a patient"
    ]


def test_scores_without_a_date_are_refused(clinic: Clinic) -> None:
    found = clinic.problems("Chart,Date,Skin,GB\n1,05.03.2024,II,3\n1,,II,2", mapping_of('scar_score = "GB"'))
    assert found == ["visits.csv row 3, Date: blank, but the row holds values of a visit"]


# Sessions


def test_the_number_of_the_session_counts_one_less_before_it(clinic: Clinic) -> None:
    rows = clinic.run(
        """
        Chart,Date,Skin,No
        1,01.03.2024,II,0
        1,05.03.2024,II,1
        1,05.04.2024,II,2
        1,05.05.2024,II,
        """,
        mapping_of('session = "No"'),
    )
    assert columns(rows, "day", "sessions_completed", "treated") == [
        ("0", "0", "no"),
        ("35", "1", "yes"),
        ("4", "0", "yes"),
        ("65", "2", "no"),
    ]


def test_sessions_are_counted_from_the_treated_visits(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,Done\n1,01.03.2024,II,no\n1,05.03.2024,II,yes\n1,05.04.2024,II,yes\n1,05.05.2024,II,no"
    rows = clinic.run(export, mapping_of('treated = "Done"'))
    assert [row["sessions_completed"] for row in rows] == ["0", "0", "1", "2"]


def test_a_blank_is_not_no_unless_the_mapping_says_so(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,Done\n1,01.03.2024,II,\n1,05.03.2024,II,x"
    text = mapping_of('treated = "Done"', rest='[values.treated]\nx = "yes"\n')
    assert "row 2, Done: blank, but sessions are counted from it" in clinic.problems(export, text)[0]
    rows = clinic.run(export, text + '"" = "no"\n')
    assert columns(rows, "day", "treated") == [("0", "no"), ("4", "yes")]


def test_a_blank_that_means_no_is_filled_after_the_rows_of_a_visit_are_one(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,Done\n1,,II,\n1,05.03.2024,,\n1,05.03.2024,,yes\n1,05.04.2024,,"
    rows = clinic.run(export, mapping_of('treated = "Done"', rest='[values.treated]\n"" = "no"'))
    assert columns(rows, "day", "treated") == [("0", "yes"), ("31", "no")]
    assert clinic.done.translated == 1


# Scores on another day


AFTER = """
Chart,Date,Skin,No,GB,Scored
1,01.03.2024,II,0,4,
1,05.03.2024,II,1,3,01.04.2024
1,05.04.2024,II,2,2,05.05.2024
1,05.05.2024,II,3,,
"""


def test_scores_taken_after_a_session_stand_at_their_own_day_and_count_it(clinic: Clinic) -> None:
    rows = clinic.run(AFTER, mapping_of('session = "No"\nscar_score = "GB"\nscored_on = "Scored"', scores="after"))
    told = [(row["day"], row["sessions_completed"], row["scar_score"], row["treated"]) for row in rows]
    assert told == [
        ("0", "0", "4", "no"),
        ("4", "0", "", "yes"),
        ("31", "1", "3", "no"),
        ("35", "1", "", "yes"),
        ("65", "2", "2", "yes"),  # on the day of session 3, before it
    ]
    assert clinic.done.added == 1


def test_scores_after_a_number_of_days_wait_no_longer_than_the_next_visit(clinic: Clinic) -> None:
    rows = clinic.run(AFTER, mapping_of('session = "No"\nscar_score = "GB"', scores="after", more="scores_days_after = 31"))
    told = [(row["day"], row["sessions_completed"], row["scar_score"]) for row in rows]
    assert told == [("0", "0", "4"), ("4", "0", ""), ("35", "1", "3"), ("65", "2", "2")]


def test_a_visit_with_scores_of_its_own_does_not_take_those_of_the_session_before(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,No,GB\n1,05.03.2024,II,1,3\n1,15.03.2024,II,,2"
    rows = clinic.run(export, mapping_of('session = "No"\nscar_score = "GB"', scores="after", more="scores_days_after = 30"))
    assert columns(rows, "day", "sessions_completed", "scar_score") == [("0", "0", ""), ("10", "1", "2"), ("9", "1", "3")]


def test_who_scores_is_no_score(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,No,GB,Who\n1,05.03.2024,II,1,3,ab\n1,05.05.2024,II,2,,ab"
    text = mapping_of('session = "No"\nscar_score = "GB"\nassessor_id = "Who"', scores="after", more="scores_days_after = 30")
    assert columns(clinic.run(export, text), "day", "scar_score") == [("0", ""), ("30", "3"), ("61", "")]


def test_events_told_after_a_session_count_it_too(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,No,Infected\n1,05.03.2024,II,1,yes"
    rows = clinic.run(export, mapping_of('session = "No"\ninfection = "Infected"', scores="after", more="scores_days_after = 30"))
    assert columns(rows, "day", "sessions_completed", "infection") == [("0", "0", ""), ("30", "1", "yes")]


def test_a_score_before_its_session_may_have_a_date_of_its_own(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,No,GB,Scored\n1,05.03.2024,II,1,3,01.03.2024\n1,05.04.2024,II,2,2,05.04.2024"
    rows = clinic.run(export, mapping_of('session = "No"\nscar_score = "GB"\nscored_on = "Scored"'))
    assert [(row["day"], row["sessions_completed"], row["scar_score"]) for row in rows] == [
        ("0", "0", "3"),
        ("4", "0", ""),
        ("35", "1", "2"),
    ]


def test_a_score_before_a_session_is_not_of_the_day_of_the_session_before(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,No,GB,Scored\n1,05.03.2024,II,1,3,\n1,05.04.2024,II,2,2,05.03.2024"
    text = mapping_of('session = "No"\nscar_score = "GB"\nscored_on = "Scored"')
    assert clinic.problems(export, text) == ["visits.csv row 3, Scored: is not after the session before"]


def test_courses_without_a_baseline_are_counted(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,No,GB\n1,05.03.2024,II,1,3\n2,05.03.2024,II,,3"
    clinic.run(export, mapping_of('session = "No"\nscar_score = "GB"', scores="after", more="scores_days_after = 30"))
    assert clinic.done.without_baseline == 1
    assert "1 course without a score before the first session" in summary(clinic.done)


@pytest.mark.parametrize(
    ("scores", "scored", "problem"),
    [
        ("after", "05.03.2024", 'is not after the session of its row, but scores = "after"'),
        ("after", "06.04.2024", "is after the next session of the course"),
        ("after", "", "blank, but the row has scores taken after its session"),
        ("before", "06.03.2024", 'is after the session of its row, but scores = "before"'),
    ],
)
def test_a_date_of_scores_that_can_not_be_is_refused(clinic: Clinic, scores: str, scored: str, problem: str) -> None:
    export = f"Chart,Date,Skin,No,GB,Scored\n1,05.03.2024,II,1,3,{scored}\n1,05.04.2024,II,2,,"
    text = mapping_of('session = "No"\nscar_score = "GB"\nscored_on = "Scored"', scores=scores)
    assert clinic.problems(export, text) == [f"visits.csv row 2, Scored: {problem}"]


# Values


def test_values_are_translated_in_any_case(clinic: Clinic) -> None:
    rest = '[values.sex]\nw = "female"\n[values."yes/no"]\nja = "yes"\nnein = "no"\n[values.area]\n"k.A." = ""\n'
    rows = clinic.run(
        "Chart,Date,Skin,Sex,Preg,Area\n1,05.03.2024,Type IV,W,JA,k.a.\n2,05.03.2024,6,male,Nein,FACE",
        mapping_of('sex = "Sex"\npregnant = "Preg"\narea = "Area"', rest=rest),
    )
    assert columns(rows, "fitzpatrick", "sex", "pregnant", "area") == [("IV", "female", "yes", ""), ("VI", "male", "no", "face")]
    assert clinic.done.translated == 4


@pytest.mark.parametrize(
    ("decimal", "text", "read"),
    [
        (",", "3,5", "3.5"),
        (",", "3,50", "3.5"),
        (",", "540", "540"),
        (".", "3.5", "3.5"),
        (",", "3.5", None),
        (".", "3,5", None),
        (".", "1,000", None),
        (".", "-1", None),
        (".", "3.555", "3.56"),
        (".", "2.6666666666667", "2.67"),
        (".", "1e2", None),
    ],
)
def test_numbers_are_read_as_declared(clinic: Clinic, decimal: str, text: str, read: str | None) -> None:
    mapping = mapping_of('scar_score = "S"', more=f'decimal = "{decimal}"').replace("goodman_baron_grade", "ecca")
    export = f'Chart,Date,Skin,S\n1,05.03.2024,II,"{text}"'
    if read is None:
        assert text not in clinic.problems(export, mapping)[0].partition("S: ")[2]
    else:
        assert clinic.run(export, mapping)[0]["scar_score"] == read


def test_a_device_loses_its_serial_number(clinic: Clinic) -> None:
    rows = clinic.run(
        "Chart,Date,Skin,Dev\n1,05.03.2024,II,Pen X2 (SN 55-A123)\n2,05.03.2024,II,Pen X2\n3,05.03.2024,II,Serial 12",
        mapping_of('device = "Dev"'),
    )
    assert columns(rows, "device") == [("",), ("Pen X2",), ("Pen X2",)]
    assert (clinic.done.cut, clinic.done.texts) == (2, 1)


@pytest.mark.parametrize("text", ["call 555-0117-22", "ann@example.org", "bought 3.4.2020", "www.example.org"])
def test_a_device_with_contacts_or_dates_is_refused(clinic: Clinic, text: str) -> None:
    found = clinic.problems(f"Chart,Date,Skin,Dev\n1,05.03.2024,II,{text}", mapping_of('device = "Dev"'))
    assert found == ["visits.csv row 2, Dev: holds what looks like an address, a telephone or serial number or a date"]


def test_every_breach_is_told_at_once_by_its_place_and_never_by_its_value(clinic: Clinic) -> None:
    found = clinic.problems(
        """
        Chart,Date,Skin,Area,GB,Born
        1,2024/03/05,II,face,3,01.01.1990
        ,05.03.2024,II,face,3,01.01.1990
        3,31.02.2024,VII,Mondgesicht,drei,Erika
        """,
        mapping_of('area = "Area"\nscar_score = "GB"\nage = "Born"'),
    )
    text = "\n".join(found)
    for place in (
        "row 2, Date: is not a date written dd.mm.yyyy",
        "row 3, Chart: blank",
        "row 4, Skin",
        "row 4, Area",
        "row 4, GB",
        "row 4, Born",
    ):
        assert place in text
    assert not re.search("Mondgesicht|drei|Erika|VII|31.02|2024/03", text)


def test_a_breach_of_the_contract_is_told_by_the_row_and_column_of_the_export(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,GB\n9,05.03.2024,II,3\n1,05.03.2024,II,3\n\n1,05.04.2024,II,7\n9,05.04.2024,II,2"
    found = clinic.problems(export, mapping_of('scar_score = "GB"'))
    assert found == ["visits.csv row 5, GB: is not between 1 and 4"]


def test_sessions_that_fall_are_told_at_the_column_they_are_counted_from(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,No\n1,05.03.2024,II,3\n1,05.04.2024,II,1"
    assert clinic.problems(export, mapping_of('session = "No"')) == [
        "visits.csv row 3, No: it never falls as days rise; if another course began, map the column that tells courses apart as course_id"
    ]


# One measurement per row


def test_one_measurement_per_row_becomes_one_row_per_visit(clinic: Clinic) -> None:
    rest = """
    [long]
    measure = "Test"
    value = "Result"
    [long.measures]
    GB = "scar_score"
    "GB grade" = "scar_score"
    Sat = "satisfaction"
    """
    rows = clinic.run(
        """
        Chart,Date,Skin,Test,Result
        1,05.03.2024,II,gb,3
        1,05.03.2024,II,Sat,7.5
        1,07.03.2024,II,Weight,70
        1,05.04.2024,II,GB grade,2
        """,
        mapping_of(rest=rest),
    )
    assert columns(rows, "day", "scar_score", "satisfaction") == [("0", "3", "7.5"), ("31", "2", "")]
    assert (clinic.done.other_measures, clinic.done.merged) == (1, 1)


# Files


def test_mapped_columns_that_the_export_lacks_are_all_named(clinic: Clinic) -> None:
    with pytest.raises(UsageError) as caught:
        clinic.run("chart ,Datum,Skin\n1,05.03.2024,II", mapping_of('area = "Region"'))
    assert str(caught.value).splitlines() == [
        "visits.csv has no column Date; did you mean Datum?",
        "visits.csv has no column Region",
    ]


@pytest.mark.parametrize("linkage", ["passed/linkage.csv", "passed/below/linkage.csv", "clinic/../passed/linkage.csv"])
def test_a_linkage_file_that_would_travel_with_the_records_is_refused(clinic: Clinic, linkage: str) -> None:
    (clinic.passed / "below").mkdir()
    clinic.linkage = clinic.own.parent / linkage
    with pytest.raises(UsageError, match=r"must not be in or below the folder of sessions\.csv"):
        clinic.run("Chart,Date,Skin\n1,05.03.2024,II", mapping_of())


def test_the_export_is_never_overwritten(clinic: Clinic) -> None:
    clinic.out = clinic.export
    clinic.linkage = clinic.passed / "linkage.csv"
    with pytest.raises(UsageError, match="would be overwritten"):
        clinic.run("Chart,Date,Skin\n1,05.03.2024,II", mapping_of())


def test_refused_records_leave_both_files_as_they_were(clinic: Clinic) -> None:
    clinic.run("Chart,Date,Skin,GB\n1,05.03.2024,II,3", mapping_of('scar_score = "GB"'))
    before = clinic.out.read_bytes(), clinic.linkage.read_bytes()
    with pytest.raises(RecordsError):
        clinic.run("Chart,Date,Skin,GB\n1,05.03.2024,II,3\n2,05.03.2024,II,9", mapping_of('scar_score = "GB"'))
    assert (clinic.out.read_bytes(), clinic.linkage.read_bytes()) == before
    assert [path.name for path in clinic.passed.iterdir()] == ["sessions.csv"]


def test_an_export_without_a_visit_is_told(clinic: Clinic) -> None:
    assert clinic.problems("Chart,Date,Skin\n1,,II", mapping_of()) == ["visits.csv: no row is a visit: none has a date"]


def test_a_visit_ten_years_later_is_told(clinic: Clinic) -> None:
    assert clinic.problems("Chart,Date,Skin\n1,05.03.2004,II\n1,05.04.2024,II", mapping_of()) == [
        "visits.csv row 3, Date: is more than 3,650 days after the first visit of the course"
    ]


def test_ages_that_do_not_fit_are_told(clinic: Clinic) -> None:
    export = (
        "Chart,Date,Skin,Age\n1,05.03.2024,II,34\n1,05.04.2024,II,43\n2,05.03.2022,II,34\n2,05.03.2024,II,36\n2,05.05.2024,II,34"
    )
    assert clinic.problems(export, mapping_of('age = "Age"')) == [
        "visits.csv row 3, Age: does not fit the patient's age in an earlier row"
    ]


def test_a_parquet_file_with_dates_and_numbers_is_read(clinic: Clinic) -> None:
    clinic.export = clinic.own / "visits.parquet"
    duckdb.sql(
        f"""copy (select * from (values (17, date '2024-03-05', 2, 2.5), (17, date '2024-04-05', 2, 2)) as t("Chart", "Date", "Skin", "GB"))
        to '{clinic.export}' (format parquet)"""
    )
    rows = clinic.again(mapping_of('scar_score = "GB"', more='decimal = ","'))
    assert columns(rows, "day", "fitzpatrick", "scar_score") == [("0", "II", "2.5"), ("31", "II", "2")]


def test_visits_yet_to_come_are_told(clinic: Clinic) -> None:
    export = f"Chart,Date,Skin\n1,05.03.2024,II\n1,{date.today() + timedelta(days=2):%d.%m.%Y},II\n2,05.03.0204,II"
    found = clinic.problems(export, mapping_of())
    assert found == [
        "visits.csv row 3, Date: is not between 1950 and today; a booking is no visit: map what became of it as appointment",
        "visits.csv row 4, Date: is not between 1950 and today",
    ]


def test_a_meaning_of_blanks_that_can_not_be_is_told(clinic: Clinic) -> None:
    with pytest.raises(UsageError, match=r'^\[values.passes\] "" = "some": is not a number'):
        clinic.run("Chart,Date,Skin,P\n1,05.03.2024,II,", mapping_of('passes = "P"', rest='[values.passes]\n"" = "some"'))


# The invented exports


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Deidentified]:
    clinic = Clinic(tmp_path_factory.mktemp("sample"))
    return {
        name: deidentify(
            DATA / f"{name}.csv",
            read_mapping(DATA / f"{name}.toml"),
            clinic.passed / f"{name}.csv",
            linkage=clinic.own / f"{name}.csv",
            rng=random.Random(1),
        )
        for name in ("export", "redcap")
    }


def test_the_messy_export_becomes_records(sample: dict[str, Deidentified]) -> None:
    done = sample["export"]
    assert (done.rows_in, done.blank, done.merged, done.rows_out, done.patients, done.topped) == (113, 2, 1, 110, 25, 1)
    assert read_records(done.out).endpoints == ("scarring", "pih")
    assert done.dropped == ("Name", "Telefon", "E-Mail", "Bemerkung")
    assert stat.S_IMODE(done.linkage.stat().st_mode) == 0o600


def test_the_redcap_export_becomes_records(sample: dict[str, Deidentified]) -> None:
    done = sample["redcap"]
    assert (done.rows_in, done.undated, done.patients) == (60, 12, 12)
    records = pd.read_csv(done.out)
    assert records.groupby("patient_id")["scar_score"].first().notna().all()
    assert records["fitzpatrick"].notna().all()


def test_nothing_of_a_person_is_in_the_records(sample: dict[str, Deidentified]) -> None:
    text = sample["export"].out.read_text(encoding="utf-8")
    private = pd.read_csv(DATA / "export.csv", sep=";", encoding="cp1252", dtype=str).dropna(how="all")
    for column in ("Akte Nr.", "Name", "Geburtsdatum", "E-Mail", "Datum", "Behandler", "Tip Serial", "Telefon"):
        for value in private[column].dropna().unique():
            assert value.strip() not in text


def test_the_summary_ends_with_those_who_stand_out(sample: dict[str, Deidentified]) -> None:
    lines = summary(sample["export"])
    assert lines[0] == "export.csv: 110 rows of 25 patients in 25 courses, from 113 rows of the export"
    assert "1 row told the same visit as another row and became one with it" in lines
    assert "1 age of 90 or over written as 90" in lines
    assert lines[-2].startswith("by sex and skin type, the smallest group is of 1 patient; ")
    assert lines[-1].endswith(
        "before passing the records on, leave out age or sex in the mapping, "
        "or the year of the first visit by start_year = false under [export]"
    )


def test_patients_who_share_what_is_known_are_counted(clinic: Clinic) -> None:
    ages = [30, 31, 32, 33, 34, 35, 39]
    export = "Chart,Date,Skin,Age\n" + "\n".join(f"{number},05.03.2024,II,{age}" for number, age in enumerate(ages))
    clinic.run(export, mapping_of('age = "Age"'))
    assert [(group.smallest, group.in_small) for group in clinic.done.shared] == [(2, 2), (7, 0), (7, 0), (7, 0)]


def test_the_year_of_the_first_visit_can_tell_a_patient_and_is_counted_unless_left_out(clinic: Clinic) -> None:
    export = "Chart,Date,Skin\n" + "\n".join(f"{number},05.03.{2018 + number // 5},II" for number in range(7))
    clinic.run(export, mapping_of())
    assert [(group.known, group.smallest, group.in_small) for group in clinic.done.shared[2:]] == [
        ("sex, skin type and year of the first visit", 2, 2),
        ("sex and skin type", 7, 0),
    ]
    assert "start_year = false" in summary(clinic.done)[-1]
    rows = clinic.run(export, mapping_of(more="start_year = false"))
    assert "start_year" not in rows[0]
    assert [group.known for group in clinic.done.shared][-1:] == ["sex and skin type"]
    assert len(clinic.done.shared) == 3


# Whatever comes

ANY = ("", "0", "1", "2", "31.02.2024", "VII", "x", "3,5", "=1+1", "a@b.org", "Erika", "'", "05.03.2024")


def mostly(*usual: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*(usual * 4), *ANY])


ROWS = st.tuples(
    mostly("1", "2"),
    mostly("05.03.2024", "05.04.2024", "02.05.2024", "09.06.2024"),
    mostly("II", ""),
    mostly("", "1", "2"),
    mostly("", "3", "2"),
    mostly("", "20.04.2024"),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROWS, max_size=5),
    scores=st.sampled_from(["before", "after"]),
    count=st.sampled_from(["", 'session = "D"', 'treated = "D"', 'sessions_completed = "D"']),
    set_aside=st.booleans(),
)
def test_any_export_gives_records_or_one_message(
    clinic: Clinic, rows: list[tuple[str]], scores: str, count: str, *, set_aside: bool
) -> None:
    mapping = mapping_of(
        f'{count}\nscar_score = "E"\nscored_on = "F"\ntip_code = "F"', scores=scores, more="scores_days_after = 20"
    )
    clinic.linkage.unlink(missing_ok=True)
    clinic.out.unlink(missing_ok=True)
    with clinic.export.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Chart", "Date", "Skin", "D", "E", "F"], *rows])
    told = ""
    try:
        clinic.again(mapping, set_aside=set_aside)
    except (RecordsError, UsageError) as error:
        told = str(error)
    assert clinic.out.exists() == (told == "")
    assert not re.search(r"Erika|a@b|=1\+1|31\.02|VII|3,5", told.replace("one of I, II, III, IV, V, VI", ""))


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.lists(st.integers(1, 90), min_size=1, max_size=5), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_the_order_of_the_export_changes_nothing(clinic: Clinic, gaps: list[list[int]], seed: int) -> None:
    lines = []
    for patient, waits in enumerate(gaps):
        day = date(2024, 1, 1)
        for wait in waits:
            day += timedelta(days=wait)
            lines.append(f"{patient},{day:%d.%m.%Y},II")
    told = []
    for order in (lines, random.Random(seed).sample(lines, len(lines))):
        clinic.linkage.unlink(missing_ok=True)
        told.append(columns(clinic.run("\n".join(["Chart,Date,Skin", *order]), mapping_of()), "day", "sessions_completed"))
    assert told[0] == told[1]


@pytest.mark.parametrize("name", ["out", "linkage"])
def test_a_file_to_write_that_is_a_link_is_refused_and_what_it_leads_to_stays(clinic: Clinic, name: str) -> None:
    elsewhere = clinic.own.parent / "elsewhere.csv"
    elsewhere.write_text("kind,original,code\n", encoding="utf-8")
    getattr(clinic, name).symlink_to(elsewhere)
    with pytest.raises(UsageError, match="this is a link; name the file that it leads to"):
        clinic.run("Chart,Date,Skin\n1,05.03.2024,II", mapping_of())
    assert elsewhere.read_text(encoding="utf-8") == "kind,original,code\n"


def test_an_id_with_a_letter_that_is_not_seen_is_the_same_patient(clinic: Clinic) -> None:
    rows = clinic.run("Chart,Date,Skin\nA7,05.03.2024,II\nA\u200b7,05.04.2024,II\na7\ufeff,05.05.2024,II", mapping_of())
    assert len({row["patient_id"] for row in rows}) == 1


def test_the_folder_of_the_records_is_made(clinic: Clinic) -> None:
    clinic.passed = clinic.own.parent / "made"
    clinic.out = clinic.passed / "sessions.csv"
    assert len(clinic.run("Chart,Date,Skin\n1,05.03.2024,II", mapping_of())) == 1


def test_a_session_told_in_the_row_of_another_measure_is_counted(clinic: Clinic) -> None:
    mapping = mapping_of(
        'session = "No"',
        rest='[long]\nmeasure = "Test"\nvalue = "Result"\n[long.measures]\nGB = "scar_score"',
    )
    export = "Chart,Date,Skin,No,Test,Result\n1,01.01.2024,II,1,GB,3\n1,01.02.2024,II,2,Weight,80\n1,15.02.2024,II,,Weight,81\n1,01.03.2024,II,,GB,2"
    rows = clinic.run(export, mapping)
    assert [(row["day"], row["sessions_completed"], row["treated"], row["scar_score"]) for row in rows] == [
        ("0", "0", "yes", "3"),
        ("31", "1", "yes", ""),
        ("60", "2", "no", "2"),
    ]
    assert clinic.done.other_measures == 1
