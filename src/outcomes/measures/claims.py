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
from outcomes.definitions.columns import NEW_PIH
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.guidance import ISOTRETINOIN_MONTHS, YOUNGEST
from outcomes.definitions.scales import SCALES, default_margin
from outcomes.definitions.thresholds import FEW, MAJORITY, NEW_PIH_LIMIT, SMALLEST_GROUP
from outcomes.errors import UsageError, counted
from outcomes.measures import claim_rules
from outcomes.measures.adverse_events import DARKER, PER_COURSE, adverse_events
from outcomes.measures.appearance import appearance, well_judged
from outcomes.measures.claim_rules import NOT_ENOUGH, NOT_RECORDED, Rule
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.eligibility import AGAINST, contraindications, eligibility
from outcomes.measures.eligibility import NOT_RECORDED as UNKNOWN
from outcomes.measures.estimates import estimate_row, framed
from outcomes.measures.headline import headline
from outcomes.measures.regression_to_the_mean import AT_MOST, EVERY, NO_CUT, PER_AFFECTED, SHIFT, regression_to_the_mean
from outcomes.measures.response import response_by_session
from outcomes.measures.skin_types import DIFFERENT, EQUIVALENT, SLIGHTLY, UNDECIDED, skin_type_counts, skin_type_differences
from outcomes.records.records import Records
from outcomes.statistics.sample_size import more_for_share, more_to_exclude, more_without_event

FIRST_CLAIMED, LAST_CLAIMED = 3, 6
"""Sessions that patients are told pitted scars take."""

ENDS = ("scarring", "pih")
"""Endpoints on which skin types are compared."""

RESPONDERS = "responders"
HALF = "session by which half would have responded"
DIFFERENCE = "difference"
APPEARANCE = "improved appearance"

GOES_ON = "those who stopped taken to go on like patients with the same recorded scores"
NOBODY, TOO_FEW = "no course was scored after a session", "too few courses"
TOO_FEW_SCORED = "too few courses were scored after a session"
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
    of = {name: _tally(records, name) for name in ENDPOINTS}
    rows = [
        _improvement("1", "Improves acne scarring", "scarring", of["scarring"], None, level),
        _improvement("2", "Improves PIH", "pih", of["pih"], _every_course(records, "pih"), level),
        _sessions(of["scarring"], level),
        _every_type([each for name in ENDS if (each := of[name])], level),
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
        return more_to_exclude(row["n"], low, high, default_margin(SCALES[row["scale"]]))
    if measure in (RESPONDERS, APPEARANCE):
        fewest = FEW if measure == RESPONDERS else SMALLEST_GROUP
        share, ends = row["estimate"] / 100, (low / 100, high / 100)
        return max(more_for_share(row["n"], *ends, share, against=MAJORITY / 100, level=level), float(fewest - row["n"]))
    if measure == DIFFERENCE:
        return float(pd.Series([row["n_more"], row["n_more_all"]]).min())
    return more_without_event(row["n"], new_pih_limit / 100, level) if measure == PER_COURSE else nan


def sessions_to_half(records: Records, *, level: float = 0.95) -> pd.DataFrame:
    """How many sessions scars take: rows of `outcomes.definitions.estimates.ESTIMATES` after 3 and after 6 sessions, and until half have responded.

    ``responders``: percent who would have responded had every patient continued; where none is estimated after 6 sessions, the last one
    before. `HALF`: the first session at which at least half would have; its interval is that of the shares turned round, from
    the first session at which their upper end reaches half to the first at which the lower does. ``responded by, at least`` and
    ``at most``: the range of `outcomes.response_by_session`. One row with a note where scarring is not scored.

    References:
        Brookmeyer & Crowley (1982), Biometrics 38:29-41 (interval of a median by turning round those of the shares).
    """
    of = _tally(records, "scarring")
    if of is None:
        nothing = _nothing("not recorded", endpoint="scarring", scale="", measure=RESPONDERS, estimand="continued", session=nan)
        return pd.DataFrame([nothing])[[name for name in ESTIMATES if name in nothing]]
    shares = _shares(of, level)
    responded = response_by_session(of, level=level)
    claimed = _claimed(shares)
    parts = [claimed, _half(shares, of), responded[responded["session"].isin(claimed["session"])]]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _shares(of: Tally, level: float) -> pd.DataFrame:
    """Percent who would have responded after each session after which that is estimated."""
    return continued_by_session(of, level=level).query("measure == @RESPONDERS").dropna(subset="estimate")


def _claimed(shares: pd.DataFrame) -> pd.DataFrame:
    """Those after the first session of the claim, and after its last or the last before it."""
    return shares[shares["session"].isin([FIRST_CLAIMED, shares["session"][shares["session"] <= LAST_CLAIMED].max()])]


def _half(shares: pd.DataFrame, of: Tally) -> pd.DataFrame:
    """One row: the first session at which at least half would have responded; `n` scored then, or at the last where none is."""
    if shares.empty:
        return framed([{"session": nan} | estimate_row(0, nan, (nan, nan), "")], of, "continued", HALF, "sessions", "")
    reached = {end: shares.loc[shares[end] >= MAJORITY, "session"].min() for end in ("estimate", "conf_high", "conf_low")}
    first, low, high = map(float, reached.values())
    last = shares.iloc[-1]
    n = int(last["n"] if np.isnan(first) else shares.set_index("session").at[first, "n"])
    note = f"{'upper end ' if not np.isnan(first) else ''}not reached by session {last['session']:g}" if np.isnan(high) else ""
    row = {"session": nan} | estimate_row(n, first, (low, high), note)
    return framed([row], of, "continued", HALF, "sessions", last["method"])


def claimed_skin_types(records: Records, *, level: float = 0.95) -> pd.DataFrame:
    """`outcomes.skin_type_differences` of scarring and PIH, whichever is scored: a row per group; no rows where nothing can be compared."""
    return _compared([of for name in ENDS if (of := _tally(records, name))], level)


def _compared(tallies: list[Tally], level: float) -> pd.DataFrame:
    found = [skin_type_differences(of, level=level) for of in tallies]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*ESTIMATES, "verdict"])


