"""What became of the change in the months after the last session, as a table."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.tables.table import Table, estimate_cell, with_direction
from outcomes.display.words import counted, heading


def durability(durability: pd.DataFrame) -> Table:
    """Change from baseline by months after the last session, and since the first of them, from `outcomes.durability`."""
    rows: list[tuple[str, ...]] = []
    groups: list[tuple[str, int]] = []
    for name, of_endpoint in durability.groupby("endpoint", sort=False):
        before = len(rows)
        for month, of in of_endpoint.groupby("month", sort=False):
            at = of.set_index("measure")
            # A month in which too few were seen is no row of its own.
            if at.loc["change", "n"] >= FEW or month == 1:
                rows.append(
                    (counted(month, "months"), *(estimate_cell(at.loc[name]) if name in at.index else "" for name in _SHOWN))
                )
        groups.append((f"{heading(ENDPOINTS[name])}, {SCALES[of_endpoint['scale'].iloc[0]].unit}", len(rows) - before))
    columns = ("after the last session", "change", "improved", "change since 1 month, the same courses")
    caption = with_direction("Change after the last session, of patients who came back (95% CI; courses)", durability)
    return Table(caption, columns, tuple(rows), groups=tuple(groups), numbers=(1, 2, 3), estimates=durability)


_SHOWN = ("change", "responders", "change since 1 month")
