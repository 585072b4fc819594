"""Blinding and agreement of assessors as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.display.tables.table import Table, told
from outcomes.display.words import counted, heading, percent, session_words
from outcomes.measures.blinding import BLIND
from outcomes.measures.raters import SAME

_BLINDED = {"yes": "taken blind", "no": "not taken blind", NOT_RECORDED: "not recorded whether blind"}


def raters(blinding: pd.DataFrame, compared: pd.DataFrame, agreed: pd.DataFrame) -> Table:
    """`outcomes.blinding`, `outcomes.blind_headline` and `outcomes.agreement` below each other."""
    scores = [
        (
            f"{_of(row)}scores after a session, {_BLINDED[row['blinded']]}",
            f"{row['n']:,} of {row['of']:,}",
            _percent(row["percent"]),
            "",
        )
        for row in blinding.to_dict("records")
    ]
    changes = [
        (
            f"{_of(row)}change {session_words(row['session'])}, {'blind scores alone' if row['estimand'] == BLIND else 'all scores'}",
            counted(int(row["n"]), "courses"),
            f"{told(row).estimate} {row['unit']}" if told(row).estimate else "",
            told(row).interval,
        )
        for row in compared.to_dict("records")
    ]
    agreements = [
        (
            f"{_of(row)}two assessors: {row['measure']}{', before the first session' if row['session'] == 0 else ''}",
            counted(int(row["n"]), "pairs of scores", "pair of scores"),
            *((_percent(row["estimate"]), "") if row["measure"] == SAME else told(row)),
        )
        for row in agreed.to_dict("records")
    ]
    return Table(
        "Blinding, and agreement of assessors",
        ("", "counted", "result", "95% CI"),
        (*scores, *changes, *agreements),
        folded=True,
        estimates=pd.concat([frame for frame in (compared, agreed) if len(frame)], ignore_index=True),
    )


def _of(row: dict[str, Any]) -> str:
    """The endpoint that a row is of, as it begins the row's name."""
    return f"{heading(ENDPOINTS[row['endpoint']])}: "


def _percent(value: float) -> str:
    return "" if pd.isna(value) else percent(value)
