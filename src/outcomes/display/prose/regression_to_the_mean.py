"""How much of a change can be expected from having begun on a bad day, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.prose.continued import CONTINUED
from outcomes.display.words import (
    Nothing,
    Prose,
    change_of,
    counted,
    first_up,
    is_clear,
    percent,
    session_words,
    shown,
    size_of,
    verb,
)
from outcomes.measures.regression_to_the_mean import AFFECTED, AT_MOST, BEYOND, CHANGE, EVERY, PER_AFFECTED, SHIFT


def why_regression_to_the_mean() -> Prose:
    """What regression to the mean is, in words an owner knows."""
    return Prose(
        "Patients who begin treatment on a bad day are assessed as better on an ordinary day, with or without treatment. Records show this "
        "**regression to the mean** where courses were enrolled from a lowest score on; other ways of choosing whom to treat cannot be seen in them."
    )


def regression_to_the_mean(rows: pd.DataFrame) -> Prose:
    """What having begun on a bad day explains and what is left, from `outcomes.regression_to_the_mean`; a paragraph for each endpoint."""
    told = [_told(frame.set_index("measure")) for _, frame in rows.groupby("endpoint", sort=False)]
    if rows.empty or rows.loc[rows["measure"] == CHANGE, "conf_low"].isna().all():
        return Nothing(" ".join(told) or "No course was assessed.")
    return Prose("\n\n".join(told))


def _told(of: pd.DataFrame) -> str:
    change = of.loc[CHANGE]
    label = ENDPOINTS[change["endpoint"]].label
    if pd.isna(change["conf_low"]):
        return f"How much of the change in {label} can be expected from having begun on a bad day **cannot be told**: {note_of(change) or 'no interval'}."
    return _of_every(of, label) if PER_AFFECTED in of.index else _of_selected(of, label)


def _of_every(of: pd.DataFrame, label: str) -> str:
    every, share, per = of.loc[EVERY], of.loc[AFFECTED], of.loc[PER_AFFECTED]
    chosen = f"Some courses had {label} at baseline on a bad day only. "
    if pd.isna(per["conf_low"]):
        return f"{chosen}How {label} changed over every course **cannot be told**: {note_of(per) or note_of(every) or 'no interval'}."
    affected = f"{counted(int(share['n']), 'courses')} began, {percent(share['estimate'])} of them with {label}"
    moved = _moved(every, label, f"{size_of(every).ci}; {affected}")
    told = change_of(per)
    each = f"per course with {label}, that is **{told.estimate} {_unit(per)}** ({told.ci})."
    when = first_up(session_words(every["session"]))
    return f"{chosen}{when}, counting every course assessed for it, {moved}; {each}"


def _of_selected(of: pd.DataFrame, label: str) -> str:
    shift, left = of.loc[SHIFT], of.loc[BEYOND]
    if NoteCode.NO_CUT in codes(shift):
        return (
            f"The scores at which courses began give **no sign that only worse ones were enrolled** for {label}, so nothing of the change is put "
            "down to regression to the mean."
        )
    if pd.isna(shift["estimate"]):
        return (
            f"Only worse scores of {label} seem to have been enrolled, and how much of the change {session_words(shift['session'])} can be "
            f"expected from having begun on a bad day **cannot be told**: {note_of(shift)}."
        )
    at_most = AT_MOST in shift["method"]
    told = shown(abs(shift["estimate"]), abs(shift["conf_high"]), abs(shift["conf_low"]))
    amount = f"{told.estimate.replace('<', 'less than ')} {_unit(shift)}"
    about = amount if "than" in amount else f"{'at most about' if at_most else 'about'} {amount}"
    first = (
        f"**{first_up(about)}** of the change in {label} {session_words(shift['session'])} can be expected from having begun on a "
        f"bad day ({told.ci}), as courses were {note_of(shift)}."
    )
    return f"{first} Beyond that, {_moved(left, label, size_of(left).ci, at_least=at_most)}."


def _moved(row: Any, label: str, said: str, *, at_least: bool = False) -> str:
    """``acne scarring would have improved by 0.9 grades, had every patient continued (...)`` with what is `said`, or that there was no clear change."""
    told = size_of(row)
    if not is_clear(row):
        return f"there would have been **no clear change** in {label}, {CONTINUED} ({told.estimate} {_unit(row)}; {said})"
    least = "at least " if at_least and row["estimate"] < 0 else ""
    return f"{label} would have {verb(row)} by {least}**{told.estimate} {_unit(row)}**, {CONTINUED} ({said})"


def _unit(row: Any) -> str:
    return SCALES[row["scale"]].unit
