"""How an export lies, found in it: the sheets and the row of the header, and columns of several visits or of one value a row as columns of one kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from outcomes.deidentify.grids import HIDDEN, LOOKED_AT, Grid, grids, header_names
from outcomes.deidentify.headers import LISTS, matches, plain_words
from outcomes.deidentify.mapping import OF_PATIENTS, Mapping
from outcomes.deidentify.sources import WITH_NAMES, Source, read_sources
from outcomes.tabular.engines import ROW
from outcomes.tabular.words import words

_BEFORE = frozenset(words(LISTS["layout"]["before"]))
_AFTERWARDS = frozenset(words(LISTS["layout"]["after"]))
_VISIT = frozenset(words(LISTS["layout"]["visit"]))
_DAYS = {word: days for days, listed in (("1", "day"), ("7", "week"), ("30", "month")) for word in words(LISTS["layout"][listed])}
_MEASURE, _VALUE = (frozenset(words(LISTS["layout"][name])) for name in ("measure", "value"))
_LATER = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words(LISTS['layout']['later']), key=len, reverse=True)))})\b")
LATER = 100
"""Number of the first visit that is told as one after the last session; others of the kind follow it."""

_SHORT = re.compile(r"[vstmwd]([0-9]{1,2})")
_FEWEST = 2

_SURE = 3
"""Columns of a record that a row below the first names where it is the header."""


class Column(NamedTuple):
    """Cells of one kind, under a name that is compared as a header: a column of the export, those of each visit, or the values of a measure.

    `headers` are the export's own: one, or one for each of `visits` in order. `measure` is the name of the measure.
    """

    name: str
    cells: pd.Series
    headers: tuple[str, ...]
    visits: tuple[int, ...] = ()
    measure: str = ""


class Layout(NamedTuple):
    """An export as its columns of one kind, and the lines that a mapping needs to find them.

    `long` are the columns of the measure and its value; `days` tells how many days a step from visit to visit is, by the headers.
    """

    table: pd.DataFrame
    columns: tuple[Column, ...]
    is_typed: bool = False
    sheets: tuple[str, ...] = ()
    header: tuple[int, ...] = ()
    long: tuple[str, str] = ("", "")
    days: int = 0


def layout_of(paths: Sequence[Path], sheet: str | None = None) -> Layout:
    """The layout of exports that are read as one table.

    Raises:
        RecordsError, UsageError: they can't be read as tables.
    """
    first = paths[0]
    if first.suffix.lower() in WITH_NAMES:
        named = (sheet,) if sheet else ()
        sources = read_sources(paths, Mapping(columns={}, sheets=named))
        return columns_of(_together(sources))._replace(is_typed=True, sheets=named)
    sheets, header = _sheets(grids(first, (sheet,) if sheet else ()), sheet)
    sources = read_sources(paths, Mapping(columns={}, sheets=sheets, header=header))
    deep = header if len(header) > 1 else ()
    return columns_of(_together(sources))._replace(is_typed=sources[0].is_typed, sheets=sheets, header=deep)


def columns_of(table: pd.DataFrame) -> Layout:
    """The layout of one table."""
    table = table.drop(columns=[ROW], errors="ignore")
    plain = {name: plain_words(name) for name in table}
    measure, value = (next((name for name in table if plain[name] in known), "") for known in (_MEASURE, _VALUE))
    if measure and value and measure != value:
        rest = [Column(name, table[name], (name,)) for name in table if name not in (measure, value)]
        measured = table[measure].dropna()
        each = [
            Column(name, table.loc[measured.index[measured == name], value], (value,), measure=name) for name in measured.unique()
        ]
        return Layout(table, (*rest, *each), long=(measure, value))
    numbered = [] if _has_rows_of_visits(table) else _numbered(table, plain)
    if not numbered:
        return Layout(table, tuple(Column(name, table[name], (name,)) for name in table))
    taken = {name for column in numbered for name in column.headers}
    rest = [Column(name, table[name], (name,)) for name in table if name not in taken]
    units = {_DAYS[word] for name in taken for word in plain[name].split() if word in _DAYS}
    visits = {visit for column in numbered for visit in column.visits}
    has_mixed = 0 < sum(visit >= LATER for visit in visits) < len(visits - {0})
    return Layout(table, (*rest, *numbered), days=int(units.pop()) if len(units) == 1 and not has_mixed else 0)


def _together(sources: Sequence[Source]) -> pd.DataFrame:
    return pd.concat([source.table for source in sources], ignore_index=True)


def _sheets(found: Sequence[Grid], sheet: str | None) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The sheets with the header that most columns of a record can be told from, and its rows."""
    shown = [grid for grid in found if HIDDEN not in grid.notes] or found
    headers = {place: _header(grid) for place, grid in enumerate(shown)}
    told = {place: _score(grid, headers[place]) for place, grid in enumerate(shown)}
    best = max(told, key=lambda place: told[place], default=0)
    rows = headers.get(best, (1,))
    if sheet or len(found) == 1 or shown[best].sheet is None:
        return ((sheet,) if sheet else ()), rows
    names = header_names(shown[best], rows)
    alike = [grid for place, grid in enumerate(shown) if {*header_names(grid, headers[place])} == {*names}]
    return tuple(str(grid.sheet) for grid in alike), rows


