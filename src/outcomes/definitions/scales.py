"""Instruments, endpoints and skin types: each defined here, once.

Scores are kept as integer hundredths of their scale (grade 2.5 is 250), so that every engine
counts the same integers. All scales here run downwards: a lower score is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

HUNDREDTHS = 100
"""Scores per unit of scale: a score column holds integer hundredths."""


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


def default_margin(scale: Scale) -> float:
    """The largest difference taken as no difference: half a grade, or 5 % of the range of a scale of points."""
    return 0.5 if scale.kind == "ordinal" else 0.05 * (scale.high - scale.low)
