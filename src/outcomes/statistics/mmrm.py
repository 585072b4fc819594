"""Model means of repeated scores, with standard errors that hold when patients stop for what their scores showed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outcomes.statistics.arrays import Floats
from outcomes.statistics.covariance import Structure, random_slope, toeplitz_heterogeneous, unstructured
from outcomes.statistics.distributions import t_quantile
from outcomes.statistics.reml import At, Fit, NotPositiveDefinite, Sums, fit
from outcomes.statistics.sufficient_statistics import Cells

Covariance = Literal["auto", "unstructured", "toeplitz_heterogeneous", "random_slope"]
StandardError = Literal["joint", "kenward_roger", "classical"]

LARGE_GROUP = 500
"""Where every group is larger, each gets a covariance of its own: one for all would bias the means where groups differ."""


@dataclass(frozen=True)
class _Block:
    """The fit of some groups: their means in order of (group, visit), (p,), with covariance (p, p) and what df need."""

    fit: Fit
    groups: tuple[int, ...]
    cov: Floats
    classical: Floats


@dataclass(frozen=True)
class Mmrm:
    """A fitted mixed model for repeated measures: free means by group and visit, a free or structured covariance.

    `means` and `change` (from the first visit) have one row per group and visit: `group`, `visit`, `n` subjects seen,
    `estimate`, `std_error`, `df`, `conf_low`, `conf_high`, `note`; in score units. Not estimable is nan with a note.
    `covariance` is (T, T), or one for each group where they were fitted apart; `covariance_used` says which structure and why.
    """

    means: pd.DataFrame
    change: pd.DataFrame
    covariance: Floats | dict[Hashable, Floats]
    covariance_used: str
    minus2_reml_loglik: float
    cells: Cells = field(repr=False)
    level: float = field(repr=False)
    _blocks: tuple[_Block, ...] = field(repr=False)

    def contrast(
        self, weights: Mapping[tuple[Hashable, Any], float] | Sequence[Mapping[tuple[Hashable, Any], float]]
    ) -> pd.DataFrame:
        """Weighted sums of model means, ``{(group, visit): weight}`` each: `estimate`, `std_error`, `df`, `conf_low`, `conf_high`, `note`.

        Raises:
            ValueError: a group or visit that the model has not.
        """
        given = [weights] if isinstance(weights, Mapping) else list(weights)
        rows = np.stack([self._row(each) for each in given])
        return _estimates(self, rows)

    def degrees(self, rows: Floats) -> Floats:
        """Satterthwaite's degrees of freedom (k,) of weighted sums of the means, rows (k, G * T) by group and visit."""
        return _degrees(self, rows)

    def means_covariance(self) -> Floats:
        """Covariance (G * T, G * T) of the means, by group and visit."""
        return _whole(self, "cov")

    def _row(self, weights: Mapping[tuple[Hashable, Any], float]) -> Floats:
        out = np.zeros((len(self.cells.groups), len(self.cells.visits)))
        for (group, visit), weight in weights.items():
            if group not in self.cells.groups or visit not in self.cells.visits:
                raise ValueError(f"the model has no mean of group {group!r} at visit {visit!r}")
            out[self.cells.groups.index(group), self.cells.visits.index(visit)] += weight
        return out.ravel()


