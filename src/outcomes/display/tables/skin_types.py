"""Skin types beside each other, as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.display.prose import about_more, heading, margin_words, percent, session_words, span
from outcomes.display.tables.table import Table, amount, interval_of
from outcomes.measures.skin_types import UNDECIDED


def skin_types(compared: pd.DataFrame) -> Table:
    """One row per group of `outcomes.compare_skin_types`: its difference from the others, the margin, the verdict and what it kept."""
    several = compared["endpoint"].nunique() > 1
    rows = tuple(
        (
            f"{heading(ENDPOINTS[row['endpoint']])}, {row['skin_types']}" if several else row["skin_types"],
            f"{row['n']:,}",
            amount(row["estimate"], row["unit"]),
            interval_of(row),
            amount(row["standardised"], row["unit"]),
            _within(row),
            row["verdict"] if not pd.isna(row["conf_low"]) else f"{row['verdict']}: {row['note']}",
            _share(row, "kept"),
            _share(row, "possible"),
            _more(row),
        )
        for row in compared.to_dict("records")
    )
    columns = (
        *("skin types", "courses", "difference from all others", "95 % interval", "at one baseline", "margin", "verdict"),
        *("of the others' improvement", "of the possible", "more courses needed"),
    )
    when = "" if compared.empty else f", {session_words(compared['session'].iloc[0])}, had every patient continued"
    return Table(f"Each group of skin types beside all others{'' if several else when}", columns, rows, estimates=compared)


def _within(row: dict[str, Any]) -> str:
    return f"{margin_words(row)}, {row['margin_from']}" if row["margin"] > 0 else str(row["margin_from"])


def _share(row: dict[str, Any], name: str) -> str:
    """A percent with its interval, ``102 % (72 to 142 %)``; blank where there is none."""
    if pd.isna(row[name]):
        return ""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return percent(row[name]) if pd.isna(low) else f"{percent(row[name])} ({span(low, high)})"


def _more(row: dict[str, Any]) -> str:
    """Of this group, or of all where none of its own suffice or that takes fewer; blank where decided."""
    own, every = row["n_more"], row["n_more_all"]
    if row["verdict"] != UNDECIDED or pd.isna(every) or own == 0:
        return ""
    return f"{about_more(own)} of {row['skin_types']}" if own <= every else f"{about_more(every)} of all types"
