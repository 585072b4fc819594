"""Whether results change with the year in which courses began, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from outcomes.definitions.columns import START_YEAR
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import MANY_UNDER_WAY
from outcomes.display.texts import Nothing, Prose, paragraphs
from outcomes.display.words import counted, first_up, listed, percent, shown
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.years import CHANGE, NO_YEAR, OUTSIDE, PER_YEAR, RESPONDERS, UNDER_WAY, of_years, trends, under_way
from outcomes.statistics.trend import FEWEST_YEARS

_MOST_TOLD = 3
"""Years under way that one sentence names."""

_NO_YEAR = "The records do not say in which year a course began."


def by_year(found: pd.DataFrame) -> Prose:
    """What changed from year to year, from `outcomes.by_year`: each clear trend, those that are not clear, and the years still under way."""
    if found.empty:
        return Nothing(_NO_YEAR)
    lines = trends(found)
    known = lines[lines["p_value"].notna()]
    years = sorted(found[START_YEAR].dropna().astype(int).unique())
    if known.empty:
        few = (
            f"Courses began in {counted(len(years), 'years')}"
            if len(years) < FEWEST_YEARS
            else "In too few years there were enough courses"
        )
        return Nothing(f"{few}: a trend needs {FEWEST_YEARS} years with enough of them.")
    clear = [_clear(row) for row in known[known["is_clear"]].to_dict("records")]
    others = _subjects(known[~known["is_clear"]].to_dict("records"), {*_subjects(known[known["is_clear"]].to_dict("records"))})
    unclear = f"there was **no clear trend** in {listed(others, 'or')}" if others else ""
    told = [f"{first_up(sentence)}." for sentence in (*clear, unclear) if sentence]
    told[0] = f"From {years[0]} to {years[-1]}, {told[0][0].lower() if _begins_small(told[0]) else told[0][0]}{told[0][1:]}"
    return paragraphs(" ".join(told), *_warning(found), *_left_out(found))


def _begins_small(sentence: str) -> bool:
    """Whether a sentence may go on after a comma as it begins: not with a name such as PIH."""
    return not sentence[:2].isupper()


def _subjects(rows: Iterable[dict[str, Any]], told: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    """What the trends are of, each once; an endpoint has two of them."""
    return [name for name in dict.fromkeys(map(_subject, rows)) if name not in told]


def _subject(row: dict[str, Any]) -> str:
    measure = row["measure"].removesuffix(PER_YEAR)
    return {PER_COURSE: "new PIH", OUTSIDE: OUTSIDE}.get(measure) or ENDPOINTS[row["endpoint"]].label


def _clear(row: dict[str, Any]) -> str:
    """One clear trend: what rose or fell, by how much a year."""
    measure, rises = row["measure"].removesuffix(PER_YEAR), row["estimate"] > 0
    if measure == CHANGE:
        said = f"{_subject(row)} **improved {'less' if rises else 'more'}** from year to year"
    elif measure == RESPONDERS:
        said = f"the share improved in {_subject(row)} **{'rose' if rises else 'fell'}** from year to year"
    else:
        said = f"{_subject(row)} **became {'more' if rises else 'less'} frequent**"
    unit = SCALES[row["scale"]].unit if measure == CHANGE else row["unit"]
    near, far = sorted((abs(row["conf_low"]), abs(row["conf_high"])))
    size = shown(abs(row["estimate"]), near, far)
    return f"{said}, by {size.estimate} {unit} a year ({size.ci})"


def _warning(found: pd.DataFrame) -> list[str]:
    """The years of which many courses are under way, with how many; of more years than can be read in a sentence, how many years."""
    going = under_way(found)
    if not going:
        return []
    rows = found[found["measure"] == UNDER_WAY]
    scored = f"with baseline {ENDPOINTS[rows['endpoint'].iloc[0]].label} scores"
    if len(going) > _MOST_TOLD:
        many = f"{MANY_UNDER_WAY:.0f}% or more of the courses {scored}"
        return [f"In {counted(len(going), 'years')}, {many} are **still under way**: see the table."]
    years, shares = listed([str(year) for year in going]), listed([percent(share) for share in going.values()])
    of = f"{int(rows.loc[rows[START_YEAR].isin([*going]), 'n'].iloc[0]):,}" if len(going) == 1 else "the"
    return [f"Of {of} courses begun in {years} {scored}, {shares} are **still under way**."]


def _left_out(found: pd.DataFrame) -> list[str]:
    """How many courses are of no year."""
    row = found[found["measure"] == NO_YEAR].iloc[0]
    missing = int(row["events"])
    return [f"No year is recorded of {missing:,} of {counted(int(row['n']), 'courses')}."] if missing else []


def year_limits(found: pd.DataFrame) -> Prose:
    """What results by year cannot say."""
    if of_years(found).empty:
        return Nothing(_NO_YEAR)
    return Prose("Years differ in **patients, providers and devices** too: nothing is adjusted for that.")
