"""The page from executed notebooks: the order of its sections, what stands beside figures, and that nothing is said twice or lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from outcomes.display.figures import Figure
from outcomes.display.page_one import PAGE_ONE_MIME
from outcomes.report.html import CAREFUL, Page, page

ABOUT = Page(source="visits.csv", rows=3, courses=2, patients=2, version="0")
KEY = '<ul class="key"><li><svg viewBox="0 0 34 14" width="34" height="14" aria-hidden="true"></svg> 95% CI</li></ul>'


def said(*texts: str) -> dict[str, Any]:
    """A cell of code that shows prose."""
    outputs = [{"output_type": "display_data", "data": {"text/markdown": text}} for text in texts]
    return {"cell_type": "code", "source": "hidden()", "outputs": outputs}


def shown(html: str) -> dict[str, Any]:
    """A cell of code that shows a table or a figure."""
    return {"cell_type": "code", "source": "", "outputs": [{"output_type": "execute_result", "data": {"text/html": html}}]}


def written(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": [*cells]}


def figure(title: str) -> Figure:
    return Figure(title, "in grades", "Said.", '<svg class="chart" role="img" aria-label="a"></svg>', key=KEY)


def tile(section: str) -> dict[str, Any]:
    return {
        "question": f"About {section}?",
        "section": section,
        "figure": "73%",
        "unit": "",
        "line": "n",
        "sentences": ["It is."],
    }


def page_one(*sections: str, actions: list[str] | None = None, careful: list[str] | None = None) -> dict[str, Any]:
    parts = {"tiles": [tile(name) for name in sections], "actions": actions or [], "careful": careful or []}
    return {"cell_type": "code", "source": "", "outputs": [{"output_type": "execute_result", "data": {PAGE_ONE_MIME: parts}}]}


SMALL = [
    ("1_summary", notebook(written("# What do our records show?"), page_one("improvement", "claims"))),
    ("2_records", notebook(written("# Who is in?"), said("Of 2 patients, 2 are in."))),
    ("3_improvement", notebook(written("# How much better?"), said("Much."), shown(figure("It improved").html()))),
    ("10_safety", notebook(written("# What went wrong?"), said("Nothing."))),
]


def sections(html: str) -> dict[str, str]:
    """The sections of a page by their ids, in order."""
    return dict(re.findall(r'<section(?: class="summary")? id="([^"]*)">(.*?)</section>', html, re.DOTALL))


def test_answers_come_first_and_the_records_before_how_to_read() -> None:
    html = page(ABOUT, SMALL)
    assert list(sections(html)) == ["summary", "improvement", "safety", "records", "how-to-read"]
    assert re.findall(r"<h2>(\d+\. .*?)</h2>", html) == [
        "1. How much better?",
        "2. What went wrong?",
        "3. Who is in?",
        "4. How to read this report",
    ]
    contents = html.partition('<nav id="contents"')[2].partition("</nav>")[0]
    assert re.findall(r'<a href="#(.*?)">(.*?)</a>', contents) == [
        ("improvement", "How much better?"),
        ("safety", "What went wrong?"),
        ("records", "Who is in?"),
        ("how-to-read", "How to read this report"),
    ]


def test_page_one_leads_only_to_sections_that_are_there() -> None:
    html = page(ABOUT, SMALL)
    assert '<h2><a href="#improvement">About improvement?</a></h2>' in html
    assert "<h2>About claims?</h2>" in html
    assert set(re.findall('href="#([^"]*)"', html)) <= {*re.findall('id="([^"]*)"', html)}


def test_a_page_without_a_summary_begins_with_its_contents() -> None:
    html = page(ABOUT, SMALL[1:])
    assert list(sections(html)) == ["improvement", "safety", "records", "how-to-read"]
    assert html.index('<nav id="contents"') < html.index('<section id="improvement"')


def test_the_first_computed_prose_is_the_answer_and_text_of_the_author_is_not() -> None:
    cells = (written("# Q?\n\nWritten."), said("The **answer**."), said("More."), shown("<table><tr><td>1</td></tr></table>"))
    html = page(ABOUT, [("3_improvement", notebook(*cells))])
    assert '<div class="answer"><p>The <strong>answer</strong>.</p>' in html
    (main,) = re.findall(r'<div class="main">(.*?)</div>', sections(html)["improvement"], re.DOTALL)
    assert [main.index(part) for part in ("Written.", "More.", "<table>")] == sorted(
        main.index(part) for part in ("Written.", "More.", "<table>")
    )
    assert "answer" not in main
    assert "hidden()" not in html


def test_what_to_be_careful_about_stands_beside_the_figures_under_one_heading() -> None:
    table = '<details class="numbers"><summary>Behind</summary><table><tr><td>1</td></tr></table></details>'
    cells = (
        written("# Q?"), said("Answer."), shown(figure("It improved").html()), written(f"## {CAREFUL}\n\nBy hand."),
        said("- No control group.\n- Few patients."), shown(table), written("## And more"), said("In the main."),
    )  # fmt: skip
    body = sections(page(ABOUT, [("3_improvement", notebook(*cells))]))["improvement"]
    main, side = re.findall(
        r'<div class="main">(.*?)</div>\s*<div class="side">(.*?)</div>\s*</div>\s*<p class="back">', body, re.DOTALL
    )[0]
    assert body.count(CAREFUL) == 1
    assert f"<h3>{CAREFUL}</h3>" in side
    assert all(words in side for words in ("By hand.", "No control group.", "Few patients."))
    assert not any(words in main for words in ("By hand.", "No control group."))
    assert [
        words
        for words in ("Figure 1. It improved", "<summary>Behind</summary>", "And more</h3>", "In the main.")
        if words not in main
    ] == []


def test_a_section_without_cautions_has_nothing_beside_its_figures() -> None:
    assert '<div class="side">' not in page(ABOUT, SMALL)
    empty = notebook(
        written("# Q?"),
        said("Answer."),
        written(f"## {CAREFUL}"),
        shown('<details class="numbers"><summary>n</summary>x</details>'),
    )
    html = page(ABOUT, [("3_improvement", empty)])
    assert '<div class="side">' not in html
    assert CAREFUL not in sections(html)["improvement"]


def test_cautions_of_a_summary_of_ones_own_are_not_lost() -> None:
    own = notebook(written("# Ours"), said("Answer."), written(f"## {CAREFUL}"), said("- Few patients."))
    summary = sections(page(ABOUT, [("1_summary", own)]))["summary"]
    assert summary.index(f"<h3>{CAREFUL}</h3>") < summary.index("Few patients.")


def test_no_point_of_a_list_stands_twice_on_a_page() -> None:
    repeated = "**Find out why** 3 sessions were given."
    parts = [
        ("1_summary", notebook(written("# S"), page_one("safety", actions=[repeated], careful=["No control group."]))),
        ("3_improvement", notebook(written("# Q?"), said("Yes."), written(f"## {CAREFUL}"), said("- No control group.\n- Few patients."))),
        ("6_safety", notebook(
            written("# Safe?"), said("No."), written("## What to act on"), said(f"1. {repeated}"),
            written(f"## {CAREFUL}"), said("- Few patients."),
        )),
    ]  # fmt: skip
    html = page(ABOUT, parts)
    points = re.findall(r"<li>(.*?)</li>", html.partition('<nav id="contents"')[0] + html.partition("</nav>")[2], re.DOTALL)
    assert len(points) == len({*points})
    assert [html.count(words) for words in ("Find out why", "No control group.", "Few patients.")] == [1, 1, 1]
    shown = sections(html)
    assert "Few patients." in shown["improvement"]
    assert "What to act on" not in shown["safety"], "a list without points goes with its heading"
    assert '<div class="side">' not in shown["safety"]
    assert not re.search(r"<([uo])l>\s*</\1l>", html)


def test_every_figure_keeps_its_key_though_another_has_the_same() -> None:
    cells = [shown(figure(title).html()) for title in ("It improved", "It lasted")]
    folded = shown(figure("Better or worse").fold().html())
    html = page(
        ABOUT, [("3_improvement", notebook(written("# Q?"), *cells)), ("4_more", notebook(written("# R?"), *cells, folded))]
    )
    assert html.count("95% CI</li>") == 5


def test_a_folded_figure_is_not_numbered_and_keeps_its_name() -> None:
    cells = (
        shown(figure("It improved").html()), shown(figure("Better or worse").fold().html()), shown(figure("It lasted").html()),
    )  # fmt: skip
    html = page(ABOUT, [("3_improvement", notebook(written("# Q?"), *cells))])
    assert re.findall(r"<figcaption><strong>(.*?)</strong>", html) == ["Figure 1. It improved", "Figure 2. It lasted"]
    assert '<details class="numbers"><summary>Better or worse</summary><figure><figcaption><span>in grades</span>' in html


@pytest.mark.parametrize(
    ("text", "word", "is_listed"),
    [
        ("PIH arose.", "PIH", True),
        ("Nothing arose.", "PIH", False),
        ("Assessors were blinded.", "Blind", True),
        ("(95% CI 1–3)", "CI", True),
        ("The city and its citizens.", "CI", False),
        ("All courses were assessed.", "Course", True),
        ("Of course.", "Baseline", False),
    ],
)
def test_how_to_read_lists_only_words_that_are_used(text: str, word: str, is_listed: bool) -> None:
    how = sections(page(ABOUT, [("3_improvement", notebook(written("# Q?"), said(text)))]))["how-to-read"]
    assert (f"<li><strong>{word}</strong>: " in how) is is_listed


def test_words_that_are_folded_away_are_not_explained() -> None:
    folded = shown('<details class="numbers"><summary>n</summary><table><tr><td>PIH by provider</td></tr></table></details>')
    how = sections(page(ABOUT, [("3_improvement", notebook(written("# Q?"), said("It improved."), folded))]))["how-to-read"]
    assert "<strong>PIH</strong>" not in how
    assert "<strong>Provider</strong>" not in how


def test_what_is_explained_has_headings_that_nest_and_ids_of_its_own() -> None:
    html = page(ABOUT, [*SMALL, ("4_how_to_read", notebook(written("# Mine\n\n## Words used"), said("PIH.")))])
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len({*ids})
    how = sections(html)["how-to-read"]
    assert re.findall(r"<h(\d)", how)[:2] == ["2", "3"]
