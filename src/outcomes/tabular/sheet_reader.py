"""The reader of workbooks, in a process of its own: ``python -P -m outcomes.tabular.sheet_reader FILE [SHEET]``.

It makes room for whatever a workbook says of itself, and may end its process over one that is damaged or made to do so. There it has
bounds of memory and time, and what called it goes on with one message.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from outcomes.errors import Breach, RecordsError

SECONDS = 300
"""The longest that a workbook is read for."""

MEMORY = 8 * 2**30
"""The most bytes that its reader may take."""

_UNREADABLE = "the workbook can't be read; open it in a spreadsheet and save it as CSV UTF-8"

Rows = list[list[Any]]
Merged = list[tuple[int, int, int, int]]


class Book(NamedTuple):
    """`names` of a workbook's sheets, the `rows` of those that were read, which are `hidden`, and which cells are `merged`: first row, first
    column, last row and last column, from 0.
    """

    names: list[str]
    rows: dict[str, Rows]
    hidden: set[str]
    merged: dict[str, Merged]


def sheets_of(path: Path, sheet: str | None) -> Book:
    """The names of a workbook's sheets, and what is in the one asked for, or in all.

    Raises:
        RecordsError: it can't be read, within the bounds, or has a password.
    """
    words = [
        sys.executable,
        "-P",
        "-m",
        "outcomes.tabular.sheet_reader",
        str(path.absolute()),
        *([] if sheet is None else [sheet]),
    ]
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(words, capture_output=True, timeout=SECONDS, env=environment, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise RecordsError(path.name, [Breach(None, None, f"{_UNREADABLE} (it took over {SECONDS} s)")]) from None
    if done.returncode:
        raise RecordsError(path.name, [Breach(None, None, _UNREADABLE)])
    # Written by the process that was started here, and by nobody else.
    problem, *read = pickle.loads(done.stdout)
    if problem:
        raise RecordsError(path.name, [Breach(None, None, problem.replace(str(path.absolute()), path.name))])
    return Book(*read)


def main() -> None:
    """Read, and write what was read to standard output."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most), most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    names: list[str] = []
    found: dict[str, Rows] = {}
    hidden: set[str] = set()
    merged: dict[str, Merged] = {}
    problem = ""
    try:
        workbook = CalamineWorkbook.from_path(sys.argv[1])
        names = workbook.sheet_names
        hidden = {each.name for each in workbook.sheets_metadata if not str(each.visible).endswith(".Visible")}
        for name in [name for name in sys.argv[2:] if name in names] or ([] if sys.argv[2:] else names):
            sheet = workbook.get_sheet_by_name(name)
            if rows := sheet.to_python(skip_empty_area=False):
                found[name] = rows
                merged[name] = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
    except PasswordError:
        problem = "the workbook has a password; save it without one"
    except CalamineError as failure:
        problem = f"the file can't be read as a table ({str(failure).strip().splitlines()[0]})"
    sys.stdout.buffer.write(pickle.dumps((problem, names, found, hidden, merged)))


if __name__ == "__main__":
    main()
