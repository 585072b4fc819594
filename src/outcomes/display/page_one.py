"""The first page of a report: four questions with their answers, what to act on, and what to be careful about.

Nothing here is computed for it alone: every number is one that a section of the report shows in the same form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.columns import NEW_PIH, NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.guidance import ALL_QUESTIONS, CONTRAINDICATIONS, GUIDANCE, UNDER_AGE, gravest_first
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.guidance import rule_title
from outcomes.display.prose.adverse_events import adverse_event_differences, label
from outcomes.display.words import counted, first_up, listed, ordinal, percent, rate, rates, session_words, span
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.claim_rules import CONTRADICTED, KEPT, NOT_ENOUGH, NOT_KEPT, SUPPORTED
from outcomes.measures.eligibility import AGAINST, ASKED
from outcomes.measures.sessions_to_half import HALF

PAGE_ONE_MIME = "application/vnd.outcomes.page-one+json"
"""Where a shown first page carries its parts, which the report lays out."""

TOO_FEW = "Too few"


@dataclass(frozen=True)
class Tile:
    """A question of the owner's with its answer: `figure` and its `unit` are read first, `line` is the interval and n.

    `section` is the notebook that answers it at length.
    """

    question: str
    section: str
    figure: str
    unit: str
    line: str
    sentences: tuple[str, ...]

    def markdown(self) -> str:
        """The tile as text."""
        return f"**{self.question}** **{self.figure} {self.unit}** ({self.line}). {' '.join(self.sentences)}"


@dataclass(frozen=True)
class PageOne:
    """The parts of the first page; a notebook shows them as text, the report side by side."""

    tiles: tuple[Tile, ...]
    actions: tuple[str, ...]
    careful: tuple[str, ...]

    def markdown(self) -> str:
        """All of it as text."""
        actions = [f"{number}. {action}" for number, action in enumerate(self.actions, start=1)]
        careful = [f"- {point}" for point in self.careful]
        parts = [
            *(tile.markdown() for tile in self.tiles),
            "### What to act on",
            "\n".join(actions) or NOTHING,
            "### What to be careful about",
            "\n".join(careful),
        ]
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return self.markdown()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/markdown": self.markdown(), PAGE_ONE_MIME: asdict(self)}


NOTHING = "Nothing needs action: no session was recorded outside guidance."


def page_one(
    headline: pd.DataFrame,
    sessions: pd.DataFrame,
    gains: pd.DataFrame,
    events: pd.DataFrame,
    events_by_half: pd.DataFrame,
    event_differences: pd.DataFrame,
    claims: pd.DataFrame,
    eligibility: pd.DataFrame,
) -> PageOne:
    """The first page of a report, from the measures of these names; `sessions` are `outcomes.sessions_to_half`.

    `events` are `outcomes.adverse_events`, `events_by_half` those by ``skin_types``, `event_differences` are `outcomes.adverse_event_differences`.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> of = cohort.tallies()
        >>> events = [outcomes.adverse_events(cohort), outcomes.adverse_events(cohort, by="skin_types")]
        >>> page = outcomes.page_one(
        ...     outcomes.headline(of),
        ...     outcomes.sessions_to_half(cohort),
        ...     outcomes.gain_by_session(of),
        ...     *events,
        ...     outcomes.adverse_event_differences(cohort),
        ...     outcomes.claims(cohort),
        ...     outcomes.eligibility(cohort),
        ... )
        >>> [tile.figure for tile in page.tiles][1::2]
        ['2', '5 of 7']
    """
    return PageOne(
        tiles=(
            _how_much(headline),
            _how_many(sessions, gains, headline),
            _safe(events, events_by_half, event_differences),
            _true(claims),
        ),
        actions=tuple(_actions(claims, eligibility))[:3],
        careful=tuple(_careful(claims)),
    )


def _how_much(headline: pd.DataFrame) -> Tile:
    shares = headline[(headline["measure"] == "responders") & (headline["estimand"] == "continued")]
    question, section = "How much better?", "3_improvement"
    rows = shares.to_dict("records")
    known = [row for row in rows if not pd.isna(row["estimate"])]
    if not known:
        n = int(shares["n"].max()) if len(shares) else 0
        return Tile(question, section, TOO_FEW, "", f"{counted(n, 'courses')}; {FEW} are needed", ())
    first = known[0]
    said = [
        f"{percent(row['estimate'])}{'' if place else ' of courses would have improved'} in {ENDPOINTS[row['endpoint']].label} "
        f"({SCALES[row['scale']].rule})"
        for place, row in enumerate(known)
    ]
    interval = "" if pd.isna(first["conf_low"]) else f"95% CI {span(first['conf_low'], first['conf_high'])}; "
    return Tile(
        question,
        section,
        percent(first["estimate"]),
        "improved",
        f"{interval}{counted(int(first['n']), 'courses')} assessed",
        (f"{first_up(session_words(first['session']))}, {' and '.join(said)}, had every patient continued.",),
    )


def _how_many(sessions: pd.DataFrame, gains: pd.DataFrame, headline: pd.DataFrame) -> Tile:
    question, section = "How many sessions?", "5_sessions"
    half = sessions[sessions["measure"] == HALF].to_dict("records")
    more = _another(gains, headline)
    if not half or pd.isna(half[0]["estimate"]):
        n = int(half[0]["n"]) if half else 0
        return Tile(question, section, TOO_FEW, "", f"{counted(n, 'courses')} assessed; half were not reached", more)
    row = half[0]
    low, high = row["conf_low"], row["conf_high"]
    ends = f"{low:g} or later" if pd.isna(high) else f"{low:g}" if low == high else f"{low:g}\N{EN DASH}{high:g}"
    by = f"Half of courses would have improved ({SCALES[row['scale']].rule}) by session {row['estimate']:g}."
    return Tile(
        question,
        section,
        f"{row['estimate']:g}",
        f"{'session' if row['estimate'] == 1 else 'sessions'} for half",
        f"95% CI {ends}; {counted(int(row['n']), 'courses')} assessed",
        (by, *more),
    )


def _another(gains: pd.DataFrame, headline: pd.DataFrame) -> tuple[str, ...]:
    """What one more session than the headline's brought, of the leading endpoint."""
    change = headline[headline["measure"] == "change"]
    if change.empty:
        return ()
    first, session = change.iloc[0]["endpoint"], int(change.iloc[0]["session"])
    after = gains[
        (gains["endpoint"] == first) & (gains["since"] == session) & (gains["session"] == session + 1) & (gains["n"] >= FEW)
    ]
    after = after.dropna(subset=["estimate", "conf_low"])
    if after.empty:
        return ()
    row = after.iloc[0]
    name = f"A {ordinal(session + 1)} session"
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return (f"{name} brought no clear further improvement, although a small benefit remains possible.",)
    return (f"{name} brought {'a further improvement' if row['estimate'] < 0 else 'a worsening'}.",)


