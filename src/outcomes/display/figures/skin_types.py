"""Is it the same for every skin type? Their lines beside everyone's, and their differences beside the margin."""

from __future__ import annotations

from math import ceil
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW, SMALLEST_GROUP
from outcomes.display.figures.canvas import (
    DOTS,
    FAINT,
    INK,
    PALE,
    SKIN_TYPE_HUES,
    SMALL,
    SOFT,
    TEXT,
    Figure,
    Page,
    bare,
    beside,
    styled,
    tick,
)
from outcomes.display.figures.elements import bars, better, no_change, nothing, points_words, too_few, value_words
from outcomes.display.prose.skin_types import margin_words
from outcomes.display.words import counted, first_down, measured, session_words, signed, types
from outcomes.measures.skin_types import SLIGHTLY, VERDICTS

_TWO_LINES = {SLIGHTLY: "different, by less\nthan the margin"}
"""Verdicts that are too long for one line beside the picture."""


@styled
def change_of_groups(estimates: pd.DataFrame, everyone: pd.DataFrame) -> Figure:
    """One small panel for each group of skin types: change had every patient continued, everyone's line in grey behind."""
    shown, all_types = (_after_treatment(frame) for frame in (estimates, everyone))
    groups = list(dict.fromkeys(estimates["skin_types"]))
    if not groups:
        return nothing("Too few courses to show groups of skin types", "Too few courses were scored after a session")
    columns = min(len(groups), 3)
    rows = ceil(len(groups) / columns)
    page = Page(
        title="Change by session in each group of skin types, had every patient continued",
        subtitle=f"Mean change in {measured(estimates)}, by sessions given; {better(estimates)}. Grey line: all skin types together",
        footnote="Bands: 95 % interval. A line ends where fewer than 5 courses are scored. Groups with fewer than "
        f"{SMALLEST_GROUP} courses have none.",
        height=2.0 * rows,
    )
    shared: Axes | None = None
    for place, name in enumerate(groups):
        own = shown[shown["skin_types"] == name]
        axes = page.panel(
            place % columns, columns, place // columns, rows, left=0.56, right=0.12, below=0.35, above=0.3, shared=shared
        )
        shared = shared or axes
        hue = _hue(name)
        no_change(axes, pd.concat([shown, all_types]))
        axes.plot([0, *all_types["session"]], [0, *all_types["estimate"]], color=FAINT, linewidth=1.2)
        axes.fill_between([0, *own["session"]], [0, *own["conf_low"]], [0, *own["conf_high"]], color=hue, alpha=0.18, linewidth=0)
        axes.plot([0, *own["session"]], [0, *own["estimate"]], color=hue, linewidth=2)
        outwards = 0.22 * DOTS / axes.get_window_extent().width
        axes.set_title(types(name), loc="left", x=-outwards, fontsize=TEXT, fontweight="bold", color=hue)
        if own.empty:
            too_few(axes)
        axes.set_title(
            counted(int(estimates.loc[estimates["skin_types"] == name, "n"].max()), "courses"),
            loc="right",
            fontsize=SMALL,
            color=SOFT,
        )
        axes.set_xlim(-0.2, max([1, *all_types["session"]]) + 0.3)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    said = [f"{first_down(types(name))}, {points_words(shown[shown['skin_types'] == name]) or 'too few'}" for name in groups]
    return page.figure(
        f"Mean change had every patient continued, by skin types ({SCALES[estimates['scale'].iloc[0]].unit}). {'. '.join(said)}.",
        colours=128,
    )


@styled
def skin_type_differences(compared: pd.DataFrame) -> Figure:
    """One dot and simultaneous interval for each group less all others, on a strip as wide as its margin."""
    if compared.empty:
        return nothing("Too few courses to compare skin types", f"Groups of at least {SMALLEST_GROUP} courses are compared")
    first = compared.iloc[0]
    verdicts = compared["verdict"]
    numbers = [f"{(verdicts == verdict).sum()} {verdict}" for verdict in VERDICTS if (verdicts == verdict).any()]
    page = Page(
        title=f"Each group less all others: {'; '.join(numbers) if SLIGHTLY in set(verdicts) else ', '.join(numbers)}",
        subtitle=f"Difference in mean change in {measured(compared)}, {session_words(first['session'])}, had every patient continued; left is more improvement",
        footnote="Bars: simultaneous 95 % intervals, thick part 90 %. Strip: the margin; a group is equivalent when the thick part lies "
        "inside it. The margin is the declared one or a third of the others' own change, if that is smaller. Others are weighted by their courses.",
        height=0.46 * len(compared) + 0.7,
    )
    axes = page.panel(left=2.45, right=1.35, below=0.4, above=0.3)
    axes.axvline(0, color=INK, linewidth=1)
    for place, row in enumerate(compared.to_dict("records")):
        hue = _hue(row["skin_types"])
        axes.barh(place, 2 * row["margin"], left=-row["margin"], height=0.84, color=PALE, zorder=0)
        axes.plot([row["conf_low"], row["conf_high"]], [place, place], color=hue, linewidth=1.4)
        axes.plot([row["margin_low"], row["margin_high"]], [place, place], color=hue, linewidth=4, solid_capstyle="butt")
        axes.plot(row["estimate"], place, marker="o", markersize=7, color=hue)
        beside(axes, place, -2.35, types(row["skin_types"]), color=INK)
        beside(axes, place, -0.12, counted(row["n"], "courses"), ha="right")
        beside(axes, place, 7.0, _TWO_LINES.get(row["verdict"], row["verdict"]), right=True, color=INK)
    axes.annotate("no difference", (0, 1.03), xycoords=("data", "axes fraction"), ha="center", fontsize=SMALL, color=SOFT)
    axes.set_ylim(len(compared) - 0.5, -0.5)
    widest = 1.08 * max([0.0, *compared[["margin", "conf_low", "conf_high"]].abs().max().dropna()]) or 1
    axes.set_xlim(-widest, widest)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(tick)
    bare(axes, "left")
    said = [
        f"{first_down(types(row['skin_types']))} {value_words(row)}, {row['verdict']}{_margin(row)}"
        for row in compared.to_dict("records")
    ]
    return page.figure(f"Difference of each group of skin types from all others: {'; '.join(said)}.", colours=128)


