"""A short report for each provider, area, device or clinic, in a folder beside the report of all, with an index.

Each is published whole as the report of all is, and kept as it is where it was made from the same records with the same
parameters by the same version: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from outcomes import __version__
from outcomes.cohort.cohort import Cohort, said
from outcomes.cohort.groups import SEVERAL, check_grouped_by
from outcomes.cohort.parts import REPORTED
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.thresholds import FEW_COURSES
from outcomes.display.groups import called
from outcomes.errors import OutcomesError, ReportError, UsageError, counted
from outcomes.report.branding import Branding
from outcomes.report.by_index import GENERATOR, index_page
from outcomes.report.carried import clear
from outcomes.report.execute import CELL_SECONDS, Source, executed, side_by_side
from outcomes.report.homes import held
from outcomes.report.kernels import Kernels
from outcomes.report.made_from import MadeFrom
from outcomes.report.manifest import manifest_of
from outcomes.report.masthead import Masthead
from outcomes.report.notebooks import GROUP, Run, all_notebooks, planned_runs
from outcomes.report.outputs import OUTPUTS, Made
from outcomes.report.parameters import declared
from outcomes.report.previous import MANIFEST, NOTEBOOKS, check_folder, check_folder_in, is_unchanged, listed
from outcomes.report.progress import Steps
from outcomes.report.publish import digests, publish, unfinished
from outcomes.report.verify import verify_report
from outcomes.tabular.atomic import irregular, written_whole
from outcomes.tabular.private_folder import PrivateFolder

INDEX = "index.html"

MADE, KEPT, TOO_FEW, FAILED = "made", "kept from before", "too few courses", "failed"
"""What became of the report of a group."""


class Status(NamedTuple):
    """One group of the index: its code, its courses, what became of its report, the `folder` of that or blank, and why it failed."""

    value: str
    courses: int
    status: str
    folder: str = ""
    reason: str = ""


@dataclass
class Groups:
    """The reports of the groups of a column below `out`; `statuses` are there when they are made, and which of an earlier run are `left`.

    `report_date` is that which was given, blank where it is the day of the run.
    """

    by: str
    out: Path
    report_date: str = ""
    cell_seconds: float = CELL_SECONDS
    force: bool = False
    statuses: list[Status] = field(default_factory=list)
    left: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_grouped_by(self.by)

    @property
    def folder(self) -> Path:
        """Where the reports of the groups are."""
        return self.out / f"by_{self.by}"

    def check(self, cohort: Cohort) -> None:
        """Refuse what can't be done before anything is made.

        Raises:
            UsageError: the records have no such column, no group has enough courses, or somebody else's index, or what is no folder,
                is in the way.
        """
        if self.by not in cohort.about.present:
            raise UsageError(f"--by {self.by}: the records have no such column")
        if not any(group.courses >= FEW_COURSES for group in _named(cohort.by(self.by)).values()):
            raise UsageError(
                f"--by {self.by}: no {called(self.by).removesuffix('s')} has {counted(FEW_COURSES, 'courses')} or more"
            )
        if any(group.kept and not {*REPORTED} <= {*group.kept} for group in cohort.by(self.by).values()):
            raise UsageError(
                f"--by {self.by}: a saved cohort keeps too little of each group for a report of it; give the records"
            )
        check_folder_in(self.out, self.folder.name)
        index = self.folder / INDEX
        if os.path.lexists(index) and not self.force and not _is_ours(index):
            raise UsageError(f"--by {self.by}: outcomes did not make {index}; name another folder, or replace it by --force")

    def make(
        self,
        cohort: Cohort,
        about: MadeFrom,
        shown: str,
        look: Branding,
        masthead: Masthead,
        parameters: Mapping[str, object],
        kernels: Kernels,
        steps: Steps,
    ) -> list[str]:
        """Make them, as many at once as there are processors; one that fails does not stop the others.

        Reports of earlier runs that are not of this one are removed if nobody has changed them. Gives what the reader should know of
        those, one sentence each.
        """
        groups = _named(cohort.by(self.by))
        folders = _folders(self.by, [value for value, group in groups.items() if group.courses >= FEW_COURSES])
        steps.total += len(folders)
        found = {value: Status(value, group.courses, TOO_FEW) for value, group in groups.items() if value not in folders}
        self.folder.mkdir(parents=True, exist_ok=True)
        private = PrivateFolder()
        try:
            whole = _Whole(
                self, cohort, about, shown, look, masthead, dict(parameters), kernels, Path(private.name) / "records.cohort"
            )

            def note(done: tuple[Status, float]) -> None:
                status, seconds = done
                found[status.value] = status
                steps.note(f"{called(self.by).removesuffix('s')} {status.value}, {status.status}", seconds)

            side_by_side([partial(whole.report_of, value, groups[value], name) for value, name in folders.items()], kernels, note)
            return self._clear_earlier([*found.values()], folders)
        finally:
            private.cleanup()
            self.statuses = [found[value] for value in groups if value in found]
            self._write_index(masthead, cohort, folders)

    def _clear_earlier(self, found: Sequence[Status], folders: Mapping[str, str]) -> list[str]:
        """Remove the reports of earlier runs that are not of this one; gives what is removed and what is still there, in sentences."""
        failed = {folders[each.value] for each in found if each.status == FAILED}
        done = {*folders.values()} - failed
        removed, left = [], []
        for folder in sorted(self.folder.iterdir()):
            if folder.name in done or not _is_of_group(folder, self.by):
                continue
            if folder.name in failed:
                left.append(f"{folder.name} (the new one failed)")
            elif why := _removed(folder):
                left.append(f"{folder.name} ({why})")
            else:
                removed.append(folder.name)
        self.left = tuple(left)
        gone = f"{self.folder}: removed the reports of an earlier run that this one does not have: {', '.join(removed)}"
        still = f"{self.folder} still holds reports of an earlier run: {', '.join(left)}"
        return [*([gone] if removed else []), *([still] if left else [])]

    def _write_index(self, masthead: Masthead, cohort: Cohort, folders: Mapping[str, str]) -> None:
        """The index, which tells why a report failed without the path of this machine."""
        told = [
            each._replace(reason=_without_path(each.reason, self.folder / folders.get(each.value, ""))) for each in self.statuses
        ]
        apart = {name: cohort.by(self.by)[name].courses for name in (SEVERAL, NOT_RECORDED) if name in cohort.by(self.by)}
        text = index_page(self.by, told, apart, masthead, self.left)
        with suppress(OSError), written_whole(self.folder / INDEX) as passing:
            passing.write_text(text, encoding="utf-8")

    def check_made(self) -> None:
        """Tell of those that failed.

        Raises:
            ReportError: some did.
        """
        failed = [each for each in self.statuses if each.status == FAILED]
        if failed:
            lines = [f"{each.value}: {each.reason}" for each in failed]
            head = f"{len(failed)} of {counted(len(self.statuses), 'reports')} by {called(self.by).removesuffix('s')} failed"
            raise ReportError("\n".join([f"{head}; the others, and the report of all, are made", *lines]))


@dataclass
class _Whole:
    """What the reports of all groups have in common. Pages are laid out one at a time: the libraries that do it are not made for more."""

    groups: Groups
    cohort: Cohort
    about: MadeFrom
    shown: str
    look: Branding
    masthead: Masthead
    parameters: dict[str, object]
    kernels: Kernels
    saved: Path
    _layout: Any = field(default_factory=threading.Lock)
    _saving: Any = field(default_factory=threading.Lock)

    def report_of(self, value: str, group: Cohort, name: str) -> tuple[Status, float]:
        """The report of one group, made or kept, with the seconds that it took."""
        began = time.perf_counter()
        folder = self.groups.folder / name
        key = self._key(value)
        try:
            if _is_kept(folder, key):
                status = Status(value, group.courses, KEPT, name)
            else:
                self._make(value, group, folder, key)
                status = Status(value, group.courses, MADE, name)
        except OutcomesError as problem:
            status = Status(value, group.courses, FAILED, reason=str(problem).partition("\n")[0])
        except Exception as problem:  # whatever it is, the others are made
            status = Status(value, group.courses, FAILED, reason=type(problem).__name__)
        return status, time.perf_counter() - began

    def _make(self, value: str, group: Cohort, folder: Path, key: str) -> None:
        began = Steps(None)
        runs = self._runs(value, group)
        self._ready()
        with unfinished(folder) as draft:
            names = [*(output.file for output in OUTPUTS), *(f"{NOTEBOOKS}/{run.name}.ipynb" for run in runs), MANIFEST]
            check_folder(folder, names, force=self.groups.force)
            source = Source(str(self.saved), self.shown)
            done = [executed(run, source, self.kernels, self.groups.cell_seconds) for run in runs]
            about = self.about.of_group(group)
            made = Made(about, done, self.masthead, self.look, subject=f"{called(self.groups.by).removesuffix('s')} {value}")
            for each in done:
                (draft.folder / NOTEBOOKS / f"{each.run.name}.ipynb").write_text(each.text, encoding="utf-8")
            with self._layout:
                unmade = [reason for output in OUTPUTS if (reason := output.write(draft.folder / output.file, made))]
            manifest = manifest_of(about, done, digests(draft.folder), unmade, began, self.look, made.typeset)
            publish(draft, manifest | {"made_from": key}, force=self.groups.force)

    def _ready(self) -> None:
        """The cohort is saved with what is kept of each group, and read by the process that kernels are copied from, when it is first needed."""
        with self._saving:
            if not self.saved.exists():
                self.cohort.save(self.saved, by={self.groups.by: REPORTED})
                self.kernels.prepare(self.saved, self.groups.by)

    def _runs(self, value: str, group: Cohort) -> list[Run]:
        given = self.parameters | {"by": self.groups.by, "group": value}
        values = {
            notebook: {name: given[name] for name in declared(notebook) if name in given and name != "records"}
            for notebook in all_notebooks(GROUP)
        }
        return planned_runs(values, group.endpoints)

    def _key(self, value: str) -> str:
        """What a report is made from: it is kept where that is the same; blank where the records have no digest."""
        if not self.about.digest:
            return ""
        from_what = {
            "records": self.about.digest,
            "group": [self.groups.by, value],
            "counted with": [said(self.cohort.window), dict(self.cohort.about.limits), self.about.rows],
            "parameters": {name: str(given) for name, given in sorted(self.parameters.items())},
            "masthead": [*self.masthead._replace(report_date=self.groups.report_date, issued="")],
            "branding": dict(self.look.files),
            "notebooks": [hashlib.sha256(path.read_bytes()).hexdigest() for path in all_notebooks(GROUP)],
            "version": __version__,
        }
        return hashlib.sha256(json.dumps(from_what, sort_keys=True).encode()).hexdigest()


def _named(groups: Mapping[str, Cohort]) -> dict[str, Cohort]:
    """The groups that have a name."""
    return {value: group for value, group in groups.items() if value not in (SEVERAL, NOT_RECORDED)}


def _folders(by: str, values: Sequence[str]) -> dict[str, str]:
    """Value -> the name of its folder: the code, or a number where values are texts or differ only in capitals."""
    what = called(by).removesuffix("s")
    is_plain = all(re.fullmatch(r"[A-Za-z0-9_-]+", value) for value in values)
    if is_plain and len({value.casefold() for value in values}) == len(values):
        return {value: f"{what}_{value}" for value in values}
    return {value: f"{what}_{number}" for number, value in enumerate(values, start=1)}


def _is_kept(folder: Path, key: str) -> bool:
    """Whether a whole report is there that was made from the same."""
    try:
        files = listed(folder)
        if not files or not key:
            return False
        made_from = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("made_from")
        return bool(made_from == key and all(is_unchanged(folder / name, digest) for name, digest in files.items()))
    except (OSError, ValueError):
        return False


def _is_of_group(folder: Path, by: str) -> bool:
    """Whether the report of a group by this column is there, in a folder as we call it: a copy under another name is somebody's own."""
    if irregular(folder) != "a folder":
        return False
    try:
        if not listed(folder):
            return False
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        groups = {str(given["group"]) for given in manifest["parameters"].values() if given.get("by") == by}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    what = called(by).removesuffix("s")
    is_ours = any(folder.name == f"{what}_{group}" for group in groups) or re.fullmatch(rf"{what}_[0-9]+", folder.name)
    return bool("made_from" in manifest and groups and is_ours)


