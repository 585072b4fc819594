"""What one Python value says as text, for cells that no engine can write as text, or not as the others do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

NO_TEXT = "not a text:"
"""What a cell begins with that is a list, a record, a span of time or bytes; what these hold follows, a line each."""

UNCLEAR = "#####"
"""What stands for a number that engines write in different ways, and for one whose last digits are lost: 1e+16, 0.00001, inf."""

_PLAIN = {"bool", "boolean", "float32", "float64", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}

LEAST, MOST, MOST_WHOLE = 0.001, 1e7, 1e15
"""The numbers with decimals that are plain, and the whole ones that a float holds to the last digit."""


def cell_text(value: Any) -> str | None:
    """A value as the text of a cell; None where nothing is recorded.

    >>> cell_text(12.0), cell_text(Decimal("87.500")), cell_text(-0.0), cell_text(float("nan")), cell_text(["a", 1])
    ('12', '87.5', '0', None, 'not a text:\\na\\n1')
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, np.floating | Decimal | Real):
        if value != value:
            return None
        # One of fewer bits has fewer digits of its own.
        return _number_text(value if isinstance(value, np.floating) else float(value))
    if isinstance(value, date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return "\n".join([NO_TEXT, *_leaves(value)])


def encodable(text: str) -> str:
    """A text without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _number_text(number: Any) -> str:
    size = abs(number)
    if size < MOST_WHOLE and number == int(number):
        return str(int(number))
    return str(number) if LEAST <= size < MOST else UNCLEAR


def texts(column: pd.Series) -> pd.Series:
    """The cells of a pandas column as text; a column of text, numbers or truth values as it is, which every engine reads alike."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        written = np.array([cell_text(each) for each in kind.categories] + [None], dtype=object)
        return pd.Series(written[column.cat.codes.to_numpy()], index=column.index, dtype=object)
    is_plain = isinstance(kind, pd.StringDtype) or kind.name.lower() in _PLAIN
    if is_plain or (kind.kind == "O" and pd.api.types.infer_dtype(column) in ("string", "empty")):
        return column
    return pd.Series([cell_text(each) for each in column], index=column.index, dtype=object)


def _leaves(value: Any) -> Iterator[str]:
    """What stands inside lists, records and bytes, each as text; however deep, and once where a list holds itself."""
    waiting, seen = [value], set[int]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping | list | tuple | set | frozenset | np.ndarray | pd.Series):
            if id(each) not in seen:
                seen.add(id(each))
                inside = (
                    [*each.keys(), *each.values()]
                    if isinstance(each, Mapping)
                    else np.ravel(each)
                    if isinstance(each, np.ndarray)
                    else each
                )
                waiting.extend(reversed(list(inside)))
        elif isinstance(each, bytes | bytearray | memoryview):
            yield bytes(each).decode("utf-8", "replace")
        elif isinstance(each, str | Integral | Decimal | Real | date) or each is None or each is pd.NA or each is pd.NaT:
            yield (cell_text(each) or "").strip()
        else:
            yield encodable(str(each))
