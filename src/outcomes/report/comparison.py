"""A report beside an earlier one: what its manifest tells for the next, and what its notebooks are given of the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isnan
from pathlib import Path
from typing import Any, NamedTuple

from outcomes.cohort.cohort import Cohort
from outcomes.definitions.audiences import PUBLIC
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.display.words import day_words
from outcomes.errors import UsageError
from outcomes.records.patient_sketch import Hashes, patient_hashes, share_among, sketch_of
from outcomes.records.records import Records
from outcomes.report.earlier import COMPARISON, ESTIMATES_CSV, Earlier, check_comparable, read_earlier
from outcomes.report.masthead import Masthead
from outcomes.report.notebooks import COMPARE, Run, is_comparison
from outcomes.report.parameters import declared
from outcomes.report.previous import MANIFEST

OVERLAP = "overlap"
"""The parameter of a notebook that says what share of an earlier report's patients is in these records too."""


class Comparison(NamedTuple):
    """The earlier report that a report is compared with: how it was `given`, and what it says; with `hashes` of today's patients."""

    given: str
    earlier: Earlier
    hashes: Hashes | None

    @property
    def overlap(self) -> float:
        """The share of its patients that are in these records too; nan where it is not known."""
        if self.earlier.patients is None or self.hashes is None:
            return self.earlier.report.overlap
        return share_among(self.earlier.patients, self.hashes)


def asked_for(notebooks: Sequence[Path], compare: str, *, is_named: bool) -> list[Path]:
    """The notebooks of a report: the one about an earlier report only where there is one to compare with.

    Raises:
        UsageError: it was asked for by its name, and there is none; or there is one, and no notebook that was named compares.
    """
    about = [notebook for notebook in notebooks if is_comparison(notebook)]
    if about and is_named and not compare:
        raise UsageError(f"--notebook {about[0].stem}: this notebook needs an earlier report; name it by --compare")
    if is_named and compare and not any(COMPARE in declared(notebook) for notebook in notebooks):
        raise UsageError("--compare: none of the chosen notebooks compares with an earlier report")
    return [notebook for notebook in notebooks if compare or notebook not in about]


def check_compare(compare: str, audience: str) -> Earlier | None:
    """The earlier report that is asked for, None where none is; read before anything else is done.

    Raises:
        UsageError: it can't be compared with, or not for the public.
    """
    if not compare:
        return None
    if audience == PUBLIC:
        raise UsageError(
            f"--compare {compare}: a report for the public is not compared with an earlier one; outcomes verify --against does"
        )
    try:
        return read_earlier(compare)
    except UsageError as problem:
        raise UsageError(_named(problem)) from None


def _named(problem: UsageError) -> str:
    return "\n".join(f"--compare {line}" for line in str(problem).splitlines())


def compared(compare: str, earlier: Earlier, records: Records | None, cohort: Cohort) -> Comparison:
    """The comparison of records with an earlier report; without records it is unknown which patients are in both.

    Raises:
        UsageError: it was counted by other definitions.
    """
    try:
        check_comparable(earlier, cohort, compare)
    except UsageError as problem:
        raise UsageError(_named(problem)) from None
    return Comparison(compare, earlier, None if records is None else patient_hashes(records))


def with_comparison(runs: Sequence[Run], comparison: Comparison, folder: Path) -> list[Run]:
    """The runs whose notebooks compare, given the earlier report as it was read, written into a folder of its own, and the overlap."""
    given = _written(comparison, folder)
    return [
        run._replace(values={**{name: value for name, value in given.items() if name in declared(run.notebook)}, **run.values})
        for run in runs
    ]


def _written(comparison: Comparison, folder: Path) -> dict[str, str]:
    folder.mkdir()
    path = folder / ESTIMATES_CSV
    path.write_text(comparison.earlier.estimates, encoding="utf-8", newline="")
    if comparison.earlier.manifest:
        (folder / MANIFEST).write_text(comparison.earlier.manifest, encoding="utf-8", newline="")
    overlap = comparison.overlap
    return {COMPARE: str(path), OVERLAP: "" if isnan(overlap) else f"{overlap:.6g}"}


def for_the_next(
    records: Records | None, cohort: Cohort, masthead: Masthead, values: Mapping[Path, Mapping[str, Any]]
) -> dict[str, Any]:
    """The entry of a manifest by which a later report is compared with this one; without records nothing tells its patients again."""
    hashes = None if records is None else patient_hashes(records)
    types = [str(given["skin_types"]) for given in values.values() if given.get("skin_types")]
    told = {
        "issued": masthead.issued,
        "definitions": {
            "window": list(cohort.window),
            "limits": dict(cohort.about.limits),
            "skin_types": types[0] if types else ",".join(SKIN_TYPES),
            "columns": ",".join(cohort.about.present),
        },
    }
    return {COMPARISON: told | ({"patients": sketch_of(hashes).told()} if hashes is not None else {})}


def date_of(folder: Path) -> str:
    """The date of the report in a folder that can be compared with, in words; blank where there is none."""
    try:
        earlier = read_earlier(folder)
    except UsageError:
        return ""
    return day_words(date.fromisoformat(earlier.report.issued)) if earlier.report.issued else ""
