"""The words of rules, made from the numbers that decide."""

from __future__ import annotations

from outcomes import prose
from outcomes.definitions.scales import SCALES
from outcomes.measures import claim_rules
from outcomes.measures.claim_rules import Margin

GRADE, PAHPI = SCALES["goodman_baron_grade"], SCALES["pahpi"]


def test_the_words_follow_the_numbers() -> None:
    assert prose.rule_words(claim_rules.never(2.5, 0.9)).endswith(
        "upper end of the exact 90% CI is below 2.5% of courses of the usual length"
    )
    assert "at least 7 courses" in prose.rule_words(claim_rules.most(0.95, fewest=7))
    assert "whole 90% CI" in prose.rule_words(claim_rules.alike((), 0.95))
    assert "whole 99% CI" in prose.rule_words(claim_rules.improves(None, 0.99))
    assert "also less what can be expected from having begun on a bad day; contradicted" in prose.rule_words(
        claim_rules.improves(GRADE, 0.95)
    )
    assert "0.8 points of improvement" in prose.rule_words(claim_rules.improves(PAHPI, 0.95))
    of_every_course = prose.rule_words(claim_rules.improves(PAHPI, 0.95, every=True))
    assert "a bad day and over every course assessed; contradicted" in of_every_course
    assert of_every_course.endswith("0.8 points of improvement per affected course")


def test_margins_are_named_with_their_endpoints() -> None:
    margins = (Margin(0.5, "grades", "scarring"), Margin(0.8, "points", "pih"))
    said = prose.rule_words(claim_rules.alike(margins, 0.95))
    assert "the margin of all others, 0.5 grades (acne scarring) and 0.8 points (PIH) or a third of the others' own" in said
    assert said.endswith("(95% CI), and still is when corrected for 2 endpoints")


def test_every_kind_of_rule_has_its_words() -> None:
    each = [
        claim_rules.improves(None, 0.95),
        claim_rules.most(0.95),
        claim_rules.alike((), 0.95),
        claim_rules.never(5, 0.95),
        claim_rules.keeps(),
    ]
    assert {rule.code for rule in each} == {*claim_rules.RuleCode}
    assert all(": " in prose.rule_words(rule) for rule in each)
