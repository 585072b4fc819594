"""The PDF: pictures go in as they are, folded tables stay out, and the same page gives the same bytes."""

import base64
import zlib
from io import BytesIO

import pytest
from PIL import Image

from outcomes.report.palette_picture import PalettePicture, is_palette_png
from outcomes.report.pdf import pdf

HUES = [(250, 250 - 6 * number, 4 * number) for number in range(40)]


def png(mode: str, colours: int = 3, **options) -> bytes:
    """Eight by five points in so many colours."""
    picture = Image.new("RGB", (8, 5))
    picture.putdata([HUES[number % colours] for number in range(40)])
    out = BytesIO()
    (picture.quantize(colours) if mode == "P" else picture.convert(mode)).save(out, format="png", **options)
    return out.getvalue()


def page(*pictures: bytes) -> str:
    shown = "".join(f'<img alt="a" src="data:image/png;base64,{base64.b64encode(each).decode()}">' for each in pictures)
    return f"<!doctype html><html lang=en><title>t</title><body><h1>Title</h1>{shown}"


@pytest.mark.parametrize(("colours", "bits"), [(3, 2), (12, 4), (40, 8)])
def test_the_pdf_holds_the_compressed_rows_of_a_picture_and_its_palette(colours, bits):
    given = png("P", colours)
    picture = PalettePicture(given)
    found = picture.get_x_object(True, 1)
    palette = bytes.fromhex(found.extra["ColorSpace"][3].strip("<>"))
    assert (picture.width, picture.height, picture.get_intrinsic_size(2, 16)) == (8, 5, (4, 2.5, 8 / 5))
    assert found.extra["BitsPerComponent"] == found.extra["DecodeParms"]["BitsPerComponent"] == bits
    assert len(zlib.decompress(found.stream[0])) == 5 * (1 + bits)
    assert found.extra["ColorSpace"][2] == len(palette) // 3 - 1
    assert {*HUES[:colours]} <= {tuple(palette[at : at + 3]) for at in range(0, len(palette), 3)}
    assert found.stream[0] in pdf(page(given))


def test_other_pictures_are_left_to_weasyprint():
    assert is_palette_png(png("P"))
    others = [png("RGB"), png("L"), png("P", transparency=0), b"GIF89a"]
    assert [is_palette_png(each) for each in others] == [False] * 4
    assert pdf(page(*others)).startswith(b"%PDF")


def test_folded_tables_stay_out():
    table = "<table>" + "<tr><td>12345</td></tr>" * 400 + "</table>"
    folded = f'{page()}<details class="numbers"><summary>n</summary>{table}</details><p>after</p>'
    assert len(pdf(folded)) < len(pdf(page() + table)) / 2


def test_the_same_page_gives_the_same_bytes_whatever_the_time(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1e9)
    before = pdf(page(png("P")))
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert pdf(page(png("P"))) == before
