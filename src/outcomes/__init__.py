"""Outcomes of microneedling: change in acne scarring and PIH across sessions and Fitzpatrick skin types.

>>> import outcomes
>>> records = outcomes.read_records("sample")
>>> tally = outcomes.tally(records, endpoint="scarring")
>>> change = outcomes.continued_by_session(tally)
"""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outcomes.accounted import score_account as score_account
    from outcomes.accounted import unscored_ends as unscored_ends
    from outcomes.arithmetic import is_possible_mean as is_possible_mean
    from outcomes.arithmetic import is_possible_percent as is_possible_percent
    from outcomes.blind import blind_headline as blind_headline
    from outcomes.blind import blinding as blinding
    from outcomes.change import better_or_worse as better_or_worse
    from outcomes.change import change_by_session as change_by_session
    from outcomes.change import possible_by_session as possible_by_session
    from outcomes.change import responders_by_session as responders_by_session
    from outcomes.change import transitions as transitions
    from outcomes.claimed import claimed_regression as claimed_regression
    from outcomes.claimed import claimed_sessions as claimed_sessions
    from outcomes.claimed import claimed_skin_types as claimed_skin_types
    from outcomes.claimed import claims as claims
    from outcomes.comparable import evidence as evidence
    from outcomes.comparable import not_compared as not_compared
    from outcomes.continuing import continued as continued
    from outcomes.course import courses as courses
    from outcomes.durable import appearance as appearance
    from outcomes.durable import durability as durability
    from outcomes.estimands import at_headline as at_headline
    from outcomes.estimands import check_by_session as check_by_session
    from outcomes.estimands import continued_by_session as continued_by_session
    from outcomes.estimands import headline_session as headline_session
    from outcomes.estimands import next_session as next_session
    from outcomes.estimands import tipping_delta as tipping_delta
    from outcomes.estimators import mmrm_of_tally as mmrm_of_tally
    from outcomes.events import compare_events as compare_events
    from outcomes.events import safety as safety
    from outcomes.finding import completeness as completeness
    from outcomes.finding import findings as findings
    from outcomes.meta import random_effects as random_effects
    from outcomes.published import published_trials as published_trials
    from outcomes.raters import agreement as agreement
    from outcomes.raters import reliability as reliability
    from outcomes.records import Records as Records
    from outcomes.records import read_records as read_records
    from outcomes.regression import regression_to_the_mean as regression_to_the_mean
    from outcomes.repeated import mmrm as mmrm
    from outcomes.reported import published_new_pih as published_new_pih
    from outcomes.screening import eligibility as eligibility
    from outcomes.sessions import sessions_to_response as sessions_to_response
    from outcomes.sessions import stopping as stopping
    from outcomes.skin_types import compare_skin_types as compare_skin_types
    from outcomes.skin_types import skin_type_counts as skin_type_counts
    from outcomes.tallies import Tally as Tally
    from outcomes.tallies import tally as tally
    from outcomes.tallies import tally_each as tally_each
    from outcomes.unrecorded import last_results as last_results
    from outcomes.unrecorded import tilt_sensitivity as tilt_sensitivity

__version__ = version("microneedling-outcomes")

# The public names and where they live. They are imported when first used, so that the command line
# answers --help without loading pandas. No module is named like what it gives: importing it would hide the function.
_HOME = {
    "Records": "records",
    "read_records": "records",
    "claimed_regression": "claimed",
    "claimed_sessions": "claimed",
    "claimed_skin_types": "claimed",
    "claims": "claimed",
    "courses": "course",
    "score_account": "accounted",
    "unscored_ends": "accounted",
    "compare_events": "events",
    "safety": "events",
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
    "agreement": "raters",
    "reliability": "raters",
    "blind_headline": "blind",
    "blinding": "blind",
    "appearance": "durable",
    "durability": "durable",
    "mmrm_of_tally": "estimators",
    "at_headline": "estimands",
    "check_by_session": "estimands",
    "continued_by_session": "estimands",
    "headline_session": "estimands",
    "next_session": "estimands",
    "tipping_delta": "estimands",
    "regression_to_the_mean": "regression",
    "mmrm": "repeated",
    "continued": "continuing",
    "compare_skin_types": "skin_types",
    "skin_type_counts": "skin_types",
    "eligibility": "screening",
    "last_results": "unrecorded",
    "tilt_sensitivity": "unrecorded",
    "sessions_to_response": "sessions",
    "stopping": "sessions",
    "published_trials": "published",
    "published_new_pih": "reported",
    "evidence": "comparable",
    "not_compared": "comparable",
    "random_effects": "meta",
    "is_possible_mean": "arithmetic",
    "is_possible_percent": "arithmetic",
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
