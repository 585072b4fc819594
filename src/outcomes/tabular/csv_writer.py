"""CSV for people who open it in a spreadsheet: no text cell is run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from outcomes.tabular.atomic import written_whole

_NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?(e[-+]?[0-9]+)?", re.IGNORECASE)
_RUN = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def is_run(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula, by its first character.

    >>> is_run("=1+1"), is_run("\uff1d1+1"), is_run("1+1"), is_run("")
    (True, True, False, False)
    """
    return text[:1] in _RUN


def shown(cell: object) -> str:
    """A cell as text that a spreadsheet shows and does not run: an apostrophe before what it would take for a formula.

    Numbers stay as they are. https://owasp.org/www-community/attacks/CSV_Injection

    >>> shown("=1+1"), shown(-0.5), shown(None)
    ("'=1+1", '-0.5', '')
    """
    text = "" if cell is None or cell != cell else str(cell)
    return f"'{text}" if is_run(text) and not _NUMBER.fullmatch(text) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV text, each cell as `shown`."""
    table = io.StringIO()
    _write(table, header, rows)
    return table.getvalue()


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write the rows as a CSV file, whole or not at all; rows are taken one by one."""
    with written_whole(path) as passing:
        write_rows(passing, header, rows)


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The same into a file that is there for it already, such as one that is not yet in its place."""
    with path.open("w", encoding="utf-8", newline="") as file:
        _write(file, header, rows)


def is_written(path: Path, header: Sequence[str]) -> bool:
    """Whether a file begins with this header, as `write_csv` writes it."""
    line = csv_text(header, ()).encode()
    try:
        with path.open("rb") as file:
            return file.read(len(line)) == line
    except OSError:
        return False


def _write(file: io.TextIOBase, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([shown(name) for name in header])
    writer.writerows([shown(cell) for cell in row] for row in rows)
