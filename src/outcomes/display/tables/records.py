"""Who is in and what is recorded, as tables."""

from __future__ import annotations

import pandas as pd

from outcomes.cohort.courses import REASONS
from outcomes.cohort.tally import Tally
from outcomes.display.tables.table import Table
from outcomes.display.words import percent


def flow(*tallies: Tally) -> Table:
    """Every course once, by why it is or is not analysed; one column per endpoint."""
    counts = [tally.flow.groupby("reason")["n"].sum() for tally in tallies]
    rows = [(reason, *(f"{int(n.get(reason, 0)):,}" for n in counts)) for reason in REASONS]
    sums = ("all courses", *(f"{tally.courses:,}" for tally in tallies))
    return Table("Every course, counted once", ("", *(tally.endpoint.label for tally in tallies)), (*rows, sums), folded=True)


def completeness(recorded: pd.DataFrame) -> Table:
    """At how many visits each column is recorded, from `outcomes.completeness`; folded."""
    rows = tuple(
        (row["column"], f"{row['n']:,}", percent(100 * row["n"] / row["of"]), row["meaning"])
        for row in recorded.to_dict("records")
    )
    return Table("How often each column is recorded", ("column", "visits", "of all visits", "meaning"), rows, folded=True)
