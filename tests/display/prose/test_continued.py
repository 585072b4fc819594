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
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.display.words import nth_session

M = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
FORBIDDEN = re.compile(r"\b(approv\w*|safe|safely|prove[nds]?|caused by|significan\w*|efficac\w*|effective\w*)\b", re.IGNORECASE)


def checked(said: prose.Prose) -> str:
    """The text with ordinary spaces, after what holds for all of them: whole sentences, real numbers, no word that promises."""
    text = str(said).replace("\N{NO-BREAK SPACE}", " ")
    assert isinstance(said, prose.Prose)
    assert all(paragraph.endswith(".") for paragraph in text.split("\n\n"))
    assert not re.search(r"  |\.\.|,,|\( |\(\)|\( ?;| [.,;:)]|: \.|\n\n\n", text), text
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|(?<![\w-])-\d", text), text
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


def test_the_headline_is_an_improvement_and_a_share_with_their_intervals() -> None:
    assert headline() == (
        "After 3 sessions, **acne scarring** would have improved by **0.9 grades** on average, had every patient continued (95% CI 0.8–1.0; "
        "141 courses assessed). After 3 sessions, **74%** of courses would have improved by at least one grade (95% CI 66–81%)."
    )


def test_the_average_before_treatment_stands_beside_the_change() -> None:
    assert "**0.9 grades** on average, from 3.1 to about 2.2 (scale 1 to 4), had every patient continued" in headline(
        baseline=3.1
    )
    higher = replace(SCALES["goodman_baron_grade"], name="turned", higher_is_better=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCALES, "turned", higher)
        assert "from 1.9 to about 2.8 (scale 1 to 4)" in headline(baseline=1.9, scale="turned")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"estimate": 0.5, "conf_low": 0.2, "conf_high": 0.8}, "would have worsened by **0.5 grades** on average, had every patient continued"),
        ({"conf_low": -2.0, "conf_high": 0.2}, f"After 3 sessions, there would have been **no clear change** in **acne scarring**, had every patient continued ({M}0.9 grades; 95% CI {M}2.0 to +0.2; 141 courses assessed)."),
        ({"conf_high": 0.0}, "**no clear change**"),
        ({"estimate": -0.03, "conf_low": -0.04, "conf_high": -0.02}, "would have improved by **0.03 grades** on average, had every patient continued (95% CI 0.02–0.04;"),
        ({"session": 1, "n": 6}, "After 1 session, **acne scarring** would have improved by **0.9 grades** on average, had every patient continued (95% CI 0.8–1.0; 6 courses assessed)."),
        ({"conf_low": nan, "conf_high": nan, "n": 50}, f"would have changed by **{M}0.9 grades** on average, had every patient continued (50 courses assessed, all alike: no interval)."),
    ],
)  # fmt: skip
def test_the_headline_says_what_its_interval_allows(change: dict[str, Any], said: str) -> None:
    assert said in headline(**change)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_too_few_courses_say_nothing(n: int) -> None:
    assert headline(UNKNOWN, n=n, **UNKNOWN) == (
        f"Too few courses were assessed for **acne scarring** to report ({n}; 5 are needed)."
    )
    began = headline(UNKNOWN, n=n, **UNKNOWN, note=(Note(NoteCode.TOO_FEW_BEGAN, 12),))
    assert began == (
        "Too few courses (12) began with **acne scarring** to estimate how it would have changed, had every patient continued."
    )


def test_many_courses_that_nothing_can_be_estimated_from_say_why() -> None:
    said = headline(n=50, note=(Note(NoteCode.FEW_LIKE_LEAVERS),), **UNKNOWN)
    assert said == (
        "How **acne scarring** would have changed, had every patient continued, cannot be estimated: too few were like those who stopped."
    )


def test_a_check_that_disagrees_is_said_with_a_real_minus() -> None:
    few = Note(NoteCode.PERCENT_SCORED, 44)
    note = (few, Note(NoteCode.CHECK_OUTSIDE, -0.6, names=("MMRM, unstructured",)))
    assert f"assessed). The check disagrees: MMRM, unstructured gives {M}0.6, outside this interval. After 3" in headline(
        note=note
    )
    assert "check" not in headline(note=(few,))


