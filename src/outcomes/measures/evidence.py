"""The clinic's own change beside published ones: like with like only, and what can't be compared with its reason.

Alike are: the same scale; one group's change from baseline under microneedling (a single arm, or the microneedling arm or
side of a controlled trial by itself, never a difference from a control, and nothing added to the needling); scored in known
time after the last session.
"""

from __future__ import annotations

from math import isnan, nan, sqrt
from typing import Any, Literal, get_args

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.scales import Scale
from outcomes.definitions.thresholds import LONGEST_DAYS, USUAL_SESSIONS
from outcomes.errors import UsageError
from outcomes.measures.baselines import mean_baseline
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.estimates import each_tally
from outcomes.measures.headline import session_of
from outcomes.measures.published_results import (
    ASSUMED,
    CITED,
    PUBLISHED,
    Trial,
    basis,
    cited,
    ordered,
    quantile,
    remarks,
    reported_change,
    reported_interval,
    results,
)
from outcomes.statistics.meta_analysis import FEWEST, random_effects
from outcomes.trials.published import published_trials
from outcomes.trials.schema import AGAINST_CONTROL, OTHER, WITH_ADJUNCT

OWN = "this clinic"
CORRELATION = 0.5
"""Between a patient's scores before and after, which papers do not report; every standard error from two spreads needs it.
Of the trials listed, one gives the spread of its changes too: 3.23 before, 2.27 after and 1.88 between them make it 0.82."""

SUMMARY, PREDICTION = "published, together", "published, a further trial"
Timing = Literal["stated", "any"]


@each_tally
def evidence(
    tally: Tally,
    trials: pd.DataFrame | None = None,
    *,
    session: int | None = None,
    correlation: float = CORRELATION,
    timing: Timing = "stated",
    longest_days: int = LONGEST_DAYS,
) -> pd.DataFrame:
    """The clinic's change had every patient continued after `session`, by default its `outcomes.headline_session`, and the changes of comparable published trials.

    One row for the clinic (estimand ``continued``), one for each comparable trial (``published``; `n` its patients, blank
    where not stated; `session` its sessions), and where there are at least 3 of them one for their mean and one for where a
    further trial's mean is expected; below 3 the former is nan and says so. Columns: `ESTIMATES` and `CITED`. Changes in
    scale units; negative is improvement.

    A change with its own interval is taken as reported (one of another level is brought to 95 %), one with the spread of the
    patients' changes as it is. From means and spreads before and after, the interval is that of a mean difference with
    `correlation` between the two scores of a patient: an assumption. `timing` any lets in trials that do not say how long
    after the last session they scored. `trials` is a frame of `published_trials`, by default the list that comes with the
    package. Each trial counts once, with the score nearest to the clinic's usual day. A trial with other sessions or other
    days between them stays in, and is told apart by `is_other_dose`.

    Raises:
        UsageError: a correlation not from 0 to below 1, an unknown timing, or `longest_days` before the clinic's own window.

    References:
        Higgins et al. (2019), Cochrane Handbook version 6, section 6.5.2.8 (imputed correlation). Summary: `outcomes.statistics.meta_analysis`.

    Example:
        >>> import outcomes
        >>> compared = outcomes.evidence(outcomes.read_cohort("sample").tally("scarring"))
        >>> compared["estimand"].tolist()
        ['continued', 'published', 'published', 'published, together']
    """
    if not 0 <= correlation < 1:
        raise UsageError(f"correlation must be from 0 to below 1, got {correlation}")
    judged = _judged(tally, trials, timing, longest_days)
    alike = judged[judged["reason"].map(len) == 0]
    rows = [_own(tally, session), *(_published(trial, tally.scale, correlation) for trial in alike.to_dict("records"))]
    return _framed([*rows, *_together(rows[1:])], tally)


@each_tally
def not_compared(
    tally: Tally,
    trials: pd.DataFrame | None = None,
    *,
    timing: Timing = "stated",
    longest_days: int = LONGEST_DAYS,
) -> pd.DataFrame:
    """Published results on the tally's endpoint that `evidence` leaves out, each with the reason in its note.

    One row for each result reported: measure ``change`` (no interval: no correlation is assumed here), ``improved`` (percent
    by the trial's own rule, exact interval), or ``not reported`` where there is neither. Columns as in `evidence`.

    Raises:
        UsageError: an unknown timing, or `longest_days` before the clinic's own window.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> left_out = outcomes.not_compared(scarring)
        >>> [outcomes.prose.note_words(notes).split("; ")[0] for notes in left_out.loc[left_out["study"] == "Dogra", "note"][:1]]
        ['another scale: study-specific acne scar score']
    """
    judged = _judged(tally, trials, timing, longest_days)
    left_out = judged[judged["reason"].map(len) > 0]
    rows = [row for trial in left_out.to_dict("records") for row in results(trial)]
    return _framed(rows, tally)


def is_other_dose(sessions: Any, interval_days: Any, usual_days: int) -> bool:
    """Whether a trial gave fewer or more sessions than a usual course, or gave them much closer or further apart.

    `usual_days` is the clinic's usual day after a session; from two thirds of it to half as much again is alike: 20 to 45 days
    for 30. What is not stated is not called another dose.
    """
    low, high = USUAL_SESSIONS
    many = not pd.isna(sessions) and not low <= sessions <= high
    return bool(many) or (not pd.isna(interval_days) and not 2 * usual_days / 3 <= interval_days <= 3 * usual_days / 2)


