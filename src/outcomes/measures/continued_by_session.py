"""Tally -> change and responders had every patient continued, after each session.

One estimator for grades and points, whatever was scored when (`outcomes.statistics.continued`), and the repeated-measures
model as its check: where that lies outside the interval, the note says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.thresholds import ENOUGH_SCORED, FEW, MOST_ALONE, SMALLEST_GROUP
from outcomes.measures.estimates import each_tally, estimate_row, framed
from outcomes.measures.estimators import METHOD, Changes, continued_by_group, estimators
from outcomes.measures.groups import By
from outcomes.statistics.arrays import Floats
from outcomes.statistics.continued import ALONE, EXIT, THIN, Continued
from outcomes.statistics.continued import FEW as FEW_SCORED
from outcomes.statistics.distributions import t_quantile


@each_tally
def continued_by_session(tally: Tally, by: By | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Mean change and percent of responders had every patient continued: the headline.

    One row per group, session and measure (``change`` in scale units, negative is improvement; ``responders`` in percent of
    those who could respond), in the columns of `outcomes.definitions.estimates.ESTIMATES`; `n` is the courses scored at that session. Groups
    below `SMALLEST_GROUP` courses are nan with a note. A session at which nothing can be estimated is nan with the reason in
    its note: too few scored, scored only where courses ended, or too few like those who left. A note says where fewer than
    half are scored, and where the check lies outside the interval. No session beyond the last with 5 scored courses is
    given; session 0 says how many began.

    Raises:
        UsageError: unknown `by`.

    References:
        See `outcomes.statistics.continued`; the check: Mallinckrodt et al. (2008), Drug Inf J 42:303-319.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> after_3 = outcomes.continued_by_session(scarring).query("session == 3")
        >>> dict(zip(after_3["measure"], after_3["estimate"].round(1)))
        {'change': -0.8, 'responders': 73.2}
    """
    lead, check = estimators(tally, by)
    began = [
        {"group": group, "session": 0} | estimate_row(int(n), 0.0, (np.nan, np.nan), Note(NoteCode.ALL_BEGAN))
        for group, n in zip(lead.groups, lead.n[:, 0], strict=True)
    ]
    found = continued_by_group(tally, by)
    rows = [row for group, of in found.items() for row in change_rows(group, of, level)]
    rows = [row | {"note": (*row["note"], *_check(row, check))} for row in rows]
    changes = continued_frame([*began, *rows], tally, by, "change", tally.scale.unit, METHOD)
    responders = [row for group, of in found.items() for row in responder_rows(group, of, level)]
    return pd.concat([changes, continued_frame(responders, tally, by, "responders", "%", METHOD)], ignore_index=True)