@pytest.mark.parametrize(
    ("responders", "said"),
    [
        (UNKNOWN, "How many courses would have improved by at least one grade cannot be told."),
        (
            {"estimate": 100, "conf_low": nan, "conf_high": nan},
            "**100%** of courses would have improved by at least one grade (no interval).",
        ),
        (
            {"estimate": 0, "conf_low": nan, "conf_high": nan},
            "**0%** of courses would have improved by at least one grade (no interval).",
        ),
        (
            {"estimate": 9, "conf_low": 3.4, "conf_high": 14.6},
            "**9%** of courses would have improved by at least one grade (95% CI 3–15%).",
        ),
    ],
)
def test_the_share_is_said_in_whole_percents_or_why_there_is_none(responders: dict[str, Any], said: str) -> None:
    assert said in headline(responders)


def test_endpoints_are_paragraphs_and_none_is_said() -> None:
    two = pd.concat([at_headline(), at_headline(session=1, **PIH)])
    assert [text.split("**")[1] for text in checked(prose.headline(two)).split("\n\n")] == ["acne scarring", "PIH"]
    assert checked(prose.headline(two[:0])) == "Too few courses were assessed after a session to report."
    only_change = checked(prose.headline(at_headline()[:1]))
    assert only_change.endswith("How many courses would have improved by at least one grade cannot be told.")


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
        "After the last session, **30** of 100 courses that ended (30%) were not assessed for acne scarring: had they stopped because of how "
        f"their skin looked, the change after 3 sessions would be **{M}1.2 grades** (95% CI {M}1.4 to {M}1.0) instead of {M}0.9. The "
        "records cannot tell which is nearer to the truth."
    )
    alike = checked(prose.tilt_sensitivity(band({"estimate": -0.91, "conf_low": -1.0, "conf_high": -0.8}, unscored=1)))
    assert alike.startswith(
        "After the last session, **1** of 100 courses that ended (1%) was not assessed for acne scarring: had they"
    )
    assert alike.endswith(f"the change after 3 sessions would still be **{M}0.9 grades** (95% CI {M}1.0 to {M}0.8).")


def bands(*of: pd.DataFrame) -> list[str]:
    return checked(prose.tilt_sensitivity(pd.concat(of))).split("\n\n")


def test_the_unrecorded_last_result_of_a_second_endpoint_is_told_without_what_was_said_of_the_first() -> None:
    pih = band(ended=80, unscored=14).assign(**PIH)
    assert bands(band(), pih)[1] == (
        f"For PIH, it was **14** of 80 courses that ended (18%): the change would be **{M}1.2 points** (95% CI {M}1.4 to {M}1.0) instead of "
        f"{M}0.9."
    )
    alike = band({"estimate": -0.91, "conf_low": -1.0, "conf_high": -0.8}, ended=80, unscored=14).assign(**PIH)
    assert bands(band(), alike)[1].endswith(f": the change would still be **{M}0.9 points** (95% CI {M}1.0 to {M}0.8).")
    assert bands(alike, band())[1].endswith("The records cannot tell which is nearer to the truth.")


def test_a_second_endpoint_explains_itself_where_the_first_had_nothing_to_explain() -> None:
    none = band(unscored=0, stopped_unscored=0)
    pih = band(ended=80, unscored=14).assign(**PIH)
    assert bands(none, pih)[1].startswith(
        "After the last session, **14** of 80 courses that ended (18%) were not assessed for PIH: had they stopped because of how their skin "
        "looked, the change after 3 sessions would be"
    )
    planned = bands(band(stopped_unscored=0), pih)
    assert planned[1].startswith("For PIH, it was **14** of 80 courses that ended (18%): had they stopped because of how")
    assert "the change after 2 sessions would be" in bands(band(), pih.assign(session=2))[1]


