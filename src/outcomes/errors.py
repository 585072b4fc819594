"""What a user must act on: one message each, and the exit code of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


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
    that begins with the place: ``7 is not between 1 and 4``.
    """

    row: int | None
    column: str | None
    problem: str

    def sentence(self, source: str) -> str:
        place = source if self.row is None else f"{source} row {self.row}"
        return f"{place}: {self.problem}" if self.column is None else f"{place}, {self.column}: {self.problem}"


class RecordsError(OutcomesError):
    """Records that break the contract, with every breach found; exit code 4."""

    exit_code = 4
    LISTED = 20

    def __init__(self, source: str, breaches: Sequence[Breach]) -> None:
        self.source = source
        self.breaches = tuple(breaches)
        lines = [breach.sentence(source) for breach in self.breaches[: self.LISTED]]
        if len(self.breaches) > self.LISTED:
            lines.append(f"... and {len(self.breaches) - self.LISTED:,} more")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[RecordsError], tuple[str, tuple[Breach, ...]]]:
        return type(self), (self.source, self.breaches)


class PrivacyError(OutcomesError):
    """Records that could identify a patient: refused before they are read further; exit code 5."""

    exit_code = 5


class ReportError(OutcomesError):
    """A notebook or page that could not be made; exit code 6."""

    exit_code = 6
