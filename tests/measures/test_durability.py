"""What lasts after the last session, and how it was judged: counted by hand on little tables, of those who came back."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import outcomes
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.windows import FOLLOW_UPS, WINDOW
from outcomes.errors import UsageError
from outcomes.simulate.attendance import FOLLOW_UP_DAYS
from outcomes.simulate.sample import sample
from outcomes.statistics.intervals import wilson


def frame(rows: str) -> pd.DataFrame:
    """A little table: a header line, then one line per row; a dot is a blank."""
    header, *lines = (line.split() for line in rows.strip().splitlines())
    return pd.DataFrame([[None if cell == "." else cell for cell in line] for line in lines], columns=header)


def courses(*paths: dict[int, float], status: str = "finished", fitzpatrick: str = "IV", **other: str) -> outcomes.Records:
    """Courses of one session on day 0, scored so many days after it; the score at day 0 is the baseline."""
    rows = [
        {"patient_id": f"P{patient}", "fitzpatrick": fitzpatrick, "status": status, "day": day, "sessions_completed": int(day > 0),
         "treated": "yes" if day == 0 else "no", "scar_scale": "asas", "scar_score": score, **other}
        for patient, path in enumerate(paths) for day, score in path.items()
    ]  # fmt: skip
    return outcomes.read_records(pd.DataFrame(rows))


def at(durability: pd.DataFrame, measure: str, month: int) -> pd.Series:
    return durability[(durability["measure"] == measure) & (durability["month"] == month)].iloc[0]


CAME_BACK = courses(
    {0: 4, 30: 3, 91: 2}, {0: 4, 30: 2, 91: 2}, {0: 3, 30: 3, 91: 1}, {0: 4, 30: 1}, {0: 3, 30: 1}, {0: 3, 100: 2, 183: 3}
)


def test_a_change_is_of_the_courses_scored_in_that_month() -> None:
    durability = outcomes.durability(CAME_BACK)
    assert durability.groupby("month")["n"].first().to_dict() == {1: 5, 3: 4, 6: 1, 12: 0}
    assert at(durability, "change", 1)["estimate"] == pytest.approx(np.mean([-1, -2, 0, -3, -2]))
    assert at(durability, "change", 3)["estimate"] == pytest.approx(np.mean([-2, -2, -2, -1]))
    assert at(durability, "change", 12)["note"] == (Note(NoteCode.NO_COURSES),)


def test_beside_it_stand_the_same_courses_at_one_month() -> None:
    """Three were scored both times: at 1 month they had changed by -1, -2, 0, and by -1, 0, -2 since."""
    durability = outcomes.durability(CAME_BACK)
    early, since = at(durability, "change at 1 month, same courses", 3), at(durability, "change since 1 month", 3)
    assert (early["n"], early["estimate"]) == (3, -1)
    assert (since["n"], since["estimate"]) == (3, -1)
    half = stats.t.ppf(0.975, 2) * sqrt(1 / 3)
    assert since[["conf_low", "conf_high"]].tolist() == pytest.approx([-1 - half, -1 + half])


def test_responders_have_the_interval_of_wilson() -> None:
    row = at(outcomes.durability(CAME_BACK), "responders", 1)
    assert (row["n"], row["estimate"]) == (5, 80)
    assert row[["conf_low", "conf_high"]].tolist() == pytest.approx([100 * end for end in wilson(4, 5)])


def test_the_windows_lie_side_by_side_and_begin_where_a_score_after_a_session_does() -> None:
    assert [one.last + 1 for one in FOLLOW_UPS[:-1]] == [other.first for other in FOLLOW_UPS[1:]]
    assert (FOLLOW_UPS[0].first, FOLLOW_UPS[0].usual, FOLLOW_UPS[0].last) == WINDOW
    assert all(one.first <= day <= one.last for one, day in zip(FOLLOW_UPS[1:], FOLLOW_UP_DAYS, strict=True))


def test_the_nearest_score_in_a_window_counts() -> None:
    durability = outcomes.durability(courses({0: 4, 70: 1, 95: 3, 130: 1}, {0: 4, 81: 2, 101: 4}))
    assert at(durability, "change", 3)["estimate"] == np.mean([-1, -2])


def test_courses_that_go_on_have_no_last_session() -> None:
    assert (outcomes.durability(courses({0: 4, 30: 3, 91: 2}, status="ongoing"))["n"] == 0).all()


def test_a_score_at_which_the_next_session_was_given_is_before_the_last_session() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed treated scar_scale scar_score
        A          I           0   0                  yes     asas       4
        A          I           30  1                  yes     asas       3
        B          I           0   0                  yes     asas       4
        B          I           30  1                  yes     asas       3
        B          I           60  2                  no      asas       1
    """
    row = at(outcomes.durability(outcomes.read_records(frame(rows))), "change", 1)
    assert (row["n"], row["estimate"]) == (1, -3)


