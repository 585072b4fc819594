"""Outcomes of microneedling: change in acne scarring and PIH across sessions and Fitzpatrick skin types.

>>> import outcomes
>>> records = outcomes.read_records("sample")
>>> tally = outcomes.tally(records, endpoint="scarring")
>>> change = outcomes.change_by_session(tally)
"""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outcomes.change import better_or_worse as better_or_worse
    from outcomes.change import change_by_session as change_by_session
    from outcomes.change import possible_by_session as possible_by_session
    from outcomes.change import responders_by_session as responders_by_session
    from outcomes.change import transitions as transitions
    from outcomes.course import courses as courses
    from outcomes.finding import completeness as completeness
    from outcomes.finding import findings as findings
    from outcomes.records import Records as Records
    from outcomes.records import read_records as read_records
    from outcomes.tallies import Tally as Tally
    from outcomes.tallies import tally as tally
    from outcomes.tallies import tally_each as tally_each

__version__ = version("microneedling-outcomes")

# The public names and where they live. They are imported when first used, so that the command line
# answers --help without loading pandas. No module is named like what it gives: importing it would hide the function.
_HOME = {
    "Records": "records",
    "read_records": "records",
    "courses": "course",
    "completeness": "finding",
    "findings": "finding",
    "Tally": "tallies",
    "tally": "tallies",
    "tally_each": "tallies",
    "better_or_worse": "change",
    "change_by_session": "change",
    "responders_by_session": "change",
    "possible_by_session": "change",
    "transitions": "change",
}
_ROOMS = ("figures", "prose", "tables")

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"outcomes.{_HOME[name]}"), name)
    if name in _ROOMS:
        return importlib.import_module(f"outcomes.{name}")
    raise AttributeError(f"module 'outcomes' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_ROOMS]
