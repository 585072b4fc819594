"""Scores -> cells: all that a Gaussian model of repeated scores needs of the records.

A cell is everyone of one group who was seen at the same visits: how many, their mean scores, and the centred
cross-products of their scores. After this one aggregation no row is touched again, so that a model costs the same for
200 and for a million patients; the cells of two clinics are those of their sums.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outcomes.course import MISSED
from outcomes.errors import UsageError
from outcomes.scales import HUNDREDTHS, SKIN_TYPES
from outcomes.tallies import Tally

Floats = NDArray[np.float64]

EVERYONE = "all"
"""The name of the one group where none is given."""

MOST_VISITS = 40
"""Visits a model can have: an unstructured covariance of more has over 800 parameters."""


@dataclass(frozen=True)
class Cells:
    """`c` cells of `T` visits; entries of visits at which a cell was not seen are 0.

    `group` (c,) indexes `groups`; `seen` (c, T); `n` (c,) subjects; `mean` (c, T) in score units; `cross` (c, T, T) sums of
    centred products, in score units squared.
    """

    groups: tuple[Hashable, ...]
    visits: tuple[Any, ...]
    group: NDArray[np.int64]
    seen: NDArray[np.bool_]
    n: Floats
    mean: Floats
    cross: Floats

    @property
    def counts(self) -> Floats:
        """Subjects seen, by group and visit (G, T)."""
        out = np.zeros((len(self.groups), len(self.visits)))
        np.add.at(out, self.group, self.n[:, None] * self.seen)
        return out

    @property
    def pairs(self) -> Floats:
        """Subjects seen at both of two visits (T, T)."""
        return np.einsum("c,ca,cb->ab", self.n, self.seen, self.seen)

    def of_group(self, index: int) -> Cells:
        """The cells of one group alone."""
        own = self.group == index
        return Cells((self.groups[index],), self.visits, np.zeros(own.sum(), np.int64), self.seen[own], self.n[own], self.mean[own], self.cross[own])


def cells_of_scores(scores: pd.DataFrame, *, subject: str, visit: str, score: str, group: str | None = None) -> Cells:
    """The cells of a long frame with one row per subject and visit; rows without a score are not visits.

    Visits are ordered by value. Groups are ordered likewise, or as their ordered category says, those without subjects too.

    Raises:
        UsageError: a column is missing, a score is infinite or no number, there are no scores, a subject has two rows at one
            visit or belongs to two groups, or there are more than `MOST_VISITS` visits.
    """
    wide = wide_scores(scores, subject=subject, visit=visit, score=score, group=group)
    seen = ~np.isnan(wide.scores)
    # Everyone of one group and pattern of visits stands together after one sort.
    weights = 1 << np.arange(seen.shape[1], dtype=np.int64)
    key = wide.group * (1 << seen.shape[1]) + seen @ weights
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    members = np.split(order, starts[1:])
    first = order[starts]
    shape = (len(members), seen.shape[1])
    mean, cross = np.zeros(shape), np.zeros((*shape, seen.shape[1]))
    for cell, (rows, pattern) in enumerate(zip(members, seen[first], strict=True)):
        own = wide.scores[np.ix_(rows, pattern)]
        mean[cell, pattern] = own.mean(axis=0)
        centred = own - mean[cell, pattern]
        cross[cell][np.ix_(pattern, pattern)] = centred.T @ centred
    n = np.array([len(rows) for rows in members], dtype=float)
    return Cells(wide.groups, wide.visits, wide.group[first], seen[first], n, mean, cross)


@dataclass(frozen=True)
class Wide:
    """One row per subject: `scores` (n, T) with nan where not seen, `group` (n,) indexing `groups`, `visits` (T,)."""

    scores: Floats
    group: NDArray[np.int64]
    groups: tuple[Hashable, ...]
    visits: tuple[Any, ...]


def wide_scores(scores: pd.DataFrame, *, subject: str, visit: str, score: str, group: str | None = None) -> Wide:
    """A long frame of scores with one row per subject; raises as `cells_of_scores` says."""
    missing = [name for name in (subject, visit, score, group) if name is not None and name not in scores]
    if missing:
        raise UsageError(f"the frame has no column {', '.join(map(repr, missing))}; it has {', '.join(map(repr, scores.columns))}")
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
    return Wide(wide, own, groups, tuple(visits.tolist()))


def _groups(column: pd.Series) -> tuple[NDArray[np.int64], tuple[Hashable, ...]]:
    if column.isna().any():
        raise UsageError(f"{int(column.isna().sum())} scores have no {column.name}")
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(np.int64), tuple(column.cat.categories)
    codes, names = pd.factorize(column, sort=True)
    return codes.astype(np.int64), tuple(names.tolist())


def cells_of_tally(tally: Tally, groups: dict[str, str] | None = None) -> Cells:
    """The cells of a tally, exactly from its integer sums.

    `groups` maps skin type -> group; none is everyone together. Every group named stays, those without courses too.
    """
    sums = _sums_of_paths(tally.paths) if tally.scale.kind == "ordinal" else tally.moments
    group = sums["skin_type"].map(groups) if groups else pd.Series(EVERYONE, index=sums.index)
    names = tuple(dict.fromkeys(groups[name] for name in SKIN_TYPES if name in groups)) if groups else (EVERYONE,)
    keyed = sums.assign(group=pd.Categorical(group, categories=names))
    whole = keyed.groupby(["group", "pattern", "first", "second"], observed=True, as_index=False)[["n", "total", "product"]].sum()
    patterns = whole[["group", "pattern"]].drop_duplicates(ignore_index=True)
    sessions = max(patterns["pattern"].str.len(), default=1)
    cell = whole.merge(patterns.reset_index(names="cell"), on=["group", "pattern"])
    return _exact_cells(cell, patterns, names, sessions)


def _exact_cells(sums: pd.DataFrame, patterns: pd.DataFrame, names: Sequence[Hashable], sessions: int) -> Cells:
    c, first, second = (sums[name].to_numpy() for name in ("cell", "first", "second"))
    n, mean, cross = np.zeros(len(patterns)), np.zeros((len(patterns), sessions)), np.zeros((len(patterns), sessions, sessions))
    n[c] = sums["n"]
    total = np.zeros((len(patterns), sessions), dtype=object)
    alone = first == second
    total[c[alone], first[alone]] = sums["total"].to_numpy(dtype=object)[alone]
    mean[c[alone], first[alone]] = [t / m / HUNDREDTHS for t, m in zip(total[c[alone], first[alone]], sums["n"].to_numpy()[alone], strict=True)]
    # Integers of any size: nothing cancels before the one division.
    count, product = sums["n"].to_numpy(dtype=object), sums["product"].to_numpy(dtype=object)
    centred = (count * product - total[c, first] * total[c, second]) / count
    cross[c, first, second] = cross[c, second, first] = centred.astype(float) / HUNDREDTHS**2
    seen = np.array([[digit == "1" for digit in pattern.ljust(sessions, "0")] for pattern in patterns["pattern"]], dtype=bool).reshape(-1, sessions)
    group = patterns["group"].cat.codes.to_numpy(np.int64)
    return Cells(tuple(names), tuple(range(sessions)), group, seen, n, mean, cross)


def _sums_of_paths(paths: pd.DataFrame) -> pd.DataFrame:
    """Paths as moments: the same integers that tallies of points keep from the start."""
    names = [name for name in paths.columns if name.startswith("after_")]
    scores = paths[names].to_numpy(np.int64)
    seen = scores != MISSED
    pattern = ["".join("1" if here else "0" for here in row) for row in seen]
    n = paths["n"].to_numpy(np.int64)
    parts = [
        pd.DataFrame({"skin_type": paths["skin_type"], "pattern": pattern, "n": n, "total": n * scores[:, i], "product": n * scores[:, i] * scores[:, j]})
        .assign(first=i, second=j)[seen[:, i] & seen[:, j]]
        for i in range(len(names))
        for j in range(i, len(names))
    ]
    return pd.concat(parts, ignore_index=True)