def mmrm_of_cells(
    cells: Cells, *, covariance: Covariance = "auto", standard_error: StandardError = "joint", level: float = 0.95
) -> Mmrm:
    """Model means by group and visit from the cells of repeated scores, by restricted maximum likelihood.

    Valid where stopping depends on recorded scores only (missing at random). `covariance` "auto" takes the first that the
    records can carry of unstructured, heterogeneous Toeplitz, random intercept and slope; which, is decided before any
    mean is looked at and said in `covariance_used`. `standard_error` "joint" takes account of stopping that depends on the
    scores; "kenward_roger" (linear) and "classical" are what other software gives, and are too small there. Degrees of
    freedom are Satterthwaite's, from the observed information.

    Raises:
        ValueError: an unknown option; a level outside 0 to 1.

    References:
        Mallinckrodt et al. (2008), Drug Inf J 42:303-319; Kenward & Molenberghs (1998), Stat Sci 13:236-247;
        Kenward & Roger (1997), Biometrics 53:983-997; Fai & Cornelius (1996), J Stat Comput Simul 54:363-378.
    """
    check_options(covariance, standard_error, level)
    present = np.flatnonzero(cells.counts.sum(axis=1))
    sizes = np.bincount(cells.group, weights=cells.n, minlength=len(cells.groups))[present]
    apart = len(present) > 1 and sizes.min() > LARGE_GROUP
    parts = [(int(g),) for g in present] if apart else [tuple(int(g) for g in present)]
    blocks, reasons = [], []
    for groups in parts:
        own = cells.only(groups)
        fitted, reason = _fit(own, covariance)
        reasons.append(reason)
        if fitted is not None:
            blocks.append(_Block(fitted, groups, _covariances(fitted, standard_error), _classical(fitted)))
    used = reasons[0] if not apart else _apart(cells, present, reasons)
    return _result(cells, tuple(blocks), used, level)


def check_options(covariance: str, standard_error: str, level: float) -> None:
    """Raises ValueError for an unknown option, or a level outside 0 to 1."""
    if covariance not in ("auto", *_STRUCTURES):
        raise ValueError(f"covariance must be auto, {', '.join(_STRUCTURES)}, got {covariance!r}")
    if standard_error not in ("joint", "kenward_roger", "classical"):
        raise ValueError(f"standard_error must be joint, kenward_roger or classical, got {standard_error!r}")
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level}")


_STRUCTURES = {
    "unstructured": lambda visits: unstructured(len(visits)),
    "toeplitz_heterogeneous": lambda visits: toeplitz_heterogeneous(len(visits)),
    "random_slope": random_slope,
}


def _fit(cells: Cells, covariance: Covariance) -> tuple[Fit | None, str]:
    """The first structure that the cells can carry, and why in words; None where there is none."""
    refused = _refusal(cells)
    if refused:
        return None, f"not estimable: {refused}"
    tried: list[str] = []
    for name in _STRUCTURES if covariance == "auto" else (covariance,):
        problem = _too_few_pairs(cells) if name == "unstructured" and covariance == "auto" else ""
        fitted = None
        if not problem:
            fitted, problem = _attempt(cells, _STRUCTURES[name](cells.visits))
        if fitted is not None:
            return fitted, "; ".join([name.replace("_", " "), *tried])
        tried.append(f"{name.replace('_', ' ')} was not used: {problem}")
    return None, f"not estimable: {'; '.join(tried)}"


def _refusal(cells: Cells) -> str:
    if len(cells.visits) < 2:
        return "one visit only"
    if cells.n.sum() < 2:
        return "one subject only"
    squares = At(Sums.of(cells), np.eye(len(cells.visits))).squares
    largest = np.abs(cells.mean).max(axis=0)
    rounding = cells.n.sum() * (1e-12 * largest) ** 2  # what equal scores that binary fractions can't hold leave behind
    alike = [
        visit for visit, spread, none in zip(cells.visits, np.einsum("kaa->a", squares), rounding, strict=True) if spread <= none
    ]
    return f"within groups all scores are equal at {', '.join(map(str, alike))}" if alike else ""


def _too_few_pairs(cells: Cells) -> str:
    needed = len(cells.visits) + 3
    fewest = int(cells.pairs.min()) - len(cells.groups)
    if fewest >= needed:
        return ""
    return f"some two visits share {int(cells.pairs.min())} subjects, and {needed + len(cells.groups)} are needed"


