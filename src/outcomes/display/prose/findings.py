"""What to look at in the records, in sentences."""

from __future__ import annotations

import pandas as pd

from outcomes.cohort.findings import ACT_ON
from outcomes.display.words import Prose, plain


def findings(found: pd.DataFrame) -> Prose:
    """The findings that an owner acts on, as a list; or that there are none."""
    seen = found[(found["n"] > 0) & found["finding"].isin(ACT_ON)]
    if seen.empty:
        return Prose("Nothing in the records asks for action.")
    return Prose("\n".join(f"- {plain(sentence)}" for sentence in seen["sentence"]))
