"""What the file of a workbook says in the cells of a sheet, beside what a reader makes of it.

A reader of workbooks gives a blank for a formula that was never calculated, for one that failed, and for much that it does not
understand. Here the sheet's own XML is gone through once, cell by cell, without a tree of it in memory: where a cell stands, and
whether it says something. Office Open XML (ECMA-376, part 1, 18.3.1: the places of cells and rows are optional) and
OpenDocument (1.3, part 3, 9.1).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from array import array
from functools import cache, reduce
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

MOST_ROWS, MOST_COLUMNS = 2**20, 2**14
"""What a sheet of any spreadsheet program has room for."""

BY_NUMBER, VALUE, FORMULA, FAILED = range(4)
"""What a cell holds: the number of a text kept elsewhere, a value of its own, a formula, or a formula's error."""

_CHUNK = 2**18
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OPEN_CELLS = ("table-cell", "covered-table-cell")


class NotASheet(ValueError):
    """The XML is not that of a sheet that any spreadsheet program has written."""


class Held:
    """The cells of a sheet that say something, in the order of the file: their places and what they hold."""

    def __init__(self) -> None:
        self.last_row = 0
        self.last_column = 0
        self._places = array("q")
        self._kinds = bytearray()

    def reach(self, row: int, column: int) -> None:
        """The sheet reaches to this cell, whether it says something or not."""
        if row > MOST_ROWS or column > MOST_COLUMNS:
            raise NotASheet(f"a cell stands outside of the {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns of a sheet")
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)

    def add(self, row: int, column: int, kind: int) -> None:
        """A cell that says something."""
        self._places.append(row * 2 * MOST_COLUMNS + column)
        self._kinds.append(kind)

    def unread(self, rows: list[list[Any]]) -> list[tuple[int, int, int]]:
        """Row, column and kind of each cell that says something and is blank, or an error, in the `rows` of a reader."""
        found = []
        for place, kind in zip(self._places, self._kinds, strict=True):
            if kind == BY_NUMBER:
                continue  # The reader refuses a number without a text, and the text itself may be blank.
            row, column = divmod(place, 2 * MOST_COLUMNS)
            if kind == FAILED or _is_blank(rows, row - 1, column - 1):
                found.append((row, column, kind))
        return found

    def twice(self) -> tuple[int, int] | None:
        """Row and column of a cell that is there twice: a reader gives one of the two and loses the other."""
        if all(before < after for before, after in pairwise(self._places)):
            return None
        again = next((before for before, after in pairwise(sorted(self._places)) if before == after), None)
        return None if again is None else divmod(again, 2 * MOST_COLUMNS)


def held(archive: zipfile.ZipFile, sheet: str) -> Held | None:
    """What the cells of a sheet hold; None where the archive has no such sheet.

    Raises:
        NotASheet: a cell stands nowhere in a sheet, or the XML declares entities of its own.
        xml.etree.ElementTree.ParseError: it is no XML.
    """
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    cells: _Cells
    if "xl/workbook.xml" in names:
        part, cells = _part(archive, names, sheet), _OfficeCells()
    else:
        part, cells = names.get("content.xml"), _OpenCells(sheet)
    if part is None:
        return None
    _parse(archive, part, cells)
    return cells.held if cells.is_found else None


def sheet_names(archive: zipfile.ZipFile) -> list[str]:
    """The names of the sheets of a workbook, in their order; none where the archive is no workbook.

    Raises:
        NotASheet, xml.etree.ElementTree.ParseError: as `held`.
    """
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    if book := names.get("xl/workbook.xml"):
        return [each.get("name", "") for each in _tree(archive, book).iter() if _local(each.tag) == "sheet"]
    tables = _Tables()
    if content := names.get("content.xml"):
        _parse(archive, content, tables)
    return tables.names


class _Tables:
    """Is told by the parser of every table of an OpenDocument workbook."""

    doctype = staticmethod(lambda name, pubid, system: _refuse_doctype(name, pubid, system))

    def __init__(self) -> None:
        self.names: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == f"{_TABLE}table":
            self.names.append(attributes.get(f"{_TABLE}name", ""))

    def close(self) -> None:
        """The end of the file."""


def letters(column: int) -> str:
    """The letters of a column by its number.

    >>> letters(1), letters(27), letters(16384)
    ('A', 'AA', 'XFD')
    """
    written = ""
    while column:
        column, letter = divmod(column - 1, 26)
        written = chr(65 + letter) + written
    return written


@cache
def _number(written: str) -> int:
    """The number of a column by its letters: A is 1, AA is 27."""
    if not re.fullmatch(r"[A-Za-z]{1,7}", written):
        raise NotASheet("a cell or a row has a place that no sheet has")
    return reduce(lambda number, letter: number * 26 + ord(letter) - 64, written.upper(), 0)


def _whole(written: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,9}", written):
        raise NotASheet("a cell or a row has a place that no sheet has")
    return int(written)


def _is_blank(rows: list[list[Any]], row: int, column: int) -> bool:
    if row >= len(rows) or column >= len(rows[row]):
        return True
    value = rows[row][column]
    return value is None or (isinstance(value, str) and not value.strip())


