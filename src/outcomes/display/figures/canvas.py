"""The paper that pictures are drawn on: its size, type and colours, its title, subtitle and footnote."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import cycle
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from PIL import Image

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.display.words import minus

INK, SOFT, FAINT, PALE = "#1d2327", "#566069", "#8a939b", "#e3e7ea"
HUES = dict(zip(ENDPOINTS, cycle(("#0b6b75", "#7b3f98", "#7d5a12", "#2b5fa8", "#a03a55", "#4b6b1f")), strict=False))
"""One hue for each endpoint, the same in every picture: in their order, each at least 4.5:1 on white."""

SKIN_TYPE_HUES = dict(zip(SKIN_TYPES, ("#c2761a", "#bb5b34", "#a8425a", "#873277", "#5f2a83", "#33206e"), strict=True))
"""Six steps of one ordered ramp, light to dark, at least 3:1 on white. Not skin tones."""

WIDTH, DOTS, _SHOWN = 7.5, 240, 900  # inches, dots per inch, CSS pixels
TITLE, TEXT, SMALL = 13.0, 10.5, 9.5  # points
MARGIN, LINE = 0.08, 1.3  # inches beside the texts; line height in font sizes
_FONT = "DejaVu Sans"
_STYLE: dict[Any, Any] = {
    "font.family": _FONT,
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlepad": 8,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.parse_math": False,
}
styled = matplotlib.rc_context(_STYLE)
"""Decorates every function that draws."""

OUTLINED = [withStroke(linewidth=3, foreground="white")]
"""Keeps a text readable where it lies on a line."""


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


class Page:
    """A canvas with its title, subtitle and footnote set; panels share the room between them. Lengths are in inches."""

    def __init__(self, title: str, subtitle: str, footnote: str, height: float) -> None:
        texts = [
            (wrapped(title, TITLE, "bold"), TITLE, "bold", INK),
            (wrapped(subtitle, TEXT), TEXT, "normal", SOFT),
        ]
        foot = wrapped(footnote, SMALL)
        self.under = len(foot) * SMALL * LINE / 72 + 0.16
        self.room = height
        self.height = self.under + height + 0.26 + sum(len(lines) * size * LINE / 72 for lines, size, _, _ in texts)
        self.canvas = Canvas(figsize=(WIDTH, self.height), dpi=DOTS)
        top = self.height - 0.06
        for lines, size, weight, colour in texts:
            self._write("\n".join(lines), top, size, colour, va="top", weight=weight)
            top -= len(lines) * size * LINE / 72 + 0.06
        self._write("\n".join(foot), 0.06, SMALL, SOFT, va="bottom")

    def _write(self, text: str, inches: float, size: float, colour: str, va: str, weight: str = "normal") -> None:
        self.canvas.text(
            MARGIN / WIDTH, inches / self.height, text, fontsize=size, color=colour, va=va, fontweight=weight, linespacing=1.25
        )

    def panel(
        self, column: int = 0, columns: int = 1, row: int = 0, rows: int = 1, *,
        left: float, right: float = 0.14, below: float = 0.0, above: float = 0.0, shared: Axes | None = None,
    ) -> Axes:  # fmt: skip
        """Axes of one panel, without the inches kept for labels on its four sides."""
        width, height = WIDTH / columns, self.room / rows
        bottom = self.under + self.room - (row + 1) * height + below
        box = (
            (column * width + left) / WIDTH,
            bottom / self.height,
            (width - left - right) / WIDTH,
            (height - below - above) / self.height,
        )
        axes = self.canvas.add_axes(box, sharex=shared, sharey=shared)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(tick)
        axes.tick_params(labelsize=SMALL)
        return axes

    def figure(self, alt: str, colours: int = 32) -> Figure:
        """The finished picture in few colours: a third of the size, and nothing is lost to the eye."""
        canvas = FigureCanvasAgg(self.canvas)
        canvas.draw()  # type: ignore[no-untyped-call]
        points = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        drawn = Image.frombuffer("RGBA", canvas.get_width_height(), points).convert("RGB")
        packed = BytesIO()
        _in_few_colours(drawn, colours).save(packed, format="png")
        return Figure(alt, packed.getvalue(), _SHOWN, round(_SHOWN * drawn.height / drawn.width))


def _in_few_colours(picture: Image.Image, colours: int) -> Image.Image:
    """The picture with a palette, chosen from every fourth point each way: all points give the same one, and take ten times as long."""
    sparse = picture.resize((picture.width // 4, picture.height // 4), Image.Resampling.NEAREST)
    palette = sparse.quantize(colours, dither=Image.Dither.NONE)
    packed = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    # Points go to the nearest colour roughly, so that the paper may come out one shade off: it is white again.
    hues, points = packed.getpalette() or [], packed.histogram()
    paper = points.index(max(points))
    packed.putpalette([*hues[: 3 * paper], 255, 255, 255, *hues[3 * paper + 3 :]])
    return packed


def beside(
    axes: Axes,
    y: float,
    inches: float,
    text: str,
    *,
    right: bool = False,
    ha: str = "left",
    size: float = TEXT,
    color: str = SOFT,
) -> None:
    """A text beside a row of the axes, so many inches from its left edge; with `right`, points from its right edge."""
    offset = (inches if right else 72 * inches, 0)
    axes.annotate(
        text,
        (float(right), y),
        xycoords=("axes fraction", "data"),
        xytext=offset,
        textcoords="offset points",
        ha=ha,
        va="center",
        fontsize=size,
        color=color,
    )


def bare(axes: Axes, *sides: str) -> None:
    """No labels on the left, and no lines on these sides."""
    axes.set_yticks([])
    for side in sides:
        axes.spines[side].set_visible(False)


def tick(value: float, _: Any = None) -> str:
    """A change on an axis: as many digits as the ticks need, with a sign."""
    return minus(f"{value:+,.6g}") if abs(value) > 1e-9 else "0"


@cache
def width_of(text: str, points: float, weight: str = "normal") -> float:
    """Inches that a line of text takes."""
    width, _, _ = text_to_path.get_text_width_height_descent(
        text, FontProperties(family=_FONT, size=points, weight=weight), ismath=False
    )
    return width / 72


def wrapped(text: str, points: float, weight: str = "normal", inches: float = WIDTH - 2 * MARGIN) -> list[str]:
    """The text in as few lines as that width allows, of about the same length."""
    lines = _filled(text, points, weight, inches)
    narrower = (_filled(text, points, weight, inches * share / 20) for share in range(10, 20))
    return next((other for other in narrower if len(other) == len(lines)), lines)


def _filled(text: str, points: float, weight: str, inches: float) -> list[str]:
    first, *words = text.split(" ")
    lines = [first]
    for word in words:
        longer = f"{lines[-1]} {word}"
        lines = [*lines[:-1], longer] if width_of(longer, points, weight) <= inches else [*lines, word]
    return lines
