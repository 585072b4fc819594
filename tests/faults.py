"""What becomes of a command when a step of it fails: every file operation, every function of ours, one after the other.

As SQLite is tested: ``python tests/faults.py [--thorough]`` runs `check`, `deidentify` and `report` again and again in this process, fails one step
in each run (a full disk, no permission, a broken disk, no memory), sends a signal there, or lets the process die there, and looks at
what is left: the older output whole or the new one, nothing half, no copy of a cell anywhere, one message, the right exit code.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import hashlib
import io
import json
import os
import re
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import nbformat

import outcomes.cli
from outcomes.errors import ReportError
from outcomes.records.read import read_records
from outcomes.report.execute import Executed
from outcomes.report.verify import verify_report

OPERATIONS = ("open", "rename", "replace", "link", "unlink", "rmdir", "mkdir", "fsync", "chmod", "utime", "scandir")
_CLOSE = os.close
_AROUND = ("cli", "ending")
"""Files whose functions run before a command does, and after it."""
PACKAGE = str(Path(outcomes.cli.__file__).parent)


class Killed(BaseException):
    """The process is dead: whatever it would still do on the disk fails."""


class Steps:
    """Counts the steps of a run and does something at one of them: before an operation on a file below `root`, in the middle of a
    write, and at the first call of each public function of ours."""

    def __init__(self, root: Path, at: int = 0, fault: Callable[[], None] = lambda: None, *, functions: bool = False) -> None:
        self.root, self.at, self.fault, self.functions = str(root), at, fault, functions
        self.count, self.is_dead, self.at_step = 0, False, at
        self._handles: set[int] = set()
        self._entered: set[Any] = set()
        self.names: list[str] = []

    @property
    def is_removal(self) -> bool:
        """Whether what failed was to remove a file: then it is the next run that removes it."""
        return self.names[self.at_step - 1] in ("unlink", "rmdir", "scandir", "open")

    def step(self, name: str) -> None:
        if self.is_dead:
            raise Killed
        self.count += 1
        self.names.append(name)
        if self.count == self.at:
            try:
                self.fault()
            except Killed:
                self.is_dead = True
                raise

    def concerns(self, path: Any) -> bool:
        return isinstance(path, int) or os.path.abspath(os.fsdecode(path)).startswith(self.root)  # noqa: PTH100

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        with contextlib.ExitStack() as patches:
            for name in OPERATIONS:
                if hasattr(os, name):
                    patches.enter_context(mock.patch.object(os, name, self._operation(name, getattr(os, name))))
            patches.enter_context(mock.patch.object(os, "close", self._closed(os.close)))
            opened = self._opened(io.open)
            patches.enter_context(mock.patch.object(io, "open", opened))
            patches.enter_context(mock.patch.object(builtins, "open", opened))
            if self.functions:
                sys.setprofile(self._profile)
                patches.callback(sys.setprofile, None)
            patches.callback(self._end)
            yield

    def _end(self) -> None:
        """What a process holds goes with it."""
        for handle in self._handles if self.is_dead else ():
            with contextlib.suppress(OSError):
                _CLOSE(handle)

    def _closed(self, original: Callable[[int], None]) -> Callable[[int], None]:
        def closed(handle: int) -> None:
            self._handles.discard(handle)
            original(handle)

        return closed

    def _operation(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*given: Any, **more: Any) -> Any:
            if given and self.concerns(given[0]):
                self.step(name)
                if name == "fsync":
                    return None  # a disk that is waited for takes longer than all the rest
            given_back = original(*given, **more)
            if name == "open":
                self._handles.add(given_back)
            return given_back

        return operation

    def _opened(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, mode: str = "r", *given: Any, **more: Any) -> Any:
            if isinstance(path, int) or not self.concerns(path):
                return original(path, mode, *given, **more)
            self.step(f"open {mode}")
            file = original(path, mode, *given, **more)
            return file if mode in ("r", "rb") else _Written(file, self)

        return opened

    def _profile(self, frame: Any, event: str, _: Any) -> None:
        code = frame.f_code
        if event != "call" or code in self._entered or not code.co_filename.startswith(PACKAGE):
            return
        self._entered.add(code)
        if Path(code.co_filename).stem not in _AROUND and code.co_name[0] not in "<_":
            self.step(code.co_name)


class _Written:
    """A file whose writes fail half way; of its many, some."""

    def __init__(self, file: Any, steps: Steps) -> None:
        self._file, self._steps, self._writes = file, steps, 0

    def write(self, data: Any) -> int:
        self._writes += 1
        try:
            if self._writes <= 3 or self._writes % 50 == 0:
                self._steps.step("write")
        except BaseException:
            with contextlib.suppress(ValueError):
                self._file.write(data[: len(data) // 2])
                self._file.flush()
            raise
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Written:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)


# What fails


def _raises(problem: Callable[[], BaseException]) -> Callable[[], None]:
    def fault() -> None:
        raise problem()

    return fault


def _sends(number: int) -> Callable[[], None]:
    def fault() -> None:
        if signal.getsignal(number) == signal.SIG_DFL:
            raise Killed  # this process would end, and its trials with it
        os.kill(os.getpid(), number)

    return fault


ERRORS = {
    name: _raises(lambda name=name: OSError(getattr(errno, name), os.strerror(getattr(errno, name))))
    for name in ("ENOSPC", "EACCES", "EIO")
}
SIGNALS = {name: getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
FAULTS = {
    **ERRORS,
    "MemoryError": _raises(MemoryError),
    **{name: _sends(number) for name, number in SIGNALS.items()},
    "killed": _raises(Killed),
}


# What is run

RECORDS = """patient_id,fitzpatrick,day,sessions_completed,scar_scale,scar_score,sex
a1,II,0,0,goodman_baron_grade,3,female
a1,II,30,1,goodman_baron_grade,2,female
b2,V,0,0,goodman_baron_grade,4,male
"""
SECRET = "Zebedee"
EXPORT = f"Chart,Date,Skin,Score,Name\n7,05.03.2024,II,3,{SECRET}\n7,02.04.2024,II,2,{SECRET}\n9,02.04.2024,V,4,{SECRET}\n"
MAPPING = """[export]
dates = "dd.mm.yyyy"
scores = "before"
[columns]
patient_id = "Chart"
day = "Date"
fitzpatrick = "Skin"
scar_score = "Score"
[constants]
scar_scale = "goodman_baron_grade"
"""


class Ended(NamedTuple):
    """How a run ended: its exit code, what it said, how many steps it took, and whether the process died."""

    code: int
    err: str
    steps: Steps


class Case(NamedTuple):
    """A command, the files of a clinic before it, and what is there once it has ended: ``old``, ``new``, or what is wrong."""

    words: tuple[str, ...]
    prepare: Callable[[Path], None]
    state: Callable[[Path], str]
    patches: tuple[Any, ...] = ()


def run(case: Case, root: Path, steps: Steps | None = None) -> Ended:
    """The command in this process, in the folder `root`."""
    steps = steps or Steps(root)
    err = io.StringIO()
    before, here = list(sys.argv), Path.cwd()
    handlers = {number: signal.getsignal(number) for number in SIGNALS.values()}
    code: Any = 0
    os.chdir(root)
    sys.argv = ["outcomes", *case.words]
    try:
        with contextlib.ExitStack() as around:
            for each in (*case.patches, mock.patch.object(tempfile, "tempdir", str(root / "t"))):
                around.enter_context(each)
            around.enter_context(contextlib.redirect_stdout(io.StringIO()))
            around.enter_context(contextlib.redirect_stderr(err))
            around.enter_context(warnings.catch_warnings())
            around.enter_context(steps())
            outcomes.cli.main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException as problem:
        code = f"{type(problem).__name__}: {problem}"
    finally:
        sys.argv = before
        os.chdir(here)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Ended(code, err.getvalue(), steps)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _check_case() -> Case:
    old = "row,column,problem\n2,sex,older\n"
    new = "row,column,problem\n4,sessions_completed,a text of 4 characters is not a whole number between 0 and 30\n"

    def prepare(root: Path) -> None:
        (root / "visits.csv").write_text(RECORDS.replace("V,0,0", "V,0,many"), encoding="utf-8")
        (root / "list.csv").write_text(old, encoding="utf-8")

    def state(root: Path) -> str:
        found = (root / "list.csv").read_text(encoding="utf-8")
        # Of records that can't be read, that is what there is to list.
        is_unread = re.fullmatch(r"row,column,problem\n,,can't be read \([^\n]+\)\n", found)
        return "new" if is_unread else {old: "old", new: "new"}.get(found, "half a list")

    return Case(("check", "visits.csv", "--csv", "list.csv"), prepare, state)


def _deidentify_case() -> Case:
    words = ("deidentify", "clinic/export.csv", "--mapping", "clinic/mapping.toml", "--out", "passed_on/sessions.csv")
    patch = mock.patch("secrets.SystemRandom", side_effect=lambda: random.Random(1))
    seen: dict[bytes, str] = {}

    def prepare(root: Path) -> None:
        (root / "clinic").mkdir()
        (root / "clinic" / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        (root / "clinic" / "export.csv").write_text(EXPORT, encoding="utf-8")
        assert run(case, root).code == 0
        seen[_both(root)] = "old"
        (root / "clinic" / "export.csv").write_text(EXPORT + f"11,05.03.2024,III,3,{SECRET}\n", encoding="utf-8")

    def _both(root: Path) -> bytes:
        return (root / "passed_on" / "sessions.csv").read_bytes()

    def state(root: Path) -> str:
        made, known = _both(root), (root / "clinic" / "linkage.csv").read_text(encoding="utf-8")
        codes = {line.split(b",")[0].decode() for line in made.splitlines()[1:]}
        if not all(code in known for code in codes) or not known.endswith("\n"):
            return "records whose codes are lost"
        if made in seen:
            return seen[made]
        return "new" if made.count(b"\n") == 5 and made.endswith(b"\n") else "half the records"

    case = Case(words, prepare, state, (patch,))
    return case


class _Kernels:
    """No kernel is started: the notebook has been run already."""

    def __init__(self, **_: object) -> None:
        self.notes: list[str] = []

    def __enter__(self) -> _Kernels:
        return self

    def __exit__(self, *_: object) -> None: ...

    def prepare(self, cohort: Path) -> None: ...


def _executed(runs: Any, *_: object, **__: object) -> list[Executed]:
    # The first notebook stands for all.
    cell = nbformat.v4.new_markdown_cell("# How much better?\n\nMuch.", id="c0")
    return [Executed(each, nbformat.v4.new_notebook(cells=[cell]), (), 0.0) for each in runs[:1]]


def _report_case(*, is_new: bool = False, in_place: bool = False) -> Case:
    read: dict[bytes, Any] = {}

    def once(source: str, **given: Any) -> Any:
        """Records are read once for all runs; here is tried what becomes of files."""
        content = Path(source).read_bytes()
        if content not in read:
            read[content] = read_records(source, **given)
        return read[content]

    def no_exchange(*_: object) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    def prepare(root: Path) -> None:
        broken = RECORDS + f"c3,II,0,0,goodman_baron_grade,3,{SECRET}\n"
        (root / "visits.csv").write_text(broken, encoding="utf-8")
        if not is_new:
            assert run(case, root).code == 0
            (root / "out" / "own").mkdir()
            for name in ("notes.txt", "own/more.txt", "notebooks/own.txt"):
                (root / "out" / name).write_text("mine", encoding="utf-8")
            (root / "visits.csv").write_text(broken.replace("b2", "b4"), encoding="utf-8")

    def state(root: Path) -> str:
        out = root / "out"
        if not out.exists():
            return "old" if is_new else "no report"
        # Where files move one by one there may be neither report; then there is no page, and what is left of both is put right.
        if not in_place or (out / "report.html").exists():
            with mock.patch("outcomes.report.verify.recover", return_value=""):
                if (found := verify_report(out)).missing or found.changed:
                    return f"taken for a report, but not whole: {found}"
        try:
            found = verify_report(out)
        except ReportError as problem:
            return str(problem)
        foreign = () if is_new else ("notebooks/own.txt", "notes.txt", "own/more.txt")
        if found.foreign != foreign or found.missing or found.changed:
            return f"not whole: {found}"
        digest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["records"]["sha256"]
        return "new" if hashlib.sha256((root / "visits.csv").read_bytes()).hexdigest() == digest else "old"

    patches = [
        mock.patch("outcomes.report.make.Kernels", _Kernels),
        mock.patch("outcomes.report.make.execute", _executed),
        mock.patch("outcomes.report.pdf.pdf", return_value=b"%PDF-1.7"),
        mock.patch("outcomes.records.read.read_records", once),
    ]
    if in_place:
        patches.append(mock.patch("outcomes.report.publish.exchange", no_exchange))
    case = Case(
        ("report", "visits.csv", "--out", "out", "--set-aside", "--notebook", "improvement"), prepare, state, tuple(patches)
    )
    return case


CASES: dict[str, Callable[[], Case]] = {
    "check": _check_case,
    "deidentify": _deidentify_case,
    "report": _report_case,
    "report, a new folder": lambda: _report_case(is_new=True),
    "report, file by file": lambda: _report_case(in_place=True),
}


class Trials:
    """All runs of one command: a folder as it is before the command, copied for each run."""

    def __init__(self, name: str, folder: Path) -> None:
        self.case = CASES[name]()
        self.template, self.root = folder / "before", folder / "now"
        for sub in (self.template, self.template / "t"):
            sub.mkdir()
        self.case.prepare(self.template)
        self.before = {*contents(self.template)}

    def fresh(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.template, self.root)

    def steps(self, *, functions: bool) -> list[str]:
        """The steps of a run in which nothing fails."""
        self.fresh()
        ended = run(self.case, self.root, Steps(self.root, functions=functions))
        assert ended.code in (0, 4), ended
        assert self.case.state(self.root) == "new"
        return ended.steps.names

    def wrong(self, fault: str, at: int, *, functions: bool) -> str:
        """What is not as it should be after a run in which one step failed, and that step; blank where all is."""
        self.fresh()
        ended = run(self.case, self.root, Steps(self.root, at, FAULTS[fault], functions=functions))
        if ended.steps.count < at:
            return ""
        problem = self._problem(fault, ended)
        return problem and f"{ended.steps.names[at - 1]}: {problem}"

    def _problem(self, fault: str, ended: Ended) -> str:
        if fault == "killed":
            return self._wrong_when_killed()
        if ended.steps.is_dead:
            return "nobody listened to the signal"
        state = self.case.state(self.root)
        if state not in ("old", "new"):
            return state
        left = {*contents(self.root)} - self.before - self._made
        if left and ended.steps.is_removal:
            return self._wrong_when_killed()
        if left:
            return f"left behind: {', '.join(sorted(left))}"
        is_refused = ended.code == 4 and self.case.words[0] == "check"
        if ended.code != 0 and ("Traceback" in ended.err or not ended.err.strip()):
            return f"no message: {ended.code} {ended.err[-300:]!r}"
        if ended.code == 0 or is_refused:
            return "" if state == "new" or is_refused else f"ended with {ended.code}, and the older output is there"
        if fault in SIGNALS:
            return "" if ended.code == 128 + SIGNALS[fault] else f"ended with {ended.code} {ended.err!r}"
        return "" if ended.code in (1, 2, 4, 6) else f"ended with {ended.code} {ended.err!r}"

    def _wrong_when_killed(self) -> str:
        state = self.case.state(self.root)
        if state not in ("old", "new"):
            return state
        again = run(self.case, self.root)
        if again.code not in (0, 4) or (state := self.case.state(self.root)) != "new":
            return f"the next run ended with {again.code} {again.err!r}, {state}"
        folders = {*contents(self.root)} - self.before - self._made
        return f"the next run left behind: {', '.join(sorted(folders))}" if folders else ""

    @property
    def _made(self) -> set[str]:
        """The files that a command is there to write."""
        names = ["report.html", "report.pdf", "estimates.csv", "set_aside.csv", "manifest.json", "notebooks/3_improvement.ipynb"]
        return {"list.csv", "passed_on/sessions.csv", "clinic/linkage.csv", *(f"out/{name}" for name in names)}


def tried(name: str, *, few: int = 0, thorough: bool = False) -> Iterator[tuple[str, str, str]]:
    """Fault, step and what was wrong, for each run.

    At each step that touches a file: one of the errors, and the end of the process, no memory or one of the signals, in turn; at each function
    no memory or one of the signals, in turn. All of them at each, where it is to be `thorough`; only a `few` where that is asked for.
    """
    errors, interruptions = [*ERRORS], ["MemoryError", *SIGNALS]
    ends = [each for interruption in interruptions for each in (interruption, "killed")]
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        trials = Trials(name, Path(folder).resolve())
        of_files, of_functions = trials.steps(functions=False), trials.steps(functions=True)
        plan = [
            (fault, at, False)
            for at in range(1, len(of_files) + 1)
            for fault in (FAULTS if thorough else (errors[at % len(errors)], ends[at % len(ends)]))
        ]
        # The ways into a folder are told apart by what they do to files.
        if thorough or "," not in name:
            plan += [
                (fault, at, True)
                for at in range(1, len(of_functions) + 1)
                for fault in (interruptions if thorough else [interruptions[at % len(interruptions)]])
            ]
        if few:
            plan = plan[len(name) % 3 :: len(plan) // few]
        for fault, at, functions in plan:
            step = (of_functions if functions else of_files)[at - 1]
            yield fault, f"step {at}, {step}", trials.wrong(fault, at, functions=functions)


def main() -> int:
    """Every step of every command: a line for each command, and each fault that was not survived."""
    failed = 0
    thorough = "--thorough" in sys.argv
    for name in [word for word in sys.argv[1:] if word in CASES] or CASES:
        began, results = time.monotonic(), list(tried(name, thorough=thorough))
        wrong = [result for result in results if result[2]]
        failed += len(wrong)
        seconds = time.monotonic() - began
        print(f"{name}: {len(results):,} faults tried, {len(results) - len(wrong):,} survived, {seconds:.0f} s")  # noqa: T201
        for fault, step, problem in wrong:
            print(f"  {fault} at {step}: {problem}")  # noqa: T201
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
