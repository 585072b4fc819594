"""Whether more codes of a column look like something than random codes would."""

from __future__ import annotations

from math import exp

REFUSED_BELOW = 5e-3
"""How unlikely by chance it must be that codes look so for records to be refused."""
WARNED_BELOW = 0.5
"""The same for a warning."""


def tail(hits: int, expected: float) -> float:
    """The chance of at least so many hits where so many are expected (Poisson).

    >>> tail(0, 0.1), round(tail(1, 0.1), 4), round(tail(3, 0.5), 4)
    (1.0, 0.0952, 0.0144)
    """
    term = below = exp(-expected)
    for number in range(1, hits):
        term *= expected / number
        below += term
    return max(1 - below, 0.0) if hits else 1.0


def is_refused(hits: int, of: int, expected: float, *, least: float) -> bool | None:
    """True where codes are refused, False where they are only warned of, None where there is nothing to say.

    `hits` of `of` codes of this kind look so, `expected` by chance; `least` is the share below which they are random for sure.
    """
    if not hits or hits < least * of:
        return None
    found = tail(hits, expected)
    return True if found < REFUSED_BELOW else False if found < WARNED_BELOW else None
