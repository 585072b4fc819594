"""The window, the account of scores and the ends without one, in sentences."""

from __future__ import annotations

import pandas as pd
import pytest

import outcomes
from outcomes import prose, tables
from outcomes.cohort.score_account import ANALYSED, SCORE_REASONS, SECOND
from outcomes.records.records import Records

NB = "\N{NO-BREAK SPACE}"


def clinic(apart: int, window: str = "") -> Records:
    rows = [
        {"patient_id": f"P{n}", "fitzpatrick": "I", "day": apart * k, "sessions_completed": k, "scar_scale": "asas", "scar_score": 3}
        for n in range(5) for k in range(4)
    ]  # fmt: skip
    return outcomes.read_records(pd.DataFrame(rows), window=window)


def account(**n: tuple[int, int]) -> pd.DataFrame:
    """An account of one endpoint; (scores, of them undated) of each reason, by its place in `SCORE_REASONS` as ``r0``, ``r1``, ..."""
    rows = [(reason, *n.get(f"r{place}", (0, 0))) for place, reason in enumerate(SCORE_REASONS)]
    return pd.DataFrame(rows, columns=["reason", "n", "undated"]).assign(endpoint="pih", scale="pahpi")


def test_the_window_of_monthly_sessions_is_said_without_a_reason() -> None:
    assert prose.score_window(clinic(30)) == (
        "A score counts as the one after a session when it was taken **14–60 days** after it; of several, the one nearest to 30 "
        "days counts."
    )
    assert prose.window_follows(clinic(30)) == ""


def test_a_window_that_follows_the_clinic_says_so_first() -> None:
    said = prose.score_window(clinic(90))
    assert said.startswith(
        "Sessions here are a median of 90 days apart, so a score counts 40–180 days after a session, not 14–60 as with monthly "
        "sessions; the parameter window sets another. A score counts as the one after a session when it was taken **40–180 days** "
    )


def test_a_window_that_was_set_is_not_said_to_follow_the_clinic() -> None:
    records = clinic(7, "10,20,30")
    assert "**10–30 days** after it; of several, the one nearest to 20 days counts. This window was set for the report." in (
        prose.score_window(records)
    )
    assert prose.window_follows(records) == ""


def test_scores_in_are_scores_analysed_and_left_out_by_reason() -> None:
    last = SCORE_REASONS.index(SECOND)
    assert SCORE_REASONS[0] == ANALYSED
    whole = account(r0=(1_200, 1), r4=(2, 2), **{f"r{last}": (3, 0)})
    assert prose.score_account(whole) == (
        "Of 1,205 scores of PIH, **1,200** were analysed. Of those analysed, 1 follows a session whose visit is not in the records."
    )
    assert prose.account_lines(whole) == [
        "PIH: 1,205 scores = 1,200 analysed + 5 left out (2 after a session whose day is not known and 3 beside one nearer to the usual day "
        "after the same session)"
    ]
    by_reason = {row[0]: row[1] for row in tables.score_account(whole).rows}
    assert {reason: n for reason, n in by_reason.items() if n != "0"} == {
        ANALYSED: "1,200", SCORE_REASONS[4]: "2", SECOND: "3", "all scores": "1,205",
    }  # fmt: skip
    assert prose.account_lines(account(r0=(1, 0))) == ["PIH: 1 score = 1 analysed + 0 left out"]
    assert prose.score_account(account()[:0]) == "No endpoint was scored."


def test_scores_of_one_of_none_and_of_several_endpoints_are_sentences() -> None:
    assert prose.score_account(account(r0=(1, 0))) == "Of 1 score of PIH, **1** was analysed."
    assert prose.score_account(account(r4=(7, 0))) == "Of 7 scores of PIH, **none** was analysed."
    scarring = account(r0=(900, 2), r4=(25, 0)).assign(endpoint="scarring")
    assert prose.score_account(
        pd.concat([scarring, account(r0=(1_200, 1), r4=(5, 0)), account(r4=(3, 0)).assign(endpoint="fine_lines")])
    ) == (
        "Of 925 scores of acne scarring, **900** were analysed; of 1,205 of PIH, **1,200**; of 3 of fine lines, **none**. Of those analysed, 3 "
        "follow a session whose visit is not in the records."
    )


@pytest.mark.parametrize(
    ("n", "of", "said"),
    [
        (39, 120, "39 of 120 courses (32%) ended without an assessment that counts after their last session."),
        (1, 1, "1 of 1 course ended without an assessment that counts after its last session."),
        (0, 120, "all 120 courses that ended were assessed after their last session."),
        (0, 1, "the one course that ended was assessed after its last session."),
        (0, 0, "no course has ended yet."),
    ],
)
def test_ends_without_a_last_assessment_are_counted(n: int, of: int, said: str) -> None:
    assert prose.unscored_ends(pd.DataFrame({"endpoint": ["scarring"], "n": [n], "of": [of]})) == f"**Acne scarring**: {said}"
