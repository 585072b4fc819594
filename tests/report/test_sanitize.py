"""Whatever a notebook shows as HTML comes onto the page harmless, balanced, and with its words."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.report.sanitize import ALLOWED, ALLOWED_ATTRIBUTES, DRAWN, DRAWN_ATTRIBUTES, allowed_html

ATTACKS = {
    "script": "<script>alert(1)</script>",
    "script in capitals": "<ScRiPt>alert(1)</sCrIpT>",
    "script left open": "<script>alert(1)",
    "script inside a script": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "script with a slash": "<script/x>alert(1)</script/x>",
    "script after a null": "<scr\0ipt>alert(1)</scr\0ipt>",
    "tag left open at the end": "<img src=x onerror=alert(1) ",
    "handler": '<td onclick="alert(1)" onmouseover=alert(1)>1</td>',
    "handler after a slash": "<b/onclick=alert(1)>1</b>",
    "handler in a quote": '<span title="a"onclick=alert(1)>1</span>',
    "handler out of a quote": "<span title='\"><img src=x onerror=alert(1)>'>1</span>",
    "handler out of a backtick": "<span title=`><img src=x onerror=alert(1)>`>1</span>",
    "handler of a fold": "<details open ontoggle=alert(1)><summary>1</summary></details>",
    "style": "<style>@import url(https://example.org)</style>",
    "style of an element": '<p style="background: url(https://example.org/x.png)">1</p>',
    "link": '<a href="javascript:alert(1)">1</a>',
    "link with a tab": '<a href="java&#9;script:alert(1)">1</a>',
    "picture": "<img src=https://example.org/x.png srcset=https://example.org/y.png>",
    "picture of old": "<image src=x onerror=alert(1)>",
    "frame": "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "object": "<object data=x><embed src=x></object>",
    "form": "<form action=https://example.org><input name=a><button formaction=x>1</button></form>",
    "base": "<base href=https://example.org><meta http-equiv=refresh content='0;url=https://example.org'>",
    "drawing": "<svg><script>alert(1)</script><a xlink:href='javascript:alert(1)'>1</a></svg>",
    "drawing that fetches": "<svg><path fill='url(https://example.org/x.svg#a)' d='M0 0'/><image href='https://example.org/x.png'/></svg>",
    "drawing that fetches in capitals": "<svg><rect stroke='URL( https://example.org )' width=1 height=1 /></svg>",
    "drawing with its own style": "<svg><style>*{fill:red}</style><rect style='fill:red' id=contents class=a /></svg>",
    "drawing with a page inside": "<svg><foreignObject><iframe src=https://example.org></iframe><p>1</p></foreignObject></svg>",
    "drawing that takes another": "<svg><defs><g id=a /></defs><use xlink:href='#a' href='https://example.org/x.svg#a'/></svg>",
    "drawing that moves": "<svg><animate attributeName=href values='javascript:alert(1)'/><set attributeName=onclick to=alert(1) /></svg>",
    "drawing with a table inside": "<svg><table><td><img src=x onerror=alert(1)></table></svg>",
    "drawing left open": "<svg onload=alert(1)>",
    "formula": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "formula that is parsed twice": "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "title that is parsed twice": "<svg></p><title><a id='</title><img src=x onerror=alert(1)>'>",
    "words of no script": "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "raw text": "<xmp><img src=x onerror=alert(1)></xmp><noembed></noembed><plaintext><img src=x onerror=alert(1)>",
    "comment": "<!--><img src=x onerror=alert(1)>-->",
    "comment closed oddly": "<!-- --!><img src=x onerror=alert(1)> -->",
    "conditional comment": "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "instruction": "<?xml-stylesheet href=x?><!DOCTYPE x><![CDATA[<img src=x onerror=alert(1)>]]>",
    "template": "<template><img src=x onerror=alert(1)></template>",
    "words escaped twice": "&amp;lt;script&amp;gt; &lt;script&gt;alert(1)&lt;/script&gt;",
    "entity without an end": "&ltscript&gtalert(1)&lt/script&gt",
    "closing what is not its own": "</div></section></main></body></html><div>1",
    "ids of the page": "<p id=contents name=contents>1</p>",
    "parts of tables": "<table><td><script>alert(1)</script><caption><img src=x onerror=alert(1)></table>",
}


class Read(HTMLParser):
    """What a page says: its tags with their attributes, how many are open at its end, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.others: list[str] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("br", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "elements are closed in their order"

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_harmless(text: str) -> None:
    read = Read(text)
    assert {tag for tag, _ in read.tags} <= ALLOWED | DRAWN
    for tag, attrs in read.tags:
        allowed = ALLOWED_ATTRIBUTES | (DRAWN_ATTRIBUTES if tag in DRAWN else set())
        assert attrs.keys() <= {name.lower() for name in allowed}
        assert tag not in DRAWN or not any("url" in (value or "").lower() for value in attrs.values())
    assert read.others == []
    assert read.open == []


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_comes_out_harmless(attack: str) -> None:
    shown = allowed_html(f"<table><tr><td>before</td></tr></table>{attack}")
    assert_harmless(shown)
    assert shown.startswith("<table><tbody><tr><td>before</td></tr></tbody></table>")
    assert allowed_html(shown) == shown, "read once more, it is the same: nothing was hidden for a second reading"


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_inside_a_cell_comes_out_harmless(attack: str) -> None:
    assert_harmless(allowed_html(f"<details><summary>s</summary><table><tr><td>{attack}</td></tr></table></details>"))


PIECES = ["<", ">", "</", "/>", '"', "'", "`", "=", "<!--", "-->", "]]>", "<![CDATA[", "&lt;", "&#60;", "&", "\0", "\n", " ", "a"]
NAMES = [
    "script",
    "style",
    "svg",
    "path",
    "foreignObject",
    "math",
    "table",
    "td",
    "title",
    "noscript",
    "textarea",
    "img",
    "p",
    "details",
    "select",
    "xmp",
]


@given(st.lists(st.sampled_from([*PIECES, *NAMES, "onclick", "href", "title", "class"]), max_size=40).map("".join))
def test_whatever_is_put_together_comes_out_harmless(text: str) -> None:
    assert_harmless(allowed_html(text))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")))
def test_words_stay(words: str) -> None:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert Read(allowed_html(f"<b>{escaped}</b>")).words == words


def test_what_a_table_needs_stays() -> None:
    table = (
        '<div class="scroll" tabindex="0" role="region" aria-label="table"><table class="numbers"><caption>Of whom</caption>'
        '<colgroup><col span="2"></colgroup><thead><tr><th scope="col" colspan="2">n</th></tr></thead><tbody><tr><td rowspan="2">'
        '<abbr title="confidence interval">CI</abbr> 0.8–1.0 &lt; 2</td></tr></tbody></table></div>'
    )
    assert allowed_html(table) == table


def test_what_a_drawing_needs_stays() -> None:
    drawing = (
        '<svg class="chart" viewBox="0 0 400 292" width="400" role="img" aria-label="Line chart"><path d="M0 0L9 9" fill="none" stroke="#0b6b75" '
        'stroke-width="2" stroke-dasharray="5 3"></path><text x="20" y="9.5" font-size="14" fill="#1b1f24" text-anchor="middle" '
        'font-weight="700">−0.9 &lt; 0</text><svg x="14.63%" y="14" overflow="visible"><circle r="5.2" fill="#ffffff"></circle></svg></svg>'
    )
    assert allowed_html(drawing) == drawing


def test_attributes_keep_their_order_so_that_a_report_has_the_same_bytes() -> None:
    text = '<span title="t" class="c" lang="en" role="note" aria-label="a">1</span>'
    assert {str(allowed_html(text)) for _ in range(20)} == {text}


def test_what_is_left_open_is_closed_where_a_browser_closes_it() -> None:
    shown = allowed_html(
        '<div class="scroll" style="x"><table><tr><th scope="row">a<td>1 &lt; 2</table></div></div><script>x</script><img src=x>'
    )
    assert shown == '<div class="scroll"><table><tbody><tr><th scope="row">a</th><td>1 &lt; 2</td></tr></tbody></table></div>'
