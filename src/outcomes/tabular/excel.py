"""Sheets of workbooks as text: what a sheet shows, never what a reader would silently leave blank."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import reduce
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from outcomes.errors import Breach, RecordsError
from outcomes.tabular.csv_reader import told_apart

LARGEST = 2 * 2**30
"""The most bytes that a workbook may unpack to."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MOST_CELLS = 2**26
"""The most cells between the first of a sheet and its last: a reader makes room for all of them."""

_CHUNK, _OVERLAP = 2**24, 2**16
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
# A formula that was never calculated, and one that failed: both come back blank from the reader.
_UNCALCULATED = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+[0-9]+)"[^>]*><(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_FAILED = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+[0-9]+)"')


def table(path: Path, sheet: str | None, wanted: Sequence[str], once: Sequence[str]) -> pd.DataFrame:
    """One sheet of a workbook as text, its first row as the header.

    The sheet is the one named, else the one that holds cells; of several, the one that has all columns `wanted`.
    No column of those named in `once` may be there twice.

    Raises:
        RecordsError: no such sheet, several that fit, formulas without a result, or a workbook that unpacks to too much.
    """
    from python_calamine import CalamineWorkbook, PasswordError

    is_zip = zipfile.is_zipfile(path)
    if is_zip:
        _check_size(path)
    try:
        workbook = CalamineWorkbook.from_path(path)
    except PasswordError:
        raise RecordsError(path.name, [Breach(None, None, "the workbook has a password; save it without one")]) from None
    if sheet is not None and sheet not in workbook.sheet_names:
        raise RecordsError(path.name, [Breach(None, None, f"the workbook has no sheet of the name {sheet!r}")])
    sheets = [sheet] if sheet is not None else workbook.sheet_names
    if is_zip:
        _check_extent(path, sheets)
    filled = {name: rows for name in sheets if (rows := workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))}
    name = _chosen(path, filled, wanted)
    if is_zip:
        _check_formulas(path, name)
    header, *rows = filled.get(name, [[]]) or [[]]
    names = told_apart([_cell(value) or "" for value in header], path.name, once)
    return pd.DataFrame(
        [[_cell(value) for value in row] for row in rows],
        columns=names,
        dtype="str",
    )


def _chosen(path: Path, filled: dict[str, list[list[Any]]], wanted: Sequence[str]) -> str:
    if len(filled) <= 1:
        return next(iter(filled), "")
    fitting = [name for name, rows in filled.items() if {*wanted} <= {str(cell).strip().lower() for cell in rows[0]}]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        return next(iter(filled))
    many = "have the columns of session records" if wanted else "hold cells"
    way = (
        "keep the records in one"
        if wanted
        else 'write sheet = "..." under [export] in the mapping; with --example, name it with --sheet'
    )
    raise RecordsError(path.name, [Breach(None, None, f"{len(fitting)} sheets {many}; {way}")])


def _cell(value: Any) -> str | None:
    if isinstance(value, float):
        # As a sheet shows it: 0.1 + 0.2 is 0.3.
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return None if value == "" else str(value)


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > LARGEST:
        raise RecordsError(path.name, [Breach(None, None, f"the workbook unpacks to {size / 2**30:.0f} GiB; save it as CSV")])


def _check_extent(path: Path, sheets: Sequence[str]) -> None:
    """Refuse a sheet with a cell so far out that the reader, which makes room for all before it, would end the process."""
    with zipfile.ZipFile(path) as archive:
        for part in filter(None, (_part(archive, sheet) for sheet in sheets)):
            columns: set[bytes] = set()
            last = 0
            for text in _pieces(archive, part):
                found = _CELL.findall(text)
                columns.update(column for column, _ in found)
                last = max(last, max((int(row) for _, row in found), default=0))
            width = max(map(_place, columns), default=0)
            if last * width > MOST_CELLS:
                problem = (
                    f"a sheet reaches down to row {last:,} and over {width:,} columns; delete the cells far from the records"
                )
                raise RecordsError(path.name, [Breach(None, None, problem)])


def _place(column: bytes) -> int:
    """The number of a column by its letters: A is 1, AA is 27."""
    return reduce(lambda place, letter: place * 26 + letter - 64, column, 0)


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part of the archive in pieces that overlap."""
    with archive.open(part) as file:
        before = b""
        while chunk := file.read(_CHUNK):
            text = before + chunk
            yield text
            before = text[-_OVERLAP:]


def _check_formulas(path: Path, sheet: str) -> None:
    """Refuse formulas that have no result: the reader gives them as blank cells."""
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        found = dict.fromkeys(_without_result(archive, part)) if part else {}
    if found:
        problem = "a formula without a result; open the workbook in a spreadsheet, save it, or put in the value"
        breaches = [Breach(int(row), f"column {column}", problem, "formula") for column, row in found]
        raise RecordsError(path.name, sorted(breaches, key=lambda breach: breach.row or 0))


def _without_result(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    for text in _pieces(archive, part):
        for pattern in (_UNCALCULATED, _FAILED):
            for match in pattern.finditer(text):
                column, row = re.findall(r"[A-Z]+|[0-9]+", match[1].decode())
                yield column, row


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the part of the archive that holds a sheet."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    wanted = next((each.get(f"{_RELATED}id") for each in sheets if each.get("name") == sheet), None)
    related = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next((each.get("Target") for each in related if each.get("Id") == wanted), None)
    if target is None:
        return None
    part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    return part if part in archive.namelist() else None
