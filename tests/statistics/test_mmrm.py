"""Repeated measures: R's answers, what changes nothing, what is refused, and in which words."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import outcomes
from outcomes.errors import UsageError
from outcomes.statistics.mmrm import LARGE_GROUP, Mmrm

ORACLES = Path(__file__).parents[1] / "oracles"
BY_MMRM: dict[str, Any] = json.loads((ORACLES / "clinic_240.json").read_text(encoding="utf-8"))["fits"]
"""What `clinic_240.R`, beside it, gives: structure and standard error -> estimates."""

BY_NLME = [line.split() for line in (ORACLES / "repeated.txt").read_text(encoding="utf-8").splitlines()]
"""What `repeated.R` printed: file, structure, what, group, visit, value; twelve digits each."""


@cache
def frame(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"{name}.csv").rename(
        columns={"patient_id": "subject", "skin_type": "group", "session": "visit"}
    )


def fitted(scores: pd.DataFrame, **options: Any) -> Mmrm:
    return outcomes.mmrm(scores, subject="subject", visit="visit", score="score", **{"group": "group"} | options)


def made(n: int = 60, visits: int = 4, groups: str = "AB", *, seed: int = 1, stop: float = 0.15) -> pd.DataFrame:
    """Invented scores, some subjects stopping at any visit."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(40, 8, n)[:, None] - rng.normal(3, 1, n)[:, None] * np.arange(visits) + rng.normal(0, 3, (n, visits))
    stays = np.cumsum((rng.random((n, visits)) < stop) & (np.arange(visits) > 0), axis=1) == 0
    subject, visit = np.nonzero(stays)
    names = np.array(list(groups))[np.arange(n) % len(groups)]
    return pd.DataFrame({"subject": subject, "visit": visit, "score": scores[stays], "group": names[subject]})


# R's answers


@pytest.mark.parametrize("case", BY_MMRM)
def test_mmrm_of_r_agrees(case: str) -> None:
    structure, standard_error = case.split(", ")
    model = fitted(frame("clinic_240"), covariance=structure, standard_error=standard_error)
    r = BY_MMRM[case]
    assert model.minus2_reml_loglik == pytest.approx(r["minus2_reml_loglik"], abs=1e-6)
    np.testing.assert_allclose(model.covariance, r["covariance"], rtol=1e-5)
    for ours, theirs in ((model.means, r["means"]), (model.change, r["change_from_baseline"])):
        both = pd.DataFrame(theirs).merge(
            ours, left_on=["skin_type", "session"], right_on=["group", "visit"], suffixes=("_r", "")
        )
        assert len(both) == len(ours) == len(theirs)
        np.testing.assert_allclose(both["estimate"], both["estimate_r"], atol=1e-6)
        np.testing.assert_allclose(both[["std_error", "df"]], both[["std_error_r", "df_r"]], rtol=1e-5)
        np.testing.assert_allclose(both[["conf_low", "conf_high"]], both[["conf_low_r", "conf_high_r"]], atol=1e-5)


@pytest.mark.parametrize("structure", ["unstructured", "random_slope"])
@pytest.mark.parametrize("name", ["repeated_small", "repeated_groups"])
def test_nlme_agrees(name: str, structure: str) -> None:
    """One group with misses; three groups at visits 0, 1, 2, 4, 8, of which one was never seen at the last."""
    model = fitted(frame(name), covariance=structure, standard_error="classical")
    means = model.means.set_index(["group", "visit"])
    printed = [
        (what, group, visit, float(value)) for of, by, what, group, visit, value in BY_NLME if (of, by) == (name, structure)
    ]
    assert len(printed) == 1 + 2 * means["estimate"].notna().sum()
    for what, group, visit, value in printed:
        if what == "minus2_reml_loglik":
            assert model.minus2_reml_loglik == pytest.approx(value, abs=1e-6)
        else:
            ours = means.loc[(group, int(visit)), what]
            assert ours == pytest.approx(value, abs=1e-6 if what == "estimate" else 0, rel=0 if what == "estimate" else 1e-5)


def test_a_visit_at_which_a_group_was_never_seen_is_nan_with_a_note() -> None:
    means = fitted(frame("repeated_groups")).means.set_index(["group", "visit"])
    never = means.loc[("C", 8)]
    assert (never["n"], never["note"]) == (0, "not seen at this visit")
    assert never[["estimate", "std_error", "df", "conf_low", "conf_high"]].isna().all()
    assert (means.drop(("C", 8))["note"] == "").all()


# Plain cases


def test_one_visit_more_and_nobody_missing_is_a_paired_t_test() -> None:
    scores = made(30, 2, "A", stop=0)
    before, after = scores.pivot(index="subject", columns="visit", values="score").to_numpy().T
    for standard_error in ("joint", "classical", "kenward_roger"):
        row = fitted(scores, standard_error=standard_error).change.iloc[0]
        low, high = stats.ttest_rel(after, before).confidence_interval()
        assert row["df"] == pytest.approx(29, rel=1e-6)
        assert (row["estimate"], row["conf_low"], row["conf_high"]) == pytest.approx(
            (np.mean(after - before), low, high), rel=1e-7
        )


