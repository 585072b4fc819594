"""The page by the rules of others: axe-core for people who hear it or use a keyboard, and the Nu Html Checker for browsers to come.

On the sample and on invented clinics with few, some and many patients. `make browser` fetches the checker where npm is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

RECORDS = ("sample", "12", "40", "1500")
WIDTHS = (1280, 768, 390, 320)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""Tags of axe-core: levels A and AA of the Web Content Accessibility Guidelines 2.0 to 2.2, and what its makers advise."""

BROKEN = """async ([tags, isContrast]) => {
    const only = isContrast ? {type: 'rule', values: ['color-contrast']} : {type: 'tag', values: tags};
    const rules = isContrast ? {} : {'color-contrast': {enabled: false}};
    const found = await axe.run(document, {runOnly: only, rules, resultTypes: ['violations']});
    return {
        checked: found.violations.length + found.passes.length,
        broken: found.violations.map(rule => `${rule.id} at ${rule.nodes.length}: ${rule.nodes[0].target} ${rule.nodes[0].html.slice(0, 120)}`),
    };
}"""

FOLD = "open => document.querySelectorAll('details').forEach(details => { details.open = open; })"

NOT_OURS = (
    "CSS: ",  # it knows neither paged media nor container queries
    "Inline style violates Content Security Policy",  # allowed by its hash, which the checker does not compare
)

CHECKERS = Path(__file__).parents[2] / ".venv"


@pytest.fixture(scope="module")
def open_page(chromium: Any, report_on: Callable[[str], Path]) -> Iterator[Callable[[str], Any]]:
    """A report in the browser with axe-core beside it; the last one stays open until another is asked for."""
    import axe_playwright_python

    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    pages: dict[str, Any] = {}

    def opened(records: str) -> Any:
        if records not in pages:
            for name in [*pages]:
                pages.pop(name).close()
            address = (report_on(records) / "report.html").as_uri()
            pages[records] = chromium.new_page()
            pages[records].goto(address, wait_until="load")
            pages[records].evaluate(axe)
        return pages[records]

    yield opened
    for page in pages.values():
        page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("records", RECORDS)
def test_no_rule_of_access_is_broken_with_folds_closed_and_open(
    open_page: Callable[[str], Any], records: str, width: int
) -> None:
    page = open_page(records)
    page.set_viewport_size({"width": width, "height": 900})
    for is_open in (False, True):
        page.evaluate(FOLD, is_open)
        found = page.evaluate(BROKEN, [RULES, False])
        assert found["checked"] > 25
        assert found["broken"] == [], f"folds {'open' if is_open else 'closed'}"


# Slow where thousands of cells are shown; test_page.py measures the contrast of all that is folded away.
@pytest.mark.parametrize("records", RECORDS)
def test_words_stand_out_by_the_same_measure(open_page: Callable[[str], Any], records: str) -> None:
    page = open_page(records)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(FOLD, False)
    assert page.evaluate(BROKEN, [RULES, True]) == {"checked": 1, "broken": []}


def test_a_rule_that_is_broken_would_be_found(open_page: Callable[[str], Any]) -> None:
    page = open_page("sample")
    page.evaluate("() => { document.querySelector('h1').insertAdjacentHTML('afterend', '<img id=unnamed>'); }")
    found = page.evaluate(BROKEN, [RULES, False])["broken"]
    page.evaluate("() => document.querySelector('#unnamed').remove()")
    assert [rule for rule in found if rule.startswith("image-alt at 1: #unnamed")] != []


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], list[str]]:
    """What the Nu Html Checker says of a page, each with its line."""
    jars = sorted(CHECKERS.glob("vnu-*/node_modules/vnu-jar/build/dist/vnu.jar"))
    if not jars or not shutil.which("java"):
        assert "CI" not in os.environ, "the checker is missing: make browser fetches it where npm is, and it needs java"
        pytest.skip("the checker is missing: make browser fetches it where npm is, and it needs java")

    def of(page: Path) -> list[str]:
        done = subprocess.run(["java", "-jar", jars[-1], "--format", "json", page], capture_output=True, text=True)
        found = json.loads(done.stderr)["messages"]
        return [f"line {each.get('lastLine')}: {each['message']}" for each in found if not each["message"].startswith(NOT_OURS)]

    return of


@pytest.mark.parametrize("records", RECORDS)
def test_the_page_is_valid_html(said: Callable[[Path], list[str]], report_on: Callable[[str], Path], records: str) -> None:
    assert said(report_on(records) / "report.html") == []


def test_a_page_that_is_not_valid_would_be_found(said: Callable[[Path], list[str]], tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<!doctype html><html lang="en"><title>t</title><p><b>a</p><td>', encoding="utf-8")
    assert len(said(tmp_path / "page.html")) >= 2
