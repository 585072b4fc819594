"""A rule of guidance in words: its name in a table, and what a session outside it was."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

import pandas as pd

from outcomes.definitions.guidance import CONTRAINDICATIONS, GUIDANCE, gravest_first
from outcomes.display.words import counted, listed, spaced, was_or_were


def rule_title(name: str, limit: float) -> str:
    """What a table calls the rule: ``under 22``, ``pregnant``; a name of no rule stands as it is."""
    rule = GUIDANCE.get(name)
    return (rule.title.format(limit=limit) or spaced(rule.name)) if rule else name


def against_words(name: str, limit: float, verb: str) -> str:
    """What was outside guidance: ``given below the age of 22`` with the verb; tips and intervals have none."""
    rule = GUIDANCE[name]
    words = rule.label.format(limit=limit)
    return f"{verb} {words}" if rule.unit == "sessions" else words


def actions(
    outside: Mapping[str, tuple[int, int, float]], despite: tuple[int, int] | None = None, unasked: tuple[int, int] = (0, 0)
) -> list[str]:
    """What to do about sessions outside guidance, the gravest first; `outside` is how many of how many by rule, with its limit.

    `despite` is how many of how many sessions were given under any contraindication, `unasked` those with a screening question unanswered.

    Example:
        >>> from math import nan
        >>> actions({"tip reused": (3, 922, nan)})
        ['**Use each tip once.** Of 922 tips, 3 were recorded at more than one visit; tips are single-use.']
    """
    found = [name for name in gravest_first() if name in outside]
    contraindicated = [name for name in found if GUIDANCE[name].kind in CONTRAINDICATIONS]
    aged = [name for name in found if GUIDANCE[name].kind == "age"]
    others = [name for name in found if name not in (*contraindicated, *aged)]
    said = [_despite({name: outside[name] for name in contraindicated}, despite)] if contraindicated else []
    if aged or unasked[0]:
        said.append(_screened([outside_words(name, *outside[name]) for name in aged], unasked))
    return [*said, *(f"**{_DO.get(GUIDANCE[name].kind, _FIND_OUT)}.** {outside_words(name, *outside[name])}" for name in others)]


def _despite(by_rule: Mapping[str, tuple[int, int, float]], total: tuple[int, int] | None) -> str:
    """Sessions given under a contraindication, the most frequent first; a session may count under several, so the total is its own."""
    ordered = sorted(by_rule.items(), key=lambda each: -each[1][0])
    if total:
        parts = [f"{part_words(name, limit)} {n:,}" for name, (n, _, limit) in ordered]
        many = "session was" if total[0] == 1 else "sessions were"
        return f"**Find out why {total[0]:,} {many} given despite a recorded contraindication** ({total[0]:,} of {total[1]:,}): {listed(parts)}."
    parts = [f"{part_words(name, limit)} {n:,} of {of:,}" for name, (n, of, limit) in ordered]
    return f"**Find out why sessions were given despite a recorded contraindication**: {listed(parts)}."


def _screened(aged: list[str], unasked: tuple[int, int]) -> str:
    n, of = unasked
    missing = f"An answer is missing at {n:,} of {counted(of, 'sessions')}."
    if aged and n:
        return f"**Check age and every screening question before every session.** {missing} {' '.join(aged)}"
    if aged:
        return f"**Check age before every session.** {' '.join(aged)}"
    return f"**Ask every screening question before every session.** {missing}"


_FIND_OUT = "Find out why"
_DO = {"technique": "Check the depth before every session", "tip": "Use each tip once"}
"""What to do about a rule that was not kept, by its kind."""

_PARTS = {
    "pregnant": "pregnancy",
    "active_skin_cancer": "active skin cancer in the area",
    "isotretinoin": "isotretinoin within {limit:g} months",
}
"""Contraindications as parts of a list, where they are not called by their names."""


def part_words(name: str, limit: float) -> str:
    """A contraindication in a list: ``pregnancy``, ``isotretinoin within 6 months``."""
    return _PARTS.get(name, spaced(name)).format(limit=limit)


def outside_words(name: str, n: int, of: int, limit: float) -> str:
    """How many were outside guidance, as a sentence: ``Of 650 sessions, 2 were given during pregnancy.``"""
    rule = GUIDANCE[name]
    given = "given " if rule.unit == "sessions" else ""
    return f"Of {counted(of, rule.unit)}, {f'{n:,}' if n else 'none'} {was_or_were(n)} {given}{rule.label.format(limit=limit)}."


def guidance_estimates(eligibility: pd.DataFrame) -> pd.DataFrame:
    """`outcomes.eligibility` as it is passed on: each rule by its name, with its limit."""
    named = zip(eligibility["rule"], eligibility["limit"], strict=True)
    names = [name if isnan(limit) else rule_title(name, limit) for name, limit in named]
    return eligibility.assign(rule=names).drop(columns="limit")
