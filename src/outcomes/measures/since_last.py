"""What has changed since an earlier report: each of its numbers beside that of today, with the interval of the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

import pandas as pd

from outcomes.cohort.events import ANY
from outcomes.definitions.columns import NEW_PIH, NOT_RECORDED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.errors import UsageError
from outcomes.measures.adverse_events import PER_COURSE, PER_SESSION
from outcomes.measures.claim_rules import CONTRADICTED, KEPT, NOT_KEPT, SUPPORTED, UNDECIDED, Rule
from outcomes.measures.sessions_to_half import HALF, RESPONDERS
from outcomes.statistics.overlapping import difference_of_overlapping, shared_correlation

DIFFERENCE, VERDICT = "difference since then", "verdict since then"
"""The measures of the rows: of a number, and of a claim."""

BETTER, WORSE, NO_CLEAR_CHANGE = "better", "worse", "no clear change"
NEWLY_KNOWN, NO_LONGER_KNOWN, NOT_COMPARED = "newly known", "no longer known", "not compared"
SAME_VERDICT, OTHER_VERDICT = "same verdict", "other verdict"
"""What became of a number, and of a claim."""

SATISFACTION, APPEARANCE, CHANGE = "satisfaction", "improved appearance", "change"

COLUMNS = (
    *("claim", "said", "verdict"),
    *ESTIMATES,
    *("compared", "now", "then", "n_then", "events_then", "verdict_now", "verdict_then", "overlap", "then_on"),
)
"""Columns of `since_last_report`, in order; those of `ESTIMATES` that apply."""

_IS_BETTER = {CHANGE: -1, RESPONDERS: 1, PER_COURSE: -1, PER_SESSION: -1, APPEARANCE: 1, SATISFACTION: 1}
"""Of each measure that is compared, which way is better."""

_SAME = ("endpoint", "measure", "estimand", "event", "skin_types", "gais_by")
"""Columns that say of what a number is."""

_ELSEWHERE = (
    *("rule", "variable", "level", "skin_type", "skin_band", "provider_id", "tilt", "since", "month", "before", "after"),
    *("claim", "study", "start_year", "grouped_by", "group"),
)
"""Columns of rows that are of something else where they are filled in."""

_VERDICTS = {SUPPORTED, CONTRADICTED, UNDECIDED, KEPT, NOT_KEPT, NOT_RECORDED}
"""Verdicts on a claim; any other text in an earlier report is none that can be compared."""

_SHARES = {"%", "% of courses", "% of sessions"}

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class EarlierReport:
    """What an earlier report says: its `estimates`, as in its ``estimates.csv``, with nan and blank texts where a cell is blank.

    `issued` is its date, ``2026-06-15``, blank where it is not known. `overlap` is the share, 0 to 1, of its patients that are in
    today's records too, nan where it is not known.
    """

    estimates: pd.DataFrame
    issued: str = ""
    overlap: float = nan


def since_last_report(earlier: EarlierReport, *now: pd.DataFrame, overlap: float | str = "", level: float = 0.95) -> pd.DataFrame:
    """One row for each number of today's that an earlier report has, or could have, with the interval of the difference.

    `now` are frames of today's estimates, of which are compared: change and share responding had every patient continued, adverse
    events and new PIH per course (per session where the usual course has become longer or shorter), judgements of the appearance,
    satisfaction, and `outcomes.claims`. `overlap` is the share, 0 to 1, of the earlier report's patients that are in today's records;
    where it is blank it is that of `earlier`, and where neither is known no patient is taken to be in both, which gives the widest
    interval.

    Columns: those of `outcomes.definitions.estimates.ESTIMATES` that apply. `measure` is ``difference since then``, `compared` what is
    compared; `estimate` is `now` less `then` in `unit`, nan where either is not known or rests on fewer than 5 courses; `n` and
    `n_then` courses. `verdict` is better, worse or no clear change, by whether the interval leaves out no change; newly known, no
    longer known, or not compared, where the earlier report does not have the number, or there is no interval. A claim has the
    `measure` ``verdict since then``, with `verdict_now` and `verdict_then`, and same verdict, other verdict, newly known, no longer
    known or, said in other words or with a verdict of no such name then, not compared as `verdict`. Measured coverage: see the page on methods.

    Raises:
        UsageError: an overlap that is no share, or an endpoint that was scored on another scale then.

    References:
        `outcomes.statistics.overlapping`.

    Example:
        >>> import outcomes
        >>> cohort = outcomes.read_cohort("sample")
        >>> since = outcomes.since_last_report(outcomes.earlier_report("sample"), outcomes.headline(cohort.tallies()))
        >>> since.loc[since["endpoint"] == "scarring", ["compared", "verdict"]].values.tolist()
        [['change', 'no clear change'], ['responders', 'no clear change']]
    """
    share = _share(overlap, earlier.overlap)
    before = comparable(earlier.estimates)
    rows = [row for frame in now for row in _compared(frame, before, share, level)]
    rows += [row for frame in now if "claim" in frame for row in _judged(frame, earlier.estimates)]
    known = {"overlap": share, "then_on": earlier.issued}
    columns = [name for name in COLUMNS if name in known or any(name in row for row in rows)]
    return pd.DataFrame([row | known for row in rows], columns=columns)


def better_is(compared: str) -> int:
    """1 where more of a measure is better, -1 where less is."""
    return _IS_BETTER[compared]


def _share(given: float | str, known: float) -> float:
    try:
        share = known if given == "" else float(given)
    except ValueError:
        share = -1
    if not (isnan(share) or 0 <= share <= 1):
        raise UsageError(f"overlap must be a share between 0 and 1, or blank where it is not known; got {given}")
    return share


def comparable(estimates: pd.DataFrame) -> pd.DataFrame:
    """The rows of an earlier report that are compared: of the kinds that are, and of no other group, rule or study."""
    others = estimates.reindex(columns=[*_ELSEWHERE])
    is_elsewhere = (others.notna() & others.ne("")).any(axis=1)
    rows = estimates[~is_elsewhere & estimates["measure"].isin([*_IS_BETTER, HALF])]
    is_result = rows["measure"].isin([CHANGE, RESPONDERS])
    is_event = rows["measure"].isin([PER_COURSE, PER_SESSION])
    events = rows["event"] if "event" in rows else pd.Series("", index=rows.index)
    return rows[(~is_result | (rows["estimand"] == "continued")) & (~is_event | events.isin([ANY, NEW_PIH]))]


def _compared(frame: pd.DataFrame, before: pd.DataFrame, share: float, level: float) -> Iterator[dict[str, Any]]:
    if "claim" in frame or "measure" not in frame:
        return
    # What is said of how many sessions it takes rests on shares that are compared at the headline's.
    rows = frame[frame["measure"] == HALF] if HALF in frame["measure"].values else frame
    for row in rows.to_dict("records"):
        if _is_asked(row):
            old = _row_then(row, before)
            # The usual length of a course may change; a rate per session has none.
            if row["measure"] == PER_SESSION and not _has_other_length(row, frame, before):
                continue
            if row["measure"] == PER_COURSE and _has_other_length(row, frame, before):
                continue
            yield _difference(row, old, share, level)


def _is_asked(row: Row) -> bool:
    measure, event = row["measure"], row.get("event")
    if measure in (PER_COURSE, PER_SESSION):
        has_group = any(_text(row.get(name)) for name in ("skin_type", "skin_band", "provider_id"))
        return not has_group and (event == NEW_PIH or (event == ANY and not _text(row.get("skin_types"))))
    if measure in (CHANGE, RESPONDERS):
        # Without a scale the endpoint is not scored at all.
        is_scored = row["estimand"] == "continued" and bool(_text(row.get("scale")))
        return is_scored and not any(_text(row.get(name)) for name in (*_ELSEWHERE, "skin_types"))
    return measure in _IS_BETTER or measure == HALF


def _has_other_length(row: Row, frame: pd.DataFrame, before: pd.DataFrame) -> bool:
    """Whether rates per course were of courses of another number of sessions then."""
    lengths = [set(rows.loc[rows["measure"] == PER_COURSE, "session"].dropna()) for rows in (frame, before)]
    return all(lengths) and lengths[0] != lengths[1]


def _row_then(row: Row, before: pd.DataFrame) -> Row | None:
    """The earlier row of the same number; without numbers where it had others like it, at other sessions; None where it had none."""
    like = before
    for name in _SAME:
        like = like[like[name] == _text(row.get(name))] if name in like else like[[not _text(row.get(name))] * len(like)]
    if like.empty:
        return None
    scale = _text(row.get("scale"))
    if scale and (name := next((each for each in like["scale"] if each and each != scale), "")):
        label, then = ENDPOINTS[row["endpoint"]].label, SCALES[name].label if name in SCALES else repr(name[:40])
        raise UsageError(f"{label} was scored on the {then} then, and on the {SCALES[scale].label} now")
    session = row.get("session", nan)
    at = like if row["measure"] == HALF or pd.isna(session) else like[like["session"] == session]
    return next(iter(at.to_dict("records")), {"n": 0, "estimate": nan, "conf_low": nan, "conf_high": nan})


def _difference(row: Row, old: Row | None, share: float, level: float) -> dict[str, Any]:
    named = {name: row[name] for name in (*_SAME, "scale", "session") if name in row and _text(row[name])}
    was = old or {"n": 0, "estimate": nan, "conf_low": nan, "conf_high": nan}
    is_known, was_known = _is_known(row), _is_known(was)
    now, then = _three(row), _three(was)
    found = {
        **named,
        "measure": DIFFERENCE,
        "compared": row["measure"],
        "n": int(row["n"]),
        "n_then": _whole(was["n"]),
        **_events(row, was),
        "now": now[0] if is_known else nan,
        "then": then[0] if was_known else nan,
        "estimate": nan,
        "conf_low": nan,
        "conf_high": nan,
        "unit": "percentage points" if row["unit"] in _SHARES else row["unit"],
        "method": METHOD,
        "note": (),
    }
    if not (is_known and was_known):
        verdict = NOT_COMPARED if old is None else NEWLY_KNOWN if is_known else NO_LONGER_KNOWN if was_known else NOT_COMPARED
        return found | {"verdict": verdict}
    if row["measure"] == HALF:
        return found | {"verdict": NOT_COMPARED}
    low, high = difference_of_overlapping(now, then, _correlation(row, was, share))
    found |= {"estimate": now[0] - then[0], "conf_low": low, "conf_high": high}
    return found | {"verdict": _verdict(low, high, _IS_BETTER[row["measure"]])}


METHOD = "difference of overlapping estimates, Zou and Donner"


def _correlation(row: Row, was: Row, share: float) -> float:
    if isnan(share):
        return 0.0
    wide, was_wide = (each["conf_high"] - each["conf_low"] for each in (row, was))
    return shared_correlation(share, was["n"], row["n"], was_wide, wide)


def _verdict(low: float, high: float, is_better: int) -> str:
    if isnan(low):
        return NOT_COMPARED
    if low <= 0 <= high:
        return NO_CLEAR_CHANGE
    return BETTER if (low > 0) == (is_better > 0) else WORSE


def _is_known(row: Row) -> bool:
    return bool(row["n"] >= FEW and not pd.isna(row["estimate"]))


def _three(row: Row) -> tuple[float, float, float]:
    return float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"])


def _events(row: Row, was: Row) -> dict[str, int]:
    if not _text(row.get("event")):
        return {}
    return {"events": int(row["events"]), "events_then": _whole(was.get("events", 0))}


def _whole(value: Any) -> int:
    return 0 if pd.isna(value) else int(value)


def _text(value: Any) -> str:
    """What stands in a cell, blank where nothing does."""
    return "" if value is None or (not isinstance(value, str | tuple | Rule) and pd.isna(value)) else str(value)


def _judged(claims: pd.DataFrame, estimates: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Each claim with its verdict then, if it was judged by the same rule in the same words; by a verdict of this version."""
    known = {"claim", "verdict", "said"} <= {*estimates}
    before = estimates[estimates["claim"] != ""].set_index("claim") if known else pd.DataFrame()
    for row in claims.to_dict("records"):
        if row["claim"] not in before.index:
            continue
        was = before.loc[[row["claim"]]].iloc[0]
        now, then = row["verdict"], str(was["verdict"])
        is_same = was["said"] == row["said"] and then in _VERDICTS
        yield {
            "claim": row["claim"],
            "said": row["said"],
            "measure": VERDICT,
            "n": int(row["n"]),
            "n_then": _whole(was["n"]),
            "verdict_now": now,
            "verdict_then": then,
            "estimate": nan,
            "conf_low": nan,
            "conf_high": nan,
            "unit": "",
            "method": "",
            "note": (),
            "verdict": _verdict_since(now, then) if is_same else NOT_COMPARED,
        }


def _verdict_since(now: str, then: str) -> str:
    if now == then:
        return SAME_VERDICT
    return NEWLY_KNOWN if then == NOT_RECORDED else NO_LONGER_KNOWN if now == NOT_RECORDED else OTHER_VERDICT