def _attempt(cells: Cells, structure: Structure) -> tuple[Fit | None, str]:
    try:
        fitted = fit(Sums.of(cells), structure)
    except NotPositiveDefinite:
        return None, "no proper covariance was found"
    return (None, fitted.problem) if fitted.problem else (fitted, "")


def _apart(cells: Cells, present: NDArray[np.intp], reasons: list[str]) -> str:
    used = ", ".join(f"{cells.groups[g]}: {reason}" for g, reason in zip(present, reasons, strict=True))
    return f"one covariance for each group, as each has more than {LARGE_GROUP} subjects ({used})"


def _classical(fitted: Fit) -> Floats:
    """Covariance of the means (p, p) as if S were known: the inverse of their information, group by group."""
    groups, visits = fitted.at.means.shape
    out = np.zeros((groups, visits, groups, visits))
    for g in range(groups):
        out[g, :, g, :] = fitted.at.means_cov[g]
    return out.reshape(groups * visits, -1)


def _kenward_roger(fitted: Fit) -> Floats:
    """The same with Kenward & Roger's correction for S being estimated, second derivatives of S left out (linear)."""
    at, theta_cov = fitted.at, fitted.theta_cov
    groups, visits = at.means.shape
    spread = (fitted.jacobian @ theta_cov @ fitted.jacobian.T).reshape(visits, visits, visits, visits)
    middle = np.einsum("abcd,kbc->kad", spread, at.weights, optimize=True)
    bread = np.einsum("gk,kab->gab", at.sums.counts, at.weights @ middle @ at.weights)
    slopes = _information_slopes(fitted)
    crossed = np.einsum("gtui,ij,guv,gvwj->gtw", slopes, theta_cov, at.means_cov, slopes, optimize=True)
    out = np.zeros((groups, visits, groups, visits))
    for g in range(groups):
        out[g, :, g, :] = at.means_cov[g] + 2 * at.means_cov[g] @ (bread[g] - crossed[g]) @ at.means_cov[g]
    whole = out.reshape(groups * visits, -1)
    return (whole + whole.T) / 2


def _covariances(fitted: Fit, standard_error: StandardError) -> Floats:
    if standard_error == "classical":
        return _classical(fitted)
    if standard_error == "kenward_roger":
        return _kenward_roger(fitted)
    # The means and S are correlated when stopping depends on scores; the observed information of both says how much.
    slope = np.einsum("gtu,gui->gti", fitted.at.means_cov, fitted.at.means_slope) @ fitted.jacobian
    flat = slope.reshape(-1, slope.shape[-1])
    return _kenward_roger(fitted) + flat @ fitted.theta_cov @ flat.T


def _information_slopes(fitted: Fit) -> Floats:
    """Minus the derivative of the means' information by each parameter (G, T, T, q)."""
    change = fitted.at.information_change
    groups, visits = change.shape[:2]
    flat = change.transpose(0, 1, 4, 2, 3).reshape(groups, visits, visits, -1)
    return flat @ fitted.jacobian


