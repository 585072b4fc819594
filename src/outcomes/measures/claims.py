"""Does what patients are told hold in the clinic's own records? One row per claim: the number, the verdict, and its rule.

A claim is supported, contradicted, or there are not enough patients; what was not recorded can't be judged at all. Every rule
stands beside its verdict and comes from the numbers that decided (`outcomes.measures.claim_rules`). Supported means improved, not what it came
from: there is no control group. Each claim is judged by itself at `level`, without correction for judging several, so that
intervals are those that the other notebooks show; the report says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally, tally
from outcomes.definitions.columns import NEW_PIH, NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS, LEADING
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.guidance import ISOTRETINOIN_MONTHS, UNDER_AGE, YOUNGEST
from outcomes.definitions.notes import Note, NoteCode, Notes, codes
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW, MAJORITY, NEW_PIH_LIMIT, SMALLEST_GROUP
from outcomes.errors import UsageError, counted
from outcomes.measures import claim_rules
from outcomes.measures.adverse_events import DARKER, PER_COURSE, adverse_events
from outcomes.measures.appearance import appearance, well_judged
from outcomes.measures.claim_rules import NOT_ENOUGH, Rule
from outcomes.measures.eligibility import AGAINST, contraindications, eligibility
from outcomes.measures.headline import headline
from outcomes.measures.regression_to_the_mean import AT_MOST, EVERY, PER_AFFECTED, SHIFT, regression_to_the_mean
from outcomes.measures.sessions_to_half import (
    FIRST_CLAIMED,
    LAST_CLAIMED,
    RESPONDERS,
    claimed_shares,
    no_numbers,
    scored_tally,
    shares_by_session,
)
from outcomes.measures.skin_types import DIFFERENT, EQUIVALENT, SLIGHTLY, UNDECIDED, skin_type_counts, skin_type_differences
from outcomes.records.records import Records
from outcomes.statistics.sample_size import more_for_share, more_to_exclude, more_without_event

DIFFERENCE = "difference"
APPEARANCE = "improved appearance"

GOES_ON = "those who stopped taken to go on like patients with the same recorded scores"
ATTENDING = "those still attending, who are not those who stopped"

COLUMNS = ("claim", "said", "verdict", *ESTIMATES, "began", "kept", "n_more", "rests_on")
"""Columns of `claims`, in order; of `ESTIMATES` those that apply. `began`: courses, where `n` of them were scored."""


def claims(
    records: Records,
    *,
    new_pih_limit: float = NEW_PIH_LIMIT,
    isotretinoin_months: float = ISOTRETINOIN_MONTHS,
    youngest: int = YOUNGEST,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row per claim: `said` in the words patients hear, the clinic's number with its interval, and the `verdict` by its `rule`.

    `verdict` is supported, contradicted, not enough patients, or not recorded; for the age and the contraindications kept, not
    kept, or not recorded. `rests_on` says what the number rests on; the other columns are those of `outcomes.definitions.estimates.ESTIMATES`
    that apply: changes in scale units, negative being improvement, shares in percent; nan is not estimable, with its `note`.
    The row of the skin types is the group that stands out most, with `skin_types` saying which. `n_more`: where there are not
    enough patients, how many more courses, of the kind that `n` counts, would be likely to decide; nan where that can't be told.

    `new_pih_limit` is the percent of courses of the usual length below which new PIH has to lie with its upper end where none was recorded.

    Raises:
        UsageError: `new_pih_limit` not between 0 and 100, or another limit below 0.

    Example:
        >>> import outcomes
        >>> judged = outcomes.claims(outcomes.read_records("sample"))
        >>> judged.set_index("claim").loc[["1", "2", "4b"], "verdict"].tolist()
        ['supported', 'supported', 'contradicted']
    """
    if not 0 < new_pih_limit < 100:
        raise UsageError(f"new_pih_limit must be between 0 and 100 percent of courses, got {new_pih_limit}")
    of = {name: scored_tally(records, name) for name in ENDPOINTS}
    rows = [
        _improvement("1", "Improves acne scarring", "scarring", of["scarring"], None, level),
        _improvement("2", "Improves PIH", "pih", of["pih"], _every_course(records, "pih"), level),
        _sessions(of["scarring"], level),
        _every_type([each for name in LEADING if (each := of[name])], level),
        _darker_skin(records, new_pih_limit, level),
        _improvement("5a", "Improves fine lines", "fine_lines", of["fine_lines"], None, level),
        _appearance(records, level),
        _age(records, youngest),
        _contraindications(records, isotretinoin_months),
    ]
    frame = pd.DataFrame([row | {"n_more": more_courses(row, new_pih_limit, level)} for row in rows])
    return frame[[name for name in COLUMNS if name in frame]]


