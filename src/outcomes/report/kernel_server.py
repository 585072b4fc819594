"""A process that has imported what notebooks need, and copies itself for each: ``python -P -m outcomes.report.kernel_server``.

It is the other end of `outcomes.report.warm_kernels`. Its standard input is a socket: a line of JSON asks, a line answers. A copy
is whole because this process has one thread, opens no DuckDB and runs no cell: each kernel starts from the same state, as a fresh one
does. When the socket closes, however the report has ended, the kernels that are left are killed.
"""

from __future__ import annotations

import errno
import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

KERNEL = (
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "outcomes.report.own_kernel",
    "IPython.core.completerlib",
    "IPython.core.profileapp",
    "IPython.extensions.storemagic",
    "duckdb",
    "psutil",
    "python_calamine",
    "sqlite3",
)
"""What a kernel, and the reading of records in it, would import by themselves."""

THREADS = Path("/proc/self/task")


def main() -> None:
    """Serve until the report has ended; in a kernel, be the kernel."""
    channel = socket.socket(fileno=os.dup(0))
    # Read by ipykernel while it is imported: a kernel ends when this process does.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    import_everything()
    gc.freeze()
    kernel = serve(channel)
    channel.close()
    if kernel:
        become_kernel(kernel)


def import_everything() -> None:
    """Every public function, picture, table and piece of prose, the kernel itself, and the fonts."""
    import outcomes
    from outcomes.display.figures.canvas import width_of

    for module in KERNEL:
        importlib.import_module(module)
    for name in dir(outcomes):
        getattr(outcomes, name)
    width_of("Fonts are loaded when something is first measured with them", 14)


def prepare(path: str, by: str = "") -> bool:
    """Read a saved cohort, and compute what several notebooks show of it: the copies have both. False where that can't be done.

    With `by` it is how its groups by that column compare.
    """
    from outcomes.cohort.read import read_cohort
    from outcomes.measures.claims import claims
    from outcomes.measures.group_comparison import group_comparison
    from outcomes.measures.headline import headline
    from outcomes.measures.unrecorded import tilt_sensitivity

    try:
        cohort = read_cohort(path)
        if by:
            group_comparison(cohort, by)
            if cohort.endpoints:
                headline(cohort.tallies())
            gc.freeze()
            return True
        tilt_sensitivity(cohort.tallies())
        # Every endpoint as it is and by skin type, PIH over every course too, and the adverse events.
        claims(cohort)
    except Exception:  # whatever it is, the notebook that meets it tells it
        return False
    gc.freeze()
    return True


def serve(channel: socket.socket) -> dict[str, Any] | None:
    """Answer until the socket closes: None then, and in each kernel what it was asked for."""
    kernels: set[int] = set()
    with channel.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            asked = json.loads(line)
            answer: dict[str, Any]
            if "cohort" in asked:
                answer = {"prepared": prepare(asked["cohort"], asked.get("by", ""))}
            elif "pid" in asked:
                answer = {"code": _code(asked["pid"], kernels)}
            else:
                try:
                    pid = _copied()
                except OSError as problem:
                    answer = {"refused": problem.strerror}
                else:
                    if pid == 0:
                        return asked
                    kernels.add(pid)
                    answer = {"started": pid}
            lines.write(json.dumps(answer) + "\n")
            lines.flush()
    for pid in kernels:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return None


def _copied() -> int:
    """The process id of a copy of this process; 0 in the copy.

    Raises:
        OSError: the system allows no further process, or this one has threads, which a copy would be without.
    """
    threads = len(list(THREADS.iterdir())) if THREADS.exists() else threading.active_count()
    if threads > 1:
        raise OSError(errno.EAGAIN, f"a library runs {threads} threads")
    pid = os.fork()
    if pid:
        # A group of its own, so that a kernel ends with all it has started; set here, so that it is there when the answer is.
        os.setpgid(pid, pid)
    return pid


def _code(pid: int, kernels: set[int]) -> int | None:
    """How a kernel has ended; None while it runs. Until it is told here, nobody else gets its process id."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        return None
    kernels.remove(pid)
    return os.waitstatus_to_exitcode(status)


def become_kernel(asked: dict[str, Any]) -> None:
    """Run the kernel that was asked for in this copy, as if the interpreter had just started."""
    import numpy as np

    from outcomes.report.own_kernel import OwnKernel

    nothing = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nothing, handle)
    os.environ.clear()
    os.environ.update(asked["environment"], JPY_PARENT_PID=str(os.getppid()))
    os.chdir(asked["folder"])
    tempfile.tempdir = None
    np.random.seed()  # noqa: NPY002 - the state that a notebook may still use: each kernel draws numbers of its own
    sys.argv = ["outcomes.report.own_kernel", *asked["arguments"]]
    OwnKernel.launch_instance(argv=asked["arguments"])


if __name__ == "__main__":
    main()
