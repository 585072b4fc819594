"""Saved cohorts in, one cohort out: of one clinic as it was saved, or of several, each of which can be told by its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from outcomes.cohort.clinics import CLINIC, shared_providers, sum_of_clinics
from outcomes.cohort.cohort import Cohort
from outcomes.cohort.parts import COMPARED, SPLIT
from outcomes.cohort.saved_counts import is_value
from outcomes.display.words import listed
from outcomes.errors import UsageError
from outcomes.records.read import COHORT
from outcomes.report.parameters import declared
from outcomes.report.previous import digest_of
from outcomes.tabular.addresses import is_address

BY = "by"
"""The parameter of a notebook that says by which column groups are compared."""

_SAVE = f"outcomes check FILE --cohort NAME{COHORT} saves the counts of a file"


def saved_cohorts(sources: Sequence[str | Path]) -> list[Path]:
    """The files of saved cohorts among the sources of one report, by code; none where it is made from records.

    Raises:
        UsageError: several sources of records, records beside cohorts, a cohort twice, or a file whose name is no code of a clinic.

    Example:
        >>> [path.name for path in saved_cohorts(["K7.cohort", "H2.cohort"])], saved_cohorts(["mine.csv"])
        (['H2.cohort', 'K7.cohort'], [])
    """
    found = [Path(each) for each in sources if not is_address(each) and Path(each).suffix == COHORT]
    if found and len(found) < len(sources):
        raise UsageError(f"a report is made from records or from saved cohorts, not from both; {_SAVE}")
    if not found and len(sources) != 1:
        raise UsageError(f"a report is made from one file of records, or from several saved cohorts; {_SAVE}")
    if len(found) > 1:
        _check_codes(found)
    return sorted(found, key=lambda path: path.stem)


def _check_codes(paths: Sequence[Path]) -> None:
    codes = [path.stem for path in paths]
    alike = [code.casefold() for code in codes]
    for code in codes:
        if alike.count(code.casefold()) > 1:
            raise UsageError(f"{code}{COHORT} is given twice; each clinic is known by the name of its file, and counts once")
        if not is_value(CLINIC, code) or not any(map(str.isdigit, code)):
            raise UsageError(
                f"{code}{COHORT}: a clinic is shown by the name of its file, which must be a code such as K7: at most 64 letters A to Z, digits,"
                " hyphens and underscores, with a digit among them, since letters alone may be a name; rename the file"
            )


def check_unread(
    paths: Sequence[Path], *, table: str = "", set_aside: object = False, accept_codes: Sequence[str] | str = ()
) -> None:
    """Refuse what is about reading records where there are none.

    Raises:
        UsageError: it is asked for.
    """
    asked = {"--table": table, "--set-aside": set_aside, "--accept-codes": accept_codes}
    for option, given in asked.items():
        if paths and given:
            raise UsageError(f"{option} goes with records; a saved cohort holds counts alone")


def with_clinics(paths: Sequence[Path], notebooks: Sequence[Path], parameters: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a report, where it is of several clinics with the column by which these are compared, unless one is given."""
    is_asked = len(paths) > 1 and BY not in parameters and any(BY in declared(notebook) for notebook in notebooks)
    return {**parameters, **({BY: CLINIC} if is_asked else {})}


def kept_of_groups(paths: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    """What the notebooks of a report find of the groups of each column: those of a saved cohort, and of the clinics of a sum."""
    return {**SPLIT, **({CLINIC: COMPARED} if len(paths) > 1 else {})}


def read_clinics(paths: Sequence[Path], **definitions: Any) -> tuple[Cohort, list[str]]:
    """The saved cohort of one clinic, or the sum of several, counted by these definitions, and what the reader should know of it.

    Raises:
        UsageError: a file that is no cohort, one counted by other definitions, or the same counts under two names; it is named.
    """
    from outcomes.cohort.read import read_cohort

    clinics: dict[str, Cohort] = {}
    digests: dict[str, Path] = {}
    for path in paths:
        try:
            clinics[path.stem] = read_cohort(path, **definitions)
        except UsageError as problem:
            raise UsageError(str(problem) if path.name in str(problem) else f"{path.name}: {problem}") from None
        if (same := digests.setdefault(digest_of(path), path)) is not path:
            raise UsageError(f"{path.name} holds the same counts as {same.name}: its patients would count twice")
    whole, *others = clinics.values()
    if not others:
        return replace(whole, about=replace(whole.about, source="a saved cohort")), []
    return sum_of_clinics(clinics, f"the sum of {len(clinics)} saved cohorts"), shared_codes(clinics)


def shared_codes(clinics: Mapping[str, Cohort]) -> list[str]:
    """What the reader should know of codes of providers that several clinics use, in a sentence."""
    shared = shared_providers(clinics)
    if not shared:
        return []
    are = "provider code is" if len(shared) == 1 else "provider codes are"
    return [f"{len(shared)} {are} used by several clinics, and shown with the clinic's before: {listed(shared)}"]
