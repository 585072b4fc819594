"""Every score once: counted by hand on little tables, and the sum holds whatever the records."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import outcomes
from outcomes.cohort.courses import NO_BASELINE, NOT_PRESENT, OTHER_SCALE
from outcomes.cohort.score_account import ANALYSED, REASON_OF, SCORE_REASONS, SECOND
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.errors import UsageError
from outcomes.records.session_days import LATE, NO_DAY, SOON


def records_of(visits: pd.DataFrame) -> outcomes.Records:
    """Polars starts fastest on a few rows; test_engines.py has every engine agree."""
    cells = {name: [None if pd.isna(value) else value for value in column] for name, column in visits.items()}
    return outcomes.read_records(pl.DataFrame(cells, strict=False))


def read(table: str) -> outcomes.Records:
    return records_of(pd.read_csv(StringIO(table), sep=r"\s+", dtype="str", na_values="-"))


def of_reasons(account: pd.DataFrame, column: str = "n") -> dict[str, int]:
    return {reason: n for reason, n in zip(account["reason"], account[column], strict=True) if n}


# Every score once

ONE_OF_EACH = """
    patient_id fitzpatrick day sessions_completed treated scar_scale          scar_score pih_scale pih_score
    A1         I             0 0                  yes     goodman_baron_grade 4          pahpi     6
    A1         I            13 1                  no      goodman_baron_grade 3          pahpi     7
    A1         I            28 1                  no      goodman_baron_grade 3          -         -
    A1         I            44 1                  no      goodman_baron_grade 3          -         -
    A1         I            61 1                  no      goodman_baron_grade 3          -         -
    B1         I             0 0                  yes     asas                3          -         -
    B1         I            30 1                  no      asas                2          -         -
    C1         I             0 0                  yes     -                   -          pahpi     9
    C1         I            30 1                  no      goodman_baron_grade 2          pahpi     8
    D1         I             0 0                  no      goodman_baron_grade 4          -         -
    D1         I             5 1                  no      goodman_baron_grade 3          -         -
    E1         I             0 0                  yes     goodman_baron_grade 4          -         -
    E1         I            60 2                  no      goodman_baron_grade 3          -         -
    E1         I            80 2                  no      goodman_baron_grade 3          -         -
