"""Checked session records: the frame on its engine, and what is known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.windows import Window, window_for
from outcomes.records.raters import ratings_of, visits_of
from outcomes.records.session_days import interval_counts, median_spacing, session_intervals
from outcomes.records.set_aside import SetAside
from outcomes.tabular.engines import collect, hold
from outcomes.tabular.workers import Ask, of_workers


@dataclass(frozen=True)
class Records:
    """Session records that keep the contract, one row per visit of a course.

    `frame` is lazy and stays on its engine: every column of the contract in its own kind (null where the source lacks
    it, numbers as integers, scores and other number columns in hundredths), `source_row` and `course`, a key made of
    patient and course or area. `rows` are those analysed, `visits` those of the frame: fewer where several assessors
    scored a visit, a row each; `ratings` then holds what each of them scored at these visits, and `unmerged` the rows before they became visits. `unknown` are columns of the source that the contract does not know and nothing uses, which stand at the places `unknown_at`.
    `aside` are the rows that were set aside, where that was asked for. `rows_in` are those of the source in which anything is
    recorded, counted where they were read: `rows_in` = `rows` + `rows_aside`, always. `blank` rows of the source hold nothing.
    `own_window` is the window after a session that was asked for; `window` is the one that everything computed from these
    records uses: that one, or the one that suits the clinic's spacing. `doubts` say which columns may hold what identifies a
    patient, and `accepted` for which a person vouches; in sentences, by column and count.

    Example:
        >>> import outcomes
        >>> records = outcomes.read_records("sample")
        >>> records.rows, records.courses, records.patients
        (1210, 251, 240)
    """

    frame: nw.LazyFrame[Any]
    source: str
    path: Path | None
    rows_in: int
    rows: int
    visits: int
    courses: int
    patients: int
    sessions: int
    untyped: int
    present: tuple[str, ...]
    unknown: tuple[str, ...]
    blank: int = 0
    aside: SetAside | None = None
    ratings: nw.LazyFrame[Any] | None = None
    own_window: Window | None = None
    unmerged: nw.LazyFrame[Any] | None = None
    unknown_at: tuple[int, ...] = ()
    doubts: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()

    @property
    def rows_aside(self) -> int:
        """Rows of the source that were set aside."""
        return self.aside.rows if self.aside else 0

    @property
    def to_look_at(self) -> list[str]:
        """What their owner is told before they are passed on, in sentences: unknown columns, what may identify, what was vouched for."""
        unknown = [f"not in the contract: {', '.join(self.unknown)}"] if self.unknown else []
        doubts = (f"{doubt}: look at it before you pass the records on" for doubt in self.doubts)
        return [*unknown, *doubts, *(f"{each}; accepted" for each in self.accepted)]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the source file in hex; empty for a frame."""
        if self.path is None:
            return ""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def session_intervals(self) -> nw.LazyFrame[Any]:
        """`outcomes.records.session_days.session_intervals` of these visits, held."""
        return hold(session_intervals(self.frame), self.frame)

    @cached_property
    def spacing(self) -> int | None:
        """Median days from one session to the next, in whole days; None where too few are known."""
        if self.is_spread:
            return median_spacing(pd.concat(self.of_workers(_interval_counts)))
        return median_spacing(interval_counts(self.session_intervals))

    @property
    def window(self) -> Window:
        """The days after a session in which a score counts as the one after it."""
        return self.own_window or window_for(self.spacing)

    @property
    def is_spread(self) -> bool:
        """Whether the rows lie with the workers of PySpark, those of a patient in one part."""
        return bool(self.frame.implementation.is_pyspark())

    def of_workers(self, ask: Callable[[Records], Iterable[Any]], then: Ask | None = None) -> list[Any]:
        """What `ask`, a function of a module, makes of the records of each part in a worker of PySpark, on DuckDB there.

        What is known of all records, such as `sessions` and `rows`, is known there too; frames are those of the part alone. For
        `then` see `outcomes.tabular.workers`.
        """
        if self.unmerged is None:
            return of_workers(self.frame, self.rows, partial(_of_visits, self.without_rows, ask), then)
        return of_workers(self.unmerged, self.rows, partial(_of_rated, self.without_rows, ask), then)

    @property
    def without_rows(self) -> Records:
        """What is known of the records, without a frame: as it goes to a worker."""
        return replace(self, frame=None, ratings=None, aside=None, unmerged=None)  # type: ignore[arg-type]

    @cached_property
    def endpoints(self) -> tuple[str, ...]:
        """Names of the endpoints that have a score anywhere."""
        counts = collect(self.frame.select(*(nw.col(endpoint.score_column).count() for endpoint in ENDPOINTS.values())))
        return tuple(name for name, endpoint in ENDPOINTS.items() if counts[endpoint.score_column].iloc[0] > 0)

    def __repr__(self) -> str:
        return f"Records({self.source}: {self.rows:,} rows, {self.courses:,} courses, {self.patients:,} patients)"


def _of_visits(known: Records, ask: Callable[[Records], Iterable[Any]], visits: nw.LazyFrame[Any]) -> Iterable[Any]:
    return ask(replace(known, frame=visits))


def _of_rated(known: Records, ask: Callable[[Records], Iterable[Any]], rows: nw.LazyFrame[Any]) -> Iterable[Any]:
    frame, rated = visits_of(rows)
    return ask(replace(known, frame=frame, ratings=None if rated is None else hold(ratings_of(rated))))


def _interval_counts(records: Records) -> list[pd.DataFrame]:
    return [interval_counts(records.session_intervals)]
