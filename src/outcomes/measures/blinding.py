"""Were scores taken blind, and what do those that were say by themselves?"""

from __future__ import annotations

from math import nan
from typing import cast

import numpy as np
import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.read import cohort_of
from outcomes.cohort.tally import Tally
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import Endpoint, endpoint_named
from outcomes.definitions.estimates import Estimate
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.scales import Scale
from outcomes.definitions.thresholds import ENOUGH_BLIND
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.estimates import Names, Tallies, each_endpoint, each_tally, estimate_row, long_frame, same_endpoint
from outcomes.measures.headline import session_of
from outcomes.records.records import Records

BLIND = "continued (blind)"
"""The estimand of what blind scores alone give."""

APART = frozenset({NoteCode.BLIND_FAR, NoteCode.BLIND_OUTSIDE})
"""What is noted first where blind scores alone give another result than all scores."""


def blinding(cohort: Cohort | Records, endpoint: Names = "scarring", *, scale: str | None = None) -> pd.DataFrame:
    """How many scores after a session were taken blind: by an assessor who did not know the number of sessions.

    Three rows, `blinded` yes, no and not recorded: `endpoint`, `n` scores, `of` all after a session on that scale, and
    `percent`, nan where there is none. A visit that two assessors scored counts two scores. Of several endpoints
    the rows stand below each other.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    Example:
        >>> import outcomes
        >>> outcomes.blinding(outcomes.read_cohort("sample"))["n"].tolist()
        [263, 565, 97]
    """
    counts = cohort_of(cohort)
    return each_endpoint(endpoint, lambda name: _blinding(counts, endpoint_named(name), scale))


def _blinding(counts: Cohort, of: Endpoint, scale: str | None) -> pd.DataFrame:
    used = counts.scale_used(of, scale)
    found = counts.part("blinding")
    found = found[(found["endpoint"] == of.name) & (found["scale"] == used.name)][["yes", "no", "of"]].sum()
    total = int(found["of"])
    n = {"yes": int(found["yes"]), "no": int(found["no"])}
    n[NOT_RECORDED] = total - sum(n.values())
    return pd.DataFrame(
        [
            {"endpoint": of.name, "blinded": name, "n": times, "of": total, "percent": 100 * times / total if total else nan}
            for name, times in n.items()
        ]
    )


@each_tally
def blind_headline(tally: Tally, blind: Tallies, *, session: int | None = None, level: float = 0.95) -> pd.DataFrame:
    """The headline change from all scores and, beside it, from blind scores alone, after the same number of sessions.

    That is `session`, by default the `outcomes.headline_session` of all scores.

    `blind` is the tally of the same records with ``blinded=True``. Two rows, measure ``change``, of estimand ``continued`` and
    ``continued (blind)``, as in `outcomes.headline`; of the latter `n` counts the courses with a blind score then, and
    the estimate is nan with a note below `ENOUGH_BLIND`. The note says where the two are `APART`: by more than half a grade, or 5 % of
    the range of points, or where the interval of the blind scores leaves out the result of all scores.

    No row where nobody was scored again.

    Example:
        >>> import outcomes
        >>> patchy = outcomes.read_cohort("patchy")
        >>> both = outcomes.blind_headline(outcomes.tally(patchy), outcomes.tally(patchy, blinded=True))
        >>> both[["estimand", "n"]].values.tolist()
        [['continued', 103], ['continued (blind)', 41]]
    """
    k, blind = session_of(tally, session), same_endpoint(tally, blind)
    every = _change(tally, k, level)
    if every is None:
        return long_frame([_none(tally, k)]).iloc[:0]
    found = blind.scores[blind.scores["session"] == k]
    n = int(found["n"].sum())
    own = _change(blind, k, level) if n >= ENOUGH_BLIND else None
    if own is None:
        few = Note(NoteCode.TOO_FEW_BLIND, n, ENOUGH_BLIND) if n < ENOUGH_BLIND else Note(NoteCode.NOT_ESTIMABLE)
        own = _none(tally, k) | {"n": n, "note": (few,)}
    else:
        own = own | {"note": (*_apart(every, own, tally.scale), *own["note"])}
    return long_frame([every, own | {"estimand": BLIND}])


def _change(tally: Tally, session: int, level: float) -> Estimate | None:
    of = continued_by_session(tally, level=level)
    rows = of[(of["measure"] == "change") & (of["session"] == session)].to_dict("records")
    return cast(Estimate, rows[0]) if rows else None


def _none(tally: Tally, session: int) -> Estimate:
    of: Estimate = {
        **estimate_row(0, nan, (nan, nan)),
        "endpoint": tally.endpoint.name,
        "scale": tally.scale.name,
        "measure": "change",
        "estimand": BLIND,
        "session": session,
        "unit": tally.scale.unit,
        "method": "",
    }
    return of


def _apart(every: Estimate, blind: Estimate, scale: Scale) -> Notes:
    difference, margin = blind["estimate"] - every["estimate"], scale.margin
    if abs(difference) > margin:
        return (Note(NoteCode.BLIND_FAR, margin, unit=scale.unit),)
    is_outside = every["estimate"] < blind["conf_low"] or every["estimate"] > blind["conf_high"]
    return (Note(NoteCode.BLIND_OUTSIDE),) if is_outside and not np.isnan(difference) else ()
