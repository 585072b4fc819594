"""The index of the reports of groups: who they are, how many courses, and what became of the report of each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from outcomes import __version__
from outcomes.cohort.groups import SEVERAL
from outcomes.display.groups import called
from outcomes.display.words import counted, first_up, listed
from outcomes.report.html import PRODUCT, template
from outcomes.report.masthead import Masthead

GENERATOR = '<meta name="generator" content="outcomes: index of groups">'


def index_page(by: str, statuses: Sequence[Any], apart: Mapping[str, int], masthead: Masthead, left: Sequence[str] = ()) -> str:
    """The page as HTML, by code and never by result.

    `apart` are the courses of more than one and of none, which have no report; `left` are the reports of an earlier run still there.
    """
    css = (files("outcomes.report") / "templates" / "page.css").read_text(encoding="utf-8")
    groups = called(by)
    others = [
        f"{counted(n, 'courses')} {'with more than one' if name == SEVERAL else 'with none recorded'}"
        for name, n in apart.items()
    ]
    return template("index.html.j2").render(
        product=PRODUCT,
        generator=Markup(GENERATOR),
        title=f"Reports by {groups.removesuffix('s')}",
        group=groups.removesuffix("s"),
        head=first_up(groups.removesuffix("s")),
        statuses=statuses,
        others=f"{first_up(listed(others))} {'is' if sum(apart.values()) == 1 else 'are'} in the report of all alone."
        if others
        else "",
        left=listed([*left]) if left else "",
        masthead=masthead,
        version=__version__,
        css=Markup(css),
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    )
