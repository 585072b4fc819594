"""Tally -> change from baseline, responders, percent of the possible and transitions, as one long frame of estimates.

Change is score after minus score before, as scores are counted: negative is improvement on every scale. Nothing in this module corrects
for who stopped coming: `observed` is the mean of the courses still attending, `as_treated` that of every analysed
course at its last score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isnan, nan
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outcomes.cohort.tally import Tally
from outcomes.definitions.estimates import GROUPS, Estimate
from outcomes.definitions.fitzpatrick import SKIN_BANDS
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import HUNDREDTHS, Scale
from outcomes.errors import UsageError
from outcomes.measures.estimates import each_tally, estimate_row, framed
from outcomes.measures.groups import BySkinType
from outcomes.statistics.intervals import fieller, t_interval, wilson
from outcomes.statistics.jackknife import clustered, design_effect

Estimand = Literal["observed", "as_treated"]


_Estimate = Callable[[pd.DataFrame, Scale], Estimate]


@each_tally
def change_by_session(
    tally: Tally, by: BySkinType | None = None, *, estimand: Estimand = "observed", level: float = 0.95
) -> pd.DataFrame:
    """Mean change from baseline in scale units with a t interval; negative is improvement.

    One row per group and session: for `observed` each session from 1 on, the courses scored after it; for `as_treated`
    one row per group, every analysed course at its last score, with `session` the median number of sessions it was
    taken after. Columns: `ESTIMATES`. nan with a note where fewer than 2 courses or no spread.

    Several tallies, of several endpoints, give their rows below each other.

    Raises:
        UsageError: unknown `by` or `estimand`.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> change = outcomes.change_by_session(scarring)
        >>> change["session"].tolist()
        [1, 2, 3, 4, 5, 6, 7, 8]
    """
    return _estimates(tally, by, estimand, "change", None, "t interval", lambda pairs, _: mean_change(pairs, level))


@each_tally
def responders_by_session(
    tally: Tally, by: BySkinType | None = None, *, estimand: Estimand = "observed", level: float = 0.95
) -> pd.DataFrame:
    """Percent of courses that responded by the scale's rule, with Wilson's interval; rows as in `change_by_session`.

    Courses already at the best possible score at baseline can't respond: they are left out and counted in the note.

    Raises:
        UsageError: unknown `by` or `estimand`.

    References:
        Newcombe (1998), Stat Med 17:857-872, method 3.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.responders_by_session(scarring)[["session", "n"]].values.tolist()[:3]
        [[1, 192], [2, 162], [3, 142]]
    """
    return _estimates(
        tally, by, estimand, "responders", "%", "Wilson", lambda pairs, scale: share_of_responders(pairs, scale, level)
    )


@each_tally
def percent_of_possible_by_session(
    tally: Tally, by: BySkinType | None = None, *, estimand: Estimand = "observed", level: float = 0.95
) -> pd.DataFrame:
    """Improvement as a percent of the possible, 100 (baseline - score) / (baseline - floor) of the means; positive is improvement.

    The ratio of means, never the mean of ratios, which low baselines distort; Fieller's interval. Rows as in
    `change_by_session`.

    Raises:
        UsageError: unknown `by` or `estimand`.

    References:
        Fieller (1954), J R Stat Soc B 16:175-185.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.percent_of_possible_by_session(scarring, estimand="as_treated")["estimate"].round().tolist()
        [45.0]
    """
    return _estimates(
        tally, by, estimand, "percent of the possible", "%", "Fieller", lambda pairs, scale: _possible(pairs, scale, level)
    )


@each_tally
def better_or_worse(
    tally: Tally, by: BySkinType | None = None, *, estimand: Estimand = "observed", level: float = 0.95
) -> pd.DataFrame:
    """Percent of courses whose score is `better`, the `same` or `worse` than at baseline, with Wilson's intervals.

    Three rows, told apart by `measure`, for each row of `change_by_session`.

    Raises:
        UsageError: unknown `by` or `estimand`.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> after_3 = outcomes.better_or_worse(scarring).query("session == 3")
        >>> dict(zip(after_3["measure"], after_3["estimate"].round()))
        {'better': 69.0, 'same': 30.0, 'worse': 1.0}
    """
    signs = {"better": -1, "same": 0, "worse": 1}

    def of_sign(sign: int) -> _Estimate:
        return lambda pairs, _: _of_sign(pairs, sign, level)

    measures = [_estimates(tally, by, estimand, measure, "%", "Wilson", of_sign(sign)) for measure, sign in signs.items()]
    return pd.concat(measures, ignore_index=True)


@each_tally
def transitions(tally: Tally, by: BySkinType | None = None, *, session: int | None = None, level: float = 0.95) -> pd.DataFrame:
    """Grade before by grade after: percent of the courses with each baseline grade, with Wilson's interval.

    After `session` sessions among those scored then (`observed`), or at each course's last score (`as_treated`, the
    default). `before` and `after` are grades; `n` is the courses with that grade before. Every grade of the scale is a
    row; a grade before that nobody had is nan with a note.

    Raises:
        UsageError: a scale that has no grades, an unknown `by`, or a session nobody was scored after.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> changed = outcomes.transitions(scarring, session=3)
        >>> changed.query("before == 4")[["after", "estimate"]].round().values.tolist()
        [[1.0, 0.0], [2.0, 16.0], [3.0, 63.0], [4.0, 21.0]]
    """
    if not tally.scale.is_graded:
        raise UsageError(f"transitions need a scale of grades; {tally.scale.name} is scored in points")
    pairs = _pairs(tally, "as_treated" if session is None else "observed")
    if session is not None:
        pairs = pairs[pairs["session"] == session]
        if session < 1 or pairs.empty:
            raise UsageError(f"session must be one after which courses were scored, got {session}")

    def shown(grade: int) -> int:
        return tally.scale.turned(grade, HUNDREDTHS) // HUNDREDTHS

    grades = [grade * HUNDREDTHS for grade in range(tally.scale.low, tally.scale.high + 1)]
    rows = [
        {**group, "session": _session(part, session), "before": shown(before), "after": shown(after)}
        | _share(part, before, after, level)
        for group, part in _split(pairs, by)
        for before in grades
        for after in grades
    ]
    estimand = "as_treated" if session is None else "observed"
    return framed(rows, tally, estimand, "transition", "% of courses with that grade before", "Wilson")


def _estimates(
    tally: Tally, by: BySkinType | None, estimand: Estimand, measure: str, unit: str | None, method: str, estimate: _Estimate
) -> pd.DataFrame:
    """A row of one measure for each group and session; no `unit` is the scale's own."""
    pairs = _pairs(tally, estimand)
    sessions: Iterable[int | None] = [None] if estimand == "as_treated" else range(1, max([1, *tally.scores["session"]]) + 1)
    rows = [
        {**group, "session": _session(part, session)}
        | estimate(part if session is None else part[part["session"] == session], tally.scale)
        for group, part in _split(pairs, by)
        for session in sessions
    ]
    return framed(rows, tally, estimand, measure, unit or tally.scale.unit, method)


