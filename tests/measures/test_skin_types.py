"""Differences between skin types: plain contrasts, the margin, what is kept, the verdicts, and how many more courses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import outcomes
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.errors import UsageError
from outcomes.measures import skin_types
from outcomes.measures.estimators import estimators
from outcomes.measures.skin_types import (
    DECLARED,
    DIFFERENT,
    EQUIVALENT,
    NO_MARGIN,
    OF_CHANGE,
    SLIGHTLY,
    UNDECIDED,
    skin_type_counts,
    skin_type_differences,
    verdict,
)


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
    return skin_type_differences(*args, **options).set_index("skin_types")


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
    rows = skin_type_differences(tally_of(complete(30, 4), types))
    assert rows["skin_types"].tolist() == ["I-III", "IV-VI"]
    fewer = skin_type_differences(tally_of(complete(29, 4), types[:29]))
    assert fewer.empty
    assert "verdict" in fewer


def test_a_group_hardly_seen_then_is_nan_and_undecided(tally_of) -> None:
    scores, types = np.vstack([TWO, complete(20, 6)]), [*TYPES, *["VI"] * 20]
    scores[65:, 2] = np.nan
    scores[65:68, 2] = 2
    row = compared(tally_of(scores, types), session=2).loc["VI"]
    assert np.isnan(row["estimate"])
    assert (row["note"], row["verdict"]) == ((Note(NoteCode.TOO_FEW, 3),), "undecided")
    pd.testing.assert_frame_equal(
        compared(tally_of(scores, types), session=2).drop("VI"), compared(tally_of(TWO, TYPES), session=2)
    )


def test_a_group_whose_change_is_refused_is_nan_and_does_not_count_among_the_others(tally_of, monkeypatch) -> None:
    scores, types = np.vstack([TWO, complete(40, 6)]), [*TYPES, *["VI"] * 40]
    lead, check = estimators(tally_of(scores, types), "skin_types")
    refused = lead.change.copy()
    why = lead.reason.copy()
    refused[lead.groups.index("VI"), 2], why[lead.groups.index("VI"), 2] = np.nan, "scored only where courses ended"
    monkeypatch.setattr(skin_types, "estimators", lambda *_: (replace(lead, change=refused, reason=why), check))
    rows = compared(tally_of(scores, types), session=2)
    assert (rows.loc["VI", "note"], rows.loc["VI", "verdict"]) == ((Note(NoteCode.ONLY_AT_THE_END),), UNDECIDED)
    monkeypatch.undo()
    pd.testing.assert_frame_equal(rows.drop("VI"), compared(tally_of(TWO, TYPES), session=2))


def test_where_nothing_varies_there_is_no_verdict_but_undecided(tally_of) -> None:
    rows = compared(tally_of(np.full((60, 3), 3.0), ["II"] * 30 + ["V"] * 30))
    assert (rows["verdict"] == "undecided").all()
    assert set(rows["note"]) == {(Note(NoteCode.NO_SPREAD),)}


def test_nobody_scored_again_is_no_rows(tally_of) -> None:
    assert skin_type_differences(tally_of([[3, np.nan]] * 60, ["II"] * 30 + ["V"] * 30)).empty


@pytest.mark.parametrize("session", [0, -1])
def test_a_session_that_cannot_be_is_refused(two, session: int) -> None:
    with pytest.raises(UsageError, match=f"^session must be at least 1, got {session}$"):
        skin_type_differences(two, session=session)


@pytest.mark.parametrize("session", [3, 99])
def test_after_a_session_that_nobody_was_scored_after_the_default_is_compared(two, session: int) -> None:
    pd.testing.assert_frame_equal(skin_type_differences(two, session=session), skin_type_differences(two))
    assert set(skin_type_differences(two, session=1)["session"]) == {1}
    assert set(skin_type_differences(two, session=session)["session"]) == {2}


def test_courses_of_each_type_are_counted_for_each_endpoint(tally_of) -> None:
    scarring, pih = tally_of(TWO, TYPES), tally_of(TWO + 6, ["II"] * 65, scale="pahpi", endpoint="pih")
    counts = skin_type_counts([scarring, pih]).set_index(["endpoint", "skin_type"])
    assert counts.index.tolist() == [(name, each) for name in ("scarring", "pih") for each in SKIN_TYPES]
    assert counts["courses"].tolist() == [0, 40, 0, 0, 25, 0, 0, 65, 0, 0, 0, 0]
    pd.testing.assert_frame_equal(counts.loc["pih"].reset_index(), skin_type_counts(pih).drop(columns="endpoint"))


@pytest.mark.parametrize("margin", [0, -1, np.nan])
def test_a_margin_is_above_0(two, margin: float) -> None:
    with pytest.raises(UsageError, match="margin must be above 0, got"):
        skin_type_differences(two, margin=margin)


def test_the_usual_margin_is_half_a_grade_or_a_twentieth_of_the_range() -> None:
    assert SCALES["goodman_baron_grade"].margin == 0.5
    assert SCALES["pahpi"].margin == pytest.approx(0.8)


NOTHING = (np.nan, np.nan)


@pytest.mark.parametrize(
    ("interval", "within", "standardised", "word"),
    [
        ((-0.6, 0.4), (-0.49, 0.3), (-0.6, 0.4), EQUIVALENT),
        ((0.1, 0.45), (0.2, 0.4), (0.1, 0.5), SLIGHTLY),
        ((0.1, 0.45), (0.2, 0.4), (-0.1, 0.5), EQUIVALENT),  # a difference only as it is
        ((-0.6, 0.4), (-0.5, 0.3), (-0.6, 0.4), UNDECIDED),  # on the margin is not inside it
        ((0.01, 0.9), (0.05, 0.8), (0.01, 0.9), DIFFERENT),
        ((-0.9, -0.01), (-0.8, -0.05), (-0.9, -0.01), DIFFERENT),
        ((0.01, 0.9), (0.05, 0.8), (-0.01, 0.9), UNDECIDED),  # gone at a common baseline
        ((0.01, 0.9), (0.05, 0.8), (-0.9, -0.01), UNDECIDED),  # turned round at a common baseline
        ((-0.01, 0.9), (0.05, 0.8), (0.01, 0.9), UNDECIDED),  # there only at a common baseline
        ((0.0, 0.9), (0.05, 0.8), (0.1, 0.9), UNDECIDED),  # 0 on the edge is not left out
        (NOTHING, NOTHING, NOTHING, UNDECIDED),
    ],
)
def test_the_verdict_needs_both_comparisons_to_agree(
    interval: tuple[float, float], within: tuple[float, float], standardised: tuple[float, float], word: str
) -> None:
    assert verdict(interval, within, 0.5, standardised) == word


def test_without_a_margin_nothing_is_equivalent() -> None:
    assert verdict((-0.1, 0.1), (0.0, 0.0), 0.0, (-0.1, 0.1)) == UNDECIDED
    assert verdict((-0.1, 0.1), (-0.1, 0.1), np.nan, (-0.1, 0.1)) == UNDECIDED


ALIKE = np.vstack([complete(200, 1), complete(150, 7)])
ALIKE_TYPES = ["II"] * 200 + ["V"] * 150


@pytest.fixture
def alike(tally_of):
    return tally_of(ALIKE, ALIKE_TYPES)


# The margin


def test_the_margin_is_a_third_of_the_others_change_where_that_is_smaller(tally_of, alike) -> None:
    rows = compared(alike, session=2)
    fall = {"II": (ALIKE[:200, 0] - ALIKE[:200, 2]).mean(), "V": (ALIKE[200:, 0] - ALIKE[200:, 2]).mean()}
    assert rows.loc["V", "others"] == pytest.approx(-fall["II"], abs=1e-9)
    assert rows.loc["V", "margin"] == pytest.approx(fall["II"] / 3, abs=1e-9)
    assert rows.loc["II", "margin"] == pytest.approx(fall["V"] / 3, abs=1e-9)
    assert set(rows["margin_from"]) == {OF_CHANGE}
    steep = compared(tally_of(np.vstack([complete(60, 1, fall=1.4), complete(60, 2, fall=1.4)]), ["II"] * 60 + ["V"] * 60))
    assert steep["margin"].tolist() == [0.5, 0.5]
    assert set(steep["margin_from"]) == {DECLARED}


def test_a_type_in_which_nothing_changes_is_not_equivalent_by_a_wide_margin(tally_of) -> None:
    """Points with a declared margin of 4.2, and others who improve by 3: within 4.2 of them, and not alike."""
    rng = np.random.default_rng(3)
    before = rng.integers(8, 20, (120, 1))
    scores = np.hstack([before, before - np.repeat([3, 0], [80, 40])[:, None] + rng.integers(-1, 2, (120, 1))])
    row = compared(tally_of(scores, ["II"] * 80 + ["V"] * 40, scale="goodman_baron_score")).loc["V"]
    assert SCALES["goodman_baron_score"].margin == pytest.approx(4.2)
    assert -4.2 < row["margin_low"] < row["margin_high"] < 4.2
    assert row["verdict"] == DIFFERENT
    assert row["margin"] == pytest.approx(1, abs=0.1)


def test_where_the_others_did_not_improve_there_is_no_margin_and_nothing_to_keep(tally_of) -> None:
    steady = np.array([[3, 3], [3, 4], [2, 2], [2, 3]] * 10)
    rows = compared(tally_of(np.vstack([steady, complete(40, 1)[:, :2]]), ["II"] * 40 + ["V"] * 40))
    assert rows.loc["V", ["margin", "margin_from"]].tolist() == [0, NO_MARGIN]
    assert rows.loc["V", ["kept", "kept_low", "kept_high"]].isna().all()
    assert rows.loc["II", "margin_from"] == OF_CHANGE
    both = compared(tally_of(np.vstack([steady, steady]), ["II"] * 40 + ["V"] * 40))
    assert both["verdict"].tolist() == [UNDECIDED] * 2
    assert both[["n_more", "n_more_all"]].isna().all(axis=None)


def test_a_smaller_declared_margin_decides(alike) -> None:
    assert set(compared(alike, margin=3)["verdict"]) == {EQUIVALENT}
    assert EQUIVALENT not in set(compared(alike, margin=0.001)["verdict"])
    assert compared(alike, margin=0.001)["margin"].tolist() == [0.001, 0.001]


# The share kept


def test_the_share_kept_is_the_ratio_of_the_changes_with_the_others_below(two) -> None:
    row = compared(two, session=2).loc["V"]
    change = TWO[:, 2] - TWO[:, 0]
    assert row["kept"] == pytest.approx(100 * change[40:].mean() / change[:40].mean())
    # Fieller's ends: a share r of the others' change is as far from the group's as the quantile allows.
    df = stats.ttest_ind(change[:40], change[40:], equal_var=False).df
    for share in row[["kept_low", "kept_high"]] / 100:
        error = np.hypot(stats.sem(change[40:]), share * stats.sem(change[:40]))
        assert abs(change[40:].mean() - share * change[:40].mean()) == pytest.approx(stats.t.ppf(0.975, df) * error)


@pytest.mark.parametrize("seed", range(8))
def test_the_share_kept_leaves_out_100_percent_where_the_difference_leaves_out_0(tally_of, seed: int) -> None:
    rows = compared(tally_of(np.vstack([complete(40, seed), complete(40, seed + 100, fall=0.5)]), ["II"] * 40 + ["V"] * 40))
    for row in rows.to_dict("records"):
        assert (row["kept_low"] <= 100 <= row["kept_high"]) == (row["conf_low"] <= 0 <= row["conf_high"])


# At a common baseline


def test_the_standardised_difference_is_that_of_an_analysis_of_covariance(two) -> None:
    """Least squares of the change on group and baseline; its classical standard error pools what is Welch's here."""
    row = compared(two, session=2).loc["V"]
    design = np.column_stack([np.ones(65), np.repeat([0, 1], [40, 25]), TWO[:, 0]])
    fitted, squares, *_ = np.linalg.lstsq(design, TWO[:, 2] - TWO[:, 0], rcond=None)
    assert row["standardised"] == pytest.approx(fitted[1], abs=1e-9)
    error = np.sqrt(squares[0] / 62 * np.linalg.inv(design.T @ design)[1, 1])
    half = (row["standardised_high"] - row["standardised_low"]) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, 62) * error, rel=0.12)


