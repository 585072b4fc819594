"""Dates in texts, as any language writes them, and births without separators: a random number looks so too, and only many together tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from unicodedata import normalize

from outcomes.tabular.words import unaccented

_FORMS = re.compile(
    r"(?:[A-Za-z][-_. ]?){0,4}(?:(\d{8}|\d{6})|(\d{4})[-_. ]?(\d\d)[-_. ]?(\d\d)|(\d\d)[-_. ](\d\d)[-_. ](\d{4}|\d\d))[-_ ]?[A-Za-z]{0,2}"
)
_YEAR = re.compile(r"[A-Za-z]{1,4}[-_ ]?(19[2-9]\d|20[01]\d)[-_ ]?[A-Za-z]?")
_FOUR = re.compile(r"[A-Za-z]{1,4}[-_ ]?(\d{4})[-_ ]?[A-Za-z]?")
_ORDERS = {6: ("ymd", "dmy", "mdy"), 8: ("Ymd", "dmY", "mdY")}
# How the names of months begin without accents, but for those that the engines look for.
_MONTHS = (
    "jan|feb|mar|apr|maj|may|jun|jul|aug|sep|okt|oct|nov|dec|dez|"  # most of Europe
    "sty|lut|kwi|cze|lip|sie|wrz|paz|lis|gru|led|uno|bre|dub|kve|cer|srp|zar|rij|pro|sij|velj|ozu|tra|svi|kol|ruj|stu|"  # Slavic
    "ian|iun|iul|sze|oca|sub|nis|haz|tem|agu|eyl|eki|kas|ara|tamm|helm|maal|huht|touk|kesa|hein|elok|syys|loka|marr|joul|des|ags|thang|"
    "янв|фев|мар|апр|мая|маи|июн|июл|авг|сен|окт|ноя|дек|січ|сич|лют|бер|кві|кви|тра|чер|лип|сер|вер|жов|лис|гру|"
    "ιαν|φεβ|μαρ|απρ|μαι|ιουν|ιουλ|αυγ|σεπ|οκτ|νοε|δεκ|ינו|פבר|מרץ|אפר|מאי|יונ|יול|אוג|ספט|אוק|נוב|דצמ|"
    "يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر"
)
_DAY, _MONTH, _FULL_YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19[0-9]{2}|20[0-9]{2})"
_SIGN = r"(?: ?[-/.,:;|~_\\・·] ?| )"
# Years of the calendars of Iran and of Thailand too.
_ANY_YEAR = "(?:1[34][0-9]{2}|19[0-9]{2}|20[0-9]{2}|2[45][0-9]{2})"
_NAMED_MONTH = rf"(?:(?:{_MONTHS})[^\W\d_]*\.?|[ivx]{{1,4}}(?=[ .,/-]))"
_WRITTEN = re.compile(
    rf"(?<![\d.,]){_FULL_YEAR}{_SIGN}{_MONTH}{_SIGN}{_DAY}(?![\da-z,]|\.\d)|(?<![\d.,]){_DAY}{_SIGN}{_DAY}{_SIGN}{_FULL_YEAR}(?![\da-z,]|\.\d)"
    rf"|(?<!\d){_ANY_YEAR}(?P<sign>[-/]){_MONTH}(?P=sign){_DAY}(?!\d)|(?<![\d/]){_DAY}/{_MONTH}/[0-9]{{2}}(?![\d/])|(?<![\d/]){_MONTH}/{_DAY}/[0-9]{{2}}(?![\d/])"
    r"|\d{1,4} ?[年년] ?\d{1,2} ?[月월]|\b\d{1,2},? thang \d{1,2}\b"
    rf"|(?<!\d){_DAY}[ ./_-]{{0,2}}(?:de |di )?{_NAMED_MONTH}[ .,/_-]{{0,2}}(?:de |di )?{_FULL_YEAR}(?!\d)"
    rf"|^{_DAY}[-/.]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/.]?\d\d$"
    rf"|\b{_FULL_YEAR}[ .,/_-]{{1,2}}{_NAMED_MONTH}[ .,/_-]{{1,2}}{_DAY}(?!\d)|\b{_NAMED_MONTH} ['’]\d\d(?!\d)"
    rf"|\b{_FULL_YEAR}-W[0-5]\d\b|(?<!\d){_FULL_YEAR}[01]\d[0-3]\dT\d{{2}}",
    re.IGNORECASE,
)
CHANCE = {6: 3 * 36_525 / 1e6, 8: 3 * 130 * 365.25 / 1e8}
"""Digits of a number -> the share of random ones that are a date in any order."""
CHANCE_OF_YEAR = 0.01
_YEARS = range(1900, 2030)
_WIDTH = {"Y": 4, "y": 2, "m": 2, "d": 2}


def is_written_in(text: str) -> bool:
    """Whether a text holds a date with its year, whatever its language and signs.

    >>> is_written_in("w/c 2/1/23"), is_written_in("2 stycznia 1980"), is_written_in("0.5, 1, 2.0")
    (True, True, False)
    """
    return bool(_WRITTEN.search(normalize("NFC", unaccented(text))))


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
