"""What test files of one process share, where a fixture can't be asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import outcomes


@cache
def sample() -> outcomes.Records:
    """The sample, read once for all tests of a process: records are frozen."""
    return outcomes.read_records("sample")


def eventually(true: Callable[[], bool], patience: float) -> bool:
    """Whether it becomes true within so many seconds, however busy the machine is."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False
