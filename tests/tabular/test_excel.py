"""Sheets as text: what a sheet shows, and never a blank in place of what could not be read."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.errors import RecordsError
from outcomes.tabular import excel
from outcomes.tabular.files import text_table
from sheets import Xml, workbook

HEADER = ["patient_id", "fitzpatrick", "day", "sessions_completed"]
ROW = ["P1", "IV", 0, 0]


def refused(path: Path) -> str:
    with pytest.raises(RecordsError) as caught:
        outcomes.read_records(path)
    return str(caught.value)


def days(path: Path) -> list[Any]:
    return text_table(path)["day"].tolist()


def test_a_formula_is_read_by_its_result(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "IV", Xml("<f>3*10</f><v>30</v>"), 1]])
    assert days(path) == ["30"]


@pytest.mark.parametrize(
    "cell", ["<f>3*10</f>", "<f>3*10</f><v></v>", '<f t="shared" si="0"/>', 't="e"|<f>1/0</f><v>#DIV/0!</v>', 't="e"|<v>#N/A</v>']
)
def test_a_formula_without_a_result_is_refused_by_its_cell(tmp_path: Path, cell: str) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW, ["P2", "IV", Xml(cell), 0]])
    assert refused(path) == (
        "t.xlsx row 3, column C: a formula without a result; open the workbook in a spreadsheet, save it, or put in the value"
    )


def test_a_number_is_read_as_the_sheet_shows_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [[*HEADER, "scar_scale", "scar_score"], [*ROW, "ecca", 0.1 + 0.2]])
    assert outcomes.read_records(path).rows == 1
    assert text_table(path)["scar_score"].tolist() == ["0.3"]


def test_dates_and_booleans_are_text_that_tells_them(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["day", "treated"], [pd.Timestamp("2024-03-05"), True]])
    assert text_table(path).to_dict("records") == [{"day": "2024-03-05", "treated": "True", "source_row": 2}]


def test_of_several_sheets_the_one_with_session_records_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["name", "phone"], ["Ann", "555-0134"]], [HEADER, ROW], [])
    assert outcomes.read_records(path).rows == 1


def test_two_sheets_of_session_records_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW], [HEADER, ROW])
    assert refused(path) == "t.xlsx: 2 sheets have the columns of session records; keep the records in one"


def test_of_an_export_the_sheet_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["day"], [1]], [["day"], [2]])
    with pytest.raises(
        RecordsError,
        match=r'2 sheets hold cells; write sheet = "\.\.\." under \[export\] in the mapping; with --example, name it with --sheet',
    ):
        text_table(path)
    assert text_table(path, sheet="visits 2")["day"].tolist() == ["2"]
    with pytest.raises(RecordsError, match="the workbook has no sheet of the name 'Visits'"):
        text_table(path, sheet="Visits")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW])
    monkeypatch.setattr(excel, "LARGEST", 100)
    assert "the workbook unpacks to" in refused(path)


def test_a_cell_far_from_the_records_is_refused_before_room_is_made_for_all_before_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(b"</sheetData>", far))
    assert refused(path) == (
        "t.xlsx: a sheet reaches down to row 1,048,576 and over 16,384 columns; delete the cells far from the records"
    )
