"""Dot rows: a table whose last column draws the interval of each row, with x in per cent, so that it fits every width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from matplotlib.ticker import MaxNLocator

from outcomes.display.figures.canvas import GRID, INK, SOFT, ZONE, tick_words
from outcomes.display.figures.svg import FONTS

_HEIGHT, _HEAD = 28, 20
_INSIDE = 2.0
"""Per cent kept free at both ends, so that a mark there is whole."""

_FEW_COLUMNS = 3
"""Beside the strips; more are set smaller on a phone."""

SHAPES = {
    "o": '<circle r="5.2"{0}/>',
    "s": '<path d="M-4.6-4.6H4.6V4.6H-4.6Z"{0}/>',
    "^": '<path d="M0-6 5.8 4.4H-5.8Z"{0}/>',
    "D": '<path d="M0-6.4 6.4 0 0 6.4-6.4 0Z"{0}/>',
    "v": '<path d="M0 6 5.8-4.4H-5.8Z"{0}/>',
    "X": '<path d="M-5-2-2-5 0-3 2-5 5-2 3 0 5 2 2 5 0 3-2 5-5 2-3 0Z"{0}/>',
}
"""Marks by the names that Matplotlib has for them."""


class Row(NamedTuple):
    """One row: its name, its other cells as HTML, what is drawn in its strip, what stands smaller under its name, and whether it is bold."""

    name: str
    cells: tuple[str, ...]
    strip: str = ""
    about: str = ""
    is_bold: bool = False


class Group(NamedTuple):
    """Rows under a heading, with an axis of their own where they do not share that of the whole table."""

    heading: str
    rows: Sequence[Row]
    axis: str = ""


@dataclass(frozen=True)
class Axis:
    """Where values lie in a strip: from `low` to `high`, with grid lines at `ticks`, of which the one at `origin` is dark."""

    low: float
    high: float
    ticks: tuple[float, ...]
    unit: str = ""
    origin: float = 0.0

    @classmethod
    def of(cls, values: Iterable[float], *, least: float = 1.0, most: float = float("inf"), unit: str = "") -> Axis:
        """An axis over all values and the origin, with round ticks; never shorter than `least`, never beyond `most` either way."""
        reached = [0.0, *(value for value in values if value == value)]
        low, high = max(min(reached), -most), min(max(reached), most)
        short = max(0.0, least - (high - low))
        high = min(high + short, most) if low >= 0 else high
        low = low - short if low < 0 else low
        low, high = (low, high) if high > low else (-1.0, 1.0)
        ticks = [float(tick) for tick in MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)]
        inside = [tick for tick in ticks if low <= tick <= high or (tick > high and tick <= most and low >= 0)]
        return cls(low, max(high, inside[-1]), tuple(inside), unit)

    def at(self, value: float) -> str:
        """The place of a value in per cent, at the nearer end where it lies beyond."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return f"{_INSIDE + (100 - 2 * _INSIDE) * share:.2f}%"

    def head(self) -> str:
        """The ticks with their values, for the head of the column; those inside are left out where there is little room."""
        words = tick_words(list(self.ticks)) if self.low < 0 else [word.lstrip("+") for word in tick_words(list(self.ticks))]
        last = len(words) - 1
        each = "".join(
            f'<text{"" if place in (0, last) or tick == self.origin else _OPTIONAL} x="{self.at(tick)}" y="14" '
            f'text-anchor="{self._anchor(tick)}">{escape(word + (self.unit if place == last else ""))}</text>'
            for place, (tick, word) in enumerate(zip(self.ticks, words, strict=True))
        )
        return f'{_svg(_HEAD)[:-1]} font-family="{FONTS}" font-size="13" fill="{SOFT}">{each}</svg>'

    def _anchor(self, tick: float) -> str:
        share = (tick - self.low) / (self.high - self.low)
        return "start" if share < 0.04 else "end" if share > 0.96 else "middle"

    def strip(self, *parts: str, behind: str = "") -> str:
        """One row's drawing on its grid; `behind` lies under the grid."""
        grid = "".join(_upright(self.at(tick)) for tick in self.ticks if tick != self.origin)
        origin = _lines(INK, _upright(self.at(self.origin))) if self.origin in self.ticks else ""
        return f"{_svg(_HEIGHT)}{behind}{_lines(GRID, grid)}{origin}{''.join(parts)}</svg>"

    def zone(self, low: float, high: float) -> str:
        """The grey behind a row, drawn before all else in it."""
        start, end = (float(self.at(value).rstrip("%")) for value in (low, high))
        return f'<rect x="{start:.2f}%" width="{end - start:.2f}%" y="2" height="{_HEIGHT - 4}" fill="{ZONE}"/>'

    def block(self, low: float, high: float, hue: str, *, is_hollow: bool = False) -> str:
        """A bar as high as the zone, filled or outlined."""
        start, end = (float(self.at(value).rstrip("%")) for value in (low, high))
        paint = f'fill="none" stroke="{hue}" stroke-width="1.5"' if is_hollow else f'fill="{hue}"'
        return f'<rect x="{start:.2f}%" width="{end - start:.2f}%" y="5" height="{_HEIGHT - 10}" {paint}/>'

    def bar(self, low: float, high: float, hue: str, width: float = 2, *, has_ends: bool = True) -> str:
        """An interval; its ends are marked where they lie on the axis."""
        middle = _HEIGHT / 2
        line = f'<line x1="{self.at(low)}" x2="{self.at(high)}" y1="{middle:g}" y2="{middle:g}"/>'
        ends = [end for end in (low, high) if self.low <= end <= self.high] if has_ends else []
        return _lines(hue, line + "".join(_upright(self.at(end), middle - 4, middle + 4) for end in ends), width)

    def mark(self, value: float, hue: str, shape: str = "o", *, is_hollow: bool = False) -> str:
        """The estimate, with a white rim that parts it from its bar."""
        paint = f' fill="#ffffff" stroke="{hue}" stroke-width="1.8"' if is_hollow else f' fill="{hue}" stroke="#ffffff"'
        return f'<svg x="{self.at(value)}" y="{_HEIGHT / 2:g}" overflow="visible">{SHAPES[shape].format(paint)}</svg>'


