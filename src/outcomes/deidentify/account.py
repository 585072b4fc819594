"""What became of every row of an export: the account, and the lines in which the command line tells it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from outcomes.definitions.thresholds import SMALL
from outcomes.deidentify.k_anonymity import Shared
from outcomes.errors import counted, spans


class Deidentified(NamedTuple):
    """What became of an export. The rows add up:
    ``rows_in - blank - undated - other_measures - merged + added == rows_out``.

    `undated` rows hold only what is constant within a patient or course; `other_measures` are rows of a measure that is
    not mapped; `merged` rows are of a visit that another row tells too; `added` are assessments on a day of their own,
    not that of the visit in whose row they stand. `dropped` are the export's columns that are not passed on. `translated` cells were read
    by [values]; `cut` texts lost a serial number; `topped` ages became 90; `texts` different free texts were kept.
    `without_baseline` courses have no score before their first session. `new_codes` were drawn now; `respelt` codes stand
    for what is written in more than one way; `alike` are the rows of the export where a patient or course first is written so; `was_open`: others could read the linkage file until now.
    """

    out: Path
    linkage: Path
    rows_in: int
    blank: int
    undated: int
    other_measures: int
    merged: int
    added: int
    rows_out: int
    patients: int
    courses: int
    without_baseline: int
    dropped: tuple[str, ...]
    translated: int
    cut: int
    topped: int
    texts: int
    new_codes: int
    respelt: int
    alike: tuple[int, ...]
    was_open: bool
    shared: tuple[Shared, ...]


def summary(done: Deidentified) -> list[str]:
    """What became of an export, a sentence each: first the rows, at the end how many patients stand out."""
    lines = [
        f"{done.out.name}: {counted(done.rows_out, 'rows')} of {counted(done.patients, 'patients')} in {counted(done.courses, 'courses')}, "
        f"from {counted(done.rows_in, 'rows')} of the export"
    ]
    for count, why in (
        (done.blank, "held nothing that is mapped"),
        (done.undated, "had no date and told only what is constant"),
        (done.other_measures, "held a measure that is not mapped"),
        (done.merged, "told the same visit as another row and became one with it"),
    ):
        if count:
            lines.append(f"{counted(count, 'rows')} {why}")
    if done.added:
        lines.append(
            f"{counted(done.added, 'rows')} added: scores on a day of their own, not that of the visit in whose row they stood"
        )
    if done.without_baseline:
        lines.append(f"{counted(done.without_baseline, 'courses')} without a score before the first session")
    if done.dropped:
        lines.append(f"{counted(len(done.dropped), 'columns')} dropped: {', '.join(done.dropped)}")
    for count, nouns, what in (
        (done.translated, "cells", "translated as the mapping says"),
        (done.cut, "texts", "cut before a serial number"),
        (done.topped, "ages", "of 90 or over written as 90"),
    ):
        if count:
            lines.append(f"{counted(count, nouns)} {what}")
    if done.texts:
        lines.append(
            f"device is free text: look through its {counted(done.texts, 'different texts')} before you pass the records on"
        )
    lines.append(f"{done.linkage.name}: {counted(done.new_codes, 'new codes')}; it names the patients: keep it in the clinic")
    if done.respelt:
        where = f"; look at {'row' if len(done.alike) == 1 else 'rows'} {spans(done.alike)} of the export" if done.alike else ""
        lines.append(
            f"{counted(done.respelt, 'codes')} of what is written in more than one way, here or in {done.linkage.name} (capitals, blanks, "
            f"apostrophes, wide or unseen letters), and was taken for the same{where}"
        )
    if done.was_open:
        lines.append(f"{done.linkage.name}: others could read it; now only its owner can")
    for group in done.shared:
        lines.append(
            f"by {group.known}, the smallest group is of {counted(group.smallest, 'patients')}; "
            f"{counted(group.in_small, 'patients')} in groups of fewer than {SMALL}"
        )
    if done.shared and done.shared[0].in_small:
        lines.append(
            "who knows a patient of a small group could tell them: before passing the records on, leave out age or sex in the mapping"
        )
    return lines
