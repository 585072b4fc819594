"""Tally -> change and responders had all continued, with what a further session adds and what could overturn it.

Two estimators, one headline and one check. Grades: weighted state occupation leads and the repeated-measures model checks.
Sums and near-continuous scores: the model leads up to `MODEL_LEADS_UP_TO` courses, the weighted chain above and where no
model can be fitted, each checking the other. Which one, `method` says.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from outcomes.cells import cells_of
from outcomes.change import FEW, Tallies, estimate_row, framed
from outcomes.errors import UsageError
from outcomes.occupied import Continued, continued, improved_rows
from outcomes.repeated import mmrm_of_cells
from outcomes.scales import HUNDREDTHS, SKIN_BANDS, SKIN_TYPES, Scale
from outcomes.tallies import Tally
from outcomes.wide import EVERYONE, Wide, wide_of_tally

Floats = NDArray[np.float64]
By = Literal["skin_type", "skin_band", "skin_types"]

SMALLEST_GROUP = 15
"""Skin types with fewer courses are not estimated by themselves."""

MODEL_LEADS_UP_TO = 300
"""Courses scored in points up to which the repeated-measures model leads."""

MOST_LEVELS = 16
"""Different grades, averages of raters among them, up to which grades are counted as states."""

_HALVES = {name: "I-III" if name in ("I", "II", "III") else "IV-VI" for name in SKIN_TYPES}
MERGES: tuple[dict[str, str], ...] = (
    {name: name for name in SKIN_TYPES},
    SKIN_BANDS,
    _HALVES,
    dict.fromkeys(SKIN_TYPES, "I-VI"),
)
"""The fixed rule by which skin types are merged: the first step at which every group that has courses has enough."""


@dataclass(frozen=True)
class Changes:
    """Estimated change from baseline of some groups after each session.

    `change` (G, T), negative is improvement; `cov` (G * T, G * T); `n` (G, T) courses scored; `degrees` gives the degrees of
    freedom (k,) of weighted sums, rows (k, G * T).
    """

    groups: tuple[str, ...]
    change: Floats
    cov: Floats
    n: Floats
    degrees: Callable[[Floats], Floats]
    method: str

    def contrast(self, rows: Floats) -> tuple[Floats, Floats, Floats]:
        """Estimate, standard error and degrees of freedom (k,) of weighted sums, rows (k, G * T); nan where not estimable."""
        flat = self.change.ravel()
        unknown = ((rows != 0) & np.isnan(flat)).any(axis=1)
        estimate = np.where(unknown, np.nan, rows @ np.nan_to_num(flat))
        variance = np.einsum("kp,pq,kq->k", rows, np.nan_to_num(self.cov), rows)
        return estimate, np.where(unknown, np.nan, np.sqrt(np.maximum(variance, 0))), self.degrees(rows)

    def row(self, weights: Mapping[tuple[str, int], float]) -> Floats:
        """``{(group, session): weight}`` as a row (G * T,)."""
        out = np.zeros(self.change.shape)
        for (group, session), weight in weights.items():
            out[self.groups.index(group), session] += weight
        return out.ravel()


def groups_of(tally: Tally, by: By | None) -> dict[str, str]:
    """Skin type -> group: everyone, single types, bands, or types merged until each group has `SMALLEST_GROUP` courses.

    Raises:
        UsageError: unknown `by`.
    """
    simple = {None: dict.fromkeys(SKIN_TYPES, EVERYONE), "skin_type": MERGES[0], "skin_band": SKIN_BANDS}
    if by in simple:
        return simple[by]
    if by != "skin_types":
        raise UsageError(f"by must be skin_type, skin_band or skin_types, got {by!r}")
    enrolled = tally.paths.groupby("skin_type")["n"].sum()
    for merge in MERGES:
        sizes = enrolled.groupby(merge).sum()
        if sizes.min() >= SMALLEST_GROUP:
            return merge
    return MERGES[-1]


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
    groups = groups_of(tally, by)
    lead, check = estimators(tally, groups)
    began = [
        {"group": group, "session": 0} | estimate_row(int(n), 0.0, (np.nan, np.nan), "all who began")
        for group, n in zip(lead.groups, lead.n[:, 0], strict=True)
    ]
    rows = [_change_row(lead, group, session, level, check) for group, session in _places(lead)]
    changes = _framed([*began, *rows], tally, by, "change", tally.scale.unit, lead.method)
    return pd.concat([changes, _responders(tally, groups, by, level)], ignore_index=True)


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


def check_by_session(tally: Tally, by: By | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Mean change by the other estimator; rows and columns as in `continued_by_session`, estimand ``continued (check)``."""
    _, check = estimators(tally, groups_of(tally, by))
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
    lead, _ = estimators(tally, groups_of(tally, by))
    rows = [
        _interval_row(lead, group, session, lead.row({(group, session): 1, (group, session - 1): -1}), level)
        for group, session in _places(lead)
    ]
    return _framed(rows, tally, by, "gain of this session", tally.scale.unit, lead.method)


def tipping_delta(tally: Tally, *, level: float = 0.95) -> pd.DataFrame:
    """How much worse than similar patients those no longer seen would have to be for the conclusion to change.

    The unseen scores after session k are shifted by delta; the mean moves by delta times the share unseen. The row gives
    the delta, in scale units and worse being positive, at which the interval of the change first touches no change; nan
    with a note where it already includes it, nobody is unseen or there is no interval. One row per session, measure ``delta``.

    References:
        Little (1993), J Am Stat Assoc 88:125-134 (pattern mixtures); Cro et al. (2020), Stat Med 39:2815-2842 (delta).
    """
    lead, _ = estimators(tally, groups_of(tally, None))
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
        else:
            note = "nobody is unseen" if unseen == 0 else "the interval includes no change already"
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


