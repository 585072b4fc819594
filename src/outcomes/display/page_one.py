"""The first page of a report: four questions with their answers, what to act on, and what to be careful about.

Nothing here is computed for it alone: every number is one that a section of the report shows in the same form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.columns import NEW_PIH, NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.prose.continued import from_to
from outcomes.display.prose.eligibility import NOTHING, actions_on
from outcomes.display.prose.since_last import since_tiles
from outcomes.display.words import (
    counted,
    event_words,
    first_up,
    improved_by,
    listed,
    nth_session,
    percent,
    rate_of,
    session_words,
    sessions_interval,
    share_of,
    skin,
    typeset,
)
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.claim_rules import CONTRADICTED, KEPT, NOT_KEPT, SUPPORTED, UNDECIDED
from outcomes.measures.eligibility import AGAINST
from outcomes.measures.sessions_to_half import HALF

PAGE_ONE_MIME = "application/vnd.outcomes.page-one+json"
"""Where a shown first page carries its parts, which the report lays out."""

TOO_FEW, NOT_SCORED = "Too few", "Not scored"

NONE_TO_COMPARE = "no scores before and after"

UNSCORED = "A score before the first session and one after the third would tell."
"""What an owner is told whose records hold no score."""

MOST_NAMED = 3
"""Undecided statements that are named in a tile."""


@dataclass(frozen=True)
class Tile:
    """A question of the owner's with its answer: `figure` and its `unit` are read first, `line` is the interval and n.

    `section` is the name of the notebook that answers it at length, without its number. `since` is what has changed since an earlier
    report, blank where there is none.
    """

    question: str
    section: str
    figure: str
    unit: str
    line: str
    sentences: tuple[str, ...]
    since: str = ""

    def markdown(self) -> str:
        """The tile as text."""
        said = [*self.sentences, *([f"{self.since}."] if self.since else [])]
        return f"**{self.question}** The answer: **{' '.join(filter(None, (self.figure, self.unit)))}** ({self.line}). {' '.join(said)}".rstrip()


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


def page_one(
    headline: pd.DataFrame,
    sessions: pd.DataFrame,
    gains: pd.DataFrame,
    events: pd.DataFrame,
    events_by_half: pd.DataFrame,
    event_differences: pd.DataFrame,
    claims: pd.DataFrame,
    eligibility: pd.DataFrame,
    since: pd.DataFrame | None = None,
) -> PageOne:
    """The first page of a report, from the measures of these names; `sessions` are `outcomes.sessions_to_half`.

    `since` are `outcomes.since_last_report`, where there is an earlier report. `events` are `outcomes.adverse_events`, `events_by_half` those by ``skin_types``, `event_differences` are `outcomes.adverse_event_differences`.

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
    is_scored = len(headline) + len(gains) > 0 or not sessions["note"].map(_is_not_recorded).all()
    lines = {} if since is None else since_tiles(since)
    tiles = (
        _how_much(headline, is_scored=is_scored),
        _how_many(sessions, gains, headline, is_scored=is_scored),
        _safe(events, events_by_half, event_differences),
        _true(claims),
    )
    return PageOne(
        tiles=tuple(replace(tile, since=lines.get(tile.section, "")) for tile in tiles),
        actions=tuple(_actions(claims, eligibility, events))[:3],
        careful=tuple(_careful(claims, is_scored=is_scored)),
    )


def _is_not_recorded(notes: Sequence[Note]) -> bool:
    return any(note.code == NoteCode.NOT_RECORDED for note in notes)


