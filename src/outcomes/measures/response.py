"""How many sessions does it take to respond, and who stops?"""

from __future__ import annotations

from math import exp, log, nan
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from outcomes.cohort.tally import Tally
from outcomes.definitions.scales import HUNDREDTHS, SKIN_BANDS, Scale
from outcomes.measures.change import FEW, estimate_row, framed
from outcomes.measures.continued import tilt_unit
from outcomes.statistics.intervals import wilson
from outcomes.statistics.jackknife import design_effect
from outcomes.statistics.logistic import logistic, probability
from outcomes.statistics.longitudinal import Wide, wide_of_tally

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
    wide = wide.rows(wide.scores[:, 0] > tally.scale.low)
    first = first_response(wide.scores, tally.scale)
    enrolled = int(wide.count.sum())
    rows = []
    for k, of in enumerate(_kaplan_meier(first, wide, level), start=1):
        has_responded = first <= k
        responded = int(wide.count[has_responded].sum())
        patients, kind = wide.patients
        times = design_effect(has_responded.astype(float), patients, kind) if enrolled else 1.0
        at_least = wilson(responded / times, enrolled / times, level)
        share = 100 * responded / enrolled if enrolled else nan
        rows.append(
            {"measure": "responded by, at least", "session": k, "method": "of all who began; Wilson"}
            | estimate_row(enrolled, share, (100 * at_least.low, 100 * at_least.high), "")
        )
        rows.append(
            {"measure": "responded by, at most", "session": k, "method": "Kaplan-Meier"}
            | estimate_row(of.at_risk, 100 * (1 - of.survival), (100 * (1 - of.high), 100 * (1 - of.low)), "")
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


class _Survival(NamedTuple):
    """Courses at risk at a session, and the share not yet responded after it, with its interval."""

    at_risk: int
    survival: float
    low: float
    high: float


def _kaplan_meier(first: Floats, wide: Wide, level: float) -> list[_Survival]:
    """The share not yet responded after each session; Greenwood's variance times the design effect of a patient's courses."""
    z = stats.norm.isf((1 - level) / 2)
    seen = ~np.isnan(wide.scores)
    last = (seen * np.arange(seen.shape[1])).max(axis=1, initial=0)
    survival, greenwood, out = 1.0, 0.0, []
    part = np.zeros(len(first))  # of each course in the logarithm of the share
    for k in range(1, int(last.max(initial=0)) + 1):
        is_at_risk, is_event = (last >= k) & (first >= k), first == k
        at_risk, events = wide.count[is_at_risk].sum(), wide.count[is_event].sum()
        if at_risk > 0:
            survival *= 1 - events / at_risk
            greenwood += events / (at_risk * (at_risk - events)) if at_risk > events else nan
            part = part + (is_event - is_at_risk * (events / at_risk)) / max(at_risk - events, 1)
        times = design_effect(part, *wide.patients) if survival < 1 else 1.0
        out.append(_Survival(int(at_risk), survival, *_log_log(survival, greenwood * times, z)))
    return out


def _log_log(survival: float, greenwood: float, z: float) -> tuple[float, float]:
    if not 0 < survival < 1:
        return nan, nan  # nobody has responded yet, or everybody has: the logarithms don't exist
    spread = z * greenwood**0.5 / abs(log(survival))
    return survival ** exp(spread), survival ** exp(-spread)


def stopping(tally: Tally, by: Literal["skin_band"] | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Odds ratio of stopping, rather than coming back, for an improvement so far of one unit.

    A unit is one grade, or a tenth of the range of a scale of points. Discrete hazard of stopping after each session attended on
    the last recorded change, by logistic regression with a constant for each session. Courses that go on, or were finished as
    planned, leave without having stopped. 1 is no relation; above 1, those who improved more were more likely to stop. The
    interval is robust to the courses of one patient going together. One row, or one per band of skin type, measure ``odds ratio of
    stopping``; nan with a note where too few stopped.

    References:
        Singer & Willett (1993), J Educ Stat 18:155-195 (discrete hazards); Liang & Zeger (1986), Biometrika 73:13-22 (robust).
    """
    step = tilt_unit(tally.scale)
    groups = SKIN_BANDS if by else None
    wide = wide_of_tally(tally, groups)
    rows = [({by: group} if by else {}) | _odds(wide.of_group(group), step, level) for group in wide.groups]
    unit = f"odds ratio per {tally.scale.unit.removesuffix('s') if step == 1 else f'{step:g} {tally.scale.unit}'}"
    return framed(rows, tally, "stopping", "odds ratio of stopping", unit, "discrete hazard, logistic")


def _odds(wide: Wide, step: float, level: float) -> dict[str, Any]:
    is_seen = ~np.isnan(wide.scores)
    place = np.maximum.accumulate(is_seen * np.arange(is_seen.shape[1]), axis=1)
    gained = (wide.scores[:, :1] - np.take_along_axis(wide.scores, place, axis=1)) / step
    rows, sessions = [], []
    for k in range(1, is_seen.shape[1] - 1):
        leaves = (wide.attended == k) & wide.stopped
        at_risk = np.flatnonzero((wide.attended > k) | leaves)
        # Where nobody stopped, or everybody, the session says nothing about the slope.
        if 0 < wide.count[leaves].sum() < wide.count[at_risk].sum():
            rows.append(at_risk)
            sessions.append(np.full(len(at_risk), k))
    row, at = (np.concatenate(parts) if parts else np.zeros(0, np.int64) for parts in (rows, sessions))
    stops = ((wide.attended[row] == at) & wide.stopped[row]).astype(float)
    stopped = int(wide.count[row] @ stops)
    if stopped < FEW:
        return {"session": nan} | estimate_row(stopped, nan, (nan, nan), f"{stopped} stopped, too few to say")
    x = np.column_stack([gained[row, at], at[:, None] == np.unique(at)])
    found = logistic(x, stops, wide.count[row])
    if found is None:
        return {"session": nan} | estimate_row(stopped, nan, (nan, nan), "stopping is told apart by the change completely")
    slope, error = found[0][0], _robust_error(x, stops, wide, row, *found)
    z = stats.norm.isf((1 - level) / 2)
    return {"session": nan} | estimate_row(stopped, exp(slope), (exp(slope - z * error), exp(slope + z * error)), "")


def _robust_error(x: Floats, stops: Floats, wide: Wide, row: NDArray[np.int64], found: Floats, covariance: Floats) -> float:
    """Standard error of the first coefficient from what each patient's courses add up to."""
    patients, kind = wide.patients
    influence = (stops - probability(x, found)) * (x @ covariance[0])
    of_patient = np.bincount(kind[row], influence, len(patients))
    people = patients.sum()
    return float(np.sqrt(patients @ of_patient**2 * people / (people - 1)))
