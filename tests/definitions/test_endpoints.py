"""Endpoints by their names: one, several, none, and one that there is not."""

from __future__ import annotations

import pytest

from outcomes.definitions.endpoints import ENDPOINTS, LEADING, endpoint_named, endpoints_named
from outcomes.errors import UsageError


@pytest.mark.parametrize(
    ("names", "read"),
    [
        ("scarring,pih", ["scarring", "pih"]),
        ("pih", ["pih"]),
        (" scarring , pih ", ["scarring", "pih"]),
        ("pih,scarring,pih", ["pih", "scarring"]),
        ("scarring,,", ["scarring"]),
        ("", []),
        (" ", []),
        ([], []),
        (["fine_lines", "pih"], ["fine_lines", "pih"]),
        (LEADING, list(LEADING)),
    ],
)
def test_names_are_read_in_order_each_once(names: str | list[str], read: list[str]) -> None:
    assert endpoints_named(names) == read


@pytest.mark.parametrize("names", ["scaring", "scarring,scaring", ["scarring", "scaring"]])
def test_a_name_that_there_is_not_is_refused_with_those_that_there_are(names: str | list[str]) -> None:
    with pytest.raises(UsageError, match=f"^endpoint must be one of {', '.join(ENDPOINTS)}, got 'scaring'$"):
        endpoints_named(names)


def test_an_endpoint_of_every_course_is_not_only_of_those_affected() -> None:
    assert endpoint_named("pih").present_at_baseline
    assert not endpoint_named("pih", every_course=True).present_at_baseline
