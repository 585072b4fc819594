"""How unlike similar patients those not scored would have to be for the conclusion to change."""

from __future__ import annotations

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.measures.continued_by_session import change_rows, continued_frame
from outcomes.measures.estimates import each_tally
from outcomes.measures.estimators import METHOD, continued_by_group


@each_tally
def tipping_point(tally: Tally, *, level: float = 0.95) -> pd.DataFrame:
    """How unlike similar patients those not scored would have to be for the conclusion to change.

    The scores not seen after session k are shifted by delta; the mean moves by delta times the share not seen. The row gives
    the delta, in scale units, at which the interval of the change first touches no change: positive, worse than similar
    patients, where the change is an improvement; negative, better, where it is a worsening; nan with a note where the interval
    holds no change already, nobody is unseen or there is no interval. One row per session, measure ``delta``.

    References:
        Little (1993), J Am Stat Assoc 88:125-134 (pattern mixtures); Cro et al. (2020), Stat Med 39:2815-2842 (delta).

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.tipping_point(scarring).query("session == 3")["estimate"].round(1).tolist()
        [1.9]
    """
    (of,) = continued_by_group(tally, None).values()
    none = {"conf_low": np.nan, "conf_high": np.nan}
    rows = []
    for row in change_rows("", of, level):
        unseen = 1 - row["n"] / of.enrolled
        near = row["conf_high"] if row["conf_high"] < 0 else row["conf_low"] if row["conf_low"] > 0 else np.nan
        if np.isnan(row["conf_high"]):
            notes: Notes = row["note"] or (Note(NoteCode.NO_INTERVAL),)
        elif np.isnan(near):
            notes = (Note(NoteCode.HOLDS_NO_CHANGE),)
        else:
            notes = (Note(NoteCode.UNSEEN, 100 * unseen) if unseen else Note(NoteCode.NOBODY_UNSEEN),)
        rows.append(row | none | {"estimate": -near / unseen if unseen else np.nan, "note": notes})
    return continued_frame(rows, tally, None, "delta", tally.scale.unit, f"pattern mixture; {METHOD}")
