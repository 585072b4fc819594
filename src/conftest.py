"""What the examples in the docstrings share."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import outcomes

read_records, read_cohort = outcomes.read_records, outcomes.read_cohort


@cache
def kept(name: str) -> outcomes.Records:
    return read_records(name)


def records(source: Any, **options: Any) -> outcomes.Records:
    return (
        kept(source)
        if isinstance(source, str) and source in ("sample", "patchy") and not options
        else read_records(source, **options)
    )


def cohort(source: Any, **options: Any) -> outcomes.Cohort:
    return read_cohort(records(source) if isinstance(source, str) and not options else source, **options)


@pytest.fixture(autouse=True)
def _the_samples_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every example reads a sample, as its reader would; a process does so once for all of them: records are frozen."""
    monkeypatch.setattr(outcomes, "read_records", records)
    monkeypatch.setattr(outcomes, "read_cohort", cohort)
