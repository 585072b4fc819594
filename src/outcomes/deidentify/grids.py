"""Files and sheets of any kind as they stand: rows of cells as text, whatever the file goes by, and what of it is not as it is shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from outcomes.deidentify.mapping import ALL
from outcomes.errors import Breach, RecordsError, counted
from outcomes.tabular import csv_reader, excel
from outcomes.tabular.disguised import HTML, TEXT, disguised, html_tables, refuse_disguised
from outcomes.tabular.encoding import decoded
from outcomes.tabular.files import readable
from outcomes.tabular.formats import SHEETS, TABLES, checked_path
from outcomes.tabular.sheet_marks import Merged, marks
from outcomes.tabular.text import BLANKS

LOOKED_AT = 30
"""In how many rows from the top of a sheet the header is looked for."""

HIDDEN = "the sheet is hidden in the workbook; it was read all the same"


class Grid(NamedTuple):
    """A file or sheet as it stands: rows of cells as trimmed text, the first row first; blank cells are None.

    `is_typed`: numbers have a decimal point, whatever the clinic writes. `notes` say what of it is not as it is shown.
    """

    label: str
    sheet: str | None
    rows: list[list[str | None]]
    is_typed: bool
    is_text: bool = False
    merged: tuple[Merged, ...] = ()
    unread: Mapping[tuple[int, int], str] = MappingProxyType({})
    is_1904: bool = False
    notes: tuple[str, ...] = ()


def grids(path: Path, sheets: Sequence[str] = ()) -> list[Grid]:
    """Each sheet of a workbook that holds cells, or the one table of a text file or web page.

    Raises:
        RecordsError, UsageError: the file can't be read.
    """
    checked_path(path)
    with readable(path.name, path):
        if path.suffix.lower() in TABLES:
            return [_text(path)]
        kind = disguised(path) if path.suffix.lower() in SHEETS else None
        if kind == TEXT:
            return [_text(path)._replace(notes=(f"{path.name} is a text under the ending of a workbook; it was read as one",))]
        if kind == HTML:
            return _html(path)
        refuse_disguised(path)
        return [_sheet(path, sheet) for sheet in excel.sheets(path, () if ALL in sheets else sheets)]


def _text(path: Path) -> Grid:
    """The rows of a text file by the strict dialect of every other reader."""
    content = decoded(path)
    csv.field_size_limit(csv_reader.LONGEST_LINE)
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=_separator(content), strict=True))
    except csv.Error:
        raise RecordsError(path.name, csv_reader.faults(path)) from None
    return Grid(path.name, None, [[_cell(value) for value in row] for row in rows], is_typed=False, is_text=True)


def _separator(content: str) -> str:
    """The separator of the first line that is not blank; under a title of none or one, that of the line with most of one."""
    lines = [line for line in islice(io.StringIO(content), 2 * LOOKED_AT) if line.strip()] or [""]
    first = csv_reader.separator_of(lines[0])
    if lines[0].count(first) > 1:
        return first
    return max(map(csv_reader.separator_of, lines), key=lambda separator: max(line.count(separator) for line in lines))


def _html(path: Path) -> list[Grid]:
    note = f"{path.name} is a web page (HTML) under the ending of a workbook; its table was read"
    tables = html_tables(path)
    if not tables:
        raise RecordsError(
            path.name, [Breach(None, None, "this is a web page (HTML) under the ending of a workbook, without a table")]
        )
    longest = max(tables, key=len)
    # What a program had no value for, pandas writes as NaN.
    rows = [[_cell("" if value == "NaN" else value) for value in row] for row in longest]
    return [Grid(path.name, None, rows, is_typed=False, notes=(note,))]


def _sheet(path: Path, sheet: excel.Sheet) -> Grid:
    shown = marks(path, sheet.name)
    hidden = [row for row in shown.hidden if row < len(sheet.rows) and any(sheet.rows[row])]
    notes = []
    if hidden:
        notes.append(
            f"{counted(len(hidden), 'rows')} hidden in the sheet, by a filter or by hand; they were read like the others"
        )
    if sheet.is_hidden:
        notes.append(HIDDEN)
    return Grid(
        path.name,
        sheet.name,
        [[_cell(value) for value in row] for row in sheet.rows],
        is_typed=True,
        merged=(*sheet.merged, *shown.merged),
        unread=sheet.unread,
        is_1904=shown.is_1904,
        notes=tuple(notes),
    )


def _cell(text: str | None) -> str | None:
    return (text or "").strip(BLANKS) or None


def header_names(grid: Grid, rows: Sequence[int]) -> list[str | None]:
    """The names in the row of the header, numbered from 1; of two, each name of the upper one stands before those below it."""
    lower = list(grid.rows[rows[-1] - 1])
    if len(rows) == 1:
        return lower
    upper = [*grid.rows[rows[0] - 1]]
    width = max(len(upper), len(lower))
    upper, lower = [*upper, *[None] * (width - len(upper))], [*lower, *[None] * (width - len(lower))]
    spans = [(left, right) for top, left, bottom, right in grid.merged if top <= rows[0] - 1 <= bottom and right > left]
    over, last = [*upper], None
    for column in range(width):
        span = next((left for left, right in spans if left < column <= right), None)
        if span is not None:
            over[column] = upper[span]
        elif upper[column] is not None:
            # A name with nothing below it is that of its own column alone.
            last = upper[column] if lower[column] is not None else None
        elif not spans and lower[column] is not None:
            over[column] = last
    return [" ".join(part for part in pair if part) or None for pair in zip(over, lower, strict=True)]
