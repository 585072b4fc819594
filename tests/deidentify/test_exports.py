"""Exports as programs make them: appointments, several files and sheets, workbooks of any kind, dates of several forms, what is set aside."""

from __future__ import annotations

import csv
import tempfile
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from clinics import Clinic, columns, mapping_of
from outcomes.deidentify.account import summary
from outcomes.deidentify.mapping import parse_mapping
from outcomes.errors import RecordsError, UsageError
from sheets import Xml, changed, workbook


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


# Appointments

BOOKINGS = """
Chart,Date,Skin,Status
1,05.01.2024,II,Completed
1,05.02.2024,II,No-show
1,05.03.2024,II,Checked out
2,06.01.2024,IV,Cancelled
2,06.02.2024,IV,ATTENDED
2,06.03.2024,IV,Confirmed
2,06.04.2030,IV,Rescheduled
"""


def test_only_appointments_that_were_kept_are_visits(clinic: Clinic) -> None:
    rows = clinic.run(BOOKINGS, mapping_of('appointment = "Status"'))
    by_hand = pd.read_csv(StringIO(BOOKINGS))
    kept = by_hand[by_hand["Status"].isin(["Completed", "Checked out", "ATTENDED"])]
    assert len(rows) == len(kept) == 3
    assert columns(rows, "fitzpatrick", "day", "sessions_completed") == [("II", "0", "0"), ("II", "60", "1"), ("IV", "0", "0")]
    assert clinic.done.unkept == {"missed": 1, "cancelled": 1, "booked": 2}
    told = summary(clinic.done)
    assert "1 appointment that the patient missed: no visit" in told
    assert "2 appointments that were booked and are not told as kept: no visits" in told


def test_a_status_that_is_not_known_is_one_message(clinic: Clinic) -> None:
    export = BOOKINGS.replace("Completed", "Blue").replace("ATTENDED", "").replace("Confirmed", "Blue")
    with pytest.raises(RecordsError) as caught:
        clinic.run(export, mapping_of('appointment = "Status"'))
    assert str(caught.value).splitlines() == [
        "visits.csv row 2, Status: can't be told; say under [values.appointment] whether it means kept, missed, cancelled, booked",
        "    and 1 more row: 7",
        "visits.csv row 6, Status: blank, so it can't be told whether this was a visit; if a blank means kept, "
        'write "" = "kept" under [values.appointment]',
    ]
    assert caught.value.on_screen == ("[values.appointment]", '"Blue" = "..."')
    rows = clinic.run(export, mapping_of('appointment = "Status"', rest='[values.appointment]\nblue = "kept"\n"" = "missed"'))
    assert len(rows) == 3


def test_a_status_of_appointments_is_not_that_of_a_course(clinic: Clinic) -> None:
    assert clinic.problems(BOOKINGS, mapping_of('status = "Status"'))[0] == (
        "visits.csv row 2, Status: holds what became of appointments, not of courses; "
        "write appointment in place of status under [columns]"
    )


def test_columns_that_say_what_did_not_happen(clinic: Clinic) -> None:
    export = (
        "Chart,Date,Skin,Missed,Cancelled\n1,05.01.2024,II,false,\n1,05.02.2024,II,true,\n"
        "1,05.03.2024,II,false,04.03.2024 10:00\n1,05.04.2024,II,,"
    )
    rows = clinic.run(export, mapping_of('missed = "Missed"\ncancelled = "Cancelled"'))
    assert columns(rows, "day") == [("0",), ("91",)]
    assert clinic.done.unkept == {"missed": 1, "cancelled": 1}


def test_an_appointment_that_was_not_kept_holds_no_scores(clinic: Clinic) -> None:
    export = "Chart,Date,Skin,Status,GB\n1,05.01.2024,II,kept,3\n1,05.02.2024,II,DNA,2"
    assert clinic.problems(export, mapping_of('appointment = "Status"\nscar_score = "GB"')) == [
        "visits.csv row 3, Status: the appointment was not kept, but the row holds values of a visit"
    ]


