"""Text files of separated cells, read by one strict dialect: nothing is guessed, skipped or padded.

Left to guess, a reader takes a ragged file for a table of one column, skips the rows above what it takes for the
header, or reads two rows as one cell between two apostrophes. Here only the separator is found out, from the header.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from outcomes.errors import Breach

SEPARATORS = (",", ";", "\t", "|")

NOT_TEXT = 'holds characters that are not UTF-8; save the file as "CSV UTF-8"'

_LONGEST_CELL = 2**21


class Header(NamedTuple):
    """The names in the first row that is not blank, each told apart from the others; `blank` lines stand above it."""

    names: tuple[str, ...]
    separator: str
    blank: int


def header(path: Path) -> Header:
    """The header of a text file; no names where it has none."""
    with _opened(path) as lines:
        first = next((line for line in lines if line.strip()), "")
    unquoted = re.sub('"[^"]*"', "", first)
    separator = max(SEPARATORS, key=unquoted.count)
    blank = 0
    for cells in _rows(path, separator, strict=False):
        if cells:
            return Header(tuple(cells) if any(cell.strip() for cell in cells) else (), separator, blank)
        blank += 1
    return Header((), separator, blank)


def read(connection: Any, path: str, of: Header, names: Iterable[str]) -> Any:
    """The rows below the header as a DuckDB relation of text columns with these names; `path` may hold no pattern."""
    return connection.read_csv(
        path,
        auto_detect=False,
        header=True,
        skiprows=of.blank,
        sep=of.separator,
        quotechar='"',
        escapechar='"',
        columns=dict.fromkeys(names, "VARCHAR"),
    )


def faults(path: Path) -> list[Breach]:
    """Why the file is no table: rows with too many or too few cells, a quotation left open, bytes that are not UTF-8."""
    names, separator, _ = header(path)
    found, number = [], 0
    try:
        for number, cells in enumerate(_rows(path, separator), start=1):
            if not is_text(cells):
                found.append(Breach(number, None, NOT_TEXT))
            elif cells and (len(cells) < len(names) or any(cells[len(names) :])):
                found.append(Breach(number, None, f"{_counted(len(cells))}, but the header has {len(names)}"))
    except csv.Error:
        found.append(Breach(number + 1, None, "a quotation mark is out of place or never closed"))
    return found


def is_text(cells: Iterable[str]) -> bool:
    """Whether all bytes of the cells were UTF-8."""
    return not any("\udc80" <= character <= "\udcff" for cell in cells for character in cell)


def numbering(path: Path) -> list[int]:
    """The row of each record as a spreadsheet numbers it, which counts the blank lines that an engine skips."""
    names, separator, _ = header(path)
    return [number for number, cells in enumerate(_rows(path, separator, strict=False), start=1) if cells or len(names) == 1][1:]


def _counted(n: int) -> str:
    return f"{n} {'cell' if n == 1 else 'cells'}"


def _rows(path: Path, separator: str, *, strict: bool = True) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    with _opened(path) as lines:
        yield from csv.reader(lines, delimiter=separator, strict=strict)


def _opened(path: Path) -> Any:
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
