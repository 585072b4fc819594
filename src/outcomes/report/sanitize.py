"""HTML that a notebook shows, reduced to what may stand on the page."""

from __future__ import annotations

from html.parser import HTMLParser

from markupsafe import Markup, escape

# fmt: off
ALLOWED = {
    "abbr", "b", "br", "caption", "code", "col", "colgroup", "dd", "details", "div", "dl", "dt", "em", "figcaption", "figure", "i",
    "li", "ol", "p", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}
# fmt: on
# No id: a notebook that is run twice would repeat it on the page.
ALLOWED_ATTRIBUTES = {"aria-label", "class", "colspan", "lang", "open", "role", "rowspan", "scope", "span", "tabindex", "title"}
VOID = ("br", "col")
UNSHOWN = {"script", "style", "template", "iframe", "object", "svg", "math", "noscript", "title", "textarea", "select"}


class _Allowed(HTMLParser):
    """Writes down the allowed elements and attributes, balanced, and escapes all text; what must not be shown is skipped whole."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._skipping = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping:
            return
        if tag in UNSHOWN:
            self._skipping = tag
        elif tag in ALLOWED:
            kept = (f' {name}="{escape(value or "")}"' for name, value in attrs if name in ALLOWED_ATTRIBUTES)
            self.written.append(f"<{tag}{''.join(kept)}>")
            self._open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in UNSHOWN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            self._skipping = "" if tag == self._skipping else self._skipping
        elif tag in self._open:
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.written.append(str(escape(data)))

    def close(self) -> None:
        super().close()
        while self._open:
            self._close()

    def _close(self) -> str:
        tag = self._open.pop()
        self.written.append(f"</{tag}>")
        return tag


def allowed_html(text: str) -> Markup:
    """HTML of a notebook with only tables, folds and words left: no script, style, picture, link or form."""
    parser = _Allowed()
    parser.feed(text)
    parser.close()
    return Markup("".join(parser.written))
