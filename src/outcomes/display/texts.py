"""Texts that a notebook shows: paragraphs, points, what opens on request, and why there is no answer."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd


class Prose(str):
    """Markdown that a notebook shows as text."""

    def _repr_markdown_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


NOTHING_MIME = "application/vnd.outcomes.nothing+json"
"""What marks a shown text that says why there is no answer, so that a report can gather such texts."""


class Nothing(Prose):
    """Markdown that says why a question has no answer: too few courses, or nothing recorded."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/markdown": str(self), NOTHING_MIME: {}}


def paragraphs(*texts: str) -> Prose:
    """Several texts below each other, as one."""
    return Prose(_PARAGRAPH.join(texts))


_PARAGRAPH = "\n\n"


def points(*texts: str) -> Prose:
    """Each text as a point of a list, its paragraphs joined; lists stay lists.

    What is blank is left out, and what is without an answer where there is something to tell.
    """
    given = [text for text in texts if text]
    told = [text for text in given if not isinstance(text, Nothing)]
    if not told:
        return Nothing(" ".join(given))
    each = (text if text.startswith("- ") else f"- {text.replace(_PARAGRAPH, ' ')}" for text in told)
    return Prose("\n".join(each))


def of_each_endpoint(frame: pd.DataFrame, told: Callable[[pd.DataFrame, str], str], between: str = "\n\n") -> str:
    """What is told of each endpoint of a frame, in order; `told` takes its rows and all that was said before, so that nothing is explained twice."""
    said = ""
    for _, rows in frame.groupby("endpoint", sort=False):
        said += f"{between if said else ''}{told(rows, said)}"
    return said


def fold(name: str, html: str) -> str:
    """HTML that opens on request, under its name."""
    return f'<details class="numbers"><summary>{escape(name)}</summary>{html}</details>'
