"""Scores -> cells: all that a Gaussian model of repeated scores needs of the records.

A cell is everyone of one group who was seen at the same visits: how many, their mean scores, and the centred
cross-products of their scores. After this one aggregation no row is touched again, so that a model costs the same for
200 and for a million patients.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcomes.statistics.arrays import Floats
from outcomes.statistics.longitudinal import Wide


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

    def only(self, groups: Sequence[int]) -> Cells:
        """The cells of some of the groups, by index in rising order."""
        own = np.isin(self.group, groups)
        names = tuple(self.groups[g] for g in groups)
        place = np.searchsorted(groups, self.group[own])
        return Cells(names, self.visits, place, self.seen[own], self.n[own], self.mean[own], self.cross[own])


def cells_of(wide: Wide) -> Cells:
    """The cells of wide scores; rows never seen are in none."""
    seen = ~np.isnan(wide.scores)
    visits = seen.shape[1]
    # Everyone of one group and pattern of visits stands together after one sort; the never seen come first of their group.
    pattern = seen @ (1 << np.arange(visits, dtype=np.int64))
    key = np.where(pattern > 0, wide.group * (1 << visits) + pattern, -1)
    order = np.argsort(key, kind="stable")[np.count_nonzero(key < 0) :]
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    members = np.split(order, starts[1:]) if len(order) else []
    first = order[starts]
    n, mean, cross = np.zeros(len(members)), np.zeros((len(members), visits)), np.zeros((len(members), visits, visits))
    for cell, rows in enumerate(members):
        here = seen[rows[0]]
        own, count = wide.scores[np.ix_(rows, here)], wide.count[rows]
        n[cell] = count.sum()
        mean[cell, here] = count @ own / n[cell]
        # About the mean, not from raw squares: nothing cancels.
        centred = own - mean[cell, here]
        cross[cell][np.ix_(here, here)] = (centred.T * count) @ centred
    return Cells(wide.groups, wide.visits, wide.group[first], seen[first], n, mean, cross)
