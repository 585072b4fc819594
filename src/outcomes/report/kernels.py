"""The kernels that notebooks run in: private sockets, and stopped hard where they do not end."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

# The kernel of the operating system takes about 104 characters, of which a number follows.
LONGEST_SOCKET = 95


class Kernels:
    """The kernels of one report: always this interpreter, whatever kernels the user has registered.

    They share a private folder for connection files and an empty IPython profile, and end together.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stopped = threading.Event()
        self._managers: list[Any] = []
        self._numbers = itertools.count()

    def manager_class(self) -> type:
        """What papermill starts a kernel with."""
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager

        kernels = self
        this_interpreter = KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--InteractiveShellApp.ignore_cwd=True"],
            env={
                "IPYTHONDIR": str(self.folder),
                "MPLBACKEND": "module://matplotlib_inline.backend_inline",
                "PYDEVD_DISABLE_FILE_VALIDATION": "1",
                # A kernel is ended without notice: what it keeps on disk goes with the folder.
                "TMPDIR": str(self.folder),
            },
            display_name="Python 3",
            language="python",
        )

        class ThisInterpreter(AsyncKernelManager):
            kernel_spec = this_interpreter

            async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
                number = next(kernels._numbers)
                self.connection_file = str(kernels.folder / f"{number}.json")
                sockets = str(kernels.folder / f"{number}")
                # Sockets in a private folder: no port that another program may take, nobody else can listen.
                if os.name == "posix" and len(sockets) <= LONGEST_SOCKET:
                    self.transport, self.ip = "ipc", sockets
                kernels._managers.append(self)
                await super().start_kernel(**{**options, "stdout": DEVNULL, "stderr": DEVNULL})
                if kernels.stopped.is_set():
                    _kill(self)

        return ThisInterpreter

    def stop(self) -> None:
        """End every kernel now; cells that are running end as those of a dead kernel."""
        self.stopped.set()
        for manager in list(self._managers):
            _kill(manager)


def _kill(manager: Any) -> None:
    process = getattr(manager.provisioner, "process", None)
    if process is None or process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(os.getpgid(process.pid), signal.SIGKILL)
    else:
        process.kill()