def _tally(records: Records, endpoint: str) -> Tally | None:
    """The tally of an endpoint that is scored, else None."""
    return tally(records, endpoint) if endpoint in records.endpoints else None


def _row(claim: str, said: str, rule: Rule, numbers: dict[str, Any] | None, rests_on: str = "") -> dict[str, Any]:
    """A judged claim; one without numbers is not recorded."""
    found = numbers or _nothing("not recorded")
    return found | {
        "claim": claim,
        "said": said,
        "verdict": rule.judge(found) if numbers else NOT_RECORDED,
        "rule": rule.words,
        "rests_on": rests_on or found["note"],
    }


def _nothing(note: str, **of: Any) -> dict[str, Any]:
    return {"n": 0, "estimate": nan, "conf_low": nan, "conf_high": nan, "unit": "", "method": "", **of, "note": note}


def claimed_regression(records: Records, *, level: float = 0.95) -> pd.DataFrame:
    """`outcomes.regression_to_the_mean` of every endpoint that is scored, below each other; no rows where none is."""
    found = [
        regression_to_the_mean(of, _every_course(records, name), level=level)
        for name in ENDPOINTS
        if (of := _tally(records, name)) and _began(of)
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
    nothing = _nothing(TOO_FEW_SCORED if seen else NOBODY, endpoint=endpoint, measure="change", n=seen)
    numbers = rows[0] if rows else nothing
    if not rows:
        return _row(claim, said, rule, numbers | {"began": _began(of), "left_low": nan, "left_high": nan}, _of_all(of, numbers))
    parts = regression_to_the_mean(of, every, level=level).set_index("measure")
    left = parts.iloc[-1]
    notes = (_small(of, numbers), _not_left(numbers, left), numbers["note"])
    numbers |= {"note": "; ".join(filter(None, notes)), "began": _began(of)}
    numbers |= {"left_low": left["conf_low"], "left_high": left["conf_high"]}
    rests_on = _of_all(of, numbers)
    return _row(
        claim, said, rule, numbers, f"{rests_on}; {_bad_day(parts, of)}" if not np.isnan(numbers["conf_low"]) else rests_on
    )


def _small(of: Tally, numbers: dict[str, Any]) -> str:
    margin = default_margin(of.scale)
    is_small = -margin < numbers["conf_low"] and numbers["conf_high"] < 0
    return f"the whole interval is less than {margin:g} {of.scale.unit}" if is_small else ""


def _not_left(numbers: dict[str, Any], left: pd.Series) -> str:
    """Why a change that is an improvement does not count as one."""
    if not numbers["conf_high"] < 0 or left["conf_high"] < 0:
        return ""
    if np.isnan(left["conf_high"]):
        why = f": {left['note']}" if left["note"] else ""
        return f"how much of it can be expected without any effect could not be judged{why}"
    return (
        "not clear over every course" if left.name == PER_AFFECTED else "not clearly more than can be expected without any effect"
    )


def _bad_day(parts: pd.DataFrame, of: Tally) -> str:
    """What is expected without any effect, or what is left over every course, in a clause."""
    if PER_AFFECTED in parts.index:
        every, per = parts.loc[EVERY], parts.loc[PER_AFFECTED, "estimate"]
        if np.isnan(per):
            return "the change of every course assessed, also without it at baseline, could not be estimated"
        return f"over every course assessed, also without it at baseline: {every['estimate']:.1f} {of.scale.unit} ({every['n']:,} scored then), {per:.1f} per affected course"
    shift = parts.loc[SHIFT]
    if shift["note"] == NO_CUT:
        return NO_CUT
    if np.isnan(shift["estimate"]):
        return f"how much can be expected without any effect could not be judged: {shift['note']}"
    most = "at most " if AT_MOST in shift["method"] else ""
    return f"expected without any effect: {most}{shift['estimate']:.1f} {of.scale.unit}, {shift['note']}"


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
    shares = _claimed(_shares(of, level)).to_dict("records")
    numbers = shares[-1] if shares else _nothing(TOO_FEW, endpoint="scarring", scale=of.scale.name, measure=RESPONDERS)
    rests_on = f"responded: {of.scale.rule}, which is not corrected; {_of_all(of, numbers)}"
    return _row("3", said, rule, numbers | {"began": _began(of)}, rests_on)


def _every_type(tallies: list[Tally], level: float) -> dict[str, Any]:
    """The group of skin types that stands out most, of whichever endpoint; judged by the verdicts on all of them."""
    margins = [f"{default_margin(of.scale):g} {of.scale.unit} ({of.endpoint.label})" for of in tallies]
    said, rule = "For all Fitzpatrick types: the same improvement", claim_rules.alike(margins, level)
    if not tallies:
        return _row("4a", said, rule, None)
    compared = _compared(tallies, level)
    # An endpoint with one group that is large enough is not compared at all.
    missing = [of for of in tallies if of.endpoint.name not in set(compared["endpoint"])]
    rows = sorted(compared.to_dict("records"), key=_standing_out)
    numbers = rows[0] if rows else _nothing("too few courses of more than one group of types", measure=DIFFERENCE)
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
        "4b", said, rule, numbers | ({} if numbers["n"] else {"note": f"no course of types {DARKER} was asked about"}), rests_on
    )


