"""How many sessions a response takes: responded by each session, as a range."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.canvas import BAND, GRID, INK, RELIABLE, TEXT, UNRELIABLE, Figure, panels, paper, styled
from outcomes.display.figures.elements import (
    WIDE,
    Part,
    heading_of,
    hue_of,
    known,
    label_of,
    left_out,
    notes,
    nothing,
    parts_of,
    rows_of,
    sessions_and_courses,
    titled,
    told_of,
)
from outcomes.display.figures.key import key
from outcomes.display.words import between, percent

_NOTHING = ("Too few courses to say how many sessions an improvement takes", f"Not after two sessions {FEW} are left to tell")


@styled
def response_by_session(responded: pd.DataFrame, session: int) -> Figure:
    """Share of courses with a lasting improvement by each session, a panel for each endpoint of `outcomes.response_by_session`.

    Two lines: had those who stopped never improved, and had they gone on as those who stayed. Dashed beyond `session`, the
    headline's.
    """
    drawn, missing = parts_of(responded, lambda rows: _part(rows, session))
    if not drawn:
        return nothing(*_NOTHING)
    scales = [SCALES[name] for name in dict.fromkeys(rows_of(drawn, responded)["scale"])]
    improved = " or ".join(dict.fromkeys(f"{scale.rule}" for scale in scales))
    return Figure(
        title=titled(drawn),
        measure="Share of courses with a lasting improvement, by sessions given",
        said=f"Improved by each session. {told_of(drawn)}",
        drawing=panels(*(part.drawn for part in drawn)),
        key=key(("solid", "at least half still assessed"), ("dashed", "fewer: less reliable"), ("band", "95% CI of each line")),
        note=notes(
            f"Lasting: {improved}, and again at the next score, or at the last; stricter than the rule of the summary. Lower line: those who "
            "stopped never would have improved; upper line: they would have as those who stayed did.",
            left_out(missing),
        ),
    )


def _part(responded: pd.DataFrame, session: int) -> Part:
    name, shown = heading_of(responded), known(responded)
    shares = {name: shown[shown["measure"] == f"responded by, {name}"] for name in ("at least", "at most")}
    ends = {name: row for name, rows in shares.items() for row in rows[rows["session"] == session].to_dict("records")}
    if len(ends) < len(shares) or shown["session"].nunique() < 2:
        return Part(name, _NOTHING[0], "")
    title = f"{between(*(row['estimate'] for row in ends.values()))} had improved by session {session}"
    first = shares["at least"]
    axes = paper(**WIDE | {"height": WIDE["height"] - 18, "below": WIDE["below"] - 18})
    sessions_and_courses(axes, dict.fromkeys(first["session"], 0), has_courses=False)
    _percents(axes, shown["conf_high"].max())
    axes.set_xlim(0, axes.get_xlim()[1] + 0.5)
    for rows in shares.values():
        _steps(axes, rows, session)
    _named(axes, session, ends, hue_of(responded))
    said = [
        f"{end}: {', '.join(f'{percent(share)} by session {k:g}' for k, share in zip(rows['session'], rows['estimate'], strict=True))}"
        for end, rows in shares.items()
    ]
    return Part(name, title, f"{'. '.join(said)}.", (name, "", axes, label_of("Steps by session", name, title)))


def _percents(axes: Axes, highest: float) -> None:
    top = next(limit for limit in (25, 50, 100) if highest <= limit or limit == 100)
    axes.set_ylim(0, top)
    ticks = [top * quarter / 4 for quarter in range(5)] if top == 100 else [top * fifth / 5 for fifth in range(6)]
    axes.set_yticks(ticks, [percent(tick) for tick in ticks], fontsize=TEXT)
    for tick in ticks:
        axes.axhline(tick, color=GRID if tick else INK, linewidth=1, zorder=0)


def _steps(axes: Axes, rows: pd.DataFrame, session: int) -> None:
    """One line with its band; dashed from the session after `session` on, its rise included."""
    hue, last = hue_of(rows), float(rows["session"].max())
    sessions = [0.0, *rows["session"], last + 0.5]
    estimate, low, high = ([0.0, *rows[name], rows[name].iloc[-1]] for name in ("estimate", "conf_low", "conf_high"))
    axes.fill_between(sessions, low, high, step="post", color=hue, alpha=BAND, linewidth=0)
    reached = [place for place, k in enumerate(sessions[:-1]) if k <= session]
    # A session's share holds until the next one; only what comes after is less sure.
    until = reached[-1] + 1
    axes.step(sessions[: until + 1], [*estimate[:until], estimate[until - 1]], where="post", color=hue, **RELIABLE)
    if until < len(sessions) - 1:
        axes.step(
            [sessions[until], *sessions[until:]], [estimate[until - 1], *estimate[until:]], where="post", color=hue, **UNRELIABLE
        )


def _named(axes: Axes, session: int, ends: dict[str, dict[str, Any]], hue: str) -> None:
    """The range at the headline session beside its bands: the upper end above its own, the lower one below."""
    low, high = ends["at least"], ends["at most"]
    style: dict[str, Any] = {"textcoords": "offset points", "color": hue, "fontweight": "bold", "fontsize": TEXT + 1}
    if percent(low["estimate"]) != percent(high["estimate"]) or low["conf_low"] < 0.1 * axes.get_ylim()[1]:
        axes.annotate(
            percent(high["estimate"]), (session + 1, high["conf_high"]), xytext=(-4, 4), va="bottom", ha="right", **style
        )
    # Where there is no room below, the title alone says the lower end.
    if low["conf_low"] >= 0.1 * axes.get_ylim()[1]:
        axes.annotate(percent(low["estimate"]), (session, low["conf_low"]), xytext=(4, -4), va="top", ha="left", **style)
