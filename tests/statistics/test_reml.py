"""The restricted likelihood from cells, against one written subject by subject, and its derivatives against differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from outcomes.statistics.covariance import Structure, random_slope, toeplitz_heterogeneous, unstructured
from outcomes.statistics.longitudinal import Wide
from outcomes.statistics.mmrm import mmrm_of_cells
from outcomes.statistics.reml import At, Fit, NotPositiveDefinite, Sums, fit
from outcomes.statistics.sufficient_statistics import Cells, cells_of

VISITS = (0, 1, 3, 4)
STRUCTURES: dict[str, Structure] = {
    "unstructured": unstructured(4),
    "toeplitz_heterogeneous": toeplitz_heterogeneous(4),
    "random_slope": random_slope(VISITS),
}
each_structure = pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES.keys())


def stopping(n: int, seed: int, visits: int = 4, groups: int = 2) -> Wide:
    """Scores of subjects who stop when they have improved, with a missed visit here and there."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(40, 8, n)[:, None] - rng.normal(4, 2, n)[:, None] * np.arange(visits) + rng.normal(0, 3, (n, visits))
    leaves = (scores[:, :1] - scores > 5) & (rng.random(scores.shape) < 0.6) & (np.arange(visits) > 0)
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), visits - 1)
    seen = (np.arange(visits) <= last[:, None]) & ((rng.random(scores.shape) > 0.1) | (np.arange(visits) == 0))
    group = np.arange(n) % groups
    names = tuple("ABC"[:groups])
    return Wide(
        np.where(seen, scores, np.nan),
        np.ones(n),
        np.ones(n, bool),
        group,
        names,
        tuple(range(visits)),
        np.full(n, visits - 1),
        np.arange(n),
    )


WIDE = stopping(60, seed=5)
SUMS = Sums.of(cells_of(WIDE))


def minus2_by_subject(wide: Wide, means: np.ndarray, matrix: np.ndarray) -> float:
    """-2 REML, but at any means: one subject after the other, nothing aggregated."""
    total, information = 0.0, np.zeros((means.size, means.size))
    for row, group in zip(wide.scores, wide.group, strict=True):
        seen = np.flatnonzero(~np.isnan(row))
        inverse, residual = np.linalg.inv(matrix[np.ix_(seen, seen)]), row[seen] - means[group, seen]
        total += np.linalg.slogdet(matrix[np.ix_(seen, seen)])[1] + residual @ inverse @ residual + len(seen) * np.log(2 * np.pi)
        design = np.zeros((len(seen), means.size))
        design[np.arange(len(seen)), group * means.shape[1] + seen] = 1
        information += design.T @ inverse @ design
    return total + np.linalg.slogdet(information)[1] - means.size * np.log(2 * np.pi)


def differences(function: Callable[[np.ndarray], np.ndarray | float], at: np.ndarray, step: float) -> np.ndarray:
    """Derivatives (len(at), ...) by central differences."""
    moves = np.eye(len(at)) * step
    return np.array([(np.asarray(function(at + move)) - np.asarray(function(at - move))) / (2 * step) for move in moves])


def somewhere(structure: Structure) -> np.ndarray:
    """Parameters near the maximum, but not at it: the gradient is not 0 there."""
    found = fit(SUMS, structure)
    assert not found.problem
    return found.theta * 1.05 + 0.02


@each_structure
def test_the_value_is_that_of_the_subjects_one_by_one(structure: Structure) -> None:
    matrix = structure.matrix(somewhere(structure))
    at = At(SUMS, matrix)
    assert at.minus2_loglik == pytest.approx(minus2_by_subject(WIDE, at.means, matrix), abs=1e-8)


@each_structure
def test_the_means_make_it_largest(structure: Structure) -> None:
    matrix = structure.matrix(somewhere(structure))
    at = At(SUMS, matrix)
    slope = differences(lambda flat: minus2_by_subject(WIDE, flat.reshape(at.means.shape), matrix), at.means.ravel(), 1e-4)
    np.testing.assert_allclose(slope, 0, atol=1e-6)


@each_structure
def test_the_jacobian_is_the_derivative_of_the_matrix(structure: Structure) -> None:
    theta = somewhere(structure)
    by_hand = differences(lambda moved: structure.matrix(moved).ravel(), theta, 1e-5)
    np.testing.assert_allclose(structure.jacobian(theta), by_hand.T, atol=1e-6)


