"""Memory and disk that reading may take, and the message where there is not enough of either."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from outcomes.errors import OutcomesError, UsageError

LARGE = 2**28
"""Bytes of a source from which on DuckDB holds at most `MEMORY` of it and works from disk beyond that."""
MEMORY = "3GB"

LEAST = 256
"""Megabytes with which DuckDB can still work."""

_SHORT = 4 * 2**30
_MEGABYTES = {"MB": 1, "GB": 1000, "TB": 1_000_000}
_given = ""


def use_memory(size: str | None) -> None:
    """Holds every DuckDB that this process opens from here on to that much memory, ``"4GB"``; beyond it, it works from disk.

    None holds only those of large sources, to `MEMORY`.

    Raises:
        UsageError: no size, or too little.
    """
    global _given
    if size is None:
        _given = ""
        return
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(MB|GB|TB)", size.strip(), re.IGNORECASE)
    if not found or float(found[1]) * _MEGABYTES[found[2].upper()] < LEAST:
        raise UsageError(f"--memory: write how much as 4GB or 800MB, at least {LEAST}MB; got {size!r}")
    _given = f"{found[1]}{found[2].upper()}"


def memory_for(size: int) -> str:
    """What a source of `size` bytes may take: as `use_memory` was told, else `MEMORY` where it is large; "" for no limit."""
    return _given or (MEMORY if size > LARGE else "")


def memory_limit() -> int:
    """The bytes that this process may have where that is little, as by ``ulimit -v``; 0 where it is not."""
    try:
        import resource
    except ImportError:
        return 0
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return limit if 0 < limit < _SHORT else 0


@contextmanager
def enough_room() -> Iterator[None]:
    """Turns a full disk, or too little memory, into one message."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as failure:
        raise OutcomesError(_FULL if _is_full(failure) else _LITTLE) from failure
    except (duckdb.Error, OSError) as failure:
        if not _is_full(failure):
            raise
        raise OutcomesError(_FULL) from failure


_FULL = (
    "the disk is full: what does not fit into memory waits in a temporary folder;"
    " make room there, name a larger one as TMPDIR, or allow more with --memory"
)
_LITTLE = "not enough memory for these records; allow more with --memory, such as --memory 4GB"


def _is_full(failure: Exception) -> bool:
    """Whether something could not be written for want of space."""
    code = getattr(failure, "errno", None)
    told = str(failure)
    return code in (errno.ENOSPC, errno.EDQUOT) or any(each in told for each in _NO_SPACE)


_NO_SPACE = ("No space left on device", "not enough space on the disk", "Disk quota exceeded", "max_temp_directory_size")
