"""What the numbers cannot say."""

from __future__ import annotations

from outcomes.display.texts import Prose


def limits() -> Prose:
    """What scores by assessors cannot say, in every report that shows a change."""
    return Prose("Scores are the **assessors' judgement**, and an assessor who hopes for improvement may see it.")


def attending_limits() -> Prose:
    """What averages of those still attending cannot say."""
    return Prose(
        "Averages of those **still attending** do not show what a further session does: satisfied patients stop, and so do disappointed ones."
    )
