"""The cells of a clinic's export as the contract spells them: codes for ids, one spelling per category, plain numbers, days."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from outcomes.definitions.columns import COLUMN
from outcomes.deidentify import originals
from outcomes.deidentify.appointments import CANCELLED_IT, KEPT, MISSED_IT, are_of_appointments, is_total
from outcomes.deidentify.dates import century_before, has_short_year
from outcomes.deidentify.dates import reader as date_reader_of
from outcomes.deidentify.mapping import (
    ANY_YES_NO,
    APPOINTMENT,
    CANCELLED,
    MISSED,
    VISIT,
    Mapping,
)
from outcomes.deidentify.pseudonyms import KIND_OF, Linkage
from outcomes.deidentify.readers import Rounded, Unreadable, age, date_reader, is_read, reader
from outcomes.deidentify.shape import AFTER, TYPED
from outcomes.errors import Breach, UsageError
from outcomes.tabular.engines import ROW
from outcomes.tabular.words import folded

DATE, BORN = "date", "born"
"""Columns that stand for `day` and for a date of birth until days and ages are counted; as ordinals of `datetime.date`."""

_NOT_SHOWN = (*KIND_OF, "device")
"""Columns whose cells are not told on the screen, as there is no line of [values] to write for them."""


class Converted(NamedTuple):
    """`rows`: one row per row of the export, `source_row`, every mapped column of the contract, `date`, `scored_on`,
    `session`, `born`, `appointment` and `visit`; missing is None. `totals` rows of sums and the `remarks`, rows that tell no patient and nothing else that can be read, were left out. `is_other` marks the rows of a measure that is not mapped. `breaches`
    are the cells that can't be read; `translated`, `rounded` and `cut` count cells changed by [values], scores rounded to two decimals and
    texts cut before a serial number. `blanks`: column -> what [values] says that its blank means in a visit. `unread`: column -> text ->
    in how many cells, for the clinic's own screen. `only_yes` are the yes/no columns that say nothing but yes, with how often.
    `alike`: the first rows of patients and courses that are written in another way elsewhere and were taken for the same.
    """

    rows: pd.DataFrame
    totals: int
    remarks: list[int]
    is_other: pd.Series
    breaches: list[Breach]
    translated: int
    rounded: int
    cut: int
    blanks: dict[str, Any]
    unread: dict[str, Counter[str]]
    only_yes: dict[str, int]
    alike: list[int]


def converted(export: pd.DataFrame, mapping: Mapping, linkage: Linkage) -> Converted:
    """Every mapped cell of the export."""
    export = _without_blanks(export, mapping)
    is_sum = _are_totals(export, mapping)
    export = export[~is_sum]
    is_remark = _are_remarks(export, mapping)
    remarks = [int(row) for row in export.loc[is_remark, ROW]]
    export = export[~is_remark]
    rows = pd.DataFrame({ROW: export[ROW].astype("int64")}, index=export.index)
    breaches: list[Breach] = []
    blanks: dict[str, Any] = {}
    unread: dict[str, Counter[str]] = {}
    alike: list[int] = []
    translated = rounded = cut = 0
    is_other = pd.Series(False, index=export.index)
    if mapping.long:
        measure = export[mapping.long.measure].map(folded, na_action="ignore")
        is_other = measure.notna() & ~measure.isin(list(mapping.long.measures))
        unnamed = export.loc[measure.isna() & export[mapping.long.value].notna(), ROW]
        breaches += [Breach(int(row), mapping.long.measure, "blank, but its row holds a value") for row in unnamed]
    # A date of birth of two digits is understood by the date of the visit.
    for column, parts in sorted(_sources(export, mapping), key=lambda each: each[0] == "age"):
        table = _translations(mapping, column)
        for part in list(parts):
            parts[part], changed = _translated(parts[part], table)
            translated += changed
        cells = parts.iloc[:, 0]
        problems: pd.Series | None
        if column == VISIT:
            told = ["\n".join(row) for row in parts.fillna("").itertuples(index=False)]
            rows[VISIT], problems = pd.Series(told, index=rows.index, dtype=object), None
        elif column in KIND_OF:
            problems, same = _untold(column, parts, export[ROW], linkage)
            alike += same
            rows[column] = _codes(column, parts, linkage)
        elif column == "age":
            rows["age"], rows[BORN], problems = _ages(cells, mapping, rows.get(DATE))
        else:
            own = DATE if column == "day" else column
            rows[own], problems = _read_as_typed(cells, column, mapping, export[TYPED])
            if own == DATE and AFTER in export:
                rows[own] = [None if pd.isna(day) else day + after for day, after in zip(rows[own], export[AFTER], strict=True)]
            if table.get("") and column in COLUMN and own != DATE:
                blanks[column] = _meant(reader(column, mapping, is_typed=False), table[""], column)
            if table.get("") and column == APPOINTMENT:
                rows[own] = rows[own].where(cells.notna(), table[""])
            if column == "device":
                whole = cells[problems.isna()].dropna().map(lambda text: " ".join(text.split()))
                cut += int((rows.loc[whole.index, own] != whole).sum())
            rounded += int(rows[own].map(lambda value: isinstance(value, Rounded)).sum())
        if problems is None:
            continue
        wrong = problems.dropna()
        if column == "status" and len(wrong) and are_of_appointments(cells.dropna().unique()):
            problem = f"holds what became of appointments, not of courses; write {APPOINTMENT} in place of status under [columns]"
            wrong = pd.Series(problem, index=wrong.index)
        elif len(wrong) and column not in _NOT_SHOWN:
            unread[column] = Counter(cells[wrong.index].dropna())
        breaches += [
            Breach(int(row), mapping.place(column), problem)
            for row, problem in zip(rows.loc[wrong.index, ROW], wrong, strict=True)
        ]
    for column, value in mapping.constants.items():
        rows[column] = linkage.code(KIND_OF[column], [value]) if column in KIND_OF else value
    at = {breach.row for breach in breaches if breach.column == mapping.place(APPOINTMENT)}
    breaches += _unkept(rows, mapping, at)
    return Converted(
        rows,
        int(is_sum.sum()),
        remarks,
        is_other,
        breaches,
        translated,
        rounded,
        cut,
        blanks,
        unread,
        _only_yes(rows, mapping, blanks),
        sorted(alike),
    )


def _unkept(rows: pd.DataFrame, mapping: Mapping, told: set[int | None]) -> Iterator[Breach]:
    """Makes one column of all that says what became of appointments; yields those of which nothing is said, but not the rows `told`."""
    if not {APPOINTMENT, MISSED, CANCELLED} & {*rows}:
        return
    said = rows[APPOINTMENT] if APPOINTMENT in rows else pd.Series(KEPT, index=rows.index, dtype=object)
    for column, meaning in ((MISSED, MISSED_IT), (CANCELLED, CANCELLED_IT)):
        if column in rows:
            said = said.where(rows.pop(column) != "yes", meaning)
    rows[APPOINTMENT] = said
    read = rows[DATE].notna() if DATE in rows else pd.Series(False, index=rows.index)
    blank = read & said.isna() & ~rows[ROW].isin(told)
    if APPOINTMENT in mapping.columns and blank.any():
        problem = f'blank, so it can\'t be told whether this was a visit; if a blank means kept, write "" = "kept" under [values.{APPOINTMENT}]'
        yield from (Breach(int(row), mapping.place(APPOINTMENT), problem) for row in rows.loc[blank, ROW])


def _only_yes(rows: pd.DataFrame, mapping: Mapping, blanks: dict[str, Any]) -> dict[str, int]:
    """Yes/no columns of visits that say nothing but yes, beside blanks: how often."""
    found = {}
    for column in [name for name in rows if name in COLUMN and COLUMN[name].kind == "yes/no" and name not in mapping.constants]:
        said = rows[column].dropna()
        if len(said) and column not in blanks and said.eq("yes").all() and rows[column].isna().any():
            found[column] = len(said)
    return found


def _read_as_typed(cells: pd.Series, column: str, mapping: Mapping, is_typed: pd.Series) -> tuple[pd.Series, pd.Series]:
    """What a column holds, and why it could not be read; of a workbook numbers come with a decimal point."""
    if mapping.decimal == "." or is_typed.nunique() <= 1:
        return _each(cells, reader(column, mapping, is_typed=bool(len(is_typed) and is_typed.iloc[0])))
    halves = [_each(cells[is_typed == kind], reader(column, mapping, is_typed=kind)) for kind in (True, False)]
    values, problems = (pd.concat(parts).reindex(cells.index) for parts in zip(*halves, strict=True))
    return values, problems


def _without_blanks(export: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """The mapped columns, None for texts that stand for nothing, without the rows where none of them is recorded."""
    used = export[list(mapping.used)].astype(object)
    for name in used:
        nothing = [text for text in used[name].dropna().unique() if not text.strip() or folded(text) in mapping.blank]
        used[name] = used[name].where(~used[name].isin(nothing), None)
    used = used.where(used.notna(), None)
    used = used.assign(**{name: export[name] for name in (ROW, TYPED, AFTER) if name in export})
    return used[used[list(mapping.used)].notna().any(axis=1)]


def _are_totals(export: pd.DataFrame, mapping: Mapping) -> pd.Series:
    """Rows of sums below a table: they have the word in place of a patient and no date, or no patient."""
    cells = export[[name for name in mapping.used if name in export]]
    patients = [name for name in mapping.columns["patient_id"] if name in cells]
    said = cells.map(lambda text: isinstance(text, str) and is_total(text))
    no_date = cells["day"].isna() if "day" in cells else pd.Series(True, index=export.index)
    in_date = said.get("day", False)
    return (said[patients].any(axis=1) & no_date) | in_date | (said.any(axis=1) & cells[patients].isna().all(axis=1))


def _are_remarks(export: pd.DataFrame, mapping: Mapping) -> pd.Series:
    """Rows of a title, a legend or the units between or below records: no patient, and no cell that can be read or that [values] knows."""
    found = pd.Series(False, index=export.index)
    patients = [name for name in mapping.columns["patient_id"] if name in export]
    if mapping.long or not patients:
        return found
    parts = {column: names for column, names in mapping.columns.items() if column != "patient_id"}
    for place, row in export[export[patients].isna().all(axis=1)].iterrows():
        told = [(column, row[name]) for column, names in parts.items() for name in names if isinstance(row[name], str)]
        found[place] = not any(_says(column, text, mapping) for column, text in told)
    return found


def _says(column: str, text: str, mapping: Mapping) -> bool:
    """Whether a text says something that is read in a column."""
    if column in KIND_OF or column in ("device", VISIT):
        return True
    if column == "age" and text.isdigit():
        return True
    known = _translations(mapping, column).get(folded(text))
    return bool(known) if known is not None else is_read("day" if column == "age" else column, text, mapping, is_typed=False)


def _sources(export: pd.DataFrame, mapping: Mapping) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each contract column with the export's cells that hold it."""
    for column in mapping.columns:
        yield column, export[list(mapping.columns[column])].copy()
    if mapping.long:
        measure = export[mapping.long.measure].map(folded, na_action="ignore")
        for column in dict.fromkeys(mapping.long.measures.values()):
            names = [name for name, own in mapping.long.measures.items() if own == column]
            value = export[mapping.long.value]
            yield column, value.where(measure.isin(names), None).to_frame()


