"""The pictures of a release: its changes as those of any report, its events as dot rows."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.notes import NoteCode, codes
from outcomes.display.figures.canvas import INK, Figure
from outcomes.display.figures.change import change_by_session
from outcomes.display.figures.elements import nothing
from outcomes.display.figures.skin_types import change_of_groups
from outcomes.display.figures.strips import Axis, Group, Row, dot_rows
from outcomes.display.notes import note_of
from outcomes.display.prose.adverse_events import label
from outcomes.display.words import first_up, listed, rate, rates


def released_change(change: pd.DataFrame) -> Figure:
    """Change after each session that is published, from `Release.change`."""
    after = change[(change["session"] > 0) & (change["measure"] == "change")]
    if after.groupby("endpoint")["session"].nunique().max() in (0, 1) or after.empty:
        return nothing("Too few courses to publish how much better", "Fewer than two sessions can be published")
    return change_by_session(change)


def released_by_skin_types(by_types: pd.DataFrame, change: pd.DataFrame) -> Figure:
    """Change of each group of skin types after each session that is published, from `Release.by_skin_types` and `Release.change`."""
    if by_types[by_types["session"] > 0].empty:
        return nothing("Too few courses to publish groups of skin types apart", "They are published all together or not at all")
    return change_of_groups(by_types, change)


def released_events(events: pd.DataFrame) -> Figure:
    """One dot and interval for each event whose count is published, most frequent first; events that are alike in what is known share a row."""
    whole = events[events["skin_types"].isna()] if "skin_types" in events else events
    rows = whole[whole["n"] > 0].to_dict("records")
    if not rows:
        return nothing("Adverse events are not published", "They are not recorded, or in too few courses")
    ordered = sorted(rows, key=lambda row: (row["event"] != ANY, -row["events"] if row["events"] > 0 else 0, row["events"] == 0))
    alike: dict[str, list[dict[str, Any]]] = {}
    for row in ordered:
        known = row["event"] if row["event"] == ANY or row["events"] > 0 else f"{row['n']} {row['events']} {note_of(row)}"
        alike.setdefault(known, []).append(row)
    axis = Axis.of([row["conf_high"] for row in rows], most=100.0, unit="%")
    drawn = [_row(same, axis) for same in alike.values()]
    return Figure(
        title=_title(rows),
        measure="Per cent of courses with the event, with 95% CI; a course may have several",
        said=f"Courses with each event: {'; '.join(f'{_names(same)} {_count(same[0])}' for same in alike.values())}.",
        drawing=dot_rows(
            "Adverse events, most frequent first", ("Event", "Courses", "Share (95% CI)"), [Group("", drawn)], axis.head()
        ),
        note="Hollow: none recorded; its bar ends at the rate that is still compatible with the records."
        if any(row["events"] == 0 for row in rows)
        else "",
    )


def _names(same: list[dict[str, Any]]) -> str:
    return "Any of these" if same[0]["event"] == ANY else first_up(listed([label(row["event"]) for row in same]))


def _count(row: dict[str, Any]) -> str:
    """``45 of 225``, ``1 to 7 of 225`` or that it is not published."""
    if NoteCode.WITHHELD in codes(row):
        return note_of(row)
    events = note_of(row) if pd.isna(row["events"]) else f"{int(row['events']):,}"
    return f"{events} of {int(row['n']):,}"


def _row(same: list[dict[str, Any]], axis: Axis) -> Row:
    row, is_bold = same[0], same[0]["event"] == ANY
    count = _count(row) + (" each" if len(same) > 1 and row["events"] != 0 else "")
    if pd.isna(row["estimate"]):
        return Row(_names(same), (escape(count), ""), axis.strip(), is_bold=is_bold)
    cells = (
        escape(count),
        f'{escape(rate(row["estimate"]))} <span class="ci">({escape(rates(row["conf_low"], row["conf_high"]))})</span>',
    )
    bar = axis.bar(row["conf_low"], row["conf_high"], INK)
    return Row(
        _names(same), cells, axis.strip(bar, axis.mark(row["estimate"], INK, is_hollow=row["events"] == 0)), is_bold=is_bold
    )


def _title(rows: list[dict[str, Any]]) -> str:
    seen = [row for row in rows if row["event"] != ANY and row["events"] > 0]
    if not seen:
        return "No single event was frequent enough to count"
    most = max(row["events"] for row in seen)
    names = [label(row["event"]) for row in seen if row["events"] == most]
    share = f"in {int(most):,} of {int(seen[0]['n']):,} courses" if len(names) == 1 else f"each in {int(most):,} courses"
    return f"{first_up(listed(names))} {'was the most frequent event' if len(names) == 1 else 'were the most frequent events'}: {share}"
