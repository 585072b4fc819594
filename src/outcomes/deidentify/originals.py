"""Where an export's own numbers and names can't be trusted to tell its patients apart: spoilt by a spreadsheet, or written in several ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from unicodedata import category, normalize

from outcomes.tabular.words import unaccented

Parts = tuple[str, ...]

# Several numbers become the same one so, and a date or an error stands for several texts.
_ROUNDED = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?e[-+][0-9]{2,3}")
_ERROR = re.compile(r"#(?:[a-z/0]+[!?]|n/a|#+)")
_MONTH = "(?:jan|ene|gen|feb|fev|f\u00e9v|mar|m\u00e4r|mrz|apr|avr|abr|may|mai|mag|jun|jui|giu|jul|lug|aug|ao[u\u00fb]|ago|sep|set|oct|okt|out|ott|nov|dec|d\u00e9c|dez|dic)"
_DATED = re.compile(
    rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([t ]00:00(:00)?)?|[0-9]{{1,2}}-{_MONTH}|{_MONTH}-[0-9]{{2}}|[0-9]{{1,2}}\. ?{_MONTH}[a-z]?\.?"
)
_LONGEST_NUMBER = 15
"""Digits of a number that a spreadsheet keeps."""
_NOTHING = "unknown none null nil nan n/a n.a. na ? ?? ??? - -- --- . x xx xxx tbd tba missing blank"
_NOBODY = frozenset(f"{_NOTHING} unbekannt keine inconnu desconocido desconhecido sconosciuto".split())

ROUNDED = "a number that a spreadsheet has rounded, such as 1.23E+12: several become the same; export the column as text"
ERROR = "an error of a spreadsheet in place of a value"
DATED = "a date that a spreadsheet may have made of a number such as 3-1; export the column as text"
NOBODY = 'says that nothing is known, and would be one patient; write it as blank = ["..."] under [export], or fill it in'
_SAY = "write both in one way, or say under [values.{column}] which is meant"
CASE = "differs from row {row} only in capitals, which may tell two apart here: " + _SAY
ZEROS = "differs from row {row} only in zeros at the beginning, a point, a dash or an accent: " + _SAY
KNOWN = (
    "differs from one in the linkage file only in zeros at the beginning, a point, a dash or an accent: "
    "write it as there, or say under [values.{column}] which is meant"
)


def key(original: str) -> str:
    """An original for comparing: two spellings with the same key are the same person.

    >>> key("'ANN  Müster") == key("ann mu\u0308ster\u200b"), key("007") == key("7")
    (True, False)
    """
    # What is not seen, such as a zero-width space, makes nobody another person.
    seen = "".join(letter for letter in normalize("NFKC", original) if category(letter) != "Cf")
    return " ".join(seen.lstrip("'").split()).casefold()


def loose_key(original: str) -> str:
    """The same without what a spreadsheet or a tired typist drops: two spellings with the same one may be the same person.

    >>> loose_key("P-007") == loose_key("p7"), loose_key("7.0") == loose_key("07"), loose_key("70") == loose_key("7")
    (True, True, False)
    """
    plain = re.sub(r"\.0+$", "", unaccented(key(original)))
    parted = re.sub(r"[-\u2010-\u2015\u2212_./ ]+", "-", plain)
    joined = re.sub(r"(?<=[^\W\d_])-(?=[0-9])|(?<=[0-9])-(?=[^\W\d_])", "", parted)
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", joined)


def spoilt(originals: Iterable[Parts], *, is_patient: bool) -> dict[Parts, str]:
    """Originals that may stand for several others, and why: what a spreadsheet has made of them, or that nothing is known."""
    problems: dict[Parts, str] = {}
    alone = [parts[0] for parts in originals if len(parts) == 1]
    for text in alone:
        plain = key(text)
        if _ROUNDED.fullmatch(plain):
            problems[text,] = f"is {ROUNDED}"
        elif _ERROR.fullmatch(plain):
            problems[text,] = f"is {ERROR}"
        elif _DATED.fullmatch(plain):
            problems[text,] = f"is {DATED}"
        elif is_patient and plain in _NOBODY:
            problems[text,] = NOBODY
    long = [text for text in alone if text.isascii() and text.isdigit() and len(text) > _LONGEST_NUMBER]
    if long and all(_is_cut(text) for text in long):
        problems |= {(text,): f"is {ROUNDED}" for text in long}
    return problems


def _is_cut(digits: str) -> bool:
    """Whether nothing of a long number is left but what a spreadsheet keeps of it."""
    return int(digits) in (int(digits[:_LONGEST_NUMBER].ljust(len(digits), "0")), int(float(f"{float(digits):.15g}")))


class Compared(NamedTuple):
    """`problems`: original -> why it may be another's too. `alike`: originals taken for the same as one written a little otherwise."""

    problems: dict[Parts, str]
    alike: frozenset[Parts]


def compared(column: str, first_rows: Mapping[Parts, int], known: Iterable[str]) -> Compared:
    """The originals of patients or courses beside each other, and beside those of the linkage file, `known`.

    `first_rows`: original -> the row in which it first stands.
    """
    problems: dict[Parts, str] = {}
    alike: set[Parts] = set()
    in_linkage = {loose_key(original): key(original) for original in known}
    by_key: dict[Parts, Parts] = {}
    by_loose_key: dict[Parts, Parts] = {}
    for parts in sorted(first_rows, key=lambda parts: first_rows[parts]):
        exact, loose = tuple(map(key, parts)), tuple(map(loose_key, parts))
        same, like = by_key.setdefault(exact, parts), by_loose_key.setdefault(loose, parts)
        other = in_linkage.get(" | ".join(loose))
        if same != parts and _is_told_by_case(same, parts):
            problems[parts] = CASE.format(row=first_rows[same], column=column)
        elif tuple(map(key, like)) != exact:
            problems[parts] = ZEROS.format(row=first_rows[like], column=column)
        elif other is not None and other != " | ".join(exact):
            problems[parts] = KNOWN.format(column=column)
        elif same != parts:
            alike.add(parts)
    return Compared(problems, frozenset(alike))


def _is_told_by_case(one: Parts, other: Parts) -> bool:
    """Whether two codes alike but for their capitals are of a kind in which capitals count: small and capital letters mixed within."""
    if len(one) > 1 or one[0] == other[0] or one[0].casefold() != other[0].casefold():
        return False
    return any(
        re.search(r"[a-z][0-9_-]*[A-Z]|[A-Z][0-9_-]+[a-z]|[A-Z]{2}[a-z]", text) and " " not in text for text in (*one, *other)
    )
