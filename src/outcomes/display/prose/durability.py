"""What became of the change in the months after the last session, in sentences."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.prose.change import than_before
from outcomes.display.words import Nothing, Prose, counted, is_clear, listed, size_of


def durability(durability: pd.DataFrame) -> Prose:
    """Whether the change lasts, of those who came back: the latest month with enough courses; a paragraph for each endpoint of `outcomes.durability`."""
    each = [rows for _, rows in durability.groupby("endpoint", sort=False)]
    few = [ENDPOINTS[rows["endpoint"].iloc[0]].label for rows in each if _since(rows).empty]
    told = [_lasted(rows) for rows in each if len(_since(rows))]
    if few:
        told.append(f"Too few courses were assessed again later to tell whether a change in {listed(few, 'or')} lasts.")
    return Prose("\n\n".join(told)) if len(few) < len(each) else Nothing(told[-1])


def _since(durability: pd.DataFrame) -> pd.DataFrame:
    """Rows of the months that enough courses were assessed in, and at 1 month too."""
    return durability[(durability["measure"] == "change since 1 month") & (durability["n"] >= FEW)].dropna(subset="conf_low")


def _lasted(durability: pd.DataFrame) -> str:
    of = durability.set_index(["measure", "month"])
    label, scale = ENDPOINTS[durability["endpoint"].iloc[0]].label, SCALES[durability["scale"].iloc[0]]
    row = _since(durability).iloc[-1]
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
