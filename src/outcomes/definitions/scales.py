"""Instruments, endpoints and skin types: each defined here, once.

Scores are kept as integer hundredths of their scale (grade 2.5 is 250), so that every engine
counts the same integers. All scales here run downwards: a lower score is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

HUNDREDTHS = 100
"""Scores per unit of scale: a score column holds integer hundredths."""

SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
"""Fitzpatrick skin types, in order. Fitzpatrick (1988) Arch Dermatol 124:869-871."""

SKIN_BANDS = {"I": "I-II", "II": "I-II", "III": "III-IV", "IV": "III-IV", "V": "V-VI", "VI": "V-VI"}
"""Skin type -> the band it is merged into where single types have too few patients."""

SKIN_HALVES = {name: "I-III" if name in ("I", "II", "III") else "IV-VI" for name in SKIN_TYPES}
"""Skin type -> the half it belongs to, for events that are too rare to be told apart by band."""

Kind = Literal["ordinal", "count", "sum", "weighted sum", "instrument"]
Score = TypeVar("Score")


@dataclass(frozen=True)
class Scale:
    """An instrument: its range in scale units, what one unit is called, and who described it.

    `low` is also the floor: the best possible score, from which nothing can improve.
    """

    name: str
    label: str
    low: int
    high: int
    kind: Kind
    source: str

    @property
    def unit(self) -> str:
        """The word for one unit, in the plural."""
        return "grades" if self.kind == "ordinal" else "points"

    @property
    def floor(self) -> int:
        """The best possible score, in hundredths."""
        return self.low * HUNDREDTHS

    @property
    def rule(self) -> str:
        """The responder rule in words. No published minimal important difference exists for these scales."""
        if self.kind == "ordinal":
            return "down by at least one grade"
        if self.name == "goodman_baron_score":
            return "down by more than 4 points, the disagreement between raters"
        return "at least half of the way from baseline to the best possible score"

    def is_response(self, baseline: Score, score: Score) -> Score:
        """Whether `score` is a response from `baseline`, both in hundredths: integers, arrays, columns or expressions."""
        drop = baseline - score  # type: ignore[operator]
        if self.kind == "ordinal":
            return drop >= HUNDREDTHS
        if self.name == "goodman_baron_score":
            return drop > 4 * HUNDREDTHS
        return 2 * drop >= baseline - self.floor  # type: ignore[operator]


SCALES = {
    scale.name: scale
    for scale in (
        Scale("goodman_baron_grade", "Goodman-Baron grade", 1, 4, "ordinal", "Goodman & Baron (2006) Dermatol Surg 32:1458-1471"),
        Scale("goodman_baron_score", "Goodman-Baron score", 0, 84, "count", "Goodman & Baron (2006) J Cosmet Dermatol 5:48-52"),
        Scale("ecca", "ECCA", 0, 540, "weighted sum", "Dreno et al. (2007) Dermatology 214:46-51"),
        Scale("asas", "Acne Scar Assessment Scale", 0, 4, "ordinal", "used in the SkinPen pivotal trial"),
        Scale("pahpi", "PAHPI", 6, 22, "sum", "Savory et al. (2014) J Am Acad Dermatol 70:108-114"),
        Scale("pih_severity", "overall PIH severity", 0, 8, "ordinal", "trial NCT05089708"),
        Scale("melanin_index", "melanin index", 0, 999, "instrument", "Mexameter; lesion less adjacent skin is better than raw"),
        Scale("mmasi", "mMASI", 0, 24, "weighted sum", "modified MASI, made for melasma"),
        Scale("lemperle", "Lemperle wrinkle grade", 0, 5, "ordinal", "Lemperle et al. (2001) Plast Reconstr Surg 108:1735-1750"),
    )
}
"""Every instrument by its name in the records."""


@dataclass(frozen=True)
class Endpoint:
    """What is hoped to improve, the columns that record it and the scales it may be scored on.

    `present_at_baseline`: only courses above the floor at baseline are of this endpoint. PIH is an
    endpoint only where it was there before the first session; PIH that arises later is an event.
    """

    name: str
    label: str
    prefix: str
    scales: tuple[str, ...]
    present_at_baseline: bool = False

    @property
    def scale_column(self) -> str:
        return f"{self.prefix}_scale"

    @property
    def score_column(self) -> str:
        return f"{self.prefix}_score"


ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint("scarring", "acne scarring", "scar", ("goodman_baron_grade", "goodman_baron_score", "ecca", "asas")),
        Endpoint("pih", "PIH", "pih", ("pahpi", "pih_severity", "melanin_index", "mmasi"), present_at_baseline=True),
        Endpoint("fine_lines", "fine lines", "line", ("lemperle",)),
    )
}
"""Every endpoint by name."""
