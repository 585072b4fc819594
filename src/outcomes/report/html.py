"""Executed notebooks in, one self-contained page out, and the same page as PDF.

The page holds no script and asks for nothing: pictures are part of it, its one style sheet is inside and named by its hash
in the content security policy. Whatever a notebook shows is escaped or passes a list of allowed elements.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import count
from typing import Any, NamedTuple

import jinja2
import mistune
from markupsafe import Markup, escape

from outcomes.display.page_one import PAGE_ONE_MIME
from outcomes.display.prose.eligibility import NOTHING
from outcomes.display.words import counted, first_up
from outcomes.report.branding import Branding
from outcomes.report.figure_numbers import numbered
from outcomes.report.masthead import Masthead
from outcomes.report.sanitize import allowed_html

PRODUCT = "Microneedling outcomes"
SUMMARY = "1_summary"
TILES = '<div class="tiles">'
"""How page one begins, whose questions are its headings."""


class Section(NamedTuple):
    """One notebook on the page: `title` is plain text, `body` is HTML with headings from h3 down."""

    id: str
    title: str
    body: Markup


class Page(NamedTuple):
    """What stands on the page beside its sections.

    `masthead` is what was given of the clinic and the dates, `branding` its logo and the colour of links; `rows` are those analysed and set aside, `version` is that of this
    software; `is_invented` where the records are those that come with it.
    """

    source: str
    rows: int
    courses: int
    patients: int
    version: str
    rows_aside: int = 0
    masthead: Masthead = Masthead()
    branding: Branding = Branding()
    is_invented: bool = False


def page(about: Page, notebooks: Iterable[tuple[str, str, Any]]) -> str:
    """The whole report as one HTML page; `notebooks` are (name, subject, executed notebook) in the order of the page.

    The subject, such as "acne scarring", begins the title of a notebook that is run for several; else it is "".
    """
    used: set[str] = {"content", "contents"}
    numbers = count(1)
    sections = [section(name, subject, notebook, used, numbers) for name, subject, notebook in notebooks]
    css = (files("outcomes.report") / "templates" / "page.css").read_text(encoding="utf-8")
    if about.branding.accent:
        css += f":root {{ --accent: {about.branding.accent}; }}\n"
    is_summary = bool(sections) and sections[0].id == SUMMARY
    text = _template("page.html.j2").render(
        product=PRODUCT,
        about=about,
        masthead=about.masthead,
        logo=about.branding.logo,
        counted=counted,
        summary=sections[0] if is_summary else None,
        is_page_one=is_summary and TILES in sections[0].body,
        sections=sections[1:] if is_summary else sections,
        css=Markup(css),
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    )
    return _linked(text, [section.id for section in sections])


def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    return environment.from_string((files("outcomes.report") / "templates" / name).read_text(encoding="utf-8"))


def _linked(text: str, ids: Sequence[str]) -> str:
    """The page with its links to a notebook leading to its first section; where it is not on the page, the words stay without the link."""

    def link(found: re.Match[str]) -> str:
        to = next((id for id in ids if id.startswith(found[1])), None)
        return f'<a href="#{to}">{found[2]}</a>' if to else found[2]

    return re.sub(r'<a href="#section:(\w+)">(.*?)</a>', link, text)


def section(name: str, subject: str, notebook: Any, used: set[str], numbers: Iterator[int]) -> Section:
    """A notebook as a section: its first heading is the title, code and stderr are left out. Ids join those `used`; figures take the next of `numbers`."""
    prose = _Prose(used, own=_unique(name, used))
    body = Markup("\n").join(numbered([part for part in _parts(notebook, prose) if part.strip()], numbers))
    return Section(prose.own, _title(prose.title or name, subject), body)


def _title(title: str, subject: str) -> str:
    """``"How much better?", "acne scarring"`` -> ``"Acne scarring: how much better?"``, unless the title names its subject."""
    if not subject or subject.lower() in title.lower():
        return title
    rest = title if title[1:2].isupper() else title[:1].lower() + title[1:]
    return f"{first_up(subject)}: {rest}"


def _parts(notebook: Any, prose: _Prose) -> Iterator[Markup]:
    markdown = mistune.create_markdown(renderer=prose, plugins=["table", "strikethrough"])
    is_answered = False
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield Markup(str(markdown(_text(cell["source"]))))
        for output in cell.get("outputs", ()):
            part, is_prose = _output(output, markdown)
            # The first computed prose is the answer to the section's question and stands out.
            if is_prose and not is_answered and part.strip():
                part, is_answered = Markup('<div class="answer">{}</div>').format(part), True
            yield part


def _output(output: Mapping[str, Any], markdown: Any) -> tuple[Markup, bool]:
    """One output as HTML, and whether it is prose."""
    if output["output_type"] == "stream":
        return (_plain(_text(output["text"])), False) if output["name"] == "stdout" else (Markup(""), False)
    data, metadata = output.get("data", {}), output.get("metadata", {})
    if PAGE_ONE_MIME in data:
        return _page_one(data[PAGE_ONE_MIME], markdown), False
    if "text/html" in data:
        return allowed_html(_text(data["text/html"])), False
    if "image/png" in data:
        return _picture(data, metadata.get("image/png", {})), False
    if "text/markdown" in data:
        return Markup(str(markdown(_text(data["text/markdown"])))), True
    return _plain(_text(data.get("text/plain", ""))), False


def _page_one(parts: Mapping[str, Any], markdown: Any) -> Markup:
    """The tiles of the first page, what to act on and what to be careful about; its sentences are Markdown."""

    def line(text: str) -> Markup:
        return Markup(re.sub(r"^<p>|</p>$", "", str(markdown(text)).strip()))

    return Markup(_template("page_one.html.j2").render(line=line, nothing=NOTHING, **parts))


def _picture(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Markup:
    """A picture of a notebook's own, as it was drawn."""
    alt = metadata.get("alt") or _text(data.get("text/plain", ""))
    size = Markup("").join(
        Markup(' {}="{}"').format(side, int(metadata[side])) for side in ("width", "height") if side in metadata
    )
    picture = re.sub(r"[^A-Za-z0-9+/=]", "", _text(data["image/png"]))
    return Markup('<figure><img src="data:image/png;base64,{}" alt="{}"{}></figure>').format(picture, alt, size)


