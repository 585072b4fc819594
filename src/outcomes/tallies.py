"""Courses -> integers that add up. Every engine is asked for counts only; every number is computed from them afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

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
    - `scores`: `skin_type`, `session`, `baseline`, `score`, `n`. After `session` sessions; session 0 holds every
      course with a baseline, those never scored again too.
    - `last`: the same columns, each analysed course once, at its last score in the window.
    - `paths`: `skin_type`, `end`, `after_0` ... `after_K`, `n`. For grades: the whole recorded path, `MISSED` where a
      score is missing.
    - `moments`: `skin_type`, `end`, `pattern` (a digit per session: 1 scored, 0 missed), `first`, `second` (session
      numbers, `first <= second`), `n`, `total` (sum of scores, of the first), `product` (sum of products). For other scales.
    """

    endpoint: Endpoint
    scale: Scale
    window: Window
    rows: int
    patients: int
    flow: pd.DataFrame
    scores: pd.DataFrame
    last: pd.DataFrame
    paths: pd.DataFrame
    moments: pd.DataFrame

    def __add__(self, other: Tally) -> Tally:
        """The tally of both; the patients must be different ones.

        Raises:
            ValueError: another endpoint, scale or window.
        """
        for name in ("endpoint", "scale", "window"):
            if getattr(self, name) != getattr(other, name):
                raise ValueError(f"tallies of different {name}s do not add: {getattr(self, name)} and {getattr(other, name)}")
        tables = {
            name: _sum(getattr(self, name), getattr(other, name)) for name in ("flow", "scores", "last", "paths", "moments")
        }
        counts = {name: getattr(self, name) + getattr(other, name) for name in ("rows", "patients")}
        return replace(self, **tables, **counts)

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
) -> Tally:
    """The integers from which everything about one endpoint is computed, in one pass on the records' own engine.

    `endpoint` is scarring, pih or fine_lines. `scale` defaults to the one most courses are scored on; courses scored on
    another one are counted in the flow and left out. `skin_types` keeps the courses of those types only, given as a
    sequence or as a text like ``"IV,V"``. `window` says which score is the one "after k sessions".

    Raises:
        UsageError: unknown endpoint, scale or skin type, or no scores on it.

    Example:
        >>> import outcomes
        >>> outcomes.tally(outcomes.read_records("sample"), endpoint="scarring").scale.name
        'goodman_baron_grade'
    """
    of = endpoint_named(endpoint)
    used = scale_used(records, of, scale)
    skin_types = [name.strip() for name in skin_types.split(",")] if isinstance(skin_types, str) else list(skin_types)
    unknown = [name for name in skin_types if name not in SKIN_TYPES]
    if unknown or not skin_types:
        raise UsageError(f"skin types must be among {', '.join(SKIN_TYPES)}, got {', '.join(unknown) or 'none'}")
    of_types = nw.col("skin_type").is_in(skin_types)
    table = hold(course_table(records, endpoint, scale=used.name, window=window).filter(of_types))
    names = [f"after_{k}" for k in range(records.sessions + 1)]
    started = table.filter(nw.col("reason").is_in([NOT_AGAIN, OUTSIDE, ANALYSED])).rename({"after_0": "baseline"})
    analysed = started.filter(nw.col("reason") == ANALYSED)
    whole = started.with_columns(nw.col("baseline").alias("after_0"))
    ordinal = used.kind == "ordinal"
    return Tally(
        endpoint=of,
        scale=used,
        window=window,
        rows=records.rows,
        patients=records.patients,
        flow=_counts(table, ["skin_type", "reason"]),
        scores=_scores(whole, names),
        last=_counts(_last(analysed, names[1:]), ["skin_type", "session", "baseline", "score"]),
        paths=_counts(whole, ["skin_type", "end", *names]),
        moments=_no_rows(_MOMENTS) if ordinal else _moments(whole, names),
    )


def tally_each(records: Records, endpoints: Sequence[str] = ("scarring", "pih")) -> list[Tally]:
    """The tallies of those of the endpoints that have scores in the records."""
    return [tally(records, name) for name in endpoints if name in records.endpoints]


_TEXT = ("reason", "skin_type", "end", "pattern")
_MOMENTS = ["skin_type", "end", "pattern", "first", "second", "n", "total", "product"]
_SUMMED = ("n", "total", "product")


