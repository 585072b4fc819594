"""What became of the change in the months after the last session, in sentences."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.prose.change import than_before
from outcomes.display.words import Prose, counted, is_clear, size_of


def durability(durability: pd.DataFrame) -> Prose:
    """Whether the change lasts, of those who came back: the latest month with enough courses; a paragraph for each endpoint of `outcomes.durability`."""
    return Prose("\n\n".join(_lasted(rows) for _, rows in durability.groupby("endpoint", sort=False)))


def _lasted(durability: pd.DataFrame) -> str:
    of = durability.set_index(["measure", "month"])
    label, scale = ENDPOINTS[durability["endpoint"].iloc[0]].label, SCALES[durability["scale"].iloc[0]]
    since = durability[(durability["measure"] == "change since 1 month") & (durability["n"] >= FEW)].dropna(subset="conf_low")
    if since.empty:
        return f"Too few courses were assessed again later to tell whether a change in {label} lasts."
    row = since.iloc[-1]
    month, both = int(row["month"]), f"{counted(int(row['n']), 'courses')} assessed both times"
    change = of.loc[("change", month)]
    told = size_of(row)
    later = (
        f"and {told.estimate} {scale.unit} {'better' if row['estimate'] < 0 else 'worse'} than at the first month ({told.ci}; {both})"
        if is_clear(row)
        else f"with no clear change since the first month ({both})"
    )
    said = than_before(change, label, counted(int(change["n"]), "courses"))
    return f"At {counted(month, 'months')} after the last session, {said}, {later}."
