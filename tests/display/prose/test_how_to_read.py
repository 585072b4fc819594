"""How to read a report: each word that it uses is explained, and no other."""

from __future__ import annotations

import re

import pytest

from outcomes import prose
from outcomes.definitions.scales import SCALES
from outcomes.display.prose.how_to_read import HOW_TO_READ
from outcomes.display.words import first_up

HEADINGS = ["The figure and its interval", "Had every patient continued", "Verdicts", "Regression to the mean", "Words used"]


def words(used: str = "") -> dict[str, str]:
    """The words explained and what they mean."""
    return dict(re.findall(r"^- \*\*(.+?)\*\*: (.+)$", prose.how_to_read(used), re.MULTILINE))


def headings(used: str = "") -> list[str]:
    return re.findall("^### (.+)$", prose.how_to_read(used), re.MULTILINE)


def test_everything_is_explained_where_no_text_is_given() -> None:
    said = prose.how_to_read()
    assert isinstance(said, prose.Prose)
    assert headings() == HEADINGS
    assert str(prose.why_continued()) in said
    assert str(prose.why_regression_to_the_mean()) in said
    assert "**Undecided** means that the interval allows both answers." in said
    assert HOW_TO_READ == "How to read this report"


def test_an_estimate_and_regression_to_the_mean_are_explained_only_where_they_are_spoken_of() -> None:
    assert headings("nothing of it") == [HEADINGS[0], HEADINGS[2], HEADINGS[4]]
    assert headings("would have improved, had every patient continued") == [*HEADINGS[:3], HEADINGS[4]]
    assert headings("put down to regression to the mean") == [HEADINGS[0], *HEADINGS[2:]]


def test_only_words_that_are_used_are_explained() -> None:
    assert list(words("After 3 sessions, 12 courses were assessed.")) == ["Course"]
    assert list(words("Scored blind on the PAHPI (95% CI 2\N{EN DASH}4).")) == ["Blind", "CI", "PAHPI"]
    assert words("nothing of it") == {}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Providers differ.", "Provider"),
        ("Blinded scores", "Blind"),
        ("ADVERSE EVENTS", "Adverse event"),
        ("New PIH arose.", "New PIH"),
        ("not recorded", "Not recorded"),
        ("those Still attending", "Still attending"),
        ("about 390 more courses needed", "More courses needed"),
    ],
)
def test_a_word_is_found_in_the_plural_and_at_the_start_of_a_sentence(text: str, word: str) -> None:
    assert word in words(text)


def test_an_abbreviation_is_not_found_in_a_longer_word() -> None:
    assert "CI" not in words("The clinic's circle of cited pihs: recipe, ACID, eccact.")
    assert "PIH" not in words("apihx PIHX pih")
    assert "PIH" in words("(PIH)")


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_is_explained_by_its_best_and_worst_score_where_it_is_named(name: str) -> None:
    scale = SCALES[name]
    label = first_up(scale.label)
    best, worst = (scale.high, scale.low) if scale.higher_is_better else (scale.low, scale.high)
    assert words(f"scored on the {scale.label}.")[label] == f"A scale from {best} (best) to {worst} (worst)."
    assert label not in words("scored on another scale")


def test_all_words_in_order_are_explained_where_no_text_is_given() -> None:
    every = list(words())
    assert every == sorted(every, key=str.lower)
    assert {"Margin", "CI", "New PIH", "PIH", *(first_up(scale.label) for scale in SCALES.values())} <= set(every)
    assert all(meaning.endswith(".") for meaning in words().values())


def test_the_margin_and_equivalence_are_the_rule_of_the_comparison() -> None:
    assert "half a grade or 5% of the range, or a third of the others' own change" in words()["Margin"]
    assert words()["Equivalent"] == "The whole 90% CI of the difference lies within the margin."
    assert "in 80 of 100 clinics" in words()["More courses needed"]
