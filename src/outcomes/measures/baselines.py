"""Baselines of groups of courses, and how the change goes with them: what a comparison at a common baseline needs."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from outcomes.cohort.tally import Tally
from outcomes.definitions.scales import HUNDREDTHS
from outcomes.statistics.arrays import Floats


class Baselines(NamedTuple):
    """Of G groups: `mean` (G,) at baseline of all who began, in scale units, its squared standard error `variance` (G,).

    `slope` is that of change on baseline within groups, the same for all, with its squared standard error `slope_variance`: of
    the courses scored then. A group that nobody belongs to has nan.
    """

    mean: Floats
    variance: Floats
    slope: float
    slope_variance: float


def mean_baseline(tally: Tally) -> float:
    """The mean score before treatment of all courses that began, as it was recorded; nan where none did.

    Example:
        >>> import outcomes
        >>> round(mean_baseline(outcomes.read_cohort("sample").tally("scarring")), 1)
        3.1
    """
    began = tally.scores[tally.scores["session"] == 0]
    n = int(began["n"].sum())
    return float(tally.scale.turned(int((began["n"] * began["baseline"]).sum()) / n / HUNDREDTHS)) if n else nan


def baselines(tally: Tally, groups: Mapping[str, str], names: tuple[str, ...], session: int) -> Baselines:
    """Baselines of the groups in the order of `names`, `groups` mapping skin type -> group, and the slope after `session` sessions.

    The slope is that of the pooled regression within groups, with the standard error that allows for unlike spread; 0 where
    baselines within groups do not vary.

    References:
        Snedecor & Cochran (1980), Statistical Methods, 7th ed, chapter 18 (common slope within groups); White (1980),
        Econometrica 48:817-838 (its standard error).
    """
    long = tally.scores
    place = long["skin_type"].map({name: names.index(group) for name, group in groups.items()}).to_numpy(float)
    known = ~np.isnan(place)
    at, n = np.nan_to_num(place).astype(np.int64), long["n"].to_numpy(float)
    before, change = (long[name].to_numpy(float) / HUNDREDTHS for name in ("baseline", "score"))
    change = change - before
    began, then = (known & (long["session"] == k).to_numpy() for k in (0, session))

    def means(of: Floats, rows: NDArray[np.bool_]) -> Floats:
        total, size = (np.bincount(at[rows], n[rows] * value[rows], len(names)) for value in (of, np.ones_like(of)))
        return np.divide(total, size, out=np.full(len(names), np.nan), where=size > 0)

    mean, size = means(before, began), np.bincount(at[began], n[began], len(names))
    spread = means((before - mean[at]) ** 2, began)
    variance = np.divide(spread, size - 1, out=np.full(len(names), np.nan), where=size > 1)
    off, moved, weight = (before - means(before, then)[at])[then], (change - means(change, then)[at])[then], n[then]
    squares = weight @ off**2
    if not squares > 1e-12:
        return Baselines(mean, variance, 0.0, 0.0)
    slope = float(weight @ (off * moved) / squares)
    return Baselines(mean, variance, slope, float(weight @ (off * (moved - slope * off)) ** 2 / squares**2))
