"""Dates as a clinic writes them: declared orders, tried one after the other; nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import combinations

from outcomes.tabular.words import unaccented

_PARTS = {
    "d": r"(?P<d>\d{1,2})",
    "dd": r"(?P<d>\d{1,2})",
    "m": r"(?P<m>\d{1,2})",
    "mm": r"(?P<m>\d{1,2})",
    "mmm": r"(?P<name>[^\W\d_]{3,12}\.?)",
    "yyyy": r"(?P<y>\d{4})",
    "yy": r"(?P<yy>\d{2})",
}
_COMPACT = {"yyyymmdd", "ddmmyyyy", "mmddyyyy"}
SERIAL = {"serial": date(1899, 12, 30), "serial 1904": date(1904, 1, 1)}
"""Dates as the numbers in which a spreadsheet keeps them -> the day that is 0: of most workbooks, and of old ones of a Macintosh."""

_NUMBER = re.compile(r"\d{4,6}(?:\.\d+)?")
_EARLIEST, _LATEST = date(1900, 3, 1), date(2100, 1, 1)
_TOKEN = re.compile(r"d+|m+|y+", re.IGNORECASE)
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})")
_TIME = re.compile(
    r"(?:[T ,]+\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?(?: ?(?:[AaPp]\.?[Mm]\.?|Uhr|h))?(?:Z|[+-]\d{2}:?\d{2})?)?"
)

# English, German, French, Spanish, Portuguese, Italian; without accents, by what no other month begins with.
_MONTHS = (
    ("jan", "jan", "jae", "ene", "gen"),
    ("feb", "fev", "feb"),
    ("mar", "mae", "mrz"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mag"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "aou", "ago"),
    ("sep", "set"),
    ("oct", "okt", "out", "ott"),
    ("nov",),
    ("dec", "dez", "dic"),
)


# Days of the week in the same languages, by their beginnings.
_WEEKDAYS = (
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "dien", "mitt", "don", "frei", "sam", "son", "lun", "mar", "mer", "jeu", "ven", "dim",
    "mie", "jue", "vie", "sab", "dom", "seg", "ter", "qua", "qui", "sex", "gio",
)  # fmt: skip
_SHORT_WEEKDAYS = ("mo", "di", "mi", "do", "fr", "sa", "so")
_FIRST_WORD = re.compile(r"([^\W\d_]{2,}(?:-[^\W\d_]+)?)[.,]{0,2} +(?=\w)")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|°)(?=\W)", re.IGNORECASE)
_OF = re.compile(r" +(?:de|del|of) +", re.IGNORECASE)


def _without_weekday(text: str) -> str:
    """A date without the day of the week before it; a month that stands there stays."""
    begun = _FIRST_WORD.match(text)
    if not begun:
        return text
    word, rest = unaccented(begun[1].casefold()), text[begun.end() :]
    if not (word in _SHORT_WEEKDAYS or word.startswith(_WEEKDAYS)):
        return text
    has_month = any(map(month, re.findall(r"[^\W\d_]{3,}", rest))) or re.match(r"\d{1,4}[./-]\d{1,2}[./-]\d", rest)
    return rest if has_month or not month(word) else text


def is_format(text: str) -> bool:
    """Whether `text` says how dates are written: day, month and year once each, in an order that people use, or "serial".

    >>> is_format("dd.mm.yyyy"), is_format("mmm d, yyyy"), is_format("serial"), is_format("mm.yyyy")
    (True, True, True, False)
    """
    if _is_serial(text):
        return True
    tokens = [token.lower() for token in _TOKEN.findall(text)]
    rest = _TOKEN.sub("", text)
    order = "".join(token[0] for token in tokens)
    if order not in ("dmy", "mdy", "ymd") or re.search(r"[^ ./,-]", rest):
        return False
    # Day and month of one or two digits run into each other unless something stands between.
    apart = re.fullmatch(r"\w+\W+\w+\W+\w+", text.strip())
    return all(token in _PARTS for token in tokens) and bool(apart or text.strip().lower() in _COMPACT)


def contradictions(forms: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of forms that read the same figures as different days: day first and month first with the same signs between.

    >>> contradictions(["dd/mm/yyyy", "mm/dd/yy", "mm.dd.yyyy", "mmm d, yyyy"])
    [('dd/mm/yyyy', 'mm/dd/yy')]
    """
    return [pair for pair in combinations(forms, 2) if _contradict(*map(_order, pair))]