def test_an_appointment_kept_in_days_to_come_is_told(clinic: Clinic) -> None:
    export = f"Chart,Date,Skin,Status\n1,{date.today() + timedelta(days=3):%d.%m.%Y},II,Completed"
    assert clinic.problems(export, mapping_of('appointment = "Status"')) == [
        "visits.csv row 2, Date: is not between 1950 and today"
    ]


# Several files and sheets

FIRST, SECOND = (
    "Chart,Date,Skin,GB\n1,05.01.2024,II,4\n2,06.01.2024,IV,3\n",
    "gb,chart,SKIN,Date\n3,1,II,05.02.2024\n3,2,IV,06.01.2024\n",
)


def both(clinic: Clinic, first: str = FIRST, second: str = SECOND) -> tuple[Path, Path]:
    paths = clinic.own / "2023.csv", clinic.own / "2024.csv"
    for path, text in zip(paths, (first, second), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_files_are_read_as_one_whatever_the_order_of_their_columns(clinic: Clinic) -> None:
    rows = clinic.again(mapping_of('scar_score = "GB"'), *both(clinic))
    assert columns(rows, "fitzpatrick", "day", "scar_score") == [("II", "0", "4"), ("II", "31", "3"), ("IV", "0", "3")]
    assert (clinic.done.patients, clinic.done.merged, clinic.done.merged_across) == (2, 1, 1)
    assert "1 row told a visit that another file or sheet tells too" in summary(clinic.done)


def test_a_fault_names_its_file(clinic: Clinic) -> None:
    with pytest.raises(RecordsError) as caught:
        clinic.again(
            mapping_of('scar_score = "GB"'), *both(clinic, second=SECOND.replace("3,2,IV", "2,2,IV").replace("3,1,", "x,1,"))
        )
    assert str(caught.value).startswith("2024.csv row 2, gb: is not a number")
    with pytest.raises(RecordsError) as caught:
        clinic.again(mapping_of('scar_score = "GB"'), *both(clinic, second=SECOND.replace("3,2,IV", "2,2,IV")))
    assert str(caught.value) == "2024.csv row 3, gb: differs from row 3 of 2023.csv, which is of the same visit"


def test_a_file_that_lacks_a_column_is_told(clinic: Clinic) -> None:
    with pytest.raises(UsageError, match=r"^2024\.csv has no column GB; did you mean G\?"):
        clinic.again(mapping_of('scar_score = "GB"'), *both(clinic, second=SECOND.replace("gb,", "G,")))


def test_a_file_named_twice_is_told(clinic: Clinic) -> None:
    first, _ = both(clinic)
    with pytest.raises(UsageError, match=r"2023\.csv: it is named twice"):
        clinic.again(mapping_of(), first, clinic.own / "." / "2023.csv")


SHEET = [["Chart", "Date", "Skin", "GB"], ["1", pd.Timestamp(2024, 1, 5), "II", 4], ["2", pd.Timestamp(2024, 1, 6), "IV", 3]]
LATER = [["Date", "GB", "Chart", "Skin"], [pd.Timestamp(2024, 2, 5), 3, "1", "II"]]
SCORED = 'scar_score = "GB"'


@pytest.mark.parametrize("sheets", ['["visits 1", "visits 2"]', '"all"'])
def test_sheets_are_read_together(clinic: Clinic, sheets: str) -> None:
    clinic.export = workbook(clinic.own / "t.xlsx", SHEET, LATER, [["Notes"], ["nothing"]])
    with pytest.raises(
        RecordsError, match=r'2 sheets have the mapped columns; .* sheets = \["visits 1", "visits 2"\] to read them'
    ):
        clinic.again(mapping_of(SCORED))
    rows = clinic.again(mapping_of(SCORED, more=f"sheets = {sheets}"))
    assert columns(rows, "fitzpatrick", "day", "scar_score") == [("II", "0", "4"), ("II", "31", "3"), ("IV", "0", "3")]


def test_a_fault_names_its_sheet(clinic: Clinic) -> None:
    clinic.export = workbook(clinic.own / "t.xlsx", SHEET, [*LATER, ["soon", 2, "2", "IV"]])
    with pytest.raises(RecordsError, match=r"^t\.xlsx sheet visits 2 row 3, Date: is not a date"):
        clinic.again(mapping_of(SCORED, more='sheets = "all"'))


def test_the_sheet_with_the_columns_is_found_beside_a_cover(clinic: Clinic) -> None:
    clinic.export = workbook(clinic.own / "t.xlsx", [["Report"], ["made by", "x"]], SHEET)
    assert len(clinic.again(mapping_of(SCORED))) == 2
    assert "1 other sheet not read" in summary(clinic.done)


# Workbooks


def test_hidden_sheets_and_rows_are_said(clinic: Clinic) -> None:
    path = workbook(clinic.own / "t.xlsx", SHEET, [["code"], ["F"]])
    changed(path, lambda text: text.replace('name="visits 2"', 'name="visits 2" state="hidden"'), "xl/workbook.xml")
    clinic.export = changed(path, lambda text: text.replace('<row r="3">', '<row r="3" hidden="1">'))
    assert len(clinic.again(mapping_of(SCORED))) == 2
    told = summary(clinic.done)
    assert "1 hidden sheet not read" in told
    assert "1 row hidden in the sheet, by a filter or by hand; they were read like the others" in told


def test_merged_cells_are_filled_and_said(clinic: Clinic) -> None:
    rows = [["Log"], ["Chart", "Skin", "Date"], ["1", "II", pd.Timestamp(2024, 1, 5)], [None, None, pd.Timestamp(2024, 2, 5)]]
    path = workbook(clinic.own / "t.xlsx", rows)
    merged = (
        '</sheetData><mergeCells count="3"><mergeCell ref="A1:C1"/><mergeCell ref="A3:A4"/><mergeCell ref="B3:B4"/></mergeCells>'
    )
    clinic.export = changed(path, lambda text: text.replace("</sheetData>", merged))
    assert len(clinic.again(mapping_of())) == 2
    assert "2 cells within merged ones given their value, in Chart, Skin" in summary(clinic.done)


def test_a_header_over_merged_cells_is_read_as_one(clinic: Clinic) -> None:
    rows = [["Patient", None, "Visit 1", None, "Visit 2", None], ["Chart", "Skin", "Date", "GB", "Date", "GB"]]
    days = [pd.Timestamp(2024, 1, 5), pd.Timestamp(2024, 2, 5)]
    path = workbook(clinic.own / "t.xlsx", [*rows, ["1", "II", days[0], 4, days[1], 3]])
    merged = (
        '</sheetData><mergeCells count="3"><mergeCell ref="A1:B1"/><mergeCell ref="C1:D1"/><mergeCell ref="E1:F1"/></mergeCells>'
    )
    clinic.export = changed(path, lambda text: text.replace("</sheetData>", merged))
    mapping = (
        mapping_of(
            more="header = [1, 2]",
            rest='[visits]\nday = "Visit {n} Date"\nscar_score = "Visit {n} GB"',
        )
        .replace('"Chart"', '"Patient Chart"')
        .replace('"Skin"', '"Patient Skin"')
        .replace('day = "Date"\n', "")
    )
    assert columns(clinic.again(mapping), "day", "scar_score") == [("0", "4"), ("31", "3")]


def test_an_error_in_a_column_that_nobody_maps_does_not_matter(clinic: Clinic) -> None:
    error = Xml('t="e"|<f>1/0</f><v>#DIV/0!</v>')
    rows = [
        ["Chart", "Date", "Skin", "GB", "Age"],
        ["1", pd.Timestamp(2024, 1, 5), "II", 4, error],
        ["2", pd.Timestamp(2024, 1, 6), "II", 3, Xml("<f>1</f>")],
    ]
    clinic.export = workbook(clinic.own / "t.xlsx", rows)
    assert len(clinic.again(mapping_of(SCORED))) == 2
    rows[2][3] = error
    clinic.export = workbook(clinic.own / "t.xlsx", rows)
    with pytest.raises(RecordsError, match=r"^t\.xlsx row 3, GB: a formula without a result"):
        clinic.again(mapping_of(SCORED))
    assert len(clinic.again(mapping_of(SCORED), set_aside=True)) == 1
    assert (clinic.done.set_aside, clinic.done.courses_aside, clinic.done.patients_aside) == (1, 1, 1)


@pytest.mark.parametrize("is_1904", [False, True])
def test_numbers_of_days_are_dates(clinic: Clinic, is_1904: bool) -> None:
    clinic.export = workbook(
        clinic.own / "t.xlsx", [["Chart", "Date", "Skin", "Born"], ["1", 45296, "II", 29221], ["1", 45327, "II", 29221]]
    )
    if is_1904:
        changed(clinic.export, lambda text: text.replace("<sheets>", '<workbookPr date1904="1"/><sheets>'), "xl/workbook.xml")
    mapping = mapping_of('age = "Born"')
    with pytest.raises(RecordsError, match='numbers in which a spreadsheet keeps dates are read by dates = "serial" under'):
        clinic.again(mapping)
    serial = mapping.replace('"dd.mm.yyyy"', '["serial", "dd.mm.yyyy"]')
    if is_1904:
        with pytest.raises(UsageError, match='days are counted from 1904 here; write dates = "serial 1904"'):
            clinic.again(serial)
        serial = serial.replace('"serial"', '"serial 1904"')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("outcomes.deidentify.visits.date", Later)
        assert columns(clinic.again(serial), "day", "age") == [("0", "44"), ("31", "44")]


class Later(date):
    """A day on which dates counted from 1904 have been."""

    @classmethod
    def today(cls) -> date:
        return date(2040, 1, 1)


HTML = """<html><head><meta charset="utf-8"></head><body><p>Log</p><table>
<tr><th>Chart</th><th>Date</th><th>Skin</th><th>GB</th></tr>
<tr><td rowspan=2>1</td><td>05.01.2024</td><td>II</td><td><b>4</b></td></tr>
<tr><td>05.02.2024</td><td>II&nbsp;</td><td>NaN</td></tr></table></body></html>"""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HTML.encode(), "is a web page (HTML) under the ending of a workbook; its table was read"),
        (
            "Chart\tDate\tSkin\tGB\n1\t05.01.2024\tII\t4\n1\t05.02.2024\tII\t\n".encode("utf-16"),
            "is a text under the ending of a workbook",
        ),
    ],
)
def test_what_goes_by_the_ending_of_a_workbook_is_read_and_said(clinic: Clinic, content: bytes, words: str) -> None:
    clinic.export = clinic.own / "export.xls"
    clinic.export.write_bytes(content)
    assert columns(clinic.again(mapping_of(SCORED)), "day", "scar_score") == [("0", "4"), ("31", "")]
    assert [note for note in clinic.done.notes if words in note]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "an XML Spreadsheet of 2003"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "a web archive (MHTML)"),
        (b"<html><body>nothing</body></html>", "a web page (HTML) under the ending of a workbook, without a table"),
        (b"%PDF-1.4", "a PDF"),
    ],
)
def test_what_can_not_be_read_is_told_in_words(clinic: Clinic, content: bytes, words: str) -> None:
    clinic.export = clinic.own / "export.xls"
    clinic.export.write_bytes(content)
    with pytest.raises(RecordsError) as caught:
        clinic.again(mapping_of())
    assert words in str(caught.value)


