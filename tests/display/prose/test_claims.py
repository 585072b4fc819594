"""Claims in sentences and tables: every verdict, every kind of number, and no word that says more than the records."""

from __future__ import annotations

import json
import re
from functools import cache
from math import nan
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes import prose, tables
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.notes import Note, NoteCode
from outcomes.measures.claim_rules import CONTRADICTED, SUPPORTED, UNDECIDED
from outcomes.measures.sessions_to_half import HALF, RESPONDERS

FORBIDDEN = re.compile(
    r"\b(approv\w*|safe|safely|prove[nds]?|caused by|significan\w*|efficac\w*|effective\w*|needles?)\b", re.IGNORECASE
)


@cache
def judged() -> pd.DataFrame:
    return outcomes.claims(outcomes.read_records("sample"))


def checked(said: object) -> str:
    """The text with ordinary spaces, after what holds for all of them."""
    text = str(said).replace("\N{NO-BREAK SPACE}", " ")
    assert not re.search(r"\.\.|,,|\(\)|\( ?;| [.,;:)]|\bnan\b|\binf\b|(?<![\w-])-\d", text), text
    assert not re.search(r"(?<!of )\b1 (courses|sessions|patients)\b", text), text
    assert text.count("**") % 2 == 0
    assert not FORBIDDEN.search(text), text
    return text


def told(*verdicts: str) -> str:
    """The answer for outcome claims of these verdicts, each in the words of the sample's fourth row."""
    row = judged().set_index("claim").loc["4b"].to_dict()
    return checked(
        prose.claims(pd.DataFrame([row | {"claim": f"{place}", "verdict": verdict} for place, verdict in enumerate(verdicts)]))
    )


def number(**row: Any) -> str:
    base = {
        "verdict": SUPPORTED,
        "note": (),
        "scale": "goodman_baron_grade",
        "endpoint": "scarring",
        "session": 3,
        "n": 40,
        "began": 60,
    }
    return checked(prose.claim_number(base | row))


# The answer


def test_the_answer_says_what_is_contradicted_and_what_is_small() -> None:
    assert checked(prose.claims(judged())) == (
        "Of the 7 statements that patients hear about the outcome, our records **support 5** and **contradict 1**; **1** is undecided. "
        "Contradicted: “No damage to darker skin (IV–VI)”, because new PIH was recorded in 2 of 99 courses (3.3% of "
        "courses of 4 sessions; 95% CI 0.3–12.3%). “Improves fine lines” is supported, but by only 0.3 grades."
    )


def test_nothing_contradicted_is_not_all_true() -> None:
    assert told(SUPPORTED, UNDECIDED) == (
        "Of the 2 statements that patients hear about the outcome, our records **support 1** and **contradict 0**; **1** is undecided. None is "
        "contradicted, which does not make all of them true."
    )


def test_what_is_not_recorded_is_counted_by_itself() -> None:
    assert "**support 0** and **contradict 0**; **3** cannot be judged, as nothing is recorded. None" in told(*[NOT_RECORDED] * 3)


def test_every_contradicted_claim_is_named() -> None:
    assert told(CONTRADICTED, CONTRADICTED).count("No damage to darker skin") == 2


# The numbers


CHANGE = {"measure": "change", "conf_low": -0.9, "conf_high": -0.3, "estimate": -0.6}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "would have improved by 0.6 grades after 3 sessions (95% CI 0.3–0.9; 40 of 60 courses)"),
        ({"note": (Note(NoteCode.SMALL, 0.5, unit="grades"),)}, "would have improved by 0.6 grades after 3 sessions (95% CI 0.3–0.9; 40 of 60 courses), the whole interval is less than 0.5 grades"),
        ({"conf_high": -0.01}, "would have improved by 0.6 grades after 3 sessions (95% CI <0.1–0.9; 40 of 60 courses)"),
        (
            {"conf_high": 0.2},
            "no clear change after 3 sessions: \N{MINUS SIGN}0.6 grades (95% CI \N{MINUS SIGN}0.9 to +0.2; 40 of 60 courses)",
        ),
        (
            {"conf_low": 0.1, "conf_high": 0.5, "estimate": 0.3, "session": 1},
            "would have worsened by 0.3 grades after 1 session (95% CI 0.1–0.5; 40 of 60 courses)",
        ),
        ({"conf_low": nan, "note": (Note(NoteCode.TOO_FEW_BEGAN, 7),)}, "7 courses began, too few to estimate"),
        ({"conf_low": nan}, "no interval"),
        ({"verdict": NOT_RECORDED}, "not recorded"),
    ],
)  # fmt: skip
def test_a_change_is_told_with_its_interval_and_its_courses(row: dict[str, Any], said: str) -> None:
    assert number(**CHANGE | row) == said


def test_an_improvement_is_not_a_correction() -> None:
    assert number(measure="responders", estimate=84.4, conf_low=70.7, conf_high=91.8, session=6) == (
        "84% would have improved by at least one grade after 6 sessions (95% CI 71–92%; 40 of 60 courses), which is not a correction"
    )


def test_a_group_of_types_is_told_with_its_endpoint() -> None:
    row = {
        "measure": "difference",
        "estimate": 0.3,
        "conf_low": 0.1,
        "conf_high": 0.5,
        "skin_types": "VI",
        "began": nan,
        "kept": 63.4,
    }
    assert number(**row) == (
        "farthest apart: acne scarring in type VI, 0.3 grades less improvement than all others after 3 sessions (95% CI 0.1–0.5; 40 courses; 63% of their improvement)"
    )


