"""Cells of every kind that databases keep, and what each says as text, whatever it is read from."""

from __future__ import annotations

from typing import NamedTuple

NOT_TEXT = "not a text:\n"


class Kind(NamedTuple):
    """A column of three rows: its type and values as SQL, and their text."""

    name: str
    type: str
    values: tuple[str, str, str]
    text: tuple[str | None, str | None, str | None]


KINDS = (
    Kind("small", "smallint", ("0", "-7", "null"), ("0", "-7", None)),
    Kind("large", "bigint", ("9007199254740993", "12", "null"), ("9007199254740993", "12", None)),
    Kind("real", "real", ("0.1", "12", "null"), ("0.1", "12", None)),
    Kind("double", "double precision", ("87.5", "1e20", "-0.0"), ("87.5", "#####", "0")),
    Kind("exact", "numeric(10,3)", ("87.500", "2", "null"), ("87.5", "2", None)),
    Kind("truth", "boolean", ("true", "false", "null"), ("true", "false", None)),
    Kind("words", "text", ("' é, \"x\" '", "''", "null"), ('é, "x"', None, None)),
    Kind("short", "varchar(20)", ("'I'", "'  '", "'a\nb'"), ("I", None, "a\nb")),
    Kind("day", "date", ("'2026-01-05'", "'1999-12-31'", "null"), ("2026-01-05", "1999-12-31", None)),
    Kind("moment", "timestamp", ("'2026-01-05 10:30:00'", "null", "null"), ("2026-01-05 10:30:00", None, None)),
    Kind("list", "text[]", ("array['a', 'b']", "null", "null"), (f"{NOT_TEXT}\na\nb\n", None, None)),
)

IN_SQLITE = tuple(
    kind._replace(text=tuple({"true": "1", "false": "0"}.get(cell or "", cell) for cell in kind.text))
    for kind in KINDS
    if kind.name != "list"
)
"""SQLite keeps truth values as numbers, and no lists."""


def statements(kinds: tuple[Kind, ...], table: str = "cells") -> list[str]:
    """SQL that makes the table."""
    columns = ", ".join(f"{kind.name} {kind.type}" for kind in kinds)
    rows = ", ".join("(" + ", ".join(kind.values[row] for kind in kinds) + ")" for row in range(3))
    return [f"create table {table} ({columns})", f"insert into {table} values {rows}"]


def texts(kinds: tuple[Kind, ...]) -> dict[str, list[str | None]]:
    """What each column says."""
    return {kind.name: list(kind.text) for kind in kinds}
