"""Is it the same for every Fitzpatrick skin type? Differences between types, each with its margin and a verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.fitzpatrick import SKIN_TYPES, UNKNOWN_TYPE
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.scales import Scale
from outcomes.definitions.thresholds import ENOUGH_SCORED, FEW, SHARE_OF_CHANGE, SMALLEST_GROUP
from outcomes.errors import UsageError
from outcomes.measures.baselines import Baselines, baselines
from outcomes.measures.estimates import each_tally, estimate_row, framed
from outcomes.measures.estimators import Changes, estimators
from outcomes.measures.groups import groups_of
from outcomes.statistics.arrays import Floats
from outcomes.statistics.continued import ALONE, EXIT, THIN
from outcomes.statistics.continued import FEW as FEW_SCORED
from outcomes.statistics.distributions import t_quantile, t_upper_tail
from outcomes.statistics.intervals import ratio
from outcomes.statistics.multiplicity import holm, max_t_quantile
from outcomes.statistics.sample_size import equivalence_error, more_of_all, more_of_one

EQUIVALENT, DIFFERENT, UNDECIDED = "equivalent", "different", "undecided"
SLIGHTLY = "different, by less than the margin"
VERDICTS = (EQUIVALENT, SLIGHTLY, DIFFERENT, UNDECIDED)

DECLARED, OF_CHANGE, NO_MARGIN = "declared", "a third of the others' own change", "the others did not improve"
"""Where a margin comes from. With the declared one alone, a type in which nothing changes can lie within it."""


COLUMNS = (
    *("others", "margin_low", "margin_high", "margin", "margin_from", "p_holm"),
    *("kept", "kept_low", "kept_high", "standardised", "standardised_low", "standardised_high"),
    *("possible", "possible_low", "possible_high", "n_all", "n_more", "n_more_all", "verdict"),
)
"""Columns of `skin_type_differences` after those of `outcomes.definitions.estimates.ESTIMATES`."""


@each_tally
def skin_type_counts(tally: Tally) -> pd.DataFrame:
    """Every skin type, unmerged: `endpoint`, `skin_type`, `courses` with a baseline, `group` it is compared in; blank for patients without one.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> counts = outcomes.skin_type_counts(scarring)
        >>> dict(zip(counts["skin_type"], counts["courses"]))
        {'I': 18, 'II': 49, 'III': 64, 'IV': 54, 'V': 32, 'VI': 14}
    """
    enrolled = tally.paths.groupby("skin_type")["n"].sum()
    groups = groups_of(tally, "skin_types")
    names = [*SKIN_TYPES, *([UNKNOWN_TYPE] if UNKNOWN_TYPE in enrolled else [])]
    return pd.DataFrame(
        [
            {
                "endpoint": tally.endpoint.name,
                "skin_type": name,
                "courses": int(enrolled.get(name, 0)),
                "group": groups.get(name, ""),
            }
            for name in names
        ]
    )


@each_tally
def skin_type_differences(
    tally: Tally, *, session: int | None = None, margin: float | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Change of each group of skin types less that of all others after `session` sessions, had every patient continued.

    Others are weighted by their courses. Small types are merged by the fixed rule of `outcomes.definitions.fitzpatrick.MERGES`. `session`
    defaults to the last one after which at least half of the courses of every group are still seen (else the first); so does one
    that no course of the endpoint was scored after.
    One row per group, measure ``difference``: `estimate` in scale units, negative is more improvement than the `others`, whose
    change stands beside it; `conf_low`, `conf_high` simultaneous for all groups at `level`; then

    - `margin_low`, `margin_high`: simultaneous at 1 - 2 (1 - level). `margin`: the smaller of the declared one (`margin`, else
      `Scale.margin`) and a third of the others' own change; `margin_from` says which. 0 where the others did not improve.
    - `kept`, `kept_low`, `kept_high`: improvement of the group in percent of that of the others (Fieller, simultaneous at
      `level`); nan where the others' own improvement is not clear.
    - `standardised`, ... : the difference at one common baseline, by the slope of change on baseline within groups.
    - `possible`, ... : improvement of the group in percent of the way from its mean baseline to the best possible score.
    - `p_holm`, and the `verdict`: ``equivalent`` when the interval at 1 - 2 (1 - level) lies within the margin; ``different`` when
      the difference as it is and the standardised one agree in sign and both leave out 0 at `level`; both is ``different, by
      less than the margin``, neither ``undecided``.
    - `n_more`: where undecided, how many more courses of this group, scored then, would show equivalence with a power of 0.8 if
      there were no difference; nan where no number of them suffices. `n_more_all`: how many of all groups, of which there are
      `n_all`, at the present mix. 0: there are enough, and the difference lies between the answers.

    A group with fewer than 5 courses seen then, or whose change is not estimable, is nan with a note. With one group only there is nothing to compare: no rows.

    Raises:
        UsageError: a session below 1, or a margin that is not above 0.

    References:
        Hothorn, Bretz & Westfall (2008), Biom J 50:346-363 (max-|t|); Holm (1979), Scand J Stat 6:65-70;
        Schuirmann (1987), J Pharmacokinet Biopharm 15:657-680 (equivalence by intervals); FDA (2016), Non-Inferiority Clinical
        Trials (a margin that keeps a share of the effect); Fieller (1954), J R Stat Soc B 16:175-185; Lord (1967), Psychol Bull
        68:304-305 (why one comparison of unlike baselines is not enough); Julious (2004), Stat Med 23:1921-1986 (`n_more`).

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.skin_type_differences(scarring)["skin_types"].tolist()
        ['I-II', 'III-IV', 'V-VI']
    """
    lead, _ = estimators(tally, "skin_types")
    k = _session(lead, session)
    declared = tally.scale.margin if margin is None else margin
    if not declared > 0:
        raise UsageError(f"margin must be above 0, got {margin}")
    started = lead.n[:, 0]
    begun = [g for g in range(len(lead.groups)) if started[g] >= SMALLEST_GROUP]
    enough = [g for g in begun if k < lead.n.shape[1] and lead.n[g, k] >= FEW]
    if len(enough) < 2:
        return _framed([], tally, lead.method)
    compared = [g for g in enough if not np.isnan(lead.change[g, k])]
    found = {}
    if len(compared) > 1:
        found = dict(zip(compared, _compared(tally, lead, compared, k, declared, level), strict=True))
    rows = []
    for g in begun:
        row, n = found.get(g, _UNKNOWN), int(lead.n[g, k])
        rows.append({"skin_types": lead.groups[g], "session": k, **row, "n": n, "note": _notes(row, n, lead.reason[g, k])})
    return _framed(rows, tally, lead.method)