@each_structure
def test_the_curvature_is_the_second_derivative_of_the_matrix(structure: Structure) -> None:
    theta, weights = somewhere(structure), np.random.default_rng(2).normal(size=(4, 4))
    weights = weights + weights.T
    by_hand = differences(lambda moved: weights.ravel() @ structure.jacobian(moved), theta, 1e-5)
    np.testing.assert_allclose(structure.curvature(theta, weights), by_hand, atol=1e-5)


@each_structure
def test_the_gradient_agrees_with_differences_of_the_value(structure: Structure) -> None:
    theta = somewhere(structure)
    by_hand = differences(lambda moved: At(SUMS, structure.matrix(moved)).minus2_loglik, theta, 1e-4)
    gradient = structure.jacobian(theta).T @ At(SUMS, structure.matrix(theta)).gradient.ravel()
    assert np.abs(gradient).max() > 0.01
    np.testing.assert_allclose(gradient, by_hand, rtol=1e-5, atol=1e-6)


def gradient_at(structure: Structure, theta: np.ndarray) -> np.ndarray:
    return structure.jacobian(theta).T @ At(SUMS, structure.matrix(theta)).gradient.ravel()


@each_structure
def test_the_observed_hessian_agrees_with_differences_of_the_gradient(structure: Structure) -> None:
    theta = somewhere(structure)
    at, jacobian = At(SUMS, structure.matrix(theta)), structure.jacobian(theta)
    hessian = jacobian.T @ at.observed @ jacobian + structure.curvature(theta, at.gradient)
    by_hand = differences(lambda moved: gradient_at(structure, moved), theta, 1e-4)
    np.testing.assert_allclose(hessian, by_hand, rtol=1e-5, atol=1e-5 * np.abs(hessian).max())


@each_structure
def test_the_expected_hessian_is_the_mean_of_observed_ones(structure: Structure) -> None:
    """Over scores drawn from the model itself, with nobody stopping for what the scores show."""
    theta = fit(SUMS, structure).theta
    matrix, jacobian = structure.matrix(theta), structure.jacobian(theta)
    at = At(SUMS, matrix)
    rng = np.random.default_rng(8)
    hidden = np.where(np.isnan(WIDE.scores), np.nan, 0.0)
    observed = []
    for _ in range(400):
        drawn = hidden + at.means[WIDE.group] + rng.multivariate_normal(np.zeros(4), matrix, len(hidden))
        there = At(Sums.of(cells_of(replace(WIDE, scores=drawn))), matrix)
        observed.append(jacobian.T @ there.observed @ jacobian + structure.curvature(theta, there.gradient))
    expected = jacobian.T @ at.expected @ jacobian
    error = np.std(observed, axis=0) / np.sqrt(len(observed))
    assert (np.abs(np.mean(observed, axis=0) - expected) / error).max() < 4.5


@each_structure
def test_at_the_maximum_the_gradient_vanishes_and_the_hessian_is_positive(structure: Structure) -> None:
    found = fit(SUMS, structure)
    slope = structure.jacobian(found.theta).T @ found.at.gradient.ravel()
    assert slope @ found.theta_cov @ slope / 2 < 1e-10
    assert np.linalg.eigvalsh(found.theta_cov).min() > 0
    assert found.iterations <= 12


def test_the_maximum_is_where_another_optimiser_finds_it() -> None:
    from scipy.optimize import minimize

    structure = toeplitz_heterogeneous(4)
    found = fit(SUMS, structure)
    other = minimize(lambda theta: At(SUMS, structure.matrix(theta)).minus2_loglik, found.theta + 0.3, method="BFGS")
    assert found.at.minus2_loglik <= other.fun + 1e-9
    np.testing.assert_allclose(found.theta, other.x, atol=1e-3)


def joint_covariance(wide: Wide, found: Fit) -> np.ndarray:
    """Covariance of the means from the numeric Hessian of -2 REML in the means and the covariance parameters at once."""
    p = found.at.means.size

    def value(all_at_once: np.ndarray) -> float:
        return minus2_by_subject(wide, all_at_once[:p].reshape(found.at.means.shape), found.structure.matrix(all_at_once[p:]))

    here = np.concatenate([found.at.means.ravel(), found.theta])
    steps = np.diag(1e-3 * np.maximum(np.abs(here), 1))
    k, centre = len(here), value(here)
    hessian = np.zeros((k, k))
    for i in range(k):
        for j in range(i, k):
            a, b = steps[i], steps[j]
            four = value(here + a + b) - value(here + a - b) - value(here - a + b) + value(here - a - b)
            hessian[i, j] = hessian[j, i] = four / (4 * a[i] * b[j])
    assert centre <= value(here + steps[0])
    return 2 * np.linalg.inv(hessian)[:p, :p]


