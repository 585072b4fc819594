"""Workbooks written by hand, so that tests hold cells that no writer of workbooks makes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGED = "http://schemas.openxmlformats.org/package/2006"


class Xml(str):
    """The inside of a cell as it stands in the file: ``<f>1/0</f>``; after a bar, an attribute before it: ``t="e"|<v>#DIV/0!</v>``."""


def workbook(path: Path, *sheets: list[list[Any]]) -> Path:
    """A workbook as small as one can be; a `pd.Timestamp` becomes a cell formatted as a date."""

    def cell(place: str, value: Any) -> str:
        if value is None:
            return f'<c r="{place}"/>'
        if isinstance(value, Xml):
            attribute, bar, inside = value.rpartition("|")
            return f'<c r="{place}"{" " if bar else ""}{attribute}>{inside}</c>'
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, pd.Timestamp):
            return f'<c r="{place}" s="1"><v>{(value - pd.Timestamp("1899-12-30")).days}</v></c>'
        if isinstance(value, int | float):
            return f'<c r="{place}"><v>{value}</v></c>'
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'

    def data(rows: list[list[Any]]) -> str:
        return "".join(
            f'<row r="{number}">{"".join(cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(row))}</row>'
            for number, row in enumerate(rows, start=1)
        )

    numbered = [(f"visits {number}", f"sheet{number}", rows) for number, rows in enumerate(sheets, start=1)]
    named = "".join(f'<sheet name="{name}" sheetId="{part[5:]}" r:id="{part}"/>' for name, part, _ in numbered)
    related = "".join(
        f'<Relationship Id="{part}" Type="{RELATED}/worksheet" Target="worksheets/{part}.xml"/>' for _, part, _ in numbered
    )
    formats = '<fonts><font/></fonts><fills><fill/></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/><xf numFmtId="14"/></cellXfs>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGED}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGED}/relationships"><Relationship Id="r1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{RELATED}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGED}/relationships">{related}<Relationship Id="styles" Type="{RELATED}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{SHEET}">{formats}</styleSheet>',
        **{
            f"xl/worksheets/{part}.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{data(rows)}</sheetData></worksheet>'
            for _, part, rows in numbered
        },
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return path


def changed(path: Path, change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml", *, encoding: str = "utf-8") -> Path:
    """The workbook with one part of its archive, or every part where it is "", rewritten."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not part or change(parts[part].decode()) != parts[part].decode(), "the change changes nothing"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content.decode()).encode(encoding) if part in (name, "") else content)
    return path


def open_workbook(path: Path, *rows: str) -> Path:
    """An OpenDocument workbook of one sheet `visits`, each row as its XML: ``table:table-cell`` within ``table:table-row``."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "manifest")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    data = f'<table:table table:name="visits">{"".join(rows)}</table:table>'
    extension = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {spaces}>{entry}</manifest:manifest>")
        body = f"<office:body><office:spreadsheet>{data}</office:spreadsheet></office:body>"
        archive.writestr("content.xml", f"<office:document-content {spaces} {extension}>{body}</office:document-content>")
    return path