_UNKNOWN: dict[str, Any] = {
    **dict.fromkeys(("estimate", "conf_low", "conf_high", *COLUMNS), np.nan),
    "margin_from": "",
    "verdict": UNDECIDED,
}
"""The row of a group of which too few were scored then."""


def _compared(tally: Tally, of: Changes, compared: list[int], k: int, declared: float, level: float) -> list[dict[str, Any]]:
    """A row of numbers for each group compared; nan where nothing varies."""
    rows = np.stack([_against_others(of, g, compared, k) for g in compared])
    own = np.stack([of.row({(of.groups[g], k): 1.0}) for g in compared])
    estimate, error, df = of.contrast(rows)
    (change, own_error, own_df), (others, others_error, _) = of.contrast(own), of.contrast(own - rows)
    between = np.einsum("kp,pq,kq->k", own, np.nan_to_num(of.cov), own - rows)
    known = error > 0
    outer = inner = np.nan
    if known.any():
        correlation = _correlation(rows[known], of)
        outer, inner = (max_t_quantile(correlation, q, df[known].min()) for q in (level, 1 - 2 * (1 - level)))
    t = np.divide(estimate, error, out=np.full_like(estimate, np.nan), where=known)
    p_holm = holm(2 * t_upper_tail(np.abs(t), df))
    names = {of.groups[g] for g in compared}
    groups = {name: group for name, group in groups_of(tally, "skin_types").items() if group in names}
    start = baselines(tally, groups, of.groups, k)
    level_off, level_error = _at_one_baseline(of, rows, k, start, error)
    out = []
    for i, g in enumerate(compared):
        margin, margin_from = _margin(declared, others[i])
        wide, narrow, level_wide = (
            _around(centre, each, q) if known[i] else (np.nan, np.nan)
            for centre, each, q in (
                (estimate[i], error[i], outer),
                (estimate[i], error[i], inner),
                (level_off[i], level_error[i], outer),
            )
        )
        judged = verdict(wide, narrow, margin, level_wide)
        n, n_all = of.n[g, k], of.n[compared, k].sum()
        row = {
            "estimate": estimate[i],
            **_named(("conf_low", "conf_high"), wide),
            "others": others[i],
            **_named(("margin_low", "margin_high"), narrow),
            "margin": margin,
            "margin_from": margin_from,
            "p_holm": p_holm[i],
            **_kept(change[i], others[i], own_error[i], others_error[i], between[i], outer),
            **_named(("standardised", "standardised_low", "standardised_high"), (level_off[i], *level_wide)),
            **_possible(change[i], own_error[i], t_quantile((1 + level) / 2, own_df[i]), start, g, tally.scale),
            "n_all": n_all,
            "verdict": judged,
        }
        wanted = judged == UNDECIDED and known[i]
        out.append(row | _more(n, n_all, own_error[i], error[i], margin, inner, wanted))
    return out


