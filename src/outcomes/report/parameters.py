"""What notebooks ask for: which notebooks there are, the parameters they declare, and the runs of one report.

papermill by itself runs a misspelt parameter with the default, injects names as code, and mangles tuples. So names are
checked against the literals of the notebook's `parameters` cell and values are converted to the kind written there.
"""

from __future__ import annotations

import ast
import difflib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from outcomes.errors import ReportError, UsageError

SCALARS = {"str": str, "int": int, "float": float, "bool": bool}
WANTED = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
BOTH_ENDPOINTS = ("scarring", "pih")
"""Endpoints that a notebook with a parameter `endpoint` is run for, where the records hold them."""


class Parameter(NamedTuple):
    """One parameter as a notebook declares it: `kind` is the type of the value, or of each of its parts if `is_list`."""

    name: str
    kind: type
    is_list: bool
    default: object

    @property
    def wanted(self) -> str:
        return f"{WANTED[self.kind]}, or several with commas between them" if self.is_list else WANTED[self.kind]


def declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook by name, read from its cell tagged `parameters` without running it.

    Raises:
        ReportError: there is no such cell, or it holds anything but `name: type = literal`.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = next(("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", ())), None)
    if source is None:
        raise ReportError(f"{notebook.stem}: no cell is tagged `parameters`")
    try:
        found = [_parameter(statement) for statement in ast.parse(source).body]
    except (SyntaxError, ValueError) as problem:
        raise ReportError(
            f"{notebook.stem}: the parameters cell may hold only lines `name: type = literal` ({problem})"
        ) from None
    parameters = {parameter.name: parameter for parameter in found}
    if "records" not in parameters:
        raise ReportError(f"{notebook.stem}: the parameters cell does not declare `records`")
    return parameters


def _parameter(statement: ast.stmt) -> Parameter:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, annotation = statement.targets[0], None
    elif isinstance(statement, ast.AnnAssign):
        target, annotation = statement.target, statement.annotation
    else:
        raise ValueError(f"line {statement.lineno}")
    if not isinstance(target, ast.Name) or statement.value is None:
        raise ValueError(f"line {statement.lineno}")
    default = ast.literal_eval(statement.value)
    named = [node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)] if annotation else []
    is_list = isinstance(default, list | tuple) or bool({"list", "tuple"} & {*named})
    first = next(iter(default), "") if isinstance(default, list | tuple) else default
    kind = next((SCALARS[name] for name in named if name in SCALARS), type(first) if type(first) in WANTED else str)
    return Parameter(target.id, kind, is_list, default)


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
            raise UsageError(f"-p {name}: no chosen notebook has this parameter{meant(name, known, known)}")
    return {
        notebook: {name: converted(parameters[name], value) for name, value in given.items() if name in parameters}
        for notebook, parameters in asked.items()
    }


def meant(word: str, words: Iterable[str], listed: Sequence[str]) -> str:
    """The end of a refusal: the nearest of `words`, or all that are `listed`."""
    near = difflib.get_close_matches(word, list(words), n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(listed)}" if listed else ""