@pytest.mark.parametrize(
    ("tilted", "counts", "said"),
    [
        (
            {},
            {"unscored": 0, "stopped_unscored": 0},
            "Every course that ended was assessed for acne scarring after its last session.",
        ),
        ({}, {"stopped_unscored": 0}, "; they had all reached the end of their plan, so this tells nothing about who stops."),
        (
            {**UNKNOWN, "note": (Note(NoteCode.TOO_FEW_STOPPED, 4),)},
            {},
            "; what that could change cannot be told: 4 stopped, too few to report.",
        ),
    ],
)
def test_a_last_result_that_changes_nothing_says_why(tilted: dict[str, Any], counts: dict[str, Any], said: str) -> None:
    assert checked(prose.tilt_sensitivity(band(tilted, **counts))).endswith(said)


def test_without_an_estimate_the_unrecorded_last_result_is_still_counted() -> None:
    unknown = band().assign(**UNKNOWN)
    assert checked(prose.tilt_sensitivity(unknown)).endswith("; too few courses were assessed to tell what that could change.")
    assert checked(prose.tilt_sensitivity(band()[:0])) == "No course was assessed after a session."


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
        "The improvement in acne scarring would disappear only if the 39% of patients not assessed after 3 sessions scored, on average, "
        "**2.0 grades worse** than otherwise similar patients who stayed."
    )
    assert checked(prose.tipping_point(delta(estimate=-0.5), 3)).startswith(
        "The worsening in acne scarring would disappear only if the 39% of patients not assessed after 3 sessions scored, on average, **0.5 "
        "grades better** than otherwise similar patients who stayed."
    )
    assert "**less than 0.1 grades worse**" in checked(prose.tipping_point(delta(estimate=0.02), 3))


@pytest.mark.parametrize(("estimate", "impossible"), [(2.9, False), (3.0, False), (3.1, True), (44.0, True)])
def test_a_delta_beyond_the_scale_is_named_impossible(estimate: float, impossible: bool) -> None:
    assert (
        "who stayed. This is more than the scale allows." in checked(prose.tipping_point(delta(estimate=estimate), 3))
    ) is impossible


def test_nothing_to_overturn_says_why() -> None:
    included = delta(estimate=nan, note=(Note(NoteCode.HOLDS_NO_CHANGE),), session=1)
    assert checked(prose.tipping_point(included, 1)) == (
        "After 1 session, there is no conclusion on acne scarring to overturn: the interval includes no change."
    )
    missing = "After 9 sessions, there is no conclusion on acne scarring to overturn: too few courses were assessed then."
    assert checked(prose.tipping_point(delta(), 9)) == missing
    assert checked(prose.tipping_point(delta()[:0], 9)) == missing.replace(" on acne scarring", "")


def test_the_delta_of_a_second_endpoint_leans_on_the_first_only_where_that_was_told_in_full() -> None:
    pih = delta(**PIH, estimate=7.5, note=(Note(NoteCode.UNSEEN, 41),))
    none = delta(estimate=nan, note=(Note(NoteCode.HOLDS_NO_CHANGE),))
    first, second = checked(prose.tipping_point(pd.concat([delta(), pih]), 3)).split("\n\n")
    assert first.endswith("**2.0 grades worse** than otherwise similar patients who stayed.")
    assert second == "The improvement in PIH would disappear only if the 41% not assessed scored **7.5 points worse**."
    first, second = checked(prose.tipping_point(pd.concat([none, pih]), 3)).split("\n\n")
    assert first.startswith("After 3 sessions, there is no conclusion on acne scarring to overturn")
    assert second == (
        "The improvement in PIH would disappear only if the 41% of patients not assessed after 3 sessions scored, on average, **7.5 points "
        "worse** than otherwise similar patients who stayed."
    )
    worse = delta(**PIH, estimate=-17.0)
    assert checked(prose.tipping_point(pd.concat([delta(), worse]), 3)).endswith(
        "The worsening in PIH would disappear only if the 39% not assessed scored **17.0 points better**. This is more than the scale allows."
    )


# Further sessions