def _translations(mapping: Mapping, column: str) -> dict[str, str]:
    general = mapping.values.get(ANY_YES_NO, {}) if column in COLUMN and COLUMN[column].kind == "yes/no" else {}
    return {**general, **mapping.values.get(column, {})}


def _translated(cells: pd.Series, table: dict[str, str]) -> tuple[pd.Series, int]:
    """The cells as [values] reads them, and how many it changed."""
    new = {text: table[folded(text)] or None for text in cells.dropna().unique() if folded(text) in table}
    known = cells.isin(list(new))
    out = cells.where(~known, cells.map(new))
    return out.astype(object).where(out.notna(), None), int(known.sum())


def _each(cells: pd.Series, read: Callable[[str], Any]) -> tuple[pd.Series, pd.Series]:
    """What `read` makes of every cell, and why it could not; each different text is read once."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for text in cells.dropna().unique():
        try:
            values[text] = read(text)
        except Unreadable as problem:
            problems[text] = str(problem)
    return _looked_up(cells, values), _looked_up(cells, problems)


def _looked_up(cells: pd.Series, table: dict[str, Any]) -> pd.Series:
    return pd.Series([table.get(text) if isinstance(text, str) else None for text in cells], index=cells.index, dtype=object)


def _meant(read: Callable[[str], Any], text: str, column: str) -> Any:
    try:
        return read(text)
    except Unreadable as problem:
        raise UsageError(f'[values.{column}] "" = "{text}": {problem}') from None


def _codes(column: str, parts: pd.DataFrame, linkage: Linkage) -> pd.Series:
    """A code where every part is recorded; a lot without its serial number tells no tip."""
    whole = parts.notna().all(axis=1)
    texts = zip(*(parts[name] for name in parts), strict=True)
    known: dict[Any, str] = {}
    codes = []
    for is_whole, text in zip(whole, texts, strict=True):
        if is_whole and text not in known:
            known[text] = linkage.code(KIND_OF[column], text)
        codes.append(known[text] if is_whole else None)
    return pd.Series(codes, index=parts.index, dtype=object)


def _untold(column: str, parts: pd.DataFrame, numbers: pd.Series, linkage: Linkage) -> tuple[pd.Series, list[int]]:
    """Why a cell does not tell whose it is: blank, spoilt, or perhaps another's; and the first rows of other spellings.

    To be asked before codes are drawn.
    """
    kind = KIND_OF[column]
    whole = parts.notna().all(axis=1)
    texts = [
        text if is_whole else None
        for is_whole, text in zip(whole, zip(*(parts[name] for name in parts), strict=True), strict=True)
    ]
    first_rows: dict[Any, int] = {}
    for text, number in zip(texts, numbers, strict=True):
        if text is not None:
            first_rows.setdefault(text, int(number))
    problems = originals.spoilt(first_rows, is_patient=kind == "patient")
    alike: frozenset[Any] = frozenset()
    if kind in ("patient", "course"):
        compared = originals.compared(column, first_rows, linkage.originals(kind))
        problems, alike = compared.problems | problems, compared.alike
    blank = "blank, but it tells whose visit this is" if kind == "patient" else None
    found = [blank if text is None else problems.get(text) for text in texts]
    return pd.Series(found, index=parts.index, dtype=object), [first_rows[text] for text in alike]


def _ages(cells: pd.Series, mapping: Mapping, days: pd.Series | None) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Ages in years and dates of birth: a number of up to three digits is an age, anything else must be a date."""
    is_age = cells.map(lambda text: bool(re.fullmatch(r"\d{1,3}", text)), na_action="ignore").eq(True)
    ages, old = _each(cells.where(is_age, None), age)
    born, undated = _each(cells.where(~is_age, None), date_reader(mapping, "neither an age nor a date"))
    return ages, _in_their_century(born, cells, mapping, days), old.where(old.notna(), undated)


def _in_their_century(born: pd.Series, cells: pd.Series, mapping: Mapping, days: pd.Series | None) -> pd.Series:
    """Dates of birth, those whose year has two digits as the latest that is not after the visit, or after the last visit of all."""
    short = [date_reader_of(form) for form in mapping.dates if has_short_year(form)]
    if not short:
        return born
    dated = days.dropna() if days is not None else pd.Series(dtype=object)
    last = int(dated.max()) if len(dated) else date.today().toordinal()
    found = []
    for day, text, visit in zip(born, cells, days if days is not None else [None] * len(born), strict=True):
        is_short = not pd.isna(day) and any(read(text) for read in short) and str(date.fromordinal(int(day)).year) not in text
        limit = last if visit is None or pd.isna(visit) else int(visit)
        found.append(century_before(date.fromordinal(int(day))).toordinal() if is_short and day > limit else day)
    return pd.Series(found, index=born.index, dtype=object)
