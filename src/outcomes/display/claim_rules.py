"""The words of the rules by which claims are judged: a sentence for each kind, with the numbers that decide."""

from __future__ import annotations

from collections.abc import Callable

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.measures.claim_rules import Rule, RuleCode


def rule_words(rule: Rule) -> str:
    """The rule of a claim in words, as it stands beside the verdict and in ``estimates.csv``.

    Example:
        >>> import outcomes
        >>> claims = outcomes.claims(outcomes.read_cohort("sample")).set_index("claim")
        >>> rule_words(claims.loc["5b", "rule"])
        'supported: the whole 95% CI is above 50%; contradicted: it is below 50%; at least 15 courses are needed'
    """
    return _WORDS[rule.code](rule)


def _interval(level: float | None) -> str:
    return f"{round(100 * (level or 0), 6):g}% CI"


def _improves(rule: Rule) -> str:
    least = "half a grade, or 5% of the range," if rule.margin is None else f"{rule.margin:g} {rule.unit}"
    also, each = (" and over every course assessed", " per affected course") if rule.every else ("", "")
    return (
        f"supported: the whole {_interval(rule.level)} is improvement, also less what can be expected from having begun on a bad "
        f"day{also}; contradicted: it is not, and what is left excludes even {least} of improvement{each}"
    )


def _most(rule: Rule) -> str:
    return (
        f"supported: the whole {_interval(rule.level)} is above {rule.limit:g}%; contradicted: it is below {rule.limit:g}%; "
        f"at least {rule.fewest} courses are needed"
    )


def _alike(rule: Rule) -> str:
    level = rule.level or 0
    margins = [f"{each.size:g} {each.unit} ({ENDPOINTS[each.endpoint].label})" for each in rule.margins]
    corrected = f", and still is when corrected for {len(margins)} endpoints" if len(margins) > 1 else ""
    smaller = f", {' and '.join(margins)} or a third of the others' own change, if that is smaller," if margins else ""
    return (
        f"supported: every group of types is within the margin of all others{smaller} with its whole {_interval(1 - 2 * (1 - level))}, "
        f"and every type has at least {rule.fewest} courses; contradicted: any group differs by more, as it is and at a common baseline "
        f"({_interval(level)}){corrected}"
    )


def _never(rule: Rule) -> str:
    return (
        f"contradicted: at least one was recorded; supported: none was, and the upper end of the exact {_interval(rule.level)} is below "
        f"{rule.limit:g}% of courses of the usual length"
    )


_WORDS: dict[RuleCode, Callable[[Rule], str]] = {
    RuleCode.IMPROVES: _improves,
    RuleCode.MOST: _most,
    RuleCode.ALIKE: _alike,
    RuleCode.NEVER: _never,
    RuleCode.KEEPS: lambda _: "kept: no session was recorded outside guidance; not kept: any was",
}