def _removed(folder: Path) -> str:
    """Remove a report that is whole and unchanged, with nothing else in its folder; why not, or blank."""
    try:
        found = verify_report(folder)
        if not found.is_whole or {*found.whole} != {*(listed(folder) or {})}:
            return "changed since"
        clear(folder, {*found.whole, MANIFEST}, {})
    except OutcomesError:
        return "changed since"
    except (OSError, ValueError) as problem:
        return f"can't be removed: {getattr(problem, 'strerror', '') or type(problem).__name__}"
    return ""


def _without_path(reason: str, folder: Path) -> str:
    """Why a report failed, without the name of its folder before it.

    >>> _without_path("--out out/by_device/device_1: its report.html changed", Path("out/by_device/device_1"))
    'its report.html changed'
    """
    for shown in (folder, os.path.realpath(folder), folder.name):
        reason = reason.removeprefix(f"--out {shown}: ")
    return reason


def _is_ours(index: Path) -> bool:
    try:
        return GENERATOR in index.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """No other run with ``--by`` makes reports in the folder meanwhile.

    Raises:
        UsageError: one does.
    """
    owner = os.getuid() if hasattr(os, "getuid") else ""
    name = hashlib.sha256(os.fsencode(os.path.realpath(out))).hexdigest()[:16]
    lock = Path(tempfile.gettempdir()) / f"microneedling-outcomes-{owner}-{name}"
    lock.mkdir(mode=0o700, exist_ok=True)
    handle = held(lock)
    if handle is None:
        raise UsageError(f"--out {out}: another run is making reports there; wait until it has ended, or name another folder")
    try:
        yield
    finally:
        with suppress(OSError):
            (lock / "lock").unlink()
            lock.rmdir()
        os.close(handle)
