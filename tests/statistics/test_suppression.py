"""What is published never gives a small count back: every table of random counts, by all the values that fit what is shown."""

from __future__ import annotations

from itertools import product
from math import inf

import numpy as np
import pytest

from outcomes.statistics.bounds import Adds, narrowed
from outcomes.statistics.suppression import Rule, Sum, possible, released

RULE = Rule(8, 5, 3)


def fitting(counts: dict[str, int], shown: dict[str, int | None], total: str, parts: list[str]) -> dict[str, set[int]]:
    """All values of each part that fit what is shown, by going through every one: small counts are known to be small."""

    def values(key: str) -> range:
        value = shown[key]
        if value is not None:
            low, high = RULE.known(value)
            return range(int(low), int(high) + 1)
        return range(1, 8) if RULE.is_small(counts[key]) else range(8, 61)

    found: dict[str, set[int]] = {part: set() for part in parts}
    totals = set(values(total))
    for each in product(*map(values, parts)):
        if sum(each) in totals:
            for part, value in zip(parts, each, strict=True):
                found[part].add(value)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_three_values_stay_possible_for_every_small_count_of_a_table(seed: int) -> None:
    draw = np.random.default_rng(seed)
    parts = ["I", "II", "III"][: draw.integers(2, 4)]
    counts = {part: int(draw.integers(0, 16)) for part in parts}
    counts["all"] = sum(counts.values())
    shown = released(counts, [Sum("all", tuple(parts))], RULE)
    assert all(value is None or value == 0 or (value >= 10 and value % 5 == 0) for value in shown.values())
    assert all(shown[key] is None for key, count in counts.items() if RULE.is_small(count))
    for part, values in fitting(counts, shown, "all", parts).items():
        assert counts[part] in values
        assert not RULE.is_small(counts[part]) or len(values) >= 3, (counts, shown)


def test_without_others_withheld_the_sum_would_give_the_count_back() -> None:
    counts = {"all": 28, "I": 7, "II": 21}
    sums = [Sum("all", ("I", "II"))]
    assert possible("I", {"all": (28, 32), "I": (1, 7), "II": (18, 22)}, sums) == (6, 7)
    assert released(counts, sums, RULE) == {"all": 30, "I": None, "II": None}


def test_those_that_nobody_publishes_are_kept_too() -> None:
    """43 of 44: the one that is left is a count as well."""
    counts = {"asked": 44, "with": 43, "without": 1}
    shown = released(counts, [Sum("asked", ("with", "without"))], RULE, unseen=["without"])
    assert shown == {"asked": 45, "with": 45}
    assert possible(
        "without", {"asked": (43, 47), "with": (43, 47), "without": (0, inf)}, [Sum("asked", ("with", "without"))]
    ) == (0, 4)


def test_what_overlaps_is_at_most_its_sum() -> None:
    """18 had any event, 12 one kind and 6 the other: without more withheld, the 6 is known as 6 or 7."""
    counts = {"any": 18, "A": 12, "B": 6}
    sums = [Sum("any", ("A", "B"), is_cover=True)]
    assert possible("B", {"any": (18, 22), "A": (8, 12), "B": (1, 7)}, sums) == (6, 7)
    assert released(counts, sums, RULE) == {"any": 20, "A": None, "B": None}


def test_none_is_shown_and_half_a_step_goes_up() -> None:
    assert released({"none": 0, "8": 8, "12": 12, "13": 13}, [], RULE) == {"none": 0, "8": 10, "12": 10, "13": 15}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_passed_on_from_sum_to_sum_leaves_no_value_out_that_fits(seed: int) -> None:
    draw = np.random.default_rng(seed)
    counts = {name: int(draw.integers(0, 20)) for name in ("a", "b", "c", "d")}
    counts |= {"ab": counts["a"] + counts["b"], "all": sum(counts.values())}
    limits = {key: (count - int(draw.integers(0, 4)), count + int(draw.integers(0, 4))) for key, count in counts.items()}
    sums = [("ab", ("a", "b")), ("all", ("ab", "c", "d"))]
    found = narrowed(limits, [Adds(*each) for each in sums])
    for key in counts:
        low, high = possible(key, limits, [Sum(*each) for each in sums])
        assert found[key][0] <= low <= counts[key] <= high <= found[key][1]