def more_courses(row: Mapping[str, Any], new_pih_limit: float, level: float) -> float:
    """How many more courses would be likely to decide a claim of which there are not enough patients; else nan.

    A change: until the interval is narrower than the margin, so that it leaves out one or the other. A share: until its
    interval leaves out a half, if the share stays what it is. New PIH: until none recorded puts the upper end below the limit.
    Skin types: those of `outcomes.skin_type_differences`, of the group or of all groups, whichever is fewer.
    """
    measure, low, high = row.get("measure"), row["conf_low"], row["conf_high"]
    if row["verdict"] != NOT_ENOUGH or np.isnan(high) or not row["n"]:
        return nan
    if measure == "change":
        return more_to_exclude(row["n"], low, high, SCALES[row["scale"]].margin)
    if measure in (RESPONDERS, APPEARANCE):
        fewest = FEW if measure == RESPONDERS else SMALLEST_GROUP
        share, ends = row["estimate"] / 100, (low / 100, high / 100)
        return max(more_for_share(row["n"], *ends, share, against=MAJORITY / 100, level=level), float(fewest - row["n"]))
    if measure == DIFFERENCE:
        return float(pd.Series([row["n_more"], row["n_more_all"]]).min())
    return more_without_event(row["n"], new_pih_limit / 100, level) if measure == PER_COURSE else nan


def claimed_skin_types(records: Records, *, level: float = 0.95) -> pd.DataFrame:
    """`outcomes.skin_type_differences` of scarring and PIH, whichever is scored: a row per group; no rows where nothing can be compared.

    Example:
        >>> import outcomes
        >>> outcomes.claimed_skin_types(outcomes.read_records("sample")).groupby("endpoint").size().to_dict()
        {'pih': 3, 'scarring': 3}
    """
    return _compared([of for name in LEADING if (of := scored_tally(records, name))], level)


def _compared(tallies: list[Tally], level: float) -> pd.DataFrame:
    found = [skin_type_differences(of, level=level) for of in tallies]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*ESTIMATES, "verdict"])


def _row(claim: str, said: str, rule: Rule, numbers: dict[str, Any] | None, *rests_on: str | Note) -> dict[str, Any]:
    """A judged claim; one without numbers is not recorded. It rests on what its clauses say, each in words or a note."""
    found = numbers or no_numbers(NoteCode.NOT_RECORDED)
    return found | {
        "claim": claim,
        "said": said,
        "verdict": rule.judge(found) if numbers else NOT_RECORDED,
        "rule": rule.words,
        "rests_on": rests_on or found["note"],
    }


def claimed_regression(records: Records, *, level: float = 0.95) -> pd.DataFrame:
    """`outcomes.regression_to_the_mean` of every endpoint that is scored, below each other; no rows where none is.

    Example:
        >>> import outcomes
        >>> outcomes.claimed_regression(outcomes.read_records("sample")).query("endpoint == 'pih'")["measure"].tolist()
        ['change', 'change of every course', 'affected at baseline', 'change per affected course']
    """
    found = [
        regression_to_the_mean(of, _every_course(records, name), level=level)
        for name in ENDPOINTS
        if (of := scored_tally(records, name)) and _began(of)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*ESTIMATES])


def _every_course(records: Records, endpoint: str) -> Tally | None:
    """The tally of every course scored for an endpoint that counts only where it was there at baseline, else None."""
    selected = ENDPOINTS[endpoint].present_at_baseline and endpoint in records.endpoints
    return tally(records, endpoint, every_course=True) if selected else None


def _improvement(claim: str, said: str, endpoint: str, of: Tally | None, every: Tally | None, level: float) -> dict[str, Any]:
    rule = claim_rules.improves(of.scale if of else None, level, every=ENDPOINTS[endpoint].present_at_baseline)
    if of is None:
        return _row(claim, said, rule, None) | {"endpoint": endpoint}
    rows = headline([of], level=level).query("measure == 'change'").to_dict("records")
    seen = of.most_scored
    nothing = no_numbers(NoteCode.TOO_FEW_AFTER if seen else NoteCode.NOBODY_AFTER, endpoint=endpoint, measure="change", n=seen)
    numbers = rows[0] if rows else nothing
    if not rows:
        return _row(claim, said, rule, numbers | {"began": _began(of), "left_low": nan, "left_high": nan}, _of_all(of, numbers))
    parts = regression_to_the_mean(of, every, level=level).set_index("measure")
    left = parts.iloc[-1]
    notes = (*_small(of, numbers), *_not_left(numbers, left), *numbers["note"])
    numbers |= {"note": notes, "began": _began(of)}
    numbers |= {"left_low": left["conf_low"], "left_high": left["conf_high"]}
    rests_on = _of_all(of, numbers)
    return _row(claim, said, rule, numbers, rests_on, *([] if np.isnan(numbers["conf_low"]) else [_bad_day(parts, of)]))


