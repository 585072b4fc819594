"""The result that nobody recorded: patients who did not come back after their last session, and what follows if that was why.

Where patients stop after a session and are never assessed again, the records cannot tell whether they left because of what
that session did. The estimate had every patient continued takes leaving to depend on what was recorded. Here it is given
once more as if leaving had depended on the unrecorded gain just as it did on the recorded one: a band, not a correction.
"""

from __future__ import annotations

from math import isnan, log, nan
from typing import Any

import pandas as pd

from outcomes.cohort.tally import LastResults, Tally
from outcomes.definitions.notes import Notes
from outcomes.measures.estimates import each_tally, estimate_row, framed
from outcomes.measures.estimators import METHOD, continued_by_group
from outcomes.measures.headline import headline_rows, session_of
from outcomes.measures.stopping import odds_of_stopping


def last_results(tally: Tally) -> LastResults:
    """How many courses ended without a score after their last session: of all that do not go on, and of those that stopped.

    A course of which neither status nor plan is recorded counts as stopped. Courses without a session are not counted.

    Example:
        >>> import outcomes
        >>> outcomes.last_results(outcomes.read_cohort("sample").tally("scarring")).ended
        183
    """
    return tally.last_results


@each_tally
def tilt_sensitivity(tally: Tally, *, session: int | None = None, level: float = 0.95) -> pd.DataFrame:
    """The headline as it is, and as it would be had leaving depended on the unrecorded last gain as on the recorded one.

    Two rows for each of ``change`` and ``responders`` after `session`, by default the `headline_session`, in the columns of `outcomes.definitions.estimates.ESTIMATES`: the
    first with `tilt` 0, the second with the log odds ratio of `outcomes.odds_of_stopping` times the share of those who stopped that were
    not scored after their last session. nan with a note where who stops cannot be told. The truth is not known to lie
    between the two; nothing in the records can tell. Each row has the counts of `last_results` too. Of several tallies the rows
    stand below each other; no rows where nobody was scored again.

    References:
        Scharfstein, Rotnitzky & Robins (1999), J Am Stat Assoc 94:1096-1120 (exponential tilt).

    Example:
        >>> import outcomes
        >>> band = outcomes.tilt_sensitivity(outcomes.read_cohort("sample").tally("scarring"))
        >>> band["measure"].tolist()
        ['change', 'change', 'responders', 'responders']
    """
    k, results = session_of(tally, session), last_results(tally)
    tilt, notes = _tilt(tally, results)
    rows: list[dict[str, Any]] = []
    for value in (0.0, tilt):
        (of,) = continued_by_group(tally, None, 0.0 if isnan(value) else value).values()
        for row in headline_rows(of, k, level):
            unknown = {"estimate": nan, "conf_low": nan, "conf_high": nan, "note": notes} if isnan(value) else {}
            rows.append(row | {"tilt": value} | unknown)
    rows.sort(key=lambda row: str(row["measure"]))
    if not rows:  # nobody was scored again
        return framed([{"session": 0, "tilt": nan} | estimate_row(0, nan, (nan, nan))], tally, "continued", "", "", METHOD)[:0]
    whole = framed(rows, tally, "continued", "", "", METHOD)
    named = {"measure": [row["measure"] for row in rows], "unit": [row["unit"] or tally.scale.unit for row in rows]}
    return whole.assign(**named, **results._asdict())


def _tilt(tally: Tally, results: LastResults) -> tuple[float, Notes]:
    """The log odds ratio of leaving per unit of unrecorded gain, and why there is none."""
    if results.stopped_unscored == 0:
        return 0.0, ()
    row = odds_of_stopping(tally).iloc[0]
    if isnan(row["estimate"]):
        return nan, row["note"]
    return log(row["estimate"]) * results.stopped_unscored / results.stopped, ()
