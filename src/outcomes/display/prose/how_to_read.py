"""How to read a report: what its numbers and verdicts mean, and the words that it uses, each said once."""

from __future__ import annotations

import re
from collections.abc import Iterable

from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.prose.continued import why_continued
from outcomes.display.prose.regression_to_the_mean import why_regression_to_the_mean
from outcomes.display.texts import Prose
from outcomes.display.words import first_up

HOW_TO_READ = "How to read this report"

_HOW = {
    "The figure and its interval": (
        "“74% (95% CI 66–81%)” means: the best estimate is 74%, and values from 66% to 81% are compatible with the records. A wide "
        "interval means few patients. Nothing is shown of fewer than {fewest} courses."
    ),
    "Had every patient continued": str(why_continued()),
    "Verdicts": (
        "**Supported, contradicted, equivalent** and **different** follow fixed rules, which are given with them. **Undecided** means "
        "that the interval allows both answers."
    ),
    "Regression to the mean": str(why_regression_to_the_mean()),
}
"""What has to be explained once, by its heading."""

_IF_USED = ("Had every patient continued", "Regression to the mean")
"""Explained only where a report speaks of it."""

_WORDS = {
    "adverse event": "Something unwanted that a visit records as having happened since the previous session.",
    "baseline": "The score taken before the first session.",
    "blind": "Scored by an assessor who did not know how many sessions had been given.",
    "CI": "Confidence interval: the range of values compatible with the records, at 95% confidence unless stated otherwise.",
    "course": "One patient's series of sessions on one area. A patient can have more than one.",
    "equivalent": "The whole 90% CI of the difference lies within the margin.",
    "Fitzpatrick": "Skin types I to VI, by how skin burns and tans; not a skin colour.",
    "improved or better": "A rating of 1, 2 or 3 on the global aesthetic improvement scale (GAIS).",
    "margin": "The largest difference taken as none: half a grade or 5% of the range, or a third of the others' own change if that is smaller.",
    "more courses needed": (
        "How many would be likely to show that a group is equivalent (in 80 of 100 clinics), if there were no difference."
    ),
    "new PIH": "PIH that arose after treatment began; never what was there before.",
    "not recorded": "Left blank: neither yes nor no, and never counted as no.",
    "PIH": "Post-inflammatory hyperpigmentation: dark marks left by inflammation.",
    "provider": "Whoever gave the session, under a code.",
    "screening question": "A question on age or a contraindication that is asked before a session.",
    "still attending": "Patients who came back and were assessed after that session; not those who had stopped.",
}
"""What a word means, where a report uses it."""


def how_to_read(used: str = "", fewest: int = FEW) -> Prose:
    """What numbers and verdicts mean, and the words that occur in the text `used`; all words where it is blank.

    `fewest` are the courses below which the report shows nothing.

    Example:
        >>> import outcomes
        >>> "**PIH**" in outcomes.prose.how_to_read("After 3 sessions, PIH would have improved.")
        True
    """
    asked = [title for title in _HOW if title not in _IF_USED or not used or title.lower() in used.lower()]
    how = [f"### {title}\n\n{_HOW[title]}".replace("{fewest}", str(fewest)) for title in asked]
    words = [f"- **{first_up(word)}**: {meaning}" for word, meaning in sorted(_words(used), key=lambda word: word[0].lower())]
    return Prose("\n\n".join([*how, "### Words used", "\n".join(words)]))


def _words(used: str) -> Iterable[tuple[str, str]]:
    every = {**_WORDS, **{scale.label: _scale(scale.name) for scale in SCALES.values()}}
    return [(word, meaning) for word, meaning in every.items() if not used or _is_used(word, used)]


def _is_used(word: str, text: str) -> bool:
    """Whether the text has a word, also in the plural or at the start of a sentence; an abbreviation only as it is written."""
    return bool(re.search(rf"\b{word}\b", text) if word.isupper() else re.search(rf"\b{re.escape(word)}", text, re.IGNORECASE))


def _scale(name: str) -> str:
    scale = SCALES[name]
    best, worst = (scale.high, scale.low) if scale.higher_is_better else (scale.low, scale.high)
    return f"A scale from {best:,} (best) to {worst:,} (worst)."
