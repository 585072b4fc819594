"""What to do about sessions outside guidance: one action for all contraindications, one for age and screening, then the rest."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from outcomes.definitions.guidance import UNDER_AGE
from outcomes.display.guidance import actions

PREGNANT, BLOOD, AGE, TIP = "pregnant", "blood_disorder", UNDER_AGE, "tip reused"


@pytest.mark.parametrize(
    ("outside", "despite", "said"),
    [
        ({PREGNANT: (1, 9, nan)}, (1, 8), "**Find out why 1 session was given despite a recorded contraindication** (1 of 8): pregnancy 1."),
        ({PREGNANT: (2, 9, nan), BLOOD: (3, 9, nan)}, (4, 1_200), "**Find out why 4 sessions were given despite a recorded contraindication** (4 of 1,200): blood disorder 3 and pregnancy 2."),
        ({PREGNANT: (2, 9, nan), BLOOD: (2, 8, nan)}, None, "**Find out why sessions were given despite a recorded contraindication**: pregnancy 2 of 9 and blood disorder 2 of 8."),
    ],
)  # fmt: skip
def test_contraindications_are_one_action_with_its_total_and_parts(outside: dict[str, Any], despite: Any, said: str) -> None:
    assert actions(outside, despite) == [said]


MISSING = "An answer is missing at 3 of 9 sessions."


@pytest.mark.parametrize(
    ("outside", "unasked", "said"),
    [
        ({AGE: (2, 9, 22.0)}, (3, 9), [f"**Check age and every screening question before every session.** {MISSING} Of 9 sessions, 2 were given below the age of 22."]),
        ({AGE: (2, 9, 22.0)}, (0, 9), ["**Check age before every session.** Of 9 sessions, 2 were given below the age of 22."]),
        ({}, (3, 9), [f"**Ask every screening question before every session.** {MISSING}"]),
        ({}, (1, 1), ["**Ask every screening question before every session.** An answer is missing at 1 of 1 session."]),
        ({}, (0, 9), []),
        ({}, (0, 0), []),
    ],
)  # fmt: skip
def test_age_and_screening_are_one_action_or_each_its_own(
    outside: dict[str, Any], unasked: tuple[int, int], said: list[str]
) -> None:
    assert actions(outside, unasked=unasked) == said


def test_a_contraindication_comes_before_age_and_screening_and_these_before_the_rest() -> None:
    outside = {TIP: (3, 922, nan), AGE: (2, 9, 22.0), PREGNANT: (1, 9, nan)}
    assert [each.split("**")[1].split(" ")[0] for each in actions(outside, (1, 9), (3, 9))] == ["Find", "Check", "Use"]
    assert actions({}) == []
