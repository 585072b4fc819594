"""How time and memory grow with the records: ``python benchmarks/scale.py [ROWS ...]``.

Invented records of about so many rows, written by ``outcomes sample``, as CSV and as Parquet; beyond ten million as Parquet alone:
ten million rows written again and again with other codes of patients and tips, so that no new paths come in there. A size for
which disk or memory does not suffice is skipped. With ``--folder`` the files stay there, and those that are there are taken.

Each file is taken by a new process, which reads and checks it, counts the courses of one endpoint by their paths, then all
other parts of the cohort, and estimates the change had every patient continued. The report, made by another process, is that
of the whole command on the first of the files, at up to a million rows or as many as ``--report-up-to`` says. CPU seconds are those
of all processes, and the peak is that of the largest until the end of the step. Imports are not counted, but for the report.

Beside, at up to a million rows: pyarrow decodes the same file, where it is installed; and the same paths are counted by SQL for
DuckDB and by plain pandas, as one would write them for records known to be clean: nothing is checked, only the columns needed
are read. Their counts must equal those of the cohort's part `paths`, summed over how courses ended and over patients with
several: else this ends with an error.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from by_hand import SCALE, Rows, Step, plain_pandas, sql_by_hand

SIZES = (1_000_000, 10_000_000, 100_000_000)
BESIDE = 1_000_000
"""Rows up to which the others run beside, and of which a report is made unless another number is asked for."""
BLOCK = 10_000_000
ROWS_OF_A_PATIENT = 5.15
DISK_OF_A_ROW = {"csv": 200, "parquet": 30, "waiting": 500}
"""Bytes of a row in each file, and of what waits on disk while it is counted."""
MEMORY = 6e9


class Cost(NamedTuple):
    """CPU seconds, seconds on the clock, and megabytes that the largest process has had in memory by then."""

    cpu: float
    wall: float
    peak: float


class Ran(NamedTuple):
    """A text that is the same for the same paths, blank where none are counted, and the costs by step."""

    paths: str
    costs: dict[str, Cost]


def outcomes_itself(path: Path, step: Step) -> Rows:
    import duckdb  # noqa: F401

    from outcomes import continued_by_session, read_cohort, read_records

    records = step("read", lambda: read_records(path))
    paths = step("paths", lambda: read_cohort(records).part("paths", "scarring", SCALE, "every score"))
    cohort = step("other parts", lambda: read_cohort(records).counted())
    step("estimate", lambda: continued_by_session(cohort.tally("scarring")))
    keys = ["skin_type", *(name for name in paths if name.startswith("after_"))]
    return paths.groupby(keys, as_index=False)["n"].sum().itertuples(index=False)


def report(path: Path, step: Step) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "outcomes", "report", str(path), "--out", folder]
        step("report", lambda: subprocess.run(command, check=True, capture_output=True))
    return ()


def pyarrow(path: Path, step: Step) -> Rows:
    import pyarrow.csv
    import pyarrow.parquet

    if path.suffix == ".parquet":
        step("read", lambda: pyarrow.parquet.read_table(path))
        return ()
    with path.open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    text = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()))
    step("read", lambda: pyarrow.csv.read_csv(path, convert_options=text))
    return ()


BY_NAME = {
    "outcomes": outcomes_itself,
    "report": report,
    "pyarrow": pyarrow,
    "SQL by hand": sql_by_hand,
    "plain pandas": plain_pandas,
}
OTHERS = {"csv": ("pyarrow", "SQL by hand", "plain pandas"), "parquet": ("pyarrow", "SQL by hand")}
"""Kind of file -> what runs beside; pandas reads no Parquet without pyarrow."""


def digest(counts: Rows) -> str:
    """The text of `Ran.paths`, in whatever order they come."""
    rows = sorted((skin_type, *map(int, numbers)) for skin_type, *numbers in counts)
    return hashlib.sha256(repr(rows).encode()).hexdigest() if rows else ""


def run_here(name: str, path: Path) -> Ran:
    """Runs one program on a file in this process."""
    costs: dict[str, Cost] = {}

    def step(called: str, run: Callable[[], Any]) -> Any:
        began, before = time.perf_counter(), used()
        done = run()
        costs[called] = Cost(used() - before, time.perf_counter() - began, peak())
        return done

    return Ran(digest(BY_NAME[name](path, step)), costs)


def used() -> float:
    """CPU seconds of this process and of those that it started."""
    return sum(os.times()[:4])


def peak() -> float:
    """Megabytes that the largest process has had in memory."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024 / 1e6


def measured(name: str, path: Path) -> Ran:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--program", name, "--file", str(path)]
    paths, costs = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return Ran(paths, {step: Cost(*cost) for step, cost in costs.items()})


