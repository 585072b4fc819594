"""Results by the year in which courses began: the headline's, new PIH and sessions outside guidance, and whether they change.

Each year is estimated from its own courses as the whole is; the trend is in `outcomes.statistics.trend`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.courses import ONGOING
from outcomes.cohort.read import cohort_of
from outcomes.cohort.tally import Tally
from outcomes.definitions.columns import NEW_PIH, NOT_RECORDED, START_YEAR
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.thresholds import FEW, MANY_UNDER_WAY
from outcomes.measures.adverse_events import PER_COURSE, course_row, usual_sessions
from outcomes.measures.continued_by_session import change_rows, responder_rows
from outcomes.measures.estimators import METHOD, continued_by_group
from outcomes.measures.headline import headline_session, session_of
from outcomes.records.records import Records
from outcomes.statistics.arrays import Floats
from outcomes.statistics.clustered_rates import Patients, design_effect, per_session
from outcomes.statistics.continued import Continued, effective_numbers
from outcomes.statistics.multiplicity import holm
from outcomes.statistics.trend import FEWEST_YEARS, Trend, trend_of_means, trend_of_shares

CHANGE, RESPONDERS, OUTSIDE = "change", "responders", "sessions outside guidance"
UNDER_WAY, NO_YEAR = "courses under way", "courses without a year"
CLEAR = 0.95
PER_YEAR = " per year"
"""What the measure of a trend ends with, after the one whose trend it is."""

_LINE = "linear contrast of years, Welch and Satterthwaite"
_ARMITAGE = "Cochran-Armitage on effective numbers"


class _Year(NamedTuple):
    """One year of one measure: its row, and what a trend needs of it: of a share of how many independent ones it is, of a mean its standard error."""

    row: dict[str, Any]
    number: float = nan
    error: float = nan
    degrees: float = nan


def by_year(cohort: Cohort | Records, endpoints: str | Sequence[str] = "", *, level: float = 0.95) -> pd.DataFrame:
    """Results by `start_year`, the year in which courses began, and their trend: one row per measure and year, and one for its trend.

    Columns: those of `outcomes.definitions.estimates.ESTIMATES` that apply, `p_value` and `p_holm`. `measure` is

    - ``change`` and ``responders`` of each of the `endpoints` after the report's headline session, had every patient continued, each
      year from its own courses; `n` were scored then.
    - ``events per course`` of new PIH: as in `outcomes.adverse_events`, over courses of the number of sessions that is usual in all years.
    - ``sessions outside guidance``: percent of the `n` sessions given that are recorded against any rule which is a question to each
      session, `events` of them; a blank is not against it.
    - ``courses under way``: of the `n` courses with a baseline score of the first endpoint, on any scale, `events` go on; of the last
      year also those that had not come to the headline session where nothing says how they ended.
    - ``courses without a year``: of all courses, which are in none.
    - the first four with `` per year``: how much the measure changes per year, its interval and the `p_value` of no trend, over `n` years; `p_holm` is
      corrected for all that are tested.

    Of fewer than 5 courses, or patients treated, only how many they are is given. A trend needs 3 years with an estimate. Without
    `start_year` there are no rows.

    Where only chance tells years apart, 3 to 6 of 8 to 60 courses each, p is below .05 in .03 to .07 of the clinics by the change, in .02
    to .06 by the shares, and less often where events are rare.

    Raises:
        UsageError: an unknown endpoint, or no score of any; records on PySpark, which are not split.

    References:
        See `outcomes.statistics.trend`.

    Example:
        >>> import outcomes
        >>> found = outcomes.by_year(outcomes.read_cohort("sample"), "scarring")
        >>> found.loc[found["measure"] == "courses under way", "estimate"].round().tolist()
        [0.0, 0.0, 5.0, 49.0]
    """
    whole = cohort_of(cohort)
    groups = whole.by(START_YEAR)
    years = {int(value): of for value, of in sorted(groups.items()) if value.isdecimal()}
    if not years:
        return pd.DataFrame(columns=[*COLUMNS])
    tallies = whole.tallies(endpoints or ())
    session = headline_session(tallies)
    rows = [row for tally in tallies for row in _of_endpoint(tally, years, session_of(tally, session), level)]
    rows += [*_new_pih(years, usual_sessions(whole), level), *_outside(years, level), *_under_way(tallies[0], years, session)]
    rows += [_without_year(whole.courses - sum(of.courses for of in years.values()), whole.courses)]
    return _framed(rows)


def of_years(found: pd.DataFrame) -> pd.DataFrame:
    """The rows of single years, without trends and without how many courses are under way."""
    return found[found[START_YEAR].notna() & (found["measure"] != UNDER_WAY)]


def trends(found: pd.DataFrame) -> pd.DataFrame:
    """The rows of trends, and `is_clear`: whether one stands out among all of them at 5 %."""
    rows = found[found["measure"].str.endswith(PER_YEAR)]
    return rows.assign(is_clear=rows["p_holm"] < 1 - CLEAR)


def under_way(found: pd.DataFrame) -> dict[int, float]:
    """Year -> percent of its courses that are under way, where they are many."""
    rows = found[(found["measure"] == UNDER_WAY) & (found["estimate"] >= MANY_UNDER_WAY)]
    return dict(zip(rows[START_YEAR].astype(int), rows["estimate"], strict=True))


def _of_endpoint(whole: Tally, years: Mapping[int, Cohort], session: int, level: float) -> list[dict[str, Any]]:
    of_years = {year: _continued(whole, of) for year, of in years.items()}
    constants = {"endpoint": whole.endpoint.name, "scale": whole.scale.name, "estimand": "continued", "session": session}
    change = {year: _change(of, session, level) for year, of in of_years.items()}
    improved = {year: _improved(of, session, level) for year, of in of_years.items()}
    of_change = constants | {"measure": CHANGE, "unit": whole.scale.unit, "method": METHOD}
    of_improved = constants | {"measure": RESPONDERS, "unit": "%", "method": METHOD}
    return [
        *_with_trend(change, of_change, _LINE, _line(change, level)),
        *_with_trend(improved, of_improved, _ARMITAGE, _armitage(improved, level)),
    ]


def _continued(whole: Tally, year: Cohort) -> Continued | Notes:
    """The year's own estimates; where nobody was scored on this scale in it, on which others."""
    scales = _scales(whole, year)
    if whole.scale.name not in scales:
        return tuple(Note(NoteCode.OTHER_SCALE, names=(scale,)) for scale in scales) or (Note(NoteCode.NO_COURSES),)
    (of,) = continued_by_group(year.tally(whole.endpoint.name, scale=whole.scale.name), None).values()
    return of


