"""Scores as one row per subject or distinct path: what every model of repeated scores starts from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outcomes.statistics.arrays import Floats

EVERYONE = "all"
"""The name of the one group where none is given."""

MOST_VISITS = 40
"""Visits a model can have: an unstructured covariance of more has over 800 parameters."""


@dataclass(frozen=True)
class Wide:
    """Scores by subject and visit: `scores` (P, T) in scale units with nan where not seen.

    `count` (P,) says how many subjects have each row, `group` (P,) indexes `groups`, `stopped` (P,) is False where the end
    of the row was not the subject's choice. `attended` (P,) is the last visit of each row, seen or not; it may lie beyond the
    last of `visits` (T,). Rows of one `kind` (P,) belong to the same patients: each of them has all these rows.
    """

    scores: Floats
    count: Floats
    stopped: NDArray[np.bool_]
    group: NDArray[np.int64]
    groups: tuple[Hashable, ...]
    visits: tuple[Any, ...]
    attended: NDArray[np.int64]
    kind: NDArray[np.int64]

    def rows(self, chosen: NDArray[np.bool_]) -> Wide:
        """Some of the rows."""
        arrays = {name: getattr(self, name)[chosen] for name in ("scores", "count", "stopped", "group", "attended", "kind")}
        return replace(self, **arrays)

    def of_group(self, name: Hashable) -> Wide:
        """The rows of one group alone."""
        own = self.rows(self.group == self.groups.index(name))
        return replace(own, group=np.zeros(len(own.group), np.int64), groups=(name,))

    def at(self, visits: NDArray[np.int64]) -> Wide:
        """Some of the visits, in order; the others are as if nobody had been seen, and `attended` is the last of them seen."""
        scores = self.scores[:, visits]
        last = ((~np.isnan(scores)) * np.arange(len(visits))).max(axis=1, initial=0)
        return replace(self, scores=scores, visits=tuple(self.visits[v] for v in visits), attended=last)

    def until(self, visits: int) -> Wide:
        """The first so many visits."""
        return replace(self, scores=self.scores[:, :visits], visits=self.visits[:visits])

    @property
    def seen(self) -> Floats:
        """Subjects seen at each visit (T,)."""
        return self.count @ ~np.isnan(self.scores)

    @property
    def attending(self) -> Floats:
        """Subjects that came to each visit or a later one (T,), seen or not."""
        return self.count @ (self.attended[:, None] >= np.arange(len(self.visits)))

    @cached_property
    def patients(self) -> tuple[Floats, NDArray[np.int64]]:
        """Patients of each kind (K,) that has rows here, and each row's place among them (P,)."""
        _, first, place = np.unique(self.kind, return_index=True, return_inverse=True)
        return self.count[first], place.ravel()


def wide_of_scores(
    scores: pd.DataFrame,
    *,
    subject: str,
    visit: str,
    score: str,
    group: str | None = None,
    patient: str | None = None,
    attended: str | None = None,
) -> Wide:
    """A long frame with one row per subject and visit; rows without a score are not visits, and every end is a stop.

    Visits are ordered by value. Groups are ordered likewise, or as their ordered category says, those without subjects too.
    `patient` names whom a subject, such as a course, belongs to; each subject is one where it is not given. `attended` is the
    last visit that a subject came to, scored or not, the same on all its rows; the last one scored where it is not given.

    Raises:
        ValueError: a column is missing, a score is infinite or no number, there are no scores, a subject has two rows at
            one visit, belongs to two groups or two patients or has two last visits or one before its last score, or there
            are more than `MOST_VISITS` visits.
    """
    missing = [name for name in (subject, visit, score, group, patient, attended) if name is not None and name not in scores]
    if missing:
        raise ValueError(
            f"the frame has no column {', '.join(map(repr, missing))}; it has {', '.join(map(repr, scores.columns))}"
        )
    value = pd.to_numeric(scores[score], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    unread = np.isnan(value) & scores[score].notna().to_numpy()
    if unread.any() or np.isinf(value).any():
        raise ValueError(f"{score}: {int(unread.sum() + np.isinf(value).sum())} scores are not finite numbers")
    recorded = ~np.isnan(value)
    if not recorded.any():
        raise ValueError(f"{score}: no scores")
    long = scores.loc[recorded]
    who, subjects = pd.factorize(long[subject])
    when, visits = pd.factorize(long[visit], sort=True)
    if (who < 0).any() or (when < 0).any():
        raise ValueError(f"{int(((who < 0) | (when < 0)).sum())} scores have no {subject} or no {visit}")
    if len(visits) > MOST_VISITS:
        raise ValueError(f"{visit}: {len(visits)} different visits; a model takes at most {MOST_VISITS}")
    slot = who * len(visits) + when
    twice = int((np.bincount(slot) > 1).sum())
    if twice:
        raise ValueError(f"{twice} times a {subject} has two scores at one {visit}; a subject has one row per visit")
    wide = np.full((len(subjects), len(visits)), np.nan)
    wide.ravel()[slot] = value[recorded]
    of_row, groups = _groups(long[group]) if group else (np.zeros(len(long), np.int64), (EVERYONE,))
    own = _of_subject(who, of_row, len(subjects), f"belong to two groups of {group}")
    last = ((~np.isnan(wide)) * np.arange(len(visits))).max(axis=1)
    if attended:
        came = _visit_place(long[attended], visits, attended)
        came = _of_subject(who, came, len(subjects), f"have two values of {attended}")
        if (came < last).any():
            raise ValueError(f"{int((came < last).sum())} subjects have a score after their last visit in {attended}")
        last = came
    whose = _of_subject(who, pd.factorize(long[patient])[0], len(subjects), f"belong to two of {patient}") if patient else None
    kind = np.arange(len(subjects)) if whose is None else whose
    if (kind < 0).any():
        raise ValueError(f"{int((kind < 0).sum())} subjects have no {patient}")
    ones = np.ones(len(wide))
    return Wide(wide, ones, ones.astype(bool), own, groups, tuple(visits.tolist()), last, kind)


def _of_subject(who: NDArray[np.int64], value: NDArray[np.int64], subjects: int, problem: str) -> NDArray[np.int64]:
    """One value per subject, which all its rows have."""
    own = np.zeros(subjects, np.int64)
    own[who] = value
    if (own[who] != value).any():
        raise ValueError(f"{len(set(who[own[who] != value]))} subjects {problem}")
    return own


def _visit_place(last: pd.Series, visits: Any, name: str) -> NDArray[np.int64]:
    """The place among the visits of the last one attended; one between two of them is the former, one after all is beyond."""
    if last.isna().any():
        raise ValueError(f"{int(last.isna().sum())} scores have no {name}")
    try:
        place = np.searchsorted(np.asarray(visits), last.to_numpy(), side="right") - 1
    except TypeError as error:
        raise ValueError(f"{name}: its values are not visits like {visits[0]}") from error
    beyond = np.asarray(last.to_numpy() > visits[-1])
    return np.asarray(place + beyond, np.int64)


def _groups(column: pd.Series) -> tuple[NDArray[np.int64], tuple[Hashable, ...]]:
    if column.isna().any():
        raise ValueError(f"{int(column.isna().sum())} scores have no {column.name}")
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(np.int64), tuple(column.cat.categories)
    codes, names = pd.factorize(column, sort=True)
    return codes.astype(np.int64), tuple(names.tolist())
