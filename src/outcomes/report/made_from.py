"""What a report is made from, as its page and its manifest tell it: records, saved cohorts, or one group of either."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from outcomes.cohort.cohort import Cohort
from outcomes.records.read import is_invented, shown_name
from outcomes.records.records import Records
from outcomes.records.set_aside import SetAside


@dataclass(frozen=True)
class MadeFrom:
    """`name` is what the report calls it, `digest` the SHA-256 of the source in hex; the other numbers and sentences are those of `Records`."""

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
    path: Path | None = None

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
        path=records.path,
    )