def _scales(whole: Tally, year: Cohort) -> list[str]:
    """The scales on which the endpoint was scored in the year."""
    scales = year.part("scales")
    return sorted(scales.loc[scales["endpoint"] == whole.endpoint.name, "scale"].unique())


def _change(of: Continued | Notes, session: int, level: float) -> _Year:
    if not isinstance(of, Continued) or session >= len(of.n):
        return _Year(_none(of))
    row = change_rows("", of, level, FEW)[session - 1]
    return _Year(row, error=float(np.sqrt(of.change_cov[session, session])), degrees=of.degrees[session])


def _improved(of: Continued | Notes, session: int, level: float) -> _Year:
    if not isinstance(of, Continued) or session >= len(of.n):
        return _Year(_none(of))
    error = np.sqrt(np.diag(of.improved_cov))
    row = responder_rows("", of, level, FEW)[session - 1]
    return _Year(row, effective_numbers(of.improved, error, of.n_eff)[session])


def _none(of: Continued | Notes) -> dict[str, Any]:
    """The row of a year in which nobody, or hardly anybody, was scored after the session on this scale."""
    note = (Note(NoteCode.TOO_FEW_AFTER),) if isinstance(of, Continued) else of
    return {"n": 0, "estimate": nan, "conf_low": nan, "conf_high": nan, "note": note}


def _new_pih(years: Mapping[int, Cohort], usual: int, level: float) -> list[dict[str, Any]]:
    found = {}
    for year, of in years.items():
        row, rate = course_row(of, NEW_PIH, usual, level)
        found[year] = _Year(_shown(row, row["n"], "courses"), rate.effective)
    constants = {"measure": PER_COURSE, "event": NEW_PIH, "session": usual or nan}
    return _with_trend(found, constants, _ARMITAGE, _armitage(found, level))


def _outside(years: Mapping[int, Cohort], level: float) -> list[dict[str, Any]]:
    treated = {year: _treated(of) for year, of in years.items()}
    # What few years tell badly, all tell together: how much alike the sessions of a patient are.
    design = design_effect(Patients(*map(np.concatenate, zip(*treated.values(), strict=True))))
    found = {}
    for year, of in treated.items():
        given, events = int(of.people @ of.asked), int(of.people @ of.yes)
        share, (low, high), _ = per_session(of, level)
        note = () if given else (Note(NoteCode.NOT_RECORDED),)
        row = {
            "n": given,
            "events": events,
            "estimate": 100 * share,
            "conf_low": 100 * low,
            "conf_high": 100 * high,
            "note": note,
        }
        found[year] = _Year(_shown(row, int(of.people.sum()), "patients"), given / design)
    constants = {"measure": OUTSIDE, "unit": "% of sessions", "method": "Clopper-Pearson on patients' effective numbers"}
    return _with_trend(found, constants, _ARMITAGE, _armitage(found, level))