def _satterthwaite(block: _Block, rows: Floats) -> Floats:
    """Degrees of freedom (k,) of k weighted sums of a block's means (k, p)."""
    fitted = block.fit
    groups, visits = fitted.at.means.shape
    pulled = (rows @ block.classical).reshape(len(rows), groups, visits)
    slope = np.einsum("kgt,gtui,kgu->ki", pulled, _information_slopes(fitted), pulled, optimize=True)
    variance = np.einsum("kp,pq,kq->k", rows, block.classical, rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * variance**2 / np.einsum("ki,ij,kj->k", slope, fitted.theta_cov, slope)


def _whole(model: Mmrm, part: Literal["cov", "classical"]) -> Floats:
    """A covariance of all means (G*T, G*T); nan for groups without a fit."""
    groups, visits = len(model.cells.groups), len(model.cells.visits)
    out = np.full((groups, visits, groups, visits), 0.0)
    for block in model._blocks:
        own = getattr(block, part).reshape(len(block.groups), visits, len(block.groups), visits)
        out[np.ix_(block.groups, range(visits), block.groups, range(visits))] = own
    return out.reshape(groups * visits, -1)


def _estimates(model: Mmrm, rows: Floats) -> pd.DataFrame:
    """Estimates of k weighted sums of means (k, G*T), one row each."""
    groups, visits = len(model.cells.groups), len(model.cells.visits)
    means, estimable = np.zeros((groups, visits)), np.zeros((groups, visits), bool)
    for block in model._blocks:
        means[list(block.groups)] = block.fit.at.means
        estimable[list(block.groups)] = block.fit.at.sums.estimable
    variance = np.einsum("kp,pq,kq->k", rows, _whole(model, "cov"), rows)
    known = ~((rows != 0) & ~estimable.ravel()).any(axis=1)
    frame = pd.DataFrame({"estimate": np.where(known, rows @ means.ravel(), np.nan)})
    frame["std_error"] = np.where(known, np.sqrt(np.maximum(variance, 0)), np.nan)
    frame["df"] = np.where(known, _degrees(model, rows), np.nan)
    half = t_quantile((1 + model.level) / 2, frame["df"]) * frame["std_error"]
    frame["conf_low"], frame["conf_high"] = frame["estimate"] - half, frame["estimate"] + half
    fitted = np.isin(np.arange(groups), [g for block in model._blocks for g in block.groups])
    unfitted = (rows.reshape(-1, groups, visits) != 0)[:, ~fitted & (model.cells.counts.sum(axis=1) > 0)].any(axis=(1, 2))
    return frame.assign(note=np.where(known, "", np.where(unfitted, model.covariance_used, "not seen at this visit")))


def _degrees(model: Mmrm, rows: Floats) -> Floats:
    """Satterthwaite's df; sums over blocks fitted apart combine as independent variances do."""
    groups, visits = len(model.cells.groups), len(model.cells.visits)
    top, bottom = np.zeros(len(rows)), np.zeros(len(rows))
    for block in model._blocks:
        own = rows.reshape(-1, groups, visits)[:, list(block.groups)].reshape(len(rows), -1)
        variance = np.einsum("kp,pq,kq->k", own, block.classical, own)
        involved = variance > 0
        top += variance
        bottom[involved] += variance[involved] ** 2 / _satterthwaite(block, own[involved])
    with np.errstate(divide="ignore", invalid="ignore"):
        return top**2 / bottom


def _result(cells: Cells, blocks: tuple[_Block, ...], used: str, level: float) -> Mmrm:
    groups, visits = len(cells.groups), len(cells.visits)
    covariances = {cells.groups[block.groups[0]]: block.fit.covariance for block in blocks}
    together = len(blocks) == 1 and len(blocks[0].groups) == np.count_nonzero(cells.counts.sum(axis=1))
    covariance = blocks[0].fit.covariance if together else covariances or np.full((visits, visits), np.nan)
    empty = pd.DataFrame()
    log = sum(block.fit.at.minus2_loglik for block in blocks) if blocks else np.nan
    model = Mmrm(empty, empty, covariance, used, float(log), cells, level, blocks)
    rows = np.eye(groups * visits)
    first = np.kron(np.eye(groups), np.eye(visits)[[0] * visits])
    keys = pd.DataFrame(
        {
            "group": np.repeat(np.array(cells.groups, dtype=object), visits),
            "visit": list(cells.visits) * groups,
            "n": cells.counts.ravel().astype(int),
        }
    )
    later = keys["visit"] != cells.visits[0]
    means = pd.concat([keys, _estimates(model, rows)], axis=1)
    change = pd.concat([keys, _estimates(model, rows - first)], axis=1)[later].reset_index(drop=True)
    return Mmrm(means, change, model.covariance, used, model.minus2_reml_loglik, cells, level, blocks)
