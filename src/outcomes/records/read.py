"""Files and frames in, checked records out: read whole and clean, or refused with every breach listed."""

from __future__ import annotations

import filecmp
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.definitions.columns import COLUMN, REQUIRED
from outcomes.definitions.windows import Window, window_given
from outcomes.errors import Breach, PrivacyError, RecordsError, UsageError
from outcomes.records import codes, texts
from outcomes.records.account import account
from outcomes.records.gate import Found, looked_over
from outcomes.records.parse import BLANK, BROKEN, PRIVATE, contract_of, read, typed, value_of
from outcomes.records.privacy import CONTACT, DATE, NAME, PHONE, Rule, private_headers, private_rules
from outcomes.records.raters import Visits, ratings_of, visits_of
from outcomes.records.records import Records
from outcomes.records.set_aside import set_aside as apart
from outcomes.records.validate import breaches, whole
from outcomes.tabular import postgresql
from outcomes.tabular.addresses import file_and_table, is_address, parsed
from outcomes.tabular.batches import check_all_read
from outcomes.tabular.cell_text import encodable
from outcomes.tabular.csv_reader import told_apart
from outcomes.tabular.engines import MANY, ROW, SMALL, collect, count, extent, hold, hold_by, hold_source, in_memory, lazy
from outcomes.tabular.files import cells, is_trimmed, readable, rows_in, shifted, size_of
from outcomes.tabular.formats import DATABASES, checked_path
from outcomes.tabular.text import as_text
from outcomes.tabular.words import did_you_mean, folded

SAMPLE = "sample"
"""The source that stands for the invented records that travel with the package."""
SAMPLES = {SAMPLE: "sessions.csv", "patchy": "patchy.csv"}
"""Source that stands for invented records -> their file: a clinic that scores every visit, and one with patchy records."""

COHORT = ".cohort"
"""The ending of a file that holds a saved cohort: counts, and no records."""

_OTHER = "other_"

_AT_ONCE = 500
"""Questions to an engine at once: over thousands it plans far longer than over so many, several times."""


# What a cell says by itself, and what the column says together: told once.
_SAME: dict[str, tuple[str, ...]] = defaultdict(
    tuple,
    {
        texts.CALLED: (PHONE,),
        texts.REACHED: (CONTACT,),
        texts.DATED: (DATE,),
        texts.USERS: (),
        texts.BORN: (DATE,),
        codes.BORN: (DATE,),
        codes.LONG: (PHONE, DATE),
        codes.NAMES: (NAME,),
    },
)


