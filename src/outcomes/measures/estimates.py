"""Rows of the one long table of estimates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, cast

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.estimates import ESTIMATES, GROUPS, Estimate
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.thresholds import FEW
from outcomes.errors import UsageError

P = ParamSpec("P")

Tallies = Tally | Sequence[Tally]
"""One tally or several, of several endpoints: what a measure decorated with `each_tally` takes."""


def each_tally(measure: Callable[Concatenate[Tally, P], pd.DataFrame]) -> Callable[Concatenate[Tallies, P], pd.DataFrame]:
    """The measure of one tally as one that takes several too, and gives the rows of each below each other.

    Raises:
        UsageError: no tally at all.
    """

    @wraps(measure)
    def of_each(tally: Tallies, *args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        if isinstance(tally, Tally):
            return measure(tally, *args, **kwargs)
        found = [measure(each, *args, **kwargs) for each in tally]
        if not found:
            raise UsageError("no tally was given, so there is nothing to estimate")
        return pd.concat(found, ignore_index=True)

    declared = signature(measure)
    first, *others = declared.parameters.values()
    several = declared.replace(parameters=[first.replace(annotation="Tally | Sequence[Tally]"), *others])
    of_each.__signature__ = several  # type: ignore[attr-defined]
    return cast(Callable[Concatenate[Tallies, P], pd.DataFrame], of_each)


def estimate_row(n: int, estimate: float, interval: tuple[float, float], *notes: Note) -> Estimate:
    """One estimate with its interval; its notes begin with what makes n too few, and none stands twice."""
    few = (Note(NoteCode.NO_COURSES),) if n == 0 else (Note(NoteCode.TOO_FEW, n),) if n < FEW else ()
    low, high = interval
    return {"n": n, "estimate": estimate, "conf_low": low, "conf_high": high, "note": tuple(dict.fromkeys((*few, *notes)))}


def framed(rows: Sequence[Mapping[str, Any]], tally: Tally, estimand: str, measure: str, unit: str, method: str) -> pd.DataFrame:
    """Rows of one measure as estimates: the constant columns added, all in the order of `ESTIMATES`."""
    constants = {
        "endpoint": tally.endpoint.name,
        "scale": tally.scale.name,
        "measure": measure,
        "estimand": estimand,
        "unit": unit,
        "method": method,
    }
    return long_frame([constants | dict(row) for row in rows])


def long_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of estimates, at least one, with their columns in the order of `ESTIMATES` and skin types as ordered categories."""
    frame = pd.DataFrame(rows)
    for by, names in GROUPS.items():
        if by in frame:
            frame[by] = pd.Categorical(frame[by], categories=names, ordered=True)
    return frame[[name for name in ESTIMATES if name in frame]]
