"""Each rule at its edges, and how many more courses would be likely to decide."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.scales import SCALES
from outcomes.measures import claim_rules
from outcomes.measures.claim_rules import CONTRADICTED, KEPT, NOT_KEPT, SUPPORTED, UNDECIDED, Margin, Rule

GRADE, PAHPI = SCALES["goodman_baron_grade"], SCALES["pahpi"]


def row(low: float = nan, high: float = nan, n: int = 100, events: int = 0) -> dict[str, Any]:
    return {"n": n, "events": events, "conf_low": low, "conf_high": high}


def left(low: float, high: float, left_low: float, left_high: float) -> dict[str, Any]:
    return row(low, high) | {"left_low": left_low, "left_high": left_high}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-1.2, -0.6, SUPPORTED),
        (-0.3, -0.01, SUPPORTED),  # improvement, however small: the note says how small
        (-1.0, 0.0, UNDECIDED),
        (-0.5, 0.1, UNDECIDED),
        (-0.49, 0.1, CONTRADICTED),
        (-0.49, 0.0, CONTRADICTED),
        (0.1, 0.4, CONTRADICTED),
        (nan, nan, UNDECIDED),
    ],
)
def test_an_improvement_is_a_whole_interval_on_its_side(low: float, high: float, verdict: str) -> None:
    assert claim_rules.improves(GRADE, 0.95).judge(left(low, high, low, high)) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.9, -0.1, SUPPORTED),
        (-0.9, 0.0, UNDECIDED),
        (-0.5, 0.3, UNDECIDED),
        (-0.49, 0.3, CONTRADICTED),
        (nan, nan, UNDECIDED),
    ],
)
@pytest.mark.parametrize("every", [False, True])
def test_a_change_that_is_an_improvement_has_to_leave_one(low: float, high: float, verdict: str, every: bool) -> None:
    assert claim_rules.improves(GRADE, 0.95, every=every).judge(left(-1.2, -0.6, low, high)) == verdict


def test_what_is_left_alone_is_no_improvement() -> None:
    assert claim_rules.improves(PAHPI, 0.95, every=True).judge(left(-1.0, 0.1, -1.1, -0.1)) == UNDECIDED


def test_points_have_their_own_margin() -> None:
    assert claim_rules.improves(PAHPI, 0.95).judge(left(-0.79, 0.1, -0.79, 0.1)) == CONTRADICTED
    assert claim_rules.improves(PAHPI, 0.95).judge(left(-0.8, 0.1, -0.8, 0.1)) == UNDECIDED


@pytest.mark.parametrize(
    ("low", "high", "n", "verdict"),
    [
        (50.1, 80, 15, SUPPORTED),
        (50.1, 80, 14, UNDECIDED),
        (50, 80, 15, UNDECIDED),
        (20, 50, 15, UNDECIDED),
        (20, 49.9, 15, CONTRADICTED),
        (20, 49.9, 14, UNDECIDED),
        (nan, nan, 15, UNDECIDED),
    ],
)
def test_most_is_more_than_half_with_the_whole_interval(low: float, high: float, n: int, verdict: str) -> None:
    assert claim_rules.most(0.95).judge(row(low, high, n)) == verdict


@pytest.mark.parametrize(
    ("verdicts", "fewest", "verdict"),
    [
        (["equivalent", "equivalent"], 5, SUPPORTED),
        (["equivalent", "equivalent"], 4, UNDECIDED),
        (["equivalent", "undecided"], 50, UNDECIDED),
        (["equivalent", "undecided", "different"], 50, CONTRADICTED),
        (["different"], 0, CONTRADICTED),
        ([], 50, UNDECIDED),
    ],
)
def test_alike_needs_every_group_and_every_type(verdicts: list[str], fewest: int, verdict: str) -> None:
    assert (
        claim_rules.alike((Margin(0.5, "grades", "scarring"),), 0.95).judge({"verdicts": verdicts, "fewest": fewest}) == verdict
    )


@pytest.mark.parametrize(
    ("events", "high", "verdict"),
    [(0, 4.99, SUPPORTED), (0, 5.0, UNDECIDED), (0, nan, UNDECIDED), (1, 0.5, CONTRADICTED), (1, 30, CONTRADICTED)],
)
def test_never_is_contradicted_by_one(events: int, high: float, verdict: str) -> None:
    assert claim_rules.never(5, 0.95).judge(row(0, high, events=events)) == verdict


@pytest.mark.parametrize(("n", "events", "verdict"), [(0, 0, NOT_RECORDED), (3, 0, KEPT), (3, 1, NOT_KEPT)])
def test_what_was_done_is_kept_or_not(n: int, events: int, verdict: str) -> None:
    assert claim_rules.keeps().judge(row(n=n, events=events)) == verdict


def test_rules_of_one_kind_with_the_same_numbers_are_equal() -> None:
    assert claim_rules.improves(GRADE, 0.95, every=True) == claim_rules.improves(GRADE, 0.95, every=True)
    assert claim_rules.keeps() == claim_rules.keeps()
    assert claim_rules.improves(GRADE, 0.95) != claim_rules.improves(GRADE, 0.95, every=True)
    assert claim_rules.never(5, 0.95) != claim_rules.never(5, 0.9)


def test_a_rule_can_be_read_with_its_numbers() -> None:
    assert repr(claim_rules.improves(PAHPI, 0.95, every=True)) == "<improves: level 0.95, margin 0.8 points of every course>"
    assert str(claim_rules.keeps()) == "keeps"


# How many more


def open_claim(**of: object) -> dict[str, object]:
    usual = {"verdict": UNDECIDED, "n": 40, "estimate": -0.3, "conf_low": -0.8, "conf_high": 0.2}
    return usual | of


DIFFERENCE = claim_rules.alike((Margin(0.5, "grades", "scarring"),), 0.95)


@pytest.mark.parametrize(
    ("rule", "of", "more"),
    [
        (
            claim_rules.improves(GRADE, 0.95),
            {},
            120,
        ),  # an interval as wide as 1 grade, a margin of half a grade: four times as many
        (claim_rules.improves(PAHPI, 0.95), {}, 23),  # 40 (1 / .8) ** 2 - 40
        (claim_rules.improves(GRADE, 0.95), {"verdict": SUPPORTED}, nan),
        (claim_rules.improves(GRADE, 0.95), {"conf_low": nan, "conf_high": nan}, nan),
        (claim_rules.improves(GRADE, 0.95), {"n": 0}, nan),
        (claim_rules.keeps(), {"n": 31}, nan),
        (claim_rules.never(5, 0.95), {"n": 31, "conf_low": 0, "conf_high": 11.2}, 41),
        (claim_rules.most(0.95, fewest=5), {"n": 50, "estimate": 60, "conf_low": 46.2, "conf_high": 72.4}, 144),
        (claim_rules.most(0.95), {"n": 6, "estimate": 100, "conf_low": 61, "conf_high": 100}, 9),  # 15 are the fewest
        (DIFFERENCE, {"n_more": nan, "n_more_all": 345}, 345),
        (DIFFERENCE, {"n_more": 38, "n_more_all": 345}, 38),
    ],
)
def test_a_claim_with_too_few_patients_says_how_many_more(rule: Rule, of: dict[str, object], more: float) -> None:
    assert rule.more_courses(open_claim(**of)) == pytest.approx(more, nan_ok=True)
