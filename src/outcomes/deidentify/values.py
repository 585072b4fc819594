"""The cells of a clinic's export as the contract spells them: codes for ids, one spelling per category, plain numbers, days."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from outcomes.definitions.columns import COLUMN, LONGEST_TEXT, NO, YES, Column
from outcomes.deidentify import dates, originals
from outcomes.deidentify.mapping import ANY_YES_NO, SCORED_ON, SESSION, Mapping
from outcomes.deidentify.pseudonyms import KIND_OF, Linkage
from outcomes.errors import Breach, UsageError
from outcomes.tabular.engines import ROW
from outcomes.tabular.words import folded

DATE, BORN = "date", "born"
"""Columns that stand for `day` and for a date of birth until days and ages are counted; as ordinals of `datetime.date`."""

MOST_SESSIONS = 31
_OLDEST = 120

# What a text must not hold, and where a serial number begins.
_CONTACT = re.compile(r"\S@\S|https?:|www\.|\+?\d(?:[ ()/.-]{0,2}\d){6,}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}", re.IGNORECASE)
_SERIAL = re.compile(r"[\s,;:(/#-]*(?:\b(?:s/?n|serial|serien|ser|lot|charge|ref)\b|#).*", re.IGNORECASE | re.DOTALL)


class Unreadable(Exception):
    """Why a cell can't be read; never the cell."""


class Converted(NamedTuple):
    """`rows`: one row per row of the export, `source_row`, every mapped column of the contract, `date`, `scored_on`,
    `session` and `born`; missing is None. `is_other` marks the rows of a measure that is not mapped. `breaches` are the
    cells that can't be read; `translated` and `cut` count cells changed by [values] and texts cut before a serial number.
    `blanks`: column -> what [values] says that its blank means in a visit. `alike`: the first rows of patients and courses that are
    written in another way elsewhere and were taken for the same.
    """

    rows: pd.DataFrame
    is_other: pd.Series
    breaches: list[Breach]
    translated: int
    cut: int
    blanks: dict[str, Any]
    alike: list[int]


def converted(export: pd.DataFrame, mapping: Mapping, linkage: Linkage, *, is_typed: bool) -> Converted:
    """Every mapped cell of the export. `is_typed`: numbers come from a workbook or Parquet, with a decimal point."""
    export = _without_blanks(export, mapping)
    rows = pd.DataFrame({ROW: export[ROW].astype("int64")}, index=export.index)
    breaches: list[Breach] = []
    blanks: dict[str, Any] = {}
    alike: list[int] = []
    translated = cut = 0
    is_other = pd.Series(False, index=export.index)
    if mapping.long:
        measure = export[mapping.long.measure].map(folded, na_action="ignore")
        is_other = measure.notna() & ~measure.isin(list(mapping.long.measures))
        unnamed = export.loc[measure.isna() & export[mapping.long.value].notna(), ROW]
        breaches += [Breach(int(row), mapping.long.measure, "blank, but its row holds a value") for row in unnamed]
    for column, parts in _sources(export, mapping):
        table = _translations(mapping, column)
        for part in list(parts):
            parts[part], changed = _translated(parts[part], table)
            translated += changed
        if column in KIND_OF:
            problems, same = _untold(column, parts, export[ROW], linkage)
            alike += same
            rows[column] = _codes(column, parts, linkage)
        elif column == "age":
            rows["age"], rows[BORN], problems = _ages(parts.iloc[:, 0], mapping)
        else:
            own, read = DATE if column == "day" else column, _reader(column, mapping, is_typed)
            rows[own], problems = _each(parts.iloc[:, 0], read)
            if table.get("") and column in COLUMN and own != DATE:
                blanks[column] = _meant(read, table[""], column)
            if column == "device":
                whole = parts.iloc[:, 0].dropna().map(lambda text: " ".join(text.split()))
                cut += int((rows.loc[whole.index, own] != whole).sum())
        if problems is not None:
            wrong = problems.dropna()
            breaches += [
                Breach(int(row), mapping.place(column), problem)
                for row, problem in zip(rows.loc[wrong.index, ROW], wrong, strict=True)
            ]
    for column, value in mapping.constants.items():
        rows[column] = linkage.code(KIND_OF[column], [value]) if column in KIND_OF else value
    return Converted(rows, is_other, breaches, translated, cut, blanks, sorted(alike))