def _safe(events: pd.DataFrame, by_half: pd.DataFrame, differences: pd.DataFrame) -> Tile:
    question, section = "Is it safe, also for darker skin?", "6_safety"
    per_course = events[events["measure"] == PER_COURSE].set_index("event")
    row = per_course.loc[ANY]
    if row["n"] == 0:
        return Tile(question, section, "Not recorded", "", "no visit says yes or no", ("That is not the same as none.",))
    if row["n"] < FEW:
        return Tile(question, section, TOO_FEW, "", f"{counted(int(row['n']), 'courses')}; {FEW} are needed", ())
    pih = by_half[(by_half["measure"] == PER_COURSE) & (by_half["event"] == NEW_PIH) & (by_half["n"] > 0)]
    each = [
        f"in {row['events']:,} of {counted(int(row['n']), 'courses')} in skin types {str(row['skin_types']).replace('-', chr(8211))}"
        for row in pih.to_dict("records")
    ]
    said = [f"New PIH (absent before treatment) arose {listed(each)}."] if each else []
    if len(pih) == 2 and not (differences[differences["event"] == NEW_PIH]["estimate"].isna().all()):
        said.append(str(adverse_event_differences(differences)).partition(" (")[0].replace("*", "") + ".")
    return Tile(
        question,
        section,
        rate(row["estimate"]),
        "had an event",
        f"95% CI {rates(row['conf_low'], row['conf_high'])}; {row['events']:,} of {counted(int(row['n']), 'courses')}",
        tuple(said),
    )


