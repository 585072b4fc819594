"""The estimates of executed notebooks as one CSV."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from outcomes.definitions.estimates import ESTIMATES
from outcomes.display.tables.table import ESTIMATES_MIME
from outcomes.tabular.csv_writer import csv_text


def estimates_csv(notebooks: Iterable[Any]) -> str:
    """Every number that the notebooks show, one row each, as CSV: once where several show it, blank where not estimable."""
    rows: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    for notebook in notebooks:
        for row in _estimates(notebook):
            cells = {name: _cell(value) for name, value in row.items()}
            rows.setdefault(tuple(sorted((name, cell) for name, cell in cells.items() if cell)), cells)
    others = dict.fromkeys(name for cells in rows.values() for name in cells if name not in ESTIMATES)
    header = [*ESTIMATES, *others]
    return csv_text(header, ([cells.get(name, "") for name in header] for cells in rows.values()))


def _estimates(notebook: Any) -> Iterable[Mapping[str, Any]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            yield from output.get("data", {}).get(ESTIMATES_MIME, ())


def _cell(value: Any) -> str:
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
