"""A tally or a long frame -> rows of scores: what every estimator of repeated scores starts from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.counts import MISSED
from outcomes.cohort.courses import FINISHED, ONGOING
from outcomes.cohort.tally import Tally
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import HUNDREDTHS
from outcomes.errors import UsageError
from outcomes.measures.groups import groups_of
from outcomes.statistics.attendance import ENOUGH
from outcomes.statistics.longitudinal import EVERYONE, Wide, wide_of_scores


def wide_of(scores: pd.DataFrame | Tally, *, group: Any = None, **columns: str | None) -> Wide:
    """Rows of a long frame whose `columns` are named, or of a tally, which needs no names; `group` as in `outcomes.continued`.

    Raises:
        UsageError: see `outcomes.statistics.longitudinal.wide_of_scores`; a frame without its columns named, or a tally with them.
    """
    if isinstance(scores, Tally):
        if named := [name for name, column in columns.items() if column]:
            raise UsageError(f"a tally has no columns to name: leave out {', '.join(named)}")
        return wide_of_tally(scores, groups_of(scores, group))
    if unnamed := [name for name in ("subject", "visit", "score") if not columns[name]]:
        raise UsageError(f"name the columns of the frame: {', '.join(unnamed)}")
    try:
        return wide_of_scores(scores, group=group, **columns)  # type: ignore[arg-type]
    except ValueError as error:
        raise UsageError(str(error)) from error


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
    wide = Wide(
        scores,
        paths["n"].to_numpy(float),
        stopped,
        own.to_numpy(np.int64),
        known,
        tuple(range(len(names))),
        paths["attended"].to_numpy(np.int64),
        paths["kind"].to_numpy(np.int64),
    )
    return wide.until(int(np.flatnonzero(wide.seen >= ENOUGH).max(initial=0)) + 1)