_OPTIONAL = ' class="opt"'


def dot_rows(name: str, heads: Sequence[str], groups: Sequence[Group], drawn: str = "") -> str:
    """The table: `heads` name its columns, `drawn` stands above the strips, and each group of rows has its heading unless it is blank.

    The strips are for the eye alone: the other columns say it all.
    """
    head = "".join(f'<th scope="col">{escape(words)}</th>' for words in heads)
    plot: Callable[[str], str] = '<td class="plot" aria-hidden="true">{}</td>'.format
    body = "".join(
        f"<tbody>{_group(group, len(heads))}{''.join(_row(row, plot(row.strip)) for row in group.rows)}</tbody>"
        for group in groups
    )
    caption = f'<caption class="vh">{escape(name)}</caption>'
    kind = "dots many" if len(heads) > _FEW_COLUMNS else "dots" if len(heads) == _FEW_COLUMNS else "dots worded"
    return f'<table class="{kind}">{caption}<thead><tr>{head}{plot(drawn)}</tr></thead>{body}</table>'


def _group(group: Group, columns: int) -> str:
    if not group.heading:
        return ""
    head = f'<th scope="rowgroup" colspan="{columns}">{escape(group.heading)}</th>'
    return f'<tr>{head}<td class="plot" aria-hidden="true">{group.axis}</td></tr>'


def _row(row: Row, plot: str) -> str:
    name = f"<b>{escape(row.name)}</b>" if row.is_bold else escape(row.name)
    about = f" <small>{escape(row.about)}</small>" if row.about else ""
    return f'<tr><th scope="row">{name}{about}</th>{"".join(f"<td>{cell}</td>" for cell in row.cells)}{plot}</tr>'


def with_interval(value: str, low: str, high: str) -> str:
    """An estimate with its interval, which moves under it where there is little room."""
    return f'{escape(value)} <span class="ci">({escape(low)} to {escape(high)})</span>'


def ends(left: str, right: str) -> str:
    """What it means to lie left or right, for the head of the column."""
    return f'<span class="ends"><span>\N{LEFTWARDS ARROW} {escape(left)}</span><span>{escape(right)} \N{RIGHTWARDS ARROW}</span></span>'


def _svg(height: int) -> str:
    return f'<svg class="strip" width="100%" height="{height}" aria-hidden="true">'


def _lines(hue: str, drawn: str, width: float = 1) -> str:
    """Lines of one colour and width."""
    wide = "" if width == 1 else f' stroke-width="{width:g}"'
    return f'<g stroke="{hue}"{wide}>{drawn}</g>'


def _upright(x: str, top: float = 0, bottom: float = _HEIGHT) -> str:
    begins = f' y1="{top:g}"' if top else ""
    return f'<line x1="{x}" x2="{x}"{begins} y2="{bottom:g}"/>'
