"""Estimates and counts as accessible tables: display only, no statistics."""

from __future__ import annotations

import pandas as pd

from outcomes.cohort.courses import ANALYSED, REASONS
from outcomes.cohort.score_account import SCORE_REASONS
from outcomes.cohort.tally import Tally
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import SCALES
from outcomes.display.prose import percent, with_minus
from outcomes.display.tables.adverse_events import appearance, eligibility, events, events_apart, lasting
from outcomes.display.tables.claims import claims, what_claims_rest_on
from outcomes.display.tables.evidence import correlations, new_pih_published, not_compared, published
from outcomes.display.tables.raters import raters
from outcomes.display.tables.skin_types import skin_types
from outcomes.display.tables.table import ESTIMATES_MIME, Table, amount, interval_of, plain_cell

__all__ = [
    "ESTIMATES_MIME",
    "Table",
    "appearance",
    "by_skin_type",
    "claims",
    "completeness",
    "correlations",
    "eligibility",
    "events",
    "events_apart",
    "findings",
    "flow",
    "lasting",
    "new_pih_published",
    "not_compared",
    "numbers",
    "published",
    "raters",
    "scores",
    "skin_type_counts",
    "skin_types",
    "transitions",
    "what_claims_rest_on",
]

_GROUPS = {
    "skin_type": "skin type",
    "skin_band": "skin types",
    "skin_types": "skin types",
    "session": "sessions",
    "before": "before",
    "after": "after",
}
_SEVERAL = {"endpoint": "endpoint", "estimand": "among"}


def numbers(*estimates: pd.DataFrame, caption: str = "The numbers behind this") -> Table:
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
            with_minus(row["note"]),
        )
        for row in long.to_dict("records")
    )
    return Table(caption, columns, rows, folded=True, estimates=long)


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


def flow(*tallies: Tally) -> Table:
    """Every course once, by why it is or is not analysed; one column per endpoint."""
    counts = [tally.flow.groupby("reason")["n"].sum() for tally in tallies]
    rows = [(reason, *(f"{int(n.get(reason, 0)):,}" for n in counts)) for reason in REASONS]
    sums = ("all courses", *(f"{tally.courses:,}" for tally in tallies))
    return Table("Every course, counted once", ("", *(tally.endpoint.label for tally in tallies)), (*rows, sums))


def scores(account: pd.DataFrame) -> Table:
    """Every score once, by what became of it, from `outcomes.score_account`; one column per endpoint."""
    counts = {name: rows.set_index("reason")["n"] for name, rows in account.groupby("endpoint", sort=False)}
    rows = [(reason, *(f"{n[reason]:,}" for n in counts.values())) for reason in SCORE_REASONS]
    sums = ("all scores", *(f"{n.sum():,}" for n in counts.values()))
    return Table("Every score, counted once", ("", *(ENDPOINTS[name].label for name in counts)), (*rows, sums))


def by_skin_type(*tallies: Tally) -> Table:
    """Analysed courses of each skin type; one column per endpoint. Types that nobody has stay as rows."""
    counts = [tally.flow[tally.flow["reason"] == ANALYSED].set_index("skin_type")["n"] for tally in tallies]
    rows = tuple((f"type {name}", *(f"{int(n.get(name, 0)):,}" for n in counts)) for name in SKIN_TYPES)
    return Table("Analysed courses by Fitzpatrick skin type", ("", *(tally.endpoint.label for tally in tallies)), rows)


def skin_type_counts(counts: pd.DataFrame) -> Table:
    """Courses of each skin type, unmerged, and the group it is compared in, from `outcomes.skin_type_counts`."""
    rows = tuple((f"type {row['skin_type']}", f"{row['courses']:,}", row["group"]) for row in counts.to_dict("records"))
    return Table("Courses that began, by Fitzpatrick skin type", ("", "courses", "looked at as"), rows)


def completeness(recorded: pd.DataFrame) -> Table:
    """At how many visits each column is recorded, from `outcomes.completeness`; folded."""
    rows = tuple(
        (row["column"], f"{row['n']:,}", percent(100 * row["n"] / row["of"]), row["meaning"])
        for row in recorded.to_dict("records")
    )
    return Table("How often each column is recorded", ("column", "visits", "of all visits", "meaning"), rows, folded=True)


def findings(found: pd.DataFrame) -> Table:
    """Every kind of finding in words with its count, from `outcomes.findings`; those with any first."""
    ordered = found.assign(any=found["n"] > 0).sort_values("any", ascending=False, kind="stable")
    rows = tuple(
        (row["finding"], f"{row['n']:,}" if row["of"] else "not recorded", row["sentence"]) for row in ordered.to_dict("records")
    )
    return Table("Findings", ("finding", "how many", "in words"), rows)
