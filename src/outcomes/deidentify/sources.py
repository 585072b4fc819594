"""The tables of one or several exports: files and sheets that hold the mapped columns, with the row of the header found or as told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from outcomes.deidentify.dates import SERIAL
from outcomes.deidentify.grids import HIDDEN, LOOKED_AT, Grid, grids, header_names
from outcomes.deidentify.mapping import ALL, Mapping
from outcomes.errors import Breach, RecordsError, UsageError, counted
from outcomes.tabular import csv_reader
from outcomes.tabular.engines import ROW
from outcomes.tabular.files import text_table
from outcomes.tabular.formats import DATABASES

WITH_NAMES = (".parquet", *DATABASES)
"""Files whose columns have names of their own, so that no header is looked for."""


class Source(NamedTuple):
    """One table of an export. `table` has its columns as text and `source_row`, the row as a spreadsheet numbers it.

    `unread` are cells that say something and can't be read: row, column and why. `filled`: column -> how many of its cells are part of a
    merged one and were given its value.
    """

    label: str
    table: pd.DataFrame
    is_typed: bool
    unread: tuple[Breach, ...]
    filled: dict[str, int]
    notes: tuple[str, ...]

    @property
    def headers(self) -> list[str]:
        """The names of its columns."""
        return [name for name in self.table if name != ROW]


def read_sources(paths: Sequence[Path], mapping: Mapping) -> list[Source]:
    """The tables of the exports that hold the mapped columns, one for each file or sheet.

    Raises:
        RecordsError, UsageError: a file can't be read as tables of text, or it can't be told which sheet is meant.
    """
    sources: list[Source] = []
    for path in paths:
        has_names = path.suffix.lower() in WITH_NAMES
        sources += _tables(path, mapping.sheets) if has_names else _of_grids(path, grids(path, mapping.sheets), mapping)
    return sources


def _tables(path: Path, names: Sequence[str]) -> list[Source]:
    """The only table of a Parquet file, or those named of a database."""
    return [Source(path.name, text_table(path, sheet=name), True, (), {}, ()) for name in names or (None,)]


def _of_grids(path: Path, found: list[Grid], mapping: Mapping) -> list[Source]:
    """The tables among the sheets of one file that are meant: those named, or the one that has the mapped columns."""
    if not any(any(row) for grid in found for row in grid.rows):
        raise RecordsError(path.name, [Breach(None, None, "the file is empty")])
    hidden = sum(HIDDEN in grid.notes for grid in found)
    is_named = bool(mapping.sheets) and ALL not in mapping.sheets
    shown = found if is_named else [grid for grid in found if HIDDEN not in grid.notes] or found
    fitting = [grid for grid in shown if _header(grid, mapping) is not None]
    if is_named:
        chosen = shown
    elif ALL in mapping.sheets:
        # A sheet with some of the columns is one of the tables, and what it lacks is told.
        chosen = [grid for grid in shown if grid in fitting or _has_some(grid, mapping)]
    else:
        chosen = fitting or shown[:1]
        if len(chosen) > 1:
            names = ", ".join(f'"{grid.sheet}"' for grid in chosen)
            problem = f'{len(chosen)} sheets have the mapped columns; write sheet = "..." under [export] for one of them, or sheets = [{names}] to read them together'
            raise RecordsError(path.name, [Breach(None, None, problem)])
    notes = []
    if not is_named and len(shown) > len(chosen):
        notes.append(f"{counted(len(shown) - len(chosen), 'other sheets')} not read")
    if not is_named and hidden and shown is not found:
        notes.append(f"{counted(hidden, 'hidden sheets')} not read")
    several = len(chosen) > 1
    return [_source(grid, mapping, several, notes if place == 0 else []) for place, grid in enumerate(chosen or shown[:1])]


def _source(grid: Grid, mapping: Mapping, is_one_of_several: bool, notes: Sequence[str]) -> Source:
    label = f"{grid.label} sheet {grid.sheet}" if is_one_of_several else grid.label
    if grid.is_1904 and "serial" in mapping.dates:
        raise UsageError(f'{label}: days are counted from 1904 here; write dates = "{[*SERIAL][1]}" under [export]')
    found = _header(grid, mapping)
    if mapping.header and found is None and (place := _header(grid, replace(mapping, header=()))) is not None:
        raise UsageError(f"{label}: the mapped columns stand in row {place + 1}; write header = {place + 1} under [export]")
    rows = list(mapping.header) or [(_first(grid) if found is None else found) + 1]
    if rows[-1] > len(grid.rows):
        raise RecordsError(
            label, [Breach(None, None, f"has {counted(len(grid.rows), 'rows')}, but [export] header = {mapping.header[-1]}")]
        )
    # A header may stand on several lines of its cell.
    names = csv_reader.told_apart([" ".join((name or "").split()) for name in header_names(grid, rows)], label)
    told = [*notes, *grid.notes]
    above = sum(1 for row in grid.rows[: rows[0] - 1] if any(row))
    if above:
        told.append(f"the header was read from row {rows[0]}; {counted(above, 'rows')} above it left out")
    _check_lengths(grid, rows[-1], len(names), label)
    width = len(names)
    body = [[*row[:width], *[None] * (width - len(row))] for row in grid.rows[rows[-1] :]]
    filled: dict[str, int] = {}
    for top, left, bottom, right in grid.merged:
        value = grid.rows[top][left] if top < len(grid.rows) and left < len(grid.rows[top]) else None
        for row in range(max(top, rows[-1]), min(bottom + 1, len(grid.rows))):
            for column in range(left, min(right + 1, width)):
                if value is not None and body[row - rows[-1]][column] is None and (row, column) != (top, left):
                    body[row - rows[-1]][column] = value
                    filled[names[column]] = filled.get(names[column], 0) + 1
    table = pd.DataFrame(body, columns=names, dtype=object)
    table[ROW] = range(rows[-1] + 1, rows[-1] + 1 + len(body))
    if grid.is_text:
        # A blank line is no row of a text file.
        is_row = pd.Series([bool(row) or width == 1 for row in grid.rows[rows[-1] :]], index=table.index, dtype=bool)
        table = table.loc[is_row].reset_index(drop=True)
    repeated = _repeats_header(table, names)
    if repeated.any():
        told.append(f"{counted(int(repeated.sum()), 'rows')} with the names of the columns again left out")
        table = table.loc[~repeated].reset_index(drop=True)
    unread = tuple(
        Breach(row + 1, names[column], problem)
        for (row, column), problem in grid.unread.items()
        if row >= rows[-1] and column < width
    )
    return Source(label, table, grid.is_typed, unread, filled, tuple(told))


def _repeats_header(table: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Rows that hold the names of the columns once more, as at the top of each printed page or month, and nothing else."""
    same = sum((table[name].eq(name).astype("int64") for name in names), start=pd.Series(0, index=table.index))
    return (same >= _FEWEST_NAMES) & (same == table[[*names]].notna().sum(axis=1))


