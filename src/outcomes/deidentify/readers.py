"""One text of an export as the contract spells it: the reader of each kind of column."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from outcomes.definitions.columns import COLUMN, LONGEST_TEXT, NO, YES, Column
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.deidentify import dates
from outcomes.deidentify.appointments import MEANINGS, appointment
from outcomes.deidentify.mapping import APPOINTMENT, CANCELLED, MISSED, SCORED_ON, SESSION, Mapping
from outcomes.tabular.words import folded

MOST_SESSIONS = 31
OLDEST = 120

TICKED, UNTICKED = ("x", "✓", "✔", "☑", "✅", "√", "🗸", "🗹", "checked"), ("☐", "⬜", "□", "unchecked")
"""Marks in a box of a form: yes, and no."""

_YES_NO = dict.fromkeys((*YES, *TICKED), "yes") | dict.fromkeys((*NO, *UNTICKED), "no")
_MAY_BE_MEANS = frozenset(endpoint.score_column for endpoint in ENDPOINTS.values())
_HUNDREDTH = Decimal("0.01")

# What a text must not hold, and where a serial number begins.
_CONTACT = re.compile(r"\S@\S|https?:|www\.|\+?\d(?:[ ()/.-]{0,2}\d){6,}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}", re.IGNORECASE)
_SERIAL = re.compile(r"[\s,;:(/#-]*(?:\b(?:s/?n|serial|serien|ser|lot|charge|ref)\b|#).*", re.IGNORECASE | re.DOTALL)


class Unreadable(Exception):
    """Why a cell can't be read; never the cell."""


class Rounded(str):
    """A number that was written with more decimals."""


def reader(column: str, mapping: Mapping, is_typed: bool) -> Callable[[str], Any]:
    """The function that reads one text of a column; it raises `Unreadable`."""
    if column in ("day", SCORED_ON):
        return date_reader(mapping, "not a date")
    if column == SESSION:
        definition = Column(SESSION, "whole", "", high=MOST_SESSIONS)
        return lambda text: int(_number(text, definition, mapping, is_typed))
    if column == APPOINTMENT:
        return _appointment
    if column == MISSED:
        return lambda text: _said(text, f"is not yes or no; it may be {APPOINTMENT} in place of {MISSED}")
    if column == CANCELLED:
        # When it was cancelled, why and by whom say that it was.
        return lambda text: _YES_NO.get(folded(text), "yes")
    definition = COLUMN[column]
    if definition.kind == "category":
        names = {spelling: name for name, spellings in definition.categories.items() for spelling in spellings}
        return lambda text: _known(text, names, definition)
    if definition.kind == "yes/no":
        return lambda text: _known(text, _YES_NO, definition)
    if definition.kind == "text":
        return _free_text
    return lambda text: _number(text, definition, mapping, is_typed)


def date_reader(mapping: Mapping, what: str) -> Callable[[str], int]:
    """The function that reads a date as the number of its day; `what` it is not, where it can't."""
    read = [dates.reader(form) for form in mapping.dates]
    written = " or ".join(mapping.dates)

    def ordinal(text: str) -> int:
        day = next((day for each in read if (day := each(text))), None)
        if day is None:
            is_number = dates.is_serial_number(text) and not {*mapping.dates} & dates.SERIAL.keys()
            way = '; numbers in which a spreadsheet keeps dates are read by dates = "serial" under [export]' if is_number else ""
            raise Unreadable(f"is {what} written {written}{way}")
        return day.toordinal()

    return ordinal


def age(text: str) -> int:
    """An age in years."""
    if int(text) > OLDEST:
        raise Unreadable(f"is not an age between 0 and {OLDEST}")
    return int(text)


def _appointment(text: str) -> str:
    meaning = folded(text) if folded(text) in MEANINGS else appointment(text)
    if meaning is None:
        raise Unreadable(f"can't be told; say under [values.{APPOINTMENT}] whether it means {', '.join(MEANINGS)}")
    return meaning


def _said(text: str, problem: str) -> str:
    if folded(text) not in _YES_NO:
        raise Unreadable(problem)
    return _YES_NO[folded(text)]


def _known(text: str, names: dict[str, str], column: Column) -> str:
    if folded(text) not in names:
        raise Unreadable(f"is not {column.allowed}; if it means that, say so under [values.{column.name}]")
    return names[folded(text)]


def _number(text: str, column: Column, mapping: Mapping, is_typed: bool) -> str:
    """A number of the export as the contract writes it: decimal point, no thousands separator, no needless zeros.

    A score may be the mean of several raters: it is rounded to two decimals. Some columns have a word for a number.
    """
    if folded(text) in column.words:
        return folded(text)
    way = f"; say what it means under [values.{column.name}]"
    if column.name == "depth_mm":
        text = re.sub(r"\s*mm$", "", text, flags=re.IGNORECASE)
    if mapping.decimal == "," and is_typed:
        digits = text.replace(",", ".")
    else:
        point, thousands = (",", r"[. '’\u00a0\u202f]") if mapping.decimal == "," else (r"\.", r"[, '’\u00a0\u202f]")
        if not re.fullmatch(rf"[0-9]+({point}[0-9]+)?|[0-9]{{1,3}}({thousands}[0-9]{{3}})+({point}[0-9]+)?", text):
            raise Unreadable(f"is not a number written with a decimal {'comma' if mapping.decimal == ',' else 'point'}{way}")
        digits = re.sub(thousands, "", text).replace(",", ".") if mapping.decimal == "," else re.sub(thousands, "", text)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", digits):
        raise Unreadable(f"is not {column.allowed}")
    written = Decimal(digits)
    value = written.quantize(_HUNDREDTH, ROUND_HALF_UP) if column.name in _MAY_BE_MEANS else written
    hundredths = value * 100
    step = 100 if column.kind == "whole" else column.step
    if not column.low <= value <= column.high or hundredths % step:
        raise Unreadable(f"is not {column.allowed}")
    plain = f"{value:f}".rstrip("0").rstrip(".") if "." in digits else str(int(value))
    return Rounded(plain) if value != written else plain


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
        reader(column, mapping, is_typed)(text)
    except Unreadable:
        return False
    return True
