"""What became of the change in the months after the last session, as a table."""

from __future__ import annotations

import pandas as pd

from outcomes.display.tables.table import Table, estimate_cell, with_direction
from outcomes.errors import counted


def durability(durability: pd.DataFrame) -> Table:
    """Change from baseline by months after the last session, beside that of the same courses at 1 month, from `outcomes.durability`."""
    measures = ("change", "responders", "change at 1 month, same courses", "change since 1 month")
    rows = []
    for month, of in durability.groupby("month"):
        at = of.set_index("measure")
        cells = [estimate_cell(at.loc[name]) if name in at.index else "" for name in measures]
        rows.append((counted(month, "months"), f"{at.loc['change', 'n']:,}", *cells))
    columns = ("after the last session", "courses", "change", "improved", "the same courses at 1 month", "change since then")
    return Table(
        with_direction("Change after the last session, of patients who came back (95% CI; courses)", durability),
        columns,
        tuple(rows),
        estimates=durability,
    )
