"""The page as PDF."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

# An owner reads the PDF; the tables folded away on the page would make it three times as long.
_FOLDED = re.compile(r'<details class="numbers".*?</details>', re.DOTALL)
# In a PDF a drawing is told by its title; strips beside numbers and the samples of a key say nothing of their own.
_LABELLED = re.compile(r'(<svg class="chart"[^>]* aria-label="([^"]*)"[^>]*>)')
_BESIDE = re.compile(r'(<svg [^>]*aria-hidden="true"[^>]*>)')
_PDF_STYLE = """
nav::after { content: "The numbers behind each picture stand in report.html and in estimates.csv."; display: block; margin-top: 1.5mm; font-size: 8.5pt }
"""


def pdf(text: str) -> bytes:
    """The page as a tagged PDF (PDF/UA-1) without its folded tables, the same bytes for the same page and fonts.

    Raises:
        OSError, ImportError: WeasyPrint or a library of the system that it needs is missing.
    """
    # WeasyPrint prints its own advice when a library is missing; the caller gives one line instead.
    with redirect_stdout(io.StringIO()):
        import weasyprint

    shown = _BESIDE.sub(r"\1<title>drawn beside its words</title>", _FOLDED.sub("", text))
    shown = _LABELLED.sub(r"\1<title>\2</title>", shown)
    document = weasyprint.HTML(string=shown, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=["data"]))
    with _timeless_fonts():
        return bytes(
            document.write_pdf(
                stylesheets=[weasyprint.CSS(string=_PDF_STYLE)],
                pdf_variant="pdf/ua-1",
                pdf_identifier=hashlib.sha256(text.encode()).digest()[:16],
            )
        )


@contextmanager
def _timeless_fonts() -> Iterator[None]:
    """fontTools writes the time into the fonts that it cuts down, unless this variable holds another."""
    is_given = "SOURCE_DATE_EPOCH" in os.environ
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    try:
        yield
    finally:
        if not is_given:
            del os.environ["SOURCE_DATE_EPOCH"]
