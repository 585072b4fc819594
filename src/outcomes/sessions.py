"""How many sessions does it take to respond, and who stops?"""

from __future__ import annotations

from math import exp, log, nan
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from outcomes.change import FEW, estimate_row, framed
from outcomes.intervals import wilson
from outcomes.logistic import logistic
from outcomes.scales import HUNDREDTHS, SKIN_BANDS, Scale
from outcomes.tallies import Tally
from outcomes.wide import Wide, wide_of_tally

Floats = NDArray[np.float64]


def sessions_to_response(tally: Tally, *, level: float = 0.95) -> pd.DataFrame:
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
    """
    wide = wide_of_tally(tally)
    able = wide.scores[:, 0] > tally.scale.low
    scores, count = wide.scores[able], wide.count[able]
    first = first_response(scores, tally.scale)
    last = ((~np.isnan(scores)) * np.arange(scores.shape[1])).max(axis=1)
    enrolled = int(count.sum())
    rows = []
    for k, (survival, low, high) in enumerate(_kaplan_meier(first, last, count, level), start=1):
        responded = int(count[first <= k].sum())
        at_risk = int(count[(last >= k) & (first >= k)].sum())
        at_least = wilson(responded, enrolled, level)
        share = 100 * responded / enrolled if enrolled else nan
        rows.append(
            {"measure": "responded by, at least", "session": k, "method": "of all who began; Wilson"}
            | estimate_row(enrolled, share, (100 * at_least.low, 100 * at_least.high), "")
        )
        rows.append(
            {"measure": "responded by, at most", "session": k, "method": "Kaplan-Meier"}
            | estimate_row(at_risk, 100 * (1 - survival), (100 * (1 - high), 100 * (1 - low)), "")
        )
    frame = framed(rows or [{"session": 0} | estimate_row(0, nan, (nan, nan), "")], tally, "sessions to response", "", "%", "")[
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


def _kaplan_meier(first: Floats, last: NDArray[np.int64], count: Floats, level: float) -> list[tuple[float, float, float]]:
    """Share not yet responded after each session with its interval."""
    z = stats.norm.isf((1 - level) / 2)
    survival, greenwood, out = 1.0, 0.0, []
    for k in range(1, int(last.max(initial=0)) + 1):
        at_risk, events = count[(last >= k) & (first >= k)].sum(), count[first == k].sum()
        if at_risk > 0:
            survival *= 1 - events / at_risk
            greenwood += events / (at_risk * (at_risk - events)) if at_risk > events else nan
        out.append((survival, *_log_log(survival, greenwood, z)))
    return out


def _log_log(survival: float, greenwood: float, z: float) -> tuple[float, float]:
    if not 0 < survival < 1:
        return nan, nan  # nobody has responded yet, or everybody has: the logarithms don't exist
    spread = z * greenwood**0.5 / abs(log(survival))
    return survival ** exp(spread), survival ** exp(-spread)


def stopping(tally: Tally, by: Literal["skin_band"] | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Odds ratio of stopping, rather than coming back, for an improvement so far of one unit.

    A unit is one grade, or a tenth of the range of a scale of points. Discrete hazard of stopping after each session on
    the last recorded change, by logistic regression with a constant for each session. Courses that go on, or were
    finished as planned, leave without having stopped. 1 is no relation; above 1, those who improved more were more likely to
    stop. One row, or one per band of skin type, measure ``odds ratio of stopping``; nan with a note where too few stopped.

    References:
        Singer & Willett (1993), J Educ Stat 18:155-195 (discrete hazards).
    """
    step = 1.0 if tally.scale.kind == "ordinal" else (tally.scale.high - tally.scale.low) / 10
    groups = SKIN_BANDS if by else None
    wide = wide_of_tally(tally, groups)
    rows = [({by: group} if by else {}) | _odds(wide.of_group(group), step, level) for group in wide.groups]
    unit = f"odds ratio per {tally.scale.unit.removesuffix('s') if step == 1 else f'{step:g} {tally.scale.unit}'}"
    return framed(rows, tally, "stopping", "odds ratio of stopping", unit, "discrete hazard, logistic")


def _odds(wide: Wide, step: float, level: float) -> dict[str, Any]:
    is_seen = ~np.isnan(wide.scores)
    sessions = wide.scores.shape[1]
    last = (is_seen * np.arange(sessions)).max(axis=1)
    place = np.maximum.accumulate(is_seen * np.arange(sessions), axis=1)
    latest = np.take_along_axis(wide.scores, place, axis=1)
    gains, weights, stops, constants = [], [], [], []
    for k in range(1, sessions - 1):
        leaves = (last == k) & wide.stopped
        at_risk = (last > k) | leaves
        if not 0 < wide.count[leaves].sum() < wide.count[at_risk].sum():
            continue  # nobody stopped here, or everybody: the session says nothing about the slope
        gains.append((latest[at_risk, 0] - latest[at_risk, k]) / step)
        weights.append(wide.count[at_risk])
        stops.append(leaves[at_risk].astype(float))
        constants.append(np.full(at_risk.sum(), k))
    stopped = int(sum((w * s).sum() for w, s in zip(weights, stops, strict=True)))
    if stopped < FEW:
        return {"session": nan} | estimate_row(stopped, nan, (nan, nan), f"{stopped} stopped, too few to say")
    at = np.concatenate(constants)
    x = np.column_stack([np.concatenate(gains), at[:, None] == np.unique(at)])
    found = logistic(x, np.concatenate(stops), np.concatenate(weights))
    if found is None:
        return {"session": nan} | estimate_row(stopped, nan, (nan, nan), "stopping is told apart by the change completely")
    slope, error = found[0][0], found[1][0, 0] ** 0.5
    z = stats.norm.isf((1 - level) / 2)
    return {"session": nan} | estimate_row(stopped, exp(slope), (exp(slope - z * error), exp(slope + z * error)), "")
