"""Executed notebooks in, one self-contained page out, and the same page as PDF.

The page holds no script and asks for nothing: pictures are part of it, its one style sheet is inside and named by its hash
in the content security policy. Whatever a notebook shows is escaped or passes a list of allowed elements.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import count
from typing import Any, NamedTuple

import jinja2
import mistune
from markupsafe import Markup, escape

from outcomes.cohort.groups import GROUPED_BY
from outcomes.definitions.thresholds import FEW, ROUNDED_TO, SMALLEST_RELEASED
from outcomes.display.groups import called
from outcomes.display.page_one import PAGE_ONE_MIME
from outcomes.display.prose.eligibility import NOTHING as NO_ACTION
from outcomes.display.prose.how_to_read import HOW_TO_READ, how_to_read
from outcomes.display.texts import NOTHING_MIME
from outcomes.display.words import counted
from outcomes.report.branding import Branding
from outcomes.report.figure_numbers import numbered
from outcomes.report.masthead import Masthead
from outcomes.report.sanitize import allowed_html

PRODUCT = "Microneedling outcomes"
SUMMARY, RECORDS = "summary", "records"
"""The sections that stand first and, before how to read the report, last: an owner reads the answers first."""

CAREFUL = "What to be careful about"
"""The heading of what stands beside the figures of a section."""


class Section(NamedTuple):
    """One notebook on the page: `title` is plain text; the rest is HTML with headings from h3 down.

    `answer` is its first computed prose, `careful` is what stands beside the figures; `is_page_one` where its parts have headings of their own.
    """

    id: str
    title: str
    answer: Markup
    body: Markup
    careful: Markup = Markup("")
    is_page_one: bool = False


class Page(NamedTuple):
    """What stands on the page beside its sections.

    `masthead` is what was given of the clinic and the dates, `branding` its logo and the colour of links; `rows` are those analysed and set aside, `version` is that of this
    software; `subject` is whose courses it is of, where it is not of all; `is_invented` where the records are those that come with it; `has_list` where rows set aside are listed in a file. A report for the public says no numbers of its own.
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
    is_public: bool = False
    subject: str = ""
    has_list: bool = True

    @classmethod
    def for_the_public(cls, source: str, version: str, masthead: Masthead, branding: Branding, is_invented: bool) -> Page:
        """What stands on a page that is published."""
        return cls(source, 0, 0, 0, version, 0, masthead, branding, is_invented, is_public=True)


def page(about: Page, notebooks: Iterable[tuple[str, Any]]) -> str:
    """The whole report as one HTML page; `notebooks` are (name, executed notebook), the summary first and the records last."""
    named = {name.partition("_")[2] or name: notebook for name, notebook in notebooks}
    order = sorted(named, key=lambda id: (id == RECORDS, id != SUMMARY))
    used: set[str] = {"content", "contents", HOW_ID, *named}
    numbers = count(1)
    told: set[str] = set()
    sections = [_once(section(id, named[id], used, numbers, ids=named), told) for id in order]
    sections.append(_how_to_read(sections, used, fewest=SMALLEST_RELEASED if about.is_public else FEW))
    css = (files("outcomes.report") / "templates" / "page.css").read_text(encoding="utf-8")
    if about.branding.accent:
        css += f":root {{ --accent: {about.branding.accent}; }}\n"
    summary = sections.pop(0) if sections[0].id == SUMMARY else None
    return template("page.html.j2").render(
        product=PRODUCT,
        about=about,
        masthead=about.masthead,
        logo=about.branding.logo,
        counted=counted,
        step=ROUNDED_TO,
        smallest=SMALLEST_RELEASED,
        summary=summary,
        sections=sections,
        careful=CAREFUL,
        css=Markup(css),
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    )