def gain(**other: Any) -> pd.DataFrame:
    return pd.DataFrame([row(measure="gain of this session", **{"session": 4, "since": 3, "n": 101, **other})])


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({}, "A fourth session brought a further improvement of **0.9 grades** in acne scarring (95% CI 0.8–1.0; 101 courses assessed)."),
        ({"estimate": -0.03, "conf_low": -0.04, "conf_high": -0.01}, "A fourth session brought a further improvement of **0.03 grades** in acne scarring (95% CI 0.01–0.04;"),
        ({"conf_high": 0.1}, f"A fourth session brought **no clear further improvement** in acne scarring (95% CI {M}1.0 to +0.1; 101 courses assessed), although a benefit remains possible."),
        ({"estimate": -0.1, "conf_low": -0.3, "conf_high": 0.1}, f"(95% CI {M}0.3 to +0.1; 101 courses assessed), although a small benefit remains possible."),
        ({"estimate": 0.5, "conf_low": 0.2, "conf_high": 0.8}, "A fourth session brought a worsening of **0.5 grades** in acne scarring"),
        ({"conf_low": nan, "conf_high": nan}, f"A fourth session would have changed acne scarring by {M}0.9 grades, had every patient continued (101 courses assessed, all alike: no interval)."),
        ({"n": 4, **UNKNOWN}, "Too few courses were assessed after session 4 to tell what it brings for acne scarring."),
        ({"n": 1, **UNKNOWN}, "Too few courses were assessed after session 4 to tell what it brings for acne scarring."),
        ({"session": 6}, "Sessions 4 to 6 together brought a further improvement of **0.9 grades** in acne scarring"),
        ({"since": 2}, "Too few courses were assessed after session 4 to tell what it brings for acne scarring."),
    ],
)  # fmt: skip
def test_a_further_session_is_said_as_its_interval_allows(of: dict[str, Any], said: str) -> None:
    assert said in checked(prose.gain_by_session(gain(**of), at_headline()))


def test_later_sessions_that_clearly_improved_are_named() -> None:
    unclear = {"conf_low": -0.2, "estimate": -0.1, "conf_high": 0.1}
    later = [gain(**unclear), gain(session=5, since=4), gain(session=6, since=5)]
    assert checked(prose.gain_by_session(pd.concat(later), at_headline())).endswith(
        "although a small benefit remains possible. Sessions 5 and 6 did for acne scarring, but fewer than half of courses were still assessed."
    )
    assert " Session 5 did for" in checked(prose.gain_by_session(pd.concat(later[:2]), at_headline()))
    assert "did for" not in checked(
        prose.gain_by_session(pd.concat([later[0], gain(session=5, since=4, **unclear)]), at_headline())
    )


@pytest.mark.parametrize(
    ("k", "words"), [(1, "A first session"), (8, "An eighth session"), (11, "An eleventh session"), (13, "Session 13")]
)
def test_another_session_is_an_ordinal_in_words(k: int, words: str) -> None:
    assert nth_session(k) == words


def test_an_endpoint_without_gains_is_not_left_out() -> None:
    two = pd.concat([at_headline(), at_headline(**PIH)])
    said = checked(prose.gain_by_session(gain(), two)).split("\n\n")
    assert said[1] == "Too few courses were assessed after session 4 to tell what it brings for PIH."
    assert checked(prose.gain_by_session(gain()[:0], two[:0])) == "Too few courses were assessed after a session to report."


def responded(least: float, most: float) -> pd.DataFrame:
    pairs = (("least", least), ("most", most))
    return pd.DataFrame([row(measure=f"responded by, at {end}", estimate=share) for end, share in pairs])


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (61.1, 71.6, "By session 3, **between 61% and 72%** of courses had a lasting improvement in **acne scarring**: 61% if no patient who stopped early would have improved later, 72% if they would have done as well as those who stayed."),
        (3.4, 5.2, "By session 3, **between 3% and 5%** of courses had a lasting improvement in **acne scarring**: 3% if"),
        (61.1, 61.4, "By session 3, **61%** of courses had a lasting improvement in **acne scarring**, whatever became of patients who stopped early."),
        (0.0, 0.0, "By session 3, **0%** of courses had a lasting improvement in **acne scarring**, whatever"),
        (100.0, 100.0, "By session 3, **100%** of courses had a lasting improvement in **acne scarring**, whatever"),
        (nan, 5, "There were too few courses to tell how many sessions an improvement in acne scarring takes."),
        (5, nan, "There were too few courses to tell how many sessions an improvement in acne scarring takes."),
    ],
)  # fmt: skip
def test_lasting_improvement_is_a_range_in_whole_percents(least: float, most: float, said: str) -> None:
    assert checked(prose.response_by_session(responded(least, most), 3)).startswith(said)


