"""What notebooks ask for: which notebooks there are, the parameters they declare, and the runs of one report.

papermill by itself runs a misspelt parameter with the default, injects names as code, mangles tuples, and passes over lines of
the `parameters` cell that it can't read. So no line of the cell may be passed over, names are checked against those declared there,
and values are converted to the kind written there.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from outcomes.definitions.guidance import LIMITS
from outcomes.errors import ReportError, UsageError
from outcomes.tabular.words import did_you_mean

SCALARS = {"str": str, "int": int, "float": float, "bool": bool}
WANTED = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


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


def parameter_values(
    notebooks: Sequence[Path], given: Mapping[str, object], also: Iterable[str] = ()
) -> dict[Path, dict[str, object]]:
    """The values for each notebook: those given that it declares, converted. `also` are names that are known elsewhere.

    Raises:
        UsageError: no chosen notebook declares the name, the value does not fit, or it is `records`.
    """
    if "records" in given:
        raise UsageError("-p records: the records are the FILE that the command is given, they can't be set as a parameter")
    asked = {notebook: declared(notebook) for notebook in notebooks}
    known = sorted({name for parameters in asked.values() for name in parameters} - {"records"})
    for name in given:
        if name not in known:
            every = sorted([*known, *also])
            raise UsageError(f"-p {name}: no chosen notebook has this parameter{meant(name, every, every)}")
    return {
        notebook: {name: converted(parameters[name], value) for name, value in given.items() if name in parameters}
        for notebook, parameters in asked.items()
    }


def values_given(given: Sequence[str]) -> dict[str, object]:
    """The values that a command line gives: ``["a=b=c"]`` -> ``{"a": "b=c"}``.

    Raises:
        UsageError: a word without a name and an equals sign, or a name that stands twice.
    """
    values: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"-p {text}: write NAME=VALUE")
        if name.strip() in values:
            raise UsageError(f"-p {name.strip()}: it is given twice")
        values[name.strip()] = value
    return values


def counting_definitions(values: Mapping[Path, Mapping[str, object]]) -> dict[str, Any]:
    """What the records of a report are counted with: the window and the limits of guidance that its notebooks ask for, given or declared.

    Raises:
        UsageError: two notebooks ask for different ones, though all start from the same counts.
    """
    found: dict[str, Any] = {}
    for notebook, given in values.items():
        parameters = declared(notebook)
        for name in (*LIMITS, "window"):
            if name not in parameters or (value := given.get(name, parameters[name].default)) == "":
                continue
            if found.setdefault(name, value) != value:
                raise UsageError(
                    f"-p {name}: {notebook.stem} asks for {value} and another notebook for {found[name]}; give one for the whole report"
                )
    return found


def meant(word: str, words: Iterable[str], listed: Sequence[str]) -> str:
    """The end of a refusal: the nearest of `words`, or all that are `listed`."""
    return did_you_mean(word, words) or (f"; there are {', '.join(listed)}" if listed else "")
