"""Sessions given beside guidance, counted on the records' own engine."""

from __future__ import annotations

from math import isnan
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.providers import GROUP, with_provider, with_provider_group
from outcomes.definitions.columns import COLUMN
from outcomes.definitions.guidance import ALL_QUESTIONS, ANY_QUESTION, GUIDANCE, GuidanceRule
from outcomes.definitions.scales import HUNDREDTHS
from outcomes.errors import UsageError
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.records.session_days import session_intervals as known_intervals
from outcomes.tabular.engines import collect


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


def questions(records: Records, **limits: float) -> list[Question]:
    """Guidance as questions to a visit at which a session was given; `limits` by the options of the rules, else the usual ones.

    Raises:
        UsageError: a limit below 0.
    """
    for name, limit in limits.items():
        if not limit >= 0:
            raise UsageError(f"{name} must not be below 0, got {limit}")
    return [_question(records, rule, limits.get(rule.option, rule.limit)) for rule in GUIDANCE.values() if rule.against]


def _question(records: Records, rule: GuidanceRule, limit: float) -> Question:
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
    if rule.blank_is_no and rule.column in records.present:
        # Every visit answers; where the records have not the column, none does.
        needs = nw.col("day")
    return Question(rule, limit, applies, needs, when)


def tips_used(records: Records) -> nw.LazyFrame[Any]:
    """`tip_code`, and the `visits` at which it was recorded: tips are single-use."""
    return records.frame.filter(~nw.col("tip_code").is_null()).group_by("tip_code").agg(nw.len().alias("visits"))


def session_intervals(records: Records) -> nw.LazyFrame[Any]:
    """`course`, `k`, `interval`: days from session k - 1 to session k, where both days are known."""
    return known_intervals(records.frame).filter(nw.col("steps") == 1).select(COURSE, "k", "interval")


def by_provider(frame: nw.LazyFrame[Any], named: list[str] | None) -> nw.LazyFrame[Any]:
    """The rows with their group: that of their provider, or one for all where no provider is named."""
    return frame.with_columns(nw.lit("").alias(GROUP)) if named is None else with_provider_group(frame, named)


def answers(given: nw.LazyFrame[Any], asked: list[Question]) -> pd.DataFrame:
    """One row per group: sessions given, tips noted, screened; per question those it is asked of, known of, and against it."""
    columns = {"sessions": nw.lit(1), "tips": one(~nw.col("tip_code").is_null())}
    for each in asked:
        columns[f"{each.name} of"] = one(each.applies)
        columns[f"{each.name} n"] = one(each.applies & ~each.needs.is_null())
        columns[f"{each.name} yes"] = one(each.when)
    marked = given.with_columns(**columns)
    screening = [each.name for each in asked if each.rule.kind == "question"]
    of, answered = (nw.sum_horizontal(*(nw.col(f"{name} {end}") for name in screening)) for end in ("of", "n"))
    marked = marked.with_columns(**{ANY_QUESTION: one(answered > 0), ALL_QUESTIONS: one(answered == of)})
    sums = collect(marked.group_by(GROUP).agg(*(nw.col(name).sum() for name in (*columns, ANY_QUESTION, ALL_QUESTIONS))))
    return sums.set_index(GROUP).astype("int64").sort_index()


def one(condition: Any) -> Any:
    """1 where the condition holds, else 0."""
    return nw.when(condition).then(1).otherwise(0)


def tips_by_provider(records: Records, named: list[str] | None) -> pd.DataFrame:
    """Every tip once for each group that used it: `group`, `visits` at which anybody did."""
    noted = by_provider(records.frame.filter(~nw.col("tip_code").is_null()), named).select(GROUP, "tip_code").unique()
    used = noted.join(tips_used(records), on="tip_code", how="inner").group_by(GROUP, "visits").agg(nw.len().alias("n"))
    return collect(used)


def days_apart(records: Records, named: list[str] | None) -> pd.DataFrame:
    """`group`, `interval` in days, `n`."""
    spaced = with_provider(session_intervals(records), records)
    return collect(by_provider(spaced, named).group_by(GROUP, "interval").agg(nw.len().alias("n"))).sort_values("interval")
