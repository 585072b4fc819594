"""What one more session went with, as a picture."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.canvas import Figure, panels, paper, styled
from outcomes.display.figures.elements import (
    Part,
    better,
    change_axis,
    heading_of,
    hue_of,
    known,
    label_of,
    left_out,
    notes,
    nothing,
    parts_of,
    points_words,
    rows_of,
    sessions_and_courses,
    titled,
    told_of,
    wide,
)
from outcomes.display.figures.key import key
from outcomes.display.words import first_down, listed, measured

_LONGEST = 2.5
"""How many times as far as the reliable bars the less reliable ones may stretch the axis."""


_NOTHING = ("Too few courses to say what a further session adds", f"Not after two sessions {FEW} courses were scored")


@styled
def gain_by_session(gains: pd.DataFrame, session: int) -> Figure:
    """A dot and interval for each session: the further change that went with it, had every patient continued; a panel for each endpoint.

    Hollow and dashed beyond `session`, the headline's.
    """
    drawn, missing = parts_of(gains, lambda rows: _part(rows, session))
    if not drawn:
        return nothing(*_NOTHING)
    return Figure(
        title=titled(drawn),
        measure=f"Change from one session to the next, had every patient continued; {better(rows_of(drawn, gains))}",
        said=f"Further change with each session, had every patient continued. {told_of(drawn)}",
        drawing=panels(*(part.drawn for part in drawn)),
        key=key(("filled", "at least half still assessed"), ("hollow", "fewer: less reliable"), ("solid", "95% CI")),
        note=notes(_CUT if any(_is_cut(rows, session) for _, rows in gains.groupby("endpoint")) else "", left_out(missing)),
    )


_CUT = "A bar that ends at the edge goes on beyond it."


def _part(gains: pd.DataFrame, session: int) -> Part:
    name, shown = heading_of(gains), _shown(gains)
    if len(shown) < 2:
        return Part(name, _NOTHING[0], "")
    clear, worse = (_sessions(rows) for rows in (shown[shown["conf_high"] < 0], shown[shown["conf_low"] > 0]))
    title = f"A clear further improvement went with {clear}" if clear else "No session with a clear further improvement"
    what = first_down(title)
    counts = dict(zip(gains["session"], gains["n"].astype(int), strict=True))
    axes, scale = paper(**wide(counts)), SCALES[shown["scale"].iloc[0]]
    low, high = _reach(shown, session)
    change_axis(axes, scale.name, [low, high])
    sessions_and_courses(axes, counts)
    for row in shown.to_dict("records"):
        is_reliable = row["session"] <= session
        line = {"linewidth": 3} if is_reliable else {"linewidth": 2, "linestyle": (0, (2.5, 1.5))}
        ends = [max(row["conf_low"], low), min(row["conf_high"], high)]
        axes.plot([row["session"]] * 2, ends, color=hue_of(gains), solid_capstyle="butt", **line)
        face = hue_of(gains) if is_reliable else "white"
        axes.plot(row["session"], row["estimate"], marker="o", markersize=9, color=hue_of(gains), markerfacecolor=face)
    return Part(
        name,
        f"{title}; worse after {worse}" if worse else title,
        f"{points_words(shown)}.",
        (name, measured(gains), axes, label_of("Change with each session", name, what)),
    )


def _shown(gains: pd.DataFrame) -> pd.DataFrame:
    return known(gains.dropna(subset="conf_low"))


def _reach(shown: pd.DataFrame, session: int) -> tuple[float, float]:
    """The ends of what is drawn: all reliable intervals and every estimate, others no farther than `_LONGEST` times as far."""
    whole, reliable = [0.0, *shown["conf_low"], *shown["conf_high"]], shown[shown["session"] <= session]
    if reliable.empty:
        return min(whole), max(whole)
    own = max(abs(value) for value in (*reliable["conf_low"], *reliable["conf_high"]))
    low, high = min([-_LONGEST * own, *shown["estimate"]]), max([_LONGEST * own, *shown["estimate"]])
    return max(min(whole), low), min(max(whole), high)


def _is_cut(gains: pd.DataFrame, session: int) -> bool:
    shown = _shown(gains)
    low, high = _reach(shown, session)
    return bool((shown["conf_low"] < low).any() or (shown["conf_high"] > high).any())


def _sessions(rows: pd.DataFrame) -> str:
    """``session 3``, ``sessions 1, 2 and 3``, or nothing."""
    names = [f"{k:g}" for k in rows["session"]]
    return f"session{'s' if len(names) > 1 else ''} {listed(names)}" if names else ""
