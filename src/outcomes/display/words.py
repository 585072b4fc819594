"""Numbers and estimates as people say them: the one place where a float becomes a word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from outcomes.definitions.endpoints import Endpoint
from outcomes.definitions.scales import SCALES, Scale
from outcomes.errors import counted as counted

INTERVAL = "95\N{NO-BREAK SPACE}% interval "
"""What stands before the two ends of an interval, unless the head of a column says it."""


class Prose(str):
    """Markdown that a notebook shows as text."""

    def _repr_markdown_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


def paragraphs(*texts: str) -> Prose:
    """Several texts below each other, as one."""
    return Prose("\n\n".join(texts))


def number(value: float) -> str:
    """One decimal below 10, none above: ``1.2``, ``63``. A real minus sign; never ``-0``."""
    return minus(f"{value:,.1f}") if abs(value) < 9.95 else whole(value)


def signed(value: float) -> str:
    """A change with its sign: ``+0.3``, ``−1.2``."""
    return number(value) if number(value).startswith(("\N{MINUS SIGN}", "0.0")) else f"+{number(value)}"


def minus(shown: str) -> str:
    """A number as it was formatted, with a real minus sign; never ``-0``."""
    zero = "0" in shown and not any(digit in "123456789" for digit in shown)
    return shown.replace("-", "" if zero else "\N{MINUS SIGN}")


def whole(value: float) -> str:
    """A whole number: ``63``."""
    return minus(f"{value:,.0f}")


def percent(value: float) -> str:
    """A whole percent: ``63 %``."""
    return f"{whole(value)}\N{NO-BREAK SPACE}%"


def rate(value: float) -> str:
    """The percent of something rare: one decimal below 10, ``0.4 %``, ``12 %``; what would round to nothing is ``under 0.1 %``."""
    return f"{_rate(value)}\N{NO-BREAK SPACE}%"


def _rate(value: float) -> str:
    if 0 < value < 0.05:
        return "under 0.1"
    return f"{value:.1f}" if 0 < value < 9.95 else whole(value)


def rates(low: float, high: float) -> str:
    """An interval of such percents: ``0.1 to 1.0 %``."""
    return f"{_rate(low)} to {rate(high)}"


def one_in(high: float) -> int:
    """The largest N for which a percent is still below 1 in N; 1 where it bounds nothing."""
    return int(100 / high) if 0 < high < 100 else 1


def span(low: float, high: float) -> str:
    """An interval of whole percents: ``7 to 22 %``."""
    return f"{whole(low)} to {percent(high)}"


def between(low: float, high: float) -> str:
    """A range of whole percents: ``Between 61 and 72 %``, or ``61 %`` where both ends are the same."""
    return percent(low) if percent(low) == percent(high) else f"Between {whole(low)} and {percent(high)}"


def size(value: float) -> str:
    """How large, without its sign; what would round to nothing is ``less than 0.1``."""
    return "less than 0.1" if is_tiny(value) else number(abs(value))


def is_tiny(value: float) -> bool:
    """Whether it would round to nothing, and is not nothing."""
    return 0 < abs(value) < 0.05


def with_minus(note: str) -> str:
    """A note with real minus signs before its numbers; ``I-II`` keeps its hyphen."""
    return re.sub(r"(?<![\w-])-(?=\d)", "\N{MINUS SIGN}", note)


def in_ten(value: float) -> str:
    """A percent as people say it: ``7 in 10``, ``fewer than 1 in 10``."""
    # Halves go up: round() would send 25 and 35 to 2 and 4 in 10.
    tenths = int(value / 10 + 0.5)
    if tenths == 0:
        return "none" if value == 0 else "fewer than 1 in 10"
    return "all" if value == 100 else "more than 9 in 10" if tenths == 10 else f"{tenths} in 10"


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")


def ordinal(k: int) -> str:
    """``a fourth session``; from the thirteenth on in figures."""
    return _ORDINALS[k - 1] if k <= len(_ORDINALS) else f"{k}th"


def session_words(k: float) -> str:
    """``after 1 session``, ``after 3 sessions``, ``after 3.5 sessions``."""
    return f"after {counted(float(k), 'sessions')}"


def spaced(name: str) -> str:
    """A name that code uses, with blanks for underlines."""
    return " ".join(name.split("_"))


def event_words(name: str) -> str:
    """An adverse event: ``new PIH``, ``herpes flare``."""
    return " ".join("PIH" if word == "pih" else word for word in name.split("_"))


def unbroken(text: str) -> str:
    """The text with its percent signs kept to their numbers."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def one_of(unit: str) -> str:
    """A unit of which there is one: ``grade``."""
    return unit.removesuffix("s")


def heading(endpoint: Endpoint) -> str:
    """The endpoint as a sentence begins with it: ``Acne scarring``, ``PIH``."""
    return first_up(endpoint.label)


def first_up(words: str) -> str:
    """Words as a sentence begins with them."""
    return words[:1].upper() + words[1:]


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


def moved(row: Any, unit: str) -> str:
    """``was 0.9 grades lower than before treatment``, or that there was no clear change."""
    if row["conf_low"] <= 0 <= row["conf_high"]:
        return f"had not clearly changed ({signed(row['estimate'])} {unit})"
    return f"was {size(row['estimate'])} {unit} {lower(row)} than before treatment"


def lower(row: Any) -> str:
    """``lower`` or ``higher``: where a change leads on its own scale. Below 0 is better on every scale, and on some that is higher."""
    return "lower" if (row["estimate"] < 0) != SCALES[row["scale"]].higher_is_better else "higher"


def further(row: Any) -> str:
    """``lower still``, further in the direction of improvement, or ``higher again``; on some scales ``higher still``."""
    return f"{lower(row)} {'still' if row['estimate'] < 0 else 'again'}"


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


def around(row: Any, interval: str = INTERVAL) -> str:
    """The interval of a change, without signs where it is named a fall or a rise."""
    low, high = row["conf_low"], row["conf_high"]
    if low <= 0 <= high:
        return f"{interval}{signed(low)} to {signed(high)}"
    near, far = sorted((abs(low), abs(high)))
    return f"{interval}{number(near)} to {number(far)}"


def types(*groups: str, last: str = "and") -> str:
    """``Type V``, ``Types I-II``, ``Types I-II and V-VI``."""
    return f"Type{'s' if len(groups) > 1 or '-' in groups[0] else ''} {listed(list(groups), last)}"


def listed(words: list[str], last: str = "and") -> str:
    """``I``, ``I and II``, ``I, II and III``; or with another word before the last."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))
