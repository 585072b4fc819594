"""What became of the change in the months after the last session, as a table."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.display.tables.table import Table, estimate_cell, with_direction
from outcomes.display.words import counted, heading


def durability(durability: pd.DataFrame) -> Table:
    """Change from baseline by months after the last session, and since the first of them, from `outcomes.durability`."""
    several = durability["endpoint"].nunique() > 1
    rows = []
    for (name, month), of in durability.groupby(["endpoint", "month"], sort=False):
        at, after = of.set_index("measure"), counted(month, "months")
        cells = [
            estimate_cell(at.loc[measure]) if measure in at.index else ""
            for measure in ("change", "responders", "change since 1 month")
        ]
        rows.append((f"{heading(ENDPOINTS[name])}: {after}" if several else after, *cells))
    columns = ("after the last session", "change", "improved", "change since 1 month, the same courses")
    return Table(
        with_direction("Change after the last session, of patients who came back (95% CI; courses)", durability),
        columns,
        tuple(rows),
        estimates=durability,
    )
