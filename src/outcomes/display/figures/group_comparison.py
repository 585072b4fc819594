"""Providers, areas, devices or clinics as a funnel: how far each is from what is expected of it, by its number of courses."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.display.figures.canvas import GRID, HUES, INK, SOFT, TEXT, Figure, panels, paper, styled, tick_words
from outcomes.display.figures.elements import WIDE, label_of, nothing
from outcomes.display.figures.key import key
from outcomes.display.groups import judged, of_groups, outside
from outcomes.display.words import counted, direction, first_up, heading, session_words, signed
from outcomes.measures.group_comparison import CHANGE, FAR_BEYOND, WITHIN

_ALL_NAMED = 8
"""Of more groups only those beyond their limits are named in the picture."""


@styled
def group_comparison(compared: pd.DataFrame) -> Figure:
    """A dot for each group of `outcomes.group_comparison`: its change less what is expected, by its courses, in the limits of chance; a panel for each endpoint."""
    groups = of_groups(compared)
    rows = judged(compared)
    rows = rows[rows["measure"] == CHANGE]
    drawn = [of for _, of in rows.groupby("endpoint", sort=False) if len(of) > 1]
    if not drawn:
        return nothing(f"Too few {groups} to show apart", "Fewer than two have enough courses assessed after the same session")
    shown = pd.concat(drawn)
    every = shown["group"].nunique()
    beyond = outside(shown)
    far = beyond[beyond["verdict"] == FAR_BEYOND]["group"].nunique()
    title = (
        f"{far} of {every} {groups} beyond what chance explains" if far else f"{every} {groups} within what chance can explain"
    )
    return Figure(
        title=title,
        measure=f"Change less what was expected; {direction(shown['scale'])}",
        said=f"Change less what was expected, by {groups.removesuffix('s')}. {' '.join(map(_said, drawn))}",
        drawing=panels(*(_panel(of, groups) for of in drawn)),
        key=key(
            ("filled", "within 95% limits"),
            ("hollow", "beyond"),
            ("grey", "95% of such by chance"),
            ("dotted", "99.8% of such"),
        ),
        note=f"Only {groups} beyond their limits are named." if every > _ALL_NAMED else "",
    )


def _panel(rows: pd.DataFrame, groups: str) -> tuple[str, str, Axes, str]:
    row = rows.iloc[0]
    name, unit = heading(ENDPOINTS[row["endpoint"]]), SCALES[row["scale"]].unit
    axes = paper(**WIDE | {"height": 240.0, "below": 50.0})
    ends = [_apart(rows, end) for end in ("outer_low", "outer_high")]
    low, high = min(ends[0].min(), _apart(rows, "estimate").min()), max(ends[1].max(), _apart(rows, "estimate").max())
    room = 0.1 * (high - low)
    axes.set_ylim(low - room, high + room)
    ticks = [
        float(tick) for tick in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high) if low - room <= tick <= high + room
    ]
    axes.set_yticks(ticks, tick_words(ticks), fontsize=TEXT)
    for tick in ticks:
        axes.axhline(tick, color=GRID, linewidth=1, zorder=0)
    axes.axhline(0, color=INK, linewidth=1.2, zorder=1.6)
    place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    axes.annotate("0: as expected", (1, 1), xytext=(0, 7), ha="right", va="baseline", color=SOFT, **place)
    _courses(axes, rows)
    hue = HUES[row["endpoint"]]
    for of, inner_low, inner_high, outer_low, outer_high, apart in zip(
        rows.to_dict("records"), *(_apart(rows, end) for end in (*_ENDS, "estimate")), strict=True
    ):
        x = of["n"]
        axes.plot([x, x], [outer_low, outer_high], color=SOFT, linewidth=1.3, linestyle=(0, (1.2, 1.4)), zorder=1.5)
        axes.plot([x, x], [inner_low, inner_high], color=_BAND, linewidth=8, solid_capstyle="butt", zorder=1)
        is_within = of["verdict"] == WITHIN
        axes.plot(x, apart, marker="o", markersize=8, color=hue, markerfacecolor=hue if is_within else "white", markeredgewidth=2)
        if not is_within or len(rows) <= _ALL_NAMED:
            axes.annotate(
                of["group"], (x, apart), xytext=(8, 0), textcoords="offset points", va="center", color=INK, fontsize=TEXT
            )
    said = f"{counted(len(rows), groups)}, {len(outside(rows))} beyond their limits"
    return name, f"{unit}, {session_words(row['session'])}", axes, label_of("Change less what was expected", name, said)


_BAND = "#c3cad0"

_ENDS = ("inner_low", "inner_high", "outer_low", "outer_high")


def _courses(axes: Axes, rows: pd.DataFrame) -> None:
    least, most = float(rows["n"].min()), float(rows["n"].max())
    span = max(most - least, 1.0)
    left, right = max(0.0, least - 0.15 * span), most + 0.3 * span
    axes.set_xlim(left, right)
    ticks = [tick for tick in MaxNLocator(4, integer=True).tick_values(left, right) if left <= tick <= right]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=TEXT)
    axes.annotate(
        "courses assessed",
        (0.5, 0),
        xytext=(0, -40),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        fontsize=TEXT,
        color=SOFT,
    )


def _apart(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name] - rows["expected"]


def _said(rows: pd.DataFrame) -> str:
    row = rows.iloc[0]
    each = [
        f"{of['group']} {signed(apart)} ({counted(int(of['n']), 'courses')})"
        for of, apart in zip(rows.to_dict("records"), _apart(rows, "estimate"), strict=True)
    ]
    return f"{first_up(heading(ENDPOINTS[row['endpoint']]))}, {SCALES[row['scale']].unit}: {'; '.join(each)}."
