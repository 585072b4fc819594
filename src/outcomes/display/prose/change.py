"""Change from before treatment, in words, and the rule by which it counts as improved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from outcomes.cohort.tally import Tally
from outcomes.definitions.scales import SCALES
from outcomes.display.texts import Prose
from outcomes.display.words import is_clear, listed, size_of


def than_before(row: Any, label: str, assessed: str) -> str:
    """``acne scarring was **0.9 grades** better than before treatment (95% CI 0.8–1.0; 208 courses)``, or that there was no clear change."""
    told, unit = size_of(row), SCALES[row["scale"]].unit
    if not is_clear(row):
        return f"there was **no clear change** in {label} from before treatment ({told.estimate} {unit}; {told.ci}; {assessed})"
    how = "better" if row["estimate"] < 0 else "worse"
    return f"{label} was **{told.estimate} {unit} {how}** than before treatment ({told.ci}; {assessed})"


def responder_rule(tallies: Tally | Sequence[Tally]) -> Prose:
    """The rule by which a course counts as improved, and what it does not rest on."""
    several = [tallies] if isinstance(tallies, Tally) else tallies
    each = listed([f"{of.scale.rule} for {of.endpoint.label}" for of in several])
    return Prose(
        f"**Improved** means {each}. This is a convention: no minimal important difference is published for "
        f"{'this scale' if len(several) == 1 else 'these scales'}. Courses that began at the best score cannot improve and are left out."
    )
