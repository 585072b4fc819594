"""Responder rules: when a course has responded, as a predicate with its words. Each scale names the one that it uses."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar

Score = TypeVar("Score")


@dataclass(frozen=True)
class ResponderRule:
    """When a course has responded: what is counted and the words for it.

    `code` says what `amount` is: units of the scale gained ("at least" or "more than" so many), or the "share" of the way from
    the baseline to the best possible score. In the words, ``{way}`` stands for down, or for up where higher is better.
    """

    code: Literal["at least", "more than", "share"]
    amount: int | Fraction
    words: str

    def is_response(self, baseline: Score, score: Score, best: int, per_unit: int) -> Score:
        """Whether `score` is a response from `baseline`, as they are counted, `per_unit` to a unit of the scale; `best` is the best possible one."""
        gain = baseline - score  # type: ignore[operator]
        if self.code == "share":
            share = Fraction(self.amount)
            return gain * share.denominator >= share.numerator * (baseline - best)  # type: ignore[operator]
        least = int(self.amount * per_unit)
        return gain >= least if self.code == "at least" else gain > least


ONE_GRADE = ResponderRule("at least", 1, "{way} by at least one grade")
BEYOND_RATERS = ResponderRule("more than", 4, "{way} by more than 4 points, the disagreement between raters")
HALF_WAY = ResponderRule("share", Fraction(1, 2), "at least half of the way from baseline to the best possible score")