# Dates of several forms


def test_dates_are_read_by_the_first_form_that_fits(clinic: Clinic) -> None:
    export = 'Chart,Date,Skin,Born\n1,03/16/2023,II,"Oct 5, 1991"\n1,"Apr 13, 2023",,\n2,05/06/23,IV,05/22/99\n2,6/5/2023,,05/22/1999\n3,06/07/23,I,05/22/22'
    mapping = mapping_of('age = "Born"').replace('"dd.mm.yyyy"', '["mm/dd/yyyy", "mmm d, yyyy", "mm/dd/yy"]')
    rows = clinic.run(export, mapping)
    assert columns(rows, "day", "age") == [("0", "1"), ("0", "23"), ("0", "31"), ("28", "31"), ("30", "23")]


def test_forms_that_read_the_same_figures_as_two_days_are_refused() -> None:
    with pytest.raises(UsageError, match="dates: dd/mm/yyyy and mm/dd/yy would read the same figures as different days"):
        parse_mapping(mapping_of().replace('"dd.mm.yyyy"', '["dd/mm/yyyy", "mmm d, yyyy", "mm/dd/yy"]'), "m.toml")


# Scores, and what is set aside


def test_means_of_raters_are_rounded_and_counted(clinic: Clinic) -> None:
    rows = clinic.run(
        "Chart,Date,Skin,GB\n1,05.01.2024,II,2.6667\n1,05.02.2024,II,2.50\n2,05.02.2024,II,3.125", mapping_of(SCORED)
    )
    assert columns(rows, "scar_score") == [("2.5",), ("2.67",), ("3.13",)]
    assert "2 scores rounded to two decimals" in summary(clinic.done)


