"""Skin types in sentences: every verdict, its margin, the share kept, and how many more courses."""

from __future__ import annotations

import re
from math import nan
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes import prose, tables
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.notes import Note, NoteCode
from outcomes.measures.skin_types import DECLARED, DIFFERENT, EQUIVALENT, NO_MARGIN, OF_CHANGE, SLIGHTLY, UNDECIDED

M = "\N{MINUS SIGN}"
FORBIDDEN = re.compile(
    r"\b(approv\w*|safe|safely|prove[nds]?|caused by|significan\w*|no difference was|efficac\w*|effective\w*|inconclusive)\b",
    re.IGNORECASE,
)
PIH: dict[str, Any] = {"endpoint": "pih", "scale": "pahpi"}
UNKNOWN = {**dict.fromkeys(("estimate", "conf_low", "conf_high", "kept", "margin", "n_more", "n_more_all"), nan), "margin_from": "", "note": (Note(NoteCode.TOO_FEW, 3),)}  # fmt: skip


def checked(said: prose.Prose) -> str:
    """The text with ordinary spaces, after what holds for all of them: whole sentences, real numbers, no word that promises."""
    text = str(said).replace("\N{NO-BREAK SPACE}", " ")
    assert isinstance(said, prose.Prose)
    assert all(paragraph.endswith(".") for paragraph in text.split("\n\n"))
    assert not re.search(r"  |\.\.|,,|\( |\(\)|\( ?;| [.,;:)]|: \.|\n\n\n|\. [a-z]", text), text
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|(?<![\w-])-\d", text), text
    assert not re.search(r"\b1 (courses|sessions|patients|more courses)\b|\b(?!1\b)\d+ (course|session)\b(?! \d)", text), text
    assert text.count("**") % 2 == 0
    assert not FORBIDDEN.search(text), text
    return text


def row(name: str, verdict: str, **other: Any) -> dict[str, Any]:
    usual = {
        "endpoint": "scarring", "scale": "goodman_baron_grade", "measure": "difference", "session": 3, "skin_types": name, "n": 20,
        "estimate": 0.7, "conf_low": 0.2, "conf_high": 1.2, "unit": "grades", "note": (Note(NoteCode.VERDICT, names=(verdict,)),), "verdict": verdict, "margin": 0.5,
        "margin_from": DECLARED, "kept": 45.2, "kept_low": 20.1, "kept_high": 70.4, "standardised": 0.6, "standardised_low": 0.1,
        "standardised_high": 1.1, "n_all": 80.0, "n_more": nan, "n_more_all": nan,
    }  # fmt: skip
    return usual | other


ALIKE = {"estimate": 0.1, "conf_low": -0.2, "conf_high": 0.4, "kept": 95.0, "kept_low": 80.0, "kept_high": 110.0}


def verdicts(*rows: dict[str, Any]) -> str:
    return checked(prose.skin_type_differences(pd.DataFrame(rows)))


# Verdicts


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("I", EQUIVALENT, **ALIKE)], "After 3 sessions, improvement in **acne scarring** was **equivalent** in skin type I: this group was within 0.5 grades of the others."),
        ([row("I", EQUIVALENT, **ALIKE), row("II", EQUIVALENT, **ALIKE)], "**equivalent** in skin types I and II: each group was within 0.5 grades of the others."),
        ([row("V-VI", DIFFERENT)], "After 3 sessions, skin types V–VI improved **less** than the others in **acne scarring**, by 0.7 grades (95% CI 0.2–1.2; 20 courses)."),
        ([row("V", DIFFERENT, estimate=-0.7, conf_low=-1.2, conf_high=-0.2, n=1)], "skin type V improved **more** than the others in **acne scarring**, by 0.7 grades (95% CI 0.2–1.2; 1 course)."),
        ([row("V", SLIGHTLY, estimate=0.3, conf_low=0.1, conf_high=0.45)], "improved **less** than the others in **acne scarring**, by 0.3 grades (95% CI 0.1–0.5; 20 courses), which is less than the margin of 0.5 grades."),
        ([row("I", UNDECIDED, **ALIKE)], "After 3 sessions, for **acne scarring** it is **undecided**: there were too few patients to tell whether the groups differ by less than 0.5 grades."),
        ([row("I", UNDECIDED, **ALIKE), row("II", EQUIVALENT, **ALIKE)], "For **acne scarring** in skin type I it is **undecided**: there were too few patients to tell whether this group differs from the others by less than 0.5 grades."),
        ([row("I", UNDECIDED, **ALIKE, n=100)], "for **acne scarring** it is **undecided**: the interval allows both a difference of 0.5 grades or more and none."),
        ([row("I", UNDECIDED, **UNKNOWN)], "for **acne scarring** in skin type I it is **undecided**: 3 courses, too few."),
    ],
)  # fmt: skip
def test_each_verdict_names_its_groups(rows: list[dict[str, Any]], said: str) -> None:
    text = verdicts(*rows)
    assert text.startswith("After 3 sessions, ")
    assert said in text