@pytest.mark.parametrize(
    "structure", [unstructured(3), toeplitz_heterogeneous(3), random_slope((0, 1, 2))], ids=lambda of: of.name
)
def test_the_joint_standard_error_is_that_of_a_numeric_joint_hessian(structure: Structure) -> None:
    wide = stopping(40, seed=9, visits=3, groups=1)
    cells = cells_of(wide)
    found = fit(Sums.of(cells), structure)
    cov = {
        name: mmrm_of_cells(cells, covariance=structure.name, standard_error=name).means_covariance()
        for name in ("joint", "kenward_roger", "classical")
    }
    # The small-sample term of Kenward and Roger comes on top of both.
    joint = cov["joint"] - cov["kenward_roger"] + cov["classical"]
    np.testing.assert_allclose(joint, joint_covariance(wide, found), rtol=2e-4, atol=2e-4 * joint.max())
    # And it matters: under this stopping the last mean is known less well than the usual standard error says.
    assert np.sqrt(joint[-1, -1] / cov["classical"][-1, -1]) > 1.02


def test_without_stopping_for_the_scores_joint_and_usual_agree() -> None:
    rng = np.random.default_rng(4)
    n = 20_000
    scores = rng.normal(40, 8, n)[:, None] + rng.normal(0, 3, (n, 3))
    scores[: n // 2, 2] = np.nan
    cells = cells_of(
        Wide(scores, np.ones(n), np.ones(n, bool), np.zeros(n, np.int64), ("all",), (0, 1, 2), np.full(n, 2), np.arange(n))
    )
    joint, usual = (
        np.sqrt(np.diag(mmrm_of_cells(cells, standard_error=name).means_covariance())) for name in ("joint", "classical")
    )
    np.testing.assert_allclose(joint, usual, rtol=2e-3)


# What can go wrong


def cells_from(rows: list[list[float]]) -> Cells:
    scores = np.array(rows, float)
    n, visits = scores.shape
    return cells_of(
        Wide(
            scores,
            np.ones(n),
            np.ones(n, bool),
            np.zeros(n, np.int64),
            ("all",),
            tuple(range(visits)),
            np.full(n, visits - 1),
            np.arange(n),
        )
    )


def test_a_matrix_that_no_scores_can_have_is_refused() -> None:
    with pytest.raises(NotPositiveDefinite):
        At(SUMS, np.ones((4, 4)))


def test_a_pair_of_visits_that_nobody_has_both_of_leaves_the_covariance_open() -> None:
    rng = np.random.default_rng(6)
    scores = rng.normal(10, 2, (40, 1)) + rng.normal(0, 1, (40, 3))
    scores[:20, 1] = scores[20:, 2] = np.nan
    assert fit(Sums.of(cells_from(scores.tolist())), unstructured(3)).problem == "its Hessian is not positive definite"


def test_two_visits_that_are_copies_end_in_words_and_not_in_a_loop() -> None:
    rng = np.random.default_rng(7)
    scores = np.repeat(rng.normal(10, 2, (30, 1)), 3, axis=1) - np.array([0, 1, 3])
    for structure in (unstructured(3), toeplitz_heterogeneous(3), random_slope((0, 1, 2))):
        try:
            assert fit(Sums.of(cells_from(scores.tolist())), structure).problem
        except NotPositiveDefinite:
            continue


def test_units_change_nothing_but_the_units() -> None:
    large, small = (
        fit(
            Sums.of(cells_of(replace(WIDE, scores=WIDE.scores * unit))),
            unstructured(4),
        )
        for unit in (1e4, 1e-4)
    )
    assert not large.problem
    assert not small.problem
    np.testing.assert_allclose(large.covariance / 1e8, small.covariance * 1e8, rtol=1e-5)


def test_cells_of_two_clinics_stack_up_to_the_cells_of_both() -> None:
    frame = pd.DataFrame(WIDE.scores)
    halves = [WIDE.rows(rows) for rows in (frame.index < 25, frame.index >= 25)]
    parts = [cells_of(half) for half in halves]
    stacked = Cells(
        WIDE.groups, WIDE.visits, *(np.concatenate([getattr(part, name) for part in parts]) for name in ("group", "seen", "n", "mean", "cross"))
    )  # fmt: skip
    both = At(Sums.of(stacked), np.eye(4) + 1)
    assert both.minus2_loglik == pytest.approx(At(SUMS, np.eye(4) + 1).minus2_loglik, rel=1e-12)
    np.testing.assert_allclose(both.means, At(SUMS, np.eye(4) + 1).means, rtol=1e-12)
