"""How much of a change can be expected from having enrolled on a bad day, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.display.notes import note_of
from outcomes.display.words import Prose, around, counted, first_up, is_tiny, number, percent, session_words, signed, size
from outcomes.measures.regression_to_the_mean import AFFECTED, AT_MOST, BEYOND, CHANGE, EVERY, PER_AFFECTED, SHIFT


def why_regression_to_the_mean() -> Prose:
    """What regression to the mean is, in words an owner knows."""
    return Prose(
        "Scores go up and down from day to day. Whoever is enrolled on a bad day is assessed as better on an ordinary one, with or "
        "without treatment: this is called **regression to the mean**. Records show it where courses were enrolled from a lowest score on; other "
        "ways of choosing whom to treat cannot be seen in them."
    )


def regression_to_the_mean(rows: pd.DataFrame) -> Prose:
    """What having enrolled on a bad day explains and what is left, from `outcomes.regression_to_the_mean`; a paragraph for each endpoint."""
    told = [_told(frame.set_index("measure")) for _, frame in rows.groupby("endpoint", sort=False)]
    return Prose("\n\n".join(told) or "Nothing was assessed.")


def _told(of: pd.DataFrame) -> str:
    change = of.loc[CHANGE]
    label = ENDPOINTS[change["endpoint"]].label
    if pd.isna(change["conf_low"]):
        return f"How much of the change in {label} can be expected from having enrolled on a bad day **cannot be told**: {note_of(change) or 'no interval'}."
    return _of_every(of, label) if PER_AFFECTED in of.index else _of_selected(of, label)


def _of_every(of: pd.DataFrame, label: str) -> str:
    every, share, per = of.loc[EVERY], of.loc[AFFECTED], of.loc[PER_AFFECTED]
    chosen = f"Courses with {label} at baseline include some that had it on a bad day only. "
    if pd.isna(per["conf_low"]):
        return f"{chosen}How {label} changed over every course **cannot be told**: {note_of(per) or note_of(every) or 'no interval'}."
    affected = f"{counted(int(share['n']), 'courses')} began, {percent(share['estimate'])} of them with {label}"
    moved = _moved(every, label, f"{session_words(every['session'])}; {around(every)}; {affected}")
    each = f"Per course with {label}, that is **{signed(per['estimate'])} {_unit(per)}** ({_signed_range(per)})."
    return f"{chosen}Counting every course assessed for {label}, also those without it at baseline, {moved}. {each}"


def _of_selected(of: pd.DataFrame, label: str) -> str:
    shift, left = of.loc[SHIFT], of.loc[BEYOND]
    if NoteCode.NO_CUT in codes(shift):
        return (
            f"The scores at which courses began give **no sign that only worse ones were enrolled** for {label}, so nothing of the change "
            f"{session_words(shift['session'])} is put down to a bad day."
        )
    if pd.isna(shift["estimate"]):
        return (
            f"Only worse scores of {label} seem to have been enrolled, and how much of the change {session_words(shift['session'])} can be "
            f"expected from having enrolled on a bad day **cannot be told**: {note_of(shift)}."
        )
    at_most = AT_MOST in shift["method"]
    amount = f"{size(shift['estimate'])} {_unit(shift)}"
    about = amount if is_tiny(shift["estimate"]) else f"{'at most about' if at_most else 'about'} {amount}"
    first = (
        f"**{first_up(about)}** of the change in {label} {session_words(shift['session'])} can be expected from having enrolled on a "
        f"bad day ({_range(shift)}), as courses were {note_of(shift)}."
    )
    return f"{first} Beyond that, {_moved(left, label, around(left), at_least=at_most)}."


def _moved(row: Any, label: str, said: str, *, at_least: bool = False) -> str:
    """``acne scarring would have improved by 0.9 grades (...)`` with what is `said` of it, or that there was no clear change."""
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return f"there was **no clear change** in {label} ({signed(row['estimate'])} {_unit(row)}; {said})"
    how = "improved" if row["estimate"] < 0 else "worsened"
    least = "at least " if at_least and row["estimate"] < 0 else ""
    return f"{label} would have {how} by {least}**{size(row['estimate'])} {_unit(row)}** ({said})"


def _unit(row: Any) -> str:
    return SCALES[row["scale"]].unit


def _range(row: Any) -> str:
    return f"95\N{NO-BREAK SPACE}% interval {number(abs(row['conf_high']))} to {number(abs(row['conf_low']))}"


def _signed_range(row: Any) -> str:
    """The interval of a change that stands with its sign."""
    return f"95\N{NO-BREAK SPACE}% interval {signed(row['conf_low'])} to {signed(row['conf_high'])}"
