"""Counts that add: integers by key, and patients who are alike in all their courses.

A plan is a lazy frame on DuckDB or Polars that gives one row per combination of keys with its sums. Here it becomes a
tidy pandas frame, the same on every engine, and frames of several cohorts are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.statistics.jackknife import kinds_of

MISSED = -1
"""An integer that was not recorded: a score, or the answers after a session."""

PATIENT = "patient"
"""Who has a course, in plans of linked counts; null where it is the patient's only one, so that no code leaves the engine."""

_TEXT = (
    *("reason", "skin_type", "end", "by", "provider", "timing", "endpoint", "scale", "column", "problem", "check"),
    *("variable", "level", "group"),
)


def linked(
    courses: nw.LazyFrame[Any], keys: Sequence[str], within: str | None = None, by: Sequence[str] = ()
) -> nw.LazyFrame[Any]:
    """The plan that counts patients by the courses they have, from a frame with a row per course and its `patient_id`.

    With a key `within`, such as the session, a patient's courses are kept together for each of its values by itself; `by` are columns
    of groups that are counted each by itself.
    """
    unit = [*by, "patient_id", *([within] if within else [])]
    several = courses.group_by(*unit).agg(nw.len().alias("courses")).filter(nw.col("courses") > 1)
    joined = courses.join(several, on=unit, how="left")
    marked = joined.with_columns(nw.when(~nw.col("courses").is_null()).then(nw.col("patient_id")).alias(PATIENT))
    return marked.group_by(*by, PATIENT, *keys).agg(nw.len().alias("n"))


def alike(counted: pd.DataFrame, within: str | None = None, by: Sequence[str] = ()) -> pd.DataFrame:
    """`kind`, the keys, `n`: how many patients have just these courses, from the rows of a `linked` plan; `by` as there."""
    is_alone = counted[PATIENT].isna().to_numpy()
    alone, others = counted[is_alone], counted[~is_alone]
    # A patient with two courses just alike has them in one row.
    others = others.loc[others.index.repeat(others["n"].astype("int64"))].assign(n=1)
    alone = alone.assign(**{PATIENT: -1 - np.arange(len(alone))})
    if len(others):
        unit = [*by, PATIENT, *([within] if within else [])]
        others = others.assign(**{PATIENT: others.groupby(unit).ngroup().to_numpy()})
        alone = pd.concat([alone, others], ignore_index=True)
    return of_kinds(alone, PATIENT)


def of_kinds(rows: pd.DataFrame, patient: str) -> pd.DataFrame:
    """Rows of courses with the key of the patients that have them, and how many these are (`n`), with one row per course of each `kind`."""
    keys = [name for name in rows if name not in (patient, "n")]
    whole = rows.astype({name: column_type(name) for name in keys})
    codes = [
        pd.factorize(whole[name], sort=True)[0] if column_type(name) == "str" else whole[name].to_numpy(np.int64) for name in keys
    ]
    found = kinds_of(np.column_stack(codes), rows[patient].to_numpy(np.int64), rows["n"].to_numpy(np.int64))
    whole = whole.iloc[found.row].reset_index(drop=True)
    return pd.DataFrame({"kind": found.kind} | {name: whole[name] for name in keys} | {"n": found.patients[found.kind]})


def tidy(counts: pd.DataFrame, sums: Sequence[str] = ("n",)) -> pd.DataFrame:
    """Text as text, numbers as int64, rows in the order of their keys: the same on every engine."""
    kinds = {name: column_type(name) for name in counts.columns}
    keys = [name for name in counts if name not in sums]
    typed = counts.astype(kinds)
    return typed.sort_values(keys, ignore_index=True) if keys else typed


def summed(counts: pd.DataFrame, sums: Sequence[str] = ("n",)) -> pd.DataFrame:
    """One row per combination of the other columns, with the sums of these."""
    keys = [name for name in counts if name not in sums]
    if not keys:
        return counts[list(sums)].sum().to_frame().T.astype("int64")
    return tidy(counts.groupby(keys, as_index=False, sort=False)[list(sums)].sum(), sums)


def added(several: Sequence[pd.DataFrame], sums: Sequence[str] = ("n",)) -> pd.DataFrame:
    """The counts of all; where the courses of one are longer, the others missed all sessions beyond their own."""
    names = list(several[int(np.argmax([len(counts.columns) for counts in several]))])
    if "kind" not in names:
        return summed(filled(pd.concat(several, ignore_index=True), names), sums)
    kinds = [int(counts["kind"].max()) + 1 if len(counts) else 0 for counts in several]
    before = [sum(kinds[:place]) for place in range(len(several))]
    shifted = [counts.assign(kind=counts["kind"] + first) for counts, first in zip(several, before, strict=True)]
    return of_kinds(filled(pd.concat(shifted, ignore_index=True), names), "kind")


def filled(whole: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Counts of several put below each other, in these columns: what some of them lack was missed."""
    blank = {name: "" if column_type(name) == "str" else MISSED for name in names}
    return whole[names].fillna(blank)


def column_type(column: str) -> str:
    """The kind of a column of counts by its name: text, or an integer."""
    return "str" if column in _TEXT or column.startswith("gave_") else "int64"
