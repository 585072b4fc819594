"""Private folders for what a command keeps on disk while it runs; those of commands that were killed are removed by the next."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "outcomes-run-"
_HELD = "held by a running outcomes"
"""The file by which a folder is known as ours: no other is ever removed, whatever its name."""


class PrivateFolder(tempfile.TemporaryDirectory[str]):
    """A folder that its owner alone can read, gone when it is left, or when the process ends.

    It is held by a lock that ends with the process, however that ends: one that nobody holds is a leftover.

    Example:
        >>> with PrivateFolder() as folder:
        ...     Path(folder).is_dir()
        True
        >>> Path(folder).exists()
        False
    """

    def __init__(self) -> None:
        super().__init__(prefix=PREFIX, ignore_cleanup_errors=True)
        self.lock = locked(Path(self.name))
        """Who works in the folder inherits it: a kernel that outlives its killed command would make the folder anew."""
        Path(self.name, _HELD).touch(mode=0o600)

    def cleanup(self) -> None:
        super().cleanup()
        if self.lock is not None:
            with suppress(OSError):
                os.close(self.lock)
            self.lock = None


def locked(folder: Path) -> int | None:
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


def sweep() -> None:
    """Remove the private folders of runs that were killed: this user's own, which no process holds any more."""
    with suppress(OSError):
        for leftover in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            if _is_own(leftover) and (lock := locked(leftover)) is not None:
                shutil.rmtree(leftover, ignore_errors=True)
                os.close(lock)


def _is_own(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and (folder / _HELD).is_file()
