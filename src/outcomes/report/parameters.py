"""What notebooks ask for: which notebooks there are, the parameters they declare, and the runs of one report.

papermill by itself runs a misspelt parameter with the default, injects names as code, mangles tuples, and passes over lines of
the `parameters` cell that it can't read. So no line of the cell may be passed over, names are checked against those declared there,
and values are converted to the kind written there.
"""

from __future__ import annotations

import ast
import difflib
import json
import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from outcomes.errors import ReportError, UsageError

SCALARS = {"str": str, "int": int, "float": float, "bool": bool}
WANTED = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
BOTH_ENDPOINTS = ("scarring", "pih")
"""Endpoints that a notebook with a parameter `endpoint` is run for, where the records hold them."""


class Parameter(NamedTuple):
    """One parameter as a notebook declares it: `kind` is the type of the value, or of each of its parts if `is_list`.

    `help` is the comment behind it, "" where there is none.
    """

    name: str
    kind: type
    is_list: bool
    default: object
    help: str

    @property
    def shown(self) -> str:
        """The default as one would give it: ``true``, ``8``, ``I,II``; "" for none."""
        if isinstance(self.default, list | tuple):
            return ",".join(map(str, self.default))
        return (
            f"{self.default:g}"
            if isinstance(self.default, float)
            else str(self.default).lower()
            if self.kind is bool
            else str(self.default)
        )

    @property
    def wanted(self) -> str:
        return f"{WANTED[self.kind]}, or several with commas between them" if self.is_list else WANTED[self.kind]


class Run(NamedTuple):
    """One execution of a notebook: the name of its output and the values that differ from the declared ones."""

    name: str
    notebook: Path
    values: dict[str, object]


def notebooks_folder() -> Path:
    """Where the notebooks are: inside an installed package, or beside `src` in a checkout."""
    places = (Path(__file__).parents[1] / "notebooks", Path(__file__).parents[3] / "notebooks")
    found = next((place for place in places if any(place.glob("*.ipynb"))), None)
    if found is None:
        raise ReportError("the notebooks of outcomes are missing; install microneedling-outcomes again")
    return found


def all_notebooks() -> list[Path]:
    """Every notebook in the order of its leading number."""
    numbered = [path for path in notebooks_folder().glob("*.ipynb") if re.match(r"\d+_", path.name)]
    return sorted(numbered, key=lambda path: (int(path.name.partition("_")[0]), path.name))


def chosen_notebooks(names: Sequence[str], *, given_as: str = "--notebook ") -> list[Path]:
    """The notebooks of these names in the order of the report; all of them where no name is given.

    `3_improvement`, `3_improvement.ipynb` and `improvement` name the same one. A refusal begins with how the name was given.

    Raises:
        UsageError: no notebook has the name.
    """
    notebooks = all_notebooks()
    by_name = {name: path for path in notebooks for name in (path.stem.partition("_")[2], path.stem)}
    picked = [by_name.get(PurePath(name).name.removesuffix(".ipynb")) for name in names]
    for name, path in zip(names, picked, strict=True):
        if path is None:
            raise UsageError(
                f"{given_as}{name}: there is no such notebook{_meant(name, by_name, [path.stem for path in notebooks])}"
            )
    return [path for path in notebooks if path in picked] if names else notebooks


def declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook by name, read from its cell tagged `parameters` without running it.

    Raises:
        ReportError: there is no such cell, or it holds anything but lines `name: type = literal  # help`.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = next(("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", ())), None)
    if source is None:
        raise ReportError(f"{notebook.stem}: no cell is tagged `parameters`")
    try:
        found = _inspected(source)
        parameters = {name: _parameter(name, **found[name]) for name in _names(source, found)}
    except (SyntaxError, ValueError) as problem:
        raise ReportError(
            f"{notebook.stem}: the parameters cell may hold only lines `name: type = literal  # help` ({problem})"
        ) from None
    if "records" not in parameters:
        raise ReportError(f"{notebook.stem}: the parameters cell does not declare `records`")
    return parameters


