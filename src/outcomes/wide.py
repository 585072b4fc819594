"""Scores as one row per subject or distinct path: what every model of repeated scores starts from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outcomes.course import FINISHED, MISSED, ONGOING
from outcomes.errors import UsageError
from outcomes.scales import HUNDREDTHS, SKIN_TYPES
from outcomes.tallies import Tally

Floats = NDArray[np.float64]

EVERYONE = "all"
"""The name of the one group where none is given."""

MOST_VISITS = 40
"""Visits a model can have: an unstructured covariance of more has over 800 parameters."""

ENOUGH = 5
"""Nothing is estimated beyond the last session after which this many courses were scored."""


@dataclass(frozen=True)
class Wide:
    """Scores by subject and visit: `scores` (P, T) in scale units with nan where not seen.

    `count` (P,) says how many subjects have each row, `group` (P,) indexes `groups`, `stopped` (P,) is False where the end
    of the row was not the subject's choice. `visits` (T,).
    """

    scores: Floats
    count: Floats
    stopped: NDArray[np.bool_]
    group: NDArray[np.int64]
    groups: tuple[Hashable, ...]
    visits: tuple[Any, ...]

    def of_group(self, name: Hashable) -> Wide:
        """The rows of one group alone."""
        own = self.group == self.groups.index(name)
        return Wide(self.scores[own], self.count[own], self.stopped[own], np.zeros(own.sum(), np.int64), (name,), self.visits)

    def until(self, visits: int) -> Wide:
        """The first so many visits; an end that this cuts off is nobody's choice."""
        later = ~np.isnan(self.scores[:, visits:]).all(axis=1) if visits < len(self.visits) else np.zeros(len(self.scores), bool)
        return Wide(self.scores[:, :visits], self.count, self.stopped & ~later, self.group, self.groups, self.visits[:visits])

    @property
    def seen(self) -> Floats:
        """Subjects seen at each visit (T,)."""
        return self.count @ ~np.isnan(self.scores)


def wide_of_scores(scores: pd.DataFrame, *, subject: str, visit: str, score: str, group: str | None = None) -> Wide:
    """A long frame with one row per subject and visit; rows without a score are not visits, and every end is a stop.

    Visits are ordered by value. Groups are ordered likewise, or as their ordered category says, those without subjects too.

    Raises:
        UsageError: a column is missing, a score is infinite or no number, there are no scores, a subject has two rows at
            one visit or belongs to two groups, or there are more than `MOST_VISITS` visits.
    """
    missing = [name for name in (subject, visit, score, group) if name is not None and name not in scores]
    if missing:
        raise UsageError(
            f"the frame has no column {', '.join(map(repr, missing))}; it has {', '.join(map(repr, scores.columns))}"
        )
    value = pd.to_numeric(scores[score], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    unread = np.isnan(value) & scores[score].notna().to_numpy()
    if unread.any() or np.isinf(value).any():
        raise UsageError(f"{score}: {int(unread.sum() + np.isinf(value).sum())} scores are not finite numbers")
    recorded = ~np.isnan(value)
    if not recorded.any():
        raise UsageError(f"{score}: no scores")
    long = scores.loc[recorded]
    who, subjects = pd.factorize(long[subject])
    when, visits = pd.factorize(long[visit], sort=True)
    if (who < 0).any() or (when < 0).any():
        raise UsageError(f"{int(((who < 0) | (when < 0)).sum())} scores have no {subject} or no {visit}")
    if len(visits) > MOST_VISITS:
        raise UsageError(f"{visit}: {len(visits)} different visits; a model takes at most {MOST_VISITS}")
    slot = who * len(visits) + when
    twice = int((np.bincount(slot) > 1).sum())
    if twice:
        raise UsageError(f"{twice} times a {subject} has two scores at one {visit}; a subject has one row per visit")
    wide = np.full((len(subjects), len(visits)), np.nan)
    wide.ravel()[slot] = value[recorded]
    of_row, groups = _groups(long[group]) if group else (np.zeros(len(long), np.int64), (EVERYONE,))
    own = np.zeros(len(subjects), np.int64)
    own[who] = of_row
    if (own[who] != of_row).any():
        raise UsageError(f"{len(set(who[own[who] != of_row]))} subjects belong to two groups of {group}")
    return Wide(wide, np.ones(len(wide)), np.ones(len(wide), bool), own, groups, tuple(visits.tolist()))


def _groups(column: pd.Series) -> tuple[NDArray[np.int64], tuple[Hashable, ...]]:
    if column.isna().any():
        raise UsageError(f"{int(column.isna().sum())} scores have no {column.name}")
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(np.int64), tuple(column.cat.categories)
    codes, names = pd.factorize(column, sort=True)
    return codes.astype(np.int64), tuple(names.tolist())


def wide_of_tally(tally: Tally, groups: Mapping[str, str] | None = None) -> Wide:
    """The distinct paths of a tally up to the last session after which `ENOUGH` courses were scored; visits are sessions.

    `groups` maps skin type -> group; none is everyone together. Every group named stays, those without courses too. The
    end of a course that goes on, or that was finished as planned, is not a stop.
    """
    paths = tally.paths if groups is None else tally.paths[tally.paths["skin_type"].isin(list(groups))]
    names = [name for name in paths.columns if name.startswith("after_")]
    recorded = paths[names].to_numpy(dtype=float)
    scores = np.where(recorded == MISSED, np.nan, recorded / HUNDREDTHS)
    known = tuple(dict.fromkeys(groups[name] for name in SKIN_TYPES if name in groups)) if groups else (EVERYONE,)
    own = (
        paths["skin_type"].map({name: known.index(group) for name, group in groups.items()})
        if groups
        else pd.Series(0, index=paths.index)
    )
    stopped = ~paths["end"].isin([ONGOING, FINISHED]).to_numpy()
    wide = Wide(scores, paths["n"].to_numpy(float), stopped, own.to_numpy(np.int64), known, tuple(range(len(names))))
    return wide.until(int(np.flatnonzero(wide.seen >= ENOUGH).max(initial=0)) + 1)
