"""How the number of a claim is measured: each function gives the clinic's number, what it rests on, and what the rule needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.read import cohort_of
from outcomes.cohort.tally import Tally
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS, LEADING
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.guidance import GUIDANCE, ISOTRETINOIN, UNDER_AGE
from outcomes.definitions.notes import Note, NoteCode, Notes, codes
from outcomes.definitions.thresholds import SMALLEST_GROUP
from outcomes.measures.adverse_events import DARKER, PER_COURSE, adverse_events
from outcomes.measures.appearance import appearance, well_judged
from outcomes.measures.claim_rules import Margin
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.eligibility import AGAINST, contraindications, eligibility
from outcomes.measures.headline import headline_session, session_of
from outcomes.measures.regression_to_the_mean import AT_MOST, EVERY, PER_AFFECTED, SHIFT, regression_to_the_mean
from outcomes.measures.sessions_to_half import RESPONDERS, claimed_shares, no_numbers, scored_tally, shares_by_session
from outcomes.measures.skin_types import DIFFERENT, EQUIVALENT, SLIGHTLY, UNDECIDED, skin_type_counts, skin_type_differences
from outcomes.records.records import Records

DIFFERENCE = "difference"
APPEARANCE = "improved appearance"

GOES_ON, MARKED_GIVEN = Note(NoteCode.GOES_ON), Note(NoteCode.MARKED_GIVEN)


@dataclass(frozen=True)
class Clinic:
    """The counts that claims are held against, and the limit that was set."""

    cohort: Cohort
    level: float
    new_pih_limit: float

    @cached_property
    def tallies(self) -> dict[str, Tally | None]:
        """The tally of every endpoint, None of one that is not scored."""
        return {name: scored_tally(self.cohort, name) for name in ENDPOINTS}

    @cached_property
    def session(self) -> int | None:
        """The session that the report speaks of; None where nothing is scored."""
        return claimed_session(self.cohort)


@dataclass(frozen=True)
class Measured:
    """The number of a claim: a row of estimates, None where nothing is recorded.

    `rests_on` is blank where the notes of the row say it all; `given` is what the rule needs of the records.
    """

    numbers: Mapping[str, Any] | None
    rests_on: Notes = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    """Columns that hold even where nothing is recorded."""


# A change, and its regression to the mean


def improvement(endpoint: str, clinic: Clinic) -> Measured:
    """The change of an endpoint at its headline session, with the ends of what is left of it without regression to the mean."""
    of, level = clinic.tallies[endpoint], clinic.level
    given = {"scale": of.scale if of else None, "level": level, "every": ENDPOINTS[endpoint].present_at_baseline}
    known = {"endpoint": endpoint}
    if of is None:
        return Measured(None, given=given, known=known)
    changes = continued_by_session(of, level=level).query("measure == 'change'")
    rows = changes[changes["session"] == session_of(of, clinic.session)].to_dict("records")
    began = {"began": _began(of)}
    if not rows:
        seen = of.most_scored
        nothing = no_numbers(NoteCode.TOO_FEW_AFTER if seen else NoteCode.NOBODY_AFTER, measure="change", n=seen)
        return Measured(nothing | known | began | {"left_low": nan, "left_high": nan}, _of_all(of, nothing), given)
    numbers = rows[0]
    parts = regression_to_the_mean(of, every_course(clinic.cohort, endpoint), session=clinic.session, level=level).set_index(
        "measure"
    )
    left = parts.iloc[-1]
    notes = (*_small(of, numbers), *_not_left(numbers, left), *numbers["note"])
    rests_on = _of_all(of, numbers) + (() if np.isnan(numbers["conf_low"]) else (_bad_day(parts, of),))
    ends = {"left_low": left["conf_low"], "left_high": left["conf_high"]}
    return Measured(numbers | began | ends | {"note": notes}, rests_on, given)


def claimed_session(cohort: Cohort) -> int | None:
    """The `outcomes.headline_session` of the endpoints that a report speaks of; None where nothing is scored."""
    return headline_session(cohort.tallies()) if cohort.endpoints else None


def every_course(cohort: Cohort, endpoint: str) -> Tally | None:
    """The tally of every course scored for an endpoint that counts only where it was there at baseline, else None."""
    selected = ENDPOINTS[endpoint].present_at_baseline and endpoint in cohort.endpoints
    return cohort.tally(endpoint, every_course=True) if selected else None


def claimed_regression(cohort: Cohort | Records, *, level: float = 0.95) -> pd.DataFrame:
    """`outcomes.regression_to_the_mean` of every endpoint that is scored, below each other; no rows where none is.

    Example:
        >>> import outcomes
        >>> outcomes.claimed_regression(outcomes.read_cohort("sample")).query("endpoint == 'pih'")["measure"].tolist()
        ['change', 'change of every course', 'affected at baseline', 'change per affected course']
    """
    counts = cohort_of(cohort)
    session = claimed_session(counts)
    found = [
        regression_to_the_mean(of, every_course(counts, name), session=session, level=level)
        for name in ENDPOINTS
        if (of := scored_tally(counts, name)) and _began(of)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*ESTIMATES])


def _small(of: Tally, numbers: Mapping[str, Any]) -> Notes:
    margin = of.scale.margin
    is_small = -margin < numbers["conf_low"] and numbers["conf_high"] < 0
    return (Note(NoteCode.SMALL, margin, unit=of.scale.unit),) if is_small else ()


def _not_left(numbers: Mapping[str, Any], left: pd.Series) -> Notes:
    """Why a change that is an improvement does not count as one."""
    if not numbers["conf_high"] < 0 or left["conf_high"] < 0:
        return ()
    if np.isnan(left["conf_high"]):
        return (Note(NoteCode.CHANCE_NOT_JUDGED, why=left["note"]),)
    return (Note(NoteCode.UNCLEAR_OVER_EVERY if left.name == PER_AFFECTED else NoteCode.NOT_BEYOND_CHANCE),)


def _bad_day(parts: pd.DataFrame, of: Tally) -> Note:
    """What is expected without any effect, or what is left over every course."""
    if PER_AFFECTED in parts.index:
        every, per = parts.loc[EVERY], float(parts.loc[PER_AFFECTED, "estimate"])
        if np.isnan(per):
            return Note(NoteCode.EVERY_COURSE_UNKNOWN)
        per_affected = (Note(NoteCode.PER_AFFECTED, per),)
        return Note(NoteCode.EVERY_COURSE, float(every["estimate"]), int(every["n"]), unit=of.scale.unit, why=per_affected)
    shift = parts.loc[SHIFT]
    if NoteCode.NO_CUT in codes(shift):
        return Note(NoteCode.NO_CUT)
    if np.isnan(shift["estimate"]):
        return Note(NoteCode.CHANCE_UNKNOWN, why=shift["note"])
    most = ("at most",) if AT_MOST in shift["method"] else ()
    return Note(NoteCode.CHANCE, float(shift["estimate"]), unit=of.scale.unit, names=most, why=shift["note"])


def _began(of: Tally) -> int:
    return int(of.paths["n"].sum())


def _of_all(of: Tally, numbers: Mapping[str, Any]) -> Notes:
    scored = Note(NoteCode.SCORED_OF_BEGAN, int(numbers["n"]), _began(of))
    return (scored, *_method(numbers), *(() if np.isnan(numbers["estimate"]) else (GOES_ON,)))


def _method(numbers: Mapping[str, Any]) -> Notes:
    return (Note(NoteCode.METHOD, names=(numbers["method"],)),) if numbers["method"] else ()


# A share


def responded(clinic: Clinic) -> Measured:
    """The share of courses whose scars would have responded by the last session of the claim."""
    of, given = clinic.tallies["scarring"], {"level": clinic.level}
    if of is None:
        return Measured(None, given=given, known={"endpoint": "scarring"})
    shares = claimed_shares(shares_by_session(of, clinic.level)).to_dict("records")
    nothing = no_numbers(NoteCode.TOO_FEW_COURSES, endpoint="scarring", scale=of.scale.name, measure=RESPONDERS)
    numbers = shares[-1] if shares else nothing
    rests_on = (Note(NoteCode.RESPONDED, names=(of.scale.name,)), *_of_all(of, numbers))
    return Measured(numbers | {"began": _began(of)}, rests_on, given)


def improved_appearance(clinic: Clinic) -> Measured:
    """The judgement of whoever judged most courses: patients or clinicians."""
    given = {"level": clinic.level}
    judged = appearance(clinic.cohort, level=clinic.level).query("measure == @APPEARANCE")
    at_headline = judged[(judged["session"] == clinic.session) & (judged["n"] >= SMALLEST_GROUP)]
    judged = at_headline if len(at_headline) else judged
    if judged["n"].sum() == 0:
        return Measured(None, given=given)
    enough = [well_judged(rows) for _, rows in judged.groupby("gais_by", sort=False)]
    known = pd.concat(enough).sort_values("n", ascending=False, kind="stable").to_dict("records")
    numbers = known[0] if known else no_numbers(NoteCode.TOO_FEW_COURSES, measure=APPEARANCE, gais_by="")
    return Measured(numbers, (Note(NoteCode.JUDGED_IMPROVED), Note(NoteCode.STILL_ATTENDING)), given)


# Skin types


def all_types(clinic: Clinic) -> Measured:
    """The group of skin types that stands out most, of whichever endpoint; judged by the verdicts on all of them."""
    tallies, level = [of for name in LEADING if (of := clinic.tallies[name])], clinic.level
    margins = tuple(Margin(of.scale.margin, of.scale.unit, of.endpoint.name) for of in tallies)
    given = {"margins": margins, "level": level}
    if not tallies:
        return Measured(None, given=given)
    compared = _compared(tallies, clinic.session, level)
    # An endpoint with one group that is large enough is not compared at all.
    missing = [of for of in tallies if of.endpoint.name not in set(compared["endpoint"])]
    rows = sorted(compared.to_dict("records"), key=_standing_out)
    numbers = rows[0] if rows else no_numbers(NoteCode.TOO_FEW_GROUPS, measure=DIFFERENCE)
    fewest = min(int(skin_type_counts(of)["courses"].min()) for of in tallies)
    verdicts = [*standing(compared, len(tallies), level), *(UNDECIDED for _ in missing)]
    groups = [
        Note(NoteCode.GROUPS_COMPARED, names=(str(name), *each["skin_types"]))
        for name, each in compared.groupby("endpoint", sort=False)
    ]
    few = [Note(NoteCode.TOO_FEW_TO_COMPARE, names=tuple(of.endpoint.name for of in missing))] if missing and rows else []
    rests_on = (*groups, *few, Note(NoteCode.FEWEST_OF_A_TYPE, fewest), *_method(numbers), GOES_ON)
    return Measured(numbers | {"verdicts": verdicts, "fewest": fewest}, rests_on, given)


def claimed_skin_types(cohort: Cohort | Records, *, level: float = 0.95) -> pd.DataFrame:
    """`outcomes.skin_type_differences` of scarring and PIH, whichever is scored: a row per group; no rows where nothing can be compared.

    Example:
        >>> import outcomes
        >>> outcomes.claimed_skin_types(outcomes.read_cohort("sample")).groupby("endpoint").size().to_dict()
        {'pih': 3, 'scarring': 3}
    """
    counts = cohort_of(cohort)
    return _compared([of for name in LEADING if (of := scored_tally(counts, name))], claimed_session(counts), level)


def _compared(tallies: list[Tally], session: int | None, level: float) -> pd.DataFrame:
    found = [skin_type_differences(of, session=session, level=level) for of in tallies]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*ESTIMATES, "verdict"])


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
    place = (DIFFERENT, UNDECIDED, SLIGHTLY, EQUIVALENT).index(row["verdict"])
    return place, -size / row["margin"] if row["margin"] > 0 else -size


# Events, age and contraindications


def event_in_darker_skin(event: str, clinic: Clinic) -> Measured:
    """An adverse event in skin types IV to VI, per course of the usual length."""
    given = {"limit": clinic.new_pih_limit, "level": clinic.level}
    found = adverse_events(clinic.cohort, by="skin_types", level=clinic.level)
    asked = found[(found["event"] == event) & (found["measure"] == PER_COURSE)]
    if asked["n"].sum() == 0:
        return Measured(None, given=given)
    numbers = asked[asked["skin_types"] == DARKER].to_dict("records")[0]
    if not numbers["n"]:
        numbers |= {"note": (Note(NoteCode.TYPES_NOT_ASKED, names=(DARKER,)),)}
    usual = Note(NoteCode.USUAL_COURSE, float(numbers["session"]), names=(event,))
    return Measured(numbers, (usual, Note(NoteCode.OTHER_EVENTS_LEFT_OUT)), given)


def old_enough(clinic: Clinic) -> Measured:
    """Sessions of patients below the age from which the device is cleared."""
    found = eligibility(clinic.cohort)
    (numbers,) = found[(found["measure"] == AGAINST) & (found["rule"] == UNDER_AGE)].to_dict("records")
    given = int(found.loc[(found["measure"] == NOT_RECORDED) & (found["rule"] == UNDER_AGE), "n"].iloc[0])
    return _done(numbers, given, Note(NoteCode.AGE_AT_FIRST_VISIT))


def not_contraindicated(clinic: Clinic) -> Measured:
    """Sessions given under a contraindication."""
    (numbers,) = contraindications(clinic.cohort).to_dict("records")
    asked = Note(NoteCode.CONTRAINDICATIONS, clinic.cohort.about.limits[GUIDANCE[ISOTRETINOIN].option])
    return _done(numbers, numbers.pop("sessions"), asked, *numbers["note"])


def _done(numbers: dict[str, Any], given: int, *rests_on: Note) -> Measured:
    unknown = given - int(numbers["n"])
    partly = (Note(NoteCode.PARTLY_RECORDED, unknown, given),) if unknown else ()
    note = partly if numbers["n"] else (Note(NoteCode.NOT_RECORDED),)
    return Measured(numbers | {"note": note}, (MARKED_GIVEN, *rests_on))
