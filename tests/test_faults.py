"""Whatever step of a command fails, nothing is lost and nothing is left lying about: some steps here, all of them when slow."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults import CASES, FAULTS, Steps, contents, run, tried


@pytest.mark.parametrize("name", CASES)
def test_what_a_failed_step_leaves_is_the_older_output_or_the_new_one(name: str) -> None:
    results = list(tried(name, few=6))
    assert len(results) >= 6
    assert [result for result in results if result[2]] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_every_step_that_fails_leaves_the_older_output_or_the_new_one(name: str) -> None:
    results = list(tried(name))
    assert {fault for fault, _, _ in results} == {*FAULTS}
    assert [result for result in results if result[2]] == []


def test_the_harness_sees_a_step_of_each_kind_and_what_it_leaves(tmp_path: Path) -> None:
    """A write that fails half way leaves half a file, which is what would be found."""
    case = CASES["check"]()
    case.prepare(tmp_path)
    (tmp_path / "t").mkdir()
    steps = Steps(tmp_path)
    assert run(case, tmp_path, steps).code == 4
    assert {"open", "open w", "write", "fsync", "replace"} <= {*steps.names}
    with Steps(tmp_path, 2, FAULTS["ENOSPC"])(), pytest.raises(OSError):
        (tmp_path / "half.txt").write_text("abcd", encoding="utf-8")
    assert contents(tmp_path)["half.txt"] == b"ab"
