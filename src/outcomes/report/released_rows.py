"""Whether the numbers of a release may be published: the rules once more, from the rows of ``estimates.csv`` alone.

Nothing here is shared with what makes a release but the thresholds, so that a fault there is found here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

from outcomes.definitions.fitzpatrick import UNKNOWN_TYPE
from outcomes.definitions.thresholds import ROUNDED_TO, SMALLEST_RELEASED, STAY_POSSIBLE
from outcomes.statistics.bounds import Adds, Key, Limits, narrowed
from outcomes.statistics.intervals import clopper_pearson

Rows = list[dict[str, str]]

FEWER, NOT_PUBLISHED, NOT_RECORDED = f"1 to {SMALLEST_RELEASED - 1}", "not published", "not recorded"
"""All that may be noted."""

_TREATED, _SHARE, _EVENT, _CHANGE, _IMPROVED = "treated", "share", "courses with the event", "change", "responders"
_WORDS = (
    "endpoint",
    "scale",
    "measure",
    "estimand",
    "event",
    "variable",
    "level",
    "skin_types",
    "session",
    "unit",
    "method",
    "note",
)
_NUMBERS = ("n", "events", "estimate", "conf_low", "conf_high", "baseline")
_ANY = "any event"


def rows_of(path: Path) -> Rows:
    """The rows of ``estimates.csv``.

    Raises:
        ValueError: it is no such file.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        found = [*csv.DictReader(lines, strict=True)]
    if any(None in row or None in row.values() for row in found) or (found and "measure" not in found[0]):
        raise ValueError("it is not a table of estimates")
    return found


