"""What a report of the sample costs, beside the same notebooks run by other means: ``python benchmarks/report.py``.

All in one run, since seconds of different days can't be compared. CPU seconds are those of all processes together. Beside the report are
papermill's command line for each notebook and then nbconvert's, one after the other; and the code cells alone as plain
scripts, one process for each processor, which show and keep nothing. Each is told the same parameters.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import nbformat

import outcomes
from outcomes.report import startup
from outcomes.report.execute import processors
from outcomes.report.notebooks import Run, chosen_notebooks, planned_runs
from outcomes.report.parameters import parameter_values

SHOWN = "from IPython.display import display\n"


class Cost(NamedTuple):
    """Seconds on the clock, and of all processors."""

    wall: float
    cpu: float


def main() -> None:
    records = outcomes.read_records("sample")
    runs = planned_runs(parameter_values(chosen_notebooks([]), {}), records.endpoints)
    ways: dict[str, Callable[[Path], None]] = {
        "outcomes report": report,
        "outcomes report --fresh-kernels": lambda folder: report(folder, "--fresh-kernels"),
        "papermill, then nbconvert": lambda folder: papermill_and_nbconvert(runs, folder),
        f"plain scripts, {processors()} at once": lambda folder: plain_scripts(runs, folder),
    }
    print(f"The sample's report: {records.rows:,} visits, {len(runs)} runs of notebooks, {processors()} processors\n")
    print(f"{'':34} {'CPU s':>8} {'seconds':>8} {'CPU, report = 1':>16} {'seconds, report = 1':>20}")
    first: Cost | None = None
    for name, way in ways.items():
        with tempfile.TemporaryDirectory(prefix="outcomes-bench-") as folder:
            cost = cost_of(way, Path(folder))
        first = first or cost
        print(
            f"{name:34} {cost.cpu:8.1f} {cost.wall:8.1f} {cost.cpu / first.cpu:16.2f} {cost.wall / first.wall:20.2f}", flush=True
        )


def cost_of(way: Callable[[Path], None], folder: Path) -> Cost:
    """What one way costs with all the processes that it starts."""
    began, before = time.perf_counter(), cpu_of_children()
    way(folder)
    return Cost(time.perf_counter() - began, cpu_of_children() - before)


def cpu_of_children() -> float:
    """Seconds of all processes that have been started and have ended, and of those that they had started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def called(folder: Path, *words: object, settled: bool = False) -> None:
    """A command of this interpreter, in the folder; `settled` as the report settles its own processes."""
    environment = {**os.environ, **(startup.variables() if settled else {})}
    subprocess.run([sys.executable, *map(str, words)], cwd=folder, env=environment, check=True, capture_output=True)


def report(folder: Path, *options: str) -> None:
    called(folder, "-m", "outcomes", "report", "sample", "--out", folder / "report", *options)


def papermill_and_nbconvert(runs: list[Run], folder: Path) -> None:
    """As one would by hand: every notebook is run and then made a page."""
    for run in runs:
        given = [word for name, value in run.values.items() for word in ("-p", name, str(value))]
        called(
            folder,
            "-m",
            "papermill",
            "--no-progress-bar",
            "--log-level=ERROR",
            run.notebook,
            folder / f"{run.name}.ipynb",
            *given,
        )
    for run in runs:
        called(folder, "-m", "nbconvert", "--log-level=ERROR", "--to=html", folder / f"{run.name}.ipynb")


def plain_scripts(runs: list[Run], folder: Path) -> None:
    """The least that the computing can cost without sharing any of it: no kernel, no protocol, no page and no PDF."""
    scripts = [script(run, folder) for run in runs]
    with ThreadPoolExecutor(processors()) as pool:
        for ended in [pool.submit(called, folder, each, settled=True) for each in scripts]:
            ended.result()


def script(run: Run, folder: Path) -> Path:
    """The code cells of a notebook as a script, the values of the run behind its parameters."""
    cells = [cell for cell in nbformat.read(run.notebook, as_version=4).cells if cell.cell_type == "code"]
    given = "".join(f"{name} = {value!r}\n" for name, value in run.values.items())
    parts = [cell.source + "\n" + (given if "parameters" in cell.metadata.get("tags", ()) else "") for cell in cells]
    path = folder / f"{run.name}.py"
    path.write_text(SHOWN + "\n".join(parts), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
