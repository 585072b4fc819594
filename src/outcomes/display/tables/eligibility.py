"""Sessions given and guidance, as a table."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.guidance import GUIDANCE, TOO_LATE, TOO_SOON
from outcomes.display.guidance import against_words, guidance_estimates
from outcomes.display.tables.table import Table, count_cell
from outcomes.measures.eligibility import AGAINST


def eligibility(estimates: pd.DataFrame) -> Table:
    """One row for each rule of guidance and provider of `outcomes.eligibility`: how often it was not kept, and how often not recorded."""
    by = "provider_id" in estimates
    groups = estimates.groupby("provider_id", sort=False) if by else [("", estimates)]
    rows = []
    for group, of in groups:
        blank = of[of["measure"] == NOT_RECORDED].set_index("rule")
        # How far sessions were apart is told in words.
        for row in of[(of["measure"] == AGAINST) & ~of["rule"].isin([TOO_SOON, TOO_LATE])].to_dict("records"):
            missing = count_cell(blank.loc[row["rule"]])[0] if row["rule"] in blank.index else ""
            what = f"{GUIDANCE[row['rule']].unit} {against_words(row['rule'], row['limit'], 'given')}"
            first = (str(group), what) if by else (what,)
            rows.append((*first, *count_cell(row), missing))
    columns = (*(("provider",) if by else ()), "", "how many", "of those recorded", "not recorded")
    caption = "Sessions outside guidance, by provider" if by else "Sessions outside guidance"
    return Table(caption, columns, tuple(rows), folded=by, estimates=guidance_estimates(estimates))
