"""Published trials: a file of facts in, a checked frame out. The list that comes with the package is read the same way."""

from __future__ import annotations

import csv
import io
from importlib import resources
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd

from outcomes.errors import Breach, RecordsError
from outcomes.trials.schema import FACTS, Cells, doubt, problems


def published_trials(path: str | Path | None = None) -> pd.DataFrame:
    """Published trials of microneedling, checked: a row for each time at which a trial reports, with its citation.

    Columns: `FACTS`, blank as nan or an empty text; `doubt`, notes on what is odd in the arithmetic without being impossible; and
    `source_row`, as a spreadsheet numbers it. A file needs only the columns that every trial must have; those left out are
    blank. Without a path, the list that comes with the package; facts only, as the column `seen_in` says, mostly from
    abstracts.

    A percentage that no whole number of patients gives is refused. A mean that no whole scores give is a doubt, because
    raters are averaged: the trial stays in.

    Raises:
        RecordsError: the file is missing, is not such a file, or a fact is impossible; every breach with row and column.

    Example:
        >>> import outcomes
        >>> trials = outcomes.published_trials()
        >>> trials.loc[trials["scale"] == "lemperle", "study"].tolist()
        ['Alqam, neck', 'Ablon']
    """
    name = "published_trials.csv" if path is None else Path(path).name
    rows = _rows(name, _text(name, path))
    found = [Breach(row, column, problem) for row, cells in rows for column, problem in problems(cells)]
    if found:
        raise RecordsError(name, found)
    frame = pd.DataFrame([_typed(cells) | {"doubt": doubt(cells), "source_row": row} for row, cells in rows])
    whole = [column for column, fact in FACTS.items() if fact.kind == "whole"]
    return frame.astype(dict.fromkeys(whole, "Int64"))


def _text(name: str, path: str | Path | None) -> str:
    if path is None:
        return resources.files("outcomes.trials").joinpath("published_trials.csv").read_text(encoding="utf-8")
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        why = "is not text in UTF-8" if isinstance(problem, UnicodeDecodeError) else "can't be read: there is no such file"
        raise RecordsError(name, [Breach(None, None, f"the file of published trials {why}")]) from None


def _rows(name: str, text: str) -> list[tuple[int, dict[str, str]]]:
    """The rows that hold anything, each with its number and every column of `FACTS`."""
    try:
        header, *lines = [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text))] or [[]]
    except csv.Error as problem:
        raise RecordsError(name, [Breach(None, None, f"can't be read as CSV ({problem})")]) from None
    unknown = [column for column in header if column not in FACTS]
    missing = [column for column, fact in FACTS.items() if fact.must and column not in header]
    twice = sorted({column for column in header if header.count(column) > 1})
    breaches = [
        *(
            Breach(1, column or "a column without a name", f"is not a column; allowed are {', '.join(FACTS)}")
            for column in unknown
        ),
        *(Breach(1, column, "stands there twice; each column is allowed once") for column in twice),
        *(Breach(None, None, f"column {column} is missing") for column in missing),
    ]
    held = [(number, line) for number, line in enumerate(lines, start=2) if any(line)]
    breaches += [
        Breach(number, None, f"has {len(line)} cells where the header has {len(header)}")
        for number, line in held
        if len(line) != len(header)
    ]
    if not breaches and not held:
        breaches = [Breach(None, None, "no rows below the header; one row per trial is needed")]
    if breaches:
        raise RecordsError(name, breaches)
    return [(number, dict.fromkeys(FACTS, "") | dict(zip(header, line, strict=True))) for number, line in held]


def _typed(cells: Cells) -> dict[str, Any]:
    kinds = {"whole": lambda cell: int(cell) if cell else None, "number": lambda cell: float(cell) if cell else nan}
    return {column: kinds.get(fact.kind, str)(cells[column]) for column, fact in FACTS.items()}
