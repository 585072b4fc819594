"""Files that go by the ending of a workbook and are something else: web pages and texts that programs save as .xls."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from pathlib import Path

from outcomes.errors import Breach, RecordsError

_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\t\x08", b"\t\x04", b"\t\x02", b"\t\x00")
"""How workbooks begin: archives, compound files, and the streams of the oldest."""

HTML, TEXT = "a web page (HTML)", "a text of separated cells"
_OTHERS = {
    b"<?mso-application": "an XML Spreadsheet of 2003",
    b"urn:schemas-microsoft-com:office:spreadsheet": "an XML Spreadsheet of 2003",
    b"mime-version:": "a web archive (MHTML)",
    b"%pdf": "a PDF",
    b"{\\rtf": "a text document (RTF)",
}
_LOOKED_AT = 4096
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_CELLS = ("td", "th")
_MOST_SPANNED = 1000


def disguised(path: Path) -> str | None:
    """What a file with the ending of a workbook is in truth; None where it is a workbook."""
    with path.open("rb") as file:
        begin = file.read(_LOOKED_AT)
    if begin.startswith(_WORKBOOKS):
        return None
    plain = _decoded(begin).lower().encode() if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else begin.lower()
    for sign, kind in _OTHERS.items():
        if sign in plain:
            return kind
    if re.search(rb"<(!doctype html|html|table|body|meta)\b", plain):
        return HTML
    return None if _CONTROL.search(plain) else TEXT


def refuse_disguised(path: Path) -> None:
    """Refuses what goes by the ending of a workbook and is something else.

    Raises:
        RecordsError: it is.
    """
    if kind := disguised(path):
        problem = f"this is {kind} under the ending of a workbook; open it in a spreadsheet and save it as .xlsx"
        raise RecordsError(path.name, [Breach(None, None, problem)])


def html_tables(path: Path) -> list[list[list[str]]]:
    """The tables of a web page, as rows of cells; a cell over several is in each of them."""
    reader = _Tables()
    reader.feed(_decoded(path.read_bytes()))
    reader.close()
    return [rows for rows in reader.tables if any(any(row) for row in rows)]


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


class _Table:
    """One table as it is read: `rows` so far, the cell that is open, and what reaches down from rows above."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.cell: list[str] | None = None
        self._spans = (1, 1)
        self._below: dict[int, tuple[int, str]] = {}

    def begin_row(self) -> None:
        self.end_cell()
        self._fill()
        self.rows.append([])

    def begin_cell(self, spans: tuple[int, int]) -> None:
        self.end_cell()
        self._spans, self.cell = spans, []

    def end_cell(self) -> None:
        if self.cell is None or not self.rows:
            return
        text, self.cell = " ".join("".join(self.cell).split()), None
        self._fill()
        row = self.rows[-1]
        for _ in range(self._spans[1]):
            if self._spans[0] > 1:
                self._below[len(row)] = self._spans[0] - 1, text
            row.append(text)

    def end(self) -> None:
        self.end_cell()
        self._fill()

    def _fill(self) -> None:
        """Puts into the row what reaches down into its next cells from above."""
        row = self.rows[-1] if self.rows else []
        while len(row) in self._below and self._below[len(row)][0]:
            left, text = self._below[len(row)]
            self._below[len(row)] = left - 1, text
            row.append(text)


class _Tables(HTMLParser):
    """Every table of a page, each by itself: a table within a cell may be all that the page shows."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._open: list[_Table] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._open.append(_Table())
            self.tables.append(self._open[-1].rows)
        elif not self._open:
            return
        elif tag == "tr":
            self._open[-1].begin_row()
        elif tag in _CELLS and self._open[-1].rows:
            spans = dict(attrs)
            self._open[-1].begin_cell((_span(spans.get("rowspan")), _span(spans.get("colspan"))))
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == "table":
            self._open.pop().end()
        elif self._open and tag in (*_CELLS, "tr"):
            self._open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].cell is not None:
            self._open[-1].cell.append(data)

    def close(self) -> None:
        super().close()
        while self._open:
            self._open.pop().end()


def _span(written: str | None) -> int:
    return min(max(int(written), 1), _MOST_SPANNED) if written and written.isdecimal() else 1