MESSY = """
Chart,Date,Skin,Area,GB
1,05.01.2024,II,face,4
1,05.02.2024,II,face,three
1,05.01.2024,II,neck,3
2,05.01.2024,IV,face,3
2,05.02.2024,IV,face,2
3,05.01.2024,V,face,9
4,05.01.2024,II,face,3
4,05.02.2024,VI,face,3
4,05.01.2024,II,neck,3
,05.01.2024,II,neck,3
5,31.02.2024,II,neck,3
"""


def test_courses_that_can_not_be_read_are_set_aside_and_counted(clinic: Clinic) -> None:
    mapping = mapping_of(SCORED + '\narea = "Area"')
    assert len(clinic.problems(MESSY, mapping)) == 3
    rows = clinic.run(MESSY, mapping, set_aside=True)
    assert columns(rows, "fitzpatrick", "area", "day", "scar_score") == [
        ("II", "neck", "0", "3"),
        ("IV", "face", "0", "3"),
        ("IV", "face", "31", "2"),
    ]
    assert (clinic.done.set_aside, clinic.done.courses_aside, clinic.done.patients_aside) == (8, 5, 4)
    told = summary(clinic.done)
    assert "8 rows of the export set aside, of 5 courses of 4 patients, as some of them can't be read or do not fit:" in told
    for reason in (
        "  row 3, GB: is not a number written with a decimal point; say what it means under [values.scar_score]",
        "  row 7, GB: is not between 1 and 4",
        "  row 9, Skin: differs from row 8; the skin type is the same on all rows of a patient",
        "  row 11, Chart: blank, but it tells whose visit this is",
        "  row 12, Date: is not a date written dd.mm.yyyy",
    ):
        assert reason in told


