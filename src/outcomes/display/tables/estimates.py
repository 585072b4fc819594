"""Estimates as tables: the numbers behind a picture."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.tables.table import Table, amount, interval_of, plain_cell, with_direction

BEHIND = "The numbers behind this"
"""What a folded table is called where nothing else names it."""

_GROUPS = {
    "skin_type": "skin type",
    "skin_band": "skin types",
    "skin_types": "skin types",
    "session": "sessions",
    "before": "before",
    "after": "after",
}

_SEVERAL = {"endpoint": "endpoint", "estimand": "among"}


def numbers(*estimates: pd.DataFrame, caption: str = BEHIND) -> Table:
    """The estimates behind a picture, folded: one row each, with its interval, n, unit, method and note."""
    long = pd.concat(estimates, ignore_index=True)
    labels = {name: label for name, label in _SEVERAL.items() if long[name].nunique() > 1}
    labels |= {name: label for name, label in _GROUPS.items() if name in long}
    columns = ("measure", *labels.values(), "courses", "estimate", "95 % interval", "unit", "method", "note")
    rows = tuple(
        (
            row["measure"],
            *(plain_cell(row[name]) for name in labels),
            f"{row['n']:,}",
            amount(row["estimate"], row["unit"]),
            interval_of(row),
            row["unit"],
            row["method"],
            note_of(row),
        )
        for row in long.to_dict("records")
    )
    return Table(with_direction(caption, long), columns, rows, folded=True, estimates=long)


def transitions(estimates: pd.DataFrame) -> Table:
    """Grade before (rows) by grade after (columns), in percent of each row, from `outcomes.transitions`."""
    grades = sorted(estimates["before"].unique())
    rows = tuple(
        (str(before), f"{row['n'].iloc[0]:,}", *(amount(share, "%") for share in row["estimate"]))
        for before, row in ((before, estimates[estimates["before"] == before].sort_values("after")) for before in grades)
    )
    columns = ("grade before", "courses", *(f"{grade} after" for grade in grades))
    return Table(
        f"{SCALES[estimates['scale'].iloc[0]].label} before and after, % of each row", columns, rows, estimates=estimates
    )
