"""Weighted state occupation: tables worked by hand, what changes nothing, and the jackknife against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes import states
from outcomes.states import LARGEST_WEIGHT, MOST_REPLICATES, UNSEEN, Paths, attending_weights, jackknife, occupation


def paths_of(rows: list[list[int]] | np.ndarray, levels: int = 4, stopped: list[bool] | None = None) -> Paths:
    """One path per patient, as they come; -1 is unseen."""
    wide = np.asarray(rows, np.int64)
    return Paths(wide, np.ones(len(wide)), np.ones(len(wide), bool) if stopped is None else np.array(stopped), levels)


def shares(paths: Paths) -> np.ndarray:
    """Share of patients in each state after each session (T, levels)."""
    return occupation(paths, paths.count[None])[0].sum(axis=1)


def invented(n: int, seed: int, sessions: int = 6, levels: int = 4, missed: float = 0.05) -> np.ndarray:
    """Grades that fall at a pace of each patient's own; those who gained a grade often stop."""
    rng = np.random.default_rng(seed)
    fall = rng.lognormal(-0.1, 0.5, n)[:, None] * 1.5 * (1 - 0.75 ** np.arange(sessions))
    grades = np.clip(np.rint(rng.normal(2.3, 0.7, n)[:, None] - fall + rng.normal(0, 0.3, (n, sessions))), 0, levels - 1).astype(
        int
    )
    leaves = (rng.random(grades.shape) < np.where(grades[:, :1] - grades >= 1, 0.35, 0.1)) & (np.arange(sessions) > 0)
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), sessions - 1)
    grades[np.arange(sessions) > last[:, None]] = UNSEEN
    grades[(rng.random(grades.shape) < missed) & (np.arange(sessions) > 0)] = UNSEEN
    return grades


def counted(rows: np.ndarray, levels: int = 4) -> Paths:
    distinct, count = np.unique(rows, axis=0, return_counts=True)
    return Paths(distinct, count.astype(float), np.ones(len(distinct), bool), levels)


# Worked by hand


def test_where_nobody_is_unseen_shares_are_counts() -> None:
    rows = invented(40, seed=1, missed=0)
    rows = rows[(rows != UNSEEN).all(axis=1)]
    by_count = np.stack([np.bincount(column, minlength=4) for column in rows.T]) / len(rows)
    np.testing.assert_allclose(shares(paths_of(rows)), by_count, atol=1e-12)


def test_shares_are_counts_up_to_the_first_session_that_somebody_missed() -> None:
    rows = invented(40, seed=1, missed=0)
    rows = rows[(rows[:, :3] != UNSEEN).all(axis=1)]
    assert (rows[:, 3] == UNSEEN).any()
    by_count = np.stack([np.bincount(column, minlength=4) for column in rows[:, :3].T]) / len(rows)
    np.testing.assert_allclose(shares(paths_of(rows))[:3], by_count, atol=1e-12)


def test_last_and_latest_of_a_path() -> None:
    paths = paths_of([[3, UNSEEN, 2, UNSEEN], [1, 1, UNSEEN, 0]])
    assert paths.end.tolist() == [2, 3]
    assert paths.latest.tolist() == [[3, 3, 2, 2], [1, 1, 1, 0]]


def test_weights_undo_stopping_of_one_kind_of_patient() -> None:
    """100 at state 1 after the first session, half of whom stop there, and 100 at state 2, of whom none does."""
    rows = [[2, 1, UNSEEN]] * 5000 + [[2, 1, 1]] * 5000 + [[2, 2, 2]] * 10000
    weights = attending_weights(counted(np.array(rows)), counted(np.array(rows)).count[None])[0]
    by_path = dict(zip([(2, 1, UNSEEN), (2, 1, 1), (2, 2, 2)], weights.tolist(), strict=True))
    assert by_path[2, 1, 1] == pytest.approx([1, 1, 2], abs=5e-3)
    assert by_path[2, 2, 2] == pytest.approx([1, 1, 1], abs=5e-3)


def test_those_who_stay_stand_for_those_who_stopped() -> None:
    rows = [[2, 1, UNSEEN]] * 5000 + [[2, 1, 0]] * 5000 + [[2, 2, 2]] * 10000
    assert shares(counted(np.array(rows)))[2] == pytest.approx([0.5, 0, 0.5, 0], abs=2e-3)


def test_a_course_that_goes_on_did_not_stop() -> None:
    rows = [[2, 1, UNSEEN]] * 50 + [[2, 1, 1]] * 50
    goes_on = paths_of(rows, stopped=[False] * 50 + [True] * 50)
    assert attending_weights(goes_on, goes_on.count[None]).max() == pytest.approx(1, abs=1e-6)


def test_no_weight_is_above_the_largest() -> None:
    rows = [[2, 1] + [UNSEEN] * 4] * 90 + [[2, 1, 1] + [UNSEEN] * 3] * 9 + [[2, 1, 1, 1, 1, 1]]
    paths = counted(np.array(rows))
    assert attending_weights(paths, paths.count[None]).max() == LARGEST_WEIGHT


def test_what_nobody_showed_stays_put() -> None:
    """Nobody was seen after session 1: shares stay as they were there."""
    found = shares(paths_of([[2, 1, UNSEEN]] * 10 + [[2, 2, UNSEEN]] * 10))
    np.testing.assert_allclose(found[2], found[1], atol=1e-12)


