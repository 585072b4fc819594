"""The scores of an invented patient: hidden severity and pace, and what a rater writes down.

Arrays are course x visit. A recorded score is the hidden severity plus the rater's noise, rounded and cut to its scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES, Scale

Array = NDArray[Any]


@dataclass(frozen=True)
class Effect:
    """The true course of one endpoint, in units of its scale; lower is better (scores of a scale that runs upwards are turned round).

    Hidden severity starts at normal(`severity`, `severity_sd`) and falls by pace * `limit` * (1 - `left` ** sessions);
    pace is gamma with mean 1 and coefficient of variation 0.5. A score adds normal noise of sd `noise`.
    """

    scale: str
    severity: float
    severity_sd: float
    limit: float
    left: float
    noise: float


_EFFECTS = {
    "scarring": Effect("goodman_baron_grade", severity=3.15, severity_sd=0.65, limit=1.6, left=0.75, noise=0.3),
    "pih": Effect("pahpi", severity=14.0, severity_sd=2.6, limit=6.2, left=0.75, noise=1.0),
    "fine_lines": Effect("lemperle", severity=2.4, severity_sd=0.9, limit=0.75, left=0.75, noise=0.3),
}


def _usual(scale: Scale) -> Effect:
    """The course of an endpoint of which nothing else is said: from well inside its scale, by a third of it at most."""
    span = scale.high - scale.low
    return Effect(scale.name, scale.low + 0.6 * span, severity_sd=0.18 * span, limit=0.35 * span, left=0.75, noise=0.07 * span)


EFFECTS = {name: _EFFECTS.get(name) or _usual(SCALES[endpoint.scales[0]]) for name, endpoint in ENDPOINTS.items()}
UNITS_OF_A_GRADE = {
    name: 1.0 if SCALES[effect.scale].is_graded else (SCALES[effect.scale].high - SCALES[effect.scale].low) / 4
    for name, effect in EFFECTS.items()
}
"""What weighs as much as one grade of scarring, in units of each endpoint's scale: a grade, or a quarter of a scale of points."""


class Hidden(NamedTuple):
    """The true severity at baseline and the pace of each course, for one endpoint."""

    severity: Array
    pace: Array


def draw_hidden(random: np.random.Generator, effect: Effect, patient: Array) -> Hidden:
    """Each course's own; half of a pace's variance is the patient's.

    Endpoints are independent: stopping that looks at one leaves the recorded history of another sufficient.
    """
    severity = random.normal(effect.severity, effect.severity_sd, len(patient))
    shared = random.standard_gamma(2.0, patient[-1] + 1)[patient]
    return Hidden(severity, (shared + random.standard_gamma(2.0, len(patient))) / 4)


def draw_scores(
    random: np.random.Generator, effect: Effect, hidden: Hidden, sessions: Array, more: tuple[float, ...] = (1.0,)
) -> Array:
    """Scores as recorded (course x visit) after `sessions`, with `more` times the gain of one month after them."""
    return on_scale(effect, draw_marks(random, effect, hidden, sessions, more))


def draw_marks(
    random: np.random.Generator, effect: Effect, hidden: Hidden, sessions: Array, more: tuple[float, ...] = (1.0,)
) -> Array:
    """The same before they are rounded and cut to their scale: the hidden severity plus the rater's noise."""
    gain = effect.limit * (1 - effect.left**sessions) * more
    noise = random.normal(0, effect.noise, (len(hidden.severity), gain.shape[-1]))
    return hidden.severity[:, None] - hidden.pace[:, None] * gain + noise


def on_scale(effect: Effect, marks: Array) -> Array:
    """Marks rounded and cut to the scale of the endpoint."""
    return np.rint(marks).clip(SCALES[effect.scale].low, SCALES[effect.scale].high).astype(np.int16)


def grades_gained(scores: dict[str, Array], has_pih: Array) -> Array:
    """What patients go by at each visit: grades of scarring, averaged with a quarter of the points of PAHPI where there is PIH."""
    gained = {name: (scores[name][:, :1] - scores[name]) / UNITS_OF_A_GRADE[name] for name in ("scarring", "pih")}
    return np.where(has_pih[:, None], (gained["scarring"] + gained["pih"]) / 2, gained["scarring"])
