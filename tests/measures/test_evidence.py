"""Like with like: which published trials stand beside the clinic's own change, what is assumed, and why others do not."""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.notes import Note, NoteCode
from outcomes.display.notes import note_words
from outcomes.errors import UsageError
from outcomes.measures.evidence import PREDICTION, SUMMARY, is_other_dose
from outcomes.measures.published_results import CITED, PUBLISHED
from outcomes.statistics.meta_analysis import random_effects

TRIAL = {
    "study": "A", "year": 2020, "design": "single_arm", "endpoint": "scarring", "scale": "goodman_baron_grade", "analysed": 25,
    "sessions": 3, "baseline_mean": 3.0, "baseline_sd": 0.6, "after_mean": 2.0, "after_sd": 0.8, "after_days": 30, "seen_in": "abstract",
}  # fmt: skip


def listed(folder: Path, *rows: dict[str, Any]) -> pd.DataFrame:
    """A checked list of trials: each row is `TRIAL` with these facts instead."""
    file = folder / "trials.csv"
    pd.DataFrame([TRIAL | row for row in rows]).to_csv(file, index=False)
    return outcomes.published_trials(file)


@pytest.fixture(scope="module")
def clinic(tally_of) -> outcomes.Tally:
    return tally_of([[4, 3, 2], [3, 3, 2], [3, 2, 2], [2, 2, 1]] * 5)


def reason(clinic: outcomes.Tally, folder: Path, facts: dict[str, Any], **how: Any) -> str:
    left_out = outcomes.not_compared(clinic, listed(folder, facts), **how)
    return "" if left_out.empty else note_words(left_out["note"].iloc[0])


# The clinic


def test_the_clinic_stands_first_with_its_headline(clinic: outcomes.Tally) -> None:
    own = outcomes.evidence(clinic).iloc[0]
    headline = outcomes.headline([clinic]).query("measure == 'change'").iloc[0]
    same = ["estimand", "session", "n", "estimate", "conf_low", "conf_high", "unit", "method"]
    assert own[same].tolist() == headline[same].tolist()
    assert (own["study"], own["after_days"]) == ("this clinic", 30)


def test_its_baseline_is_that_of_all_who_began(clinic: outcomes.Tally) -> None:
    assert outcomes.evidence(clinic)["baseline"].iloc[0] == 3.0


def test_a_clinic_without_scores_after_a_session_says_so(tally_of) -> None:
    own = outcomes.evidence(tally_of([[4], [3]])).iloc[0]
    assert (own["n"], own["note"]) == (0, (Note(NoteCode.NOBODY_AFTER),))
    assert pd.isna(own["estimate"])


def test_a_clinic_with_few_scored_is_not_said_to_have_none(tally_of) -> None:
    own = outcomes.evidence(tally_of([[4, 3], [3, 2], [3, 3]])).iloc[0]
    assert (own["n"], own["note"]) == (3, (Note(NoteCode.TOO_FEW_AFTER),))


def test_days_before_the_clinics_own_window_are_refused(clinic: outcomes.Tally) -> None:
    with pytest.raises(UsageError, match="longest_days must be at least 14"):
        outcomes.evidence(clinic, longest_days=-4)


def test_estimates_have_their_usual_columns_and_the_citation(clinic: outcomes.Tally) -> None:
    for frame in (outcomes.evidence(clinic), outcomes.not_compared(clinic), outcomes.published_new_pih()):
        assert set(CITED) < set(frame.columns)
        assert set(frame.columns) - {*CITED} < set(ESTIMATES)
        assert str(frame["n"].dtype) == "Int64"


# The interval of a published change


@pytest.mark.parametrize(("correlation", "variance"), [(0, 1.0), (0.5, 0.52), (0.8, 0.232)])
def test_two_spreads_and_a_correlation_make_the_interval(
    correlation: float, variance: float, clinic: outcomes.Tally, tmp_path: Path
) -> None:
    """0.6^2 + 0.8^2 - 2 r 0.6 0.8 among 25 patients; t with 24 degrees of freedom is 2.063899."""
    trial = outcomes.evidence(clinic, listed(tmp_path, {}), correlation=correlation).iloc[1]
    half = 2.063899 * sqrt(variance / 25)
    assert trial["estimate"] == -1.0
    assert [trial["conf_low"], trial["conf_high"]] == pytest.approx([-1 - half, -1 + half], abs=1e-6)
    assert trial["correlation"] == correlation