def test_where_nobody_is_missing_means_are_the_plain_means() -> None:
    scores = made(stop=0)
    plain = scores.groupby(["group", "visit"])["score"].mean()
    ours = fitted(scores).means.set_index(["group", "visit"])["estimate"]
    np.testing.assert_allclose(ours, plain, rtol=1e-9)


def test_the_joint_standard_error_is_never_below_the_others() -> None:
    by = {
        name: fitted(frame("clinic_240"), standard_error=name).change["std_error"]
        for name in ("joint", "kenward_roger", "classical")
    }
    assert (by["joint"] >= by["kenward_roger"]).all()
    assert (by["kenward_roger"] >= by["classical"] - 1e-12).all()
    assert (by["joint"] / by["classical"]).max() > 1.02


def test_contrasts_are_sums_of_means_with_their_own_interval() -> None:
    model = fitted(made())
    means = model.means.set_index(["group", "visit"])["estimate"]
    both = model.contrast([{("A", 3): 1, ("A", 0): -1}, {("A", 3): 1, ("A", 0): -1, ("B", 3): -1, ("B", 0): 1}])
    assert both["estimate"][0] == pytest.approx(means["A", 3] - means["A", 0])
    assert both["estimate"][1] == pytest.approx(means["A", 3] - means["A", 0] - means["B", 3] + means["B", 0])
    changes = model.change.set_index(["group", "visit"])
    assert both["std_error"][0] == pytest.approx(changes.loc[("A", 3), "std_error"])
    with pytest.raises(ValueError, match="the model has no mean of group 'C' at visit 3"):
        model.contrast({("C", 3): 1})


def test_more_confidence_is_a_wider_interval_of_the_same_estimate() -> None:
    narrow, wide = fitted(made(), level=0.8).change, fitted(made(), level=0.99).change
    np.testing.assert_array_equal(narrow["estimate"], wide["estimate"])
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert (wide["conf_high"] > narrow["conf_high"]).all()


# What changes nothing


NUMBERS = ["estimate", "std_error", "df", "conf_low", "conf_high"]


@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_shuffled_rows_change_nothing(seed: int) -> None:
    scores = made(seed=seed)
    shuffled = scores.sample(frac=1, random_state=seed)
    np.testing.assert_allclose(fitted(shuffled).change[NUMBERS], fitted(scores).change[NUMBERS], rtol=1e-7)


