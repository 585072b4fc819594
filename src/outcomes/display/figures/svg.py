"""What Matplotlib draws, as SVG that may stand inside a page: text as text, presentation attributes, no ids, styles or links."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure as Canvas
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

FONTS = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, DejaVu Sans, Arial, sans-serif"
"""Those of the page: pictures are set in them where they stand, so they look like the text around them."""

_ANCHORS = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}
_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}


def drawing(canvas: Canvas, label: str) -> str:
    """The canvas as an SVG element with that label, as wide as it is given room; 72 dots per inch, so that a point is a unit."""
    width, height = canvas.bbox.width, canvas.bbox.height
    renderer = _Renderer(width, height)
    canvas.draw(renderer)
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
    head = f'<svg class="chart" {size} role="img" aria-label="{escape(label)}" font-family="{FONTS}">'
    return f"{head}{''.join(renderer.parts)}</svg>"


class _Renderer(RendererBase):
    """Draws what pictures are made of: paths, marks and level text. Nothing is cut off at the edges of a panel."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.parts: list[str] = []

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803
        paint = _paint(gc, rgbFace)
        if paint and len(_points(path)):
            self.parts.append(f'<path d="{self._data(path.transformed(transform))}"{paint}/>')

    def draw_markers(self, gc: Any, marker_path: Path, marker_trans: Any, path: Path, trans: Any, rgbFace: Any = None) -> None:  # noqa: N803
        mark = marker_path.transformed(marker_trans)
        is_round = mark.codes is not None and Path.CURVE4 in np.asarray(mark.codes)
        for x, y in _points(path.transformed(trans)):
            if is_round:
                centre = f'cx="{_short(x)}" cy="{_short(self.height - y)}" r="{_short(mark.get_extents().width / 2)}"'
                self.parts.append(f"<circle {centre}{_paint(gc, rgbFace)}/>")
            else:
                self.draw_path(gc, mark, Affine2D().translate(x, y), rgbFace)

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        anchor = mtext.get_horizontalalignment() if mtext else "left"
        if mtext:
            # Set where it is anchored, not where it begins: another font may be wider or narrower.
            x, _ = mtext.get_transform().transform(mtext.get_unitless_position())
        weight = ' font-weight="700"' if prop.get_weight() == "bold" else ""
        place = f'x="{_short(x)}" y="{_short(y)}" font-size="{prop.get_size_in_points():g}"'
        self.parts.append(f'<text {place} fill="{to_hex(gc.get_rgb())}"{_ANCHORS[anchor]}{weight}>{escape(s)}</text>')

    def _data(self, path: Path) -> str:
        said = []
        for points, code in path.iter_segments(simplify=False):
            # y runs downwards in SVG.
            corners = np.asarray(points).reshape(-1, 2) * (1, -1) + (0, self.height)
            letter = _LETTERS[code]
            said.append(letter + ("" if letter == "Z" else " ".join(f"{_short(x)} {_short(y)}" for x, y in corners)))
        return "".join(said)


def _points(path: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(path.vertices, float)


def _paint(gc: GraphicsContextBase, face: Any) -> str:
    """Fill and line as attributes; nothing for what would not be seen."""
    red, green, blue, line_alpha = gc.get_rgb()
    width = gc.get_linewidth()
    fill_alpha = 0.0 if face is None else gc.get_alpha() if gc.get_forced_alpha() or len(face) < 4 else face[3]
    fill = ' fill="none"' if not fill_alpha else f' fill="{to_hex(face[:3])}"{_opacity("fill", fill_alpha)}'
    if not width or not line_alpha:
        return fill if fill_alpha else ""
    line = f' stroke="{to_hex((red, green, blue))}" stroke-width="{width:g}"{_opacity("stroke", line_alpha)}'
    dashes = [float(dash) for dash in np.asarray(gc.get_dashes()[1] or ())]
    dashed = f' stroke-dasharray="{" ".join(map(_short, dashes))}"' if dashes else ""
    return f"{fill}{line}{dashed}"


def _opacity(of: str, alpha: float) -> str:
    return "" if alpha == 1 else f' {of}-opacity="{alpha:g}"'


def _short(value: float) -> str:
    """One decimal, as fine as a screen: ``12.5``, ``7``; never ``-0``."""
    return f"{round(float(value), 1) + 0.0:g}"
