"""What a command settles before it loads anything heavy: one thread for linear algebra, bytecode that is kept, and nobody else's settings.

What the surroundings say about Python, Jupyter, Matplotlib and Polars beside where packages are - a file run at the start, warnings as errors,
folders searched from wherever the command is given, colours - would make another report of the same records, or run a file that lies
beside them. None of it reaches a command or what it starts.

Python compiles a package once and keeps the result beside it. Where it may not (PYTHONDONTWRITEBYTECODE, a folder that can't be
written), it compiles pandas, SciPy and Matplotlib at every start, for seconds: then the bytecode is kept in the user's cache folder,
about 60 MB. PYTHONPYCACHEPREFIX names another place, and is left as it is.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import warnings
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


_OTHERS = ("PYTHON", "IPYTHON", "IPYKERNEL", "JUPYTER", "JPY", "PAPERMILL", "MATPLOTLIB", "MPL", "PYDEVD", "POLARS")
_KEPT = frozenset(
    f"PYTHON{name}"
    for name in (
        "PATH",
        "HOME",
        "USERBASE",
        "NOUSERSITE",
        "SAFEPATH",
        "PYCACHEPREFIX",
        "DONTWRITEBYTECODE",
        "UTF8",
        "COERCECLOCALE",
    )
) | {"MPLCONFIGDIR", "POLARS_MAX_THREADS"}
"""Where packages and what is kept of them are, how names of files are read, and how many threads there may be."""


def settle() -> None:
    """Settle it for this process and those that it starts; to be called before numpy is imported."""
    settings = variables()
    kept = surroundings()
    for folder in _searched_from_here():
        if folder in sys.path:
            sys.path.remove(folder)
    for name in os.environ.keys() - kept.keys():
        del os.environ[name]
    os.environ.update(kept | settings)
    if sys.warnoptions:
        # Those of packages that are not ours would be errors, or fill the terminal.
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
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
    return threads | bytecode | _drawn_as_installed()


def surroundings() -> dict[str, str]:
    """The environment variables of this process without other people's settings of Python, Jupyter, Matplotlib and Polars."""
    kept = {name: value for name, value in os.environ.items() if not is_setting(name)}
    if not kept.get("POLARS_MAX_THREADS", "1").strip("0").isdecimal():
        del kept["POLARS_MAX_THREADS"]  # Polars panics at none
    if "PYTHONPATH" in kept:
        kept["PYTHONPATH"] = os.pathsep.join(
            folder for folder in kept["PYTHONPATH"].split(os.pathsep) if Path(folder).is_absolute()
        )
    return kept


def is_setting(name: str) -> bool:
    """Whether an environment variable of this name changes what Python, Jupyter, Matplotlib or Polars do.

    >>> is_setting("PYTHONSTARTUP"), is_setting("JUPYTER_CONFIG_DIR"), is_setting("PYTHONPATH"), is_setting("MPLCONFIGDIR"), is_setting("HOME")
    (True, True, False, False, False)
    """
    return name.startswith(_OTHERS) and name not in _KEPT


def _searched_from_here() -> list[str]:
    """Folders of PYTHONPATH that depend on where the command is given: an empty one is the current folder."""
    given = os.environ.get("PYTHONPATH", "")
    return [str(Path(folder).absolute()) for folder in given.split(os.pathsep) if not Path(folder).is_absolute()] if given else []


def drawing_data() -> Path | None:
    """The folder of the settings and fonts that come with Matplotlib, found without importing it."""
    found = importlib.util.find_spec("matplotlib")
    folder = Path(found.origin).parent / "mpl-data" if found and found.origin else None
    return folder if folder and folder.is_dir() else None


def _drawn_as_installed() -> dict[str, str]:
    """The settings that Matplotlib comes with, in place of the user's; a file in the current folder goes before both."""
    data = drawing_data()
    return {"MATPLOTLIBRC": str(data / "matplotlibrc")} if data else {}


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
