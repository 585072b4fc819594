"""How many sessions: responded by each session as a range, and what one more session went with."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.figures.paper import FAINT, SMALL, SOFT, TEXT, Figure, Page, styled
from outcomes.figures.parts import hue_of, measured, no_change, points_words
from outcomes.prose import percent
from outcomes.scales import SCALES


@styled
def response_by_session(responded: pd.DataFrame, session: int) -> Figure:
    """Steps of "responded by session k": at least (whoever stops never responds) and at most (as those who stay).

    Grey beyond `session`, the last one that at least half of the courses are scored after.
    """
    ends = {name: responded[responded["measure"] == f"responded by, {name}"] for name in ("at least", "at most")}
    least, most = (rows.set_index("session")["estimate"].get(session, nan) for rows in ends.values())
    title = (
        "Too few courses to say"
        if isnan(least) or isnan(most)
        else f"Between {least:.0f} and {percent(most)} had responded by session {session}"
    )
    scale = SCALES[responded["scale"].iloc[0]]
    page = Page(
        title=title,
        subtitle=f"Percent of courses that responded on the {scale.label}, by sessions given",
        footnote=f"Responded: {scale.rule}, and again at the next score or at the last. Lower line: who stopped never would have; upper line: "
        "as those who stayed. Bands: 95 % interval of each. Grey: fewer than half are left to tell.",
        height=2.6,
    )
    axes = page.panel(left=0.74, right=1.2, below=0.4, above=0.1)
    hue = hue_of(responded)
    for name, rows in ends.items():
        _steps(axes, rows, hue, name, session)
    axes.set_ylim(0, 100)
    axes.set_xlim(0, responded["session"].max() + 1)
    axes.yaxis.set_major_formatter(lambda value, _: percent(value))
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axes.set_xlabel("sessions", fontsize=SMALL, loc="left")
    said = [
        f"{name}: "
        + ", ".join(
            f"{percent(row['estimate'])} by session {row['session']:g}"
            for row in rows.to_dict("records")
            if row["estimate"] == row["estimate"]
        )
        for name, rows in ends.items()
    ]
    return page.figure(f"Responded by each session. {'. '.join(said)}.", colours=48)


def _steps(axes: Axes, rows: pd.DataFrame, hue: str, name: str, session: int) -> None:
    sessions = [0, *rows["session"], rows["session"].max() + 1]
    values = {column: [0, *rows[column], rows[column].iloc[-1]] for column in ("estimate", "conf_low", "conf_high")}
    for part, colour in ((slice(session + 1, None), FAINT), (slice(0, session + 2), hue)):
        axes.fill_between(
            sessions[part],
            values["conf_low"][part],
            values["conf_high"][part],
            step="post",
            color=colour,
            alpha=0.14,
            linewidth=0,
        )
        axes.step(sessions[part], values["estimate"][part], where="post", color=colour, linewidth=2)
    shown = next((value for value in reversed(values["estimate"]) if value == value), 0)
    axes.annotate(
        f"{name} {percent(shown)}", (1.01, shown), xycoords=("axes fraction", "data"), va="center", fontsize=TEXT, color=hue
    )


@styled
def gain_of_sessions(gains: pd.DataFrame, session: int) -> Figure:
    """A dot and interval for each session: the further change that went with it, had all continued; grey beyond `session`."""
    shown = gains.dropna(subset="conf_low")
    well_seen = shown[shown["session"] <= session]
    clear = well_seen[well_seen["conf_high"] < 0]["session"].tolist()
    title = (
        f"A clear further improvement went with session {', '.join(f'{k:g}' for k in clear)}"
        if clear
        else "No session with a clear further improvement"
    )
    page = Page(
        title=title,
        subtitle=f"Change in {measured(gains)} from one session to the next, had all continued; lower is better",
        footnote="Bars: 95 % interval of the difference itself. Grey: fewer than half of the courses that began are scored.",
        height=2.3,
    )
    axes = page.panel(left=0.74, right=0.2, below=0.4, above=0.1)
    no_change(axes, shown)
    for rows, colour in ((shown.loc[shown.index.difference(well_seen.index)], FAINT), (well_seen, hue_of(gains))):
        axes.vlines(rows["session"], rows["conf_low"], rows["conf_high"], color=colour, linewidth=2)
        axes.plot(rows["session"], rows["estimate"], linestyle="none", marker="o", markersize=7, color=colour)
    axes.set_xlim(0.4, max([1, *shown["session"]]) + 0.6)
    axes.set_xticks(shown["session"], [f"session {k:g}" if len(shown) < 9 else f"{k:g}" for k in shown["session"]])
    axes.tick_params(axis="x", length=0, labelcolor=SOFT)
    return page.figure(
        f"Further change with each session, had all continued: {points_words(shown) or 'too few courses'}.", colours=48
    )
