"""Estimates as tables: the numbers behind a picture."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.notes import note_of
from outcomes.display.tables.table import Table, plain_cell, told, with_direction
from outcomes.display.words import heading, improved_by, in_unit, percent, session_words
from outcomes.measures.sessions_to_half import HALF

BEHIND = "The numbers behind this"
"""What a folded table is called where nothing else names it."""

_GROUPS = {
    "skin_type": "skin type",
    "skin_band": "skin types",
    "skin_types": "skin types",
    "session": "sessions",
    "before": "before",
    "after": "after",
}

_MEASURES = {
    "responders": "improved",
    "percent of the possible": "per cent of the possible",
    "responded by, at least": "lasting improvement, at least",
    "responded by, at most": "lasting improvement, at most",
    HALF: "session by which half would have improved",
    "gain of this session": "further change with this session",
}
"""Measures as people read them, where they are not called by their names."""

_AMONG = {
    "continued": "all patients (estimated)",
    "observed": "still attending",
    "as_treated": "last assessment",
    "sessions to response": "all courses that could improve",
}
"""Whom an estimate is of, as people read it."""

_NAMED = _AMONG | _MEASURES | {name: endpoint.label for name, endpoint in ENDPOINTS.items()}

_SEVERAL = {"measure": "measure", "endpoint": "endpoint", "estimand": "among"}


def numbers(*estimates: pd.DataFrame, caption: str = BEHIND) -> Table:
    """The estimates behind a picture, folded: one row each, with its interval, n and unit. Methods and notes are in ``estimates.csv``."""
    long = pd.concat(estimates, ignore_index=True)
    labels = {name: label for name, label in _SEVERAL.items() if long[name].nunique() > 1}
    labels |= {name: label for name, label in _GROUPS.items() if name in long and long[name].notna().any()}
    # Every row has a name: where nothing tells rows apart, what they measure.
    labels = labels or {"measure": "measure"}
    columns = (*labels.values(), "courses", "estimate (95% CI)")
    rows = tuple(
        (
            *(_NAMED.get(row[name]) or plain_cell(row[name]) for name in labels),
            f"{row['n']:,}",
            _with_unit(row),
        )
        for row in long.to_dict("records")
    )
    return Table(with_direction(caption, long), columns, rows, folded=True, estimates=long)


def _with_unit(row: dict[str, Any]) -> str:
    """The estimate with its interval and unit; why there is none."""
    shown = told(row)
    if not shown.estimate:
        return note_of(row)
    # What is 0 by its rule has no interval, though it is taken as one from 0 to 0 in what is computed from it.
    cell = shown.estimate if row["conf_low"] == row["conf_high"] == 0 == row["estimate"] else shown.cell
    if row["measure"] == HALF:
        return f"session {cell}"
    return cell if row["unit"].startswith("%") else f"{cell} {row['unit']}"


def ways_of_counting(*estimates: pd.DataFrame, session: int) -> Table:
    """The result after `session` of all patients (estimated) and of those still attending, and that at the last assessment.

    `estimates` hold rows of ``change`` and ``responders`` of estimands ``continued``, ``observed`` and ``as_treated``.
    """
    long = pd.concat(estimates, ignore_index=True)
    asked = long[
        ((long["session"] == session) | (long["estimand"] == "as_treated")) & long["measure"].isin(["change", "responders"])
    ]
    rows: list[tuple[str, ...]] = []
    groups: list[tuple[str, int]] = []
    for name, of_endpoint in asked.groupby("endpoint", sort=False):
        scale, before = SCALES[of_endpoint["scale"].iloc[0]], len(rows)
        for among, of in of_endpoint.groupby("estimand", sort=False):
            by = of.set_index("measure")
            cells = [_with_interval(by.loc[measure]) if measure in by.index else "" for measure in ("change", "responders")]
            rows.append((_AMONG[among], f"{by['n'].iloc[0]:,}", *cells))
        groups.append((f"{heading(ENDPOINTS[name])}, {scale.unit}; improved {improved_by(scale)}", len(rows) - before))
    caption = f"The result counted in three ways: {session_words(session)}, and at the last assessment (95% CI)"
    columns = ("", "courses", "change", "improved")
    return Table(with_direction(caption, long), columns, tuple(rows), groups=tuple(groups), numbers=(1, 2, 3))


def _with_interval(row: pd.Series) -> str:
    if row["n"] < FEW and NoteCode.AT_BEST_LEFT_OUT not in codes(row):
        return f"too few ({row['n']})"
    return in_unit(row).cell if row["n"] >= FEW and pd.notna(row["estimate"]) else note_of(row)


def transitions(estimates: pd.DataFrame) -> Table:
    """Grade before (rows) by grade after (columns), in per cent of each row, from `outcomes.transitions`; folded."""
    grades = sorted(estimates["before"].unique())
    rows = tuple(
        (str(before), f"{row['n'].iloc[0]:,}", *("" if pd.isna(share) else percent(share) for share in row["estimate"]))
        for before, row in ((before, estimates[estimates["before"] == before].sort_values("after")) for before in grades)
    )
    columns = ("grade before", "courses", *(f"{grade} after" for grade in grades))
    scale = SCALES[estimates["scale"].iloc[0]].label
    return Table(
        f"{scale} before and at the last assessment, per cent of each row", columns, rows, folded=True, estimates=estimates
    )
