"""How many are enough: every number of courses, scores or visits on which it depends whether something is shown."""

from __future__ import annotations

MAJORITY = 50.0
"""Percent that the word "most" asks for."""

NEW_PIH_LIMIT = 5.0
"""Percent of courses below which the upper end has to lie, where no new PIH was recorded."""


SHARE_OF_CHANGE = 1 / 3
"""The margin is at most this much of the others' own change."""


ENOUGH_BLIND = 15
"""Courses with a blind score from which a result of blind scores alone is given."""


MANY_UNSCORED = 10
"""Courses that ended without a last assessment are a finding where they are more than one in so many."""


FEW_COURSES = 5
"""Providers with fewer courses are not named: they are taken together as `OTHERS`."""


MOST_ALONE = 0.10
"""The share of courses that nobody scored was like, above which an estimate is given with a note, and drawn in grey."""


MOST_LEVELS = 16
"""Different scores, averages of raters among them, up to which the share at each is given."""


SMALLEST_GROUP = 15
"""Skin types with fewer courses are not estimated by themselves."""


FEW = 5
"""Below this many courses an estimate is given with a note, and drawn in grey."""
