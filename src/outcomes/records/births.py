"""Dates of birth written without separators: what a random number looks like as well, so that only many together tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

_FORMS = re.compile(
    r"(?:[A-Za-z][-_. ]?){0,4}(?:(\d{8}|\d{6})|(\d{4})[-_. ]?(\d\d)[-_. ]?(\d\d)|(\d\d)[-_. ](\d\d)[-_. ](\d{4}|\d\d))[-_ ]?[A-Za-z]{0,2}"
)
_YEAR = re.compile(r"[A-Za-z]{1,4}[-_ ]?(19[2-9]\d|20[01]\d)[-_ ]?[A-Za-z]?")
_FOUR = re.compile(r"[A-Za-z]{1,4}[-_ ]?(\d{4})[-_ ]?[A-Za-z]?")
_ORDERS = {6: ("ymd", "dmy", "mdy"), 8: ("Ymd", "dmY", "mdY")}
CHANCE = {6: 3 * 36_525 / 1e6, 8: 3 * 130 * 365.25 / 1e8}
"""Digits of a number -> the share of random ones that are a date in any order."""
CHANCE_OF_YEAR = 0.01
_YEARS = range(1900, 2030)
_WIDTH = {"Y": 4, "y": 2, "m": 2, "d": 2}


def digits_of(code: str) -> str | None:
    """The six or eight digits of a code that could be a date, initials or not; None where it has no such form.

    >>> digits_of("JS-800102"), digits_of("1980_01_02"), digits_of("01-0123")
    ('800102', '19800102', None)
    """
    found = _FORMS.fullmatch(code)
    return "".join(part for part in found.groups() if part) if found else None


def dates_among(numbers: Sequence[str], digits: int) -> int:
    """How many of the numbers of so many digits are dates in the one order in which most are; 0 where they don't spread as births do."""
    best: list[tuple[int, int, int]] = []
    for order in _ORDERS[digits]:
        found = [parts for number in numbers if (parts := _parts(number, order))]
        best = max(best, found, key=len)
    # The numbers of a series share their beginning: hardly any other day, month or year.
    many = min(len(best), 12)
    spread = [len({parts[place] for parts in best}) for place in range(3)]
    # The dates of visits are of a year or two.
    return len(best) if spread[1] * 4 >= many and spread[2] * 3 >= many else 0


def years_among(codes: Iterable[str]) -> tuple[int, int]:
    """How many codes are letters and four digits, and how many of these a year of birth; 0 where the numbers are a series."""
    numbers = [int(found[1]) for code in codes if (found := _FOUR.fullmatch(code))]
    years = [number for number in numbers if 1920 <= number < 2020]
    return len(numbers), 0 if is_series(numbers) else len(years)


def is_series(numbers: Sequence[int]) -> bool:
    """Whether numbers are counted on: at least half of all between the least and the greatest are there."""
    different = {*numbers}
    return len(different) >= 5 and 2 * len(different) > max(different) - min(different)


def _parts(number: str, order: str) -> tuple[int, int, int] | None:
    """Year, month and day of a number, where it is a date in this order."""
    at, parts = 0, {}
    for letter in order:
        parts[letter.lower()] = int(number[at : at + _WIDTH[letter]])
        at += _WIDTH[letter]
    year = parts["y"] if "Y" in order else 2000 + parts["y"]
    if year not in _YEARS and "Y" in order:
        return None
    try:
        date(year, parts["m"], parts["d"])
    except ValueError:
        return None
    return year, parts["m"], parts["d"]
