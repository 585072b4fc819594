"""What is odd in records that keep the contract: counted on little tables, worded, and all planted ones found."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import outcomes
from outcomes.cohort.findings import EVENT_BEFORE, MALE, PIH_BEFORE, UNSCORED_END
from outcomes.display.prose.findings import finding_words

ALL = [
    "under age",
    "pregnant",
    "breastfeeding",
    "active_skin_cancer",
    "blood_disorder",
    "isotretinoin",
    "deep on the face",
    "tip reused",
    "count did not rise",
    EVENT_BEFORE,
    PIH_BEFORE,
    MALE,
    "long interval",
    "no baseline",
    "scored too soon",
    "scored late",
    "session without a day",
    "several courses",
    "set aside",
    "unknown column",
]


def records(rows: str) -> outcomes.Records:
    """Records of a little table: a header line, then one line per row; a dot is a blank."""
    header, *lines = (line.split() for line in rows.strip().splitlines())
    cells = {name: [None if line[place] == "." else line[place] for line in lines] for place, name in enumerate(header)}
    return outcomes.read_records(pd.DataFrame(cells))


def told(records: outcomes.Records, **options: object) -> pd.DataFrame:
    """The findings, each with its sentence, by their code."""
    table = outcomes.findings(outcomes.read_cohort(records, **options))  # type: ignore[arg-type]
    return table.assign(sentence=[finding_words(row) for row in table.to_dict("records")]).set_index("finding")


def found(rows: str, finding: str, **options: object) -> tuple[int, int, str]:
    row = told(records(rows), **options).loc[finding]
    return int(row["n"]), int(row["of"]), row["sentence"]


NOTHING = """
    patient_id fitzpatrick day sessions_completed
    P1         IV          0   0
"""


def test_every_finding_is_a_row_though_nothing_was_recorded() -> None:
    table = outcomes.findings(records(NOTHING))
    assert table["finding"].tolist() == ALL
    assert table.columns.tolist() == ["finding", "n", "of", "unit", "endpoint", "low", "high", "names", "is_to_act_on"]


def test_what_was_never_recorded_is_not_called_none() -> None:
    table = told(records(NOTHING))
    for name in ("under age", "pregnant", "isotretinoin", "deep on the face", "tip reused", "count did not rise", "scored late"):
        assert (table.loc[name, "n"], table.loc[name, "of"]) == (0, 0), name
        assert table.loc[name, "sentence"].startswith("Not recorded, so it cannot be checked: "), name
    assert table.loc["pregnant", "sentence"] == "Not recorded, so it cannot be checked: pregnant."
    assert table.loc["several courses", "sentence"].startswith("Of 1 patient, 0 had more than one course.")


def test_only_treated_visits_with_an_age_are_judged() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed treated age
        P1         IV          0   0                  yes     21
        P2         IV          0   0                  yes     22
        P3         IV          0   0                  no      18
        P4         IV          0   0                  .       18
        P5         IV          0   0                  yes     .
    """
    assert found(rows, "under age") == (1, 2, "Of 2 sessions, 1 was given below the age of 22.")


@pytest.mark.parametrize("column", ["pregnant", "breastfeeding", "active_skin_cancer", "blood_disorder"])
def test_a_screening_counts_yes_among_those_asked(column: str) -> None:
    rows = f"""
        patient_id fitzpatrick day sessions_completed treated {column}
        P1         IV          0   0                  yes     yes
        P2         IV          0   0                  yes     no
        P3         IV          0   0                  yes     .
        P4         IV          0   0                  no      yes
    """
    n, of, sentence = found(rows, column)
    assert (n, of) == (1, 2)
    assert sentence.startswith("Of 2 sessions, 1 was given ")


def test_none_found_says_how_many_were_looked_at() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed treated pregnant
        P1         IV          0   0                  yes     no
    """
    assert found(rows, "pregnant") == (0, 1, "Of 1 session, none was given during pregnancy.")


ISOTRETINOIN = """
    patient_id fitzpatrick day sessions_completed treated isotretinoin_months
    P1         IV          0   0                  yes     5.99
    P2         IV          0   0                  yes     6
    P3         IV          0   0                  yes     0
    P4         IV          0   0                  yes     never
    P5         IV          0   0                  no      1
    P6         IV          0   0                  yes     .