def _judged(tally: Tally, trials: pd.DataFrame | None, timing: str, longest_days: int) -> pd.DataFrame:
    """The trials on the tally's endpoint, each with the notes on why it can't be compared: none where it can."""
    if timing not in get_args(Timing):
        raise UsageError(f"timing must be {' or '.join(get_args(Timing))}, got {timing!r}")
    if longest_days < tally.window.first:
        raise UsageError(
            f"longest_days must be at least {tally.window.first}, where the clinic's own window begins, got {longest_days}"
        )
    listed = published_trials() if trials is None else trials
    own = listed[listed["endpoint"] == tally.endpoint.name].reset_index(drop=True)  # two lists joined have their labels twice
    own["reason"] = [_reasons(trial, tally, timing, longest_days) for trial in own.to_dict("records")]
    usual = tally.window.usual
    far = (own["after_days"].astype("Float64") - usual).abs().fillna(longest_days + usual)
    alike = own[own["reason"].map(len) == 0].assign(far=far).sort_values("far", kind="stable")
    again = alike.index[alike.duplicated(["study", "year"])]
    nearer = pd.Series([(Note(NoteCode.NEARER_SCORE, usual),)] * len(again), index=again, dtype=object)
    return own.assign(reason=nearer.reindex(own.index).fillna(own["reason"]))


def _reasons(trial: Trial, tally: Tally, timing: str, longest_days: int) -> Notes:
    days, first = trial["after_days"], tally.window.first
    reasons = []
    if trial["scale"] != tally.scale.name:
        said = () if trial["scale"] != OTHER or not trial["scale_as_reported"] else (trial["scale_as_reported"],)
        reasons.append(Note(NoteCode.OTHER_SCALE, names=(trial["scale"], *said)))
    if trial["design"] == AGAINST_CONTROL:
        reasons.append(Note(NoteCode.FROM_CONTROL))
    elif trial["design"] == WITH_ADJUNCT:
        reasons.append(Note(NoteCode.ADJUNCT))
    elif isnan(reported_change(trial)):
        reasons.append(Note(NoteCode.NO_CHANGE_REPORTED))
    elif not basis(trial):
        reasons.append(Note(NoteCode.NO_SPREAD_REPORTED))
    if pd.isna(days) and timing == "stated":
        reasons.append(Note(NoteCode.TIME_UNSTATED, names=tuple(filter(None, (trial["after_as_reported"],)))))
    elif not pd.isna(days) and not first <= days <= longest_days:
        reasons.append(Note(NoteCode.SCORED_OUTSIDE, int(days), names=(str(first), str(longest_days))))
    return tuple(reasons)


def _own(tally: Tally, session: int | None) -> dict[str, Any]:
    rows = continued_by_session(tally)
    change = rows[(rows["measure"] == "change") & (rows["session"] == session_of(tally, session))]
    seen = tally.most_scored
    few = Note(NoteCode.TOO_FEW_AFTER if seen else NoteCode.NOBODY_AFTER)
    row = change.iloc[0].to_dict() if len(change) else {"n": seen, "estimate": nan, "note": (few,)}
    return {"estimand": "continued"} | row | {"study": OWN, "after_days": tally.window.usual, "baseline": mean_baseline(tally)}


def _published(trial: Trial, scale: Scale, correlation: float) -> dict[str, Any]:
    low, high = reported_interval(trial, correlation)
    rests = basis(trial)
    return cited(trial) | {
        "measure": "change",
        "estimand": PUBLISHED,
        "n": trial["analysed"],
        "estimate": reported_change(trial),
        "conf_low": low,
        "conf_high": high,
        "unit": scale.unit,
        "method": rests,
        "correlation": correlation if rests == ASSUMED else nan,
        "note": remarks(trial),
    }


def _together(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mean of the trials and where a further one's is expected; with fewer than `FEWEST`, a row that says so; none of none."""
    if not rows:
        return []
    kept: dict[str, Any] = {"n": _all_patients(rows), "method": "Paule-Mandel, Hartung-Knapp"}
    kept |= {name: rows[0][name] for name in ("measure", "unit")}
    # Rows that differ in the correlation alone are told apart by it.
    kept["correlation"] = max((row["correlation"] for row in rows if not isnan(row["correlation"])), default=nan)
    if len(rows) < FEWEST:
        note = (Note(NoteCode.TOO_FEW_TRIALS, len(rows)),)
        return [kept | {"estimand": SUMMARY, "estimate": nan, "conf_low": nan, "conf_high": nan, "note": note}]
    of = random_effects([row["estimate"] for row in rows], [_error(row) for row in rows])
    note = (Note(NoteCode.BETWEEN_TRIALS, of.studies, sqrt(of.tau2)),)
    together = {
        "estimand": SUMMARY,
        "estimate": of.mean,
        "conf_low": of.interval.low,
        "conf_high": of.interval.high,
        "note": note,
    }
    further = {
        "estimand": PREDICTION,
        "estimate": of.mean,
        "conf_low": of.prediction.low,
        "conf_high": of.prediction.high,
        "note": note,
    }
    return [kept | together, kept | further | {"method": "prediction interval, k - 2 degrees of freedom"}]


def _error(row: dict[str, Any]) -> float:
    """The standard error behind a 95 % interval: of a t interval where n is known, else of a normal one."""
    return float((row["conf_high"] - row["conf_low"]) / 2 / quantile(row["n"], 95))


def _all_patients(rows: list[dict[str, Any]]) -> Any:
    return pd.NA if any(pd.isna(row["n"]) for row in rows) else sum(int(row["n"]) for row in rows)


def _framed(rows: list[dict[str, Any]], tally: Tally) -> pd.DataFrame:
    constants = {"endpoint": tally.endpoint.name, "scale": tally.scale.name}
    return ordered(pd.DataFrame([constants | row for row in rows], columns=[*ESTIMATES, *CITED]))
