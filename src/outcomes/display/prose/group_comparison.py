"""Whether providers, areas, devices or clinics differ by more than chance, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.thresholds import FEW_COURSES
from outcomes.display.groups import how_words, judged, limits_words, of_groups, outside, unit_words, value_words
from outcomes.display.texts import Nothing, Prose
from outcomes.display.words import counted, first_up, listed, plain, session_words
from outcomes.measures.group_comparison import CHANGE, FAR_BEYOND, IMPROVED

_MOST_TOLD = 8
"""More groups beyond limits than that are told by their number, and named in the table."""


def group_comparison(compared: pd.DataFrame) -> Prose:
    """Which groups lie beyond the limits of chance, and by how much, from `outcomes.group_comparison`."""
    rows, groups = judged(compared), of_groups(compared)
    if rows["group"].nunique() < 2:
        return Nothing(_none(compared, groups))
    beyond = outside(rows)
    far = beyond[beyond["verdict"] == FAR_BEYOND]["group"].nunique()
    every = rows["group"].nunique()
    given = f"in {_what(rows)}, given the skin types and the scores before treatment of the patients"
    answer = (
        f"**{far} of {every} {groups}** {'lies' if far == 1 else 'lie'} **beyond what chance explains** (99.8% limits), {given}."
        if far
        else f"Each of the **{every} {groups}** lies **within what chance can explain** (99.8% limits), {given}."
    )
    if beyond.empty:
        return Prose(f"{answer} Smaller differences cannot be excluded.")
    each = [f"- {_told(row)}" for row in beyond.head(_MOST_TOLD).to_dict("records")]
    if (more := len(beyond) - _MOST_TOLD) > 0:
        each.append(f"- The table names {counted(more, 'more')} beyond their 95% limits.")
    chance = (
        f"By chance alone, 1 in 20 comparisons lies beyond its 95% limits and 1 in 500 beyond its 99.8% limits; here it is {len(beyond)} "
        f"of {len(rows)}."
    )
    return Prose(f"{answer}\n\n{chance}\n\n" + "\n".join(each))


def _none(compared: pd.DataFrame, groups: str) -> str:
    if compared.empty:
        return f"{first_up(groups)} cannot be compared: none is recorded."
    n = compared["group"].nunique()
    if n == 1:
        return f"{first_up(groups)} cannot be compared: the records name one."
    return f"{first_up(groups)} cannot be compared: fewer than 2 have {FEW_COURSES} courses or more with what is compared."


def _what(rows: pd.DataFrame) -> str:
    """``improvement in acne scarring and PIH after 3 sessions, adverse events and new PIH``."""
    scored = rows[rows["measure"] == CHANGE].drop_duplicates("endpoint")
    said = []
    if len(scored):
        labels = [ENDPOINTS[name].label for name in scored["endpoint"]]
        after = list(dict.fromkeys(session_words(k) for k in scored["session"]))
        said.append(f"improvement in {listed(labels)} {listed(after)}")
    events = set(rows["event"]) - {""}
    said += [words for name, words in ((ANY, "adverse events"), ("new_pih", "new PIH")) if name in events]
    return listed(said)


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
    what = f"{_what(rows)}, given the skin types and the scores before treatment of the patients"
    if beyond.empty:
        return Prose(
            f"{has} They lie **within what chance explains** (95% limits), in {what}. Smaller differences cannot be excluded."
        )
    each = "\n".join(f"- {first_up(_differs(row))}." for row in beyond.to_dict("records"))
    return Prose(
        f"{has} Compared in {what}, {len(beyond)} of {len(rows)} values {'lies' if len(beyond) == 1 else 'lie'} **beyond limits**; by "
        f"chance alone, 1 in 20 lies beyond its 95% limits and 1 in 500 beyond its 99.8% limits.\n\n{each}"
    )


def group_comparison_limits() -> Prose:
    """What a comparison of groups cannot say."""
    return Prose(
        "- A group beyond its limits is a **reason to ask, not a finding**: who comes to whom, what is scored and by whom, and how "
        "often patients are asked differ as well, and nothing here allows for that. Among few groups, one far from the others moves what is "
        "expected of them.\n"
        "- Improvement is that of courses **still assessed** then; groups may lose different patients.\n"
        "- Groups stand in the order of their codes. The figures give **no order of merit**, and small groups can differ and stay "
        "within their limits."
    )
