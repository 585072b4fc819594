"""The parts of a cohort: one row for each frame of counts, with the plan that makes it and how it adds up; and their counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort import checks, events, follow_up, guidance, paths, patients, providers, raters
from outcomes.cohort.counting import Counting
from outcomes.cohort.counts import added, alike, summed, tidy
from outcomes.definitions.columns import COLUMN
from outcomes.tabular.engines import collect

Key = tuple[str, ...]
"""The name of a part, and of those for one scale the endpoint, the scale, and which scores: ``("paths", "pih", "pahpi", "every score")``."""


class Part(NamedTuple):
    """One frame of counts.

    `plan` makes it from a `Counting`, and from an endpoint and a scale where there is one for each of these, for every score
    and for those taken blind where `which` names them. `sums` are the columns that add up. In a linked part the rows of a
    patient stay together, as of one `kind`; with `within`, for each value of that column by itself. Counts of some of the rows
    add up to those of all where no value of the column `of` is in the rows of two. `elsewhere` makes the counts for a scale that
    nobody is scored on from those of another scale, None where there is none, and from `skin_types`; where it is not given, or
    gives None, they are empty.
    """

    plan: Callable[..., nw.LazyFrame[Any] | None]
    of_scale: bool = False
    which: tuple[str, ...] = ()
    sums: tuple[str, ...] = ("n",)
    is_linked: bool = False
    within: str | None = None
    of: str = "patient_id"
    elsewhere: Callable[[pd.DataFrame | None, pd.DataFrame], pd.DataFrame | None] | None = None


PARTS = {
    "skin_types": Part(checks.skin_types),
    "columns": Part(checks.columns, sums=tuple(COLUMN)),
    "checks": Part(checks.checks, sums=("n", "of")),
    "timing": Part(checks.timing),
    "scales": Part(paths.scales),
    "flow": Part(paths.flow, of_scale=True, which=(paths.EVERY, paths.BLIND), elsewhere=paths.flow_elsewhere),
    "paths": Part(paths.paths, of_scale=True, which=(paths.EVERY, paths.BLIND), is_linked=True),
    "scores": Part(paths.scores, of_scale=True, sums=("n", "first"), elsewhere=paths.scores_elsewhere),
    "followed": Part(follow_up.followed, of_scale=True, is_linked=True),
    "gais": Part(partial(follow_up.judged, column="gais", by="gais_by"), is_linked=True, within="session"),
    "satisfaction": Part(partial(follow_up.judged, column="satisfaction"), is_linked=True, within="session"),
    "blinding": Part(raters.blinding, sums=("yes", "no", "of")),
    "pairs": Part(raters.pairs, of_scale=True),
    "asked": Part(events.asked, is_linked=True),
    "event_lengths": Part(events.event_lengths),
    "providers": Part(providers.provider_courses),
    "screening": Part(guidance.screening),
    "outside": Part(guidance.outside, is_linked=True),
    "tips": Part(guidance.tips, is_linked=True, of="tip_code"),
    "intervals": Part(guidance.intervals),
    "patients": Part(patients.patients),
}
"""Every part by name."""


COMPARED = ("skin_types", "columns", "scales", "flow", "paths", "asked", "screening")
"""What is kept of each group by which the whole is compared."""

REPORTED = (*COMPARED, "outside", "event_lengths", "tips", "intervals")
"""What is kept of each group of which there is more to tell."""

SPLIT: Mapping[str, tuple[str, ...]] = {"provider_id": COMPARED, "start_year": REPORTED}
"""The columns by which a saved cohort is split as well, with what is kept of each group; of every score, not of those taken blind."""


def keys_of(names: Sequence[str], scales: pd.DataFrame, scores: Sequence[str] = (paths.EVERY, paths.BLIND)) -> list[Key]:
    """Every part there is of these names: those of scales, for each scale of the counts of `scales` and for these scores."""
    recorded = [tuple(row) for row in scales[["endpoint", "scale"]].itertuples(index=False)]
    found: list[Key] = []
    for name in names:
        of_scale = recorded if PARTS[name].of_scale else [()]
        found += [
            (name, *scale, *([which] if which else []))
            for scale in of_scale
            for which in PARTS[name].which or ("",)
            if which in ("", *scores)
        ]
    return found


def counted(counting: Counting, key: Key) -> pd.DataFrame:
    """The counts of one part, tidy."""
    plan = PARTS[key[0]].plan(counting, *key[1:])
    return pd.DataFrame() if plan is None else _tidied(collect(plan), PARTS[key[0]])


def counted_by(counting: Counting, key: Key) -> dict[str, pd.DataFrame]:
    """The counts of one of the parts `REPORTED` of each group at once, from rows that have a column `counting.by`; "" for a group without any."""
    part, (by,) = PARTS[key[0]], counting.by
    plan = part.plan(counting, *key[1:])
    assert plan is not None, f"{key[0]} is counted of every group"
    return split(_tidied(collect(plan), part, counting.by), by)


def split(rows: pd.DataFrame, by: str) -> dict[str, pd.DataFrame]:
    """Counts by the value of a column, which comes before all others in their order, without it; "" has the columns alone."""
    plain = rows.drop(columns=by)
    found = {"": plain.iloc[:0]}
    for value, of in plain.groupby(rows[by], sort=True):
        whole = of.reset_index(drop=True)
        found[str(value)] = whole.assign(kind=pd.factorize(whole["kind"], sort=True)[0]) if "kind" in whole else whole
    return found


def _tidied(rows: pd.DataFrame, part: Part, by: Sequence[str] = ()) -> pd.DataFrame:
    if part.is_linked:
        return alike(rows, part.within, by)
    return tidy(rows.fillna(dict.fromkeys(part.sums, 0)), part.sums)


def none_of(parts: Mapping[Key, pd.DataFrame], key: Key) -> pd.DataFrame:
    """A part of a scale that these counts do not hold: whoever is scored at all is scored on another scale."""
    part = PARTS[key[0]]
    if part.elsewhere is None:
        return pd.DataFrame()
    of_others = (counts for other, counts in parts.items() if (other[:2], other[3:]) == (key[:2], key[3:]))
    known = part.elsewhere(next(of_others, None), parts["skin_types",])
    return pd.DataFrame() if known is None else summed(known, part.sums)


def added_parts(several: Sequence[Mapping[Key, pd.DataFrame]]) -> dict[Key, pd.DataFrame]:
    """The counts of all, from those of different patients."""
    keys = dict.fromkeys(key for parts in several for key in parts)
    return {key: _added(key, [parts[key] if key in parts else none_of(parts, key) for parts in several]) for key in keys}


def _added(key: Key, several: Sequence[pd.DataFrame]) -> pd.DataFrame:
    known = [counts for counts in several if not counts.columns.empty]
    return added(known, PARTS[key[0]].sums) if len(known) > 1 else [*known, pd.DataFrame()][0]
