"""Providers, areas, devices or clinics beside what chance leaves, as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.display.groups import beside_limits, measure_words, of_groups, plain_number
from outcomes.display.tables.table import Table
from outcomes.display.words import first_up
from outcomes.measures.group_comparison import TOO_FEW, WITHIN

MOST_SHOWN = 12
"""Of more groups the table opens on request."""


def group_comparison(compared: pd.DataFrame) -> Table:
    """One row for each group of `outcomes.group_comparison`, by code: each value, and between which ends chance leaves 95 % of such groups."""
    groups = of_groups(compared)
    columns: dict[tuple[str, str, str], str] = {
        (row["measure"], row["endpoint"], row["event"]): measure_words(row) for row in compared.to_dict("records")
    }
    rows = []
    for code, of in compared.groupby("group", sort=False):
        by = {(row["measure"], row["endpoint"], row["event"]): row for row in of.to_dict("records")}
        rows.append((str(code), plain_number(of["courses"].iloc[0]), *(_cell(by[key]) if key in by else "" for key in columns)))
    caption = f"{first_up(groups)} by code: each value, and in brackets where 95% of such {groups} lie by chance"
    return Table(
        caption,
        (groups.removesuffix("s"), "courses", *columns.values()),
        tuple(rows),
        folded=len(rows) > MOST_SHOWN,
        estimates=compared if len(compared) else None,
        numbers=tuple(range(1, len(columns) + 2)),
    )


def _cell(row: dict[str, Any]) -> str:
    """``−0.9 (−0.9 to −0.7), beyond 95%``."""
    if row["verdict"] == TOO_FEW:
        return "too few"
    return beside_limits(row).cell + ("" if row["verdict"] == WITHIN else f", {row['verdict']}")
