"""Estimates as pictures: display only, no statistics. The one room that draws.

A picture's title states the finding, its subtitle the measure, unit and direction, its footnote the caveat. Each picture
carries an alternative text with the plotted numbers; that text, not the pixels, is what notebooks are compared by.
"""

from __future__ import annotations

import textwrap
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from outcomes.change import FEW
from outcomes.course import ANALYSED, NO_BASELINE, NOT_AGAIN, NOT_PRESENT, NOT_SCORED, OTHER_SCALE, OUTSIDE
from outcomes.prose import counted, heading, percent, signed
from outcomes.scales import ENDPOINTS, SCALES, SKIN_TYPES
from outcomes.tallies import Tally

INK, SOFT, FAINT, PALE = "#1d2327", "#566069", "#8a939b", "#e3e7ea"
HUES = {"scarring": "#0b6b75", "pih": "#7b3f98", "fine_lines": "#7d5a12"}
"""One hue for each endpoint, the same in every picture."""

SKIN_TYPE_HUES = dict(zip(SKIN_TYPES, ("#c2761a", "#bb5b34", "#a8425a", "#873277", "#5f2a83", "#33206e"), strict=True))
"""Six steps of one ordered ramp, light to dark, at least 3:1 on white. Not skin tones."""

_WIDTH, _DOTS, _SHOWN = 7.5, 240, 900  # inches, dots per inch, CSS pixels
_TITLE, _TEXT, _SMALL = 13.0, 10.5, 9.5  # points
_MARGIN = 0.08  # inches left of the texts
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.unicode_minus": True,
}
_styled = matplotlib.rc_context(_STYLE)


@dataclass(frozen=True)
class Figure:
    """A drawn picture: PNG at twice its shown size, with the alternative text that says what it shows."""

    alt: str
    png: bytes
    width: int
    height: int

    def __repr__(self) -> str:
        return f"[figure] {self.alt}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        picture = {"width": self.width, "height": self.height, "alt": self.alt}
        return {"text/plain": repr(self), "image/png": b64encode(self.png).decode()}, {"image/png": picture}


@_styled
def change_by_session(estimates: pd.DataFrame) -> Figure:
    """The `observed` change after each session; one panel for each endpoint.

    Hollow points are the means of those still attending, grey where under half of the courses of the first session or
    fewer than 5 remain; the row of numbers underneath says how many they are.
    """
    seen = [frame for _, frame in estimates[estimates["n"] > 0].groupby("endpoint", sort=False)]
    labels = [SCALES[frame["scale"].iloc[0]].label for frame in seen]
    named = f" in {_measured(estimates)}" if len(seen) == 1 else ""
    page = _Page(
        title=_still_attending(seen),
        subtitle=f"Mean change from baseline{named}, by sessions given; lower is better",
        footnote="Bars: 95 % interval. Grey: fewer than half of the first session's courses, or fewer than 5. Patients stop for a "
        "reason, so the step from one point to the next is not what a session adds.",
        height=2.6,
    )
    for place, (frame, label) in enumerate(zip(seen, labels, strict=True)):
        axes = page.panel(place, len(seen), below=0.62)
        _observed(axes, frame)
        if len(seen) > 1:
            axes.set_title(f"{heading(ENDPOINTS[frame['endpoint'].iloc[0]])}: {label}", loc="left", fontsize=_TEXT, color=SOFT)
    said = [f"{ENDPOINTS[frame['endpoint'].iloc[0]].label}, {_points(frame)}" for frame in seen]
    return page.figure(f"Mean change of those still attending. {'. '.join(said)}.")


