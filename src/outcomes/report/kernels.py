"""The kernels that notebooks run in: private sockets, and stopped hard where they do not end."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from pathlib import Path
from subprocess import DEVNULL
from types import TracebackType
from typing import Any

from outcomes.report import startup
from outcomes.report.warm_kernels import CAN_COPY, Refused, WarmKernels
from outcomes.tabular.private_folder import PrivateFolder

# The kernel of the operating system takes about 104 characters, of which a number follows.
LONGEST_SOCKET = 95


class Kernels:
    """The kernels of one report: always this interpreter, whatever kernels the user has registered.

    They share a private folder for connection files and an empty IPython profile, and end together. Where the system can copy a
    process they are copies of one that is warm, unless each is to be started `fresh`. `notes` are what the reader should know.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        self.notes: list[str] = []
        self.stopped = threading.Event()
        self._temporary = PrivateFolder()
        self._held = () if self._temporary.lock is None else (self._temporary.lock,)
        self.folder = Path(self._temporary.name)
        self._environment = {
            "IPYTHONDIR": str(self.folder),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "PYTHONHASHSEED": "0",
            # A kernel is ended without notice: what it keeps on disk goes with the folder.
            "TMPDIR": str(self.folder),
            **startup.variables(private=self.folder / "bytecode"),
        }
        self._managers: list[Any] = []
        self._numbers = itertools.count()
        self._warm = None if fresh or not CAN_COPY else self._warmed()

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, failure: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._warm:
            self._warm.end()
        self._temporary.cleanup()

    def manager_class(self) -> type:
        """What papermill starts a kernel with."""
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager
        from jupyter_client.provisioning.local_provisioner import LocalProvisioner

        kernels = self
        launcher = [sys.executable, "-P", "-m", "outcomes.report.own_kernel"]
        this_interpreter = KernelSpec(
            argv=[*launcher, "-f", "{connection_file}", "--InteractiveShellApp.ignore_cwd=True"],
            env=self._environment,
            display_name="Python 3",
            language="python",
        )

        class Copied(LocalProvisioner):
            """Starts a kernel as a copy, or afresh where no copy can be made."""

            async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
                process = kernels._copy(cmd[len(launcher) :], options)
                if process is None:
                    there, options["cwd"] = str(options.get("cwd") or Path.cwd()), str(kernels.folder)
                    return await super().launch_kernel([*launcher, there, *cmd[len(launcher) :]], **options)
                self.process, self.pid, self.pgid = process, process.pid, process.pid
                return self.connection_info

        class ThisInterpreter(AsyncKernelManager):
            kernel_spec = this_interpreter

            async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
                number = next(kernels._numbers)
                self.connection_file = str(kernels.folder / f"{number}.json")
                sockets = str(kernels.folder / f"{number}")
                # Sockets in a private folder: no port that another program may take, nobody else can listen.
                if os.name == "posix" and len(sockets) <= LONGEST_SOCKET:
                    self.transport, self.ip = "ipc", sockets
                self.provisioner = Copied(kernel_id=str(number), kernel_spec=this_interpreter, parent=self)
                kernels._managers.append(self)
                own = {"env": startup.surroundings(), "stdout": DEVNULL, "stderr": DEVNULL, "pass_fds": kernels._held}
                await super().start_kernel(**{**options, **own})
                if kernels.stopped.is_set():
                    _kill(self)

        return ThisInterpreter

    def prepare(self, cohort: Path, by: str = "") -> None:
        """What every notebook starts from, read and computed once for all copies; with `by` the notebooks of groups."""
        if self._warm:
            self._warm.prepare(cohort, by)

    def stop(self) -> None:
        """End every kernel now; cells that are running end as those of a dead kernel."""
        self.stopped.set()
        for manager in list(self._managers):
            _kill(manager)

    def _warmed(self) -> WarmKernels | None:
        try:
            return WarmKernels(self.folder, self._environment, held=self._held)
        except OSError as problem:
            self._note(problem.strerror)
            return None

    def _copy(self, arguments: list[str], options: dict[str, Any]) -> Any:
        """A kernel as a copy of the warm process; None where it has to be started afresh."""
        if self._warm is None:
            return None
        try:
            return self._warm.start(arguments, options["env"], str(options.get("cwd") or Path.cwd()))
        except Refused as reason:
            if self.stopped.is_set():
                raise RuntimeError("stopped") from None
            self._note(str(reason))
            return None

    def _note(self, reason: str | None) -> None:
        note = f"every notebook was started afresh, which takes longer: {reason}"
        if note not in self.notes:
            self.notes.append(note)


def _kill(manager: Any) -> None:
    process = getattr(manager.provisioner, "process", None)
    if process is None or process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(os.getpgid(process.pid), signal.SIGKILL)
    else:
        process.kill()
