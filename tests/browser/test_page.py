"""The report as people meet it: in a browser on a phone and a desk, printed, and as PDF."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 390, 768, 1200)
LONGEST_LABEL = 220
LEAST_LETTERS = {390: 12, 320: 10}
"""CSS pixels of the letters in pictures at the widths of phones."""

LEAST_CONTRAST = 4.5

DRAWINGS = """() => [...document.querySelectorAll('figure svg.chart')].map(drawing => drawing.getAttribute('aria-label') || '')"""

# Letters as they are shown: their size in a drawing times how much the drawing is enlarged. Four digits under a session are smaller.
LETTERS = """() => [...document.querySelectorAll('figure svg text')].filter(text => text.checkVisibility())
    .filter(text => !/^[0-9]{4,}$/.test(text.textContent))
    .map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"""

CUT = """() => [...document.querySelectorAll('figure, figure .panels, figure .panel, figure svg.chart, figure table.dots, figure td.plot svg.strip')]
    .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map(element => `${element.localName}: ${element.textContent.slice(0, 40)}`)"""

PANELS = """() => [...document.querySelectorAll('.panels:not(.one):not(.small)')]
    .map(panels => new Set([...panels.children].map(panel => Math.round(panel.getBoundingClientRect().left))).size)"""

# Every element with text of its own: the ratio of luminances of its colour and of what is painted behind it (WCAG 2.2, 1.4.3).
CONTRASTS = """() => {
    const channels = text => (text.match(/[\\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = channels(getComputedStyle(at).backgroundColor);
            if (colour.length && (colour.length < 4 || colour[3] === 1)) return colour;
        }
        return [255, 255, 255];
    };
    const seen = [];
    for (const element of document.body.querySelectorAll('*')) {
        const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join('').trim();
        if (!text || !element.checkVisibility()) continue;
        const [one, other] = [light(channels(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
        seen.push({text: text.slice(0, 60), tag: element.localName, ratio: (one + 0.05) / (other + 0.05)});
    }
    return seen;
}"""

# Elements that stick out to the right and that no ancestor scrolls or cuts off.
OVERHANGING = """() => [...document.body.querySelectorAll('*')].filter(element => {
    if (element.getBoundingClientRect().right <= document.documentElement.clientWidth + 1) return false;
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
        if (getComputedStyle(at).overflowX !== 'visible') return false;
    return true;
}).map(element => `${element.localName}.${element.className}: ${element.textContent.trim().slice(0, 40)}`)"""

FOLDED_AWAY = """() => [...document.querySelectorAll('details')].filter(details => {
    const inside = [...details.children].find(child => child.localName !== 'summary');
    return inside && !inside.checkVisibility();
}).map(details => details.querySelector('summary').textContent.trim())"""


@pytest.fixture
def page(chromium: Any, report: Path) -> Iterator[Any]:
    """The report, opened at the width of a desk; `page.heard` lists what the console said, `page.asked` what was requested."""
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    page.heard, page.asked = [], []
    page.on("console", lambda message: page.heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto((report / "report.html").as_uri(), wait_until="load")
    yield page
    page.close()


def open_all(page: Any) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach(details => { details.open = true; })")


def test_it_says_nothing_on_the_console(page: Any) -> None:
    assert page.heard == []


def test_it_asks_for_nothing_but_itself(page: Any, report: Path) -> None:
    open_all(page)
    page.wait_for_timeout(300)
    assert [url for url in page.asked if not url.startswith("data:")] == [(report / "report.html").as_uri()]


def test_it_holds_no_script(page: Any) -> None:
    assert page.locator("script, iframe, object, embed, form").count() == 0
    attributes = (
        "() => [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(name => name.startsWith('on'))"
    )
    assert page.evaluate(attributes) == []


def test_links_stay_inside_or_lead_to_a_doi_or_to_the_numbers(page: Any) -> None:
    links = page.evaluate("() => [...document.querySelectorAll('a[href], area[href]')].map(link => link.getAttribute('href'))")
    assert {link for link in links if not link.startswith(("#", "https://doi.org/10."))} == {"estimates.csv"}
    targets = {link[1:] for link in links if link.startswith("#")}
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map(element => element.id)")
    assert targets <= set(ids)
    assert len(ids) == len(set(ids)), "the same id twice"


@pytest.mark.parametrize("width", WIDTHS)
def test_it_never_scrolls_sideways(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_all(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.evaluate(OVERHANGING) == []


def test_it_speaks_a_language_and_has_a_title(page: Any) -> None:
    assert re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", page.locator("html").get_attribute("lang") or "")
    assert page.title().strip()
    assert "width=device-width" in (page.locator("meta[name=viewport]").get_attribute("content") or "")


def test_headings_are_an_outline(page: Any) -> None:
    levels = page.evaluate("() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.localName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert len(levels) > 3
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []


def test_drawings_are_described_in_a_breath(page: Any) -> None:
    labels = page.evaluate(DRAWINGS)
    assert len(labels) >= 3
    assert [label for label in labels if not 40 < len(label) < LONGEST_LABEL] == []
    assert page.locator("img").count() == 0


def test_what_is_drawn_beside_numbers_is_for_the_eye_alone(page: Any) -> None:
    assert page.locator("table.dots td.plot").count() > 20
    assert page.locator("table.dots td.plot:not([aria-hidden=true])").count() == 0


def test_figures_are_numbered_and_their_folds_named_after_them(page: Any) -> None:
    titles = [text.strip() for text in page.locator("figcaption strong").all_inner_texts()]
    assert [title.partition(". ")[0] for title in titles] == [f"Figure {k}" for k in range(1, len(titles) + 1)]
    for figure in page.locator("figure:has(details)").all():
        number = figure.locator("figcaption strong").inner_text().partition(".")[0]
        assert figure.locator("summary").inner_text().startswith(f"Numbers in {number.lower()}")


@pytest.mark.parametrize("width", LEAST_LETTERS)
def test_no_picture_is_cut_on_a_phone_and_its_letters_can_be_read(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate(CUT) == []
    letters = page.evaluate(LETTERS)
    assert len(letters) > 100
    assert min(letters) >= LEAST_LETTERS[width]


def test_panels_stand_side_by_side_on_a_desk_and_below_each_other_on_a_phone(page: Any) -> None:
    assert {*page.evaluate(PANELS)} == {2}
    page.set_viewport_size({"width": 390, "height": 800})
    assert {*page.evaluate(PANELS)} == {1}


def test_the_words_of_a_picture_can_be_found_in_the_pdf(report: Path) -> None:
    words = " ".join(poppler("pdftotext", report, "-").split())
    assert "Figure 1. " in words
    assert words.count("no change") >= 2


def test_tables_have_headers_with_a_scope(page: Any) -> None:
    assert page.locator("table").count() >= 1
    without = (
        "() => [...document.querySelectorAll('table')].filter(t => !t.querySelector('th')).map(t => t.textContent.slice(0, 60))"
    )
    assert page.evaluate(without) == []
    assert page.evaluate("() => [...document.querySelectorAll('th:not([scope])')].map(th => th.textContent)") == []


def test_what_scrolls_is_reached_by_keyboard(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    open_all(page)
    stuck = """() => [...document.querySelectorAll('*')].filter(e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
        && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 && !e.querySelector('a, button')).map(e => e.textContent.slice(0, 60))"""
    assert page.evaluate(stuck) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    open_all(page)
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert [one for one in contrasts if one["ratio"] < LEAST_CONTRAST] == []


def test_printing_unfolds_everything(page: Any) -> None:
    folded = page.evaluate(FOLDED_AWAY)
    page.emulate_media(media="print")
    assert page.evaluate(FOLDED_AWAY) == []
    assert folded, "nothing is folded on the screen: the data tables should be"


def test_it_reads_at_twice_the_size_of_letters(page: Any) -> None:
    page.set_viewport_size({"width": 768, "height": 800})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    open_all(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 768


def test_figures_fit_a_small_phone_with_letters_set_wide(chromium: Any, report: Path) -> None:
    """Spacing of letters, words and lines as far as WCAG 2.2, 1.4.12, asks for."""
    page = chromium.new_page(viewport={"width": 320, "height": 800}, bypass_csp=True)
    page.goto((report / "report.html").as_uri(), wait_until="load")
    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
    )
    assert page.evaluate(CUT) == []
    page.close()


# PDF


def poppler(tool: str, report: Path, *output: str) -> str:
    assert shutil.which(tool), f"{tool} is missing; install poppler"
    return subprocess.run([tool, report / "report.pdf", *output], capture_output=True, text=True, check=True).stdout


def test_the_pdf_is_tagged_and_named(report: Path) -> None:
    facts = dict(line.split(":", 1) for line in poppler("pdfinfo", report).splitlines() if ":" in line)
    assert facts["Tagged"].strip() == "yes"
    assert facts["Title"].strip()
    assert int(facts["Pages"]) >= 2
    assert facts["JavaScript"].strip() == "no"


def test_the_pdf_says_that_it_keeps_to_pdf_ua_1(report: Path) -> None:
    """No well-kept package checks whether it does: WeasyPrint writes the tags, and tests/report/test_pdf.py looks at our part in them."""
    assert 'pdfuaid:part="1"' in poppler("pdfinfo", report, "-meta")


def test_the_pdf_holds_the_words_of_the_page(report: Path, page: Any) -> None:
    words = " ".join(poppler("pdftotext", report, "-").split())
    assert page.locator("h1").inner_text().strip() in words
    headings = [text.strip() for text in page.locator("h2").all_inner_texts()]
    assert [heading for heading in headings if " ".join(heading.split()) not in words] == []


def test_a_folded_figure_is_not_in_the_pdf_and_has_its_name_on_the_page(report: Path, page: Any) -> None:
    folded = page.locator("details.numbers:has(> figure)")
    assert folded.count() >= 1
    words = " ".join(poppler("pdftotext", report, "-").split())
    for each in folded.all():
        name = each.locator("summary").inner_text().strip()
        measure = each.locator("figcaption").text_content().strip()
        assert name
        assert not name.startswith(("Figure", "Numbers in"))
        assert measure not in words
    assert "Figure 1. " in words


def test_the_fonts_are_inside_the_pdf(report: Path) -> None:
    rules, *rows = poppler("pdffonts", report).splitlines()[1:]
    embedded = len(" ".join(rules.split()[:3])) + 1
    assert rows
    assert [row for row in rows if not row[embedded:].startswith("yes")] == []