def _header(grid: Grid) -> tuple[int, ...]:
    """The row of the header, or two rows where names of visits stand over those of columns."""
    rows = range(1, min(len(grid.rows), LOOKED_AT) + 1)
    filled = [row for row in rows if any(grid.rows[row - 1])] or [1]
    scores = {row: _score(grid, (row,)) for row in filled}
    best = max(filled, key=lambda row: (scores[row], -row))
    # A word in a cell may be the name of a column too: a header below others has to be much more of one.
    row = best if scores[best] >= max(_SURE, scores[filled[0]] + 2) else filled[0]
    if row > 1 and any(grid.rows[row - 2]) and _repeated(grid.rows[row - 1]) and _is_numbered(grid, (row - 1, row)):
        return row - 1, row
    return (row,)


def _score(grid: Grid, rows: tuple[int, ...]) -> int:
    return len(matches(list(dict.fromkeys(name for name in header_names(grid, rows) if name)))) if grid.rows else 0


def _repeated(row: Sequence[str | None]) -> bool:
    names = [plain_words(name) for name in row if name]
    return len({*names}) < len(names)


def _is_numbered(grid: Grid, rows: tuple[int, ...]) -> bool:
    names = [name for name in header_names(grid, rows) if name]
    return len(names) == len({*names}) and bool(
        _numbered(pd.DataFrame(columns=names), {name: plain_words(name) for name in names})
    )


def _has_rows_of_visits(table: pd.DataFrame) -> bool:
    """Whether patients have several rows each, so that columns of before and after are of one visit."""
    person = matches([*table]).get("patient_id")
    if person is None:
        return False
    known = table[[*person.headers]].dropna()
    return len(known) >= _ROWS_EACH * max(1, len(known.drop_duplicates()))


_ROWS_EACH = 1.5


def _numbered(table: pd.DataFrame, plain: dict[str, str]) -> list[Column]:
    """Columns that stand there once for each visit, "Visit 1 date" and "Scar V2", as one each; none where a row tells one visit."""
    by_stem: dict[str, dict[int, str]] = {}
    for name in table:
        told = _visit_of(plain[name])
        if told and not matches([told[1]]) and matches([whole := _unnumbered(plain[name])]):
            # "Session given 2": the word for the visit is part of the name.
            told = told[0], whole
        if told and told[0] not in by_stem.setdefault(told[1], {}):
            by_stem[told[1]][told[0]] = name
    several = {stem: of for stem, of in by_stem.items() if len(of) >= _FEWEST}
    known = {stem: next(iter(matches([stem])), "") for stem in several}
    found = {stem: of for stem, of in several.items() if known[stem] and known[stem] not in OF_PATIENTS}
    if not any(known[stem] == "day" or known[stem].endswith("_score") for stem in found):
        return []
    return [
        Column(
            stem, pd.concat([table[name] for _, name in sorted(of.items())]), tuple(of[k] for k in sorted(of)), tuple(sorted(of))
        )
        for stem, of in found.items()
    ]


def _unnumbered(header: str) -> str:
    return " ".join(word for word in header.split() if not word.isdigit())


def is_later(header: str) -> bool:
    """Whether a header is of a visit after the last session.

    >>> is_later("Follow-up date"), is_later("Visit 2 date")
    (True, False)
    """
    return bool(_LATER.search(plain_words(header)))


def _visit_of(header: str) -> tuple[int, str] | None:
    """Which visit a header is of, 0 for that before treatment, and the rest of it; None where it tells no visit.

    >>> _visit_of("follow up 1 date"), _visit_of("final gb")
    ((101, 'date'), (100, 'gb'))
    >>> _visit_of("visit 2 date"), _visit_of("scar v3"), _visit_of("baseline scar grade"), _visit_of("goodman baron grade 1 4")
    ((2, 'date'), (3, 'scar'), (0, 'scar grade'), None)
    """
    told, rest = [], []
    later = LATER if _LATER.search(header) else 0
    for word in _LATER.sub("", header).split():
        if word.isdigit() and len(word) <= 2:
            told.append(int(word))
        elif short := _SHORT.fullmatch(word):
            told.append(int(short[1]))
        elif word in _BEFORE:
            told.append(0)
        elif word not in _VISIT and word not in _DAYS:
            rest.append(word)
    if not told and _AFTERWARDS & {*header.split()}:
        later, rest = LATER, [word for word in rest if word not in _AFTERWARDS]
    if later and not told:
        told = [0]
    return (later + told[0], " ".join(rest) or "date") if len(told) == 1 else None
