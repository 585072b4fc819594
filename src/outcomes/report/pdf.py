"""The page as PDF."""

from __future__ import annotations

import hashlib
import io
from contextlib import redirect_stdout

# An owner reads the PDF; the tables folded away on the page would make it three times as long.
_PDF_STYLE = """
details.numbers { display: none !important }
nav::after { content: "The numbers behind each picture stand in report.html and in estimates.csv."; display: block; margin-top: 3mm }
"""


def pdf(text: str) -> bytes:
    """The page as a tagged PDF (PDF/UA-1) without its folded tables, the same bytes for the same page and fonts.

    Raises:
        OSError, ImportError: WeasyPrint or a library of the system that it needs is missing.
    """
    # WeasyPrint prints its own advice when a library is missing; the caller gives one line instead.
    with redirect_stdout(io.StringIO()):
        import weasyprint

    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=["data"])
    document = weasyprint.HTML(string=text, url_fetcher=fetcher)
    style = weasyprint.CSS(string=_PDF_STYLE)
    return bytes(
        document.write_pdf(
            stylesheets=[style], pdf_variant="pdf/ua-1", pdf_identifier=hashlib.sha256(text.encode()).digest()[:16]
        )
    )
