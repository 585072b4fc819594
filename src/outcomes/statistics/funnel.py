"""Providers beside what chance leaves: expected counts by skin type, and limits that widen with dispersion."""

from __future__ import annotations

from math import nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from outcomes.statistics.intervals import NOT_ESTIMABLE, Interval, chance_limits

Numbers = NDArray[Any]

WINSORISED = 0.1
"""The share of providers at either end whose distance is taken for that of the next one, where the dispersion is judged."""


def expected_counts(asked: Numbers, yes: Numbers) -> Numbers:
    """One expected count per row, had each column (skin type) the rate that all rows together have in it.

    References:
        Breslow & Day (1987), Statistical Methods in Cancer Research II, chapter 2 (indirect standardisation).
    """
    of_type = asked.sum(axis=0)
    rates = np.divide(yes.sum(axis=0), of_type, out=np.zeros(len(of_type)), where=of_type > 0)
    return np.asarray(asked @ rates)


def dispersion(asked: Numbers, observed: Numbers, expected: Numbers) -> float:
    """How many times the spread of these providers about their own common ratio is that of chance; 1 below two of them.

    The winsorised mean square of z = (observed - expected) / sd by chance.

    References:
        Spiegelhalter (2005), Stat Med 24:1185-1202, section 5 and appendix A.3.
    """
    with_risk = expected > 0
    n, seen, due = asked[with_risk], observed[with_risk], expected[with_risk]
    if len(n) < 2 or seen.sum() == 0:
        return 1.0
    due = due * seen.sum() / due.sum()
    z = np.sort((seen - due) / np.sqrt(due * np.maximum(1 - due / n, 1 / n)))
    cut = int(WINSORISED * len(z))
    z = np.clip(z, z[cut], z[len(z) - 1 - cut])
    return float(z @ z / (len(z) - 1))


class Place(NamedTuple):
    """One provider: expected count, what turns a crude share into a standardised one, and the limits of chance of the latter."""

    expected: float
    factor: float
    limits: Interval


def places(asked: Numbers, yes: Numbers, named: Numbers, design_effect: float, level: float) -> list[Place]:
    """Each row (provider) among all: `asked` and `yes` by skin type in columns; `named` are those that one provider stands for.

    The standardised share is the rate of all times observed / expected. Its limits are those of a binomial count of the
    sessions divided by what is largest: the `design_effect` of patients, the dispersion of the *other* named providers, and 1.
    By the others, as one that is far from all would else widen its own limits: of three it could never lie beyond them.
    Not estimable where nothing is expected.

    References:
        Spiegelhalter (2005), Stat Med 24:1185-1202.
    """
    n, observed, expected = asked.sum(axis=1), yes.sum(axis=1), expected_counts(asked, yes)
    overall = observed.sum() / n.sum() if n.sum() else nan
    found = []
    for row, due in enumerate(expected):
        if due <= 0:
            found.append(Place(0.0, nan, NOT_ESTIMABLE))
            continue
        others = named & (np.arange(len(n)) != row)
        widened = max(1.0, design_effect, dispersion(n[others], observed[others], expected[others]))
        share = due / n[row]
        # Rounding must not take a session away where nothing is widened.
        low, high = chance_limits(max(1, int(n[row] / widened + 1e-9)), share, level)
        factor = float(overall / share)
        found.append(Place(float(due), factor, Interval(low * factor, min(1.0, high * factor))))
    return found
