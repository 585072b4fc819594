"""The words of notes: the one place where what is noted beside an estimate becomes a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import nan
from typing import Any

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.display.guidance import against_words
from outcomes.display.words import counted, event_words, improved_by, spaced, typeset


def note_words(notes: Iterable[Note]) -> str:
    """Notes in words, as they stand in ``estimates.csv``; nothing for none.

    Example:
        >>> note_words((Note(NoteCode.TOO_FEW, 3), Note(NoteCode.AT_BEST_LEFT_OUT, 2)))
        '3 courses, too few; 2 already at the best score left out'
    """
    return "; ".join(_WORDS[note.code](note) for note in notes)


def note_of(row: Mapping[str, Any]) -> str:
    """The notes of a row of estimates as people read them: real minus signs, and skin types joined by a dash."""
    return typeset(note_words(row["note"]))


def only(row: Mapping[str, Any], code: NoteCode) -> tuple[Note, ...]:
    """The notes of one kind that a row has."""
    return tuple(note for note in row["note"] if note.code is code)


def _every_course(note: Note) -> str:
    change = f"{note.n:.1f} {note.unit} ({counted(note.of or 0, 'courses')} assessed), {note_words(note.why)}"
    return f"over every course assessed, also without it at baseline: {change}"


def _scale(note: Note) -> str:
    """The scale of a trial: ours by its label, another as the trial calls it."""
    name, *reported = note.names
    return SCALES[name].label if name in SCALES else "".join(reported) or "its own"


def _unstated(n: int, ended: int, began: int) -> str:
    """Of which of two numbers is not stated, with the percent of each."""
    shares = f" ({100 * n / ended:.1f}% or {100 * n / began:.1f}%)" if n else ""
    return f"whether of {ended} or of {began} is not stated{shares}"


def _with_why(words: str, note: Note) -> str:
    return f"{words}: {note_words(note.why)}" if note.why else words


def _said(words: str) -> Callable[[Note], str]:
    return lambda _: words


_WORDS: dict[NoteCode, Callable[[Note], str]] = {
    NoteCode.NO_COURSES: _said("no courses"),
    NoteCode.TOO_FEW: lambda note: f"{counted(int(note.n or 0), note.unit or 'courses')}, too few",
    NoteCode.TOO_FEW_PAIRS: lambda note: f"{counted(note.n or 0, 'pairs of scores', 'pair of scores')}, too few",
    NoteCode.TOO_FEW_BEGAN: lambda note: f"{note.n} courses began, too few to estimate",
    NoteCode.TOO_FEW_STOPPED: lambda note: f"{note.n} stopped, too few to report",
    NoteCode.TOO_FEW_BLIND: lambda note: f"{counted(int(note.n or 0), 'courses')} with blind scores, {note.of} are needed",
    NoteCode.TOO_FEW_COURSES: _said("too few courses"),
    NoteCode.TOO_FEW_GROUPS: _said("too few courses of more than one group of types"),
    NoteCode.TOO_FEW_AFTER: _said("too few courses were assessed after a session"),
    NoteCode.TOO_FEW_YEARS: lambda note: f"{int(note.n or 0)} of the 3 years needed have an estimate",
    NoteCode.NOBODY_AFTER: _said("no course was assessed after a session"),
    NoteCode.TOO_FEW_TWICE: _said("too few courses were assessed twice to tell how scores vary by themselves"),
    NoteCode.TOO_FEW_LENGTHS: _said("too few for an interval"),
    NoteCode.ALL_BEGAN: _said("all who began"),
    NoteCode.PERCENT_SCORED: lambda note: f"{note.n:.0f}% of courses assessed",
    NoteCode.PERCENT_ALONE: lambda note: f"{note.n:.0f}% of courses were like none that was assessed",
    NoteCode.AT_BEST_LEFT_OUT: lambda note: f"{note.n} already at the best score left out",
    NoteCode.FEWER: lambda note: f"1 to {int(note.n or 0) - 1}",
    NoteCode.WITHHELD: _said("not published"),
    NoteCode.ONLY_AT_THE_END: _said("assessed only where courses ended"),
    NoteCode.FEW_LIKE_LEAVERS: _said("too few were like those who stopped"),
    NoteCode.FEW_EFFECTIVE: _said("rests on too few patients"),
    NoteCode.GROUP_TOO_FEW_SCORED: _said("too few assessed"),
    NoteCode.GROUP_NONE_LIKE_LEAVERS: _said("nobody like those who stopped"),
    NoteCode.GROUP_FEW_EFFECTIVE: _said("rests on too few"),
    NoteCode.NOT_ESTIMABLE: _said("not estimable"),
    NoteCode.NO_SPREAD: _said("no spread: no interval"),
    NoteCode.NO_INTERVAL: _said("no interval"),
    NoteCode.CHANGED_ALIKE: _said("every course changed alike: no interval"),
    NoteCode.ANSWERED_ALIKE: _said("all answered alike: no interval"),
    NoteCode.IMPROVED_ALIKE: _said(
        "no interval: every course improved by the same share, or too many are close to the best score"
    ),
    NoteCode.ALL_AT_BEST: _said("every course was at the best score"),
    NoteCode.SAME_SCORES: _said("every score is the same"),
    NoteCode.TOLD_APART: _said("stopping is told apart by the change completely"),
    NoteCode.CHECK_OUTSIDE: lambda note: f"{note.names[0]} gives {note.n:.1f}, outside this interval",
    NoteCode.HOLDS_NO_CHANGE: _said("the interval includes no change"),
    NoteCode.UNSEEN: lambda note: f"{note.n:.0f}% not assessed",
    NoteCode.NOBODY_UNSEEN: _said("every course was assessed"),
    NoteCode.VERDICT: lambda note: note.names[0],
    NoteCode.MARGIN_FROM: lambda note: f"margin: {note.names[0]}",
    NoteCode.BLIND_FAR: lambda note: f"apart from the result of all scores by more than {note.n:g} {note.unit}",
    NoteCode.BLIND_OUTSIDE: _said("apart from the result of all scores, which lies outside this interval"),
    NoteCode.NO_CUT: lambda note: (
        "no sign that only lower scores were enrolled" if note.names else "no sign that only higher scores were enrolled"
    ),
    NoteCode.BEGAN_ALIKE: _said("all courses began at the same score"),
    NoteCode.ENROLLED_FROM: lambda note: f"enrolled from a score of {note.n:g} on{f' ({note.of:,} below)' if note.of else ''}",
    NoteCode.ENROLLED_DOWN_FROM: lambda note: (
        f"enrolled from a score of {note.n:g} down{f' ({note.of:,} above)' if note.of else ''}"
    ),
    NoteCode.NOT_RECORDED: _said("not recorded"),
    NoteCode.NOBODY_SEEN: _said("no visit after a session"),
    NoteCode.NOBODY_ASKED: _said("nobody was asked"),
    NoteCode.UNASKED_SESSIONS: lambda note: f"nobody was asked after session {', '.join(note.names)}",
    NoteCode.FEWEST_ASKED: lambda note: f"{counted(note.n or 0, 'patients')} asked after the session least asked about",
    NoteCode.NO_EVENTS: _said("no events"),
    NoteCode.NO_LENGTH: _said("no length recorded"),
    NoteCode.EXPECTED: lambda note: f"{note.n:.1f} expected by skin type",
    NoteCode.NONE_EXPECTED: _said("no event in skin types like these"),
    NoteCode.OF_TYPES: lambda note: f"types {note.names[0]}: {note_words(note.why)}",
    NoteCode.AGAINST_GUIDANCE: lambda note: against_words(note.names[0], nan if note.n is None else note.n, "given"),
    NoteCode.NEVER_ANSWERED: lambda note: f"not recorded: {', '.join(map(spaced, note.names))}",
    NoteCode.PARTLY_RECORDED: lambda note: f"{note.n:,} of {note.of:,} sessions not recorded",
    NoteCode.TYPES_NOT_ASKED: lambda note: f"no course of types {note.names[0]} was asked about",
    NoteCode.SMALL: lambda note: f"the whole interval is less than {note.n:g} {note.unit}",
    NoteCode.CHANCE_NOT_JUDGED: lambda note: _with_why("how much of it can be expected without any effect cannot be told", note),
    NoteCode.UNCLEAR_OVER_EVERY: _said("not clear over every course"),
    NoteCode.NOT_BEYOND_CHANCE: _said("not clearly more than can be expected without any effect"),
    NoteCode.NOT_REACHED: lambda note: f"not reached by session {note.n:g}",
    NoteCode.END_NOT_REACHED: lambda note: f"upper end not reached by session {note.n:g}",
    NoteCode.CHANCE_UNKNOWN: lambda note: _with_why("how much can be expected without any effect cannot be told", note),
    NoteCode.CHANCE: lambda note: (
        f"expected without any effect: {'at most ' if note.names else ''}{note.n:.1f} {note.unit}, {note_words(note.why)}"
    ),
    NoteCode.SCORED_OF_BEGAN: lambda note: f"assessed: {note.n:,} of {counted(note.of or 0, 'courses')} that began",
    NoteCode.METHOD: lambda note: note.names[0],
    NoteCode.GOES_ON: _said("patients who stopped are taken to progress like patients with the same recorded scores who stayed"),
    NoteCode.STILL_ATTENDING: _said("only patients still attending"),
    NoteCode.EVERY_COURSE: _every_course,
    NoteCode.PER_AFFECTED: lambda note: f"{note.n:.1f} per affected course",
    NoteCode.EVERY_COURSE_UNKNOWN: _said("the change of every course assessed, also without it at baseline, cannot be estimated"),
    NoteCode.RESPONDED: lambda note: f"improved {improved_by(SCALES[note.names[0]])}, which is not a correction",
    NoteCode.JUDGED_IMPROVED: _said("judged improved or better"),
    NoteCode.GROUPS_COMPARED: lambda note: f"{ENDPOINTS[note.names[0]].label} as {', '.join(note.names[1:])}",
    NoteCode.TOO_FEW_TO_COMPARE: lambda note: f"too few to compare: {', '.join(ENDPOINTS[name].label for name in note.names)}",
    NoteCode.FEWEST_OF_A_TYPE: lambda note: f"fewest courses of a type: {note.n:,}",
    NoteCode.USUAL_COURSE: lambda note: (
        f"a course of {counted(note.n or 0, 'sessions')}, the usual number, by a life table over the sessions asked about "
        f"{event_words(note.names[0])}"
    ),
    NoteCode.OTHER_EVENTS_LEFT_OUT: _said("other adverse events are not in it"),
    NoteCode.MARKED_GIVEN: _said("sessions marked as given"),
    NoteCode.AGE_AT_FIRST_VISIT: _said("age at the first visit"),
    NoteCode.CONTRAINDICATIONS: lambda note: (
        "pregnant, breastfeeding, skin cancer in the area, blood disorder, "
        f"isotretinoin within {note.n:g} months (guidance; the label says currently taking)"
    ),
    NoteCode.REMARK: lambda note: note.names[0],
    NoteCode.OTHER_SCALE: lambda note: f"another scale: {_scale(note)}",
    NoteCode.FROM_CONTROL: _said("a difference from a control, not a change from baseline"),
    NoteCode.ADJUNCT: _said("microneedling with something added, not by itself"),
    NoteCode.NO_CHANGE_REPORTED: _said("no mean change reported"),
    NoteCode.NO_SPREAD_REPORTED: _said("no spread reported"),
    NoteCode.TIME_UNSTATED: lambda note: f"time after the last session not stated{f' ({note.names[0]})' if note.names else ''}",
    NoteCode.SCORED_OUTSIDE: lambda note: f"assessed {note.n} days after the last session, not {' to '.join(note.names)}",
    NoteCode.NEARER_SCORE: lambda note: f"another score of this trial is nearer to {note.n} days after the last session",
    NoteCode.IMPOSSIBLE_MEAN: lambda note: f"no {note.n} whole scores have the mean {' or '.join(note.names)}",
    NoteCode.CHANGE_APART: lambda note: "the change {} is not {} less {}".format(*note.names),
    NoteCode.TOO_FEW_TRIALS: lambda note: f"{counted(note.n or 0, 'comparable trials')}, too few for a summary",
    NoteCode.BETWEEN_TRIALS: lambda note: f"{note.n} trials; standard deviation between them {note.of:.2f}",
    NoteCode.NEW_PIH: lambda note: f"{note.n or 'none'} with new PIH",
    NoteCode.OF_HOW_MANY_UNSTATED: _said("of how many is not stated"),
    NoteCode.OF_WHICH_UNSTATED: lambda note: _unstated(int(note.n or 0), *map(int, note.names)),
}