def read_records(
    source: Any,
    *,
    table: str = "",
    set_aside: bool = False,
    window: str | Sequence[int] = "",
    accept_codes: str | Sequence[str] = (),
) -> Records:
    """Session records, checked.

    `source` is the path of a CSV, Parquet or Excel file, ``"sample"`` or ``"patchy"`` for invented records that come
    with the package, a database, or a pandas, Polars or PySpark frame with one row per visit. A database is a SQLite or DuckDB file, or
    a PostgreSQL address without a password, ``"postgresql://user@host/clinic"``, and `table` names its table or view; instead it may stand
    behind the source, ``"clinic.sqlite?table=visits"``. Files and pandas frames are read by DuckDB, and
    small ones then worked on by Polars; Polars and PySpark frames stay on their engine, where the rows of a patient then lie in one
    part of a PySpark frame. With `set_aside`, courses with broken rows are set aside whole
    instead of refusing the source. `window` sets the first, the usual and the last day after a session on which a score
    counts, ``"14,30,60"``; by default it follows the clinic's own spacing. `accept_codes` names columns, ``"patient_id,tip_code"``,
    for whose cells the caller vouches: random codes that look like names or numbers of persons all the same.

    Raises:
        PrivacyError: a column or a cell could identify a patient.
        RecordsError: the file is missing, empty or unreadable, or any row breaks the contract; all breaches are listed.
        UsageError: a file or an address of a kind that is not read, a password in an address, or a window that is none.
        TypeError: neither a path nor such a frame.

    Example:
        >>> import outcomes
        >>> import pandas as pd
        >>> visits = {"patient_id": "P1", "fitzpatrick": "II", "day": [0, 30], "sessions_completed": [0, 1]}
        >>> outcomes.read_records(pd.DataFrame(visits)).courses
        1
    """
    own_window = window_given(window)
    accepted = [
        name.strip() for name in (accept_codes.split(",") if isinstance(accept_codes, str) else accept_codes) if name.strip()
    ]
    read_as = partial(_read, set_aside=set_aside, own_window=own_window, accepted=accepted)
    if not isinstance(source, str | Path):
        if table:
            raise UsageError("a table is named only of a database")
        rows, size = extent(source)
        return read_as(
            lambda _: _frame(source),
            "the frame",
            None,
            rows_of=lambda *_: rows,
            # Over many columns DuckDB takes longer to plan than Polars to answer.
            is_small=size is not None and size <= SMALL * (10 if len(source.columns) > MANY else 1),
        )
    if is_address(source):
        held = postgresql.read(parsed(str(source), table), tuple(COLUMN))
        is_small = held.size <= SMALL
        return read_as(lambda _: held.cells, postgresql.SOURCE, None, rows_of=lambda *_: held.rows, is_small=is_small)
    source, table = file_and_table(source, table)
    if Path(source).suffix == COHORT:
        raise UsageError(f"{Path(source).name} holds counts, not records: open it by outcomes.read_cohort")
    path = checked_path(path_of(source))
    if table and path.suffix.lower() not in DATABASES:
        raise UsageError(f"{path.name}: a table is named only of a database, and this is none")
    with readable(path.name, path):
        return read_as(
            lambda numbers: cells(path, path.name, sheet=table or None, wanted=REQUIRED, once=tuple(COLUMN), numbers=numbers),
            path.name,
            path,
            rows_of=lambda cells, read: rows_in(path, cells, read),
            is_small=size_of(path) <= SMALL,
        )


def path_of(source: str | Path) -> Path:
    """The file of a source that is no frame and no address."""
    file, _ = file_and_table(source, "")
    return sample_path(str(file)) if file in SAMPLES else Path(file)


class _Text(NamedTuple):
    """A source's cells as text: the contract's columns by their names, then the `unknown` ones, which stand at these `places`."""

    frame: nw.LazyFrame[Any]
    known: list[str]
    unknown: tuple[str, ...]
    places: tuple[int, ...]

    def name(self, column: str) -> str:
        """A column as the source names it."""
        return column if column in self.known else f"{self.plain_name(column)!r}"

    def plain_name(self, column: str) -> str:
        """The same without quotation marks."""
        return column if column in self.known else self.unknown[int(column.removeprefix(_OTHER))]

    def place(self, column: str) -> str:
        """A column as a report may tell it, which never holds a name that the contract does not know."""
        return column if column in self.known else str(self.places[int(column.removeprefix(_OTHER))])

    @property
    def others(self) -> list[str]:
        """The unknown columns as the frame has them."""
        return [f"{_OTHER}{place}" for place in range(len(self.unknown))]


