"""Skin types as dot rows: their differences beside the margin, and the change of each at its last assessment."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW, SMALLEST_GROUP
from outcomes.display.figures.canvas import INK, SKIN_TYPE_HUES, SKIN_TYPE_MARKS, Figure
from outcomes.display.figures.elements import better, every, finding, hue_of, known, nothing, type_names, value_words
from outcomes.display.figures.strips import Axis, Row, dot_rows, ends, with_interval
from outcomes.display.notes import note_of
from outcomes.display.prose.skin_types import margin_words
from outcomes.display.words import counted, first_down, first_up, measured, session_words, signed, skin, types
from outcomes.measures.skin_types import VERDICTS

_UNDECIDED = VERDICTS[-1]


def skin_type_differences(compared: pd.DataFrame) -> Figure:
    """One dot and simultaneous interval for each group less all others, on a zone as wide as its margin; hollow where undecided."""
    judged = known(compared.dropna(subset="conf_low"))
    if judged.empty:
        return nothing("Too few courses to compare skin types", f"Groups of at least {SMALLEST_GROUP} courses are compared")
    reach = max(judged[["margin", "conf_low", "conf_high"]].abs().max())
    axis = Axis.of([-1.04 * reach, 1.04 * reach], least=0.0)
    rows = [_verdict_row(row, axis, hue_of(compared)) for row in compared.to_dict("records")]
    first = judged.iloc[0]
    said = [
        f"{first_down(types(row['skin_types']))} {value_words(row)}, {row['verdict']}{_margin(row)}"
        for row in compared.to_dict("records")
    ]
    return Figure(
        title=_verdicts(compared),
        measure=f"Difference in mean change in {measured(compared)} from all other skin types, {session_words(first['session'])}, had every patient continued; below 0 is more improvement",
        said=f"Difference of each group of skin types from all others: {'; '.join(said)}.",
        drawing=dot_rows(
            "Difference of each group of skin types from all others",
            ("Skin types", "Verdict, difference (95% CI)"),
            [("", rows)],
            f"{ends('better', 'worse')}{axis.head()}",
        ),
        note="Grey zone: the margin, differences too small to matter: the declared one, or a third of the others' own change if that is "
        "smaller. Thick bar: 90% CI, which lies inside the zone where a group is equivalent. Thin bar: 95% CI. Both are simultaneous. "
        "Hollow: undecided. Others are weighted by their courses.",
    )


def _verdict_row(row: dict[str, Any], axis: Axis, hue: str) -> Row:
    verdict = f'<span class="verdict">{escape(row["verdict"])}</span>'
    name, about = skin(row["skin_types"]), counted(int(row["n"]), "courses") if row["n"] >= FEW else f"fewer than {FEW} courses"
    if pd.isna(row["conf_low"]) or row["n"] < FEW:
        return Row(name, (f"{verdict} {escape(note_of(row))}",), axis.strip(), about)
    value = with_interval(signed(row["estimate"]), signed(row["conf_low"]), signed(row["conf_high"]))
    strip = axis.strip(
        axis.bar(row["conf_low"], row["conf_high"], hue),
        axis.bar(row["margin_low"], row["margin_high"], hue, 6, has_ends=False),
        axis.mark(row["estimate"], hue, is_hollow=row["verdict"] == _UNDECIDED),
        behind=axis.zone(-row["margin"], row["margin"]),
    )
    return Row(name, (f"{verdict} {value}",), strip, about)


def _verdicts(compared: pd.DataFrame) -> str:
    """``Every group equivalent to all others``, or each verdict with those it is given to."""
    groups = {verdict: compared.loc[compared["verdict"] == verdict, "skin_types"].tolist() for verdict in VERDICTS}
    said = {verdict: names for verdict, names in groups.items() if names}
    if len(said) == 1:
        (only,) = said
        return (
            "Undecided whether any group differs from all others"
            if only == _UNDECIDED
            else f"Every group {only}{'' if only.startswith('diff') else ' to all others'}"
        )
    return first_up("; ".join(f"{first_down(types(*names))} {verdict}" for verdict, names in said.items()))


def _margin(row: dict[str, Any]) -> str:
    return f" (margin {margin_words(row)})" if row["margin"] > 0 else ""


def change_at_last(estimates: pd.DataFrame) -> Figure:
    """One dot and interval for each group: the `as_treated` change of every analysed course at its last assessment.

    Groups of fewer than 5 courses are named and have no value.
    """
    by, group = ("skin_type", "skin type") if "skin_type" in estimates else ("skin_band", "group of skin types")
    shown = known(estimates)
    if len(shown) < 2:
        return nothing("Too few courses to show skin types apart", f"Fewer than two have {FEW} courses analysed")
    axis = Axis.of([*shown["conf_low"], *shown["conf_high"], *shown["estimate"]], least=0.0, most=_range(estimates))
    rows = [_last_row(row, str(row[by]), axis) for row in estimates.to_dict("records")]
    changes = [(str(row[by]), row) for row in shown.dropna(subset="conf_low").to_dict("records")]
    said = [
        f"{first_down(types(str(row[by])))} {value_words(row) if row['n'] >= FEW else _too_few(row)}"
        for row in estimates.to_dict("records")
    ]
    unit = SCALES[estimates["scale"].iloc[0]].unit
    return Figure(
        title=every(group, finding(changes, type_names), is_all=len(shown) == len(estimates)),
        measure=f"Mean change in {measured(estimates)} of every analysed course at its last score; {better(estimates)}",
        said=f"Mean change at the last assessment in {unit}: {'; '.join(said)}.",
        drawing=dot_rows("Change at the last assessment", ("Skin type", "Courses", "Change (95% CI)"), [("", rows)], axis.head()),
        note="Types differ in how they began and how many sessions they had: no comparison of effects.",
    )


def _last_row(row: dict[str, Any], name: str, axis: Axis) -> Row:
    if row["n"] < FEW or pd.isna(row["estimate"]):
        return Row(name, (f"&lt;{FEW}" if row["n"] else "0", "too few"), axis.strip())
    hue = SKIN_TYPE_HUES.get(name, INK)
    value = (
        with_interval(signed(row["estimate"]), signed(row["conf_low"]), signed(row["conf_high"]))
        if pd.notna(row["conf_low"])
        else signed(row["estimate"])
    )
    bar = axis.bar(row["conf_low"], row["conf_high"], hue) if pd.notna(row["conf_low"]) else ""
    return Row(
        name, (f"{int(row['n'])}", value), axis.strip(bar, axis.mark(row["estimate"], hue, SKIN_TYPE_MARKS.get(name, "o")))
    )


def _range(estimates: pd.DataFrame) -> float:
    scale = SCALES[estimates["scale"].iloc[0]]
    return float(scale.high - scale.low)


def _too_few(row: dict[str, Any]) -> str:
    return f"too few ({counted(int(row['n']), 'courses')})"
