"""Sessions beside guidance: counted by hand on little tables; a blank is never a no, and findings count the same."""

from __future__ import annotations

from functools import cache
from math import isnan

import pandas as pd
import pytest

import outcomes
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.guidance import ALL_QUESTIONS, ANY_QUESTION, TIP, TOO_LATE, TOO_SOON
from outcomes.definitions.notes import Note, NoteCode
from outcomes.errors import UsageError
from outcomes.measures.eligibility import AGAINST, APART, ASKED


@cache
def records(rows: str) -> outcomes.Records:
    """Records of a little table: a header line, then one line per row; a dot is a blank."""
    header, *lines = (line.split() for line in rows.strip().splitlines())
    return outcomes.read_records(
        pd.DataFrame([[None if cell == "." else cell for cell in line] for line in lines], columns=header)
    )


@cache
def eligibility(rows: str) -> pd.DataFrame:
    return outcomes.eligibility(records(rows))


def counted(eligible: pd.DataFrame, measure: str, rule: str) -> tuple[int, int]:
    row = eligible[(eligible["measure"] == measure) & (eligible["rule"] == rule)].iloc[0]
    return int(row["events"]), int(row["n"])


ASKED_OF = """
    patient_id sex    area  fitzpatrick provider_id day sessions_completed treated age pregnant blood_disorder depth_mm tip_code
    A          female chin  I           D1          0   0                  yes     21  yes      no             1.5      T1
    B          female chin  I           D1          0   0                  yes     22  .        no             1.6      T1
    C          male   back  I           D2          0   0                  yes     .   .        yes            2.5      T2
    D          .      .     I           .           0   0                  yes     50  no       .              2.5      .
    E          female chin  I           D1          0   0                  no      19  yes      yes            3        .
"""


@pytest.mark.parametrize(
    ("rule", "against", "blank"),
    [
        ("under age", (1, 3), (1, 4)),
        ("pregnant", (1, 2), (1, 3)),
        ("blood_disorder", (1, 3), (1, 4)),
        ("breastfeeding", (0, 0), (3, 3)),
        ("deep on the face", (1, 2), (1, 3)),
        ("isotretinoin", (0, 0), (4, 4)),
    ],
)
def test_what_is_not_recorded_is_counted_by_itself(rule: str, against: tuple[int, int], blank: tuple[int, int]) -> None:
    """Four sessions were given. Men are not asked whether they are pregnant, and a back has no limit of depth."""
    eligible = eligibility(ASKED_OF)
    assert counted(eligible, AGAINST, rule) == against
    assert counted(eligible, NOT_RECORDED, rule) == blank


def test_screened_is_how_many_questions_were_answered_that_are_asked_of_that_patient() -> None:
    rows = """
        patient_id sex    fitzpatrick day sessions_completed treated pregnant breastfeeding active_skin_cancer blood_disorder
        A          female I           0   0                  yes     no       no            no                 no
        B          female I           0   0                  yes     .        no            no                 no
        C          male   I           0   0                  yes     .        .             no                 no
        D          .      I           0   0                  yes     .        .             .                  .
    """
    eligible = outcomes.eligibility(records(rows))
    assert counted(eligible, ASKED, ANY_QUESTION) == (3, 4)
    assert counted(eligible, ASKED, ALL_QUESTIONS) == (2, 4)


def test_isotretinoin_never_taken_is_in_line_a_blank_is_not_recorded_and_its_window_is_a_parameter() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed treated isotretinoin_months
        A          I           0   0                  yes     5.9
        B          I           0   0                  yes     6
        C          I           0   0                  yes     Never
        D          I           0   0                  yes     .
    """
    eligible = outcomes.eligibility(records(rows))
    assert counted(eligible, AGAINST, "isotretinoin") == (1, 3)
    assert counted(eligible, NOT_RECORDED, "isotretinoin") == (1, 4)
    year = outcomes.eligibility(outcomes.read_cohort(records(rows), isotretinoin_months=12))
    assert counted(year, AGAINST, "isotretinoin") == (2, 3)
    assert year.loc[year["rule"] == "isotretinoin", "note"].iloc[0] == (
        Note(NoteCode.AGAINST_GUIDANCE, 12, names=("isotretinoin",)),
    )


def test_a_tip_at_two_visits_counts_once_and_a_session_without_a_code_is_not_recorded() -> None:
    eligible = eligibility(ASKED_OF)
    assert counted(eligible, AGAINST, TIP) == (1, 2)
    assert counted(eligible, NOT_RECORDED, TIP) == (1, 4)


DAYS = """
    patient_id fitzpatrick provider_id day sessions_completed treated
    A          I           D1          0   0                  yes
    A          I           D1          20  1                  yes
    A          I           D1          41  2                  yes
    A          I           D1          102 3                  yes
    A          I           D1          130 4                  no
