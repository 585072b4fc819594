"""Words in cells that tell what a row is: what became of an appointment, as only one that was kept is a visit; and sums below a table."""

from __future__ import annotations

from collections.abc import Iterable

from outcomes.tabular.words import latin_words, word_lists, words

KEPT, MISSED_IT, CANCELLED_IT, BOOKED = MEANINGS = ("kept", "missed", "cancelled", "booked")
"""What can have become of an appointment; ``booked`` where nothing has yet."""

_LISTS = word_lists("outcomes.deidentify", "cell_words.toml")
_MEANING = {word: meaning for meaning, lists in _LISTS["appointment"].items() for word in words(lists)}
_TOTALS = frozenset(words(_LISTS["total"]))


def appointment(text: str) -> str | None:
    """What became of an appointment by its usual words in one of six languages; None for any other word.

    >>> appointment("No-Show"), appointment("Checked out"), appointment("Nicht erschienen"), appointment("Blue")
    ('missed', 'kept', 'missed', None)
    """
    return _MEANING.get(latin_words(text))


def are_of_appointments(texts: Iterable[str]) -> bool:
    """Whether texts are those of appointments and could not be those of courses: each is known, one of them as not kept.

    >>> are_of_appointments(["Completed", "No Show"]), are_of_appointments(["finished", "stopped"])
    (True, False)
    """
    found = {appointment(text) for text in texts}
    return None not in found and bool(found & {MISSED_IT, CANCELLED_IT, BOOKED})


def is_total(text: str) -> bool:
    """Whether a text stands before sums, in place of a patient.

    >>> is_total("TOTAL:"), is_total("Totally 7")
    (True, False)
    """
    return latin_words(text) in _TOTALS
