"""What to check in the records, as a table."""

from __future__ import annotations

import pandas as pd

from outcomes.display.prose.findings import finding_title, finding_words
from outcomes.display.tables.table import Table


def findings(found: pd.DataFrame) -> Table:
    """Every kind of finding in words with its count, from `outcomes.findings`, those with any first; folded."""
    ordered = found.assign(any=found["n"] > 0).sort_values("any", ascending=False, kind="stable")
    rows = tuple(
        (finding_title(row), f"{row['n']:,}" if row["of"] else "not recorded", finding_words(row))
        for row in ordered.to_dict("records")
    )
    return Table("Every finding, also those that there are none of", ("finding", "how many", "in words"), rows, folded=True)
