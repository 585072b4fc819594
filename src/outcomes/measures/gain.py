"""What one more session adds to the change had every patient continued."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.measures.continued import estimated_before
from outcomes.measures.continued_by_session import continued_frame, contrast_row, places
from outcomes.measures.estimates import each_tally
from outcomes.measures.estimators import Changes, continued_by_group, estimators
from outcomes.measures.groups import By


@each_tally
def gain_by_session(tally: Tally, by: By | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """What a session adds: change had every patient continued after it less that after the last session estimated before it.

    `since` is that session: the one before where every session was scored, else several. Negative is further improvement. The
    interval is that of the difference itself, from the same replicates. Columns as in `continued_by_session`, measure ``gain
    of this session``.

    Raises:
        UsageError: unknown `by`.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.gain_by_session(scarring)[["session", "since"]].values.tolist()[:3]
        [[1, 0], [2, 1], [3, 2]]
    """
    lead, _ = estimators(tally, by)
    before = {group: estimated_before(of) for group, of in continued_by_group(tally, by).items()}
    rows = [_gain_row(lead, group, session, before[group][session], level) for group, session in places(lead)]
    return continued_frame(rows, tally, by, "gain of this session", tally.scale.unit, lead.method)


def _gain_row(of: Changes, group: str, session: int, since: int, level: float) -> dict[str, Any]:
    weights = of.row({(group, session): 1, (group, since): -1})
    return contrast_row(of, group, session, weights, level) | {"since": since}
