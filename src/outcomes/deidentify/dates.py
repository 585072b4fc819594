"""Dates as a clinic writes them: one declared order, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

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
_TOKEN = re.compile(r"d+|m+|y+", re.IGNORECASE)
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})")
_TIME = re.compile(r"(?:[T ,]+\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?(?: ?[AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d{2}:?\d{2})?)?")

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


def is_format(text: str) -> bool:
    """Whether `text` says how dates are written: day, month and year once each, in an order that people use."""
    tokens = [token.lower() for token in _TOKEN.findall(text)]
    rest = _TOKEN.sub("", text)
    order = "".join(token[0] for token in tokens)
    if order not in ("dmy", "mdy", "ymd") or re.search(r"[^ ./,-]", rest):
        return False
    # Day and month of one or two digits run into each other unless something stands between.
    apart = re.fullmatch(r"\w+\W+\w+\W+\w+", text.strip())
    return all(token in _PARTS for token in tokens) and bool(apart or text.strip().lower() in _COMPACT)


def reader(form: str) -> Callable[[str], date | None]:
    """A function from a text to its date, None where the text is not a date written as `form` (or as ISO) says.

    A time may stand behind the date. A year of two digits (``yy``) is of this century.
    """
    pattern = "".join(
        _PARTS[piece.lower()] if _TOKEN.fullmatch(piece) else re.escape(piece).replace(r"\ ", r" ?")
        for piece in re.findall(r"d+|m+|y+|[^dmy]+", form.strip(), flags=re.IGNORECASE)
    )
    written = re.compile(pattern.replace("{1,2}", "{2}") if form.strip().lower() in _COMPACT else pattern)

    def read(text: str) -> date | None:
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


def _date(parts: dict[str, str | None]) -> date | None:
    year = parts.get("y") or f"20{parts['yy']}"
    month = parts.get("m") or _month(parts.get("name") or "")
    try:
        return date(int(year), int(month), int(parts["d"] or 0))
    except ValueError:
        return None


def _month(name: str) -> int:
    plain = unaccented(name.casefold())
    return next((number for number, starts in enumerate(_MONTHS, start=1) if plain.startswith(starts)), 0)
