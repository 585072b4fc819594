"""Given and family names of many countries, and how like a name the letters of a code are."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from outcomes.tabular.words import unaccented

SHORTEST = 3
_SHORTEST_WITH_INITIAL = 4
_SHORTEST_OF_TWO = 8
_RUN = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "herr",
        "frau",
        "mme",
        "mlle",
        "sra",
        "srta",
        "senhor",
        "senhora",
        "sig",
        "dott",
        "dra",
        "mevr",
        "dhr",
    ]
)
"""What stands before a name; such letters alone are no name."""


class Names(NamedTuple):
    """Names in small letters without accents: all of them, and those that are words as well; how many there are by length."""

    all: frozenset[str]
    words: frozenset[str]
    by_length: dict[int, int]


@cache
def names() -> Names:
    """The list in ``names.txt``, read when it is first needed."""
    lines = (files("outcomes.records") / "names.txt").read_text(encoding="ascii").splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    plain = frozenset(line.rstrip("*") for line in listed)
    return Names(plain, frozenset(line[:-1] for line in listed if line.endswith("*")), dict(Counter(map(len, plain))))


def runs(text: str) -> list[str]:
    """The runs of letters in a text, apart where capitals begin a new one.

    >>> runs("JaneSmith80"), runs("JSmith-2"), runs("o'brien")
    (['Jane', 'Smith'], ['J', 'Smith'], ['o', 'brien'])
    """
    return _RUN.findall(text)


def is_name(word: str) -> bool:
    """Whether a word is a common given or family name.

    >>> is_name("Nguyen"), is_name("Müller"), is_name("xqz")
    (True, True, False)
    """
    return unaccented(word.replace("ß", "ss")).lower() in names().all


def is_only_a_name(word: str) -> bool:
    """Whether a word is a name and no other word: Nguyen, but not Rose.

    >>> is_only_a_name("Nguyen"), is_only_a_name("Rose")
    (True, False)
    """
    return is_name(word) and unaccented(word).lower() not in names().words


class Likeness(NamedTuple):
    """How many of a code's runs of letters are names, how likely that is by chance, and whether any is no other word."""

    hits: int
    chance: float
    is_plain: bool


def whole_names(code: str) -> Likeness:
    """Runs that are names as a whole, or two names in one: ``Smith01``, ``janesmith``."""
    known, hits, chance, plain = names(), 0, 0.0, False
    for run in runs(code):
        word = run.lower()
        if len(word) < SHORTEST or word in TITLES:
            continue
        chance += _share(len(word)) / (2 ** len(word) if run.istitle() and len(word) <= 6 else 1) + _share_of_two(len(word))
        if word in known.all or any(word[:cut] in known.all and word[cut:] in known.all for cut in _cuts(len(word))):
            hits += 1
            plain = plain or word not in known.words
    return Likeness(hits, min(chance, 1.0), plain)


def names_with_initials(code: str) -> Likeness:
    """Runs that are a name with an initial or two before or behind it: ``jsmith2``, ``smithjr``."""
    known, hits, chance = names(), 0, 0.0
    for run in runs(code):
        word = run.lower()
        for letters in (1, 2):
            if len(word) - letters < _SHORTEST_WITH_INITIAL + letters - 1:
                continue
            chance += 2 * _share(len(word) - letters)
            hits += word[letters:] in known.all or word[:-letters] in known.all
    return Likeness(min(hits, 1), min(chance, 1.0), is_plain=True)


@cache
def _share(length: int) -> float:
    """The share of random letters of this length that are a name."""
    return names().by_length.get(length, 0) / 26**length


@cache
def _share_of_two(length: int) -> float:
    return sum(_share(first) * _share(length - first) for first in _cuts(length))


def _cuts(length: int) -> range:
    """Where a run of letters may be two names: short words are too often two short ones."""
    return range(SHORTEST, length - SHORTEST + 1) if length >= _SHORTEST_OF_TWO else range(0)
