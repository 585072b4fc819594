"""What is hoped to improve: each endpoint with the columns that record it and the scales it may be scored on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from outcomes.errors import UsageError


@dataclass(frozen=True)
class Endpoint:
    """What is hoped to improve, the columns that record it and the scales it may be scored on.

    `label` is what people are told, `meaning` what a score of it is in the data dictionary. A report is made of every endpoint that
    `leads`; of others only where the records hold none of these. `present_at_baseline`: only courses above the floor at baseline are of this endpoint. PIH is an
    endpoint only where it was there before the first session; PIH that arises later is an event.
    """

    name: str
    label: str
    prefix: str
    scales: tuple[str, ...]
    meaning: str
    present_at_baseline: bool = False
    leads: bool = True

    @property
    def scale_column(self) -> str:
        return f"{self.prefix}_scale"

    @property
    def score_column(self) -> str:
        return f"{self.prefix}_score"


ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint(
            "scarring", "acne scarring", "scar", ("goodman_baron_grade", "goodman_baron_score", "ecca", "asas"), "acne scarring"
        ),
        Endpoint(
            *("pih", "PIH", "pih", ("pahpi", "pih_severity", "melanin_index", "mmasi"), "post-inflammatory hyperpigmentation"),
            present_at_baseline=True,
        ),
        Endpoint("fine_lines", "fine lines", "line", ("lemperle",), "fine lines and wrinkles", leads=False),
    )
}
"""Every endpoint by name."""

LEADING = tuple(endpoint.name for endpoint in ENDPOINTS.values() if endpoint.leads)
"""Endpoints that a report is made of, and that are compared between skin types."""


def endpoints_named(names: str | Sequence[str]) -> list[str]:
    """Names of endpoints from a list of them or from text such as ``"scarring,pih"``, each once; raises UsageError for one that there is not.

    Example:
        >>> endpoints_named("scarring, pih")
        ['scarring', 'pih']
    """
    given = names.split(",") if isinstance(names, str) else names
    return [endpoint_named(name).name for name in dict.fromkeys(name.strip() for name in given) if name]


def endpoint_named(name: str, *, every_course: bool = False) -> Endpoint:
    """The endpoint of that name, with `every_course` also of those at the floor at baseline; raises UsageError with the names there are."""
    if name not in ENDPOINTS:
        raise UsageError(f"endpoint must be one of {', '.join(ENDPOINTS)}, got {name!r}")
    return replace(ENDPOINTS[name], present_at_baseline=False) if every_course else ENDPOINTS[name]