def _how_much(headline: pd.DataFrame, *, is_scored: bool) -> Tile:
    question, section = "How much better?", "improvement"
    if not is_scored:
        return Tile(question, section, NOT_SCORED, "", NONE_TO_COMPARE, (UNSCORED,))
    rows = headline[(headline["measure"] == "responders") & (headline["estimand"] == "continued")]
    known = rows[rows["estimate"].notna() & (rows["n"] >= FEW)].to_dict("records")
    if not known:
        line = (
            f"{counted(int(rows['n'].max()), 'courses')}; {FEW} are needed" if len(rows) else f"fewer than {FEW} courses assessed"
        )
        return Tile(question, section, TOO_FEW, "", line, ())
    first, *others = known
    told = share_of(first)
    changes = headline[headline["measure"] == "change"].set_index("endpoint")
    said = [f"{first_up(session_words(first['session']))}, {told.estimate} of courses would have improved {_by(first)}"]
    said += [f"and {ENDPOINTS[row['endpoint']].label} in {share_of(row).estimate} {_by(row)}" for row in others]
    moved = from_to(changes.loc[first["endpoint"]]).removeprefix(", ")
    return Tile(
        question,
        section,
        told.estimate,
        "improved",
        _line(told.interval, f"{counted(int(first['n']), 'courses')} assessed"),
        (f"{', '.join(said)}, had every patient continued.", *([f"The average would have gone {moved}."] if moved else [])),
    )


def _by(row: Any) -> str:
    return improved_by(SCALES[row["scale"]])


def _line(interval: str, n: str) -> str:
    return f"95% CI {interval}; {n}" if interval else n


def _how_many(sessions: pd.DataFrame, gains: pd.DataFrame, headline: pd.DataFrame, *, is_scored: bool) -> Tile:
    question, section = "How many sessions?", "sessions"
    if not is_scored:
        return Tile(question, section, NOT_SCORED, "", NONE_TO_COMPARE, ())
    half = sessions[(sessions["measure"] == HALF) & (sessions["n"] >= FEW)].to_dict("records")
    if not half or pd.isna(half[0]["estimate"]):
        n = int(sessions["n"].max()) if len(sessions) else 0
        return Tile(question, section, TOO_FEW if n < FEW else "Not reached", "", f"{counted(n, 'courses')} assessed", ())
    (row,) = half
    return Tile(
        question,
        section,
        f"{row['estimate']:g}",
        f"{'session' if row['estimate'] == 1 else 'sessions'} for half",
        _line(sessions_interval(row), f"{counted(int(row['n']), 'courses')} assessed"),
        (f"Half of courses would have improved {_by(row)} by session {row['estimate']:g}.", *_another(gains, headline)),
    )


def _another(gains: pd.DataFrame, headline: pd.DataFrame) -> tuple[str, ...]:
    """What one more session than the headline's brought, of the leading endpoint."""
    change = headline[headline["measure"] == "change"]
    if change.empty:
        return ()
    first, session = change.iloc[0]["endpoint"], int(change.iloc[0]["session"])
    next_one = (gains["endpoint"] == first) & (gains["since"] == session) & (gains["session"] == session + 1)
    after = gains[next_one & (gains["n"] >= FEW)].dropna(subset=["estimate", "conf_low"])
    if after.empty:
        return ()
    row = after.iloc[0]
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return (f"{nth_session(session + 1)} brought no clear further improvement, although a small benefit remains possible.",)
    return (f"{nth_session(session + 1)} brought {'a further improvement' if row['estimate'] < 0 else 'a worsening'}.",)


def _safe(events: pd.DataFrame, by_half: pd.DataFrame, differences: pd.DataFrame) -> Tile:
    question, section = "Is it safe, also for darker skin?", "safety"
    row = events[events["measure"] == PER_COURSE].set_index("event").loc[ANY]
    if row["n"] == 0:
        said = ("No visit after a session says yes or no, which is not the same as none.",)
        return Tile(question, section, "Not recorded", "", "adverse events", said)
    if row["n"] < FEW:
        return Tile(question, section, TOO_FEW, "", f"{counted(int(row['n']), 'courses')}; {FEW} are needed", ())
    pih = by_half[(by_half["measure"] == PER_COURSE) & (by_half["event"] == NEW_PIH) & (by_half["n"] >= FEW)]
    each = [
        f"in {each['events']:,} of {counted(int(each['n']), 'courses')} in skin types {skin(str(each['skin_types']))}"
        for each in pih.to_dict("records")
    ]
    arose = [f"New PIH (absent before treatment) arose {listed(each)}."] if each else []
    apart = differences[differences["event"] == NEW_PIH].to_dict("records")
    told = rate_of(row)
    return Tile(
        question,
        section,
        told.estimate,
        "had an event",
        _line(told.interval, f"{row['events']:,} of {counted(int(row['n']), 'courses')}"),
        (*arose, *(_compared(each) for each in apart if not pd.isna(each["estimate"]))),
    )