def test_an_interval_that_is_reported_is_taken_as_it_stands(clinic: outcomes.Tally, tmp_path: Path) -> None:
    facts = {"change": -0.91, "change_low": -1.05, "change_high": -0.78, "analysed": ""}
    trial = outcomes.evidence(clinic, listed(tmp_path, facts), correlation=0.8).iloc[1]
    assert trial[["estimate", "conf_low", "conf_high", "method"]].tolist() == [-0.91, -1.05, -0.78, "as reported"]
    assert pd.isna(trial["correlation"])
    assert pd.isna(trial["n"])


def test_the_spread_of_the_changes_needs_no_correlation(clinic: outcomes.Tally, tmp_path: Path) -> None:
    """0.5 among 25 patients; t with 24 degrees of freedom is 2.063899."""
    trial = outcomes.evidence(clinic, listed(tmp_path, {"change": -1.0, "change_sd": 0.5}), correlation=0.8).iloc[1]
    assert [trial["conf_low"], trial["conf_high"]] == pytest.approx([-1 - 0.2063899, -1 + 0.2063899], abs=1e-6)
    assert trial["method"] == "spread of the changes reported"
    assert pd.isna(trial["correlation"])


@pytest.mark.parametrize(("analysed", "narrower"), [("", 1.959964 / 2.575829), (25, 2.063899 / 2.796940)])
def test_an_interval_of_another_level_is_brought_to_95_percent(
    analysed: Any, narrower: float, clinic: outcomes.Tally, tmp_path: Path
) -> None:
    """Quantiles at 0.975 and 0.995 of the normal distribution and of t with 24 degrees of freedom."""
    facts = {"change": -1.2, "change_low": -1.4, "change_high": -1.1, "change_level": 99, "analysed": analysed, "after_mean": ""}
    trial = outcomes.evidence(clinic, listed(tmp_path, facts | {"after_sd": ""})).iloc[1]
    ends = [trial["conf_low"], trial["conf_high"]]
    assert ends == pytest.approx([-1.2 - 0.2 * narrower, -1.2 + 0.1 * narrower], abs=1e-6)
    assert trial["method"] == "from the 99 % interval reported"


@pytest.mark.parametrize("correlation", [-0.1, 1, 1.5, float("nan")])
def test_a_correlation_that_can_not_be_is_refused(correlation: float, clinic: outcomes.Tally) -> None:
    with pytest.raises(UsageError, match=f"correlation must be from 0 to below 1, got {correlation}"):
        outcomes.evidence(clinic, correlation=correlation)


# Together


def test_three_trials_are_summed_up_from_their_own_standard_errors(clinic: outcomes.Tally, tmp_path: Path) -> None:
    trials = listed(tmp_path, {}, {"study": "B", "after_mean": 1.8}, {"study": "C", "after_mean": 2.4, "analysed": 50})
    compared = outcomes.evidence(clinic, trials).set_index("estimand")
    of = random_effects([-1.0, -1.2, -0.6], [sqrt(0.52 / n) for n in (25, 25, 50)])
    numbers = ["estimate", "conf_low", "conf_high"]
    assert compared.loc[SUMMARY, numbers].tolist() == pytest.approx([of.mean, *of.interval])
    assert compared.loc[PREDICTION, numbers].tolist() == pytest.approx([of.mean, *of.prediction])
    assert compared.loc[SUMMARY, "n"] == 100
    (between,) = compared.loc[SUMMARY, "note"]
    assert (between.code, between.n, between.of) == (NoteCode.BETWEEN_TRIALS, 3, pytest.approx(sqrt(of.tau2)))


def test_two_trials_are_too_few_for_a_summary(clinic: outcomes.Tally, tmp_path: Path) -> None:
    compared = outcomes.evidence(clinic, listed(tmp_path, {}, {"study": "B"}))
    assert compared["estimand"].tolist() == ["continued", PUBLISHED, PUBLISHED, SUMMARY]
    assert pd.isna(compared["estimate"].iloc[3])
    assert compared["note"].iloc[3] == (Note(NoteCode.TOO_FEW_TRIALS, 2),)


