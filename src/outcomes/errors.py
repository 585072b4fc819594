"""What a user must act on: one message each, and the exit code of the command line."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import NamedTuple


def counted(n: float, words: str, one: str = "") -> str:
    """A count with its words, which lose their last s at one: ``1 course``, ``1,203 rows``; `one` where that would be wrong."""
    number = f"{n:,g}" if isinstance(n, float) else f"{n:,}"
    return f"{number} {(one or words.removesuffix('s')) if n == 1 else words}"


class OutcomesError(Exception):
    """Something that the user can put right. Its text is the whole message; exit code 1."""

    exit_code = 1


class UsageError(OutcomesError):
    """A parameter, option or notebook that does not exist or does not fit; exit code 2."""

    exit_code = 2


class Breach(NamedTuple):
    """One broken rule of the contract.

    `row` is the row as a spreadsheet numbers it (the header is row 1), or None where the breach
    is of the whole source or where the engine keeps no order. `problem` continues the sentence
    that begins with the place: ``7 is not between 1 and 4``. `rule` is the same for all breaches of one kind. `source` is the file or
    sheet of the row, where several are read together.
    """

    row: int | None
    column: str | None
    problem: str
    rule: str = ""
    source: str = ""

    def sentence(self, source: str) -> str:
        source = self.source or source
        place = source if self.row is None else f"{source} row {self.row}"
        return f"{place}: {self.problem}" if self.column is None else f"{place}, {self.column}: {self.problem}"


class RecordsError(OutcomesError):
    """Records that break the contract, with every breach found; exit code 4. The message tells each problem once, with its rows.

    `on_screen` are lines with what cells hold: for the screen of the clinic that has the records, and no part of the message.
    """

    exit_code = 4
    LISTED = 20

    def __init__(self, source: str, breaches: Sequence[Breach], *, on_screen: Sequence[str] = ()) -> None:
        self.source = source
        self.breaches = tuple(breaches)
        self.on_screen = tuple(on_screen)
        groups = _grouped(self.breaches, "problem")
        if len(groups) > self.LISTED:
            groups = _grouped(self.breaches, "rule")
        lines = [_told(source, group) for group in groups[: self.LISTED]]
        if len(groups) > self.LISTED:
            lines.append(f"... and {sum(map(len, groups[self.LISTED :])):,} more")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[RecordsError], tuple[str, tuple[Breach, ...]]]:
        return type(self), (self.source, self.breaches)


def _grouped(breaches: Sequence[Breach], by: str) -> list[list[Breach]]:
    """Breaches of one column with the same problem, or of the same rule, in the order of their first rows."""
    groups: dict[tuple[str, str | None, str], list[Breach]] = {}
    for breach in breaches:
        groups.setdefault((breach.source, breach.column, (breach.rule if by == "rule" else "") or breach.problem), []).append(
            breach
        )
    return list(groups.values())


def _told(source: str, group: Sequence[Breach]) -> str:
    first, *others = group
    rows = [breach.row for breach in others if breach.row is not None]
    if not others:
        return first.sentence(source)
    alike = "and " if all(breach.problem == first.problem for breach in others) else "likewise "
    more = f"{alike}{counted(len(others), 'more rows')}"
    return f"{first.sentence(source)}\n    {more}{': ' + spans(rows) if rows else ''}"


def spans(rows: Sequence[int], most: int = 12) -> str:
    """Rows in short: ``3, 5-9, 12``; at most `most` pieces."""
    pieces: list[list[int]] = []
    for row in sorted(set(rows)):
        if pieces and row == pieces[-1][1] + 1:
            pieces[-1][1] = row
        else:
            pieces.append([row, row])
    shown = [f"{first}" if first == last else f"{first}-{last}" for first, last in pieces[:most]]
    return ", ".join([*shown, *(["..."] if len(pieces) > most else [])])


class PrivacyError(OutcomesError):
    """Records that could identify a patient: refused before anything is computed; exit code 5.

    `reasons` say where and why, never what: ``column phone: its name is that of an identifying detail``. `acceptable` are columns
    whose codes may look so by chance, for which a person may vouch.
    """

    exit_code = 5

    def __init__(self, source: str, reasons: Sequence[str], acceptable: Sequence[str] = ()) -> None:
        self.source = source
        self.reasons = tuple(reasons)
        self.acceptable = tuple(acceptable)
        lines = [f"{source}: {reason}" for reason in self.reasons]
        way = "Refused: a patient could be identified. `outcomes deidentify` makes records without that; its --help says how."
        if self.acceptable:
            columns = " ".join(f"--accept-codes {shlex.quote(column)}" for column in self.acceptable)
            way += f" If you know that these only look so: {columns}; the manifest then says that you vouch for them."
        super().__init__("\n".join([*lines, way]))

    def __reduce__(self) -> tuple[type[PrivacyError], tuple[str, tuple[str, ...], tuple[str, ...]]]:
        return type(self), (self.source, self.reasons, self.acceptable)


class ReportError(OutcomesError):
    """A notebook or page that could not be made; exit code 6."""

    exit_code = 6
