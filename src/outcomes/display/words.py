"""Numbers and estimates as people say them: the one place where a float becomes a word."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from math import isfinite, isnan
from typing import Any, NamedTuple

import pandas as pd

from outcomes.definitions.endpoints import Endpoint
from outcomes.definitions.scales import SCALES, Scale
from outcomes.errors import counted as counted

DASH = "\N{EN DASH}"
INTERVAL = "95%\N{NO-BREAK SPACE}CI "
"""What stands before the two ends of an interval, unless the head of a column says it."""

LARGEST_RATIO = 1_000
"""Larger ratios are not told to the digit."""


class Shown(NamedTuple):
    """An estimate and its interval as they are printed, in one precision; the interval is blank where there is none."""

    estimate: str
    interval: str

    @property
    def ci(self) -> str:
        """The interval with its name: ``95% CI 0.8–1.0``; ``no interval`` where there is none."""
        return f"{INTERVAL}{self.interval}" if self.interval else "no interval"

    @property
    def size(self) -> str:
        """The estimate without its sign, where words say the direction: ``0.9``."""
        return self.estimate.lstrip("+\N{MINUS SIGN}")

    @property
    def cell(self) -> str:
        """Both as a table has them: ``−0.9 (−1.0 to −0.8)``."""
        return f"{self.estimate} ({self.interval})" if self.interval else self.estimate


def shown(
    estimate: float, low: float, high: float, decimals: int = 1, *, none: float | None = None, plus: bool = False, unit: str = ""
) -> Shown:
    """An estimate with its interval: at least so many decimals, one more where ends would be alike, or one like the estimate.

    `none` is the value that says "no change": an end beside it takes another decimal, too, before it is printed as that value.
    `plus` is for differences; other numbers have a plus only where the interval goes from below 0 to above. ``%`` stands once.

    Example:
        >>> shown(0.9, 0.86, 0.94)
        Shown(estimate='0.90', interval='0.86–0.94')
        >>> shown(1.9, 0.04, 9.9, unit="%")
        Shown(estimate='1.9%', interval='<0.1–9.9%')
        >>> shown(-0.1, -0.3, 0.1, none=0).interval
        '−0.3 to +0.1'
    """
    places = _places((estimate, low, high), decimals, none)
    said, *ends = (number(value, places, plus=plus or low < 0 < high) for value in (estimate, low, high))
    if isnan(low) or isnan(high):
        return Shown(f"{said}{unit}", "")
    has_sign = any(end.startswith(("\N{MINUS SIGN}", "+")) for end in ends)
    return Shown(f"{said}{unit}", f"{(' to ' if has_sign else DASH).join(ends)}{unit}")


def _places(values: tuple[float, float, float], decimals: int, none: float | None) -> int:
    """One decimal more where numbers that differ would look alike, or an end like `none`; no further, as no patient moves a third one."""
    known = {round(value, 9) for value in values if isfinite(value)}
    ends = [value for value in values[1:] if none is not None and isfinite(value) and value != none]
    is_told = len({f"{value:.{decimals}f}" for value in known}) == len(known)
    is_like_none = any(round(end - (none or 0), decimals) == 0 for end in ends)
    return decimals if is_told and not is_like_none else decimals + 1


def change_of(row: Any) -> Shown:
    """A change with its sign, cut to what the scale can do: ``−0.9`` and ``−1.0 to −0.8``."""
    return shown(*_cut(row, _reach(row)), none=0)


def size_of(row: Any) -> Shown:
    """How large a change is where its direction is said: ``0.9`` and ``0.8–1.0``; with signs where the interval reaches no change."""
    estimate, low, high = _cut(row, _reach(row))
    if isnan(low) or low <= 0 <= high:
        return change_of(row) if not isnan(low) else shown(abs(estimate), low, high)
    near, far = sorted((abs(low), abs(high)))
    return shown(abs(estimate), near, far)


def difference_of(row: Any) -> Shown:
    """A difference, with its sign always: ``+0.1`` and ``−0.3 to +0.5``."""
    return shown(*_cut(row, _reach(row)), none=0, plus=True)


def share_of(row: Any) -> Shown:
    """A share of courses in whole per cent: ``74%`` and ``66–81%``."""
    return shown(*_cut(row, (0, 100)), 0, unit="%")


def rate_of(row: Any) -> Shown:
    """How often an event was recorded, in per cent to one decimal: ``19.9%`` and ``14.9–25.7%``."""
    return shown(*_cut(row, (0, 100)), unit="%")


def ratio_of(row: Any) -> Shown:
    """An odds ratio: ``3.4`` and ``2.2–5.1``; two decimals where it is below 1."""
    estimate, low, high = _three(row)
    told = shown(estimate, low, min(high, LARGEST_RATIO), 2 if estimate < 1 else 1, none=1)
    beyond = f"{told.interval.split(DASH)[0]} to more than {LARGEST_RATIO:,}" if high > LARGEST_RATIO else told.interval
    return Shown(told.estimate, beyond)


def in_unit(row: Any) -> Shown:
    """The estimate of a row with its interval as its unit is written: shares and events in per cent, changes with a sign."""
    unit, measure = str(row["unit"]), str(row.get("measure", ""))
    if unit in ("% of courses", "% of sessions"):
        return rate_of(row)
    if unit.startswith("%"):
        return shown(*_three(row), 0, unit="%") if measure.startswith("percent of") else share_of(row)
    if unit.startswith("odds"):
        return ratio_of(row)
    if unit in ("kappa", "ICC"):
        return shown(*_three(row), 2)
    if unit == "sessions":
        return Shown(f"{row['estimate']:g}", sessions_interval(row))
    return difference_of(row) if measure in DIFFERENCES else change_of(row)


def sessions_interval(row: Any) -> str:
    """The ends of a number of sessions: ``1–3``, ``2``, ``2 or later``."""
    low, high = row["conf_low"], row["conf_high"]
    if isnan(low):
        return ""
    return f"{low:g} or later" if isnan(high) else f"{low:g}" if low == high else f"{low:g}{DASH}{high:g}"


ROW = ("estimate", "conf_low", "conf_high")
DIFFERENCES = ("difference", "delta")
"""Measures that are differences between groups, whose sign is always said."""


def _cut(row: Any, reach: tuple[float, float]) -> tuple[float, float, float]:
    """The estimate and its ends, no end farther than a number can be."""
    estimate, *ends = _three(row)
    low, high = (end if isnan(end) else min(max(end, reach[0]), reach[1]) for end in ends)
    return estimate, low, high


def _three(row: Any) -> tuple[float, float, float]:
    estimate, low, high = (row[name] for name in ROW)
    return estimate, low, high


def _reach(row: Any) -> tuple[float, float]:
    """The farthest that a score can go down and up; percentage points 100."""
    scale = SCALES.get(row.get("scale", ""))
    most = scale.high - scale.low if scale else 100
    return -most, most


def number(value: float, decimals: int = 1, *, plus: bool = False) -> str:
    """``13.5``, ``−1.2``, ``1,210``: a real minus sign and never ``−0``; above 0 nothing is printed as 0: ``<0.1``.

    Example:
        >>> number(13.46), number(0.04), number(0.3, plus=True)
        ('13.5', '<0.1', '+0.3')
    """
    if not plus and value > 0 and round(value, decimals) == 0:
        return f"<{10**-decimals:.{decimals}f}"
    said = minus(f"{value:+,.{decimals}f}" if plus else f"{value:,.{decimals}f}")
    return said if any(digit in "123456789" for digit in said) else said.replace("+", "")


def size(value: float) -> str:
    """How large, without its sign: ``0.9``, ``less than 0.1``."""
    return number(abs(value)).replace("<", "less than ")


def signed(value: float) -> str:
    """A difference with its sign, to one decimal: ``+0.3``, ``−1.2``."""
    return number(value, plus=True)


def minus(text: str) -> str:
    """A number as it was formatted, with a real minus sign; never ``-0``."""
    zero = "0" in text and not any(digit in "123456789" for digit in text)
    return text.replace("-", "" if zero else "\N{MINUS SIGN}")


def percent(value: float) -> str:
    """A whole per cent: ``63%``."""
    return f"{number(value, 0)}%"


def rate(value: float) -> str:
    """The per cent of something rare: ``0.4%``, ``12.3%``; ``<0.1%`` for less."""
    return f"{number(value)}%"


def rates(low: float, high: float) -> str:
    """An interval of such per cents: ``0.1–1.0%``."""
    return f"{number(low)}{DASH}{rate(high)}"


def one_in(high: float) -> int:
    """The largest N for which a percent is still below 1 in N; 1 where it bounds nothing."""
    return int(100 / high) if 0 < high < 100 else 1


def between(low: float, high: float) -> str:
    """A range of whole per cents: ``Between 61% and 72%``, or ``61%`` where both ends are the same."""
    return percent(low) if percent(low) == percent(high) else f"Between {percent(low)} and {percent(high)}"


def typeset(note: str) -> str:
    """A note as people read it: real minus signs before its numbers, per cent signs beside them, and skin types joined by a dash.

    Example:
        >>> typeset("-0.2 in types I-II")
        '−0.2 in types I–II'
    """
    closed_up = re.sub(r"(?<=\d) %", "%", re.sub(r"(?<![\w-])-(?=\d)", "\N{MINUS SIGN}", note))
    return re.sub(r"\b([IV]+)-([IV]+)\b", rf"\1{DASH}\2", closed_up)


def day_words(day: date) -> str:
    """A day as people write it: ``15 June 2026``."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def session_words(k: float) -> str:
    """``after 1 session``, ``after 3 sessions``, ``after 3.5 sessions``."""
    return f"after {counted(float(k), 'sessions')}"


