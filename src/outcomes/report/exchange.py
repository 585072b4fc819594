"""Two folders change places in one step, so that there is never neither of them: Linux and macOS can, on most of their file systems."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Any

CAN_EXCHANGE = sys.platform in ("linux", "darwin")

_AT_FDCWD, _RENAME_EXCHANGE, _RENAME_SWAP = -100, 2, 2


def exchange(one: Path, other: Path) -> None:
    """Each gets the other's name; whoever looks sees them before or after.

    Raises:
        OSError: the system or the file system can't do that, or it is not allowed; nothing has changed.
    """
    library: Any = ctypes.CDLL(None, use_errno=True) if CAN_EXCHANGE else None
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        failed = library.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(names[0], names[1], _RENAME_SWAP)
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one))
