"""Differences between skin types: plain contrasts, the max-t quantile, Holm, and the three words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from outcomes.errors import UsageError
from outcomes.scales import SCALES, SKIN_TYPES
from outcomes.skin_types import _holm, compare_skin_types, default_margin, max_t_quantile, skin_type_counts, verdict


def complete(n: int, seed: int, fall: float = 0.8) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(
        np.rint(rng.normal(3.1, 0.6, (n, 1)) - rng.gamma(4, fall / 4, (n, 1)) * [0, 1, 1.5] + rng.normal(0, 0.3, (n, 3))), 1, 4
    )


TWO = np.vstack([complete(40, 1), complete(25, 2, fall=0.3)])
TYPES = ["II"] * 40 + ["V"] * 25


@pytest.fixture
def two(tally_of):
    return tally_of(TWO, TYPES)


def compared(*args, **options) -> pd.DataFrame:
    return compare_skin_types(*args, **options).set_index("skin_types")


def test_two_groups_without_missing_scores_are_welchs_t_test(two) -> None:
    change = TWO[:, 2] - TWO[:, 0]
    t = stats.ttest_ind(change[:40], change[40:], equal_var=False)
    row = compared(two, session=2).loc["II"]
    assert row["estimate"] == pytest.approx(change[:40].mean() - change[40:].mean(), abs=1e-9)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(t.confidence_interval()), abs=1e-9)
    assert (row["margin_low"], row["margin_high"]) == pytest.approx(tuple(t.confidence_interval(0.9)), abs=1e-9)
    # Two contrasts that are one another's mirror: Holm doubles the p-value.
    assert row["p_holm"] == pytest.approx(min(1, 2 * t.pvalue))


def test_two_groups_are_each_others_mirror(two) -> None:
    rows = compared(two)
    assert rows.loc["II", "estimate"] == pytest.approx(-rows.loc["V", "estimate"])
    assert rows.loc["II", "conf_low"] == pytest.approx(-rows.loc["V", "conf_high"])
    assert rows.loc["II", "verdict"] == rows.loc["V", "verdict"]


def test_others_are_weighted_by_their_courses(tally_of) -> None:
    scores = np.vstack([complete(40, 1), complete(30, 2), complete(20, 3)])
    types = np.repeat(["I", "III", "VI"], [40, 30, 20])
    rows = compared(tally_of(scores, types), session=1)
    change = pd.Series(scores[:, 1] - scores[:, 0]).groupby(types).mean()
    assert rows.loc["I", "estimate"] == pytest.approx(change["I"] - (30 * change["III"] + 20 * change["VI"]) / 50)
    # Simultaneous for three: wider than each alone.
    t = stats.t.ppf(0.975, 200)
    half = (rows.loc["I", "conf_high"] - rows.loc["I", "conf_low"]) / 2
    errors = pd.Series(scores[:, 1] - scores[:, 0]).groupby(types).sem()
    alone = np.sqrt(errors["I"] ** 2 + (0.6 * errors["III"]) ** 2 + (0.4 * errors["VI"]) ** 2)
    assert half > 1.1 * t * alone


def test_the_session_is_the_last_at_which_half_of_every_group_are_seen(tally_of) -> None:
    scores = TWO.copy()
    scores[40:53, 2] = np.nan  # 12 of 25 are left
    assert compared(tally_of(scores, TYPES))["session"].unique().tolist() == [1]
    scores[40, 2] = 3
    assert compared(tally_of(scores, TYPES))["session"].unique().tolist() == [2]


def test_renaming_types_renames_rows(tally_of) -> None:
    renamed = tally_of(TWO, ["I"] * 40 + ["VI"] * 25)
    pd.testing.assert_frame_equal(compared(renamed).reset_index(drop=True), compared(tally_of(TWO, TYPES)).reset_index(drop=True))


def test_small_types_are_compared_merged_and_counted_unmerged(tally_of) -> None:
    scores, types = np.vstack([TWO, complete(4, 5)]), [*TYPES, *["I"] * 4]
    tally = tally_of(scores, types)
    assert compared(tally).index.tolist() == ["I-II", "V-VI"]
    counts = skin_type_counts(tally).set_index("skin_type")
    assert counts["courses"].tolist() == [4, 40, 0, 0, 25, 0]
    assert counts.loc["I", "group"] == counts.loc["II", "group"] == "I-II"
    assert counts.index.tolist() == list(SKIN_TYPES)


def test_thirty_patients_of_six_types_are_not_compared(tally_of) -> None:
    types = np.repeat(SKIN_TYPES, 5)
    rows = compare_skin_types(tally_of(complete(30, 4), types))
    assert rows["skin_types"].tolist() == ["I-III", "IV-VI"]
    fewer = compare_skin_types(tally_of(complete(29, 4), types[:29]))
    assert fewer.empty
    assert "verdict" in fewer


def test_a_group_hardly_seen_then_is_nan_and_inconclusive(tally_of) -> None:
    scores, types = np.vstack([TWO, complete(20, 6)]), [*TYPES, *["VI"] * 20]
    scores[65:, 2] = np.nan
    scores[65:68, 2] = 2
    row = compared(tally_of(scores, types), session=2).loc["VI"]
    assert np.isnan(row["estimate"])
    assert (row["note"], row["verdict"]) == ("3 courses, too few", "inconclusive")
    pd.testing.assert_frame_equal(
        compared(tally_of(scores, types), session=2).drop("VI"), compared(tally_of(TWO, TYPES), session=2)
    )


def test_where_nothing_varies_there_is_no_verdict_but_inconclusive(tally_of) -> None:
    rows = compared(tally_of(np.full((60, 3), 3.0), ["II"] * 30 + ["V"] * 30))
    assert (rows["verdict"] == "inconclusive").all()
    assert (rows["note"] == "no spread: no interval").all()


def test_nobody_scored_again_is_no_rows(tally_of) -> None:
    assert compare_skin_types(tally_of([[3, np.nan]] * 60, ["II"] * 30 + ["V"] * 30)).empty


@pytest.mark.parametrize(("session", "message"), [(0, "session must be between 1 and 2, got 0"), (3, "between 1 and 2, got 3")])
def test_a_session_that_is_not_there_is_refused(two, session: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare_skin_types(two, session=session)


@pytest.mark.parametrize("margin", [0, -1, np.nan])
def test_a_margin_is_above_0(two, margin: float) -> None:
    with pytest.raises(UsageError, match="margin must be above 0, got"):
        compare_skin_types(two, margin=margin)


def test_the_usual_margin_is_half_a_grade_or_a_twentieth_of_the_range() -> None:
    assert default_margin(SCALES["goodman_baron_grade"]) == 0.5
    assert default_margin(SCALES["pahpi"]) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("interval", "within", "word"),
    [
        ((-0.6, 0.4), (-0.49, 0.3), "equivalent"),
        ((0.1, 0.45), (0.2, 0.4), "equivalent"),  # a difference, but smaller than matters
        ((-0.6, 0.4), (-0.5, 0.3), "inconclusive"),  # on the margin is not inside it
        ((0.01, 0.9), (0.05, 0.8), "different"),
        ((-0.9, -0.01), (-0.8, -0.05), "different"),
        ((0.0, 0.9), (0.05, 0.8), "inconclusive"),  # 0 on the edge is not left out
        ((np.nan, np.nan), (np.nan, np.nan), "inconclusive"),
    ],
)
def test_the_verdict_is_one_of_three_words(interval: tuple[float, float], within: tuple[float, float], word: str) -> None:
    assert verdict(interval, within, 0.5) == word


def test_the_margin_decides_what_is_equivalent(two) -> None:
    assert set(compared(two, margin=3)["verdict"]) == {"equivalent"}
    assert "equivalent" not in set(compared(two, margin=0.01)["verdict"])


def test_one_dimension_is_students_t() -> None:
    assert max_t_quantile(np.array([[1.0, -1.0], [-1.0, 1.0]]), 0.95, 7.5) == pytest.approx(stats.t.ppf(0.975, 7.5), rel=1e-12)


@pytest.mark.parametrize(
    ("correlation", "df", "quantile"),
    [
        (np.eye(3), 10, 2.829),  # studentized maximum modulus: 3 statistics, 10 degrees of freedom
        (np.eye(6), np.inf, stats.norm.ppf((1 + 0.95 ** (1 / 6)) / 2)),  # Sidak
        (np.full((4, 4), 0.5) + np.eye(4) / 2, np.inf, 2.44),  # Dunnett, two-sided, 4 treatments
    ],
)
def test_max_t_quantiles_are_those_of_tables(correlation: np.ndarray, df: float, quantile: float) -> None:
    assert max_t_quantile(correlation, 0.95, df) == pytest.approx(quantile, abs=0.02)


def test_the_same_draws_give_the_same_quantile() -> None:
    assert max_t_quantile(np.eye(3), 0.9, 12) == max_t_quantile(np.eye(3), 0.9, 12)


def test_holm_by_hand() -> None:
    assert _holm(np.array([0.04, 0.01, 0.03, 0.5])) == pytest.approx([0.09, 0.04, 0.09, 0.5])
    assert _holm(np.array([0.6, 0.7])) == pytest.approx([1, 1])
