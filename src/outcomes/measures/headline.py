"""The headline: the session at which the result is given, and its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.thresholds import ENOUGH_SCORED
from outcomes.measures.baselines import mean_baseline
from outcomes.measures.continued_by_session import change_rows, continued_by_session, responder_rows
from outcomes.measures.estimates import Tallies, each_tally, first_of
from outcomes.measures.estimators import continued_by_group
from outcomes.measures.paths import wide_of_tally
from outcomes.statistics.continued import Continued


def headline_session(tally: Tallies) -> int:
    """The last session that at least half of the courses that began still come to and that is well scored.

    Well scored: the change can be estimated, and at least half as many courses are scored as after the session after which
    most are. Where there is none, the one after which most courses are scored, of those that can be estimated; 1 where none can.
    Of several tallies it is that of the first, so that a report speaks of one session.

    Raises:
        UsageError: no tally at all.

    Example:
        >>> import outcomes
        >>> outcomes.headline_session(outcomes.read_cohort("sample").tallies())
        3
    """
    first = first_of(tally)
    wide, known = wide_of_tally(first), _estimated(first)
    (of,) = continued_by_group(first, None).values()
    well_scored = known & (of.n >= ENOUGH_SCORED * max(of.n[known], default=0.0))
    reached = np.flatnonzero(well_scored & (wide.attending >= ENOUGH_SCORED * wide.seen[0]))
    if len(reached):
        return int(reached.max())
    return int(np.argmax(np.where(known, of.n, 0))) if known.any() else 1


def _estimated(tally: Tally) -> Any:
    """After which sessions the change had every patient continued can be estimated; the start is none of them."""
    (of,) = continued_by_group(tally, None).values()
    return np.array([session > 0 and not why for session, why in enumerate(of.reason)])


def session_of(tally: Tally, session: int | None) -> int:
    """The session that a report speaks of, or the tally's own `headline_session` where none is given or nothing is estimated after that."""
    known = _estimated(tally)
    return session if session is not None and 0 < session < len(known) and known[session] else headline_session(tally)


def headline(tally: Tallies, *, session: int | None = None, level: float = 0.95) -> pd.DataFrame:
    """The rows of `continued_by_session` at the `headline_session`, of several endpoints below each other.

    Of several tallies the session is that of the first, or the one given; one that is not estimated after it is given at its own. `baseline` is
    the mean score before treatment of all courses that began, as it was recorded. No rows of no tally.

    Example:
        >>> import outcomes
        >>> both = outcomes.read_cohort("sample").tallies()
        >>> outcomes.headline(both)[["endpoint", "measure", "session"]].values.tolist()
        [['scarring', 'change', 3], ['scarring', 'responders', 3], ['pih', 'change', 3], ['pih', 'responders', 3]]
    """
    if session is None:
        session = headline_session(tally) if tally else 0
    return _headline(tally, session=session, level=level)


@each_tally
def _headline(tally: Tally, *, session: int, level: float) -> pd.DataFrame:
    rows = continued_by_session(tally, level=level)
    at = rows[rows["session"] == session_of(tally, session)].reset_index(drop=True)
    return at.assign(baseline=mean_baseline(tally))


def headline_rows(of: Continued, session: int, level: float) -> list[dict[str, Any]]:
    """The rows of ``change`` and ``responders`` after one session, each with its `measure` and `unit`, blank for the scale's own."""
    if not 0 < session < len(of.n):
        return []
    change, responders = change_rows("", of, level)[session - 1], responder_rows("", of, level)[session - 1]
    named = (change | {"measure": "change", "unit": ""}, responders | {"measure": "responders", "unit": "%"})
    return [{key: value for key, value in row.items() if key != "group"} for row in named]
