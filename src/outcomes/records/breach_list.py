"""Every broken rule as a CSV file, row by row, for whoever puts the records right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from outcomes.errors import Breach, UsageError
from outcomes.tabular.atomic import check_output
from outcomes.tabular.csv_writer import is_written, write_csv

HEADER = ("row", "column", "problem")


def check_breach_list(path: Path, *, inputs: Iterable[Path | None], force: bool = False) -> None:
    """Refuse a place for the list that is one of the `inputs` or, unless by `force`, holds something else than an older list.

    Raises:
        UsageError: it does.
    """
    check_output(path, inputs=inputs, is_ours=lambda older: is_written(older, HEADER), force=force)


def write_breach_list(path: Path, breaches: Sequence[Breach]) -> None:
    """Write the list, whole or not at all.

    Raises:
        UsageError: it can't be written.
    """
    try:
        write_csv(path, HEADER, ((breach.row, breach.column, breach.problem) for breach in breaches))
    except OSError as problem:
        raise UsageError(f"{path}: cannot be written ({problem.strerror})") from None
