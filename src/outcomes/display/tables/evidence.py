"""Published trials beside the clinic's own change as tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.display.notes import note_of
from outcomes.display.prose.evidence import of_words, source_words, trial_name
from outcomes.display.tables.table import Table, told, with_direction
from outcomes.display.words import in_unit, number, rate_of, skin
from outcomes.measures.evidence import OWN, PREDICTION, SUMMARY
from outcomes.measures.published_results import ASSUMED


def evidence(compared: pd.DataFrame) -> Table:
    """The clinic's own change and every comparable trial with its citation, from `outcomes.evidence`."""
    names = {"continued": OWN, SUMMARY: "comparable trials together", PREDICTION: "a further such trial"}
    rows = tuple(
        (
            names.get(row["estimand"]) or trial_name(row),
            _blank(row["n"], "not stated") if row["study"] else "",
            _blank(row["session"], "not stated") if row["study"] else "",
            _blank(row["interval_days"], "not stated") if row["study"] not in ("", OWN) else "",
            _blank(row["after_days"], "not stated") if row["study"] else "",
            "" if pd.isna(row["baseline"]) else number(row["baseline"]),
            "" if row["estimand"] == PREDICTION else told(row).estimate,
            told(row).interval,
            _notes(row),
            source_words(row) if row["study"] not in ("", OWN) else "",
        )
        for row in compared.to_dict("records")
    )
    columns = (
        *("", "patients", "sessions", "days between", "days after the last", "before", "change", "95% CI"),
        *("how", "source"),
    )
    caption = with_direction("Change beside published trials, with their sources", compared)
    return Table(caption, columns, rows, folded=True, estimates=compared)


def correlations(*compared: pd.DataFrame) -> Table:
    """Intervals of published changes under each correlation assumed, from `outcomes.evidence` with each; folded."""
    long = pd.concat(compared, ignore_index=True).query("correlation.notna() and estimate.notna()")
    rows = tuple(
        (
            trial_name(row) if row["study"] else row["estimand"],
            f"{row['correlation']:g}",
            *told(row),
        )
        for row in long.to_dict("records")
    )
    columns = ("", "correlation", "change", "95% CI")
    return Table("The intervals under other correlations", columns, rows, folded=True, estimates=long)


def not_compared(results: pd.DataFrame) -> Table:
    """Every published result that is left out: what it reports, and why, from `outcomes.not_compared`."""
    rows = tuple(
        (trial_name(row), _blank(row["n"], "not stated"), _reported(row), note_of(row), source_words(row))
        for row in results.to_dict("records")
    )
    columns = ("", "patients", "reports", "why it is not compared", "source")
    return Table("Published results that are not compared", columns, rows, folded=True, estimates=results)


def published_new_pih(shares: pd.DataFrame) -> Table:
    """New PIH in published trials with exact intervals, from `outcomes.published_new_pih`."""
    rows = tuple(
        (
            trial_name(row),
            skin(row["skin_types"]) or "not stated",
            note_of(row) or of_words(row),
            *(("", "") if pd.isna(row["estimate"]) else rate_of(row)),
            source_words(row),
        )
        for row in shares.to_dict("records")
    )
    columns = ("", "skin types", "new PIH", "share", "exact 95% CI", "source")
    return Table("New PIH in each published trial", columns, rows, folded=True, estimates=shares)


def _reported(row: dict[str, Any]) -> str:
    if pd.isna(row["estimate"]):
        return "no number to compare"
    reported = in_unit(row).estimate
    return f"{reported} {row['unit']}" if row["measure"] == "change" else f"{reported} {row['measure']}"


def _notes(row: dict[str, Any]) -> str:
    if pd.isna(row["estimate"]):
        return note_of(row)
    how = f"means and spreads, correlation {row['correlation']:g} assumed" if row["method"] == ASSUMED else row["method"]
    return "; ".join(filter(None, (how, note_of(row))))


def _blank(value: Any, words: str) -> str:
    return words if pd.isna(value) else f"{value:,}"
