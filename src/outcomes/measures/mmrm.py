"""The mixed model for repeated measures of a long frame or of a tally: the check of the estimates had every patient continued."""

from __future__ import annotations

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.errors import UsageError
from outcomes.measures.estimators import weighing_one
from outcomes.measures.groups import By
from outcomes.measures.paths import wide_of
from outcomes.statistics.mmrm import Covariance, Mmrm, StandardError, check_options, mmrm_of_cells
from outcomes.statistics.sufficient_statistics import cells_of


def mmrm(
    scores: pd.DataFrame | Tally,
    *,
    subject: str = "",
    visit: str = "",
    score: str = "",
    group: str | By | None = None,
    covariance: Covariance = "auto",
    standard_error: StandardError = "joint",
    level: float = 0.95,
) -> Mmrm:
    """Model means by group and visit, by restricted maximum likelihood, from a long frame or from a tally.

    In a frame, with one row per subject and visit, `subject`, `visit`, `score` and `group` name columns. A tally holds these by
    itself: visits are numbers of sessions, `group` is skin_type, skin_band or skin_types, and the courses of a patient weigh
    one together. Valid where stopping depends on recorded scores only (missing at random). `covariance`, `standard_error` and
    the result are those of `outcomes.statistics.mmrm.mmrm_of_cells`.

    Raises:
        UsageError: see `outcomes.statistics.longitudinal.wide_of_scores`; a frame without its columns named, or a tally with
            them; an unknown option; a level outside 0 to 1.

    References:
        See `outcomes.statistics.mmrm.mmrm_of_cells`.

    Example:
        >>> import outcomes
        >>> scarring = outcomes.read_cohort("sample").tally("scarring")
        >>> outcomes.mmrm(scarring).change[["visit", "n"]].head(2).values.tolist()
        [[1, 187], [2, 159]]
    """
    try:
        check_options(covariance, standard_error, level)
    except ValueError as error:
        raise UsageError(str(error)) from error
    cells = cells_of(weighing_one(wide_of(scores, group=group, subject=subject, visit=visit, score=score)))
    return mmrm_of_cells(cells, covariance=covariance, standard_error=standard_error, level=level)
