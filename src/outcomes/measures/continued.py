"""Change, share responding, share at each level and gain of each visit had every patient continued, as frames."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.scales import HUNDREDTHS, Scale
from outcomes.definitions.thresholds import MOST_LEVELS
from outcomes.errors import UsageError
from outcomes.measures.paths import wide_of
from outcomes.statistics.arrays import Floats
from outcomes.statistics.attendance import Courses, Rule
from outcomes.statistics.continued import Continued, share_ends, t_ends
from outcomes.statistics.continued import continued as estimated
from outcomes.statistics.longitudinal import Wide

COLUMNS = ("group", "visit", "n", "estimate", "std_error", "conf_low", "conf_high", "n_eff", "alone", "reason")


@dataclass(frozen=True)
class ContinuedFrames:
    """Estimates had every patient continued; one row per group and visit after the first.

    `change`: mean change from the first visit, in units of the score, negative is improvement; `improved`: share responding, 0
    to 1, of those who could; `shares`: share at each `level`, none where there are more than `MOST_LEVELS` different scores;
    `gain`: change since the last visit before that has an estimate, which `since` names.

    Columns: `group`, `visit`, `n` subjects scored, `estimate`, `std_error`, `conf_low`, `conf_high`, `n_eff` effective patients,
    `alone` the share of all subjects that nobody scored then was like when they were last there, and the `reason` where nothing is
    estimated: `estimate` is nan there. An interval is nan where nothing varies.
    """

    change: pd.DataFrame
    improved: pd.DataFrame
    shares: pd.DataFrame
    gain: pd.DataFrame


def continued(
    scores: pd.DataFrame | Tally,
    *,
    subject: str = "",
    visit: str = "",
    score: str = "",
    patient: str | None = None,
    attended: str | None = None,
    group: str | None = None,
    responded: Rule | None = None,
    tilt: float = 0.0,
    level: float = 0.95,
) -> ContinuedFrames:
    """Estimates had every patient continued, from a long frame with one row per subject and visit or from a tally.

    In a frame, `subject`, `visit`, `score` name columns; the first visit is the baseline, and subjects without a score there are left out.
    `patient` names the column that says whose subjects (courses) are the same patient's: they are left out together. `attended`
    names the column with the last visit that the subject came to, scored or not, the same on all its rows; without it that is the
    last scored one, and whoever is scored seldom seems to have left early. Each `group` is estimated from its own subjects.
    `responded` says from scores before and later, as arrays, whether that is a response; by default lower by at least 1. `tilt`
    is the log odds ratio of leaving for each unit gained that was not recorded, 0 where leaving depends on recorded scores only.

    A tally holds all that by itself: visits are numbers of sessions, `group` is skin_type, skin_band or skin_types (merged until
    each has enough), a response is by the scale's own rule among those who can respond, and a unit of `tilt` is one grade, or a
    tenth of the range of a scale of points.

    Valid where those who left would have gone on like subjects with the same recorded scores. Intervals are Student's, of shares
    score intervals, from leaving out one patient at a time.

    Raises:
        UsageError: see `outcomes.statistics.longitudinal.wide_of_scores`; a frame without its columns named, or a tally with them; a level outside
            0 to 1; a tilt that is not finite.

    References:
        See `outcomes.statistics.continued`.

    Example:
        >>> import outcomes, pandas as pd
        >>> one = pd.DataFrame({"subject": [s for s in range(9) for _ in "ab"], "visit": [0, 3] * 9, "grade": [3, 2] * 9})
        >>> outcomes.continued(one, subject="subject", visit="visit", score="grade").change["estimate"].round(6).tolist()
        [-1.0]
    """
    if not 0 < level < 1:
        raise UsageError(f"level must be between 0 and 1, got {level}")
    if not np.isfinite(tilt):
        raise UsageError(f"tilt must be a finite number, got {tilt}")
    wide = wide_of(scores, group=group, subject=subject, visit=visit, score=score, patient=patient, attended=attended)
    able: Rule | None = None
    unit, rule = 1.0, _lower_by_one if responded is None else responded
    if isinstance(scores, Tally):
        own, able = response_of(scores.scale)
        unit, rule = tilt_unit(scores.scale), own if responded is None else responded
    levels = levels_of(wide)
    found = {name: continued_of(wide.of_group(name), rule, able, levels=levels, tilt=tilt, unit=unit) for name in wide.groups}
    later = wide.visits[1:]
    shares = [
        _share_rows(name, later, of, j, level).assign(level=scores.scale.turned(at) if isinstance(scores, Tally) else at)
        for name, of in found.items()
        for j, at in enumerate(levels)
    ]
    return ContinuedFrames(
        change=pd.concat([_change(name, later, of, level) for name, of in found.items()], ignore_index=True),
        improved=pd.concat([_improved(name, later, of, level) for name, of in found.items()], ignore_index=True),
        shares=pd.concat(shares, ignore_index=True) if shares else pd.DataFrame(columns=[*COLUMNS, "level"]),
        gain=pd.concat([_gain(name, wide.visits, of, level) for name, of in found.items()], ignore_index=True),
    )


def continued_of(
    wide: Wide, responded: Rule, able: Rule | None = None, *, levels: tuple[float, ...] = (), tilt: float = 0.0, unit: float = 1.0
) -> Continued:
    """`outcomes.statistics.continued.continued` of one group's rows that have a baseline."""
    own = wide.rows(~np.isnan(wide.scores[:, 0]))
    patients, kind = own.patients
    courses = Courses(own.scores, own.attended, own.stopped, kind, patients)
    return estimated(courses, responded, able, levels=levels, tilt=tilt, unit=unit)


