"""What a report is made from, as its page and its manifest tell it: records, saved cohorts, or one group of either."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from outcomes.cohort.cohort import Cohort
from outcomes.records.read import is_invented, shown_name
from outcomes.records.records import Records
from outcomes.records.set_aside import SetAside
from outcomes.report.previous import digest_of


@dataclass(frozen=True)
class MadeFrom:
    """`name` is what the report calls it, `digest` the SHA-256 of the files at `paths` in hex (`digest_of_all`); the rest is as in `Records`."""

    name: str
    digest: str
    rows_in: int
    rows: int
    courses: int
    patients: int
    rows_aside: int = 0
    blank: int = 0
    is_invented: bool = False
    doubts: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    aside: SetAside | None = None
    paths: tuple[Path, ...] = ()

    def of_group(self, group: Cohort) -> MadeFrom:
        """The same of one group of it."""
        return replace(
            self,
            rows_in=group.rows,
            rows=group.rows,
            courses=group.courses,
            patients=group.patients,
            rows_aside=0,
            blank=0,
            aside=None,
        )


def made_from_records(records: Records) -> MadeFrom:
    """What is told of records."""
    return MadeFrom(
        name=shown_name(records),
        digest=records.digest,
        rows_in=records.rows_in,
        rows=records.rows,
        courses=records.courses,
        patients=records.patients,
        rows_aside=records.rows_aside,
        blank=records.blank,
        is_invented=is_invented(records),
        doubts=records.doubts,
        accepted=records.accepted,
        aside=records.aside,
        paths=(records.path,) if records.path else (),
    )


def made_from_cohorts(cohort: Cohort, paths: Sequence[Path], digest: str) -> MadeFrom:
    """What is told of saved cohorts of which this is the sum; how rows that were set aside were broken is told by its counts alone."""
    of = cohort.about
    return MadeFrom(
        name=of.source,
        digest=digest,
        rows_in=of.rows + of.rows_aside,
        rows=of.rows,
        courses=of.courses,
        patients=of.patients,
        rows_aside=of.rows_aside,
        blank=of.blank,
        paths=tuple(paths),
    )


def digest_of_all(paths: Sequence[Path]) -> str:
    """The SHA-256 of one file; of several that of a line for each, as ``sha256sum`` writes it."""
    if len(paths) == 1:
        return digest_of(paths[0])
    lines = "".join(f"{digest_of(path)}  {path.name}\n" for path in paths)
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()
