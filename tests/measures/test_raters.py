"""Agreement of two assessors: psych's answers, sums by hand, edges, and the visits that two assessors scored."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import outcomes
from outcomes.definitions.notes import Note, NoteCode
from outcomes.measures.raters import ICC, KAPPA, SAME, single_score_icc, weighted_kappa

ORACLES = Path(__file__).parents[1] / "oracles"
PSYCH = {
    name: (float(icc), float(kappa)) for name, icc, kappa in map(str.split, (ORACLES / "raters.txt").read_text().splitlines())
}
SCORES = {
    name: of[["one", "other"]].to_numpy(float) for name, of in pd.read_csv(ORACLES / "raters.csv").groupby("case", sort=False)
}


def sums(pairs: np.ndarray) -> np.ndarray:
    one, other = pairs.T
    return np.array([len(pairs), one.sum(), other.sum(), one @ other, ((one - other) ** 2).sum()])


# The numbers


@pytest.mark.parametrize("case", PSYCH)
def test_the_correlation_and_kappa_are_psych_s_in_the_ten_digits_printed(case: str) -> None:
    icc, kappa = PSYCH[case]
    assert single_score_icc(sums(SCORES[case])) == pytest.approx(icc, rel=1e-9)
    assert weighted_kappa(sums(SCORES[case])) == pytest.approx(kappa, rel=1e-9)


def test_a_small_table_by_hand() -> None:
    """Scores (1, 1), (2, 3), (3, 3): covariance 2 of 3, or of 2; mean squared difference 1 of 3."""
    of = sums(np.array([[1, 1], [2, 3], [3, 3]]))
    assert weighted_kappa(of) == pytest.approx((2 / 3) / (2 / 3 + 1 / 6))
    assert single_score_icc(of) == pytest.approx(1 / (1 + 1 / 6))


def test_assessors_who_differ_always_by_the_same_do_not_agree_absolutely() -> None:
    """Pearson's correlation is 1; the spread is 1 between patients and half of 1 squared between assessors."""
    of = sums(np.array([[1, 2], [2, 3], [3, 4]], float))
    assert single_score_icc(of) == pytest.approx(1 / 1.5)


@given(scores=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=3, max_size=20), by=st.integers(-50, 50))
def test_a_constant_added_to_all_scores_changes_nothing(scores: list[tuple[int, int]], by: int) -> None:
    pairs = np.array(scores, float)
    for of in (weighted_kappa, single_score_icc):
        assert of(sums(pairs + by)) == pytest.approx(float(of(sums(pairs))), nan_ok=True, abs=1e-9)
        assert of(sums(pairs[:, ::-1])) == pytest.approx(float(of(sums(pairs))), nan_ok=True, abs=1e-9)


# Visits that two assessors scored

GRADES = "goodman_baron_grade"


def rated(*visits: tuple[int, Sequence[float]], scale: str = GRADES) -> pd.DataFrame:
    """One patient for each visit; (sessions completed, the scores of assessors A1, A2, ... in order)."""
    return pd.DataFrame(
        [
            {
                "patient_id": f"P{place}x9",
                "fitzpatrick": "IV",
                "day": 30 * sessions,
                "sessions_completed": sessions,
                "scar_scale": scale,
                "scar_score": score,
                "assessor_id": f"A{number}",
            }
            for place, (sessions, scores) in enumerate(visits)
            for number, score in enumerate(scores, start=1)
        ]
    )


def of_grades() -> pd.DataFrame:
    return rated(*((0, pair) for pair in SCORES["grades"][:25]), *((1, pair) for pair in SCORES["grades"][25:]))


def test_agreement_on_grades_is_psych_s_kappa_and_the_baseline_has_its_own_correlation() -> None:
    agreed = outcomes.agreement(outcomes.read_records(of_grades())).set_index("measure")
    assert agreed.index.tolist() == [SAME, KAPPA, ICC]
    assert agreed["n"].tolist() == [40, 40, 25]
    assert agreed.at[KAPPA, "estimate"] == pytest.approx(PSYCH["grades"][1], rel=1e-9)
    assert agreed.at[SAME, "estimate"] == 55  # 22 of 40
    of = outcomes.reliability(outcomes.read_records(of_grades()))
    assert of.icc == pytest.approx(float(single_score_icc(sums(SCORES["grades"][:25]))))
    assert of.n == 25
    assert (of.icc, *of.interval) == (
        agreed.at[ICC, "estimate"],
        agreed.at[ICC, "conf_low"],
        agreed.at[ICC, "conf_high"],
    )
    assert agreed.at[ICC, "session"] == 0


def test_agreement_on_points_is_psych_s_correlation() -> None:
    records = outcomes.read_records(rated(*((0, pair) for pair in SCORES["points"]), scale="goodman_baron_score"))
    agreed = outcomes.agreement(records)
    assert agreed["measure"].tolist() == [SAME, ICC, ICC]
    assert agreed["estimate"].iloc[1] == pytest.approx(PSYCH["points"][0], rel=1e-9)
    assert agreed["unit"].tolist() == ["%", "ICC", "ICC"]


def test_the_order_of_rows_changes_nothing_and_polars_counts_the_same() -> None:
    frame = of_grades()
    expected = outcomes.agreement(outcomes.read_records(frame))
    shuffled = frame.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(outcomes.agreement(outcomes.read_records(shuffled)), expected)
    pd.testing.assert_frame_equal(outcomes.agreement(outcomes.read_records(pl.DataFrame(frame.to_dict("list")))), expected)


