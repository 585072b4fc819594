"""Records on PySpark counted by its workers: each part by itself, on DuckDB there, and the counts of all parts added.

The rows of a patient lie in one part, and counts of different patients add: one job counts all. A tip may have been used at
patients of two parts, so the rows of a tip are brought together, in a second stage of that job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.counting import Counting
from outcomes.cohort.parts import PARTS, Key, added_parts, counted, keys_of
from outcomes.records.records import Records
from outcomes.tabular.engines import collect, lazy
from outcomes.tabular.workers import Ask, places_for

_TIP = "tip_code"
_BY_PATIENT = [name for name, part in PARTS.items() if part.of == "patient_id"]
_BY_TIP = [name for name, part in PARTS.items() if part.of == _TIP]

Found = tuple[str, Any]
"""Counts of the rows that have some values of a column, after its name; for `_TIP` in the first stage the rows themselves."""


def of_workers(counting: Counting, ask: Callable[[Counting], Iterable[Any]], then: Ask | None = None) -> list[Any]:
    """What `ask`, a function of a module, makes of each part of the records in a worker; for `then` see `outcomes.tabular.workers`."""
    return counting.records.of_workers(partial(_asked, _known(counting), ask), then)


def _known(counting: Counting) -> Counting:
    """What goes to a worker."""
    return replace(counting, records=counting.records.without_rows)


def _asked(known: Counting, ask: Callable[[Counting], Iterable[Any]], records: Records) -> Iterable[Any]:
    return ask(replace(known, records=records))


def counts_of_workers(counting: Counting) -> dict[Key, pd.DataFrame]:
    """Every part of the records' counts, in one job; counts alone come back from the workers."""
    places = places_for(counting.records.rows)
    several: dict[str, list[Mapping[Key, pd.DataFrame]]] = {}
    for of, parts in of_workers(counting, partial(_counts, places), partial(_with_tips, _known(counting))):
        several.setdefault(of, []).append(parts)
    return {key: counts for parts in several.values() for key, counts in added_parts(parts).items()}


def _counts(places: int, counting: Counting) -> Iterator[tuple[int, Found]]:
    """The counts of one part's patients, and the rows from which tips are counted, each with the place where it goes on."""
    scales = counted(counting, ("scales",))
    yield 0, ("patient_id", {key: counted(counting, key) for key in keys_of(_BY_PATIENT, scales)})
    used = collect(counting.frame.select(_TIP, "provider_id")).dropna(subset=[_TIP]).astype("str")
    place = pd.util.hash_array(used[_TIP].to_numpy(object), categorize=False) % np.uint64(places)
    # With those of no tip too: that none was recorded is a count.
    yield 0, (_TIP, used.iloc[:0])
    for at, rows in used.groupby(place):
        yield int(at), (_TIP, rows)


def _with_tips(known: Counting, found: Iterable[tuple[int, Found]]) -> Iterator[Found]:
    """The counts as they came, and those of the tips whose rows have come to this place."""
    used: list[pd.DataFrame] = []
    for _, (of, counts) in found:
        if of == _TIP:
            used.append(counts)
        else:
            yield of, counts
    if used:
        here = replace(known, records=replace(known.records, frame=lazy(pd.concat(used, ignore_index=True))))
        yield _TIP, {(name,): counted(here, (name,)) for name in _BY_TIP}
