"""For mkdocstrings: the heading `Example:` of our docstrings is one of examples that were run, which Griffe calls `Examples:`."""

from __future__ import annotations

import re
from typing import Any

import griffe


class RunExamples(griffe.Extension):
    """Renames the heading before the docstring is parsed."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = re.sub(r"^(\s*)Example:$", r"\1Examples:", obj.docstring.value, flags=re.MULTILINE)
