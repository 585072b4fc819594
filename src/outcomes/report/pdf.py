"""The page as PDF."""

from __future__ import annotations

import hashlib
import io
import re
from contextlib import redirect_stdout

from outcomes.report.typesetting import fonts_of, libraries, typesetting

# An owner reads the PDF; the tables folded away on the page would make it three times as long.
_FOLDED = re.compile(r'<details class="numbers".*?</details>', re.DOTALL)
# In a PDF a drawing is told by its title; strips beside numbers and the samples of a key say nothing of their own.
_LABELLED = re.compile(r'(<svg class="chart"[^>]* aria-label="([^"]*)"[^>]*>)')
_BESIDE = re.compile(r'(<svg [^>]*aria-hidden="true"[^>]*>)')
_PDF_STYLE = """
html { --sans: "DejaVu Sans"; --mono: "DejaVu Sans Mono" }
svg.chart, svg.strip { font-family: "DejaVu Sans" }
nav::after { content: "The numbers behind each picture stand in report.html and in estimates.csv."; display: block; margin-top: 1.5mm; font-size: 8.5pt }
"""


def pdf(text: str, typeset: dict[str, object] | None = None) -> bytes:
    """The page as a tagged PDF (PDF/UA-1) without its folded tables, the same bytes for the same page, fonts and libraries.

    These are told in `typeset`: the versions of the libraries, and `fonts` with the SHA-256 of each.

    Raises:
        OSError, ImportError: WeasyPrint or a library of the system that it needs is missing.
    """
    # WeasyPrint prints its own advice when a library is missing; the caller gives one line instead.
    with redirect_stdout(io.StringIO()), typesetting():
        import weasyprint

        shown = _BESIDE.sub(r"\1<title>drawn beside its words</title>", _FOLDED.sub("", text))
        shown = _LABELLED.sub(r"\1<title>\2</title>", shown)
        document = weasyprint.HTML(string=shown, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=["data"]))
        used: dict[str, str] = {}
        made = document.write_pdf(
            stylesheets=[weasyprint.CSS(string=_PDF_STYLE)],
            pdf_variant="pdf/ua-1",
            pdf_identifier=hashlib.sha256(text.encode()).digest()[:16],
            finisher=lambda document, _: used.update(fonts_of(document)),
        )
        if typeset is not None:
            typeset.update(libraries(), fonts=used)
        return bytes(made)