@_styled
def change_by_skin_type(estimates: pd.DataFrame, everyone: pd.DataFrame) -> Figure:
    """Six small panels, one for each skin type: its `observed` change by session, everyone's line in grey behind."""
    unit = SCALES[estimates["scale"].iloc[0]].unit
    page = _Page(
        title="Change by session and Fitzpatrick skin type, among those still attending",
        subtitle=f"Mean change in {_measured(estimates)}; lower is better. Grey line: all skin types together",
        footnote=f"Bars: 95 % interval. Points of fewer than {FEW} courses are not drawn. Types differ in who stops, so unlike lines "
        "need not mean unlike effects.",
        height=3.9,
    )
    all_types = everyone[everyone["n"] >= FEW]
    drawn = {name: estimates[(estimates["skin_type"] == name) & (estimates["n"] >= FEW)] for name in SKIN_TYPES}
    shared: Axes | None = None
    for place, (name, frame) in enumerate(drawn.items()):
        axes = page.panel(place % 3, 3, below=0.35, row=place // 3, rows=2, shared=shared)
        shared = shared or axes
        _no_change(axes, estimates[estimates["n"] >= FEW])
        axes.plot([0, *all_types["session"]], [0, *all_types["estimate"]], color=FAINT, linewidth=1.2)
        _bars(axes, frame, SKIN_TYPE_HUES[name])
        axes.plot(frame["session"], frame["estimate"], color=SKIN_TYPE_HUES[name], linewidth=1, marker="o", markersize=5, markerfacecolor="white")
        first = estimates.loc[estimates["skin_type"] == name, "n"].max()
        axes.set_title(f"Type {name}", loc="left", fontsize=_TEXT, fontweight="bold", color=SKIN_TYPE_HUES[name])
        axes.set_title(counted(int(first), "courses") if len(frame) else f"{counted(int(first), 'courses')}, too few", loc="right", fontsize=_SMALL, color=SOFT)
        axes.set_xlim(-0.3, max(all_types["session"].max() if len(all_types) else 1, 1) + 0.4)
        axes.xaxis.get_major_locator().set_params(integer=True)
    said = [f"type {name}, {_points(frame) if len(frame) else 'too few'}" for name, frame in drawn.items()]
    return page.figure(f"Mean change of those still attending by skin type ({unit}). {'. '.join(said)}.")


@_styled
def change_at_last(estimates: pd.DataFrame) -> Figure:
    """One dot and interval for each group: the `as_treated` change of every analysed course at its last assessment."""
    by = "skin_type" if "skin_type" in estimates else "skin_band"
    unit = SCALES[estimates["scale"].iloc[0]].unit
    enough = estimates[estimates["n"] >= FEW]
    lower = enough[enough["conf_high"] < 0]
    page = _Page(
        title=f"Lower than before treatment in {len(lower)} of {len(enough)} skin types with at least {FEW} courses",
        subtitle=f"Mean change in {_measured(estimates)} of every analysed course, whenever it stopped; lower is better",
        footnote="Bars: 95 % interval. Types differ in how many sessions they had and in how they began; this is not a comparison of effects.",
        height=0.4 * len(estimates) + 0.55,
    )
    axes = page.panel(0, 1, below=0.35, left=1.75)
    for place, row in enumerate(estimates.to_dict("records")):
        hue = SKIN_TYPE_HUES.get(row[by], INK) if row["n"] >= FEW else FAINT
        axes.plot([row["conf_low"], row["conf_high"]], [place, place], color=hue, linewidth=2.2, solid_capstyle="butt")
        axes.plot(row["estimate"], place, marker="o", markersize=7, color=hue)
        words = f"{signed(row['estimate'])}" if row["n"] >= FEW else "too few to say"
        axes.annotate(words, (1.01, place), xycoords=("axes fraction", "data"), va="center", color=INK if row["n"] >= FEW else SOFT, fontsize=_TEXT)
    axes.axvline(0, color=INK, linewidth=1)
    axes.annotate("no change", (0, 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=_SMALL, color=SOFT)
    axes.set_yticks(range(len(estimates)), [f"Type {row[by]}   {counted(int(row['n']), 'courses')}" for row in estimates.to_dict("records")])
    axes.set_ylim(len(estimates) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=_TEXT)
    axes.spines["left"].set_visible(False)
    said = [f"type {row[by]} {_value(row)}" for row in estimates.to_dict("records")]
    return page.figure(f"Mean change at the last assessment in {unit}: {'; '.join(said)}.")


@_styled
def better_or_worse(estimates: pd.DataFrame) -> Figure:
    """Stacked bars by session: share of those still attending who were worse, the same and better than at baseline."""
    seen = estimates[estimates["n"] > 0]
    wide = seen.pivot(index="session", columns="measure", values="estimate")[["worse", "same", "better"]]
    n = seen.drop_duplicates("session").set_index("session")["n"]
    hue = HUES[estimates["endpoint"].iloc[0]]
    label = SCALES[estimates["scale"].iloc[0]].label
    last = wide.iloc[-1]
    page = _Page(
        title=f"After {wide.index[-1]:g} sessions {percent(last['better'])} of those still attending scored better than at baseline",
        subtitle=f"Share of courses whose {label} was worse, the same or better than at baseline, by sessions given",
        footnote="Of the patients still attending, not of all who began. A score that differs by any amount counts as better or worse.",
        height=0.36 * len(wide) + 0.45,
    )
    axes = page.panel(0, 1, below=0.1, left=2.15)
    for place, (session, row) in enumerate(wide.iterrows()):
        edges = [-row["worse"] - row["same"] / 2, -row["same"] / 2, row["same"] / 2]
        for name, left, colour, ink in zip(wide.columns, edges, (FAINT, PALE, hue), (INK, INK, "white"), strict=True):
            axes.barh(place, row[name], left=left, height=0.72, color=colour)
            if row[name] >= 6:
                axes.annotate(percent(row[name]), (left + row[name] / 2, place), ha="center", va="center", fontsize=_SMALL, color=ink)
        if place == 0:
            for name, left in zip(wide.columns, edges, strict=True):
                axes.annotate(name, (left + row[name] / 2, -0.5), ha="center", va="bottom", fontsize=_SMALL, color=SOFT)
    axes.set_yticks(range(len(wide)), [f"{_after(session)}   {counted(int(n[session]), 'courses')}" for session in wide.index])
    axes.set_ylim(len(wide) - 0.5, -0.9)
    axes.tick_params(axis="y", length=0, labelsize=_SMALL)
    axes.set_xticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    said = [f"{_after(session)} {percent(row['better'])} better, {percent(row['same'])} the same, {percent(row['worse'])} worse" for session, row in wide.iterrows()]
    return page.figure(f"Of those still attending: {'; '.join(said)}.")


@_styled
def flow(*tallies: Tally) -> Figure:
    """From rows to analysed courses, left to right, each loss with its reason and number; one line for each endpoint."""
    page = _Page(
        title="; ".join(f"{heading(tally.endpoint)}: {percent(100 * tally.analysed / tally.courses)} of courses analysed" for tally in tallies),
        subtitle="From the rows of the file to the courses that are analysed; what is lost on the way and why",
        footnote="A course is analysed when it has a score before the first session and another in the window after a later one.",
        height=1.55 * len(tallies),
    )
    said = []
    for place, tally in enumerate(tallies):
        axes = page.panel(0, 1, below=0.0, left=0.0, row=place, rows=len(tallies))
        axes.set_axis_off()
        axes.set_xlim(0, 5)
        axes.set_ylim(-1.25, 1.05)
        said.append(_draw_flow(axes, tally))
    return page.figure(" ".join(said))


def _draw_flow(axes: Axes, tally: Tally) -> str:
    """Boxes and arrows of one endpoint; returns the same in words."""
    lost = tally.flow.groupby("reason")["n"].sum()
    steps = [
        ("scored", (NOT_SCORED, OTHER_SCALE)),
        ("with a baseline", (NO_BASELINE, NOT_PRESENT)),
        ("analysed", (NOT_AGAIN, OUTSIDE)),
    ]
    boxes = [(f"{tally.rows:,}", "rows"), (f"{tally.courses:,}", "courses")]
    left, said = tally.courses, [f"{tally.endpoint.label}: {counted(tally.rows, 'rows')}, {counted(tally.courses, 'courses')}"]
    hue = HUES[tally.endpoint.name]
    axes.annotate(tally.endpoint.label, (0.02, 0.98), va="top", fontsize=_TEXT, fontweight="bold", color=hue)
    for place, (word, reasons) in enumerate(steps, start=2):
        losses = [(reason, int(lost.get(reason, 0))) for reason in reasons if lost.get(reason, 0)]
        left -= sum(n for _, n in losses)
        boxes.append((f"{left:,}", word))
        said.append(", ".join([*(f"{n:,} {reason}" for reason, n in losses), f"{left:,} {word}"]))
        text = "\n".join(textwrap.fill(f"\N{MINUS SIGN}{n:,} {reason}", 21) for reason, n in losses)
        axes.annotate(text, (place - 0.02, -0.42), ha="center", va="top", fontsize=_SMALL, color=SOFT, linespacing=1.15)
    for place, (count, word) in enumerate(boxes):
        final = place == len(boxes) - 1
        box = {"boxstyle": "round,pad=0.42", "facecolor": hue if final else PALE, "edgecolor": "none"}
        axes.annotate(count, (place + 0.48, 0.3), ha="center", va="center", fontsize=_TITLE, fontweight="bold", color="white" if final else INK, bbox=box)
        axes.annotate(word, (place + 0.48, -0.12), ha="center", va="center", fontsize=_SMALL, color=SOFT)
        if not final:
            axes.annotate("", (place + 1.12, 0.3), (place + 0.84, 0.3), arrowprops={"arrowstyle": "-|>", "color": FAINT, "linewidth": 1})
    return "; ".join(said) + "."


def _observed(axes: Axes, observed: pd.DataFrame) -> None:
    """Hollow points of those still attending with their intervals, and how many they are underneath."""
    hue = HUES[observed["endpoint"].iloc[0]]
    enough = observed["n"] >= max(FEW, observed["n"].max() / 2)
    _no_change(axes, observed)
    for rows, colour in ((observed[enough], hue), (observed[~enough], FAINT)):
        _bars(axes, rows, colour)
        axes.plot(rows["session"], rows["estimate"], linestyle="none", marker="o", markersize=7, markeredgewidth=1.6, markerfacecolor="white", color=colour)
    for row in observed[enough].iloc[[-1]].to_dict("records") if enough.any() else []:
        axes.annotate(f"  {signed(row['estimate'])}", (row["session"], row["estimate"]), va="center", color=hue, fontsize=_TEXT, fontweight="bold")
    axes.set_xlim(-0.4, observed["session"].max() + 0.7)
    axes.set_xticks([0, *observed["session"]], ["before", *(f"{k:g}" for k in observed["session"])])
    axes.annotate("courses", (0, -0.19), xycoords=("data", "axes fraction"), fontsize=_SMALL, color=SOFT, va="top", ha="center")
    for row in observed.to_dict("records"):
        axes.annotate(f"{row['n']:,}", (row["session"], -0.19), xycoords=("data", "axes fraction"), fontsize=_SMALL, color=SOFT, va="top", ha="center")


def _bars(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    axes.vlines(rows["session"], rows["conf_low"], rows["conf_high"], color=colour, linewidth=1.8, alpha=0.55)


def _no_change(axes: Axes, rows: pd.DataFrame) -> None:
    """The named zero line, with room above it for its name and below it for every interval."""
    low, high = min(rows["conf_low"].min(), rows["estimate"].min(), 0), max(rows["conf_high"].max(), rows["estimate"].max(), 0)
    span = (high - low) or 1
    axes.set_ylim(low - 0.06 * span, high + 0.17 * span)
    axes.axhline(0, color=INK, linewidth=1)
    axes.annotate("no change", (1, 0), xycoords=("axes fraction", "data"), xytext=(0, 3), textcoords="offset points", ha="right", fontsize=_SMALL, color=SOFT)


def _measured(estimates: pd.DataFrame) -> str:
    """The scale with its unit where its name does not say it: ``Goodman-Baron grade``, ``PAHPI, in points``."""
    scale = SCALES[estimates["scale"].iloc[0]]
    return scale.label if scale.kind == "ordinal" else f"{scale.label}, in {scale.unit},"


def _still_attending(frames: list[pd.DataFrame]) -> str:
    lasts = [frame[frame["n"] >= max(FEW, frame["n"].max() / 2)].tail(1) for frame in frames]
    said = [
        f"{ENDPOINTS[row['endpoint']].label} {signed(row['estimate'])} {row['unit']} {_after(row['session'])}"
        for last in lasts
        for row in last.to_dict("records")
    ]
    return f"Among those still attending: {'; '.join(said)}" if said else "Too few courses to say"


def _after(session: float) -> str:
    return f"after {session:g} {'session' if session == 1 else 'sessions'}"


def _points(frame: pd.DataFrame) -> str:
    return "; ".join(f"{_after(row['session'])} {_value(row)}" for row in frame.to_dict("records"))


def _value(row: dict[str, Any]) -> str:
    if pd.isna(row["estimate"]):
        return row["note"]
    around = "" if pd.isna(row["conf_low"]) else f" ({signed(row['conf_low'])} to {signed(row['conf_high'])})"
    return f"{signed(row['estimate'])}{around}, {counted(int(row['n']), 'courses')}"


class _Page:
    """A canvas with its title, subtitle and footnote set; panels share the room between them. Heights are in inches."""

    def __init__(self, title: str, subtitle: str, footnote: str, height: float) -> None:
        lines = [(title, _TITLE, 62, "bold", INK), (subtitle, _TEXT, 92, "normal", SOFT)]
        texts = [(textwrap.wrap(text, width), size, weight, colour) for text, size, width, weight, colour in lines]
        foot = textwrap.wrap(footnote, 102)
        self.above = sum(len(wrapped) * size * 1.3 / 72 for wrapped, size, _, _ in texts) + 0.16
        self.under = len(foot) * _SMALL * 1.3 / 72 + 0.16
        self.height = self.above + height + self.under
        self.room = height
        self.canvas = Canvas(figsize=(_WIDTH, self.height), dpi=_DOTS)
        top = self.height
        for wrapped, size, weight, colour in texts:
            self._write("\n".join(wrapped), top, size, colour, va="top", weight=weight)
            top -= len(wrapped) * size * 1.3 / 72 + 0.06
        self._write("\n".join(foot), 0.06, _SMALL, SOFT, va="bottom")

    def _write(self, text: str, inches: float, size: float, colour: str, va: str, weight: str = "normal") -> None:
        self.canvas.text(_MARGIN / _WIDTH, inches / self.height, text, fontsize=size, color=colour, va=va, fontweight=weight, linespacing=1.25)

    def panel(
        self, column: int, columns: int, *, below: float, left: float = 0.5, row: int = 0, rows: int = 1, shared: Axes | None = None
    ) -> Axes:
        """Axes of one panel; `below` and `left` are the inches kept for labels."""
        width, height = _WIDTH / columns, self.room / rows
        right, over = (0.62 if columns == 1 and left else 0.14 if left else 0.0), (0.3 if rows > 1 and left else 0.18 if left else 0.0)
        bottom = self.under + self.room - (row + 1) * height + below
        box = (column * width + left, bottom, width - left - right, height - below - over)
        axes = self.canvas.add_axes(
            (box[0] / _WIDTH, box[1] / self.height, box[2] / _WIDTH, box[3] / self.height), sharex=shared, sharey=shared
        )
        axes.yaxis.set_major_formatter(lambda value, _: signed(value) if value else "0")
        axes.tick_params(labelsize=_SMALL)
        return axes

    def figure(self, alt: str) -> Figure:
        """The finished picture, in 64 colours: a third of the size, and nothing is lost to the eye."""
        from PIL import Image

        drawn, packed = BytesIO(), BytesIO()
        self.canvas.savefig(drawn, format="png", dpi=_DOTS, metadata={"Software": None})
        with Image.open(drawn) as picture:
            size = picture.size
            picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(packed, format="png", optimize=True)
        return Figure(alt, packed.getvalue(), _SHOWN, round(_SHOWN * size[1] / size[0]))
