"""PNG pictures of few colours as they are: a PDF holds the same compressed rows, so nothing is decoded and encoded again."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE = 3


def is_palette_png(png: bytes) -> bool:
    """Whether it is a PNG with a palette, and neither transparent nor interlaced: what `PalettePicture` can show."""
    if not png.startswith(SIGNATURE):
        return False
    parts = dict(_chunks(png))
    kind, interlaced = parts[b"IHDR"][9], parts[b"IHDR"][12]
    return kind == PALETTE and not interlaced and b"tRNS" not in parts


class PalettePicture:
    """A PNG with a palette as a picture of WeasyPrint: what `weasyprint.images.RasterImage` offers to the layout."""

    def __init__(self, png: bytes) -> None:
        self.id = hashlib.sha256(png).hexdigest()
        self._parts = list(_chunks(png))
        self.width, self.height, self._bits = struct.unpack(">IIB", self._part(b"IHDR")[:9])
        self.ratio = self.width / self.height

    def get_intrinsic_size(self, resolution: float, font_size: float) -> tuple[float, float, float]:
        """Width and height in CSS pixels, and their ratio."""
        return self.width / resolution, self.height / resolution, self.ratio

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Put it on the page."""
        name = stream.add_image(self, style["image_rendering"] == "auto", 1)
        stream.transform(width, 0, 0, -height, 0, height)
        stream.draw_x_object(name)

    def get_x_object(self, interpolate: bool, dpi_ratio: float) -> Any:
        """The object of the PDF: the rows of the PNG (predictor 15), and its palette."""
        import pydyf

        palette = self._part(b"PLTE")
        rows = {"Predictor": 15, "Columns": self.width, "Colors": 1, "BitsPerComponent": self._bits}
        extra = {
            "Type": "/XObject",
            "Subtype": "/Image",
            "Width": self.width,
            "Height": self.height,
            "ColorSpace": pydyf.Array(["/Indexed", "/DeviceRGB", len(palette) // 3 - 1, f"<{palette.hex()}>"]),
            "BitsPerComponent": self._bits,
            "Interpolate": "true" if interpolate else "false",
            "Filter": "/FlateDecode",
            "DecodeParms": pydyf.Dictionary(rows),
        }
        return pydyf.Stream([self._part(b"IDAT")], extra)

    def _part(self, wanted: bytes) -> bytes:
        return b"".join(data for name, data in self._parts if name == wanted)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and data of each part of a PNG."""
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12