def _read(
    cells_of: Callable[[Sequence[int] | None], nw.LazyFrame[Any]],
    name: str,
    path: Path | None,
    *,
    rows_of: Callable[[nw.LazyFrame[Any], int], int | None],
    is_small: bool,
    set_aside: bool,
    own_window: Window | None,
    accepted: Sequence[str],
) -> Records:
    def text_of(source: nw.LazyFrame[Any]) -> _Text:
        text = _text(source, name, is_trimmed=sure)
        return text._replace(frame=in_memory(text.frame)) if is_small else text

    with readable(name, path):
        sure = path is not None and is_trimmed(path)
        source = cells_of(() if is_small else None)
        text = text_of(source)
        every = read(text.frame)
        if is_small and every.implementation.is_polars():
            every = hold(every)
            held = hold(contract_of(every))
        else:
            held = hold_source(typed, text.frame, source, "patient_id")
        size = account(held)
        check_all_read(name, size.rows, rows_of(source, size.rows))
        numbers = [] if size.is_clean or path is None else shifted(path)
        if numbers or (not size.is_clean and ROW not in source.collect_schema().names()):
            # The rows are numbered as a spreadsheet does: the engine reads them again, one by one.
            text = text_of(cells_of(numbers))
            every = read(text.frame)
            if size.doubtful > 0 or numbers:
                held = hold(contract_of(every))
        blank = size.blank
        if blank > 0:
            held = hold_by(held.filter(~nw.col(BLANK)), "patient_id")
            size = account(held)
    rows = size.rows
    doubtful = hold(every.filter((nw.col(BROKEN) > 0) | nw.col(PRIVATE))) if size.doubtful > 0 else every.head(0)
    looked_like = _looked_like(text, held, size.doubtful > 0)
    vouched = _vouched_for(accepted, text)
    told = _private_cells(text, doubtful) if size.doubtful > 0 else {}
    refused = [
        each
        for each in looked_like
        if each.is_refused and each.column not in vouched and not {*_SAME[each.holds]} & {*told.get(each.column, ())}
    ]
    reasons = [
        *(sentence for kinds in told.values() for sentence in kinds.values()),
        *(each.sentence(text.name(each.column)) for each in refused),
    ]
    if reasons:
        raise PrivacyError(name, reasons, list(dict.fromkeys(text.plain_name(each.column) for each in refused)))
    missing = [column for column in REQUIRED if column not in text.known]
    if missing:
        raise RecordsError(
            name, [Breach(None, None, f"column {column} is missing; it holds {COLUMN[column].meaning}") for column in missing]
        )
    if rows == 0:
        raise RecordsError(name, [Breach(None, None, "no rows below the header; one row per visit is needed")])
    visits, found = Visits(held, None), list[Breach]()
    if not size.is_clean:
        visits = visits_of(whole(held))
        found = breaches(doubtful, held, visits)
    if found and not set_aside:
        raise RecordsError(name, found)
    aside = None
    if found:
        held, aside = apart(every, held, visits, text.known, found)
        visits = visits_of(held)
        size = account(held)
        if size.rows == 0:
            raise RecordsError(
                name, [*found, Breach(None, None, "every course would have to be set aside; nothing is left to analyse")]
            )
    check_all_read(name, size.rows + (aside.rows if aside else 0), rows)
    frame, rated = visits if visits.rated is not None else (held, None)
    return Records(
        frame=frame,
        source=name,
        path=path,
        rows_in=rows,
        rows=size.rows,
        visits=size.rows if rated is None else count(frame),
        courses=size.courses,
        patients=size.patients,
        sessions=size.sessions,
        untyped=size.untyped,
        present=tuple(column for column in COLUMN if column in text.known),
        unknown=text.unknown,
        blank=blank,
        unknown_at=text.places,
        aside=aside,
        ratings=None if rated is None else hold(ratings_of(rated)),
        unmerged=None if rated is None else held,
        own_window=own_window,
        doubts=tuple(each.sentence(text.place(each.column)) for each in looked_like if each.column not in vouched),
        accepted=tuple(each.sentence(text.place(each.column)) for each in looked_like if each.column in vouched),
    )


def sample_path(name: str = SAMPLE) -> Path:
    """Where the invented records of that name are: in an installed package, or in the checkout."""
    installed = Path(__file__).parents[1] / f"{name}.csv"
    return installed if installed.exists() else Path(__file__).parents[3] / "data" / "sample" / SAMPLES[name]


def is_invented(records: Records) -> bool:
    """Whether they are the invented records that come with the package, whatever their file is called."""
    return records.path is not None and any(filecmp.cmp(records.path, sample_path(name), shallow=False) for name in SAMPLES)


def shown_name(records: Records) -> str:
    """What a report calls the records: never by the name of their file, which may be that of a patient."""
    invented = [
        file for name, file in SAMPLES.items() if records.path and filecmp.cmp(records.path, sample_path(name), shallow=False)
    ]
    return invented[0] if invented else "the records" if records.path else records.source


def _text(source: nw.LazyFrame[Any], name: str, *, is_trimmed: bool) -> _Text:
    """The cells as text.

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
    return _Text(
        as_text(source, renamed, is_trimmed=is_trimmed),
        known,
        tuple(map(_visible, unknown)),
        tuple(place for place, own in enumerate(plain, start=1) if own not in COLUMN),
    )


def _visible(name: str) -> str:
    """A column's name without what moves the cursor or turns the text around where it is shown."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _frame(frame: Any) -> nw.LazyFrame[Any]:
    if isinstance(frame, pd.DataFrame):
        return lazy(
            frame.set_axis(told_apart([encodable(str(name)) for name in frame.columns], "the frame", tuple(COLUMN)), axis=1)
        )
    native = nw.from_native(frame, pass_through=True)
    if not isinstance(native, nw.DataFrame | nw.LazyFrame):
        return lazy(frame)
    names = native.collect_schema().names()
    apart = told_apart(names, "the frame", tuple(COLUMN))
    return lazy(native.rename(dict(zip(names, apart, strict=True))).to_native() if apart != names else frame)


