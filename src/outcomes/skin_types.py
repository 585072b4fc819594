"""Is it the same for every Fitzpatrick skin type? Differences between types, with a verdict in three words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from outcomes.change import FEW, estimate_row, framed
from outcomes.errors import UsageError
from outcomes.estimators import Changes, estimators
from outcomes.groups import SMALLEST_GROUP, groups_of
from outcomes.scales import SKIN_TYPES, Scale
from outcomes.tallies import Tally

Floats = NDArray[np.float64]

EQUIVALENT, DIFFERENT, INCONCLUSIVE = "equivalent", "different", "inconclusive"

_DRAWS = 200_000
_SEED = 8421


def default_margin(scale: Scale) -> float:
    """The largest difference taken as no difference: half a grade, or 5 % of the range of a scale of points."""
    return 0.5 if scale.kind == "ordinal" else 0.05 * (scale.high - scale.low)


def skin_type_counts(tally: Tally) -> pd.DataFrame:
    """Every skin type, unmerged: `skin_type`, `courses` with a baseline, `group` it is compared in."""
    enrolled = tally.paths.groupby("skin_type")["n"].sum()
    groups = groups_of(tally, "skin_types")
    return pd.DataFrame(
        [{"skin_type": name, "courses": int(enrolled.get(name, 0)), "group": groups[name]} for name in SKIN_TYPES]
    )


def compare_skin_types(
    tally: Tally, *, session: int | None = None, margin: float | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Change of each group of skin types less that of all others after `session` sessions, had all continued.

    Others are weighted by their courses. Small types are merged by the fixed rule of `outcomes.estimators.MERGES`. `session`
    defaults to the last one after which at least half of the courses of every group are still seen (else the first).
    One row per group, measure ``difference``: `estimate` in scale units, negative is more improvement than the others;
    `conf_low`, `conf_high` simultaneous for all groups at `level`; then `margin_low`, `margin_high`, simultaneous at
    1 - 2 (1 - level), `p_holm`, and the `verdict`: ``equivalent`` when the latter interval lies within `margin`, else
    ``different`` when the former leaves out 0, else ``inconclusive``. A group with fewer than 5 courses seen then is nan with a
    note. With one group only there is nothing to compare: no rows.

    Raises:
        UsageError: a session that is not estimated, or a margin that is not above 0.

    References:
        Hothorn, Bretz & Westfall (2008), Biom J 50:346-363 (max-|t|); Holm (1979), Scand J Stat 6:65-70;
        Schuirmann (1987), J Pharmacokinet Biopharm 15:657-680 (equivalence by intervals).
    """
    if not isinstance(tally, Tally):
        return pd.concat(
            [compare_skin_types(each, session=session, margin=margin, level=level) for each in tally], ignore_index=True
        )
    lead, _ = estimators(tally, "skin_types")
    k = _session(lead, session)
    apart = default_margin(tally.scale) if margin is None else margin
    if not apart > 0:
        raise UsageError(f"margin must be above 0, got {margin}")
    started = lead.n[:, 0]
    begun = [g for g in range(len(lead.groups)) if started[g] >= SMALLEST_GROUP]
    compared = [g for g in begun if k < lead.n.shape[1] and lead.n[g, k] >= FEW]
    if len(compared) < 2:
        return _framed([], tally, lead.method)
    rows = np.stack([_against_others(lead, g, compared, k) for g in compared])
    found = dict(zip(compared, _compared(lead, rows, apart, level), strict=True))
    none = _difference(np.nan, (np.nan, np.nan), (np.nan, np.nan), np.nan, apart)
    keyed = [(lead.groups[g], int(lead.n[g, k]), found.get(g, none)) for g in begun]
    return _framed(
        [{"skin_types": name, "session": k} | {**row, "n": n, "note": _note(row, n)} for name, n, row in keyed],
        tally,
        lead.method,
    )