def breaches(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """What must not be published, one sentence each, with the row as a spreadsheet numbers it."""
    sound = []
    for number, row in enumerate(rows, start=2):
        found = [*_of_row(row)]
        yield from (f"row {number}: {problem}" for problem in found)
        if not found:
            sound.append(row)
    # What a broken row says of others is not to be told twice.
    if len(sound) == len(rows):
        yield from given_back(rows)


def _of_row(row: Mapping[str, str]) -> Iterator[str]:
    strangers = [name for name, value in row.items() if value and name not in (*_WORDS, *_NUMBERS)]
    if strangers:
        yield f"{', '.join(strangers)}: not published of anybody"
    measure = row.get("measure", "")
    if measure not in (_TREATED, _SHARE, _EVENT, _CHANGE, _IMPROVED) or row.get("estimand", "") not in ("", "continued"):
        yield f"{measure or 'a row without a measure'}: not among what is published"
        return
    if row.get("note", "") not in ("", FEWER, NOT_PUBLISHED, NOT_RECORDED):
        yield "note: it can hold numbers that are not rounded"
    try:
        n, events, estimate, low, high, baseline = (_number(row.get(name, "")) for name in _NUMBERS)
    except ValueError:
        yield "a number can't be read"
        return
    for name, count in (("n", n), ("events", events)):
        if not isnan(count) and (problem := count_problem(count)):
            yield f"{name}: {problem}"
    known = [value for value in (estimate, low, high) if not isnan(value)]
    if known and (isnan(n) or n == 0):
        yield "estimate: given though nothing says how many it rests on"
    elif measure in (_SHARE, _EVENT):
        yield from _of_share(measure, n, events, (estimate, low, high))
    elif measure == _IMPROVED:
        yield from _of_steps(n, (estimate, low, high))
    elif measure == _CHANGE:
        yield from _of_change(row, (estimate, low, high, baseline))
    elif known:
        yield "estimate: there is none of a count"


def count_problem(count: float) -> str | None:
    """Why a count must not be published; None where it may."""
    if 0 < count < SMALLEST_RELEASED:
        return f"{count:g} is a count of 1 to {SMALLEST_RELEASED - 1}"
    return f"{count:g} is not rounded to {ROUNDED_TO}" if count % ROUNDED_TO else None


def _of_share(measure: str, n: float, events: float, told: tuple[float, float, float]) -> Iterator[str]:
    if isnan(events):
        if not all(map(isnan, told)):
            yield "estimate: it gives back a count that is withheld"
        return
    if events >= n > 0:
        yield "events: all of them"
    wanted = [100 * events / n if n else nan]
    wanted += [100 * end for end in clopper_pearson(events, n)] if measure == _EVENT and 0 < n >= events else [nan, nan]
    for name, value, right in zip(("estimate", "conf_low", "conf_high"), told, wanted, strict=True):
        if not isnan(value) and not _alike(value, right):
            yield f"{name}: not that of the rounded counts"


def _of_steps(n: float, told: tuple[float, float, float]) -> Iterator[str]:
    for name, value in zip(("estimate", "conf_low", "conf_high"), told, strict=True):
        count = value * n / 100
        if not isnan(value) and value != 100 and not _alike(count / ROUNDED_TO, round(count / ROUNDED_TO)):
            yield f"{name}: not that of a rounded count"
    if not isnan(told[0]) and (count_problem(round(told[0] * n / 100)) or told[0] in (0, 100)):
        yield "estimate: of fewer than may be told, or of all"


def _of_change(row: Mapping[str, str], told: tuple[float, float, float, float]) -> Iterator[str]:
    for name, value in zip(("estimate", "conf_low", "conf_high", "baseline"), told, strict=True):
        if not isnan(value) and not _alike(10 * value, round(10 * value)):
            yield f"{name}: more than one decimal"
    if _number(row.get("session", "")) != 0 and not isnan(told[0]) and isnan(told[1]):
        yield "estimate: without an interval all may have changed alike"


def _number(text: str) -> float:
    return float(text) if text else nan


def _alike(one: float, other: float) -> bool:
    # As many decimals as the file has.
    return abs(one - other) < 2e-6 * max(1.0, abs(one))


# What the sums give back


def given_back(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Counts of 1 to 7 that can be worked out of what is published, to fewer than three values."""
    limits = limits_of(rows)
    hidden, sums = sums_of(limits, rows)
    found = narrowed(limits | hidden, sums)
    if any(low > high for low, high in found.values()):
        yield "the counts contradict each other: they were not all rounded from the same records"
        return
    for key, (low, high) in found.items():
        is_small = high < SMALLEST_RELEASED and (low >= 1 or limits.get(key, (0, inf))[0] >= 1)
        if is_small and high - low + 1 < STAY_POSSIBLE:
            yield f"{told(key)}: what is published gives back that it is {low:g}{f' or {high:g}' if high > low else ''}"


def limits_of(rows: Sequence[Mapping[str, str]]) -> Limits:
    """The least and the most that every count that a release tells of can have been; its key says of what it is."""
    found: Limits = {}
    for row in rows:
        for name in ("n", "events"):
            key = key_of(row, name)
            if key and row.get("measure") != _IMPROVED:
                (low, high), (least, most) = _limits(row, name), found.get(key, (0, inf))
                found[key] = max(low, least), min(high, most)
        if row.get("measure") == _IMPROVED and row.get("estimate"):
            events = round(_number(row["estimate"]) * _number(row["n"]) / 100)
            found["improved", row["endpoint"], _group(row), row["session"]] = _rounded(events)
    return found


def key_of(row: Mapping[str, str], name: str) -> Key | None:
    """Of what a count is: patients, courses, those assessed or asked, and those with the event; None where the row has no such count."""
    measure = row.get("measure", "")
    if measure == _TREATED:
        return row["level"] if name == "n" else None
    if measure == _SHARE:
        return "patients" if name == "n" else ("patients", row["level"])
    if measure == _EVENT:
        return ("asked" if name == "n" else "with", row["event"], _group(row))
    return ("assessed", row["endpoint"], _group(row), row["session"]) if name == "n" else None


def _group(row: Mapping[str, str]) -> str:
    return row.get("skin_types") or ""


def _limits(row: Mapping[str, str], name: str) -> tuple[float, float]:
    count = _number(row.get(name, ""))
    if not isnan(count):
        return _rounded(count)
    is_of_n = name == "events" and not row.get("n")
    if row.get("note") == FEWER and not is_of_n:
        return 1, SMALLEST_RELEASED - 1
    return 0, inf


def _rounded(count: float) -> tuple[float, float]:
    """What is published as this count: the numbers that round to it, of those that may be told."""
    if count == 0:
        return 0, 0
    candidates = [n for n in range(int(count) - ROUNDED_TO, int(count) + ROUNDED_TO + 1) if n >= SMALLEST_RELEASED]
    near = [n for n in candidates if abs(n - count) * 2 < ROUNDED_TO]
    return min(near), max(near)


def sums_of(limits: Limits, rows: Sequence[Mapping[str, str]]) -> tuple[Limits, list[Adds]]:
    """What follows from what the counts are of: the others of each whole, which nobody published, and the sums of groups."""
    hidden: Limits = {}
    sums: list[Adds] = []

    def within(whole: Key, part: Key) -> None:
        if whole in limits and part in limits:
            hidden["others", part, whole] = 0, inf
            sums.append(Adds(whole, (part, ("others", part, whole))))

    within("courses", "patients")
    has_unknown = ("patients", UNKNOWN_TYPE) in limits
    groups: dict[Key, list[Key]] = {}
    for key in limits:
        if not isinstance(key, tuple):
            continue
        if key[0] == "patients":
            groups.setdefault("patients", []).append(key)
        elif key[0] == "assessed":
            within("courses" if key[3] in ("0", "0.0") else _start(limits, key), key)
            if key[2]:
                groups.setdefault(("assessed", key[1], "", key[3]), []).append(key)
        elif key[0] == "improved":
            within(("assessed", *key[1:]), key)
        else:
            within(("asked", *key[1:]) if key[0] == "with" else "courses", key)
            if key[0] == "with" and key[1] != _ANY:
                within(("with", _ANY, key[2]), key)
            if key[2]:
                groups.setdefault((key[0], key[1], ""), []).append(key)
    for total, parts in groups.items():
        if total in limits:
            # A group whose change cannot be estimated has no row, and stands for the rest.
            rest = "others", (*parts,), total
            missing = isinstance(total, tuple) and (has_unknown or len(parts) < len(groups.get(_start(limits, total), parts)))
            hidden |= {rest: (0, inf)} if missing else {}
            sums.append(Adds(total, (*parts, rest) if missing else tuple(parts)))
    named = tuple(key for key in limits if isinstance(key, tuple) and key[0] == "with" and key[1] != _ANY and not key[2])
    if named and ("with", _ANY, "") in limits:
        sums.append(Adds(("with", _ANY, ""), named, is_least=True))
    return hidden, sums


def _start(limits: Limits, key: tuple[Any, ...]) -> Key:
    """Those of whom somebody assessed later is one: all that began; None of another count."""
    if key[0] != "assessed":
        return None
    starts = (("assessed", key[1], key[2], zero) for zero in ("0", "0.0"))
    return next((start for start in starts if start in limits), None)


def told(key: Key) -> str:
    """A count in words."""
    if not isinstance(key, tuple):
        return str(key)
    if key[0] == "others":
        return f"those of {told(key[2])} who are not of {told(key[1])}"
    kind, *names = (str(name) for name in key if name != "")
    words = {
        "assessed": "courses assessed",
        "asked": "courses asked about",
        "with": "courses with",
        "improved": "courses improved",
    }
    return f"{words.get(kind, kind)} ({', '.join(names)})"
