"""The median and the quartiles of values that are counted."""

from __future__ import annotations

from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Quartiles(NamedTuple):
    """The values below which a quarter, half and three quarters lie; nan of nothing."""

    low: float
    median: float
    high: float


def quartiles(values: ArrayLike, counts: ArrayLike) -> Quartiles:
    """The quartiles of `values`, each of which stands for so many; where the place lies between two values, their mean.

    References:
        Hyndman & Fan (1996), Am Stat 50:361-365, definition 2: the one of SAS and of R's quantile(type = 2).

    Example:
        >>> quartiles([30, 20, 40], [2, 1, 1])
        Quartiles(low=25.0, median=30.0, high=35.0)
    """
    value, n = np.asarray(values, float), np.asarray(counts, np.int64)
    order = np.argsort(value, kind="stable")
    value, reached = value[order], n[order].cumsum()
    if not len(reached) or reached[-1] == 0:
        return Quartiles(nan, nan, nan)
    # The quarter's place among all in order, counted from 1: whole numbers, so that none is missed by rounding.
    places = [int(reached[-1]) * quarter for quarter in (1, 2, 3)]
    ends = [(value[np.searchsorted(reached, place)] for place in (-(-whole // 4), whole // 4 + 1)) for whole in places]
    return Quartiles(*(float(below + above) / 2 for below, above in ends))
