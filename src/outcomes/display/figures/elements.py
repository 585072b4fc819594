"""Parts that several pictures share: the axis of a change, the rows under it, bars, labels and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import ENOUGH_SCORED, FEW
from outcomes.display.figures.canvas import GRID, HUES, INK, SMALL, SOFT, TEXT, Figure, tick_words, width_of
from outcomes.display.notes import note_of
from outcomes.display.words import counted, direction, first_down, first_up, heading, listed, session_words, signed, types

WIDE = {"width": 400.0, "height": 292.0, "left": 80.0, "right": 14.0, "above": 24.0, "below": 56.0}
"""A line panel: four sides in units."""

NARROW = {"width": 190.0, "height": 132.0, "left": 40.0, "right": 8.0, "above": 8.0, "below": 24.0}
"""A small panel of many."""


def change_axis(axes: Axes, scale: str, drawn: Iterable[float], *, is_named: bool = True) -> None:
    """Ticks over what is drawn and no change, as far as the scale can change; no change is a line, named above the panel."""
    reach = float(SCALES[scale].high - SCALES[scale].low)
    reached = [0.0, *(min(max(value, -reach), reach) for value in drawn if not pd.isna(value))]
    low, high = min(reached), max(reached)
    span = (high - low) or 1.0
    bottom, top = low - 0.12 * span if low < 0 else 0.0, high + 0.08 * span if high > 0 else 0.0
    bottom = bottom if bottom < top else -1.0
    axes.set_ylim(bottom, top)
    places = [float(tick) for tick in MaxNLocator(5 if is_named else 3, steps=[1, 2, 5, 10]).tick_values(bottom, top)]
    ticks = [tick for tick in places if bottom <= tick <= top and abs(tick) <= reach]
    axes.set_yticks(ticks, tick_words(ticks), fontsize=TEXT)
    for tick in ticks:
        axes.axhline(tick, color=GRID, linewidth=1, zorder=0)
    axes.axhline(0, color=INK, linewidth=1.2, zorder=1)
    if is_named:
        name = "no change" if high <= 0 else "0: no change"
        place: dict[str, Any] = {"xycoords": "axes fraction", "xytext": (0, 7), "textcoords": "offset points"}
        axes.annotate(name, (1, 1), **place, ha="right", va="baseline", color=SOFT)


def within(scale: str, values: pd.Series) -> pd.Series:
    """Ends of intervals, as far as a score of the scale can change."""
    reach = SCALES[scale].high - SCALES[scale].low
    return values.clip(-reach, reach)


def name_point(axes: Axes, row: dict[str, Any], hue: str) -> None:
    """The estimate written beyond its interval, on the side away from "no change", and before what comes after."""
    is_down = row["estimate"] <= 0
    end = row["conf_low" if is_down else "conf_high"]
    at = (row["session"], row["estimate"] if pd.isna(end) else end)
    away: dict[str, Any] = {"xytext": (-6, -5 if is_down else 5), "textcoords": "offset points", "ha": "center"}
    axes.annotate(
        signed(row["estimate"]), at, va="top" if is_down else "bottom", color=hue, fontsize=TEXT + 1, fontweight="bold", **away
    )


def sessions_and_courses(axes: Axes, counts: Mapping[float, int], *, has_courses: bool = True) -> None:
    """Two rows under the panel: the sessions, and how many courses are scored after each. Every number stands, on more lines where they
    would touch each other."""
    texts = {session: courses_shown(n) for session, n in counts.items()}
    size = SMALL if max([*counts.values(), 0]) >= 1000 else TEXT
    widest = max((width_of(text, size) for text in texts.values()), default=0.0)
    last = max([1.0, *texts])
    room = axes.get_window_extent().width
    before = min(0.45 * room, max(widest / 2, 8.0))
    slot = (room - before - 8) / last
    axes.set_xlim(-before / slot, last + 8 / slot)
    axes.set_xticks([])
    lines = ceil((widest + 4) / slot)
    step = ceil(22 / slot)
    _under(axes, -21, "sessions", {k: f"{k:g}" for k in texts if k % step == 0}, TEXT, INK)
    if not has_courses:
        return
    _under(axes, -40, "courses", {}, TEXT, SOFT)
    for line in range(lines):
        _under(axes, -40 - 15 * line, "", {k: text for k, text in texts.items() if k % lines == line}, size, SOFT)


def courses_shown(n: int) -> str:
    """How many courses, as it stands in a picture: none from few enough to be known one by one; without a comma."""
    return f"<{FEW}" if 0 < n < FEW else str(n)


def lines_of_counts(counts: Mapping[float, int]) -> int:
    """On how many lines the numbers of courses of a line panel have to stand."""
    size = SMALL if max([*counts.values(), 0]) >= 1000 else TEXT
    widest = max((width_of(courses_shown(n), size) for n in counts.values()), default=0.0)
    room = WIDE["width"] - WIDE["left"] - WIDE["right"]
    slot = (room - min(0.45 * room, max(widest / 2, 8.0)) - 8) / max([1.0, *counts])
    return ceil((widest + 4) / slot)


def _under(axes: Axes, units: float, name: str, texts: Mapping[float, str], size: float, color: str) -> None:
    style: dict[str, Any] = {"textcoords": "offset points", "va": "baseline", "fontsize": size, "color": color}
    if name:
        axes.annotate(name, (0, 0), xycoords="axes fraction", xytext=(-8, units), ha="right", **style | {"color": SOFT})
    for x, text in texts.items():
        axes.annotate(text, (x, 0), xycoords=("data", "axes fraction"), xytext=(0, units), ha="center", **style)


def bars(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    """Thin interval bars at each session."""
    low, high = (within(rows["scale"].iloc[0], rows[name]) if len(rows) else rows[name] for name in ("conf_low", "conf_high"))
    axes.vlines(rows["session"], low, high, color=colour, linewidth=1.8, alpha=0.55)


class Part(NamedTuple):
    """What a figure shows of one endpoint: its name, its finding, its numbers in words, and what is drawn of it: nothing where there is too little."""

    name: str
    title: str
    said: str
    drawn: Any = None


def parts_of(estimates: pd.DataFrame, part: Callable[[pd.DataFrame], Part]) -> tuple[list[Part], list[Part]]:
    """The part of each endpoint in turn: those that are drawn, and those of which there is too little."""
    found = [part(rows) for _, rows in estimates.groupby("endpoint", sort=False)]
    return [each for each in found if each.drawn is not None], [each for each in found if each.drawn is None]


def rows_of(parts: Sequence[Part], estimates: pd.DataFrame) -> pd.DataFrame:
    """The estimates of the endpoints that have these parts."""
    names = {part.name for part in parts}
    return estimates[[heading(ENDPOINTS[name]) in names for name in estimates["endpoint"]]]


def titled(parts: Sequence[Part]) -> str:
    """The finding of each endpoint, named where there are several; once where it is the same of all."""
    if len({part.title for part in parts}) == 1:
        return parts[0].title
    return "; ".join(f"{part.name}: {first_down(part.title)}" for part in parts)


def told_of(parts: Sequence[Part]) -> str:
    """The numbers of each endpoint in words, named where there are several."""
    return " ".join(f"{part.name}: {part.said}" if len(parts) > 1 else first_up(part.said) for part in parts)


def left_out(parts: Sequence[Part]) -> str:
    """A sentence for each endpoint of which there is nothing to draw."""
    return " ".join(f"{part.name}: {first_down(part.title)}." for part in parts)


def notes(*sentences: str) -> str:
    """The sentences of a note; none of those that are blank."""
    return " ".join(filter(None, sentences))


def nothing(title: str, why: str) -> Figure:
    """One sentence or two, where there is nothing to draw."""
    return Figure(title, why, f"{why}.")


def known(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with an estimate, of at least as many courses as may be shown."""
    return rows[(rows["n"] >= FEW) & rows["estimate"].notna()]


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
    """Below so many courses a session is less reliable: half of those that began, and at least `FEW`.

    Where the rows do not say how many began, at session 0, half of the fullest session's.
    """
    began = rows.loc[rows["session"] == 0, "n"]
    return max(FEW, ENOUGH_SCORED * (began if len(began) else rows["n"]).max())