"""


def test_intervals_are_short_below_21_days_and_long_above_60() -> None:
    eligible = eligibility(DAYS)
    assert counted(eligible, AGAINST, TOO_SOON) == (1, 3)
    assert counted(eligible, AGAINST, TOO_LATE) == (1, 3)
    row = eligible[eligible["measure"] == APART].iloc[0]
    assert (row["n"], row["estimate"], row["unit"]) == (3, 21, "days")


@pytest.mark.parametrize(
    "limit", [{"isotretinoin_months": -3}, {"youngest": -5}, {"deepest_mm": -1}, {"isotretinoin_months": float("nan")}]
)
def test_a_limit_below_nought_is_refused_by_name(limit: dict[str, float]) -> None:
    (name,) = limit
    with pytest.raises(UsageError, match=f"^{name} must not be below 0"):
        outcomes.read_cohort(records(DAYS), **limit)


def test_a_session_at_the_last_visit_counts_among_the_intervals_where_that_visit_is_marked_as_treated() -> None:
    rows = """
        patient_id fitzpatrick provider_id day sessions_completed treated
        A          I           D1          0   0                  yes
        A          I           D2          30  1                  yes
        B          I           D1          0   0                  yes
        B          I           D1          40  1                  .
        C          I           D1          0   0                  yes
        C          I           D1          50  1                  yes
        C          I           D1          80  1                  no
    """
    row = eligibility(rows).query("measure == @APART").iloc[0]
    assert (row["n"], row["estimate"]) == (1, 30)


def test_providers_of_fewer_than_five_courses_are_taken_together() -> None:
    rows = pd.DataFrame(
        {"patient_id": f"{name}{n}", "fitzpatrick": "I", "provider_id": name, "day": 0, "sessions_completed": 0, "treated": "yes",
         "blood_disorder": "yes" if n == 0 else "no"}
        for name, courses in (("D1", 5), ("D2", 4), ("D3", 1), (None, 2)) for n in range(courses)
    )  # fmt: skip
    eligible = outcomes.eligibility(outcomes.read_records(rows), by="provider_id")
    of = eligible[(eligible["measure"] == AGAINST) & (eligible["rule"] == "blood_disorder")].set_index("provider_id")
    assert of[["events", "n"]].T.to_dict("list") == {"D1": [1, 5], "other providers": [2, 5], "not recorded": [1, 2]}


def test_counts_of_what_was_done_have_no_interval() -> None:
    eligible = eligibility(ASKED_OF)
    assert eligible[["conf_low", "conf_high"]].isna().all(axis=None)
    row = eligible[(eligible["measure"] == AGAINST) & (eligible["rule"] == "breastfeeding")].iloc[0]
    assert isnan(row["estimate"])


@pytest.mark.parametrize("by", [None, "provider_id"])
def test_records_in_which_no_visit_is_treated_have_nothing_to_hold_against_guidance(by) -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed
        A          I           0   0
    """
    eligible = outcomes.eligibility(records(rows), by)
    assert (eligible["n"] == 0).all()
    assert (eligible["events"] == 0).all()


def test_by_is_the_provider_or_nothing() -> None:
    with pytest.raises(UsageError, match="by must be provider_id or nothing, got 'skin_type'"):
        outcomes.eligibility(records(DAYS), by="skin_type")  # type: ignore[arg-type]


def test_findings_count_the_same_and_providers_sum_to_all(sample_records: outcomes.Records) -> None:
    sample = sample_records
    found = outcomes.findings(sample).set_index("finding")
    eligible, by_provider = outcomes.eligibility(sample), outcomes.eligibility(sample, by="provider_id")
    for rule in (
        "under age",
        "pregnant",
        "breastfeeding",
        "active_skin_cancer",
        "blood_disorder",
        "isotretinoin",
        "deep on the face",
        TIP,
    ):
        assert counted(eligible, AGAINST, rule) == tuple(found.loc[rule, ["n", "of"]]), rule
    assert counted(eligible, AGAINST, TOO_LATE) == tuple(found.loc["long interval", ["n", "of"]])
    keys = ["measure", "rule"]
    summed = by_provider[by_provider["rule"] != TIP].groupby(keys)[["n", "events"]].sum().sort_index()
    pd.testing.assert_frame_equal(summed, eligible[eligible["rule"] != TIP].set_index(keys)[["n", "events"]].sort_index())
