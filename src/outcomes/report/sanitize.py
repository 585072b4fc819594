"""HTML that a notebook shows, reduced to what may stand on the page."""

from __future__ import annotations

import nh3
from markupsafe import Markup

# fmt: off
ALLOWED = {
    "abbr", "b", "br", "caption", "code", "col", "colgroup", "dd", "details", "div", "dl", "dt", "em", "figcaption", "figure", "i",
    "li", "ol", "p", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}
# fmt: on
# No id: a notebook that is run twice would repeat it on the page.
ALLOWED_ATTRIBUTES = {"aria-label", "class", "colspan", "lang", "open", "role", "rowspan", "scope", "span", "tabindex", "title"}
UNSHOWN = {"script", "style", "template", "iframe", "object", "svg", "math", "noscript", "title", "textarea", "select"}
"""Elements that are left out with all they hold; of others that are not allowed, the words stay."""


def allowed_html(text: str) -> Markup:
    """HTML of a notebook with only tables, folds and words left: no script, style, picture, link or form.

    What comes out is balanced: nothing that a notebook leaves open reaches over its own place on the page.

    Example:
        >>> allowed_html('<td onclick="run()">a <a href="https://example.org">link</a><script>run()</script>')
        Markup('a link')
        >>> allowed_html('<p title="a" style="color: red">open <b>and left so')
        Markup('<p title="a">open <b>and left so</b></p>')
    """
    kept = nh3.clean(
        text, tags=ALLOWED, clean_content_tags=UNSHOWN, attributes={"*": ALLOWED_ATTRIBUTES}, link_rel=None, strip_comments=True
    )
    return Markup(kept)