def _pairs(tally: Tally, estimand: str) -> pd.DataFrame:
    if estimand not in ("observed", "as_treated"):
        raise UsageError(f"estimand must be observed or as_treated, got {estimand!r}")
    return tally.last if estimand == "as_treated" else tally.scores[tally.scores["session"] > 0]


def _split(pairs: pd.DataFrame, by: BySkinType | None) -> list[tuple[dict[str, str], pd.DataFrame]]:
    """The pairs of each group, empty groups too."""
    if by is None:
        return [({}, pairs)]
    if by not in GROUPS:
        raise UsageError(f"by must be skin_type or skin_band, got {by!r}")
    group = pairs["skin_type"] if by == "skin_type" else pairs["skin_type"].map(SKIN_BANDS)
    return [({by: name}, pairs[group == name]) for name in GROUPS[by]]


def _session(pairs: pd.DataFrame, session: int | None) -> float:
    """The session itself, or the median number of sessions over the courses at their last score."""
    if session is not None:
        return session
    return float(np.median(np.repeat(pairs["session"], pairs["n"]))) if len(pairs) else nan


def mean_change(pairs: pd.DataFrame, level: float, alike: NoteCode = NoteCode.CHANGED_ALIKE) -> Estimate:
    """Mean of `score` less `baseline` over `n` courses each, with a t interval that leaves out patients.

    `pairs` holds these columns, and `kind`: rows of one kind are the courses that each of `n` patients has. `alike` is noted
    where nothing varies.
    """
    n, drop = int(pairs["n"].sum()), pairs["score"] - pairs["baseline"]
    if n == 0:
        return estimate_row(0, nan, (nan, nan))
    mean, ((variance,),) = _mean(pairs, drop), _covariance(pairs, drop)
    people = patients_of(pairs)
    interval = t_interval(people, mean / HUNDREDTHS, people * variance / HUNDREDTHS**2, level)
    notes = [Note(alike)] if variance == 0 and n > 1 else []
    return estimate_row(n, mean / HUNDREDTHS, interval, *notes)


