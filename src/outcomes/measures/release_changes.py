"""Change and share improved that may be published, of all and of groups of skin types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, floor, isnan, nan
from typing import Any

import pandas as pd

from outcomes.cohort.tally import Tally
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.measures.baselines import mean_baseline
from outcomes.measures.continued_by_session import continued_by_session
from outcomes.measures.groups import groups_of
from outcomes.measures.release_draft import (
    COURSES,
    RULE,
    Draft,
    Row,
    Shown,
    courses_of_types,
    has_unknown,
    numbers_of,
    percent_of,
)
from outcomes.statistics.suppression import Key

MODELLED = "attended-session chain, rounded"


def changes(tally: Tally, draft: Draft) -> Iterator[Row]:
    """The rows of everybody, up to the first session after which too few were scored."""
    found = continued_by_session(tally).to_dict("records")
    name = tally.endpoint.name
    last = _last_session([found])
    for row in found:
        if row["session"] > last:
            continue
        key = "scored", name, "", int(row["session"])
        draft.add(key, int(row["n"]), within=COURSES if row["session"] == 0 else ("scored", name, "", 0))
        yield _modelled(row | {"baseline": round(mean_baseline(tally), 1)}, key, draft)


def changes_by_types(tally: Tally, draft: Draft) -> Iterator[Row]:
    """The rows of each group of skin types, up to the first session after which too few of any group were scored."""
    groups = groups_of(tally, "skin_types")
    frame, name = continued_by_session(tally, by="skin_types"), tally.endpoint.name
    began = frame[(frame["session"] == 0) & (frame["n"] > 0)]["skin_types"].tolist()
    each = {group: frame[frame["skin_types"] == group].to_dict("records") for group in began}
    last = min(_last_session([*each.values()]), _last_without_few(frame, continued_by_session(tally))) if len(began) > 1 else -1
    for k in range(last + 1):
        for group, found in each.items():
            types = [of for of in SKIN_TYPES if groups[of] == group]
            for row in found:
                if row["session"] != k or row["measure"] != "change":
                    continue
                key = "scored", name, group, k
                draft.add(key, int(row["n"]), within=("scored", name, group, 0) if k else courses_of_types(draft, types))
                yield _modelled(row, key, draft)
        draft.sum(("scored", name, "", k), [("scored", name, group, k) for group in each], has_others=has_unknown(draft))


def _last_without_few(groups: pd.DataFrame, everybody: pd.DataFrame) -> int:
    """The last session up to which those without a skin type are not few: their mean would follow from all others."""
    own, whole = (frame[frame["measure"] == "change"].groupby("session")["n"].sum() for frame in (groups, everybody))
    rest = whole.sub(own, fill_value=0)
    return int(min([session for session, n in rest.items() if RULE.is_small(int(n))] or [whole.index.max() + 1])) - 1


def _last_session(several: list[list[dict[str, Any]]]) -> int:
    """The last session up to which nobody's count is small in any of several groups; below 0 where there is none."""
    fewest: dict[int, int] = {}
    for row in (row for rows in several for row in rows):
        k = int(row["session"])
        fewest[k] = min(fewest.get(k, int(row["n"])), int(row["n"]))
    small = [k for k, n in fewest.items() if n == 0 or RULE.is_small(n)]
    return min([*small, max(fewest, default=-1) + 1]) - 1


def _modelled(row: dict[str, Any], n: Key, draft: Draft) -> Row:
    """A change or a share improved had every patient continued, with nothing noted, as notes hold counts."""
    kept = {name: row[name] for name in ("endpoint", "scale", "measure", "estimand", "session", "unit")}
    kept |= {name: row[name] for name in ("skin_types", "baseline") if name in row}
    numbers = row["estimate"], row["conf_low"], row["conf_high"]
    if row["measure"] == "change":
        return _change(kept, numbers, n, is_start=row["session"] == 0)
    key, courses = ("improved", *n), draft.counts[n]  # type: ignore[misc]
    each = [nan if isnan(value) else value * courses / 100 for value in numbers]
    if not any(map(isnan, each)):
        draft.add(key, min(courses, max(round(each[0]), ceil(each[0] > 0))), within=n)
    return _improved(kept, each, n, key)


def _change(words: dict[str, Any], numbers: tuple[float, ...], n: Key, *, is_start: bool) -> Row:
    def made(shown: Shown) -> dict[str, Any] | None:
        if shown.counts[n] is None:
            return None
        estimate, low, high = numbers
        if is_start:
            return words | numbers_of(shown.counts[n], (0.0, nan, nan, ()), MODELLED)
        # Without an interval all may have changed alike, which would tell of each of them.
        if isnan(low):
            return None
        return words | numbers_of(
            shown.counts[n], (round(estimate, 1) + 0.0, _tenth(floor, low), _tenth(ceil, high), ()), MODELLED
        )

    return made


def _improved(words: dict[str, Any], ends: list[float], n: Key, key: Key) -> Row:
    def made(shown: Shown) -> dict[str, Any] | None:
        of, events = shown.counts[n], shown.counts.get(key)
        # None of them, or all, would tell of each.
        if of is None or not events or events >= of:
            return None
        step = RULE.step
        low, high = step * floor(ends[1] / step), step * ceil(ends[2] / step)
        known = (percent_of(events, of), percent_of(low, of), percent_of(high, of), ())
        return words | numbers_of(of, known, MODELLED)

    return made


def _tenth(to: Callable[[float], int], value: float) -> float:
    return nan if isnan(value) else to(round(10 * value, 6)) / 10 + 0.0
