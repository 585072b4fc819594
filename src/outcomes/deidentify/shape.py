"""Tables of any shape -> one row for each visit, in columns that go by the contract's names: wide ones unfolded, long ones folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from outcomes.deidentify import dates
from outcomes.deidentify.folding import MEASURE, VALUE, as_visits, is_folded
from outcomes.deidentify.mapping import VISIT, Long, Mapping, resolved, text_of
from outcomes.deidentify.places import Places
from outcomes.deidentify.sources import Source
from outcomes.deidentify.template import is_cell, shown_header
from outcomes.errors import Breach, UsageError, counted
from outcomes.tabular.engines import ROW
from outcomes.tabular.words import folded

AFTER, TYPED = "days_after", "is_typed"
"""Columns beside the contract's: days from the date in the row to the visit, and whether numbers have a decimal point."""

_EVENT = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
"""Columns by which REDCap tells the visits of a patient."""

# Told once for all visits of a row: they are carried to the others.
_ONCE = ("age", "sex", "fitzpatrick", "start_year", "status", "planned_sessions")
_PLACE = ("of_source", "of_row", "of_visit")
_FEWEST = 3


class Shaped(NamedTuple):
    """`table`: text, one row for each visit, with `source_row` its number, as `mapping` names its columns. `places`: where it stood.

    `rows_in` rows of the exports, `other` of them of a measure that is not mapped; `reshaped` rows more than that (or fewer, below 0) became
    of them, since a row told several visits or several told one. `breaches`: measures told twice, and cells that can't be read.
    """

    table: pd.DataFrame
    mapping: Mapping
    places: Places
    breaches: list[Breach]
    rows_in: int
    other: int
    reshaped: int
    dropped: tuple[str, ...]
    notes: tuple[str, ...]


def shaped(sources: Sequence[Source], mapping: Mapping) -> Shaped:
    """The tables of all sources as one.

    Raises:
        UsageError: a source lacks a mapped column; all that the first such source lacks are named.
    """
    own = [resolved(_with_event(mapping, source.headers), source.headers, source.label, _shown(source)) for source in sources]
    named = _named(own[0])
    tables = [_renamed(source, each, named) for source, each in zip(sources, own, strict=True)]
    rows_in = sum(map(len, tables))
    notes = [*_looks_wide(sources, own), *_notes(sources, own)]
    if named.visits:
        tables = [_unfolded(table, each, number) for number, (table, each) in enumerate(zip(tables, own, strict=True))]
    else:
        tables = [table.assign(of_source=number, of_visit=0) for number, table in enumerate(tables)]
    table = pd.concat(tables, ignore_index=True)
    table["of_row"] = table[ROW]
    table[ROW] = range(1, len(table) + 1)
    lines = table[[ROW, *_PLACE]].set_index(ROW)
    read = replace(named, columns=named.columns | {column: (column,) for column in named.visits}, visits={}, days_after=())
    breaches = _unread(sources, own, named, table)
    cells: dict[tuple[int, str], int] = {}
    other = 0
    if is_folded(read):
        one = as_visits(table, read)
        table, read, cells, other = one.table, one.mapping, one.cells, one.other
        breaches = [*(breach._replace(row=one.number[breach.row or 0]) for breach in breaches), *one.breaches]
    places = Places([source.label for source in sources], lines, [_own_names(read, each) for each in own], cells)
    unused = [
        shown_header(name, place)
        for source, each in zip(sources, own, strict=True)
        for place, name in enumerate(source.headers, start=1)
        if name not in each.used
    ]
    return Shaped(
        table.drop(columns=list(_PLACE)),
        read,
        places,
        breaches,
        rows_in,
        other,
        len(table) - (rows_in - other),
        tuple(dict.fromkeys(unused)),
        tuple(notes),
    )


def _shown(source: Source) -> list[str]:
    return [name for name in source.headers if not is_cell(name)]


def _with_event(mapping: Mapping, headers: Sequence[str]) -> Mapping:
    """Where every cell has a row of its own, REDCap's columns tell which are of one visit, unless the mapping does."""
    if not is_folded(mapping) or VISIT in mapping.columns:
        return mapping
    plain = {folded(name) for name in headers}
    found = tuple(name for name in _EVENT if name in plain)
    if not found:
        raise UsageError(
            "[long.measures] the date is a measure, so the mapping must say which rows are of one visit: "
            'write visit = "..." under [columns], the column (or a list of columns) that tells the visits of a patient apart'
        )
    return replace(mapping, columns=mapping.columns | {VISIT: found})


def _named(mapping: Mapping) -> Mapping:
    """The mapping of a table whose columns go by the contract's names, several parts of one by numbers."""
    columns = {
        column: tuple(column if place == 0 else f"{column} ({place + 1})" for place in range(len(names)))
        for column, names in mapping.columns.items()
    }
    return replace(mapping, columns=columns, long=mapping.long and Long(MEASURE, VALUE, mapping.long.measures))


def _known(mapping: Mapping) -> list[str]:
    measured = [*mapping.long.measures.values()] if mapping.long else []
    return [*mapping.columns, *measured, *mapping.visits]


def _own_names(read: Mapping, own: Mapping) -> dict[str, Sequence[str]]:
    """A name of a column as it is read -> that of the export, or those by visit."""
    names = {read.place(column): _own_places(own, column) for column in ("sessions_completed", *_known(read))}
    return names | ({MEASURE: [own.long.measure], VALUE: [own.long.value]} if own.long else {})


