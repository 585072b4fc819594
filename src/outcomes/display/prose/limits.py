"""What the numbers cannot say."""

from __future__ import annotations

from outcomes.display.words import Prose


def limits() -> Prose:
    """What such records can and cannot say, in every report."""
    return Prose(
        "- There is **no control group**: a change may also come from time, other treatment, or from having begun on a bad day.\n"
        "- Patients **stop when they are satisfied or disappointed**, so means of those still attending after many sessions mislead.\n"
        "- Scores are the **assessors' judgement**, and an assessor who hopes for improvement may see it.\n"
        "- Small groups are shown with their numbers and their wide intervals, not compared."
    )
