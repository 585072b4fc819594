"""What patients hear and the clinic's own records, as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.display.claim_rules import rule_words
from outcomes.display.notes import note_of, note_words
from outcomes.display.prose.claims import claim_number
from outcomes.display.prose.skin_types import about_more
from outcomes.display.tables.table import Table
from outcomes.display.words import first_up, typeset


def claims(judged: pd.DataFrame) -> Table:
    """One row per claim of `outcomes.claims`: the words patients hear, the verdict, and the clinic's own number."""
    rows = tuple((_name(row), _verdict(row), first_up(claim_number(row, interval=""))) for row in judged.to_dict("records"))
    columns = ("what patients hear", "verdict", "our own records (95% CI)")
    return Table("What patients hear, and what our own records show", columns, rows, worded=True, estimates=judged)


def what_claims_rest_on(judged: pd.DataFrame) -> Table:
    """The rule of each claim, and what its number rests on: courses, model or count, assumption, and what to note about it; folded."""
    rows = tuple(
        (
            _name(row),
            rule_words(row["rule"]),
            typeset(note_words(row["rests_on"])),
            note_of(row) if row["note"] != row["rests_on"] else "",
        )
        for row in judged.to_dict("records")
    )
    columns = ("what patients hear", "the rule", "rests on", "to note")
    return Table("The rule of each verdict, and what it rests on", columns, rows, folded=True, worded=True, estimates=judged)


def _verdict(row: dict[str, Any]) -> str:
    """With how many more courses would be likely to decide, where that can be told."""
    verdict = str(row["verdict"])
    wanted = not pd.isna(row["n_more"]) and row["n_more"] > 0
    return f"{verdict}: {about_more(row['n_more'])} needed" if wanted else verdict


def _name(row: dict[str, str]) -> str:
    return typeset(f"{row['claim']}. {row['said']}")
