"""The weighted chain of regressions: plain means where nothing is missing, and the influence function against the jackknife."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.chain import LARGEST_WEIGHT, Chained, Histories, _attending_weights, chained, covariance


def change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return after - before


def histories(scores: np.ndarray, count: np.ndarray | None = None, *, stopped: bool = True) -> Histories:
    n = len(scores)
    return Histories(scores, np.ones(n) if count is None else count, np.full(n, stopped))


def invented(n: int, seed: int, sessions: int = 5, missed: float = 0.05) -> np.ndarray:
    """Scores that fall at a pace of each patient's own; those who improved most often stop."""
    rng = np.random.default_rng(seed)
    scores = (
        rng.normal(60, 10, n)[:, None] - rng.gamma(4, 1.5, n)[:, None] * np.arange(sessions) + rng.normal(0, 3, (n, sessions))
    )
    leaves = (rng.random(scores.shape) < 1 / (1 + np.exp(3 - 0.12 * (scores[:, :1] - scores)))) & (np.arange(sessions) > 0)
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), sessions - 1)
    unseen = (np.arange(sessions) > last[:, None]) | ((rng.random(scores.shape) < missed) & (np.arange(sessions) > 0))
    return np.where(unseen, np.nan, scores)


def complete(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(60, 10, (n, 1)) - rng.gamma(4, 1.5, (n, 1)) * np.arange(5) + rng.normal(0, 3, (n, 5))


def test_where_nobody_is_unseen_it_is_the_plain_mean() -> None:
    scores = complete(40, seed=1)
    np.testing.assert_allclose(chained(histories(scores), change).estimate, (scores - scores[:, :1]).mean(axis=0), atol=1e-6)


def test_where_nobody_is_unseen_its_error_is_close_to_that_of_a_mean() -> None:
    scores = complete(400, seed=2)
    of = histories(scores)
    ours = np.sqrt(np.diag(covariance(of, chained(of, change).influence)))[1:]
    np.testing.assert_allclose(ours, (scores - scores[:, :1]).std(axis=0, ddof=1)[1:] / 20, rtol=0.05)


def test_missed_scores_lie_between_their_neighbours_and_the_last_stays() -> None:
    of = histories(np.array([[10, np.nan, np.nan, 4, np.nan]]))
    assert of.filled.tolist() == [[10, 8, 6, 4, 4]]
    assert of.latest.tolist() == [[10, 10, 10, 4, 4]]


def test_without_stops_weights_are_1_and_never_above_the_largest() -> None:
    scores = invented(200, seed=3)
    assert _attending_weights(histories(scores, stopped=False)).max() == pytest.approx(1, abs=0.01)
    assert 1 < _attending_weights(histories(scores)).max() <= LARGEST_WEIGHT


@pytest.mark.parametrize("n", [60, 150])
def test_its_standard_error_is_close_to_the_jackknifes(n: int) -> None:
    """The influence function takes the weights as known, which is known to err on the safe side."""
    scores = invented(n, seed=4)
    of = histories(scores)
    ours = np.sqrt(np.diag(covariance(of, chained(of, change).influence)))[1:]
    one_by_one = np.array([chained(histories(np.delete(scores, i, axis=0)), change).estimate[1:] for i in range(n)])
    jackknife = np.sqrt((n - 1) / n * ((one_by_one - one_by_one.mean(axis=0)) ** 2).sum(axis=0))
    assert (np.abs(ours / jackknife - 1) < (0.35 if n == 60 else 0.15)).all()


@given(seed=st.integers(0, 300), constant=st.integers(-500, 500))
@settings(max_examples=10, deadline=None)
def test_order_counting_and_a_constant_change_nothing(seed: int, constant: int) -> None:
    scores = invented(40, seed)
    whole = chained(histories(scores), change)
    order = np.random.default_rng(seed).permutation(40)
    moved = chained(histories(scores[order] + constant), change)
    np.testing.assert_allclose(moved.estimate, whole.estimate, atol=1e-6)
    np.testing.assert_allclose(moved.influence, whole.influence[:, order], atol=1e-5)


def test_counts_are_as_good_as_the_patients() -> None:
    scores, times = np.round(invented(30, seed=5)), np.arange(30) % 3 + 1.0
    counted, spelled_out = histories(scores, times), histories(np.repeat(scores, times.astype(int), axis=0))
    one, other = chained(counted, change), chained(spelled_out, change)
    np.testing.assert_allclose(one.estimate, other.estimate, atol=1e-9)
    np.testing.assert_allclose(covariance(counted, one.influence), covariance(spelled_out, other.influence), atol=1e-9)


@pytest.mark.parametrize("value", [0.0, 7.3])
def test_equal_scores_have_no_change_and_no_spread(value: float) -> None:
    found: Chained = chained(histories(np.full((10, 4), value)), change)
    np.testing.assert_allclose(found.estimate, 0, atol=1e-7)
    np.testing.assert_allclose(found.influence, 0, atol=1e-7)


def test_one_session_or_two_patients_do_not_break_it() -> None:
    assert chained(histories(np.array([[3.0], [4.0]])), change).estimate.tolist() == [0]
    assert np.isfinite(chained(histories(np.array([[3.0, 2.0, np.nan], [4.0, np.nan, 1.0]])), change).estimate).all()
