"""What two releases give away together: who is in the later one alone, or in the earlier one alone, is a group that neither shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, isnan, nan
from pathlib import Path
from typing import Any, NamedTuple

from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import SMALLEST_RELEASED, STAY_POSSIBLE
from outcomes.errors import ReportError, counted
from outcomes.report.released import verify_public
from outcomes.report.released_rows import Rows, key_of, limits_of, sums_of, told
from outcomes.statistics.bounds import Adds, Key, Limits, narrowed

_TENTH = 0.05
"""How far a change can be from what is published of it."""


class Compared(NamedTuple):
    """What two releases of the same clinic tell of each other: by how much each count can have risen, and what that gives away.

    `risen` are the least and the most by which each count that both hold can have risen, `has_grown` whether all can have.
    """

    risen: dict[Key, tuple[float, float]]
    has_grown: bool
    problems: tuple[str, ...]

    def check(self) -> None:
        """Refuse two releases that give a small group away.

        Raises:
            ReportError: each count and each change that the two give away.
        """
        if self.problems:
            raise ReportError("\n".join(["Published together, these two reports give small groups away:", *self.problems]))

    def said(self) -> list[str]:
        """What anybody can work out of the two, in a line each."""
        if not self.risen:
            return ["The two hold no count of the same, so nothing can be subtracted."]
        key, (low, high) = min(self.risen.items(), key=lambda item: item[1][1] - item[1][0])
        by = f"{low:g} to {high:g}" if high < inf else f"at least {low:g}"
        way = "more" if self.has_grown else "more, or fewer where it is below 0"
        return [
            f"{counted(len(self.risen), 'counts')} can be subtracted from those of the earlier report.",
            f"The one that is known best: {told(key)}, {by} {way}.",
        ]


def released_lines(folder: Path, against: Path | None = None) -> Iterator[str]:
    """What there is to say of a report for the public that was read back, and of what it gives away beside an earlier one.

    Raises:
        UsageError: there is no such folder.
        ReportError: what must not be published, or what the two give away together.
    """
    found = verify_public(folder)
    size = f"{counted(len(found.files), 'files')}, {counted(len(found.rows), 'estimates')}"
    if against is None:
        yield f"{folder}: nothing in it that must not be published ({size})"
        return
    both = compared(found.rows, verify_public(against).rows)
    both.check()
    yield f"{folder}: nothing in it that must not be published, also beside {against} ({size})"
    yield from (f"- {line}" for line in both.said())


def compared(new: Rows, old: Rows) -> Compared:
    """What the rows of two releases give away together. A later one is taken to hold all patients of the earlier one, where it can.

    Example:
        >>> def row(courses: int) -> dict[str, str]:
        ...     return {"measure": "treated", "level": "courses", "n": str(courses)}
        >>> compared([row(45)], [row(40)]).risen
        {'courses': (1, 9)}
    """
    later, earlier = limits_of(new), limits_of(old)
    both = [key for key in later if key in earlier]
    has_grown = all(later[key][1] >= earlier[key][0] for key in both)
    found = _together(later, new, earlier, old, both, has_grown=has_grown)
    if any(low > high for low, high in found.values()):
        has_grown = False
        found = _together(later, new, earlier, old, both, has_grown=False)
    risen = {key: found["risen", key] for key in both}
    problems = [] if new == old else [*_given_away(found, later, earlier), *_changes(new, old, risen)]
    return Compared(risen, has_grown, tuple(dict.fromkeys(problems)))


def _together(later: Limits, new: Rows, earlier: Limits, old: Rows, both: Sequence[Key], *, has_grown: bool) -> Limits:
    """The limits of all counts of both, and of what each has risen by, after all sums were gone through."""
    limits: Limits = {}
    sums: list[Adds] = []
    for name, own, rows in (("later", later, new), ("earlier", earlier, old)):
        hidden, adds = sums_of(own, rows)
        limits |= {(name, key): ends for key, ends in (own | hidden).items()}
        sums += [Adds((name, each.total), tuple((name, part) for part in each.parts), each.is_least) for each in adds]
        if name == "later":
            rises = [each for each in adds if not each.is_least and all(key in both for key in (each.total, *each.parts))]
            sums += [Adds(("risen", each.total), tuple(("risen", part) for part in each.parts)) for each in rises]
    for key in both:
        limits["risen", key] = (0 if has_grown else -inf), inf
        sums.append(Adds(("later", key), (("earlier", key), ("risen", key))))
    return narrowed(limits, sums)


def _given_away(found: Mapping[Any, tuple[float, float]], later: Limits, earlier: Limits) -> Iterator[str]:
    """Small counts, and small differences, of which fewer than three values are left."""
    for (which, key), (low, high) in found.items():
        own = {"later": later, "earlier": earlier}.get(str(which), {})
        # That one or two came is told by none or one, one or two; that nobody came is not.
        is_small = 0 <= low <= high < SMALLEST_RELEASED and high > 0 if which == "risen" else own.get(key, (0, 0))[0] == 1
        if is_small and high < SMALLEST_RELEASED and high - low + 1 < STAY_POSSIBLE:
            values = f"{low:g}{f' or {high:g}' if high > low else ''}"
            where = "more than in the earlier report" if which == "risen" else f"in the {which} report"
            yield f"{told(key)}: {values} {where}"


def _changes(new: Rows, old: Rows, risen: Mapping[Key, tuple[float, float]]) -> Iterator[str]:
    """Changes of so few courses that came between, that the two means tell it to less than three steps of the scale."""
    before = {_place(row): row for row in old if row.get("measure") == "change"}
    for row in new:
        then = before.get(_place(row))
        key = key_of(row, "n")
        if row.get("measure") != "change" or then is None or key not in risen or row.get("session") in ("0", "0.0"):
            continue
        ends = mean_between(row, then, risen[key])
        if ends and ends[1] - ends[0] < STAY_POSSIBLE - 1:
            yield f"{told(key)}: the mean change of those who came between lies within {ends[0]:.1f} and {ends[1]:.1f}"


def _place(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in ("endpoint", "scale", "skin_types", "session", "measure"))


def mean_between(row: Mapping[str, str], then: Mapping[str, str], by: tuple[float, float]) -> tuple[float, float] | None:
    """Between which values the mean of 1 to 7 courses that came between must lie; None where there need be none, or they can be more.

    As if the changes were plain means, which those had every patient continued are not: they tell less.
    """
    low, high = by
    if not 1 <= low <= high < SMALLEST_RELEASED:
        return None
    now, past, n = (float(of.get(name) or nan) for of, name in ((row, "estimate"), (then, "estimate"), (then, "n")))
    if any(map(isnan, (now, past, n))):
        return None
    scale = SCALES.get(row.get("scale", ""))
    reach = float(scale.high - scale.low) if scale else inf
    means = [
        ((courses + more) * (now + one * _TENTH) - courses * (past + other * _TENTH)) / more
        for courses in (n - 2, n + 2)
        for more in range(int(low), int(high) + 1)
        for one in (-1, 1)
        for other in (-1, 1)
    ]
    return max(min(means), -reach), min(max(means), reach)
