"""The steps of a report, told as they go."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple


class Step(NamedTuple):
    """Progress: what has just been done, in how many seconds, and how far the whole is."""

    name: str
    seconds: float
    done: int
    total: int


class Steps:
    """The clock of a report: seconds by step, told to `progress` as each ends."""

    def __init__(self, progress: Callable[[Step], None] | None) -> None:
        self.progress = progress
        self.started = datetime.now(UTC)
        self.seconds: dict[str, float] = {}
        self.total = 0
        self._name, self._since = "", 0.0

    def __call__(self, name: str) -> Steps:
        self._name = name
        return self

    def __enter__(self) -> None:
        self._since = time.perf_counter()

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure is None:
            self.note(self._name, time.perf_counter() - self._since)

    def note(self, name: str, seconds: float) -> None:
        self.seconds[name] = round(seconds, 3)
        if self.progress:
            self.progress(Step(name, seconds, len(self.seconds), self.total))


@contextmanager
def progress_shown() -> Iterator[Callable[[Step], None]]:
    """Shows each step as it ends: one moving line on a terminal, gone at the end; elsewhere a line per step."""
    if not sys.stderr.isatty():

        def told(step: Step) -> None:
            sys.stderr.write(f"{step.name}: {step.seconds:.1f} s\n")
            sys.stderr.flush()

        yield told
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task("reading the records", total=None)

        def show(step: Step) -> None:
            bar.update(task, description=f"{step.name} done", completed=step.done, total=step.total or None)

        yield show
