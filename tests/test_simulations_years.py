"""Known truth: how often a trend seems clear where years are alike, and how often one that is there is found.

Each year is estimated as a report does it, from its own courses: grades that fall at each patient's own pace, patients who stop once
satisfied, 1 in 10 courses a second one of a patient, and half of the last year's courses cut off by the export. Every figure is a share of
invented clinics from a fixed seed, known to .01 (one standard error). The figures of a run are in its ``--junitxml``, under "measured".
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from outcomes.definitions.scales import SCALES
from outcomes.measures.continued import response_of
from outcomes.measures.years import _armitage, _change, _improved, _line
from outcomes.statistics.attendance import ENOUGH, Courses
from outcomes.statistics.clustered_rates import Patients, design_effect, per_course, per_session
from outcomes.statistics.continued import Continued, continued
from outcomes.statistics.trend import trend_of_shares

pytestmark = pytest.mark.slow

SESSIONS, HEADLINE = np.arange(5), 3
RULE = response_of(SCALES["goodman_baron_grade"])
RUNS = 500


def clinic(rng: np.random.Generator, sizes: tuple[int, ...], gain: float) -> list[Continued | None]:
    """What is estimated of each year, where every year's patients gain so much of the first one's more than those of the year before."""
    year = np.repeat(np.arange(len(sizes)), sizes)
    n = len(year)
    who, twice = np.arange(n), rng.permutation(n)[: 2 * (n // 10)].reshape(2, -1)
    who[twice[1]] = who[twice[0]]
    severity, pace = (np.sqrt(0.8) * rng.normal(size=n)[who] + np.sqrt(0.2) * rng.normal(size=n) for _ in range(2))
    fall = (1 + gain * year)[:, None] * np.exp(0.5 * pace - 0.125)[:, None] * 1.5 * (1 - 0.75**SESSIONS)
    scores = np.clip(np.rint(3.2 + 0.65 * severity[:, None] - fall + rng.normal(0, 0.3, (n, 5))), 1, 4)
    seen = np.where((rng.random(scores.shape) < 0.05) & (SESSIONS > 0), np.nan, scores)
    last, latest = np.full(n, 4), scores[:, 0].copy()
    for k in SESSIONS[1:4]:
        latest = np.where(np.isnan(seen[:, k]), latest, seen[:, k])
        last[(last == 4) & (rng.random(n) < expit(-1.6 + 1.3 * (scores[:, 0] - latest - 1)))] = k
    cut = np.where((year == year.max()) & (rng.random(n) < 0.5), rng.integers(0, 4, n), 9)
    chose, last = (last < 4) & (last <= cut), np.minimum(last, cut)
    seen = np.where(last[:, None] >= SESSIONS, seen, np.nan)
    return [estimated(seen[year == at], last[year == at], chose[year == at], who[year == at]) for at in range(len(sizes))]


def estimated(scores: np.ndarray, last: np.ndarray, chose: np.ndarray, who: np.ndarray) -> Continued:
    enough = np.flatnonzero((~np.isnan(scores)).sum(axis=0) >= ENOUGH).max(initial=0) + 1
    people, kind = np.unique(who, return_inverse=True)
    return continued(Courses(scores[:, :enough], last, chose, kind.ravel(), np.ones(len(people))), *RULE)


def share_clear(sizes: tuple[int, ...], gain: float = 0.0) -> tuple[float, float, float]:
    """Of the clinics with three years that are estimated, the share with p < .05 of change and of the share improved; and how many such."""
    rng, found = np.random.default_rng(41 + sum(sizes)), []
    for _ in range(RUNS):
        of = clinic(rng, sizes, gain)
        change, improved = ({at: ask(year, HEADLINE, 0.95) for at, year in enumerate(of)} for ask in (_change, _improved))
        found.append((_line(change, 0.95).p, _armitage(improved, 0.95).p))
    p = np.array(found)
    known = np.isfinite(p).all(axis=1)
    return (*(p[known] < 0.05).mean(axis=0), known.mean())


@pytest.mark.parametrize("sizes", [(8,) * 5, (20,) * 4, (60,) * 3, (60,) * 6, (60, 30, 12, 8), (8, 20, 60)], ids=str)
def test_a_trend_seems_clear_in_1_of_20_clinics_whose_years_are_alike(record_property, sizes: tuple[int, ...]) -> None:
    """Measured, change and share improved: .030 and .018, .038 and .020, .050 and .044, .070 and .070 (.066 and .057 of 1,500), .044 and .033, .047 and .023."""
    change, improved, known = share_clear(sizes)
    record_property("measured", f"{sizes}: change {change:.3f}, improved {improved:.3f}, of {known:.2f}")
    assert 0.02 <= change <= 0.08
    assert 0.005 <= improved <= 0.08


@pytest.mark.parametrize(("sizes", "least"), [((20,) * 4, 0.2), ((60,) * 4, 0.6)], ids=str)
def test_a_trend_that_is_there_is_found_where_there_are_patients_enough(
    record_property, sizes: tuple[int, ...], least: float
) -> None:
    """Each year patients gain a fifth of the first year's gain more: .81 grades after 3 sessions, then .96, 1.10 and 1.22.

    Measured: .28 and .68 by the change, .11 and .42 by the share improved.
    """
    change, improved, known = share_clear(sizes, gain=0.2)
    record_property("measured", f"{sizes}: power of change {change:.3f}, of the share improved {improved:.3f}, of {known:.2f}")
    assert change >= least


def asked(rng: np.random.Generator, n: int, rate: float, alike: float) -> Patients:
    """Patients of one year, asked about an event after 9 in 10 of their sessions; risks correlate by `alike` within a patient."""
    people, usual = n - n // 10, 3
    risk = rng.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1), people) if alike else np.full(people, rate)
    rows = np.zeros((people, 5 + 2 * usual), np.int64)
    for who in [*range(people), *rng.integers(0, people, n // 10)]:
        given = min(int(rng.geometric(0.1)) - 1, 6)
        is_asked = rng.random(given) < 0.9
        event = is_asked & (rng.random(given) < risk[who])
        before = np.cumsum(event) - event
        row = rows[who]
        row[:5] += (is_asked.sum(), event.sum(), 0, is_asked.any(), event.any())
        row[2] = max(row[2], is_asked.sum())
        at_risk = (is_asked & (before == 0))[:usual]
        row[5 : 5 + len(at_risk)] += at_risk
        row[5 + usual : 5 + usual + len(at_risk)] += (event & (before == 0))[:usual]
    rows = rows[rows[:, 0] > 0]
    return Patients(
        np.ones(len(rows), np.int64), rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 5 : 5 + usual], rows[:, 5 + usual :]
    )


def rates_clear(sizes: tuple[int, ...], rates: list[float], alike: float) -> tuple[float, float, float]:
    """The share with p < .05 of the rate per course, of that per session, and of the latter were sessions independent."""
    rng, years, found = np.random.default_rng(97 + sum(sizes)), np.arange(len(sizes), dtype=float), []
    for _ in range(RUNS):
        of = [asked(rng, n, rate, alike) for n, rate in zip(sizes, rates, strict=True)]
        course, session = ([ask(each) for each in of] for ask in (per_course, per_session))
        n = np.array([each.people @ each.asked for each in of], float)
        design = design_effect(Patients(*map(np.concatenate, zip(*of, strict=True))))
        shares = np.array([rate.share for rate in session])
        by_course = np.array([rate.share for rate in course]), np.array([rate.effective for rate in course])
        found.append([trend_of_shares(years, *by).p for by in (by_course, (shares, n / design), (shares, n))])
    p = np.array(found)
    return tuple((column[np.isfinite(column)] < 0.05).mean() for column in p.T)  # type: ignore[return-value]


@pytest.mark.parametrize("alike", [0.0, 0.3])
@pytest.mark.parametrize("sizes", [(8,) * 5, (20,) * 4, (60,) * 3, (60, 30, 12, 8)], ids=str)
def test_rates_hold_their_level_where_answers_of_a_patient_are_alike(
    record_property, sizes: tuple[int, ...], alike: float
) -> None:
    """A tenth of the sessions; rare events, 2 of 100 sessions, are below the level in small clinics."""
    course, session, naive = rates_clear(sizes, [0.1] * len(sizes), alike)
    record_property("measured", f"{sizes}, {alike}: per course {course:.3f}, per session {session:.3f}, independent {naive:.3f}")
    assert course <= 0.08
    assert session <= 0.07
    assert alike == 0 or naive > 0.1


def test_a_rising_rate_is_found(record_property) -> None:
    """From 2 to 14 % of sessions over 4 years of 60 courses."""
    course, session, _ = rates_clear((60,) * 4, [0.02, 0.06, 0.10, 0.14], 0.1)
    record_property("measured", f"power per course {course:.3f}, per session {session:.3f}")
    assert min(course, session) > 0.8
