"""How much memory and disk reading may take, and what is said where it is not enough."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from outcomes.errors import OutcomesError, UsageError
from outcomes.tabular.engines import duckdb_connection
from outcomes.tabular.room import LARGE, MEMORY, enough_room, memory_for, use_memory


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    use_memory(None)


@pytest.mark.parametrize(("given", "taken"), [("4GB", "4GB"), ("800mb", "800MB"), (" 1.5 GB ", "1.5GB"), ("256MB", "256MB")])
def test_memory_is_as_given(given: str, taken: str) -> None:
    use_memory(given)
    assert (memory_for(0), memory_for(LARGE + 1)) == (taken, taken)


def test_without_a_limit_only_large_sources_have_one() -> None:
    assert (memory_for(LARGE), memory_for(LARGE + 1)) == ("", MEMORY)


@pytest.mark.parametrize("given", ["", "4", "GB", "lots", "-4GB", "0GB", "255MB", "4GB; drop", "1e9GB", "4 KB", "٤GB"])
def test_what_is_no_size_is_refused(given: str) -> None:
    with pytest.raises(UsageError) as refused:
        use_memory(given)
    assert str(refused.value) == f"--memory: write how much as 4GB or 800MB, at least 256MB; got {given!r}"
    assert memory_for(0) == ""


def test_duckdb_is_held_to_it_and_works_from_a_private_folder() -> None:
    use_memory("512MB")
    connection = duckdb_connection()
    limit, folder = connection.execute("select current_setting('memory_limit'), current_setting('temp_directory')").fetchall()[0]
    assert limit == "488.2 MiB"
    assert Path(folder).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("failure", "begin"),
    [
        (duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block"), "not enough memory"),
        (duckdb.OutOfMemoryException("failed to offload data block (max_temp_directory_size)"), "the disk is full"),
        (duckdb.IOException('IO Error: Could not write file "x": No space left on device'), "the disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
    ],
)
def test_too_little_room_is_one_message(failure: Exception, begin: str) -> None:
    with pytest.raises(OutcomesError) as told, enough_room():
        raise failure
    assert str(told.value).startswith(begin)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("failure", [duckdb.InvalidInputException("x"), PermissionError(errno.EACCES, "Permission denied")])
def test_other_failures_stay_what_they_are(failure: Exception) -> None:
    with pytest.raises(type(failure)), enough_room():
        raise failure