def _small(of: Tally, numbers: dict[str, Any]) -> Notes:
    margin = of.scale.margin
    is_small = -margin < numbers["conf_low"] and numbers["conf_high"] < 0
    return (Note(NoteCode.SMALL, margin, unit=of.scale.unit),) if is_small else ()


def _not_left(numbers: dict[str, Any], left: pd.Series) -> Notes:
    """Why a change that is an improvement does not count as one."""
    if not numbers["conf_high"] < 0 or left["conf_high"] < 0:
        return ()
    if np.isnan(left["conf_high"]):
        return (Note(NoteCode.CHANCE_NOT_JUDGED, why=left["note"]),)
    return (Note(NoteCode.UNCLEAR_OVER_EVERY if left.name == PER_AFFECTED else NoteCode.NOT_BEYOND_CHANCE),)


def _bad_day(parts: pd.DataFrame, of: Tally) -> str | Note:
    """What is expected without any effect, or what is left over every course, in a clause."""
    if PER_AFFECTED in parts.index:
        every, per = parts.loc[EVERY], parts.loc[PER_AFFECTED, "estimate"]
        if np.isnan(per):
            return "the change of every course assessed, also without it at baseline, could not be estimated"
        return f"over every course assessed, also without it at baseline: {every['estimate']:.1f} {of.scale.unit} ({every['n']:,} scored then), {per:.1f} per affected course"
    shift = parts.loc[SHIFT]
    if NoteCode.NO_CUT in codes(shift):
        return Note(NoteCode.NO_CUT)
    if np.isnan(shift["estimate"]):
        return Note(NoteCode.CHANCE_UNKNOWN, why=shift["note"])
    most = ("at most",) if AT_MOST in shift["method"] else ()
    return Note(NoteCode.CHANCE, float(shift["estimate"]), unit=of.scale.unit, names=most, why=shift["note"])


def _began(of: Tally) -> int:
    return int(of.paths["n"].sum())


def _of_all(of: Tally, numbers: dict[str, Any]) -> str:
    assumed = "" if np.isnan(numbers["estimate"]) else GOES_ON
    return "; ".join(filter(None, (f"scored then: {numbers['n']:,} of {_began(of):,} that began", numbers["method"], assumed)))


def _sessions(of: Tally | None, level: float) -> dict[str, Any]:
    said = f"{FIRST_CLAIMED} to {LAST_CLAIMED} sessions correct pitted scars"
    rule = claim_rules.most(level, fewest=FEW)
    if of is None:
        return _row("3", said, rule, None) | {"endpoint": "scarring"}
    shares = claimed_shares(shares_by_session(of, level)).to_dict("records")
    numbers = (
        shares[-1]
        if shares
        else no_numbers(NoteCode.TOO_FEW_COURSES, endpoint="scarring", scale=of.scale.name, measure=RESPONDERS)
    )
    rests_on = f"responded: {of.scale.rule}, which is not corrected; {_of_all(of, numbers)}"
    return _row("3", said, rule, numbers | {"began": _began(of)}, rests_on)


def _every_type(tallies: list[Tally], level: float) -> dict[str, Any]:
    """The group of skin types that stands out most, of whichever endpoint; judged by the verdicts on all of them."""
    margins = [f"{of.scale.margin:g} {of.scale.unit} ({of.endpoint.label})" for of in tallies]
    said, rule = "For all Fitzpatrick types: the same improvement", claim_rules.alike(margins, level)
    if not tallies:
        return _row("4a", said, rule, None)
    compared = _compared(tallies, level)
    # An endpoint with one group that is large enough is not compared at all.
    missing = [of for of in tallies if of.endpoint.name not in set(compared["endpoint"])]
    rows = sorted(compared.to_dict("records"), key=_standing_out)
    numbers = rows[0] if rows else no_numbers(NoteCode.TOO_FEW_GROUPS, measure=DIFFERENCE)
    fewest = min(int(skin_type_counts(of)["courses"].min()) for of in tallies)
    verdicts = [*standing(compared, len(tallies), level), *(UNDECIDED for _ in missing)]
    groups = [
        f"{ENDPOINTS[name].label} as {', '.join(each['skin_types'])}" for name, each in compared.groupby("endpoint", sort=False)
    ]
    few = f"too few to compare: {', '.join(of.endpoint.label for of in missing)}" if missing and rows else ""
    smallest = f"fewest courses of a type: {fewest:,}"
    rests_on = "; ".join(filter(None, (*groups, few, smallest, numbers["method"], GOES_ON)))
    return _row("4a", said, rule, numbers | {"verdicts": verdicts, "fewest": fewest}, rests_on)