def _true(claims: pd.DataFrame) -> Tile:
    outcome = claims[~claims["verdict"].isin([KEPT, NOT_KEPT]) & (claims["verdict"] != NOT_RECORDED)]
    outcome = outcome[outcome["measure"] != "against guidance"]
    n = outcome["verdict"].value_counts()
    question, section = "Is what we tell patients true?", "7_claims"
    if outcome.empty:
        return Tile(question, section, TOO_FEW, "", "no statement could be judged", ())
    against, open_ = (outcome[outcome["verdict"] == verdict]["said"].tolist() for verdict in (CONTRADICTED, NOT_ENOUGH))
    said = [f"Contradicted: {_quoted(against)}."] if against else []
    said += [f"Undecided: {_quoted(open_)}."] if open_ else []
    return Tile(
        question,
        section,
        f"{n.get(SUPPORTED, 0)} of {len(outcome)}",
        "supported",
        f"{n.get(CONTRADICTED, 0)} contradicted, {n.get(NOT_ENOUGH, 0)} undecided",
        tuple(said),
    )


def _quoted(said: Sequence[str]) -> str:
    return listed([f"\N{LEFT DOUBLE QUOTATION MARK}{each}\N{RIGHT DOUBLE QUOTATION MARK}" for each in said])


def _actions(claims: pd.DataFrame, eligibility: pd.DataFrame) -> list[str]:
    """The gravest first: what not to say any more, contraindications, what was not asked."""
    said = []
    for row in claims[claims["verdict"] == CONTRADICTED].to_dict("records"):
        why = f" {_recorded(row)}" if row["measure"] == PER_COURSE else ""
        said.append(f"**Stop saying {_quoted([row['said']])}.**{why}")
    against = eligibility[(eligibility["measure"] == AGAINST) & (eligibility["events"] > 0)].set_index("rule")
    parts = [
        f"{rule_title(name, against.at[name, 'limit'])} {int(against.at[name, 'events']):,}"
        for name in gravest_first()
        if name in against.index and GUIDANCE[name].kind in CONTRAINDICATIONS
    ]
    if parts:
        said.append(f"**Find out why sessions were given despite a recorded contraindication**: {', '.join(parts)}.")
    asked = eligibility[eligibility["measure"] == ASKED].set_index("rule").loc[ALL_QUESTIONS]
    unasked = int(asked["n"] - asked["events"])
    young = int(against.at[UNDER_AGE, "events"]) if UNDER_AGE in against.index else 0
    if unasked or young:
        missing = f"An answer is missing at {unasked:,} of {counted(int(asked['n']), 'sessions')}" if unasked else ""
        under = (
            f"{young:,} of {counted(int(against.at[UNDER_AGE, 'n']), 'sessions')} were given below the age of {against.at[UNDER_AGE, 'limit']:g}"
            if young
            else ""
        )
        said.append(
            f"**Check age and every screening question before every session.** {first_up('; '.join(filter(None, (missing, under))))}."
        )
    return said


def _recorded(row: dict[str, Any]) -> str:
    types = str(row["skin_types"]).replace("-", "\N{EN DASH}")
    return f"{first_up(label(row['event']))} was recorded in {int(row['events']):,} of {counted(int(row['n']), 'courses')} in skin types {types}."


def _careful(claims: pd.DataFrame) -> list[str]:
    """Two points, always: no control group, and how many were not assessed."""
    rows = claims[(claims["measure"] == "change") & (claims["began"] > 0)].to_dict("records") if "began" in claims else []
    assumed = "so results are **estimated as if every patient had continued**"
    if not rows:
        missed = f"Not every course was assessed to the end, {assumed}."
    else:
        row = rows[0]
        share = percent(100 - 100 * row["n"] / row["began"])
        missed = f"{share} of courses were not assessed {session_words(row['session'])} (ended or still under way), {assumed}."
    return [
        "There was **no control group**: time, other treatments or regression to the mean may explain part of any change.",
        missed,
    ]
