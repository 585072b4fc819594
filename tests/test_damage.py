"""Random damage to valid records: read with equal content, refused with its breaches, or refused; never anything else."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import outcomes
from outcomes.definitions.columns import COLUMN, NO, YES
from outcomes.errors import OutcomesError, PrivacyError, RecordsError
from outcomes.tabular.engines import collect

LINES = [
    "patient_id,area,fitzpatrick,age,day,sessions_completed,scar_scale,scar_score,treated,device,extra",
    "P1,face,IV,30,0,0,ecca,87.5,yes,pen one,7",
    "P1,face,IV,30,31,1,ecca,60,no,pen one,7",
    'P2,neck,2,41,0,0,asas,3,TRUE,"pen, two",8',
    "P2,neck,type ii,41,28,1,asas,2.5,false,,8",
    'P3,,vi,25,0,0,,,,"pen ""3""",',
]
VALID = "\n".join(LINES) + "\n"
ODD = "\",;\n\r\t|'=@+- 0197.PxIVé€\x00\x1a\u00a0\ufeff/_<&"

OUTCOMES = ("read", "private", "broken", "refused")

Damage = tuple[str, int, int, str]
damages = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "replace", "swap", "repeat", "drop", "cut", "blank", "cell", "quote"]),
        st.integers(0, len(VALID)),
        st.integers(0, 10),
        st.text(st.sampled_from(ODD), max_size=3)
        | st.sampled_from(["1,5", "1.000", "2024-01-02", "n/a", "P1", "1e3", "٣", "IV ", "=1+1"]),
    ),
    min_size=1,
    max_size=4,
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "latin-1"])


def damaged(text: str, damage: list[Damage]) -> str:
    for kind, at, place, new in damage:
        lines = text.split("\n")
        row = at % len(lines)
        cells = lines[row].split(",")
        if kind == "insert":
            text = text[:at] + new + text[at:]
        elif kind == "delete":
            text = text[:at] + text[at + 1 + place :]
        elif kind == "replace":
            text = text[:at] + new + text[at + len(new) :]
        elif kind == "cut":
            text = text[:at]
        else:
            if kind == "swap":
                cells[place % len(cells)], cells[0] = cells[0], cells[place % len(cells)]
            elif kind == "cell":
                cells[place % len(cells)] = new
            elif kind == "quote":
                cells[place % len(cells)] = f'"{cells[place % len(cells)]}"'
            lines[row] = ",".join(cells)
            if kind == "repeat":
                lines.insert(row, lines[row])
            elif kind == "drop":
                del lines[row]
            elif kind == "blank":
                lines.insert(row, "")
            text = "\n".join(lines)
    return text


def as_written(text: str) -> list[dict[str, str]]:
    """The records of a text as Python's own reader of CSV gives them: an independent reading, its cells trimmed."""
    text = text.removeprefix("\ufeff")
    first = next(line for line in text.splitlines() if line.strip())
    separator = max(",;\t|", key="".join(first.split('"')[::2]).count)
    header, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True) if row]
    names = [name.strip().lower() for name in header]
    records = [{name: cell.strip(" \t\n\r\v\f\u00a0\ufeff") for name, cell in zip(names, row, strict=False)} for row in rows]
    return [record for record in records if any(value for name, value in record.items() if name in COLUMN)]


def means(column: str, text: str, value: Any) -> bool:
    """Whether a value is what the text says."""
    kind = COLUMN[column].kind
    if text == "":
        return bool(pd.isna(value))
    if kind in ("whole", "number"):
        return Decimal(text) * (1 if kind == "whole" else 100) == int(value)
    if kind == "yes/no":
        return text.lower() in (YES if value else NO)
    return text.lower() in COLUMN[column].categories[value] if kind == "category" else text == value


def check_outcome(path: Path, text: str, encoding: str) -> str:
    path.write_bytes(text.encode(encoding, errors="replace"))
    try:
        records = outcomes.read_records(path)
    except PrivacyError:
        return "private"
    except RecordsError as error:
        return "broken" if error.breaches else "refused without a reason"
    except OutcomesError:
        return "refused"
    written = as_written(text.encode(encoding, errors="replace").decode(encoding))
    read = collect(records.frame).sort_values("source_row").to_dict("records")
    assert len(read) == len(written) == records.rows
    for row, own in zip(read, written, strict=True):
        for column in COLUMN:
            assert means(column, own.get(column, ""), row[column]), (column, own, row[column])
    return "read"


def test_the_undamaged_records_are_read(tmp_path: Path) -> None:
    assert check_outcome(tmp_path / "sessions.csv", VALID, "utf-8") == "read"


@given(damage=damages, encoding=ENCODINGS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_records_are_read_as_written_or_refused(tmp_path: Path, damage: list[Damage], encoding: str) -> None:
    assert check_outcome(tmp_path / "sessions.csv", damaged(VALID, damage), encoding) in OUTCOMES


@pytest.mark.slow
@given(damage=damages, encoding=ENCODINGS)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_records_are_read_as_written_or_refused_in_many_ways(tmp_path: Path, damage: list[Damage], encoding: str) -> None:
    assert check_outcome(tmp_path / "sessions.csv", damaged(VALID, damage), encoding) in OUTCOMES
