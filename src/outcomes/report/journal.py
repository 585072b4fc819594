"""Where folders can't change places, files move one by one, by a list on the disk that is carried out or taken back by whoever comes next.

A home is the folder of one run: `REPORT` in it holds the new report, whole; `OLD` the files that were in its places. While some
are here and some there, no page stands in the report's folder: nobody takes it for a report.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from outcomes.report.previous import MANIFEST, NOTEBOOKS, is_own
from outcomes.tabular.atomic import settle, written_whole

JOURNAL = "journal.json"
REPORT, OLD = "report", "old"


def move_in(home: Path, out: Path, new: Sequence[str], gone: Sequence[str]) -> None:
    """Files `new` of the report in `home` take their places in `out`; what stands there under a name in `gone` goes.

    Raises:
        OSError: one of them could not be moved; all are where they were.
    """
    (home / OLD / NOTEBOOKS).mkdir(parents=True, exist_ok=True)
    with written_whole(home / JOURNAL) as passing:
        passing.write_text(json.dumps({"new": [*new], "gone": [*gone]}), encoding="utf-8")
    _carry_out(home, out, new, gone)


def finish(home: Path, out: Path) -> str:
    """Carry out what is left of the journal in a home, or take all of it back where that fails: ``completed`` or ``taken back``.

    Blank where there is no journal.

    Raises:
        OSError: neither can be done.
    """
    try:
        journal = json.loads((home / JOURNAL).read_text(encoding="utf-8"))
        new, gone = [*map(str, journal["new"])], [*map(str, journal["gone"])]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ""
    if not all(name == MANIFEST or is_own(name) for name in (*new, *gone)):
        return ""
    try:
        _carry_out(home, out, new, gone)
    except OSError:
        if (home / JOURNAL).exists():
            raise
        return "taken back"
    return "completed"


def _carry_out(home: Path, out: Path, new: Sequence[str], gone: Sequence[str]) -> None:
    # The page is the first to go and the last to come, the manifest the next: where there is a page, all of its report is there.
    new = sorted(new, key=_importance)
    gone = sorted(gone, key=_importance, reverse=True)
    try:
        _forward(home, out, new, gone)
    except BaseException:
        _back(home, out, new, gone)
        _end(home, out)
        raise
    _end(home, out)


def _importance(name: str) -> int:
    return 2 if name.endswith(".html") else int(name == MANIFEST)


def _forward(home: Path, out: Path, new: Sequence[str], gone: Sequence[str]) -> None:
    for name in gone:
        is_in = name in new and not os.path.lexists(home / REPORT / name)
        if not is_in and not os.path.lexists(home / OLD / name) and os.path.lexists(out / name):
            _move(out / name, home / OLD / name)
    (out / NOTEBOOKS).mkdir(exist_ok=True)
    for name in new:
        if os.path.lexists(home / REPORT / name):
            _move(home / REPORT / name, out / name)


def _back(home: Path, out: Path, new: Sequence[str], gone: Sequence[str]) -> None:
    for name in reversed(new):
        if not os.path.lexists(home / REPORT / name) and os.path.lexists(out / name):
            _move(out / name, home / REPORT / name)
    for name in reversed(gone):
        if os.path.lexists(home / OLD / name):
            _move(home / OLD / name, out / name)


def _move(path: Path, to: Path) -> None:
    if os.path.lexists(to):
        raise FileExistsError(errno.EEXIST, "somebody has put a file there meanwhile", str(to))
    path.rename(to)


def _end(home: Path, out: Path) -> None:
    with suppress(OSError):
        (out / NOTEBOOKS).rmdir()
    for folder in (out / NOTEBOOKS, out):
        if folder.is_dir():
            settle(folder)
    (home / JOURNAL).unlink()
    settle(home)
