"""What one more session went with, as a picture."""

from __future__ import annotations

import pandas as pd

from outcomes.display.figures.canvas import FAINT, SMALL, SOFT, Figure, Page, styled
from outcomes.display.figures.elements import better, hue_of, no_change, nothing, points_words
from outcomes.display.words import listed, measured


@styled
def gain_by_session(gains: pd.DataFrame, session: int) -> Figure:
    """A dot and interval for each session: the further change that went with it, had every patient continued; grey beyond `session`."""
    shown = gains.dropna(subset="conf_low")
    if shown.empty:
        return nothing("Too few courses to say", "Not enough were scored to tell what a further session adds")
    well_seen = shown[shown["session"] <= session]
    clear, worse = (_sessions(rows) for rows in (well_seen[well_seen["conf_high"] < 0], well_seen[well_seen["conf_low"] > 0]))
    title = f"A clear further improvement went with {clear}" if clear else "No session with a clear further improvement"
    title += f"; worse after {worse}" if worse else ""
    page = Page(
        title=title,
        subtitle=f"Change in {measured(gains)} from one session to the next, had every patient continued; {better(gains)}",
        footnote="Bars: 95 % interval of the difference itself. Grey: fewer than half of the courses that began are scored.",
        height=2.3,
    )
    axes = page.panel(left=0.74, right=0.2, below=0.4, above=0.1)
    no_change(axes, shown)
    for rows, colour in ((shown.loc[shown.index.difference(well_seen.index)], FAINT), (well_seen, hue_of(gains))):
        axes.vlines(rows["session"], rows["conf_low"], rows["conf_high"], color=colour, linewidth=2)
        axes.plot(rows["session"], rows["estimate"], linestyle="none", marker="o", markersize=7, color=colour)
    last = shown["session"].max()
    axes.set_xlim(0.4, last + 0.6)
    axes.set_xticks(shown["session"], [f"session {k:g}" if last < 9 else f"{k:g}" for k in shown["session"]])
    if last >= 9:
        axes.set_xlabel("sessions", fontsize=SMALL, loc="left")
    axes.tick_params(axis="x", length=0, labelcolor=SOFT)
    return page.figure(f"Further change with each session, had every patient continued: {points_words(shown)}.", colours=48)


def _sessions(rows: pd.DataFrame) -> str:
    """``session 3``, ``sessions 1, 2 and 3``, or nothing."""
    names = [f"{k:g}" for k in rows["session"]]
    return f"session{'s' if len(names) > 1 else ''} {listed(names)}" if names else ""
