"""Sheets as text: what a sheet shows, and never a blank in place of what could not be read."""

from __future__ import annotations

import re
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.errors import RecordsError
from outcomes.tabular import excel, sheet_reader
from outcomes.tabular.files import text_table
from outcomes.tabular.sheet_xml import held
from sheets import SHEET, Xml, changed, open_workbook, workbook

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
    "cell",
    [
        "<f>3*10</f>",
        "<f>3*10</f><v></v>",
        "<f>3*10</f><v> </v>",
        "<v/><f>3*10</f>",
        "\n  <f>3*10</f>\n",
        "<!-- told --><f>3*10</f>",
        "<f><![CDATA[3*10]]></f>",
        "<f>IF(A1&lt;2,1,2)</f>",
        '<f t="shared" ref="C3:C9" si="0">3*10</f>',
        '<f t="shared" si="0"/>',
        '<f t="array" ref="C3:D3">A3:B3*10</f>',
        '<f t="dataTable" ref="C3:C9" dt2D="0" dtr="0" r1="A1"/>',
        't="b"|<f>1=1</f>',
        't="str"|<f>"a"&amp;"b"</f>',
        't="e"|<f>1/0</f><v>#DIV/0!</v>',
        't="e"|<v>#N/A</v>',
        "t='e'|<v>#N/A</v>",
    ],
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


def without_places(xml: str) -> str:
    """Without the `r` of cells and rows, which the standard leaves to the writer."""
    return re.sub(r"(<(?:c|row)) r=.\w+.", r"\1", xml)


PLACED: dict[str, Callable[[str], str]] = {
    "without places": without_places,
    "without the places of cells": lambda xml: re.sub(r"(<c) r=.\w+.", r"\1", xml),
    "without the places of rows": lambda xml: re.sub(r"(<row) r=.\w+.", r"\1", xml),
    "in single quotes": lambda xml: xml.replace('"', "'"),
    "with a prefix": lambda xml: re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x="),
    "of the strict standard": lambda xml: xml.replace(SHEET, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    "with small letters": lambda xml: re.sub(r'(<c r="\w+")', lambda found: found[1].lower(), xml),
    "with a wrong extent": lambda xml: xml.replace("<sheetData>", '<dimension ref="A1"/><sheetData>'),
    "cells from right to left": lambda xml: re.sub(
        r"(<row[^>]*>)(.*?)(?=</row>)", lambda row: row[1] + "".join(re.findall(r"<c.*?</c>", row[2])[::-1]), xml
    ),
    "rows from last to first": lambda xml: re.sub(
        r"(?<=<sheetData>).*(?=</sheetData>)", lambda rows: "".join(re.findall(r"<row.*?</row>", rows[0])[::-1]), xml
    ),
}


def bare(xml: str) -> str:
    """A workbook's part without its first line, which names the encoding."""
    return xml.partition("?>")[2]


@pytest.mark.parametrize("written", PLACED.values(), ids=PLACED.keys())
def test_wherever_the_place_of_a_cell_is_told_it_is_read_and_its_formula_needs_a_result(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    rows = [HEADER, ROW, ["P2", "IV", Xml("<f>3*10</f><v>30</v>"), 1]]
    path = changed(workbook(tmp_path / "t.xlsx", rows), lambda xml: written(bare(xml)))
    assert days(path) == ["0", "30"]
    path = changed(path, lambda xml: re.sub(r"<(?:x:)?v>30</(?:x:)?v>", "", xml))
    assert refused(path) == (
        "t.xlsx row 3, column C: a formula without a result; open the workbook in a spreadsheet, save it, or put in the value"
    )


def test_places_go_on_after_a_gap_as_the_standard_says(tmp_path: Path) -> None:
    rows = [HEADER, ROW, ["P2", "IV", 30, 1], ["P3", "IV", Xml("<f>3*10</f>"), 0]]
    path = changed(
        workbook(tmp_path / "t.xlsx", rows),
        lambda xml: without_places(xml).replace(
            '<row><c t="inlineStr"><is><t xml:space="preserve">P2',
            '<row r="7"><c r="C7"><v>4</v></c></row><row><c t="inlineStr"><is><t>P2',
        ),
    )
    assert refused(path).startswith("t.xlsx row 9, column C: a formula without a result")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda xml: xml.replace("officeDocument/2006/relationships", "strict/relationships"), ""),
        (lambda xml: xml.replace("http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"), ""),
        (lambda xml: xml.replace("worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"), "xl/_rels/workbook.xml.rels"),
        (lambda xml: xml.replace("worksheets/sheet1.xml", "Worksheets/Sheet1.xml"), "xl/_rels/workbook.xml.rels"),
    ],
    ids=["other namespace of relations", "strict", "from the root", "in other letters"],
)
def test_a_sheet_is_found_however_the_workbook_names_it(tmp_path: Path, change: Callable[[str], str], part: str) -> None:
    path = changed(workbook(tmp_path / "t.xlsx", [HEADER, ["P2", "IV", Xml("<f>3*10</f>"), 0]]), change, part)
    assert "row 2, column C: a formula without a result" in refused(path)


