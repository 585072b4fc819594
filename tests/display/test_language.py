"""The house words and the form of numbers, in all that the sample's notebooks show and in every sentence that the package can say.

Pictures are left out: their words have tests of their own.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import outcomes
from outcomes.display.words import first_up

ROOT = Path(__file__).parents[2]
PACKAGE = Path(outcomes.__file__).parent
NB, MINUS, DASH = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}", "\N{EN DASH}"

NEVER = {
    "what was not observed is had every patient continued": r"\bhad all continued\b|\bMAR\b|\bmodelled\b",
    "patients are still attending, or assessed last": r"\bcompleters?\b|\bas treated\b|\bwhatever each came to\b",
    "a course improved": r"\brespon(?:ders?|ded)\b",
    "a share is in per cent": r"\b(?:\d|none|all|more than 9|fewer than 1) in 10\b",
    "an interval is a 95% CI": r"\d\s?% interval|\bconfidence limits?\b|\bconfidence interval\b",
    "patients and courses": r"\bcases?\b|\bsubjects?\b|\btreatment series\b",
    "assessed": r"\b(?:scored|seen) then\b|\blooked at\b|\bunseen\b",
    "undecided": r"\binconclusive\b|\bnot enough patients\b",
    "too few": r"\binsufficient\b|\bn/a\b|\btoo few to say\b",
    "outside guidance": r"\b(?:beside|against) (?:it|guidance)\b",
    "verbs of action": r"\b[Mm]end\b|\blook into\b|\bconsider\b",
    "times as high": r"\btimes (?:higher|the odds)\b",
    "the median": r"\bin the median\b",
    "never of a treatment": (
        r"\b(?:approv\w+|safely|safe|prove[nds]?|effective\w*|efficac\w+|works|caused by|thanks to|significan\w+|guarantee\w*|cures?)\b"
    ),
    "British spelling": r"\b(?:colors?|centers?|analyz\w+|randomiz\w+|standardiz\w+|judgment|percent)\b",
}

FORM = {
    "a per cent sign is closed up": r"\d[ \N{NO-BREAK SPACE}]%",
    "no minus zero": rf"[-{MINUS}]0(?:\.0+)?(?![\d.])",
    "a real minus sign": r"(?<![\w-])-\d",
    "no p value": r"\b[pP] ?[<=] ?0",
    "one per cent sign to a range": rf"\d%{DASH}\d",
    "an en dash joins ends that are 0 or more": r"CI [<\d.]+%? to [\d.]",
    '"to" joins ends of which one is negative': rf"{MINUS}[\d.]+%?{DASH}|{DASH}{MINUS}",
    "skin types are joined by an en dash": r"\b[IV]+-[IV]+\b",
}

KEYS = {
    "percent",
    "percent of",
    "percent of the possible",
    "responders",
    "responded by, ",
    "responded by, at least",
    "responded by, at most",
    "session by which half would have responded",
}
"""Names of measures, by which their rows are found; nobody reads them."""


OF_MATPLOTLIB = re.compile(r"center|[\w.]*color")
"""Words by which matplotlib is told how to draw."""


def broken(text: str, rules: dict[str, str]) -> list[str]:
    """The rules that a text breaks, each with what breaks it."""
    return [f"{rule}: {found.group()!r} in {text}" for rule, pattern in rules.items() if (found := re.search(pattern, text))]


def without_quotations(text: str) -> str:
    """The text without what patients hear, which stands in quotation marks, and without the one question that asks for more than an answer may say."""
    return re.sub("“[^”]*”|Is it safe, also for darker skin\\?", "“”", text)


# What the notebooks show


@cache
def cells() -> list[dict[str, Any]]:
    return [
        cell
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    ]


def paragraphs() -> Iterator[str]:
    """Every paragraph and point of a list, of the cells of text and of the prose that the code shows."""
    for cell in cells():
        texts = [cell["source"]] if cell["cell_type"] == "markdown" else []
        texts += [
            output["data"]["text/markdown"] for output in cell.get("outputs", ()) if "text/markdown" in output.get("data", {})
        ]
        for text in texts:
            yield from filter(None, "".join(text).split("\n"))


def table_cells() -> Iterator[str]:
    """Every caption and cell of the tables, but the names and sources of trials and the words of columns."""
    for cell in cells():
        for output in cell.get("outputs", ()):
            html = "".join(output.get("data", {}).get("text/html", ""))
            if "How often each column is recorded" not in html:
                yield from (re.sub("<[^>]*>", "", found) for found in re.findall(r"<(?:td|th|caption|summary)[^>]*>[^<]*", html))


def test_there_is_something_to_read() -> None:
    assert sum(1 for _ in paragraphs()) > 60
    assert sum(1 for _ in table_cells()) > 1000


def test_no_sentence_of_the_sample_breaks_the_house_words() -> None:
    assert [fault for text in paragraphs() for fault in broken(without_quotations(text), NEVER | FORM)] == []


def test_no_table_of_the_sample_breaks_the_house_words() -> None:
    heard = re.compile(r"^\d+[a-z]?\. ")
    assert [
        fault for text in table_cells() if not heard.search(text) for fault in broken(without_quotations(text), NEVER | FORM)
    ] == []


def test_no_column_is_named_in_a_sentence_of_the_sample() -> None:
    assert [text for text in paragraphs() if re.search(r"\b[a-z]+_[a-z_]+\b", text)] == []


def test_no_sentence_of_the_sample_begins_with_a_figure_or_a_small_letter() -> None:
    begins = re.compile(r"(?:^|[.!?] )(?:\*\*)?[\da-z]")
    mark = re.compile(r"^(?:#+ |- |\d+\. )")
    assert [text for text in paragraphs() if begins.search(mark.sub("", text))] == []


def test_every_paragraph_of_the_sample_ends() -> None:
    assert [text for text in paragraphs() if not text.startswith("#") and not text.endswith((".", "**"))] == []


@pytest.mark.parametrize("texts", [paragraphs, table_cells])
def test_both_ends_of_an_interval_have_the_same_decimals(texts: Any) -> None:
    ends = re.compile(rf"(?:CI |\()<?([+{MINUS}]?\d[\d,]*(?:\.\d+)?)(?:{DASH}| to )([+{MINUS}]?\d[\d,]*(?:\.\d+)?)")
    found = [pair for text in texts() for pair in ends.findall(text.replace(NB, " ")) if "recorded" not in text]
    assert len(found) > 10
    assert [pair for pair in found if len({len(end.partition(".")[2]) for end in pair}) > 1] == []
    assert [pair for pair in found if pair[0] == pair[1]] == []


# What the package can say


def sources() -> list[Path]:
    return [*sorted((PACKAGE / "display").rglob("*.py")), PACKAGE / "cli.py", PACKAGE / "errors.py"]


def literals(path: Path) -> Iterator[str]:
    """Every string of a module but its docstrings, the parts of formatted ones each by itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in remarks:
            yield node.value


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_string_of_the_package_breaks_the_house_words(path: Path) -> None:
    said = [
        without_quotations(text)
        for text in literals(path)
        if text not in KEYS and not text.startswith("outcomes.") and not OF_MATPLOTLIB.fullmatch(text)
    ]
    closed_up = {rule: FORM[rule] for rule in ("a per cent sign is closed up", "no p value")}
    assert [fault for text in said for fault in broken(text, NEVER | closed_up)] == []


