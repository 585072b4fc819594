"""What having begun on a bad day explains, in sentences: every case, and no code or sign that people do not use."""

from __future__ import annotations

import re
from math import nan
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes import prose
from outcomes.definitions.notes import Note, NoteCode
from outcomes.display.notes import note_words
from outcomes.measures.regression_to_the_mean import AFFECTED, AT_MOST, BEYOND, CHANGE, EVERY, NORMAL, PER_AFFECTED, SHIFT


def row(measure: str, estimate: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    of = {"endpoint": "scarring", "scale": "goodman_baron_grade", "session": 3, "n": 100, "method": "", "note": ()}
    return of | {"measure": measure, "estimate": estimate, "conf_low": low, "conf_high": high} | more


def told(*rows: dict[str, Any]) -> str:
    text = str(prose.regression_to_the_mean(pd.DataFrame(rows))).replace("\N{NO-BREAK SPACE}", " ")
    assert not re.search(r"\.\.|\(\)|\( ?;| [.,;:)]|\bnan\b|\binf\b|(?<![\w-])-\d|\) \(", text), text
    assert text.count("**") % 2 == 0
    return text


ENROLLED = row(SHIFT, -0.21, -0.3, -0.12, method=NORMAL, note=(Note(NoteCode.ENROLLED_FROM, 2, 4),))
CLEAR = row(CHANGE, -0.9, -1.1, -0.7)


def test_the_shift_stands_beside_what_is_left() -> None:
    assert told(CLEAR, ENROLLED, row(BEYOND, -0.69, -0.9, -0.48)) == (
        "**About 0.2 grades** of the change in acne scarring after 3 sessions can be expected from having begun on a bad day "
        "(95% CI 0.1–0.3), as courses were enrolled from a score of 2 on (4 below). Beyond that, acne scarring would have improved by "
        "**0.7 grades**, had every patient continued (95% CI 0.5–0.9)."
    )


def test_the_most_that_it_can_be_leaves_the_least() -> None:
    said = told(CLEAR, ENROLLED | {"method": AT_MOST, "conf_high": 0.0}, row(BEYOND, -0.69, -0.9, -0.48))
    assert said.startswith("**At most about 0.2 grades** of the change")
    assert "would have improved by at least **0.7 grades**" in said


def test_nothing_clear_is_left() -> None:
    said = told(CLEAR, ENROLLED, row(BEYOND, -0.1, -0.3, 0.1))
    assert (
        "Beyond that, there would have been **no clear change** in acne scarring, had every patient continued (\N{MINUS SIGN}0.1 grades; 95% CI "
        "\N{MINUS SIGN}0.3 to +0.1)." in said
    )
    assert "would have worsened by **0.2 grades**" in told(CLEAR, ENROLLED, row(BEYOND, 0.2, 0.1, 0.3))


def test_a_shift_that_nearly_rounds_to_nothing_is_not_printed_as_none() -> None:
    assert told(CLEAR, ENROLLED | {"estimate": -0.01}, row(BEYOND, -0.9, -1.1, -0.7)).startswith(
        "**Less than 0.1 grades** of the change"
    )


def test_no_threshold_is_said() -> None:
    assert told(CLEAR, row(SHIFT, 0, 0, 0, note=(Note(NoteCode.NO_CUT),)), CLEAR | {"measure": BEYOND}) == (
        "The scores at which courses began give **no sign that only worse ones were enrolled** for acne scarring, so nothing of the change is "
        "put down to regression to the mean."
    )


@pytest.mark.parametrize("why", [NoteCode.BEGAN_ALIKE, NoteCode.TOO_FEW_TWICE])
def test_what_cannot_be_told_says_why(why: NoteCode) -> None:
    note = (Note(why),)
    said = told(CLEAR, row(SHIFT, nan, nan, nan, note=note), row(BEYOND, nan, nan, nan, note=note))
    assert said.endswith(f"**cannot be told**: {note_words(note)}.")


def test_no_change_to_explain_says_why() -> None:
    said = told(row(CHANGE, nan, nan, nan, note=(Note(NoteCode.TOO_FEW_AFTER),)), ENROLLED, row(BEYOND, nan, nan, nan))
    assert (
        said
        == "How much of the change in acne scarring can be expected from having begun on a bad day **cannot be told**: too few courses "
        "were assessed after a session."
    )


def test_pih_is_told_over_every_course(sample_records: outcomes.Records) -> None:
    said = str(prose.regression_to_the_mean(outcomes.claimed_regression(sample_records))).replace("\N{NO-BREAK SPACE}", " ")
    (pih,) = [part for part in said.split("\n\n") if "PIH" in part]
    assert re.fullmatch(
        r"Some courses had PIH at baseline on a bad day only\. After \d sessions, counting every course assessed for it, PIH would have improved by \*\*\d\.\d points\*\*, had every patient continued \(95% CI \d\.\d–\d\.\d; "
        r"\d+ courses began, \d+% of them with PIH\); per course with PIH, that is \*\*\N{MINUS SIGN}\d\.\d points\*\* \(95% CI "
        r"\N{MINUS SIGN}\d\.\d to \N{MINUS SIGN}\d\.\d\)\.",
        pih,
    )


def test_every_course_that_cannot_be_told_says_why() -> None:
    pih = {"endpoint": "pih", "scale": "pahpi"}
    none = {"note": (Note(NoteCode.ONLY_AT_THE_END),)}
    rows = [
        row(CHANGE, -3, -4, -2, **pih),
        row(EVERY, nan, nan, nan, **pih | none),
        row(AFFECTED, 50, 40, 60, **pih),
        row(PER_AFFECTED, nan, nan, nan, **pih | none),
    ]
    assert told(*rows).endswith("How PIH changed over every course **cannot be told**: assessed only where courses ended.")


def test_every_endpoint_has_a_paragraph_and_none_is_said() -> None:
    pih = {"endpoint": "pih", "scale": "pahpi"}
    none = row(SHIFT, 0, 0, 0, note=(Note(NoteCode.NO_CUT),))
    beyond = row(BEYOND, -0.69, -0.9, -0.48)
    two = told(CLEAR, ENROLLED, beyond, *(each | pih for each in (CLEAR, none, CLEAR | {"measure": BEYOND})))
    first, second = two.split("\n\n")
    assert "of the change in acne scarring after 3 sessions" in first
    assert second.endswith("for PIH, so nothing of the change is put down to regression to the mean.")
    assert str(prose.regression_to_the_mean(pd.DataFrame([CLEAR])[:0])) == "No course was assessed."


def test_the_session_of_every_course_is_said() -> None:
    pih = {"endpoint": "pih", "scale": "pahpi", "session": 1}
    rows = [row(CHANGE, -3, -4, -2), row(EVERY, -1, -2, -0.5), row(AFFECTED, 50, 40, 60), row(PER_AFFECTED, -2, -4, -1)]
    assert "After 1 session, counting every course assessed for it, PIH would have improved by **1.0 points**" in told(
        *(each | pih for each in rows)
    )


def test_regression_to_the_mean_is_explained_by_its_name() -> None:
    assert "**regression to the mean**" in prose.why_regression_to_the_mean()
    assert "\N{EM DASH}" not in prose.why_regression_to_the_mean()
