"""A saved cohort that somebody has written by hand is checked whole."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import outcomes
from outcomes.errors import UsageError

Parts = dict[str, str]


def forged(path: Path, change: Callable[[dict[str, Any], Parts], None]) -> Path:
    """The cohort of the sample, saved, with contents and tables changed and their digests right."""
    saved = outcomes.read_cohort("sample").save(path)
    with zipfile.ZipFile(saved) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    contents = json.loads(parts["cohort.json"])
    change(contents, parts)
    for table in contents["tables"]:
        if table["file"] in parts:
            table["sha256"] = hashlib.sha256(parts[table["file"]].encode()).hexdigest()
    parts["cohort.json"] = json.dumps(contents)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def cell(file: str, column: str, value: str) -> Callable[[dict[str, Any], Parts], None]:
    """Puts a value into the first row of a table."""

    def change(_: dict[str, Any], parts: Parts) -> None:
        header, first, *rows = parts[file].split("\n")
        cells = first.split(",")
        cells[header.split(",").index(column)] = value
        parts[file] = "\n".join([header, ",".join(cells), *rows])

    return change


def about(name: str, value: object) -> Callable[[dict[str, Any], Parts], None]:
    return lambda contents, _: contents["about"].__setitem__(name, value)


@pytest.mark.parametrize(
    "change",
    [
        cell("providers.csv", "provider", "Jane Smith"),
        cell("asked.csv", "gave_3", "Jane Smith"),
        cell("gais.csv", "by", "Jane Smith"),
        cell("gais.csv", "skin_type", "Jane Smith"),
        cell("patients.csv", "variable", "Jane Smith"),
        cell("patients.csv", "level", "jane.smith@example.org"),
        cell("tips.csv", "n", "-7"),
        cell("event_lengths.csv", "n", "99999999999999999999"),
        about("rows", -5),
        about("courses", 10**30),
        about("patients", 1.5),
        about("present", ["Jane Smith"]),
        about("unknown", ["date of birth"]),
        about("limits", {"x": 1}),
        about("source", "a\x1b[2J"),
        lambda contents, _: contents["tables"].pop(),
        lambda contents, _: contents["tables"].append(contents["tables"][0]),
        lambda contents, _: contents["tables"][0].__setitem__("file", "../../x.csv"),
        lambda contents, _: contents["groups"][0]["groups"][0].__setitem__("value", "Jane Smith"),
        lambda contents, _: contents["groups"][0].__setitem__("column", "sex"),
        lambda contents, _: contents["groups"][0]["groups"][0]["numbers"].__setitem__("courses", 10**6),
        lambda contents, _: contents["groups"][0]["groups"][0]["numbers"].__setitem__("courses", 250),
        lambda contents, _: contents["groups"][0]["tables"].pop(),
        lambda contents, _: contents["groups"].append(contents["groups"][0]),
        lambda contents, _: contents.pop("groups"),
    ],
)
def test_what_counts_never_hold_is_refused_in_one_message(
    tmp_path: Path, change: Callable[[dict[str, Any], Parts], None]
) -> None:
    with pytest.raises(UsageError, match="is no cohort that outcomes has saved") as refused:
        outcomes.read_cohort(forged(tmp_path / "x.cohort", change))
    assert "Jane" not in str(refused.value)
