"""CSV that a spreadsheet shows and does not run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.tabular.csv_writer import csv_text, shown, write_csv


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "=", "-", "+1a"]
)
def test_what_a_spreadsheet_would_run_is_shown_as_text(cell: str) -> None:
    assert shown(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-0.5", "+3", "-1,5", "1e-9", "-1E+3", "a=b", "P-1", "", " =1"])
def test_numbers_and_other_texts_stay(cell: str) -> None:
    assert shown(cell) == cell


def test_blank_cells_are_blank_and_numbers_are_plain() -> None:
    assert [shown(cell) for cell in (None, float("nan"), -0.25, 3, True)] == ["", "", "-0.25", "3", "True"]


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=5))
def test_no_cell_of_a_file_begins_like_a_formula(rows: list[list[str]]) -> None:
    for row in csv.reader(io.StringIO(csv_text(("a", "=b"), rows), newline="")):
        assert not any(cell.startswith(("=", "@")) for cell in row)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_csv(path, ("a",), [["1"]])

    def failing() -> list[list[str]]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_csv(path, ("a",), (row for row in [["2"], *[failing() for _ in range(1)]]))
    assert path.read_text() == "a\n1\n"
    assert [each.name for each in tmp_path.iterdir()] == ["t.csv"]
