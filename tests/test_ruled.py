"""Each rule at its edges, and its words made from the numbers that decide."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from outcomes import ruled
from outcomes.ruled import CONTRADICTED, KEPT, NOT_ENOUGH, NOT_KEPT, NOT_RECORDED, SUPPORTED
from outcomes.scales import SCALES

GRADE, PAHPI = SCALES["goodman_baron_grade"], SCALES["pahpi"]


def row(low: float = nan, high: float = nan, n: int = 100, events: int = 0) -> dict[str, Any]:
    return {"n": n, "events": events, "conf_low": low, "conf_high": high}


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
    assert ruled.improves(GRADE, 0.95).judge(row(low, high)) == verdict


def test_points_have_their_own_margin() -> None:
    assert ruled.improves(PAHPI, 0.95).judge(row(-0.79, 0.1)) == CONTRADICTED
    assert ruled.improves(PAHPI, 0.95).judge(row(-0.8, 0.1)) == NOT_ENOUGH
    assert "0.8 points of improvement" in ruled.improves(PAHPI, 0.95).words


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
    assert ruled.most(0.95).judge(row(low, high, n)) == verdict


@pytest.mark.parametrize(
    ("verdicts", "fewest", "verdict"),
    [
        (["equivalent", "equivalent"], 5, SUPPORTED),
        (["equivalent", "equivalent"], 4, NOT_ENOUGH),
        (["equivalent", "inconclusive"], 50, NOT_ENOUGH),
        (["equivalent", "inconclusive", "different"], 50, CONTRADICTED),
        (["different"], 0, CONTRADICTED),
        ([], 50, NOT_ENOUGH),
    ],
)
def test_alike_needs_every_group_and_every_type(verdicts: list[str], fewest: int, verdict: str) -> None:
    assert ruled.alike(["0.5 grades"], 0.95).judge({"verdicts": verdicts, "fewest": fewest}) == verdict


@pytest.mark.parametrize(
    ("events", "high", "verdict"),
    [(0, 4.99, SUPPORTED), (0, 5.0, NOT_ENOUGH), (0, nan, NOT_ENOUGH), (1, 0.5, CONTRADICTED), (1, 30, CONTRADICTED)],
)
def test_never_is_contradicted_by_one(events: int, high: float, verdict: str) -> None:
    assert ruled.never(5, 0.95).judge(row(0, high, events=events)) == verdict


@pytest.mark.parametrize(("n", "events", "verdict"), [(0, 0, NOT_RECORDED), (3, 0, KEPT), (3, 1, NOT_KEPT)])
def test_what_was_done_is_kept_or_not(n: int, events: int, verdict: str) -> None:
    assert ruled.keeps().judge(row(n=n, events=events)) == verdict


def test_the_words_follow_the_numbers() -> None:
    assert ruled.never(2.5, 0.9).words.endswith(
        "upper end of the exact 90 % interval is below 2.5 % of courses of the usual length"
    )
    assert "at least 7 courses" in ruled.most(0.95, fewest=7).words
    assert "(90 % interval)" in ruled.alike([], 0.95).words
    assert "whole 99 % interval" in ruled.improves(None, 0.99).words
