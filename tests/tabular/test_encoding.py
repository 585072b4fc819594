"""Text in other encodings than UTF-8 is read as what it says, and nothing of it is left anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from outcomes.errors import RecordsError
from outcomes.tabular.files import text_table

TEXT = 'name,note\r\nä,"a, b"\r\n\r\n ü ,"two\nlines"\r\n,""\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_a_text_is_the_same_in_every_encoding_and_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.mkdtemp", lambda *_, **__: pytest.fail("a folder is made"))
    path = tmp_path / "export.csv"
    path.write_bytes(TEXT.encode(encoding))
    table = text_table(path)
    assert table.fillna("").values.tolist() == [[2, "ä", "a, b"], [4, "ü", "two\nlines"], [5, "", ""]]
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["export.csv"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a,b\n1,2,3\n".encode("utf-16"), "row 2: 3 cells, but the header has 2"),
        ('a,b\n1,"2\n'.encode("utf-16"), "a quotation mark is out of place or never closed"),
        ("a,b\n1,\x00\n".encode("utf-16"), "row 2: holds bytes that are no text"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], "holds bytes that are no text"),
        (b"a,b\n\xfc,\x81\n", "holds bytes that are no text"),
    ],
)
def test_what_is_no_table_is_refused_in_every_encoding(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(RecordsError, match=problem):
        text_table(path)
