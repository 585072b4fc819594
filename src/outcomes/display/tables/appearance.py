"""How appearance was judged and how satisfied patients are, as a table."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.display.tables.table import Table, estimate_cell, mean_cell

_IMPROVED = {
    "patient": "improved, by patients",
    "clinician": "improved, by clinicians",
    NOT_RECORDED: "improved, judge not recorded",
}


def appearance(estimates: pd.DataFrame) -> Table:
    """Overall appearance and satisfaction by sessions given, from `outcomes.appearance`."""
    improved = estimates[estimates["measure"] == "improved appearance"]
    judges = [name for name in ("patient", "clinician", NOT_RECORDED) if improved.loc[improved["gais_by"] == name, "n"].sum()]
    rows = []
    for session, of in estimates.groupby("session"):
        judged = of[of["measure"] == "improved appearance"].set_index("gais_by")
        asked = of[of["measure"] == "satisfaction"]
        cells = [estimate_cell(judged.loc[name]) if name in judged.index and judged.loc[name, "n"] else "" for name in judges]
        rows.append((f"{session:g}", *cells, mean_cell(asked.iloc[0]) if asked["n"].sum() else ""))
    columns = ("sessions", *(_IMPROVED[name] for name in judges), "satisfaction, 0 to 10")
    caption = "Appearance rated “improved” or better, and satisfaction, of patients still attending (95% CI; courses)"
    return Table(caption, columns, tuple(rows), folded=True, estimates=estimates)