def verdict(interval: tuple[float, float], within: tuple[float, float], margin: float, standardised: tuple[float, float]) -> str:
    """One of `VERDICTS`: equivalent where `within` lies inside the margin, different where both others leave out 0 on the same side."""
    alike = -margin < within[0] and within[1] < margin
    apart = _side(interval) != 0 and _side(interval) == _side(standardised)
    return (SLIGHTLY if apart else EQUIVALENT) if alike else DIFFERENT if apart else UNDECIDED


def _side(interval: tuple[float, float]) -> int:
    """1 or -1 where the interval leaves out 0, else 0."""
    return int(interval[0] > 0) - int(interval[1] < 0)


def _margin(declared: float, others: float) -> tuple[float, str]:
    """The largest difference taken as none, and where it comes from."""
    own = -others * SHARE_OF_CHANGE
    if not own > 0:
        return 0.0, NO_MARGIN
    return (declared, DECLARED) if declared <= own else (own, OF_CHANGE)


def _around(centre: float, error: float, quantile: float) -> tuple[float, float]:
    return centre - quantile * error, centre + quantile * error


def _named(names: tuple[str, ...], values: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(names, values, strict=True))


def _kept(change: float, others: float, error: float, others_error: float, between: float, quantile: float) -> dict[str, float]:
    """Improvement in percent of the others', where theirs is clear."""
    interval = ratio(change, others, error**2, others_error**2, between, quantile)
    clear = others + quantile * others_error < 0
    shown = (change / others, *interval) if clear else (np.nan, np.nan, np.nan)
    return _named(("kept", "kept_low", "kept_high"), tuple(100 * value for value in shown))


def _at_one_baseline(of: Changes, rows: Floats, session: int, start: Baselines, error: Floats) -> tuple[Floats, Floats]:
    """The differences (k,) less what their unlike baselines account for, and their standard errors.

    Change and baseline of a group move together by the slope, so that removing it removes that much of the variance as well.
    """
    weights = rows.reshape(len(rows), *of.change.shape)[:, :, session]
    apart, spread = weights @ np.nan_to_num(start.mean), weights**2 @ np.nan_to_num(start.variance)
    difference, _, _ = of.contrast(rows)
    variance = np.maximum(error**2 - start.slope**2 * spread, 0) + start.slope_variance * apart**2
    return difference - start.slope * apart, np.sqrt(variance)


