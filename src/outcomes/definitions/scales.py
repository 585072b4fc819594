"""Instruments: each defined here, once, as a row of data.

Scores are kept as integer hundredths of their scale (grade 2.5 is 250), so that every engine counts the same integers.

Everything is computed of scores as they are counted: a lower one is better, on every scale. Where an instrument runs the other
way (`higher_is_better`), a score is turned round when courses are made of the records (`Scale.turned`: low + high - score), and
turned back where a score itself is shown, before and after. So a change below 0 is an improvement on every scale, in every frame,
table, picture and in estimates.csv, and no rule has two branches; reports say so wherever such a scale is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from outcomes.definitions.responder_rules import BEYOND_RATERS, HALF_WAY, ONE_GRADE, ResponderRule, Score

HUNDREDTHS = 100
"""Scores per unit of scale: a score column holds integer hundredths."""


Kind = Literal["ordinal", "count", "sum", "weighted sum", "instrument"]
Unit = Literal["grades", "points"]


@dataclass(frozen=True)
class Scale:
    """An instrument: its range in scale units, who described it, and everything by which scales differ.

    `unit` is what one unit is called, in the plural: only of "grades" is there a table of grades before and after. `responds` is
    the responder rule, and `margin` the largest difference between groups taken as none, in scale units: declared here, as no
    minimal important difference is published for any of these scales.
    """

    name: str
    label: str
    low: int
    high: int
    kind: Kind
    source: str
    unit: Unit
    responds: ResponderRule
    margin: float
    higher_is_better: bool = False

    @property
    def is_graded(self) -> bool:
        """Whether its scores are grades."""
        return self.unit == "grades"

    @property
    def floor(self) -> int:
        """The best possible score, from which nothing can improve, in hundredths, as it is counted (turned where higher is better)."""
        return self.low * HUNDREDTHS

    @property
    def rule(self) -> str:
        """The responder rule in words."""
        return self.responds.words.format(way="up" if self.higher_is_better else "down")

    def is_response(self, baseline: Score, score: Score) -> Score:
        """Whether `score` is a response from `baseline`, as they are counted, in hundredths: integers, arrays, columns or expressions."""
        return self.responds.is_response(baseline, score, self.floor, HUNDREDTHS)

    def turned(self, score: Score, per_unit: int = 1) -> Score:
        """A score as it is counted, from one as recorded, and back: the same one, but for `higher_is_better`; `per_unit` 100 in hundredths."""
        return (self.low + self.high) * per_unit - score if self.higher_is_better else score  # type: ignore[operator,return-value]


_GRADES: tuple[Unit, ResponderRule, float] = ("grades", ONE_GRADE, 0.5)
"""Half a grade is the margin; 5 % of the range on a scale of points."""

SCALES = {
    scale.name: scale
    for scale in (
        Scale(
            "goodman_baron_grade",
            "Goodman-Baron grade",
            1,
            4,
            "ordinal",
            "Goodman & Baron (2006) Dermatol Surg 32:1458-1471",
            *_GRADES,
        ),
        Scale(
            "goodman_baron_score",
            "Goodman-Baron score",
            0,
            84,
            "count",
            "Goodman & Baron (2006) J Cosmet Dermatol 5:48-52",
            "points",
            BEYOND_RATERS,
            4.2,
        ),
        Scale("ecca", "ECCA", 0, 540, "weighted sum", "Dreno et al. (2007) Dermatology 214:46-51", "points", HALF_WAY, 27),
        Scale("asas", "Acne Scar Assessment Scale", 0, 4, "ordinal", "used in the SkinPen pivotal trial", *_GRADES),
        Scale("pahpi", "PAHPI", 6, 22, "sum", "Savory et al. (2014) J Am Acad Dermatol 70:108-114", "points", HALF_WAY, 0.8),
        Scale("pih_severity", "overall PIH severity", 0, 8, "ordinal", "trial NCT05089708", *_GRADES),
        Scale(
            "melanin_index",
            "melanin index",
            0,
            999,
            "instrument",
            "Mexameter; lesion less adjacent skin is better than raw",
            "points",
            HALF_WAY,
            49.95,
        ),
        Scale("mmasi", "mMASI", 0, 24, "weighted sum", "modified MASI, made for melasma", "points", HALF_WAY, 1.2),
        Scale(
            "lemperle",
            "Lemperle wrinkle grade",
            0,
            5,
            "ordinal",
            "Lemperle et al. (2001) Plast Reconstr Surg 108:1735-1750",
            *_GRADES,
        ),
    )
}
"""Every instrument by its name in the records."""