def test_nothing_is_left_where_all_is_broken(clinic: Clinic) -> None:
    with pytest.raises(RecordsError, match="row 2, GB: is not between 1 and 4"):
        clinic.run("Chart,Date,Skin,GB\n1,05.01.2024,II,9", mapping_of(SCORED), set_aside=True)
    assert not clinic.out.exists()


def test_a_rehearsal_goes_the_whole_way_and_writes_nothing(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.export.write_text(MESSY.strip(), encoding="utf-8")
    (clinic.own.parent / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(clinic.own.parent / "temporary"))
    before = sorted(clinic.own.parent.rglob("*"))
    mapping = mapping_of(SCORED + '\narea = "Area"')
    with pytest.raises(RecordsError):
        clinic.again(mapping, rehearse=True)
    assert clinic.again(mapping, rehearse=True, set_aside=True) == []
    assert sorted(clinic.own.parent.rglob("*")) == before
    told = summary(clinic.done)
    assert "a rehearsal: nothing was written" in told
    assert "3 sessions; 3 scores of acne scarring" in told
    assert clinic.done.table is not None
    rehearsed = clinic.done.table.fillna("").astype(str).to_dict("records")
    written = clinic.again(mapping, set_aside=True)
    shown = ("area", "fitzpatrick", "day", "sessions_completed", "scar_score")
    assert columns(rehearsed, *shown) == columns(written, *shown)


def test_a_rehearsal_finds_what_breaks_the_contract(clinic: Clinic) -> None:
    with pytest.raises(RecordsError, match=r"^visits\.csv row 2, GB: is not between 1 and 4"):
        clinic.run("Chart,Date,Skin,GB\n1,05.01.2024,II,9", mapping_of(SCORED), rehearse=True)


def test_texts_stay_on_the_screen(clinic: Clinic) -> None:
    with pytest.raises(RecordsError) as caught:
        clinic.run("Chart,Date,Skin,GB\nErika,05.01.2024,Olive,three\nErika,soon,Olive,four", mapping_of(SCORED))
    assert not any(text in str(caught.value) for text in ("Erika", "Olive", "three", "soon"))
    assert caught.value.on_screen == (
        "[values.day]",
        '"soon" = "..."',
        "[values.fitzpatrick]",
        '"Olive" = "..."',
        "[values.scar_score]",
        '"three" = "..."',
        '"four" = "..."',
    )


# REDCap's data dictionary

DICTIONARY = [
    [
        "Variable / Field Name",
        "Form Name",
        "Section Header",
        "Field Type",
        "Field Label",
        "Choices, Calculations, OR Slider Labels",
    ],
    ["sex", "base", "", "radio", "Sex", "1, Female | 2, Male | -9, Unknown"],
    ["skin", "base", "", "dropdown", "Skin", "0, Type I | 1, Type II | 2, Type III"],
    ["grade", "visit", "", "radio", "Grade", "1, Macular | 2, Mild | 3, Moderate, all | 4, Severe"],
    ["events", "visit", "", "checkbox", "Events", "1, PIH | 2, Infection"],
]


def test_a_data_dictionary_says_what_codes_mean(clinic: Clinic) -> None:
    path = clinic.own / "dictionary.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(DICTIONARY)
    export = "Chart,Date,Skin,Sex,Grade,events___1\n1,05.01.2024,0,1,3,1\n2,05.01.2024,2,2,2,0"
    text = export.replace("Skin", "skin").replace("Sex", "sex").replace("Grade", "grade")
    mapping = mapping_of('sex = "sex"\nscar_score = "grade"\nnew_pih = "events___1"').replace('"Skin"', '"skin"')
    rows = clinic.run(text, mapping, dictionary=path)
    assert columns(rows, "fitzpatrick", "sex", "scar_score", "new_pih") == [
        ("I", "female", "3", "yes"),
        ("III", "male", "2", "no"),
    ]
    path.write_text(path.read_text(encoding="utf-8").replace("1, Macular", "1, Grade 2"), encoding="utf-8")
    with pytest.raises(
        UsageError, match=r'the code 1 of grade is not the number in its label; write "1" = "\.\.\." under \[values\.scar'
    ):
        clinic.run(text, mapping, dictionary=path)
    assert len(clinic.run(text, mapping + '[values.scar_score]\n1 = "1"\n', dictionary=path)) == 2


def test_a_file_that_is_no_data_dictionary_is_told(clinic: Clinic) -> None:
    clinic.export.write_text("Chart,Date,Skin\n1,05.01.2024,II", encoding="utf-8")
    with pytest.raises(UsageError, match="is no data dictionary of REDCap"):
        clinic.again(mapping_of(), dictionary=clinic.export)
