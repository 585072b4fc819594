"""Who stops: does it go with how much was gained?"""

from __future__ import annotations

from math import exp, nan
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outcomes.cohort.tally import Tally
from outcomes.definitions.estimates import Estimate
from outcomes.definitions.fitzpatrick import SKIN_BANDS
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.thresholds import FEW
from outcomes.measures.continued import tilt_unit
from outcomes.measures.estimates import each_tally, estimate_row, framed
from outcomes.measures.paths import wide_of_tally
from outcomes.statistics.arrays import Floats
from outcomes.statistics.distributions import normal_upper_quantile
from outcomes.statistics.logistic import logistic, probability
from outcomes.statistics.longitudinal import Wide


@each_tally
def odds_of_stopping(tally: Tally, by: Literal["skin_band"] | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Odds ratio of stopping, rather than coming back, for an improvement so far of one unit.

    A unit is one grade, or a tenth of the range of a scale of points. Discrete hazard of stopping after each session attended on
    the last recorded change, by logistic regression with a constant for each session. Courses that go on, or were finished as
    planned, leave without having stopped. 1 is no relation; above 1, those who improved more were more likely to stop. The
    interval is robust to the courses of one patient going together. One row, or one per band of skin type, measure ``odds ratio of
    stopping``; nan with a note where too few stopped.

    References:
        Singer & Willett (1993), J Educ Stat 18:155-195 (discrete hazards); Liang & Zeger (1986), Biometrika 73:13-22 (robust).

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.odds_of_stopping(scarring)[["n", "unit"]].values.tolist()
        [[74, 'odds ratio per grade']]
    """
    step = tilt_unit(tally.scale)
    groups = SKIN_BANDS if by else None
    wide = wide_of_tally(tally, groups)
    rows = [({by: group} if by else {}) | {"session": nan} | _odds(wide.of_group(group), step, level) for group in wide.groups]
    unit = f"odds ratio per {tally.scale.unit.removesuffix('s') if step == 1 else f'{step:g} {tally.scale.unit}'}"
    return framed(rows, tally, "stopping", "odds ratio of stopping", unit, "discrete hazard, logistic")


def _odds(wide: Wide, step: float, level: float) -> Estimate:
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
        return estimate_row(stopped, nan, (nan, nan), Note(NoteCode.TOO_FEW_STOPPED, stopped))
    x = np.column_stack([gained[row, at], at[:, None] == np.unique(at)])
    found = logistic(x, stops, wide.count[row])
    if found is None:
        return estimate_row(stopped, nan, (nan, nan), Note(NoteCode.TOLD_APART))
    slope, error = found[0][0], _robust_error(x, stops, wide, row, *found)
    z = normal_upper_quantile((1 - level) / 2)
    return estimate_row(stopped, exp(slope), (exp(slope - z * error), exp(slope + z * error)))


def _robust_error(x: Floats, stops: Floats, wide: Wide, row: NDArray[np.int64], found: Floats, covariance: Floats) -> float:
    """Standard error of the first coefficient from what each patient's courses add up to."""
    patients, kind = wide.patients
    influence = (stops - probability(x, found)) * (x @ covariance[0])
    of_patient = np.bincount(kind[row], influence, len(patients))
    people = patients.sum()
    return float(np.sqrt(patients @ of_patient**2 * people / (people - 1)))
