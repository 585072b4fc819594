"""Leaving out patients: which patients are alike, and the spread of an estimate when one of them is left out.

The patient is the unit of every interval: the courses of one patient are not independent, so they are left out together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from outcomes.statistics.arrays import Floats

Integers = NDArray[np.int64]

MOST_REPLICATES = 600
"""Kinds of patient up to which each is left out once; above, `DELETED_GROUPS` equal groups of patients are."""

DELETED_GROUPS = 200
_SEED = 5077


class Kinds(NamedTuple):
    """Kinds of patient: those whose courses are just the same.

    `row` (C,) indexes the rows given, one entry for each course of each kind; `kind` (C,) the kind it belongs to, 0 to K - 1,
    never falling; `patients` (K,) how many patients are of that kind.
    """

    row: Integers
    kind: Integers
    patients: Integers


def kinds_of(courses: Integers, patient: Integers, patients: Integers | None = None) -> Kinds:
    """The kinds of patient from one row of integers per course (C, q) and the patient each belongs to (C,), any integers.

    `patients` (C,) says how many patients each key of `patient` stands for, the same on all its rows; 1 where not given. The
    order of the rows and the values of the keys make no difference, so kinds of several clinics add.

    Example:
        >>> found = kinds_of(np.array([[7], [8], [8], [7], [9]]), np.array([1, 1, 2, 2, 3]))
        >>> found.kind.tolist(), found.patients.tolist()
        ([0, 1, 1], [1, 2])
    """
    if len(courses) == 0:
        return Kinds(*np.zeros((3, 0), np.int64))
    alike = _codes(courses)
    order = np.lexsort((alike, patient))
    who = np.unique(patient[order], return_inverse=True)[1].ravel()
    first = np.flatnonzero(np.diff(who, prepend=-1))
    size = np.diff(first, append=len(who))
    each = np.ones(len(first), np.int64) if patients is None else np.asarray(patients, np.int64)[order][first]
    parts = []
    for m in np.unique(size):
        # Patients with as many courses, each as one row of the codes of its courses in order.
        of = np.flatnonzero(size == m)
        own = order[first[of, None] + np.arange(m)]
        _, place, back = np.unique(alike[own], axis=0, return_index=True, return_inverse=True)
        parts.append((own[place], np.bincount(back.ravel(), weights=each[of]).astype(np.int64)))
    number = np.repeat(
        np.arange(sum(len(rows) for rows, _ in parts)), [m for rows, _ in parts for m in [rows.shape[1]] * len(rows)]
    )
    return Kinds(np.concatenate([rows.ravel() for rows, _ in parts]), number, np.concatenate([n for _, n in parts]))


def _codes(rows: Integers) -> Integers:
    """One integer for each distinct row, in their order."""
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


@dataclass(frozen=True)
class Replicates:
    """Patients of each kind in the whole (K,), of what kinds those are that each of J replicates leaves out, and what its squared difference adds (J,)."""

    patients: Floats
    gone: list[Integers]
    shares: Floats

    def portions(self, at_once: int) -> Iterator[scipy.sparse.csr_array]:
        """Patients of each kind left out of some replicates at a time (B, K), few of all; the whole, without any, before the first of them."""
        rows = [np.zeros(0, np.int64), *self.gone]
        for first in range(0, len(rows), at_once):
            some = rows[first : first + at_once]
            replicate = np.repeat(np.arange(len(some)), [len(row) for row in some])
            kind = np.concatenate(some)
            yield scipy.sparse.csr_array((np.ones(len(kind)), (replicate, kind)), shape=(len(some), len(self.patients)))

    def covariance(self, values: Floats) -> Floats:
        """Covariance (k, k) of k statistics from their values (1 + J, k), the whole's first; nan where one is nan."""
        apart = values[1:] - values[0]
        return np.asarray((apart * self.shares[:, None]).T @ apart)


def jackknife(patients: Floats) -> Replicates:
    """One patient less of each kind, as often as the kind has patients: exact, and the same every time.

    Above `MOST_REPLICATES` kinds, `DELETED_GROUPS` equal groups of patients are left out instead, dealt at random but the same
    way every time; 200 groups know a standard error to 5 %.

    References:
        Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 11; Shao & Tu (1995), The Jackknife and Bootstrap,
        section 2.3 (groups).
    """
    n = patients.sum()
    kinds = np.arange(len(patients))
    if len(patients) <= MOST_REPLICATES:
        return Replicates(patients, list(kinds[:, None]), patients * (n - 1) / n)
    # Dealt in turn instead, along kinds in order, each group would be a small likeness of all: too alike to tell a spread from.
    dealt = np.random.default_rng(_SEED).permutation(np.repeat(kinds, patients.astype(np.int64)))
    return Replicates(patients, np.array_split(dealt, DELETED_GROUPS), np.full(DELETED_GROUPS, 1 - 1 / DELETED_GROUPS))


def clustered(values: Floats, patients: Floats, kind: Integers) -> Floats:
    """Covariance (k, k) of the means over courses of values (C, k), each course standing for the patients (K,) of its `kind` (C,).

    From what each patient's courses add up to: with one course each it is the sample covariance over the number of courses.

    References:
        Cochran (1977), Sampling Techniques, 3rd ed, section 9A.1 (ratio to size of clusters).
    """
    each = patients[kind]
    n, people = each.sum(), patients[np.unique(kind)].sum()
    if people < 2:
        return np.zeros((values.shape[1],) * 2)
    left = values - each @ values / n
    of_patient = np.stack([np.bincount(kind, column, len(patients)) for column in left.T], axis=1)
    return np.asarray((of_patient.T * patients) @ of_patient / n**2 * people / (people - 1))


def design_effect(values: Floats, patients: Floats, kind: Integers) -> float:
    """How many times the variance of a mean of `values` (C,) is that of as many independent courses; never below 1.

    Where all values are alike nothing tells, and the courses of one patient count as one.

    References:
        Kish (1965), Survey Sampling, section 8.2; Rao & Scott (1992), Biometrics 48:577-585 (its use with proportions).
    """
    each = patients[kind]
    n = each.sum()
    people = patients[np.unique(kind)].sum()
    left = values - each @ values / n if n else values
    alone = each @ left**2
    if alone <= 1e-12 * max(n, 1):
        return float(n / people) if people else 1.0
    of_patient = np.bincount(kind, left, len(patients))
    return max(1.0, float(patients @ of_patient**2 / alone))
