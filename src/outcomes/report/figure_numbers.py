"""Figures are numbered through the page, and the table folded away under one is named after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from outcomes.display.tables.estimates import BEHIND

_FIGURE = "<figure><figcaption><strong>"
_FIGURE_INSIDE = "<figure>"
_FOLD = re.compile(r'<details class="numbers"><summary>(.*?)</summary>')


def numbered(parts: Sequence[Markup], numbers: Iterator[int]) -> list[Markup]:
    """The parts of a section: each figure with the next number, and the fold that follows it inside it and named after it.

    A fold farther below is the last figure's too where nothing else names it.
    """
    done: list[Markup] = []
    number, is_open = 0, False
    for part in parts:
        fold = _FOLD.match(part)
        if part.startswith(_FIGURE):
            number, is_open = next(numbers), True
            done.append(Markup(str(part).replace("<strong>", f"<strong>Figure {number}. ", 1)))
        elif fold and _FIGURE_INSIDE not in part and is_open and done[-1].startswith(_FIGURE):
            done[-1] = Markup(str(done[-1]).removesuffix("</figure>") + _named(str(part), fold[1], number) + "</figure>")
            is_open = False
        elif fold and is_open and fold[1] == BEHIND:
            done.append(Markup(_named(str(part), fold[1], number)))
            is_open = False
        else:
            # What stands below a folded figure is not behind the one above it.
            is_open = is_open and not (fold and _FIGURE_INSIDE in part)
            done.append(part)
    return done


def _named(fold: str, caption: str, number: int) -> str:
    """A fold with its name, wherever it is named, such as `Numbers in figure 3`."""
    more = "" if caption.startswith(BEHIND) else f": {caption[:1].lower()}{caption[1:]}"
    return fold.replace(caption, f"Numbers in figure {number}{more}")
