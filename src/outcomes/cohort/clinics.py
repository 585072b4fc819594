"""The sum of several clinics, each of which can be told in it, and whose providers stay apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.definitions.columns import LONGEST_ID
from outcomes.errors import UsageError
from outcomes.records.read import COHORT

CLINIC = "clinic_id"
"""The column by which a sum of clinics is split."""


def sum_of_clinics(clinics: Mapping[str, Cohort], source: str) -> Cohort:
    """The cohort of all, by `clinic_id` split into these clinics, whatever their records say of it; `source` is what it is called.

    A provider's code that several clinics use is that of another person in each: the clinic's stands before it.

    Raises:
        UsageError: one was counted by other definitions than those before it, or such a code is too long or taken; its file is named.
    """
    shared = {*shared_providers(clinics)}
    taken = {code for clinic in clinics.values() for code in _providers(clinic)}
    for of in clinics:
        if clash := sorted(taken & {f"{of}-{code}" for code in shared}):
            raise UsageError(
                f"{of}{COHORT}: several clinics share a provider's code that would become {clash[0]}, which is taken"
            )
    named = {code: _with_providers(clinic, code, shared) for code, clinic in clinics.items()}
    (_, whole), *others = named.items()
    for code, clinic in others:
        try:
            whole += clinic
        except UsageError as problem:
            raise UsageError(f"{code}{COHORT}: {problem}") from None
    present = tuple(dict.fromkeys([*whole.about.present, CLINIC]))
    about = replace(whole.about, source=source, present=present)
    return replace(whole, about=about, _tallies={}, _groups={**whole._groups, CLINIC: named})


def shared_providers(clinics: Mapping[str, Cohort]) -> list[str]:
    """The codes of providers that several of these clinics use."""
    used = Counter(code for clinic in clinics.values() for code in _providers(clinic))
    return sorted(code for code, n in used.items() if n > 1)


def _providers(clinic: Cohort) -> set[str]:
    return {*clinic.part("providers").get("provider", ())} - {""}


def _with_providers(clinic: Cohort, of: str, shared: set[str]) -> Cohort:
    """A saved cohort with the clinic's code before those of its providers that are shared, in its groups too."""
    new = {code: f"{of}-{code}" for code in shared}
    if not new:
        return clinic
    if any(len(code) > LONGEST_ID for code in new.values()):
        raise UsageError(f"{of}{COHORT}: a provider's code is used by another clinic too, and too long to be told apart from it")

    def renamed(one: Cohort) -> Cohort:
        return replace(one, parts={key: _renamed(table, new) for key, table in one.parts.items()}, _tallies={}, _groups={})

    groups = {
        column: {new.get(value, value) if column == "provider_id" else value: renamed(group) for value, group in split.items()}
        for column, split in clinic._groups.items()
    }
    return replace(renamed(clinic.counted()), _groups=groups)


def _renamed(table: pd.DataFrame, new: Mapping[str, str]) -> pd.DataFrame:
    columns = [name for name in table if name == "provider" or str(name).startswith("gave_")]
    return table.assign(**{str(name): table[name].replace(dict(new)) for name in columns}) if columns else table