def _compared(of: Changes, rows: Floats, margin: float, level: float) -> list[dict[str, Any]]:
    """The differences that rows (k, G * T) stand for; nan where nothing varies."""
    estimate, error, df = of.contrast(rows)
    known = error > 0
    quantiles = (np.nan, np.nan)
    if known.any():
        correlation = _correlation(rows[known], of)
        outer, inner = (max_t_quantile(correlation, q, df[known].min()) for q in (level, 1 - 2 * (1 - level)))
        quantiles = (outer, inner)
    t = np.divide(estimate, error, out=np.full_like(estimate, np.nan), where=known)
    p_holm = _holm(2 * stats.t.sf(np.abs(t), df))
    half = np.where(known, error, np.nan)[:, None] * quantiles
    return [
        _difference(centre, (centre - wide, centre + wide), (centre - narrow, centre + narrow), p, margin)
        for centre, (wide, narrow), p in zip(estimate, half, p_holm, strict=True)
    ]


def _difference(
    estimate: float, interval: tuple[float, float], within: tuple[float, float], p_holm: float, margin: float
) -> dict[str, Any]:
    row = {
        "estimate": estimate,
        "conf_low": interval[0],
        "conf_high": interval[1],
        "margin_low": within[0],
        "margin_high": within[1],
    }
    return row | {"margin": margin, "p_holm": p_holm, "verdict": verdict(interval, within, margin)}


def verdict(interval: tuple[float, float], within: tuple[float, float], margin: float) -> str:
    """Equivalent where `within` lies inside the margin, else different where `interval` leaves out 0, else inconclusive."""
    if -margin < within[0] and within[1] < margin:
        return EQUIVALENT
    return DIFFERENT if interval[0] > 0 or interval[1] < 0 else INCONCLUSIVE


def _note(row: dict[str, Any], n: int) -> str:
    if not np.isnan(row["conf_low"]):
        return str(row["verdict"])
    return f"{n} courses, too few" if n < FEW else "no spread: no interval"


def max_t_quantile(correlation: Floats, level: float, df: float) -> float:
    """The q with P(max |t| <= q) = level for t statistics of that correlation (k, k); by a fixed set of draws above one dimension."""
    if np.abs(correlation).min() > 1 - 1e-9:
        return float(stats.t.ppf((1 + level) / 2, df))
    rng = np.random.default_rng(_SEED)
    values, vectors = np.linalg.eigh(correlation)
    normal = rng.standard_normal((_DRAWS, len(correlation))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    scale = np.sqrt(rng.chisquare(df, _DRAWS) / df) if np.isfinite(df) else 1.0
    return float(np.quantile(np.abs(normal).max(axis=1) / scale, level))


def _session(of: Changes, session: int | None) -> int:
    sessions = of.change.shape[1]
    if session is not None:
        if not 1 <= session < sessions:
            raise UsageError(f"session must be between 1 and {sessions - 1}, got {session}")
        return session
    large = of.n[of.n[:, 0] >= SMALLEST_GROUP]
    half_seen = (large >= large[:, :1] / 2).all(axis=0) if len(large) else np.zeros(sessions, bool)
    return max(1, int(np.flatnonzero(half_seen).max(initial=1)))


def _against_others(of: Changes, g: int, compared: list[int], session: int) -> Floats:
    others = [other for other in compared if other != g]
    total = of.n[others, 0].sum()
    weights = {(of.groups[other], session): -of.n[other, 0] / total for other in others}
    return of.row({(of.groups[g], session): 1.0, **weights})


def _correlation(rows: Floats, of: Changes) -> Floats:
    covariance = rows @ np.nan_to_num(of.cov) @ rows.T
    deviations = np.sqrt(np.diag(covariance))
    return covariance / np.outer(deviations, deviations)


def _holm(p_values: Floats) -> Floats:
    """Holm's adjusted p-values."""
    order = np.argsort(p_values)
    raised = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    out = np.empty_like(p_values)
    out[order] = np.minimum(raised, 1)
    return out


def _framed(rows: list[dict[str, Any]], tally: Tally, method: str) -> pd.DataFrame:
    columns = ("margin_low", "margin_high", "margin", "p_holm", "verdict")
    no_row = {"skin_types": "", "session": 0} | estimate_row(0, np.nan, (np.nan, np.nan), "")
    frame = framed(rows or [no_row], tally, "continued", "difference", tally.scale.unit, f"{method}; max-t over the groups")
    extra = pd.DataFrame([{name: row[name] for name in columns} for row in rows], columns=list(columns))
    return pd.concat([frame[: len(rows)], extra], axis=1)