def _plain(text: str) -> Markup:
    clean = re.sub(r"\x1b\[[0-9;]*m", "", text).strip("\n")
    return Markup("<pre>{}</pre>").format(clean) if clean.strip() else Markup("")


def _text(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _unique(text: str, used: set[str]) -> str:
    base = re.sub(r"\W+", "-", text.lower()).strip("-") or "part"
    name = next(name for name in (base, *(f"{base}-{number}" for number in range(2, 1000))) if name not in used)
    used.add(name)
    return name


class _Prose(mistune.HTMLRenderer):
    """Markdown as HTML, raw HTML escaped. Takes the first heading as the section's title; the others nest below h2 without a jump."""

    def __init__(self, used: set[str], own: str) -> None:
        super().__init__(escape=True)
        self.used, self.own = used, own
        self.title = ""
        self._top, self._last = 0, 2

    def heading(self, text: str, level: int, **_: Any) -> str:
        plain = html.unescape(Markup(text).striptags())
        if not self.title:
            self.title, self._top = plain, level
            return ""
        self._last = depth = min(max(3, level - self._top + 2), self._last + 1, 6)
        return f'<h{depth} id="{_unique(f"{self.own}-{plain}", self.used)}">{text}</h{depth}>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        is_data = url.startswith("data:image/png;base64,")
        return f'<img src="{escape(url)}" alt="{escape(text)}">' if is_data else str(escape(text))

    def table(self, text: str) -> str:
        return f'<div class="scroll" tabindex="0" role="group" aria-label="table"><table>\n{text}</table></div>\n'

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        kind = f' class="{align}"' if align else ""
        return f'<th scope="col"{kind}>{text}</th>\n' if head else f"<td{kind}>{text}</td>\n"
