"""The key of a picture: what its lines and marks mean, as a list beside small samples of them."""

from __future__ import annotations

from html import escape

from outcomes.display.figures.canvas import INK, SOFT

_WIDE, _HIGH = 34, 14


def key(*items: tuple[str, str]) -> str:
    """A list of samples, by their names in `SAMPLES`, and what each means."""
    box = f'<svg viewBox="0 0 {_WIDE} {_HIGH}" width="{_WIDE}" height="{_HIGH}" aria-hidden="true">'
    each = "".join(f"<li>{box}{SAMPLES[name]}</svg> {escape(words)}</li>" for name, words in items)
    return f'<ul class="key">{each}</ul>'


def _line(width: float, dashes: str = "", colour: str = INK) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M0 7H34" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


SAMPLES = {
    "solid": _line(3.5),
    "grey": _line(8, colour="#c3cad0"),
    "dashed": _line(2, "5 3"),
    "dotted": _line(1.3, "1.6 1.8", SOFT),
    "hollow": f'<circle cx="17" cy="7" r="4.5" fill="#ffffff" stroke="{INK}" stroke-width="1.6"/>',
    "filled": f'<circle cx="17" cy="7" r="4.5" fill="{INK}"/>',
    "band": f'<path d="M0 1H34V13H0Z" fill="{INK}" fill-opacity="0.16"/>',
}
