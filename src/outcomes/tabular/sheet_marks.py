"""How a sheet of a workbook is shown, beside what its cells hold: rows that are hidden, cells that are one, how days are counted."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

Merged = tuple[int, int, int, int]
"""First row, first column, last row and last column of cells that are one, from 0."""

_YES = ("1", "true")
_CHUNK = 2**18
_CELLS = ("table-cell", "covered-table-cell")


class Marks(NamedTuple):
    """`hidden`: rows, from 0, that are hidden by a filter or by hand. `merged` cells are told of OpenDocument alone.

    With `is_1904` numbers that are days count from 1904.
    """

    hidden: frozenset[int] = frozenset()
    merged: tuple[Merged, ...] = ()
    is_1904: bool = False


def marks(path: Path, sheet: str) -> Marks:
    """How a sheet is shown; nothing of it where the workbook is of the old kind that is no archive.

    The workbook has been read, so that it is XML without entities of its own.
    """
    if not zipfile.is_zipfile(path):
        return Marks()
    with zipfile.ZipFile(path) as archive:
        names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
        if "xl/workbook.xml" not in names:
            return _read(archive, names["content.xml"], _Open(sheet)) if "content.xml" in names else Marks()
        book = ElementTree.fromstring(archive.read(names["xl/workbook.xml"]))
        is_1904 = any(each.get("date1904") in _YES for each in book.iter() if _local(each.tag) == "workbookPr")
        part = _part(archive, names, book, sheet)
        return (_read(archive, part, _Office()) if part else Marks())._replace(is_1904=is_1904)


def _part(archive: zipfile.ZipFile, names: dict[str, str], book: ElementTree.Element, sheet: str) -> str | None:
    named = next((each for each in book.iter() if _local(each.tag) == "sheet" and each.get("name") == sheet), None)
    if named is None or "xl/_rels/workbook.xml.rels" not in names:
        return None
    wanted = next((value for key, value in named.items() if key.endswith("}id")), None)
    related = ElementTree.fromstring(archive.read(names["xl/_rels/workbook.xml.rels"]))
    target = next((each.get("Target") for each in related if each.get("Id") == wanted), None)
    path = posixpath.normpath(posixpath.join("/xl", (target or "").replace("\\", "/"))).lstrip("/").lower()
    return names.get(path)


def _read(archive: zipfile.ZipFile, part: str, target: _Office | _Open) -> Marks:
    parser = ElementTree.XMLParser(target=target)
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            parser.feed(chunk)
    parser.close()
    return Marks(frozenset(target.hidden), tuple(target.merged))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _whole(written: str | None) -> int:
    return int(written) if written and re.fullmatch(r"[1-9]\d{0,6}", written) else 1


class _Office:
    """Rows of Office Open XML with the attribute ``hidden``."""

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self.merged: list[Merged] = []
        self._row = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "row":
            self._row = _whole(attributes["r"]) if "r" in attributes else self._row + 1
            if attributes.get("hidden") in _YES:
                self.hidden.add(self._row - 1)

    def close(self) -> None:
        """The end of the file."""


class _Open:
    """Rows of OpenDocument that are filtered or collapsed, and its cells that span others."""

    def __init__(self, sheet: str) -> None:
        self.hidden: set[int] = set()
        self.merged: list[Merged] = []
        self._sheet, self._is_in = sheet, False
        self._row = self._rows = self._column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        told = {_local(key): value for key, value in attributes.items()}
        if name == "table":
            self._is_in = told.get("name") == self._sheet
        elif self._is_in and name == "table-row":
            self._rows, self._column = _whole(told.get("number-rows-repeated")), 0
            # A sheet ends with a million repeated rows that hold nothing.
            if told.get("visibility") in ("filter", "collapse"):
                self.hidden.add(self._row)
        elif self._is_in and name in _CELLS:
            down, right = _whole(told.get("number-rows-spanned")), _whole(told.get("number-columns-spanned"))
            if down > 1 or right > 1:
                self.merged.append((self._row, self._column, self._row + down - 1, self._column + right - 1))
            self._column += _whole(told.get("number-columns-repeated"))

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name == "table":
            self._is_in = False
        elif self._is_in and name == "table-row":
            self._row += self._rows

    def close(self) -> None:
        """The end of the file."""