def _appearance(records: Records, level: float) -> dict[str, Any]:
    """The judgement of whoever judged most courses: patients or clinicians."""
    said, rule = "Improves the overall appearance", claim_rules.most(level)
    judged = appearance(records, level=level).query("measure == @APPEARANCE")
    if judged["n"].sum() == 0:
        return _row("5b", said, rule, None)
    enough = [well_judged(rows) for _, rows in judged.groupby("gais_by", sort=False)]
    known = pd.concat(enough).sort_values("n", ascending=False, kind="stable").to_dict("records")
    numbers = known[0] if known else _nothing(TOO_FEW, measure=APPEARANCE, gais_by="")
    return _row("5b", said, rule, numbers, f"judged improved or better; {ATTENDING}")


def _age(records: Records, youngest: int) -> dict[str, Any]:
    found = eligibility(records, youngest=youngest)
    (numbers,) = found[(found["measure"] == AGAINST) & (found["rule"] == f"under {youngest}")].to_dict("records")
    given = int(found.loc[(found["measure"] == UNKNOWN) & (found["rule"] == numbers["rule"]), "n"].iloc[0])
    return _done("6", f"For ages {youngest} and over", numbers, given, "age at the first visit")


def _contraindications(records: Records, months: float) -> dict[str, Any]:
    (numbers,) = contraindications(records, isotretinoin_months=months).to_dict("records")
    words = f"pregnant, breastfeeding, skin cancer in the area, blood disorder, isotretinoin within {months:g} months (guidance; the label says currently taking)"
    more = f"; {numbers['note']}" if numbers["note"] else ""
    return _done("7", "Not given where contraindicated", numbers, numbers.pop("sessions"), f"{words}{more}")


def _done(claim: str, said: str, numbers: dict[str, Any], given: int, rests_on: str) -> dict[str, Any]:
    unknown = given - int(numbers["n"])
    note = "not recorded" if not numbers["n"] else f"{unknown:,} of {given:,} sessions not recorded" if unknown else ""
    return _row(claim, said, claim_rules.keeps(), numbers | {"note": note}, f"sessions marked as given; {rests_on}")
