"""Text files of separated cells, read by one strict dialect: nothing is guessed, skipped or padded.

Left to guess, a reader takes a ragged file for a table of one column, skips the rows above what it takes for the
header, or reads two rows as one cell between two apostrophes. Here only the separator is found out, from the header.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from outcomes.errors import Breach, RecordsError, counted
from outcomes.tabular.batches import poured
from outcomes.tabular.encoding import encoding_of
from outcomes.tabular.engines import ROW

SEPARATORS = (",", ";", "\t", "|")

LONGEST_LINE = 2_000_000
"""Characters of the longest row, as of the engine: a longer one is no table."""

MOST_COLUMNS = 4_000
"""The most columns of a source: an engine takes some seconds over so many, and hours over a hundred thousand."""

_TOO_LONG = f"a row of more than {LONGEST_LINE:,} characters; is a quotation mark not closed, or is this no table?"
_MOST_FAULTS = 100_000
_CHUNK = 2**22
_NOT_PLAIN = (b'"', b"\t", b"\v", b"\f", b"\xa0", b"\xef")
"""Bytes of quotation marks and of blanks; those beyond ASCII are in other letters too."""


class Header(NamedTuple):
    """The names in the first row that is not blank, each told apart from the others; `blank` lines stand above it."""

    names: tuple[str, ...]
    separator: str
    blank: int


def header(path: Path) -> Header:
    """The header of a text file; no names where it has none.

    Raises:
        RecordsError: a row too long for a table.
    """
    with _opened(path) as lines:
        first = next((line for line in iter(lambda: lines.readline(LONGEST_LINE), "") if line.strip()), "")
    separator = separator_of(first)
    if len(first) == LONGEST_LINE:
        raise RecordsError(path.name, [Breach(None, None, _TOO_LONG)])
    blank = 0
    try:
        for cells in _rows(path, separator, strict=False):
            if cells:
                return Header(tuple(cells) if any(cell.strip() for cell in cells) else (), separator, blank)
            blank += 1
    except csv.Error:
        raise RecordsError(path.name, [Breach(blank + 1, None, _TOO_LONG)]) from None
    return Header((), separator, blank)


def separator_of(line: str) -> str:
    """The separator that stands most often in a line, outside of quotation marks.

    >>> separator_of('"a, b, c";d')
    ';'
    """
    return max(SEPARATORS, key=re.sub('"[^"]*"', "", line).count)


class Lines(NamedTuple):
    """How many `records` stand below the header, and how many lines are `blank`."""

    records: int
    blank: int


def lines(path: Path) -> Lines:
    """The lines of a text file, by its bytes alone where it is UTF-8; a line that ends within quotation marks goes on."""
    if encoding_of(path):
        names, separator, _ = header(path)
        are_filled = [bool(cells) or len(names) == 1 for cells in _rows(path, separator, strict=False)]
        return Lines(max(sum(are_filled) - 1, 0), are_filled.count(False))
    filled = blank = last = 0
    is_quoted, is_after_end = False, True
    with path.open("rb") as file:
        chunk = file.read(_CHUNK).removeprefix(codecs.BOM_UTF8)
        while chunk:
            if not is_quoted and b'"' not in chunk and chunk[0] not in b"\r\n" and _is_even(chunk):
                filled += chunk.count(b"\n")
                is_after_end = chunk[-1:] == b"\n"
            else:
                letters = np.frombuffer(chunk, np.uint8)
                quotes = np.cumsum(letters == ord('"')) + is_quoted
                is_end = np.isin(letters, (ord("\n"), ord("\r"))) & (quotes % 2 == 0)
                is_after = np.append(is_after_end, is_end[:-1])
                is_pair = (letters == ord("\n")) & (np.append(last, letters[:-1]) == ord("\r"))
                filled += int(np.count_nonzero(is_end & ~is_after))
                blank += int(np.count_nonzero(is_end & is_after & ~is_pair))
                is_quoted, is_after_end = bool(quotes[-1] % 2), bool(is_end[-1])
            last = chunk[-1]
            chunk = file.read(_CHUNK)
    return Lines(max(filled + (not is_after_end) - 1, 0), blank)


def _is_even(chunk: bytes) -> bool:
    """Whether all lines of a chunk without quotation marks end alike, and none is blank."""
    returns = chunk.count(b"\r")
    if returns == 0:
        return b"\n\n" not in chunk
    return returns == chunk.count(b"\n") == chunk.count(b"\r\n") and b"\n\r" not in chunk


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


def decode(connection: Any, path: Path, of: Header, names: Sequence[str]) -> Any:
    """The same of a text file in another encoding than UTF-8, which is decoded row by row into a table of the connection.

    Raises:
        RecordsError: it is no table.
    """
    if found := faults(path):
        raise RecordsError(path.name, found)
    return poured(connection, names, (cells[: len(names)] for cells in islice(_records(path, of), 1, None)))


def _records(path: Path, of: Header) -> Iterator[list[str]]:
    """The rows that an engine counts, the header first: blank lines are none, but in a table of one column."""
    blank = of.blank
    for cells in _rows(path, of.separator, strict=False):
        if blank:
            blank -= 1
        elif cells or len(of.names) == 1:
            yield cells or [""]


def faults(path: Path) -> list[Breach]:
    """Why the file is no table: rows with too many or too few cells, or too long, or a quotation left open."""
    names, separator, _ = header(path)
    found, number = [], 0
    try:
        for number, cells in enumerate(_rows(path, separator), start=1):
            if sum(map(len, cells)) > LONGEST_LINE:
                found.append(Breach(number, None, _TOO_LONG))
            elif cells and (len(cells) < len(names) or any(cells[len(names) :])):
                found.append(Breach(number, None, f"{counted(len(cells), 'cells')}, but the header has {len(names)}", "ragged"))
            if len(found) == _MOST_FAULTS:
                break
    except csv.Error as problem:
        unclosed = "a quotation mark is out of place or never closed"
        found.append(Breach(number + 1, None, _TOO_LONG if "field larger" in str(problem) else unclosed))
    return found


def told_apart(names: Sequence[str], source: str, once: Iterable[str] = ()) -> list[str]:
    """The names of a source's columns, each different and none blank.

    Raises:
        RecordsError: one of the names in `once` is there twice, whatever its case, or there are too many names.
    """
    if len(names) > MOST_COLUMNS:
        problem = f"{len(names):,} columns, but at most {MOST_COLUMNS:,} are read; save a file with the columns that are needed"
        raise RecordsError(source, [Breach(None, None, problem)])
    plain = [name.strip().lower() for name in names]
    for name in once:
        if plain.count(name) > 1:
            raise RecordsError(source, [Breach(1, name, f"{plain.count(name)} columns have this name")])
    apart: list[str] = []
    taken = {ROW}
    for place, name in enumerate(names, start=1):
        own = name if name.strip() else f"column {place}"
        apart.append(own if own.lower() not in taken else f"{own} ({place})")
        taken.add(apart[-1].lower())
    return apart


def is_trimmed(path: Path) -> bool:
    """Whether it is sure that no cell is in quotation marks, or begins or ends with a blank.

    To look for them among all bytes takes a tenth of the time in which an engine looks at both ends of every cell.
    """
    if encoding_of(path):
        return False
    separator = header(path).separator.encode()
    plain = bytes(range(0x20, 0x7F)).replace(b'"', b"") + b"\r\n" + separator
    edges = np.frombuffer(b"\r\n" + separator, np.uint8)
    lines = returns = pairs = 0
    with path.open("rb") as file:
        last = b"\n" + file.read(3).removeprefix(codecs.BOM_UTF8)
        while chunk := file.read(_CHUNK):
            lines, returns = lines + chunk.count(b"\n"), returns + chunk.count(b"\r")
            pairs += (last[-1:] + chunk).count(b"\r\n") if returns else 0
            chunk = last + chunk
            others = chunk.translate(None, plain)
            if any(blank in others for blank in _NOT_PLAIN) or _is_blank_beside(chunk, edges):
                return False
            last = chunk[-2:]
    # Lines that end in two ways can leave half an end in a cell.
    return returns in (0, lines) and returns == pairs and not _is_blank_beside(last + b"\n", edges)


def _is_blank_beside(chunk: bytes, edges: Any) -> bool:
    cells = np.frombuffer(chunk, np.uint8)
    blanks = np.flatnonzero(cells[1:-1] == ord(" ")) + 1
    return bool(np.isin(cells[blanks - 1], edges).any() or np.isin(cells[blanks + 1], edges).any())


def numbering(path: Path) -> list[int]:
    """The row of each record as a spreadsheet numbers it, which counts the blank lines that an engine skips."""
    names, separator, _ = header(path)
    return [number for number, cells in enumerate(_rows(path, separator, strict=False), start=1) if cells or len(names) == 1][1:]


def _rows(path: Path, separator: str, *, strict: bool = True) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_LINE)
    with _opened(path) as lines:
        yield from csv.reader(lines, delimiter=separator, strict=strict)


def _opened(path: Path) -> Any:
    return path.open(encoding=encoding_of(path) or "utf-8-sig", errors="surrogateescape", newline="")
