"""Text files of separated cells: whether it is sure that no cell has a blank at an end, and how many rows there are by the bytes alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from outcomes.tabular import csv_reader
from outcomes.tabular.csv_reader import is_trimmed, lines

TRIMMED = [
    b"a",
    b"a,b\n1,2\n",
    b"a,b\r\n1,2\r\n",
    b"a,b\n1 2,2\n",
    b"a\tb\n1\t2\n",
    b"\xef\xbb\xbfa,b\n1,2\n",
    "a,b\n1,ä\n".encode(),
    b"a,b\n,\n",
]
MAY_NOT_BE = [
    b" a,b\n1,2\n",
    b"a,b\n1 ,2\n",
    b"a,b\n1, 2\n",
    b"a,b\n 1,2\n",
    b"a,b\n1,2 \n",
    b"a,b\n1,2 ",
    b"a ",
    b"a,b\r\n1,2 \r\n",
    b'a,b\n1,"2"\n',
    b"a,b\n1\t,2\n",
    b"a,b\n1\x0b,2\n",
    "a,b\n\u00a01,2\n".encode(),
    "a,b\n1,\ufeff2\n".encode(),
    b"a,b\r\n1,2\n",
    b"a,b\n1,2\r\r\n",
    b"a,b\r1,2\r",
]


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 2**22])
@pytest.mark.parametrize(("text", "expected"), [*((each, True) for each in TRIMMED), *((each, False) for each in MAY_NOT_BE)])
def test_blanks_at_the_ends_of_cells_are_seen(
    text: bytes, expected: bool, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_reader, "_CHUNK", chunk)
    path = tmp_path / "visits.csv"
    path.write_bytes(text)
    assert is_trimmed(path) is expected


LINES = [
    (b"a", (0, 0)),
    (b"a,b\n1,2\n3,4", (2, 0)),
    (b"a,b\r\n1,2\r\n", (1, 0)),
    (b"a,b\r1,2\r3,4\r", (2, 0)),
    (b"\n\na,b\n\n1,2\n\n\n", (1, 5)),
    (b"a,b\r\n\r\n1,2\r\n\r\n", (1, 2)),
    (b"a,b\r\r1,2\r", (1, 1)),
    (b'a,b\n"1\n\n1",2\n"3 ""\r\n"" 3",4\n', (2, 0)),
    (b'a,b\n"1",2\n\n"3",4\n,\n', (3, 1)),
]


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 2**22])
@pytest.mark.parametrize(("text", "expected"), LINES)
def test_the_rows_of_a_text_file_are_counted_by_its_bytes(
    text: bytes, expected: tuple[int, int], chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_reader, "_CHUNK", chunk)
    path = tmp_path / "visits.csv"
    path.write_bytes(text)
    assert lines(path) == expected
