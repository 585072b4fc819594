"""Rows of the one long table of estimates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, cast

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.estimates import ESTIMATES, GROUPS, Estimate
from outcomes.definitions.fitzpatrick import UNKNOWN_TYPE
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.thresholds import FEW
from outcomes.errors import UsageError

P = ParamSpec("P")

Names = str | Sequence[str]
"""One endpoint or several, by name."""

Tallies = Tally | Sequence[Tally]
"""One tally or several, of several endpoints: what a measure decorated with `each_tally` takes."""


def each_tally(measure: Callable[Concatenate[Tally, P], pd.DataFrame]) -> Callable[Concatenate[Tallies, P], pd.DataFrame]:
    """The measure of one tally as one that takes several too, and gives the rows of each below each other: none of no tally."""

    @wraps(measure)
    def of_each(tally: Tallies, *args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        if isinstance(tally, Tally):
            return measure(tally, *args, **kwargs)
        if not tally:
            return pd.DataFrame(columns=list(ESTIMATES))
        return pd.concat([measure(each, *args, **kwargs) for each in tally], ignore_index=True)

    declared = signature(measure)
    first, *others = declared.parameters.values()
    several = declared.replace(parameters=[first.replace(annotation="Tally | Sequence[Tally]"), *others])
    of_each.__signature__ = several  # type: ignore[attr-defined]
    return cast(Callable[Concatenate[Tallies, P], pd.DataFrame], of_each)


def each_endpoint(names: Names, measure: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    """What is measured of one endpoint, or of several by their names below each other."""
    return measure(names) if isinstance(names, str) else pd.concat(map(measure, names), ignore_index=True)


def first_of(tally: Tallies) -> Tally:
    """The tally, or the first of several.

    Raises:
        UsageError: no tally at all.
    """
    if isinstance(tally, Tally):
        return tally
    if not tally:
        raise UsageError("no tally was given, so there is nothing to estimate")
    return tally[0]


def same_endpoint(tally: Tally, others: Tallies) -> Tally:
    """Of tallies counted in another way, that of the tally's own endpoint.

    Raises:
        UsageError: there is none.
    """
    several = [others] if isinstance(others, Tally) else others
    for other in several:
        if other.endpoint.name == tally.endpoint.name:
            return other
    raise UsageError(
        f"there is no tally of {tally.endpoint.name} beside it, only of {', '.join(of.endpoint.name for of in several)}"
    )


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
            known = [*names, UNKNOWN_TYPE] if (frame[by] == UNKNOWN_TYPE).any() else names
            frame[by] = pd.Categorical(frame[by], categories=known, ordered=True)
    return frame[[name for name in ESTIMATES if name in frame]]
