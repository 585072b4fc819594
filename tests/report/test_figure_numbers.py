"""Figures count through the page, and folds are named after them."""

from itertools import count

from markupsafe import Markup

from outcomes.display.tables.estimates import BEHIND
from outcomes.report.figure_numbers import numbered

FIGURE = Markup("<figure><figcaption><strong>It improved</strong> <span>in grades</span></figcaption><svg></svg></figure>")
TEXT = Markup("<p>Words.</p>")


def fold(name: str) -> Markup:
    return Markup(f'<details class="numbers"><summary>{name}</summary><table aria-label="{name}"></table></details>')


def test_figures_count_on_from_section_to_section() -> None:
    numbers = count(1)
    first, second = numbered([FIGURE, TEXT, FIGURE], numbers), numbered([TEXT, FIGURE], numbers)
    assert [part[:48].split("<strong>")[-1] for part in (first[0], first[2], second[1])] == [
        "Figure 1. It improve",
        "Figure 2. It improve",
        "Figure 3. It improve",
    ]
    assert first[1] == TEXT


def test_a_fold_below_a_figure_stands_in_it_and_is_named_after_it() -> None:
    (both,) = numbered([FIGURE, fold(BEHIND)], count(4))
    assert both.endswith(f"{fold('Numbers in figure 4')}</figure>")
    (both,) = numbered([FIGURE, fold("Every event")], count(4))
    assert both.endswith(f"{fold('Numbers in figure 4: every event')}</figure>")


def test_a_fold_farther_below_is_named_only_where_it_has_no_name() -> None:
    assert numbered([FIGURE, TEXT, fold(BEHIND)], count(1))[2] == fold("Numbers in figure 1")
    assert numbered([FIGURE, TEXT, fold("Every event")], count(1))[2] == fold("Every event")
    assert numbered([FIGURE, fold(BEHIND), fold(BEHIND)], count(1))[1] == fold(BEHIND)
    assert numbered([fold(BEHIND), FIGURE], count(1))[0] == fold(BEHIND)


def test_what_is_no_figure_stays_as_it_is() -> None:
    parts = [Markup('<figure><img alt="a"></figure>'), Markup('<p class="nothing">Too few.</p>'), TEXT]
    assert numbered(parts, count(1)) == parts


FOLDED = Markup(
    '<details class="numbers"><summary>Better or worse</summary><figure><figcaption><span>in grades</span></figcaption></figure></details>'
)


def test_a_folded_figure_has_no_number_and_what_is_behind_it_none_of_another() -> None:
    assert numbered([FIGURE, FOLDED, FIGURE], count(1))[1] == FOLDED
    assert numbered([FIGURE, FOLDED, fold(BEHIND)], count(1))[1:] == [FOLDED, fold(BEHIND)]
    assert numbered([FOLDED, fold(BEHIND)], count(1)) == [FOLDED, fold(BEHIND)]
    first, _, second = numbered([FIGURE, FOLDED, FIGURE], count(1))
    assert ("Figure 1. " in first, "Figure 2. " in second) == (True, True)
