"""Estimates as pictures: display only, no statistics. The one room that draws.

A picture's title states the finding, its subtitle the measure, unit and direction, its footnote the caveat. Each picture
carries an alternative text with the plotted numbers; that text, not the pixels, is what notebooks are compared by.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.adverse_events import event_rates, events_by_skin_type, provider_events
from outcomes.display.figures.canvas import (
    FAINT,
    HUES,
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
)  # fmt: skip
from outcomes.display.figures.change import change_by_session
from outcomes.display.figures.elements import (
    bars,
    enough_of,
    measured,
    no_change,
    points_words,
    too_few,
    value_words,
)
from outcomes.display.figures.evidence import published_changes
from outcomes.display.figures.flow import flow
from outcomes.display.figures.response import gain_of_sessions, response_by_session
from outcomes.display.figures.skin_types import change_of_groups, skin_type_differences
from outcomes.display.prose import counted, percent, session_words, signed, types

__all__ = [
    "HUES",
    "SKIN_TYPE_HUES",
    "Figure",
    "better_or_worse",
    "change_at_last",
    "change_by_session",
    "change_by_skin_type",
    "change_of_groups",
    "event_rates",
    "events_by_skin_type",
    "flow",
    "gain_of_sessions",
    "provider_events",
    "published_changes",
    "response_by_session",
    "skin_type_differences",
]


@styled
def change_by_skin_type(estimates: pd.DataFrame, everyone: pd.DataFrame) -> Figure:
    """Six small panels, one for each skin type: its `observed` change by session, everyone's line in grey behind."""
    page = Page(
        title="Change by session and Fitzpatrick skin type, among those still attending",
        subtitle=f"Mean change in {measured(estimates)}, by sessions given; lower is better. Grey line: all skin types together",
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
        colours=64,
    )


@styled
def change_at_last(estimates: pd.DataFrame) -> Figure:
    """One dot and interval for each group: the `as_treated` change of every analysed course at its last assessment.

    Groups of fewer than 5 courses are named and not drawn: one wide interval would press all others flat.
    """
    by, groups = ("skin_type", "skin types") if "skin_type" in estimates else ("skin_band", "groups of skin types")
    enough = estimates[estimates["n"] >= FEW]
    lower = f"Lower than before in {(enough['conf_high'] < 0).sum()} of {len(enough)} {groups} with at least {FEW} courses"
    page = Page(
        title=lower if len(enough) else f"No skin type has {FEW} courses: too few to say",
        subtitle=f"Mean change in {measured(estimates)} of every analysed course at its last score; lower is better",
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
        said.append(f"t{types(row[by])[1:]} {f'too few ({courses})' if few else value_words(row)}")
    axes.axvline(0, color=INK, linewidth=1)
    axes.annotate("no change", (0, 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=SMALL, color=SOFT)
    axes.set_ylim(len(estimates) - 0.5, -0.5)
    if enough.empty:
        axes.set_xlim(-1, 1)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(tick)
    bare(axes, "left")
    return page.figure(
        f"Mean change at the last assessment in {SCALES[estimates['scale'].iloc[0]].unit}: {'; '.join(said)}.", colours=64
    )


@styled
def better_or_worse(estimates: pd.DataFrame) -> Figure:
    """Stacked bars by session: share of those still attending who were worse, the same and better than at baseline.

    The title speaks of the last session that at least half of the first one's courses, and at least 5, were scored after.
    """
    seen = estimates[estimates["n"] > 0]
    wide = {session: rows.set_index("measure")["estimate"] for session, rows in seen.groupby("session")}
    n = seen.groupby("session")["n"].first()
    enough = n[n >= enough_of(seen)]
    title = "Too few courses to say"
    if len(enough):
        better = percent(wide[enough.index[-1]]["better"])
        title = (
            f"{session_words(enough.index[-1])}, {better} of those still attending scored better than at baseline".capitalize()
        )
    page = Page(
        title=title,
        subtitle=f"Share of courses whose {SCALES[estimates['scale'].iloc[0]].label} was worse, the same or better, by sessions given",
        footnote="Of the patients still attending, not of all who began. A score that differs by any amount counts as better or worse. "
        "Pale: fewer than half of the first session's courses, or fewer than 5.",
        height=(0.36 if len(wide) <= 12 else 0.24) * len(wide) + 0.4,
    )
    if wide:
        axes = page.panel(left=1.65, right=0.1, below=0.05, above=0.05)
        _stacked(axes, wide, HUES[estimates["endpoint"].iloc[0]], pale=set(n.index) - set(enough.index))
        for place, session in enumerate(wide):
            beside(axes, place, -0.95, f"{session:g}", ha="right")
            beside(axes, place, -0.12, f"{n[session]:,}", ha="right")
        beside(axes, -0.8, -0.95, "sessions", ha="right", size=SMALL)
        beside(axes, -0.8, -0.12, "courses", ha="right", size=SMALL)
    words = {"better": "better", "same": "the same", "worse": "worse"}
    said = [
        f"{session_words(session)} {', '.join(f'{percent(row[name])} {word}' for name, word in words.items())}"
        for session, row in wide.items()
    ]
    return page.figure(f"Of those still attending: {'; '.join(said) or 'no courses'}.")


def _stacked(axes: Axes, wide: dict[float, pd.Series], hue: str, pale: set[float]) -> None:
    """One bar for each session, laid so that the middle of "the same" is one line down the picture."""
    for place, (session, row) in enumerate(wide.items()):
        left = -row["worse"] - row["same"] / 2
        for name, colour, ink in (("worse", FAINT, INK), ("same", PALE, INK), ("better", hue, "white")):
            axes.barh(place, row[name], left=left, height=0.76, color=colour, alpha=0.4 if session in pale else 1)
            if row[name] >= 8 and (name == "better" or len(wide) <= 12):
                middle = (left + row[name] / 2, place)
                axes.annotate(
                    percent(row[name]), middle, ha="center", va="center", fontsize=SMALL, color=INK if session in pale else ink
                )
            left += row[name]
    beyond = max(next(iter(wide.values()))["same"] / 2, 9) + 2
    for x, word, ha in ((-beyond, "worse", "right"), (0, "the same", "center"), (beyond, "better", "left")):
        axes.annotate(word, (x, -0.8), ha=ha, va="center", fontsize=SMALL, color=SOFT)
    low = min(-row["worse"] - row["same"] / 2 for row in wide.values())
    high = max(row["better"] + row["same"] / 2 for row in wide.values())
    axes.set_xlim(min(low, -beyond - 15), max(high, beyond + 15))
    axes.set_ylim(len(wide) - 0.5, -1.2)
    axes.set_xticks([])
    bare(axes, "left", "bottom")
