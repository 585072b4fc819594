"""Kernels that need not import anything: copies of one process that has (`outcomes.report.kernel_server`).

A kernel is as separate as a freshly started one: what a notebook changes in its modules, its environment or its folder ends with it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired
from typing import Any

from outcomes.report import startup

# Apple's libraries may not be used after a fork, so Python itself starts processes afresh there.
CAN_COPY = hasattr(os, "fork") and sys.platform != "darwin"
SERVER = (sys.executable, "-P", "-m", "outcomes.report.kernel_server")
SECONDS_TO_START = 120.0
SECONDS_TO_PREPARE = 1800.0
SECONDS_TO_END = 5.0


class Refused(Exception):
    """No copy can be made; the message says why."""


class WarmKernels:
    """The process that kernels are copied from. Threads may ask it at the same time."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, held: Sequence[int] = ()) -> None:
        ours, its = socket.socketpair()
        with its:
            # Its own session: Ctrl-C in the terminal is for the command, which ends it in order.
            self.server = Popen(
                [*SERVER, str(folder)],
                stdin=its.fileno(), stdout=DEVNULL, stderr=DEVNULL, env={**startup.surroundings(), **environment}, start_new_session=True,
                pass_fds=held,
                # Not where the records are: Matplotlib would take its settings from a file there.
                cwd=folder,
            )  # fmt: skip
        ours.settimeout(SECONDS_TO_START)
        self._socket = ours
        self._lines = ours.makefile("rw", encoding="utf-8")
        self._lock = threading.Lock()
        self._has_copied = False

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> Copy:
        """A kernel with these arguments.

        Raises:
            Refused: the system allows no further process, the server has threads, or it has ended.
        """
        answer = self._answer({"arguments": [*arguments], "environment": {**environment}, "folder": folder})
        if "started" not in answer:
            raise Refused(answer["refused"])
        self._has_copied = True
        return Copy(answer["started"], self)

    def prepare(self, cohort: Path, by: str = "") -> None:
        """Have the server read the saved cohort that the notebooks start from, and compute what several of them show, or how its groups `by` compare.

        A server that has ended is found out when a kernel is asked for.
        """
        self._socket.settimeout(SECONDS_TO_PREPARE)
        with suppress(Refused):
            self._answer({"cohort": str(cohort), "by": by})
        self._socket.settimeout(SECONDS_TO_START)

    def code(self, pid: int) -> int | None:
        """How a kernel has ended: its exit code, or minus the signal that ended it; None while it runs.

        Raises:
            Refused: the server has ended, and its kernels with it.
        """
        code: int | None = self._answer({"pid": pid})["code"]
        return code

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            with self._lock:
                self._lines.write(json.dumps(question) + "\n")
                self._lines.flush()
                answer: dict[str, Any] = json.loads(self._lines.readline())
        except (OSError, ValueError):
            # A late answer would be taken for that to the next question.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            raise Refused("the process that kernels are copied from has ended") from None
        return answer

    def end(self) -> None:
        """End the server, which ends every kernel that is left."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if not self._has_copied:
            self.server.kill()
        try:
            self.server.wait(SECONDS_TO_END)
        except TimeoutExpired:
            self.server.kill()
            self.server.wait()
        with suppress(OSError), self._lock:
            self._lines.close()
            self._socket.close()


class Copy:
    """A kernel as Jupyter sees a process: as much of `subprocess.Popen` as it uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, kernels: WarmKernels) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._kernels = kernels

    def poll(self) -> int | None:
        """Its exit code; None while it runs. It is dead where the server is."""
        if self.returncode is None:
            try:
                self.returncode = self._kernels.code(self.pid)
            except Refused:
                self.kill()
                self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, as soon as it has ended.

        Raises:
            TimeoutExpired: it still runs after so many seconds.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise TimeoutExpired("kernel", timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """A signal to it and to what it has started."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it now."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)
