"""Whether a text may be published: what it counts, and whether each of its numbers follows from ``estimates.csv``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from math import ceil

from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import SMALLEST_RELEASED
from outcomes.display.prose.how_to_read import how_to_read
from outcomes.display.prose.release import what_is_released
from outcomes.report.released_rows import FEWER, count_problem

_NOUNS = r"(?:courses?|patients?|people|persons?|women|woman|men|man|cases?|subjects?|individuals?|participants?)"
_SMALL_WORDS = ("one", "two", "three", "four", "five", "six", "seven")
_NUMBER = r"(?<![\d.,\w\N{MINUS SIGN}-])(\d[\d,]*)"
_COUNTS = (
    re.compile(
        rf"{_NUMBER}(?![.\d%])(?:[ \N{{NO-BREAK SPACE}}]+[a-z-]+){{0,2}}?[ \N{{NO-BREAK SPACE}}]+{_NOUNS}\b", re.IGNORECASE
    ),
    re.compile(rf"{_NUMBER} (?:out )?of (?:about |the |all )?(\d[\d,]*)\b", re.IGNORECASE),
    re.compile(rf"\b(?:of|in|among) (?:about |the |all )?{_NUMBER} {_NOUNS}\b", re.IGNORECASE),
    re.compile(r"\bn\s*=\s*(\d[\d,]*)", re.IGNORECASE),
)
_WORDED = re.compile(
    rf"\b(?:{'|'.join(_SMALL_WORDS)}) (?:(?:[a-z-]+ )?{_NOUNS}\b(?!['\N{{RIGHT SINGLE QUOTATION MARK}}])|(?:out )?of (?:the |all |about )?\d)",
    re.IGNORECASE,
)
_NEVER = re.compile(
    rf"{_NUMBER} (?:visits?|rows?|pairs?|providers?|years|year-olds?)\b|\b(?:oldest|youngest|minimum|maximum|longest|shortest|median)\b[^.]*?\d+",
    re.IGNORECASE,
)
"""Of what a release says nothing: visits and rows, providers, ages, least and greatest values."""

_LISTED = re.compile(rf"\b{_NOUNS}(?: [a-z]+)?: ?(\d[\d,]*)\b(?![.%])", re.IGNORECASE)
_ANY_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w])")
_COUNT_HEADS = re.compile(rf"^(?:{_NOUNS}|n)\b", re.IGNORECASE)

_FIXED = (
    f"{FEWER} of",
    f"A count of {FEWER}",
    f"fewer than {SMALLEST_RELEASED} courses",
)
"""What a release says of its own rule."""


class Text(HTMLParser):
    """The text of a page: `lines` of what is read or heard, `drawn` what stands in pictures, `cells` those of tables under their heads.

    What is outside of the body of a report, such as the name of the clinic and the dates, is in `given`; all else that a file holds, shown or
    not, in `unseen`.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.given: list[str] = []
        self.unseen: list[str] = []
        self.drawn: list[str] = []
        self.pictures: list[str] = []
        self.cells: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._heads: list[list[str]] = []
        self._row: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Texts of attributes are read out; a table begins with no heads, a row with no cells."""
        if tag not in _VOID:
            self._open.append(tag)
        for name, value in attrs:
            if name in ("alt", "title", "aria-label", "aria-description", "content", "data-running", "data-band") and value:
                (self.given if self._is_given else self.lines).append(value)
            elif name not in _DRAWN and value:
                self.unseen.append(value)
            is_logo = ("class", "logo") in attrs and "header" in self._open
            if name in _SOURCES and value and value.startswith("data:") and len(value) > len("data:,") and not is_logo:
                self.pictures.append(tag)
        if tag == "table":
            self._heads.append([])
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th"):
            self._row.append("")
        if tag not in _INLINE:
            self.lines.append("")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """A row that ends gives its cells, under the heads of its table."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "tr" and self._heads:
            if not self._heads[-1]:
                self._heads[-1] = self._row
            else:
                self.cells += [*zip(self._heads[-1], self._row, strict=False)]
        elif tag == "table" and self._heads:
            self._heads.pop()
        if tag not in _INLINE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        """Text that is shown."""
        if {"style", "script"} & {*self._open}:
            self.unseen.append(data)
            return
        if "svg" in self._open:
            self.drawn.append(data.strip())
        elif self._is_given:
            self.given.append(data)
        else:
            self.lines[-1] += data
            if self._row and {"td", "th"} & {*self._open}:
                self._row[-1] += data

    def handle_comment(self, data: str) -> None:
        """What is in the file is published, shown or not."""
        self.unseen.append(data)

    @property
    def _is_given(self) -> bool:
        return bool({"header", "footer", "head"} & {*self._open})


_SOURCES = ("src", "href", "xlink:href")
_DRAWN = (*_SOURCES, "d", "points", "viewbox", "transform", "content")
_VOID = ("meta", "link", "img", "br", "hr", "input", "wbr", "path", "rect", "circle", "line", "use")
_INLINE = ("b", "strong", "i", "em", "span", "small", "a", "code", "sup", "sub", "tspan", "text", "g", "svg", *_VOID)


