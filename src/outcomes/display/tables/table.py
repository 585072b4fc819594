"""One table for people, and how numbers stand in its cells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from typing import Any

import pandas as pd

from outcomes.definitions.notes import Note, NoteCode, codes
from outcomes.definitions.thresholds import FEW
from outcomes.display.claim_rules import rule_words
from outcomes.display.notes import note_of, note_words
from outcomes.display.words import Shown, direction_notes, fold, in_unit, rate_of, shown, spaced, typeset
from outcomes.measures.claim_rules import Rule

_MANY_GROUPS = 4
"""Groups of rows from which on a narrow table is set in two columns where there is room."""

ESTIMATES_MIME = "application/vnd.outcomes.estimates+json"
"""Where a shown table carries its estimates, so that the report can write them to ``estimates.csv``."""


@dataclass(frozen=True)
class Table:
    """A table for people: strings only. The first column names its row; a `folded` table opens on request, a `worded` one holds sentences.

    `groups` are headings, each of so many rows in order, of all rows or of none. `numbers` are the places of the columns of numbers,
    which stand at the right.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False
    worded: bool = False
    estimates: pd.DataFrame | None = None
    groups: tuple[tuple[str, int], ...] = ()
    numbers: tuple[int, ...] = ()

    def html(self) -> str:
        """The table with a caption, and a scope for every heading cell."""
        head = "".join(map(self._head, range(len(self.columns))))
        body = "\n".join(self._body(heading, rows) for heading, rows in self.grouped)
        caption = escape(self.caption)
        # A folded table is named by its summary; a caption as well would be read out twice.
        shown = "" if self.folded else f"<caption>{caption}</caption>"
        name = (' class="words"' if self.worded else "") + (f' aria-label="{caption}"' if self.folded else "")
        table = f"<table{name}>{shown}<thead><tr>{head}</tr></thead>\n{body}</table>"
        # What opens on request may be wide: it scrolls by itself, with the keyboard too.
        wide = f'<div class="scroll" tabindex="0" role="group" aria-label="{caption}">{table}</div>'
        if self.folded:
            return fold(self.caption, wide)
        return f'<div class="halves">{table}</div>' if len(self.groups) > _MANY_GROUPS else table

    @property
    def grouped(self) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
        """Each group's heading with its rows; all rows under a blank one where there are no groups.

        Raises:
            ValueError: the groups are not of all rows.
        """
        ends = [0, *accumulate(n for _, n in self.groups)]
        if self.groups and ends[-1] != len(self.rows):
            raise ValueError(f"groups must be of all {len(self.rows)} rows, got {ends[-1]}")
        parts = [(heading, self.rows[first : first + n]) for (heading, n), first in zip(self.groups, ends, strict=False)]
        return parts or [("", self.rows)]

    def _head(self, place: int) -> str:
        """The head of a column; an empty corner heads nothing."""
        name = escape(self.columns[place])
        return f'<th scope="col"{self._side(place)}>{name}</th>' if name else "<td></td>"

    def _side(self, place: int) -> str:
        return ' class="num"' if place in self.numbers else ""

    def _body(self, heading: str, rows: tuple[tuple[str, ...], ...]) -> str:
        """A group; its heading is bold by itself, as the page sets heads of rows in plain letters."""
        head = f'<tr><th scope="rowgroup" colspan="{len(self.columns)}"><b>{escape(heading)}</b></th></tr>'
        return "\n".join(["<tbody>", *([head] if heading else []), *map(self._row, rows), "</tbody>"])

    def _row(self, row: tuple[str, ...]) -> str:
        """A row; a blank first cell heads nothing."""
        first, *rest = row
        cells = "".join(f"<td{self._side(place)}>{escape(cell)}</td>" for place, cell in enumerate(rest, start=1))
        head = f'<th scope="row">{escape(first)}</th>' if first else "<td></td>"
        return f"<tr>{head}{cells}</tr>"

    def __repr__(self) -> str:
        blank = ("",) * (len(self.columns) - 1)
        rows = [row for heading, rows in self.grouped for row in (*([(heading, *blank)] if heading else []), *rows)]
        return pd.DataFrame(rows, columns=list(self.columns)).to_string(index=False)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self.html()}
        if self.estimates is not None:
            # Six decimals: as many as every machine computes alike, and more than any interval deserves.
            told = in_words(self.estimates.dropna(axis="columns", how="all"))
            bundle[ESTIMATES_MIME] = json.loads(told.to_json(orient="records", double_precision=6))
        return bundle


def in_words(estimates: pd.DataFrame) -> pd.DataFrame:
    """Estimates as they stand in ``estimates.csv``: their notes, and what claims rest on and are judged by, in words."""
    worded = {"note": note_words, "rests_on": note_words, "rule": _rule}
    return estimates.assign(**{name: estimates[name].map(words) for name, words in worded.items() if name in estimates})


def _rule(rule: Rule | str) -> str:
    """The rule of a claim in words; that of guidance stands by its name already."""
    return rule_words(rule) if isinstance(rule, Rule) else rule


def told(row: Any) -> Shown:
    """The estimate and its interval as cells: blank where there is none, or too few courses for one."""
    is_few = pd.isna(row["estimate"]) or NoteCode.TOO_FEW in codes(row)
    return Shown("", "") if is_few else in_unit(row)


def with_direction(caption: str, estimates: pd.DataFrame) -> str:
    """A caption, and what a change below 0 is where a scale of these estimates runs upwards."""
    return ". ".join([caption, *(direction_notes(estimates["scale"]) if "scale" in estimates else ())])


def plain_cell(value: Any) -> str:
    """A group's name or number without what only code needs: ``6`` for 6.0, blanks for underlines, a dash between skin types."""
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:g}"
    return typeset(spaced(str(value)))


def count_cell(row: Any) -> tuple[str, str]:
    """``26 of 854`` and its percent with the interval where there is one."""
    if row["n"] == 0:
        seen = NoteCode.NOT_RECORDED if NoteCode.NOBODY_SEEN not in codes(row) else NoteCode.NOBODY_SEEN
        return note_words((Note(seen),)), ""
    count = f"{row['events']:,} of {row['n']:,}"
    if pd.isna(row["estimate"]):
        return count, note_of(row)
    if row["n"] < FEW:
        return count, _too_few(row)
    return count, rate_of(row).cell


def estimate_cell(row: Any) -> str:
    """An estimate with its interval and n; its note where there is none."""
    if row["n"] < FEW:
        return _too_few(row)
    return note_of(row) if pd.isna(row["estimate"]) else _with_n(in_unit(row), row)


def mean_cell(row: Any) -> str:
    """A mean of a scale from 0 to 10, which has no sign."""
    if row["n"] < FEW:
        return _too_few(row)
    return _with_n(shown(row["estimate"], max(row["conf_low"], 0), min(row["conf_high"], 10)), row)


def _with_n(of: Shown, row: Any) -> str:
    inside = [each for each in (of.interval, f"{row['n']:,}") if each]
    return f"{of.estimate} ({'; '.join(inside)})"


def _too_few(row: Any) -> str:
    return f"too few ({row['n']})" if row["n"] else note_of(row)