"""


def test_every_score_stands_under_its_reason() -> None:
    """Of A1 the baseline and day 28, of D1 the baseline, of E1 the baseline and day 60; of the others none."""
    account = outcomes.score_account(read(ONE_OF_EACH), "scarring")
    assert account["reason"].tolist() == list(SCORE_REASONS)
    assert of_reasons(account) == {
        ANALYSED: 5,
        REASON_OF[OTHER_SCALE]: 2,
        REASON_OF[NO_BASELINE]: 1,
        REASON_OF[NO_DAY]: 1,
        REASON_OF[SOON]: 1,
        REASON_OF[LATE]: 1,
        SECOND: 2,
    }
    # D1's on day 5, and of E1 day 60 and day 80.
    assert of_reasons(account, "undated") == {ANALYSED: 1, REASON_OF[NO_DAY]: 1, SECOND: 1}


def test_scores_of_a_course_without_pih_at_the_start_are_left_out_for_that() -> None:
    assert of_reasons(outcomes.score_account(read(ONE_OF_EACH), "pih")) == {ANALYSED: 2, REASON_OF[NOT_PRESENT]: 2}


def test_another_scale_or_window_changes_the_account_and_never_its_sum() -> None:
    records = read(ONE_OF_EACH)
    asas = outcomes.score_account(records, "scarring", scale="asas")
    assert of_reasons(asas) == {ANALYSED: 2, REASON_OF[OTHER_SCALE]: 11}
    early = outcomes.score_account(outcomes.read_cohort(records, window=(1, 13, 20)), "scarring")
    assert of_reasons(early)[ANALYSED] == 5
    assert asas["n"].sum() == early["n"].sum() == 13


def test_without_an_endpoint_all_that_are_scored_are_accounted_for() -> None:
    account = outcomes.score_account(read(ONE_OF_EACH))
    assert account.groupby("endpoint", sort=False)["n"].sum().to_dict() == {"scarring": 13, "pih": 4}
    assert account.groupby("endpoint", sort=False)["scale"].unique().str[0].to_dict() == {
        "scarring": "goodman_baron_grade",
        "pih": "pahpi",
    }
    assert {str(kind) for kind in account[["n", "undated"]].dtypes} == {"int64"}


def test_what_is_not_there_is_said() -> None:
    nobody = read("""
        patient_id fitzpatrick day sessions_completed
        A1         I             0 0
    """)
    for table in (outcomes.score_account(nobody), outcomes.unscored_ends(nobody)):
        assert len(table) == 0
    with pytest.raises(UsageError, match="has no scores of PIH"):
        outcomes.score_account(nobody, "pih")
    with pytest.raises(UsageError, match="endpoint must be one of"):
        outcomes.unscored_ends(nobody, "scars")
    with pytest.raises(UsageError, match="scale asas needs the endpoint"):
        outcomes.score_account(nobody, scale="asas")


def test_the_sum_holds_on_the_sample_and_those_analysed_are_those_of_the_tally(sample_records: outcomes.Records) -> None:
    sample = sample_records
    text = pd.read_csv(sample.path)
    for name, endpoint in ENDPOINTS.items():
        account = outcomes.score_account(sample, name)
        assert account["n"].sum() == text[endpoint.score_column].notna().sum(), name
        assert of_reasons(account)[ANALYSED] == outcomes.tally(sample, name).scores["n"].sum(), name


@st.composite
def some_visits(draw: st.DrawFn) -> pd.DataFrame:
    """Visits of 1 to 6 patients: missing visits and baselines, two scales, scores at any distance."""
    visits = []
    for number in range(draw(st.integers(1, 6))):
        scar_scale = draw(st.sampled_from(["goodman_baron_grade", "asas"]))
        day = 0
        for k in sorted(draw(st.lists(st.integers(0, 5), min_size=1, max_size=8))):
            scores = {
                "scar_score": draw(st.sampled_from([None, 1, 2, 3])) if k or day == 0 else None,
                "pih_score": draw(st.sampled_from([None, 6, 8, 12])) if k or day == 0 else None,
            }
            visits.append(
                {"patient_id": f"P{number}", "fitzpatrick": "IV", "day": day, "sessions_completed": k, "scar_scale": scar_scale}
                | {"pih_scale": "pahpi", "treated": draw(st.sampled_from([None, "yes", "no"]))}
                | {"status": "stopped" if number % 2 else "ongoing"}
                | scores
            )
            day += draw(st.sampled_from([1, 5, 7, 13, 14, 30, 61, 200]))
    return pd.DataFrame(visits)


@settings(max_examples=25, deadline=None)
@given(some_visits())
def test_scores_in_are_scores_analysed_and_scores_left_out(visits: pd.DataFrame) -> None:
    records = records_of(visits)
    for name in records.endpoints:
        account, tally = outcomes.score_account(records, name), outcomes.tally(records, name)
        assert account["n"].sum() == visits[ENDPOINTS[name].score_column].notna().sum()
        assert of_reasons(account).get(ANALYSED, 0) == tally.scores["n"].sum()
        assert ((account["undated"] >= 0) & (account["undated"] <= account["n"])).all()
        ends = outcomes.unscored_ends(records, name).iloc[0]
        assert 0 <= ends["n"] <= ends["of"] <= tally.scores.loc[tally.scores["session"] == 0, "n"].sum()


# Courses that ended without a last assessment

ENDED = """
    patient_id fitzpatrick status  day sessions_completed treated scar_scale scar_score
    scored1    I           stopped   0 0                  yes     asas       4
    scored1    I           stopped  30 1                  no      asas       3
    treated1   I           stopped   0 0                  yes     asas       4
    treated1   I           stopped  30 1                  yes     asas       3
    blank1     I           -         0 0                  yes     asas       4
    blank1     I           -        30 1                  no      -          -
    late1      I           finished 0 0                   yes     asas       4
    late1      I           finished 61 1                  no      asas       3
    once1      I           stopped   0 0                  yes     asas       4
    ongoing1   I           ongoing   0 0                  yes     asas       4
    never1     I           stopped   0 0                  no      asas       4
    nobase1    I           stopped   0 0                  yes     -          -
    nobase1    I           stopped  30 1                  yes     asas       4
"""


def test_an_end_is_unscored_where_no_score_counts_after_the_last_session_given() -> None:
    """All but the first of scored1, treated1, blank1, late1 and once1; the last three are no ends of courses that began."""
    ends = outcomes.unscored_ends(read(ENDED))
    assert ends.to_dict("records") == [{"endpoint": "scarring", "n": 4, "of": 5}]
    assert outcomes.unscored_ends(outcomes.read_cohort(read(ENDED), window=(14, 30, 61)))["n"].tolist() == [3]


def test_where_treated_is_not_recorded_the_last_session_is_the_last_one_counted() -> None:
    ends = outcomes.unscored_ends(
        read("""
        patient_id fitzpatrick day sessions_completed scar_scale scar_score
        A1         I             0 0                  asas       4
        A1         I            30 1                  asas       3
        B1         I             0 0                  asas       4
        B1         I            30 1                  -          -
        C1         I             0 0                  asas       4
    """)
    )
    assert ends[["n", "of"]].to_numpy().tolist() == [[1, 2]]
