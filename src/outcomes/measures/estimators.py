"""Changes had every patient continued, by group of skin types: the estimator that leads, and the model that checks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from outcomes.cohort.tally import Tally
from outcomes.measures.continued import continued_of, levels_of, response_of, tilt_unit
from outcomes.measures.groups import By, groups_of
from outcomes.measures.paths import wide_of_tally
from outcomes.statistics.arrays import Floats
from outcomes.statistics.attendance import ENOUGH
from outcomes.statistics.continued import FEW, Continued
from outcomes.statistics.longitudinal import Wide
from outcomes.statistics.mmrm import mmrm_of_cells
from outcomes.statistics.sufficient_statistics import cells_of

METHOD = "attended-session chain"
"""The name of the estimator in the `method` column: `outcomes.statistics.continued`."""


@dataclass(frozen=True)
class Changes:
    """Estimated change from baseline of some groups after each session.

    `change` (G, T), negative is improvement; `cov` (G * T, G * T); `n` (G, T) courses scored; `reason` (G, T) why a change is not
    estimated, blank where it is; `degrees` gives the degrees of freedom (k,) of weighted sums, rows (k, G * T).
    """

    groups: tuple[str, ...]
    change: Floats
    cov: Floats
    n: Floats
    reason: NDArray[np.object_]
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


@lru_cache(maxsize=16)
def estimators(tally: Tally, by: By | None) -> tuple[Changes, Changes]:
    """The headline's changes and the check's, by group; a tally asked again is not computed again."""
    wide = wide_of_tally(tally, groups_of(tally, by))
    return _by_group(wide, continued_by_group(tally, by)), _by_model(wide)


def continued_by_group(tally: Tally, by: By | None, tilt: float = 0.0) -> dict[str, Continued]:
    """Each group had every patient continued, from its own courses, with the scale's own responder rule; by group, in order.

    `tilt` is the log odds ratio of leaving per `tilt_unit` of the scale gained that was not recorded. What is asked again is not
    computed again.
    """
    return _continued_by_group(tally, by, tilt)


@lru_cache(maxsize=32)
def _continued_by_group(tally: Tally, by: By | None, tilt: float) -> dict[str, Continued]:
    # Called with every argument in its place: a call that leaves out a default is another one to `lru_cache`.
    wide = wide_of_tally(tally, groups_of(tally, by))
    levels = levels_of(wide) if tally.scale.is_graded else ()
    return {
        str(name): continued_of(
            wide.of_group(name), *response_of(tally.scale), levels=levels, tilt=tilt, unit=tilt_unit(tally.scale)
        )
        for name in wide.groups
    }


def weighing_one(wide: Wide) -> Wide:
    """The rows of each patient weighing one together."""
    rows = np.bincount(wide.kind)
    return replace(wide, count=wide.count / rows[wide.kind])


def _by_group(wide: Wide, by_group: Mapping[str, Continued]) -> Changes:
    """Each group from its own courses: the covariance between groups is 0."""
    found = list(by_group.values())
    sessions = len(wide.visits)
    cov = np.zeros((len(found), sessions, len(found), sessions))
    for g, of in enumerate(found):
        cov[g, :, g, :] = of.change_cov
    own = np.stack([of.degrees for of in found])

    def degrees(rows: Floats) -> Floats:
        # Welch and Satterthwaite: each group brings those of the last session that counts.
        apart = rows.reshape(len(rows), len(found), sessions)
        variance = np.stack(
            [np.einsum("kt,tu,ku->k", apart[:, g], np.nan_to_num(of.change_cov), apart[:, g]) for g, of in enumerate(found)],
            axis=1,
        )
        last = ((apart != 0) * np.arange(sessions)).max(axis=2)
        each = np.take_along_axis(own, last.T, axis=1).T
        total = variance.sum(axis=1)
        return np.divide(total**2, (variance**2 / each).sum(axis=1), out=np.full_like(total, np.nan), where=total > 0)

    return Changes(
        groups=_names(wide),
        change=np.stack([of.change for of in found]),
        cov=cov.reshape(len(found) * sessions, -1),
        n=np.stack([of.n for of in found]),
        reason=np.array([of.reason for of in found], dtype=object),
        degrees=degrees,
        method=METHOD,
    )


def _by_model(wide: Wide) -> Changes:
    """One model of all groups over the sessions at which enough are scored; changes are its means less the baseline's."""
    # The baseline even of next to nobody: a model has at least one visit.
    used = np.flatnonzero((wide.seen >= ENOUGH) | (np.arange(len(wide.visits)) == 0))
    groups, sessions = len(wide.groups), len(wide.visits)
    model = mmrm_of_cells(cells_of(weighing_one(wide.at(used))))
    from_baseline = np.zeros((sessions, len(used)))
    from_baseline[used, np.arange(len(used))] = 1
    from_baseline[used, 0] -= 1
    to_means = np.kron(np.eye(groups), from_baseline)  # change = to_means @ means
    cov = to_means @ model.means_covariance() @ to_means.T
    change = np.full((groups, sessions), np.nan)
    means = model.means["estimate"].to_numpy().reshape(groups, len(used))
    change[:, used] = means - means[:, :1]
    seen = np.stack([wide.of_group(name).seen for name in wide.groups])
    method = f"MMRM, {model.covariance_used.split(';')[0]}"
    reason = np.where(seen < ENOUGH, FEW, "").astype(object)
    return Changes(_names(wide), change, cov, seen, reason, lambda rows: model.degrees(rows @ to_means), method)


def _names(wide: Wide) -> tuple[str, ...]:
    return tuple(map(str, wide.groups))
