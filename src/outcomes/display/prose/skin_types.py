"""Is it the same for every skin type, in sentences: verdicts, the share of the improvement kept, and how many more courses are needed."""

from __future__ import annotations

from math import ceil, isnan, log10
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import MOST_COURSES, SMALLEST_GROUP
from outcomes.display.notes import note_of
from outcomes.display.texts import Nothing, Prose
from outcomes.display.words import (
    DASH,
    ROW,
    counted,
    difference_of,
    first_down,
    first_up,
    listed,
    number,
    session_words,
    size_of,
    skin,
    types,
)
from outcomes.measures.skin_types import DECLARED, DIFFERENT, EQUIVALENT, NO_MARGIN, OF_CHANGE, SLIGHTLY, UNDECIDED

Row = dict[str, Any]


def skin_type_differences(compared: pd.DataFrame) -> Prose:
    """Which skin types differ, are equivalent, or are undecided, from `outcomes.skin_type_differences`; a paragraph an endpoint."""
    if compared.empty:
        return Nothing("There are **too few patients** of more than one group of skin types to compare them.")
    return Prose("\n\n".join(_verdicts(frame.to_dict("records")) for _, frame in compared.groupby("endpoint", sort=False)))


def _verdicts(rows: list[Row]) -> str:
    """The verdicts after the session that all are compared at, what each group reached, and how many more courses are needed."""
    apart = [row for row in rows if row["verdict"] in (DIFFERENT, SLIGHTLY)]
    alike = [row for row in rows if row["verdict"] == EQUIVALENT]
    open_ = [row for row in rows if row["verdict"] == UNDECIDED]
    first, *others = [
        *[_apart(row) for row in apart],
        *([_equivalent(alike)] if alike else []),
        *_undecided(open_, all_of=len(open_) == len(rows)),
    ]
    said = [f"{first_up(session_words(rows[0]['session']))}, {first}", *map(first_up, others)]
    return " ".join(f"{each}." for each in said)


def _equivalent(rows: list[Row]) -> str:
    each = "this group was" if len(rows) == 1 else "each group was"
    return f"improvement in {_label(rows)} was **equivalent** in skin {_named(rows)}: {each} within {_margins(rows)} of the others{_why(rows)}"


def _apart(row: Row) -> str:
    """``skin types V–VI improved **less** than the others in acne scarring, by 0.7 grades (95% CI 0.2–1.2; 20 courses)``."""
    slightly = f", which is less than the margin of {margin_words(row)}" if row["verdict"] == SLIGHTLY else ""
    return f"{_moved(row)}{slightly}"


def _moved(row: Row) -> str:
    told = size_of(row)
    by = f"by {told.size} {_unit(row)} ({told.ci}; {counted(int(row['n']), 'courses')})"
    more = "more" if row["estimate"] < 0 else "less"
    return f"skin {_named([row])} improved **{more}** than the others in {_label([row])}, {by}"


def _is_known(row: Row) -> bool:
    """Whether there is an interval, and a margin that it is held against."""
    return not isnan(row["conf_low"]) and bool(row["margin_from"] != NO_MARGIN)


def _undecided(rows: list[Row], *, all_of: bool) -> list[str]:
    """What is not known, and why."""
    known = [row for row in rows if _is_known(row)]
    no_margin = [row for row in rows if row["margin_from"] == NO_MARGIN and not isnan(row["conf_low"])]
    bare = [row for row in rows if isnan(row["conf_low"])]
    whole = all_of and len(known) == len(rows)
    said = [_why_undecided(known, whole)] if known else []
    if no_margin:
        said.append(
            f"for {_label(no_margin)} in skin {_named(no_margin)} it is **undecided**: the others did not improve, so there is nothing to "
            "compare with"
        )
    said += [f"for {_label([row])} in skin {_named([row])} it is **undecided**: {note_of(row)}" for row in bare]
    return [*said, *[sentence for row in known if (sentence := _at_one_baseline(row))]]


def _why_undecided(rows: list[Row], whole: bool) -> str:
    """Too few patients, or, in groups that are not small, an interval that allows both answers."""
    who = f"for {_label(rows)} it is" if whole else f"for {_label(rows)} in skin {_named(rows)} it is"
    if min(row["n"] for row in rows) >= MANY:
        return f"{who} **undecided**: the interval allows both a difference of {_margins(rows)} or more{_why(rows)} and none"
    groups = (
        "the groups differ" if whole else f"{'this group differs' if len(rows) == 1 else 'these groups differ'} from the others"
    )
    return f"{who} **undecided**: there were too few patients to tell whether {groups} by less than {_margins(rows)}{_why(rows)}"


MANY = 100
"""Courses of each group from which a verdict that is open is not for want of patients."""


