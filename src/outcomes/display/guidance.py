"""A rule of guidance in words: its name in a table, and what a session against it was."""

from __future__ import annotations

from math import isnan

import pandas as pd

from outcomes.definitions.guidance import GUIDANCE
from outcomes.display.words import spaced


def rule_title(name: str, limit: float) -> str:
    """What a table calls the rule: ``under 22``, ``pregnant``; a name of no rule stands as it is."""
    rule = GUIDANCE.get(name)
    return (rule.title.format(limit=limit) or spaced(rule.name)) if rule else name


def against_words(name: str, limit: float, verb: str) -> str:
    """What was against guidance: ``given below the age of 22`` with the verb; tips and intervals have none."""
    rule = GUIDANCE[name]
    words = rule.label.format(limit=limit)
    return f"{verb} {words}" if rule.unit == "sessions" else words


def guidance_estimates(eligibility: pd.DataFrame) -> pd.DataFrame:
    """`outcomes.eligibility` as it is passed on: each rule by its name, with its limit."""
    named = zip(eligibility["rule"], eligibility["limit"], strict=True)
    names = [name if isnan(limit) else rule_title(name, limit) for name, limit in named]
    return eligibility.assign(rule=names).drop(columns="limit")