"""


def test_isotretinoin_is_within_the_months_or_never_and_a_blank_is_not_recorded() -> None:
    assert found(ISOTRETINOIN, "isotretinoin") == (2, 4, "Of 4 sessions, 2 were given within 6 months of isotretinoin.")


def test_the_isotretinoin_window_is_a_parameter() -> None:
    assert found(ISOTRETINOIN, "isotretinoin", isotretinoin_months=6.5)[0] == 3
    assert found(ISOTRETINOIN, "isotretinoin", isotretinoin_months=0.5) == (
        1,
        4,
        "Of 4 sessions, 1 was given within 0.5 months of isotretinoin.",
    )


def test_depth_is_judged_on_the_face_only() -> None:
    rows = """
        patient_id area     fitzpatrick day sessions_completed treated depth_mm
        P1         cheeks   IV          0   0                  yes     1.55
        P2         forehead IV          0   0                  yes     1.5
        P3         neck     IV          0   0                  yes     2.5
        P4         face     IV          0   0                  yes     .
        P5         .        IV          0   0                  yes     2.5
    """
    n, of, sentence = found(rows, "deep on the face")
    assert (n, of) == (1, 2)
    assert (
        sentence == "Of 2 sessions, 1 was given deeper than 1.5 mm on the face, for which the cleared device was not evaluated."
    )


def test_a_tip_at_two_visits_is_one_reused_tip() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed tip_code
        P1         IV          0   0                  T1
        P2         IV          0   0                  T1
        P3         IV          0   0                  T1
        P4         IV          0   0                  T2
        P5         IV          0   0                  .
    """
    assert found(rows, "tip reused") == (1, 2, "Of 2 tips, 1 was recorded at more than one visit; tips are single-use.")


def test_a_count_that_does_not_rise_needs_a_treated_visit_and_a_next_one() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed treated
        P1         IV          30  0                  yes
        P1         IV          0   0                  yes
        P1         IV          60  1                  yes
        P2         IV          0   0                  no
        P2         IV          30  0                  .
    """
    assert found(rows, "count did not rise") == (
        1,
        2,
        "After 1 of 2 treated visits, the session count had not increased at the next visit.",
    )


BEFORE = """
    patient_id fitzpatrick day sessions_completed new_pih infection herpes_flare
    P1         IV          0   0                  yes     no        .
    P1         IV          30  1                  yes     yes       yes
    P2         IV          0   0                  no      no        yes
    P3         IV          0   0                  .       .         no
    P4         IV          0   0                  .       .         .
"""


def test_events_before_any_session_are_findings_and_not_events() -> None:
    n, of, sentence = found(BEFORE, EVENT_BEFORE)
    assert (n, of) == (1, 3)
    assert sentence == "At 1 of 3 visits, an adverse event is recorded before any session. It is not counted."


def test_new_pih_at_the_baseline_is_a_finding_and_not_new() -> None:
    n, of, sentence = found(BEFORE, PIH_BEFORE)
    assert (n, of) == (1, 2)
    assert sentence.startswith("At 1 of 2 visits, new PIH is recorded before any session. It was there before treatment")


def test_a_pregnant_man_is_a_finding() -> None:
    rows = """
        patient_id sex    fitzpatrick day sessions_completed pregnant breastfeeding
        P1         male   IV          0   0                  yes      yes
        P2         male   IV          0   0                  no       .
        P3         male   IV          0   0                  .        .
        P4         female IV          0   0                  yes      no
        P5         .      IV          0   0                  yes      no
    """
    assert found(rows, MALE) == (1, 2, "At 1 of 2 visits, a man is recorded as pregnant or breastfeeding.")


def test_an_interval_is_long_above_sixty_days() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed treated
        P1         IV          0   0                  yes
        P1         IV          60  1                  yes
        P1         IV          121 2                  yes
        P1         IV          150 3                  no
        P2         IV          0   0                  yes
    """
    n, of, sentence = found(rows, "long interval")
    assert (n, of) == (1, 2)
    assert sentence == "Of 2 intervals between sessions, 1 was longer than 60 days; four weeks are usual."


def test_a_baseline_is_a_score_of_any_endpoint_before_the_first_session() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed scar_scale scar_score pih_scale pih_score
        P1         IV          0   0                  asas       3          .         .
        P2         IV          0   0                  .          .          pahpi     6
        P3         IV          0   0                  .          .          .         .
        P4         IV          0   1                  asas       2          .         .
    """
    assert found(rows, "no baseline") == (2, 4, "In 2 of 4 courses, no score was taken before the first session.")


SCORED = """
    patient_id fitzpatrick day sessions_completed treated scar_scale scar_score
    P1         IV          0   0                  yes     asas       3
    P1         IV          13  1                  no      asas       3
    P1         IV          14  1                  no      asas       3
    P1         IV          60  1                  no      asas       3
    P1         IV          61  1                  no      asas       3
    P1         IV          65  1                  no      .          .
