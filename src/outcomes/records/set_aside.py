"""Courses with broken rows, set aside whole so that the others can be analysed: no row is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.definitions.columns import COLUMN
from outcomes.errors import Breach
from outcomes.records.parse import BROKEN, COURSE, row_rules, value_of
from outcomes.records.raters import Visits
from outcomes.records.validate import broken_keys, parts, quoted, unshown, whole
from outcomes.tabular.engines import ROW, count, hold, hold_by

_APART = "is_apart"
WITH_ITS_COURSE = "another row of this course, or of this patient, breaks a rule"


@dataclass(frozen=True)
class SetAside:
    """Rows that were set aside, and why.

    `frame` holds their cells as text, lazily, with `source_row`, and beside each its value; `breaches` are the broken rules.
    """

    frame: nw.LazyFrame[Any]
    rows: int
    breaches: tuple[Breach, ...]

    def reasons(self) -> pd.DataFrame:
        """One row per broken rule: `column`, `problem` (its first breach in words) and `n`, how many times it is broken."""
        table = pd.DataFrame(self.breaches, columns=list(Breach._fields))
        by_rule = table.groupby(["column", "rule"], sort=False, dropna=False)
        return by_rule.agg(problem=("problem", "first"), n=("problem", "size")).reset_index()[["column", "problem", "n"]]

    def table(self) -> tuple[list[str], Iterator[list[Any]]]:
        """The header and the rows of ``set_aside.csv``: the row of the source, the reason, and its cells as they were.

        A cell that its rule could not read may hold anything: it stands there as a message would show it.
        """
        columns = [name for name in self.frame.collect_schema().names() if name in COLUMN]
        return ["row", "reason", *columns], self._rows(columns)

    def _rows(self, columns: list[str]) -> Iterator[list[Any]]:
        reasons: dict[int | None, list[str]] = {}
        for breach in self.breaches:
            reasons.setdefault(breach.row, []).append(f"{breach.column}: {breach.problem}")
        for part in parts(self.frame, self.rows, self.rows):
            for row in part.to_dict("records"):
                number = None if pd.isna(row[ROW]) else int(row[ROW])
                reason = "; ".join(reasons.get(number, ())) if number is not None else ""
                yield [number, reason or WITH_ITS_COURSE, *(_shown(name, row) for name in columns)]


def _shown(column: str, row: dict[str, Any]) -> Any:
    """A cell as it is where its rule could read it, else as a message shows it."""
    cell = row[column]
    if pd.isna(cell) or not pd.isna(row[value_of(column)]):
        return cell
    return unshown(cell) if COLUMN[column].kind in ("id", "text") else quoted(cell)


def set_aside(
    read: nw.LazyFrame[Any], typed: nw.LazyFrame[Any], visits: Visits, known: list[str], breaches: Sequence[Breach]
) -> tuple[nw.LazyFrame[Any], SetAside]:
    """The rows of courses without a breach, and those that are set aside; `visits` are those of the rows that are `whole`.

    `read` is what `parse.read` gives for all rows. A row whose course can't be told, since its area or course is broken, sets
    aside all courses of its patient; a row without a patient can only be set aside alone.
    """
    broken = typed.filter(nw.col(BROKEN) > 0)
    courses = [broken.filter(~_is_untold(known)).select(COURSE), broken_keys(whole(typed), visits, COURSE)]
    patients = [broken.filter(_is_untold(known)).select("patient_id"), broken_keys(whole(typed), visits, "patient_id")]
    keys = hold(nw.concat(courses).unique()), hold(nw.concat(patients).unique())
    kept = hold_by(_marked(typed, *keys).filter(~nw.col(_APART)).drop(_APART), "patient_id")
    cells = [ROW, *known, *map(value_of, known)]
    apart = hold(_marked(read.select(BROKEN, COURSE, *cells), *keys).filter(nw.col(_APART)).select(*cells))
    return kept, SetAside(apart, count(apart), tuple(breaches))


def _is_untold(known: list[str]) -> Any:
    """Whether the course of a broken row can't be told."""
    bits = [bit for bit, rule in enumerate(row_rules(known)) if rule.column in ("area", "course_id")]
    return nw.any_horizontal(nw.col(BROKEN) < 0, *((nw.col(BROKEN) // 2**bit) % 2 == 1 for bit in bits), ignore_nulls=True)


def _marked(frame: nw.LazyFrame[Any], courses: nw.LazyFrame[Any], patients: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The rows with `_APART`: broken themselves, or of one of these courses or patients."""
    joined = frame.join(courses.with_columns(nw.lit(1).alias("by_course")), on=COURSE, how="left").join(
        patients.with_columns(nw.lit(1).alias("by_patient")), on="patient_id", how="left"
    )
    is_apart = (nw.col(BROKEN) > 0) | ~nw.col("by_course").is_null() | ~nw.col("by_patient").is_null()
    return joined.with_columns(is_apart.alias(_APART)).drop("by_course", "by_patient")