def _possible(change: float, error: float, quantile: float, start: Baselines, g: int, scale: Scale) -> dict[str, float]:
    """Improvement in percent of the way to the best possible score, of the group's means."""
    room = start.mean[g] - scale.low
    interval = ratio(-change, room, error**2, start.variance[g], -start.slope * start.variance[g], quantile)
    shown = (-change / room if room > 0 else np.nan, *interval)
    return _named(("possible", "possible_low", "possible_high"), tuple(100 * value for value in shown))


def _more(n: float, n_all: float, own: float, error: float, margin: float, quantile: float, wanted: bool) -> dict[str, float]:
    """How many more courses would show equivalence if there were no difference, where that is wanted and there is a margin."""
    if not wanted or not margin > 0:
        return {"n_more": np.nan, "n_more_all": np.nan}
    target = equivalence_error(margin, quantile)
    one = more_of_one(n, min(own, error) ** 2, max(error**2 - own**2, 0.0), target)
    return {"n_more": one, "n_more_all": more_of_all(n_all, error**2, target)}


_WHY: dict[str, Notes] = {
    "": (Note(NoteCode.NO_SPREAD),),
    FEW_SCORED: (Note(NoteCode.GROUP_TOO_FEW_SCORED),),
    EXIT: (Note(NoteCode.ONLY_AT_THE_END),),
    THIN: (Note(NoteCode.GROUP_FEW_EFFECTIVE),),
    ALONE: (Note(NoteCode.GROUP_NONE_LIKE_LEAVERS),),
}


def _notes(row: dict[str, Any], n: int, why: str) -> Notes:
    if not np.isnan(row["conf_low"]):
        return Note(NoteCode.VERDICT, names=(row["verdict"],)), Note(NoteCode.MARGIN_FROM, names=(row["margin_from"],))
    return (Note(NoteCode.TOO_FEW, n),) if n < FEW else _WHY[why]


def _session(of: Changes, session: int | None) -> int:
    sessions = of.change.shape[1]
    if session is not None and session < 1:
        raise UsageError(f"session must be at least 1, got {session}")
    if session is not None and session < sessions:
        return session
    large = of.n[of.n[:, 0] >= SMALLEST_GROUP]
    half_seen = (large >= ENOUGH_SCORED * large[:, :1]).all(axis=0) if len(large) else np.zeros(sessions, bool)
    return max(1, int(np.flatnonzero(half_seen).max(initial=1)))


def _against_others(of: Changes, g: int, compared: list[int], session: int) -> Floats:
    others = [other for other in compared if other != g]
    total = of.n[others, 0].sum()
    weights = {(of.groups[other], session): -of.n[other, 0] / total for other in others}
    return of.row({(of.groups[g], session): 1.0, **weights})


def _correlation(rows: Floats, of: Changes) -> Floats:
    covariance = rows @ np.nan_to_num(of.cov) @ rows.T
    deviations = np.sqrt(np.diag(covariance))
    return covariance / np.outer(deviations, deviations)


def _framed(rows: list[dict[str, Any]], tally: Tally, method: str) -> pd.DataFrame:
    no_row = estimate_row(0, np.nan, (np.nan, np.nan)) | {"skin_types": "", "session": 0}
    frame = framed(rows or [dict(no_row)], tally, "continued", "difference", tally.scale.unit, f"{method}; max-t over the groups")
    extra = pd.DataFrame([{name: row[name] for name in COLUMNS} for row in rows], columns=list(COLUMNS))
    return pd.concat([frame[: len(rows)], extra], axis=1)