def _compared(row: Any) -> str:
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return "With so few events, the records cannot show whether the groups differ."
    return f"New PIH was {'more' if row['estimate'] > 0 else 'less'} frequent in types IV–VI."


def _true(claims: pd.DataFrame) -> Tile:
    outcome = claims[~claims["verdict"].isin([KEPT, NOT_KEPT, NOT_RECORDED]) & (claims["measure"] != AGAINST)]
    n = outcome["verdict"].value_counts()
    question, section = "Is what we tell patients true?", "claims"
    if outcome.empty:
        return Tile(question, section, TOO_FEW, "", "no statement could be judged", ())
    against, open_ = (outcome[outcome["verdict"] == verdict]["said"].tolist() for verdict in (CONTRADICTED, UNDECIDED))
    said = [f"Contradicted: {_quoted(against)}."] if against else []
    if len(open_) > MOST_NAMED:
        said.append("Most statements are undecided: there are too few courses yet.")
    elif open_:
        said.append(f"Undecided: {_quoted(open_)}.")
    return Tile(
        question,
        section,
        f"{n.get(SUPPORTED, 0)} of {len(outcome)}",
        "supported",
        f"{n.get(CONTRADICTED, 0)} contradicted, {n.get(UNDECIDED, 0)} undecided",
        tuple(said),
    )


def _quoted(said: Sequence[str]) -> str:
    return listed([f"\N{LEFT DOUBLE QUOTATION MARK}{typeset(each)}\N{RIGHT DOUBLE QUOTATION MARK}" for each in said])


def _actions(claims: pd.DataFrame, eligibility: pd.DataFrame, events: pd.DataFrame) -> list[str]:
    """The gravest first: what not to say any more, then what was done outside guidance."""
    contradicted = claims[claims["verdict"] == CONTRADICTED].to_dict("records")
    said = [f"**Stop saying {_quoted([row['said']])}.**{_recorded(row)}" for row in contradicted]
    despite = claims[(claims["claim"] == "7") & (claims["n"] > 0)]
    return said + actions_on(eligibility, events, despite)


def _recorded(row: Any) -> str:
    if row["measure"] != PER_COURSE:
        return ""
    n = f"{int(row['events']):,} of {counted(int(row['n']), 'courses')}"
    return f" {first_up(event_words(row['event']))} was recorded in {n} in skin types {skin(str(row['skin_types']))}."


def _careful(claims: pd.DataFrame, *, is_scored: bool) -> list[str]:
    """Two points, always: no control group, and how many were not assessed."""
    known = claims.reindex(columns=["measure", "session", "n", "began"]).dropna()
    rows = known[(known["measure"] == "change") & (known["began"] >= FEW)].to_dict("records")
    assumed = "so results are **estimated as if every patient had continued**"
    if not is_scored:
        missed = "**No score was recorded**, so nothing is known about improvement."
    elif not rows:
        missed = f"Not every course was assessed to the end, {assumed}."
    else:
        row = rows[0]
        share = percent(100 - 100 * row["n"] / row["began"])
        missed = f"{first_up(session_words(row['session']))}, {share} of courses were not assessed (ended or still under way), {assumed}."
    return [
        "There was **no control group**: time, other treatments or regression to the mean may explain part of any change.",
        missed,
    ]
