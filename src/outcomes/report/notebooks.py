"""Which notebooks there are, which are asked for, and the runs of one report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from outcomes.definitions.audiences import CLINIC, PUBLIC
from outcomes.errors import ReportError, UsageError
from outcomes.report.parameters import declared, meant

ENDPOINTS, AUDIENCE, COMPARE = "endpoints", "audience", "compare"
"""The parameter of a notebook about endpoints, the one that says whom it is for, and the one that names an earlier report."""

_COMPARISON = "since_last"
"""The notebook, without its number, that is about an earlier report alone."""


GROUP = "group"
"""The folder of the notebooks of which the short report of one group is made."""


class Run(NamedTuple):
    """One execution of a notebook: the name of its output and the values that differ from the declared ones."""

    name: str
    notebook: Path
    values: dict[str, object]

    @property
    def shown(self) -> dict[str, object]:
        """The same values as a report tells them: of a file neither where it lies nor what it is called, but what it holds."""
        return {name: _shown(name, value) for name, value in self.values.items()}


def notebooks_folder() -> Path:
    """Where the notebooks are: inside an installed package, or beside `src` in a checkout."""
    places = (Path(__file__).parents[1] / "notebooks", Path(__file__).parents[3] / "notebooks")
    found = next((place for place in places if any(place.glob("*.ipynb"))), None)
    if found is None:
        raise ReportError("the notebooks of outcomes are missing; install microneedling-outcomes again")
    return found


def all_notebooks(audience: str = CLINIC) -> list[Path]:
    """Every notebook for an audience, or of a `GROUP`, in the order of its leading number."""
    folder = notebooks_folder() / audience if audience in (PUBLIC, GROUP) else notebooks_folder()
    numbered = [path for path in folder.glob("*.ipynb") if re.match(r"\d+_", path.name)]
    return sorted(numbered, key=lambda path: (int(path.name.partition("_")[0]), path.name))


def chosen_notebooks(names: Sequence[str], *, given_as: str = "--notebook ", audience: str = CLINIC) -> list[Path]:
    """The notebooks of these names in the order of the report; all of them where no name is given.

    `3_improvement`, `3_improvement.ipynb` and `improvement` name the same one. A refusal begins with how the name was given.

    Raises:
        UsageError: no notebook has the name.
    """
    notebooks = all_notebooks(audience)
    by_name = {name: path for path in notebooks for name in (path.stem.partition("_")[2], path.stem)}
    picked = [by_name.get(PurePath(name).name.removesuffix(".ipynb")) for name in names]
    for name, path in zip(names, picked, strict=True):
        if path is None:
            raise UsageError(
                f"{given_as}{name}: there is no such notebook{meant(name, by_name, [path.stem for path in notebooks])}"
            )
    return [path for path in notebooks if path in picked] if names else notebooks


def is_comparison(notebook: Path) -> bool:
    """Whether a notebook is about an earlier report alone, so that it has nothing to show without one."""
    return notebook.stem.partition("_")[2] == _COMPARISON


def _shown(name: str, value: object) -> object:
    if not isinstance(value, str) or not value or not Path(value).is_file():
        return value
    with Path(value).open("rb") as file:
        return f"{name}-{hashlib.file_digest(file, 'sha256').hexdigest()[:12]}{Path(value).suffix.lower()}"


def planned_runs(values: Mapping[Path, dict[str, object]], endpoints: Sequence[str]) -> list[Run]:
    """The runs of a report, in order; a notebook about `endpoints` is left out where the records hold none."""
    return [
        Run(notebook.stem, notebook, given)
        for notebook, given in values.items()
        if endpoints or ENDPOINTS not in declared(notebook)
    ]