def page_breaches(page: str, rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """What a page, or a part of one, must not say; a sentence each."""
    text = Text(page)
    for line in text.lines:
        yield from counts_in(line)
    # A clinic may have a number in its name.
    for line in [*text.given, *text.unseen]:
        yield from counts_in(line, worded=False)
    known = numbers_known(rows)
    for line in text.lines:
        yield from strangers_in(line, known)
    for head, cell in text.cells:
        if _COUNT_HEADS.match(head.strip()):
            yield from (f"{_short(cell)} under {head.strip()}: {problem}" for problem in _cell_problems(cell))
    yield from _drawn(text.drawn, rows)
    if [tag for tag in text.pictures if tag != "link"]:
        yield "a picture that is not drawn in the page: its numbers can't be read"


def text_breaches(text: str, rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """The same of plain text or Markdown."""
    known = numbers_known(rows)
    for line in re.sub(r"[*_`]", "", text).splitlines():
        yield from counts_in(line)
        yield from strangers_in(line, known)


def counts_in(text: str, *, worded: bool = True) -> Iterator[str]:
    """Counts of patients, courses or visits that must not be published, those in words only where they are `worded`."""
    plain = _without_fixed(" ".join(text.split()))
    for found in _NEVER.finditer(plain):
        yield f"“{_short(found[0])}”: not published of anybody"
    for pattern in (*_COUNTS, _LISTED):
        for found in pattern.finditer(plain):
            for number in found.groups():
                if problem := count_problem(float(number.replace(",", ""))):
                    yield f"“{_short(found[0])}”: {problem}"
    for found in _WORDED.finditer(plain) if worded else ():
        yield f"“{_short(found[0])}”: it is a count of 1 to {SMALLEST_RELEASED - 1}"


def _without_fixed(text: str) -> str:
    """A text without what a release says of its own rule, also over the end of a line."""
    for words in _FIXED:
        pattern = r"\s+".join(map(re.escape, words.split()))
        text = re.sub(pattern, "of" if words.endswith("of") else "", text)
    return text


def printed_breaches(text: str) -> Iterator[str]:
    """Counts in a printed text, line by line, as what stands beside each other on paper need not belong together."""
    for line in _without_fixed(text).splitlines():
        yield from counts_in(line)


def strangers_in(text: str, known: set[str]) -> Iterator[str]:
    """Numbers that neither ``estimates.csv`` nor any fixed text has."""
    for found in _ANY_NUMBER.finditer(" ".join(text.split())):
        if found[0].rstrip(",").replace(",", "") not in known:
            around = " ".join(text.split())[max(0, found.start() - 20) : found.end() + 20]
            yield f"{found[0]} in “{around}”: it does not follow from estimates.csv"


def numbers_known(rows: Sequence[Mapping[str, str]]) -> set[str]:
    """The numbers that a text on these rows can hold, as they are printed without signs and commas."""
    fixed = f"{how_to_read('', SMALLEST_RELEASED)} {what_is_released()} 95 {' '.join(scale.label for scale in SCALES.values())}"
    known = {found[0].replace(",", "") for found in re.finditer(r"\d[\d,]*(?:\.\d+)?", fixed)}
    known |= {f"{end:g}" for scale in SCALES.values() for end in (scale.low, scale.high)} | {f"{place}" for place in range(1, 10)}
    for row in rows:
        values = [
            float(row[name])
            for name in ("n", "events", "session", "estimate", "conf_low", "conf_high", "baseline")
            if row.get(name)
        ]
        if row.get("baseline") and row.get("estimate"):
            values += [float(row["baseline"]) + sign * float(row["estimate"]) for sign in (1, -1)]
        for value in map(abs, values):
            known |= {f"{value:g}", *(f"{value:.{places}f}" for places in range(3))}
    return known


def _cell_problems(cell: str) -> Iterator[str]:
    """What is wrong with the numbers of a cell that counts."""
    plain = _without_fixed(cell.strip()).strip()
    if plain == FEWER:
        return
    for number in re.findall(r"\d[\d,]*", plain):
        if problem := count_problem(float(number.replace(",", ""))):
            yield problem


def _drawn(drawn: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Numbers in a picture that are neither counts as they are published nor sessions nor marks of an axis."""
    sessions = {f"{float(row['session']):g}" for row in rows if row.get("session")}
    known = numbers_known(rows)
    last = max((ceil(float(session)) for session in sessions), default=0)
    for words in drawn:
        if re.fullmatch(r"\d+", words) and int(words) > last and words not in known and (problem := count_problem(float(words))):
            yield f"{words} in a picture: {problem}"
        elif not re.fullmatch(r"[\d.,+\N{MINUS SIGN}<%-]*", words):
            yield from counts_in(words)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