def share_of_responders(pairs: pd.DataFrame, scale: Scale, level: float) -> Estimate:
    """Percent of such courses, those that can respond, that did by the scale's rule, with Wilson's interval."""
    able = pairs[pairs["baseline"] > scale.floor]
    unable = int(pairs["n"].sum()) - int(able["n"].sum())
    notes = [Note(NoteCode.AT_BEST_LEFT_OUT, unable)] if unable else []
    return share_row(able, scale.is_response(able["baseline"], able["score"]), level, *notes)


def share_row(pairs: pd.DataFrame, counts: pd.Series, level: float, *notes: Note) -> Estimate:
    """Percent of courses of which `counts` is true, with Wilson's interval on the effective number of courses.

    That is their number over the design effect: the courses of one patient are not independent.

    References:
        Rao & Scott (1992), Biometrics 48:577-585 (effective numbers); Newcombe (1998), Stat Med 17:857-872, method 3.
    """
    n, k = int(pairs["n"].sum()), int(pairs.loc[counts, "n"].sum())
    times = design_effect(counts.to_numpy(float), *_kinds(pairs)) if n else 1.0
    low, high = wilson(k / times, n / times, level)
    return estimate_row(n, 100 * k / n if n else nan, (100 * low, 100 * high), *notes)


def _of_sign(pairs: pd.DataFrame, sign: int, level: float) -> Estimate:
    return share_row(pairs, np.sign(pairs["score"] - pairs["baseline"]) == sign, level)


def _possible(pairs: pd.DataFrame, scale: Scale, level: float) -> Estimate:
    n, gained, room = int(pairs["n"].sum()), pairs["baseline"] - pairs["score"], pairs["baseline"] - scale.floor
    if n == 0 or _mean(pairs, room) == 0:
        return estimate_row(n, nan, (nan, nan), *([Note(NoteCode.ALL_AT_BEST)] if n else []))
    top, bottom = _mean(pairs, gained), _mean(pairs, room)
    people = patients_of(pairs)
    spread = people * _covariance(pairs, gained, room)
    low, high = fieller(people, top, bottom, spread[0, 0], spread[1, 1], spread[0, 1], level=level)
    notes = [Note(NoteCode.IMPROVED_ALIKE)] if n > 1 and isnan(low) else []
    return estimate_row(n, 100 * top / bottom, (100 * low, 100 * high), *notes)


def _share(pairs: pd.DataFrame, before: int, after: int, level: float) -> Estimate:
    # Averages of two raters are filed under the nearest grade, halves under the worse one.
    started = pairs[_nearest(pairs["baseline"]) == before]
    return share_row(started, _nearest(started["score"]) == after, level)


def _nearest(score: pd.Series) -> pd.Series:
    return (score + HUNDREDTHS // 2) // HUNDREDTHS * HUNDREDTHS


def patients_of(pairs: pd.DataFrame) -> int:
    """How many patients the courses are of."""
    return int(_kinds(pairs)[0].sum())


def _kinds(pairs: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Patients of each kind (K,), and the place of each row's among them."""
    _, first, place = np.unique(pairs["kind"], return_index=True, return_inverse=True)
    return pairs["n"].to_numpy(float)[first], place.ravel()


def _mean(pairs: pd.DataFrame, value: pd.Series) -> float:
    return int((pairs["n"] * value).sum()) / int(pairs["n"].sum())


def _covariance(pairs: pd.DataFrame, *values: pd.Series) -> NDArray[np.float64]:
    """Covariance of the means of such columns over the courses, from what each patient's add up to; 0 below two patients."""
    return clustered(np.stack([value.to_numpy(float) for value in values], axis=1), *_kinds(pairs))