def spaced(name: str) -> str:
    """A name that code uses, with blanks for underlines."""
    return " ".join(name.split("_"))


def event_words(name: str) -> str:
    """An adverse event: ``new PIH``, ``prolonged redness``."""
    return _EVENTS.get(name) or " ".join("PIH" if word == "pih" else word for word in name.split("_"))


_EVENTS = {"prolonged_erythema": "prolonged redness", "scar_worsening": "worse scarring"}
"""Events that people do not call by the names of their columns."""


def one_of(unit: str) -> str:
    """A unit of which there is one: ``grade``."""
    return unit.removesuffix("s")


def heading(endpoint: Endpoint) -> str:
    """The endpoint as a sentence begins with it: ``Acne scarring``, ``PIH``."""
    return first_up(endpoint.label)


def first_up(words: str) -> str:
    """Words as a sentence begins with them; a name that begins small, such as ``mMASI``, stays as it is."""
    return words if re.match("[a-z]+[A-Z]", words) else words[:1].upper() + words[1:]


def first_down(words: str) -> str:
    """The beginning of a sentence as it goes on after a colon."""
    return words[:1].lower() + words[1:]


def measured(estimates: pd.DataFrame) -> str:
    """The scale with its unit where its name does not say it: ``Goodman-Baron grade``, ``PAHPI points``."""
    scale = SCALES[estimates["scale"].iloc[0]]
    return scale.label if scale.is_graded else f"{scale.label} {scale.unit}"


