"""Covariance structures of repeated scores: S(theta), its first and second derivatives, and where to start.

Three, in the order in which they are tried. Compound symmetry, a random intercept alone and AR(1) are left out on
purpose: where patients stop for what their scores show, they bias the mean by up to a seventh of the effect, and more
data does not cure it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from outcomes.statistics.arrays import Floats


class Structure(Protocol):
    """S is (T, T); `theta` (q,). `jacobian` (T*T, q) is d vec S; `curvature` (q, q) weights the second derivatives by (T, T)."""

    name: str

    def matrix(self, theta: Floats) -> Floats: ...
    def jacobian(self, theta: Floats) -> Floats: ...
    def curvature(self, theta: Floats, weights: Floats) -> Floats: ...
    def start(self, moments: Floats) -> Floats: ...


class _Linear:
    """S = sum of theta_j basis_j: second derivatives are 0, and the start is the least-squares projection."""

    def __init__(self, name: str, basis: Sequence[Floats]) -> None:
        self.name = name
        self.size = basis[0].shape[0]
        self.basis = np.stack([part.ravel() for part in basis], axis=1).astype(float)

    def matrix(self, theta: Floats) -> Floats:
        return (self.basis @ theta).reshape(self.size, self.size)

    def jacobian(self, theta: Floats) -> Floats:
        return self.basis

    def curvature(self, theta: Floats, weights: Floats) -> Floats:
        return np.zeros((len(theta), len(theta)))

    def start(self, moments: Floats) -> Floats:
        return np.asarray(np.linalg.lstsq(self.basis, moments.ravel(), rcond=None)[0])


class _Toeplitz:
    """One variance per visit and one correlation per distance in visits; theta = log variances, then atanh correlations."""

    name = "toeplitz_heterogeneous"

    def __init__(self, size: int) -> None:
        self.size = size
        self.lag = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
        rows = np.eye(size)
        # d log S_ab / d log variance_k: one half for each of a and b that is k.
        self.half = (rows[:, None, :] + rows[None, :, :]) / 2
        self.is_lag = np.stack([self.lag == k for k in range(1, size)], axis=-1).astype(float)

    def _parts(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        deviations = np.exp(theta[: self.size] / 2)
        scale = np.outer(deviations, deviations)
        correlations = np.tanh(theta[self.size :])
        return scale, correlations, scale * np.concatenate([[1.0], correlations])[self.lag]

    def matrix(self, theta: Floats) -> Floats:
        return self._parts(theta)[2]

    def jacobian(self, theta: Floats) -> Floats:
        scale, correlations, matrix = self._parts(theta)
        by_variance = matrix[..., None] * self.half
        by_correlation = scale[..., None] * self.is_lag * (1 - correlations**2)
        return np.concatenate([by_variance, by_correlation], axis=-1).reshape(self.size**2, -1)

    def curvature(self, theta: Floats, weights: Floats) -> Floats:
        scale, correlations, matrix = self._parts(theta)
        slope = 1 - correlations**2
        by_correlation = scale[..., None] * self.is_lag * slope
        out = np.zeros((len(theta), len(theta)))
        k = self.size
        out[:k, :k] = np.einsum("ab,abi,abj->ij", weights * matrix, self.half, self.half)
        out[:k, k:] = np.einsum("ab,abi,abj->ij", weights, self.half, by_correlation)
        out[k:, :k] = out[:k, k:].T
        out[k:, k:] = np.diag(np.einsum("ab,abj->j", weights, by_correlation) * -2 * correlations)
        return out

    def start(self, moments: Floats) -> Floats:
        deviations = np.sqrt(np.diag(moments))
        correlation = moments / np.outer(deviations, deviations)
        by_lag = [np.diag(correlation, k).mean() * 0.9 for k in range(1, self.size)]
        return np.concatenate([2 * np.log(deviations), np.arctanh(np.clip(by_lag, -0.9, 0.9))])


def unstructured(size: int) -> Structure:
    """One parameter for each pair of visits."""
    basis = []
    for row, column in zip(*np.tril_indices(size), strict=True):
        part = np.zeros((size, size))
        part[row, column] = part[column, row] = 1
        basis.append(part)
    return _Linear("unstructured", basis)


def toeplitz_heterogeneous(size: int) -> Structure:
    """One variance for each visit and one correlation for each distance between visits."""
    return _Toeplitz(size)


def random_slope(visits: Sequence[Any]) -> Structure:
    """A random intercept and slope over the visits' values (their order where they are not numbers), and equal noise."""
    size = len(visits)
    numeric = all(isinstance(visit, int | float) for visit in visits)
    values = np.asarray(visits, float) if numeric else np.arange(size, dtype=float)
    time = (values - values[0]) / ((values[-1] - values[0]) or 1)
    return _Linear("random_slope", [np.ones((size, size)), np.add.outer(time, time), np.outer(time, time), np.eye(size)])
