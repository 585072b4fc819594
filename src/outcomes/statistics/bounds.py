"""What sums give away: the least and the most that each count can be, found by passing on what is known from sum to sum."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

Key = Hashable
"""The name of a count."""

_ROUNDS = 200
"""More would only end what goes round in circles by single steps."""


class Adds(NamedTuple):
    """That a count is the sum of others; or, with `is_least`, that it is at most their sum."""

    total: Key
    parts: tuple[Key, ...]
    is_least: bool = False


Limits = dict[Key, tuple[float, float]]


def narrowed(limits: Mapping[Key, tuple[float, float]], sums: Sequence[Adds]) -> Limits:
    """The limits of every count after all that sums say of them was passed on, until nothing changes or one is left no value.

    Example:
        >>> known = {"all": (28, 32), "I": (1, 7), "II": (18, 22)}
        >>> narrowed(known, [Adds("all", ("I", "II"))])["I"]
        (6, 7)
    """
    found: Limits = dict(limits)
    for _ in range(_ROUNDS):
        before = dict(found)
        for each in sums:
            _pass_on(found, each)
        if found == before or any(low > high for low, high in found.values()):
            break
    return found


def _pass_on(found: Limits, each: Adds) -> None:
    least, most = found[each.total]
    low, high = (sum(found[part][end] for part in each.parts) for end in (0, 1))
    found[each.total] = least if each.is_least else max(least, low), min(most, high)
    for part in each.parts:
        others = [found[other] for other in each.parts if other != part]
        own_low, own_high = found[part]
        top = own_high if each.is_least else min(own_high, most - sum(low for low, _ in others))
        found[part] = max(own_low, least - sum(high for _, high in others)), top
