"""Outcomes of microneedling: change in acne scarring and PIH across sessions and Fitzpatrick skin types.

>>> import outcomes
>>> cohort = outcomes.read_cohort("sample")
>>> change = outcomes.continued_by_session(cohort.tally("scarring"))
"""

from __future__ import annotations

import sys

_IS_COMMAND = sys.argv[:1] == ["-m"] and sys.orig_argv[-len(sys.argv)].removeprefix("-m").partition(".")[0] == "outcomes"
if _IS_COMMAND and not sys.flags.safe_path:
    # `python -m outcomes` looks for every package in the current folder first: a file beside the records would be run.
    sys.path[:] = [folder for folder in sys.path if folder != sys.path[0]]

import importlib  # noqa: E402
import re  # noqa: E402
from importlib.metadata import version  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

__version__ = version("microneedling-outcomes")

# Public names are imported when first used, so that the command line answers --help without loading pandas.
_STUB = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
_HOME = {name: module for module, name in re.findall(r"^from (outcomes\.\S+) import (\w+)", _STUB, re.MULTILINE)}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'outcomes' has no attribute {name!r}")
    module = importlib.import_module(_HOME[name])
    return getattr(module, name, None) or importlib.import_module(f"{_HOME[name]}.{name}")


def __dir__() -> list[str]:
    return __all__
