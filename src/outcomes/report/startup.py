"""What a command settles before it loads anything heavy: one thread for linear algebra, and bytecode that is kept.

Python compiles a package once and keeps the result beside it. Where it may not (PYTHONDONTWRITEBYTECODE, a folder that can't be
written), it compiles pandas, SciPy and Matplotlib at every start, for seconds: then the bytecode is kept in the user's cache folder,
about 60 MB. PYTHONPYCACHEPREFIX names another place, and is left as it is.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

BLAS_THREADS = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""What the libraries of linear algebra ask how many threads to use: for our small matrices more than one only wait for each other."""

COMPILED = ("outcomes", "pandas", "scipy", "matplotlib", "IPython")
"""This package, and those that take longest to compile: where each has its bytecode, so has the rest."""


def settle() -> None:
    """Settle it for this process and those that it starts; to be called before numpy is imported."""
    settings = variables()
    os.environ.update(settings)
    if "PYTHONPYCACHEPREFIX" in settings:
        sys.pycache_prefix = settings["PYTHONPYCACHEPREFIX"]
        sys.dont_write_bytecode = False


def variables(private: Path | None = None) -> dict[str, str]:
    """The environment variables that settle it for a process to be started.

    Bytecode goes into the folder `private` where it has to be kept apart and the user has no cache folder.
    """
    threads = {} if os.environ.keys() & {*BLAS_THREADS} else dict.fromkeys(BLAS_THREADS, "1")
    folder = (_writable(cache_folder()) or private) if _is_compiled_anew() else None
    # An empty PYTHONDONTWRITEBYTECODE is none.
    bytecode = {"PYTHONPYCACHEPREFIX": str(folder), "PYTHONDONTWRITEBYTECODE": ""} if folder else {}
    return threads | bytecode


def cache_folder() -> Path | None:
    """Where bytecode is kept that can't be kept beside the packages; None for a user without a home."""
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "microneedling-outcomes" / "bytecode" if base.is_absolute() else None


def _is_compiled_anew() -> bool:
    """Whether each start of Python would compile packages again."""
    if sys.pycache_prefix is not None:
        return False
    return any(_stays_uncompiled(name) for name in COMPILED)


def _stays_uncompiled(package: str) -> bool:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return False
    kept = Path(importlib.util.cache_from_source(found.origin))
    if kept.exists():
        return False
    beside = kept.parent if kept.parent.exists() else kept.parent.parent
    return sys.dont_write_bytecode or not os.access(beside, os.W_OK)


def _writable(folder: Path | None) -> Path | None:
    """The folder, made if need be; None where nothing can be written there."""
    try:
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return folder if os.access(folder, os.W_OK) else None
    except OSError:
        pass
    return None