def levels_of(wide: Wide) -> tuple[float, ...]:
    """The different scores in rising order; none where there are too many."""
    seen = np.unique(wide.scores[~np.isnan(wide.scores)])
    return tuple(map(float, seen)) if len(seen) <= MOST_LEVELS else ()


def estimated_before(of: Continued) -> list[int]:
    """For each session (T,) the last one before it that has an estimate: the baseline where none has."""
    return [max((j for j in range(k) if not of.reason[j]), default=0) for k in range(len(of.reason))]


def response_of(scale: Scale) -> tuple[Callable[[Floats, Floats], Any], Callable[[Floats, Floats], Any]]:
    """The scale's responder rule, and whether a baseline can respond, on arrays in units of the scale; nan never responds."""

    def responded(before: Floats, after: Floats) -> Any:
        reached = np.where(np.isnan(after), before, after)
        return scale.is_response(np.round(before * HUNDREDTHS), np.round(reached * HUNDREDTHS)) & (before > scale.low)

    def able(before: Floats, _: Floats) -> Any:
        return before > scale.low

    return responded, able


def tilt_unit(scale: Scale) -> float:
    """What stopping is related to: one grade, or a tenth of the range of a scale of points."""
    return 1.0 if scale.is_graded else (scale.high - scale.low) / 10


def _lower_by_one(before: Floats, after: Floats) -> Any:
    return np.nan_to_num(before - after, nan=-np.inf) >= 1 - 1e-9


def _change(group: Hashable, visits: tuple[Any, ...], of: Continued, level: float) -> pd.DataFrame:
    error = np.sqrt(np.diag(of.change_cov))
    return _frame(group, visits, of, of.change, error, of.change_interval(level))


def _improved(group: Hashable, visits: tuple[Any, ...], of: Continued, level: float) -> pd.DataFrame:
    error = np.sqrt(np.diag(of.improved_cov))
    return _frame(group, visits, of, of.improved, error, of.improved_interval(level))


def _share_rows(group: Hashable, visits: tuple[Any, ...], of: Continued, place: int, level: float) -> pd.DataFrame:
    share, error = of.shares[:, place], of.shares_error[:, place]
    return _frame(group, visits, of, share, error, share_ends(share, error, of.n_eff, of.degrees, level))


def _gain(group: Hashable, visits: tuple[Any, ...], of: Continued, level: float) -> pd.DataFrame:
    before = estimated_before(of)
    variance = np.diag(of.change_cov)
    error = np.sqrt(np.maximum(variance + variance[before] - 2 * of.change_cov[np.arange(len(before)), before], 0))
    gain = of.change - of.change[before]
    frame = _frame(group, visits[1:], of, gain, error, t_ends(gain, error, of.degrees, level))
    return frame.assign(since=[visits[j] for j in before[1:]])


def _frame(
    group: Hashable, visits: tuple[Any, ...], of: Continued, estimate: Floats, error: Floats, ends: tuple[Floats, Floats]
) -> pd.DataFrame:
    columns: tuple[Any, ...] = (group, visits, of.n[1:].astype(int), estimate[1:], error[1:], ends[0][1:], ends[1][1:])
    return pd.DataFrame(dict(zip(COLUMNS, (*columns, of.n_eff[1:], of.alone[1:], of.reason[1:]), strict=True)))
