"""Parts that several pictures share: the named zero line, bars, labels and the words of an alternative text."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.thresholds import ENOUGH_SCORED, FEW
from outcomes.display.figures.canvas import HUES, INK, OUTLINED, SMALL, SOFT, TEXT, Figure, Page
from outcomes.display.notes import note_of
from outcomes.display.words import counted, direction, heading, session_words, signed


def name_point(axes: Axes, row: dict[str, Any], hue: str) -> None:
    """The estimate written beyond its interval, on the side away from "no change"."""
    down = row["estimate"] < 0
    end = row["conf_low" if down else "conf_high"]
    at = (row["session"], row["estimate"] if pd.isna(end) else end)
    style: dict[str, Any] = {"color": hue, "fontsize": TEXT, "fontweight": "bold", "path_effects": OUTLINED}
    gap = 8 if pd.isna(end) else 3
    axes.annotate(
        signed(row["estimate"]),
        at,
        xytext=(0, -gap if down else gap),
        textcoords="offset points",
        ha="center",
        va="top" if down else "bottom",
        **style,
    )


def under(axes: Axes, points: float, name: str, texts: dict[float, str]) -> None:
    """A named row of texts under the axis, that many points below it."""
    style: dict[str, Any] = {"textcoords": "offset points", "va": "top", "fontsize": SMALL, "color": SOFT}
    axes.annotate(name, (0, 0), xycoords="axes fraction", xytext=(-6, points), ha="right", **style)
    for x, text in texts.items():
        axes.annotate(text, (x, 0), xycoords=("data", "axes fraction"), xytext=(0, points), ha="center", **style)


def bars(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    """Thin interval bars at each session."""
    axes.vlines(rows["session"], rows["conf_low"], rows["conf_high"], color=colour, linewidth=1.8, alpha=0.55)


def no_change(axes: Axes, rows: pd.DataFrame) -> None:
    """The named zero line, with room above it for its name and room at both ends for every interval and its number."""
    reached = [0.0, *rows[["conf_low", "estimate", "conf_high"]].stack().dropna()]
    low, high = min(reached), max(reached)
    span = (high - low) or 1
    axes.set_ylim(low - 0.16 * span, high + 0.18 * span)
    axes.axhline(0, color=INK, linewidth=1)
    axes.annotate(
        "no change", (1, 0), xycoords=("axes fraction", "data"), xytext=(0, 2), textcoords="offset points", ha="right", va="bottom",
        fontsize=SMALL, color=SOFT, path_effects=OUTLINED,
    )  # fmt: skip


def nothing(title: str, subtitle: str) -> Figure:
    """A picture of words alone, in place of one that would be empty."""
    return Page(title, subtitle, "", height=0.1).figure(f"{title}. {subtitle}.")


def too_few(axes: Axes) -> None:
    """Said in the middle of a panel that has no estimate."""
    style: dict[str, Any] = {"fontsize": SMALL, "color": SOFT, "path_effects": OUTLINED}
    axes.annotate("too few to say", (0.5, 0.3), xycoords="axes fraction", ha="center", **style)


def hue_of(estimates: pd.DataFrame) -> str:
    """The hue of the rows' endpoint."""
    return HUES[estimates["endpoint"].iloc[0]]


def heading_of(estimates: pd.DataFrame) -> str:
    """The rows' endpoint as a title begins with it."""
    return heading(ENDPOINTS[estimates["endpoint"].iloc[0]])


def better(estimates: pd.DataFrame) -> str:
    """Which changes are better, as the end of a subtitle: ``lower is better``."""
    return direction(estimates["scale"])


def enough_of(rows: pd.DataFrame) -> float:
    """Below so many courses a session is drawn in grey: half of those that began, and at least `FEW`.

    Where the rows do not say how many began, at session 0, half of the fullest session's.
    """
    began = rows.loc[rows["session"] == 0, "n"]
    return max(FEW, ENOUGH_SCORED * (began if len(began) else rows["n"]).max())


def points_words(frame: pd.DataFrame) -> str:
    """Every session's estimate in words, for an alternative text."""
    return "; ".join(
        f"{session_words(row['session'])} {value_words(row)}" for row in frame[frame["session"] > 0].to_dict("records")
    )


def value_words(row: dict[str, Any]) -> str:
    """``−0.9 (−1.0 to −0.8), 141 courses``, or the note where there is no estimate."""
    if pd.isna(row["estimate"]):
        return note_of(row) or "no estimate"
    around = "" if pd.isna(row["conf_low"]) else f" ({signed(row['conf_low'])} to {signed(row['conf_high'])})"
    return f"{signed(row['estimate'])}{around}, {counted(int(row['n']), 'courses')}"
