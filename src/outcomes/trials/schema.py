"""The facts a list of published trials may hold, and what can't be true of them: by themselves and together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.scales import SCALES
from outcomes.statistics.grim import half_a_digit, is_possible_mean, is_possible_percent, largest_sd

OTHER = "other"
"""The scale of a trial that used none of `SCALES`; `scale_as_reported` names it."""

SINGLE_ARM, ONE_ARM, AGAINST_CONTROL, WITH_ADJUNCT = "single_arm", "microneedling_arm", "against_control", "with_adjunct"
DESIGNS = (SINGLE_ARM, ONE_ARM, AGAINST_CONTROL, WITH_ADJUNCT)
"""Everyone had microneedling; the microneedling arm or side of a controlled trial, against its own baseline; a difference from
a control; microneedling with something added, like platelet-rich plasma. Water and salt water are not counted as added."""

SEEN_IN = ("abstract", "full text", "full text table", "registry")
"""Where the facts were read."""


class Fact(NamedTuple):
    """One column: what its cells hold and what is allowed. `kind` is text, whole, number or one of; `high` of a text its length."""

    kind: str
    must: bool = False
    low: float = 0
    high: float = 1_000_000
    allowed: tuple[str, ...] = ()


_COUNT, _SCORE = Fact("whole"), Fact("number", low=-1000, high=1000)

FACTS = {
    "study": Fact("text", must=True, high=40),
    "year": Fact("whole", low=1990, high=2100),
    "authors": Fact("text", high=200),
    "journal": Fact("text", high=100),
    "doi": Fact("text", high=60),
    "design": Fact("one of", must=True, allowed=DESIGNS),
    "design_as_reported": Fact("text", high=200),
    "endpoint": Fact("one of", must=True, allowed=tuple(ENDPOINTS)),
    "scale": Fact("one of", must=True, allowed=(*SCALES, OTHER)),
    "scale_as_reported": Fact("text", high=200),
    "enrolled": _COUNT,
    "analysed": _COUNT,
    "skin_types": Fact("text", high=200),
    "sessions": Fact("whole", low=1, high=30),
    "interval_days": Fact("whole", low=1, high=365),
    "baseline_mean": _SCORE,
    "baseline_sd": Fact("number", high=1000),
    "after_mean": _SCORE,
    "after_sd": Fact("number", high=1000),
    "change": _SCORE,
    "change_sd": Fact("number", high=1000),
    "change_low": _SCORE,
    "change_high": _SCORE,
    "change_level": Fact("whole", low=50, high=99),
    "after_as_reported": Fact("text", high=200),
    "after_days": Fact("whole", high=3650),
    "improved_n": _COUNT,
    "improved_of": _COUNT,
    "improved_percent": Fact("number", high=100),
    "improvement_bins": Fact("text", high=200),
    "improved_rule": Fact("text", high=200),
    "new_pih_n": _COUNT,
    "new_pih_of": _COUNT,
    "remark": Fact("text", high=200),
    "seen_in": Fact("one of", must=True, allowed=SEEN_IN),
}
"""Every column of a file of published trials, in order; a column that is left out is blank.