"""


def test_scores_outside_the_window_are_counted_on_both_sides() -> None:
    assert found(SCORED, "scored too soon") == (
        1,
        4,
        "Of 4 scores, 1 was taken less than 14 days after a session, too soon to count.",
    )
    n, of, sentence = found(SCORED, "scored late")
    assert (n, of) == (1, 4)
    assert sentence == "Of 4 scores, 1 was taken more than 60 days after a session: follow-up, not counted as the score after it."


def test_the_window_is_a_parameter() -> None:
    assert found(SCORED, "scored too soon", window=(20, 30, 40))[:2] == (2, 4)
    assert found(SCORED, "scored late", window=(20, 30, 40))[:2] == (2, 4)


def test_a_score_after_a_session_without_a_day_is_counted_under_that_reason_alone() -> None:
    """One more session at a visit that is not in the records, between day 0 and day 9: no saying how long before."""
    rows = """
        patient_id fitzpatrick day sessions_completed treated scar_scale scar_score
        P1         IV          0   0                  no      asas       3
        P1         IV          9   1                  yes     asas       3
        P1         IV          39  2                  no      asas       3
    """
    n, of, sentence = found(rows, "session without a day")
    assert (n, of) == (1, 2)
    assert sentence == "Of 2 scores, 1 was taken after a session whose day is not recorded, and so not counted."
    assert found(rows, "scored too soon")[:2] == (0, 1)


def ended(unscored: int, of: int) -> outcomes.Records:
    """Courses of one session that were stopped, some of them without a score after it."""
    rows = [
        {"patient_id": f"P{n}", "fitzpatrick": "I", "status": "stopped", "day": day, "sessions_completed": int(day > 0),
         "treated": "no" if day else "yes", "scar_scale": "asas", "scar_score": None if day and n < unscored else 3}
        for n in range(of) for day in (0, 30)
    ]  # fmt: skip
    return outcomes.read_records(pd.DataFrame(rows))


def test_ends_without_a_last_assessment_are_a_finding_above_a_tenth() -> None:
    assert UNSCORED_END not in outcomes.findings(ended(2, 20))["finding"].tolist()
    row = told(ended(3, 20)).loc[UNSCORED_END]
    assert (row["endpoint"], row["n"], row["of"], row["unit"]) == ("scarring", 3, 20, "courses")
    assert row["sentence"] == (
        "Of 20 courses that ended, 3 were not assessed after the last session (acne scarring, 14–60 days after it)."
    )
    assert row["is_to_act_on"]


def test_patients_with_several_courses_are_counted_once() -> None:
    rows = """
        patient_id area fitzpatrick day sessions_completed
        P1         face IV          0   0
        P1         back IV          0   0
        P1         neck IV          0   0
        P2         face IV          0   0
    """
    n, of, sentence = found(rows, "several courses")
    assert (n, of) == (1, 2)
    assert sentence == "Of 2 patients, 1 had more than one course. Courses of one patient are not independent."


def test_unknown_columns_are_named_up_to_twenty() -> None:
    frame = pd.DataFrame({"patient_id": ["P1"], "fitzpatrick": ["I"], "day": [0], "sessions_completed": [0], "colour": ["x"]})
    row = told(outcomes.read_records(frame)).iloc[-1]
    assert (row["n"], row["of"], row["sentence"]) == (1, 5, "Of 5 columns, 1 is not in the contract and was not read: column 5.")
    wide = pd.concat([frame, pd.DataFrame({f"c{n}": [1] for n in range(100)})], axis=1)
    sentence = told(outcomes.read_records(wide)).iloc[-1]["sentence"]
    assert sentence.endswith("column 23, column 24 and 81 more.")


# The sample


@pytest.fixture(scope="module")
def sample(sample_records: outcomes.Records) -> outcomes.Records:
    return sample_records


def test_everything_planted_in_the_sample_is_found(sample: outcomes.Records) -> None:
    page = (Path(__file__).parents[2] / "data" / "sample" / "README.md").read_text(encoding="utf-8")
    assert page.partition("## Planted")[2].count("\n- ") == 8, "another finding was planted: look for it below"
    table = outcomes.findings(sample).set_index("finding")
    impossible = {EVENT_BEFORE, PIH_BEFORE, MALE, "set aside"}
    planted = [*(set(table.index[table["is_to_act_on"]]) - impossible), "no baseline", "long interval", "scored late"]
    assert (table.loc[planted, "n"] > 0).all()
    assert (table["n"] <= table["of"]).all()


def test_the_samples_findings_are_those_counted_by_hand(sample: outcomes.Records) -> None:
    text = pd.read_csv(sample.path)
    treated = text[text["treated"] == "yes"]
    table = outcomes.findings(sample).set_index("finding")
    by_hand = {
        "under age": (treated["age"] < 22).sum(),
        "pregnant": (treated["pregnant"] == "yes").sum(),
        "blood_disorder": (treated["blood_disorder"] == "yes").sum(),
        "isotretinoin": (pd.to_numeric(treated["isotretinoin_months"], errors="coerce") < 6).sum(),
        "tip reused": (text["tip_code"].value_counts() > 1).sum(),
        "several courses": (text.groupby("patient_id")["course_id"].nunique() > 1).sum(),
    }
    assert {name: table.loc[name, "n"] for name in by_hand} == by_hand


def test_completeness_counts_the_rows_that_have_each_column() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed treated scar_scale scar_score
        P1         IV          0   0                  no      asas       0
        P1         IV          30  1                  .       .          .
    """
    table = outcomes.completeness(records(rows)).set_index("column")
    shown = ["patient_id", "treated", "scar_score", "pih_score"]
    assert table.loc[shown, ["n", "of"]].to_numpy().tolist() == [[2, 2], [1, 2], [1, 2], [0, 2]]
    assert len(table) == 43
    assert (table["meaning"] != "").all()