# The check itself


@pytest.mark.parametrize(
    "text",
    [
        "better, had all continued", "7 in 10 improved", "(95% interval 0.8 to 1.0)", "of 12 cases", "courses scored then",
        "is inconclusive", "beside guidance", "Mend these rows", "It is safe.", "proven to work", "3.4 times the odds", "8 % of courses",
        f"{MINUS}0.0 grades", "-0.9 grades", "p < 0.05", f"66%{DASH}81%", "95% CI 0.8 to 1.0", f"95% CI {MINUS}0.3{DASH}0.1", "types I-III",
    ],
)  # fmt: skip
def test_what_is_not_to_be_said_would_be_found(text: str) -> None:
    assert broken(text, NEVER | FORM)


@pytest.mark.parametrize(
    "text",
    [
        f"Acne scarring would have improved by 0.9 grades (95% CI 0.8{DASH}1.0).", f"no clear change ({MINUS}0.1; 95% CI {MINUS}0.3 to +0.1)",
        f"74% (66{DASH}81%)", f"types IV{DASH}VI", f"<0.1{DASH}9.9%", f"{MINUS}0.05",
    ],
)  # fmt: skip
def test_what_is_to_be_said_is_not(text: str) -> None:
    assert broken(text, NEVER | FORM) == []


def test_a_name_that_begins_small_stays_so_at_the_start_of_a_sentence() -> None:
    assert [first_up(words) for words in ("mMASI", "new PIH", "PIH", "")] == ["mMASI", "New PIH", "PIH", ""]