def test_a_session_or_an_end_that_is_missing_is_too_few() -> None:
    few = "There were too few courses to tell how many sessions an improvement in acne scarring takes."
    both = responded(61, 72)
    assert [checked(prose.response_by_session(of, k)) for of, k in ((both, 9), (both[:1], 3))] == [few] * 2
    assert checked(prose.response_by_session(both[:0], 3)) == few.replace(" in acne scarring", "")


def test_what_both_ends_of_a_range_mean_is_explained_once_by_whichever_endpoint_has_a_range_first() -> None:
    scarring, pih = responded(61, 72), responded(36, 47).assign(**PIH)
    meaning = (
        "36% if no patient who stopped early would have improved later, 47% if they would have done as well as those who stayed."
    )
    assert checked(prose.response_by_session(pd.concat([scarring, pih]), 3)).split("\n\n")[1] == (
        "By session 3, **between 36% and 47%** of courses had a lasting improvement in **PIH**."
    )
    for first in (responded(61, 61), responded(nan, nan)):
        assert checked(prose.response_by_session(pd.concat([first, pih]), 3)).endswith(f"in **PIH**: {meaning}")


# Who stops


def odds(low: float, estimate: float, high: float, **other: Any) -> pd.DataFrame:
    of = {"unit": "odds ratio per grade", "n": 73, "estimate": estimate, "conf_low": low, "conf_high": high, **other}
    return pd.DataFrame([row(session=nan, **of)])


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ((2.2, 3.4, 5.1), "For each grade of improvement in **acne scarring**, the odds of not returning were **3.4 times as high** (95% CI 2.2–5.1; 73 courses stopped)."),
        ((0.2, 0.5, 0.8), "For each grade of improvement in **acne scarring**, the odds of not returning were **0.50 times as high** (95% CI 0.20–0.80; 73 courses stopped)."),
        ((0.5, 1.4, 3.7), "Whether patients whose **acne scarring** improves are more likely to stop is **not clear** (odds ratio 1.4 for each grade of improvement; 95% CI 0.5–3.7; 73 courses stopped)."),
        ((1.02, 1.6, 2.4), "**1.60 times as high** (95% CI 1.02–2.40; 73 courses stopped)."),
        ((0.5, 0.7, 0.98), "**0.70 times as high** (95% CI 0.50–0.98; 73 courses stopped)."),
        ((0.001, 0.04, 0.3), "**0.04 times as high** (95% CI <0.01–0.30;"),
        ((2.0, 40.0, 1e9), "**40.0 times as high** (95% CI 2.0 to more than 1,000;"),
        ((2.0, 40.0, inf), "(95% CI 2.0 to more than 1,000;"),
        ((0.0, 1.0, 2.0), "is **not clear** (odds ratio 1.0 for each grade"),
    ],
)  # fmt: skip
def test_who_stops_is_said_by_where_the_interval_lies(of: tuple[float, float, float], said: str) -> None:
    assert said in checked(prose.odds_of_stopping(odds(*of)))


@pytest.mark.parametrize(
    ("scale", "step"),
    [("asas", "grade"), ("ten", "point"), ("pahpi", "1.6 points"), ("goodman_baron_score", "8.4 points")],
)
def test_the_step_of_improvement_is_counted(scale: str, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCALES, "ten", replace(SCALES["pahpi"], low=0, high=10))
    assert f"For each {step} of improvement in **acne scarring**, the odds" in checked(
        prose.odds_of_stopping(odds(2, 3, 4, scale=scale))
    )