def files(rows: int, folder: Path) -> list[Path]:
    """The records as files, made unless they are there; this process stays small, since what it starts has at least its memory."""
    text, packed = folder / f"{rows}.csv", folder / f"{rows}.parquet"
    if rows > BLOCK:
        if not packed.exists():
            block, times = files(BLOCK, folder)[-1], round(rows / BLOCK)
            codes = ", ".join(f"{name} || 'R' || part.n as {name}" for name in ("patient_id", "tip_code"))
            in_duckdb(f"copy (select block.* replace ({codes}) from '{block}' block, range({times}) part(n)) to '{packed}'")
        return [packed]
    if not text.exists():
        patients = max(1, round(rows / ROWS_OF_A_PATIENT))
        subprocess.run([sys.executable, "-m", "outcomes", "sample", "--out", text, "--patients", str(patients)], check=True)
    if not packed.exists():
        in_duckdb(f"copy (from '{text}') to '{packed}'")
    return [text, packed]


def in_duckdb(statement: str) -> None:
    limited = "set preserve_insertion_order = false; set memory_limit = '3GB'; set enable_progress_bar = false; "
    subprocess.run([sys.executable, "-c", "import duckdb, sys; duckdb.execute(sys.argv[1])", limited + statement], check=True)


def lack_of_room(rows: int, folder: Path) -> str:
    """What there is too little of for so many rows; blank where there is enough."""
    bytes_of = DISK_OF_A_ROW
    needed = rows * (bytes_of["parquet"] + bytes_of["waiting"]) + min(rows, BLOCK) * (bytes_of["csv"] + bytes_of["parquet"])
    free = shutil.disk_usage(folder).free
    if free < needed:
        return f"{needed / 1e9:,.0f} GB of disk are needed, {free / 1e9:,.0f} GB are free"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if rows > BESIDE and memory < MEMORY:
        return f"{MEMORY / 1e9:,.0f} GB of memory are needed, there are {memory / 1e9:,.0f} GB"
    return ""


def of_size(rows: int, folder: Path, *, with_report: bool) -> dict[tuple[str, str], Cost]:
    """Prints what a size costs, and gives the costs of outcomes by kind of file and step."""
    found: dict[tuple[str, str], Cost] = {}
    paths = files(rows, folder)
    for path in paths:
        kind = path.suffix[1:]
        ours = measured("outcomes", path)
        if path == paths[0] and with_report:
            ours.costs.update(measured("report", path).costs)
        others = [name for name in OTHERS[kind] if rows <= BESIDE and (name != "pyarrow" or find_spec("pyarrow"))]
        for name, ran in {"outcomes": ours, **{name: measured(name, path) for name in others}}.items():
            if ran.paths not in ("", ours.paths):
                raise SystemExit(f"{name} counts other paths in {path.name} than outcomes does")
            for step, (cpu, wall, peak) in ran.costs.items():
                times = f"{ours.costs[step].cpu / max(cpu, 0.01):14.1f}" if name in OTHERS[kind] else ""
                size = path.stat().st_size / 1e6
                print(f"{rows:11,} {kind:>7} {size:6,.0f} {name:>12} {step:>11} {cpu:8.1f} {wall:8.1f} {peak:8,.0f}{times}")
        sys.stdout.flush()
        found |= {(kind, step): cost for step, cost in ours.costs.items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("rows", nargs="*", type=int, default=SIZES)
    parser.add_argument("--report-up-to", type=int, default=BESIDE, help="the most rows of which a report is made")
    parser.add_argument("--folder", type=Path, help="where the files of records stay; by default they are removed")
    parser.add_argument("--program", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.program:
        print(json.dumps(run_here(given.program, given.file)))
        return
    print(f"{'rows':>11} {'file':>7} {'MB':>6} {'':12} {'step':>11} {'CPU s':>8} {'seconds':>8} {'peak MB':>8} outcomes / it")
    with tempfile.TemporaryDirectory() as passing:
        folder = given.folder or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        by_size: dict[int, dict[tuple[str, str], Cost]] = {}
        for rows in given.rows:
            if lack := lack_of_room(rows, folder):
                print(f"{rows:11,} skipped: {lack}")
            else:
                by_size[rows] = of_size(rows, folder, with_report=rows <= given.report_up_to)
    for (fewer, before), (more, after) in zip(by_size.items(), list(by_size.items())[1:], strict=False):
        print(f"\nFrom {fewer:,} to {more:,} rows, {more / fewer:.1f} times as many: CPU seconds and peak memory, times as much")
        for key in [key for key in after if key in before]:
            cpu, _, peak = (new / old for new, old in zip(after[key], before[key], strict=True))
            print(f"{key[0]:>19} {key[1]:>31} {cpu:8.1f} {peak:17.1f}")


if __name__ == "__main__":
    main()
