"""A kernel that reads nobody's settings: ``python -P -m outcomes.report.own_kernel FOLDER -f CONNECTION``.

It starts in a folder of its own, since Matplotlib takes settings from wherever it is imported, and goes to the folder that it is to
work in afterwards.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ipykernel.kernelapp import IPKernelApp

import outcomes.display.figures.canvas  # noqa: F401


class OwnKernel(IPKernelApp):
    """Reads no file of settings, neither a user's nor a machine's, and runs no file at its start."""

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """None is loaded."""

    def _run_startup_files(self) -> None:
        """None is run."""


def main() -> None:
    """Be the kernel."""
    os.chdir(sys.argv.pop(1))
    OwnKernel.launch_instance(argv=sys.argv[1:])


if __name__ == "__main__":
    main()
