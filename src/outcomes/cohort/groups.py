"""Records by a column: the courses of each provider, area, device or clinic, counted as the whole is, without counting its courses anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.counting import Counting
from outcomes.cohort.parts import REPORTED, Key, counted, counted_by
from outcomes.cohort.paths import BLIND
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.errors import UsageError
from outcomes.records.parse import COURSE
from outcomes.tabular.engines import collect, hold

GROUPED_BY = ("provider_id", "area", "device", "clinic_id", "start_year")
"""The columns by which courses can be told apart."""

SEVERAL = "more than one"
"""The group of courses whose rows name more than one value. No code has a space, so none can be called so."""

NUMBERS = ("rows", "visits", "courses", "patients")
"""What is counted of a cohort and of each of its groups, beside its parts."""

VALUE = "group"


@dataclass(frozen=True)
class OfEach(Counting):
    """The same rows, each with the value of its course: what is counted of every group is counted of all at once, and kept."""

    whole: Counting
    values: nw.LazyFrame[Any]
    _counted: dict[Key, dict[str, pd.DataFrame]] = field(default_factory=dict, init=False)
    by: ClassVar[tuple[str, ...]] = (VALUE,)

    def of(self, value: str, key: Key) -> pd.DataFrame:
        """The counts of one part of one group."""
        if key not in self._counted:
            self._counted[key] = counted_by(self, key)
        found = self._counted[key]
        return found.get(value, found[""])

    @cached_property
    def frame(self) -> nw.LazyFrame[Any]:
        return hold(self._with_value(self.whole.frame), self.whole.frame)

    def held(self, make: Callable[[Counting], nw.LazyFrame[Any]]) -> nw.LazyFrame[Any]:
        return self._with_value(self.whole.held(make))

    def courses(self, endpoint: str, scale: str, *, blinded: bool = False) -> nw.LazyFrame[Any]:
        return self._with_value(self.whole.courses(endpoint, scale, blinded=blinded))

    def _with_value(self, rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        return rows.join(self.values, on=COURSE, how="inner")


@dataclass(frozen=True)
class OfGroup(Counting):
    """The courses of one group: what the `whole` has made of each course holds here too, and is not made again.

    `keys` are the courses, those with the `value` in `each`. The skin type of a patient is that of the whole, wherever it is recorded.
    """

    whole: Counting
    keys: nw.LazyFrame[Any]
    each: OfEach
    value: str

    def counted(self, key: Key) -> pd.DataFrame:
        """The counts of one part."""
        at_once = key[0] in REPORTED and BLIND not in key
        return self.each.of(self.value, key) if at_once else counted(self, key)

    @cached_property
    def frame(self) -> nw.LazyFrame[Any]:
        return hold(self._of(self.whole.frame), self.whole.frame)

    @cached_property
    def beside(self) -> nw.LazyFrame[Any]:
        return self._of(self.whole.beside)

    @cached_property
    def timed(self) -> nw.LazyFrame[Any]:
        return self._of(self.whole.timed)

    @cached_property
    def session_days(self) -> nw.LazyFrame[Any]:
        return self._of(self.whole.session_days)

    @cached_property
    def whole_courses(self) -> nw.LazyFrame[Any]:
        return self._of(self.whole.whole_courses)

    def held(self, make: Callable[[Counting], nw.LazyFrame[Any]]) -> nw.LazyFrame[Any]:
        made = self.whole.held(make)
        return self._of(made) if COURSE in made.collect_schema().names() else super().held(make)

    def courses(self, endpoint: str, scale: str, *, blinded: bool = False) -> nw.LazyFrame[Any]:
        return self._of(self.whole.courses(endpoint, scale, blinded=blinded))

    def _of(self, rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        return restricted(rows, self.keys)


@dataclass(frozen=True)
class Group:
    """One value of a column: `numbers` of its rows, visits, courses and patients, and what counts them."""

    value: str
    numbers: dict[str, int]
    counting: Counting


def check_grouped_by(column: str) -> None:
    """Refuse a column by which courses are not told apart.

    Raises:
        UsageError: it is none of `GROUPED_BY`.
    """
    if column not in GROUPED_BY:
        raise UsageError(f"courses can be grouped by {', '.join(GROUPED_BY)}, got {column!r}")


def groups(counting: Counting, column: str) -> Iterator[Group]:
    """Every value of a column in the order of their texts, with the courses of which all rows that name one name this one.

    Those whose rows name more than one are the group `SEVERAL`, those without any `NOT_RECORDED`.

    Raises:
        UsageError: the records are on PySpark.
    """
    records = counting.records
    if records.is_spread:
        raise UsageError(f"records on PySpark are not split by {column}: read them from a file, or as a pandas or Polars frame")
    whole = counting.frame
    values = hold(_values(whole, column), whole)
    found = _sizes(whole.join(values, on=COURSE, how="inner"))
    rows = found["visits"] if records.unmerged is None else _rows(records.unmerged.join(values, on=COURSE, how="inner"))
    records_of_each = replace(records, frame=records.frame.join(values, on=COURSE, how="inner"))
    each = OfEach(records_of_each, counting.spacing, counting.window, counting.limits, whole=counting, values=values)
    for value in sorted(found.index):
        keys = values.filter(nw.col(VALUE) == value).select(COURSE)
        numbers: dict[str, Any] = {name: int(rows[value] if name == "rows" else found.at[value, name]) for name in NUMBERS}
        of = replace(
            records,
            frame=restricted(whole, keys),
            ratings=None if records.ratings is None else restricted(records.ratings, keys),
            unmerged=None,
            aside=None,
            blank=0,
            rows_in=numbers["rows"],
            **numbers,
        )
        made = OfGroup(of, counting.spacing, counting.window, counting.limits, whole=counting, keys=keys, each=each, value=value)
        yield Group(value, numbers, made)


def restricted(rows: nw.LazyFrame[Any], keys: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The rows of these courses."""
    return rows.join(keys, on=COURSE, how="semi")


def _values(visits: nw.LazyFrame[Any], column: str) -> nw.LazyFrame[Any]:
    """One row per course with its `VALUE`."""
    named = visits.select(COURSE, nw.col(column).cast(nw.String).alias(VALUE))
    ends = named.group_by(COURSE).agg(first=nw.col(VALUE).min(), last=nw.col(VALUE).max())
    one = nw.when(nw.col("first") == nw.col("last")).then(nw.col("first"))
    several = nw.when(~nw.col("first").is_null()).then(nw.lit(SEVERAL))
    return ends.select(COURSE, nw.coalesce(one, several, nw.lit(NOT_RECORDED)).alias(VALUE))


def _sizes(visits: nw.LazyFrame[Any]) -> Any:
    sizes = visits.group_by(VALUE).agg(
        nw.len().alias("visits"), nw.col(COURSE).n_unique().alias("courses"), nw.col("patient_id").n_unique().alias("patients")
    )
    return collect(sizes).set_index(VALUE)


def _rows(unmerged: nw.LazyFrame[Any]) -> Any:
    return collect(unmerged.group_by(VALUE).agg(nw.len().alias("rows"))).set_index(VALUE)["rows"]
