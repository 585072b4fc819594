"""Notebooks in, executed notebooks out: papermill on this interpreter, side by side, with one message when a cell fails."""

from __future__ import annotations

import json
import logging
import os
import re
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, TypeVar

from outcomes import errors
from outcomes.errors import OutcomesError, ReportError
from outcomes.report.kernels import Kernels
from outcomes.report.notebooks import Run

CELL_SECONDS = 1800
"""How long one cell may run before its notebook is given up."""

INJECTED = "injected-parameters"

T = TypeVar("T")

# Notebook documents and kernel managers come from packages without types.
Notebook = Any


class Executed(NamedTuple):
    """A notebook after its run: free of paths, times and versions, so that the same run gives the same bytes.

    `warnings` are what its cells wrote to stderr, one entry per cell: ``cell 4: RuntimeWarning``.
    """

    run: Run
    notebook: Notebook
    warnings: tuple[str, ...]
    seconds: float

    @property
    def text(self) -> str:
        """The notebook as the text of an .ipynb file."""
        import nbformat

        return str(nbformat.writes(self.notebook)).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]


class Source(NamedTuple):
    """The records as the notebooks read them (`given`) and as the published notebooks name them (`shown`)."""

    given: str
    shown: str


def execute(
    runs: Sequence[Run],
    source: Source,
    kernels: Kernels,
    *,
    seconds: float = CELL_SECONDS,
    done: Callable[[Executed], None] = lambda _: None,
) -> list[Executed]:
    """Every run executed, in the order of `runs`; as many at once as there are processors.

    Kernels work in the caller's folder. `done` is called in the caller's thread as each notebook ends.

    Raises:
        ReportError: a cell failed, ran for more than `seconds`, or its kernel died. The other notebooks are stopped.
    """
    return side_by_side([partial(executed, run, source, kernels, seconds) for run in runs], kernels, done)


def side_by_side(tasks: Sequence[Callable[[], T]], kernels: Kernels, done: Callable[[T], None]) -> list[T]:
    """What each task gives, in their order; as many at once as there are processors, and `done` is called in the caller's thread as each ends.

    Where one fails, the kernels are stopped and the other tasks with them.
    """
    with _quiet(), ThreadPoolExecutor(max_workers=max(1, min(len(tasks), processors()))) as pool:
        futures = [pool.submit(task) for task in tasks]
        try:
            for future in as_completed(futures):
                done(future.result())
        except BaseException:
            kernels.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def processors() -> int:
    """How many processors this process may use: a container or a batch system may keep it to fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def executed(run: Run, source: Source, kernels: Kernels, seconds: float) -> Executed:
    """One run executed; the others are the caller's business.

    Raises:
        ReportError: a cell failed, ran for more than `seconds`, or its kernel died.
    """
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    started = time.perf_counter()
    notebook = nbformat.read(run.notebook, as_version=4)  # type: ignore[no-untyped-call]
    at = 0

    def note(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = cell_index

    try:
        if kernels.stopped.is_set():
            raise DeadKernelError
        notebook = papermill.execute_notebook(
            notebook,
            None,
            parameters={"records": source.given, **run.values},
            kernel_name="python3",
            language="python",
            progress_bar=False,
            kernel_manager_class=kernels.manager_class(),
            execution_timeout=seconds,
            on_cell_start=note,
        )
    except papermill.PapermillExecutionError as failure:
        raise ReportError(f"{_place(run, failure.cell_index)}: {_cause(failure.ename, failure.evalue)}") from None
    except CellTimeoutError:
        raise ReportError(f"{_place(run, at)}: still running after {seconds:g} seconds") from None
    except RuntimeError as failure:
        reason = str(failure).partition("\n")[0].lower() or "stopped"
        raise ReportError(f"{_place(run, at)}: Python ended unexpectedly ({reason}); the memory may have run out") from None
    for index, cell in enumerate(notebook.cells):
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            raise ReportError(f"{_place(run, index)}: it ended the notebook before its end")
    found = tuple(_warnings(run, notebook))
    return Executed(run, published(notebook, run, source), found, time.perf_counter() - started)


def _place(run: Run, index: int) -> str:
    """``3_improvement_pih, cell 4``: counted among the code cells as Jupyter numbers them, `index` counting the injected one."""
    cells = json.loads(run.notebook.read_text(encoding="utf-8"))["cells"]
    tagged = next(at for at, cell in enumerate(cells) if "parameters" in cell["metadata"].get("tags", ()))
    last = index - 1 if index > tagged else index
    number = sum(cell["cell_type"] == "code" for cell in cells[: last + 1])
    return f"{run.name}, cell {number}" if number else run.name


def _cause(name: str, text: str) -> str:
    """An error of the kernel as one message: our own speak for themselves."""
    known = getattr(errors, name, None)
    is_ours = isinstance(known, type) and issubclass(known, OutcomesError)
    return text if is_ours else f"{name}: {text}".strip().removesuffix(":")


def _warnings(run: Run, notebook: Notebook) -> Iterator[str]:
    """One entry per cell that wrote to stderr: the kinds of warning, never their text, which may quote the records."""
    for index, cell in enumerate(notebook.cells):
        written = "".join(output.text for output in cell.get("outputs", ()) if _is_stderr(output))
        if written:
            kinds = sorted(set(re.findall(r"\b(\w+Warning):", written))) or ["text on stderr"]
            yield f"{_place(run, index).removeprefix(run.name + ', ')}: {', '.join(kinds)}"


def _is_stderr(output: Any) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")


def published(notebook: Notebook, run: Run, source: Source) -> Notebook:
    """An executed notebook without what differs between two equal runs or tells where the records are kept."""
    import nbformat
    from papermill.translators import PythonTranslator

    files = [(value, run.shown[name]) for name, value in run.values.items() if value != run.shown[name]]
    told = [(source.given, source.shown), *((str(given), str(shown)) for given, shown in files)]
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_stderr(output)]
        if INJECTED in tags:
            cell.id = INJECTED
            for given, shown in told:
                cell.source = cell.source.replace(PythonTranslator.translate(given), PythonTranslator.translate(shown))
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "papermill": {"parameters": {"records": source.shown, **run.shown}},
    }
    text = json.dumps(notebook)
    for given, shown in told:
        text = text.replace(json.dumps(given)[1:-1], json.dumps(shown)[1:-1])
    return nbformat.from_dict(json.loads(text))  # type: ignore[no-untyped-call]


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing of papermill, Jupyter or asyncio on the terminal: what matters comes back as one error."""
    loggers = [logging.getLogger(name) for name in ("papermill", "traitlets", "asyncio", "jupyter_client")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
