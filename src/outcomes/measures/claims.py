"""Does what patients are told hold in the clinic's own records? One row per claim: the number, the verdict, and its rule.

A claim is supported, contradicted or undecided; what was not recorded can't be judged at all. Every rule
stands beside its verdict and holds the numbers that decided (`outcomes.measures.claim_rules`). Supported means improved, not what it came
from: there is no control group. Each claim is judged by itself at `level`, without correction for judging several, so that
intervals are those that the other notebooks show; the report says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.read import cohort_of
from outcomes.definitions.columns import NEW_PIH, NOT_RECORDED
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.guidance import GUIDANCE, UNDER_AGE
from outcomes.definitions.notes import NoteCode
from outcomes.definitions.thresholds import FEW, NEW_PIH_LIMIT
from outcomes.errors import UsageError
from outcomes.measures import claim_measures as measure
from outcomes.measures import claim_rules as rules
from outcomes.measures.adverse_events import DARKER
from outcomes.measures.claim_measures import Clinic, Measured
from outcomes.measures.claim_rules import Rule
from outcomes.measures.sessions_to_half import FIRST_CLAIMED, LAST_CLAIMED, no_numbers
from outcomes.records.records import Records

COLUMNS = ("claim", "said", "verdict", *ESTIMATES, "began", "kept", "n_more", "rests_on")
"""Columns of `claims`, in order; of `ESTIMATES` those that apply. `began`: courses, where `n` of them were scored."""


@dataclass(frozen=True)
class Claim:
    """What patients are told: in the words that they hear, how it is measured, and the rule that decides.

    In `said`, ``{youngest}`` stands for that limit. `measure` is a function of `outcomes.measures.claim_measures`; what it gives
    the rule are the arguments of `rule`, one of `outcomes.measures.claim_rules`.
    """

    code: str
    said: str
    measure: Callable[[Clinic], Measured]
    rule: Callable[..., Rule]


CLAIMS = {
    claim.code: claim
    for claim in (
        Claim("1", "Improves acne scarring", partial(measure.improvement, "scarring"), rules.improves),
        Claim("2", "Improves PIH", partial(measure.improvement, "pih"), rules.improves),
        Claim(
            *("3", f"{FIRST_CLAIMED} to {LAST_CLAIMED} sessions correct pitted scars"),
            *(measure.responded, partial(rules.most, fewest=FEW)),
        ),
        Claim("4a", "The same improvement in all skin types", measure.all_types, rules.alike),
        Claim(
            *("4b", f"No damage to darker skin ({DARKER})"),
            *(partial(measure.event_in_darker_skin, NEW_PIH), rules.never),
        ),
        Claim("5a", "Improves fine lines", partial(measure.improvement, "fine_lines"), rules.improves),
        Claim("5b", "Improves the overall appearance", measure.improved_appearance, rules.most),
        Claim("6", "For ages {youngest} and over", measure.old_enough, rules.keeps),
        Claim("7", "Not given where contraindicated", measure.not_contraindicated, rules.keeps),
    )
}
"""Every claim by its code, in the order in which they are shown."""


def claims(cohort: Cohort | Records, *, new_pih_limit: float = NEW_PIH_LIMIT, level: float = 0.95) -> pd.DataFrame:
    """One row per claim: `said` in the words patients hear, the clinic's number with its interval, and the `verdict` by its `rule`.

    `verdict` is supported, contradicted, undecided, or not recorded; for the age and the contraindications kept, not
    kept, or not recorded. `rule` holds the numbers that decide, in words by `outcomes.prose.rule_words`; `rests_on`, notes like
    those of `note`, says what the number rests on. The other columns are those of `outcomes.definitions.estimates.ESTIMATES`
    that apply: changes in scale units, negative being improvement, shares in percent; nan is not estimable, with its `note`.
    The row of the skin types is the group that stands out most, with `skin_types` saying which. `n_more`: where it is
    undecided, how many more courses, of the kind that `n` counts, would be likely to decide; nan where that can't be told.

    `new_pih_limit` is the percent of courses of the usual length below which new PIH has to lie with its upper end where none was recorded.

    Raises:
        UsageError: `new_pih_limit` not between 0 and 100.

    Example:
        >>> import outcomes
        >>> judged = outcomes.claims(outcomes.read_cohort("sample"))
        >>> judged.set_index("claim").loc[["1", "2", "4b"], "verdict"].tolist()
        ['supported', 'supported', 'contradicted']
    """
    if not 0 < new_pih_limit < 100:
        raise UsageError(f"new_pih_limit must be between 0 and 100 percent of courses, got {new_pih_limit}")
    clinic = Clinic(cohort_of(cohort), level, new_pih_limit)
    frame = pd.DataFrame([_judged(claim, clinic) for claim in CLAIMS.values()])
    return frame[[name for name in COLUMNS if name in frame]]


def _judged(claim: Claim, clinic: Clinic) -> dict[str, Any]:
    """A claim with its verdict; one without numbers is not recorded."""
    found = claim.measure(clinic)
    rule = claim.rule(**found.given)
    numbers = found.numbers or no_numbers(NoteCode.NOT_RECORDED)
    row = {
        **numbers,
        **found.known,
        "claim": claim.code,
        "said": claim.said.format(youngest=f"{clinic.cohort.about.limits[GUIDANCE[UNDER_AGE].option]:g}"),
        "verdict": rule.judge(numbers) if found.numbers else NOT_RECORDED,
        "rule": rule,
        "rests_on": found.rests_on or numbers["note"],
    }
    return row | {"n_more": rule.more_courses(row)}
