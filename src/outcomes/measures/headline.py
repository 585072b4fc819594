"""The headline: the session at which the result is given, and its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.thresholds import ENOUGH_SCORED
from outcomes.measures.baselines import mean_baseline
from outcomes.measures.continued_by_session import change_rows, continued_by_session, responder_rows
from outcomes.measures.estimates import each_tally
from outcomes.measures.estimators import continued_by_group
from outcomes.measures.paths import wide_of_tally
from outcomes.statistics.continued import Continued


def headline_session(tally: Tally) -> int:
    """The last session that at least half of the courses that began still come to and that is well scored.

    Well scored: the change can be estimated, and at least half as many courses are scored as after the session after which
    most are. Where there is none, the one after which most courses are scored, of those that can be estimated; 1 where none can.

    Example:
        >>> import outcomes
        >>> outcomes.headline_session(outcomes.read_cohort("sample").tally("scarring"))
        3
    """
    wide = wide_of_tally(tally)
    (of,) = continued_by_group(tally, None).values()
    known = np.array([session > 0 and not why for session, why in enumerate(of.reason)])
    well_scored = known & (of.n >= ENOUGH_SCORED * max(of.n[known], default=0.0))
    reached = np.flatnonzero(well_scored & (wide.attending >= ENOUGH_SCORED * wide.seen[0]))
    if len(reached):
        return int(reached.max())
    return int(np.argmax(np.where(known, of.n, 0))) if known.any() else 1


@each_tally
def headline(tally: Tally, *, level: float = 0.95) -> pd.DataFrame:
    """The rows of `continued_by_session` at each tally's `headline_session`, of several endpoints below each other.

    `baseline` is the mean score before treatment of all courses that began, as it was recorded.

    Example:
        >>> import outcomes
        >>> both = outcomes.read_cohort("sample").tallies()
        >>> outcomes.headline(both)[["endpoint", "measure", "session"]].values.tolist()
        [['scarring', 'change', 3], ['scarring', 'responders', 3], ['pih', 'change', 3], ['pih', 'responders', 3]]
    """
    rows = continued_by_session(tally, level=level)
    return rows[rows["session"] == headline_session(tally)].reset_index(drop=True).assign(baseline=mean_baseline(tally))


def headline_rows(of: Continued, session: int, level: float) -> list[dict[str, Any]]:
    """The rows of ``change`` and ``responders`` after one session, each with its `measure` and `unit`, blank for the scale's own."""
    if not 0 < session < len(of.n):
        return []
    change, responders = change_rows("", of, level)[session - 1], responder_rows("", of, level)[session - 1]
    named = (change | {"measure": "change", "unit": ""}, responders | {"measure": "responders", "unit": "%"})
    return [{key: value for key, value in row.items() if key != "group"} for row in named]