def test_one_law_from_unlike_baselines_is_not_called_different(tally_of) -> None:
    """Everyone loses a quarter of what they began with, one type beginning 40 % milder."""
    rng = np.random.default_rng(11)
    before = np.concatenate([rng.integers(10, 27, 90), rng.integers(6, 17, 60)])
    scores = np.column_stack([before, np.rint(0.75 * before) + rng.integers(-1, 2, 150)])
    row = compared(tally_of(scores, ["II"] * 90 + ["V"] * 60, scale="goodman_baron_score")).loc["V"]
    assert row["conf_low"] > 0
    assert row["standardised_low"] <= 0 <= row["standardised_high"]
    assert row["verdict"] == UNDECIDED


def test_baselines_that_do_not_vary_leave_the_difference_as_it_is(tally_of) -> None:
    scores = np.array([[3, 2], [3, 3], [3, 1], [3, 2]] * 10 + [[3, 3], [3, 3], [3, 2], [3, 3]] * 10)
    row = compared(tally_of(scores, ["II"] * 40 + ["V"] * 40)).loc["V"]
    assert row["standardised"] == row["estimate"] == 0.75
    assert (row["standardised_low"], row["standardised_high"]) == (row["conf_low"], row["conf_high"])


# Of the possible


def test_the_percent_of_the_possible_is_that_of_the_observed_where_nobody_stops(two) -> None:
    rows = compared(two, session=2)
    observed = outcomes.percent_of_possible_by_session(two, "skin_type").query("session == 2").set_index("skin_type")
    for name in ("II", "V"):
        assert rows.loc[name, "possible"] == pytest.approx(observed.loc[name, "estimate"])
        ends = observed.loc[name, ["conf_low", "conf_high"]].tolist()
        assert rows.loc[name, ["possible_low", "possible_high"]].tolist() == pytest.approx(ends, abs=5)


