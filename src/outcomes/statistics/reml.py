"""The restricted likelihood of repeated scores, from cells.

Model: a subject of group g seen at visits o has scores y[o] ~ N(m_g[o], S[o, o]), one free mean m_gt for each group and visit.
Written with W_o = S[o, o]^-1 set in T x T zeros, r_c = mean_c - m_g and M_c = cross_c + n_c r_c r_c',

    -2 REML = sum_c n_c log|S[o, o]| + tr(W_o M_c) + sum_g log|P_g| + (N - p) log 2 pi,   P_g = sum_o n_go W_o.

P_g is the information on the means of group g and C_g = P_g^-1 their covariance when S is known. Derivatives are taken
with respect to every entry of S and carried to the parameters of a structure by its Jacobian.

References: Patterson & Thompson (1971), Biometrika 58:545-554; Jennrich & Schluchter (1986), Biometrics 42:805-820.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from outcomes.statistics.arrays import Floats
from outcomes.statistics.covariance import Structure
from outcomes.statistics.sufficient_statistics import Cells


class NotPositiveDefinite(ArithmeticError):
    """A covariance that no scores can have; the fit steps back from it."""


@dataclass(frozen=True)
class Sums:
    """What of the cells does not change while S is sought.

    `patterns` (K, T) distinct patterns of visits; `pattern` (c,) indexes them; `counts` (G, K) subjects; `estimable` (G, T)
    visits at which a group was seen.
    """

    cells: Cells
    patterns: NDArray[np.bool_]
    pattern: NDArray[np.int64]
    counts: Floats
    estimable: NDArray[np.bool_]

    @classmethod
    def of(cls, cells: Cells) -> Sums:
        patterns, pattern = np.unique(cells.seen, axis=0, return_inverse=True)
        counts = np.zeros((len(cells.groups), len(patterns)))
        np.add.at(counts, (cells.group, pattern.ravel()), cells.n)
        return cls(cells, patterns, pattern.ravel(), counts, cells.counts > 0)


class At:
    """The likelihood at one S (T, T): its value at once, its derivatives when asked for.

    Raises:
        NotPositiveDefinite: S, or the information on the means, is not.
    """

    def __init__(self, sums: Sums, matrix: Floats) -> None:
        self.sums, cells = sums, sums.cells
        self.weights, log_dets = _inverses(matrix[None], sums.patterns)  # (K, T, T), (K,)
        by_cell = self.weights[sums.pattern]
        information = np.einsum("gk,kab->gab", sums.counts, self.weights)
        self.means_cov, log_information = _inverses(information, sums.estimable)  # (G, T, T), (G,)
        weighted = np.zeros((len(cells.groups), len(cells.visits)))
        np.add.at(weighted, cells.group, cells.n[:, None] * np.einsum("cab,cb->ca", by_cell, cells.mean))
        self.means = np.einsum("gab,gb->ga", self.means_cov, weighted)  # (G, T)
        self.residuals = np.where(cells.seen, cells.mean - self.means[cells.group], 0.0)  # (c, T)
        squares = cells.cross + cells.n[:, None, None] * self.residuals[:, :, None] * self.residuals[:, None, :]
        self.squares = np.zeros_like(self.weights)  # (K, T, T)
        np.add.at(self.squares, sums.pattern, squares)
        observations = (cells.n * cells.seen.sum(axis=1)).sum()
        constant = (observations - sums.estimable.sum()) * np.log(2 * np.pi)
        fit = (sums.counts.sum(axis=0) * log_dets).sum() + np.einsum("kab,kab->", self.weights, self.squares)
        self.minus2_loglik = float(fit + log_information.sum() + constant)

    @cached_property
    def gradient(self) -> Floats:
        """d(-2 REML) / dS (T, T)."""
        return (
            np.einsum("k,kab->ab", self.sums.counts.sum(axis=0), self.weights)
            - self._fitted.sum(axis=0)
            - self._means_part.sum(axis=0)
        )

    @cached_property
    def _fitted(self) -> Floats:
        """W M W by pattern (K, T, T)."""
        return self.weights @ self.squares @ self.weights

    @cached_property
    def _means_part(self) -> Floats:
        """W (sum_g n_g C_g) W by pattern (K, T, T): what estimating the means takes away."""
        spread = np.einsum("gk,gab->kab", self.sums.counts, self.means_cov)
        return self.weights @ spread @ self.weights

    @cached_property
    def information_change(self) -> Floats:
        """Minus d P_g / dS (G, T, T, T, T): [g, t, a, b, u] is sum_k n_gk W_ta W_bu."""
        return np.einsum("gk,kta,kbu->gtabu", self.sums.counts, self.weights, self.weights, optimize=True)

    @cached_property
    def means_slope(self) -> Floats:
        """b (G, T, T*T): sum_c n_c W V W r by group, symmetric in the entries of V."""
        cells, weights = self.sums.cells, self.weights[self.sums.pattern]
        pulled = cells.n[:, None] * np.einsum("cab,cb->ca", weights, self.residuals)
        out = np.zeros((len(cells.groups), *weights.shape[1:], weights.shape[1]))
        np.add.at(out, cells.group, weights[:, :, :, None] * pulled[:, None, None, :])
        return ((out + out.swapaxes(2, 3)) / 2).reshape(*out.shape[:2], -1)

    @cached_property
    def expected(self) -> Floats:
        """Expected Hessian of -2 REML in the entries of S (T*T, T*T), twice the Fisher information."""
        counts = self.sums.counts.sum(axis=0)
        change = np.einsum("gtp,gpabu->gtabu", self.means_cov, self.information_change, optimize=True)
        size = self.weights.shape[1] ** 2
        both = np.einsum("gtabu,gucdt->abcd", change, change, optimize=True).reshape(size, size)
        return self._form(counts[:, None, None] * self.weights) - 2 * self._form(self._means_part) + both

    @cached_property
    def observed(self) -> Floats:
        """Observed Hessian of -2 REML in the entries of S (T*T, T*T), the means profiled out."""
        profiled = np.einsum("gti,gtu,guj->ij", self.means_slope, self.means_cov, self.means_slope, optimize=True)
        return -self.expected + 2 * self._form(self._fitted) - 2 * profiled

    def _form(self, outer: Floats) -> Floats:
        """The bilinear form sum_k tr(X_k V W_k V') in vec V and vec V' (T*T, T*T)."""
        size = outer.shape[1] ** 2
        return np.einsum("kda,kbc->abcd", outer, self.weights, optimize=True).reshape(size, size)


def _inverses(matrices: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The inverse of the seen part (K, T) of each matrix (K, T, T), in zeros, and the log determinants (K,)."""
    both = seen[:, :, None] & seen[:, None, :]
    # Visits not seen stand apart with variance 1: they change neither the inverse of the rest nor the determinant.
    apart = np.where(both, matrices, np.eye(seen.shape[1]))
    try:
        lower = np.linalg.cholesky(apart)
    except np.linalg.LinAlgError as failure:
        raise NotPositiveDefinite from failure
    inverse_lower = np.linalg.inv(lower)
    log_dets = 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    return np.where(both, inverse_lower.swapaxes(1, 2) @ inverse_lower, 0.0), log_dets


@dataclass(frozen=True)
class Fit:
    """The maximum of the restricted likelihood under one structure.

    `theta` (q,) its parameters, `theta_cov` (q, q) their covariance from the observed information, `jacobian` (T*T, q).
    `problem` says in words why the fit is not to be used; empty when it is.
    """

    structure: Structure
    at: At
    theta: Floats
    theta_cov: Floats
    jacobian: Floats
    iterations: int
    problem: str

    @property
    def covariance(self) -> Floats:
        return self.structure.matrix(self.theta)


LARGEST_CONDITION = 1e8
_ENOUGH = 1e-10
_MOST_ITERATIONS = 100


def fit(sums: Sums, structure: Structure) -> Fit:
    """Newton's method with the observed Hessian where it is positive definite, else Fisher scoring, with step halving."""
    theta = structure.start(_starting_moments(sums))
    theta, at = _first_proper(sums, structure, theta)
    for iteration in range(1, _MOST_ITERATIONS + 1):
        step, decrement = _step(structure, at, theta)
        if decrement < _ENOUGH:
            return _finished(structure, at, theta, iteration, "")
        moved = _halved(sums, structure, at, theta, step, decrement)
        if moved is None:
            break
        theta, at = moved
    return _finished(structure, at, theta, iteration, "it did not converge")


def _starting_moments(sums: Sums) -> Floats:
    """Moments of the available cases about the raw means, eigenvalues of the correlations kept above 0.05."""
    moments = At(sums, np.eye(len(sums.cells.visits))).squares.sum(axis=0)
    pairs = sums.cells.pairs
    variances = np.diag(moments) / np.maximum(np.diag(pairs), 1)
    deviations = np.sqrt(np.where(variances > 0, variances, max(variances.max(), 1e-12)))
    correlation = moments / np.maximum(pairs, 1) / np.outer(deviations, deviations)
    np.fill_diagonal(correlation, 1)
    values, vectors = np.linalg.eigh(correlation)
    proper = (vectors * np.maximum(values, 0.05)) @ vectors.T
    rescale = deviations / np.sqrt(np.diag(proper))
    return proper * np.outer(rescale, rescale)


def _first_proper(sums: Sums, structure: Structure, theta: Floats) -> tuple[Floats, At]:
    """The start itself, or drawn towards independence until it is a covariance."""
    moments = _starting_moments(sums)
    for _ in range(60):
        try:
            return theta, At(sums, structure.matrix(theta))
        except NotPositiveDefinite:
            moments = (moments + np.diag(np.diag(moments))) / 2
            theta = structure.start(moments)
    raise NotPositiveDefinite


def _step(structure: Structure, at: At, theta: Floats) -> tuple[Floats, float]:
    """The step to subtract, and the Newton decrement: twice what it is expected to gain."""
    jacobian = structure.jacobian(theta)
    gradient = jacobian.T @ at.gradient.ravel()
    hessian = _hessian(structure, at, theta)
    if not _is_positive(hessian):
        hessian = jacobian.T @ at.expected @ jacobian
    step = np.asarray(np.linalg.lstsq(hessian, gradient, rcond=None)[0], np.float64)
    if gradient @ step < 0:
        step = gradient / np.abs(np.diag(hessian)).max()
    return step, float(gradient @ step)


def _is_positive(hessian: Floats) -> bool:
    """Whether it is positive definite beyond rounding, whatever the units of its parameters."""
    diagonal = np.diag(hessian)
    if diagonal.min() <= 0:
        return False
    return bool(np.linalg.eigvalsh(hessian / np.sqrt(np.outer(diagonal, diagonal))).min() > 1e-12)


def _hessian(structure: Structure, at: At, theta: Floats) -> Floats:
    jacobian = structure.jacobian(theta)
    return jacobian.T @ at.observed @ jacobian + structure.curvature(theta, at.gradient)


def _halved(sums: Sums, structure: Structure, at: At, theta: Floats, step: Floats, decrement: float) -> tuple[Floats, At] | None:
    """The longest of the halved steps that gains; None where none does."""
    share = 1.0
    while share > 1e-8:
        try:
            tried = At(sums, structure.matrix(theta - share * step))
            rounding = 1e-12 * abs(at.minus2_loglik)
            if tried.minus2_loglik <= at.minus2_loglik - 1e-4 * share * decrement + rounding:
                return theta - share * step, tried
        except NotPositiveDefinite:
            pass
        share /= 2
    return None


def _finished(structure: Structure, at: At, theta: Floats, iterations: int, problem: str) -> Fit:
    hessian = _hessian(structure, at, theta)
    matrix = structure.matrix(theta)
    if not problem and not _is_positive(hessian):
        problem = "its Hessian is not positive definite"
    if not problem and np.linalg.cond(matrix) > LARGEST_CONDITION:
        problem = "its covariance is nearly singular"
    theta_cov = np.asarray(2 * np.linalg.pinv(hessian, hermitian=True), np.float64)
    return Fit(structure, at, theta, theta_cov, structure.jacobian(theta), iterations, problem)