def has_short_year(form: str) -> bool:
    """Whether years are written with two digits, so that a date of birth may be of the century before."""
    return not _is_serial(form) and "yyyy" not in form.lower()


def is_serial_number(text: str) -> bool:
    """Whether a text is the number of a day between 1954 and 2036, as a spreadsheet keeps dates."""
    return bool(re.fullmatch(r"[2-4]\d{4}(?:\.\d+)?", text))


def reader(form: str) -> Callable[[str], date | None]:
    """A function from a text to its date, None where the text is not a date written as `form` (or as ISO) says.

    A time may stand behind the date, and the day of the week before it. A year of two digits (``yy``) is of this century.

    >>> reader("mmm d, yyyy")("Oct 5, 1991"), reader("serial")("44939")
    (datetime.date(1991, 10, 5), datetime.date(2023, 1, 13))
    >>> reader("dd mmm yyyy")("Tue 5th March 2024"), reader("dd mmm yyyy")("14 de marzo de 2024")
    (datetime.date(2024, 3, 5), datetime.date(2024, 3, 14))
    """
    if _is_serial(form):
        return _serial_reader(SERIAL[form.strip().lower()])
    pattern = "".join(
        _PARTS[piece.lower()] if _TOKEN.fullmatch(piece) else re.escape(piece).replace(r"\ ", r" ?")
        for piece in re.findall(r"d+|m+|y+|[^dmy]+", form.strip(), flags=re.IGNORECASE)
    )
    written = re.compile(pattern.replace("{1,2}", "{2}") if form.strip().lower() in _COMPACT else pattern)
    has_name = "mmm" in form.lower()

    def read(text: str) -> date | None:
        text = _without_weekday(text)
        if has_name:
            text = _ORDINAL.sub("", _OF.sub(" ", text))
        for known in (written, _ISO):
            begun = known.match(text)
            if begun and _TIME.fullmatch(text, begun.end()):
                return _date(begun.groupdict())
        return None

    return read


def years_between(born: date, day: date) -> int:
    """Whole years from `born` to `day`: the age. Someone born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def century_before(day: date) -> date:
    """The same day a hundred years before."""
    try:
        return day.replace(year=day.year - 100)
    except ValueError:
        return day.replace(year=day.year - 100, day=28)


def _is_serial(form: str) -> bool:
    return form.strip().lower() in SERIAL


def _serial_reader(zero: date) -> Callable[[str], date | None]:
    def read(text: str) -> date | None:
        if begun := _ISO.match(text):
            return _date(begun.groupdict()) if _TIME.fullmatch(text, begun.end()) else None
        if not _NUMBER.fullmatch(text):
            return None
        day = zero + timedelta(days=int(float(text)))
        return day if _EARLIEST <= day < _LATEST else None

    return read


def _contradict(one: tuple[str, str, bool], other: tuple[str, str, bool]) -> bool:
    (signs, order, is_short), (other_signs, other_order, is_other_short) = one, other
    is_told_by_year = "ymd" in (order, other_order) and not (is_short and is_other_short) and bool(signs)
    return signs == other_signs and order != other_order and not is_told_by_year


def _order(form: str) -> tuple[str, str, bool]:
    """The signs between the parts of a date in figures, their order, and whether its year has two digits.

    A form without signs of its own has its own name in their place where no figures can be mistaken.
    """
    tokens = [token.lower() for token in _TOKEN.findall(form)]
    if _is_serial(form) or "mmm" in tokens:
        return form, "", False
    return "".join(sorted(set(_TOKEN.sub("", form)))), "".join(token[0] for token in tokens), "yy" in tokens


def _date(parts: dict[str, str | None]) -> date | None:
    year = parts.get("y") or f"20{parts['yy']}"
    number = parts.get("m") or month(parts.get("name") or "")
    try:
        return date(int(year), int(number), int(parts["d"] or 0))
    except ValueError:
        return None


def month(name: str) -> int:
    """The number of a month by its name in six languages; 0 for any other word.

    >>> month("März"), month("sept."), month("grade")
    (3, 9, 0)
    """
    plain = unaccented(name.casefold())
    return next((number for number, starts in enumerate(_MONTHS, start=1) if plain.startswith(starts)), 0)
