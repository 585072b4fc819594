"""One pass over records: their size, and whether any rule between rows is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.records.account import Account, account
from outcomes.records.parse import typed
from outcomes.tabular.engines import ROW, SMALL, collect, lazy
from outcomes.tabular.text import as_text

CLEAN = {
    "patient_id": ["P1", "P1", "P1", "P2"],
    "area": ["chin", "chin", "nose", None],
    "fitzpatrick": ["II", "II", "II", "IV"],
    "age": ["30", "31", None, "50"],
    "day": ["0", "30", "0", "0"],
    "sessions_completed": ["0", "1", "0", "2"],
    "scar_scale": ["goodman_baron_grade", None, "goodman_baron_grade", None],
    "scar_score": ["3", None, "2", None],
    "status": ["ongoing", "ongoing", "stopped", None],
}


def account_of(**changed: list[str | None]) -> Account:
    return account(typed(as_text(lazy(pd.DataFrame({**CLEAN, **changed}, dtype=object)))))


def test_clean_records_are_counted() -> None:
    assert account_of() == Account(rows=4, doubtful=0, courses=3, patients=2, sessions=2, blank=0, untyped=0, is_clean=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"day": ["0", "0", "0", "0"]},
        {"sessions_completed": ["1", "0", "0", "2"]},
        {
            "sessions_completed": ["0", "0", "0", "2"],
            "scar_scale": ["goodman_baron_grade"] * 2 + [None] * 2,
            "scar_score": ["3", "2", None, None],
        },
        {"status": ["ongoing", "stopped", "stopped", None]},
        {"fitzpatrick": ["II", "II", "III", "IV"]},
        {"age": ["30", "31", "32", "50"]},
        {"scar_scale": ["goodman_baron_grade", "ecca", None, None], "scar_score": ["3", "20", None, None]},
    ],
    ids=["two on a day", "falling", "second baseline", "status", "skin type of two courses", "age", "scale"],
)
def test_a_broken_rule_between_rows_is_seen(changed: dict[str, list[str | None]]) -> None:
    of = account_of(**changed)
    assert (of.doubtful, of.is_clean) == (0, False)


def test_a_broken_row_is_doubtful() -> None:
    assert account_of(day=["0", "x", "0", None]).doubtful == 2


def test_no_rows_are_no_records() -> None:
    nothing = typed(as_text(lazy(pd.DataFrame({name: pd.Series([], dtype=object) for name in CLEAN}))))
    assert account(nothing) == Account(0, 0, 0, 0, 0, 0, 0, is_clean=True)


@pytest.mark.parametrize("small", [SMALL, -1])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_have_their_numbers_whether_the_engine_counts_them_or_not(
    ending: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clean rows of a large file are numbered by where they stand; a blank row in between, as any flaw, has them counted."""
    monkeypatch.setattr("outcomes.records.read.SMALL", small)
    rows = 5_000
    visits = pd.DataFrame({"patient_id": [f"P{n}x" for n in range(rows)], "fitzpatrick": "II", "day": 0, "sessions_completed": 0})
    visits["age"] = [str(20 + n % 50) for n in range(rows)]
    frame = outcomes.read_records(written(visits, tmp_path, ending)).frame
    by_row = collect(frame).sort_values(ROW)
    assert by_row[ROW].tolist() == list(range(2, rows + 2))
    assert by_row["patient_id"].tolist() == visits["patient_id"].tolist()
    visits.loc[4_000, :] = None
    by_row = collect(outcomes.read_records(written(visits, tmp_path, ending)).frame).sort_values(ROW)
    assert by_row[ROW].tolist() == [number for number in range(2, rows + 2) if number != 4_002]


def written(visits: pd.DataFrame, folder: Path, ending: str) -> Any:
    import duckdb

    path = folder / f"visits.{ending}"
    if ending == "csv":
        visits.to_csv(path, index=False)
    else:
        duckdb.from_df(visits.astype("string").astype(object)).write_parquet(str(path))
    return path
