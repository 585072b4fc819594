"""The rules by which claims are judged: a kind, and the numbers that decide. `outcomes.prose.rule_words` says them in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from math import isnan, nan
from typing import Any, NamedTuple

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.scales import Scale
from outcomes.definitions.thresholds import FEW, MAJORITY, SMALLEST_GROUP
from outcomes.measures.skin_types import DIFFERENT, EQUIVALENT, SLIGHTLY
from outcomes.statistics.sample_size import more_for_share, more_to_exclude, more_without_event

SUPPORTED, CONTRADICTED, UNDECIDED = "supported", "contradicted", "undecided"
KEPT, NOT_KEPT = "kept", "not kept"
"""What was done is kept to or not; nothing is estimated, so it is neither supported nor contradicted."""


Row = Mapping[str, Any]


@unique
class RuleCode(StrEnum):
    """The kinds of rules."""

    IMPROVES = "improves"
    """The whole interval of the change is improvement, and so is what is left of it; against it, what is left is short of `margin`."""
    MOST = "most"
    """The whole interval of a percent, of at least `fewest` courses, is above `limit`; against it, below."""
    ALIKE = "alike"
    """Every group of skin types is within the `margins`, and every type has at least `fewest` courses; against it, any differs."""
    NEVER = "never"
    """None was recorded, and the upper end is below `limit` percent; against it, any was."""
    KEEPS = "keeps"
    """No session recorded was against it. It is about what was done, not about what came of it."""


class Margin(NamedTuple):
    """The margin of an endpoint, in the unit of its scale."""

    size: float
    unit: str
    endpoint: str


@dataclass(frozen=True, slots=True, repr=False)
class Rule:
    """What decides about a claim: `judge` gives the verdict on a row of estimates; nan in its interval is never enough.

    `code` is the kind, by which its words are found; the other fields are the numbers that it needs, None or 0 where it needs
    none. `decide` and `more` are the kind's own functions of the rule and a row.

    Example:
        >>> most(0.95).judge({"n": 40, "conf_low": 61.0, "conf_high": 80.0})
        'supported'
        >>> most(0.95)
        <most: level 0.95, limit 50, fewest 15>
    """

    code: RuleCode
    decide: Callable[[Rule, Row], str]
    more: Callable[[Rule, Row], float]
    level: float | None = None
    limit: float | None = None
    """Percent that the interval has to lie above, or below."""
    fewest: int = 0
    margin: float | None = None
    unit: str = ""
    every: bool = False
    """Whether every course assessed is looked at, beside those that were affected at baseline."""
    margins: tuple[Margin, ...] = ()

    def judge(self, row: Row) -> str:
        return self.decide(self, row)

    def more_courses(self, row: Row) -> float:
        """How many more courses would be likely to decide where the verdict on the row is undecided; else nan."""
        if row["verdict"] != UNDECIDED or isnan(row["conf_high"]) or not row["n"]:
            return nan
        return self.more(self, row)

    def __str__(self) -> str:
        numbers = {"level": self.level, "limit": self.limit, "fewest": self.fewest or None, "margin": self.margin}
        given = [f"{name} {value:g}" for name, value in numbers.items() if value is not None]
        given += [f"margin {each.size:g} {each.unit} of {each.endpoint}" for each in self.margins]
        said = ", ".join([f"{self.code}: {given[0]}", *given[1:]] if given else [str(self.code)])
        return " ".join(filter(None, (said, self.unit, "of every course" if self.every else "")))

    def __repr__(self) -> str:
        return f"<{self}>"


def improves(scale: Scale | None, level: float, *, every: bool = False) -> Rule:
    """A change, negative being improvement: on that side, with what is left of it, or what is left short of the margin of skin types.

    `left_low` and `left_high` bound what is left (`outcomes.measures.regression_to_the_mean`): the change beyond what can be expected without any
    effect or, with `every`, of an endpoint that counts only where it was there at baseline, that of every course assessed, per
    affected course. Where that is nan, nothing is supported and nothing contradicted.

    More courses: until the interval is narrower than the margin, so that it leaves out one or the other.
    """
    margin, unit = (scale.margin, scale.unit) if scale else (None, "")
    return Rule(RuleCode.IMPROVES, _improved, _more_to_exclude, level=level, margin=margin, unit=unit, every=every)


def _improved(rule: Rule, row: Row) -> str:
    if row["conf_high"] < 0 and row["left_high"] < 0:
        return SUPPORTED
    return CONTRADICTED if rule.margin is not None and row["left_low"] > -rule.margin else UNDECIDED


def _more_to_exclude(rule: Rule, row: Row) -> float:
    return nan if rule.margin is None else more_to_exclude(row["n"], row["conf_low"], row["conf_high"], rule.margin)


def most(level: float, fewest: int = SMALLEST_GROUP) -> Rule:
    """A percent of at least `fewest`: above or below `MAJORITY` with its whole interval.

    More courses: until the interval leaves out a half, if the share stays what it is, and as many as the fewest.
    """
    return Rule(RuleCode.MOST, _is_most, _more_for_share, level=level, limit=MAJORITY, fewest=fewest)


def _is_most(rule: Rule, row: Row) -> str:
    if row["n"] < rule.fewest or rule.limit is None:
        return UNDECIDED
    return SUPPORTED if row["conf_low"] > rule.limit else CONTRADICTED if row["conf_high"] < rule.limit else UNDECIDED


def _more_for_share(rule: Rule, row: Row) -> float:
    if rule.limit is None or rule.level is None:
        return nan
    share, low, high = (row[name] / 100 for name in ("estimate", "conf_low", "conf_high"))
    more = more_for_share(row["n"], low, high, share, against=rule.limit / 100, level=rule.level)
    return max(more, float(rule.fewest - row["n"]))


def alike(margins: tuple[Margin, ...], level: float) -> Rule:
    """Skin types by the `verdicts` of `outcomes.skin_type_differences`, all groups of all endpoints, and the `fewest` courses of a type.

    More courses: those of `outcomes.skin_type_differences`, of the group or of all groups, whichever is fewer.
    """
    return Rule(RuleCode.ALIKE, _are_alike, _more_to_compare, level=level, fewest=FEW, margins=margins)


def _are_alike(rule: Rule, row: Row) -> str:
    if DIFFERENT in row["verdicts"]:
        return CONTRADICTED
    within = bool(row["verdicts"]) and set(row["verdicts"]) <= {EQUIVALENT, SLIGHTLY}
    return SUPPORTED if within and row["fewest"] >= rule.fewest else UNDECIDED


def _more_to_compare(_: Rule, row: Row) -> float:
    return min((float(row[name]) for name in ("n_more", "n_more_all") if not isnan(row[name])), default=nan)


def never(limit: float, level: float) -> Rule:
    """Something that the claim says does not happen: contradicted by one, supported by none among enough patients asked about each session.

    More courses: until none recorded puts the upper end below the limit.
    """
    return Rule(RuleCode.NEVER, _never_happened, _more_without_event, level=level, limit=limit)


def _never_happened(rule: Rule, row: Row) -> str:
    if row["events"] > 0:
        return CONTRADICTED
    return SUPPORTED if rule.limit is not None and row["conf_high"] < rule.limit else UNDECIDED


def _more_without_event(rule: Rule, row: Row) -> float:
    return nan if rule.limit is None or rule.level is None else more_without_event(row["n"], rule.limit / 100, rule.level)


def keeps() -> Rule:
    """Sessions given beside what patients are told: kept where none is recorded against it."""
    return Rule(RuleCode.KEEPS, _is_kept, _no_more)


def _no_more(*_: object) -> float:
    return nan


def _is_kept(_: Rule, row: Row) -> str:
    return NOT_RECORDED if row["n"] == 0 else NOT_KEPT if row["events"] > 0 else KEPT
