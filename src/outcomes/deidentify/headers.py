"""Which header of an export is which column of a session record, by its words in one of six languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.deidentify.mapping import MAPPED, SESSION
from outcomes.tabular.words import apart, latin_words, word_lists, words

LISTS = word_lists("outcomes.deidentify", "synonyms.toml")
_SYNONYMS = {column: words(names) for column, names in LISTS["columns"].items()}
"""Contract column -> its usual names, in order of preference."""

_AGES = words(LISTS["columns"]["age"]["otherwise"])
_TIP = ["|".join(map(re.escape, names)) for names in LISTS["tip"].values()]
_PERSON = words(LISTS["person"])
_SINCE = re.compile(rf"\b(?:{'|'.join(words(LISTS['since']))})\b")
_BRIEF = ("gb",)
"""Names of two letters that are told from within a longer header too."""
_PASSING, _OTHER = frozenset(words(LISTS["passing"])), frozenset(words(LISTS["other"]))

_PEOPLE = ("provider_id", "assessor_id")
_BEFORE, _AFTER = (frozenset(words(LISTS["layout"][name])) for name in ("before", "after"))
_SPANS = frozenset(word for name in ("day", "week", "month") for word in words(LISTS["layout"][name]))

EXACT, SURE, LIKELY = 3, 2, 1


class Match(NamedTuple):
    """The headers that together hold a column, and why somebody has to check it; blank where it is sure."""

    headers: tuple[str, ...]
    doubt: str = ""


def plain_words(name: str) -> str:
    """A text for comparing: lower case, no accents, single spaces for whatever is no letter or digit.

    >>> plain_words("Goodman & Baron Grade (1-4)"), plain_words("Visit #")
    ('goodman baron grade 1 4', 'visit no')
    """
    return latin_words(apart(name).replace("№", " no ").replace("#", " no "))


def matches(headers: Sequence[str], fits: Callable[[str, str], bool] = lambda column, header: True) -> dict[str, Match]:
    """Contract column -> the header that goes by a usual name for it; no header is taken twice.

    `fits` says whether the cells below a header can be those of a column.
    """
    plain = {header: plain_words(header) for header in headers}
    candidates = sorted(
        (-near, _moment(plain[header]), -near * len(name) if near < EXACT else 0, place, rank, column, header)
        for place, (column, names) in enumerate(_names().items())
        for rank, name in enumerate(names)
        for header in dict.fromkeys(headers)
        if (near := _closeness(plain[header], name, _vocabulary(column)))
    )
    found: dict[str, Match] = {}
    taken: set[str] = set()
    # Beside the name of a score, a word for a person says who gave it.
    said_by = {(header, -near) for near, *_, column, header in candidates if column not in _PEOPLE}
    for near, _, _, _, _, column, header in candidates:
        if column in _PEOPLE and near == -LIKELY and (header, LIKELY) in said_by:
            continue
        if column not in found and header not in taken and fits(column, header):
            rivals = [
                other
                for other in dict.fromkeys(other for n, *_, of, other in candidates if of == column and n == near)
                if other != header and other not in taken and fits(column, other)
            ]
            as_near = f"as near: {', '.join(rivals)}" if rivals and -near < EXACT else ""
            doubt = "; ".join(filter(None, ["the header says more" if -near < SURE else "", as_near]))
            found[column] = Match((header,), doubt)
            taken.add(header)
    if SESSION in found:
        found.pop("sessions_completed", None)
    lot, serial = (next((name for name in headers if re.search(rf"\b({word})\b", plain[name])), None) for word in _TIP)
    if lot and serial and lot != serial and not {lot, serial} & (taken - {*found.get("tip_code", Match(())).headers}):
        found["tip_code"] = Match((lot, serial))
    people = [next((header for header in headers if plain[header] == name and header not in taken), "") for name in _PERSON]
    if "patient_id" not in found and any(people):
        born = [name for name in found.get("age", Match(())).headers if plain[name] not in _AGES]
        found["patient_id"] = Match((*dict.fromkeys(filter(None, people)), *born))
    return {column: found[column] for column in MAPPED if column in found}


def _moment(header: str) -> int:
    """When something is of, by its header: before a session (-1), not told (0), or some time after it (1).

    >>> _moment("gb before"), _moment("gb grade"), _moment("4 week gb")
    (-1, 0, 1)
    """
    told = {*header.split()}
    is_later = bool(_AFTER & told) or (bool(_SPANS & told) and any(word.isdigit() for word in told))
    return int(is_later) - int(bool(_BEFORE & told) and not is_later)


def is_about_else(header: str) -> bool:
    """Whether a header has a word beside which a usual name means something else, such as ``Next appointment date``."""
    return bool(_OTHER & {*_SINCE.sub("", plain_words(header)).split()})


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Contract column -> every name that it goes by, its own first; a score goes by its endpoint and scales as well."""
    order = (*_SYNONYMS, *(column for column in MAPPED if column not in _SYNONYMS))
    return {column: (*_own(column), *_SYNONYMS.get(column, ()), *_of_endpoint(column)) for column in order}


def _own(column: str) -> tuple[str, ...]:
    """The name of the column itself, unless it has its place among the others: an age comes after a date of birth."""
    return () if plain_words(column) in _SYNONYMS.get(column, ()) else (plain_words(column),)


def _of_endpoint(column: str) -> list[str]:
    endpoint = next((endpoint for endpoint in ENDPOINTS.values() if endpoint.score_column == column), None)
    return [plain_words(endpoint.label), *(text for name in endpoint.scales for text in scale_names(name))] if endpoint else []


def scale_names(scale: str) -> tuple[str, str]:
    """How headers name a scale: by its code and by its label."""
    return plain_words(scale), plain_words(SCALES[scale].label)


@cache
def _vocabulary(column: str) -> frozenset[str]:
    """Every word of the usual names of a column: beside one of them, the others say nothing new."""
    return frozenset(word for name in (*_SYNONYMS.get(column, ()), *_of_endpoint(column)) for word in name.split())


def _closeness(header: str, name: str, vocabulary: frozenset[str]) -> int:
    """How well a header goes by a name: equal, with words that change nothing, with other words, or not at all (0)."""
    if header == name:
        return EXACT
    told, known = header.split(), name.split()
    if not known or not {*known} <= {*told} or (len(known) == 1 and len(name) < 3 and name not in _BRIEF):
        return 0
    rest = [word for word in told if word not in known]
    if _OTHER & ({*_SINCE.sub("", header).split()} - {*known}):
        return 0
    return SURE if all(word in _PASSING or word in vocabulary or word.isdigit() for word in rest) else LIKELY
