"""Which counts can be published, so that no sum and no difference of what is published gives a small one back.

A small count is withheld and every other one is rounded. Whoever reads what is left knows that a withheld count is small, what each
rounded one can have been, and how counts add up. Where that leaves too few values for a small count, the smallest count that stands in a
sum with it is withheld as well, until enough are left.

References:
    Hundepool et al. (2012), Statistical Disclosure Control, chapters 4 and 5 (complementary suppression, rounding).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

Key = Hashable
"""The name of a count."""


class Sum(NamedTuple):
    """What everybody knows of counts: `total` is the sum of `parts`; where they overlap (`is_cover`), at most their sum.

    A part that nobody publishes, such as all others of a total, is a count like any other, among those `unseen`.
    """

    total: Key
    parts: tuple[Key, ...]
    is_cover: bool = False


class Rule(NamedTuple):
    """Counts from 1 to below `smallest` are withheld, others rounded to `step`; so many values stay `possible` for a small one."""

    smallest: int
    step: int
    possible: int

    def is_small(self, count: int) -> bool:
        """Whether a count has to be withheld; nobody is found by a count of none."""
        return 0 < count < self.smallest

    def rounded(self, count: float) -> int:
        """The nearest multiple of the step; half a step goes up."""
        return self.step * int(np.floor(count / self.step + 0.5))

    def known(self, shown: int) -> tuple[float, float]:
        """What a count can have been that is published as `shown`.

        Example:
            >>> Rule(8, 5, 3).known(10), Rule(8, 5, 3).known(0)
            ((8, 12), (0, 0))
        """
        if shown == 0:
            return 0, 0
        below, above = self.step // 2, (self.step - 1) // 2
        return max(self.smallest, shown - below), shown + above


def released(counts: Mapping[Key, int], sums: Sequence[Sum], rule: Rule, unseen: Sequence[Key] = ()) -> dict[Key, int | None]:
    """What is published of each count but the `unseen`: rounded, 0 for none, and None where it is withheld.

    Example:
        >>> counts = {"all": 26, "I": 7, "II": 8, "III": 11}
        >>> released(counts, [Sum("all", ("I", "II", "III"))], Rule(8, 5, 3))
        {'all': 25, 'I': None, 'II': 10, 'III': 10}
        >>> released({"all": 28, "I": 7, "II": 21}, [Sum("all", ("I", "II"))], Rule(8, 5, 3))
        {'all': 30, 'I': None, 'II': None}
    """
    hidden = {*unseen}
    shown = {key: None if rule.is_small(count) else rule.rounded(count) for key, count in counts.items() if key not in hidden}
    small = [key for key, count in counts.items() if rule.is_small(count)]
    while small:
        limits = {key: _known(key, counts[key], shown, rule) for key in counts}
        told = next((key for key in small if _too_narrow(key, limits, sums, rule)), None)
        if told is None or not (near := _beside(told, shown, sums)):
            return shown
        shown[min(near, key=lambda key: counts[key])] = None
    return shown


def _known(key: Key, count: int, shown: Mapping[Key, int | None], rule: Rule) -> tuple[float, float]:
    """The least and the most that a reader who knows the rule takes a count for by itself."""
    if key not in shown:
        return 0, inf
    value = shown[key]
    if value is not None:
        return rule.known(value)
    return (1, rule.smallest - 1) if rule.is_small(count) else (rule.smallest, inf)


def _too_narrow(key: Key, limits: Mapping[Key, tuple[float, float]], sums: Sequence[Sum], rule: Rule) -> bool:
    low, high = possible(key, limits, sums)
    return high - low + 1 < rule.possible


def _beside(key: Key, shown: Mapping[Key, int | None], sums: Sequence[Sum]) -> list[Key]:
    """Counts above 0 that are published and stand in a sum with this one; where there is none, in a sum with one that does, and so on."""
    reached = {key}
    while True:
        touched = [{each.total, *each.parts} for each in sums if reached & {each.total, *each.parts}]
        near = [other for group in touched for other in group if shown.get(other)]
        wider = reached.union(*touched)
        if near or wider == reached:
            return sorted({*near}, key=repr)
        reached = wider


def possible(key: Key, limits: Mapping[Key, tuple[float, float]], sums: Sequence[Sum]) -> tuple[float, float]:
    """The least and the most that a count can be, given what each count can be by itself and how they add up.

    Example:
        >>> limits = {"all": (28, 32), "I": (1, 7), "II": (18, 22)}
        >>> possible("I", limits, [Sum("all", ("I", "II"))])
        (6.0, 7.0)
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    keys = list(_linked(key, sums))
    place = {name: at for at, name in enumerate(keys)}
    own = [each for each in sums if each.total in place]
    if not own:
        return limits[key]
    rows = np.zeros((len(own), len(keys)))
    for row, each in zip(rows, own, strict=True):
        row[place[each.total]] -= 1
        for part in each.parts:
            row[place[part]] += 1
    adds = LinearConstraint(rows, 0, [inf if each.is_cover else 0 for each in own])
    bounds = Bounds(*np.array([limits[name] for name in keys], float).T)
    ends = []
    for sign in (1, -1):
        aim = np.zeros(len(keys))
        aim[place[key]] = sign
        found = milp(aim, integrality=np.ones(len(keys)), bounds=bounds, constraints=adds)
        ends.append(float(np.round(sign * found.fun)) if found.fun is not None else sign * -inf)
    return ends[0], ends[1]


def _linked(key: Key, sums: Sequence[Sum]) -> dict[Key, None]:
    """The counts that hang together with one by sums, it first."""
    found, waiting = {key: None}, [key]
    while waiting:
        at = waiting.pop()
        for each in sums:
            names = (each.total, *each.parts)
            if at in names:
                new = [name for name in names if name not in found]
                found |= dict.fromkeys(new)
                waiting += new
    return found
