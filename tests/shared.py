"""What test files of one process share, where a fixture can't be asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pandas as pd

import outcomes


@cache
def sample() -> outcomes.Records:
    """The sample, read once for all tests of a process: records are frozen."""
    return outcomes.read_records("sample")


def same_cohort(one: outcomes.Cohort, other: outcomes.Cohort) -> None:
    """Checks that two cohorts have the same counts in every part, and all that is known beside them but the source's name."""
    assert replace(one.about, source="") == replace(other.about, source="")
    assert one.part_keys() == other.part_keys()
    for key in one.part_keys():
        pd.testing.assert_frame_equal(one.part(*key), other.part(*key))


def eventually(true: Callable[[], bool], patience: float) -> bool:
    """Whether it becomes true within so many seconds, however busy the machine is."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False