def plain(text: str) -> str:
    """Text from the records in Markdown: shown as it stands, never as markup."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>#+!|~&$" else character for character in " ".join(text.split()))


def is_clear(row: Any) -> bool:
    """Whether the interval leaves out no change; without an interval nothing is clear."""
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def verb(row: Any) -> str:
    """``improved`` or ``worsened``: a change below 0 is an improvement on every scale."""
    return "improved" if row["estimate"] < 0 else "worsened"


def improved_by(scale: Scale) -> str:
    """What counts as improved on a scale, after the verb: ``by at least one grade``, ``by half or more``."""
    rule = scale.responds
    if rule.code == "share":
        return "by half or more" if rule.amount == HALF else f"by {100 * rule.amount:g}% or more"
    amount = f"one {one_of(scale.unit)}" if rule.amount == 1 else f"{rule.amount:g} {scale.unit}"
    return f"by {rule.code} {amount}"


HALF = Fraction(1, 2)
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"]


def nth_session(k: int) -> str:
    """Another session as a sentence begins with it: ``A fourth session``, ``An eighth session``; from 13 on ``Session 13``."""
    if not 1 <= k <= len(_ORDINALS):
        return f"Session {k}"
    word = _ORDINALS[k - 1]
    return f"A{'n' if word[0] in 'aeiou' else ''} {word} session"


def was_or_were(n: int) -> str:
    """The verb of a count: ``1 was``, ``2 were``, ``none was``."""
    return "was" if n <= 1 else "were"


def direction(scales: Iterable[str]) -> str:
    """Which changes on these scales are better, as the end of a subtitle: ``lower is better``."""
    turned = _running_upwards(scales)
    return "; ".join(["below 0 is better", *map(_turned, turned)]) if turned else "lower is better"


def direction_note(scales: Iterable[str]) -> str:
    """A sentence for each of these scales on which higher is better, as changes below 0 are improvements on it too; else blank."""
    return "".join(f" {sentence}." for sentence in direction_notes(scales))


def direction_notes(scales: Iterable[str]) -> list[str]:
    """The same sentences without their stops."""
    return [f"{first_up(_turned(scale))}: a change below 0 is an improvement" for scale in _running_upwards(scales)]


def _running_upwards(scales: Iterable[str]) -> list[Scale]:
    return [SCALES[name] for name in dict.fromkeys(scales) if name in SCALES and SCALES[name].higher_is_better]


def _turned(scale: Scale) -> str:
    return f"higher is better on the {scale.label}, so its scores are turned round"


def skin(group: str) -> str:
    """Skin types with the dash that people write: ``I–II``."""
    return group.replace("-", DASH)


def types(*groups: str, last: str = "and") -> str:
    """``Type V``, ``Types I–II``, ``Types I–II and V–VI``."""
    return f"Type{'s' if len(groups) > 1 or '-' in groups[0] else ''} {listed([skin(group) for group in groups], last)}"


def listed(words: list[str], last: str = "and") -> str:
    """``I``, ``I and II``, ``I, II and III``; or with another word before the last."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))
