"""Is it the same for every skin type, in sentences: verdicts, the share of the improvement kept, and how many more courses are needed."""

from __future__ import annotations

from math import ceil, isnan, log10
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import MOST_COURSES, SMALLEST_GROUP
from outcomes.display.notes import note_of
from outcomes.display.words import (
    INTERVAL,
    Prose,
    around,
    counted,
    first_down,
    first_up,
    heading,
    listed,
    number,
    percent,
    session_words,
    signed,
    size,
    span,
    types,
)
from outcomes.measures.skin_types import DECLARED, DIFFERENT, EQUIVALENT, NO_MARGIN, OF_CHANGE, SLIGHTLY, UNDECIDED

Row = dict[str, Any]


def skin_type_differences(compared: pd.DataFrame) -> Prose:
    """Which skin types differ, are equivalent, or can't be told, from `outcomes.skin_type_differences`; a paragraph an endpoint."""
    if compared.empty:
        return Prose("**Too few patients** of more than one group of skin types to compare them.")
    return Prose("\n\n".join(_verdicts(frame.to_dict("records")) for _, frame in compared.groupby("endpoint", sort=False)))


def _verdicts(rows: list[Row]) -> str:
    first = rows[0]
    when = f"{heading(ENDPOINTS[first['endpoint']])}, {session_words(first['session'])}, had every patient continued:"
    apart = [_apart(row) for row in rows if row["verdict"] in (DIFFERENT, SLIGHTLY)]
    alike = [row for row in rows if row["verdict"] == EQUIVALENT]
    open_ = [row for row in rows if row["verdict"] == UNDECIDED]
    said = [
        *apart,
        *([f"Improvement was **equivalent** in {_named(alike)}: {_within(alike)} of the others{_why(alike)}"] if alike else []),
        *_undecided(open_),
        *_kept([row for row in rows if not isnan(row["conf_low"])]),
    ]
    return f"{when} {first_down(said[0])}{''.join(f'. {each}' for each in said[1:])}."


def _apart(row: Row) -> str:
    """``Types V-VI improved **less** than the others, by 0.7 grades (95 % interval 0.2 to 1.2; 20 courses)``."""
    slightly = f", which is less than the margin of {margin_words(row)}" if row["verdict"] == SLIGHTLY else ""
    return f"{_moved(row)}{slightly}"


def _moved(row: Row) -> str:
    by = f"by {size(row['estimate'])} {_unit(row)} ({around(row)}; {counted(int(row['n']), 'courses')})"
    return f"{types(row['skin_types'])} improved **{'more' if row['estimate'] < 0 else 'less'}** than the others, {by}"


def _undecided(rows: list[Row]) -> list[str]:
    """What is not known, why, and how many more courses would tell."""
    bare = [row for row in rows if isnan(row["conf_low"])]
    no_margin = [row for row in rows if row["margin_from"] == NO_MARGIN and not isnan(row["conf_low"])]
    known = [row for row in rows if row not in bare and row not in no_margin]
    said = []
    if known:
        said.append(
            f"For {_named(known)} it is **undecided** whether the difference from the others is less than {_margins(known)}{_why(known)}"
        )
    if no_margin:
        said.append(
            f"For {_named(no_margin)} it is **undecided**: the others did not improve, so there is nothing to be compared with"
        )
    said += [f"For {_named([row])} it is **undecided**: {note_of(row)}" for row in bare]
    return [*said, *[sentence for row in known if (sentence := _at_one_baseline(row))], *_needed(known)]


def _at_one_baseline(row: Row) -> str:
    """Said where the difference as it is leaves out none, and the one at a common baseline does not agree."""
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return ""
    level = f"{signed(row['standardised'])} (95\N{NO-BREAK SPACE}% interval {signed(row['standardised_low'])} to {signed(row['standardised_high'])})"
    return f"{_moved(row)}, but they began with other scores: at one common baseline the difference is {level}"


