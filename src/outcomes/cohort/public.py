"""A cohort for the public: it gives nothing by itself, and only `outcomes.release` takes it."""

from __future__ import annotations

from typing import Any, NoReturn

from outcomes.cohort.cohort import Cohort
from outcomes.definitions.audiences import PUBLIC, Audience
from outcomes.errors import UsageError

_REFUSED = (
    "these numbers are not for the public, as they hold small groups; outcomes.release gives those that may be published, and the notebooks"
    " in the folder public show them"
)


class PublicCohort:
    """A cohort of which nothing can be asked but what may be published.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample", audience="public")
        >>> cohort
        PublicCohort()
        >>> len(outcomes.release(cohort).treated)
        8
        >>> cohort.tally("scarring")
        Traceback (most recent call last):
        ...
        outcomes.errors.UsageError: these numbers are not for the public, as they hold small groups; ...
    """

    __slots__ = ("_whole",)

    def __init__(self, whole: Cohort) -> None:
        self._whole = whole

    def __getattr__(self, name: str) -> NoReturn:
        # What Python and notebooks ask of every object is not there; anything else is refused.
        if name.startswith("_"):
            raise AttributeError(name)
        raise UsageError(_REFUSED)

    def __repr__(self) -> str:
        return "PublicCohort()"


def cohort_for(audience: str, whole: Cohort) -> Any:
    """The cohort as its audience may ask of it.

    Raises:
        UsageError: an audience that there is not.
    """
    check_audience(audience)
    return PublicCohort(whole) if audience == PUBLIC else whole


def check_audience(audience: str) -> None:
    """Refuse an audience that there is not.

    Raises:
        UsageError: it is neither clinic nor public.
    """
    if audience not in [*Audience]:
        raise UsageError(f"audience must be {' or '.join(Audience)}, got {audience!r}")


def refuse_public(cohort: object) -> None:
    """Refuse a cohort for the public where small groups would be counted.

    Raises:
        UsageError: it is one.
    """
    if isinstance(cohort, PublicCohort):
        raise UsageError(_REFUSED)


def whole_of(cohort: Any) -> Any:
    """The cohort behind one for the public, for `outcomes.release` alone; anything else as it is."""
    return cohort._whole if isinstance(cohort, PublicCohort) else cohort
