"""The rules by which a claim is held against the records: each is its words and its decision, made from the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.scales import Scale
from outcomes.definitions.thresholds import FEW, MAJORITY, SMALLEST_GROUP
from outcomes.measures.skin_types import DIFFERENT, EQUIVALENT, SLIGHTLY

SUPPORTED, CONTRADICTED, NOT_ENOUGH = "supported", "contradicted", "not enough patients"
KEPT, NOT_KEPT = "kept", "not kept"
"""What was done is kept to or not; nothing is estimated, so it is neither supported nor contradicted."""


Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """`words` declare what `judge` decides about a row of estimates; nan in its interval is never enough."""

    words: str
    judge: Callable[[Row], str]


def improves(scale: Scale | None, level: float, *, every: bool = False) -> Rule:
    """A change, negative being improvement: on that side, with what is left of it, or what is left short of the margin of skin types.

    `left_low` and `left_high` bound what is left (`outcomes.measures.regression_to_the_mean`): the change beyond what can be expected without any
    effect or, with `every`, of an endpoint that counts only where it was there at baseline, that of every course assessed, per
    affected course. Where that is nan, nothing is supported and nothing contradicted.
    """
    margin = scale.margin if scale else float("nan")
    least = f"{margin:g} {scale.unit}" if scale else "half a grade, or 5 % of the range,"

    def judge(row: Row) -> str:
        if row["conf_high"] < 0 and row["left_high"] < 0:
            return SUPPORTED
        return CONTRADICTED if row["left_low"] > -margin else NOT_ENOUGH

    also, each = (" and over every course assessed", " per affected course") if every else ("", "")
    return Rule(
        f"supported: the whole {_interval(level)} is improvement, also without what can be expected from having enrolled on a bad day{also}; "
        f"contradicted: it is not, and what is left leaves out even {least} of improvement{each}",
        judge,
    )


def most(level: float, fewest: int = SMALLEST_GROUP) -> Rule:
    """A percent of at least `fewest`: above or below `MAJORITY` with its whole interval."""

    def judge(row: Row) -> str:
        if row["n"] < fewest:
            return NOT_ENOUGH
        return SUPPORTED if row["conf_low"] > MAJORITY else CONTRADICTED if row["conf_high"] < MAJORITY else NOT_ENOUGH

    return Rule(
        f"supported: the whole {_interval(level)} is above {MAJORITY:g} %; contradicted: it is below {MAJORITY:g} %; of at least {fewest} courses",
        judge,
    )


def alike(margins: list[str], level: float) -> Rule:
    """Skin types by the `verdicts` of `outcomes.skin_type_differences`, all groups of all endpoints, and the `fewest` courses of a type."""

    def judge(row: Row) -> str:
        if DIFFERENT in row["verdicts"]:
            return CONTRADICTED
        within = bool(row["verdicts"]) and set(row["verdicts"]) <= {EQUIVALENT, SLIGHTLY}
        return SUPPORTED if within and row["fewest"] >= FEW else NOT_ENOUGH

    corrected = f", and still is when corrected for {len(margins)} endpoints" if len(margins) > 1 else ""
    smaller = f", {' and '.join(margins)} or a third of the others' own change, if that is smaller," if margins else ""
    return Rule(
        f"supported: every group of types is within the margin of all others{smaller} with its whole {_interval(1 - 2 * (1 - level))}, and "
        f"every type has at least {FEW} courses; contradicted: any group differs by more, as it is and at a common baseline "
        f"({_interval(level)}){corrected}",
        judge,
    )


def never(limit: float, level: float) -> Rule:
    """Something that the claim says does not happen: contradicted by one, supported by none among enough patients asked about each session."""

    def judge(row: Row) -> str:
        if row["events"] > 0:
            return CONTRADICTED
        return SUPPORTED if row["conf_high"] < limit else NOT_ENOUGH

    return Rule(
        f"contradicted: any was recorded; supported: none was, and the upper end of the exact {_interval(level)} is below {limit:g} % of courses of the usual length",
        judge,
    )


def keeps() -> Rule:
    """Sessions given beside what patients are told: kept where none is recorded against it."""

    def judge(row: Row) -> str:
        return NOT_RECORDED if row["n"] == 0 else NOT_KEPT if row["events"] > 0 else KEPT

    return Rule("kept: no session recorded was against it; not kept: any was", judge)


def _interval(level: float) -> str:
    return f"{round(100 * level, 6):g} % interval"