def test_a_formula_whose_result_is_no_text_is_a_blank_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["day", "device"], [1, Xml('t="str"|<f>IF(A2=1,"","pen")</f><v></v>')], [2, "pen"]])
    assert text_table(path)["device"].fillna("").tolist() == ["", "pen"]


@pytest.mark.parametrize(
    "cell", ['t="inlineStr"|<v>30</v>', "<v><![CDATA[30]]></v>", "<v>&#51;0</v>"], ids=["text elsewhere", "CDATA", "by number"]
)
def test_a_value_that_the_reader_leaves_blank_is_refused(tmp_path: Path, cell: str) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW, ["P2", "IV", Xml(cell), 0]])
    assert refused(path) == "t.xlsx row 3, column C: a value that can't be read; open the workbook in a spreadsheet and save it"


def test_a_sheet_of_which_nothing_can_be_read_is_refused(tmp_path: Path) -> None:
    path = changed(
        workbook(tmp_path / "t.xlsx", [["day"], [3]]), lambda xml: f'<?xml version="1.0"?>{bare(xml)}', encoding="utf-16"
    )
    with pytest.raises(RecordsError, match=r"^t\.xlsx row 1, column A: a value that can't be read"):
        text_table(path)


@pytest.mark.parametrize("cell", ['t="inlineStr"|<is><r><t>P</t></r><r><rPr><b/></rPr><t>9</t></r></is>', "<is><t>P9</t></is>"])
def test_a_text_in_its_cell_is_read_whole(tmp_path: Path, cell: str) -> None:
    assert text_table(workbook(tmp_path / "t.xlsx", [["patient_id"], [Xml(cell)]]))["patient_id"].tolist() == ["P9"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<v>30</v>", "<v>3<!-- -->0</v>", "a value is broken off by a comment, which no spreadsheet program writes"),
        ('r="C2"', 'r="2C"', "a cell or a row has a place that no sheet has"),
        ('r="C2"', 'r=""', "a cell or a row has a place that no sheet has"),
        ('r="C2"', 'r="C0"', "a cell or a row has a place that no sheet has"),
        ('<row r="2"', '<row r="two"', "a cell or a row has a place that no sheet has"),
        ('r="C2"', 'r="ABCDEFG2"', "a cell stands outside of the 1,048,576 rows and 16,384 columns of a sheet"),
        ('r="C2"', 'r="C4294967297"', "a cell stands outside of the 1,048,576 rows and 16,384 columns of a sheet"),
        (
            "<worksheet",
            '<!DOCTYPE a [<!ENTITY e "30">]><worksheet',
            "the workbook declares a document type, which no spreadsheet program writes",
        ),
    ],
)
def test_a_sheet_that_no_spreadsheet_program_has_written_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = changed(workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "IV", 30, 0]]), lambda xml: xml.replace(old, new))
    assert refused(path) == f"t.xlsx: {problem}"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_entities_are_never_unfolded(tmp_path: Path, part: str) -> None:
    """Ten entities of ten of the one before: 30 billion letters, were they unfolded."""
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 11))
    bomb = f'<!DOCTYPE bomb [<!ENTITY e0 "lol">{lines}]>'
    path = workbook(tmp_path / "t.xlsx", [HEADER, ["P1", "IV", 30, 0]])
    changed(
        path,
        lambda xml: (bomb + bare(xml)).replace("<v>30</v>", "<v>&e10;</v>").replace('name="visits', 'x="&e10;" name="visits'),
        part,
    )
    assert refused(path).startswith("t.xlsx: ")


def test_a_cell_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW, ["P2", "IV", 30, 0]])
    twice = changed(path, lambda xml: xml.replace('<row r="3"', '<row r="2"').replace('3"><', '2"><').replace('3" t=', '2" t='))
    assert refused(twice) == "t.xlsx row 2, column A: the sheet has this cell twice"


OPEN_HEADER = "".join(
    f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>' for name in HEADER
)
OPEN_ROW = (
    '<table:table-cell office:value-type="string"><text:p>P1</text:p></table:table-cell>'
    '<table:table-cell office:value-type="string"><text:p>IV</text:p></table:table-cell>{}'
    '<table:table-cell office:value-type="float" office:value="0"><text:p>0</text:p></table:table-cell>'
)


