"""Is it the same for every skin type? Small panels of their lines, with everyone's dotted behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.canvas import (
    BAND,
    RELIABLE,
    SOFT,
    TEXT,
    TOGETHER,
    UNRELIABLE,
    Figure,
    panels,
    paper,
    styled,
)
from outcomes.display.figures.change import stretches
from outcomes.display.figures.elements import (
    NARROW,
    Part,
    better,
    change_axis,
    enough_of,
    every,
    finding,
    heading_of,
    hue_of,
    known,
    label_of,
    last_reliable,
    left_out,
    notes,
    nothing,
    parts_of,
    points_words,
    rows_of,
    titled,
    told_of,
    type_names,
    within,
)
from outcomes.display.figures.key import key
from outcomes.display.words import counted, first_down, session_words, signed, skin, types

_Panel = tuple[str, str, Axes, str]


_NO_GROUPS = (
    "Too few courses to show groups of skin types apart",
    f"Fewer than two groups have {FEW} courses scored after a session",
)


@styled
def change_of_groups(estimates: pd.DataFrame, everyone: pd.DataFrame) -> Figure:
    """One small panel for each group of skin types, of each endpoint: change had every patient continued, everyone's line dotted behind."""
    drawn, missing = parts_of(estimates, lambda rows: _groups(rows, _of_same(everyone, rows)))
    if not drawn:
        return nothing(*_NO_GROUPS)
    return Figure(
        title=titled(drawn),
        measure=f"Mean change, by sessions given, had every patient continued; {better(rows_of(drawn, estimates))}",
        said=f"Mean change had every patient continued, by skin types. {told_of(drawn)}",
        drawing="".join(part.drawn for part in drawn),
        key=key(
            ("solid", "these skin types"),
            ("dashed", "fewer than half still assessed"),
            ("dotted", "all skin types together"),
            ("band", "95% CI"),
        ),
        note=notes(
            "Courses: scored after the session of the filled point, of those that began.",
            left_out(missing),
        ),
    )


def _of_same(everyone: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return everyone[everyone["endpoint"] == rows["endpoint"].iloc[0]]


def _groups(estimates: pd.DataFrame, everyone: pd.DataFrame) -> Part:
    all_types, name = _after_treatment(everyone), heading_of(estimates)
    own = {group: estimates[estimates["skin_types"] == group] for group in dict.fromkeys(estimates["skin_types"])}
    shown = {group: _after_treatment(frame) for group, frame in own.items()}
    session, at = _compared(shown, everyone)
    if len(at) < 2:
        return Part(name, _NO_GROUPS[0], "")
    drawn = pd.concat([*shown.values(), all_types])
    last = max([1.0, *drawn["session"]])
    each = (_group_panel(group, own[group], shown[group], all_types, drawn, last, session) for group in own)
    return Part(
        name,
        every("group", finding(at.items(), type_names), is_all=len(at) == len(own)),
        f"{'. '.join(f'{types(group)}, {points_words(frame) or _FEW_WORDS}' for group, frame in shown.items())}.",
        panels(*each, small=True),
    )


_FEW_WORDS = "too few"


def _group_panel(
    name: str, whole: pd.DataFrame, own: pd.DataFrame, all_types: pd.DataFrame, drawn: pd.DataFrame, last: float, session: float
) -> _Panel:
    axes = _small(drawn, all_types, last)
    hue, scale = hue_of(whole), whole["scale"].iloc[0]
    sessions, change, low, high = (
        [0.0, *own["session"]],
        [0.0, *own["estimate"]],
        [0.0, *within(scale, own["conf_low"])],
        [0.0, *within(scale, own["conf_high"])],
    )
    axes.fill_between(sessions, low, high, color=hue, alpha=BAND, linewidth=0)
    is_enough = pd.Series([True, *(own["n"] >= enough_of(whole))])
    for first, to, reliable in stretches(is_enough):
        axes.plot(sessions[first : to + 1], change[first : to + 1], color=hue, **(RELIABLE if reliable else UNRELIABLE))
    at = own[own["session"] == session]
    n, began = (int(at["n"].iloc[0]) if len(at) else 0), int(whole["n"].max())
    if own.empty:
        _too_few(axes)
    elif len(at):
        axes.plot(at["session"], at["estimate"], marker="o", markersize=7, color=hue)
    beside = (
        f"{n} of {counted(began, 'courses')}" if n else f"of {counted(began, 'courses')} too few" if began >= FEW else "too few"
    )
    return f"{heading_of(whole)}, {skin(name)}", beside, axes, _label(whole, types(name), at)


def _small(drawn: pd.DataFrame, all_types: pd.DataFrame, last: float) -> Axes:
    """A small panel with its axis, which all panels share, and the line of all skin types."""
    axes = paper(**NARROW)
    values = [*drawn["estimate"], *drawn["conf_low"], *drawn["conf_high"]]
    change_axis(axes, all_types["scale"].iloc[0], values, is_named=False)
    axes.set_xlim(-0.25, last + 0.35)
    step = next(step for step in (1, 2, 5, 10, 20, 50) if last / step <= 8)
    axes.set_xticks(sessions := range(0, int(last) + 1, step), [f"{k}" for k in sessions], fontsize=TEXT)
    axes.plot([0, *all_types["session"]], [0, *all_types["estimate"]], **TOGETHER)
    return axes


def _too_few(axes: Axes) -> None:
    axes.annotate("too few", (0.5, 0.3), xycoords="axes fraction", ha="center", color=SOFT, fontsize=TEXT)


def _label(of: pd.DataFrame, name: str, at: pd.DataFrame) -> str:
    rows, unit = at.to_dict("records"), SCALES[of["scale"].iloc[0]].unit
    said = f"{signed(rows[0]['estimate'])} {unit} {session_words(rows[0]['session'])}" if rows else _FEW_WORDS
    return label_of("Line chart of change by session", f"{heading_of(of)}, {first_down(name)}", said)


def _after_treatment(estimates: pd.DataFrame) -> pd.DataFrame:
    """The changes that are known of enough courses; the start is drawn as no change, so its rows are left out."""
    return known(estimates[(estimates["measure"] == "change") & (estimates["session"] > 0)])


def _compared(shown: Mapping[str, pd.DataFrame], everyone: pd.DataFrame) -> tuple[float, dict[str, dict[str, Any]]]:
    """The last session with enough courses of all types and of at least two groups, and their rows there with an interval."""
    headline = last_reliable(everyone)
    sessions = [
        session for session in sorted({*everyone["session"]}, reverse=True) if headline and 0 < session <= headline["session"]
    ]
    each = ((session, _at(shown, session)) for session in sessions)
    return next((found for found in each if len(found[1]) > 1), (0, {}))


def _at(shown: Mapping[str, pd.DataFrame], session: float) -> dict[str, dict[str, Any]]:
    rows = {
        name: frame[frame["session"] == session].dropna(subset="conf_low").to_dict("records") for name, frame in shown.items()
    }
    return {name: found[0] for name, found in rows.items() if found}
