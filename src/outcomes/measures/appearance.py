"""How patients and clinicians judge the overall appearance, and how satisfied patients are, after each number of sessions."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.read import cohort_of
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.estimates import Estimate
from outcomes.definitions.fitzpatrick import SKIN_TYPES, named_types
from outcomes.definitions.notes import NoteCode
from outcomes.definitions.scales import HUNDREDTHS
from outcomes.definitions.thresholds import ENOUGH_SCORED, FEW, IMPROVED_GAIS
from outcomes.measures.change import mean_change, share_row
from outcomes.measures.estimates import long_frame
from outcomes.records.records import Records


def appearance(cohort: Cohort | Records, *, skin_types: str | Sequence[str] = SKIN_TYPES, level: float = 0.95) -> pd.DataFrame:
    """How the overall appearance and satisfaction were judged after each number of sessions, of those still attending.

    ``improved appearance``: percent judged improved or better (global aesthetic improvement of 3 or less) with Wilson's
    interval, patients' and clinicians' judgements apart (`gais_by`). ``satisfaction``: mean of 0 to 10 with a t interval. Each
    course counts once after each number of sessions: by the judgement nearest to the usual day in the window. Rows for every
    session up to the last one judged; one with n = 0 where nobody was asked.

    Raises:
        UsageError: unknown skin type.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> judged = outcomes.appearance(cohort).query("session == 3")
        >>> judged[["measure", "gais_by", "n"]].values.tolist()
        [['improved appearance', 'patient', 42], ['improved appearance', 'clinician', 101], ['satisfaction', nan, 142]]
    """
    types = named_types(skin_types)
    judged, asked = (cohort_of(cohort).part(name) for name in ("gais", "satisfaction"))
    judged, asked = (counts[counts["skin_type"].isin(types)] for counts in (judged, asked))
    improved = [
        _improved(of, judge, session, level)
        for judge in ("patient", "clinician", NOT_RECORDED)
        for session, of in _by_session(judged[judged["by"] == judge])
    ]
    satisfied = [_satisfied(of, session, level) for session, of in _by_session(asked)]
    return long_frame([*(improved or [_improved(judged, NOT_RECORDED, 1, level)]), *(satisfied or [_satisfied(asked, 1, level)])])


def well_judged(judgements: pd.DataFrame) -> pd.DataFrame:
    """Of rows of `appearance` of one kind, the last session after which at least half as many were asked as at most, and `FEW`; one row or none."""
    known = judgements[judgements["n"] >= FEW].dropna(subset="conf_low")
    return known[known["n"] >= ENOUGH_SCORED * known["n"].max()][-1:]


def _by_session(counts: pd.DataFrame) -> list[tuple[int, pd.DataFrame]]:
    last = int(counts["session"].max()) if len(counts) else 0
    return [(session, counts[counts["session"] == session]) for session in range(1, last + 1)]


def _improved(counts: pd.DataFrame, judge: str, session: int, level: float) -> Estimate:
    numbers = share_row(counts, counts["value"] <= IMPROVED_GAIS * HUNDREDTHS, level)
    return {
        **numbers,
        "measure": "improved appearance",
        "estimand": "observed",
        "gais_by": judge,
        "session": session,
        "unit": "%",
        "method": "Wilson",
    }


def _satisfied(counts: pd.DataFrame, session: int, level: float) -> Estimate:
    # A change from 0 has the mean and the interval of the values themselves.
    answers = counts.rename(columns={"value": "score"}).assign(baseline=0)
    numbers = mean_change(answers, level, NoteCode.ANSWERED_ALIKE)
    return {
        **numbers,
        "measure": "satisfaction",
        "estimand": "observed",
        "session": session,
        "unit": "points of 10",
        "method": "t interval",
    }