def test_the_interval_leaves_out_patients_not_pairs() -> None:
    """Every visit of ten patients twice over: the same agreement, and no narrower interval, as twins add no patient."""
    once = rated(*((0, pair) for pair in SCORES["grades"][:10]))
    again = once.assign(day=once["day"] + 5, sessions_completed=1)
    of, doubled = (
        outcomes.agreement(outcomes.read_records(frame)).set_index("measure").loc[KAPPA]
        for frame in (once, pd.concat([once, again]))
    )
    assert (of["n"], doubled["n"]) == (10, 20)
    assert doubled["estimate"] == pytest.approx(of["estimate"])
    assert [doubled["conf_low"], doubled["conf_high"]] == pytest.approx([of["conf_low"], of["conf_high"]])


def test_the_interval_by_hand() -> None:
    """Jackknife of five pairs in full: each pair left out in turn, its spread on Fisher's scale, t with 4 df 2.776445."""
    pairs = np.array([[1, 1], [2, 3], [3, 3], [4, 3], [2, 2]], float)
    row = outcomes.agreement(outcomes.read_records(rated(*((0, pair) for pair in pairs)))).set_index("measure").loc[KAPPA]
    without = np.array([float(weighted_kappa(sums(np.delete(pairs, i, axis=0)))) for i in range(5)])
    kappa = float(weighted_kappa(sums(pairs)))
    half = 2.776445 * sqrt(4 / 5 * ((without - without.mean()) ** 2).sum()) / (1 - kappa**2)
    ends = [np.tanh(np.arctanh(kappa) - half), np.tanh(np.arctanh(kappa) + half)]
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(ends, abs=1e-6)


def test_three_assessors_of_a_visit_make_three_pairs() -> None:
    frame = rated(*((0, scores) for scores in ([1, 1, 2], [2, 2, 2], [3, 4, 3])))
    pairs = np.array([[1, 1], [1, 2], [1, 2], [2, 2], [2, 2], [2, 2], [3, 4], [3, 3], [4, 3]], float)
    agreed = outcomes.agreement(outcomes.read_records(frame)).set_index("measure")
    assert agreed.at[KAPPA, "n"] == 9
    assert agreed.at[KAPPA, "estimate"] == pytest.approx(float(weighted_kappa(sums(pairs))))
    assert agreed.at[SAME, "estimate"] == pytest.approx(100 * 5 / 9)


def test_no_two_assessors_too_few_and_all_alike_are_nan_with_their_note() -> None:
    none = outcomes.read_records(rated(*((0, [score]) for score in (1, 2, 3))))
    few = outcomes.read_records(rated(*((0, [score, score]) for score in (1, 2, 3, 4))))
    alike = outcomes.read_records(rated(*((0, [3, 3]) for _ in range(6))))
    notes = [outcomes.agreement(of).set_index("measure").loc[KAPPA] for of in (none, few, alike)]
    assert [row["note"] for row in notes] == [
        (Note(NoteCode.TOO_FEW_PAIRS, 0),),
        (Note(NoteCode.TOO_FEW_PAIRS, 4),),
        (Note(NoteCode.SAME_SCORES),),
    ]
    assert all(isnan(row["estimate"]) for row in notes)
    assert none.ratings is None
    assert isnan(outcomes.reliability(few).icc)


def test_full_agreement_has_no_interval() -> None:
    row = (
        outcomes.agreement(outcomes.read_records(rated(*((0, [s, s]) for s in (1, 2, 3, 4, 2))))).set_index("measure").loc[KAPPA]
    )
    assert row["estimate"] == 1
    assert isnan(row["conf_low"])
    assert isnan(row["conf_high"])


def test_scores_on_another_scale_are_left_out() -> None:
    frame = pd.concat(
        [
            of_grades(),
            rated(*((0, [30, 32]) for _ in range(6)), scale="ecca").assign(patient_id=lambda of: "Q" + of["patient_id"]),
        ]
    )
    records = outcomes.read_records(frame)
    assert outcomes.agreement(records)["n"].tolist() == [40, 40, 25]
    assert outcomes.agreement(records, scale="ecca")["n"].tolist() == [6, 6, 6]


@pytest.mark.slow
@pytest.mark.parametrize(("patients", "least"), [(15, 0.91), (40, 0.93), (150, 0.94)])
def test_the_intervals_hold_the_true_correlation(patients: int, least: float) -> None:
    """Two visits of each patient, scores of two assessors of whom one marks .3 lower; the true correlation is .70.

    Between patients .64, between visits of one .16, error .2925, assessors .045 (half of .3 squared): .80 / 1.1375 = .70. Held
    by 92.7, 94.6 and 95.6 % of 2,000 intervals.
    """
    from outcomes.measures.raters import _left_out

    random = np.random.Generator(np.random.PCG64(7))
    held = 0
    for _ in range(2_000):
        patient = random.normal(0, 0.8, patients)[:, None, None] + random.normal(0, 0.4, (patients, 2, 1))
        scores = 100 * (patient + np.array([0, -0.3]) + random.normal(0, sqrt(0.2925), (patients, 2, 2)))
        one, other = scores[..., 0], scores[..., 1]
        of = pd.DataFrame({"pairs": 2, "first": one.sum(1), "second": other.sum(1), "product": (one * other).sum(1)})
        of = of.assign(apart=((one - other) ** 2).sum(1), same=0, patients=1)
        _, (low, high) = _left_out(of, single_score_icc, 0.95)
        held += low <= 0.8 / 1.1375 <= high
    assert least < held / 2_000 < 0.98
