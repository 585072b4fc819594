"""Sheets of workbooks as text: what a sheet shows, never what a reader would silently leave blank."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

import pandas as pd

from outcomes.errors import Breach, OutcomesError, RecordsError
from outcomes.tabular.csv_reader import told_apart
from outcomes.tabular.disguised import refuse_disguised
from outcomes.tabular.sheet_reader import sheets_of
from outcomes.tabular.sheet_xml import FAILED, FORMULA, VALUE, Held, NotASheet, held, letters, sheet_names

LARGEST = 2 * 2**30
"""The most bytes that a workbook may unpack to."""

MOST_PACKED, PLENTY = 100, 50_000_000
"""How many times its own size a workbook of session records may unpack to - sheets come to 10 to 30 times - and what each may."""

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
        RecordsError: no such sheet, or a workbook that can't be read, unpacks to too much or has a password.
    """
    one = names[0] if len(names) == 1 else None
    is_zip = zipfile.is_zipfile(path)
    # Before the reader, which makes room for all that a sheet reaches to.
    cells = _held_of(path, one) if is_zip else {}
    book = sheets_of(path, one)
    for name in names:
        if name not in book.names:
            raise RecordsError(path.name, [Breach(None, None, f"the workbook has no sheet of the name {name!r}")])
    found = []
    for name, rows in book.rows.items():
        if names and name not in names:
            continue
        unread = _unread(path, cells.get(name), rows) if is_zip else []
        problems = {(row - 1, column - 1): _AGAIN[kind] for row, column, kind in unread}
        text = [[text_of(value) for value in row] for row in rows]
        found.append(Sheet(name, name in book.hidden, text, book.merged.get(name, []), problems))
    return found


def table(path: Path, sheet: str | None, wanted: Sequence[str], once: Sequence[str]) -> pd.DataFrame:
    """One sheet of a workbook as text, its first row as the header.

    The sheet is the one named, else the one that holds cells; of several, the one that has all columns `wanted`.
    No column of those named in `once` may be there twice.

    Raises:
        RecordsError: no such sheet, several that fit, formulas without a result, or a workbook that unpacks to too much.
    """
    refuse_disguised(path)
    is_zip = zipfile.is_zipfile(path)
    # Before the reader, which makes room for all that a sheet reaches to.
    cells = _held_of(path, sheet) if is_zip else {}
    book = sheets_of(path, sheet)
    names, filled = book.names, book.rows
    if sheet is not None and sheet not in names:
        raise RecordsError(path.name, [Breach(None, None, f"the workbook has no sheet of the name {sheet!r}")])
    if is_zip:
        cells = dict.fromkeys(names) | cells if sheet is None else cells
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


def _check_size(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    if size > min(LARGEST, max(MOST_PACKED * path.stat().st_size, PLENTY)):
        raise RecordsError(path.name, [Breach(None, None, f"the workbook unpacks to {size / 2**30:.1f} GiB; save it as CSV")])
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    if len({*names}) < len(names):
        raise RecordsError(
            path.name, [Breach(None, None, "the workbook holds a part twice; open it in a spreadsheet and save it")]
        )


def _held_of(path: Path, sheet: str | None) -> dict[str, Held | None]:
    """The same as `_held`, however the archive is damaged: what unpacks it fails in many ways."""
    try:
        return _held(path, sheet)
    except (OutcomesError, MemoryError, zipfile.BadZipFile, ParseError):
        raise
    except Exception:
        problem = "the workbook is damaged; open it in a spreadsheet and save it"
        raise RecordsError(path.name, [Breach(None, None, problem)]) from None


def _held(path: Path, sheet: str | None) -> dict[str, Held | None]:
    """What the cells of the sheet named, or of each sheet, hold.

    Refuses a sheet with a cell so far out that the reader, which makes room for all before it, would end the process.
    """
    with zipfile.ZipFile(path) as archive:
        _check_size(path, archive)
        try:
            found = {each: held(archive, each) for each in (sheet_names(archive) if sheet is None else [sheet])}
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
