"""What is somebody else's in a report's folder goes along, untouched, when that folder changes places with a new one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

_MOST = 10_000
"""With more files of others than this, the report's own files are moved one by one instead."""


def carry(old: Path, new: Path, gone: Collection[str]) -> dict[str, int]:
    """Every file below `old` but those in `gone` stands below `new` as well, as the same file: name -> its number in the file system.

    Raises:
        OSError: some can't, or there are too many of them.
    """
    carried: dict[str, int] = {}
    _carry(old, new, gone, "", carried)
    return carried


def _carry(old: Path, new: Path, gone: Collection[str], below: str, carried: dict[str, int]) -> None:
    alike(old / below, new / below)
    if (old / below).stat().st_dev != old.stat().st_dev:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))  # another file system is mounted there
    with os.scandir(old / below) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if name in gone:
                continue
            if len(carried) > _MOST:
                raise OSError(errno.EMLINK, "too many files")
            if entry.is_dir(follow_symlinks=False):
                (new / name).mkdir(exist_ok=True)
                _carry(old, new, gone, f"{name}/", carried)
            else:
                _link(old / name, new / name)
            carried[name] = entry.inode()
    if below:
        times = (old / below).stat()
        os.utime(new / below, ns=(times.st_atime_ns, times.st_mtime_ns))


def _link(path: Path, to: Path) -> None:
    if os.link in os.supports_follow_symlinks:
        os.link(path, to, follow_symlinks=False)
    elif path.is_symlink():
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
    else:
        to.hardlink_to(path)


def clear(old: Path, gone: Collection[str], carried: Mapping[str, int]) -> bool:
    """Remove what is gone or carried below `old`, file by file; whether nothing else is there."""
    for below, _, files in os.walk(old, topdown=False):
        for file in files:
            path = Path(below, file)
            name = path.relative_to(old).as_posix()
            if name in gone or carried.get(name) == path.lstat().st_ino:
                path.unlink()
        with suppress(OSError):
            Path(below).rmdir()
    return not old.exists()


def bring_late(old: Path, new: Path, gone: Collection[str], carried: Mapping[str, int], below: str = "") -> None:
    """What somebody has put below `old` since it was carried comes to `new`; where both have changed, the newer stays."""
    with os.scandir(old / below) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if name in gone:
                continue
            if entry.is_dir(follow_symlinks=False):
                if name not in carried:
                    (new / name).mkdir(exist_ok=True)
                if (new / name).is_dir():
                    bring_late(old, new, gone, carried, f"{name}/")
            elif carried.get(name) == entry.inode():
                continue
            elif _is_newer(new / name, entry.stat(follow_symlinks=False)):
                (old / name).unlink()
            else:
                (old / name).replace(new / name)


def _is_newer(path: Path, other: os.stat_result) -> bool:
    try:
        return path.lstat().st_mtime_ns > other.st_mtime_ns
    except FileNotFoundError:
        return False


def alike(old: Path, new: Path) -> None:
    """Give a folder the owner, the permissions and the attributes of another.

    Raises:
        OSError: they can't all be given.
    """
    was = old.stat()
    if hasattr(os, "chown"):
        os.chown(new, was.st_uid, was.st_gid)
    new.chmod(stat.S_IMODE(was.st_mode))
    wanted, found = _attributes(old), _attributes(new)
    for name in found.keys() - wanted.keys():
        os.removexattr(new, name)  # a list of permissions that it has from the folder around it
    for name, value in wanted.items():
        if found.get(name) != value:
            os.setxattr(new, name, value)


def _attributes(folder: Path) -> dict[str, bytes]:
    if not hasattr(os, "listxattr"):
        return {}
    try:
        return {name: os.getxattr(folder, name) for name in os.listxattr(folder)}
    except OSError as problem:
        if problem.errno != errno.ENOTSUP:
            raise
        return {}
