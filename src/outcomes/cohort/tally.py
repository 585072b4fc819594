"""The tally: counts of the courses of one endpoint on one scale, from which its changes are computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outcomes.cohort.counts import MISSED, added, of_kinds, tidy
from outcomes.cohort.courses import ANALYSED, BEGAN, FINISHED, NOT_PRESENT, ONGOING
from outcomes.definitions.endpoints import Endpoint
from outcomes.definitions.scales import Scale
from outcomes.definitions.windows import Window


class LastResults(NamedTuple):
    """Courses that ended, and those of them that were not scored after the last session given; the same of those that stopped."""

    ended: int
    unscored: int
    stopped: int
    stopped_unscored: int


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of courses for one endpoint on one scale; tallies of different patients add with ``+``.

    Scores are integer hundredths of the scale, lower being better (`outcomes.definitions.scales`). `n` counts courses; `rows` and `patients` are those of the records.

    - `flow`: `skin_type`, `reason`, `n`. Every course once, by why it is or is not analysed.
    - `paths`: `kind`, `skin_type`, `end`, `attended`, `given`, `after_0` (baseline) ... `after_K`, `n`. Every course with a baseline,
      by its whole recorded path: the last session after which it has a visit, the sessions given (one more where the last
      visit is marked as treated), and the score after each number of sessions, `MISSED` where there is none. `kind` keeps the
      courses of a patient together: its rows are the courses that each of `n` patients has.

    Everything else is derived from the paths, so that no two tables can disagree.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.tally(outcomes.read_cohort("sample"), endpoint="scarring")
        >>> scarring
        Tally(scarring on goodman_baron_grade: 208 of 251 courses analysed)
        >>> (scarring + outcomes.tally(outcomes.read_cohort("patchy"), endpoint="scarring")).most_scored
        247
    """

    endpoint: Endpoint
    scale: Scale
    window: Window
    rows: int
    patients: int
    flow: pd.DataFrame
    paths: pd.DataFrame

    @cached_property
    def scores(self) -> pd.DataFrame:
        """`kind`, `skin_type`, `session`, `baseline`, `score`, `n`: courses scored after `session` sessions; session 0 holds all that began."""
        return self._scored(self._after != MISSED)

    @cached_property
    def last(self) -> pd.DataFrame:
        """The same columns, each analysed course once, at its last score after a session."""
        sessions = np.arange(self._after.shape[1])
        seen = self._after != MISSED
        latest = (seen * sessions).max(axis=1, initial=0)
        return self._scored(seen & (sessions == latest[:, None]) & (sessions > 0))

    @property
    def most_scored(self) -> int:
        """Courses scored after the session after which most were."""
        later = self.scores[self.scores["session"] > 0]
        return int(later.groupby("session")["n"].sum().max()) if len(later) else 0

    @property
    def last_results(self) -> LastResults:
        """What became of the courses that do not go on and to which a session was given."""
        paths = self.paths[(self.paths["end"] != ONGOING) & (self.paths["given"] > 0)]
        scores = paths.filter(regex="^after_").to_numpy()
        given = paths["given"].to_numpy()
        last = given.clip(max=scores.shape[1] - 1)
        unscored = (scores[range(len(paths)), last] == MISSED) | (given > last)
        stopped = (paths["end"] != FINISHED).to_numpy()
        n = paths["n"].to_numpy()
        return LastResults(*(int(n[which].sum()) for which in (n > 0, unscored, stopped, stopped & unscored)))

    @property
    def _after(self) -> NDArray[np.int64]:
        """Scores (paths, sessions) in hundredths."""
        return self.paths.filter(regex="^after_").to_numpy(np.int64)

    def _scored(self, chosen: NDArray[np.bool_]) -> pd.DataFrame:
        path, session = np.nonzero(chosen)
        of_path = self.paths.iloc[path].reset_index(drop=True)
        return of_path[["kind", "skin_type"]].assign(
            session=session, baseline=of_path["after_0"], score=self._after[path, session], n=of_path["n"]
        )

    def __add__(self, other: Tally) -> Tally:
        """The tally of both; the patients must be different ones.

        Raises:
            ValueError: another endpoint, scale or window.
        """
        for name in ("endpoint", "scale", "window"):
            if getattr(self, name) != getattr(other, name):
                raise ValueError(f"tallies of different {name}s do not add: {getattr(self, name)} and {getattr(other, name)}")
        return replace(
            self,
            rows=self.rows + other.rows,
            patients=self.patients + other.patients,
            flow=added([self.flow, other.flow]),
            paths=added([self.paths, other.paths]),
        )

    @property
    def courses(self) -> int:
        """All courses, analysed or not."""
        return int(self.flow["n"].sum())

    @property
    def analysed(self) -> int:
        """Courses with a baseline and at least one score after a session."""
        return int(self.flow.loc[self.flow["reason"] == ANALYSED, "n"].sum())

    def __repr__(self) -> str:
        return f"Tally({self.endpoint.name} on {self.scale.name}: {self.analysed:,} of {self.courses:,} courses analysed)"


def tally_of(
    of: Endpoint,
    scale: Scale,
    window: Window,
    flow: pd.DataFrame,
    paths: pd.DataFrame,
    types: Sequence[str],
    rows: int,
    patients: int,
) -> Tally:
    """The tally of these skin types, from the counts of a cohort, in which a course that had none of it at baseline is like any other."""
    flow, paths = (counts[counts["skin_type"].isin(types)] for counts in (flow, paths))
    if of.present_at_baseline:
        is_left_out = (flow["is_free"] == 1) & flow["reason"].isin(BEGAN)
        flow = flow.assign(reason=flow["reason"].mask(is_left_out, NOT_PRESENT))
        paths = paths[paths["after_0"] > scale.floor]
    summed = flow.groupby(["skin_type", "reason"], as_index=False)["n"].sum()
    return Tally(of, scale, window, rows, patients, tidy(summed), of_kinds(paths, "kind"))
