"""Sessions given beside guidance: who was screened, who was treated against it, tips used twice, days between sessions."""

from __future__ import annotations

from math import nan
from typing import Any, Literal, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.cohort.providers import GROUP, in_order, named_providers, with_provider, with_provider_group
from outcomes.definitions.scales import HUNDREDTHS
from outcomes.errors import UsageError
from outcomes.measures.change import long_frame
from outcomes.records.parse import COURSE
from outcomes.records.read import Records
from outcomes.records.session_days import session_intervals as known_intervals
from outcomes.tabular.engines import collect

FACE = ("face", "cheeks", "forehead", "temples", "nose", "chin", "jawline")
"""Areas on which the cleared device was evaluated to `DEEPEST_MM` only."""

DEEPEST_MM = 1.5
YOUNGEST = 22
ISOTRETINOIN_MONTHS = 6
SHORTEST_INTERVAL, USUAL_INTERVAL, LONGEST_INTERVAL = 21, 28, 60
"""Days between two sessions: four weeks are usual."""

SCREENED = {
    "pregnant": "during pregnancy",
    "breastfeeding": "while breastfeeding",
    "active_skin_cancer": "with active skin cancer in the area",
    "blood_disorder": "with a blood disorder",
}
"""Columns of the questions asked at a visit, and what a session after a yes was."""

TIP, TOO_SOON, TOO_LATE = "tip reused", f"under {SHORTEST_INTERVAL} days apart", f"over {LONGEST_INTERVAL} days apart"
TIP_WORDS = "recorded at more than one visit; tips are single-use"
ANY_QUESTION, ALL_QUESTIONS = "at least one question", "every question"

AGAINST, NOT_RECORDED, ASKED, APART = "against guidance", "not recorded", "screened", "days between sessions"


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


def eligibility(
    records: Records,
    by: Literal["provider_id"] | None = None,
    *,
    isotretinoin_months: float = ISOTRETINOIN_MONTHS,
    youngest: int = YOUNGEST,
    deepest_mm: float = DEEPEST_MM,
) -> pd.DataFrame:
    """How many sessions were given against each `rule` of guidance, of how many of which it is known; a blank is never a no.

    A session given is a visit with treated = yes. Counts of what was done, so without intervals: `events` of `n` in percent.
    Columns: those of `outcomes.measures.change.ESTIMATES` that apply; `note` says what was against guidance. `measure` is

    - ``against guidance``: of the sessions of which it is known; ``tip reused`` of all tips, days apart of all intervals
    - ``not recorded``: of the sessions it is asked of (pregnancy not of men, depth only on the face) those without an answer
    - ``screened``: sessions with at least one, and with every, question of `SCREENED` answered that is asked of that patient
    - ``days between sessions``: the median; the later session's provider

    `by` provider_id names those with at least `outcomes.cohort.providers.FEW_COURSES` courses.

    Raises:
        UsageError: unknown `by`, or a limit below 0.
    """
    if by not in (None, "provider_id"):
        raise UsageError(f"by must be provider_id or nothing, got {by!r}")
    asked = rules(records, isotretinoin_months=isotretinoin_months, youngest=youngest, deepest_mm=deepest_mm)
    named = named_providers(records) if by else None
    counts = _answers(_grouped(records.frame.filter(nw.col("treated")), named), asked)
    tips, apart = _tips(records, named), _apart(records, named)
    groups = in_order({*counts.index, *tips[GROUP], *apart[GROUP]}) if by else [""]
    rows = []
    for group in groups:
        of: dict[str, str] = {by: group} if by else {}
        sessions = {name: int(n) for name, n in counts.loc[group].items()} if group in counts.index else dict.fromkeys(counts, 0)
        rows += [
            _count(of, AGAINST, rule.name, sessions[f"{rule.name} yes"], sessions[f"{rule.name} n"], words=rule.words)
            for rule in asked
        ]
        rows += [
            _count(
                of, NOT_RECORDED, rule.name, sessions[f"{rule.name} of"] - sessions[f"{rule.name} n"], sessions[f"{rule.name} of"]
            )
            for rule in asked
        ]
        rows += [_count(of, ASKED, name, sessions[name], sessions["sessions"]) for name in (ANY_QUESTION, ALL_QUESTIONS)]
        used = tips[tips[GROUP] == group]
        rows.append(
            _count(of, AGAINST, TIP, int(used.loc[used["visits"] > 1, "n"].sum()), int(used["n"].sum()), "tips", TIP_WORDS)
        )
        rows.append(_count(of, NOT_RECORDED, TIP, sessions["sessions"] - sessions["tips"], sessions["sessions"]))
        days = apart[apart[GROUP] == group]
        rows += _intervals(of, np.repeat(days["interval"].to_numpy(np.int64), days["n"].to_numpy(np.int64)))
    return long_frame(rows)


