"""Whether providers, areas, devices or clinics differ by more than chance, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.definitions.thresholds import FEW_COURSES
from outcomes.display.groups import how_words, judged, limits_words, of_groups, outside, unit_words, value_words
from outcomes.display.texts import Nothing, Prose
from outcomes.display.words import counted, first_up, listed, plain, session_words
from outcomes.measures.group_comparison import BEYOND, CHANGE, FAR_BEYOND, IMPROVED

_MOST_TOLD = 8
"""More groups beyond limits than that are told by their number, and named in the table."""


def group_comparison(compared: pd.DataFrame) -> Prose:
    """Which groups lie beyond the limits of chance, and by how much, from `outcomes.group_comparison`."""
    rows, groups = judged(compared), of_groups(compared)
    if rows["group"].nunique() < 2:
        return Nothing(_none(compared, groups))
    beyond = outside(rows)
    far = beyond[beyond["verdict"] == FAR_BEYOND]
    every, n = rows["group"].nunique(), far["group"].nunique()
    given = f"in {_what(rows)}, given skin types and baselines"
    said = [
        f"**{n} of {every} {groups}** {_lie(n)} **beyond what chance explains** (99.8% limits), {given}."
        if n
        else f"Each of the **{every} {groups}** lies **within what chance can explain** (99.8% limits), {given}."
    ]
    if beyond.empty:
        said.append("Smaller differences cannot be excluded.")
    elif codes := list(dict.fromkeys(beyond.loc[beyond["verdict"] == BEYOND, "group"])):
        named = listed([plain(code) for code in codes]) if len(codes) <= _MOST_TOLD else counted(len(codes), groups)
        said.append(
            f"Beyond 95% limits, as 1 in 20 comparisons by chance alone, {_lie(len(beyond) - len(far))} {len(beyond) - len(far)} of {len(rows)} ({named})."
        )
    each = [f"- {_told(row)}" for row in far.head(_MOST_TOLD).to_dict("records")]
    return Prose(" ".join(said) + ("\n\n" + "\n".join(each) if each else ""))


def _lie(n: int) -> str:
    return "lies" if n == 1 else "lie"


def _none(compared: pd.DataFrame, groups: str) -> str:
    if compared.empty:
        return f"{first_up(groups)} cannot be compared: none is recorded."
    n = compared["group"].nunique()
    if n == 1:
        return f"{first_up(groups)} cannot be compared: the records name one."
    return f"{first_up(groups)} cannot be compared: fewer than 2 have {FEW_COURSES} courses or more with what is compared."


def _what(rows: pd.DataFrame) -> str:
    """``improvement after 3 sessions and adverse events``."""
    sessions = dict.fromkeys(session_words(k) for k in rows.loc[rows["measure"] == CHANGE, "session"])
    said = [f"improvement {listed([*sessions])}"] if sessions else []
    return listed([*said, "adverse events"] if (rows["event"] != "").any() else said)


def _told(row: dict[str, Any]) -> str:
    """``**D2**: more improvement in acne scarring than expected: −0.9 grades, where −0.8 was expected (53 courses; beyond 95% limits).``"""
    return f"**{plain(row['group'])}**: {_differs(row)}."


def _differs(row: dict[str, Any]) -> str:
    when = f" {session_words(row['session'])}" if row["measure"] in (CHANGE, IMPROVED) else ""
    values = f"{value_words(row)}{unit_words(row)}{when}, where {value_words(row, 'expected')} was expected"
    return f"{how_words(row)}: {values} ({counted(int(row['n']), 'courses')}; {limits_words(row)})"


def one_group(compared: pd.DataFrame, group: str, courses: int, every: int) -> Prose:
    """How many courses a group has of all, and what of it lies beyond the limits of chance, from `outcomes.group_comparison`."""
    one = of_groups(compared).removesuffix("s")
    rows = judged(compared[compared["group"] == group])
    has = f"The records hold **{counted(courses, 'courses')}** of {one} {plain(group)}, of {every:,} in all."
    if rows.empty:
        return Prose(f"{has} Too few were assessed, or asked about, to compare them with all.")
    beyond = outside(rows)
    what = f"{_what(rows)}, given skin types and baselines"
    if beyond.empty:
        return Prose(
            f"{has} They lie **within what chance explains** (95% limits), in {what}. Smaller differences cannot be excluded."
        )
    each = "\n".join(f"- {first_up(_differs(row))}." for row in beyond.to_dict("records"))
    return Prose(
        f"{has} Compared in {what}, {len(beyond)} of {len(rows)} values {_lie(len(beyond))} **beyond limits**; by "
        f"chance alone, 1 in 20 lies beyond its 95% limits and 1 in 500 beyond its 99.8% limits.\n\n{each}"
    )


def group_comparison_limits() -> Prose:
    """What a comparison of groups cannot say."""
    return Prose("- Beyond limits is a **reason to ask, not a finding**: who treats whom, and what is scored, differ as well.")