def _without_blanks(export: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """The mapped columns, None for texts that stand for nothing, without the rows where none of them is recorded."""
    used = export[list(mapping.used)].astype(object)
    for name in used:
        nothing = [text for text in used[name].dropna().unique() if not text.strip() or folded(text) in mapping.blank]
        used[name] = used[name].where(~used[name].isin(nothing), None)
    used = used.where(used.notna(), None)
    used.insert(0, ROW, export[ROW])
    return used[used[list(mapping.used)].notna().any(axis=1)]


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


def _ages(cells: pd.Series, mapping: Mapping) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Ages in years and dates of birth: a number of up to three digits is an age, anything else must be a date."""
    is_age = cells.map(lambda text: bool(re.fullmatch(r"\d{1,3}", text)), na_action="ignore").eq(True)
    ages, old = _each(cells.where(is_age, None), _age)
    born, undated = _each(cells.where(~is_age, None), _date_reader(mapping, "neither an age nor a date"))
    return ages, born, old.where(old.notna(), undated)


def _age(text: str) -> int:
    if int(text) > _OLDEST:
        raise Unreadable(f"is not an age between 0 and {_OLDEST}")
    return int(text)


def _reader(column: str, mapping: Mapping, is_typed: bool) -> Callable[[str], Any]:
    """The function that reads one text of a column."""
    if column in ("day", SCORED_ON):
        return _date_reader(mapping, "not a date")
    if column == SESSION:
        definition = Column(SESSION, "whole", "", high=MOST_SESSIONS)
        return lambda text: int(_number(text, definition, mapping, is_typed))
    definition = COLUMN[column]
    if definition.kind == "category":
        names = {spelling: name for name, spellings in definition.categories.items() for spelling in spellings}
        return lambda text: _known(text, names, definition)
    if definition.kind == "yes/no":
        names = dict.fromkeys(YES, "yes") | dict.fromkeys(NO, "no")
        return lambda text: _known(text, names, definition)
    if definition.kind == "text":
        return _free_text
    return lambda text: _number(text, definition, mapping, is_typed)


def _date_reader(mapping: Mapping, what: str) -> Callable[[str], int]:
    read = dates.reader(mapping.dates)

    def ordinal(text: str) -> int:
        day = read(text)
        if day is None:
            raise Unreadable(f"is {what} written {mapping.dates}")
        return day.toordinal()

    return ordinal


def _known(text: str, names: dict[str, str], column: Column) -> str:
    if folded(text) not in names:
        raise Unreadable(f"is not {column.allowed}; if it means that, say so under [values.{column.name}]")
    return names[folded(text)]


def _number(text: str, column: Column, mapping: Mapping, is_typed: bool) -> str:
    """A number of the export as the contract writes it: decimal point, no thousands separator, no needless zeros; or a word for one."""
    if folded(text) in column.words:
        return folded(text)
    if mapping.decimal == "," and is_typed:
        digits = text.replace(",", ".")
    else:
        point, thousands = (",", r"[. '’\u00a0\u202f]") if mapping.decimal == "," else (r"\.", r"[, '’\u00a0\u202f]")
        if not re.fullmatch(rf"[0-9]+({point}[0-9]+)?|[0-9]{{1,3}}({thousands}[0-9]{{3}})+({point}[0-9]+)?", text):
            raise Unreadable(f"is not a number written with a decimal {'comma' if mapping.decimal == ',' else 'point'}")
        digits = re.sub(thousands, "", text).replace(",", ".") if mapping.decimal == "," else re.sub(thousands, "", text)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", digits):
        raise Unreadable(f"is not {column.allowed}")
    value = Decimal(digits)
    hundredths = value * 100
    step = 100 if column.kind == "whole" else column.step
    if not column.low <= value <= column.high or hundredths % step:
        raise Unreadable(f"is not {column.allowed}")
    return f"{value:f}".rstrip("0").rstrip(".") if "." in digits else str(int(value))


def _free_text(text: str) -> str | None:
    kept = _SERIAL.sub("", " ".join(text.split())).strip()
    if _CONTACT.search(kept):
        raise Unreadable("holds what looks like an address, a telephone or serial number or a date")
    if len(kept) > LONGEST_TEXT:
        raise Unreadable(f"is not a text of at most {LONGEST_TEXT} characters")
    return kept or None


def is_read(column: str, text: str, mapping: Mapping, *, is_typed: bool) -> bool:
    """Whether a text can be read in a column without a translation."""
    try:
        _reader(column, mapping, is_typed)(text)
    except Unreadable:
        return False
    return True
