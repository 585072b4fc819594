"""How appearance was judged and how satisfied patients are, in sentences."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.display.words import Prose, counted, percent, span
from outcomes.measures.appearance import well_judged


def appearance(appearance: pd.DataFrame) -> Prose:
    """How appearance and satisfaction were judged after the last session that enough answered, from `outcomes.appearance`."""
    said = []
    for measure, by in (("improved appearance", "patient"), ("improved appearance", "clinician"), ("improved appearance", NOT_RECORDED), ("satisfaction", None)):  # fmt: skip
        rows = appearance[appearance["measure"] == measure]
        enough = well_judged(rows[rows["gais_by"] == by] if by else rows)
        if enough.empty:
            continue
        row = enough.iloc[0]
        k = int(row["session"])
        of = f"{counted(int(row['n']), 'courses')} after {counted(k, 'sessions')}"
        who = {"patient": "Patients", "clinician": "Clinicians", NOT_RECORDED: "Judges who are not recorded"}.get(by or "", "")
        if by:
            said.append(
                f"{who} judged the appearance as improved or better in **{percent(row['estimate'])}** ({span(row['conf_low'], row['conf_high'])}; {of})."
            )
        else:
            said.append(
                f"Satisfaction was **{row['estimate']:.1f} of 10** on average ({row['conf_low']:.1f} to {row['conf_high']:.1f}; {of})."
            )
    if not said:
        return Prose("Overall appearance and satisfaction are not recorded often enough to say.")
    return Prose(" ".join(said) + " These are of those still attending, who are not those who stopped.")