def _private_cells(text: _Text, doubtful: nw.LazyFrame[Any]) -> dict[str, dict[str, str]]:
    """Where cells could identify a patient each by itself: column -> kind -> a sentence; `doubtful` rows are as `parse.read` gives them."""
    free = {name for name in text.known if COLUMN[name].kind in ("id", "text")}
    # What may hold anything was looked at in one pass; of the others, what could not be read.
    is_free_private = count(doubtful.filter(nw.col(PRIVATE))) > 0
    known = [name for name in text.known if is_free_private or name not in free]
    told: dict[str, dict[str, str]] = {}
    for frame, names in ((doubtful, known), (text.frame, text.others if is_free_private else [])):
        for column, holds, n, first in _held(frame, names, free):
            row = None if pd.isna(first) else int(first)
            told.setdefault(column, {})[holds] = Found(column, holds, n, row, is_refused=True).sentence(text.name(column))
    return told


def _held(frame: nw.LazyFrame[Any], names: list[str], free: set[str]) -> Iterator[tuple[str, str, int, Any]]:
    """Column, what its cells hold that could identify a patient, in how many of them, and in which row first."""
    rules = [rule if rule.column in COLUMN else _by_line(rule) for rule in private_rules(names)]
    for rule, n in zip(rules, _sums(frame, [_mark(rule, free) for rule in rules]), strict=True):
        if n > 0:
            marks = [_mark(rule, free, holds) for holds in rule.patterns]
            firsts = [nw.when(mark == 1).then(nw.col(ROW)).min().alias(f"row_{place}") for place, mark in enumerate(marks)]
            first = collect(frame.select(*firsts)).iloc[0]
            yield from ((rule.column, *each) for each in zip(rule.patterns, _sums(frame, marks), first, strict=True) if each[1])


def _by_line(rule: Rule) -> Rule:
    """The same for each line of a cell, as they are looked at in one pass."""
    return rule._replace(patterns={holds: f"(?m:{pattern})" for holds, pattern in rule.patterns.items()})


def _mark(rule: Rule, free: set[str], *holds: str) -> Any:
    """1 where a cell that is not read otherwise could identify a patient."""
    is_read = rule.column in COLUMN and rule.column not in free
    is_unread = nw.col(value_of(rule.column)).is_null() if is_read else nw.lit(True)
    return nw.when(is_unread & rule.is_private(*holds)).then(1)


def _sums(frame: nw.LazyFrame[Any], marks: list[Any]) -> list[int]:
    found: list[int] = []
    for first in range(0, len(marks), _AT_ONCE):
        sums = [mark.sum().alias(f"n_{place}") for place, mark in enumerate(marks[first : first + _AT_ONCE])]
        found.extend(0 if pd.isna(n) else int(n) for n in collect(frame.select(*sums)).iloc[0])
    return found


def _looked_like(text: _Text, held: nw.LazyFrame[Any], is_doubtful: bool) -> list[Found]:
    """What codes and texts look like. Cells that can't be read as codes are not among those held."""
    if is_doubtful:
        return looked_over(text.frame, text.known, text.others)
    return looked_over(held, text.known) + (looked_over(text.frame, (), text.others) if text.others else [])


def _vouched_for(accepted: Sequence[str], text: _Text) -> set[str]:
    """The columns of the frame that a person vouches for.

    Raises:
        UsageError: there is no such column.
    """
    columns = {folded(text.plain_name(column)): column for column in (*text.others, *text.known)}
    if lacking := [name for name in accepted if folded(name) not in columns]:
        raise UsageError(
            "\n".join(f"--accept-codes {name}: the records have no such column{did_you_mean(name, columns)}" for name in lacking)
        )
    return {columns[folded(name)] for name in accepted}