def test_different_groups_come_first_and_undecided_ones_last() -> None:
    said = verdicts(row("I", UNDECIDED, **ALIKE), row("II", EQUIVALENT, **ALIKE), row("III", DIFFERENT))
    assert said.index("skin type III improved") < said.index("equivalent") < said.index("undecided")


def test_the_margin_is_said_as_declared_or_with_where_it_comes_from() -> None:
    assert "within 0.75 points of the others." in verdicts(row("I", EQUIVALENT, **{**ALIKE, **PIH, "margin": 0.75}))
    third = {**ALIKE, "margin_from": OF_CHANGE}
    said = verdicts(row("I", EQUIVALENT, **third, margin=0.3014), row("II", EQUIVALENT, **third, margin=0.2951))
    assert "within 0.30 grades of the others (a third of the others' own change)." in said
    said = verdicts(row("I", UNDECIDED, **third, margin=0.31), row("II", UNDECIDED, **third, margin=0.29))
    assert "by less than 0.29–0.31 grades (a third of the others' own change)." in said
    assert "within 1.4 points of the others (a third" in verdicts(row("I", EQUIVALENT, **{**third, **PIH, "margin": 1.41}))


def test_others_who_did_not_improve_are_said() -> None:
    none = {"margin": 0.0, "margin_from": NO_MARGIN, "kept": nan}
    said = verdicts(row("I", UNDECIDED, **{**ALIKE, **none}))
    assert "it is **undecided**: the others did not improve, so there is nothing to compare with." in said
    assert "the share of" not in said


def test_a_difference_that_unlike_baselines_account_for_is_said_with_both_numbers() -> None:
    said = verdicts(row("V", UNDECIDED, standardised=-0.2, standardised_low=-0.6, standardised_high=0.2))
    assert (
        "Skin type V improved **less** than the others in **acne scarring**, by 0.7 grades (95% CI 0.2–1.2; 20 courses), but they began with "
        f"other scores: at one common baseline the difference is {M}0.2 (95% CI {M}0.6 to +0.2)."
    ) in said


def test_too_few_groups_and_several_endpoints() -> None:
    assert (
        checked(prose.skin_type_differences(pd.DataFrame()))
        == "There are **too few patients** of more than one group of skin types to compare them."
    )
    two = verdicts(row("I", EQUIVALENT, **ALIKE), row("I", UNDECIDED, **{**ALIKE, **PIH}))
    assert [text.split("**")[1] for text in two.split("\n\n")] == ["acne scarring", "PIH"]


# The share kept, and how many more: in the table, as no sentence tells them


def cells(column: str, *rows: dict[str, Any]) -> list[str]:
    """The cells of a column of the table, with ordinary spaces."""
    more = {"possible": nan, "possible_low": nan, "possible_high": nan}
    table = tables.skin_type_differences(pd.DataFrame([more | row for row in rows]))
    return [row[table.columns.index(column)] for row in table.rows]


KEPT, NEEDED = "of the others' improvement", "more courses needed"


def test_the_share_of_the_others_improvement_stands_beside_every_group() -> None:
    worse = row("VI", DIFFERENT, kept=-8.0, kept_low=-40.0, kept_high=22.0)
    assert cells(KEPT, row("I-II", EQUIVALENT, **ALIKE), row("V", DIFFERENT), worse) == [
        "95% (80–110%)",
        "45% (20–70%)",
        f"{M}8% ({M}40 to +22%)",
    ]


def test_a_share_of_an_improvement_that_is_not_clear_is_not_told() -> None:
    unclear = row("I", UNDECIDED, **{**ALIKE, "kept": nan, "kept_low": nan, "kept_high": nan})
    assert cells(KEPT, unclear) == [""]


def needed(**of: tuple[float, float]) -> list[str]:
    return cells(NEEDED, *(row(name.replace("_", "-"), UNDECIDED, **ALIKE, n_more=own, n_more_all=every) for name, (own, every) in of.items()))  # fmt: skip


def test_how_many_more_of_the_group_itself() -> None:
    assert needed(V_VI=(40, 90), I=(1, 3)) == ["about 40 more courses of V–VI", "1 more course of I"]