def open_refused(tmp_path: Path, cell: str) -> str:
    rows = [f"<table:table-row>{OPEN_HEADER}</table:table-row>", f"<table:table-row>{OPEN_ROW.format(cell)}</table:table-row>"]
    return refused(open_workbook(tmp_path / "t.ods", *rows))


@pytest.mark.parametrize(
    "cell",
    [
        '<table:table-cell table:formula="of:=3*10"/>',
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>',
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>',
    ],
    ids=["never calculated", "failed", "failed and written as 0"],
)
def test_in_opendocument_too_a_formula_without_a_result_is_refused_by_its_cell(tmp_path: Path, cell: str) -> None:
    assert open_refused(tmp_path, cell) == (
        "t.ods row 2, column C: a formula without a result; open the workbook in a spreadsheet, save it, or put in the value"
    )


def test_in_opendocument_too_a_value_that_the_reader_leaves_blank_is_refused(tmp_path: Path) -> None:
    assert open_refused(tmp_path, "<table:table-cell><text:p>30</text:p></table:table-cell>") == (
        "t.ods row 2, column C: a value that can't be read; open the workbook in a spreadsheet and save it"
    )


def test_opendocument_is_read_with_its_repeated_cells_notes_and_rows_to_the_end(tmp_path: Path) -> None:
    number = '<table:table-cell table:number-columns-repeated="2" table:formula="of:=1" office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    note = "<table:table-cell><office:annotation><text:p>ask her</text:p></office:annotation></table:table-cell>"
    header = "".join(f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>' for name in "abc")
    path = open_workbook(
        tmp_path / "t.ods",
        f'<table:table-row>{header}<table:table-cell table:number-columns-repeated="16381"/></table:table-row>',
        f'<table:table-row table:number-rows-repeated="2">{number.format(5)}{note}</table:table-row>',
        f"<table:table-row>{note}{number.format(7)}</table:table-row>",
        '<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
    )
    assert text_table(path)[["a", "b", "c"]].fillna("").to_numpy().tolist() == [["5", "5", ""], ["5", "5", ""], ["", "7", "7"]]


def test_a_cell_far_from_the_records_is_refused_before_room_is_made_for_all_before_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW])
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    changed(path, lambda xml: xml.replace("</sheetData>", far))
    assert refused(path) == (
        "t.xlsx: a sheet reaches down to row 1,048,576 and over 16,384 columns; delete the cells far from the records"
    )


@pytest.mark.parametrize("change", [str, without_places], ids=["placed", "without places"])
def test_the_extent_is_that_of_all_cells_however_they_are_placed(tmp_path: Path, change: Callable[[str], str]) -> None:
    path = workbook(
        tmp_path / "t.xlsx", [[f"c{n}" for n in range(5)], [1, 2, None, 4], [None, None, None, None, None, None, None]]
    )
    with zipfile.ZipFile(path if change is str else changed(path, change)) as archive:
        found = held(archive, "visits 1")
    assert found is not None
    assert (found.last_row, found.last_column) == (3, 7)


def test_a_large_sheet_is_gone_through_in_little_memory(tmp_path: Path) -> None:
    """40 000 cells: 1.2 MB here; a tree of them took 23 MB."""
    rows = [[*range(10)]] * 4000
    path = workbook(tmp_path / "t.xlsx", rows)
    with zipfile.ZipFile(path) as archive:
        tracemalloc.start()
        found = held(archive, "visits 1")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert found is not None
    assert (found.last_row, found.last_column) == (4000, 10)
    assert peak < 4e6


@pytest.mark.parametrize("flipped", range(40, 1400, 97))
def test_a_damaged_workbook_is_one_message_or_read(tmp_path: Path, flipped: int) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW])
    content = bytearray(path.read_bytes())
    content[flipped % len(content)] ^= 0x5A
    path.write_bytes(content)
    with suppress(RecordsError):
        assert len(text_table(path)) <= 1


def test_a_small_workbook_that_unpacks_to_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", " " * 60_000_000)
    assert "the workbook unpacks to 0.1 GiB" in refused(path)


def test_a_workbook_with_a_part_twice_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/SHEET1.xml", "<worksheet/>")
    assert "the workbook holds a part twice" in refused(path)


@pytest.mark.parametrize("end", ["import os; os.abort()", "import time; time.sleep(60)", "'x' * 2**62"])
def test_a_reader_that_dies_or_hangs_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    path = workbook(tmp_path / "t.xlsx", [HEADER, ROW])
    run = subprocess.run
    monkeypatch.setattr(sheet_reader, "SECONDS", 2)
    monkeypatch.setattr(sheet_reader.subprocess, "run", lambda words, **more: run([words[0], "-c", end], **more))
    assert "the workbook can't be read; open it in a spreadsheet and save it as CSV UTF-8" in refused(path)
