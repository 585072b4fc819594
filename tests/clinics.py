"""A clinic with an export of its own, for tests of what becomes of it."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from outcomes.deidentify.account import Deidentified
from outcomes.deidentify.mapping import parse_mapping
from outcomes.deidentify.run import deidentify
from outcomes.errors import RecordsError

HEADER = """
[export]
dates = "dd.mm.yyyy"
scores = "{scores}"
{more}
[columns]
patient_id = "Chart"
day = "Date"
fitzpatrick = "Skin"
"""


def mapping_of(columns: str = "", *, scores: str = "before", more: str = "", rest: str = "") -> str:
    constant = '[constants]\nscar_scale = "goodman_baron_grade"\n' if "scar_score" in columns + rest else ""
    return HEADER.format(scores=scores, more=more) + dedent(columns) + "\n" + constant + dedent(rest)


class Clinic:
    """Two folders: the clinic's own and the one that is passed on."""

    def __init__(self, folder: Path) -> None:
        self.own, self.passed = folder / "clinic", folder / "passed"
        self.own.mkdir(exist_ok=True)
        self.passed.mkdir(exist_ok=True)
        self.export, self.linkage, self.out = self.own / "visits.csv", self.own / "linkage.csv", self.passed / "sessions.csv"
        self.done: Deidentified

    def run(self, export: str, mapping: str, **options: Any) -> list[dict[str, str]]:
        self.export.write_text(dedent(export).strip() + "\n", encoding="utf-8")
        return self.again(mapping, **options)

    def again(self, mapping: str, *exports: Path, **options: Any) -> list[dict[str, str]]:
        self.done = deidentify(
            exports or self.export,
            parse_mapping(mapping, "m.toml"),
            self.out,
            linkage=self.linkage,
            rng=random.Random(1),
            **options,
        )
        d = self.done
        left_out = (
            d.blank,
            d.totals,
            len(d.remarks),
            d.set_aside,
            d.unticked,
            d.undated,
            d.other_measures,
            d.merged,
            *d.unkept.values(),
        )
        assert d.rows_in + d.reshaped - sum(left_out) + d.added == d.rows_out
        if not self.out.exists():
            return []
        with self.out.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def problems(self, export: str, mapping: str) -> list[str]:
        with pytest.raises(RecordsError) as caught:
            self.run(export, mapping)
        assert not self.out.exists()
        assert not self.linkage.exists()
        assert list(self.passed.iterdir()) == []
        return str(caught.value).splitlines()


def columns(rows: list[dict[str, str]], *names: str) -> list[tuple[str, ...]]:
    """The named columns of the records; patients by the order in which they are told, as codes are random."""
    return sorted(tuple(row[name] for name in names) for row in rows)
