"""Blinding and agreement in words: every count, and which result to rely on."""

from __future__ import annotations

from math import nan
from typing import Any

import pandas as pd

import outcomes
from outcomes import prose, tables
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.measures.blinding import BLIND
from outcomes.measures.raters import ICC, KAPPA, SAME

NB, M = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def counts(yes: int, no: int, blank: int) -> pd.DataFrame:
    of = yes + no + blank
    rows = {"yes": yes, "no": no, "not recorded": blank}
    return pd.DataFrame(
        [
            {"endpoint": "scarring", "blinded": name, "n": n, "of": of, "percent": 100 * n / of if of else nan}
            for name, n in rows.items()
        ]
    )


def compared(note: Notes = (), *, every: float = -0.9, n: int = 48, **blind: Any) -> pd.DataFrame:
    same = {"endpoint": "scarring", "scale": "goodman_baron_grade", "measure": "change", "session": 3, "unit": "grades"}
    of_all = {"estimand": "continued", "n": 141, "estimate": every, "conf_low": every - 0.1, "conf_high": every + 0.1, "note": ()}
    own = {"estimand": BLIND, "n": n, "estimate": -0.8, "conf_low": -1.1, "conf_high": -0.5, "note": note}
    return pd.DataFrame([same | of_all, same | own | blind])


def agreed(estimate: float = 0.712, n: int = 42, *, measure: str = KAPPA, note: Notes = (), **other: Any) -> pd.DataFrame:
    same = {"endpoint": "scarring", "scale": "goodman_baron_grade", "n": n, "note": note, "conf_low": nan, "conf_high": nan}
    rows = [
        same | {"measure": SAME, "session": nan, "estimate": 63.4 if n >= 5 else nan, "unit": "%"},
        same
        | {"measure": measure, "session": nan, "estimate": estimate, "conf_low": 0.55, "conf_high": 0.823, "unit": "kappa"}
        | other,
        same | {"measure": ICC, "session": 0, "n": 0, "estimate": nan, "unit": "ICC"},
    ]
    return pd.DataFrame(rows)


def plain(said: str) -> str:
    return str(said).replace(NB, " ").replace(M, "-")


MEANS = "Blind means that the assessor did not know how many sessions had been given."


def test_the_share_scored_blind_is_a_count_of_all_with_its_percent() -> None:
    assert plain(prose.blinding(counts(263, 565, 97))) == (
        f"Of 925 scores of acne scarring after a session, **263 (28%) were taken blind**. {MEANS} For 97 it is not recorded."
    )


def test_none_one_and_nothing_recorded_have_their_own_words() -> None:
    said = [
        plain(prose.blinding(of)) for of in (counts(0, 40, 0), counts(1, 9, 0), counts(1, 0, 0), counts(0, 0, 8), counts(0, 0, 0))
    ]
    assert said == [
        f"Of 40 scores of acne scarring after a session, **none was taken blind**. {MEANS}",
        f"Of 10 scores of acne scarring after a session, **1 (10%) was taken blind**. {MEANS}",
        f"The 1 score of acne scarring after a session was taken blind. {MEANS}",
        "For scores of acne scarring it is **not recorded** whether they were taken blind, that is, whether the assessor knew how many sessions "
        "had been given.",
        "No score of acne scarring was taken after a session.",
    ]


def test_the_result_of_blind_scores_stands_beside_that_of_all() -> None:
    assert plain(prose.blind_headline(compared())) == (
        "After 3 sessions, from blind scores alone, acne scarring would have improved by **0.8 grades** on average, had every patient continued "
        "(95% CI 0.5–1.1; 48 courses assessed). A score before the first session counts whoever took it. "
        "From all scores, the change would have been -0.9 grades."
    )


def test_a_result_that_is_apart_says_which_to_rely_on() -> None:
    far = plain(prose.blind_headline(compared((Note(NoteCode.BLIND_FAR, 0.5, unit="grades"),), every=-1.4)))
    assert far.endswith(
        "From all scores, the change would have been -1.4 grades, more than 0.5 grades away: **scores that were not taken blind look better**. "
        "Rely on the blind scores, and have more scores taken blind."
    )
    outside = plain(prose.blind_headline(compared((Note(NoteCode.BLIND_OUTSIDE),), every=-0.4)))
    assert (
        "From all scores, the change would have been -0.4 grades, outside this interval: **scores that were not taken blind look worse**."
        in outside
    )


