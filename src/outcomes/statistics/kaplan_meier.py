"""The share not yet responded after each visit, by Kaplan and Meier, patients with several courses as the unit."""

from __future__ import annotations

from math import exp, log, nan
from typing import NamedTuple

import numpy as np

from outcomes.statistics.arrays import Floats
from outcomes.statistics.distributions import normal_upper_quantile
from outcomes.statistics.jackknife import design_effect
from outcomes.statistics.longitudinal import Wide


class Survival(NamedTuple):
    """Courses at risk at a session, and the share not yet responded after it, with its interval."""

    at_risk: int
    survival: float
    low: float
    high: float


def kaplan_meier(first: Floats, wide: Wide, level: float) -> list[Survival]:
    """The share not yet responded after each session; Greenwood's variance times the design effect of a patient's courses."""
    z = normal_upper_quantile((1 - level) / 2)
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
        out.append(Survival(int(at_risk), survival, *_log_log(survival, greenwood * times, z)))
    return out


def _log_log(survival: float, greenwood: float, z: float) -> tuple[float, float]:
    if not 0 < survival < 1:
        return nan, nan  # nobody has responded yet, or everybody has: the logarithms don't exist
    spread = z * greenwood**0.5 / abs(log(survival))
    return survival ** exp(spread), survival ** exp(-spread)
