"""Sessions given beside guidance, counted on the records' own engine."""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from outcomes.cohort.providers import GROUP, with_provider, with_provider_group
from outcomes.definitions.guidance import ALL_QUESTIONS, ANY_QUESTION, DEEPEST_MM, FACE, ISOTRETINOIN_MONTHS, SCREENED, YOUNGEST
from outcomes.definitions.scales import HUNDREDTHS
from outcomes.errors import UsageError
from outcomes.records.parse import COURSE
from outcomes.records.records import Records
from outcomes.records.session_days import session_intervals as known_intervals
from outcomes.tabular.engines import collect


class Rule(NamedTuple):
    """One question to each session given: whom it is asked of, what it needs to be answered, and what is against guidance."""

    name: str
    applies: Any
    needs: Any
    when: Any
    words: str


def rules(
    records: Records,
    *,
    isotretinoin_months: float = ISOTRETINOIN_MONTHS,
    youngest: int = YOUNGEST,
    deepest_mm: float = DEEPEST_MM,
) -> list[Rule]:
    """Guidance as questions to a visit at which a session was given.

    Raises:
        UsageError: a limit below 0.
    """
    limits = {"isotretinoin_months": isotretinoin_months, "youngest": youngest, "deepest_mm": deepest_mm}
    for name, limit in limits.items():
        if not limit >= 0:
            raise UsageError(f"{name} must not be below 0, got {limit}")
    everyone, isotretinoin, depth, age = nw.lit(True), nw.col("isotretinoin_months"), nw.col("depth_mm"), nw.col("age")
    # Men are not asked whether they are pregnant; where one was, the answer counts.
    not_male = nw.col("sex").is_null() | (nw.col("sex") != "male")
    of_whom = {name: not_male | ~nw.col(name).is_null() for name in ("pregnant", "breastfeeding")}
    # A blank is "never taken" where the records have the column, and "not recorded" where they have not.
    asked_isotretinoin = nw.col("day") if "isotretinoin_months" in records.present else isotretinoin
    on_face, on_other = nw.col("area").is_in(FACE), ~nw.col("area").is_null() & ~nw.col("area").is_in(FACE)
    return [
        Rule(f"under {youngest}", everyone, age, age < youngest, f"treated below the age of {youngest}"),
        *(
            Rule(name, of_whom.get(name, everyone), nw.col(name), nw.col(name), f"treated {words}")
            for name, words in SCREENED.items()
        ),
        Rule(
            "isotretinoin",
            everyone,
            asked_isotretinoin,
            isotretinoin < round(isotretinoin_months * HUNDREDTHS),
            f"treated within {isotretinoin_months:g} months of isotretinoin",
        ),
        Rule(
            "deep on the face",
            ~on_other,
            nw.when(on_face).then(depth),
            on_face & (depth > round(deepest_mm * HUNDREDTHS)),
            f"treated deeper than {deepest_mm:g} mm on the face, for which the cleared device was not evaluated",
        ),
    ]


def tips_used(records: Records) -> nw.LazyFrame[Any]:
    """`tip_code`, and the `visits` at which it was recorded: tips are single-use."""
    return records.frame.filter(~nw.col("tip_code").is_null()).group_by("tip_code").agg(nw.len().alias("visits"))


def session_intervals(records: Records) -> nw.LazyFrame[Any]:
    """`course`, `k`, `interval`: days from session k - 1 to session k, where both days are known."""
    return known_intervals(records.frame).filter(nw.col("steps") == 1).select(COURSE, "k", "interval")


def by_provider(frame: nw.LazyFrame[Any], named: list[str] | None) -> nw.LazyFrame[Any]:
    """The rows with their group: that of their provider, or one for all where no provider is named."""
    return frame.with_columns(nw.lit("").alias(GROUP)) if named is None else with_provider_group(frame, named)


def answers(given: nw.LazyFrame[Any], asked: list[Rule]) -> pd.DataFrame:
    """One row per group: sessions given, tips noted, screened; per rule those it is asked of, known of, and against it."""
    columns = {"sessions": nw.lit(1), "tips": one(~nw.col("tip_code").is_null())}
    for rule in asked:
        columns[f"{rule.name} of"] = one(rule.applies)
        columns[f"{rule.name} n"] = one(rule.applies & ~rule.needs.is_null())
        columns[f"{rule.name} yes"] = one(rule.when)
    marked = given.with_columns(**columns)
    questions = [name for name in SCREENED if f"{name} of" in columns]
    of, answered = (nw.sum_horizontal(*(nw.col(f"{name} {end}") for name in questions)) for end in ("of", "n"))
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
