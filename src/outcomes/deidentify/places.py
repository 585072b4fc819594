"""Where each row and cell that is read stands in the exports, for messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from outcomes.errors import Breach


@dataclass(frozen=True)
class Places:
    """Of each line of the exports, by its number: `of_source`, the place of its table in `labels`; `of_row`, as a spreadsheet numbers it;
    and `of_visit`, which of the visits in that row it is.

    `names`: for each source, a name of a column as it is read -> the export's own, one for each visit where there are several. `cells`:
    number of a row and name of a column -> the number of the line in which that cell stood by itself.
    """

    labels: Sequence[str]
    lines: pd.DataFrame
    names: Sequence[dict[str, Sequence[str]]]
    cells: dict[tuple[int, str], int] = field(default_factory=dict)

    @cached_property
    def _at(self) -> dict[int, tuple[int, int, int]]:
        places = (self.lines[name].tolist() for name in ("of_source", "of_row", "of_visit"))
        return dict(zip(self.lines.index.tolist(), zip(*places, strict=True), strict=True))

    def told(self, breaches: Iterable[Breach]) -> list[Breach]:
        """The same breaches by the export's own rows and columns, each once, in the order of the rows."""
        ordered = sorted(breaches, key=lambda breach: (breach.row or 0, breach.column or ""))
        return [*dict.fromkeys(self._one(breach) for breach in ordered)]

    def _one(self, breach: Breach) -> Breach:
        if breach.row is None:
            return breach._replace(column=self._column(0, breach.column, 0))
        source, row, visit = self._place(breach.row, breach.column)

        def other(found: re.Match[str]) -> str:
            other_source, number, _ = self._place(int(found[1]), breach.column)
            return f"row {number}" + (f" of {self.labels[other_source]}" if other_source != source else "")

        return breach._replace(
            row=row,
            column=self._column(source, breach.column, visit),
            problem=re.sub(r"\brow (\d+)", other, breach.problem),
            source=self.labels[source] if len(self.labels) > 1 else "",
        )

    def _place(self, number: int, column: str | None) -> tuple[int, int, int]:
        return self._at[self.cells.get((number, column or ""), number)]

    def _column(self, source: int, column: str | None, visit: int) -> str | None:
        names = self.names[source].get(column or "") if self.names else None
        if not names:
            return column
        # The first visit of which the column is kept stands for one of which it is not.
        return names[min(visit, len(names) - 1)] or next(filter(None, names), column)

    def rows_of(self, numbers: Iterable[int]) -> int:
        """How many rows of the exports these lines stand in."""
        return len({self._at[number][:2] for number in numbers})

    def name(self, place: str) -> str:
        """The first source's own name for a column as it is read."""
        return self._column(0, place, 0) or place
