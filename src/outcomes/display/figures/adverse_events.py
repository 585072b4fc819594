"""Adverse events as dots and intervals: each event, new PIH by skin type, and providers beside what chance leaves."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.cohort.events import ANY
from outcomes.cohort.providers import OTHERS
from outcomes.definitions.columns import EVENTS, NEW_PIH, NOT_RECORDED
from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.canvas import (
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
)
from outcomes.display.figures.elements import nothing
from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import how_often, label, percent_of, provider_limits
from outcomes.display.words import counted, first_down, first_up, one_in, percent, rate, types
from outcomes.measures.adverse_events import PER_COURSE

_LEFT, _RIGHT = 2.0, 2.05  # inches for the names, and for the counts
_BARS = "Bars: 95 % interval by patients. Hollow: none seen; the bar ends at what that leaves possible."
_LONGEST = 18  # characters of a provider's code that fit beside its row


@styled
def adverse_events(events: pd.DataFrame) -> Figure:
    """One dot and interval for each event: of how many of 100 courses of the usual length it would be recorded, from `outcomes.adverse_events`."""
    rows = events[events["measure"] == PER_COURSE].set_index("event").loc[[*EVENTS, ANY]].reset_index()
    seen = rows[rows["event"].isin(EVENTS) & (rows["events"] > 0)]
    if (rows["n"] == 0).all():
        return nothing("Adverse events are not recorded", "No visit after a session says yes or no; that is not the same as none")
    most = seen.sort_values("events", kind="stable")
    title = "No event was seen where it was asked about"
    if len(most):
        title = f"{first_up(label(most['event'].iloc[-1]))} was recorded most: in {int(most['events'].iloc[-1]):,} of {counted(int(most['n'].iloc[-1]), 'courses')}"
    page = Page(
        title=title,
        subtitle=f"{first_up(percent_of(rows.iloc[0]))} with the event, had each session been asked about",
        footnote=f"{_BARS} Events per session are in the table.",
        height=0.36 * len(rows) + 0.7,
    )
    axes = page.panel(left=_LEFT, right=_RIGHT, below=0.35, above=0.25)
    for place, row in enumerate(rows.to_dict("records")):
        words = "Any of these" if row["event"] == ANY else first_up(label(row["event"]))
        beside(axes, place, -_LEFT + 0.1, words, color=INK)
        _dot(axes, place, row, INK)
    _percents(axes, rows, "courses")
    said = [f"{label(row['event'])} {how_often(row)}" for row in rows.to_dict("records")]
    return page.figure(f"Courses with each event, {percent_of(rows.iloc[0])}: {'; '.join(said)}.", colours=48)


@styled
def adverse_events_by_skin_type(events: pd.DataFrame) -> Figure:
    """New PIH and any event, one panel each: a dot and interval for each skin type or group, from `outcomes.adverse_events`."""
    by = next(name for name in ("skin_type", "skin_band", "skin_types") if name in events)
    rows = events[events["measure"] == PER_COURSE]
    panels = {NEW_PIH: "New PIH", ANY: "Any event or new PIH"}
    frames = {event: rows[rows["event"] == event].reset_index(drop=True) for event in panels}
    both = pd.concat(frames.values())
    if (both["n"] == 0).all():
        return nothing("New PIH is not recorded", "No visit after a session says yes or no; that is not the same as none")
    height = 0.34 * len(both) + 1.4
    page = Page(
        title=_title_by_type(frames[NEW_PIH], by),
        subtitle=f"{first_up(percent_of(both.iloc[0]))}, had each session been asked about, by Fitzpatrick skin type",
        footnote=f"{_BARS} Fewer than {FEW} courses are not drawn.",
        height=height,
    )
    shared: Axes | None = None
    for place, (event, frame) in enumerate(frames.items()):
        axes = page.panel(0, 1, place, 2, left=1.2, right=_RIGHT, below=0.35, above=0.32, shared=shared)
        axes.set_title(panels[event], loc="left", fontsize=TEXT, fontweight="bold", color=INK)
        for line, row in enumerate(frame.to_dict("records")):
            beside(axes, line, -1.1, types(str(row[by])), color=INK if row["n"] >= FEW else SOFT)
            _dot(axes, line, row, SKIN_TYPE_HUES.get(str(row[by]).split("-")[0], INK))
        _percents(axes, both, "courses", lines=len(frame))
        shared = shared or axes
    said = [
        f"{panels[event]}: {'; '.join(f'{first_down(types(str(row[by])))} {how_often(row)}' for row in frame.to_dict('records'))}"
        for event, frame in frames.items()
    ]
    return page.figure(f"Courses with events by skin type, {percent_of(both.iloc[0])}. {'. '.join(said)}.", colours=128)


@styled
def adverse_events_by_provider(by_provider: pd.DataFrame) -> Figure:
    """One dot and interval for each provider, standardised by skin type, beside the strip in which chance would leave as many sessions."""
    rows = provider_limits(by_provider)
    named = rows[~rows["provider_id"].isin([OTHERS, NOT_RECORDED])]
    if len(named) < 2:
        return nothing("Too few providers to compare", "Providers are named and compared where they have at least 5 courses")
    if rows["all"].iloc[0] == 0:
        return nothing(
            "No event was recorded of any provider", f"None in {counted(int(rows['n'].sum()), 'sessions')} asked about"
        )
    beyond = named.loc[named["beyond"], "provider_id"].tolist()
    page = Page(
        title=f"{len(beyond)} of {len(named)} providers beyond what chance leaves"
        if beyond
        else f"None of {len(named)} providers differs from all together by more than chance",
        subtitle="Percent of sessions with any adverse event or new PIH after them, by who gave them, standardised to the skin types of all",
        footnote=f"Bars: 95 % interval. Strip: where 998 of 1,000 providers with as many sessions would lie if each had the rate of all, "
        f"{rate(rows['all'].iloc[0])} (line), and differed as the others do. In order of their codes, not of their rates. Fewer than 5 courses: taken together.",
        height=0.42 * len(rows) + 0.7,
    )
    axes = page.panel(left=_LEFT, right=_RIGHT, below=0.35, above=0.25)
    for place, row in enumerate(rows.to_dict("records")):
        axes.barh(place, row["chance_high"] - row["chance_low"], left=row["chance_low"], height=0.62, color=PALE, zorder=0)
        beside(axes, place, -_LEFT + 0.1, _short(row["provider_id"]), color=INK)
        _dot(axes, place, row, INK)
    axes.axvline(rows["all"].iloc[0], color=FAINT, linewidth=1)
    at = (rows["all"].iloc[0], 1)
    axes.annotate(
        "all", at, (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points", ha="center", fontsize=SMALL, color=SOFT
    )
    _percents(axes, rows.assign(conf_high=rows[["conf_high", "chance_high"]].max(axis=1)), "sessions")
    said = [
        f"{row['provider_id']} {how_often(row)}, by chance {rate(row['chance_low'])} to {rate(row['chance_high'])}"
        for row in rows.to_dict("records")
    ]
    return page.figure(
        f"Sessions with any event by provider, standardised by skin type: {'; '.join(said)}. All together {rate(rows['all'].iloc[0])}.",
        colours=48,
    )


def _dot(axes: Axes, place: int, row: dict[str, Any], hue: str) -> None:
    """The row's dot and bar, hollow where none was seen, and its count on the right; words where there are too few."""
    if row["n"] < FEW or isnan(row["estimate"]):
        too_few = (
            f"too few to say ({int(row['n'])})" if row["n"] < FEW else f"no rate ({int(row['events']):,} of {int(row['n']):,})"
        )
        words = note_of(row) if row["n"] == 0 else too_few
        beside(axes, place, 7.0, words, right=True, size=SMALL, color=SOFT)
        return
    none = row["events"] == 0
    axes.plot([row["conf_low"], row["conf_high"]], [place, place], color=hue, linewidth=2.2, solid_capstyle="butt")
    face = "white" if none else hue
    axes.plot(row["estimate"], place, marker="o", markersize=7, color=hue, markerfacecolor=face, clip_on=False, zorder=3)
    most = one_in(row["conf_high"])
    bounded = f"0 of {int(row['n']):,}; under 1 in {most:,}" if most > 1 else f"0 of {int(row['n']):,}"
    beside(
        axes, place, 7.0, bounded if none else f"{int(row['events']):,} of {int(row['n']):,}", right=True, size=SMALL, color=INK
    )


