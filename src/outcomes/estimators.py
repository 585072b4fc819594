"""Changes had all continued, by group: which estimator leads, which one checks, and on which groups of skin types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from outcomes.cells import cells_of
from outcomes.errors import UsageError
from outcomes.occupied import Continued, Occupation, continued, occupation_of
from outcomes.repeated import Covariance, Mmrm, StandardError, mmrm_of_cells
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


@lru_cache(maxsize=16)
def estimators(tally: Tally, by: By | None) -> tuple[Changes, Changes]:
    """The headline's changes and the check's, by group; a tally asked again is not computed again."""
    wide = wide_of_tally(tally, groups_of(tally, by))
    by_group = _by_group(wide, continued_by_group(tally, by), tally.scale)
    model = _by_model(wide)
    model_leads = tally.scale.kind != "ordinal" and wide.seen[0] <= MODEL_LEADS_UP_TO and not np.isnan(model.change).all()
    return (model, by_group) if model_leads else (by_group, model)


@lru_cache(maxsize=16)
def continued_by_group(tally: Tally, by: By | None) -> dict[str, Continued]:
    """Each group had all continued, from its own courses, with the scale's own responder rule; by group, in order."""
    wide = wide_of_tally(tally, groups_of(tally, by))
    levels = levels_of(wide, tally.scale)

    def is_response(before: Floats, after: Floats) -> Any:
        return tally.scale.is_response(np.round(before * HUNDREDTHS), np.round(after * HUNDREDTHS))

    def can_respond(before: Floats, _: Floats) -> Any:
        return before > tally.scale.low

    return {str(name): continued(wide.of_group(name), levels, is_response, can_respond) for name in wide.groups}


def mmrm_of_tally(
    tally: Tally,
    by: By | None = None,
    *,
    covariance: Covariance = "auto",
    standard_error: StandardError = "joint",
    level: float = 0.95,
) -> Mmrm:
    """`outcomes.mmrm` of a tally's courses; visits are numbers of sessions, groups as in `outcomes.continued_by_session`."""
    cells = cells_of(wide_of_tally(tally, groups_of(tally, by)))
    return mmrm_of_cells(cells, covariance=covariance, standard_error=standard_error, level=level)


def occupation_of_tally(tally: Tally, by: By | None = None, *, drop: float = 1, level: float = 0.95) -> Occupation:
    """`outcomes.occupation` of a tally's courses; `drop` in scale units, visits are numbers of sessions."""
    wide = wide_of_tally(tally, groups_of(tally, by))
    return occupation_of(wide, levels_of(wide, tally.scale), drop=drop, level=level)


def levels_of(wide: Wide, scale: Scale) -> list[float] | None:
    """The grades that occur or could, averages of raters among them; None where they are too many or the scale has none."""
    if scale.kind != "ordinal":
        return None
    seen = wide.scores[~np.isnan(wide.scores)]
    levels = sorted({*np.arange(scale.low, scale.high + 1.0), *seen})
    return [float(level) for level in levels] if len(levels) <= MOST_LEVELS else None


def own_method(wide: Wide, scale: Scale) -> str:
    """The name of the estimator that takes each group from its own courses."""
    return "weighted occupation" if levels_of(wide, scale) else "weighted chain"


def _by_group(wide: Wide, by_group: Mapping[str, Continued], scale: Scale) -> Changes:
    """Each group from its own courses: the covariance between groups is 0."""
    found = list(by_group.values())
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

    return Changes(
        _names(wide), np.stack([of.change for of in found]), cov.reshape(n.size, n.size), n, degrees, own_method(wide, scale)
    )


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
