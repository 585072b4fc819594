"""A report keeps to what an owner reads: so many pages and words, and no sentence twice."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from html import unescape
from pathlib import Path

import pytest

from outcomes.report.html import Page, page
from outcomes.report.make import make_report
from outcomes.report.pdf import pdf
from outcomes.simulate.sample import write_sample

NOTEBOOKS = sorted(
    (Path(__file__).parents[2] / "notebooks").glob("[0-9]*_*.ipynb"), key=lambda path: int(path.stem.partition("_")[0])
)

PAGES, WORDS, KILOBYTES = 18, 5000, 320
"""Of the report on the sample, with what opens on request closed."""

PAGES_OF_12, WORDS_OF_12 = 8, 2500
"""Of the report on a clinic of 12 patients."""

LONG = 6
"""A sentence of more words stands once in a report."""

BLOCKS = "p|li|h[1-6]|dt|dd|div|caption|figcaption|figure|section|table|ul|ol|header|footer|main"


@pytest.fixture(scope="module")
def sample() -> str:
    """The page of the sample's report, from the outputs that its notebooks are saved with: those that a report would give."""
    about = Page(source="sample", rows=1210, courses=242, patients=240, version="0.0.0", is_invented=True)
    return page(about, [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in NOTEBOOKS])


@pytest.fixture(scope="module")
def of_12(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the report on a clinic of 12 patients."""
    folder = tmp_path_factory.mktemp("twelve")
    write_sample(folder / "twelve.csv", patients=12)
    return make_report(folder / "twelve.csv", folder / "report").folder


def without(html: str, *tags: str) -> str:
    """What stands between these tags left out, the head always."""
    body = html.partition("<body>")[2]
    for tag in tags:
        body = re.sub(rf"<{tag}\b.*?</{tag}>", " ", body, flags=re.DOTALL)
    return body


def words(html: str) -> list[str]:
    """Every word that is seen with folds closed."""
    return unescape(re.sub("<[^>]*>", " ", without(html, "details", "svg", "style"))).split()


def sentences(html: str) -> list[str]:
    """Every sentence that is seen with folds closed; cells of tables and the list of contents hold none."""
    body = re.sub(r"<(t[dh])\b.*?</\1>", " ", without(html, "details", "svg", "style", "nav"), flags=re.DOTALL)
    texts = [" ".join(unescape(re.sub("<[^>]*>", "", text)).split()) for text in re.split(rf"</?(?:{BLOCKS})\b[^>]*>", body)]
    return [sentence for text in texts for sentence in re.split(r"(?<=[.!?])\s+", text) if sentence]


def pages(document: bytes) -> int:
    """How many pages a PDF has, from the root of its tree."""
    parts = [document]
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            parts.append(zlib.decompress(part))
        except zlib.error:
            continue
    return max(int(n) for part in parts for n in re.findall(rb"/Type /Pages.{0,200}?/Count (\d+)|$", part, re.DOTALL) if n)


def test_what_is_read_is_counted() -> None:
    html = (
        "<head><title>No</title></head><body><nav>Contents here.</nav><p>One <b>two</b>&nbsp;three. Four five!</p><details><p>No</p></details>"
        "<svg><text>No</text></svg><table><tr><td>Six. Seven.</td></tr></table></body>"
    )
    assert words(html) == ["Contents", "here.", "One", "two", "three.", "Four", "five!", "Six.", "Seven."]
    assert sentences(html) == ["One two three.", "Four five!"]


def test_the_report_on_the_sample_keeps_to_its_words(sample: str) -> None:
    n = len(words(sample))
    assert WORDS / 2 < n <= WORDS


def test_the_page_of_the_sample_is_light(sample: str) -> None:
    assert len(sample.encode()) <= KILOBYTES * 1000


def test_the_pdf_of_the_sample_keeps_to_its_pages(sample: str) -> None:
    assert PAGES / 2 < pages(pdf(sample)) <= PAGES


def test_no_sentence_stands_twice_in_the_report_on_the_sample(sample: str) -> None:
    found = sentences(sample)
    assert len(found) > 150
    assert [sentence for sentence, n in Counter(found).items() if n > 1 and len(sentence.split()) > LONG] == []


def test_no_point_of_a_list_stands_twice_in_the_report_on_the_sample(sample: str) -> None:
    points = re.findall(r"<li>(.*?)</li>", without(sample, "nav", "figure"), re.DOTALL)
    assert len(points) > 40
    assert [point for point, n in Counter(points).items() if n > 1] == []


def test_the_report_on_the_sample_has_its_sections_in_order_with_an_answer_each(sample: str) -> None:
    order = ["improvement", "skin_types", "sessions", "safety", "claims", "evidence", "providers", "records", "how-to-read"]
    shown = dict(re.findall(r'<section id="([^"]*)">(.*?)</section>', sample, re.DOTALL))
    assert list(shown) == order
    assert [name for name, body in shown.items() if '<div class="answer">' not in body] == ["how-to-read"]
    assert [name for name, body in shown.items() if '<div class="side">' not in body] == ["records", "how-to-read"]
    links = re.findall(r'<h2><a href="#(.*?)">', sample.partition('<nav id="contents"')[0])
    assert links == ["improvement", "sessions", "safety", "claims"]


def test_figures_of_the_sample_have_keys_that_say_what_a_band_is(sample: str) -> None:
    banded = [figure for figure in re.findall("<figure>.*?</figure>", sample, re.DOTALL) if 'fill-opacity="0.14"' in figure]
    assert len(banded) >= 3
    assert [figure[:80] for figure in banded if "95% CI" not in figure.partition('<ul class="key">')[2]] == []


@pytest.mark.slow
@pytest.mark.xfail(strict=True, reason="2,801 words on 29 November 2026: what a small clinic has too few for is said at length")
def test_the_report_on_12_patients_keeps_to_its_words(of_12: Path) -> None:
    assert len(words((of_12 / "report.html").read_text(encoding="utf-8"))) <= WORDS_OF_12


@pytest.mark.slow
def test_the_pdf_on_12_patients_keeps_to_its_pages(of_12: Path) -> None:
    assert pages((of_12 / "report.pdf").read_bytes()) <= PAGES_OF_12


@pytest.mark.slow
def test_no_sentence_stands_twice_in_the_report_on_12_patients(of_12: Path) -> None:
    found = Counter(sentences((of_12 / "report.html").read_text(encoding="utf-8")))
    assert [sentence for sentence, n in found.items() if n > 1 and len(sentence.split()) > LONG] == []
