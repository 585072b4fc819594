"""Texts for comparing, the nearest of several words, and lists of words that speakers of a language keep."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from unicodedata import category, combining, decimal, normalize


def folded(text: str) -> str:
    """A text for comparing: trimmed, in lower case, inner blanks as one space.

    >>> folded("  Visit   DATE ")
    'visit date'
    """
    return " ".join(text.split()).casefold()


def unaccented(text: str) -> str:
    """A text with the accents left off its letters.

    >>> unaccented("Gerät, née, №")
    'Gerat, nee, No'
    """
    return "".join(letter for letter in normalize("NFKD", text) if not combining(letter))


def plain(text: str) -> str:
    """A text with letters, signs and digits of any width and script as usual ones, and without signs that can't be seen.

    >>> plain("０９０－１２３４"), plain("٠٢/٠١/١٩٨٠"), plain("Ja\u00adne\u200b")
    ('090-1234', '02/01/1980', 'Jane')
    """
    seen = (letter for letter in normalize("NFKC", text) if category(letter) != "Cf")
    return "".join(str(decimal(letter, letter)) for letter in seen)


def unquoted(reason: str) -> str:
    """What a library says has gone wrong, up to what it quotes: that may be a cell.

    >>> unquoted('Invalid string found: value "Jane Smith" is not UTF-8')
    'Invalid string found: value'
    """
    return re.split("[\"'`“‘«]", reason.strip().partition("\n")[0])[0].rstrip(" :,;(")


def beginning(text: str) -> str:
    """A text of somebody else's as a message shows it, in quotes: its beginning, without what would upset a terminal.

    >>> beginning("harbour"), beginning("x" * 50)
    ("'harbour'", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'")
    """
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def latin_words(text: str) -> str:
    """A text for comparing by its words: lower case, no accents, single spaces for whatever is no letter or digit.

    >>> latin_words("Nicht-erschienen (Gerät)")
    'nicht erschienen gerat'
    """
    return " ".join(re.findall(r"[a-z0-9]+", unaccented(text.casefold())))


def apart(text: str) -> str:
    """A text with a space where a capital begins a word within one.

    >>> apart("clientId"), apart("NoShow"), apart("GB grade")
    ('client Id', 'No Show', 'GB grade')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a refusal that names the nearest of the `known` words; "" where none is near.

    >>> did_you_mean("audiense", ["endpoint", "audience"]), did_you_mean("x", ["endpoint"])
    ('; did you mean audience?', '')
    """
    by_folded = {folded(other): other for other in known}
    near = difflib.get_close_matches(folded(word), by_folded, n=1)
    return f"; did you mean {by_folded[near[0]]}?" if near else ""


@cache
def word_lists(folder: str, name: str) -> dict[str, Any]:
    """A TOML file that lies in a folder of this package, such as ``"outcomes.deidentify"``, as its tables."""
    return tomllib.loads((files(folder) / name).read_text(encoding="utf-8"))


def words(table: Mapping[str, Any]) -> tuple[str, ...]:
    """All words of a table of lists, from top to bottom, with those of the tables in it.

    >>> words({"en": ["date", "day"], "de": ["tag"], "otherwise": {"en": ["when"]}})
    ('date', 'day', 'tag', 'when')
    """
    return tuple(word for listed in table.values() for word in (words(listed) if isinstance(listed, Mapping) else listed))
