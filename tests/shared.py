"""What test files of one process share, where a fixture can't be asked for."""

from __future__ import annotations

from functools import cache

import outcomes


@cache
def sample() -> outcomes.Records:
    """The sample, read once for all tests of a process: records are frozen."""
    return outcomes.read_records("sample")