def test_a_result_without_clear_change_or_for_the_worse_is_named_so() -> None:
    assert (
        "there would have been **no clear change** in acne scarring, had every patient continued (-0.1 grades; 95% CI -0.4 to +0.2;"
        in plain(prose.blind_headline(compared(estimate=-0.1, conf_low=-0.4, conf_high=0.2)))
    )
    assert "would have worsened by **0.3 grades**" in plain(
        prose.blind_headline(compared(estimate=0.3, conf_low=0.1, conf_high=0.5))
    )


def test_too_few_blind_scores_are_counted() -> None:
    for n, have in ((0, "no course has"), (1, "1 course has"), (14, "14 courses have")):
        assert plain(prose.blind_headline(compared(n=n, estimate=nan, conf_low=nan, conf_high=nan))) == (
            f"After 3 sessions, {have} a blind score; 15 are needed for a result from blind scores alone."
        )


def test_agreement_says_what_one_and_nought_would_be() -> None:
    assert plain(prose.agreement(agreed())) == (
        "Two assessors scored acne scarring at the same visit 42 times, with equal scores in 63%. Their agreement was **0.71** "
        "(weighted kappa; 95% CI 0.55–0.82): 1 would be full agreement, 0 no more than by chance. The mean of their scores is "
        "analysed."
    )
    points = plain(prose.agreement(agreed(-0.004, measure=ICC, conf_low=nan, conf_high=nan)))
    assert "**0.00** (intraclass correlation): 1 would be" in points


def test_agreement_that_can_not_be_told_is_not_given() -> None:
    assert plain(prose.agreement(agreed(nan, 0, note=(Note(NoteCode.TOO_FEW_PAIRS, 0),)))) == (
        "No visit was assessed for acne scarring by two assessors, so it is not known how well they agree."
    )
    few = plain(prose.agreement(agreed(nan, 1, note=(Note(NoteCode.TOO_FEW_PAIRS, 1),))))
    assert few.startswith("Two assessors scored acne scarring at the same visit once: too few to tell how well they agree.")
    alike = plain(prose.agreement(agreed(nan, 6, note=(Note(NoteCode.SAME_SCORES),))))
    assert "at the same visit 6 times: always with equal scores." in alike


def test_the_paragraphs_follow_each_other_and_the_table_has_every_number() -> None:
    said = prose.raters(counts(263, 565, 97), compared(), agreed())
    assert said.count("\n\n") == 2
    assert prose.raters(counts(0, 0, 0), compared().iloc[:0], agreed()).count("\n\n") == 1
    table = tables.raters(counts(263, 565, 97), compared(), agreed())
    assert [tuple(map(plain, row)) for row in table.rows] == [
        ("scores after a session, taken blind", "263 of 925", "28%", ""),
        ("scores after a session, not taken blind", "565 of 925", "61%", ""),
        ("scores after a session, not recorded whether blind", "97 of 925", "10%", ""),
        ("change after 3 sessions, all scores", "141 courses", "-0.9 grades", "-1.0 to -0.8"),
        ("change after 3 sessions, blind scores alone", "48 courses", "-0.8 grades", "-1.1 to -0.5"),
        ("two assessors: the same score", "42 pairs of scores", "63%", ""),
        ("two assessors: weighted kappa", "42 pairs of scores", "0.71", "0.55–0.82"),
        ("two assessors: intraclass correlation, before the first session", "0 pairs of scores", "", ""),
    ]
    assert table.estimates is not None
    assert len(table.estimates) == 5


def test_rows_of_several_assessors_are_said_to_be_fewer_visits() -> None:
    visits = {
        "patient_id": "P1x",
        "fitzpatrick": "IV",
        "day": "0",
        "sessions_completed": "0",
        "scar_scale": "asas",
        "scar_score": "2",
    }
    records = outcomes.read_records(pd.DataFrame([visits | {"assessor_id": name} for name in ("A1", "A2")]))
    assert (
        "The **2 rows** in the frame make **1 course** of **1 patient**. The rows are of 1 visit: a visit that several assessors scored, each "
        "on a row, counts once." in prose.who_is_in(records)
    )