def _at_one_baseline(row: Row) -> str:
    """Said where the difference as it is leaves out none, and the one at a common baseline does not agree."""
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return ""
    names = dict(zip(ROW, ("standardised", "standardised_low", "standardised_high"), strict=True))
    told = difference_of({"scale": row["scale"], **{name: row[column] for name, column in names.items()}})
    return (
        f"{_moved(row)}, but they began with other scores: at one common baseline the difference is {told.estimate} ({told.ci})"
    )


def about_more(n: float) -> str:
    """``about 40 more courses``: to two figures, rounded up."""
    if n > MOST_COURSES:
        return f"more than {MOST_COURSES:,} more courses"
    step = 10 ** max(0, ceil(log10(max(n, 1) + 1)) - 2)
    about = int(ceil(n / step) * step)
    return f"{'about ' if about > 1 else ''}{counted(about, 'more courses')}"


def margin_words(row: Row) -> str:
    """The margin with its unit: as declared, or to two decimals below 1."""
    return f"{_margin(row)} {_unit(row)}"


def _margin(row: Row) -> str:
    margin = row["margin"]
    return f"{margin:g}" if row["margin_from"] == DECLARED else number(margin) if margin >= 1 else f"{margin:.2f}"


def _margins(rows: list[Row]) -> str:
    """One margin, or the range of several."""
    margins = list(dict.fromkeys(_margin(row) for row in sorted(rows, key=lambda row: row["margin"])))
    return f"{margins[0] if len(margins) == 1 else f'{margins[0]}{DASH}{margins[-1]}'} {_unit(rows[0])}"


def _why(rows: list[Row]) -> str:
    """Where the margin comes from, unless it was simply declared."""
    return f" ({OF_CHANGE})" if any(row["margin_from"] == OF_CHANGE for row in rows) else ""


def _named(rows: list[Row], last: str = "and") -> str:
    return first_down(types(*[row["skin_types"] for row in rows], last=last))


def _label(rows: list[Row]) -> str:
    return f"**{ENDPOINTS[rows[0]['endpoint']].label}**"


def _unit(row: Row) -> str:
    return SCALES[row["scale"]].unit


def how_compared(compared: pd.DataFrame) -> Prose:
    """What the verdicts of `outcomes.skin_type_differences` cannot say: of those that were given."""
    verdicts = {*compared["verdict"]}
    said = {
        UNDECIDED: "- **Undecided** speaks neither for nor against a difference.",
        DIFFERENT: "- **Different** is said only where two comparisons agree: the difference as it is, and the difference at one common baseline. "
        "Milder skin has less to lose, so the first can differ where the treatment does not.",
    }
    return Prose("\n".join(text for verdict, text in said.items() if any(name.startswith(verdict) for name in verdicts)))


def skin_type_numbers(counts: pd.DataFrame) -> Prose:
    """Which types are merged because they have too few courses, of each endpoint of `outcomes.skin_type_counts`."""
    known = counts[counts["group"] != ""]
    left_out = counts[counts["group"] == ""]
    each = [(ENDPOINTS[name].label, rows) for name, rows in known.groupby("endpoint", sort=False)]
    merged = [(label, rows) for label, rows in each if (rows["skin_type"].astype(str) != rows["group"]).any()]
    unknown = _without_type(left_out)
    if not merged:
        return Prose(f"Every skin type has enough courses to be analysed separately.{unknown}")
    if known.groupby("endpoint")["group"].nunique().max() == 1:
        return Nothing(f"There are too few courses of some skin types to compare groups, so all are taken together.{unknown}")
    few = [f"of {_few(rows)} for {label}" for label, rows in merged]
    groups = {label: listed([skin(group) for group in dict.fromkeys(rows["group"])]) for label, rows in merged}
    alike = len(set(groups.values())) == 1
    rule = groups[merged[0][0]] if alike else "; ".join(f"for {label}, {each}" for label, each in groups.items())
    return Prose(
        f"There are too few courses {listed(few)} to analyse separately, so skin types are grouped by a fixed rule: {rule}.{unknown}"
    )


def _without_type(counts: pd.DataFrame) -> str:
    """How many courses are in no group, as the skin type is not recorded."""
    if counts.empty:
        return ""
    each = [f"{row['courses']:,} for {ENDPOINTS[row['endpoint']].label}" for row in counts.to_dict("records")]
    return f" Courses of patients without a recorded skin type are in no group: {listed(each)}."


def _few(rows: pd.DataFrame) -> str:
    few = rows[rows["courses"] < SMALLEST_GROUP]
    return f"{'type' if len(few) == 1 else 'types'} {listed([f'{name} ({n})' for name, n in zip(few['skin_type'], few['courses'], strict=True)])}"
