"""Tables of any shape: one row a patient, one value a row, headers on two rows; counted by hand with pandas beside."""

from __future__ import annotations

import random
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from clinics import Clinic, columns, mapping_of
from outcomes.deidentify.account import summary
from outcomes.deidentify.mapping import parse_mapping
from outcomes.errors import RecordsError, UsageError


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def wide_mapping(visits: str, columns: str = "", rest: str = "", more: str = "") -> str:
    text = mapping_of(columns, more=more, rest=f"[visits]\n{visits}\n{rest}").replace('day = "Date"\n', "")
    return text if "scar_scale" in text else text.replace("[visits]", '[constants]\nscar_scale = "goodman_baron_grade"\n[visits]')


WIDE = """
Chart,Skin,Visit 1 date,Visit 2 date,Visit 3 date,Scar v1,Scar v2,Scar v3,PIH 2,PIH 3
1,II,05.01.2024,06.02.2024,,4,3,,yes,
2,IV,10.01.2024,12.02.2024,15.03.2024,3,3,2,no,no
3,V,11.01.2024,,20.04.2024,4,,2,,yes
4,VI,,,,,,,,
"""
PATTERNS = 'day = "Visit {n} date"\nscar_score = "scar  V{n}"\nnew_pih = ["", "PIH 2", "PIH 3"]'


def test_one_row_a_patient_becomes_one_row_a_visit(clinic: Clinic) -> None:
    rows = clinic.run(WIDE, wide_mapping(PATTERNS))
    assert columns(rows, "fitzpatrick", "day", "sessions_completed", "scar_score", "new_pih") == [
        ("II", "0", "0", "4", ""),
        ("II", "32", "1", "3", "yes"),
        ("IV", "0", "0", "3", ""),
        ("IV", "33", "1", "3", "no"),
        ("IV", "65", "2", "2", "no"),
        ("V", "0", "0", "4", ""),
        ("V", "100", "1", "2", "yes"),
    ]
    assert {row["start_year"] for row in rows} == {"2024"}
    assert (clinic.done.rows_in, clinic.done.reshaped, clinic.done.undated) == (4, 4, 1)
    assert "4 rows more than that, as a row told several visits: one a visit" in summary(clinic.done)


def test_wide_rows_are_those_that_pandas_melts(clinic: Clinic) -> None:
    draw, first = random.Random(7), date(2023, 1, 2)
    lines = ["Chart,Skin," + ",".join(f"Date {n},Grade {n}" for n in range(1, 6))]
    for patient in range(30):
        day, cells = first + timedelta(days=draw.randrange(90)), []
        for _ in range(5):
            is_there = draw.random() < 0.7
            grade = draw.choice(["1", "2", "3", "4", ""])
            cells.append(f"{day:%d.%m.%Y},{grade}" if is_there else ",")
            day += timedelta(days=draw.randrange(20, 50))
        lines.append(f"{patient},II," + ",".join(cells))
    rows = clinic.run("\n".join(lines), wide_mapping('day = "Date {n}"\nscar_score = "Grade {n}"'))

    by_hand = pd.wide_to_long(
        pd.read_csv(StringIO("\n".join(lines)), dtype=str), ["Date", "Grade"], "Chart", "n", sep=" "
    ).dropna(subset="Date")
    by_hand["Date"] = pd.to_datetime(by_hand["Date"], format="%d.%m.%Y")
    by_hand = by_hand.sort_values("Date").reset_index()
    by_hand["day"] = (by_hand["Date"] - by_hand.groupby("Chart")["Date"].transform("min")).dt.days
    by_hand["count"] = by_hand.groupby("Chart").cumcount()
    expected = sorted(zip(by_hand["day"].astype(str), by_hand["count"].astype(str), by_hand["Grade"].fillna(""), strict=True))
    assert columns(rows, "day", "sessions_completed", "scar_score") == expected


def test_one_date_and_the_days_between_tell_the_visits(clinic: Clinic) -> None:
    visits = 'day = "First"\ndays_after = [0, 30, 90]\nscar_score = ["A", "B", "C"]\nsessions_completed = [0, 1, 3]\ntreated = [true, true, false]'
    rows = clinic.run("Chart,Skin,First,A,B,C\n1,II,05.01.2024,4,3,2\n2,II,06.01.2024,3,,2\n3,IV,,,,", wide_mapping(visits))
    assert columns(rows, "day", "sessions_completed", "scar_score", "treated") == [
        ("0", "0", "3", "yes"),
        ("0", "0", "4", "yes"),
        ("30", "1", "3", "yes"),
        ("90", "3", "2", "no"),
        ("90", "3", "2", "no"),
    ]


