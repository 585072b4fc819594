"""Files that appear whole or not at all, and never in the place of what somebody else made."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unicodedata import normalize

from outcomes.errors import UsageError

_LONGEST = 255
"""Bytes that a file's name may have nearly everywhere."""


@contextmanager
def written_whole(path: Path, *, is_private: bool = False) -> Iterator[Path]:
    """A new empty file beside `path`, of the same ending, to write to: at the end of the block it takes the place of `path`.

    Where the block ends in any other way, what stood at `path` stays as it was and nothing else is left; what a killed
    process left is removed by the next. What is written is on the disk before it is in its place, and its place too at the
    end. A private file can be read by its owner alone, from the first byte.

    Raises:
        UsageError: a link, a folder or a device stands at `path`.
        OSError: nothing can be written there.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "codes.csv")
        ...     with written_whole(path) as passing:
        ...         _ = passing.write_text("all of it")
        ...     path.read_text()
        'all of it'
    """
    check_regular(path)
    with _passing_beside(path, is_private=is_private) as (passing, let_go):
        yield passing
        settle(passing)
        check_regular(path)
        let_go()  # Windows renames no file that is open
        passing.replace(path)
        settle(path.parent)


@contextmanager
def _passing_beside(path: Path, *, is_private: bool) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A new empty file beside `path`, of the same ending, that is gone at the end, and what lets go of it before.

    What a killed process left of its own is removed by the next that wants one beside the same file.

    Raises:
        OSError: nothing can be written there.
    """
    _sweep(path)
    passing = path.with_name(_begin(path) + secrets.token_hex(4) + path.suffix)
    handle = os.open(passing, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600 if is_private else 0o666)

    def let_go() -> None:
        nonlocal handle
        if handle >= 0:
            os.close(handle)
        handle = -1

    try:
        hold(handle)
        yield passing, let_go
    finally:
        let_go()
        with suppress(OSError):
            passing.unlink(missing_ok=True)


def check_regular(path: Path) -> None:
    """Refuse to write where something else than a file stands: a link hides what it leads to, a device is no place for a file.

    Raises:
        UsageError: it does.
    """
    if what := irregular(path):
        way = "name the file that it leads to" if what == "a link" else "name a file"
        raise UsageError(f"{path.name or path}: this is {what}; {way}")


def irregular(path: Path) -> str:
    """What stands at a path where it is no file: ``a folder``, ``a link``, ``a device or a pipe``; blank for a file, or nothing.

    >>> irregular(Path(".")), irregular(Path("no such file"))
    ('a folder', '')
    """
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    kinds = {stat.S_IFREG: "", stat.S_IFLNK: "a link", stat.S_IFDIR: "a folder"}
    return kinds.get(stat.S_IFMT(mode), "a device or a pipe")


def check_output(
    path: Path, *, inputs: Iterable[Path | None] = (), is_ours: Callable[[Path], bool] | None = None, force: bool = False
) -> None:
    """Refuse a place whose file is read here, is no file at all or, unless by `force`, that `is_ours` does not know as made by us.

    Raises:
        UsageError: it is one of these.
    """
    for read in inputs:
        if read is not None and is_same(path, read):
            raise UsageError(f"{path.name}: {read.name} is read here and would be overwritten; name another file")
    check_regular(path)
    if is_ours and not force and path.exists() and path.stat().st_size and not is_ours(path):
        raise UsageError(f"{path.name}: holds what outcomes did not write; name another file, or replace it by --force")


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, by links or another spelling, or would where there is none yet.

    Names that differ in case alone are one file on some systems.
    """
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return _spelled(one) == _spelled(other)


def _spelled(path: Path) -> tuple[str, str]:
    folder, name = os.path.split(os.path.realpath(path))
    return folder, normalize("NFC", name).casefold()


def settle(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    is_folder = path.is_dir()
    if is_folder and os.name == "nt":
        return
    try:
        handle = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    except PermissionError:
        if is_folder:
            return  # one may write into a folder that one may not read
        raise
    try:
        os.fsync(handle)
    except OSError as problem:
        # A file system that knows no such thing for folders.
        if not (is_folder and problem.errno in (errno.EINVAL, errno.ENOTSUP)):
            raise
    finally:
        os.close(handle)


def hold(handle: int) -> bool:
    """Hold an open file, until it is closed or this process ends; False where another process holds it."""
    try:
        import fcntl
    except ImportError:
        return True  # on Windows, nobody can remove a file that is open
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _begin(path: Path) -> str:
    """How the names of unfinished files of `path` begin; a name of the greatest length is cut."""
    room = _LONGEST - len(os.fsencode(path.suffix)) - len("._________")
    return f".{os.fsencode(path.stem)[:room].decode('utf-8', 'ignore')}-"


def _sweep(path: Path) -> None:
    """Remove what killed processes left unfinished of this file."""
    unfinished = re.compile(re.escape(_begin(path)) + "[0-9a-f]{8}" + re.escape(path.suffix))
    with suppress(OSError):
        for leftover in [each for each in path.parent.iterdir() if unfinished.fullmatch(each.name) and not irregular(each)]:
            with suppress(OSError):
                handle = os.open(leftover, os.O_RDONLY)
                is_dead = hold(handle)
                os.close(handle)
                if is_dead:
                    leftover.unlink()
