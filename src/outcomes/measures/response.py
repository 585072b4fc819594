"""How many sessions does it take to respond, and who stops?"""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.scales import HUNDREDTHS, Scale
from outcomes.measures.estimates import each_tally, estimate_row, framed
from outcomes.measures.paths import wide_of_tally
from outcomes.statistics.arrays import Floats
from outcomes.statistics.intervals import wilson
from outcomes.statistics.jackknife import design_effect
from outcomes.statistics.kaplan_meier import kaplan_meier


@each_tally
def response_by_session(tally: Tally, *, level: float = 0.95) -> pd.DataFrame:
    """Percent that has responded by each session, as a range.

    The truth for all who began lies between its two ends where those who stopped would have responded no more often than
    those who stayed.
    The lower end counts those who stopped unresponded as never responding (responded so far / all who could respond,
    Wilson's interval); the upper end takes them to be like those who stayed (Kaplan-Meier, Greenwood's interval on the
    log-log scale). A response counts from the first assessment at which the scale's rule holds there and at the next one
    recorded, or at the last. Rows: measure ``responded by, at least`` and ``responded by, at most``, one each per session.

    References:
        Kaplan & Meier (1958), J Am Stat Assoc 53:457-481; Kalbfleisch & Prentice (2002), Statistical Analysis of Failure
        Time Data, 2nd ed, p. 18 (log-log interval).

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> by_3 = outcomes.response_by_session(scarring).query("session == 3")
        >>> dict(zip(by_3["measure"], by_3["estimate"].round()))
        {'responded by, at least': 60.0, 'responded by, at most': 71.0}
    """
    wide = wide_of_tally(tally)
    wide = wide.rows(wide.scores[:, 0] > tally.scale.low)
    first = first_response(wide.scores, tally.scale)
    enrolled = int(wide.count.sum())
    rows = []
    for k, of in enumerate(kaplan_meier(first, wide, level), start=1):
        has_responded = first <= k
        responded = int(wide.count[has_responded].sum())
        patients, kind = wide.patients
        times = design_effect(has_responded.astype(float), patients, kind) if enrolled else 1.0
        at_least = wilson(responded / times, enrolled / times, level)
        share = 100 * responded / enrolled if enrolled else nan
        rows.append(
            {"measure": "responded by, at least", "session": k, "method": "of all who began; Wilson"}
            | estimate_row(enrolled, share, (100 * at_least.low, 100 * at_least.high))
        )
        rows.append(
            {"measure": "responded by, at most", "session": k, "method": "Kaplan-Meier"}
            | estimate_row(of.at_risk, 100 * (1 - of.survival), (100 * (1 - of.high), 100 * (1 - of.low)))
        )
    frame = framed(rows or [{"session": 0} | estimate_row(0, nan, (nan, nan))], tally, "sessions to response", "", "%", "")[
        : len(rows)
    ]
    return frame.assign(measure=[row["measure"] for row in rows], method=[row["method"] for row in rows])


def first_response(scores: Floats, scale: Scale) -> Floats:
    """The first session (P,) at which a response holds there and at the next recorded one, or at the last; inf where none does."""
    hundredths = np.round(np.nan_to_num(scores) * HUNDREDTHS)
    is_seen = ~np.isnan(scores)
    responds = np.asarray(scale.is_response(hundredths[:, :1], hundredths)) & is_seen
    out = np.full(len(scores), np.inf)
    holds_next = np.ones(len(scores), bool)  # at the last recorded one nothing follows that could take it back
    for k in range(scores.shape[1] - 1, 0, -1):
        out = np.where(responds[:, k] & holds_next, k, out)
        holds_next = np.where(is_seen[:, k], responds[:, k], holds_next)
    return out