@given(constant=st.floats(-1e4, 1e4), seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_a_constant_added_to_all_scores_leaves_the_change(constant: float, seed: int) -> None:
    scores = made(seed=seed)
    moved = fitted(scores.assign(score=scores["score"] + constant))
    np.testing.assert_allclose(moved.change[NUMBERS], fitted(scores).change[NUMBERS], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(moved.means["estimate"], fitted(scores).means["estimate"] + constant, rtol=1e-7)


def test_other_names_of_the_groups_move_rows_only() -> None:
    scores = made()
    renamed = fitted(scores.assign(group=scores["group"].map({"A": "Z", "B": "Y"}))).change
    ours = fitted(scores).change
    for old, new in (("A", "Z"), ("B", "Y")):
        np.testing.assert_allclose(
            renamed.loc[renamed["group"] == new, NUMBERS], ours.loc[ours["group"] == old, NUMBERS], rtol=1e-6
        )


def test_other_units_change_the_units_only() -> None:
    scores = made()
    small = fitted(scores.assign(score=scores["score"] * 1e-5)).change
    np.testing.assert_allclose(small["estimate"] * 1e5, fitted(scores).change["estimate"], rtol=1e-6)
    np.testing.assert_allclose(small["df"], fitted(scores).change["df"], rtol=1e-5)


def test_the_same_records_give_the_same_bits() -> None:
    pd.testing.assert_frame_equal(fitted(made()).change, fitted(made()).change, check_exact=True)


def test_an_unused_category_is_a_group_without_subjects() -> None:
    scores = made()
    typed = scores.assign(group=pd.Categorical(scores["group"], categories=["A", "B", "C"]))
    found = fitted(typed).change
    assert found.loc[found["group"] == "C", "note"].unique().tolist() == ["not seen at this visit"]
    np.testing.assert_allclose(found.loc[found["group"] != "C", NUMBERS], fitted(scores).change[NUMBERS], rtol=1e-9)


# Which covariance


def test_enough_of_everything_is_unstructured() -> None:
    assert fitted(made()).covariance_used == "unstructured"


def test_too_few_pairs_fall_to_toeplitz_with_the_reason() -> None:
    used = fitted(made(12, 4, "A", stop=0.3)).covariance_used
    assert used.startswith("toeplitz heterogeneous; unstructured was not used: some two visits share ")
    assert used.endswith("subjects, and 8 are needed")


def test_few_subjects_at_many_visits_fall_down_the_ladder_in_words() -> None:
    model = fitted(made(4, 9, "A", stop=0.05))
    steps = model.covariance_used.split("; ")
    assert steps[0] in ("toeplitz heterogeneous", "random slope") or steps[0].startswith("not estimable")
    assert "unstructured was not used: some two visits share" in model.covariance_used


@pytest.mark.parametrize("visits", [2, 3, 8, 12])
@pytest.mark.parametrize("n", [2, 3, 5, 40])
def test_any_number_of_visits_ends_in_estimates_or_in_words(n: int, visits: int) -> None:
    model = fitted(made(n, visits, "A", stop=0.05, seed=3))
    known = model.change["estimate"].notna()
    assert (known | (model.change["note"] != "")).all()
    assert (model.change.loc[known, "std_error"] > 0).all()


def test_two_visits_that_nobody_has_both_of_are_never_unstructured() -> None:
    scores = made(80, 3, "A", stop=0)
    never_both = scores[
        ~((scores["visit"] == 1) & (scores["subject"] % 2 == 0)) & ~((scores["visit"] == 2) & (scores["subject"] % 2 == 1))
    ]
    assert "some two visits share 0 subjects" in fitted(never_both).covariance_used
    forced = fitted(never_both, covariance="unstructured")
    assert forced.covariance_used == "not estimable: unstructured was not used: its Hessian is not positive definite"
    assert forced.change["estimate"].isna().all()
    assert (forced.change["note"] == forced.covariance_used).all()


def test_scores_that_copy_the_visit_before_are_not_estimable() -> None:
    scores = made(40, 3, "A", stop=0)
    copied = scores.assign(score=scores["subject"] % 7 - scores["visit"])
    used = fitted(copied).covariance_used
    assert used.startswith("not estimable: unstructured was not used: ")
    assert "random slope was not used: " in used


@pytest.mark.parametrize("value", [3.0, 0.1, 1e9 / 3])
def test_equal_scores_have_no_covariance(value: float) -> None:
    model = fitted(made().assign(score=value))
    assert model.covariance_used == "not estimable: within groups all scores are equal at 0, 1, 2, 3"
    assert model.change["estimate"].isna().all()


def test_scores_equal_at_one_visit_are_named() -> None:
    scores = made()
    same_start = scores.assign(score=scores["score"].where(scores["visit"] > 0, 0.7))
    assert fitted(same_start).covariance_used == "not estimable: within groups all scores are equal at 0"


def test_one_visit_or_one_subject_is_not_estimable() -> None:
    scores = made()
    one_visit = fitted(scores[scores["visit"] == 0])
    assert one_visit.covariance_used == "not estimable: one visit only"
    assert one_visit.change.empty
    one_subject = fitted(scores[scores["subject"] == scores.loc[scores["visit"] == 3, "subject"].iloc[0]])
    assert one_subject.covariance_used == "not estimable: one subject only"
    assert (one_subject.change["note"] == one_subject.covariance_used).all()


def test_large_groups_have_a_covariance_each() -> None:
    n = 2 * (LARGE_GROUP + 50)
    scores = made(n, 3, "AB")
    model = fitted(scores)
    assert model.covariance_used.startswith(
        "one covariance for each group, as each has more than 500 subjects (A: unstructured, B: unstructured)"
    )
    assert isinstance(model.covariance, dict)
    alone = fitted(scores[scores["group"] == "A"])
    np.testing.assert_allclose(model.change.loc[model.change["group"] == "A", NUMBERS], alone.change[NUMBERS], rtol=1e-7)
    between = model.contrast({("A", 2): 1, ("B", 2): -1}).iloc[0]
    errors = model.means.set_index(["group", "visit"])["std_error"]
    assert between["std_error"] == pytest.approx(np.hypot(errors["A", 2], errors["B", 2]))


def test_a_large_group_without_a_fit_says_why_and_keeps_the_others() -> None:
    scores = made(2 * (LARGE_GROUP + 50), 3, "AB")
    stuck = scores.assign(score=scores["score"].where(scores["group"] == "A", 2.0))
    model = fitted(stuck)
    rows = model.change.set_index("group")
    assert rows.loc["A", "estimate"].notna().all()
    assert rows.loc["B", "note"].str.contains("B: not estimable: within groups all scores are equal at 0, 1, 2").all()
    assert isinstance(model.covariance, dict)
    assert list(model.covariance) == ["A"]


# Refusals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"covariance": "ar1"}, "covariance must be auto, unstructured, toeplitz_heterogeneous, random_slope, got 'ar1'"),
        ({"standard_error": "robust"}, "standard_error must be joint, kenward_roger or classical, got 'robust'"),
        ({"level": 95}, "level must be between 0 and 1, got 95"),
        ({"group": "band"}, "the frame has no column 'band'"),
    ],
)
def test_unknown_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        fitted(made(), **options)


def test_broken_frames_are_refused_as_everywhere() -> None:
    scores = made()
    with pytest.raises(UsageError, match="two scores at one visit"):
        fitted(pd.concat([scores, scores[:1]]))
    with pytest.raises(UsageError, match="are not finite numbers"):
        fitted(scores.assign(score=scores["score"].where(scores["subject"] > 0, np.inf)))
