"""What became of the change in the months after the last session, in sentences."""

from __future__ import annotations

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.words import Prose, around, counted, further, heading, moved, signed


def durability_rule(tally: Tally) -> Prose:
    """The rule by which a response counts for the number of sessions it took: it has to last."""
    return Prose(
        f"Here a course counts as responded from the first score at which its {tally.scale.label} had gone {tally.scale.rule}, if that still "
        "held at its next score or there was none. That is stricter than having responded after a certain session, so the figures are lower "
        "than those of the summary."
    )


def durability(durability: pd.DataFrame) -> Prose:
    """Whether the change lasts, of those who came back, from `outcomes.durability`: the latest month with enough courses."""
    of = durability.set_index(["measure", "month"])
    label, scale = heading(ENDPOINTS[durability["endpoint"].iloc[0]]), SCALES[durability["scale"].iloc[0]]
    since = durability[(durability["measure"] == "change since 1 month") & (durability["n"] >= FEW)].dropna(subset="conf_low")
    if since.empty:
        return Prose(f"{label}: too few courses were scored again later to say whether a change lasts.")
    row = since.iloc[-1]
    month = int(row["month"])
    n, first = int(row["n"]), int(of.loc[("change", 1), "n"])
    change = of.loc[("change", month)]
    later = (
        "had not clearly changed since the first month" if row["conf_low"] <= 0 <= row["conf_high"]
        else f"was {further(row)} than at the first month"
    )  # fmt: skip
    return Prose(
        f"{label} **{moved(change, scale.unit)}** {month} months after the last session ({around(change)}; {counted(int(change['n']), 'courses')}), "
        f"and **{later}** ({signed(row['estimate'])} {scale.unit}, 95\N{NO-BREAK SPACE}% interval {signed(row['conf_low'])} to {signed(row['conf_high'])}; "
        f"{counted(n, 'courses')} scored both times). These are **those who came back**: {first:,} were scored at 1 month."
    )
