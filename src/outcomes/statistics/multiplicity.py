"""Several differences at once: the quantile that all their intervals share, and p-values that stand together."""

from __future__ import annotations

import numpy as np

from outcomes.statistics.arrays import Floats
from outcomes.statistics.distributions import t_quantile

_DRAWS = 200_000
_SEED = 8421


def max_t_quantile(correlation: Floats, level: float, df: float) -> float:
    """The q with P(max |t| <= q) = level for t statistics of that correlation (k, k); by a fixed set of draws above one dimension.

    References:
        Hothorn, Bretz & Westfall (2008), Biom J 50:346-363.
    """
    if np.abs(correlation).min() > 1 - 1e-9:
        return float(t_quantile((1 + level) / 2, df))
    rng = np.random.default_rng(_SEED)
    values, vectors = np.linalg.eigh(correlation)
    normal = rng.standard_normal((_DRAWS, len(correlation))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    scale = np.sqrt(rng.chisquare(df, _DRAWS) / df) if np.isfinite(df) else 1.0
    return float(np.quantile(np.abs(normal).max(axis=1) / scale, level))


def holm(p_values: Floats) -> Floats:
    """Adjusted p-values (k,), in the order given.

    References:
        Holm (1979), Scand J Stat 6:65-70.
    """
    order = np.argsort(p_values)
    raised = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    out = np.empty_like(p_values)
    out[order] = np.minimum(raised, 1)
    return out
