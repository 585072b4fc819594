"""The parts of a cohort: one row for each frame of counts, with the plan that makes it and how it adds up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from outcomes.cohort import checks, events, follow_up, guidance, paths, providers, raters
from outcomes.definitions.columns import COLUMN


class Part(NamedTuple):
    """One frame of counts.

    `plan` makes it from a `Counting`, and from an endpoint and a scale where there is one for each of these, for every score
    and for those taken blind where `which` names them. `sums` are the columns that add up. In a linked part the rows of a
    patient stay together, as of one `kind`; with `within`, for each value of that column by itself.
    """

    plan: Callable[..., nw.LazyFrame[Any] | None]
    of_scale: bool = False
    which: tuple[str, ...] = ()
    sums: tuple[str, ...] = ("n",)
    is_linked: bool = False
    within: str | None = None


PARTS = {
    "skin_types": Part(checks.skin_types),
    "columns": Part(checks.columns, sums=tuple(COLUMN)),
    "checks": Part(checks.checks, sums=("n", "of")),
    "timing": Part(checks.timing),
    "scales": Part(paths.scales),
    "flow": Part(paths.flow, of_scale=True, which=(paths.EVERY, paths.BLIND)),
    "paths": Part(paths.paths, of_scale=True, which=(paths.EVERY, paths.BLIND), is_linked=True),
    "scores": Part(paths.scores, of_scale=True, sums=("n", "first")),
    "followed": Part(follow_up.followed, of_scale=True, is_linked=True),
    "gais": Part(partial(follow_up.judged, column="gais", by="gais_by"), is_linked=True, within="session"),
    "satisfaction": Part(partial(follow_up.judged, column="satisfaction"), is_linked=True, within="session"),
    "blinding": Part(raters.blinding, sums=("yes", "no", "of")),
    "pairs": Part(raters.pairs, of_scale=True),
    "asked": Part(events.asked, is_linked=True),
    "event_lengths": Part(events.event_lengths),
    "providers": Part(providers.provider_courses),
    "screening": Part(guidance.screening),
    "tips": Part(guidance.tips, is_linked=True),
    "intervals": Part(guidance.intervals),
}
"""Every part by name."""