def _once(of: Section, told: set[str]) -> Section:
    """The section without the points of a list that stand on the page already; they join those `told`. A list without points goes with its heading.

    The key of a figure is no list of points: every figure keeps its own.
    """

    def point(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        is_new = found[1] not in told
        told.add(found[1])
        return found[0] if is_new else ""

    def new(part: Markup) -> Markup:
        kept = re.sub(r"<figure>.*?</figure>|<li>(.*?)</li>\n?", point, part, flags=re.DOTALL)
        return Markup(re.sub(r"(<h\d[^>]*>[^<]*</h\d>\s*)?<([uo])l>\s*</\2l>\n?", "", kept).strip())

    return of._replace(body=new(of.body), careful=new(of.careful))


HOW_ID = "how-to-read"


def _how_to_read(sections: Sequence[Section], used: set[str], fewest: int) -> Section:
    """The last section, with the words that the others use."""
    shown = "".join(part for each in sections for part in (each.answer, each.body, each.careful))
    text = Markup(re.sub(r"<details.*?</details>", " ", shown, flags=re.DOTALL)).striptags()
    said = _markdown(_Prose(used, own=HOW_ID, top=2))(str(how_to_read(text, fewest)))
    return Section(HOW_ID, HOW_TO_READ, Markup(""), Markup('<div class="how">{}</div>').format(Markup(str(said))))


def _markdown(prose: _Prose) -> Any:
    return mistune.create_markdown(renderer=prose, plugins=["table", "strikethrough"])


def template(name: str) -> jinja2.Template:
    """A page of this package to be filled in; what is filled in is escaped."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    return environment.from_string((files("outcomes.report") / "templates" / name).read_text(encoding="utf-8"))


class _Group(NamedTuple):
    """What stands under one heading of a notebook: the heading with its own text, and what its cells show, each with its kind."""

    title: str
    heading: Markup
    shown: list[tuple[Markup, str]]

    @property
    def is_answered(self) -> bool:
        """Whether the first thing shown is an answer; without an answer what follows has nothing to stand on."""
        return not self.shown or self.shown[0][1] != NOTHING

    @property
    def written(self) -> Markup:
        """What is written under the heading, without it."""
        return Markup(re.sub(r"<h\d[^>]*>.*?</h\d>\n?", "", self.heading))

    def parts(self) -> list[Markup]:
        """Everything in it; why there is nothing to draw only where nothing else is said."""
        is_told = any(kind == PROSE for _, kind in self.shown)
        return [self.heading, *(part for part, kind in self.shown if not (is_told and kind == NOTHING))]


def section(id: str, notebook: Any, used: set[str], numbers: Iterator[int], ids: Container[str] = ()) -> Section:
    """A notebook as a section: its first heading is the title, code and stderr are left out.

    Ids join those `used`, figures take the next of `numbers`, and page one leads to those of `ids`. Questions without an answer are
    named in one sentence at the end.
    """
    prose = _Prose(used, own=id)
    groups = _groups(notebook, prose, ids)
    kinds = [kind for group in groups for _, kind in group.shown]
    first = next((place for place, (_, kind) in enumerate(groups[0].shown) if kind in (PROSE, NOTHING)), None)
    answer = groups[0].shown.pop(first)[0] if first is not None else Markup("")
    if answer:
        groups[0] = groups[0]._replace(shown=[(part, kind) for part, kind in groups[0].shown if kind != NOTHING])
    beside, others = ([group for group in groups if (group.title == CAREFUL) == is_beside] for is_beside in (True, False))
    parts = [part for group in others if group.is_answered for part in group.parts()]
    parts += [part for group in beside for part, kind in group.shown if kind == FOLD]
    unanswered = [group.title for group in others if not group.is_answered]
    if unanswered:
        parts.append(
            Markup('<p class="nothing">Too few courses, or nothing recorded, to answer: {}</p>').format(" ".join(unanswered))
        )
    body = Markup("\n").join(numbered([part for part in parts if part.strip()], numbers))
    cautions = [
        part for group in beside for part in (group.written, *(part for part, kind in group.shown if kind not in (FOLD, NOTHING)))
    ]
    careful = Markup("\n").join(part for part in cautions if part.strip())
    return Section(id, _of_groups(prose.title, notebook) or id, answer, body, careful, PAGE_ONE in kinds)


def _of_groups(title: str, notebook: Any) -> str:
    """The title of a notebook that was asked to compare others than providers, with these: ``Do clinics differ?``."""
    by = notebook.get("metadata", {}).get("papermill", {}).get("parameters", {}).get("by")
    return title.replace("providers", called(by)) if by in GROUPED_BY else title


PAGE_ONE, PROSE, NOTHING, FOLD, OTHER = "page one", "prose", "nothing", "fold", ""
"""What one output is; nothing is a sentence that says why there is no answer."""


def _groups(notebook: Any, prose: _Prose, ids: Container[str]) -> list[_Group]:
    """What a notebook shows, by its headings; what stands before the first one under none."""
    markdown = _markdown(prose)
    groups = [_Group("", Markup(""), [])]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            title, text = prose.heading_text, Markup(str(markdown(_text(cell["source"]))))
            if prose.heading_text != title and prose.title != prose.heading_text:
                groups.append(_Group(prose.heading_text, text, []))
            else:
                groups[-1].shown.append((text, OTHER))
        groups[-1].shown.extend(each for output in cell.get("outputs", ()) if (each := _output(output, markdown, ids))[0].strip())
    return groups


def _output(output: Mapping[str, Any], markdown: Any, ids: Container[str]) -> tuple[Markup, str]:
    """One output as HTML, and what it is."""
    if output["output_type"] == "stream":
        return (_plain(_text(output["text"])), OTHER) if output["name"] == "stdout" else (Markup(""), OTHER)
    data, metadata = output.get("data", {}), output.get("metadata", {})
    if PAGE_ONE_MIME in data:
        return _page_one(data[PAGE_ONE_MIME], markdown, ids), PAGE_ONE
    if "text/html" in data:
        part = allowed_html(_text(data["text/html"]))
        return part, FOLD if part.startswith("<details") else NOTHING if part.startswith('<p class="nothing"') else OTHER
    if "image/png" in data:
        return _picture(data, metadata.get("image/png", {})), OTHER
    if "text/markdown" in data:
        return Markup(str(markdown(_text(data["text/markdown"])))), NOTHING if NOTHING_MIME in data else PROSE
    return _plain(_text(data.get("text/plain", ""))), OTHER


def _page_one(parts: Mapping[str, Any], markdown: Any, ids: Container[str]) -> Markup:
    """The tiles of the first page, what to act on and what to be careful about; its sentences are Markdown."""

    def line(text: str) -> Markup:
        return Markup(re.sub(r"^<p>|</p>$", "", str(markdown(text)).strip()))

    return Markup(template("page_one.html.j2").render(line=line, nothing=NO_ACTION, ids=ids, **parts))


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

    def __init__(self, used: set[str], own: str, top: int = 0) -> None:
        super().__init__(escape=True)
        self.used, self.own = used, own
        self.title, self.heading_text = "", ""
        self._top, self._last = top, 2

    def heading(self, text: str, level: int, **_: Any) -> str:
        plain = self.heading_text = html.unescape(Markup(text).striptags())
        if not self._top:
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
