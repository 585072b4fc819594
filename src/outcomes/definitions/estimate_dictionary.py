"""The dictionary of ``estimates.csv``: every column, measure, estimand, unit, method and note, from `estimates.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from outcomes.definitions.columns import EVENTS
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.estimates import GROUPS
from outcomes.definitions.fitzpatrick import SKIN_TYPES, UNKNOWN_TYPE
from outcomes.definitions.scales import SCALES

Entry = Mapping[str, Any]

DESCRIBED = ("measure", "estimand", "unit", "method", "note")
"""Columns whose values are described one by one."""

NOT_NEEDED = "published"
"""How the estimands begin whose notes are a trial's own words."""


def estimates_dictionary() -> str:
    """Columns of ``estimates.csv`` and what may stand in them, as a Markdown page, as in ``data/estimates.md``."""
    entries = described()
    tables = "\n\n".join(
        f"## {_plural(of)}\n\n{_SAID[of]}\n\n{_table(('value', 'meaning', *more), _rows(entries[of], more))}"
        for of in DESCRIBED
        for more in [("references",) if of == "method" else ()]
    )
    columns = _table(("column", "meaning"), ([f"`{entry['name']}`", _column(entry)] for entry in entries["column"]))
    return f"""# Dictionary of estimates.csv

Made by `python -m outcomes.definitions.estimate_dictionary`; change `src/outcomes/definitions/estimates.toml`, not this page.

`estimates.csv` holds every number of a report once, one row each, in UTF-8. A column is blank where it does not apply, and
columns that no row needs are left out. Numbers have six decimals at most and are not rounded for reading. A row is told apart by
`endpoint`, `measure`, `estimand`, the columns of its group, and `session` or `month`. In the values below, a text in braces such
as `{{n}}` stands for a number or a name.

## Columns

{columns}

{tables}
"""


_SAID = {
    "measure": "What `estimate` is.",
    "estimand": "Whose result it is. Numbers of different estimands must not be subtracted from each other.",
    "unit": "The unit of `estimate`, `conf_low` and `conf_high`.",
    "method": "How the number and its interval were computed. The references are written out on the page on methods.",
    "note": "What to know before using the number. A published trial has notes of its own: its remark, what is odd in its "
    "arithmetic, or why it is not compared.",
}


@cache
def described() -> dict[str, list[dict[str, Any]]]:
    """The entries by what they describe: column, and each of `DESCRIBED`. A column without `values` may hold any."""
    defined: dict[str, Iterable[str]] = {
        "endpoint": ENDPOINTS,
        "scale": SCALES,
        "event": EVENTS,
        **GROUPS,
        "skin_type": (*SKIN_TYPES, UNKNOWN_TYPE),
    }
    entries = tomllib.loads(resources.files("outcomes.definitions").joinpath("estimates.toml").read_text(encoding="utf-8"))
    for column in entries["column"]:
        column.setdefault("values", [*defined.get(column["name"], ()), *column.get("more_values", ())])
    return entries


def undescribed(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What stands in rows of estimates, text or blank, and is in no entry, as ``column: value``; nothing where all is described."""
    return list(dict.fromkeys(text for row in rows for text in _strangers(row)))


def _strangers(row: Mapping[str, Any]) -> Iterator[str]:
    columns = {entry["name"]: entry for entry in described()["column"]}
    for name, value in row.items():
        if name not in columns:
            yield f"column: {name}"
        elif value not in ("", None) and columns[name]["values"] and str(value).removesuffix(".0") not in columns[name]["values"]:
            yield f"{name}: {value}"
    for name in DESCRIBED:
        value = row.get(name) or ""
        if name == "note" and (not value or str(row.get("estimand") or "").startswith(NOT_NEEDED)):
            continue
        if not _is_described(name, value):
            yield f"{name}: {value}"


def _is_described(of: str, value: str) -> bool:
    whole = re.compile("|".join(pattern(entry["name"]) for entry in described()[of]))
    if whole.fullmatch(value):
        return True
    # Several notes stand in one cell.
    return of == "note" and all(whole.fullmatch(part) for part in value.split("; "))


def pattern(name: str) -> str:
    """A regular expression of the values that an entry stands for: ``"{n} courses"`` takes in ``"3 courses"``."""
    return "".join("[^;]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", name))


def _column(entry: Entry) -> str:
    """The meaning of a column, then its unit and values where it has such."""
    unit = f" Unit: {entry['unit']}." if "unit" in entry else ""
    values = f" One of {', '.join(f'`{value}`' for value in entry['values'])}." if entry["values"] else ""
    return f"{entry['meaning']}{unit}{values}"


def _rows(entries: Iterable[Entry], more: tuple[str, ...]) -> Iterator[list[str]]:
    for entry in entries:
        yield [f"`{entry['name']}`" if entry["name"] else "(blank)", entry["meaning"], *(entry.get(name, "") for name in more)]


def _table(head: Iterable[str], rows: Iterable[list[str]]) -> str:
    names = [*head]
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _plural(of: str) -> str:
    return f"{of.capitalize()}s"


if __name__ == "__main__":
    print(estimates_dictionary(), end="")