def last_reliable(rows: pd.DataFrame) -> dict[str, Any] | None:
    """The row of the last session that enough courses are scored after, if any."""
    own = known(rows[rows["session"] > 0])
    found: list[dict[str, Any]] = own[own["n"] >= enough_of(rows)].tail(1).to_dict("records") if len(own) else []
    return found[0] if found else None


def type_names(names: list[str]) -> str:
    """``types I-II and V-VI``, as a sentence goes on with it."""
    return first_down(types(*names))


def finding(changes: Iterable[tuple[str, Mapping[str, Any]]], together: Callable[[list[str]], str] = listed) -> str:
    """What intervals of change let one say of what has these names: ``Acne scarring and PIH improved; fine lines did not clearly change``."""
    verdicts: dict[str, list[str]] = {"improved": [], "did not clearly change": [], "got worse": []}
    for name, row in changes:
        verdicts[_verdict(row)].append(name)
    said = [f"{together(names)} {verdict}" for verdict, names in verdicts.items() if names]
    return first_up("; ".join(said))


def every(group: str, said: str, *, is_all: bool) -> str:
    """The finding, shorter where all with enough courses improved: ``Every skin type improved``."""
    if not said.endswith(" improved") or ";" in said:
        return said
    return f"Every {group} improved" if is_all else f"Every {group} with at least {FEW} courses improved"


def _verdict(row: Mapping[str, Any]) -> str:
    if row["conf_high"] < 0:
        return "improved"
    return "got worse" if row["conf_low"] > 0 else "did not clearly change"


def points_words(frame: pd.DataFrame) -> str:
    """Every session's estimate in words."""
    return "; ".join(
        f"{session_words(row['session'])} {value_words(row)}" for row in frame[frame["session"] > 0].to_dict("records")
    )


def value_words(row: dict[str, Any]) -> str:
    """``−0.9 (−1.0 to −0.8), 141 courses``, or the note where there is no estimate; nothing of fewer than 5 courses but that."""
    if pd.isna(row["estimate"]):
        return note_of(row) or "no estimate"
    if row["n"] < FEW:
        return f"fewer than {FEW} courses"
    around = "" if pd.isna(row["conf_low"]) else f" ({signed(row['conf_low'])} to {signed(row['conf_high'])})"
    return f"{signed(row['estimate'])}{around}, {counted(int(row['n']), 'courses')}"


def headline_words(row: Mapping[str, Any] | None, unit: str) -> str:
    """What a picture comes to, for its label: ``−0.9 grades after 3 sessions``."""
    return "too few" if row is None else f"{signed(row['estimate'])} {unit} {session_words(row['session'])}"


def label_of(kind: str, name: str, said: str) -> str:
    """A label: what the picture is, what it comes to and where its numbers are; never so long that it is not heard to its end."""
    return f"{kind}, {name}: {said}. All numbers are in the table below."


def wide(counts: Mapping[float, int]) -> dict[str, float]:
    """The four sides of a line panel, with a line more for each that its numbers of courses need."""
    more = 15.0 * (lines_of_counts(counts) - 1)
    return WIDE | {"height": WIDE["height"] + more, "below": WIDE["below"] + more}