def test_too_few_who_stopped_say_why() -> None:
    few = odds(nan, nan, nan, note=(Note(NoteCode.TOO_FEW_STOPPED, 1),))
    assert checked(prose.odds_of_stopping(few)) == "Who stops cannot be told: 1 stopped, too few to report."
    pih = few.assign(**PIH)
    assert prose.odds_of_stopping(pd.concat([few, pih])) == prose.odds_of_stopping(few)
    other = odds(nan, nan, nan, note=(Note(NoteCode.TOO_FEW_STOPPED, 3),)).assign(**PIH)
    assert checked(prose.odds_of_stopping(pd.concat([few, other]))) == (
        "Who stops cannot be told: for acne scarring, 1 stopped, too few to report; for PIH, 3 stopped, too few to report."
    )
    assert checked(prose.odds_of_stopping(pd.concat([odds(2, 3, 4), pih]))).endswith(
        "Whether patients whose **PIH** improves are more likely to stop **cannot be told**: 1 stopped, too few to report."
    )
    assert checked(prose.odds_of_stopping(few[:0])) == "Who stops cannot be told: no course was assessed again."


def test_who_stops_is_said_of_each_endpoint() -> None:
    two = pd.concat([odds(2.2, 3.4, 5.1), odds(0.9, 1.2, 1.6, **PIH, n=30)])
    first, second = checked(prose.odds_of_stopping(two)).split("\n\n")
    assert first.startswith("For each grade of improvement in **acne scarring**, the odds")
    assert second == (
        "Whether patients whose **PIH** improves are more likely to stop is **not clear** (odds ratio 1.2 for each 1.6 points of improvement; "
        "95% CI 0.9–1.6; 30 courses stopped)."
    )


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


@pytest.mark.parametrize("name", EDGES)
def test_sentences_on_an_odd_clinic_beside_an_ordinary_endpoint_are_whole(
    name: str, tally_of: Callable[..., outcomes.Tally]
) -> None:
    scores, skin_type = EDGES[name]
    odd = tally_of(scores, skin_type, NO_STATUS)
    points = [
        [14, 12, 10],
        [16, 14, nan],
        [12, 11, 11],
        [18, 16, nan],
        [11, 9, 8],
        [15, 15, nan],
        [17, 12, nan],
        [14, 13, 14],
    ] * 10
    pih = tally_of(points, "IV", NO_STATUS, scale="pahpi", endpoint="pih")
    for two in ([odd, pih], [pih, odd]):
        session, head = outcomes.headline_session(two), outcomes.headline(two)
        of_each = [
            (prose.headline, head, ()), (prose.tilt_sensitivity, outcomes.tilt_sensitivity(two, session=session), ()),
            (prose.tipping_point, outcomes.tipping_point(two), (session,)), (prose.odds_of_stopping, outcomes.odds_of_stopping(two), ()),
            (prose.response_by_session, outcomes.response_by_session(two), (session,)),
        ]  # fmt: skip
        texts = [checked(say(frame, *more)) for say, frame, more in of_each]
        for text, (_, frame, _) in zip(texts, of_each, strict=True):
            assert {ENDPOINTS[endpoint].label for endpoint in frame["endpoint"]} == set(re.findall("acne scarring|PIH", text)), (
                text
            )
        texts.append(checked(prose.gain_by_session(outcomes.gain_by_session(two), head)))
        sentences = re.split(
            r"(?<=\.) |\n\n", "\n\n".join([*texts, checked(prose.skin_type_numbers(outcomes.skin_type_counts(two)))])
        )
        assert len(sentences) == len(set(sentences)), sentences


def test_a_note_in_place_of_a_number_has_a_real_minus() -> None:
    unknown = {"method": "chain", **UNKNOWN, "note": (Note(NoteCode.CHECK_OUTSIDE, -0.6, names=("MMRM of I-II",)),)}
    assert tables.numbers(pd.DataFrame([row(**unknown)])).rows[0][-1] == (
        f"MMRM of I{DASH}II gives {M}0.6, outside this interval"
    )