def _own_places(own: Mapping, column: str) -> Sequence[str]:
    if column in own.visits and any(isinstance(name, str) and name for name in own.visits[column]):
        return [name if isinstance(name, str) else "" for name in own.visits[column]]
    return [own.place(column)]


def _renamed(source: Source, own: Mapping, named: Mapping) -> pd.DataFrame:
    """The mapped columns by their names in `named`, and for visits by the export's own."""
    table = pd.DataFrame({ROW: source.table[ROW], TYPED: source.is_typed}, index=source.table.index)
    for column, names in own.columns.items():
        for name, part in zip(named.columns[column], names, strict=True):
            table[name] = source.table[part]
    if own.long:
        table[MEASURE], table[VALUE] = source.table[own.long.measure], source.table[own.long.value]
    by_visit = {name for names in own.visits.values() for name in names if isinstance(name, str) and name}
    return table.assign(**{_in_visits(name): source.table[name] for name in by_visit})


def _in_visits(name: str) -> str:
    return f"visits: {name}"


def _unfolded(table: pd.DataFrame, own: Mapping, source: int) -> pd.DataFrame:
    """A row for each visit that a row tells. A visit of which nothing is told is none; each row leaves one at least."""
    count = len(next(iter(own.visits.values())))
    whole = [name for name in table if not name.startswith(_in_visits(""))]
    parts = []
    for visit in range(count):
        part = table[whole].assign(of_source=source, of_visit=visit)
        told = pd.Series(visit == 0, index=table.index)
        for column, names in own.visits.items():
            name = names[visit]
            is_column = isinstance(name, str) and name
            part[column] = table[_in_visits(name)] if is_column else (None if name == "" else text_of(name))
            if is_column and not (column == "day" and own.days_after):
                told |= (
                    table[_in_visits(name)]
                    .map(lambda text: bool(text) and folded(text) not in own.blank, na_action="ignore")
                    .eq(True)
                )
        if own.days_after:
            part[AFTER] = own.days_after[visit]
        if visit:
            part[[name for name in _ONCE if name in whole]] = None
        literal = [column for column, names in own.visits.items() if not isinstance(names[visit], str)]
        # What the mapping itself says of a visit makes none of a row that has no date for it.
        part.loc[part["day"].isna(), literal] = None
        parts.append(part[told])
    return pd.concat(parts).sort_values([ROW, "of_visit"], kind="stable", ignore_index=True)


def _unread(sources: Sequence[Source], own: Sequence[Mapping], named: Mapping, table: pd.DataFrame) -> list[Breach]:
    """Cells of mapped columns that say something and can't be read: what stands in no mapped column does not matter."""
    breaches = []
    for number, (source, each) in enumerate(zip(sources, own, strict=True)):
        by_name = {
            name: part for column, names in each.columns.items() for name, part in zip(names, named.columns[column], strict=True)
        }
        if each.long:
            by_name |= {each.long.measure: MEASURE, each.long.value: VALUE}
        for column, names in each.visits.items():
            by_name |= dict.fromkeys((name for name in names if isinstance(name, str) and name), column)
        for breach in source.unread:
            if breach.column not in by_name:
                continue
            rows = table[(table["of_source"] == number) & (table["of_row"] == breach.row)]
            column = by_name[breach.column]
            visit = (
                each.visits[column].index(breach.column)
                if column in each.visits and breach.column in each.visits[column]
                else None
            )
            of_visit = rows if visit is None else rows[rows["of_visit"] == visit]
            at = (of_visit if len(of_visit) else rows)[ROW]
            breaches.append(Breach(int(at.min()), column, breach.problem))
    return breaches


def _looks_wide(sources: Sequence[Source], own: Sequence[Mapping]) -> list[str]:
    """That a table looks like one row a patient: each patient stands once, and several columns that are not mapped hold dates."""
    found = []
    for source, mapping in zip(sources, own, strict=True):
        if mapping.visits or mapping.long or "patient_id" not in mapping.columns:
            continue
        patients = source.table[list(mapping.columns["patient_id"])].dropna(how="all")
        readers = [dates.reader(form) for form in mapping.dates if form not in dates.SERIAL]
        others = [name for name in source.headers if name not in mapping.used and _holds_dates(source.table[name], readers)]
        if len(patients) >= _FEWEST and not patients.duplicated().any() and len(others) >= 2:
            names = ", ".join(f'"{name}"' for name in [*mapping.columns.get("day", ()), *others])
            found.append(
                f"{source.label}: this looks like one row a patient, with dates in several columns; "
                f"if these are visits, write [visits] with day = [{names}] in place of [columns] day, and the scores likewise"
            )
    return found


def _holds_dates(column: pd.Series, readers: Sequence[Any]) -> bool:
    texts = column.dropna().unique()
    return len(texts) > 0 and all(any(read(text) for read in readers) for text in texts)


def _notes(sources: Sequence[Source], own: Sequence[Mapping]) -> list[str]:
    """What of the exports is not as it is shown."""
    notes = []
    for source, mapping in zip(sources, own, strict=True):
        begin = f"{source.label}: " if len(sources) > 1 else ""
        notes += [f"{begin}{note}" for note in source.notes]
        filled = {name: source.filled[name] for name in source.headers if name in mapping.used and name in source.filled}
        if filled:
            notes.append(
                f"{begin}{counted(sum(filled.values()), 'cells')} within merged ones given their value, in {', '.join(filled)}"
            )
    return notes