# How many more


@pytest.mark.parametrize(("others", "n"), [(40, 25), (20, 60)])
def test_how_many_more_by_hand(tally_of, others: int, n: int) -> None:
    """Welch's errors; of the 20 others alone, theirs is more than all that the margin allows."""
    scores = np.vstack([complete(others, 1), complete(n, 9)])
    row = compared(tally_of(scores, ["II"] * others + ["V"] * n), session=2).loc["V"]
    change = scores[:, 2] - scores[:, 0]
    own, rest = stats.sem(change[others:]) ** 2, stats.sem(change[:others]) ** 2
    quantile = (row["margin_high"] - row["margin_low"]) / 2 / np.sqrt(own + rest)
    target = row["margin"] / (quantile + stats.norm.ppf(0.9))
    assert quantile > 1.645
    assert (row["verdict"], row["n_all"]) == (UNDECIDED, others + n)
    assert row["n_more_all"] == np.ceil((others + n) * ((own + rest) / target**2 - 1))
    if others == 40:
        assert row["n_more"] == np.ceil(n * (own / (target**2 - rest) - 1))
    else:
        assert rest > target**2
        assert np.isnan(row["n_more"])


def test_what_is_decided_needs_no_more(two, alike) -> None:
    for tally in (two, alike):
        decided = compared(tally)
        assert UNDECIDED not in set(decided["verdict"])
        assert decided[["n_more", "n_more_all"]].isna().all(axis=None)
