"""Each provider, area, device, clinic or cohort against the whole: improvement and adverse events, beside what its courses let one expect."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.counts import MISSED
from outcomes.cohort.events import ANY, BLANK, YES, Asked
from outcomes.cohort.groups import SEVERAL
from outcomes.cohort.paths import EVERY
from outcomes.cohort.read import cohort_of
from outcomes.cohort.tally import Tally
from outcomes.definitions.columns import NEW_PIH, NOT_RECORDED
from outcomes.definitions.fitzpatrick import SKIN_BANDS
from outcomes.definitions.scales import HUNDREDTHS, Scale
from outcomes.definitions.thresholds import FEW_COURSES
from outcomes.measures.headline import headline_session, session_of
from outcomes.records.records import Records
from outcomes.statistics.jackknife import design_effect
from outcomes.statistics.standardised import Against, against_whole, pooled

WITHIN, BEYOND, FAR_BEYOND = "within chance", "beyond 95%", "beyond 99.8%"
"""What limits make of a group: chance explains it, or leaves 5 or 0.2 % of groups as far from what is expected."""

TOO_FEW = "too few courses"
"""The verdict on a group of which nothing is shown."""

CHANGE, IMPROVED, EVENT = "change", "responders", "courses with the event"
"""What groups are compared in; adverse events are any event and new PIH, as `event` says."""

COLUMNS = ("grouped_by", "group", "courses", "expected", "inner_low", "inner_high", "outer_low", "outer_high", "verdict")
"""Columns of `group_comparison` beside those of `outcomes.definitions.estimates.ESTIMATES`."""

_MOST_ASKED = 6
"""Courses asked about after more sessions are of one stratum."""

_THIRDS = (1 / 3, 2 / 3)


def group_comparison(
    cohort: Cohort | Records, by: str = "provider_id", *, groups: Mapping[str, Cohort] | None = None
) -> pd.DataFrame:
    """Each group of `by` against all courses together, one row for each measure and group, by code; or these `groups` of the cohort.

    `by` is provider_id, area, device or clinic_id. Courses of which none is recorded are part of the whole alone; those of more than one
    are a group, the last. Columns: `ESTIMATES`, and `COLUMNS`.

    - ``change``: mean change after the headline session among the `n` courses assessed then, as it is in all estimates.
    - ``responders``: percent of those that could improve which did.
    - ``courses with the event``: percent of the `n` courses asked about with any `event`, and with new PIH; `events` of them.

    `expected` is what the group would have if each of its courses were like all courses of its stratum: skin type and score before
    treatment (grade, or third of the scores in points), of events skin type and number of sessions asked about. Strata with fewer
    than `SMALLEST_STRATUM` courses are pooled over two skin types, then over all, then with what is left. The limits are those within which
    95 % and 99.8 % of such groups lie by chance: exact of counts; wider by the spread of the groups from ten of them on. `verdict` is
    `WITHIN`, `BEYOND` or `FAR_BEYOND`, or `TOO_FEW` below `FEW_COURSES` courses, of which nothing is given.

    Raises:
        UsageError: another column, or a saved cohort without its groups.

    References:
        Spiegelhalter (2005), Stat Med 24:1185-1202; see `outcomes.statistics.standardised`.

    Example:
        >>> import outcomes
        >>> compared = outcomes.group_comparison(outcomes.read_cohort("sample"))
        >>> compared.query("measure == 'change' and endpoint == 'scarring'")[["group", "n", "verdict"]].values.tolist()
        [['D2', 53, 'beyond 95%'], ['D5', 41, 'within chance'], ['D8', 50, 'within chance']]
    """
    if groups is None:
        return _compared(cohort_of(cohort), by).copy()
    return _against(cohort_of(cohort), by, groups)


@lru_cache(maxsize=4)
def _compared(whole: Cohort, by: str) -> pd.DataFrame:
    """The same; a cohort asked again is not compared again."""
    return _against(whole, by, whole.by(by))


def _against(whole: Cohort, by: str, split: Mapping[str, Cohort]) -> pd.DataFrame:
    named = {code: split[code] for code in sorted(split, key=lambda code: (code == SEVERAL, code)) if code != NOT_RECORDED}
    rows: list[dict[str, Any]] = []
    if whole.endpoints:
        tallies = whole.tallies()
        session = headline_session(tallies)
        for tally in tallies:
            rows += _of_scores(tally, session_of(tally, session), named)
    rows += _of_events(whole, named)
    compared = pd.DataFrame(rows, columns=_FIRST if not rows else None).assign(grouped_by=by)[[*_FIRST]]
    compared.attrs["grouped_by"] = by  # where no group has a name there is no row that says it
    return compared


_FIRST = (
    *(
        "endpoint",
        "scale",
        "measure",
        "estimand",
        "event",
        "grouped_by",
        "group",
        "courses",
        "session",
        "n",
        "events",
        "estimate",
    ),
    *(
        "conf_low",
        "conf_high",
        "expected",
        "inner_low",
        "inner_high",
        "outer_low",
        "outer_high",
        "verdict",
        "unit",
        "method",
        "note",
    ),
)


def _of_scores(tally: Tally, session: int, groups: Mapping[str, Cohort]) -> list[dict[str, Any]]:
    scale = tally.scale
    scored = tally.scores[tally.scores["session"] == session]
    own = [_scored(group, tally, session) for group in groups.values()]
    cells = _cells(scored, own, ["skin_type", "baseline", "score"])
    before = _before(cells["baseline"].to_numpy(), scored, scale)
    said = {"endpoint": tally.endpoint.name, "scale": scale.name, "estimand": "observed", "event": "", "session": session}
    change = (cells["score"] - cells["baseline"]).to_numpy(float) / HUNDREDTHS
    improved = scale.is_response(cells["baseline"], cells["score"]).to_numpy(float)
    could = (cells["baseline"] > scale.floor).to_numpy()
    moved = ((scored["score"] - scored["baseline"]).to_numpy(float), scored)
    able = scored[scored["baseline"] > scale.floor]
    better = (scale.is_response(able["baseline"], able["score"]).to_numpy(float), able)
    reach = float(scale.high - scale.low)
    every = np.ones(len(cells), bool)
    return [
        *_rows(said | {"measure": CHANGE, "unit": scale.unit}, cells, every, change, before, moved, groups, (-reach, reach)),
        *_rows(said | {"measure": IMPROVED, "unit": "%"}, cells, could, improved, before, better, groups, None),
    ]


def _of_events(whole: Cohort, groups: Mapping[str, Cohort]) -> list[dict[str, Any]]:
    every = Asked(whole.part("asked"))
    each = [Asked(group.part("asked"), every.ever) for group in groups.values()]
    rows = []
    for event in (ANY, NEW_PIH):
        asked = _asked(every, event)
        own = [_asked(of, event) for of in each]
        cells = _cells(asked, own, ["skin_type", "asked", "yes"])
        said = {
            "endpoint": "",
            "scale": "",
            "estimand": "",
            "event": event,
            "session": nan,
            "measure": EVENT,
            "unit": "% of courses",
        }
        all_of = np.ones(len(cells), bool)
        clustered = (asked["yes"].to_numpy(float), asked)
        rows += _rows(said, cells, all_of, cells["yes"].to_numpy(float), cells["asked"].to_numpy(), clustered, groups, None)
    return rows


def _scored(group: Cohort, of: Tally, session: int) -> pd.DataFrame:
    """The scores of a group after one session; none where nobody in it is scored on the scale."""
    scales = group.part("scales")
    if not ((scales["endpoint"] == of.endpoint.name) & (scales["scale"] == of.scale.name)).any():
        return of.scores.iloc[:0]
    paths = group.part("paths", of.endpoint.name, of.scale.name, EVERY)
    if f"after_{session}" not in paths:
        return of.scores.iloc[:0]
    found = paths[["skin_type", "after_0", f"after_{session}", "n"]].set_axis(["skin_type", "baseline", "score", "n"], axis=1)
    is_counted = (found["score"] != MISSED) & ((found["baseline"] > of.scale.floor) | (not of.endpoint.present_at_baseline))
    return found[is_counted]


def _asked(of: Asked, event: str) -> pd.DataFrame:
    """One row per kind of course asked about: `kind`, `skin_type`, `asked`, after how many sessions, `yes` 0 or 1, `n`."""
    said = of.of(event)
    courses = len(of.kind)
    asked = np.bincount(of.course[said != BLANK], minlength=courses)
    yes = np.bincount(of.course[said == YES], minlength=courses) > 0
    skin_type = np.zeros(courses, np.int64)
    skin_type[of.course] = of.skin_type
    rows = pd.DataFrame(
        {
            "kind": of.kind,
            "skin_type": np.array(of.skin_types, object)[skin_type],
            "asked": np.minimum(asked, _MOST_ASKED),
            "yes": yes.astype(np.int64),
            "n": of.people[of.kind],
        }
    )
    return rows[asked > 0]


def _cells(whole: pd.DataFrame, groups: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """`of`, the place of the group, -1 of courses of the whole that are of none, the keys, and `n` courses."""
    own = [rows.assign(of=place) for place, rows in enumerate(groups)]
    parts = [whole.assign(of=-1), *own, *(rows.assign(of=-1, n=-rows["n"]) for rows in groups)]
    cells = pd.concat(parts, ignore_index=True).groupby(["of", *keys], as_index=False)["n"].sum()
    return cells[cells["n"] > 0].reset_index(drop=True)


def _before(baseline: np.ndarray[Any, Any], scored: pd.DataFrame, scale: Scale) -> np.ndarray[Any, Any]:
    """The stratum of each score before treatment: its grade, averages under the nearest, or the third of all scores in points."""
    if scale.is_graded:
        return np.asarray((baseline + HUNDREDTHS // 2) // HUNDREDTHS)
    ordered = scored.sort_values("baseline")
    reached = ordered["n"].cumsum().to_numpy() / max(1, int(ordered["n"].sum()))
    ends = [ordered["baseline"].iloc[int(np.searchsorted(reached, share))] for share in _THIRDS if len(ordered)]
    return np.searchsorted(np.unique(ends), baseline)


def _rows(
    said: dict[str, Any],
    cells: pd.DataFrame,
    chosen: np.ndarray[Any, Any],
    value: np.ndarray[Any, Any],
    stratum: np.ndarray[Any, Any],
    clustered: tuple[np.ndarray[Any, Any], pd.DataFrame],
    groups: Mapping[str, Cohort],
    reach: tuple[float, float] | None,
) -> list[dict[str, Any]]:
    """A row for each group, from cells of courses that have the same `value`; shares in per cent, where there is no `reach`."""
    of, n = cells["of"].to_numpy()[chosen], cells["n"].to_numpy(np.int64)[chosen]
    types = cells["skin_type"][chosen].astype("str")
    bands = types.map(lambda name: SKIN_BANDS.get(name, name))
    within = pd.Series(stratum[chosen]).astype("str").to_numpy()
    levels = [pd.factorize(pd.Series(names.to_numpy() + "|" + within))[0] for names in (types, bands)]
    levels.append(pd.factorize(within)[0])
    enough = np.array([group.courses >= FEW_COURSES for group in groups.values()], bool)
    found = against_whole(
        np.where(of < 0, len(groups), of),
        len(groups) + 1,
        pooled(levels, n),
        n,
        value[chosen],
        counts=reach is None,
        design_effect=_design_effect(*clustered),
        shown=np.append(enough, False),
    )
    times, low, high = (100.0, 0.0, 100.0) if reach is None else (1.0, *reach)
    method = "by strata; limits of chance, " + ("exact" if reach is None else "normal")
    rows = []
    for (code, group), place in zip(groups.items(), found, strict=False):
        row = said | {"group": code, "courses": group.courses, "n": place.n, "method": method, "note": ()}
        rows.append(row | _numbers(place, times, (low, high), is_count=reach is None))
    return rows


_NONE = dict.fromkeys(
    ("estimate", "conf_low", "conf_high", "expected", "inner_low", "inner_high", "outer_low", "outer_high", "events"), nan
)


def _numbers(place: Against, times: float, reach: tuple[float, float], *, is_count: bool) -> dict[str, Any]:
    if place.n < FEW_COURSES:
        return _NONE | {"verdict": TOO_FEW}

    def shown(total: float) -> float:
        return min(max(times * total / place.n, reach[0]), reach[1])

    ends = {
        f"{name}_{end}": shown(getattr(limits, end))
        for name, limits in (("inner", place.inner), ("outer", place.outer))
        for end in ("low", "high")
    }
    numbers = {
        "estimate": shown(place.observed),
        "expected": shown(place.expected),
        "events": place.observed if is_count else nan,
    }
    return _NONE | numbers | ends | {"verdict": _verdict(place)}


def _verdict(place: Against) -> str:
    # Limits of counts are counts, and only the same sums of floats apart.
    slack = 1e-9 * max(1.0, abs(place.observed))

    def holds(limits: Any) -> bool:
        return bool(limits.low - slack <= place.observed <= limits.high + slack)

    return WITHIN if holds(place.inner) else BEYOND if holds(place.outer) else FAR_BEYOND


def _design_effect(values: np.ndarray[Any, Any], rows: pd.DataFrame) -> float:
    if rows.empty:
        return 1.0
    _, first, kind = np.unique(rows["kind"], return_index=True, return_inverse=True)
    return design_effect(values, rows["n"].to_numpy(float)[first], kind.ravel())
