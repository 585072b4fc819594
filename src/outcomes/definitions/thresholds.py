"""How many are enough: every number of courses, scores or visits on which it depends whether something is shown.

Those of an estimator by itself, below which it gives no number, are in `outcomes.statistics`, which imports nothing of ours.
"""

from __future__ import annotations

MAJORITY: float = 50.0
"""Percent that the word "most" asks for."""

NEW_PIH_LIMIT: float = 5.0
"""Percent of courses below which the upper end has to lie, where no new PIH was recorded."""

SHARE_OF_CHANGE: float = 1 / 3
"""The margin is at most this much of the others' own change."""

ENOUGH_BLIND: int = 15
"""Courses with a blind score from which a result of blind scores alone is given."""

MANY_UNSCORED: int = 10
"""Courses that ended without a last assessment are a finding where they are more than one in so many."""

FEW_COURSES: int = 5
"""Providers with fewer courses are not named: they are taken together as `OTHERS`."""

MOST_GROUPS: int = 50
"""Of more providers, devices or years than that, a saved cohort keeps those with `FEW_COURSES` courses."""

MOST_ALONE: float = 0.10
"""The share of courses that nobody scored was like, above which an estimate is given with a note, and drawn in grey."""

MOST_LEVELS: int = 16
"""Different scores, averages of raters among them, up to which the share at each is given."""

SMALLEST_GROUP: int = 15
"""Skin types with fewer courses are not estimated by themselves."""

FEW: int = 5
"""Below this many courses an estimate is given with a note, and drawn in grey."""

ENOUGH_SCORED: float = 1 / 2
"""The share of the courses that began, or of the session after which most were scored, below which a session is drawn in grey and does not lead."""

ENOUGH_TWICE: int = 15
"""Courses scored at two visits from which the variance within a patient is estimated."""

ENOUGH_FOR_PERCENT: int = 20
"""Courses from which a count of last assessments stands with its percent."""

FUNNEL: float = 0.998
"""The share of providers whom chance alone leaves within the limits: 2 in 1,000 lie beyond though they are like all others."""

MOST_DEVICES: int = 5
"""The most devices that are told one by one, where there are more than one beyond."""

IMPROVED_GAIS: float = 3
"""Judgements of `gais` up to this one say improved or better; 3.5 does not."""

LONGEST_DAYS: int = 100
"""A published score later than this after the last session is follow-up; the clinic's own are taken within its window."""

USUAL_SESSIONS: tuple[int, int] = (3, 6)
"""A usual course, as the guidance that patients hear has it: fewer or more sessions are another dose."""

SMALL: int = 5
"""Patients who share their age band, sex and skin type with fewer than this many (themselves included) stand out."""

MOST_COURSES: int = 10_000
"""Larger numbers of further courses are not told: no clinic has them."""

MOST_REASONS: int = 12
"""The most kinds of broken rules that are told one by one."""

MOST_NAMED: int = 20
"""The most unknown columns that are named one by one."""

SMALLEST_RELEASED: int = 8
"""A count from 1 to one below this is never published, and nothing is that rests on fewer."""

ROUNDED_TO: int = 5
"""What is published is counted in steps of so many."""

STAY_POSSIBLE: int = 3
"""What is published leaves at least so many values possible for a count that is withheld."""
