"""A report is written under a temporary name and published whole: files of an unfinished run never stand beside finished ones."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from outcomes.errors import UsageError
from outcomes.report.outputs import OUTPUTS

MANIFEST = "manifest.json"
UNFINISHED = ".unfinished-"
_OWN = re.compile("|".join([*(re.escape(output.file) for output in OUTPUTS), r"notebooks/\w+\.ipynb"]))


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """A new folder inside `out` for the files of this run; gone afterwards. Leftovers of killed runs are removed.

    Raises:
        UsageError: `out` can't be a report's folder.
    """
    previous_files(out)
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=out))
    except OSError as problem:
        raise UsageError(f"--out {out}: can't write there ({problem.strerror})") from None
    lock = _locked(folder)
    try:
        for leftover in out.glob(f"{UNFINISHED}*"):
            _remove_leftover(leftover)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)
        if is_new:
            with suppress(OSError):
                out.rmdir()


def _remove_leftover(leftover: Path) -> None:
    """Remove a folder that no running report holds; this one's own is held."""
    lock = _locked(leftover)
    if lock is not None:
        shutil.rmtree(leftover, ignore_errors=True)
        os.close(lock)


def _locked(folder: Path) -> int | None:
    """An open lock on a folder, which ends with the process that holds it; None where it is held or can't be had."""
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def previous_files(out: Path) -> list[str]:
    """Names of the files of the report that stands in `out`, relative to it; empty where there is none.

    Raises:
        UsageError: `out` is no folder, its notebooks are a link to elsewhere, or it holds a manifest.json that no report wrote.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: this is a file; name a folder")
    if (out / "notebooks").is_symlink():
        raise UsageError(f"--out {out}: its folder notebooks is a link to elsewhere; remove the link, or name another folder")
    manifest = out / MANIFEST
    if not manifest.exists():
        return []
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        names = [str(name) for name in found["files"] if found["versions"]["outcomes"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"--out {out}: its {MANIFEST} is not a report's; name another folder") from None
    return [name for name in names if _OWN.fullmatch(name)]


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 in hex of every file below `folder`, by its name relative to it, sorted."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest_of(path) for path in paths}


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def publish(folder: Path, out: Path, manifest: Mapping[str, Any], unmade: Iterable[str] = ()) -> list[Path]:
    """Move every file from `folder` into `out` and the manifest last; give their paths.

    Files of the previous report that this one does not have are removed, and those that could not be made (`unmade`), as an old
    one would pass for new; nothing else in `out` is touched.
    """
    names = list(manifest["files"])
    stale = {*previous_files(out), *unmade} - {*names}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    with _undisturbed():
        for name in (*names, MANIFEST):
            (out / name).parent.mkdir(exist_ok=True)
            (folder / name).replace(out / name)
        for name in stale:
            (out / name).unlink(missing_ok=True)
        with suppress(OSError):
            (out / "notebooks").rmdir()
    return [out / name for name in (*names, MANIFEST)]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C and a request to end are passed over for the few renames of a publication, which take milliseconds."""
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