def _margin(row: dict[str, Any]) -> str:
    return f" (margin {margin_words(row)})" if row["margin"] > 0 else ""


def _after_treatment(estimates: pd.DataFrame) -> pd.DataFrame:
    """The changes that are known; the start is drawn as no change, so its rows are left out."""
    return estimates[(estimates["measure"] == "change") & (estimates["session"] > 0)].dropna(subset="estimate")


def _hue(group: str) -> str:
    """The hue of the group's first type."""
    return SKIN_TYPE_HUES.get(group.split("-")[0], INK)


@styled
def change_by_skin_type(estimates: pd.DataFrame, everyone: pd.DataFrame) -> Figure:
    """Six small panels, one for each skin type: its `observed` change by session, everyone's line in grey behind."""
    page = Page(
        title="Change by session and Fitzpatrick skin type, among those still attending",
        subtitle=f"Mean change in {measured(estimates)}, by sessions given; {better(estimates)}. Grey line: all skin types together",
        footnote=f"Bars: 95 % interval. Points of fewer than {FEW} courses are not drawn. Types differ in who stops, so unlike lines "
        "need not mean unlike effects.",
        height=3.9,
    )
    enough, all_types = estimates[estimates["n"] >= FEW], everyone[everyone["n"] >= FEW]
    drawn = {name: enough[enough["skin_type"] == name] for name in SKIN_TYPES}
    n = estimates.groupby("skin_type", observed=False)["n"].max()
    shared: Axes | None = None
    for place, (name, frame) in enumerate(drawn.items()):
        axes = page.panel(place % 3, 3, place // 3, 2, left=0.52, right=0.12, below=0.35, above=0.3, shared=shared)
        shared = shared or axes
        hue = SKIN_TYPE_HUES[name]
        no_change(axes, pd.concat([enough, all_types]))
        axes.plot([0, *all_types["session"]], [0, *all_types["estimate"]], color=FAINT, linewidth=1.2)
        bars(axes, frame, hue)
        axes.plot(
            frame["session"], frame["estimate"], color=hue, linewidth=1, marker="o", markersize=4.5, markerfacecolor="white"
        )
        axes.set_title(f"Type {name}", loc="left", x=-0.2, fontsize=TEXT, fontweight="bold", color=hue)
        axes.set_title(counted(int(n[name]), "courses"), loc="right", fontsize=SMALL, color=SOFT)
        if frame.empty:
            too_few(axes)
        axes.set_xlim(-0.3, max([1, *all_types["session"]]) + 0.4)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    said = [f"type {name}, {points_words(frame) if len(frame) else 'too few'}" for name, frame in drawn.items()]
    return page.figure(
        f"Mean change of those still attending by skin type ({SCALES[estimates['scale'].iloc[0]].unit}). {'. '.join(said)}.",
        colours=128,
    )


@styled
def change_at_last(estimates: pd.DataFrame) -> Figure:
    """One dot and interval for each group: the `as_treated` change of every analysed course at its last assessment.

    Groups of fewer than 5 courses are named and not drawn: one wide interval would press all others flat.
    """
    by, groups = ("skin_type", "skin types") if "skin_type" in estimates else ("skin_band", "groups of skin types")
    enough = estimates[estimates["n"] >= FEW]
    improved = "Higher" if SCALES[estimates["scale"].iloc[0]].higher_is_better else "Lower"
    finding = f"{improved} than before in {(enough['conf_high'] < 0).sum()} of {len(enough)} {groups} with at least {FEW} courses"
    page = Page(
        title=finding if len(enough) else f"No skin type has {FEW} courses: too few to say",
        subtitle=f"Mean change in {measured(estimates)} of every analysed course at its last score; {better(estimates)}",
        footnote="Bars: 95 % interval. Types differ in how they began and how many sessions they had: no comparison of effects.",
        height=0.4 * len(estimates) + 0.6,
    )
    axes = page.panel(left=2.45, right=1.2, below=0.35, above=0.25)
    said = []
    for place, row in enumerate(estimates.to_dict("records")):
        few, courses = row["n"] < FEW, counted(int(row["n"]), "courses")
        hue = SKIN_TYPE_HUES.get(row[by], INK)
        if not few:
            axes.plot([row["conf_low"], row["conf_high"]], [place, place], color=hue, linewidth=2.2, solid_capstyle="butt")
            axes.plot(row["estimate"], place, marker="o", markersize=7, color=hue)
        beside(axes, place, 7.0, "too few to say" if few else signed(row["estimate"]), right=True, color=SOFT if few else INK)
        beside(axes, place, -2.35, types(row[by]), color=SOFT if few else INK)
        beside(axes, place, -0.1, courses, ha="right", color=SOFT)
        said.append(f"{first_down(types(row[by]))} {f'too few ({courses})' if few else value_words(row)}")
    axes.axvline(0, color=INK, linewidth=1)
    axes.annotate("no change", (0, 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=SMALL, color=SOFT)
    axes.set_ylim(len(estimates) - 0.5, -0.5)
    if enough.empty:
        axes.set_xlim(-1, 1)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(tick)
    bare(axes, "left")
    return page.figure(
        f"Mean change at the last assessment in {SCALES[estimates['scale'].iloc[0]].unit}: {'; '.join(said)}.", colours=128
    )
