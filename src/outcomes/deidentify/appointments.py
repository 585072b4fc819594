"""Words in cells that tell what a row is: what became of an appointment, as only one that was kept is a visit; and sums below a table."""

from __future__ import annotations

from collections.abc import Iterable

from outcomes.tabular.words import apart, latin_words, word_lists, words

KEPT, MISSED_IT, CANCELLED_IT, BOOKED = MEANINGS = ("kept", "missed", "cancelled", "booked")
"""What can have become of an appointment; ``booked`` where nothing has yet."""

_LISTS = word_lists("outcomes.deidentify", "cell_words.toml")
_MEANING = {word: meaning for meaning, lists in _LISTS["appointment"].items() for word in words(lists)}
_NOT_KEPT = {word: meaning for word, meaning in _MEANING.items() if meaning in (MISSED_IT, CANCELLED_IT)}
_LEAST_KNOWN = 0.5
_TOTALS = frozenset(words(_LISTS["total"]))


def appointment(text: str) -> str | None:
    """What became of an appointment by its usual words in one of six languages; None for any other word.

    >>> appointment("NoShow"), appointment("Checked out"), appointment("Nicht erschienen"), appointment("Blue")
    ('missed', 'kept', 'missed', None)
    """
    plain = latin_words(apart(text))
    # Why and by whom may stand behind: cancelled by her mother.
    return _MEANING.get(plain) or next((meaning for word, meaning in _NOT_KEPT.items() if plain.startswith(f"{word} ")), None)


def are_of_appointments(texts: Iterable[str]) -> bool:
    """Whether texts are those of appointments and could not be those of courses: half of them are known, one of them as not kept.

    >>> are_of_appointments(["Completed", "No Show"]), are_of_appointments(["finished", "stopped"])
    (True, False)
    """
    return known_share(texts) >= _LEAST_KNOWN


def known_share(texts: Iterable[str]) -> float:
    """What share of texts is known as what became of appointments; 0 where none of them says that one was not kept.

    >>> known_share(["Completed", "No Show", "Blue", "Paid"]), known_share(["Completed"])
    (0.75, 0)
    """
    found = [appointment(text) for text in texts]
    return sum(each is not None for each in found) / len(found) if {*found} & {MISSED_IT, CANCELLED_IT, BOOKED} else 0


def is_total(text: str) -> bool:
    """Whether a text stands before sums, in place of a patient.

    >>> is_total("TOTAL:"), is_total("Totally 7")
    (True, False)
    """
    return latin_words(text) in _TOTALS
