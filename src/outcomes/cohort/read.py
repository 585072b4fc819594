"""Records, or a saved cohort, in; a cohort out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from outcomes.cohort.cohort import About, Cohort, said
from outcomes.cohort.counting import Counting
from outcomes.cohort.public import check_audience, cohort_for, refuse_public
from outcomes.cohort.saved import load
from outcomes.cohort.tally import Tally
from outcomes.definitions.audiences import CLINIC
from outcomes.definitions.endpoints import LEADING
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.guidance import LIMITS
from outcomes.definitions.windows import Window, window_given
from outcomes.errors import UsageError
from outcomes.records.read import COHORT, read_records, shown_name
from outcomes.records.records import Records
from outcomes.tabular.addresses import is_address


def read_cohort(
    source: Any,
    *,
    table: str = "",
    set_aside: bool = False,
    window: str | Sequence[int] = "",
    accept_codes: str | Sequence[str] = (),
    isotretinoin_months: float | None = None,
    youngest: float | None = None,
    deepest_mm: float | None = None,
    audience: str = CLINIC,
) -> Cohort:
    """The counts of session records: of a file or a frame as `outcomes.read_records` takes them, of its result, or a cohort saved before.

    `table` names the table or view of a database. `window` is the first, the usual and the last day after a session on which a score
    counts, ``"14,30,60"``; by default it follows the clinic's own spacing. The others are limits of guidance: months after isotretinoin, years of age, millimetres
    of needle depth on the face; by default the usual ones (6, 22, 1.5). `accept_codes` are columns whose codes the caller vouches for. A saved cohort was counted with its own window and limits,
    and is refused with others. Of a cohort for the `audience` public, only `outcomes.release` gives numbers.

    A PySpark frame is counted by its workers, each on DuckDB, with one job for the spacing of sessions and one for all counts.
    `outcomes` must be installed for their Python. There are twice as many parts as Spark has cores, fewer of small records, and a
    worker needs memory for the rows of one. Counts alone come back.

    Raises:
        PrivacyError, RecordsError: the records are refused; see `outcomes.read_records`.
        UsageError: a window, limit or audience that is none, or another one than a saved cohort was counted with; a file that is no cohort.

    Example:
        >>> import outcomes
        >>> outcomes.read_cohort("sample").endpoints
        ('scarring', 'pih', 'fine_lines')
    """
    check_audience(audience)
    given = {"isotretinoin_months": isotretinoin_months, "youngest": youngest, "deepest_mm": deepest_mm}
    limits = {name: float(limit) for name, limit in given.items() if limit is not None}
    if isinstance(source, str | Path) and Path(source).suffix == COHORT and not is_address(source):
        return cohort_for(audience, _as_asked(_loaded(Path(source), *_state(Path(source))), window_given(window), limits))
    if not isinstance(source, Records):
        source = read_records(source, table=table, set_aside=set_aside, window=window, accept_codes=accept_codes)
    elif own_window := window_given(window):
        source = replace(source, own_window=own_window)
    return cohort_for(audience, cohort_of(source, **limits))


def cohort_of(records: Records | Cohort, **limits: float) -> Cohort:
    """The cohort of records already checked, which are counted once however often this is asked for; a cohort as it is.

    Raises:
        UsageError: a limit below 0.
    """
    refuse_public(records)
    if isinstance(records, Cohort):
        return _as_asked(records, None, limits) if limits else records
    for name, limit in limits.items():
        if not limit >= 0:
            raise UsageError(f"{name} must not be below 0, got {limit}")
    held = records.__dict__.setdefault("_cohorts", {})
    whole = LIMITS | limits
    key = tuple(whole.values())
    if key not in held:
        held[key] = _counting(records, whole)
    return held[key]


def tally(
    cohort: Cohort | Records,
    endpoint: str = "scarring",
    *,
    scale: str | None = None,
    skin_types: str | Sequence[str] = SKIN_TYPES,
    blinded: bool = False,
    every_course: bool = False,
) -> Tally:
    """The integers from which everything about one endpoint is computed.

    `endpoint` is scarring, pih or fine_lines. `scale` defaults to the one most courses are scored on; courses scored on
    another one are counted in the flow and left out. `skin_types` keeps the courses of those types only, given as a
    sequence or as a text like ``"IV,V"``. An endpoint that counts only where it was there before the first session, PIH, is
    with `every_course` tallied over every course scored for it, those at the best score at baseline too: none is chosen by its
    baseline then.

    With `blinded`, only scores taken blind count after a session: another is as if it had not been recorded, and its course
    came all the same. A baseline counts whoever took it, since no session had been given then.

    Raises:
        UsageError: unknown endpoint, scale or skin type, or no scores on it.

    Example:
        >>> import outcomes
        >>> outcomes.tally(outcomes.read_cohort("sample"), endpoint="scarring").scale.name
        'goodman_baron_grade'
    """
    return cohort_of(cohort).tally(endpoint, scale=scale, skin_types=skin_types, blinded=blinded, every_course=every_course)


def tallies(cohort: Cohort | Records, endpoints: str | Sequence[str] = LEADING) -> list[Tally]:
    """The tallies of those of the endpoints that have scores in the records; where none has, of whatever is scored.

    `endpoints` is a list of names or text such as ``"scarring,pih"``; blank stands for scarring and PIH.

    Raises:
        UsageError: an unknown endpoint, or the records hold no score of any endpoint.

    Example:
        >>> import outcomes
        >>> outcomes.tallies(outcomes.read_cohort("sample"))
        [Tally(scarring on goodman_baron_grade: 208 of 251 courses analysed), Tally(pih on pahpi: 94 of 251 courses analysed)]
    """
    return cohort_of(cohort).tallies(endpoints)


def _counting(records: Records, limits: Mapping[str, float]) -> Cohort:
    about = About(
        source=shown_name(records),
        rows=records.rows,
        visits=records.visits,
        courses=records.courses,
        patients=records.patients,
        rows_aside=records.rows_aside,
        blank=records.blank,
        present=records.present,
        unknown=tuple(f"column {place}" for place in records.unknown_at),
        window=records.window,
        is_own_window=records.own_window is not None,
        limits=limits,
        aside=records.aside.reasons() if records.aside else None,
    )
    return Cohort(about, {}, Counting(records, records.spacing, records.window, limits))


def _state(path: Path) -> tuple[int, int]:
    """What changes where a file is written anew; nothing of one that is not there."""
    with suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return 0, 0


@lru_cache(maxsize=2)
def _loaded(path: Path, *_state: int) -> Cohort:
    """The cohort of a file, read once as long as the file stays as it is."""
    about, parts, groups = load(path)
    try:
        lists = {name: tuple(about[name]) for name in ("present", "unknown")}
        aside = None if about["aside"] is None else pd.DataFrame(about["aside"])
        cohort = Cohort(About(**about | lists | {"window": Window(*about["window"]), "aside": aside}), parts)
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{path.name} is no cohort that outcomes has saved: its contents are damaged") from None
    cohort.with_groups(groups)
    return cohort


def _as_asked(cohort: Cohort, window: Window | None, limits: Mapping[str, float]) -> Cohort:
    """A cohort counted before, if it was counted with what is asked for."""
    if window is not None and window != cohort.window:
        raise UsageError(
            f"this cohort was counted with the window {said(cohort.window)}, not {said(window)}: count the records anew"
        )
    for name, limit in limits.items():
        if limit != cohort.about.limits[name]:
            raise UsageError(
                f"this cohort was counted with {name} {cohort.about.limits[name]:g}, not {limit:g}: count the records anew"
            )
    return cohort
