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

from outcomes.cohort.courses import ANALYSED, BEGAN, MISSED, course_table, scale_used
from outcomes.definitions.endpoints import LEADING, Endpoint, endpoint_named
from outcomes.definitions.fitzpatrick import SKIN_TYPES, named_types
from outcomes.definitions.scales import Scale
from outcomes.definitions.windows import Window
from outcomes.errors import UsageError
from outcomes.records.raters import taken_blind
from outcomes.records.records import Records
from outcomes.statistics.jackknife import kinds_of
from outcomes.tabular.engines import collect, hold

PATH = ("skin_type", "end", "attended", "given")
"""What is known of a course beside its scores."""


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of courses for one endpoint on one scale; tallies of different patients add with ``+``.

    Scores are integer hundredths of the scale, lower being better (`outcomes.definitions.scales`). `n` counts courses; `rows` and `patients` are those of the records.

    - `flow`: `skin_type`, `reason`, `n`. Every course once, by why it is or is not analysed.
    - `paths`: `kind`, `skin_type`, `end`, `attended`, `given`, `after_0` (baseline) ... `after_K`, `n`. Every course with a baseline,
      by its whole recorded path: the last session after which it has a visit, the sessions given (one more where the last
      visit is marked as treated), and the score after each number of sessions, `MISSED` where there is none. `kind` keeps the
      courses of a patient together: its rows are the courses that each of `n` patients has.

    Everything else is derived from the paths, so that no two tables can disagree.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.tally(outcomes.read_records("sample"), endpoint="scarring")
        >>> scarring
        Tally(scarring on goodman_baron_grade: 208 of 251 courses analysed)
        >>> (scarring + outcomes.tally(outcomes.read_records("patchy"), endpoint="scarring")).most_scored
        247
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
        """`kind`, `skin_type`, `session`, `baseline`, `score`, `n`: courses scored after `session` sessions; session 0 holds all that began."""
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
        of_path = self.paths.iloc[path].reset_index(drop=True)
        return of_path[["kind", "skin_type"]].assign(
            session=session, baseline=of_path["after_0"], score=self._after[path, session], n=of_path["n"]
        )

    def __add__(self, other: Tally) -> Tally:
        """The tally of both; the patients must be different ones.

        Raises:
            ValueError: another endpoint, scale or window.
        """
        for name in ("endpoint", "scale", "window"):
            if getattr(self, name) != getattr(other, name):
                raise ValueError(f"tallies of different {name}s do not add: {getattr(self, name)} and {getattr(other, name)}")
        # A tally of longer courses has more sessions: the shorter one missed them all.
        paths = pd.concat([self.paths, other.paths.assign(kind=other.paths["kind"] + len(self.paths))], ignore_index=True)
        sessions = sorted(paths.filter(regex="^after_"), key=lambda name: int(name.removeprefix("after_")))
        whole = paths.fillna(dict.fromkeys(sessions, MISSED))[["kind", *PATH, *sessions, "n"]]
        return replace(
            self,
            rows=self.rows + other.rows,
            patients=self.patients + other.patients,
            flow=summed(pd.concat([self.flow, other.flow])),
            paths=of_kinds(whole, "kind"),
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
    window: Window | None = None,
    blinded: bool = False,
    every_course: bool = False,
) -> Tally:
    """The integers from which everything about one endpoint is computed, in one pass on the records' own engine.

    `endpoint` is scarring, pih or fine_lines. `scale` defaults to the one most courses are scored on; courses scored on
    another one are counted in the flow and left out. `skin_types` keeps the courses of those types only, given as a
    sequence or as a text like ``"IV,V"``. `window` says which score is the one "after k sessions";
    by default it is that of the records, which follows the clinic's own spacing. An endpoint that counts
    only where it was there before the first session, PIH, is with `every_course` tallied over every course scored for it, those
    at the best score at baseline too: none is chosen by its baseline then.

    With `blinded`, only scores taken blind count after a session: another is as if it had not been recorded, and its course
    came all the same. A baseline counts whoever took it, since no session had been given then.

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
    window = window or records.window
    if blinded:
        records = replace(records, frame=taken_blind(records.frame, records.ratings, of))
    table = course_table(records, endpoint, scale=used.name, window=window, every_course=every_course)
    table = hold(table.filter(of_types))
    began = nw.col("reason").is_in(BEGAN)
    return Tally(
        endpoint=of,
        scale=used,
        window=window,
        rows=records.rows,
        patients=records.patients,
        flow=_counts(table, ["skin_type", "reason"]),
        paths=counted_by_patient(
            table.filter(began).with_columns(attended=nw.col("sessions")),
            [*PATH, *(f"after_{k}" for k in range(records.sessions + 1))],
        ),
    )


def tallies(records: Records, endpoints: Sequence[str] = LEADING) -> list[Tally]:
    """The tallies of those of the endpoints that have scores in the records; where none has, of whatever is scored.

    Raises:
        UsageError: the records hold no score of any endpoint.

    Example:
        >>> import outcomes
        >>> outcomes.tallies(outcomes.read_records("sample"))
        [Tally(scarring on goodman_baron_grade: 208 of 251 courses analysed), Tally(pih on pahpi: 94 of 251 courses analysed)]
    """
    scored = [name for name in endpoints if name in records.endpoints] or records.endpoints
    if not scored:
        raise UsageError(f"{records.source} holds no score of any endpoint")
    return [tally(records, name) for name in scored]


def counted_by_patient(courses: nw.LazyFrame[Any], keys: list[str], within: str | None = None) -> pd.DataFrame:
    """`kind`, `keys`, `n`: how many patients have just these courses, from a frame with a row per course and its `patient_id`.

    With a key `within`, such as the session, a patient's courses are kept together for each of its values by itself.
    """
    unit = ["patient_id", *([within] if within else [])]
    several = courses.group_by(*unit).agg(nw.len().alias("courses")).filter(nw.col("courses") > 1).select(*unit)
    alone = collect(courses.join(several, on=unit, how="anti").group_by(*keys).agg(nw.len().alias("n")))
    others = collect(courses.join(several, on=unit, how="semi").select("patient_id", *keys))
    alone["patient"] = -1 - np.arange(len(alone))
    others["patient"] = others.groupby(unit).ngroup().to_numpy()
    others = others.drop(columns="patient_id")
    rows = pd.concat([alone, others.assign(n=1)] if len(others) else [alone], ignore_index=True)
    return of_kinds(rows, "patient")


def of_kinds(rows: pd.DataFrame, patient: str) -> pd.DataFrame:
    """Rows of courses with the key of the patients that have them, and how many these are (`n`), with one row per course of each `kind`."""
    keys = [name for name in rows if name not in (patient, "n")]
    tidy = rows.astype({name: _kind(name) for name in keys})
    codes = [pd.factorize(tidy[name], sort=True)[0] if _kind(name) == "str" else tidy[name].to_numpy(np.int64) for name in keys]
    found = kinds_of(np.column_stack(codes), rows[patient].to_numpy(np.int64), rows["n"].to_numpy(np.int64))
    whole = tidy.iloc[found.row].reset_index(drop=True)
    return pd.DataFrame({"kind": found.kind} | {name: whole[name] for name in keys} | {"n": found.patients[found.kind]})


def _counts(table: nw.LazyFrame[Any], keys: list[str]) -> pd.DataFrame:
    return _tidy(collect(table.group_by(*keys).agg(nw.len().alias("n"))))


def summed(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per combination of the other columns, with the sum of its `n`."""
    return _tidy(counts.groupby([name for name in counts if name != "n"], as_index=False)["n"].sum())


def _tidy(counts: pd.DataFrame) -> pd.DataFrame:
    """Text as text, numbers as int64, rows in the order of their keys: the same on every engine."""
    kinds = {name: _kind(name) for name in counts.columns}
    return counts.astype(kinds).sort_values([name for name in counts if name != "n"], ignore_index=True)


def _kind(column: str) -> str:
    return "str" if column in ("reason", "skin_type", "end", "gais_by") else "int64"