def estimators(tally: Tally, groups: Mapping[str, str]) -> tuple[Changes, Changes]:
    """The headline's changes and the check's, by group."""
    wide = wide_of_tally(tally, groups)
    by_group = _by_group(wide, tally.scale)
    model = _by_model(wide)
    model_leads = tally.scale.kind != "ordinal" and wide.seen[0] <= MODEL_LEADS_UP_TO and not np.isnan(model.change).all()
    return (model, by_group) if model_leads else (by_group, model)


def levels_of(wide: Wide, scale: Scale) -> list[float] | None:
    """The grades that occur or could, averages of raters among them; None where they are too many or the scale has none."""
    if scale.kind != "ordinal":
        return None
    seen = wide.scores[~np.isnan(wide.scores)]
    levels = sorted({*np.arange(scale.low, scale.high + 1.0), *seen})
    return [float(level) for level in levels] if len(levels) <= MOST_LEVELS else None


def continued_of(wide: Wide, group: Hashable, scale: Scale) -> Continued:
    """The estimates of one group from its own courses, with the scale's own responder rule."""
    own = wide.of_group(group)

    def is_response(before: Floats, after: Floats) -> Any:
        return scale.is_response(np.round(before * HUNDREDTHS), np.round(after * HUNDREDTHS))

    return continued(own, levels_of(wide, scale), is_response, lambda before, _: before > scale.low)


def _by_group(wide: Wide, scale: Scale) -> Changes:
    """Each group from its own courses: the covariance between groups is 0."""
    found = [continued_of(wide, group, scale) for group in wide.groups]
    sessions = len(wide.visits)
    cov = np.zeros((len(found), sessions, len(found), sessions))
    for g, of in enumerate(found):
        cov[g, :, g, :] = of.change_cov
    n = np.stack([of.n for of in found])

    def degrees(rows: Floats) -> Floats:
        # Welch and Satterthwaite: each group brings those of the courses scored at the last session that counts.
        apart = rows.reshape(len(rows), len(found), sessions)
        variance = np.stack(
            [np.einsum("kt,tu,ku->k", apart[:, g], np.nan_to_num(of.change_cov), apart[:, g]) for g, of in enumerate(found)],
            axis=1,
        )
        last = ((apart != 0) * np.arange(sessions)).max(axis=2)
        own = np.maximum(np.take_along_axis(n, last.T, axis=1).T - 1, 1)
        total = variance.sum(axis=1)
        return np.divide(total**2, (variance**2 / own).sum(axis=1), out=np.full_like(total, np.nan), where=total > 0)

    method = "weighted occupation" if levels_of(wide, scale) else "weighted chain"
    return Changes(_names(wide), np.stack([of.change for of in found]), cov.reshape(n.size, n.size), n, degrees, method)


def _by_model(wide: Wide) -> Changes:
    """One model of all groups; changes are its means less the baseline's."""
    model = mmrm_of_cells(cells_of(wide))
    groups, sessions = len(wide.groups), len(wide.visits)
    from_baseline = np.eye(sessions)
    from_baseline[:, 0] -= 1
    to_means = np.kron(np.eye(groups), from_baseline)  # change = to_means @ means
    means = model.means["estimate"].to_numpy().reshape(groups, sessions)
    cov = to_means @ model.means_covariance() @ to_means.T
    used = model.covariance_used.split(";")[0]
    change = means - means[:, :1]
    return Changes(_names(wide), change, cov, model.cells.counts, lambda rows: model.degrees(rows @ to_means), f"MMRM, {used}")


def _names(wide: Wide) -> tuple[str, ...]:
    return tuple(map(str, wide.groups))


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


def _responders(tally: Tally, groups: Mapping[str, str], by: By | None, level: float) -> pd.DataFrame:
    wide = wide_of_tally(tally, groups)
    rows = []
    for group in wide.groups:
        of = continued_of(wide, group, tally.scale)
        for row in improved_rows(group, of, level).to_dict("records"):
            enough = row["n"] >= FEW and of.enrolled >= SMALLEST_GROUP
            numbers = [100 * row[name] if enough else np.nan for name in ("estimate", "conf_low", "conf_high")]
            unable = int(of.enrolled - of.able)
            left_out = f"{unable} already at the best score left out" if unable else ""
            note = "; ".join(filter(None, (_fewer_than_half(row["n"], of.enrolled) if enough else "", left_out)))
            rows.append(
                {"group": group, "session": row["visit"]} | estimate_row(row["n"], numbers[0], (numbers[1], numbers[2]), note)
            )
    method = "weighted occupation" if levels_of(wide, tally.scale) else "weighted chain"
    return _framed(rows, tally, by, "responders", "%", method)


def _framed(rows: Sequence[dict[str, Any]], tally: Tally, by: By | None, measure: str, unit: str, method: str) -> pd.DataFrame:
    """The rows as estimates, the group in its own column."""
    if not rows:  # nobody was scored again: the columns without rows
        return _framed(
            [{"session": 0, "group": None} | estimate_row(0, np.nan, (np.nan, np.nan), "")], tally, by, measure, unit, method
        )[:0]
    named = [{key: value for key, value in row.items() if key != "group"} | ({by: row["group"]} if by else {}) for row in rows]
    return framed(named, tally, "continued", measure, unit, method)
