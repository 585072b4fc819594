"""Tally -> change and responders had all continued, with what a further session adds and what could overturn it.

Two estimators, one headline and one check. Grades: weighted state occupation leads and the repeated-measures model checks.
Sums and near-continuous scores: the model leads up to `MODEL_LEADS_UP_TO` courses, the weighted chain above and where no
model can be fitted, each checking the other. Which one, `method` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from outcomes.change import FEW, Tallies, estimate_row, framed
from outcomes.course import NO_STATUS, ONGOING
from outcomes.estimators import SMALLEST_GROUP, By, Changes, continued_by_group, estimators, own_method
from outcomes.occupied import improved_rows
from outcomes.tallies import Tally, summed
from outcomes.wide import wide_of_tally

Floats = NDArray[np.float64]


def continued_by_session(tally: Tallies, by: By | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Mean change and percent of responders had all continued: the headline.

    One row per group, session and measure (``change`` in scale units, negative is improvement; ``responders`` in percent of
    those who could respond), in the columns of `outcomes.change.ESTIMATES`; `n` is the courses scored at that session. Groups
    below `SMALLEST_GROUP` courses are nan with a note. A note says where fewer than half are still seen, and where the
    check lies outside the interval. No session beyond the last with 5 scored courses is given; session 0 says how many began.

    Raises:
        UsageError: unknown `by`.

    References:
        Datta & Satten (2002), Biometrics 58:792-802; Mallinckrodt et al. (2008), Drug Inf J 42:303-319.
    """
    if not isinstance(tally, Tally):
        return pd.concat([continued_by_session(each, by, level=level) for each in tally], ignore_index=True)
    lead, check = estimators(tally, by)
    began = [
        {"group": group, "session": 0} | estimate_row(int(n), 0.0, (np.nan, np.nan), "all who began")
        for group, n in zip(lead.groups, lead.n[:, 0], strict=True)
    ]
    rows = [_change_row(lead, group, session, level, check) for group, session in _places(lead)]
    changes = _framed([*began, *rows], tally, by, "change", tally.scale.unit, lead.method)
    return pd.concat([changes, _responders(tally, by, level)], ignore_index=True)


def headline_session(tally: Tally) -> int:
    """The last session after which at least half of the courses that began are scored, and at least 5; 1 where there is none."""
    seen = wide_of_tally(tally).seen
    return int(np.flatnonzero(seen[1:] >= max(FEW, seen[0] / 2)).max(initial=0)) + 1


def at_headline(tallies: Sequence[Tally], *, level: float = 0.95) -> pd.DataFrame:
    """The rows of `continued_by_session` at each tally's `headline_session`, of several endpoints below each other."""
    rows = [
        continued_by_session(tally, level=level).query("session == @k") for tally in tallies for k in [headline_session(tally)]
    ]
    return pd.concat(rows, ignore_index=True)


def as_ongoing(tally: Tally) -> Tally:
    """The same tally with courses of which neither status nor plan is recorded taken as going on, not as stopped.

    What is estimated from it is what follows if none of them has stopped; `continued_by_session` takes them as stopped.
    """
    ends = tally.paths["end"].replace({NO_STATUS: ONGOING})
    return replace(tally, paths=summed(tally.paths.assign(end=ends)))


