"""A report is written apart and published whole: whenever a run ends or is killed, the old report or the new one is there."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from outcomes.errors import UsageError
from outcomes.report import journal
from outcomes.report.carried import alike, bring_late, carry, clear
from outcomes.report.exchange import exchange
from outcomes.report.homes import EXCHANGE, LOCK, end, home_in, new_home, recover, undisturbed
from outcomes.report.previous import MANIFEST, NOTEBOOKS, check_folder, digest_of, files_below, is_unchanged, own_files
from outcomes.tabular.atomic import hold, irregular, settle, written_whole

_PATIENCE = 10
"""Seconds that another run's publication, which takes a moment, is waited for."""


class Draft:
    """A report that is being written: its files go into `folder`, in a home that this process holds and that ends with it."""

    def __init__(self, out: Path) -> None:
        self.out = Path(os.path.realpath(out))
        self.home, self._lock = new_home(self.out)
        self.is_kept = False
        try:
            (self.folder / NOTEBOOKS).mkdir(parents=True)
            for folder in ("", NOTEBOOKS):
                if (self.out / folder).is_dir():
                    with suppress(OSError):  # then the files are moved into the folder that is there
                        alike(self.out / folder, self.folder / folder)
        except BaseException:
            self.end()
            raise

    @property
    def folder(self) -> Path:
        return self.home / journal.REPORT

    def move_into_out(self, names: Iterable[str]) -> None:
        """Files can be moved one by one only within a file system, and where others look for a journal."""
        if self.home.parent == self.out:
            return
        home, lock = home_in(self.out)
        try:
            (home / journal.REPORT / NOTEBOOKS).mkdir(parents=True)
            for name in names:
                shutil.copyfile(self.folder / name, home / journal.REPORT / name)
            _settle_all(home)
        except BaseException:
            end(home, lock)
            raise
        before, self.home, self._lock = (self.home, self._lock), home, lock
        end(*before)

    def end(self) -> None:
        """Nothing of it is left, unless somebody else's file is in it that could not be brought to its place."""
        end(self.home, self._lock, is_kept=self.is_kept)


@contextmanager
def unfinished(out: Path) -> Iterator[Draft]:
    """The draft of a report for `out`; gone afterwards, published or not. What killed runs left is carried out or removed.

    Raises:
        UsageError: nothing can be written there.
    """
    made = [folder for folder in Path(os.path.realpath(out)).parents if not folder.exists()]
    try:
        Path(os.path.realpath(out)).parent.mkdir(parents=True, exist_ok=True)
        recover(out)
        draft = Draft(out)
    except OSError as problem:
        _remove(made)
        raise UsageError(f"--out {out}: can't write there ({problem.strerror or problem})") from None
    try:
        yield draft
    finally:
        try:
            draft.end()
        except BaseException:
            draft.end()  # interrupted before anything was removed
            raise
        finally:
            _remove(made)


def publish(draft: Draft, manifest: Mapping[str, Any], *, inputs: Iterable[Path | None] = (), force: bool = False) -> list[str]:
    """The draft with its manifest becomes the report in its `out`; gives the names of older files that stay, as somebody has changed them.

    Files of the previous report that this one does not have go; nothing else in `out` is touched.

    Raises:
        UsageError: a file can't take its place; the previous report is as it was.
    """
    out = draft.out
    names = [*manifest["files"], MANIFEST]
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (draft.folder / MANIFEST).write_text(text, encoding="utf-8")
    with undisturbed(), ExitStack() as held:
        try:
            _settle_all(draft.home)
            while out.exists() and not _locked(out, held):
                held.close()
            if os.path.realpath(out) != str(out):
                raise UsageError(f"--out {out.name}: this became a link while the report was being made; run it again")
            check_folder(out, names, inputs=inputs, force=force)
            own = own_files(out, force=force)
            older = [name for name in own if name not in names and os.path.lexists(out / name)]
            kept = [name for name in older if not is_unchanged(out / name, own[name])]
        except OSError as problem:
            raise UsageError(_unchanged(out, problem)) from None
        gone = {*names, *own} - {*kept}
        try:
            _exchange(draft, gone)
        except OSError:
            _move_in(draft, names, sorted(gone))
    return kept


def _unchanged(out: Path, problem: OSError) -> str:
    where = f" {Path(os.fsdecode(problem.filename)).name}:" if problem.filename else ""
    return f"--out {out.name}:{where} {problem.strerror}; the previous report is unchanged"


def _exchange(draft: Draft, gone: set[str]) -> None:
    """The draft's folder and that of the report change places.

    Raises:
        OSError: they can't; nothing has changed.
    """
    out, new = draft.out, draft.folder
    if not out.exists():
        new.rename(out)
        with suppress(OSError):
            settle(out.parent)
        return
    if draft.home.parent == out or Path.cwd().is_relative_to(out):
        raise OSError  # whoever stands in a folder stays in it when it changes its name
    carried = carry(out, new, gone)
    _settle_all(new)
    with written_whole(draft.home / EXCHANGE) as passing:
        state = {"new": new.stat().st_ino, "gone": sorted(gone), "carried": carried}
        passing.write_text(json.dumps(state), encoding="utf-8")
    exchange(new, out)
    draft.is_kept = True
    with suppress(OSError):  # the new report stands; what somebody has put into the older one meanwhile comes with the next run
        settle(out.parent)
        settle(draft.home)
        bring_late(new, out, gone, carried)
        draft.is_kept = not clear(new, gone, carried)


def _move_in(draft: Draft, names: list[str], gone: list[str]) -> None:
    try:
        draft.move_into_out(names)
        journal.move_in(draft.home, draft.out, names, gone)
    except BaseException as problem:
        # Files that could not even be moved back are in there.
        draft.is_kept = (draft.home / journal.JOURNAL).exists()
        if not isinstance(problem, OSError):
            raise
        if draft.is_kept:
            half = f"--out {draft.out.name}: {problem.strerror}; the report is half published, outcomes verify puts that right"
            raise UsageError(half) from None
        raise UsageError(_unchanged(draft.out, problem)) from None


def _locked(out: Path, held: ExitStack) -> bool:
    """Wait until no other run publishes into `out`; False where it has changed places meanwhile.

    Raises:
        UsageError: another run does not come to its end.
    """
    if os.name == "nt":
        return True
    handle = os.open(out, os.O_RDONLY)
    held.callback(os.close, handle)
    until = time.monotonic() + _PATIENCE
    while not hold(handle):
        if time.monotonic() > until:
            raise UsageError(f"--out {out.name}: another program holds this folder; run it again when that has ended")
        time.sleep(0.01)
    return out.exists() and os.path.samestat(os.fstat(handle), out.stat())


def _settle_all(folder: Path) -> None:
    """Wait until every new file below `folder`, and its name, are on the disk."""
    for name in files_below(folder):
        path = folder / name
        if path.name != LOCK and not irregular(path) and path.lstat().st_nlink == 1:
            settle(path)
    for below, _, _ in os.walk(folder):
        settle(Path(below))


def _remove(made: list[Path]) -> None:
    with suppress(OSError):
        for folder in made:
            folder.rmdir()


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 in hex of every file below `folder`, by its name relative to it, sorted."""
    return {name: digest_of(folder / name) for name in sorted(files_below(folder))}
