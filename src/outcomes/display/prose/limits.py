"""What the numbers cannot say."""

from __future__ import annotations

from outcomes.display.words import Prose


def limits() -> Prose:
    """What such records can and cannot say, in every report."""
    return Prose(
        "- There was **no control group**: time, other treatments or regression to the mean may explain part of any change.\n"
        "- Patients **stop when they are satisfied or disappointed**, so averages of those still attending after many sessions mislead.\n"
        "- Scores are the **assessors' judgement**, and an assessor who hopes for improvement may see it.\n"
        "- Small groups are shown with their numbers and their wide intervals, not compared."
    )
