"""Sheets of workbooks as text: what a sheet shows, never what a reader would silently leave blank."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from outcomes.errors import Breach, RecordsError
from outcomes.tabular.csv_reader import told_apart
from outcomes.tabular.disguised import refuse_disguised
from outcomes.tabular.sheet_xml import FAILED, FORMULA, VALUE, Held, NotASheet, held, letters

LARGEST = 2 * 2**30
"""The most bytes that a workbook may unpack to."""

MOST_CELLS = 2**26
"""The most cells between the first of a sheet and its last: a reader makes room for all of them."""

_AGAIN = {
    FORMULA: "a formula without a result; open the workbook in a spreadsheet, save it, or put in the value",
    VALUE: "a value that can't be read; open the workbook in a spreadsheet and save it",
}
_AGAIN[FAILED] = _AGAIN[FORMULA]


class Sheet(NamedTuple):
    """A sheet as it stands: `rows` of cells as text, the first row of the sheet first.

    `merged` are first row, first column, last row and last column of cells that are one, from 0. `unread`: row and column, from 0, of a
    cell that says something and can't be read -> why.
    """

    name: str
    is_hidden: bool
    rows: list[list[str | None]]
    merged: list[tuple[int, int, int, int]]
    unread: dict[tuple[int, int], str]


def sheets(path: Path, names: Sequence[str] = ()) -> list[Sheet]:
    """The sheets of these names, or every sheet that holds cells, in the order of the workbook.

    Raises:
        RecordsError: no such sheet, or a workbook that unpacks to too much, has a password or no sheet.
    """
    is_zip, workbook = _opened(path)
    for name in names:
        if name not in workbook.sheet_names:
            raise RecordsError(path.name, [Breach(None, None, f"the workbook has no sheet of the name {name!r}")])
    visible = {each.name for each in workbook.sheets_metadata if str(each.visible).endswith("Visible")}
    wanted = [name for name in workbook.sheet_names if name in (names or workbook.sheet_names)]
    cells = _held(path, wanted) if is_zip else {}
    found = []
    for name in wanted:
        sheet = workbook.get_sheet_by_name(name)
        if rows := sheet.to_python(skip_empty_area=False):
            unread = _unread(path, cells[name], rows) if is_zip else []
            problems = {(row - 1, column - 1): _AGAIN[kind] for row, column, kind in unread}
            merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            found.append(Sheet(name, name not in visible, [[text_of(value) for value in row] for row in rows], merged, problems))
    return found


def _opened(path: Path) -> tuple[bool, Any]:
    """Whether a workbook is an archive, and its reader."""
    from python_calamine import CalamineWorkbook, PasswordError

    is_zip = zipfile.is_zipfile(path)
    if is_zip:
        _check_size(path)
    try:
        return is_zip, CalamineWorkbook.from_path(path)
    except PasswordError:
        raise RecordsError(path.name, [Breach(None, None, "the workbook has a password; save it without one")]) from None


def table(path: Path, sheet: str | None, wanted: Sequence[str], once: Sequence[str]) -> pd.DataFrame:
    """One sheet of a workbook as text, its first row as the header.

    The sheet is the one named, else the one that holds cells; of several, the one that has all columns `wanted`.
    No column of those named in `once` may be there twice.

    Raises:
        RecordsError: no such sheet, several that fit, formulas without a result, or a workbook that unpacks to too much.
    """
    refuse_disguised(path)
    is_zip, workbook = _opened(path)
    if sheet is not None and sheet not in workbook.sheet_names:
        raise RecordsError(path.name, [Breach(None, None, f"the workbook has no sheet of the name {sheet!r}")])
    sheets = [sheet] if sheet is not None else workbook.sheet_names
    cells = _held(path, sheets) if is_zip else {}
    filled = {name: rows for name in sheets if (rows := workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))}
    name = _chosen(path, filled, wanted)
    for each in cells.keys() & {name} or cells:
        _check_read(path, cells[each], filled.get(each, []))
    header, *rows = filled.get(name, [[]]) or [[]]
    names = told_apart([text_of(value) or "" for value in header], path.name, once)
    return pd.DataFrame(
        [[text_of(value) for value in row] for row in rows],
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


def text_of(value: Any) -> str | None:
    """A cell as a sheet shows it; None where it is blank."""
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


def _held(path: Path, sheets: Sequence[str]) -> dict[str, Held | None]:
    """What the cells of each sheet hold.

    Refuses a sheet with a cell so far out that the reader, which makes room for all before it, would end the process.
    """
    with zipfile.ZipFile(path) as archive:
        try:
            found = {sheet: held(archive, sheet) for sheet in sheets}
        except NotASheet as problem:
            raise RecordsError(path.name, [Breach(None, None, str(problem))]) from None
    for cells in filter(None, found.values()):
        if cells.last_row * cells.last_column > MOST_CELLS:
            far = f"a sheet reaches down to row {cells.last_row:,} and over {cells.last_column:,} columns"
            raise RecordsError(path.name, [Breach(None, None, f"{far}; delete the cells far from the records")])
    return found


def _check_read(path: Path, cells: Held | None, rows: list[list[Any]]) -> None:
    """Refuse what says something and is blank in the `rows` of the reader: it would pass for what was not recorded."""
    breaches = [
        Breach(row, f"column {letters(column)}", _AGAIN[kind], "formula") for row, column, kind in _unread(path, cells, rows)
    ]
    if breaches:
        raise RecordsError(path.name, sorted(breaches, key=lambda breach: breach.row or 0))


def _unread(path: Path, cells: Held | None, rows: list[list[Any]]) -> list[tuple[int, int, int]]:
    """Row, column and kind of each cell that says something and is blank in the `rows` of the reader."""
    if cells is None:
        if rows:
            problem = "it can't be told whether every formula has a result; open the workbook in a spreadsheet and save it"
            raise RecordsError(path.name, [Breach(None, None, problem)])
        return []
    if again := cells.twice():
        row, column = again
        raise RecordsError(path.name, [Breach(row, f"column {letters(column)}", "the sheet has this cell twice", "twice")])
    return cells.unread(rows)