def _inspected(source: str) -> dict[str, dict[str, str]]:
    """What papermill reads in a cell: by name, the `annotation`, the `literal` and the `help` of each parameter, as they are written."""
    from nbformat.v4 import new_code_cell, new_notebook
    from papermill import inspect_notebook

    cell = new_code_cell(source, metadata={"tags": ["parameters"]})  # type: ignore[no-untyped-call]
    python = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    alone = new_notebook(cells=[cell], metadata=python)  # type: ignore[no-untyped-call]
    return {
        name: {"annotation": each["inferred_type_name"], "literal": each["default"], "help": each["help"]}
        for name, each in inspect_notebook(alone).items()
    }


def _names(source: str, found: Container[str]) -> list[str]:
    """The names that the statements of a cell assign, each to be among those `found` and once."""
    names: list[str] = []
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        name = targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""
        if name not in found or name in names:
            raise ValueError(f"line {statement.lineno}")
        names.append(name)
    return names


def _parameter(name: str, annotation: str, literal: str, help: str) -> Parameter:
    default = ast.literal_eval(literal)
    named = re.findall(r"\w+", annotation)
    is_list = isinstance(default, list | tuple) or bool({"list", "tuple"} & {*named})
    first = next(iter(default), "") if isinstance(default, list | tuple) else default
    kind = next((SCALARS[word] for word in named if word in SCALARS), type(first) if type(first) in WANTED else str)
    return Parameter(name, kind, is_list, default, help)


def converted(parameter: Parameter, given: object) -> object:
    """The value given for a parameter, as its declared kind; a tuple becomes a list, since papermill can't write tuples.

    Raises:
        UsageError: the value is not of that kind.
    """
    try:
        if not parameter.is_list:
            return _scalar(parameter.kind, given)
        parts = given.split(",") if isinstance(given, str) else given
        if not isinstance(parts, Iterable):
            raise ValueError
        return [_scalar(parameter.kind, part) for part in parts if part != ""]
    except ValueError:
        raise UsageError(f"-p {parameter.name}={given}: {parameter.name} wants {parameter.wanted}") from None


def _scalar(kind: type, given: object) -> object:
    if isinstance(given, str) and kind is not str:
        text = given.strip().lower()
        if kind is bool:
            if text not in ("true", "false", "yes", "no"):
                raise ValueError
            return text in ("true", "yes")
        given = int(text) if kind is int else float(text)
    if kind is float and type(given) is int:
        given = float(given)
    if type(given) is not kind or (isinstance(given, float) and not math.isfinite(given)):
        raise ValueError
    return given.strip() if isinstance(given, str) else given


def parameter_values(notebooks: Sequence[Path], given: Mapping[str, object]) -> dict[Path, dict[str, object]]:
    """The values for each notebook: those given that it declares, converted.

    Raises:
        UsageError: no chosen notebook declares the name, the value does not fit, or it is `records`.
    """
    if "records" in given:
        raise UsageError("-p records: the records are the FILE that the command is given, they can't be set as a parameter")
    asked = {notebook: declared(notebook) for notebook in notebooks}
    known = sorted({name for parameters in asked.values() for name in parameters} - {"records"})
    for name in given:
        if name not in known:
            raise UsageError(f"-p {name}: no chosen notebook has this parameter{_meant(name, known, known)}")
    return {
        notebook: {name: converted(parameters[name], value) for name, value in given.items() if name in parameters}
        for notebook, parameters in asked.items()
    }


def planned_runs(values: Mapping[Path, dict[str, object]], endpoints: Sequence[str]) -> list[Run]:
    """The runs of a report, in order: a notebook about one endpoint is run for each of `endpoints` unless one was given."""
    return [run for notebook, given in values.items() for run in _runs(notebook, given, endpoints)]


def _runs(notebook: Path, given: dict[str, object], endpoints: Sequence[str]) -> list[Run]:
    if "endpoint" not in declared(notebook):
        return [Run(notebook.stem, notebook, given)]
    present = [name for name in BOTH_ENDPOINTS if name in endpoints] or list(endpoints)
    wanted = [given["endpoint"]] if "endpoint" in given else present
    return [Run(f"{notebook.stem}_{_file_name(str(name))}", notebook, {**given, "endpoint": name}) for name in wanted]


def _file_name(text: str) -> str:
    return re.sub(r"\W+", "_", text)[:40]


def _meant(word: str, words: Iterable[str], listed: Sequence[str]) -> str:
    """The end of a refusal: the nearest of `words`, or all that are `listed`."""
    near = difflib.get_close_matches(word, list(words), n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(listed)}" if listed else ""
