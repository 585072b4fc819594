"""Logistic regression on counts: R's answers, counting, and no maximum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from outcomes.statistics.logistic import logistic, probability

R = [line.split() for line in (Path(__file__).parents[1] / "oracles" / "stopping.txt").read_text(encoding="utf-8").splitlines()]
"""What `stopping.R`, beside it, printed."""

GAIN = np.array([-1, 0, 1, 2, 3, 0, 1, 2.0])
LATER = np.array([0, 0, 0, 0, 0, 1, 1, 1.0])
STOPPED = np.array([1, 3, 4, 6, 3, 2, 5, 4.0])
AT_RISK = np.array([9, 20, 15, 12, 4, 14, 13, 6.0])
X = np.column_stack([np.ones(8), GAIN, LATER])


def test_glm_of_r_agrees() -> None:
    coefficients, covariance = logistic(X, STOPPED / AT_RISK, AT_RISK)
    printed = np.array([[float(value) for value in line[2:]] for line in R if line[0] == "glm"])
    np.testing.assert_allclose(coefficients, printed[:, 0], rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), printed[:, 1], rtol=1e-5)


def test_counts_are_as_good_as_the_subjects() -> None:
    events = np.concatenate([[1.0] * int(k) + [0.0] * int(n - k) for k, n in zip(STOPPED, AT_RISK, strict=True)])
    spelled_out = logistic(np.repeat(X, AT_RISK.astype(int), axis=0), events, np.ones(len(events)))
    np.testing.assert_allclose(spelled_out[0], logistic(X, STOPPED / AT_RISK, AT_RISK)[0], rtol=1e-9)


@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_complete_separation_has_no_maximum(scale: float) -> None:
    gain = np.array([-2, -1, 1, 2.0]) * scale
    assert logistic(np.column_stack([np.ones(4), gain]), (gain > 0).astype(float), np.full(4, 10.0)) is None


def test_aliased_regressors_have_no_maximum() -> None:
    assert logistic(np.column_stack([X, X[:, 1]]), STOPPED / AT_RISK, AT_RISK) is None


def test_with_a_penalty_there_is_always_an_answer() -> None:
    gain = np.array([-2, -1, 1, 2.0])
    coefficients, _ = logistic(
        np.column_stack([np.ones(4), gain]), (gain > 0).astype(float), np.full(4, 10.0), np.diag([0.01, 0.2])
    )
    chance = probability(np.column_stack([np.ones(4), gain]), coefficients)
    assert ((chance > 0.5) == (gain > 0)).all()


def test_chances_far_out_are_0_and_1() -> None:
    assert probability(np.array([[-5000.0], [5000.0]]), np.ones(1)).tolist() == [0, 1]
