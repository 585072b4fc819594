"""Sessions given and guidance, in sentences."""

from __future__ import annotations

import pandas as pd

from outcomes.definitions.columns import EVENTS
from outcomes.definitions.guidance import ALL_QUESTIONS, TOO_LATE, TOO_SOON, USUAL_INTERVAL
from outcomes.display.guidance import actions
from outcomes.display.prose.adverse_events import label
from outcomes.display.texts import Prose
from outcomes.display.words import counted, listed, percent, was_or_were
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.eligibility import AGAINST, APART, ASKED


def act_on_first(eligibility: pd.DataFrame, overall: pd.DataFrame, contraindications: pd.DataFrame | None = None) -> Prose:
    """What an owner acts on, as a list, from the measures of these names; `overall` are `outcomes.adverse_events`."""
    return Prose("\n".join(f"- {each}" for each in actions_on(eligibility, overall, contraindications)) or NOTHING)


def actions_on(eligibility: pd.DataFrame, overall: pd.DataFrame, contraindications: pd.DataFrame | None = None) -> list[str]:
    """What an owner acts on, the gravest first: sessions outside guidance, questions not asked, tips used twice."""
    against = eligibility[(eligibility["measure"] == AGAINST) & (eligibility["events"] > 0)].to_dict("records")
    asked = eligibility[eligibility["measure"] == ASKED].set_index("rule").loc[ALL_QUESTIONS]
    given = int(asked["n"])
    total = None if contraindications is None or contraindications.empty else contraindications.iloc[0]
    said = actions(
        {row["rule"]: (int(row["events"]), int(row["n"]), row["limit"]) for row in against},
        None if total is None else (int(total["events"]), int(total["n"])),
        (given - int(asked["events"]), given),
    )
    silent = overall[(overall["measure"] == PER_COURSE) & overall["event"].isin(EVENTS) & (overall["n"] == 0)]["event"]
    if len(silent):
        said.append(f"**Ask at every visit, yes or no:** {listed([label(name) for name in silent])}. No answer is recorded.")
    if asked["n"] == 0:
        said.insert(
            0,
            "**Record at which visits a session was given** (`treated`). Without it, sessions cannot be compared with guidance.",
        )
    return said


NOTHING = "Nothing needs action: no session was recorded outside guidance."


def eligibility(eligibility: pd.DataFrame) -> Prose:
    """How many of the sessions given were screened, and how far apart they were."""
    of = eligibility.set_index(["measure", "rule"])
    asked, apart = of.loc[(ASKED, ALL_QUESTIONS)], of.loc[(APART, "")]
    if asked["n"] == 0:
        return Prose("No visit is marked as one at which a session was given, so sessions cannot be compared with guidance.")
    first = (
        f"Before {int(asked['events']):,} of {counted(int(asked['n']), 'sessions')} (**{percent(asked['estimate'])}**), an answer to every "
        "screening question is recorded."
    )
    if apart["n"] == 0:
        return Prose(f"{first} How far apart sessions were is not recorded.")
    soon, late = (of.loc[(AGAINST, rule)] for rule in (TOO_SOON, TOO_LATE))
    return Prose(
        f"{first} Sessions were a median of **{apart['estimate']:g} days** apart; {USUAL_INTERVAL} are usual. Of "
        f"{counted(int(apart['n']), 'intervals')}, {_how_many(soon)} shorter than {soon['limit']:g} days and {_how_many(late)} longer than "
        f"{late['limit']:g} days."
    )


def _how_many(row: pd.Series) -> str:
    n = int(row["events"])
    return f"{f'{n:,}' if n else 'none'} {was_or_were(n)}"
