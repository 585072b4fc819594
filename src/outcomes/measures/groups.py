"""Which skin types are estimated together: single types, bands, or merged by a fixed rule until each group has enough courses."""

from __future__ import annotations

from typing import Literal

from outcomes.cohort.tally import Tally
from outcomes.definitions.fitzpatrick import MERGES, SKIN_BANDS, SKIN_TYPES, UNKNOWN_TYPE
from outcomes.definitions.thresholds import SMALLEST_GROUP
from outcomes.errors import UsageError
from outcomes.statistics.longitudinal import EVERYONE

BySkinType = Literal["skin_type", "skin_band"]
By = Literal[BySkinType, "skin_types"]
ByProvider = Literal[By, "provider_id"]
"""What estimates can be made by: a fixed grouping of skin types, one that is merged until it has enough courses, providers too."""


def groups_of(tally: Tally, by: By | None) -> dict[str, str]:
    """Skin type -> group: everyone, single types, bands, or types merged until each group has `SMALLEST_GROUP` courses.

    Raises:
        UsageError: unknown `by`.
    """
    simple = {None: dict.fromkeys((*SKIN_TYPES, UNKNOWN_TYPE), EVERYONE), "skin_type": MERGES[0], "skin_band": SKIN_BANDS}
    if by in simple:
        return simple[by]
    if by != "skin_types":
        raise UsageError(f"by must be skin_type, skin_band or skin_types, got {by!r}")
    enrolled = tally.paths.groupby("skin_type")["n"].sum()
    for merge in MERGES:
        sizes = enrolled[enrolled.index.isin(list(merge))].groupby(merge).sum()
        if sizes.min() >= SMALLEST_GROUP:
            return merge
    return MERGES[-1]