def _percents(axes: Axes, rows: pd.DataFrame, unit: str, lines: int | None = None) -> None:
    """Percents from 0 to the farthest end of an interval drawn, and the counts on the right named."""
    drawn = rows[rows["n"] >= FEW].dropna(subset="conf_high")
    axes.set_xlim(0, min(100.0, 1.04 * max([1.0, *drawn["conf_high"]])))
    axes.set_ylim((lines or len(rows)) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: percent(value) if float(value).is_integer() else rate(value))
    bare(axes, "left")
    axes.axvline(0, color=INK, linewidth=1)
    style: dict[str, Any] = {"xytext": (7, 4), "textcoords": "offset points", "fontsize": SMALL, "color": SOFT}
    axes.annotate(f"{unit} with it", (1, 1), xycoords="axes fraction", **style)


def _short(code: str) -> str:
    return code if len(code) <= _LONGEST else f"{code[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _title_by_type(pih: pd.DataFrame, by: str) -> str:
    asked = pih[pih["n"] >= FEW]
    if asked.empty:
        return "Too few courses to say how often new PIH arose"
    seen = asked[asked["events"] > 0]
    if seen.empty:
        return f"No new PIH in {counted(int(asked['n'].sum()), 'courses')}"
    groups = "skin types" if by == "skin_type" else "groups of skin types"
    return f"New PIH in {int(seen['events'].sum()):,} of {counted(int(pih['n'].sum()), 'courses')}, in {len(seen)} of {len(asked)} {groups}"
