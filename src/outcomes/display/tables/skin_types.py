"""Skin types beside each other, as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.display.notes import note_of
from outcomes.display.prose.skin_types import about_more, margin_words
from outcomes.display.tables.table import Table, told, with_direction
from outcomes.display.words import heading, session_words, shown, signed, skin
from outcomes.measures.skin_types import UNDECIDED


def skin_type_differences(compared: pd.DataFrame) -> Table:
    """One row per group of `outcomes.skin_type_differences`: its difference from the others, the margin, the verdict and what it kept."""
    several = compared["endpoint"].nunique() > 1
    rows = tuple(
        (
            f"{heading(ENDPOINTS[row['endpoint']])}, {skin(row['skin_types'])}" if several else skin(row["skin_types"]),
            f"{row['n']:,}",
            *told(row),
            "" if pd.isna(row["standardised"]) else signed(row["standardised"]),
            _within(row),
            row["verdict"] if not pd.isna(row["conf_low"]) else f"{row['verdict']}: {note_of(row)}",
            _share(row, "kept"),
            _share(row, "possible"),
            _more(row),
        )
        for row in compared.to_dict("records")
    )
    columns = (
        *("skin types", "courses", "difference from all others", "95% CI", "at one baseline", "margin", "verdict"),
        *("of the others' improvement", "of the possible", "more courses needed"),
    )
    when = "" if compared.empty else f", {session_words(compared['session'].iloc[0])}, had every patient continued"
    caption = with_direction(f"Each group of skin types beside all others{'' if several else when}", compared)
    return Table(caption, columns, rows, folded=True, estimates=compared)


def _within(row: dict[str, Any]) -> str:
    return f"{margin_words(row)}, {row['margin_from']}" if row["margin"] > 0 else str(row["margin_from"])


def _share(row: dict[str, Any], name: str) -> str:
    """A per cent with its interval, ``102% (72–142%)``; blank where there is none."""
    if pd.isna(row[name]):
        return ""
    return shown(row[name], row[f"{name}_low"], row[f"{name}_high"], 0, none=0, unit="%").cell


def _more(row: dict[str, Any]) -> str:
    """Of this group, or of all where none of its own suffice or that takes fewer; blank where decided or not known."""
    own, every = row["n_more"], row["n_more_all"]
    if row["verdict"] != UNDECIDED or pd.isna(every):
        return ""
    if own == 0:
        return "none: close to the margin"
    return f"{about_more(own)} of {skin(row['skin_types'])}" if own <= every else f"{about_more(every)} of all types"


def skin_type_counts(counts: pd.DataFrame) -> Table:
    """Courses of each skin type, unmerged, and the group it is compared in, of each endpoint of `outcomes.skin_type_counts`; folded."""
    names = counts["skin_type"].unique()
    by_endpoint = {name: rows.set_index("skin_type").reindex(names) for name, rows in counts.groupby("endpoint", sort=False)}
    rows = tuple(
        (
            f"type {name}",
            *(
                cell
                for of in by_endpoint.values()
                for cell in (f"{of['courses'].fillna(0).at[name]:,.0f}", skin(of["group"].fillna("").at[name]))
            ),
        )
        for name in names
    )
    columns = ("", *(words for name in by_endpoint for words in (f"{ENDPOINTS[name].label}, courses", "analysed as")))
    return Table("Courses that began, by Fitzpatrick skin type", columns, rows, folded=True)