# What changes nothing


@given(n=st.integers(1, 60), seed=st.integers(0, 500))
@settings(max_examples=30, deadline=None)
def test_shares_are_shares_and_the_baseline_is_everyone(n: int, seed: int) -> None:
    rows = invented(n, seed)
    joint = occupation(counted(rows), counted(rows).count[None])[0]
    assert (joint >= -1e-12).all()
    np.testing.assert_allclose(joint.sum(axis=(1, 2)), 1)
    by_baseline = np.bincount(rows[:, 0], minlength=4) / n
    np.testing.assert_allclose(joint.sum(axis=2), np.broadcast_to(by_baseline, (6, 4)), atol=1e-12)


@given(seed=st.integers(0, 500))
@settings(max_examples=10, deadline=None)
def test_order_and_counting_change_nothing(seed: int) -> None:
    rows = invented(50, seed)
    shuffled = np.random.default_rng(seed).permutation(rows)
    np.testing.assert_allclose(shares(paths_of(shuffled)), shares(counted(rows)), atol=1e-12)


def test_the_same_paths_give_the_same_bits() -> None:
    paths = counted(invented(80, seed=2))
    weights = jackknife(paths.count).weights
    assert (occupation(paths, weights) == occupation(paths, weights)).all()


def test_levels_that_nobody_has_change_nothing() -> None:
    rows = invented(80, seed=3)
    np.testing.assert_allclose(shares(counted(rows, levels=7))[:, :4], shares(counted(rows)), atol=1e-12)


def test_many_levels_are_taken_in_smaller_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = counted(invented(40, seed=4))
    weights = jackknife(paths.count).weights
    at_once = occupation(paths, weights)
    monkeypatch.setattr(states, "_MOST_NUMBERS", 4**4 * 3)
    np.testing.assert_allclose(occupation(paths, weights), at_once, atol=1e-12)


def test_equal_paths_are_counted_together_unless_their_ends_differ() -> None:
    paths = states.distinct(paths_of([[2, 1], [1, UNSEEN], [2, 1], [1, UNSEEN]], stopped=[True, True, True, False]))
    found = {
        (tuple(row), stopped): n
        for row, stopped, n in zip(paths.states.tolist(), paths.stopped.tolist(), paths.count, strict=True)
    }
    assert found == {((2, 1), True): 2, ((1, UNSEEN), True): 1, ((1, UNSEEN), False): 1}


# The jackknife


def change(joint: np.ndarray) -> np.ndarray:
    grade = np.arange(joint.shape[-1])
    return np.einsum("ztbj,bj->zt", joint, grade[None, :] - grade[:, None])


def test_the_jackknife_leaves_out_each_patient_once() -> None:
    rows = invented(30, seed=5)
    one_by_one = np.array(
        [change(occupation(part, part.count[None]))[0] for part in (paths_of(np.delete(rows, i, axis=0)) for i in range(30))]
    )
    whole = change(occupation(paths_of(rows), np.ones((1, 30))))[0]
    by_definition = 29 / 30 * ((one_by_one - whole) ** 2).sum(axis=0)
    paths = counted(rows)
    drawn = jackknife(paths.count)
    assert len(paths.count) < 30
    ours = np.diag(drawn.covariance(change(occupation(paths, drawn.weights))))
    np.testing.assert_allclose(ours, by_definition, rtol=1e-9)


def test_the_jackknife_of_a_mean_is_its_usual_variance() -> None:
    values, count = np.array([1.0, 2.0, 5.0]), np.array([4.0, 3.0, 2.0])
    drawn = jackknife(count)
    means = (drawn.weights @ values / drawn.weights.sum(axis=1))[:, None]
    spelled_out = np.repeat(values, count.astype(int))
    assert drawn.covariance(means)[0, 0] == pytest.approx(spelled_out.var(ddof=1) / 9)


def test_above_the_most_replicates_groups_are_deleted_and_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = counted(invented(4000, seed=6))
    assert 400 < len(paths.count) < MOST_REPLICATES
    full = jackknife(paths.count)
    monkeypatch.setattr(states, "MOST_REPLICATES", 100)
    grouped = jackknife(paths.count)
    assert len(grouped.weights) == 1 + states.DELETED_GROUPS
    # Every patient is deleted once.
    np.testing.assert_allclose((paths.count - grouped.weights[1:]).sum(axis=0), paths.count)
    assert (grouped.weights >= 0).all()
    errors = [np.sqrt(np.diag(drawn.covariance(change(occupation(paths, drawn.weights))))[1:]) for drawn in (grouped, full)]
    # 200 groups know a standard error to about 1 / sqrt(400) = 5 %.
    np.testing.assert_allclose(errors[0], errors[1], rtol=0.1)


def test_deleted_groups_know_the_error_of_a_mean_whatever_the_order_of_the_paths() -> None:
    """Dealt in turn along sorted paths they would see almost none of the spread."""
    values = np.sort(np.random.default_rng(7).normal(size=5000))
    drawn = jackknife(np.ones(5000))
    means = (drawn.weights @ values / drawn.weights.sum(axis=1))[:, None]
    assert np.sqrt(drawn.covariance(means)[0, 0]) == pytest.approx(values.std(ddof=1) / np.sqrt(5000), rel=0.1)