def test_none_recorded_has_its_upper_bound() -> None:
    row = {
        "measure": "events per course",
        "event": "new_pih",
        "events": 0,
        "n": 72,
        "estimate": 0,
        "conf_low": 0,
        "conf_high": 4.99,
        "unit": "% of courses",
    }
    assert number(**row) == (
        "new PIH was recorded in none of 72 courses (a rate of up to 5.0% of courses of 3 sessions is compatible with the records)"
    )


@pytest.mark.parametrize(
    ("judge", "words"),
    [
        ("patient", "patients' ratings"),
        ("clinician", "clinicians' ratings"),
        ("not recorded", "ratings by a judge who is not recorded"),
    ],
)
def test_a_judgement_says_whose_it_is(judge: str, words: str) -> None:
    row = {"measure": "improved appearance", "gais_by": judge, "estimate": 60, "conf_low": 51.2, "conf_high": 69, "began": nan}
    assert number(**row) == f"60% of {words} were “improved” or better after 3 sessions (95% CI 51–69%; 40 courses)"


@pytest.mark.parametrize(
    ("events", "words"), [(0, "none of 40 sessions outside guidance"), (2, "2 of 40 sessions outside guidance")]
)
def test_what_was_done_is_a_count(events: int, words: str) -> None:
    assert number(measure="against guidance", events=events) == words


# The sections


def test_sessions_are_told_with_the_range_and_the_rule(sample_records: outcomes.Records) -> None:
    said = checked(prose.sessions_to_half(outcomes.sessions_to_half(sample_records)))
    assert said == (
        "Half of courses would have improved by at least one grade by session **2** (95% CI 1–3). After 6 sessions, **82%** of courses would have "
        "improved by at least one grade, had every patient continued (95% CI 72–89%; 48 courses assessed). Improved is **not corrected**: it does "
        "not mean that scars are gone."
    )


def halves(*sessions: int, half: float = 2.0, **other: Any) -> str:
    """The answer from shares improved after these sessions, and when half would have."""
    usual = {"scale": "goodman_baron_grade", "n": 48, "estimate": 45.0, "conf_low": 33.0, "conf_high": 58.0, "note": ()} | other
    rows = [usual | {"measure": RESPONDERS, "session": session} for session in sessions]
    when = {"measure": HALF, "session": nan, "estimate": half, "conf_low": 2.0, "conf_high": nan}
    return checked(prose.sessions_to_half(pd.DataFrame([*rows, usual | when])))


def test_records_that_reach_no_further_or_never_half_say_so() -> None:
    assert "(95% CI 33–58%; 48 courses assessed); the records reach no further. Improved is" in halves(3)
    assert "reach no further" not in halves(3, 6)
    assert halves(3).startswith(
        "Half of courses would have improved by at least one grade by session **2** (95% CI 2 or later). After 3"
    )
    assert halves(3, half=nan).startswith(
        "Fewer than half of courses would have improved by at least one grade by the last session that can be estimated. After 3 sessions, **45%**"
    )
    assert halves(3, conf_low=nan) == "There were too few courses to tell how many sessions an improvement takes."
    assert halves(3, conf_low=nan, note=(Note(NoteCode.NOT_RECORDED),)) == "Acne scarring is not recorded."


def test_what_was_done_stands_in_the_table_with_its_count_and_the_limits_name_the_grant() -> None:
    row = next(row for row in tables.claims(judged()).rows if "22" in row[0])
    assert row[1] == "not kept"
    assert "32 of 925 sessions outside guidance" in checked(" ".join(row))
    assert "granted a De Novo (DEN160029, 1 March 2018)" in prose.claim_limits(judged())
    unknown = judged()[judged()["verdict"] == "not kept"].assign(verdict=NOT_RECORDED)
    assert [row[1] for row in tables.claims(unknown).rows] == [NOT_RECORDED] * len(unknown)


def test_the_limits_say_that_several_are_judged_and_that_nothing_is_caused() -> None:
    said = checked(prose.claim_limits(judged()))
    assert (
        "There are 7 claims, each judged by itself at 95% without a correction. In up to 35 of 100 clinics, at least one verdict"
        in said
    )
    assert "not that the sessions were the cause**: there is no control group" in said
    assert "claims, each" not in prose.claim_limits(judged().query("claim == '1'"))
    undecided = prose.claim_limits(judged().assign(verdict=UNDECIDED))
    assert undecided.startswith("- The device was granted a De Novo")
    assert undecided.count("\n") == 0


# The tables


def test_the_table_has_the_number_beside_the_verdict_and_carries_every_number() -> None:
    table = tables.claims(judged())
    assert [row[:2] for row in table.rows][:5] == [
        ("1. Improves acne scarring", SUPPORTED),
        ("2. Improves PIH", SUPPORTED),
        ("3. 3 to 6 sessions correct pitted scars", SUPPORTED),
        ("4a. The same improvement in all skin types", "undecided: about 390 more courses needed"),
        ("4b. No damage to darker skin (IV–VI)", CONTRADICTED),
    ]
    text = checked("\n".join(" ".join(row) for row in table.rows))
    assert "supported Would have improved by 0.8 grades after 3 sessions (0.7–0.9; 144 of 231 courses)" in text
    carried = json.loads(json.dumps(table._repr_mimebundle_()[tables.ESTIMATES_MIME]))
    assert [row["verdict"] for row in carried] == judged()["verdict"].tolist()
    assert 'class="words"' in table.html()


def test_what_it_rests_on_says_who_and_what_is_assumed() -> None:
    text = checked("\n".join(" ".join(row) for row in tables.what_claims_rest_on(judged()).rows))
    assert "1. Improves acne scarring supported: the whole 95% CI is improvement" in text
    assert "assessed: 144 of 231 courses that began; attended-session chain; patients who stopped are taken to progress" in text
    assert "21% of courses assessed" in text
    assert "only patients still attending" in text
