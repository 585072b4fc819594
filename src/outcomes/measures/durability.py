"""Does the change last after the last session, and how do patients and clinicians judge it? Of those who came back.

Nobody is taken to stand for those who were not seen: `observed` throughout. Beside each later change stands that of the same
courses a month after the last session, so that one sees whether others came back than those seen then.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.counts import MISSED
from outcomes.cohort.follow_up import month_column
from outcomes.cohort.read import cohort_of
from outcomes.definitions.endpoints import Endpoint, endpoint_named
from outcomes.definitions.estimates import Estimate
from outcomes.definitions.fitzpatrick import SKIN_TYPES, named_types
from outcomes.definitions.windows import FOLLOW_UPS, FollowUp
from outcomes.measures.change import mean_change, share_of_responders
from outcomes.measures.estimates import Names, each_endpoint, long_frame
from outcomes.records.records import Records


def durability(
    cohort: Cohort | Records,
    endpoint: Names = "scarring",
    *,
    scale: str | None = None,
    skin_types: str | Sequence[str] = SKIN_TYPES,
    level: float = 0.95,
) -> pd.DataFrame:
    """Change from baseline 1, 3, 6 and 12 months after the last session, of the courses that were scored then.

    Courses that go on have no last session yet; they are left out, as is a score at which the next session was given; a
    course of which nothing tells whether it goes on counts as ended. Of several endpoints the rows stand below each other. One row
    per month and `measure`; columns are those of `outcomes.definitions.estimates.ESTIMATES` that apply, intervals as for `observed`:

    - ``change``, ``responders``: from baseline, of the courses scored in that month's window of `FOLLOW_UPS`
    - ``change at 1 month, same courses``: of those of them that were scored 1 month after the last session too, at 1 month
    - ``change since 1 month``: from then on, within the same courses; negative is further improvement

    Raises:
        UsageError: unknown endpoint, scale or skin type, or no scores on it.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> lasting = outcomes.durability(cohort, "scarring").query("measure == 'change'")
        >>> lasting[["month", "n"]].values.tolist()
        [[1, 166], [3, 46], [6, 28], [12, 3]]
    """
    whole, types = cohort_of(cohort), named_types(skin_types)
    return each_endpoint(endpoint, lambda name: _durability(whole, endpoint_named(name), scale, types, level))


def _durability(whole: Cohort, of: Endpoint, scale: str | None, types: Sequence[str], level: float) -> pd.DataFrame:
    used = whole.scale_used(of, scale)
    counts = whole.part("followed", of.name, used.name)
    counts = counts[counts["skin_type"].isin(types)]
    rows = []
    for follow_up in FOLLOW_UPS:
        seen = counts[counts[month_column(follow_up)] != MISSED]
        pairs = seen.rename(columns={month_column(follow_up): "score"})
        rows.append(_row("change", follow_up, used.unit, "t interval", mean_change(pairs, level)))
        rows.append(_row("responders", follow_up, "%", "Wilson", share_of_responders(pairs, used, level)))
        if follow_up.month > 1:
            both = pairs[pairs["month_1"] != MISSED]
            at_first = both[["kind", "n", "baseline", "month_1"]].rename(columns={"month_1": "score"})
            since = both[["kind", "n", "month_1", "score"]].rename(columns={"month_1": "baseline"})
            rows.append(_row("change at 1 month, same courses", follow_up, used.unit, "t interval", mean_change(at_first, level)))
            rows.append(_row("change since 1 month", follow_up, used.unit, "t interval", mean_change(since, level)))
    constants = {"endpoint": of.name, "scale": used.name, "estimand": "observed"}
    return long_frame([constants | dict(row) for row in rows])


def _row(measure: str, follow_up: FollowUp, unit: str, method: str, numbers: Estimate) -> Estimate:
    return {**numbers, "measure": measure, "month": follow_up.month, "unit": unit, "method": method}