def test_a_baseline_and_numbered_visits_stand_in_one_list(clinic: Clinic) -> None:
    export = "Chart,Skin,Baseline,Date 1,Date 2,G0,G1,G2\n1,II,05.01.2024,05.02.2024,05.03.2024,4,3,2"
    visits = 'day = ["Baseline", "Date {n}"]\nscar_score = ["G0", "G1", "G2"]'
    assert columns(clinic.run(export, wide_mapping(visits)), "day", "scar_score") == [("0", "4"), ("31", "3"), ("60", "2")]


def test_a_fault_in_a_wide_table_is_told_by_the_column_of_its_visit(clinic: Clinic) -> None:
    export = WIDE.replace("3,3,2,no", "three,3,9,no").replace("11.01.2024", "31.02.2024")
    assert clinic.problems(export, wide_mapping(PATTERNS)) == [
        "visits.csv row 3, Scar v1: is not a number written with a decimal point; say what it means under [values.scar_score]",
        "visits.csv row 4, Visit 1 date: is not a date written dd.mm.yyyy",
    ]
    assert clinic.problems(WIDE.replace("3,3,2,no", "3,3,9,no"), wide_mapping(PATTERNS)) == [
        "visits.csv row 3, Scar v3: is not between 1 and 4"
    ]
    assert clinic.problems(WIDE.replace("06.02.2024", ""), wide_mapping(PATTERNS)) == [
        "visits.csv row 2, Visit 2 date: blank, but the row holds values of a visit"
    ]


