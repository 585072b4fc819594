"""The PDF: drawings go in as text and lines with their label, folded tables stay out, and the same page gives the same bytes."""

import re
import zlib

from outcomes.report.pdf import pdf

DRAWING = (
    '<svg class="chart" viewBox="0 0 400 100" width="400" role="img" aria-label="Line chart of change">'
    '<path d="M0 0L400 100" fill="none" stroke="#0b6b75" stroke-width="3.5"/><text x="20" y="50" font-size="14">grade</text></svg>'
)
STRIP = '<svg class="strip" width="100%" height="28" aria-hidden="true"><line x1="2%" x2="50%" y1="14" y2="14" stroke="#000000"/></svg>'


def page(*parts: str) -> str:
    return f"<!doctype html><html lang=en><title>t</title><body><h1>Title</h1>{''.join(parts)}"


def opened(document: bytes) -> bytes:
    """The document with its compressed parts as they were."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)
    unpacked = []
    for part in parts:
        try:
            unpacked.append(zlib.decompress(part))
        except zlib.error:
            unpacked.append(part)
    return document + b"".join(unpacked)


def test_a_drawing_is_no_picture_of_points_and_has_its_label():
    shown = opened(pdf(page(DRAWING)))
    assert b"/Subtype /Image" not in shown
    assert b"/Alt (Line chart of change)" in shown


def test_every_drawing_is_described():
    shown = opened(pdf(page(DRAWING, STRIP)))
    assert shown.count(b"/S /Figure") == shown.count(b"/Alt (")


def test_pictures_of_points_are_shown_too():
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
    assert b"/Image" in opened(pdf(page(f'<img alt="a" src="data:image/png;base64,{pixel}">')))


def test_folded_tables_stay_out():
    table = "<table>" + "<tr><td>12345</td></tr>" * 400 + "</table>"
    folded = f'{page()}<details class="numbers"><summary>n</summary>{table}</details><p>after</p>'
    assert len(pdf(folded)) < len(pdf(page() + table)) / 2


def test_folded_figures_stay_out_and_what_follows_them_does_not():
    folded = f'<details class="numbers"><summary>Better or worse</summary><figure><figcaption>m</figcaption>{DRAWING}</figure></details>'
    assert opened(pdf(page(folded, "<p>after</p>"))).count(b"/Alt (") == 0
    assert opened(pdf(page(folded, DRAWING))).count(b"/Alt (Line chart of change)") == 1


def test_the_same_page_gives_the_same_bytes_whatever_the_time(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1e9)
    before = pdf(page(DRAWING, STRIP))
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert pdf(page(DRAWING, STRIP)) == before
