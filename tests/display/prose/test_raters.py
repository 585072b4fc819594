"""Blinding and agreement in words: every count, and which result to rely on."""

from __future__ import annotations

from math import nan
from typing import Any

import pandas as pd
import pytest

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
        f"Of 925 scores of acne scarring after a session, **263 (28%) were taken blind**; for 97, not recorded. {MEANS}"
    )


def of_pih(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(endpoint="pih", **({"scale": "pahpi"} if "scale" in frame else {}))


def both(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """One endpoint, and below it another."""
    return pd.concat([one, of_pih(other)], ignore_index=True)


def test_blind_is_explained_once_wherever_it_is_first_spoken_of() -> None:
    second = "Of 10 scores of PIH after a session, **1 (10%) was taken blind**."
    assert plain(prose.blinding(both(counts(263, 565, 97), counts(1, 9, 0)))).endswith(f"{MEANS} {second}")
    assert plain(prose.blinding(both(counts(0, 0, 0), counts(1, 9, 0)))) == (
        f"No score of acne scarring was taken after a session. {second} {MEANS}"
    )
    unknown = plain(prose.blinding(both(counts(0, 0, 8), counts(0, 0, 8))))
    assert unknown.count("how many sessions had been given") == 1
    assert unknown.endswith("For scores of PIH it is **not recorded** whether they were taken blind.")


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
        "From blind scores alone, acne scarring would have improved by **0.8 grades** after 3 sessions (95% CI 0.5–1.1; 48 courses assessed); "
        "from all scores, by 0.9."
    )
    assert plain(prose.blind_headline(compared(every=nan))).endswith("48 courses assessed).")


def test_a_result_that_is_apart_says_which_to_rely_on() -> None:
    far = plain(prose.blind_headline(compared((Note(NoteCode.BLIND_FAR, 0.5, unit="grades"),), every=-1.4)))
    assert far.endswith(
        "; from all scores, by 1.4, more than 0.5 grades away: **scores that were not taken blind look better**. Rely on the blind scores, "
        "and have more scores taken blind."
    )
    outside = plain(prose.blind_headline(compared((Note(NoteCode.BLIND_OUTSIDE),), every=-0.4)))
    assert "; from all scores, by 0.4, outside this interval: **scores that were not taken blind look worse**." in outside


@pytest.mark.parametrize(
    ("blind", "every", "said"),
    [
        ((-0.1, -0.4, 0.2), -0.9, "there would have been **no clear change** in acne scarring after 3 sessions (-0.1 grades; 95% CI -0.4 to +0.2; 48 courses assessed); from all scores, it would have improved by 0.9."),
        ((-0.1, -0.4, 0.2), -0.05, "48 courses assessed); from all scores, none either (-0.05)."),
        ((-0.8, -1.1, -0.5), -0.05, "48 courses assessed); from all scores, there would have been no clear change (-0.05)."),
        ((0.3, 0.1, 0.5), -0.9, "acne scarring would have worsened by **0.3 grades** after 3 sessions (95% CI 0.1–0.5; 48 courses assessed); from all scores, it would have improved by 0.9."),
        ((0.3, 0.1, 0.5), 0.4, "; from all scores, by 0.4."),
        ((-0.8, -1.1, -0.5), 0.4, "; from all scores, it would have worsened by 0.4."),
        ((-1.0, nan, nan), -0.9, "acne scarring would have changed by **-1.0 grades** after 3 sessions (no interval; 48 courses assessed); from all scores, it would have improved by 0.9."),
    ],
)  # fmt: skip
def test_a_result_without_clear_change_or_for_the_worse_is_named_so(
    blind: tuple[float, float, float], every: float, said: str
) -> None:
    numbers = dict(zip(("estimate", "conf_low", "conf_high"), blind, strict=True))
    assert plain(prose.blind_headline(compared(every=every, **numbers))).endswith(said)


def test_blind_scores_of_a_second_endpoint_go_on_only_from_a_result_of_the_first() -> None:
    few = compared(n=14, estimate=nan, conf_low=nan, conf_high=nan)
    pih = "PIH would have improved by **0.8 points** after 3 sessions (95% CI 0.5–1.1; 48 courses assessed); from all scores, by 0.9."
    assert plain(prose.blind_headline(both(compared(), compared()))).endswith(f"by 0.9. {pih}")
    assert plain(prose.blind_headline(both(few, compared()))).endswith(f"alone. From blind scores alone, {pih}")
    assert plain(prose.blind_headline(both(few, few))) == (
        "After 3 sessions, 14 courses have a blind score of acne scarring; 15 are needed for a result from blind scores alone. "
        "After 3 sessions, 14 courses have a blind score of PIH."
    )


def test_too_few_blind_scores_are_counted() -> None:
    for n, have in ((0, "no course has"), (1, "1 course has"), (14, "14 courses have")):
        assert plain(prose.blind_headline(compared(n=n, estimate=nan, conf_low=nan, conf_high=nan))) == (
            f"After 3 sessions, {have} a blind score of acne scarring; 15 are needed for a result from blind scores alone."
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


def test_agreement_of_several_endpoints_is_explained_once_and_those_never_rated_twice_are_named_together() -> None:
    none, few = agreed(nan, 0, note=(Note(NoteCode.TOO_FEW_PAIRS, 0),)), agreed(nan, 3, note=(Note(NoteCode.TOO_FEW_PAIRS, 3),))
    assert plain(prose.agreement(both(agreed(), agreed()))).endswith(
        "The mean of their scores is analysed. Two assessors scored PIH at the same visit 42 times, with equal scores in 63%. Their agreement was "
        "**0.71** (weighted kappa; 95% CI 0.55–0.82)."
    )
    assert plain(prose.agreement(both(few, agreed()))).endswith(
        "(weighted kappa; 95% CI 0.55–0.82): 1 would be full agreement, 0 no more than by chance."
    )
    assert plain(prose.agreement(both(none, none))) == (
        "No visit was assessed for acne scarring or PIH by two assessors, so it is not known how well they agree."
    )
    assert plain(prose.agreement(both(none, agreed()))).endswith(
        "The mean of their scores is analysed. No visit was assessed for acne scarring by two assessors, so it is not known how well they agree."
    )


def test_the_paragraphs_follow_each_other_and_the_table_has_every_number() -> None:
    said = prose.raters(counts(263, 565, 97), compared(), agreed())
    assert said.count("\n\n") == 2
    assert prose.raters(counts(0, 0, 0), compared().iloc[:0], agreed()).count("\n\n") == 1
    table = tables.raters(counts(263, 565, 97), compared(), agreed())
    assert [tuple(map(plain, row)) for row in table.rows] == [
        ("Acne scarring: scores after a session, taken blind", "263 of 925", "28%", ""),
        ("Acne scarring: scores after a session, not taken blind", "565 of 925", "61%", ""),
        ("Acne scarring: scores after a session, not recorded whether blind", "97 of 925", "10%", ""),
        ("Acne scarring: change after 3 sessions, all scores", "141 courses", "-0.9 grades", "-1.0 to -0.8"),
        ("Acne scarring: change after 3 sessions, blind scores alone", "48 courses", "-0.8 grades", "-1.1 to -0.5"),
        ("Acne scarring: two assessors: the same score", "42 pairs of scores", "63%", ""),
        ("Acne scarring: two assessors: weighted kappa", "42 pairs of scores", "0.71", "0.55–0.82"),
        ("Acne scarring: two assessors: intraclass correlation, before the first session", "0 pairs of scores", "", ""),
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