@pytest.mark.parametrize(
    ("visits", "problem"),
    [
        ('day = "Visit {n} date"\nscar_score = ["Scar v1", "Scar v2"]', "must tell as many visits in every line"),
        ('day = "Visit {n}"', "has no column Visit {n}"),
    ],
)
def test_visits_that_do_not_fit_the_export_are_told(clinic: Clinic, visits: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        clinic.run(WIDE, wide_mapping(visits))
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("visits", "problem"),
    [
        ('day = "Visit 1"', "[visits] day must be a list with the column of each visit"),
        ('day = ["A", "B"]\nsex = ["C", "D"]', "[visits] sex is the same at all visits: write it under [columns]"),
        ('day = "A"\ndays_after = [0, 30]', "[visits] days_after needs sessions_completed = [0, 1]"),
        ('day = ["A", "B"]\ndays_after = [0, 30]', "[visits] day must be one column where days_after"),
        ('day = "A"\ndays_after = [30, 0]', "[visits] days_after must be whole numbers that rise"),
        ('day = ["A", 3]', "[visits] day must be names of columns"),
        ('day = "{n} of {n}"', "[visits] day: {n} may stand in a name once"),
        ('dy = ["A", "B"]', "[visits] dy is unknown"),
        ("day = 3", "[visits] day must be a list"),
        ('day = ["A"]\nscar_score = [{a = 1}]', "[visits] scar_score must be a list of names of columns, or of numbers"),
    ],
)
def test_a_heading_of_visits_that_can_not_be_is_told(visits: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mapping(wide_mapping(visits), "m.toml")
    assert problem in str(caught.value)


def test_a_table_that_looks_like_one_row_a_patient_is_told(clinic: Clinic) -> None:
    mapping = mapping_of('scar_score = "Scar v1"').replace('"Date"', '"Visit 1 date"')
    clinic.run(WIDE, mapping)
    assert [line for line in summary(clinic.done) if "looks like one row a patient" in line] == [
        "visits.csv: this looks like one row a patient, with dates in several columns; if these are visits, write [visits] with "
        'day = ["Visit 1 date", "Visit 2 date", "Visit 3 date"] in place of [columns] day, and the scores likewise'
    ]
    clinic.run(
        "Chart,Skin,Date,Booked on,Paid on\n1,II,05.01.2024,01.01.2024,02.01.2024\n1,II,05.02.2024,02.01.2024,03.02.2024",
        mapping_of(),
    )
    assert not clinic.done.notes


@pytest.mark.parametrize("upper", ["Patient,,Visit 1,,Visit 2,", "Patient,,Visit 1,Visit 1,Visit 2,Visit 2"])
def test_a_header_on_two_rows_is_read_as_one(clinic: Clinic, upper: str) -> None:
    export = f"Log of scars,,,,,\n{upper}\nChart,Skin,Date,Grade,Date,Grade\n1,II,05.01.2024,4,05.02.2024,3"
    mapping = wide_mapping('day = "Visit {n} Date"\nscar_score = "Visit {n} Grade"', more="header = [2, 3]")
    mapping = mapping.replace('"Chart"', '"Patient Chart"').replace('"Skin"', '"Patient Skin"')
    assert columns(clinic.run(export, mapping), "day", "scar_score") == [("0", "4"), ("31", "3")]


def test_a_header_below_titles_is_found_and_said(clinic: Clinic) -> None:
    rows = clinic.run(
        "Scar clinic\nExported 2024-02-01\n\nChart,Date,Skin\n1,05.03.2024,II\n1,05.04.2024,I I",
        mapping_of().replace("\n[columns]", 'blank = ["I I"]\n[columns]'),
    )
    assert len(rows) == 2
    assert "the header was read from row 4; 2 rows above it left out" in summary(clinic.done)


def test_rows_are_numbered_as_they_stand_below_titles(clinic: Clinic) -> None:
    clinic.out.unlink(missing_ok=True)
    assert clinic.problems("Scar clinic\n\nChart,Date,Skin\n\n1,31.31.2024,II", mapping_of()) == [
        "visits.csv row 5, Date: is not a date written dd.mm.yyyy"
    ]


def test_sums_below_the_table_are_left_out_and_said(clinic: Clinic) -> None:
    rows = clinic.run(
        "Chart,Date,Skin,No\n1,05.03.2024,II,1\n1,05.04.2024,II,2\nTOTAL:,,,51\n,Average,,1.5", mapping_of('session = "No"')
    )
    assert len(rows) == 2
    assert clinic.done.totals == 2
    assert "2 rows of sums left out" in summary(clinic.done)


# One value a row, the date among them

EAV = """
record,redcap_event_name,redcap_repeat_instance,field_name,value
1,base_arm_1,,skin,2
1,base_arm_1,,dob,01.03.1971
1,visit_arm_1,1,seen,06.01.2024
1,visit_arm_1,1,gb,4
1,visit_arm_1,1,boxes,1
1,visit_arm_1,1,note,well
1,visit_arm_1,2,seen,05.02.2024
1,visit_arm_1,2,gb,3
2,base_arm_1,,skin,5
2,visit_arm_1,1,seen,07.01.2024
2,visit_arm_1,1,gb,3
"""
LINES = """
[export]
dates = "dd.mm.yyyy"
scores = "before"
[columns]
patient_id = "record"
[constants]
scar_scale = "goodman_baron_grade"
[long]
measure = "field_name"
value = "value"
[long.measures]
seen = "day"
skin = "fitzpatrick"
dob = "age"
gb = "scar_score"
boxes___1 = "new_pih"
"""


def test_a_date_may_be_a_measure_itself(clinic: Clinic) -> None:
    rows = clinic.run(EAV, LINES)
    assert columns(rows, "fitzpatrick", "age", "day", "scar_score", "new_pih") == [
        ("II", "52", "0", "4", "yes"),
        ("II", "52", "30", "3", ""),
        ("V", "", "0", "3", ""),
    ]
    assert (clinic.done.rows_in, clinic.done.other_measures, clinic.done.reshaped, clinic.done.undated) == (11, 1, -5, 2)


def test_a_fault_is_told_by_the_line_of_the_value(clinic: Clinic) -> None:
    assert clinic.problems(EAV.replace("2,gb,3", "2,gb,three"), LINES) == [
        "visits.csv row 9, value: is not a number written with a decimal point; say what it means under [values.scar_score]"
    ]
    assert clinic.problems(EAV.replace("2,gb,3", "2,gb,8"), LINES) == ["visits.csv row 9, value: is not between 1 and 4"]
    assert clinic.problems(EAV + "1,visit_arm_1,2,gb,4\n", LINES) == [
        "visits.csv row 9, value: row 13 says something else of the same visit"
    ]
    assert clinic.problems(EAV.replace("1,visit_arm_1,2,seen,05.02.2024\n", ""), LINES) == [
        "visits.csv row 8, value: blank, but the row holds values of a visit"
    ]


def test_lines_need_what_tells_the_visit(clinic: Clinic) -> None:
    export = EAV.replace("redcap_event_name", "Event").replace("redcap_repeat_instance", "No")
    with pytest.raises(UsageError, match=r'write visit = "\.\.\." under \[columns\]'):
        clinic.run(export, LINES)
    rows = clinic.run(export, LINES.replace('"record"', '"record"\nvisit = ["event", "no"]'))
    assert len(rows) == 3


def test_rows_of_one_visit_share_its_date(clinic: Clinic) -> None:
    export = (
        "Chart,Event,Date,Skin,GB\n1,base,,II,\n1,v1,05.01.2024,,\n1,v1,,,4\n1,v2,05.02.2024,,\n1,v2,,,3\n2,v1,06.01.2024,IV,2"
    )
    rows = clinic.run(export, mapping_of('visit = "Event"\nscar_score = "GB"'))
    assert columns(rows, "fitzpatrick", "day", "scar_score") == [("II", "0", "4"), ("II", "31", "3"), ("IV", "0", "2")]


def test_a_row_of_boxes_that_are_not_ticked_is_no_visit(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,a___1,a___2\n1,,II,0,0\n1,05.01.2024,,1,0\n1,05.02.2024,,0,0\n2,,IV,Unchecked,☐\n2,05.01.2024,,✓,x"
    rows = clinic.run(export, mapping_of('new_pih = "a___1"\ninfection = "a___2"'))
    assert columns(rows, "fitzpatrick", "day", "new_pih", "infection") == [
        ("II", "0", "yes", "no"),
        ("II", "31", "no", "no"),
        ("IV", "0", "yes", "yes"),
    ]
    assert "2 rows had no date and only boxes that are not ticked: no visits" in summary(clinic.done)
    with pytest.raises(RecordsError, match="blank, but the row holds values of a visit"):
        clinic.run(export.replace("1,,II,0,0", "1,,II,1,0"), mapping_of('new_pih = "a___1"\ninfection = "a___2"'))


def test_marks_and_blanks_alone_are_said_not_to_say_no(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,PIH\n1,05.01.2024,II,✓\n1,05.02.2024,II,"
    clinic.run(export, mapping_of('new_pih = "PIH"'))
    assert (
        'PIH says yes 1 time and never no: its blanks are not recorded; if a blank means no, write "" = "no" under [values.new_pih]'
        in summary(clinic.done)
    )
    clinic.run(export, mapping_of('new_pih = "PIH"', rest='[values.new_pih]\n"" = "no"'))
    assert not clinic.done.only_yes


def test_titles_remarks_and_headers_between_records_are_left_out_and_said(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,GB\n,dd.mm.yyyy,I-VI,1-4\n1,05.03.2024,II,3\nChart,Date,Skin,GB\n,APRIL 2024,,\n1,05.04.2024,II,2\n,Legend: 4 is worst,,"
    rows = clinic.run(export, mapping_of('scar_score = "GB"'))
    assert [row["scar_score"] for row in rows] == ["3", "2"]
    said = summary(clinic.done)
    assert "1 row with the names of the columns again left out" in said
    remarks = "3 rows without a patient and without anything that can be read left out, as titles or remarks; look at rows 2, 5, 7 of the export"
    assert remarks in said


def test_a_row_without_a_patient_that_tells_a_score_is_refused(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,GB\n1,05.03.2024,II,3\n,soon,,grade 2"
    told = clinic.problems(export, mapping_of('scar_score = "GB"', more='[values.scar_score]\n"grade 2" = "2"'))
    assert "visits.csv row 3, Chart: blank, but it tells whose visit this is" in told


RATED = """
Chart,Date,Skin,No,Rater,GB,Glad
1,05.03.2024,II,1,Ann,3,
1,05.03.2024,II,1,Bob,4,
1,05.04.2024,II,2,Ann,2,7
1,05.04.2024,II,2,Bob,3,
"""
RATERS = 'session = "No"\nassessor_id = "Rater"\nscar_score = "GB"\nsatisfaction = "Glad"'


def test_a_visit_that_several_scored_has_a_row_for_each(clinic: Clinic) -> None:
    rows = clinic.run(RATED, mapping_of(RATERS))
    told = columns(rows, "day", "sessions_completed", "treated", "scar_score", "satisfaction")
    assert told == [
        ("0", "0", "yes", "3", ""),
        ("0", "0", "yes", "4", ""),
        ("31", "1", "yes", "2", "7"),
        ("31", "1", "yes", "3", "7"),
    ]
    assert len({row["assessor_id"] for row in rows}) == 2
    assert (clinic.done.sessions, clinic.done.merged, clinic.done.added) == (2, 0, 0)


def test_scores_of_several_after_the_session_move_to_one_day(clinic: Clinic) -> None:
    mapping = mapping_of(RATERS).replace('scores = "before"', 'scores = "after"\nscores_days_after = 14')
    assert [row["scar_score"] for row in clinic.run(RATED, mapping) if row["day"] == "14"] == ["3", "4"]


def test_what_one_assessor_says_twice_of_a_visit_is_told(clinic: Clinic) -> None:
    problem = "visits.csv row 4, GB: differs from row 3, which is of the same visit and assessor"
    assert clinic.problems(RATED.strip().replace("1,05.04.2024,II,2,Ann", "1,05.03.2024,II,1,Bob", 1), mapping_of(RATERS)) == [
        problem
    ]
