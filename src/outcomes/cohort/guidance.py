"""Sessions given beside guidance: what was answered at each, tips used twice, days between sessions."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.cohort.counting import Counting
from outcomes.cohort.counts import PATIENT, linked
from outcomes.cohort.providers import with_provider
from outcomes.definitions.columns import COLUMN
from outcomes.definitions.guidance import GUIDANCE, GuidanceRule
from outcomes.definitions.scales import HUNDREDTHS
from outcomes.records.parse import COURSE

NOT_ASKED, BLANK, IN_LINE, AGAINST = range(4)
"""How a session given stands to a rule: not asked of this patient, asked and not answered, answered in line, answered against it."""

TIP_NOTED = "tip noted"
"""The column of `screening` that says whether a tip was recorded, 1 or 0."""


class Question(NamedTuple):
    """A rule of guidance as a question to each session given: whom it is asked of, what it needs to be answered, and what is against it."""

    rule: GuidanceRule
    limit: float
    applies: Any
    needs: Any
    when: Any

    @property
    def name(self) -> str:
        """That of the rule."""
        return self.rule.name


def asked_rules() -> list[GuidanceRule]:
    """The rules that are questions to each session given; the others are counted by themselves."""
    return [rule for rule in GUIDANCE.values() if rule.against]


def limit_of(rule: GuidanceRule, limits: Mapping[str, float]) -> float:
    """The limit of a rule, from `limits` by the options of the rules or the usual one."""
    return limits.get(rule.option, rule.limit)


def _question(rule: GuidanceRule, limit: float) -> Question:
    assert rule.against is not None
    answer, applies = nw.col(rule.column), nw.lit(True)
    # A number column holds integer hundredths.
    held = limit if isnan(limit) or COLUMN[rule.column].kind != "number" else round(limit * HUNDREDTHS)
    needs, when = answer, rule.against(answer, held)
    if rule.not_of_men:
        # Men are not asked whether they are pregnant; where one was, the answer counts.
        applies = nw.col("sex").is_null() | (nw.col("sex") != "male") | ~answer.is_null()
    if rule.areas:
        within = nw.col("area").is_in(rule.areas)
        applies, needs, when = ~(~nw.col("area").is_null() & ~within), nw.when(within).then(answer), within & when
    return Question(rule, limit, applies, needs, when)


def screening(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `provider`, `TIP_NOTED` and, by the name of each rule, how sessions given stand to it."""
    given = counting.frame.filter(nw.col("treated"))
    asked = [_question(rule, limit_of(rule, counting.limits)) for rule in asked_rules()]
    columns = {each.name: _standing(each) for each in asked}
    columns[TIP_NOTED] = nw.when(nw.col("tip_code").is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
    keys = {f"key_{place}": column for place, column in enumerate(columns.values())}  # not by the name of a column of the records
    marked = given.with_columns(nw.col("provider_id").fill_null("").alias("provider"), **keys)
    counted = marked.group_by(*counting.by, "provider", *keys).agg(nw.len().alias("n"))
    return counted.rename(dict(zip(keys, columns, strict=True)))


def outside(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `given` and `against`: sessions given in a course, and those of them against any rule that is a question; linked courses."""
    against = [
        nw.when(each.when.fill_null(False)).then(nw.lit(1)).otherwise(nw.lit(0))
        for each in (_question(rule, limit_of(rule, counting.limits)) for rule in asked_rules())
    ]
    given = counting.frame.filter(nw.col("treated")).with_columns(nw.max_horizontal(*against).alias("is_against"))
    courses = given.group_by(*counting.by, "patient_id", COURSE).agg(
        nw.len().alias("given"), nw.col("is_against").sum().alias("against")
    )
    return linked(courses, ["given", "against"], by=counting.by)


def _standing(each: Question) -> Any:
    is_against, is_known = each.when.fill_null(False), ~each.needs.is_null()
    return (
        nw.when(is_against).then(nw.lit(AGAINST))
        .when(each.applies & is_known).then(nw.lit(IN_LINE))
        .when(each.applies).then(nw.lit(BLANK))
        .otherwise(nw.lit(NOT_ASKED))
    )  # fmt: skip


def tips(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `provider` and `visits`, at how many a tip was recorded: linked tips, a row for each provider who used one.

    Tips are single-use. Their codes stay in the records: one used in two cohorts counts once in each.
    """
    # Where the rows of a tip were brought together, they have nothing else.
    noted = counting.records.frame.filter(~nw.col("tip_code").is_null())
    used = noted.group_by(*counting.by, "tip_code").agg(nw.len().alias("visits"))
    each = noted.select(*counting.by, "tip_code", nw.col("provider_id").fill_null("").alias("provider")).unique()
    joined = each.join(used, on=[*counting.by, "tip_code"], how="inner")
    marked = joined.with_columns(nw.when(nw.col("visits") > 1).then(nw.col("tip_code")).alias(PATIENT))
    return marked.group_by(*counting.by, PATIENT, "provider", "visits").agg(nw.len().alias("n"))


def reused_tips(used: pd.DataFrame) -> tuple[int, int]:
    """Tips recorded at more than one visit, and all tips, from counts of `tips`."""
    each = used.drop_duplicates("kind")
    return int(each.loc[each["visits"] > 1, "n"].sum()), int(each["n"].sum())


def intervals(counting: Counting) -> nw.LazyFrame[Any]:
    """The plan of `provider` and `interval`: days from one session to the next, where both days are known; the later one's provider."""
    return counting.held(spaced_sessions).group_by(*counting.by, "provider", "interval").agg(nw.len().alias("n"))


def spaced_sessions(counting: Counting) -> nw.LazyFrame[Any]:
    """One row per session a known number of days after the one before it: `course`, `k`, `interval`, `provider`."""
    spaced = counting.records.session_intervals.filter(nw.col("steps") == 1).select(COURSE, "k", "interval")
    return with_provider(spaced, counting)


def days_of(spaced: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Every interval once, in order, from counts of `intervals`."""
    ordered = spaced.sort_values("interval")
    return np.repeat(ordered["interval"].to_numpy(np.int64), ordered["n"].to_numpy(np.int64))
