"""Guidance on sessions: one row for each rule that a session given is held against, with its limit and its gravity."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Any, Literal

FACE = ("face", "cheeks", "forehead", "temples", "nose", "chin", "jawline")
"""Areas on which the cleared device was evaluated to `DEEPEST_MM` only."""

DEEPEST_MM = 1.5

YOUNGEST = 22

ISOTRETINOIN_MONTHS = 6

SHORTEST_INTERVAL, USUAL_INTERVAL, LONGEST_INTERVAL = 21, 28, 60
"""Days between two sessions: four weeks are usual."""

Kind = Literal["age", "question", "history", "technique", "tip", "interval"]

CONTRAINDICATIONS: tuple[Kind, ...] = ("question", "history")
"""Kinds of rule under which no session is to be given: a question asked before each session, and what was taken before."""


@dataclass(frozen=True)
class GuidanceRule:
    """What a session given is held against.

    `column` holds what it is judged by. `against(answer, limit)` is whether that is against guidance, for an expression as for a
    number; the limit is in the units of the column. A rule on tips or intervals is counted by itself and needs no `against`.

    `label` goes on after "a session given": ``below the age of {limit:g}``; of tips and intervals, after what is counted.
    `title` names the rule in a table. `gravity`: 1 is acted on first; None asks for no action.
    """

    name: str
    kind: Kind
    label: str
    column: str
    gravity: int | None = 9
    limit: float = nan
    option: str = ""
    """The parameter of `outcomes.read_cohort` by which another limit is given."""
    title: str = ""
    against: Callable[[Any, Any], Any] | None = None
    areas: tuple[str, ...] = ()
    """Areas that it is asked of; none are all."""
    not_of_men: bool = False

    @property
    def unit(self) -> str:
        """What is counted."""
        return {"tip": "tips", "interval": "intervals"}.get(self.kind, "sessions")


def is_yes(answer: Any, limit: Any) -> Any:
    """Whether a question was answered with yes; there is no limit."""
    return answer


UNDER_AGE, ISOTRETINOIN, DEEP = "under age", "isotretinoin", "deep on the face"
TIP, TOO_SOON, TOO_LATE = "tip reused", "days apart, too few", "days apart, too many"

GUIDANCE = {
    rule.name: rule
    for rule in (
        GuidanceRule(
            name=UNDER_AGE,
            kind="age",
            label="below the age of {limit:g}",
            column="age",
            gravity=8,
            limit=YOUNGEST,
            option="youngest",
            title="under {limit:g}",
            against=operator.lt,
        ),
        GuidanceRule(
            name="pregnant",
            kind="question",
            label="during pregnancy",
            column="pregnant",
            gravity=1,
            against=is_yes,
            not_of_men=True,
        ),
        GuidanceRule(
            name="breastfeeding",
            kind="question",
            label="while breastfeeding",
            column="breastfeeding",
            gravity=5,
            against=is_yes,
            not_of_men=True,
        ),
        GuidanceRule(
            name="active_skin_cancer",
            kind="question",
            label="with active skin cancer in the area",
            column="active_skin_cancer",
            gravity=2,
            against=is_yes,
        ),
        GuidanceRule(
            name="blood_disorder",
            kind="question",
            label="with a blood disorder",
            column="blood_disorder",
            gravity=3,
            against=is_yes,
        ),
        GuidanceRule(
            name=ISOTRETINOIN,
            kind="history",
            label="within {limit:g} months of isotretinoin",
            column="isotretinoin_months",
            gravity=4,
            limit=ISOTRETINOIN_MONTHS,
            option="isotretinoin_months",
            against=operator.lt,
        ),
        GuidanceRule(
            name=DEEP,
            kind="technique",
            label="deeper than {limit:g} mm on the face, for which the cleared device was not evaluated",
            column="depth_mm",
            gravity=7,
            limit=DEEPEST_MM,
            option="deepest_mm",
            against=operator.gt,
            areas=FACE,
        ),
        GuidanceRule(
            name=TIP,
            kind="tip",
            label="recorded at more than one visit; tips are single-use",
            column="tip_code",
            gravity=6,
        ),
        GuidanceRule(
            name=TOO_SOON,
            kind="interval",
            label="under {limit:g} days apart",
            column="day",
            gravity=None,
            limit=SHORTEST_INTERVAL,
            title="under {limit:g} days apart",
        ),
        GuidanceRule(
            name=TOO_LATE,
            kind="interval",
            label="over {limit:g} days apart",
            column="day",
            gravity=None,
            limit=LONGEST_INTERVAL,
            title="over {limit:g} days apart",
        ),
    )
}
"""Every rule by name, in the order of the tables."""

LIMITS = {rule.option: float(rule.limit) for rule in GUIDANCE.values() if rule.option}
"""The usual limits that can be set, by their options."""

ANY_QUESTION, ALL_QUESTIONS = "at least one question", "every question"


def gravest_first() -> list[str]:
    """The rules that ask for action, what to act on first first."""
    asking = [(rule.gravity, name) for name, rule in GUIDANCE.items() if rule.gravity is not None]
    return [name for _, name in sorted(asking, key=lambda each: each[0])]