def test_where_treated_is_not_recorded_the_last_session_is_before_the_count_last_rose() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed scar_scale scar_score
        A          I           0   0                  asas       4
        A          I           30  1                  asas       3
        A          I           60  2                  asas       2
        A          I           121 2                  asas       1
    """
    durability = outcomes.durability(outcomes.read_records(frame(rows)))
    assert [at(durability, "change", month)["estimate"] for month in (1, 3)] == [-2, -3]


def test_where_only_scored_visits_were_kept_the_last_session_is_on_the_day_expected_for_it() -> None:
    """Session 4 was given on day 90, so session 6 is expected on day 150; days 180 and 241 are 30 and 91 days after that."""
    rows = """
        patient_id fitzpatrick day sessions_completed treated scar_scale scar_score
        A          I           0   0                  yes     asas       4
        A          I           90  3                  yes     asas       3
        A          I           180 6                  no      asas       2
        A          I           241 6                  no      asas       1
    """
    durability = outcomes.durability(outcomes.read_records(frame(rows)))
    assert [at(durability, "change", month)["estimate"] for month in (1, 3)] == [-2, -3]


def test_pih_counts_where_it_was_there_at_baseline() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed treated pih_scale pih_score
        A          I           0   0                  yes     pahpi     10
        A          I           30  1                  no      pahpi     8
        B          I           0   0                  yes     pahpi     6
        B          I           30  1                  no      pahpi     9
    """
    row = at(outcomes.durability(outcomes.read_records(frame(rows)), "pih"), "change", 1)
    assert (row["n"], row["estimate"]) == (1, -2)


def test_skin_types_are_chosen_as_everywhere() -> None:
    assert at(outcomes.durability(CAME_BACK, skin_types="IV, V"), "change", 1)["n"] == 5
    assert at(outcomes.durability(CAME_BACK, skin_types=["I"]), "change", 1)["n"] == 0
    with pytest.raises(UsageError, match="skin types must be among I, II, III, IV, V, VI, got VII"):
        outcomes.durability(CAME_BACK, skin_types="VII")
    with pytest.raises(UsageError, match="endpoint must be one of"):
        outcomes.durability(CAME_BACK, "wrinkles")


JUDGED = """
    patient_id fitzpatrick day sessions_completed treated gais gais_by   satisfaction
    A          I           0   0                  yes     1    patient   9
    A          I           20  1                  no      4    patient   2
    A          I           31  1                  yes     3    patient   7
    A          I           61  2                  no      1.5  clinician 9
    B          I           0   0                  yes     .    .         .
    B          I           30  1                  no      3.5  patient   4
    C          I           0   0                  yes     .    .         .
    C          I           30  1                  no      2    .         .
    D          I           0   0                  yes     .    .         .
    D          I           90  1                  no      1    patient   10
"""


def test_appearance_is_judged_once_after_each_number_of_sessions_by_each_judge() -> None:
    """The judgement nearest to day 30 counts; 3.5 is not improved; before any session, or late, none counts."""
    judged = outcomes.appearance(outcomes.read_records(frame(JUDGED)))
    of = judged[judged["measure"] == "improved appearance"].set_index(["gais_by", "session"])
    assert of["n"].to_dict() == {
        ("patient", 1): 2, ("clinician", 1): 0, ("clinician", 2): 1, ("not recorded", 1): 1,
    }  # fmt: skip
    assert of.loc[("patient", 1), "estimate"] == 50
    assert of.loc[("patient", 1), ["conf_low", "conf_high"]].tolist() == pytest.approx([100 * end for end in wilson(1, 2)])


def test_satisfaction_is_a_mean_with_a_t_interval() -> None:
    judged = outcomes.appearance(outcomes.read_records(frame(JUDGED)))
    of = judged[judged["measure"] == "satisfaction"].set_index("session")
    assert of["n"].tolist() == [2, 1]
    assert of.loc[1, "estimate"] == 5.5
    half = stats.t.ppf(0.975, 1) * 1.5
    assert of.loc[1, ["conf_low", "conf_high"]].tolist() == pytest.approx([5.5 - half, 5.5 + half])


def test_a_judgement_after_a_session_whose_visit_is_missing_counts_and_follows_the_clinics_window() -> None:
    rows = [
        {"patient_id": f"P{n}", "fitzpatrick": "I", "day": 7 * k, "sessions_completed": k, "treated": "yes", "gais": 2 if k == 3 else None}
        for n in range(6) for k in (0, 1, 3)
    ]  # fmt: skip
    records = outcomes.read_records(pd.DataFrame(rows))
    assert records.window == (3, 7, 14)
    judged = outcomes.appearance(records)
    assert judged.loc[judged["gais_by"] == "not recorded", ["session", "n"]].to_numpy().tolist()[-1] == [3, 6]
    monthly = outcomes.appearance(outcomes.read_cohort(records, window=WINDOW))
    assert monthly.loc[monthly["gais_by"] == "not recorded", "n"].sum() == 6, "14 days after the visit before"


def test_where_nobody_was_asked_there_is_a_row_that_says_so() -> None:
    judged = outcomes.appearance(CAME_BACK)
    assert judged["note"].tolist() == [(Note(NoteCode.NO_COURSES),)] * 2


@pytest.mark.slow
def test_improvement_that_goes_on_is_found_in_a_large_sample_of_those_who_come_back_by_chance() -> None:
    """The sample's gain at 3 months is 1.13 times that at one, whoever comes back."""
    since = at(
        outcomes.durability(outcomes.read_records(sample(4_000, seed=3, stopping="random").records)), "change since 1 month", 3
    )
    assert since["conf_high"] < 0
    assert since["conf_low"] > -0.25


@pytest.mark.parametrize("column", ["gais", "satisfaction"])
def test_what_nobody_was_asked_about_is_a_row_of_nobody(column: str) -> None:
    from outcomes.simulate.sample import sample

    records = outcomes.read_records(sample(30, seed=4).records.drop(columns=column))
    judged = outcomes.appearance(records)
    measure = {"gais": "improved appearance", "satisfaction": "satisfaction"}[column]
    assert judged.loc[judged["measure"] == measure, ["session", "n"]].to_numpy().tolist() == [[1, 0]]
    assert (judged.loc[judged["measure"] != measure, "n"] > 0).any()
    assert "gais_by" in judged
