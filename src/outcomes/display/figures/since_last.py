"""What has changed since an earlier report, as rows with an interval each: right is better, whatever is compared."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import Any

import pandas as pd

from outcomes.display.figures.canvas import HUES, INK, Figure
from outcomes.display.figures.elements import nothing
from outcomes.display.figures.strips import Axis, Group, Row, dot_rows, ends
from outcomes.display.prose.since_last import (
    difference_since,
    differences,
    label_of,
    name_of,
    topic_of,
    value_of,
    when,
)
from outcomes.display.words import first_up, listed
from outcomes.measures.since_last import BETTER, NO_CLEAR_CHANGE, WORSE, better_is

_NOTHING = ("Nothing to compare with the earlier report", "It holds no number that is also known now")

_LONGEST = 25.0
"""Percentage points beyond which a bar is cut, so that one rare event does not flatten all others."""


def since_last(since: pd.DataFrame) -> Figure:
    """The difference of each number of `outcomes.since_last_report` with its interval; better lies right, and what is clear is filled and bold."""
    rows = [row for row in differences(since) if row["verdict"] in (BETTER, WORSE, NO_CLEAR_CHANGE)]
    if not rows:
        return nothing(*_NOTHING)
    axes = {unit: _axis([*of]) for unit, of in groupby(sorted(rows, key=_unit), key=_unit)}
    groups = [Group(topic, [_row(row, axes[_unit(row)]) for row in of]) for topic, of in groupby(rows, key=topic_of)]
    told = "; ".join(f"{name_of(row)} {difference_since(row).cell}, {row['verdict']}" for row in rows)
    return Figure(
        title=_title(rows, when(since)),
        measure="This report less the earlier one; right is better. Filled: clearly better or worse; hollow: no clear change",
        said=f"This report less the earlier one. {first_up(told)}.",
        drawing=dot_rows(
            "The earlier report beside this one", ("Then and now", "Difference (95% CI)"), groups, ends("worse", "better")
        ),
        note="Bars: 95% CI of the difference. Each unit has a scale of its own; a bar that ends at the edge goes on beyond it.",
    )


def _title(rows: Iterable[dict[str, Any]], day: str) -> str:
    found = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in (BETTER, WORSE, NO_CLEAR_CHANGE)}
    told = [f"{n or 'none'} {verdict}" for verdict, n in found.items() if verdict != NO_CLEAR_CHANGE]
    unclear = [f"{found[NO_CLEAR_CHANGE]} without a clear change"] if found[NO_CLEAR_CHANGE] else []
    return f"{day}: {listed([*told, *unclear])}"


def _unit(row: dict[str, Any]) -> str:
    return str(row["unit"])


def _axis(rows: list[dict[str, Any]]) -> Axis:
    """Around no difference, as far as the longest interval in this unit reaches."""
    reach = max(abs(row[end]) for row in rows for end in ("conf_low", "conf_high")) or 1.0
    longest = min(reach, _LONGEST) if _unit(rows[0]) == "percentage points" else reach
    return Axis(-longest, longest, (0.0,))


def _row(row: dict[str, Any], axis: Axis) -> Row:
    told, is_clear = difference_since(row), row["verdict"] != NO_CLEAR_CHANGE
    better = better_is(row["compared"])
    low, high = sorted((better * row["conf_low"], better * row["conf_high"]))
    hue = HUES.get(row.get("endpoint", ""), INK)
    strip = axis.strip(axis.bar(low, high, hue), axis.mark(better * row["estimate"], hue, is_hollow=not is_clear))
    cell = f'{escape(told.estimate)} <span class="ci">({escape(told.interval)})</span>'
    about = f"{value_of(row, 'then')} then, {value_of(row, 'now')} now"
    return Row(label_of(row), (cell,), strip, about, is_clear)
