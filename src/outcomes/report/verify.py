"""Whether a folder holds the report that its manifest tells of, whole and nothing else."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from outcomes.errors import ReportError, UsageError
from outcomes.report.homes import UNFINISHED, recover
from outcomes.report.previous import MANIFEST, files_below, is_unchanged, listed

_OF_THE_SYSTEM = (".DS_Store", "Thumbs.db", "desktop.ini")
"""Files that a system's own windows leave in every folder they show."""


class Verified(NamedTuple):
    """A report beside its manifest: names of files, relative to its folder, in order.

    `whole` are as they were made, `missing` are listed but not there, `changed` are not the bytes that were written, `foreign` are not
    of the report. `recovered` says what became of a publication that a killed run had left half done: ``completed``, ``taken back``
    or blank.
    """

    whole: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    foreign: tuple[str, ...]
    recovered: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all of the report is there as it was made, and nothing else."""
        return not (self.missing or self.changed or self.foreign)

    def check(self, shown: str) -> None:
        """Refuse a report that is not whole or not alone; `shown` is how its folder is told.

        Raises:
            ReportError: each file that is missing, changed or foreign.
        """
        told = {
            "is missing": self.missing,
            "was changed after the report was made": self.changed,
            "is not of this report": self.foreign,
        }
        problems = [f"{shown}: {name} {problem}" for problem, names in told.items() for name in names]
        if problems:
            raise ReportError("\n".join(problems))


def verify_report(folder: str | Path) -> Verified:
    """What of the report in a folder is there as its manifest says, and what is missing, changed or foreign.

    A publication that a killed run has left half done is carried out or taken back first.

    Raises:
        UsageError: there is no such folder.
        ReportError: it holds no report, or one whose publication can't be ended.

    Example:
        >>> import hashlib, json, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page = Path(folder, "report.html")
        ...     _ = page.write_text("the page")
        ...     files = {"report.html": hashlib.sha256(b"the page").hexdigest(), "report.pdf": "0"}
        ...     manifest = {"versions": {"outcomes": "0"}, "files": files}
        ...     _ = Path(folder, "manifest.json").write_text(json.dumps(manifest))
        ...     found = verify_report(folder)
        >>> found.whole, found.missing, found.is_whole
        (('report.html',), ('report.pdf',), False)
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    try:
        recovered = recover(folder)
        files = listed(folder)
        there = _files(folder)
        unchanged = {name for name, digest in (files or {}).items() if is_unchanged(folder / name, digest)}
    except ValueError:
        raise ReportError(f"{folder}: its {MANIFEST} is not a report's, or damaged") from None
    except OSError as problem:
        where = Path(os.fsdecode(problem.filename or folder)).name
        raise ReportError(f"{folder}: {where} can't be read ({problem.strerror or problem})") from None
    if files is None:
        raise ReportError(f"{folder}: holds no report: there is no {MANIFEST}")
    own = Verified(
        whole=tuple(sorted(unchanged)),
        missing=tuple(sorted(name for name in files if not os.path.lexists(folder / name))),
        changed=tuple(sorted(name for name in files if os.path.lexists(folder / name) and name not in unchanged)),
        foreign=tuple(sorted(there - {*files, MANIFEST})),
        recovered=recovered,
    )
    return _with_groups(folder, own)


_GROUP = re.compile(r"(by_\w+/[\w-]+)/manifest\.json")
_INDEX = re.compile(r"by_\w+/index\.html")


def _with_groups(folder: Path, own: Verified) -> Verified:
    """The report with those of its groups below it, each as its own manifest says, and their indexes."""
    below = sorted(found[1] for name in own.foreign if (found := _GROUP.fullmatch(name)))
    if not below:
        return own
    each = {name: verify_report(folder / name) for name in below}

    def of(kind: str) -> tuple[str, ...]:
        return tuple(f"{name}/{file}" for name, found in each.items() for file in getattr(found, kind))

    indexes = [name for name in own.foreign if _INDEX.fullmatch(name)]
    others = [name for name in own.foreign if name not in indexes and not name.startswith(tuple(f"{name}/" for name in below))]
    return Verified(
        (*own.whole, *indexes, *of("whole")),
        (*own.missing, *of("missing")),
        (*own.changed, *of("changed")),
        (*others, *of("foreign")),
        own.recovered,
    )


def _files(folder: Path) -> set[str]:
    """What is in a folder, without the drafts of runs that go on and what the system puts there."""
    found = files_below(folder)
    return {name for name in found if not name.startswith(UNFINISHED) and name.rpartition("/")[2] not in _OF_THE_SYSTEM}