def _part(archive: zipfile.ZipFile, names: dict[str, str], sheet: str) -> str | None:
    """The name of the part of the archive that holds a sheet, whatever the namespaces and the case of names."""
    related = names.get("xl/_rels/workbook.xml.rels")
    if related is None:
        return None
    sheets = (each for each in _tree(archive, names["xl/workbook.xml"]).iter() if _local(each.tag) == "sheet")
    wanted = next(
        (value for each in sheets if each.get("name") == sheet for key, value in each.items() if key.endswith("}id")), None
    )
    target = next((each.get("Target") for each in _tree(archive, related) if each.get("Id") == wanted), None)
    if wanted is None or target is None:
        return None
    return names.get(posixpath.normpath(posixpath.join("/xl", target.replace("\\", "/"))).lstrip("/").lower())


def _tree(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    return _parse(archive, part, _Tree())


def _parse(archive: zipfile.ZipFile, part: str, target: Any) -> Any:
    parser = ElementTree.XMLParser(target=target)
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            parser.feed(chunk)
    return parser.close()


@cache
def _local(tag: str) -> str:
    """The name of an element without its namespace, which differs between the two editions of the standard."""
    return tag.rpartition("}")[2]


def _refuse_doctype(name: str, pubid: str | None, system: str | None) -> None:
    # The standards allow none, and entities could make a small file endless.
    raise NotASheet("the workbook declares a document type, which no spreadsheet program writes")


class _Tree(ElementTree.TreeBuilder):
    """A small part of the archive as a tree."""

    doctype = staticmethod(_refuse_doctype)


class _Cells:
    """Is told by the parser what begins, what stands in it, and what ends."""

    doctype = staticmethod(_refuse_doctype)

    def __init__(self) -> None:
        self.held = Held()
        self.is_found = True
        self.row = 0
        self.column = 0
        self._says = False
        self._is_inside = False

    def data(self, text: str) -> None:
        if self._is_inside and not self._says and not text.isspace():
            self._says = True

    def comment(self, text: str) -> None:
        # The reader ends a value there: 5<!-- -->7 would be 5.
        if self._is_inside:
            raise NotASheet("a value is broken off by a comment, which no spreadsheet program writes")

    def close(self) -> None:
        """The end of the file."""


class _OfficeCells(_Cells):
    """The cells of Office Open XML: those of `sheetData`, placed by their `r` or, without it, after the one before."""

    def __init__(self) -> None:
        super().__init__()
        self._is_data = False
        self._row, self._row_written = 0, ""
        self._kind = ""
        self._has_formula = self._has_value = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "c" and self._is_data:
            self._place(attributes.get("r"))
            self._kind = attributes.get("t", "n")
            self._has_formula = self._has_value = self._says = False
        elif name == "v" or name == "is":
            self._has_value = self._is_inside = True
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._row = _whole(attributes["r"]) if "r" in attributes else self._row + 1
            self.column = 0
        elif name == "sheetData":
            self._is_data = True

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name == "v" or name == "is":
            self._is_inside = False
        elif name == "c" and self._is_data:
            if self._kind == "e":
                self.held.add(self.row, self.column, FAILED)
            # A formula whose result is an empty text has a result.
            elif self._has_formula and (self._says or not (self._kind == "str" and self._has_value)):
                self.held.add(self.row, self.column, FORMULA)
            elif self._says:
                self.held.add(self.row, self.column, BY_NUMBER if self._kind == "s" else VALUE)
        elif name == "sheetData":
            self._is_data = False

    def _place(self, written: str | None) -> None:
        if written is None:
            self.row, self._row_written, self.column = max(self._row, 1), "", self.column + 1
        else:
            column = written.rstrip("0123456789")
            row = written[len(column) :]
            if row != self._row_written:
                self.row, self._row_written = _whole(row), row
            self.column = _number(column)
        if self.row > self.held.last_row or self.column > self.held.last_column:
            self.held.reach(self.row, self.column)


class _OpenCells(_Cells):
    """The cells of OpenDocument: those of the table of this name, one after the other, each perhaps several times."""

    def __init__(self, sheet: str) -> None:
        super().__init__()
        self.is_found = False
        self._sheet = sheet
        self._is_data = self._is_note = False
        self._rows = self._columns = 1
        self._types: list[str] = []
        self._has_formula = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "table":
            self._is_data = attributes.get(f"{_TABLE}name") == self._sheet
            self.is_found |= self._is_data
        elif not self._is_data:
            return
        elif name == "table-row":
            self._rows = _whole(attributes.get(f"{_TABLE}number-rows-repeated", "1"))
            self.row, self.column = self.row + 1, 0
        elif name in _OPEN_CELLS:
            self._columns = _whole(attributes.get(f"{_TABLE}number-columns-repeated", "1"))
            # Beside the standard's type, LibreOffice writes one of its own for errors.
            self._types = [value for key, value in attributes.items() if _local(key) == "value-type"]
            self._has_formula = f"{_TABLE}formula" in attributes
            self._says = False
        elif name == "annotation":
            self._is_note = True
        elif name == "p":
            self._is_inside = not self._is_note

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name == "table":
            self._is_data = False
        elif not self._is_data:
            return
        elif name == "table-row":
            self.row += self._rows - 1
        elif name in _OPEN_CELLS:
            if self._says or self._types or self._has_formula:
                self.held.reach(self.row + self._rows - 1, self.column + self._columns)
                if "error" in self._types:
                    self.held.add(self.row, self.column + 1, FAILED)
                elif self._has_formula and not self._types:
                    self.held.add(self.row, self.column + 1, FORMULA)
                elif self._says:
                    self.held.add(self.row, self.column + 1, VALUE)
            self.column += self._columns
        elif name == "annotation":
            self._is_note = False
        elif name == "p":
            self._is_inside = False
