"""Skin types as dot rows: their differences beside the margin, and the change of each at its last assessment."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW, SMALLEST_GROUP
from outcomes.display.figures.canvas import INK, SKIN_TYPE_HUES, SKIN_TYPE_MARKS, Figure
from outcomes.display.figures.elements import (
    Part,
    better,
    every,
    finding,
    heading_of,
    hue_of,
    known,
    left_out,
    nothing,
    parts_of,
    rows_of,
    titled,
    told_of,
    type_names,
    value_words,
)
from outcomes.display.figures.strips import Axis, Group, Row, dot_rows, ends, with_interval
from outcomes.display.notes import note_of
from outcomes.display.prose.skin_types import margin_words
from outcomes.display.words import counted, first_down, first_up, listed, session_words, signed, skin, types
from outcomes.measures.skin_types import VERDICTS

_UNDECIDED = VERDICTS[-1]


def skin_type_differences(compared: pd.DataFrame) -> Figure:
    """One dot and simultaneous interval for each group less all others, on a zone as wide as its margin; hollow where undecided.

    The rows of several endpoints stand below each other, each with an axis as long as its own intervals.
    """
    judged = known(compared.dropna(subset="conf_low"))
    if judged.empty:
        return nothing("Too few courses to compare skin types", f"Groups of at least {SMALLEST_GROUP} courses are compared")
    drawn, _ = parts_of(compared, _compared)
    return Figure(
        title=titled(drawn),
        measure=f"Difference in mean change from all other skin types, {_when(judged)}, had every patient continued; below 0 is more improvement",
        said=f"Difference of each group of skin types from all others. {told_of(drawn)}",
        drawing=dot_rows(
            "Difference of each group of skin types from all others",
            ("Skin types", "Verdict, difference (95% CI)"),
            [part.drawn for part in drawn],
            ends("better", "worse"),
        ),
        note="Grey zone: the margin, that is, differences too small to matter. Thick bar: 90% CI, which lies inside the zone where a group "
        "is equivalent. Thin bar: 95% CI. Both hold for all groups together. Hollow: undecided.",
    )


def _when(judged: pd.DataFrame) -> str:
    """After which session the groups are compared, of each endpoint where they differ."""
    at = judged.groupby("endpoint", sort=False)["session"].first()
    if at.nunique() == 1:
        return session_words(at.iloc[0])
    return listed([f"{session_words(k)} ({ENDPOINTS[name].label})" for name, k in at.items()])


def _compared(compared: pd.DataFrame) -> Part:
    rows, judged = compared.to_dict("records"), known(compared.dropna(subset="conf_low"))
    reach = max(judged[["margin", "conf_low", "conf_high"]].abs().max()) if len(judged) else 1.0
    axis = Axis.of([-1.04 * reach, 1.04 * reach], least=0.0)
    said = [f"{first_down(types(row['skin_types']))} {value_words(row)}, {row['verdict']}{_margin(row)}" for row in rows]
    drawn = Group(
        f"{heading_of(compared)}, {SCALES[compared['scale'].iloc[0]].unit}",
        [_verdict_row(row, axis, hue_of(compared)) for row in rows],
        axis.head() if len(judged) else "",
    )
    return Part(heading_of(compared), _verdicts(compared), f"{'; '.join(said)}.", drawn)


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


_NO_TYPES = ("Too few courses to show skin types apart", f"Fewer than two have {FEW} courses analysed")


def change_at_last(estimates: pd.DataFrame) -> Figure:
    """One dot and interval for each group: the `as_treated` change of every analysed course at its last assessment.

    The rows of several endpoints stand below each other. Groups of fewer than 5 courses are named and have no value.
    """
    drawn, missing = parts_of(estimates, _at_last)
    if not drawn:
        return nothing(*_NO_TYPES)
    return Figure(
        title=titled(drawn),
        measure=f"Mean change of every analysed course at its last score; {better(rows_of(drawn, estimates))}",
        said=f"Mean change at the last assessment. {told_of(drawn)}",
        drawing=dot_rows(
            "Change at the last assessment",
            ("Skin type", "Courses", "Change (95% CI)"),
            [part.drawn for part in drawn],
        ),
        note=left_out(missing),
    )


def _at_last(estimates: pd.DataFrame) -> Part:
    by, group = ("skin_type", "skin type") if "skin_type" in estimates else ("skin_band", "group of skin types")
    heading, shown = heading_of(estimates), known(estimates)
    if len(shown) < 2:
        return Part(heading, _NO_TYPES[0], "")
    axis = Axis.of([*shown["conf_low"], *shown["conf_high"], *shown["estimate"]], least=0.0, most=_range(estimates))
    changes = [(str(row[by]), row) for row in shown.dropna(subset="conf_low").to_dict("records")]
    rows, unit = estimates.to_dict("records"), SCALES[estimates["scale"].iloc[0]].unit
    said = [f"{first_down(types(str(row[by])))} {value_words(row) if row['n'] >= FEW else _too_few(row)}" for row in rows]
    return Part(
        heading,
        every(group, finding(changes, type_names), is_all=len(shown) == len(estimates)),
        f"{'; '.join(said)} ({unit}).",
        Group(f"{heading}, {unit}", [_last_row(row, str(row[by]), axis) for row in rows], axis.head()),
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
