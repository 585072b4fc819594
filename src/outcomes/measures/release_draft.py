"""The counts of a release before they are published: how they add up, and what is published of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any

from outcomes.definitions.fitzpatrick import UNKNOWN_TYPE
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.thresholds import ROUNDED_TO, SMALLEST_RELEASED, STAY_POSSIBLE
from outcomes.statistics.suppression import Key, Rule, Sum, released

COURSES, PATIENTS = "courses", "patients"

RULE = Rule(SMALLEST_RELEASED, ROUNDED_TO, STAY_POSSIBLE)
"""The rule of everything that is published."""


@dataclass(frozen=True)
class Shown:
    """Counts as they are published, None where they are withheld, and which of them are small."""

    counts: Mapping[Key, int | None]
    small: frozenset[Key]

    def note(self, key: Key) -> Notes:
        """Why a count is not there; nothing where it is."""
        if self.counts[key] is not None:
            return ()
        return (Note(NoteCode.FEWER, RULE.smallest),) if key in self.small else (Note(NoteCode.WITHHELD),)


@dataclass
class Draft:
    """Every count that is to be published, how they add up, and the counts that follow from them though nobody publishes them."""

    counts: dict[Key, int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    unseen: list[Key] = field(default_factory=list)

    def add(self, key: Key, count: int, within: Key | None = None) -> None:
        """A count; the others of those `within` whom it lies are a count too, that anybody can work out."""
        if key in self.counts:
            return
        self.counts[key] = count
        if within is not None:
            self.part(within, key)

    def hide(self, key: Key, count: int) -> None:
        """A count that is not published by itself."""
        self.counts[key] = count
        self.unseen.append(key)

    def part(self, whole: Key, part: Key) -> None:
        """That one count lies within another."""
        others = "not", part, whole
        self.hide(others, self.counts[whole] - self.counts[part])
        self.sums.append(Sum(whole, (part, others)))

    def sum(self, total: Key, parts: Sequence[Key], *, is_cover: bool = False, has_others: bool = False) -> None:
        """That a count is the sum of others, or at most their sum where they overlap; with `has_others`, of others that nobody publishes too."""
        if total not in self.counts:
            return
        rest = "others", tuple(parts), total
        if has_others:
            self.hide(rest, self.counts[total] - sum(self.counts[part] for part in parts))
        self.sums.append(Sum(total, (*parts, *([rest] if has_others else [])), is_cover))

    def released(self) -> Shown:
        """What is published."""
        small = frozenset(key for key, count in self.counts.items() if RULE.is_small(count))
        return Shown(released(self.counts, self.sums, RULE, self.unseen), small)


Row = Callable[[Shown], dict[str, Any] | None]
"""One row to come: from the counts as they are published, or None where it is not."""


def courses_of(*types: str) -> Key:
    """All courses of these skin types, which nobody publishes."""
    return (COURSES, *types)


def courses_of_types(draft: Draft, types: list[str]) -> Key:
    """All courses of several skin types, which anybody can bound by those of each."""
    together = courses_of(*types)
    if together not in draft.counts:
        draft.hide(together, sum(draft.counts[courses_of(name)] for name in types))
        draft.sum(together, [courses_of(name) for name in types])
    return together


def has_unknown(draft: Draft) -> bool:
    """Whether there are courses without a skin type."""
    return courses_of(UNKNOWN_TYPE) in draft.counts


def percent_of(part: float, whole: int) -> float:
    """The per cent of a rounded count, at most 100."""
    return min(100.0, 100 * part / whole)


def numbers_of(n: int | None, numbers: tuple[float, float, float, Notes], method: str) -> dict[str, Any]:
    """The numbers of one row."""
    estimate, low, high, note = numbers
    ends = {"estimate": estimate, "conf_low": low, "conf_high": high}
    return {"n": nan if n is None else n} | ends | {"method": method, "note": note}