def test_the_list_of_the_package_has_two_comparable_trials_on_grades_and_two_on_points(clinic: outcomes.Tally, tally_of) -> None:
    points = tally_of([[24, 21, 16], [23, 19, 17], [19, 15, 12]] * 5, scale="goodman_baron_score")
    columns = ["study", "after_days", "estimate", "conf_low", "conf_high"]
    grades, points = (
        outcomes.evidence(tally).query("estimand == @PUBLISHED")[columns].values.tolist() for tally in (clinic, points)
    )
    # Vietnam: 0.59^2 + 0.58^2 - 0.59 0.58 among 31, t with 30 degrees of freedom 2.042272. Malik: 1.88 among 50, t 2.009575.
    half = 2.042272 * sqrt((0.3481 + 0.3364 - 0.3422) / 31)
    assert grades == [
        ["Vietnam series", 30, pytest.approx(-1.36), pytest.approx(-1.36 - half), pytest.approx(-1.36 + half)],
        ["von Dalwig-Nolda & Ablon", 90, -0.91, -1.05, -0.78],
    ]
    half = 2.009575 * 1.88 / sqrt(50)
    assert points == [
        ["Alam", 90, -2.4, -4.8, 0.01],
        ["Malik", 30, -10.08, pytest.approx(-10.08 - half), pytest.approx(-10.08 + half)],
    ]


# Like with like


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"scale": "goodman_baron_score"}, "another scale: Goodman-Baron score"),
        ({"scale": "other", "scale_as_reported": "a score of its own"}, "another scale: a score of its own"),
        ({"scale": "other"}, "another scale: its own"),
        ({"design": "against_control"}, "a difference from a control, not a change from baseline"),
        ({"design": "with_adjunct"}, "microneedling with something added, not by itself"),
        ({"design": "microneedling_arm"}, ""),
        ({"after_mean": ""}, "no mean change reported"),
        ({"after_sd": ""}, "no spread reported"),
        ({"analysed": ""}, "no spread reported"),
        ({"after_days": ""}, "time after the last session not stated"),
        ({"after_days": "", "after_as_reported": "end of study"}, "time after the last session not stated (end of study)"),
        ({"after_days": 13}, "assessed 13 days after the last session, not 14 to 100"),
        ({"after_days": 14}, ""),
        ({"after_days": 100}, ""),
        ({"after_days": 101}, "assessed 101 days after the last session, not 14 to 100"),
        (
            {"scale": "ecca", "after_sd": "", "after_days": ""},
            "another scale: ECCA; no spread reported; time after the last session not stated",
        ),
    ],
)
def test_what_is_not_alike_is_left_out_with_its_reason(
    facts: dict[str, Any], why: str, clinic: outcomes.Tally, tmp_path: Path
) -> None:
    if "after_sd" in facts and facts["after_sd"] == "":
        facts = facts | {"baseline_sd": ""}
    if "after_mean" in facts:
        facts = facts | {"after_sd": ""}
    assert reason(clinic, tmp_path, facts) == why
    assert (outcomes.evidence(clinic, listed(tmp_path, facts))["estimand"] == PUBLISHED).any() == (why == "")


def test_a_time_that_is_not_stated_can_be_let_in(clinic: outcomes.Tally, tmp_path: Path) -> None:
    assert reason(clinic, tmp_path, {"after_days": ""}, timing="any") == ""
    assert reason(clinic, tmp_path, {"after_days": 180}, longest_days=200) == ""
    with pytest.raises(UsageError, match="timing must be stated or any, got 'all'"):
        outcomes.evidence(clinic, timing="all")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sessions", "days", "usual", "other"),
    [
        (3, 30, 30, False), (6, 30, 30, False), (2, 30, 30, True), (7, 30, 30, True), (12, 7, 30, True),
        (3, 14, 30, True), (4, 20, 30, False), (4, 19, 30, True), (4, 45, 30, False), (4, 46, 30, True),
        (4, 14, 14, False), (4, 30, 14, True), (pd.NA, 28, 30, False), (pd.NA, 7, 30, True), (4, pd.NA, 30, False), (pd.NA, pd.NA, 30, False),
    ],
)  # fmt: skip
def test_another_dose_is_other_sessions_or_other_days_between_them(sessions: Any, days: Any, usual: int, other: bool) -> None:
    assert is_other_dose(sessions, days, usual) is other


