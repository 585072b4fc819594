"""Tally -> how much of a change can be expected without any effect, from having enrolled on a bad day, and what is left of it."""

from __future__ import annotations

from math import nan, sqrt
from typing import cast

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.estimates import Estimate
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import HUNDREDTHS, Scale
from outcomes.definitions.thresholds import ENOUGH_TWICE
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.estimates import Tallies, each_tally, estimate_row, framed, same_endpoint
from outcomes.measures.headline import session_of
from outcomes.measures.paths import wide_of_tally
from outcomes.statistics.arrays import Floats
from outcomes.statistics.distributions import normal_quantile
from outcomes.statistics.intervals import wilson
from outcomes.statistics.regression_to_the_mean import (
    EXCEPTIONS,
    Density,
    Measured,
    density_at_threshold,
    threshold,
    variance_within,
)

CHANGE, SHIFT, BEYOND = "change", "change expected without any effect", "change beyond that"
EVERY, AFFECTED, PER_AFFECTED = "change of every course", "affected at baseline", "change per affected course"
"""The measures of `regression_to_the_mean`."""

NORMAL, AT_MOST, RATERS = "cut normal distribution", "at most, from the scores nearest the threshold", "ICC given"


@each_tally
def regression_to_the_mean(
    tally: Tally,
    every: Tallies | None = None,
    *,
    session: int | None = None,
    icc: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The change after `session` beside what can be expected of it without any effect, and what is left; a row each.

    `session` is by default the `outcomes.headline_session`.

    Columns of `outcomes.definitions.estimates.ESTIMATES`, told apart by `measure`; scale units, negative is improvement. `CHANGE` is the
    headline's. `SHIFT` is regression to the mean: where only scores from a threshold on were enrolled, the variance within a
    patient times the density of the baselines at the threshold (`outcomes.statistics.regression_to_the_mean`); its note says which
    threshold, or that there is none, and then it is 0. The threshold is the lowest baseline with at most 1 in 20 courses
    below it. It counts as one if it lies above the best score and if, of as many courses as began from it on, a normal
    distribution would have at least 1 in 20 more below it than there are. Where only two scores are told
    apart, the shift is the most it can be (`AT_MOST`) and its interval begins at 0. `BEYOND` is the change less the shift, with
    the uncertainty of both. nan with the reason in the note where either cannot be estimated.

    The variance within a patient comes from scores after a session, where fewer than 15 courses have two from the baseline
    too; with `icc`, of two raters on one visit for example, it is 1 - icc of the variance between all scores after a session.

    Of an endpoint that many do not have, PIH, all courses one step above the best score may have been of those; where nobody at
    the best score was assessed, the shift is at least that.

    `every` is the tally of ``every_course``, or several of them, where `tally` keeps those affected at baseline only. Then nothing is selected
    among all of them: `EVERY` is their change after the same session, `AFFECTED` the percent above the best score at
    baseline, and `PER_AFFECTED` the change of all, less their own shift if any, divided by that share, interval and all; the
    share is that of these very courses and taken as known. The two other rows are left out.

    Raises:
        ValueError: `icc` not between 0 and 1.
        UsageError: `every` is of other endpoints alone.

    References:
        Gardner & Heady (1973), J Chronic Dis 26:781-795; Davis (1976), Am J Epidemiol 104:493-498; Barnett et al. (2005), Int
        J Epidemiol 34:215-220; difference of two estimates from their intervals: Zou & Donner (2008), Stat Med 27:1693-1702.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.regression_to_the_mean(scarring)["estimate"].round(1).tolist()
        [-0.8, 0.0, -0.8]
    """
    if icc is not None and not 0 <= icc <= 1:
        raise ValueError(f"icc must be between 0 and 1, got {icc}")
    every = every if every is None else same_endpoint(tally, every)
    k = session_of(tally, session)
    change = _change(tally, k, level)
    if every is None or not tally.endpoint.present_at_baseline or _began(every) == _began(tally):
        shift = _shift(tally, icc, level)
        beyond = _beyond(change, shift)
        rows = [change | {"measure": CHANGE}, shift | {"measure": SHIFT}, beyond | {"measure": BEYOND}]
    else:
        all_of_them = _change(every, k, level)
        share = _affected(every, level)
        per = _divided(_beyond(all_of_them, _shift(every, icc, level)), share["estimate"] / 100)
        rows = [
            change | {"measure": CHANGE},
            all_of_them | {"measure": EVERY},
            share,
            per | {"measure": PER_AFFECTED},
        ]
    return framed([{"session": k} | dict(row) for row in rows], tally, "continued", "", tally.scale.unit, "")


def _began(of: Tally) -> int:
    return int(of.paths["n"].sum())


def _change(of: Tally, session: int, level: float) -> Estimate:
    """The headline's change after one session; nan where it is not estimated."""
    rows = continued_by_session(of, level=level)
    rows = rows[(rows["measure"] == "change") & (rows["session"] == session)]
    if rows.empty:
        return {**estimate_row(0, nan, (nan, nan)), "method": "", "note": (Note(NoteCode.TOO_FEW_AFTER),)}
    return cast(Estimate, dict(rows[["n", "estimate", "conf_low", "conf_high", "method", "note"]].iloc[0]))


def _shift(of: Tally, icc: float | None, level: float) -> Estimate:
    """What can be expected without any effect."""
    baselines, counts = _baselines(of)
    n = int(counts.sum())
    if n == 0:
        return {**estimate_row(0, nan, (nan, nan)), "method": ""}
    step = _step(baselines, counts)
    levels, of_level = _in_steps(baselines, counts, of.scale, step)
    lowest = threshold(levels, of_level)
    below = int(of_level[:lowest].sum())
    if levels[lowest] <= of.scale.low:
        return _none(n, of.scale)
    density = density_at_threshold(levels[lowest:], of_level[lowest:], step, of.scale.high)
    if density.missing * (n - below) - below < EXCEPTIONS * n:
        return _none(n, of.scale)
    noise = _noise(of, icc)
    if np.isnan(density.value) or np.isnan(noise.value):
        why = NoteCode.BEGAN_ALIKE if np.isnan(density.value) else NoteCode.TOO_FEW_TWICE
        return {**estimate_row(n, nan, (nan, nan), Note(why)), "method": ""}
    shift, is_limit = _product(noise, density), density.is_limit
    if ENDPOINTS[of.endpoint.name].present_at_baseline and levels[lowest] <= of.scale.low + step:
        unaffected = _all_of_the_lowest(of_level[lowest:], step)
        shift, is_limit = (unaffected, True) if unaffected.value > shift.value else (shift, is_limit)
    half = float(normal_quantile((1 + level) / 2)) * shift.error
    least = 0.0 if is_limit else max(shift.value - half, 0.0)
    code = NoteCode.ENROLLED_DOWN_FROM if of.scale.higher_is_better else NoteCode.ENROLLED_FROM
    enrolled = Note(code, float(of.scale.turned(levels[lowest])), below)
    row = estimate_row(n, -shift.value, (-shift.value - half, -least), enrolled)
    return {**row, "method": "; ".join([AT_MOST if is_limit else NORMAL, *([RATERS] if icc is not None else [])])}


def _none(n: int, scale: Scale) -> Estimate:
    worse = ("lower",) if scale.higher_is_better else ()
    return {**estimate_row(n, 0.0, (0.0, 0.0), Note(NoteCode.NO_CUT, names=worse)), "method": ""}


def _product(one: Measured, other: Density) -> Measured:
    """The product of both with its error, as they are from different scores."""
    return Measured(one.value * other.value, sqrt((one.value * other.error) ** 2 + (other.value * one.error) ** 2))


def _all_of_the_lowest(of_level: Floats, step: float) -> Measured:
    """The shift if all courses one step above the best score were unaffected and noise alone: no density tells them apart."""
    n = of_level.sum()
    share = of_level[0] / n
    return Measured(float(share * step), step * sqrt(share * (1 - share) / n))


def _baselines(of: Tally) -> tuple[Floats, Floats]:
    """The different baselines in scale units, in order, and how many courses began at each."""
    by_score = of.paths.groupby("after_0")["n"].sum().sort_index()
    return by_score.index.to_numpy(float) / HUNDREDTHS, by_score.to_numpy(float)


def _step(baselines: Floats, counts: Floats) -> float:
    """How far apart scores are: a unit where most are whole, else the smallest distance that occurs."""
    if counts[baselines == np.round(baselines)].sum() >= counts.sum() / 2 or len(baselines) < 2:
        return 1.0
    return float(np.diff(baselines).min())


def _in_steps(baselines: Floats, counts: Floats, scale: Scale, step: float) -> tuple[Floats, Floats]:
    """Baselines to the nearest step, halves up."""
    place, of = np.unique(np.floor((baselines - scale.low) / step + 0.5 + 1e-9).astype(int), return_inverse=True)
    return scale.low + step * place, np.bincount(of, counts).astype(float)


def _noise(of: Tally, icc: float | None) -> Measured:
    """The variance within a patient; nan where too few courses were scored twice."""
    wide = wide_of_tally(of)
    if icc is not None:
        return _unlike(wide.scores[:, 1:], wide.count, icc)
    for scores in (wide.scores[:, 1:], wide.scores):
        noise, courses = variance_within(scores, wide.count)
        if courses >= ENOUGH_TWICE:
            return noise
    return Measured(nan, nan)


def _unlike(scores: Floats, count: Floats, icc: float) -> Measured:
    """1 - icc of the variance of scores (P, T) about the mean of their visit, with the error of a variance of so many patients."""
    seen = ~np.isnan(scores)
    n = count @ seen
    if n.sum() <= len(n):
        return Measured(nan, nan)
    means = count @ np.where(seen, scores, 0) / np.maximum(n, 1)
    variance = float(count @ np.where(seen, (scores - means) ** 2, 0).sum(axis=1) / (n - (n > 0)).sum())
    return Measured((1 - icc) * variance, (1 - icc) * variance * sqrt(2 / (count @ seen.any(axis=1))))


def _beyond(change: Estimate, shift: Estimate) -> Estimate:
    """The change less the shift, with the interval of a difference from the intervals of both."""
    estimate = change["estimate"] - shift["estimate"]
    below = np.hypot(change["estimate"] - change["conf_low"], shift["conf_high"] - shift["estimate"])
    above = np.hypot(change["conf_high"] - change["estimate"], shift["estimate"] - shift["conf_low"])
    note = change["note"] if np.isnan(change["estimate"]) else shift["note"] if np.isnan(shift["estimate"]) else ()
    return change | {"estimate": estimate, "conf_low": estimate - below, "conf_high": estimate + above, "note": note}


def _affected(every: Tally, level: float) -> Estimate:
    n = _began(every)
    affected = int(every.paths.loc[every.paths["after_0"] > every.scale.floor, "n"].sum())
    low, high = wilson(affected, n, level)
    numbers = estimate_row(n, 100 * affected / n if n else nan, (100 * low, 100 * high))
    return {**numbers, "measure": AFFECTED, "unit": "%", "method": "Wilson"}


def _divided(change: Estimate, share: float) -> Estimate:
    estimate, low, high = (
        value / share if share > 0 else nan for value in (change["estimate"], change["conf_low"], change["conf_high"])
    )
    return change | {"estimate": estimate, "conf_low": low, "conf_high": high}
