"""Files and frames in, checked records out: read whole and clean, or refused with every breach listed."""

from __future__ import annotations

import filecmp
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.definitions.columns import COLUMN, REQUIRED
from outcomes.definitions.windows import Window, window_given
from outcomes.errors import Breach, PrivacyError, RecordsError, UsageError, counted
from outcomes.records.account import account
from outcomes.records.parse import BROKEN, PRIVATE, read, typed, value_of
from outcomes.records.privacy import LEAST_SHARE, private_headers, private_rules
from outcomes.records.raters import Visits, ratings_of, visits_of
from outcomes.records.records import Records
from outcomes.records.set_aside import set_aside as apart
from outcomes.records.validate import breaches, whole
from outcomes.tabular.csv_reader import told_apart
from outcomes.tabular.engines import ROW, SMALL, collect, count, hold, hold_source, in_memory, lazy
from outcomes.tabular.files import cells, is_trimmed, readable, shifted, size_of
from outcomes.tabular.formats import checked_path
from outcomes.tabular.text import as_text

SAMPLE = "sample"
"""The source that stands for the invented records that travel with the package."""
SAMPLES = {SAMPLE: "sessions.csv", "patchy": "patchy.csv"}
"""Source that stands for invented records -> their file: a clinic that scores every visit, and one with patchy records."""

COHORT = ".cohort"
"""The ending of a file that holds a saved cohort: counts, and no records."""

_OTHER = "other_"


def read_records(source: Any, *, set_aside: bool = False, window: str | Sequence[int] = "") -> Records:
    """Session records, checked.

    `source` is the path of a CSV, Parquet or Excel file, ``"sample"`` or ``"patchy"`` for invented records that come
    with the package, or a pandas, Polars or PySpark frame with one row per visit. Files and pandas frames are read by DuckDB, and
    small ones then worked on by Polars; Polars and PySpark frames stay on their engine, where the rows of a patient then lie in one
    part of a PySpark frame. With `set_aside`, courses with broken rows are set aside whole
    instead of refusing the source. `window` sets the first, the usual and the last day after a session on which a score
    counts, ``"14,30,60"``; by default it follows the clinic's own spacing.

    Raises:
        PrivacyError: a column or a cell could identify a patient.
        RecordsError: the file is missing, empty or unreadable, or any row breaks the contract; all breaches are listed.
        UsageError: a file of a kind that is not read, or a window that is none.
        TypeError: neither a path nor such a frame.

    Example:
        >>> import outcomes
        >>> import pandas as pd
        >>> visits = {"patient_id": "P1", "fitzpatrick": "II", "day": [0, 30], "sessions_completed": [0, 1]}
        >>> outcomes.read_records(pd.DataFrame(visits)).courses
        1
    """
    own_window = window_given(window)
    if not isinstance(source, str | Path):
        is_small = not isinstance(source, pd.DataFrame) or source.memory_usage().sum() <= SMALL
        return _read(lambda _: _frame(source), "the frame", None, is_small=is_small, set_aside=set_aside, own_window=own_window)
    if Path(source).suffix == COHORT:
        raise UsageError(f"{Path(source).name} holds counts, not records: open it by outcomes.read_cohort")
    path = checked_path(path_of(source))
    with readable(path.name, path):
        return _read(
            lambda numbers: cells(path, path.name, wanted=REQUIRED, once=tuple(COLUMN), numbers=numbers),
            path.name,
            path,
            is_small=size_of(path) <= SMALL,
            set_aside=set_aside,
            own_window=own_window,
        )


def path_of(source: str | Path) -> Path:
    """The file of a source that is no frame."""
    return sample_path(str(source)) if source in SAMPLES else Path(source)


class _Text(NamedTuple):
    """A source's cells as text: the contract's columns by their names, then the `unknown` ones by their place."""

    frame: nw.LazyFrame[Any]
    known: list[str]
    unknown: tuple[str, ...]

    def name(self, column: str) -> str:
        """A column as the source names it."""
        return column if column in self.known else f"{self.unknown[int(column.removeprefix(_OTHER))]!r}"


