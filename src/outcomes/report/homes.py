"""The homes of drafts: a hidden folder for each run, held by its process; whoever comes next ends what a killed one has begun."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from outcomes.report import journal
from outcomes.report.carried import bring_late, clear
from outcomes.report.exchange import CAN_EXCHANGE
from outcomes.report.previous import NOTEBOOKS
from outcomes.tabular.atomic import hold, irregular

UNFINISHED = ".unfinished-"
LOCK = "lock"
EXCHANGE = "exchange.json"
"""In a home: what was carried into the new folder before the two changed places."""


def new_home(out: Path) -> tuple[Path, int | None]:
    """A new home for a draft, with its lock: beside `out`, where the two can change places, or else in it.

    Raises:
        OSError: nothing can be written there.
    """
    if CAN_EXCHANGE or not out.exists():
        with suppress(PermissionError):
            if not out.exists() or out.stat().st_dev == out.parent.stat().st_dev:
                return _held_home(_beside(out), out.parent)
    return home_in(out)


def home_in(out: Path) -> tuple[Path, int | None]:
    """A new home in a report's folder, with its lock.

    Raises:
        OSError: nothing can be written there.
    """
    return _held_home(UNFINISHED, out)


def _held_home(begin: str, folder: Path) -> tuple[Path, int | None]:
    while True:
        home = Path(tempfile.mkdtemp(prefix=begin, dir=folder))
        try:
            lock = held(home)
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise
        if home.exists():  # nobody has taken it for a leftover before it was held
            return home, lock


def _beside(out: Path) -> str:
    name = out.name if len(os.fsencode(out.name)) < 200 else hashlib.sha256(os.fsencode(out.name)).hexdigest()[:16]
    return f".{name}{UNFINISHED}"


def held(home: Path) -> int | None:
    """The open lock of a home, which ends with the process that holds it; None where another holds it."""
    try:
        handle = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError:
        return None
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        except OSError:
            os.close(handle)
            return None
        return handle
    if hold(handle):
        return handle
    os.close(handle)
    return None


def end(home: Path, lock: int | None, *, is_kept: bool = False) -> None:
    """Remove a home, unless what is in it is still needed, and let go of it."""
    with undisturbed():
        try:
            if not is_kept:
                # While it is held: without its report and its journal, a home means nothing.
                for name in (journal.REPORT, journal.OLD):
                    shutil.rmtree(home / name, ignore_errors=True)
        finally:
            if lock is not None:
                with suppress(OSError):
                    os.close(lock)
        if not is_kept:
            shutil.rmtree(home, ignore_errors=True)


def recover(out: Path) -> str:
    """Carry out or take back what killed runs left half done in the folder `out`, and remove the rest.

    Gives ``completed`` or ``taken back``; blank where nothing was half done.

    Raises:
        OSError: neither can be done.
    """
    out, done = Path(os.path.realpath(out)), ""
    for home in _homes(out):
        lock = held(home)
        if lock is None:
            continue
        is_kept = True
        try:
            done = (home.parent == out and journal.finish(home, out)) or done
            is_kept = home.parent != out and not _is_cleared(home, out)
        finally:
            end(home, lock, is_kept=is_kept)
    return done


def _is_cleared(home: Path, out: Path) -> bool:
    """Whether nothing of others is in the older report that has changed places; what was, is where the report is."""
    try:
        state = json.loads((home / EXCHANGE).read_text(encoding="utf-8"))
        is_done = out.is_dir() and out.stat().st_ino == state["new"]
        gone, carried = {*state["gone"]}, dict(state["carried"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return True
    if not is_done or not (home / journal.REPORT).is_dir():
        return True
    bring_late(home / journal.REPORT, out, gone, carried)
    return clear(home / journal.REPORT, gone, carried)


def _homes(out: Path) -> list[Path]:
    """The homes of drafts for `out` that this user's runs have made, this run's own too."""
    found: list[Path] = []
    for folder, begin in ((out, UNFINISHED), (out.parent, _beside(out))):
        with suppress(OSError):
            found += [
                each for each in sorted(folder.iterdir()) if re.fullmatch(re.escape(begin) + r"\w+", each.name) and _is_home(each)
            ]
    return found


def _is_home(folder: Path) -> bool:
    """Whether a folder can be a home: with links in it, or another user's, it would lead us astray."""
    names = (journal.REPORT, journal.OLD, *(f"{name}/{NOTEBOOKS}" for name in (journal.REPORT, journal.OLD)))
    return (
        irregular(folder) == "a folder"
        and (not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid())
        and all(irregular(folder / name) in ("", "a folder") for name in names)
        and all(not irregular(folder / name) for name in (LOCK, EXCHANGE, journal.JOURNAL))
    )


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and a request to end are passed over while a report is published or a draft removed, which takes milliseconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
