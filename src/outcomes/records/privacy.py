"""What could identify a patient: column names, calendar dates, contact details, ages above 90. Nothing is repeated.

The identifiers are those of the HIPAA Safe Harbor method, 45 CFR 164.514(b)(2), as far as a table can show them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from outcomes.definitions.columns import COLUMN
from outcomes.records.texts import is_named_header
from outcomes.tabular.words import unaccented, word_lists, words

# nw.Expr and nw.when chains have different static types.
Expr = Any

_LISTS = word_lists("outcomes.records", "identifiers.toml")
_WORDS, _WHOLE = frozenset(words(_LISTS["words"])), frozenset(words(_LISTS["whole"]))
_PARTS = re.compile("|".join(map(re.escape, words(_LISTS["parts"]))))
_MONTHS = "jan|ener|genn|feb|fev|fév|mar|mär|mae|apr|abr|avr|may|mai|magg|jun|jui|giug|jul|lugl|aug|ago|aou|aoû|sep|set|oct|okt|out|ott|nov|dec|dez|dic|déc"
_DAY = "(0?[1-9]|[12][0-9]|3[01])"
_YEAR = "(19|20)[0-9]{2}"

# Hyphens that do not break, and dashes, look like the hyphen.
_APART = "[-/. _\u2010-\u2015\u2212]"
_BETWEEN = "([ .,_-]|(de|di|of) )+"
_DATE = (
    rf"(^|[^0-9]){_YEAR}{_APART}(0?[1-9]|1[0-2]){_APART}{_DAY}([^0-9]|$)"
    rf"|(^|[^0-9]){_DAY}{_APART}{_DAY}{_APART}{_YEAR}([^0-9]|$)"
    rf"|^{_DAY}[-/.]{_DAY}[-/.][0-9]{{2}}$|^{_YEAR}[-/](0?[1-9]|1[0-2])$|^(0?[1-9]|1[0-2])[-/]{_YEAR}$"
    # Closed up it must be all of the cell: DEC and FEB are hexadecimal digits.
    rf"|(?i:^{_DAY}({_MONTHS})[a-zäéûç]*{_YEAR}$|(^|[^0-9A-Za-z]){_DAY}(st|nd|rd|th)?{_BETWEEN}({_MONTHS})[a-zäéûç]*{_BETWEEN}{_YEAR}([^0-9]|$))"
    rf"|(?i:(^|[^0-9A-Za-z]){_DAY}(st|nd|rd|th)?[ .,_-]+({_MONTHS})[a-zäéûç]*[ .,_-]+[0-9]{{2}}([^0-9]|$))"
    rf"|(?i:(^|[^0-9A-Za-z])({_MONTHS})[a-zäéû]*[ .,_-]+({_DAY}(st|nd|rd|th)?[ .,_-]+)?{_YEAR}([^0-9]|$))"
)
_COMPACT_DATE = rf"^{_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$|^(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2]){_YEAR}$"
# The days since 1900 that a spreadsheet shows as a date, from 1954 on.
_SERIAL_DATE = r"^[2-6][0-9]{4}(\.[0-9]+)?$"
_EMAIL = "[^@\uff20\\s][@\uff20][^@\uff20\\s]+\\.[A-Za-z]"
_WEB = r"(?i:https?://|www\.)|^[0-9]{1,3}(\.[0-9]{1,3}){3}$"
_PHONE = r"\+[0-9][0-9 ()./-]{7,}[0-9]|(^|[^0-9])\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}([^0-9]|$)|(^|[^0-9])[0-9]{3}-[0-9]{2}-[0-9]{4}([^0-9]|$)"
# A code may hold such digits; a text that does holds a number with its area code.
_LOCAL_PHONE = "(^|[^0-9.])\\(?0[0-9]{1,4}\\)?[ \u00a0/-][0-9]{3,4}[ \u00a0-]?[0-9]{3,5}([^0-9]|$)"
_VOWEL = "[AEIOUYaeiouyÀ-ɏ]"
_LETTER, _SPELT = "[A-Za-zÀ-ɏ' .,_-]", "[À-ɏ' .,]"
# Spelt as only names are.
_NAME_AS_ID = rf"^{_LETTER}*{_SPELT}{_LETTER}*{_VOWEL}{_LETTER}*$|^{_LETTER}*{_VOWEL}{_LETTER}*{_SPELT}{_LETTER}*$|[Ͱ-῿⺀-퟿]{{2}}"
_OVER_90 = r"^(9[1-9]|[1-9][0-9]{2,})([.,][0-9]*)?$"

DATE, CONTACT, PHONE = "calendar dates", "e-mail or internet addresses", "telephone or social security numbers"
NAME, AGE = "codes that look like a name", "ages above 90"


class Rule(NamedTuple):
    """How the cells of a column can identify: what they then hold -> its pattern; and which cells are looked at."""

    column: str
    patterns: dict[str, str]
    is_looked_at: Expr

    def is_private(self, *holds: str) -> Expr:
        """Whether a cell holds any of these, or anything at all where none is named."""
        pattern = "|".join(self.patterns[each] for each in holds or self.patterns)
        return nw.when(self.is_looked_at).then(nw.col(self.column).str.contains(pattern))


def is_identifying(name: str) -> bool:
    """Whether a column of this name holds what identifies a person or a place; in any spelling, the contract's own never.

    >>> is_identifying("Patient Name"), is_identifying("dateOfBirth"), is_identifying("scar_score")
    (True, True, False)
    """
    if name.strip().lower() in COLUMN:
        return False
    plain = unaccented(name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    own = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", plain)
    squeezed = "".join(own).lower()
    return bool(_WORDS & {word.lower() for word in own}) or squeezed in _WORDS | _WHOLE or bool(_PARTS.search(squeezed))


def private_headers(names: Iterable[str]) -> list[str]:
    """Why the columns of these names are refused, one sentence each."""
    reasons = []
    for place, name in enumerate(names, start=1):
        if any(re.search(pattern, name.strip()) for pattern in (_DATE, _EMAIL, _WEB, _PHONE)):
            reasons.append(f"column {place}: its header holds a date, an address or a telephone number")
        elif name.strip().lower() not in COLUMN and is_named_header(name):
            reasons.append(
                f"column {place}: its header is no header but names a person, an address or a number; is the first row a record?"
            )
        elif is_identifying(name):
            reasons.append(f"column {name.strip()!r}: by its name it identifies a person or a place")
    return reasons


def is_private(columns: Sequence[str]) -> Expr:
    """Whether a row holds in any of these text columns what could identify a patient: true or false."""
    known = private_rules(name for name in columns if name in COLUMN)
    found = [rule.is_private() for rule in known]
    others = [name for name in columns if name not in COLUMN]
    if others:
        # One text for all unknown columns: a source may have thousands of them.
        text = nw.concat_str([nw.col(name) for name in others], separator="\n", ignore_nulls=True)
        found.append(text.str.contains(f"(?m){'|'.join(_rule(others[0], 'unknown').patterns.values())}"))
    return nw.any_horizontal(nw.lit(False), *found, ignore_nulls=True)


def private_rules(columns: Iterable[str]) -> list[Rule]:
    """The rules for text columns, one each."""
    return [_rule(column, COLUMN[column].kind if column in COLUMN else "unknown") for column in columns]


def _rule(column: str, kind: str) -> Rule:
    text = nw.col(column)
    patterns = {DATE: _DATE if kind in ("text", "id") else f"{_DATE}|{_COMPACT_DATE}", CONTACT: f"{_EMAIL}|{_WEB}", PHONE: _PHONE}
    if kind != "id":
        patterns[PHONE] += f"|{_LOCAL_PHONE}"
    if column == "day":
        patterns[DATE] += f"|{_SERIAL_DATE}"
    if column == "age":
        patterns[AGE] = _OVER_90
    if kind == "id":
        patterns[NAME] = _NAME_AS_ID
    return Rule(column, patterns, ~text.is_null())
