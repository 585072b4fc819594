"""Fitzpatrick skin types, and the groups in which they are taken together."""

from __future__ import annotations

from collections.abc import Sequence

from outcomes.errors import UsageError

SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
"""Fitzpatrick skin types, in order. Fitzpatrick (1988) Arch Dermatol 124:869-871."""

UNKNOWN_TYPE = "not recorded"
"""The type of a patient for whom none is recorded: counted in all that is not by skin type."""

SKIN_BANDS = {"I": "I-II", "II": "I-II", "III": "III-IV", "IV": "III-IV", "V": "V-VI", "VI": "V-VI"}
"""Skin type -> the band it is merged into where single types have too few patients."""

SKIN_HALVES = {name: "I-III" if name in ("I", "II", "III") else "IV-VI" for name in SKIN_TYPES}
"""Skin type -> the half it belongs to, for events that are too rare to be told apart by band."""

MERGES: tuple[dict[str, str], ...] = (
    {name: name for name in SKIN_TYPES},
    SKIN_BANDS,
    SKIN_HALVES,
    dict.fromkeys(SKIN_TYPES, "I-VI"),
)
"""The fixed rule by which skin types are merged: the first step at which every group that has courses has enough."""


def named_types(skin_types: str | Sequence[str]) -> list[str]:
    """The skin types of a sequence, or of a text like ``"IV,V"``; all six are everybody, with the patients of whom none is recorded.

    Raises:
        UsageError: an unknown one, or none.
    """
    names = [name.strip() for name in skin_types.split(",")] if isinstance(skin_types, str) else list(skin_types)
    unknown = [name for name in names if name not in SKIN_TYPES]
    if unknown or not names:
        raise UsageError(f"skin types must be among {', '.join(SKIN_TYPES)}, got {', '.join(unknown) or 'none'}")
    return [*names, UNKNOWN_TYPE] if {*names} == {*SKIN_TYPES} else names
