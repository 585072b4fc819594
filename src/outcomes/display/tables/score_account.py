"""Every score, counted once, as a table."""

from __future__ import annotations

import pandas as pd

from outcomes.cohort.score_account import SCORE_REASONS
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.display.tables.table import Table


def score_account(account: pd.DataFrame) -> Table:
    """Every score once, by what became of it, from `outcomes.score_account`; one column per endpoint."""
    counts = {name: rows.set_index("reason")["n"] for name, rows in account.groupby("endpoint", sort=False)}
    rows = [(reason, *(f"{n[reason]:,}" for n in counts.values())) for reason in SCORE_REASONS]
    sums = ("all scores", *(f"{n.sum():,}" for n in counts.values()))
    return Table("Every score, counted once", ("", *(ENDPOINTS[name].label for name in counts)), (*rows, sums), folded=True)