def _counts(table: nw.LazyFrame[Any], keys: list[str]) -> pd.DataFrame:
    return _tidy(collect(table.group_by(*keys).agg(nw.len().alias("n"))))


def _scores(started: nw.LazyFrame[Any], names: list[str]) -> pd.DataFrame:
    keys = ["skin_type", "session", "baseline", "score"]
    # Not unpivot: it drops nulls on one engine and keeps them on others, and on DuckDB it leaves the connection.
    after = [
        started.select("skin_type", nw.lit(k).alias("session"), "baseline", nw.col(name).alias("score"))
        for k, name in enumerate(names)
    ]
    return _counts(nw.concat(after).filter(nw.col("score") != MISSED), keys)


def _last(analysed: nw.LazyFrame[Any], names: list[str]) -> nw.LazyFrame[Any]:
    """The last recorded score of each course and the sessions it was taken after."""
    latest = [(k, nw.col(name)) for k, name in enumerate(names, start=1)][::-1]
    if not latest:
        return analysed.with_columns(nw.lit(0).alias("session"), nw.col("baseline").alias("score"))
    session = nw.coalesce(*(nw.when(score != MISSED).then(nw.lit(k)) for k, score in latest))
    score = nw.coalesce(*(nw.when(score != MISSED).then(score) for _, score in latest))
    return analysed.with_columns(session.alias("session"), score.alias("score"))


def _moments(started: nw.LazyFrame[Any], names: list[str]) -> pd.DataFrame:
    """Sums and products by pattern of sessions scored, of integers: they add without rounding."""
    pattern = nw.concat_str([nw.when(nw.col(name) != MISSED).then(nw.lit("1")).otherwise(nw.lit("0")) for name in names])
    keys = ["skin_type", "end", "pattern"]
    scores = {name: nw.when(nw.col(name) != MISSED).then(nw.col(name)).otherwise(0).cast(nw.Int64) for name in names}
    pairs = [(i, j) for i in range(len(names)) for j in range(i, len(names))]
    products = {f"p_{i}_{j}": nw.col(names[i]) * nw.col(names[j]) for i, j in pairs}
    summed = started.with_columns(pattern.alias("pattern"), **scores).with_columns(**products).group_by(*keys).agg(
        nw.len().alias("n"),
        *(nw.col(name).sum().cast(nw.Int64) for name in names),
        *(nw.col(name).sum().cast(nw.Int64) for name in products),
    )  # fmt: skip
    wide = collect(summed)
    seen = [
        wide[keys].assign(first=i, second=j, n=wide["n"], total=wide[names[i]], product=wide[f"p_{i}_{j}"])[
            (wide["pattern"].str[i] == "1") & (wide["pattern"].str[j] == "1")
        ]
        for i, j in pairs
    ]
    return _tidy(pd.concat(seen))


def _tidy(counts: pd.DataFrame) -> pd.DataFrame:
    """Text as text, numbers as int64, rows in the order of their keys: the same on every engine."""
    kinds = {name: "str" if name in _TEXT else "int64" for name in counts.columns}
    keys = [name for name in counts.columns if name not in _SUMMED]
    return counts.astype(kinds).sort_values(keys, ignore_index=True)


def _no_rows(columns: list[str]) -> pd.DataFrame:
    return _tidy(pd.DataFrame({name: [] for name in columns}))


def _sum(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([one, other])
    # A tally of longer courses has more sessions: the shorter one missed them all.
    paths = sorted(
        (name for name in both.columns if name.startswith("after_")), key=lambda name: int(name.removeprefix("after_"))
    )
    both = both.fillna(dict.fromkeys(paths, MISSED))
    if "pattern" in both.columns:
        both["pattern"] = (
            both["pattern"].str.pad(int(both["pattern"].str.len().max() or 0), side="right", fillchar="0")
            if len(both)
            else both["pattern"]
        )
    keys = [name for name in both.columns if name not in _SUMMED and name not in paths]
    values = [name for name in _SUMMED if name in both.columns]
    order = [*(key for key in keys), *paths, *values]
    return _tidy(both.groupby([*keys, *paths], as_index=False, observed=True)[values].sum()[order])
