"""Providers, areas, devices or clinics beside what chance leaves, as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.display.groups import beside_limits, measure_words, of_groups, of_unit
from outcomes.display.tables.table import Table
from outcomes.display.words import first_up, number
from outcomes.measures.group_comparison import IMPROVED, TOO_FEW, WITHIN


def group_comparison(compared: pd.DataFrame) -> Table:
    """One row for each measure and group of `outcomes.group_comparison`, by code: the value, what was expected, and where 95 % of such groups lie by chance.

    Folded; the shares of courses that improved stand in its estimates alone."""
    groups = of_groups(compared)
    rows: list[tuple[str, ...]] = []
    headings = []
    listed = compared[compared["measure"] != IMPROVED]
    for _, of in listed.groupby(["measure", "endpoint", "event"], sort=False):
        each = of.to_dict("records")
        rows += [(str(row["group"]), f"{row['n']:,}", *_cells(row)) for row in each]
        headings.append((f"{first_up(measure_words(each[0]))}{of_unit(each[0])}", len(each)))
    return Table(
        f"{first_up(groups)} by code, and where 95% of such {groups} lie by chance",
        (groups.removesuffix("s"), "courses", "value", "expected", "by chance"),
        tuple(rows),
        folded=True,
        estimates=compared if len(compared) else None,
        groups=tuple(headings),
        numbers=(1, 2, 3, 4),
    )


def one_group(compared: pd.DataFrame, group: str) -> Table:
    """One row for each measure of a group of `outcomes.group_comparison`: the value, what was expected, and where 95 % of such groups lie by chance."""
    own = compared[compared["group"] == group]
    one = of_groups(compared).removesuffix("s")
    rows = [(f"{first_up(measure_words(row))}{of_unit(row)}", f"{row['n']:,}", *_cells(row)) for row in own.to_dict("records")]
    return Table(
        f"{first_up(one)} {group}, and where 95% of such {one}s lie by chance",
        ("", "courses", "value", "expected", "by chance"),
        tuple(rows),
        estimates=own if len(own) else None,
        numbers=(1, 2, 3, 4),
    )


def _cells(row: dict[str, Any]) -> tuple[str, str, str]:
    """The value, what is expected, and the ends of what chance leaves; beyond them it is said."""
    if row["verdict"] == TOO_FEW:
        return "too few", "", ""
    told = beside_limits(row)
    decimals = len(told.estimate.partition(".")[2].rstrip("%"))
    expected = f"{number(row['expected'], decimals)}{'%' if told.estimate.endswith('%') else ''}"
    return told.estimate, expected, told.interval + ("" if row["verdict"] == WITHIN else f", {row['verdict']}")