@each_tally
def crosscheck_by_session(tally: Tally, by: By | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Mean change by the repeated-measures model; rows and columns as in `continued_by_session`, estimand ``continued (check)``.

    The courses of a patient weigh one together. Sessions with fewer than 5 scored courses are left out of the model.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.crosscheck_by_session(scarring)["estimate"].round(1).tolist()[:3]
        [-0.4, -0.5, -0.8]
    """
    _, check = estimators(tally, by)
    rows = [_interval_row(check, group, session, level) for group, session in places(check)]
    return continued_frame(rows, tally, by, "change", tally.scale.unit, check.method).assign(estimand="continued (check)")


def places(of: Changes) -> list[tuple[str, int]]:
    """Every group with every session after its baseline."""
    return [(group, session) for group in of.groups for session in range(1, of.change.shape[1])]


_WHY: dict[str, Notes] = {
    FEW_SCORED: (),
    EXIT: (Note(NoteCode.ONLY_AT_THE_END),),
    THIN: (Note(NoteCode.FEW_EFFECTIVE),),
    ALONE: (Note(NoteCode.FEW_LIKE_LEAVERS),),
}


def change_rows(group: str, of: Continued, level: float, fewest: int = SMALLEST_GROUP) -> list[dict[str, Any]]:
    """The change after each session, one row each; nan where fewer than `fewest` courses began."""
    low, high = of.change_interval(level)
    return [_row(group, of, k, of.change[k], (low[k], high[k]), int(of.n[k]), (), fewest) for k in range(1, len(of.n))]


def responder_rows(group: str, of: Continued, level: float, fewest: int = SMALLEST_GROUP) -> list[dict[str, Any]]:
    """The percent of responders after each session, one row each; nan where fewer than `fewest` courses began."""
    low, high = of.improved_interval(level)
    unable = int(of.enrolled - of.able)
    left_out = (Note(NoteCode.AT_BEST_LEFT_OUT, unable),) if unable else ()
    return [
        _row(group, of, k, 100 * of.improved[k], (100 * low[k], 100 * high[k]), int(of.n[k]), left_out, fewest)
        for k in range(1, len(of.n))
    ]


def _row(
    group: str, of: Continued, session: int, estimate: float, ends: tuple[float, float], n: int, more: Notes, fewest: int
) -> dict[str, Any]:
    key = {"group": group, "session": session}
    if of.enrolled < fewest:
        few = Note(NoteCode.TOO_FEW_BEGAN, int(of.enrolled))
        return key | estimate_row(n, np.nan, (np.nan, np.nan), few)
    why = of.reason[session]
    notes = _WHY[why] if why else (*_fewer_than_half(n, of.enrolled), *_extrapolated(of.alone[session]))
    without = [] if why or not np.isnan(ends[0]) else [Note(NoteCode.NO_SPREAD)]
    return key | estimate_row(n, estimate, ends, *notes, *without, *more)


def _interval_row(of: Changes, group: str, session: int, level: float) -> dict[str, Any]:
    return contrast_row(of, group, session, of.row({(group, session): 1}), level)


def contrast_row(of: Changes, group: str, session: int, weights: Floats, level: float) -> dict[str, Any]:
    """The row of a weighted sum of changes with its interval; its notes are those of the session."""
    g = of.groups.index(group)
    n, enrolled, why = int(of.n[g, session]), int(of.n[g, 0]), of.reason[g, session]
    (estimate,), (error,), (df,) = of.contrast(weights[None])
    if enrolled < SMALLEST_GROUP:
        few = Note(NoteCode.TOO_FEW_BEGAN, enrolled)
        return {"group": group, "session": session} | estimate_row(n, np.nan, (np.nan, np.nan), few)
    half = t_quantile((1 + level) / 2, df) * error if n >= FEW and error > 0 else np.nan
    shown = estimate if n >= FEW else np.nan
    notes = _WHY[why] if why else _fewer_than_half(n, enrolled)
    if not (n < FEW or half > 0 or why):
        notes = (*notes, Note(NoteCode.NOT_ESTIMABLE if np.isnan(shown) else NoteCode.NO_SPREAD))
    return {"group": group, "session": session} | estimate_row(n, shown, (shown - half, shown + half), *notes)


def _fewer_than_half(n: int, enrolled: float) -> Notes:
    return (Note(NoteCode.PERCENT_SCORED, 100 * n / enrolled),) if n < ENOUGH_SCORED * enrolled else ()


def _extrapolated(alone: float) -> Notes:
    return (Note(NoteCode.PERCENT_ALONE, float(100 * alone)),) if alone > MOST_ALONE else ()


def _check(row: dict[str, Any], check: Changes) -> Notes:
    """What the check gives where that lies outside the interval of a change."""
    other = check.change[check.groups.index(row["group"]), row["session"]]
    outside = not row["conf_low"] <= other <= row["conf_high"] and not np.isnan(row["conf_low"]) and not np.isnan(other)
    return (Note(NoteCode.CHECK_OUTSIDE, float(other), names=(check.method,)),) if outside else ()


def continued_frame(
    rows: Sequence[dict[str, Any]], tally: Tally, by: By | None, measure: str, unit: str, method: str
) -> pd.DataFrame:
    """The rows as estimates, the group in its own column."""
    if not rows:  # nobody was scored again: the columns without rows
        return continued_frame(
            [{"session": 0, "group": None} | estimate_row(0, np.nan, (np.nan, np.nan))], tally, by, measure, unit, method
        )[:0]
    named = [{key: value for key, value in row.items() if key != "group"} | ({by: row["group"]} if by else {}) for row in rows]
    return framed(named, tally, "continued", measure, unit, method)