def check_by_session(tally: Tally, by: By | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Mean change by the other estimator; rows and columns as in `continued_by_session`, estimand ``continued (check)``."""
    _, check = estimators(tally, by)
    rows = [_change_row(check, group, session, level) for group, session in _places(check)]
    return _framed(rows, tally, by, "change", tally.scale.unit, check.method).assign(estimand="continued (check)")


def next_session(tally: Tallies, by: By | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """What one more session adds: change had all continued after k + 1 less after k sessions, with `session` k + 1.

    Negative is further improvement. The interval is that of the difference itself, from the same covariance or the same
    jackknife. Columns as in `continued_by_session`, measure ``gain of this session``.

    Raises:
        UsageError: unknown `by`.
    """
    if not isinstance(tally, Tally):
        return pd.concat([next_session(each, by, level=level) for each in tally], ignore_index=True)
    lead, _ = estimators(tally, by)
    rows = [
        _interval_row(lead, group, session, lead.row({(group, session): 1, (group, session - 1): -1}), level)
        for group, session in _places(lead)
    ]
    return _framed(rows, tally, by, "gain of this session", tally.scale.unit, lead.method)


def tipping_delta(tally: Tally, *, level: float = 0.95) -> pd.DataFrame:
    """How much worse than similar patients those no longer seen would have to be for the conclusion to change.

    The unseen scores after session k are shifted by delta; the mean moves by delta times the share unseen. The row gives
    the delta, in scale units and worse being positive, at which the interval of the change first touches no change; nan
    with a note where it already includes it or lies above it, nobody is unseen or there is no interval. One row per session, measure ``delta``.

    References:
        Little (1993), J Am Stat Assoc 88:125-134 (pattern mixtures); Cro et al. (2020), Stat Med 39:2815-2842 (delta).
    """
    lead, _ = estimators(tally, None)
    enrolled = wide_of_tally(tally).seen[0]
    rows = []
    for group, session in _places(lead):
        of = _interval_row(lead, group, session, lead.row({(group, session): 1}), level)
        unseen = 1 - of["n"] / enrolled
        reached = of["conf_high"] < 0 < unseen
        if reached:
            note = f"{100 * unseen:.0f} % unseen"
        elif np.isnan(of["conf_high"]):
            note = of["note"] or "no interval"
        elif unseen == 0:
            note = "nobody is unseen"
        else:
            note = "the interval includes no change already" if of["conf_low"] <= 0 else "the change is a worsening already"
        rows.append(
            of
            | {
                "estimate": -of["conf_high"] / unseen if reached else np.nan,
                "conf_low": np.nan,
                "conf_high": np.nan,
                "note": note,
            }
        )
    return _framed(rows, tally, None, "delta", tally.scale.unit, f"pattern mixture; {lead.method}")


def _places(of: Changes) -> list[tuple[str, int]]:
    return [(group, session) for group in of.groups for session in range(1, of.change.shape[1])]


def _interval_row(of: Changes, group: str, session: int, weights: Floats, level: float) -> dict[str, Any]:
    g = of.groups.index(group)
    n, enrolled = int(of.n[g, session]), int(of.n[g, 0])
    (estimate,), (error,), (df,) = of.contrast(weights[None])
    if enrolled < SMALLEST_GROUP:
        return {"group": group, "session": session} | estimate_row(
            n, np.nan, (np.nan, np.nan), f"{enrolled} courses began, too few to estimate"
        )
    half = stats.t.ppf((1 + level) / 2, df) * error if n >= FEW and error > 0 else np.nan
    shown = estimate if n >= FEW else np.nan
    without = "" if n < FEW or half > 0 else "not estimable" if np.isnan(shown) else "no spread: no interval"
    note = "; ".join(filter(None, (_fewer_than_half(n, enrolled), without)))
    return {"group": group, "session": session} | estimate_row(n, shown, (shown - half, shown + half), note)


def _fewer_than_half(n: int, enrolled: float) -> str:
    return f"{100 * n / enrolled:.0f} % of the courses still seen" if n < enrolled / 2 else ""


def _change_row(of: Changes, group: str, session: int, level: float, check: Changes | None = None) -> dict[str, Any]:
    row = _interval_row(of, group, session, of.row({(group, session): 1}), level)
    if check is None:
        return row
    other = check.change[check.groups.index(group), session]
    if not row["conf_low"] <= other <= row["conf_high"] and not np.isnan(row["conf_low"]) and not np.isnan(other):
        row["note"] = "; ".join(filter(None, (row["note"], f"{check.method} gives {other:.1f}, outside this interval")))
    return row


def _responders(tally: Tally, by: By | None, level: float) -> pd.DataFrame:
    rows = []
    for group, of in continued_by_group(tally, by).items():
        for row in improved_rows(group, of, level).to_dict("records"):
            enough = row["n"] >= FEW and of.enrolled >= SMALLEST_GROUP
            numbers = [100 * row[name] if enough else np.nan for name in ("estimate", "conf_low", "conf_high")]
            unable = int(of.enrolled - of.able)
            left_out = f"{unable} already at the best score left out" if unable else ""
            note = "; ".join(filter(None, (_fewer_than_half(row["n"], of.enrolled) if enough else "", left_out)))
            rows.append(
                {"group": group, "session": row["visit"]} | estimate_row(row["n"], numbers[0], (numbers[1], numbers[2]), note)
            )
    return _framed(rows, tally, by, "responders", "%", own_method(wide_of_tally(tally), tally.scale))


def _framed(rows: Sequence[dict[str, Any]], tally: Tally, by: By | None, measure: str, unit: str, method: str) -> pd.DataFrame:
    """The rows as estimates, the group in its own column."""
    if not rows:  # nobody was scored again: the columns without rows
        return _framed(
            [{"session": 0, "group": None} | estimate_row(0, np.nan, (np.nan, np.nan), "")], tally, by, measure, unit, method
        )[:0]
    named = [{key: value for key, value in row.items() if key != "group"} | ({by: row["group"]} if by else {}) for row in rows]
    return framed(named, tally, "continued", measure, unit, method)