def _treated(of: Cohort) -> Patients:
    """Kinds of patients by the sessions that they were given and those of them against guidance; they have no life table."""
    counts = of.part("outside")
    by_kind = counts.groupby("kind")
    summed, first = by_kind[["given", "against"]].sum(), by_kind["n"].first()
    none = np.zeros((len(first), 0), np.int64)
    given, against = (summed[name].to_numpy(np.int64) for name in ("given", "against"))
    return Patients(first.to_numpy(np.int64), given, against, by_kind["given"].max().to_numpy(np.int64), none, none)


def _shown(row: dict[str, Any], n: int, unit: str) -> dict[str, Any]:
    """The row, where it is of fewer than `FEW` courses or patients without its numbers: how many of these there are is in the note."""
    if n >= FEW or not row["n"]:
        return row
    none = dict.fromkeys(("estimate", "conf_low", "conf_high"), nan)
    return row | none | {"n": n if unit == "courses" else None, "events": None, "note": (Note(NoteCode.TOO_FEW, n, unit=unit),)}


def _under_way(first: Tally, years: Mapping[int, Cohort], session: int) -> list[dict[str, Any]]:
    rows = []
    for year, of in years.items():
        n = events = 0
        for scale in _scales(first, of):
            paths = of.tally(first.endpoint.name, scale=scale).paths
            is_open = (paths["end"] == NOT_RECORDED) & (paths["attended"] < session) & (year == max(years))
            n, events = n + int(paths["n"].sum()), events + int(paths.loc[(paths["end"] == ONGOING) | is_open, "n"].sum())
        numbers = {"n": n, "events": events, "estimate": 100 * events / n if n else nan, "conf_low": nan, "conf_high": nan}
        note = () if n else (Note(NoteCode.NO_COURSES),)
        of_first = {"endpoint": first.endpoint.name, "scale": first.scale.name}
        words = {"measure": UNDER_WAY, "unit": "%", "method": "count", "note": note, **of_first}
        rows.append(_shown(words | numbers, n, "courses") | {START_YEAR: year})
    return rows


def _without_year(n: int, courses: int) -> dict[str, Any]:
    """How many courses have no year, and so are in none."""
    numbers = {"n": courses, "events": n, "estimate": 100 * n / courses, "conf_low": nan, "conf_high": nan}
    return {"measure": NO_YEAR, "unit": "%", "method": "count", "note": ()} | numbers


def _with_trend(found: Mapping[int, _Year], constants: Mapping[str, Any], method: str, trend: Trend) -> list[dict[str, Any]]:
    """A row for each year, and one for the trend."""
    unit = constants.get("unit", "%")
    factor, unit = (100.0, "percentage points") if unit.startswith("%") else (1.0, unit)
    note = (
        ()
        if np.isfinite(trend.p)
        else (Note(NoteCode.TOO_FEW_YEARS, trend.years) if trend.years < FEWEST_YEARS else Note(NoteCode.NO_SPREAD),)
    )
    low, high = trend.interval
    line = {
        "measure": constants["measure"] + PER_YEAR,
        "n": trend.years,
        "estimate": factor * trend.slope,
        "conf_low": factor * low,
        "conf_high": factor * high,
        "unit": unit,
        "method": method,
        "p_value": trend.p,
        "note": note,
    }
    return [*({**year.row, **constants, START_YEAR: at} for at, year in found.items()), {**constants, **line}]


def _line(found: Mapping[int, _Year], level: float) -> Trend:
    of = _arrays(found)
    return trend_of_means(of["year"], of["estimate"], of["error"], of["degrees"], level)


def _armitage(found: Mapping[int, _Year], level: float) -> Trend:
    of = _arrays(found)
    return trend_of_shares(of["year"], of["estimate"] / 100, of["number"], level)


def _arrays(found: Mapping[int, _Year]) -> dict[str, Floats]:
    values = list(found.values())
    return {
        "year": np.array([*found], float),
        "estimate": np.array([year.row["estimate"] for year in values], float),
        **{name: np.array([getattr(year, name) for year in values], float) for name in ("number", "error", "degrees")},
    }


_OWN = {"endpoint", "scale", "measure", "estimand", "event", START_YEAR, "session", "n", "events"}
_NUMBERS = {"estimate", "conf_low", "conf_high", "unit", "method", "note"}
COLUMNS = (*(name for name in ESTIMATES if name in _OWN | _NUMBERS), "p_value", "p_holm")
"""The columns of `by_year`, in order."""


def _framed(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).reindex(columns=[*COLUMNS]).astype({START_YEAR: "Int64", "n": "Int64", "events": "Int64"})
    known = frame["p_value"].notna()
    frame.loc[known, "p_holm"] = holm(frame.loc[known, "p_value"].to_numpy(float))
    return frame.astype({"p_holm": float})
