"""When a score counts: the window after a session, and the months of follow-up after the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from outcomes.errors import UsageError


class Window(NamedTuple):
    """Days after session k in which a score counts as the one "after k sessions"; the nearest to `usual` is taken."""

    first: int = 14
    usual: int = 30
    last: int = 60


WINDOW = Window()

MONTHLY = (20, 45)
"""Median days between sessions for which `WINDOW` is made; in clinics with others the window follows their own."""

ENOUGH_INTERVALS = 5
"""From so many intervals on, their median is taken for the clinic's spacing."""

LONGEST_WINDOW = 3650


def window_for(spacing: int | None) -> Window:
    """The window of a clinic whose sessions are so many days apart in the median; None where that is not known.

    `WINDOW` for 20 to 45 days. Else from .45 of the spacing to twice the spacing, nearest to the spacing itself, in whole days.
    """
    if spacing is None or MONTHLY[0] <= spacing <= MONTHLY[1]:
        return WINDOW
    return Window(max(1, round(0.45 * spacing)), spacing, 2 * spacing)


def window_given(given: str | Sequence[int]) -> Window | None:
    """A window as somebody sets it, ``"7,14,21"`` or ``(7, 14, 21)``; None where nothing is given.

    Raises:
        UsageError: not three whole numbers of days in ascending order.
    """
    parts = given.split(",") if isinstance(given, str) else list(given)
    if not [part for part in parts if str(part).strip()]:
        return None
    try:
        window = Window(*(int(str(part)) for part in parts)) if len(parts) == 3 else None
    except ValueError:
        window = None
    if window is None or not 1 <= window.first <= window.usual <= window.last <= LONGEST_WINDOW:
        shown = given if isinstance(given, str) else ",".join(map(str, given))
        raise UsageError(f"window must be three numbers of days, first, usual and last, such as 14,30,60; got {shown!r}")
    return window


class FollowUp(NamedTuple):
    """A time after the last session, and the days in which a score counts for it; the nearest to `usual` is taken."""

    month: int
    first: int
    usual: int
    last: int


FOLLOW_UPS = (FollowUp(1, *WINDOW), FollowUp(3, 61, 91, 136), FollowUp(6, 137, 183, 273), FollowUp(12, 274, 365, 456))
"""The windows lie side by side: no score counts twice, and none between 14 and 456 days is lost."""
