"""Who scored blind, and visits that two assessors scored: plans of sums."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from outcomes.cohort.counting import Counting
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.records.raters import VISIT

SUMS = ("pairs", "first", "second", "product", "apart", "same")
"""Sums over the pairs of scores of one patient, in hundredths: how many pairs, the scores, their products, their squared differences."""


def blinding(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `endpoint`, `scale`, `yes`, `no` and `of`: scores after a session by whether they were taken blind.

    A visit that two assessors scored counts two scores.
    """
    return nw.concat([_blinding(counting, name) for name in ENDPOINTS])


def _blinding(counting: Counting, endpoint: str) -> nw.LazyFrame[Any]:
    of = ENDPOINTS[endpoint]
    columns = [of.scale_column, of.score_column, "sessions_completed", "blinded"]
    ratings = counting.records.ratings
    scores = counting.frame.select(*VISIT, *columns)
    if ratings is not None:
        alone = scores.join(ratings.select(*VISIT).unique(), on=list(VISIT), how="anti")
        scores = nw.concat([alone.select(*columns), ratings.select(*columns)])
    after = scores.filter(nw.col("sessions_completed") > 0, ~nw.col(of.score_column).is_null())
    marked = after.select(
        nw.lit(endpoint).alias("endpoint"),
        nw.col(of.scale_column).alias("scale"),
        nw.when(nw.col("blinded")).then(1).otherwise(0).alias("yes"),
        nw.when(~nw.col("blinded")).then(1).otherwise(0).alias("no"),
    )
    sums = marked.group_by("endpoint", "scale").agg(nw.col("yes").sum(), nw.col("no").sum(), nw.len().alias("of"))
    return sums.select("endpoint", "scale", *(nw.col(name).cast(nw.Int64) for name in ("yes", "no", "of")))


def pairs(counting: Counting, endpoint: str, scale: str) -> nw.LazyFrame[Any] | None:
    """The plan of `SUMS` and `is_before` over the pairs of scores of each patient: `n` patients share all of them.

    `is_before` is 1 of the pairs before the first session, 0 of all pairs. None where no visit was scored twice.
    """
    ratings = counting.records.ratings
    if ratings is None:
        return None
    of = ENDPOINTS[endpoint]
    score = nw.col(of.score_column).cast(nw.Int64)
    scored = ratings.filter(~score.is_null(), nw.col(of.scale_column) == scale)
    one = scored.select("patient_id", *VISIT, "sessions_completed", nw.col("assessor_id").alias("one"), score.alias("first"))
    other = scored.select(*VISIT, nw.col("assessor_id").alias("other"), score.alias("second"))
    found = one.join(other, on=list(VISIT), how="inner").filter(nw.col("one") < nw.col("other"))
    apart = nw.col("first") - nw.col("second")
    found = found.with_columns(
        nw.lit(1).cast(nw.Int64).alias("pairs"),
        (nw.col("first") * nw.col("second")).alias("product"),
        (apart * apart).alias("apart"),
        (apart == 0).cast(nw.Int64).alias("same"),
    )
    return nw.concat([_of_patients(found, 0), _of_patients(found.filter(nw.col("sessions_completed") == 0), 1)])


def _of_patients(found: nw.LazyFrame[Any], is_before: int) -> nw.LazyFrame[Any]:
    # Only sums leave the engine, and how many patients have them: no code does.
    of_patient = found.group_by("patient_id").agg(*(nw.col(name).sum() for name in SUMS))
    counted = of_patient.group_by(*SUMS).agg(nw.len().alias("n"))
    return counted.select(nw.lit(is_before).alias("is_before"), *(nw.col(name).cast(nw.Int64) for name in (*SUMS, "n")))
