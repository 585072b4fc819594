"""Each rule at its edges, and its words made from the numbers that decide."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.scales import SCALES
from outcomes.measures import claim_rules
from outcomes.measures.claim_rules import CONTRADICTED, KEPT, NOT_ENOUGH, NOT_KEPT, SUPPORTED

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
        (-1.0, 0.0, NOT_ENOUGH),
        (-0.5, 0.1, NOT_ENOUGH),
        (-0.49, 0.1, CONTRADICTED),
        (-0.49, 0.0, CONTRADICTED),
        (0.1, 0.4, CONTRADICTED),
        (nan, nan, NOT_ENOUGH),
    ],
)
def test_an_improvement_is_a_whole_interval_on_its_side(low: float, high: float, verdict: str) -> None:
    assert claim_rules.improves(GRADE, 0.95).judge(left(low, high, low, high)) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.9, -0.1, SUPPORTED),
        (-0.9, 0.0, NOT_ENOUGH),
        (-0.5, 0.3, NOT_ENOUGH),
        (-0.49, 0.3, CONTRADICTED),
        (nan, nan, NOT_ENOUGH),
    ],
)
@pytest.mark.parametrize("every", [False, True])
def test_a_change_that_is_an_improvement_has_to_leave_one(low: float, high: float, verdict: str, every: bool) -> None:
    assert claim_rules.improves(GRADE, 0.95, every=every).judge(left(-1.2, -0.6, low, high)) == verdict


def test_what_is_left_alone_is_no_improvement() -> None:
    assert claim_rules.improves(PAHPI, 0.95, every=True).judge(left(-1.0, 0.1, -1.1, -0.1)) == NOT_ENOUGH


def test_points_have_their_own_margin() -> None:
    assert claim_rules.improves(PAHPI, 0.95).judge(left(-0.79, 0.1, -0.79, 0.1)) == CONTRADICTED
    assert claim_rules.improves(PAHPI, 0.95).judge(left(-0.8, 0.1, -0.8, 0.1)) == NOT_ENOUGH
    assert "0.8 points of improvement" in claim_rules.improves(PAHPI, 0.95).words


@pytest.mark.parametrize(
    ("low", "high", "n", "verdict"),
    [
        (50.1, 80, 15, SUPPORTED),
        (50.1, 80, 14, NOT_ENOUGH),
        (50, 80, 15, NOT_ENOUGH),
        (20, 50, 15, NOT_ENOUGH),
        (20, 49.9, 15, CONTRADICTED),
        (20, 49.9, 14, NOT_ENOUGH),
        (nan, nan, 15, NOT_ENOUGH),
    ],
)
def test_most_is_more_than_half_with_the_whole_interval(low: float, high: float, n: int, verdict: str) -> None:
    assert claim_rules.most(0.95).judge(row(low, high, n)) == verdict


@pytest.mark.parametrize(
    ("verdicts", "fewest", "verdict"),
    [
        (["equivalent", "equivalent"], 5, SUPPORTED),
        (["equivalent", "equivalent"], 4, NOT_ENOUGH),
        (["equivalent", "undecided"], 50, NOT_ENOUGH),
        (["equivalent", "undecided", "different"], 50, CONTRADICTED),
        (["different"], 0, CONTRADICTED),
        ([], 50, NOT_ENOUGH),
    ],
)
def test_alike_needs_every_group_and_every_type(verdicts: list[str], fewest: int, verdict: str) -> None:
    assert claim_rules.alike(["0.5 grades"], 0.95).judge({"verdicts": verdicts, "fewest": fewest}) == verdict


@pytest.mark.parametrize(
    ("events", "high", "verdict"),
    [(0, 4.99, SUPPORTED), (0, 5.0, NOT_ENOUGH), (0, nan, NOT_ENOUGH), (1, 0.5, CONTRADICTED), (1, 30, CONTRADICTED)],
)
def test_never_is_contradicted_by_one(events: int, high: float, verdict: str) -> None:
    assert claim_rules.never(5, 0.95).judge(row(0, high, events=events)) == verdict


@pytest.mark.parametrize(("n", "events", "verdict"), [(0, 0, NOT_RECORDED), (3, 0, KEPT), (3, 1, NOT_KEPT)])
def test_what_was_done_is_kept_or_not(n: int, events: int, verdict: str) -> None:
    assert claim_rules.keeps().judge(row(n=n, events=events)) == verdict


def test_the_words_follow_the_numbers() -> None:
    assert claim_rules.never(2.5, 0.9).words.endswith(
        "upper end of the exact 90 % interval is below 2.5 % of courses of the usual length"
    )
    assert "at least 7 courses" in claim_rules.most(0.95, fewest=7).words
    assert "whole 90 % interval" in claim_rules.alike([], 0.95).words
    assert "whole 99 % interval" in claim_rules.improves(None, 0.99).words
    assert (
        "also without what can be expected from having enrolled on a bad day; contradicted"
        in claim_rules.improves(GRADE, 0.95).words
    )
    assert "a bad day and over every course assessed; contradicted" in claim_rules.improves(PAHPI, 0.95, every=True).words
    assert claim_rules.improves(PAHPI, 0.95, every=True).words.endswith("0.8 points of improvement per affected course")