_FEWEST_NAMES = 2


def _header(grid: Grid, mapping: Mapping) -> int | None:
    """The row of the header, from 0: the first from the top that has every mapped column; None where there is none."""
    if mapping.header:
        is_there = mapping.header[-1] <= len(grid.rows)
        return mapping.header[0] - 1 if is_there and not mapping.lacking(_texts(header_names(grid, mapping.header))) else None
    return next((place for place, row in enumerate(grid.rows[:LOOKED_AT]) if any(row) and not mapping.lacking(_texts(row))), None)


def _has_some(grid: Grid, mapping: Mapping) -> bool:
    return any(len(mapping.lacking(_texts(row))) < len(mapping.used) for row in grid.rows[:LOOKED_AT])


def _first(grid: Grid) -> int:
    return next((place for place, row in enumerate(grid.rows) if any(row)), 0)


def _texts(row: Sequence[str | None]) -> list[str]:
    return [text or "" for text in row]


def _check_lengths(grid: Grid, header: int, width: int, label: str) -> None:
    if not grid.is_text:
        return
    found = [
        Breach(number, None, f"{counted(len(row), 'cells')}, but the header has {width}", "ragged")
        for number, row in enumerate(grid.rows[header:], start=header + 1)
        if row and (len(row) < width or any(row[width:]))
    ]
    if found:
        raise RecordsError(label, found)
