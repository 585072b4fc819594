"""Columns of an export that are told by their cells: dates and skin types that no header names, appointments, and services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outcomes.deidentify.appointments import CANCELLED_IT, MISSED_IT, appointment, known_share
from outcomes.deidentify.headers import LISTS, Match, plain_words
from outcomes.deidentify.layout import Column
from outcomes.deidentify.mapping import APPOINTMENT, CANCELLED, MISSED, SESSION
from outcomes.deidentify.meanings import is_needling, meaning
from outcomes.deidentify.written import date_forms
from outcomes.errors import counted
from outcomes.tabular.words import words

_STATUSES = frozenset(words(LISTS["layout"]["status"]))
_OF_COURSES = frozenset(("course", "treatment"))
_HALF = 0.5
_LONGEST_TYPE = 12
_MOST_SERVICES = 40


def by_cells(free: Mapping[str, list[str]], found: Mapping[str, Match], columns: Mapping[str, Column]) -> dict[str, Match]:
    """Columns without which nothing can be read, by their cells where no header names them; `free` are the others and their different texts."""
    told: dict[str, Match] = {}
    if "day" not in found and not any(column.visits for column in columns.values()):
        dated = [name for name, said in free.items() if len(said) > 1 and date_forms(said).unread == 0]
        if dated:
            told["day"] = Match((dated[0],), f"its cells are dates{_as_others(dated[1:])}")
    if "fitzpatrick" not in found:
        typed = [name for name, said in free.items() if len(said) > 1 and all(map(_is_type, said))]
        if typed:
            told["fitzpatrick"] = Match((typed[0],), f"its cells are skin types{_as_others(typed[1:])}")
    return told


def _as_others(names: Sequence[str]) -> str:
    return f", as are those of {counted(len(names), 'other columns')}" if names else ""


def _is_type(text: str) -> bool:
    """Whether a text is a skin type by more than a number."""
    told = meaning("fitzpatrick", text)
    return not text.isdigit() and len(text) <= _LONGEST_TYPE and told is not None and bool(told.text)


def not_kept(free: Mapping[str, list[str]], found: Mapping[str, Match], columns: Mapping[str, Column]) -> dict[str, Match]:
    """Columns that say which appointments were not kept, and so are no visits."""
    plain = {name: plain_words(name) for name in free}
    told: dict[str, Match] = {}
    shares = {name: known_share(said) for name, said in free.items() if _may_be_status(plain[name], said)}
    if status := max(shares, key=lambda name: shares[name], default=""):
        told[APPOINTMENT] = Match((status,))
    for column in (MISSED, CANCELLED):
        header = next((name for name in free if name != status and plain[name] in words(LISTS["layout"][column])), "")
        if header:
            told[column] = Match((header,))
    return told


def _may_be_status(header: str, texts: Sequence[str]) -> bool:
    """Whether a column says what became of appointments: by its header and one text, or by half of its texts.

    What is done or pending may be many things, so that bookings alone are not enough.
    """
    told = {appointment(text) for text in texts}
    if _STATUSES & {*header.split()} and not _OF_COURSES & {*header.split()}:
        return bool(told - {None})
    return known_share(texts) >= _HALF and bool(told & {MISSED_IT, CANCELLED_IT})


def services(free: Mapping[str, list[str]], found: Mapping[str, Match], columns: Mapping[str, Column]) -> dict[str, Match]:
    """The column that tells sessions from other services, where nothing else does."""
    if {"treated", SESSION, "sessions_completed"} & found.keys():
        return {}
    for name, said in free.items():
        if 0 < sum(map(is_needling, said)) < len(said) <= _MOST_SERVICES:
            return {"treated": Match((name,), "by the services; is each of them told rightly below?")}
    return {}
