"""Were scores taken blind, and what do those that were say by themselves?"""

from __future__ import annotations

from math import nan
from typing import cast

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from outcomes.cohort.courses import scale_used
from outcomes.cohort.tally import Tally
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.definitions.endpoints import endpoint_named
from outcomes.definitions.estimates import Estimate
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.scales import Scale
from outcomes.definitions.thresholds import ENOUGH_BLIND
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.estimates import estimate_row, long_frame
from outcomes.measures.headline import headline_session
from outcomes.records.raters import VISIT
from outcomes.records.records import Records
from outcomes.tabular.engines import collect

BLIND = "continued (blind)"
"""The estimand of what blind scores alone give."""

APART = frozenset({NoteCode.BLIND_FAR, NoteCode.BLIND_OUTSIDE})
"""What is noted first where blind scores alone give another result than all scores."""


def blinding(records: Records, endpoint: str = "scarring", *, scale: str | None = None) -> pd.DataFrame:
    """How many scores after a session were taken blind: by an assessor who did not know the number of sessions.

    Three rows, `blinded` yes, no and not recorded: `endpoint`, `n` scores, `of` all after a session on that scale, and
    `percent`, nan where there is none. A visit that two assessors scored counts two scores.

    Raises:
        UsageError: unknown endpoint or scale, or no scores on it.

    Example:
        >>> import outcomes
        >>> outcomes.blinding(outcomes.read_records("sample"))["n"].tolist()
        [263, 565, 97]
    """
    of = endpoint_named(endpoint)
    used = scale_used(records, of, scale)
    columns = [of.scale_column, of.score_column, "sessions_completed", "blinded"]
    scores = records.frame.select(*VISIT, *columns)
    if records.ratings is not None:
        alone = scores.join(records.ratings.select(*VISIT).unique(), on=list(VISIT), how="anti")
        scores = nw.concat([alone.select(*columns), records.ratings.select(*columns)])
    is_after = (nw.col("sessions_completed") > 0) & ~nw.col(of.score_column).is_null() & (nw.col(of.scale_column) == used.name)
    yes, no = (
        nw.when(answer).then(1).otherwise(0).sum().alias(name)
        for answer, name in ((nw.col("blinded"), "yes"), (~nw.col("blinded"), "no"))
    )
    counts = collect(scores.filter(is_after).select(yes, no, nw.len().alias("of"))).fillna(0).iloc[0]
    total = int(counts["of"])
    n = {"yes": int(counts["yes"]), "no": int(counts["no"])}
    n[NOT_RECORDED] = total - sum(n.values())
    return pd.DataFrame(
        [
            {"endpoint": of.name, "blinded": name, "n": times, "of": total, "percent": 100 * times / total if total else nan}
            for name, times in n.items()
        ]
    )


def blind_headline(tally: Tally, blind: Tally, *, level: float = 0.95) -> pd.DataFrame:
    """The headline change from all scores and, beside it, from blind scores alone, after the same number of sessions.

    `blind` is the tally of the same records with ``blinded=True``. Two rows, measure ``change``, of estimand ``continued`` and
    ``continued (blind)``, as in `outcomes.headline`; of the latter `n` counts the courses with a blind score then, and
    the estimate is nan with a note below `ENOUGH_BLIND`. The note says where the two are `APART`: by more than half a grade, or 5 % of
    the range of points, or where the interval of the blind scores leaves out the result of all scores.

    No row where nobody was scored again.

    Example:
        >>> import outcomes
        >>> patchy = outcomes.read_records("patchy")
        >>> both = outcomes.blind_headline(outcomes.tally(patchy), outcomes.tally(patchy, blinded=True))
        >>> both[["estimand", "n"]].values.tolist()
        [['continued', 103], ['continued (blind)', 41]]
    """
    session = headline_session(tally)
    every = _change(tally, session, level)
    if every is None:
        return long_frame([_none(tally, session)]).iloc[:0]
    found = blind.scores[blind.scores["session"] == session]
    n = int(found["n"].sum())
    own = _change(blind, session, level) if n >= ENOUGH_BLIND else None
    if own is None:
        few = Note(NoteCode.TOO_FEW_BLIND, n, ENOUGH_BLIND) if n < ENOUGH_BLIND else Note(NoteCode.NOT_ESTIMABLE)
        own = _none(tally, session) | {"n": n, "note": (few,)}
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
