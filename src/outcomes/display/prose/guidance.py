"""A rule of guidance in words: its name in a table, and what a session against it was."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.guidance import GUIDANCE
from outcomes.measures.eligibility import AGAINST


def rule_title(name: str, limit: float) -> str:
    """What a table calls the rule: ``under 22``, ``pregnant``; a name of no rule stands as it is."""
    rule = GUIDANCE.get(name)
    return (rule.title.format(limit=limit) or rule.name.replace("_", " ")) if rule else name


def against_words(name: str, limit: float, verb: str) -> str:
    """What was against guidance: ``given below the age of 22`` with the verb; tips and intervals have none."""
    rule = GUIDANCE[name]
    words = rule.label.format(limit=limit)
    return f"{verb} {words}" if rule.unit == "sessions" else words


def guidance_estimates(eligibility: pd.DataFrame) -> pd.DataFrame:
    """`outcomes.eligibility` as it is passed on: the rule by its name with its limit, and in the note what was against it."""
    rows = eligibility.to_dict("records")
    names = [row["rule"] if row["limit"] != row["limit"] else rule_title(row["rule"], row["limit"]) for row in rows]
    notes = [
        against_words(row["rule"], row["limit"], "treated")
        if row["measure"] == AGAINST and row["rule"] in GUIDANCE
        else row["note"]
        for row in rows
    ]
    return eligibility.assign(rule=names, note=notes).drop(columns="limit")
