"""How many got better, stayed the same or got worse, as rows of bars."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.canvas import INK, SOFT, Figure
from outcomes.display.figures.elements import (
    Part,
    courses_shown,
    enough_of,
    heading_of,
    hue_of,
    left_out,
    notes,
    nothing,
    parts_of,
    titled,
    told_of,
)
from outcomes.display.figures.strips import Axis, Group, Row, dot_rows, ends
from outcomes.display.words import measured, percent, session_words

_SHARES = {"better": "better", "same": "the same", "worse": "worse"}
_WHOLE = Axis(0.0, 100.0, (0.0, 50.0, 100.0), "%", origin=-1.0)


_NOTHING = ("Too few courses to say who was better or worse", f"Not after two sessions {FEW} courses were scored")


def better_or_worse(estimates: pd.DataFrame) -> Figure:
    """A bar for each session: share of those still attending who were better than at baseline, the same, and worse, from left to right.

    The rows of several endpoints stand below each other. The title speaks of the last session that at least half of the first
    one's courses, and at least 5, were scored after.
    """
    drawn, missing = parts_of(estimates, _part)
    if not drawn:
        return nothing(*_NOTHING)
    return Figure(
        title=f"Better than at baseline, of those still attending: {titled(drawn)}",
        measure="Share of courses whose score was better, the same or worse, by sessions given",
        said=f"Of those still attending. {told_of(drawn)}",
        drawing=dot_rows(
            "Better, the same or worse by session",
            ("Sessions", "Courses", "Better", "Same", "Worse"),
            [part.drawn for part in drawn],
            ends("better", "worse"),
        ),
        note=notes(
            "A score that differs by any amount counts as better or worse. Outlined: fewer than half of the first session's courses.",
            left_out(missing),
        ),
    )


def _part(estimates: pd.DataFrame) -> Part:
    seen, heading = estimates[estimates["n"] >= FEW], heading_of(estimates)
    if seen["session"].nunique() < 2:
        return Part(heading, _NOTHING[0], "")
    wide = {session: rows.set_index("measure")["estimate"] for session, rows in seen.groupby("session")}
    n = estimates[estimates["n"] > 0].groupby("session")["n"].first()
    enough = n[n >= enough_of(seen)]
    rows = [
        _row(session, int(count), wide.get(session), hue_of(estimates), is_reliable=session in enough.index)
        for session, count in n.items()
    ]
    said = [
        f"{session_words(session)} {', '.join(f'{percent(row[name])} {word}' for name, word in _SHARES.items())}"
        for session, row in wide.items()
    ]
    last = enough.index[-1]
    title = f"{percent(wide[last]['better'])} {session_words(last)}"
    return Part(heading, title, f"{'; '.join(said)}.", Group(f"{heading}, {measured(estimates)}", rows))


def _row(session: Any, n: int, shares: pd.Series | None, hue: str, *, is_reliable: bool) -> Row:
    name = f"{session:g}"
    if shares is None:
        return Row(name, (courses_shown(n).replace("<", "&lt;"), "", "", ""))
    cells = (f"{n:,}", *(percent(shares[name]) for name in _SHARES))
    parts, left = [], 0.0
    for measure, colour in (("better", hue), ("same", ""), ("worse", SOFT if is_reliable else INK)):
        right = left + shares[measure]
        if colour and right > left:
            parts.append(_WHOLE.block(left, right, colour, is_hollow=not is_reliable))
        left = right
    return Row(name, cells, _WHOLE.strip(*parts, behind=_WHOLE.zone(0, 100)))
