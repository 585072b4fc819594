"""The report that stands in a folder: what is its own there, and what is somebody else's and stays."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from outcomes.errors import UsageError
from outcomes.tabular.atomic import irregular, is_same

MANIFEST = "manifest.json"
NOTEBOOKS = "notebooks"

_OWN = re.compile(rf"\w+\.(html|pdf|csv)|{NOTEBOOKS}/\w+\.ipynb")
"""Names that files of a report can have: a manifest that lists others is not followed."""


def is_own(name: str) -> bool:
    """Whether a file of a report can have this name, relative to its folder.

    >>> is_own("notebooks/1_summary.ipynb"), is_own("../report.html")
    (True, False)
    """
    return bool(_OWN.fullmatch(name))


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_below(folder: Path) -> set[str]:
    """Everything below a folder that is no folder itself, relative to it.

    Raises:
        OSError: a folder can't be read.
    """

    def fail(problem: OSError) -> None:
        raise problem

    found = set()
    for below, folders, files in os.walk(folder, onerror=fail):
        links = [name for name in folders if Path(below, name).is_symlink()]
        found |= {Path(below, name).relative_to(folder).as_posix() for name in (*files, *links)}
    return found


def listed(folder: Path) -> dict[str, str] | None:
    """Name -> SHA-256 of every file that the manifest in a folder lists; None where there is no manifest.

    Raises:
        ValueError: what is called so is no manifest of a report, or can't be read.
    """
    manifest = folder / MANIFEST
    if not os.path.lexists(manifest):
        return None
    try:
        if irregular(manifest):
            raise ValueError(MANIFEST)
        found = json.loads(manifest.read_text(encoding="utf-8"))
        files = {str(name): str(digest) for name, digest in found["files"].items() if found["versions"]["outcomes"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError(MANIFEST) from None
    if not all(map(is_own, files)):
        raise ValueError(MANIFEST)
    return files


def own_files(out: Path, *, force: bool = False) -> dict[str, str]:
    """Name -> SHA-256 of the files of the report in `out` as it was made; none where there is no report.

    Raises:
        UsageError: there is a manifest.json that no report wrote, unless it may be replaced by `force`.
    """
    try:
        return listed(out) or {}
    except ValueError:
        if force:
            return {}
        problem = f"its {MANIFEST} is not a report's; name another folder, or replace it by --force"
        raise UsageError(f"--out {out}: {problem}") from None


def is_unchanged(path: Path, digest: str) -> bool:
    """Whether a file is there and still the one that was made.

    Raises:
        OSError: it can't be read.
    """
    return os.path.lexists(path) and not irregular(path) and digest_of(path) == digest


def check_folder(out: Path, names: Iterable[str], *, inputs: Iterable[Path | None] = (), force: bool = False) -> None:
    """Refuse a folder in which these files can't take their places, before anything is moved.

    What is in a file's place must be a file that can be replaced, none of the `inputs` and, unless by `force`, one that a report
    has made and nobody has changed since.

    Raises:
        UsageError: one message with all that is in the way.
        OSError: a file there can't be read.
    """
    _check_folders(out)
    own = own_files(out, force=force)
    problems, theirs, changed = [], [], []
    for name in names:
        path = out / name
        if not os.path.lexists(path):
            continue
        if any(read is not None and is_same(path, read) for read in inputs):
            problems.append(f"the report would overwrite {name}, which it is made from; name another folder")
        elif what := irregular(path):
            problems.append(f"its {name} is {what}; name another folder")
        elif reason := _fixed(path):
            problems.append(f"its {name} can't be replaced ({reason})")
        elif name == MANIFEST or force:
            continue
        elif name not in own:
            theirs.append(name)
        elif not is_unchanged(path, own[name]):
            changed.append(name)
    if theirs:
        problems.append(f"outcomes did not make its {_series(theirs)}; name another folder, or replace what is there by --force")
    if changed:
        problems.append(
            f"its {_series(changed)} changed after the report was made; name another folder, or replace what is there by --force"
        )
    if problems:
        raise UsageError("\n".join(f"--out {out}: {problem}" for problem in problems))


def _check_folders(out: Path) -> None:
    if os.path.lexists(out) and not out.is_dir():
        raise UsageError(f"--out {out}: this is {irregular(out) or 'a file'}; name a folder")
    _check_folder_is_own(out, NOTEBOOKS)
    _check_writable(out, out)
    _check_writable(out, out / NOTEBOOKS)


def check_folder_in(out: Path, name: str) -> None:
    """Refuse what stands in `out` in the place of a folder of this name, if it is none that can be written to.

    Raises:
        UsageError: it is a link, no folder, or read-only.
    """
    _check_folder_is_own(out, name)
    _check_writable(out, out / name)


def _check_folder_is_own(out: Path, name: str) -> None:
    folder = out / name
    if folder.is_symlink():
        raise UsageError(f"--out {out}: its folder {name} is a link to elsewhere; remove the link, or name another folder")
    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError(f"--out {out}: its {name} is {irregular(folder) or 'a file'}; name another folder")


def _check_writable(out: Path, folder: Path) -> None:
    if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"--out {out}: can't write there ({folder.name or folder} is read-only)")


def _fixed(path: Path) -> str:
    """Why a file can't be replaced, which the system tells where it is to be opened for writing; blank where it can."""
    try:
        os.close(os.open(path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)))
        if os.name == "nt":
            path.rename(path)  # fails where another program holds it open
    except OSError as problem:
        return problem.strerror or str(problem)
    return ""


def _series(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
