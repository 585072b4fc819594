"""Change had every patient continued, skin types and further sessions in sentences: every builder at its edges."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import inf, nan
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes import figures, prose, tables
from outcomes.definitions.columns import NOT_RECORDED as NO_STATUS
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES

M = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
FORBIDDEN = re.compile(r"\b(approv\w*|safe|safely|prove[nds]?|caused by|significan\w*|efficac\w*|effective\w*)\b", re.IGNORECASE)


def checked(said: prose.Prose) -> str:
    """The text with ordinary spaces, after what holds for all of them: whole sentences, real numbers, no word that promises."""
    text = str(said).replace("\N{NO-BREAK SPACE}", " ")
    assert isinstance(said, prose.Prose)
    assert all(paragraph.endswith(".") for paragraph in text.split("\n\n"))
    assert not re.search(r"  |\.\.|,,|\( |\(\)|\( ?;| [.,;:)]|: \.|\n\n\n", text), text
    assert not re.search(r"\bnan\b|\bNone\b(?!\*\* would)|\binf\b|(?<![\w-])-\d", text), text
    assert not re.search(r"\b1 (courses|sessions|patients)\b|\b(?!1\b)\d+ (course|session)\b(?! \d)", text), text
    assert text.count("**") % 2 == 0
    assert not FORBIDDEN.search(text), text
    return text


def row(**other: Any) -> dict[str, Any]:
    usual = {
        "endpoint": "scarring", "scale": "goodman_baron_grade", "measure": "change", "estimand": "continued", "session": 3, "n": 141,
        "estimate": -0.9, "conf_low": -1.04, "conf_high": -0.81, "unit": "grades", "note": (),
    }  # fmt: skip
    return usual | other


def at_headline(responders: dict[str, Any] | None = None, **change: Any) -> pd.DataFrame:
    endpoint = {name: change[name] for name in ("endpoint", "scale", "session") if name in change}
    usual = {"measure": "responders", "estimate": 73.9, "conf_low": 66.1, "conf_high": 80.6}
    return pd.DataFrame([row(**change), row(**{**usual, **endpoint, **(responders or {})})])


PIH: dict[str, Any] = {"endpoint": "pih", "scale": "pahpi"}
UNKNOWN = {"estimate": nan, "conf_low": nan, "conf_high": nan}


# The headline


def headline(*of: Any, **change: Any) -> str:
    return checked(prose.headline(at_headline(*of, **change)))


def test_the_headline_is_a_fall_and_a_share_with_their_intervals() -> None:
    assert headline() == (
        "**Acne scarring** was 0.9 grades lower than before treatment after 3 sessions, had every patient continued (95 % interval 0.8 to 1.0; "
        "141 courses scored then). **7 in 10** would have responded (66 to 81 %): down by at least one grade."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"estimate": 0.5, "conf_low": 0.2, "conf_high": 0.8}, "was 0.5 grades higher than before treatment after 3 sessions"),
        ({"conf_low": -2.0, "conf_high": 0.2}, f"had not clearly changed ({M}0.9 grades) after 3 sessions, had every patient continued (95 % interval {M}2.0 to +0.2;"),
        ({"conf_high": 0.0}, "had not clearly changed"),
        ({"estimate": -0.03, "conf_low": -0.04, "conf_high": -0.02}, "was less than 0.1 grades lower"),
        ({"session": 1, "n": 6}, "after 1 session, had every patient continued (95 % interval 0.8 to 1.0; 6 courses scored then)"),
        ({"conf_low": nan, "conf_high": nan, "n": 50}, f"changed by {M}0.9 grades after 3 sessions, had every patient continued (50 courses scored then, all alike: no interval)."),
    ],
)  # fmt: skip
def test_the_headline_says_what_its_interval_allows(change: dict[str, Any], said: str) -> None:
    assert said in headline(**change)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_too_few_courses_say_nothing(n: int) -> None:
    assert headline(UNKNOWN, n=n, **UNKNOWN) == f"**Acne scarring**: too few courses ({n}) to say."


def test_many_courses_that_nothing_can_be_estimated_from_say_why() -> None:
    said = headline(n=50, note=(Note(NoteCode.FEW_LIKE_LEAVERS),), **UNKNOWN)
    assert said == "**Acne scarring**: cannot be estimated: too few were like those who left."


def test_a_check_that_disagrees_is_said_with_a_real_minus() -> None:
    few = Note(NoteCode.PERCENT_SCORED, 44)
    note = (few, Note(NoteCode.CHECK_OUTSIDE, -0.6, names=("MMRM, unstructured",)))
    assert f"then). The check disagrees: MMRM, unstructured gives {M}0.6, outside this interval. **7 in 10**" in headline(
        note=note
    )
    assert "check" not in headline(note=(few,))


@pytest.mark.parametrize(
    ("responders", "said"),
    [
        (UNKNOWN, "How many would have responded can't be told."),
        (
            {"estimate": 100, "conf_low": nan, "conf_high": nan},
            "**All** would have responded (no interval): down by at least one grade.",
        ),
        ({"estimate": 0, "conf_low": nan, "conf_high": nan}, "**None** would have responded (no interval)"),
        ({"estimate": 9, "conf_low": 3.4, "conf_high": 14.6}, "**1 in 10** would have responded (3 to 15 %)"),
    ],
)
def test_the_share_is_said_in_whole_percents_or_why_there_is_none(responders: dict[str, Any], said: str) -> None:
    assert said in headline(responders)


def test_endpoints_are_paragraphs_and_none_is_said() -> None:
    two = pd.concat([at_headline(), at_headline(session=1, **PIH)])
    assert [text.split("**")[1] for text in checked(prose.headline(two)).split("\n\n")] == ["Acne scarring", "PIH"]
    assert checked(prose.headline(two[:0])) == "Too few courses were scored after a session to say."
    only_change = checked(prose.headline(at_headline()[:1]))
    assert only_change.endswith("How many would have responded can't be told.")


# What was assumed, and what would overturn it


def test_the_assumption_is_whole_sentences() -> None:
    assert checked(prose.why_continued()).count(". ") == 2


def band(tilted: dict[str, Any] | None = None, **counts: Any) -> pd.DataFrame:
    """Rows of `outcomes.tilt_sensitivity`: as it is, and tilted."""
    of = {"ended": 100, "unscored": 30, "stopped": 40, "stopped_unscored": 20} | counts
    usual = {"estimate": -1.2, "conf_low": -1.4, "conf_high": -1.0}
    return pd.DataFrame([row(**of), row(**usual | (tilted or {}), **of)])


def test_the_unrecorded_last_result_is_counted_with_what_would_follow() -> None:
    assert checked(prose.tilt_sensitivity(band())) == (
        "**30 of 100 courses** that ended (30 %) were not assessed for acne scarring after the last session. If those who stopped went by how "
        "their skin looked where nobody wrote it down, just as patients did where somebody did, the change after 3 sessions would be "
        f"**{M}1.2 grades** (95 % interval {M}1.4 to {M}1.0) in place of {M}0.9. Nothing in the records can tell which is nearer to the truth."
    )
    alike = checked(prose.tilt_sensitivity(band({"estimate": -0.91, "conf_low": -1.0, "conf_high": -0.8}, unscored=1)))
    assert alike.startswith("**1 of 100 courses** that ended (1 %) was not assessed")
    assert alike.endswith(f"would be much the same: **{M}0.9 grades** (95 % interval {M}1.0 to {M}0.8).")


@pytest.mark.parametrize(
    ("tilted", "counts", "said"),
    [
        (
            {},
            {"unscored": 0, "stopped_unscored": 0},
            "Every course that ended was assessed for acne scarring after its last session.",
        ),
        ({}, {"stopped_unscored": 0}, "They had all gone on to the end of their plan, so this tells nothing of who stops."),
        (
            {**UNKNOWN, "note": (Note(NoteCode.TOO_FEW_STOPPED, 4),)},
            {},
            "What that could change cannot be told: 4 stopped, too few to say.",
        ),
    ],
)
def test_a_last_result_that_changes_nothing_says_why(tilted: dict[str, Any], counts: dict[str, Any], said: str) -> None:
    assert checked(prose.tilt_sensitivity(band(tilted, **counts))).endswith(said)


def test_without_an_estimate_the_unrecorded_last_result_is_still_counted() -> None:
    unknown = band().assign(**UNKNOWN)
    assert checked(prose.tilt_sensitivity(unknown)).endswith("Too few courses were assessed to say what that could change.")
    assert checked(prose.tilt_sensitivity(band()[:0])) == "No course was scored after a session."


def delta(**other: Any) -> pd.DataFrame:
    return pd.DataFrame(
        [
            row(
                measure="delta",
                **{"estimate": 2.0, "conf_low": nan, "conf_high": nan, "note": (Note(NoteCode.UNSEEN, 39),), **other},
            )
        ]
    )


def test_the_delta_that_overturns_is_said_with_the_share_unseen() -> None:
    assert checked(prose.tipping_point(delta(), 3)) == (
        "To overturn this improvement, patients not assessed after 3 sessions would have to score **2.0 grades worse** on average "
        "than patients with the same scores who were (39 % were not)."
    )
    assert checked(prose.tipping_point(delta(estimate=-0.5), 3)).startswith(
        "To overturn this worsening, patients not assessed after 3 sessions would have to score **0.5 grades better** on average"
    )
    assert "**less than 0.1 grades worse**" in checked(prose.tipping_point(delta(estimate=0.02), 3))


@pytest.mark.parametrize(("estimate", "impossible"), [(2.9, False), (3.0, False), (3.1, True), (44.0, True)])
def test_a_delta_beyond_the_scale_is_named_impossible(estimate: float, impossible: bool) -> None:
    assert (
        "who were, which is more than the scale holds (" in checked(prose.tipping_point(delta(estimate=estimate), 3))
    ) is impossible


def test_nothing_to_overturn_says_why() -> None:
    included = delta(estimate=nan, note=(Note(NoteCode.HOLDS_NO_CHANGE),), session=1)
    assert checked(prose.tipping_point(included, 1)) == (
        "No conclusion to overturn after 1 session: the interval includes no change already."
    )
    missing = "No conclusion to overturn after 9 sessions: too few courses were scored then."
    assert checked(prose.tipping_point(delta(), 9)) == checked(prose.tipping_point(delta()[:0], 9)) == missing


# Further sessions


def gain(**other: Any) -> pd.DataFrame:
    return pd.DataFrame([row(measure="gain of this session", **{"session": 4, "since": 3, "n": 101, **other})])


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({}, "**0.9 grades lower still** with session 4, had every patient continued (95 % interval 0.8 to 1.0; 101 courses scored then)."),
        ({"estimate": -0.03, "conf_low": -0.04, "conf_high": -0.01}, "**less than 0.1 grades lower still**"),
        ({"conf_high": 0.1}, "**no clear further change** with session 4"),
        ({"estimate": 0.5, "conf_low": 0.2, "conf_high": 0.8}, "**0.5 grades higher again** with session 4"),
        ({"conf_low": nan, "conf_high": nan}, f"{M}0.9 grades with session 4, had every patient continued (101 courses scored then, all alike: no interval)."),
        ({"n": 4, **UNKNOWN}, "too few courses were assessed after session 4 to say what it adds."),
        ({"n": 1, **UNKNOWN}, "too few courses were assessed after session 4 to say what it adds."),
        ({"session": 6}, "**0.9 grades lower still** with sessions 4 to 6 together, had every patient continued"),
        ({"since": 2}, "too few courses were assessed after session 4 to say what it adds."),
    ],
)  # fmt: skip
def test_a_further_session_is_said_as_its_interval_allows(of: dict[str, Any], said: str) -> None:
    text = checked(prose.gain_by_session(gain(**of), at_headline()))
    assert text.startswith("Acne scarring: ")
    assert said in text


def test_an_endpoint_without_gains_is_not_left_out() -> None:
    two = pd.concat([at_headline(), at_headline(**PIH)])
    said = checked(prose.gain_by_session(gain(), two)).split("\n\n")
    assert said[1] == "PIH: too few courses were assessed after session 4 to say what it adds."
    assert checked(prose.gain_by_session(gain()[:0], two[:0])) == "Too few courses were scored after a session to say."


def responded(least: float, most: float) -> pd.DataFrame:
    pairs = (("least", least), ("most", most))
    return pd.DataFrame([row(measure=f"responded by, at {end}", estimate=share) for end, share in pairs])


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (61.1, 71.6, "**Between 61 and 72 %** had responded by session 3, and still had at the next score: 61 of 100 if nobody who stopped early would have responded later, 72 if they are like those who stayed."),
        (3.4, 5.2, "**Between 3 and 5 %** had responded by session 3, and still had at the next score: 3 of 100 if"),
        (61.1, 61.4, "**61 %** had responded by session 3, and still had at the next score, whatever became of those who stopped early."),
        (0.0, 0.0, "**0 %** had responded by session 3, and still had at the next score, whatever"),
        (100.0, 100.0, "**100 %** had responded by session 3, and still had at the next score, whatever"),
        (nan, 5, "Too few courses to say how many sessions a response takes."),
        (5, nan, "Too few courses to say how many sessions a response takes."),
    ],
)  # fmt: skip
def test_responses_are_a_range_in_whole_percents(least: float, most: float, said: str) -> None:
    assert checked(prose.response_by_session(responded(least, most), 3)).startswith(said)


def test_a_session_or_an_end_that_is_missing_is_too_few() -> None:
    few = "Too few courses to say how many sessions a response takes."
    both = responded(61, 72)
    assert [checked(prose.response_by_session(of, k)) for of, k in ((both, 9), (both[:1], 3), (both[:0], 3))] == [few] * 3


# Who stops


def odds(low: float, estimate: float, high: float, **other: Any) -> pd.DataFrame:
    of = {"unit": "odds ratio per grade", "n": 73, "estimate": estimate, "conf_low": low, "conf_high": high, **other}
    return pd.DataFrame([row(session=nan, **of)])


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ((2.2, 3.4, 5.1), "Patients who had improved by one grade had **3.4 times the odds of not coming back** (2.2 to 5.1; 73 courses stopped): the satisfied leave."),
        ((0.2, 0.5, 0.8), "Patients who had improved by one grade had only **0.5 times the odds of not coming back** (0.2 to 0.8; 73 courses stopped): the disappointed leave."),
        ((0.5, 1.4, 3.7), "Whether those who improve are the ones who leave is **not clear**: 1.4 times the odds of not coming back for one grade of improvement (0.5 to 3.7; 73 courses stopped)."),
        ((1.02, 1.6, 2.4), "(1.02 to 2.4; 73 courses stopped): the satisfied"),
        ((0.5, 0.7, 0.98), "(0.5 to 0.98; 73 courses stopped): the disappointed"),
        ((0.001, 0.04, 0.3), "only **0.04 times the odds of not coming back** (less than 0.01 to 0.3;"),
        ((2.0, 40.0, 1e9), "**40 times the odds of not coming back** (2.0 to more than 1,000;"),
        ((2.0, 40.0, inf), "(2.0 to more than 1,000;"),
        ((0.0, 1.0, 2.0), "is **not clear**: 1.00 times the odds"),
    ],
)  # fmt: skip
def test_who_stops_is_said_by_where_the_interval_lies(of: tuple[float, float, float], said: str) -> None:
    assert said in checked(prose.odds_of_stopping(odds(*of)))


@pytest.mark.parametrize(
    ("scale", "step"),
    [("asas", "one grade"), ("ten", "one point"), ("pahpi", "1.6 points"), ("goodman_baron_score", "8.4 points")],
)
def test_the_step_of_improvement_is_counted(scale: str, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCALES, "ten", replace(SCALES["pahpi"], low=0, high=10))
    assert f"had improved by {step} had" in checked(prose.odds_of_stopping(odds(2, 3, 4, scale=scale)))


def test_too_few_who_stopped_say_why() -> None:
    few = odds(nan, nan, nan, note=(Note(NoteCode.TOO_FEW_STOPPED, 1),))
    assert checked(prose.odds_of_stopping(few)) == "Who stops can't be told: 1 stopped, too few to say."
    assert checked(prose.odds_of_stopping(few[:0])) == "Who stops can't be told: nobody was scored again."


# Real tallies at their edges

EDGES: dict[str, tuple[list[list[float]], Any]] = {
    "one course": ([[3, 2]], "II"),
    "one course never scored again": ([[3, nan]], "II"),
    "nobody scored again": ([[3]] * 30, "II"),
    "all alike": ([[3, 2, 2]] * 40, ["I"] * 20 + ["V"] * 20),
    "all at the best score": ([[1, 1, 1]] * 40, ["I"] * 20 + ["V"] * 20),
    "worse": ([[1, 2, 3], [2, 2, 3], [1, 1, 2], [2, 3, 4]] * 10, ["I", "II", "V", "VI"] * 10),
    "nobody left for a second session": ([[3, 2, nan], [3, 3, nan], [4, 2, nan]] * 10, "II"),
    "few left": ([[3, 2, 2], *[[3, 2, nan], [4, 4, nan]] * 10], "IV"),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_report_of_an_odd_clinic_is_whole(name: str, tally_of: Callable[..., outcomes.Tally], edges: Any) -> None:
    scores, skin_type = EDGES[name]
    tally = tally_of(scores, skin_type, NO_STATUS)
    session, head = outcomes.headline_session(tally), outcomes.headline([tally])
    gains, tilted = outcomes.gain_by_session(tally), outcomes.tilt_sensitivity(tally)
    compared, responded, delta = (
        outcomes.skin_type_differences(tally),
        outcomes.response_by_session(tally),
        outcomes.tipping_point(tally),
    )
    by_group, everyone = outcomes.continued_by_session(tally, by="skin_types"), outcomes.continued_by_session(tally)
    for said in (
        prose.headline(head), prose.tilt_sensitivity(tilted), prose.tipping_point(delta, session), prose.skin_type_differences(compared),
        prose.skin_type_numbers(outcomes.skin_type_counts(tally)), prose.gain_by_session(gains, head),
        prose.response_by_session(responded, session), prose.odds_of_stopping(outcomes.odds_of_stopping(tally)),
    ):  # fmt: skip
        checked(said)
    for figure in (
        figures.change_by_session(everyone), figures.change_of_groups(by_group, everyone), figures.skin_type_differences(compared),
        figures.response_by_session(responded, session), figures.gain_by_session(gains, session),
    ):  # fmt: skip
        assert not re.search(r"nan\b|  |\.\.|: [.;]", figure.said), figure.said
    assert edges.over() == []
    assert edges.overlapping() == []
    for frame in (head, delta, compared, responded, gains, everyone):
        assert "nan" not in repr(tables.numbers(frame))


def test_a_note_in_a_table_has_a_real_minus() -> None:
    shown = tables.numbers(
        pd.DataFrame([row(note=(Note(NoteCode.CHECK_OUTSIDE, -0.6, names=("MMRM of I-II",)),), method="chain")])
    )
    assert shown.rows[0][-1] == f"MMRM of I-II gives {M}0.6, outside this interval"
