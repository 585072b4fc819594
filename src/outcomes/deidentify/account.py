"""What became of every row of an export: the account, and the lines in which the command line tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.thresholds import SMALL
from outcomes.deidentify.k_anonymity import YEAR, Shared
from outcomes.errors import Breach, counted, spans


class Deidentified(NamedTuple):
    """What became of an export. The rows add up:
    ``rows_in + reshaped - blank - totals - len(remarks) - set_aside - unkept - unticked - undated - other_measures - merged + added == rows_out``.

    `reshaped` rows became more, since a row told several visits, or fewer (below 0). `totals` rows are sums below the table, and
    `remarks` the places of rows that tell no patient and nothing else that can be read, such as a title between records. `set_aside` rows
    (`rows_aside` of the export), of `courses_aside` of `patients_aside`, could not be read or did not fit, for `reasons`. `unkept`: what became of an appointment ->
    how many were no visit for it. `unticked` rows without a date hold only boxes that are not ticked.
    `undated` rows hold only what is constant within a patient or course; `other_measures` are rows of a measure that is
    not mapped; `merged` rows are of a visit that another row tells too, `merged_across` of them one in another file or sheet; `added` are
    assessments on a day of their own, not that of the visit in whose row they stand. `sessions` were given, and `scores` are counted by
    endpoint. `dropped` are the export's columns that are not passed on. `translated` cells were read by [values]; `rounded` scores had more
    than two decimals; `cut` texts lost a serial number; `topped` ages became 90; `texts` different free texts were kept. `only_yes`: column
    that says yes and never no -> the contract's, and how often. `notes` are sentences on how the export is kept.
    `without_baseline` courses have no score before their first session. `new_codes` were drawn now; `respelt` codes stand for what is written in
    more than one way; `alike` are the places where a patient or course first is written so; `was_open`: others could read the linkage file until now. `table` holds the records of a rehearsal, of which nothing is written.
    """

    out: Path
    linkage: Path
    rows_in: int
    reshaped: int
    blank: int
    totals: int
    remarks: tuple[Breach, ...]
    set_aside: int
    rows_aside: int
    courses_aside: int
    patients_aside: int
    reasons: tuple[Breach, ...]
    unkept: dict[str, int]
    unticked: int
    undated: int
    other_measures: int
    merged: int
    merged_across: int
    added: int
    rows_out: int
    patients: int
    untyped: int
    courses: int
    sessions: int
    scores: dict[str, int]
    without_baseline: int
    dropped: tuple[str, ...]
    translated: int
    rounded: int
    cut: int
    topped: int
    texts: int
    only_yes: dict[str, tuple[str, int]]
    notes: tuple[str, ...]
    new_codes: int
    respelt: int
    alike: tuple[Breach, ...]
    was_open: bool
    shared: tuple[Shared, ...]
    table: pd.DataFrame | None = None


_UNKEPT = {
    "missed": "appointments that the patient missed: no visits",
    "cancelled": "appointments that were cancelled: no visits",
    "booked": "appointments that were booked and are not told as kept: no visits",
}


def summary(done: Deidentified) -> list[str]:
    """What became of an export, a sentence each: first the rows, at the end how many patients stand out."""
    source = f"from {counted(done.rows_in, 'rows')} of the export"
    is_rehearsal = done.table is not None
    lines = [
        f"{done.out.name}: {counted(done.rows_out, 'rows')} of {counted(done.patients, 'patients')} in {counted(done.courses, 'courses')}, {source}"
    ]
    if is_rehearsal:
        lines.append("a rehearsal: nothing was written")
    told = [f"{counted(count, 'scores')} of {ENDPOINTS[name].label.lower()}" for name, count in done.scores.items()]
    lines.append("; ".join([counted(done.sessions, "sessions"), *told]))
    if done.untyped:
        lines.append(f"{counted(done.untyped, 'patients')} without a skin type: counted in all that is not by skin type")
    lines += [*done.notes, *_rows(done), *_reasons(done), *_cells(done)]
    if done.texts:
        lines.append(
            f"device is free text: look through its {counted(done.texts, 'different texts')} before you pass the records on"
        )
    if not is_rehearsal:
        lines.append(f"{done.linkage.name}: {counted(done.new_codes, 'new codes')}; it names the patients: keep it in the clinic")
    if done.respelt:
        lines.append(
            f"{counted(done.respelt, 'codes')} of what is written in more than one way, here or in {done.linkage.name} (capitals, blanks, "
            f"apostrophes, wide or unseen letters), and was taken for the same{_look_at(done.alike)}"
        )
    if done.was_open:
        lines.append(f"{done.linkage.name}: others could read it; now only its owner can")
    for group in done.shared:
        lines.append(
            f"by {group.known}, the smallest group is of {counted(group.smallest, 'patients')}; "
            f"{counted(group.in_small, 'patients')} in groups of fewer than {SMALL}"
        )
    if done.shared and done.shared[0].in_small:
        has_year = any(YEAR in group.known for group in done.shared)
        lines.append(
            "who knows a patient of a small group could tell them: before passing the records on, leave out age or sex in the mapping"
            + (f", or the {YEAR} by start_year = false under [export]" if has_year else "")
        )
    return lines


def _look_at(places: tuple[Breach, ...]) -> str:
    by_source: dict[str, list[int]] = {}
    for place in places:
        by_source.setdefault(place.source, []).append(place.row or 0)
    told = [
        f"{'row' if len(rows) == 1 else 'rows'} {spans(rows)} of {source or 'the export'}" for source, rows in by_source.items()
    ]
    return f"; look at {', '.join(told)}" if told else ""


def _rows(done: Deidentified) -> Iterator[str]:
    if done.reshaped > 0:
        yield f"{counted(done.reshaped, 'rows')} more than that, as a row told several visits: one a visit"
    if done.reshaped < 0:
        yield f"{counted(-done.reshaped, 'rows')} fewer than that, as each told one value of a visit: one a visit"
    for count, why in (
        (done.blank, "held nothing that is mapped"),
        (done.totals, "of sums left out"),
        (done.unticked, "had no date and only boxes that are not ticked: no visits"),
        (done.undated, "had no date and told only what is constant"),
        (done.other_measures, "held a measure that is not mapped"),
        (done.merged, "told the same visit as another row and became one with it"),
    ):
        if count:
            yield f"{counted(count, 'rows')} {why}"
    if done.remarks:
        yield f"{counted(len(done.remarks), 'rows')} without a patient and without anything that can be read left out, as titles or remarks{_look_at(done.remarks)}"
    if done.merged_across:
        yield f"{counted(done.merged_across, 'rows')} told a visit that another file or sheet tells too"
    for meaning, count in done.unkept.items():
        nouns = _UNKEPT[meaning]
        yield counted(
            count,
            nouns,
            nouns.replace("appointments", "appointment").replace("were", "was").replace("are", "is").replace("visits", "visit"),
        )
    if done.added:
        yield f"{counted(done.added, 'rows')} added: scores on a day of their own, not that of the visit in whose row they stood"
    if done.without_baseline:
        yield f"{counted(done.without_baseline, 'courses')} without a score before the first session"


def _reasons(done: Deidentified) -> Iterator[str]:
    """What was set aside, and why, by the export's own rows."""
    if not done.set_aside:
        return
    yield (
        f"{counted(done.rows_aside, 'rows')} of the export set aside, of {counted(done.courses_aside, 'courses')} of {counted(done.patients_aside, 'patients')},"
        " as some of them can't be read or do not fit:"
    )
    groups: dict[tuple[str, str | None, str], list[int]] = {}
    for breach in done.reasons:
        groups.setdefault((breach.source, breach.column, breach.problem), []).append(breach.row or 0)
    for (source, column, problem), rows in groups.items():
        where = f"{source} " if source else ""
        yield f"  {where}{'row' if len(rows) == 1 else 'rows'} {spans(rows)}{f', {column}' if column else ''}: {problem}"


def _cells(done: Deidentified) -> Iterator[str]:
    if done.dropped:
        yield f"{counted(len(done.dropped), 'columns')} dropped: {', '.join(done.dropped)}"
    for count, nouns, what in (
        (done.translated, "cells", "translated as the mapping says"),
        (done.rounded, "scores", "rounded to two decimals"),
        (done.cut, "texts", "cut before a serial number"),
        (done.topped, "ages", "of 90 or over written as 90"),
    ):
        if count:
            yield f"{counted(count, nouns)} {what}"
    for name, (column, count) in done.only_yes.items():
        yield (
            f"{name} says yes {counted(count, 'times')} and never no: its blanks are not recorded; "
            f'if a blank means no, write "" = "no" under [values.{column}]'
        )
