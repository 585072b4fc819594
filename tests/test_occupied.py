"""Estimates had all continued as frames: what is refused, what is nan and why, and what leaves which rows alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from outcomes.errors import UsageError
from outcomes.occupied import Occupation, occupation

GRADES = [1, 2, 3, 4]
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high"]


def made(
    n: int = 60, visits: int = 5, groups: str = "AB", *, seed: int = 1, stop: float = 0.3, points: bool = False
) -> pd.DataFrame:
    """Invented grades, or points, some subjects stopping when they have gained."""
    rng = np.random.default_rng(seed)
    fall = rng.lognormal(-0.1, 0.5, n)[:, None] * 1.5 * (1 - 0.75 ** np.arange(visits))
    exact = rng.normal(3.2, 0.7, n)[:, None] - fall + rng.normal(0, 0.3, (n, visits))
    scores = np.round(exact * 20, 1) if points else np.clip(np.rint(exact), 1, 4)
    gained = (scores[:, :1] - scores) / (20 if points else 1)
    leaves = (rng.random(scores.shape) < np.where(gained >= 1, stop, stop / 4)) & (np.arange(visits) > 0)
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), visits - 1)
    subject, visit = np.nonzero(np.arange(visits) <= last[:, None])
    names = np.array(list(groups))[np.arange(n) % len(groups)]
    return pd.DataFrame({"subject": subject, "visit": visit, "score": scores[subject, visit], "group": names[subject]})


def found(scores: pd.DataFrame, **options: Any) -> Occupation:
    return occupation(scores, subject="subject", visit="visit", score="score", **{"group": "group", "levels": GRADES} | options)


BOTH = pytest.mark.parametrize("levels", [GRADES, None], ids=["grades", "points"])


def test_one_row_per_group_and_visit() -> None:
    of = found(made())
    assert of.change[["group", "visit"]].to_numpy().tolist() == [[group, visit] for group in "AB" for visit in range(1, 5)]
    assert len(of.improved) == len(of.change)
    assert of.shares[["group", "level"]].drop_duplicates().to_numpy().tolist() == [
        [group, grade] for group in "AB" for grade in GRADES
    ]
    np.testing.assert_allclose(of.shares.groupby(["group", "visit"])["estimate"].sum(), 1)


@BOTH
def test_where_nobody_is_unseen_estimates_are_the_plain_ones(levels: list[int] | None) -> None:
    scores = made(groups="A", stop=0, points=levels is None)
    wide = scores.pivot(index="subject", columns="visit", values="score")
    of = found(scores, levels=levels, drop=1 if levels else 20)
    drops = wide.sub(wide[0], axis=0)[[1, 2, 3, 4]]
    np.testing.assert_allclose(of.change["estimate"], drops.mean(), atol=1e-6)
    np.testing.assert_allclose(of.improved["estimate"], (drops <= (-1 if levels else -20)).mean(), atol=1e-6)
    if levels:
        t = stats.ttest_1samp(drops, 0).confidence_interval()
        np.testing.assert_allclose(of.change[["conf_low", "conf_high"]], np.column_stack(t), atol=1e-12)


@BOTH
@given(seed=st.integers(0, 300))
@settings(max_examples=8, deadline=None)
def test_shuffled_rows_change_nothing(levels: list[int] | None, seed: int) -> None:
    scores = made(seed=seed, points=levels is None)
    pd.testing.assert_frame_equal(
        found(scores.sample(frac=1, random_state=seed), levels=levels).change, found(scores, levels=levels).change, rtol=1e-8
    )


def test_above_the_most_replicates_shuffled_rows_still_change_nothing() -> None:
    scores = made(2500, groups="A")
    shuffled = scores.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(found(shuffled).change, found(scores).change, rtol=1e-8)


@BOTH
def test_another_group_never_alters_a_groups_rows(levels: list[int] | None) -> None:
    scores = made(points=levels is None)
    own = found(scores, levels=levels).change.query("group == 'A'")
    doubled = pd.concat([scores, scores[scores["group"] == "B"].assign(subject=lambda rows: rows["subject"] + 1000, score=2)])
    pd.testing.assert_frame_equal(found(doubled, levels=levels).change.query("group == 'A'"), own, check_exact=True)


def test_the_same_records_give_the_same_bits() -> None:
    pd.testing.assert_frame_equal(found(made()).improved, found(made()).improved, check_exact=True)


def test_subjects_without_a_baseline_are_left_out() -> None:
    scores = made()
    without = scores[~((scores["visit"] == 0) & (scores["subject"] == 4))]
    pd.testing.assert_frame_equal(found(without).change, found(scores[scores["subject"] != 4]).change)


def test_shares_and_their_intervals_stay_between_0_and_1() -> None:
    for of in (found(made(12, groups="A")), found(made(12, groups="A", points=True), levels=None, drop=20)):
        assert of.improved[["estimate", "conf_low", "conf_high"]].stack().dropna().between(0, 1).all()


# What can't be estimated, or is refused


@BOTH
def test_one_subject_is_nan_with_a_note(levels: list[int] | None) -> None:
    scores = made(points=levels is None)
    lonely = pd.concat([scores[scores["group"] == "A"], scores[(scores["group"] == "B") & (scores["subject"] == 1)]])
    rows = found(lonely, levels=levels).change.query("group == 'B'")
    assert rows[NUMBERS].isna().all(axis=None)
    assert rows["note"].isin(["1 seen, too few", "0 seen, too few"]).all()


@BOTH
def test_equal_scores_have_no_interval(levels: list[int] | None) -> None:
    of = found(made(groups="A", stop=0).assign(score=3.0), levels=levels)
    np.testing.assert_allclose(of.change["estimate"], 0, atol=1e-7)
    assert (of.change["note"] == "no spread: no interval").all()
    assert of.change[["conf_low", "conf_high"]].isna().all(axis=None)


@BOTH
def test_one_visit_has_no_change(levels: list[int] | None) -> None:
    scores = made(points=levels is None)
    assert found(scores[scores["visit"] == 0], levels=levels).change.empty


@BOTH
@pytest.mark.parametrize(("n", "visits"), [(2, 2), (2, 12), (5, 12), (40, 12)])
def test_any_number_of_visits_ends_in_estimates_or_in_words(levels: list[int] | None, n: int, visits: int) -> None:
    rows = found(made(n, visits, "A", points=levels is None), levels=levels).change
    assert (rows["conf_low"].notna() | (rows["note"] != "")).all()


def test_an_empty_category_is_a_group_of_nobody() -> None:
    typed = made().assign(group=lambda rows: pd.Categorical(rows["group"], categories=["A", "B", "C"]))
    rows = found(typed).change.query("group == 'C'")
    assert rows["estimate"].isna().all()
    assert (rows["note"] == "0 seen, too few").all()


def test_a_score_that_is_no_level_is_refused() -> None:
    with pytest.raises(UsageError, match="1 scores are none of the levels 1, 2, 3, 4"):
        found(made().assign(score=lambda rows: rows["score"].where(rows.index > 0, 2.4)))


def test_a_level_outside_0_to_1_is_refused() -> None:
    with pytest.raises(UsageError, match="level must be between 0 and 1, got 95"):
        found(made(), level=95)


def test_two_rows_for_one_subject_and_visit_are_refused() -> None:
    with pytest.raises(UsageError, match="two scores at one visit"):
        found(pd.concat([made(), made()[:2]]))