def test_where_none_of_its_own_suffice_all_types_are_counted() -> None:
    assert needed(I_II=(nan, 345), III_IV=(551, 146), V=(30, 60)) == [
        "about 350 more courses of all types",
        "about 150 more courses of all types",
        "about 30 more courses of V",
    ]


def test_enough_courses_and_unknown_numbers() -> None:
    assert needed(V=(0, 0)) == ["none: close to the margin"]
    assert needed(V=(nan, nan)) == [""]
    assert cells(NEEDED, row("V", DIFFERENT, n_more=40.0, n_more_all=90.0)) == [""]


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (1, "1 more course"), (9, "about 9 more courses"), (38, "about 38 more courses"), (99, "about 99 more courses"),
        (100, "about 100 more courses"), (129, "about 130 more courses"), (1201, "about 1,300 more courses"),
        (10_000, "about 10,000 more courses"), (10_001, "more than 10,000 more courses"),
    ],
)  # fmt: skip
def test_about_how_many_is_rounded_up_to_two_figures(n: float, words: str) -> None:
    assert prose.about_more(n) == words


# Numbers of each type


def counts(courses: list[int], groups: list[str], endpoint: str = "scarring") -> pd.DataFrame:
    return pd.DataFrame({"endpoint": endpoint, "skin_type": SKIN_TYPES, "courses": courses, "group": groups})


BANDS = ["I-II", "I-II", "III-IV", "III-IV", "V-VI", "V-VI"]


def test_merged_types_are_named_with_their_courses() -> None:
    assert checked(prose.skin_type_numbers(counts([15] * 6, list(SKIN_TYPES)))).startswith("Every skin type has enough courses")
    assert checked(prose.skin_type_numbers(counts([15, 15, 15, 15, 15, 14], BANDS))) == (
        "There are too few courses of type VI (14) for acne scarring to analyse separately, so skin types are grouped by a fixed rule: I–II, III–IV and V–VI."
    )
    tiny = checked(prose.skin_type_numbers(counts([1, 0, 2, 15, 15, 15], ["I-VI"] * 6)))
    assert tiny == "There are too few courses of some skin types to compare groups, so all are taken together."


def test_merged_types_of_several_endpoints_are_named_each_with_its_own_groups() -> None:
    enough, few = counts([15] * 6, list(SKIN_TYPES)), counts([15, 15, 15, 15, 15, 14], BANDS)
    pih = counts([5, 14, 15, 15, 15, 10], BANDS, "pih")
    tiny = counts([1, 0, 0, 15, 15, 15], ["I-VI"] * 6, "pih")
    assert checked(prose.skin_type_numbers(pd.concat([few, pih]))) == (
        "There are too few courses of type VI (14) for acne scarring and of types I (5), II (14) and VI (10) for PIH to analyse separately, so "
        "skin types are grouped by a fixed rule: I–II, III–IV and V–VI."
    )
    assert checked(prose.skin_type_numbers(pd.concat([enough, pih]))).startswith(
        "There are too few courses of types I (5), II (14)"
    )
    assert checked(prose.skin_type_numbers(pd.concat([few, tiny]))).endswith(
        "grouped by a fixed rule: for acne scarring, I–II, III–IV and V–VI; for PIH, I–VI."
    )
    assert checked(prose.skin_type_numbers(pd.concat([enough, enough.assign(endpoint="pih")]))).startswith(
        "Every skin type has enough"
    )


def test_the_rules_are_told() -> None:
    undecided, apart, slightly, alike = (
        str(prose.how_compared(pd.DataFrame({"verdict": [verdict]}))) for verdict in (UNDECIDED, DIFFERENT, SLIGHTLY, EQUIVALENT)
    )
    assert undecided == "- **Undecided** speaks neither for nor against a difference."
    assert "common baseline" in apart
    assert slightly == apart
    assert alike == ""
    assert str(prose.how_compared(pd.DataFrame({"verdict": [DIFFERENT, UNDECIDED]}))) == f"{undecided}\n{apart}"
    words = str(prose.how_to_read("margin, more courses needed"))
    assert all(word in words for word in ("third of the others' own change", "in 80 of 100 clinics"))


def test_the_sample_is_told(sample_records: outcomes.Records) -> None:
    compared = outcomes.skin_type_differences(outcomes.tallies(sample_records))
    assert checked(prose.skin_type_differences(compared)).count("\n\n") == 1
    table = tables.skin_type_differences(compared)
    kept, more = table.columns.index(KEPT), table.columns.index(NEEDED)
    assert all("%" in row[kept] for row in table.rows)
    assert any("more courses of" in row[more] for row in table.rows)