def contraindications(records: Records, *, isotretinoin_months: float = ISOTRETINOIN_MONTHS) -> pd.DataFrame:
    """Sessions given against any contraindication: one row in the columns of `eligibility`, with `sessions` given.

    A session counts (`n`) where one of `SCREENED` or isotretinoin is recorded against it, or every one of them that the records
    hold and that is asked of that patient is answered. `note` names those that no session has an answer to.
    """
    asked = [rule for rule in rules(records, isotretinoin_months=isotretinoin_months) if rule.name in (*SCREENED, "isotretinoin")]
    given = records.frame.filter(nw.col("treated"))
    held = collect(
        given.select(*(_one(~rule.needs.is_null()).sum().alias(rule.name) for rule in asked), nw.len().alias("sessions"))
    )
    ever = [rule for rule in asked if held[rule.name].fillna(0).iloc[0] > 0]
    against, known = nw.lit(False), nw.lit(bool(ever))
    for rule in ever:
        against = against | rule.when.fill_null(False)
        known = known & (~rule.applies | ~rule.needs.is_null())
    marked = given.with_columns(yes=_one(against), n=_one(against | known))
    counted = collect(marked.select(nw.col("yes").sum(), nw.col("n").sum())).fillna(0)
    never = [rule.name.replace("_", " ") for rule in asked if rule not in ever]
    row = _count({}, AGAINST, "contraindications", int(counted["yes"].iloc[0]), int(counted["n"].iloc[0]))
    note = f"not recorded: {', '.join(never)}" if never else ""
    return long_frame([row | {"note": note}]).assign(sessions=int(held["sessions"].iloc[0]))


def tips_used(records: Records) -> nw.LazyFrame[Any]:
    """`tip_code`, and the `visits` at which it was recorded: tips are single-use."""
    return records.frame.filter(~nw.col("tip_code").is_null()).group_by("tip_code").agg(nw.len().alias("visits"))


def session_intervals(records: Records) -> nw.LazyFrame[Any]:
    """`course`, `k`, `interval`: days from session k - 1 to session k, where both days are known."""
    return known_intervals(records.frame).filter(nw.col("steps") == 1).select(COURSE, "k", "interval")


def _grouped(frame: nw.LazyFrame[Any], named: list[str] | None) -> nw.LazyFrame[Any]:
    return frame.with_columns(nw.lit("").alias(GROUP)) if named is None else with_provider_group(frame, named)


def _answers(given: nw.LazyFrame[Any], asked: list[Rule]) -> pd.DataFrame:
    """One row per group: sessions given, tips noted, screened; per rule those it is asked of, known of, and against it."""
    columns = {"sessions": nw.lit(1), "tips": _one(~nw.col("tip_code").is_null())}
    for rule in asked:
        columns[f"{rule.name} of"] = _one(rule.applies)
        columns[f"{rule.name} n"] = _one(rule.applies & ~rule.needs.is_null())
        columns[f"{rule.name} yes"] = _one(rule.when)
    marked = given.with_columns(**columns)
    questions = [name for name in SCREENED if f"{name} of" in columns]
    of, answered = (nw.sum_horizontal(*(nw.col(f"{name} {end}") for name in questions)) for end in ("of", "n"))
    marked = marked.with_columns(**{ANY_QUESTION: _one(answered > 0), ALL_QUESTIONS: _one(answered == of)})
    sums = collect(marked.group_by(GROUP).agg(*(nw.col(name).sum() for name in (*columns, ANY_QUESTION, ALL_QUESTIONS))))
    return sums.set_index(GROUP).astype("int64").sort_index()


def _one(condition: Any) -> Any:
    return nw.when(condition).then(1).otherwise(0)


def _tips(records: Records, named: list[str] | None) -> pd.DataFrame:
    """Every tip once for each group that used it: `group`, `visits` at which anybody did."""
    noted = _grouped(records.frame.filter(~nw.col("tip_code").is_null()), named).select(GROUP, "tip_code").unique()
    used = noted.join(tips_used(records), on="tip_code", how="inner").group_by(GROUP, "visits").agg(nw.len().alias("n"))
    return collect(used)


def _apart(records: Records, named: list[str] | None) -> pd.DataFrame:
    """`group`, `interval` in days, `n`."""
    spaced = with_provider(session_intervals(records), records)
    return collect(_grouped(spaced, named).group_by(GROUP, "interval").agg(nw.len().alias("n"))).sort_values("interval")


def _intervals(of: dict[str, str], days: Any) -> list[dict[str, Any]]:
    middle = float(np.median(days)) if len(days) else nan
    row = _count(of, APART, "", 0, len(days), "days")
    return [
        _count(of, AGAINST, TOO_SOON, int((days < SHORTEST_INTERVAL).sum()), len(days), "intervals", TOO_SOON),
        _count(of, AGAINST, TOO_LATE, int((days > LONGEST_INTERVAL).sum()), len(days), "intervals", TOO_LATE),
        row | {"events": len(days), "estimate": middle, "unit": "days", "method": "median"},
    ]


def _count(
    of: dict[str, str], measure: str, rule: str, k: int, n: int, unit: str = "sessions", words: str = ""
) -> dict[str, Any]:
    numbers = {"n": n, "events": k, "estimate": 100 * k / n if n else nan, "conf_low": nan, "conf_high": nan}
    note = words or ("" if n else "not recorded")
    return {"measure": measure, "rule": rule} | of | numbers | {"unit": f"% of {unit}", "method": "count", "note": note}