def standing(compared: pd.DataFrame, endpoints: int, level: float) -> list[str]:
    """The verdicts of `outcomes.skin_type_differences`, a different one only where it stays so with Holm's p-value times the endpoints.

    Each endpoint is compared at `level` by itself; one claim on several would else be contradicted by chance that much more often.
    """
    falls_to = {DIFFERENT: UNDECIDED, SLIGHTLY: EQUIVALENT}
    return [
        row["verdict"] if row["p_holm"] * endpoints < 1 - level else falls_to.get(row["verdict"], row["verdict"])
        for row in compared.to_dict("records")
    ]


def _standing_out(row: Mapping[str, Any]) -> tuple[int, float]:
    """Different before undecided before equivalent groups; among them the largest difference, in margins, first."""
    size = abs(np.nan_to_num(row["estimate"]))
    return (DIFFERENT, UNDECIDED, SLIGHTLY, EQUIVALENT).index(row["verdict"]), -size / row["margin"] if row[
        "margin"
    ] > 0 else -size


def _darker_skin(records: Records, limit: float, level: float) -> dict[str, Any]:
    said, rule = f"For all Fitzpatrick types: no damage to darker skin ({DARKER})", claim_rules.never(limit, level)
    found = adverse_events(records, by="skin_types", level=level)
    asked = found[(found["event"] == NEW_PIH) & (found["measure"] == PER_COURSE)]
    numbers = asked[asked["skin_types"] == DARKER].to_dict("records")[0]
    rests_on = (
        f"a course of {counted(float(numbers['session']), 'sessions')}, the usual number, by a life table over the "
        "sessions asked about new PIH; other adverse events are not in it"
    )
    if asked["n"].sum() == 0:
        return _row("4b", said, rule, None)
    return _row(
        "4b",
        said,
        rule,
        numbers | ({} if numbers["n"] else {"note": (Note(NoteCode.TYPES_NOT_ASKED, names=(DARKER,)),)}),
        rests_on,
    )


def _appearance(records: Records, level: float) -> dict[str, Any]:
    """The judgement of whoever judged most courses: patients or clinicians."""
    said, rule = "Improves the overall appearance", claim_rules.most(level)
    judged = appearance(records, level=level).query("measure == @APPEARANCE")
    if judged["n"].sum() == 0:
        return _row("5b", said, rule, None)
    enough = [well_judged(rows) for _, rows in judged.groupby("gais_by", sort=False)]
    known = pd.concat(enough).sort_values("n", ascending=False, kind="stable").to_dict("records")
    numbers = known[0] if known else no_numbers(NoteCode.TOO_FEW_COURSES, measure=APPEARANCE, gais_by="")
    return _row("5b", said, rule, numbers, f"judged improved or better; {ATTENDING}")


def _age(records: Records, youngest: int) -> dict[str, Any]:
    found = eligibility(records, youngest=youngest)
    (numbers,) = found[(found["measure"] == AGAINST) & (found["rule"] == UNDER_AGE)].to_dict("records")
    given = int(found.loc[(found["measure"] == NOT_RECORDED) & (found["rule"] == numbers["rule"]), "n"].iloc[0])
    return _done("6", f"For ages {youngest} and over", numbers, given, "age at the first visit")


def _contraindications(records: Records, months: float) -> dict[str, Any]:
    (numbers,) = contraindications(records, isotretinoin_months=months).to_dict("records")
    words = f"pregnant, breastfeeding, skin cancer in the area, blood disorder, isotretinoin within {months:g} months (guidance; the label says currently taking)"
    return _done("7", "Not given where contraindicated", numbers, numbers.pop("sessions"), words, *numbers["note"])


def _done(claim: str, said: str, numbers: dict[str, Any], given: int, *rests_on: str | Note) -> dict[str, Any]:
    unknown = given - int(numbers["n"])
    partly = (Note(NoteCode.PARTLY_RECORDED, unknown, given),) if unknown else ()
    note = partly if numbers["n"] else (Note(NoteCode.NOT_RECORDED),)
    return _row(claim, said, claim_rules.keeps(), numbers | {"note": note}, "sessions marked as given", *rests_on)
