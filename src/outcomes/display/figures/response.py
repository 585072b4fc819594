"""How many sessions: responded by each session as a range, and what one more session went with."""

from __future__ import annotations

from math import isnan, nan

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.definitions.scales import SCALES
from outcomes.display.figures.canvas import FAINT, SMALL, TEXT, Figure, Page, styled
from outcomes.display.figures.elements import hue_of, nothing
from outcomes.display.words import between, percent

_LINE_HEIGHT = 9.0  # percent of the axis that a label beside it takes


@styled
def response_by_session(responded: pd.DataFrame, session: int) -> Figure:
    """Steps of "responded by session k": at least (whoever stops never responds) and at most (as those who stay).

    Grey beyond `session`, the last one that at least half of the courses are scored after.
    """
    known = responded.dropna(subset="estimate")
    if known.empty:
        return nothing("Too few courses to say", "Not enough were scored to tell how many sessions a response takes")
    ends = {name: known[known["measure"] == f"responded by, {name}"] for name in ("at least", "at most")}
    at = [rows.set_index("session")["estimate"].get(session, nan) for rows in ends.values()]
    title = "Too few courses to say" if isnan(at[0] + at[1]) else f"{between(*at)} had responded by session {session}"
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
    for rows in ends.values():
        _steps(axes, rows, hue, session)
    axes.set_ylim(0, 100)
    axes.set_xlim(0, known["session"].max() + 1)
    _name_ends(axes, {name: rows["estimate"].iloc[-1] for name, rows in ends.items()}, hue)
    axes.yaxis.set_major_formatter(lambda value, _: percent(value))
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axes.set_xlabel("sessions", fontsize=SMALL, loc="left")
    said = [
        f"{name}: {', '.join(f'{percent(share)} by session {k:g}' for k, share in zip(rows['session'], rows['estimate'], strict=True))}"
        for name, rows in ends.items()
    ]
    return page.figure(f"Responded by each session. {'. '.join(said)}.", colours=48)


def _steps(axes: Axes, rows: pd.DataFrame, hue: str, session: int) -> None:
    """One line with its band; grey from the session after `session` on, its rise included."""
    sessions = [0, *rows["session"], rows["session"].max() + 1]
    estimate, low, high = ([0, *rows[name], rows[name].iloc[-1]] for name in ("estimate", "conf_low", "conf_high"))
    for part, colour in ((slice(session + 1, None), FAINT), (slice(0, session + 2), hue)):
        axes.fill_between(sessions[part], low[part], high[part], step="post", color=colour, alpha=0.14, linewidth=0)
    axes.step(sessions, estimate, where="post", color=FAINT, linewidth=2)
    reached = [*estimate[: session + 1], *estimate[session : session + 1]]
    axes.step(sessions[: len(reached)], reached, where="post", color=hue, linewidth=2)


def _name_ends(axes: Axes, ends: dict[str, float], hue: str) -> None:
    """The last percents beside their lines, moved apart where they would lie on each other."""
    least, most = ends.values()
    apart = max(0.0, _LINE_HEIGHT - (most - least)) / 2
    middle = min(max((least + most) / 2, _LINE_HEIGHT / 2), 100 - _LINE_HEIGHT / 2)
    places = (middle - _LINE_HEIGHT / 2, middle + _LINE_HEIGHT / 2) if apart else (least, most)
    for (name, share), y in zip(ends.items(), places, strict=True):
        axes.annotate(
            f"{name} {percent(share)}", (1.01, y), xycoords=("axes fraction", "data"), va="center", fontsize=TEXT, color=hue
        )