def test_a_remark_stands_beside_the_trial_that_is_compared(clinic: outcomes.Tally, tmp_path: Path) -> None:
    trials = listed(tmp_path, {"remark": "the neck only", "after_mean": 2.01})
    assert outcomes.evidence(clinic, trials)["note"].iloc[1] == (
        Note(NoteCode.REMARK, names=("the neck only",)),
        Note(NoteCode.IMPOSSIBLE_MEAN, 25, names=("2.01",)),
    )


def test_a_trial_counts_once_with_the_score_nearest_to_the_clinics_day(clinic: outcomes.Tally, tmp_path: Path) -> None:
    trials = listed(tmp_path, {"after_days": 90, "after_mean": 1.5}, {"after_days": 45}, {"after_days": 14, "after_mean": 2.5})
    compared = outcomes.evidence(clinic, trials)
    assert compared.loc[compared["estimand"] == PUBLISHED, "after_days"].tolist() == [45]
    left_out = outcomes.not_compared(clinic, trials)
    assert set(left_out["note"].map(note_words)) == {"another score of this trial is nearer to 30 days after the last session"}
    assert len(left_out) == 2


def test_what_is_left_out_keeps_what_it_reports(clinic: outcomes.Tally) -> None:
    left_out = outcomes.not_compared(clinic)
    assert set(left_out["study"]) == set(outcomes.published_trials().query("endpoint == 'scarring'")["study"]) - {
        "von Dalwig-Nolda & Ablon"
    }
    vietnam = left_out[left_out["study"] == "Vietnam series"]
    assert vietnam["after_days"].tolist() == [0, 60]
    majid = left_out.set_index("study").loc["Majid"]
    assert (majid["measure"], majid["n"], majid["unit"]) == ("improved (down by 1 or 2 grades)", 36, "%")
    # 34 of 36; Clopper & Pearson by R's binom.test(34, 36).
    assert majid[["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx([94.44444, 81.33633, 99.31997], abs=5e-6)


def test_another_endpoint_is_another_list(tally_of) -> None:
    pih = tally_of([[14, 12, 10]] * 20, scale="pahpi", endpoint="pih")
    assert outcomes.evidence(pih)["estimand"].tolist() == ["continued"]
    assert outcomes.not_compared(pih)["study"].tolist() == ["Al Qarqaz & Al-Yousef"]
    lines = tally_of([[4, 3, 3]] * 20, scale="lemperle", endpoint="fine_lines")
    assert outcomes.evidence(lines).query("estimand == @PUBLISHED")["study"].tolist() == ["Alqam, neck", "Ablon"]
    assert outcomes.not_compared(lines).empty


# New PIH


def test_new_pih_counts_every_trial_once_with_exact_intervals() -> None:
    shares = outcomes.published_new_pih().set_index("study")
    assert shares.index.tolist() == ["Dogra", "Vietnam series", "Split-face v CO2", "Cachafeiro", "Fabbrocini", "Alam"]
    # Nobody of n: the upper bound is 1 - 0.025 ** (1 / n).
    assert shares.loc["Fabbrocini", ["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx(
        [0, 0, 100 * (1 - 0.025 ** (1 / 60))]
    )
    assert shares.loc["Split-face v CO2", "estimate"] == pytest.approx(100 * 2 / 30)


def test_new_pih_of_an_unstated_number_has_no_share_and_says_what_comes_into_question() -> None:
    shares = outcomes.published_new_pih().set_index("study")
    assert shares.loc[shares["estimate"].isna(), "note"].to_dict() == {
        "Dogra": (Note(NoteCode.NEW_PIH, 5), Note(NoteCode.OF_WHICH_UNSTATED, 5, names=("30", "36"))),
        "Cachafeiro": (Note(NoteCode.NEW_PIH, 0), Note(NoteCode.OF_HOW_MANY_UNSTATED)),
        "Alam": (Note(NoteCode.NEW_PIH, 0), Note(NoteCode.OF_WHICH_UNSTATED, 0, names=("15", "20"))),
    }
    assert shares["n"].isna().tolist() == shares["estimate"].isna().tolist()


def test_a_list_without_new_pih_has_no_rows(tmp_path: Path) -> None:
    assert outcomes.published_new_pih(listed(tmp_path, {})).empty
