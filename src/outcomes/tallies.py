"""Courses -> integers that add up. Every engine is asked for counts only; every number is computed from them afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outcomes.course import ANALYSED, MISSED, NOT_AGAIN, OUTSIDE, WINDOW, Window, course_table, endpoint_named, scale_used
from outcomes.engines import collect, hold
from outcomes.errors import UsageError
from outcomes.records import Records
from outcomes.scales import SKIN_TYPES, Endpoint, Scale


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of courses for one endpoint on one scale; tallies of different patients add with ``+``.

    Scores are integer hundredths of the scale. `n` counts courses; `rows` and `patients` are those of the records.

    - `flow`: `skin_type`, `reason`, `n`. Every course once, by why it is or is not analysed.
    - `paths`: `skin_type`, `end`, `after_0` (baseline) ... `after_K`, `n`. Every course with a baseline, by its whole recorded
      path: the score after each number of sessions, `MISSED` where there is none.

    Everything else is derived from the paths, so that no two tables can disagree.
    """

    endpoint: Endpoint
    scale: Scale
    window: Window
    rows: int
    patients: int
    flow: pd.DataFrame
    paths: pd.DataFrame

    @cached_property
    def scores(self) -> pd.DataFrame:
        """`skin_type`, `session`, `baseline`, `score`, `n`: courses scored after `session` sessions; session 0 holds all that began."""
        return self._scored(self._after != MISSED)

    @cached_property
    def last(self) -> pd.DataFrame:
        """The same columns, each analysed course once, at its last score after a session."""
        sessions = np.arange(self._after.shape[1])
        seen = self._after != MISSED
        latest = (seen * sessions).max(axis=1, initial=0)
        return self._scored(seen & (sessions == latest[:, None]) & (sessions > 0))

    @property
    def most_scored(self) -> int:
        """Courses scored after the session after which most were."""
        later = self.scores[self.scores["session"] > 0]
        return int(later.groupby("session")["n"].sum().max()) if len(later) else 0

    @property
    def _after(self) -> NDArray[np.int64]:
        """Scores (paths, sessions) in hundredths."""
        return self.paths.filter(regex="^after_").to_numpy(np.int64)

    def _scored(self, chosen: NDArray[np.bool_]) -> pd.DataFrame:
        path, session = np.nonzero(chosen)
        of_path = self.paths.iloc[path]
        long = pd.DataFrame(
            {
                "skin_type": of_path["skin_type"].to_numpy(),
                "session": session,
                "baseline": of_path["after_0"].to_numpy(),
                "score": self._after[path, session],
                "n": of_path["n"].to_numpy(),
            }
        )
        return summed(long)

    def __add__(self, other: Tally) -> Tally:
        """The tally of both; the patients must be different ones.

        Raises:
            ValueError: another endpoint, scale or window.
        """
        for name in ("endpoint", "scale", "window"):
            if getattr(self, name) != getattr(other, name):
                raise ValueError(f"tallies of different {name}s do not add: {getattr(self, name)} and {getattr(other, name)}")
        # A tally of longer courses has more sessions: the shorter one missed them all.
        paths = pd.concat([self.paths, other.paths])
        sessions = sorted(paths.filter(regex="^after_"), key=lambda name: int(name.removeprefix("after_")))
        return replace(
            self,
            rows=self.rows + other.rows,
            patients=self.patients + other.patients,
            flow=summed(pd.concat([self.flow, other.flow])),
            paths=summed(paths.fillna(dict.fromkeys(sessions, MISSED))[["skin_type", "end", *sessions, "n"]]),
        )

    @property
    def courses(self) -> int:
        """All courses, analysed or not."""
        return int(self.flow["n"].sum())

    @property
    def analysed(self) -> int:
        """Courses with a baseline and at least one score after a session."""
        return int(self.flow.loc[self.flow["reason"] == ANALYSED, "n"].sum())

    def __repr__(self) -> str:
        return f"Tally({self.endpoint.name} on {self.scale.name}: {self.analysed:,} of {self.courses:,} courses analysed)"


def tally(
    records: Records,
    endpoint: str = "scarring",
    *,
    scale: str | None = None,
    skin_types: str | Sequence[str] = SKIN_TYPES,
    window: Window = WINDOW,
    every_course: bool = False,
) -> Tally:
    """The integers from which everything about one endpoint is computed, in one pass on the records' own engine.

    `endpoint` is scarring, pih or fine_lines. `scale` defaults to the one most courses are scored on; courses scored on
    another one are counted in the flow and left out. `skin_types` keeps the courses of those types only, given as a
    sequence or as a text like ``"IV,V"``. `window` says which score is the one "after k sessions". An endpoint that counts
    only where it was there before the first session, PIH, is with `every_course` tallied over every course scored for it, those
    at the best score at baseline too: none is chosen by its baseline then.

    Raises:
        UsageError: unknown endpoint, scale or skin type, or no scores on it.

    Example:
        >>> import outcomes
        >>> outcomes.tally(outcomes.read_records("sample"), endpoint="scarring").scale.name
        'goodman_baron_grade'
    """
    of = endpoint_named(endpoint, every_course=every_course)
    used = scale_used(records, of, scale)
    of_types = nw.col("skin_type").is_in(named_types(skin_types))
    table = course_table(records, endpoint, scale=used.name, window=window, every_course=every_course)
    table = hold(table.filter(of_types))
    began = nw.col("reason").is_in([NOT_AGAIN, OUTSIDE, ANALYSED])
    return Tally(
        endpoint=of,
        scale=used,
        window=window,
        rows=records.rows,
        patients=records.patients,
        flow=_counts(table, ["skin_type", "reason"]),
        paths=_counts(table.filter(began), ["skin_type", "end", *(f"after_{k}" for k in range(records.sessions + 1))]),
    )


def named_types(skin_types: str | Sequence[str]) -> list[str]:
    """The skin types of a sequence, or of a text like ``"IV,V"``; raises UsageError for an unknown one or none."""
    names = [name.strip() for name in skin_types.split(",")] if isinstance(skin_types, str) else list(skin_types)
    unknown = [name for name in names if name not in SKIN_TYPES]
    if unknown or not names:
        raise UsageError(f"skin types must be among {', '.join(SKIN_TYPES)}, got {', '.join(unknown) or 'none'}")
    return names


def tally_each(records: Records, endpoints: Sequence[str] = ("scarring", "pih")) -> list[Tally]:
    """The tallies of those of the endpoints that have scores in the records; where none has, of whatever is scored.

    Raises:
        UsageError: the records hold no score of any endpoint.
    """
    scored = [name for name in endpoints if name in records.endpoints] or records.endpoints
    if not scored:
        raise UsageError(f"{records.source} holds no score of any endpoint")
    return [tally(records, name) for name in scored]


def _counts(table: nw.LazyFrame[Any], keys: list[str]) -> pd.DataFrame:
    return _tidy(collect(table.group_by(*keys).agg(nw.len().alias("n"))))


def summed(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per combination of the other columns, with the sum of its `n`."""
    return _tidy(counts.groupby([name for name in counts if name != "n"], as_index=False)["n"].sum())


def _tidy(counts: pd.DataFrame) -> pd.DataFrame:
    """Text as text, numbers as int64, rows in the order of their keys: the same on every engine."""
    kinds = {name: "str" if name in ("reason", "skin_type", "end") else "int64" for name in counts.columns}
    return counts.astype(kinds).sort_values([name for name in counts if name != "n"], ignore_index=True)
