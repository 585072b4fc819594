"""Do two assessors of one visit agree? Of the visits that several scored, the same day, each without the other's row."""

from __future__ import annotations

from math import atanh, isnan, nan, sqrt, tanh
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.raters import SUMS
from outcomes.cohort.read import cohort_of
from outcomes.definitions.endpoints import Endpoint, endpoint_named
from outcomes.definitions.estimates import Estimate
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import Scale
from outcomes.definitions.thresholds import FEW
from outcomes.measures.estimates import Names, each_endpoint, long_frame
from outcomes.records.records import Records
from outcomes.statistics.arrays import Floats
from outcomes.statistics.distributions import t_quantile
from outcomes.statistics.intervals import NOT_ESTIMABLE, Interval

KAPPA, ICC, SAME = "weighted kappa", "intraclass correlation", "the same score"
"""Measures of agreement: of grades, of points, and in how many per cent both scores were the same."""


class Reliability(NamedTuple):
    """How far one assessor's score stands for the patient's, 0 to 1, with its interval, from `n` pairs of scores; nan where unknown."""

    icc: float
    interval: Interval
    n: int


def agreement(
    cohort: Cohort | Records, endpoint: Names = "scarring", *, scale: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """How well two assessors of the same visit agree: 1 is always, 0 no better than by chance.

    Columns are those of `outcomes.definitions.estimates.ESTIMATES` that apply; `n` counts pairs of scores of one visit, before the first
    session or after one: a visit that three assessors scored makes three pairs. Three rows of each endpoint:

    - ``the same score``: in percent of the pairs, without an interval
    - ``weighted kappa`` with quadratic weights on scales of grades, else ``intraclass correlation``: of single scores in
      absolute agreement, a difference between assessors counts against it
    - ``intraclass correlation`` of the pairs at baseline alone, with `session` 0; so also `reliability`

    The first score of a pair is that of the assessor whose code comes first. Intervals are by leaving out one patient at a time, on
    Fisher's scale; nan where all pairs agree. All are nan below 5 pairs, or where every score is the same.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    References:
        Cohen (1968), Psychol Bull 70:213-220; Fleiss & Cohen (1973), Educ Psychol Meas 33:613-619 (with these weights kappa is the
        intraclass correlation but for 1 / n); Shrout & Fleiss (1979), Psychol Bull 86:420-428, ICC(2,1).

    Example:
        >>> import outcomes
        >>> outcomes.agreement(outcomes.read_cohort("sample"))["n"].tolist()
        [0, 0, 0]
    """
    counts = cohort_of(cohort)
    return each_endpoint(endpoint, lambda name: _agreed(counts, endpoint_named(name), scale, level))


def _agreed(counts: Cohort, of: Endpoint, scale: str | None, level: float) -> pd.DataFrame:
    used = counts.scale_used(of, scale)
    every, before = (_pairs(counts, of, used, is_before) for is_before in (0, 1))
    is_graded = used.is_graded
    n = int(every["pairs"] @ every["patients"])
    same = 100 * int(every["same"] @ every["patients"]) / n if n >= FEW else nan
    rows: list[Estimate] = [
        {**_numbers(n, same, NOT_ESTIMABLE), "measure": SAME, "unit": "%", "method": "counted"},
        _row(KAPPA if is_graded else ICC, every, level),
        _row(ICC, before, level) | {"session": 0},
    ]
    constants = {"endpoint": of.name, "scale": used.name, "estimand": "two assessors"}
    return long_frame([constants | {"session": nan} | dict(row) for row in rows])


def reliability(
    cohort: Cohort | Records, endpoint: str = "scarring", *, scale: str | None = None, level: float = 0.95
) -> Reliability:
    """The intraclass correlation of single scores before the first session, from visits that two assessors scored.

    The share of the spread between scores that is between patients, the rest being the assessors'; nan below 5 pairs. Measured
    at one visit, it holds nothing of how a patient varies from day to day.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    References:
        Shrout & Fleiss (1979), Psychol Bull 86:420-428, ICC(2,1).

    Example:
        >>> import outcomes
        >>> round(outcomes.reliability(outcomes.read_cohort("patchy"), "scarring").icc, 1)
        0.8
    """
    of = endpoint_named(endpoint)
    counts = cohort_of(cohort)
    row = _row(ICC, _pairs(counts, of, counts.scale_used(of, scale), 1), level)
    return Reliability(row["estimate"], Interval(row["conf_low"], row["conf_high"]), row["n"])


def weighted_kappa(sums: Floats) -> Any:
    """Cohen's kappa with quadratic weights from rows of `pairs, first, second, product, apart`: sums over pairs of scores.

    `first` and `second` are sums of the scores, `product` of their products, `apart` of their squared differences.
    """
    return _agreement(sums, sums[..., 0])


def single_score_icc(sums: Floats) -> Any:
    """ICC(2,1), absolute agreement of single scores, from the same sums."""
    return _agreement(sums, sums[..., 0] - 1)


def _agreement(sums: Floats, divisor: Floats) -> Any:
    # Both are c / (c + D / 2): c is the covariance of the two scores, over n for kappa and n - 1 for the correlation, D their mean
    # squared difference. From the definitions: observed disagreement is D, expected D + 2 c; and ICC(2,1) has MSR - MSE = 2 c,
    # MSR + MSE + 2 (MSC - MSE) / n = 2 c + D.
    n, first, second, product, apart = (sums[..., place] for place in range(5))
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance, half = (product - first * second / n) / divisor, apart / n / 2
        return np.where(covariance + half > 0, covariance / (covariance + half), np.nan)


def _row(measure: str, patients: pd.DataFrame, level: float) -> Estimate:
    kappa = measure == KAPPA
    n = int(patients["pairs"] @ patients["patients"])
    estimate, interval = (
        _left_out(patients, weighted_kappa if kappa else single_score_icc, level) if n >= FEW else (nan, NOT_ESTIMABLE)
    )
    method = "quadratic weights, jackknife" if kappa else "ICC(2,1), jackknife"
    return {**_numbers(n, estimate, interval), "measure": measure, "unit": "kappa" if kappa else "ICC", "method": method}


def _numbers(n: int, estimate: float, interval: Interval) -> Estimate:
    alike = (Note(NoteCode.SAME_SCORES),) if isnan(estimate) else ()
    notes = (Note(NoteCode.TOO_FEW_PAIRS, n),) if n < FEW else alike
    return {"n": n, "estimate": estimate, "conf_low": interval.low, "conf_high": interval.high, "note": notes}


def _left_out(patients: pd.DataFrame, agreement_of: Any, level: float) -> tuple[float, Interval]:
    """The agreement of all pairs, with its interval by leaving out one patient at a time, as many as each row stands for."""
    of_patient = patients[list(SUMS[:-1])].to_numpy(np.float64)
    times = patients["patients"].to_numpy(np.float64)
    total = times @ of_patient
    estimate, without = float(agreement_of(total)), agreement_of(total - of_patient)
    people = times.sum()
    if people < 2 or isnan(estimate) or abs(estimate) >= 1 or np.isnan(without).any():
        return estimate, NOT_ESTIMABLE
    spread = without - times @ without / people
    error = sqrt((people - 1) / people * (times @ spread**2)) / (1 - estimate**2)
    half = float(t_quantile((1 + level) / 2, people - 1)) * error
    return estimate, Interval(tanh(atanh(estimate) - half), tanh(atanh(estimate) + half)) if half > 0 else NOT_ESTIMABLE


def _pairs(cohort: Cohort, endpoint: Endpoint, scale: Scale, is_before: int) -> pd.DataFrame:
    """Sums over the pairs of scores of each patient, in hundredths: `SUMS`, and `patients` who share all of them."""
    counts = cohort.part("pairs", endpoint.name, scale.name)
    if counts.empty:
        return pd.DataFrame({name: pd.Series(dtype="int64") for name in (*SUMS, "patients")})
    of_time = counts[counts["is_before"] == is_before].drop(columns="is_before").rename(columns={"n": "patients"})
    return of_time.sort_values(list(SUMS), ignore_index=True)