def _needed(rows: list[Row]) -> list[str]:
    """How many more courses would tell: of the group itself, or of all where none of its own suffice or that takes fewer."""
    enough = [row for row in rows if row["n_more"] == 0]
    own = [row for row in rows if 0 < row["n_more"] <= row["n_more_all"]]
    every = [row for row in rows if row not in enough and row not in own and not isnan(row["n_more_all"])]
    alone = [row for row in every if isnan(row["n_more"])]
    said = []
    if own:
        each = listed([f"{about_more(row['n_more'])} of {_named([row])}" for row in own])
        said.append(f"If there is no difference, {each} would be likely to show it")
    if every:
        most = f"{about_more(max(row['n_more_all'] for row in every))} of all types, as mixed now,"
        would = f"for {_named(every)}, {most} would" if own else f"if there is no difference, {most} would be likely to show it"
        not_alone = f"; no number of courses of {_named(alone, 'or')} alone would" if alone else ""
        said.append(f"{first_up(would)}{not_alone}")
    if enough:
        said.append(f"For {_named(enough)} there are enough courses: the difference lies close to the margin")
    return said


def about_more(n: float) -> str:
    """``about 40 more courses``: to two figures, rounded up."""
    if n > MOST_COURSES:
        return f"more than {MOST_COURSES:,} more courses"
    step = 10 ** max(0, ceil(log10(max(n, 1) + 1)) - 2)
    about = int(ceil(n / step) * step)
    return f"{'about ' if about > 1 else ''}{counted(about, 'more courses')}"


def _kept(rows: list[Row]) -> list[str]:
    known = [row for row in rows if not isnan(row["kept"] + row["kept_low"] + row["kept_high"])]
    if not known:
        return ["What share of the others' improvement each group reached can't be told: theirs is not clear"] if rows else []
    each = [
        f"{first_down(types(row['skin_types']))} reached {percent(row['kept'])} ({'' if place else INTERVAL}{span(row['kept_low'], row['kept_high'])})"
        for place, row in enumerate(known)
    ]
    return [f"Of the others' improvement, {listed(each)}"]


def margin_words(row: Row) -> str:
    """The margin with its unit: as declared, or to two decimals below 1."""
    return f"{_margin(row)} {_unit(row)}"


def _margin(row: Row) -> str:
    margin = row["margin"]
    return f"{margin:g}" if row["margin_from"] == DECLARED else number(margin) if margin >= 1 else f"{margin:.2f}"


def _margins(rows: list[Row]) -> str:
    """One margin, or the range of several."""
    shown = list(dict.fromkeys(_margin(row) for row in sorted(rows, key=lambda row: row["margin"])))
    return f"{shown[0] if len(shown) == 1 else f'{shown[0]} to {shown[-1]}'} {_unit(rows[0])}"


def _within(rows: list[Row]) -> str:
    return f"{'it was' if len(rows) == 1 else 'each was'} within {_margins(rows)}"


def _why(rows: list[Row]) -> str:
    """Where the margin comes from, unless it was simply declared."""
    return f" ({OF_CHANGE})" if any(row["margin_from"] == OF_CHANGE for row in rows) else ""


def _named(rows: list[Row], last: str = "and") -> str:
    return first_down(types(*[row["skin_types"] for row in rows], last=last))


def _unit(row: Row) -> str:
    return SCALES[row["scale"]].unit


def how_compared() -> Prose:
    """How the verdicts on skin types come about and what they cannot say, in every report that compares them."""
    return Prose(
        "- **The margin** is the declared one, or a third of the others' own change where that is smaller: a type in which nothing "
        "changed is never within it.\n"
        "- **Different** is said only where two comparisons agree: the difference as it is, and the difference at one common baseline. "
        "Milder skin has less to lose, so the first can differ where the treatment does the same; noisy scores make the second turn too far.\n"
        "- **Undecided** speaks neither for nor against a difference.\n"
        "- **More courses needed** is how many, stopping and assessed as those so far, would show equivalence 8 times in 10 if there were "
        "no difference. Where there is one, more courses will show that instead.\n"
        "- Intervals of several groups hold together, and are wider than each would be alone."
    )


def skin_type_numbers(counts: pd.DataFrame) -> Prose:
    """Which types are merged because they have too few courses, from `outcomes.skin_type_counts`."""
    merged = counts[counts["skin_type"].astype(str) != counts["group"]]
    if merged.empty:
        return Prose("Every skin type has enough courses to be analysed separately.")
    few = counts[counts["courses"] < SMALLEST_GROUP]
    small = listed([f"{row['skin_type']} ({row['courses']})" for row in few.to_dict("records")])
    return Prose(
        f"There are too few courses of {'type' if len(few) == 1 else 'types'} {small} to analyse separately, so skin types are grouped by "
        f"a fixed rule: {listed(list(dict.fromkeys(counts['group'])))}."
    )
