"""The forest plot at its edges: who stands first, in what shape, and that nothing lies over anything."""

from __future__ import annotations

import re
from math import nan
from typing import Any

import pandas as pd
import pytest

from outcomes import figures
from outcomes.definitions.notes import Note, NoteCode
from outcomes.display.figures.canvas import HUES
from outcomes.display.figures.strips import SHAPES
from outcomes.measures.evidence import PREDICTION, SUMMARY
from outcomes.measures.published_results import PUBLISHED

M = "\N{MINUS SIGN}"


def row(estimand: str, estimate: float, half: float, **other: Any) -> dict[str, Any]:
    return {
        "endpoint": "scarring", "scale": "goodman_baron_grade", "measure": "change", "estimand": estimand, "session": 3, "n": 40,
        "estimate": estimate, "conf_low": estimate - half, "conf_high": estimate + half, "study": "", "year": pd.NA, "after_days": 60,
        "interval_days": 30, "note": (),
    } | other  # fmt: skip


OWN = row("continued", -0.9, 0.1, study="this clinic", n=141, after_days=30)
NONE = row(SUMMARY, nan, nan, n=pd.NA, note=(Note(NoteCode.TOO_FEW_TRIALS, 2),))


def trial(name: str, estimate: float, half: float = 0.2, **other: Any) -> dict[str, Any]:
    return row(PUBLISHED, estimate, half, study=name, year=2020, **other)


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows).astype(
        {"n": "Int64", "session": "Int64", "year": "Int64", "after_days": "Int64", "interval_days": "Int64"}
    )


THREE = frame(
    OWN,
    trial("A", -1.5, session=12, interval_days=7),
    trial("B", -0.8),
    trial("C", -0.9, n=pd.NA),
    row(SUMMARY, -1.1, 0.9),
    row(PREDICTION, -1.1, 5.4),
)
CASES = {
    "one trial": frame(OWN, trial("A", -1.5), NONE),
    "two trials": frame(
        OWN, trial("A", -1.5, session=pd.NA, n=pd.NA, after_days=pd.NA, interval_days=pd.NA), trial("B", 0.3), NONE
    ),
    "three trials": THREE,
    "a clinic too small to say": frame(row("continued", nan, nan, n=3), trial("A", -1.5), NONE),
    "a clinic without an interval": frame(row("continued", -1.0, nan), trial("A", -1.5), NONE),
    "long names": frame(OWN, trial("W" * 40, -1.5), trial("Müller & Österreicher & De la Cruz-Núñez", -1.0), NONE),
    "points": frame(
        *[r | {"scale": "goodman_baron_score", "estimate": 10 * r["estimate"]} for r in (OWN, trial("A", -1.5), NONE)]
    ),
}


TITLES = {
    "one trial": f"This clinic: {M}0.9 grades; 1 published trial: {M}1.5",
    "two trials": f"This clinic: {M}0.9 grades; 2 published trials: {M}1.5 and +0.3",
    "three trials": f"This clinic: {M}0.9 grades; 3 published trials: {M}1.5 to {M}0.8",
    "a clinic too small to say": f"This clinic: too few courses; 1 published trial: {M}1.5",
    "points": f"This clinic: {M}9.0 points; 1 published trial: {M}15.0",
}


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_whole_and_the_title_says_both_sides(case: str, check_drawing) -> None:
    figure = figures.evidence(CASES[case])
    check_drawing(figure)
    assert figure.title == TITLES.get(case, figure.title)


def test_the_same_estimates_make_the_same_picture() -> None:
    assert figures.evidence(CASES["one trial"]) == figures.evidence(CASES["one trial"])


def test_the_text_of_the_picture_holds_every_number() -> None:
    assert figures.evidence(THREE).said == (
        f"Mean change. This clinic, had every patient continued (141 courses; 3 sessions; about 30 days after) {M}0.9 "
        f"({M}1.0 to {M}0.8); A 2020 (40 patients; 12 sessions, 7 days apart; 60 days after) {M}1.5 ({M}1.7 to {M}1.3); B 2020 (40 patients; "
        f"3 sessions, 30 days apart; 60 days after) {M}0.8 ({M}1.0 to {M}0.6); C 2020 (number not stated; 3 sessions, 30 days apart; 60 days "
        f"after) {M}0.9 ({M}1.1 to {M}0.7); These trials together (mean, with its interval) {M}1.1 ({M}2.0 to {M}0.2); A further such trial "
        f"(where its mean would be expected) {M}6.5 to +4.3."
    )


def test_the_clinic_is_first_a_square_and_alone_in_its_colour() -> None:
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', figures.evidence(THREE).drawing)
    shapes = {SHAPES[name].split(" ", 1)[1].partition("{")[0].removesuffix("/>"): name for name in SHAPES}
    marks = [next(name for shape, name in shapes.items() if shape in row) for row in rows]
    assert marks == ["s", "o", "o", "o", "D", "o"]
    assert [HUES["scarring"] in row for row in rows] == [True] + [False] * 5
    assert ['fill="#ffffff"' in row for row in rows] == [False] * 5 + [True]


def test_a_value_of_the_clinics_own_needs_five_courses() -> None:
    figure = figures.evidence(frame(OWN | {"n": 4}, trial("A", -1.5), NONE))
    assert figure.title.startswith("This clinic: too few courses; ")
    assert "0.9" not in figure.html()


def test_without_a_trial_there_are_words_instead() -> None:
    assert str(figures.evidence(frame(OWN))).startswith("[figure] No published trial to compare with.")


PIH = {"endpoint": "pih", "scale": "pahpi"}


def test_endpoints_stand_below_each_other_each_with_its_own_clinic_first_and_its_own_axis(check_drawing) -> None:
    pih = frame(*[each | PIH for each in (OWN | {"estimate": -3.1, "conf_low": -4.0, "conf_high": -2.2}, trial("D", -2.5), NONE)])
    figure = figures.evidence(pd.concat([THREE, pih], ignore_index=True))
    check_drawing(figure)
    assert re.findall(r'<th scope="rowgroup"[^>]*>(.*?)</th>', figure.drawing) == [
        "Acne scarring, Goodman-Baron grade",
        "PIH, PAHPI points",
    ]
    scarring, own = figure.drawing.split("<tbody>")[1:]
    assert HUES["scarring"] in scarring
    assert HUES["pih"] not in scarring
    assert own.count(HUES["pih"]) == 2
    assert figure.title == (
        f"Acne scarring: this clinic: {M}0.9 grades; 3 published trials: {M}1.5 to {M}0.8; "
        f"PIH: this clinic: {M}3.1 points; 1 published trial: {M}2.5"
    )


def test_an_endpoint_without_a_trial_is_left_out_and_named(check_drawing) -> None:
    figure = figures.evidence(pd.concat([THREE, frame(OWN | PIH)], ignore_index=True))
    check_drawing(figure)
    alone = figures.evidence(THREE)
    assert (figure.title, figure.drawing) == (alone.title, alone.drawing)
    assert "Acne scarring, Goodman-Baron grade" in figure.drawing
    assert figure.note == f"{alone.note} PIH: no published trial to compare with."
