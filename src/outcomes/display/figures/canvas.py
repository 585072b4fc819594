"""What every picture has: its words around the drawing, its paper, type and colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from html import escape
from itertools import cycle
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.display.figures.svg import drawing
from outcomes.display.texts import fold
from outcomes.display.words import minus

INK, SOFT, GRID, ZONE = "#1b1f24", "#565e66", "#e1e5e8", "#e6eaec"
HUES = dict(zip(ENDPOINTS, cycle(("#0b6b75", "#7b3f98", "#7d5a12", "#2b5fa8", "#a03a55", "#4b6b1f")), strict=False))
"""One hue for each endpoint, the same in every picture: in their order, each at least 4.5:1 on white."""

SKIN_TYPE_HUES = dict(zip(SKIN_TYPES, ("#cd7d21", "#c45831", "#b33449", "#88276b", "#582170", "#29175e"), strict=True))
"""Six steps of one ordered ramp, light to dark, at least 3:1 on white. Not skin tones."""

SKIN_TYPE_MARKS = dict(zip(SKIN_TYPES, "os^DvX", strict=True))
"""A mark for each type, so that they are told apart without their hues; as Matplotlib calls them."""

TEXT, SMALL = 14.0, 12.0
"""Units of type: a panel of 400 units is 358 pixels wide on a phone, where the larger is 12.5 pixels."""

BAND = 0.14
"""How opaque an interval is behind its line."""

RELIABLE: dict[str, Any] = {"linewidth": 3.5, "linestyle": "solid", "solid_capstyle": "butt"}
UNRELIABLE: dict[str, Any] = {"linewidth": 2, "linestyle": (0, (2.5, 1.5))}
TOGETHER: dict[str, Any] = {"linewidth": 1.3, "linestyle": (0, (1.2, 1.4)), "color": SOFT}
"""Three lines that are told apart in grey print: at least half still assessed, fewer, and all skin types together."""

_FONT = "DejaVu Sans"
_STYLE: dict[Any, Any] = {
    "font.family": _FONT,
    "font.size": TEXT,
    "text.color": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.parse_math": False,
}
styled = matplotlib.rc_context(_STYLE)
"""Decorates every function that draws."""


@dataclass(frozen=True)
class Figure:
    """A picture with its words as text: its finding, what is measured, the drawing, its key and its note.

    `said` tells the plotted numbers: what a notebook shows where it shows no pictures, and what notebooks are compared by. Without a
    drawing the words stand alone.
    """

    title: str
    measure: str
    said: str
    drawing: str = ""
    key: str = ""
    note: str = ""
    folded: bool = False

    def fold(self) -> Figure:
        """The same figure, which opens on request."""
        return replace(self, folded=True)

    def html(self) -> str:
        """The figure as it stands on a page."""
        if not self.drawing:
            return f'<p class="nothing">{escape(self.title)}. {escape(self.measure)}.</p>'
        caption = f"<strong>{escape(self.title)}</strong> <span>{escape(self.measure)}</span>"
        note = f'<p class="note">{escape(self.note)}</p>' if self.note else ""
        if self.folded:
            return fold(
                self.title,
                f"<figure><figcaption><span>{escape(self.measure)}</span></figcaption>{self.drawing}{self.key}{note}</figure>",
            )
        return f"<figure><figcaption>{caption}</figcaption>{self.drawing}{self.key}{note}</figure>"

    def __repr__(self) -> str:
        return f"[figure] {self.title}. {self.said}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html()}


def paper(width: float, height: float, *, left: float, right: float, above: float, below: float) -> Axes:
    """Axes on paper of so many units, without the units kept on its four sides; no lines or ticks of their own."""
    canvas = Canvas(figsize=(width / 72, height / 72), dpi=72)
    box = (left / width, below / height, (width - left - right) / width, (height - above - below) / height)
    axes = canvas.add_axes(box)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, pad=6)
    return axes


def panels(*drawn: tuple[str, str, Axes, str], small: bool = False) -> str:
    """Panels put side by side by the page: each its heading, what stands smaller beside it, what is drawn and its label."""
    each = "".join(
        f'<div class="panel"><p><b>{escape(heading)}</b> <small>{escape(beside)}</small></p>{drawing(axes.figure, label)}</div>'  # type: ignore[arg-type]
        for heading, beside, axes, label in drawn
    )
    kind = "small" if small else "one" if len(drawn) == 1 else ""
    return f'<div class="{" ".join(filter(None, ("panels", kind)))}">{each}</div>'


def tick_words(values: list[float]) -> list[str]:
    """Ticks of an axis in one precision, above zero with a sign: ``−0.5``, ``0.0``, ``+0.5``."""
    decimals = next((digits for digits in range(4) if all(abs(value - round(value, digits)) < 1e-9 for value in values)), 4)
    return [minus(f"{value:+,.{decimals}f}") if value > 1e-9 else minus(f"{value:,.{decimals}f}") for value in values]


@cache
def width_of(text: str, units: float, weight: str = "normal") -> float:
    """Units that a line of text takes."""
    width, _, _ = text_to_path.get_text_width_height_descent(
        text, FontProperties(family=_FONT, size=units, weight=weight), ismath=False
    )
    return float(width)
