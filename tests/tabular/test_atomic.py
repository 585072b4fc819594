"""A file appears whole or not at all, and a private one is never readable by others."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from outcomes.errors import UsageError
from outcomes.tabular.atomic import written_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def begin(path: Path, problem: type[BaseException]) -> None:
    with written_whole(path) as passing:
        passing.write_text("half", encoding="utf-8")
        raise problem


def test_what_was_written_takes_the_place_of_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old", encoding="utf-8")
    with written_whole(path) as passing:
        passing.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
        assert (passing.parent, passing.suffix, passing.name[0]) == (tmp_path, ".csv", ".")
    assert path.read_text(encoding="utf-8") == "new"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt, SystemExit, OSError, GeneratorExit])
def test_where_it_is_not_ended_the_older_file_stays_and_nothing_is_left(tmp_path: Path, problem: type[BaseException]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(problem):
        begin(path, problem)
    assert path.read_text(encoding="utf-8") == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_where_it_can_not_take_its_place_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.mkdir()
    (path / "kept").touch()
    with pytest.raises(UsageError, match=r"^a\.csv: this is a folder; name a file$"), written_whole(path) as passing:
        passing.write_text("new", encoding="utf-8")
    assert [*tmp_path.iterdir()] == [path]


def test_a_folder_that_is_not_there_is_no_place(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), written_whole(tmp_path / "no" / "a.csv"):
        pytest.fail("nothing was opened")


@pytest.mark.skipif(os.name != "posix", reason="permissions of Windows are another thing")
@pytest.mark.parametrize(("umask", "is_private", "expected"), [(0o022, False, 0o644), (0o077, False, 0o600), (0, True, 0o600)])
def test_who_may_read_it_is_settled_before_the_first_byte(tmp_path: Path, umask: int, is_private: bool, expected: int) -> None:
    path = tmp_path / "a.csv"
    path.touch()
    path.chmod(0o666)
    before = os.umask(umask)
    try:
        with written_whole(path, is_private=is_private) as passing:
            assert mode(passing) == expected
    finally:
        os.umask(before)
    assert mode(path) == expected


def test_two_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with written_whole(path) as first, written_whole(path) as second:
        first.write_text("first", encoding="utf-8")
        second.write_text("second", encoding="utf-8")
        assert first != second
    assert path.read_text(encoding="utf-8") == "first", "the one that ended last"
    assert [*tmp_path.iterdir()] == [path]
