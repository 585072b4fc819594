"""The documentation as people open it: as files, on a desk and on a phone, without a network. `make docs` builds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SITE = Path(__file__).parents[2] / "site"
PAGES = (
    "index",
    "first-report",
    "gallery",
    "tutorial",
    "data-dictionary",
    "estimates",
    "methods",
    "glossary",
    "api/index",
    "api/measures",
)


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """`page.heard` lists what the console said, `page.asked` what was requested from elsewhere."""
    if not SITE.exists():
        pytest.skip("there is no site: make docs")
    page = chromium.new_page()
    page.heard, page.asked = [], []
    page.on("console", lambda message: page.heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url) if request.url.startswith(("http", "ws")) else None)
    yield page
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_never_scrolls_sideways(page: Any, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((SITE / f"{name}.html").as_uri(), wait_until="load")
    page.wait_for_timeout(300)
    assert (page.asked, page.heard) == ([], [])
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_the_search_finds_words_without_a_network(page: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto((SITE / "index.html").as_uri(), wait_until="load")
    page.click("[data-md-component=search-query]")
    page.keyboard.type("tipping")
    page.locator(".md-search-result__item").first.wait_for(timeout=10_000)
    assert (page.asked, page.heard) == ([], [])
