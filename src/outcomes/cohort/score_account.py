"""Every score once, analysed or left out by its reason; and courses that ended without one after their last session."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.courses import BEGAN, NO_BASELINE, NOT_PRESENT, OTHER_SCALE
from outcomes.cohort.read import cohort_of
from outcomes.cohort.tally import Tally
from outcomes.definitions.endpoints import endpoint_named
from outcomes.errors import UsageError
from outcomes.records.records import Records
from outcomes.records.session_days import COUNTED, LATE, NO_DAY, SOON

ANALYSED = "analysed"
SECOND = "beside one nearer to the usual day after the same session"
REASON_OF = {
    OTHER_SCALE: "on another scale",
    NO_BASELINE: "in a course without a score before the first session",
    NOT_PRESENT: "in a course that had none of it before the first session",
    NO_DAY: "after a session whose day is not known",
    SOON: "too soon after the session",
    LATE: "too late after the session: follow-up",
}
"""Why a course, or the day of a score, leaves a score out -> the words for it."""

SCORE_REASONS = (ANALYSED, *REASON_OF.values(), SECOND)
"""What becomes of a score, in the order in which the reasons are looked for."""


def score_account(cohort: Cohort | Records, endpoint: str | None = None, *, scale: str | None = None) -> pd.DataFrame:
    """Every score of the endpoint once: those analysed, and those left out by their reason; `n` sums to the scores recorded.

    Columns: `endpoint`, `scale`, `reason` (all of `SCORE_REASONS`, those that nobody has too), `n` scores, and `undated`: those
    of them after a session whose visit is not in the records. Scores of a course that was never scored again are analysed: they
    are part of the baseline. Integers only. Without an `endpoint`, all that have a score; no rows where none has.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    Example:
        >>> import outcomes
        >>> account = outcomes.score_account(outcomes.read_cohort("sample"), "pih")
        >>> int(account["n"].sum())
        1021
    """
    counts = cohort_of(cohort)
    parts = [_account(counts, name, scale) for name in _named(counts, endpoint, scale)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["endpoint", "scale", "reason", "n", "undated"])


def unscored_ends(cohort: Cohort | Records, endpoint: str | None = None, *, scale: str | None = None) -> pd.DataFrame:
    """How many courses ended without a score that counts after their last session: `endpoint`, `n` of `of` courses.

    Courses with a baseline to which a session was given and that do not go on; where nothing tells whether a course goes on,
    it counts as ended. The last session is that of the last visit marked as treated, or the last one that a visit counts.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> outcomes.unscored_ends(cohort, "scarring")[["n", "of"]].values.tolist()
        [[18, 183]]
    """
    counts = cohort_of(cohort)
    names = _named(counts, endpoint, scale)
    rows = [(name, *_unscored(counts.tally(name, scale=scale))) for name in names]
    return pd.DataFrame(rows, columns=["endpoint", "n", "of"])


def _named(cohort: Cohort, endpoint: str | None, scale: str | None) -> tuple[str, ...]:
    if endpoint is None and scale is not None:
        raise UsageError(f"scale {scale} needs the endpoint that it belongs to")
    return cohort.endpoints if endpoint is None else (endpoint_named(endpoint).name,)


def _account(cohort: Cohort, endpoint: str, scale: str | None) -> pd.DataFrame:
    used = cohort.scale_used(endpoint_named(endpoint), scale)
    counted = cohort.part("scores", endpoint, used.name)
    rows = [part for row in counted.to_dict("records") for part in _parts(row)]
    summed = pd.DataFrame(rows, columns=["reason", "n", "undated"]).groupby("reason")[["n", "undated"]].sum()
    listed = summed.reindex(SCORE_REASONS, fill_value=0).astype("int64").rename_axis("reason").reset_index()
    listed.insert(0, "scale", used.name)
    listed.insert(0, "endpoint", endpoint)
    return listed


def _parts(row: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Scores of one kind of course and day as `reason`, `n`, `undated`: the nearest after each session, and the others."""
    n, first, is_undated = row["n"], row["first"], int(row["is_dated"] == 0)
    why = row["reason"] if row["reason"] not in BEGAN else row["timing"]
    if why == COUNTED:
        return [(ANALYSED, first, is_undated * first), (SECOND, n - first, is_undated * (n - first))]
    return [(REASON_OF[why], n, is_undated * n)]


def _unscored(tally: Tally) -> tuple[int, int]:
    results = tally.last_results
    return results.unscored, results.ended
