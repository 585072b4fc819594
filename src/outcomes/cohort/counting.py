"""Checked records on their engine, made ready to be counted: what several counts are made from is computed once and held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import narwhals.stable.v2 as nw

from outcomes.cohort.courses import course_table, whole_courses
from outcomes.definitions.endpoints import ENDPOINTS, Endpoint
from outcomes.definitions.fitzpatrick import UNKNOWN_TYPE
from outcomes.definitions.scales import SCALES, Scale
from outcomes.definitions.windows import Window
from outcomes.records.parse import COURSE
from outcomes.records.raters import taken_blind
from outcomes.records.records import Records
from outcomes.records.session_days import around, session_days, timed
from outcomes.tabular.engines import hold

SKIN_TYPE = "skin_type"

_JUDGED = (
    *("patient_id", COURSE, "day", "sessions_completed", SKIN_TYPE, "blinded", "gais", "gais_by", "satisfaction"),
    *(name for endpoint in ENDPOINTS.values() for name in (endpoint.scale_column, endpoint.score_column)),
)


@dataclass(frozen=True)
class Counting:
    """Records with what counts of them depend on: the spacing of sessions, the window after each, and the limits of guidance by option."""

    records: Records
    spacing: int | None
    window: Window
    limits: Mapping[str, float]
    _held: dict[object, nw.LazyFrame[Any]] = field(default_factory=dict, init=False)
    by: ClassVar[tuple[str, ...]] = ()
    """The column by which plans count each group by itself, where rows have one."""

    @cached_property
    def frame(self) -> nw.LazyFrame[Any]:
        """The visits, with `skin_type`: that of the patient, `UNKNOWN_TYPE` where no row of theirs has one."""
        visits = self.records.frame
        if not self.records.untyped:
            return visits.with_columns(nw.col("fitzpatrick").alias(SKIN_TYPE))
        known = nw.col("fitzpatrick").min().over("patient_id").fill_null(UNKNOWN_TYPE)
        return hold(visits.with_columns(known.alias(SKIN_TYPE)), visits)

    @cached_property
    def beside(self) -> nw.LazyFrame[Any]:
        """What lies around each number of sessions of a course (`around`)."""
        return hold(around(self.frame, self.spacing), self.frame)

    @cached_property
    def timed(self) -> nw.LazyFrame[Any]:
        """The visits with what is judged at them, `k`, the sessions given, and what the window makes of their day: `waited`, `timing`, `is_dated`."""
        numbered = self.frame.select(*_JUDGED, k=nw.col("sessions_completed"))
        return hold(timed(numbered, self.beside, self.window), self.frame)

    @cached_property
    def session_days(self) -> nw.LazyFrame[Any]:
        """`course`, `k`, `session_day`, held."""
        return hold(session_days(self.frame), self.frame)

    @cached_property
    def whole_courses(self) -> nw.LazyFrame[Any]:
        """What is known of each course beside its scores, held."""
        return hold(whole_courses(self.frame), self.frame)

    def held(self, make: Callable[[Counting], nw.LazyFrame[Any]]) -> nw.LazyFrame[Any]:
        """What a function makes of this, computed once and held."""
        return self._once(make, lambda: make(self))

    def _once(self, key: object, make: Callable[[], nw.LazyFrame[Any]]) -> nw.LazyFrame[Any]:
        if key not in self._held:
            self._held[key] = hold(make(), self.frame)
        return self._held[key]

    def courses(self, endpoint: str, scale: str, *, blinded: bool = False) -> nw.LazyFrame[Any]:
        """`course_table` of every course, held; `blinded` of scores taken blind alone."""
        return self._once(
            (endpoint, scale, blinded), lambda: self._course_table(ENDPOINTS[endpoint], SCALES[scale], blinded=blinded)
        )

    def _course_table(self, of: Endpoint, scale: Scale, *, blinded: bool) -> nw.LazyFrame[Any]:
        visits = taken_blind(self.timed, self.records.ratings, of) if blinded else self.timed
        return course_table(self.whole_courses, visits, of, scale, self.window, self.records.sessions)
