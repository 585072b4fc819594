"""HTML that a notebook shows, reduced to what may stand on the page."""

from __future__ import annotations

import nh3
from markupsafe import Markup

# fmt: off
ALLOWED = {
    "abbr", "b", "br", "caption", "code", "col", "colgroup", "dd", "details", "div", "dl", "dt", "em", "figcaption", "figure", "i",
    "li", "ol", "p", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}
DRAWN = {"circle", "g", "line", "path", "rect", "svg", "text"}
"""What pictures are drawn with: nothing that runs, styles, links or takes another from elsewhere."""

DRAWN_ATTRIBUTES = {
    "cx", "cy", "d", "fill", "fill-opacity", "font-family", "font-size", "font-weight", "height", "overflow", "r", "stroke", "stroke-dasharray",
    "stroke-opacity", "stroke-width", "text-anchor", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2",
}
# No id: a notebook that is run twice would repeat it on the page.
ALLOWED_ATTRIBUTES = {
    "aria-hidden", "aria-label", "class", "colspan", "lang", "open", "role", "rowspan", "scope", "span", "tabindex", "title",
}
# fmt: on
UNSHOWN = {"script", "style", "template", "iframe", "object", "foreignObject", "math", "noscript", "title", "textarea", "select"}
"""Elements that are left out with all they hold; of others that are not allowed, the words stay."""


def allowed_html(text: str) -> Markup:
    """HTML of a notebook with only tables, folds, words and drawings left: no script, style, link or form, and nothing from elsewhere.

    What comes out is balanced: nothing that a notebook leaves open reaches over its own place on the page.

    Example:
        >>> allowed_html('<td onclick="run()">a <a href="https://example.org">link</a><script>run()</script>')
        Markup('a link')
        >>> allowed_html('<p title="a" style="color: red">open <b>and left so')
        Markup('<p title="a">open <b>and left so</b></p>')
    """
    attributes = {"*": ALLOWED_ATTRIBUTES} | dict.fromkeys(DRAWN, ALLOWED_ATTRIBUTES | DRAWN_ATTRIBUTES)
    kept = nh3.clean(
        text,
        tags=ALLOWED | DRAWN,
        clean_content_tags=UNSHOWN,
        attributes=attributes,
        attribute_filter=_own,
        link_rel=None,
        strip_comments=True,
    )
    return Markup(kept)


def _own(element: str, attribute: str, value: str) -> str | None:
    """The value of an attribute, unless a drawing would fetch it from somewhere."""
    return None if attribute in DRAWN_ATTRIBUTES and "url" in value.lower() else value
