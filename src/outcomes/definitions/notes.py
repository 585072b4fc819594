"""What is noted beside an estimate: codes with the numbers that they need. The words are made where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any


@unique
class NoteCode(StrEnum):
    """The kinds of notes. `n` and `of` are numbers of the note, `unit` what they count, `names` what it names, `why` other notes.

    Example:
        >>> import outcomes
        >>> change = outcomes.change_by_session(outcomes.read_cohort("sample").tally("pih"))
        >>> few = [any(note.code == outcomes.NoteCode.TOO_FEW for note in notes) for notes in change["note"]]
        >>> change.loc[few, "session"].tolist()
        [7, 8]
    """

    # How many there are

    NO_COURSES = "no courses"
    """Nobody is counted here."""
    TOO_FEW = "too few"
    """Only `n` courses, or of what `unit` names: the estimate is drawn in grey."""
    TOO_FEW_PAIRS = "too few pairs"
    """Only `n` pairs of scores of one visit."""
    TOO_FEW_BEGAN = "too few began"
    """Only `n` courses of this group began: nothing is estimated."""
    TOO_FEW_STOPPED = "too few stopped"
    """Only `n` courses stopped: who stops cannot be told."""
    TOO_FEW_BLIND = "too few scored blind"
    """Only `n` courses have a blind score, and `of` are needed."""
    TOO_FEW_COURSES = "too few courses"
    """Of no session, or by nobody, are enough courses scored."""
    TOO_FEW_GROUPS = "too few groups"
    """Fewer than two groups of skin types have enough courses."""
    TOO_FEW_AFTER = "too few scored after a session"
    """Too few courses were scored after a session."""
    TOO_FEW_YEARS = "too few years"
    """Only `n` years have an estimate: no trend."""
    NOBODY_AFTER = "nobody scored after a session"
    """No course was scored after a session."""
    TOO_FEW_TWICE = "too few scored twice"
    """Too few courses were scored twice to tell how scores vary by themselves."""
    TOO_FEW_LENGTHS = "too few lengths"
    """Too few lengths of events for an interval of their median."""
    ALL_BEGAN = "all who began"
    """The row counts all courses that began; nothing has changed yet."""
    PERCENT_SCORED = "percent scored"
    """Of the courses that began, only `n` percent are scored then: fewer than half."""
    PERCENT_ALONE = "percent like none scored"
    """Of the courses that began, `n` percent were like none that was scored then."""
    AT_BEST_LEFT_OUT = "at the best score, left out"
    """`n` courses began at the best score, could not respond, and are left out."""

    # What is published

    FEWER = "fewer"
    """How many it is is not published: more than none, and fewer than `n`."""
    WITHHELD = "withheld"
    """Not published: with the other counts it would give back a small one, or it would be all of them."""

    # Why nothing is estimated, or no interval

    ONLY_AT_THE_END = "scored only at the end"
    """Scored only, or far more often, where courses ended: such scores tell who leaves."""
    FEW_LIKE_LEAVERS = "few like those who left"
    """Too few of those scored were like those who left."""
    FEW_EFFECTIVE = "rests on too few patients"
    """A few patients would have to stand for all."""
    GROUP_TOO_FEW_SCORED = "group: too few scored"
    """Of a group of skin types compared: too few patients were scored then."""
    GROUP_NONE_LIKE_LEAVERS = "group: none like those who left"
    """Of a group of skin types compared: `FEW_LIKE_LEAVERS`."""
    GROUP_FEW_EFFECTIVE = "group: rests on too few"
    """Of a group of skin types compared: `FEW_EFFECTIVE`."""
    NOT_ESTIMABLE = "not estimable"
    """There are enough courses, and still no estimate."""
    NO_SPREAD = "no spread"
    """Nothing varies between courses: no interval."""
    NO_INTERVAL = "no interval"
    """There is no interval to say anything from."""
    CHANGED_ALIKE = "changed alike"
    """Every course changed by the same: no interval."""
    ANSWERED_ALIKE = "answered alike"
    """All gave the same answer: no interval."""
    IMPROVED_ALIKE = "improved alike"
    """Every course improved by the same share of the possible, or too many were close to the best score: no interval."""
    ALL_AT_BEST = "all at the best score"
    """Every course was at the best score: nothing could improve."""
    SAME_SCORES = "same scores"
    """Every score is the same, so agreement cannot be told from chance."""
    TOLD_APART = "told apart completely"
    """Those who stopped and those who stayed are told apart by the change completely: no odds ratio."""

    # What the estimate is held against

    CHECK_OUTSIDE = "check outside"
    """The model that `names` names gives `n`, outside this interval."""
    HOLDS_NO_CHANGE = "holds no change"
    """The interval includes no change already: there is no conclusion to overturn."""
    UNSEEN = "unseen"
    """`n` percent of the courses that began are not scored then."""
    NOBODY_UNSEEN = "nobody unseen"
    """Every course that began is scored then."""
    VERDICT = "verdict"
    """The verdict on a group of skin types, in `names`."""
    MARGIN_FROM = "margin from"
    """Where the margin of that verdict comes from, in `names`."""
    BLIND_FAR = "blind scores far"
    """Blind scores alone give another result than all scores, by more than `n` of `unit`."""
    BLIND_OUTSIDE = "all scores outside"
    """The result of all scores lies outside this interval of blind scores alone."""

    # What can be expected without any effect

    NO_CUT = "no cut"
    """No sign that only higher scores were enrolled; where higher is better, that only the lower ones that `names` says."""
    BEGAN_ALIKE = "began alike"
    """All courses began at the same score."""
    ENROLLED_FROM = "enrolled from"
    """Courses were enrolled from a score of `n` on; `of` began below it."""
    ENROLLED_DOWN_FROM = "enrolled down from"
    """The same where higher is better: courses were enrolled from a score of `n` down; `of` began above it."""

    # Events and guidance

    NOT_RECORDED = "not recorded"
    """It was never recorded, which is not the same as never."""
    NOBODY_SEEN = "nobody seen"
    """Of this group, such as a skin type, no course was seen after a session."""
    NOBODY_ASKED = "nobody asked"
    """Nobody was asked."""
    UNASKED_SESSIONS = "nobody asked after"
    """Nobody was asked after the sessions that `names` counts, so there is no life table."""
    FEWEST_ASKED = "fewest asked"
    """`n` patients, fewer than courses, were asked after the session least asked about: what the bound of none rests on."""
    NO_EVENTS = "no events"
    """There was no event, so none lasted."""
    NO_LENGTH = "no length"
    """There were events, and how long none lasted was recorded."""
    EXPECTED = "expected"
    """`n` events would be expected had each skin type the rate that it has with all providers."""
    NONE_EXPECTED = "none expected"
    """No event was recorded in skin types like these, so nothing is expected."""
    OF_TYPES = "of types"
    """The notes in `why` are of the skin types in `names`."""
    AGAINST_GUIDANCE = "against guidance"
    """What was against guidance: the rule in `names`, with its limit `n` where it has one."""
    NEVER_ANSWERED = "never answered"
    """The questions in `names` are answered at no session."""
    PARTLY_RECORDED = "partly recorded"
    """Of `of` sessions, `n` have it not recorded."""
    TYPES_NOT_ASKED = "types not asked"
    """No course of the skin types in `names` was asked about."""

    # Claims

    SMALL = "small"
    """The whole interval is less than `n` of `unit`."""
    CHANCE_NOT_JUDGED = "chance not judged"
    """How much of the change can be expected without any effect could not be judged, and `why`."""
    UNCLEAR_OVER_EVERY = "unclear over every course"
    """Over every course, also those not affected at baseline, there is no clear improvement."""
    NOT_BEYOND_CHANCE = "not beyond chance"
    """The change is not clearly more than can be expected without any effect."""
    NOT_REACHED = "not reached"
    """Half is not reached by session `n`."""
    END_NOT_REACHED = "upper end not reached"
    """The lower end of the shares does not reach half by session `n`."""
    CHANCE_UNKNOWN = "chance unknown"
    """How much can be expected without any effect could not be judged, as `why` says."""
    CHANCE = "expected by chance"
    """Without any effect a change of `n` of `unit` can be expected, `at most` where `names` says so, as `why` says."""

    # What the number of a claim rests on

    SCORED_OF_BEGAN = "scored, of began"
    """`n` courses were scored then, of `of` that began."""
    METHOD = "method"
    """The method in `names`."""
    GOES_ON = "stopped go on"
    """Those who stopped are taken to go on like patients with the same recorded scores."""
    STILL_ATTENDING = "still attending"
    """Only those still attending, who are not those who stopped."""
    EVERY_COURSE = "every course"
    """Over every course assessed, also without it at baseline, the change is `n` of `unit`; `of` were scored then. `why`: per affected course."""
    PER_AFFECTED = "per affected course"
    """That change is `n` per affected course."""
    EVERY_COURSE_UNKNOWN = "every course unknown"
    """The change of every course assessed could not be estimated."""
    RESPONDED = "responded"
    """What a response is on the scale in `names`, which is not corrected."""
    JUDGED_IMPROVED = "judged improved"
    """Judged improved or better."""
    GROUPS_COMPARED = "groups compared"
    """Of the endpoint that `names` begins with, the groups of skin types that follow are compared."""
    TOO_FEW_TO_COMPARE = "too few to compare"
    """Of the endpoints in `names` there are too few courses to compare skin types."""
    FEWEST_OF_A_TYPE = "fewest of a type"
    """The skin type with the fewest courses has `n`."""
    USUAL_COURSE = "course of the usual length"
    """A course of `n` sessions, the usual number, by a life table over the sessions asked about the event in `names`."""
    OTHER_EVENTS_LEFT_OUT = "other events left out"
    """Other adverse events are not counted."""
    MARKED_GIVEN = "sessions marked as given"
    """Only sessions marked as given."""
    AGE_AT_FIRST_VISIT = "age at the first visit"
    """The age is that at the first visit."""
    CONTRAINDICATIONS = "contraindications"
    """Every contraindication, of which isotretinoin within `n` months."""

    # Published trials

    REMARK = "remark"
    """A remark on a published trial, quoted from the list as it stands: `names`."""
    OTHER_SCALE = "another scale"
    """The trial used the scale in `names`: one of ours by its name, or `other` with what the trial calls it."""
    FROM_CONTROL = "difference from a control"
    """The trial gives a difference from a control, not a change from baseline."""
    ADJUNCT = "with an adjunct"
    """Something was added to the microneedling."""
    NO_CHANGE_REPORTED = "no change reported"
    """The trial gives no mean change."""
    NO_SPREAD_REPORTED = "no spread reported"
    """The trial gives nothing from which an interval of its change could be computed."""
    TIME_UNSTATED = "time unstated"
    """How long after the last session was scored is not stated; `names` holds what the trial says, if anything."""
    SCORED_OUTSIDE = "scored outside the days"
    """Scored `n` days after the last session, which is not from the first to the last day in `names`."""
    NEARER_SCORE = "nearer score"
    """Another score of the trial is nearer to `n` days after the last session."""
    IMPOSSIBLE_MEAN = "impossible mean"
    """No `n` whole scores have the mean in `names`, or any of the means."""
    CHANGE_APART = "change apart from its means"
    """The change is not that after treatment less that before: `names` holds the three, with the digits reported."""
    TOO_FEW_TRIALS = "too few trials"
    """Only `n` comparable trials: no summary."""
    BETWEEN_TRIALS = "between trials"
    """Of `n` trials; the standard deviation between them is `of`."""
    NEW_PIH = "new PIH"
    """`n` patients of a trial had new PIH."""
    OF_HOW_MANY_UNSTATED = "of how many is unstated"
    """The trial does not say of how many patients."""
    OF_WHICH_UNSTATED = "of which is unstated"
    """The trial does not say whether the `n` are of those who ended or of those who began: both numbers are in `names`."""


@dataclass(frozen=True, slots=True, repr=False)
class Note:
    """One thing noted beside an estimate, to be asked for by its code; `outcomes.prose.note_words` says it in words.

    No tuple itself, which pandas would show by its fields.

    Example:
        >>> str(Note(NoteCode.TOO_FEW, 3))
        'too few: 3'
    """

    code: NoteCode
    n: float | None = None
    of: float | None = None
    unit: str = ""
    names: tuple[str, ...] = ()
    why: tuple[Note, ...] = ()

    def __str__(self) -> str:
        numbers = " of ".join(f"{value:.6g}" for value in (self.n, self.of) if value is not None)
        said = ", ".join(filter(None, (f"{numbers} {self.unit}".strip(), *self.names, *map(str, self.why))))
        return f"{self.code}: {said}" if said else str(self.code)

    def __repr__(self) -> str:
        return f"<{self}>"


Notes = tuple[Note, ...]
"""What the `note` of a row of estimates holds: nothing, one note, or several in the order in which they are read."""


def codes(row: Mapping[str, Any]) -> frozenset[NoteCode]:
    """The kinds of what is noted beside a row of estimates.

    Example:
        >>> codes({"estimate": 1.0, "note": (Note(NoteCode.TOO_FEW, 3),)}) == {NoteCode.TOO_FEW}
        True
    """
    return frozenset(note.code for note in row["note"])
