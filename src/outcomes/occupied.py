"""Change, share improved and share in each grade had all continued: `outcomes.states` and `outcomes.chain` as frames."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from outcomes import chain, states
from outcomes.errors import UsageError
from outcomes.wide import Wide, wide_of_scores

Floats = NDArray[np.float64]
IsImproved = Callable[[Floats, Floats], Any]
"""From scores at baseline and later, arrays that broadcast, to whether that is an improvement."""

_HALF_A_PERCENT = 0.005


@dataclass(frozen=True)
class Continued:
    """One group had all continued, by visit (T,): `change` and its covariance (T, T); `improved`, the share improved of
    those who could, and its covariance; `shares` (T, levels) in each level with their standard errors, none without
    levels. `n` (T,) subjects seen, `enrolled` subjects with a baseline."""

    visits: tuple[Any, ...]
    n: Floats
    enrolled: float
    able: float
    change: Floats
    change_cov: Floats
    improved: Floats
    improved_cov: Floats
    shares: Floats
    shares_error: Floats


@dataclass(frozen=True)
class Occupation:
    """Estimates had all continued; one row per group and visit, not estimable is nan with a note.

    `change`: mean change from the first visit, in score units, negative is improvement; `improved`: share, 0 to 1, down by
    at least `drop`; `shares`: share in each `level`. Columns: `group`, `visit`, `n` subjects seen, `estimate`,
    `std_error`, `conf_low`, `conf_high`, `note`.
    """

    change: pd.DataFrame
    improved: pd.DataFrame
    shares: pd.DataFrame


def occupation(
    scores: pd.DataFrame,
    *,
    subject: str,
    visit: str,
    score: str,
    levels: Sequence[float] | None,
    group: str | None = None,
    drop: float = 1,
    level: float = 0.95,
) -> Occupation:
    """Weighted state occupation from a long frame of grades with one row per subject and visit; deterministic.

    `levels` are the possible scores in order; None is for sums and near-continuous scores, which a weighted chain of
    regressions takes the place of. Valid where stopping depends on recorded scores only; every last visit before the
    last of all counts as a stop. Each group is estimated from its own subjects. Subjects without a score at the first visit
    are left out. Intervals of means are Student's with n - 1 degrees of freedom, of shares on the logit scale.

    Raises:
        UsageError: see `outcomes.wide.wide_of_scores`; a score that is not one of the levels; a level outside 0 to 1.

    References:
        Datta & Satten (2002), Biometrics 58:792-802; Bang & Robins (2005), Biometrics 61:962-973.
    """
    return occupation_of(
        wide_of_scores(scores, subject=subject, visit=visit, score=score, group=group), levels, drop=drop, level=level
    )


def occupation_of(wide: Wide, levels: Sequence[float] | None, *, drop: float = 1, level: float = 0.95) -> Occupation:
    """The same from wide scores, of a tally for example: `outcomes.estimators.occupation_of_tally`."""
    if not 0 < level < 1:
        raise UsageError(f"level must be between 0 and 1, got {level}")

    def is_improved(before: Floats, after: Floats) -> Any:
        return before - after >= drop - 1e-9

    found = {name: continued(wide.of_group(name), levels, is_improved) for name in wide.groups}
    shares = [
        _rows(name, of.visits, of.n, of.shares[:, j], of.shares_error[:, j], level, share=True).assign(level=value)
        for name, of in found.items()
        for j, value in enumerate(levels or ())
    ]
    return Occupation(
        change=pd.concat([change_rows(name, of, level) for name, of in found.items()], ignore_index=True),
        improved=pd.concat([improved_rows(name, of, level) for name, of in found.items()], ignore_index=True),
        shares=pd.concat(shares, ignore_index=True) if shares else pd.DataFrame(columns=[*_COLUMNS, "level"]),
    )


def continued(
    wide: Wide, levels: Sequence[float] | None, is_improved: IsImproved, can_improve: IsImproved | None = None
) -> Continued:
    """The estimates of one group's wide scores; `can_improve` keeps baselines, of the first argument, out of the share improved.

    Raises:
        UsageError: a score that is not one of the levels.
    """
    started = ~np.isnan(wide.scores[:, 0])
    own = Wide(wide.scores[started], wide.count[started], wide.stopped[started], wide.group[started], wide.groups, wide.visits)
    if own.count.sum() < 2:
        return _nothing(own, levels)
    return _by_states(own, levels, is_improved, can_improve) if levels is not None else _by_chain(own, is_improved, can_improve)


def change_rows(group: Hashable, of: Continued, level: float) -> pd.DataFrame:
    """Mean change at each visit after the first, as `Occupation.change` has it."""
    return _rows(group, of.visits, of.n, of.change, np.sqrt(np.diag(of.change_cov)), level)[1:]


def improved_rows(group: Hashable, of: Continued, level: float) -> pd.DataFrame:
    """Share improved at each visit after the first, as `Occupation.improved` has it."""
    return _rows(group, of.visits, of.n, of.improved, np.sqrt(np.diag(of.improved_cov)), level, share=True)[1:]


_COLUMNS = ("group", "visit", "n", "estimate", "std_error", "conf_low", "conf_high", "note")


def _rows(
    group: Hashable, visits: Sequence[Any], n: Floats, estimate: Floats, error: Floats, level: float, *, share: bool = False
) -> pd.DataFrame:
    half = stats.t.ppf((1 + level) / 2, np.maximum(n - 1, 1)) * error
    low, high = _logit_interval(estimate, half) if share else (estimate - half, estimate + half)
    known = ~np.isnan(estimate) & (error > 0)
    few = [
        f"{int(m)} seen, too few" if m < 2 else "" if spread else "no spread: no interval"
        for m, spread in zip(n, known, strict=True)
    ]
    columns: tuple[Any, ...] = (
        group,
        visits,
        n.astype(int),
        estimate,
        error,
        np.where(known, low, np.nan),
        np.where(known, high, np.nan),
        few,
    )
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def _logit_interval(share: Floats, half: Floats) -> tuple[Floats, Floats]:
    """Interval of a share on the logit scale, which stays between 0 and 1."""
    inside = np.clip(share, _HALF_A_PERCENT, 1 - _HALF_A_PERCENT)
    logit, wide = np.log(inside / (1 - inside)), np.minimum(half / (inside * (1 - inside)), 30)
    return 1 / (1 + np.exp(wide - logit)), 1 / (1 + np.exp(-wide - logit))


def _nothing(wide: Wide, levels: Sequence[float] | None) -> Continued:
    visits, able = len(wide.visits), float(wide.count.sum())
    empty, square = np.full(visits, np.nan), np.full((visits, visits), np.nan)
    by_level = np.full((visits, len(levels or ())), np.nan)
    return Continued(wide.visits, wide.seen, able, able, empty, square, empty, square, by_level, by_level)


def _by_states(wide: Wide, levels: Sequence[float], is_improved: IsImproved, can_improve: IsImproved | None) -> Continued:
    values = np.asarray(levels, float)
    nearest = np.abs(wide.scores[..., None] - values).argmin(axis=-1)
    seen = ~np.isnan(wide.scores)
    unknown = seen & (np.abs(wide.scores - values[nearest]) > 1e-9)
    if unknown.any():
        raise UsageError(
            f"{int(wide.count @ unknown.sum(axis=1))} scores are none of the levels {', '.join(f'{value:g}' for value in values)}"
        )
    paths = states.distinct(states.Paths(np.where(seen, nearest, states.UNSEEN), wide.count, wide.stopped, len(values)))
    drawn = states.jackknife(paths.count)
    joint = states.occupation(paths, drawn.weights)  # replicate, visit, baseline level, level then
    able = np.ones(len(values)) if can_improve is None else can_improve(values, values).astype(float)
    gain = values[None, :] - values[:, None]
    better = is_improved(values[:, None], values[None, :]) * able[:, None]
    change = np.einsum("ztbj,bj->zt", joint, gain)
    reached = np.einsum("ztbj,bj->zt", joint, better)
    could = np.einsum("ztbj,b->zt", joint, able)
    improved = np.divide(reached, could, out=np.full_like(reached, np.nan), where=could > 0)
    shares = joint.sum(axis=2)
    error = np.stack([np.sqrt(np.diag(drawn.covariance(shares[:, :, j]))) for j in range(len(values))], axis=1)
    of_able = float(paths.count @ able[paths.states[:, 0]])
    return Continued(
        wide.visits, wide.seen, float(wide.count.sum()), of_able,
        change[0], drawn.covariance(change), improved[0], drawn.covariance(improved), shares[0], error,
    )  # fmt: skip


def _by_chain(wide: Wide, is_improved: IsImproved, can_improve: IsImproved | None) -> Continued:
    histories = chain.Histories(wide.scores, wide.count, wide.stopped)
    change = chain.chained(histories, lambda before, after: after - before)
    able = (
        np.ones(len(wide.scores), bool) if can_improve is None else np.asarray(can_improve(wide.scores[:, 0], wide.scores[:, 0]))
    )
    able_histories = chain.Histories(wide.scores[able], wide.count[able], wide.stopped[able])
    if not able.any():
        improved = chain.Chained(np.full(len(wide.visits), np.nan), np.zeros((len(wide.visits), 0)))
        able_cov = np.full((len(wide.visits), len(wide.visits)), np.nan)
    else:
        improved = chain.chained(
            able_histories, lambda before, after: np.where(np.isnan(after), np.nan, is_improved(before, after))
        )
        able_cov = chain.covariance(able_histories, improved.influence)
    none = np.zeros((len(wide.visits), 0))
    return Continued(
        wide.visits, wide.seen, float(wide.count.sum()), float(wide.count[able].sum()),
        change.estimate, chain.covariance(histories, change.influence),
        np.clip(improved.estimate, 0, 1), able_cov, none, none,
    )  # fmt: skip