def _read(
    cells_of: Callable[[Sequence[int] | None], nw.LazyFrame[Any]],
    name: str,
    path: Path | None,
    *,
    is_small: bool,
    set_aside: bool,
    own_window: Window | None,
) -> Records:
    def text_of(source: nw.LazyFrame[Any]) -> _Text:
        text = _text(source, name, is_trimmed=sure)
        return text._replace(frame=in_memory(text.frame)) if is_small else text

    with readable(name, path):
        sure = path is not None and is_trimmed(path)
        source = cells_of(() if is_small else None)
        text = text_of(source)
        held = hold_source(typed, text.frame, source, "patient_id")
        size = account(held)
        if not size.is_clean and ROW not in source.collect_schema().names():
            # The rows are numbered, and those without any record left out: the engine reads them again, one by one.
            text = text_of(cells_of(()))
            if size.doubtful > 0:
                held = hold(typed(text.frame))
                size = account(held)
    if size.doubtful > 0 and (reasons := _private_cells(text)):
        raise PrivacyError(name, reasons)
    missing = [column for column in REQUIRED if column not in text.known]
    if missing:
        raise RecordsError(
            name, [Breach(None, None, f"column {column} is missing; it holds {COLUMN[column].meaning}") for column in missing]
        )
    if size.rows == 0:
        raise RecordsError(name, [Breach(None, None, "no rows below the header; one row per visit is needed")])
    visits, found = Visits(held, None), list[Breach]()
    if not size.is_clean:
        visits = visits_of(whole(held))
        found = breaches(text.frame, held, visits)
    if found and path and (numbers := shifted(path)):
        text = text_of(cells_of(numbers))
        held = hold(typed(text.frame))
        visits = visits_of(whole(held))
        found = breaches(text.frame, held, visits)
    if found and not set_aside:
        raise RecordsError(name, found)
    aside = None
    if found:
        held, aside = apart(text.frame, held, visits, text.known, found)
        visits = visits_of(held)
        size = account(held)
        if size.rows == 0:
            raise RecordsError(
                name, [*found, Breach(None, None, "every course would have to be set aside; nothing is left to analyse")]
            )
    frame, rated = visits if visits.rated is not None else (held, None)
    return Records(
        frame=frame,
        source=name,
        path=path,
        rows=size.rows,
        visits=size.rows if rated is None else count(frame),
        courses=size.courses,
        patients=size.patients,
        sessions=size.sessions,
        present=tuple(column for column in COLUMN if column in text.known),
        unknown=text.unknown,
        aside=aside,
        ratings=None if rated is None else hold(ratings_of(rated)),
        unmerged=None if rated is None else held,
        own_window=own_window,
    )


def sample_path(name: str = SAMPLE) -> Path:
    """Where the invented records of that name are: in an installed package, or in the checkout."""
    installed = Path(__file__).parents[1] / f"{name}.csv"
    return installed if installed.exists() else Path(__file__).parents[3] / "data" / "sample" / SAMPLES[name]


def is_invented(records: Records) -> bool:
    """Whether they are the invented records that come with the package, whatever their file is called."""
    return records.path is not None and any(filecmp.cmp(records.path, sample_path(name), shallow=False) for name in SAMPLES)


def _text(source: nw.LazyFrame[Any], name: str, *, is_trimmed: bool) -> _Text:
    """The cells as text; where the rows are numbered, without those in which no column of the contract is recorded.

    Raises:
        PrivacyError: a column that identifies by its name; its cells are not read.
        RecordsError: a column of the contract that is there twice.
    """
    schema = source.collect_schema().names()
    names = [each for each in schema if each != ROW]
    reasons = private_headers(names)
    if reasons:
        raise PrivacyError(name, reasons)
    plain = [each.strip().lower() for each in names]
    told_apart(names, name, tuple(COLUMN))
    unknown = [each for each, own in zip(names, plain, strict=True) if own not in COLUMN]
    others = {each: f"{_OTHER}{place}" for place, each in enumerate(unknown)}
    known = [own for own in plain if own in COLUMN]
    renamed = {each: others.get(each, own) for each, own in zip(names, plain, strict=True)}
    text = as_text(source, renamed, is_trimmed=is_trimmed)
    is_numbered = len(names) < len(schema)
    return _Text(
        text.filter(~nw.all_horizontal(*(nw.col(each).is_null() for each in known), ignore_nulls=True))
        if known and is_numbered
        else text,
        known,
        tuple(map(_visible, unknown)),
    )


def _visible(name: str) -> str:
    """A column's name without what moves the cursor or turns the text around where it is shown."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _frame(frame: Any) -> nw.LazyFrame[Any]:
    if isinstance(frame, pd.DataFrame):
        frame = frame.set_axis(told_apart([str(name) for name in frame.columns], "the frame", tuple(COLUMN)), axis=1)
    return lazy(frame)


def _private_cells(text: _Text) -> list[str]:
    """Where cells could identify a patient, one sentence for each column and kind."""
    names = [*text.known, *(f"{_OTHER}{place}" for place in range(len(text.unknown)))]
    marks: dict[tuple[str, str], Any] = {}
    for rule in private_rules(names):
        is_free = rule.column not in COLUMN or COLUMN[rule.column].kind in ("id", "text")
        is_unread = nw.lit(True) if is_free else nw.col(value_of(rule.column)).is_null()
        marks |= {(rule.column, holds): nw.when(is_unread & rule.is_private(holds)).then(1) for holds in rule.patterns}
    looked_at = read(text.frame).filter((nw.col(BROKEN) > 0) | nw.col(PRIVATE))
    counts = [mark.sum().alias(f"n_{place}") for place, mark in enumerate(marks.values())]
    firsts = [nw.when(mark == 1).then(nw.col(ROW)).min().alias(f"row_{place}") for place, mark in enumerate(marks.values())]
    found = collect(looked_at.select(*counts, *firsts)).iloc[0]
    filled = collect(text.frame.select(*(nw.col(column).count() for column in names))).iloc[0]
    return [
        _holding(text.name(column), holds, int(found[f"n_{place}"]), found[f"row_{place}"])
        for place, (column, holds) in enumerate(marks)
        if found[f"n_{place}"] > LEAST_SHARE.get(holds, 0) * filled[column]
    ]


def _holding(column: str, holds: str, n: int, first: Any) -> str:
    where = "" if pd.isna(first) else f", {'' if n == 1 else 'the first '}in row {int(first)}"
    return f"column {column} holds {holds} ({counted(n, 'cells')}{where})"
