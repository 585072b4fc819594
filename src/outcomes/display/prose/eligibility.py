"""Sessions given beside guidance, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.columns import EVENTS
from outcomes.definitions.guidance import ALL_QUESTIONS, GUIDANCE, TOO_LATE, TOO_SOON, gravest_first
from outcomes.display.guidance import against_words
from outcomes.display.prose.adverse_events import label
from outcomes.display.words import Prose, counted, listed, percent
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.eligibility import AGAINST, APART, ASKED


def act_on_first(eligibility: pd.DataFrame, overall: pd.DataFrame) -> Prose:
    """What an owner acts on, the gravest first: sessions against guidance, tips used twice, questions not asked."""
    against = eligibility[(eligibility["measure"] == AGAINST) & (eligibility["events"] > 0)].set_index("rule")
    said = [_acted(name, against.loc[name]) for name in gravest_first() if name in against.index]
    asked = eligibility[eligibility["measure"] == ASKED].set_index("rule").loc[ALL_QUESTIONS]
    unasked = int(asked["n"] - asked["events"])
    if unasked:
        said.append(
            f"**{unasked:,} of {counted(int(asked['n']), 'sessions')}** given without an answer to every screening question in the records."
        )
    silent = overall[(overall["measure"] == PER_COURSE) & overall["event"].isin(EVENTS) & (overall["n"] == 0)]["event"]
    if len(silent):
        said.append(f"Begin to record, yes or no, at each visit: {listed([label(name) for name in silent])}.")
    if asked["n"] == 0:
        said.insert(
            0,
            "Begin to record at which visits a session was given (`treated`): sessions can't be held against guidance without it.",
        )
    return Prose("\n".join(f"- {each}" for each in said) or "Nothing in the records asks for action.")


def _acted(name: str, row: Any) -> str:
    what = against_words(name, row["limit"], "given")
    return f"**{int(row['events']):,} of {counted(int(row['n']), GUIDANCE[name].unit)}** {what}."


def eligibility(eligibility: pd.DataFrame) -> Prose:
    """How many of the sessions given were screened, and how far apart they were."""
    of = eligibility.set_index(["measure", "rule"])
    asked, apart = of.loc[(ASKED, ALL_QUESTIONS)], of.loc[(APART, "")]
    if asked["n"] == 0:
        return Prose("No visit is marked as one at which a session was given, so sessions can't be held against guidance.")
    first = (
        f"Of {counted(int(asked['n']), 'sessions')} given, **{percent(asked['estimate'])}** have every screening question answered in the records "
        f"({int(asked['events']):,})."
    )
    if apart["n"] == 0:
        return Prose(f"{first} How far apart they were is not recorded.")
    soon, late = (of.loc[(AGAINST, rule)] for rule in (TOO_SOON, TOO_LATE))
    return Prose(
        f"{first} Sessions were **{apart['estimate']:g} days** apart in the median ({counted(int(apart['n']), 'intervals')}; four weeks are "
        f"usual): {percent(soon['estimate'])} under {soon['limit'] / 7:g} weeks, {percent(late['estimate'])} over {late['limit']:g} days."
    )