`change` is after less before, `change_sd` the spread of the patients' changes, `change_low` to `change_high` an interval of
the mean change, of `change_level` percent (blank: 95). `after_days` counts from the last session, a month as 30.
`improvement_bins` reads ``0-25:2 26-50:4``: percent of improvement, patients."""

_BIN = re.compile(r"(\d{1,3})-(\d{1,3}):(\d+)")
_DOI = re.compile(r"10\.\d{4,9}/\S+")

Cells = Mapping[str, str]
"""One row as it was written: every column of `FACTS`."""


def problems(cells: Cells) -> Iterator[tuple[str, str]]:
    """What is wrong in one row; how numbers fit together is looked at where each by itself is right."""
    single = [(column, problem) for column, fact in FACTS.items() if (problem := _single(cells[column], fact))]
    if cells["doi"] and not _DOI.fullmatch(cells["doi"]):
        single.append(("doi", f"{cells['doi']} is not a DOI, which begins with 10. and a slash after the digits"))
    fitting = ENDPOINTS[cells["endpoint"]].scales if cells["endpoint"] in ENDPOINTS else (*SCALES,)
    if cells["scale"] in SCALES and cells["scale"] not in fitting:
        single.append(("scale", f"{cells['scale']} is no scale of {cells['endpoint']}; allowed are {', '.join(fitting)}"))
    yield from single or [*_counts(cells), *_percents(cells), *_scores(cells)]


def _single(cell: str, fact: Fact) -> str:
    if not cell:
        return "blank; this is needed for every trial" if fact.must else ""
    if fact.kind == "one of":
        return "" if cell in fact.allowed else f"{cell} is unknown; allowed are {', '.join(fact.allowed)}"
    if fact.kind == "text":
        return "" if len(cell) <= fact.high else f"has {len(cell)} characters; {fact.high:g} are allowed"
    shape, wanted = (r"-?\d+", "a whole number") if fact.kind == "whole" else (r"-?\d+(\.\d+)?", "a number like 3.29")
    if not re.fullmatch(shape, cell):
        return f"{cell} is not {wanted}"
    inside = fact.low <= float(cell) <= fact.high
    return "" if inside else f"{cell} is not between {fact.low:g} and {fact.high:.0f}"


def _counts(cells: Cells) -> Iterator[tuple[str, str]]:
    for part, whole in (
        ("analysed", "enrolled"),
        ("improved_n", "improved_of"),
        ("improved_of", "enrolled"),
        ("new_pih_n", "new_pih_of"),
        ("new_pih_of", "enrolled"),
    ):
        if cells[part] and cells[whole] and int(cells[part]) > int(cells[whole]):
            yield part, f"{cells[part]} is more than {whole}, {cells[whole]}"


def _percents(cells: Cells) -> Iterator[tuple[str, str]]:
    of, reported, n = (cells[name] for name in ("improved_of", "improved_percent", "improved_n"))
    if reported and of and int(of):
        if not is_possible_percent(reported, int(of)):
            yield "improved_percent", f"no whole number of {of} patients is {reported} %"
        elif n and abs(100 * int(n) / int(of) - float(reported)) > half_a_digit(reported):
            yield "improved_percent", f"{n} of {of} patients are {100 * int(n) / int(of):.1f} %, not {reported} %"
    parts = cells["improvement_bins"].split()
    found = [_BIN.fullmatch(part) for part in parts]
    if not all(found):
        yield "improvement_bins", "each bin is written like 26-50:4, percent of improvement and patients, with spaces between"
        return
    bins = sorted(tuple(map(int, match.groups())) for match in found if match)
    if wrong := next((each for each in bins if not each[0] < each[1] <= 100), None):
        yield "improvement_bins", f"{wrong[0]}-{wrong[1]} is not a range between 0 and 100"
    for (low, high, _), (after_low, after_high, _) in pairwise(bins):
        if after_low < high:  # ends may touch, as papers write them
            yield "improvement_bins", f"{low}-{high} and {after_low}-{after_high} overlap; a patient belongs to one bin"
    total, most = sum(n for _, _, n in bins), of or cells["analysed"] or cells["enrolled"]
    if most and total > int(most):
        yield "improvement_bins", f"the bins hold {total} patients, more than {most}"


def _scores(cells: Cells) -> Iterator[tuple[str, str]]:
    low, high = (SCALES[cells["scale"]].low, SCALES[cells["scale"]].high) if cells["scale"] != OTHER else (-1000, 1000)
    for when in ("baseline", "after"):
        mean, sd = cells[f"{when}_mean"], cells[f"{when}_sd"]
        if mean and not low <= float(mean) <= high:
            yield f"{when}_mean", f"{mean} is not between {low} and {high}, the range of {cells['scale']}"
        elif mean and sd:
            # With the number of patients unknown, two: of them the spread can be largest.
            most = largest_sd(float(mean), max(int(cells["analysed"] or 2), 2), low, high)
            if float(sd) - half_a_digit(sd) > most + half_a_digit(mean):
                yield (
                    f"{when}_sd",
                    f"{sd} is more than {most:.2f}, the largest that scores from {low} to {high} with mean {mean} can have",
                )
        elif sd:
            yield f"{when}_sd", f"{sd} stands without its mean"
    yield from _change(cells, high - low)


def _change(cells: Cells, span: float) -> Iterator[tuple[str, str]]:
    if cells["change_sd"] and not cells["change"]:
        yield "change_sd", f"{cells['change_sd']} stands without its change"
    elif cells["change_sd"] and float(cells["change_sd"]) > span:
        yield "change_sd", f"{cells['change_sd']} is more than {cells['scale']} has from end to end, {span}"
    if cells["change_level"] and not cells["change_low"]:
        yield "change_level", f"{cells['change_level']} stands without its interval"
    if bool(cells["change_low"]) != bool(cells["change_high"]):
        yield "change_low", "an interval has two ends; change_low and change_high go together"
    elif cells["change_low"] and not cells["change"]:
        yield "change", "blank; an interval needs the change that it is of"
    elif cells["change_low"] and not float(cells["change_low"]) <= float(cells["change"]) <= float(cells["change_high"]):
        yield (
            "change",
            f"{cells['change']} is not between change_low and change_high, {cells['change_low']} and {cells['change_high']}",
        )
    elif cells["change_low"] and float(cells["change_low"]) == float(cells["change_high"]):
        yield "change_low", "the interval has no width; leave both ends blank where none is reported"
    if cells["change"] and abs(float(cells["change"])) > span:
        yield "change", f"{cells['change']} is more than {cells['scale']} has from end to end, {span}"


def doubt(cells: Cells) -> Notes:
    """What is odd in the arithmetic without being impossible; no notes where nothing is."""
    return (*_odd_means(cells), *_odd_change(cells))


def _odd_means(cells: Cells) -> Notes:
    """Means that no such number of whole scores has; scales of sums with weights are not looked at."""
    if (
        cells["scale"] == OTHER
        or SCALES[cells["scale"]].kind in ("weighted sum", "instrument")
        or not int(cells["analysed"] or 0)
    ):
        return ()
    n = int(cells["analysed"])
    means = [cells[name] for name in ("baseline_mean", "after_mean") if cells[name]]
    odd = tuple(mean for mean in means if not is_possible_mean(mean, n))
    return (Note(NoteCode.IMPOSSIBLE_MEAN, n, names=odd),) if odd else ()


def _odd_change(cells: Cells) -> Notes:
    """A change that is not the difference of the two means, as far as their digits tell."""
    said = [cells[name] for name in ("change", "after_mean", "baseline_mean")]
    if not all(said):
        return ()
    change, after, before = map(Fraction, said)
    rounding = sum(map(half_a_digit, said))
    return () if abs(after - before - change) <= rounding else (Note(NoteCode.CHANGE_APART, names=tuple(said)),)
