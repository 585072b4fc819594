"""Long frames and tallies -> one row per subject or path: what is refused, and by which words."""

from __future__ import annotations

from collections import Counter
from math import inf, nan

import numpy as np
import pandas as pd
import pytest

from outcomes.measures.paths import wide_of_tally
from outcomes.statistics.attendance import ENOUGH
from outcomes.statistics.longitudinal import MOST_VISITS, Wide, wide_of_scores
from outcomes.statistics.sufficient_statistics import cells_of


def long(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["patient", "visit", "score", "type"])


def wide(frame: pd.DataFrame, group: str | None = None) -> Wide:
    return wide_of_scores(frame, subject="patient", visit="visit", score="score", group=group)


LITTLE = long(("b", 2, 3.0, "V"), ("a", 0, 4.0, "II"), ("b", 0, 5.0, "V"), ("a", 1, nan, "II"), ("c", 1, 1.0, "II"))


def test_a_long_frame_becomes_one_row_per_subject() -> None:
    found = wide(LITTLE, "type")
    assert found.visits == (0, 1, 2)
    assert found.groups == ("II", "V")
    assert found.group.tolist() == [1, 0, 0]
    np.testing.assert_array_equal(found.scores, [[5, nan, 3], [4, nan, nan], [nan, 1, nan]])
    assert found.seen.tolist() == [2, 1, 1]
    assert found.stopped.all()


def test_a_visit_without_any_score_is_not_a_visit() -> None:
    assert wide(long(("a", 0, 1.0, "I"), ("a", 1, nan, "I"))).visits == (0,)


def test_an_unused_category_stays_a_group_in_its_place() -> None:
    types = pd.Categorical(LITTLE["type"], categories=["V", "IV", "II"], ordered=True)
    assert wide(LITTLE.assign(type=types), "type").groups == ("V", "IV", "II")


def test_everyone_is_one_group_where_none_is_named() -> None:
    assert wide(LITTLE).groups == ("all",)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (LITTLE.drop(columns="visit"), r"no column 'visit'; it has 'patient', 'score', 'type'"),
        (LITTLE.assign(score=["1", "2", "3", "four", "5"]), r"score: 1 scores are not finite numbers"),
        (LITTLE.assign(score=[1, 2, inf, -inf, 5]), r"score: 2 scores are not finite numbers"),
        (LITTLE.assign(score=nan), r"score: no scores"),
        (LITTLE[:0], r"score: no scores"),
        (pd.concat([LITTLE, LITTLE[:1]]), r"1 times a patient has two scores at one visit; a subject has one row per visit"),
        (LITTLE.assign(patient=["b", "a", None, "a", "c"]), r"1 scores have no patient or no visit"),
        (LITTLE.assign(visit=[2, nan, 0, 1, 1]), r"1 scores have no patient or no visit"),
        (LITTLE.assign(type=["V", "II", None, "II", "II"]), r"1 scores have no type"),
        (LITTLE.assign(type=["V", "II", "IV", "II", "II"]), r"1 subjects belong to two groups of type"),
        (long(*(("a", k, 1.0, "I") for k in range(MOST_VISITS + 1))), r"visit: 41 different visits; a model takes at most 40"),
    ],
)
def test_what_can_not_be_read_is_refused_in_words(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wide(frame, "type")


def test_text_that_is_a_number_is_a_number() -> None:
    np.testing.assert_array_equal(wide(long(("a", 0, "4", "I"), ("a", 1, "2.5", "I"))).scores, [[4, 2.5]])


def test_nullable_columns_are_read_too() -> None:
    frame = LITTLE.assign(score=pd.array([3, 4, 5, None, 1], dtype="Int64"))
    np.testing.assert_array_equal(wide(frame).scores, wide(LITTLE).scores)


def test_cutting_the_visits_off_ends_nobodys_course() -> None:
    rows = wide(long(("a", 0, 1.0, "I"), ("a", 2, 1.0, "I"), ("b", 0, 1.0, "I"), ("b", 1, 1.0, "I")))
    for visits in (2, 3):
        assert rows.until(visits).attended.tolist() == [2, 1]
    assert rows.until(2).attending.tolist() == [2, 2]
    assert rows.at(np.array([0, 2])).attended.tolist() == [1, 0]


def test_the_last_visit_attended_is_that_of_its_column() -> None:
    frame = long(("a", 0, 1.0, "I"), ("a", 3, 1.0, "I"), ("b", 0, 1.0, "I"), ("b", 1, 2.0, "I"), ("c", 0, 2.0, "I"))
    names = {"subject": "patient", "visit": "visit", "score": "score"}
    came = frame.assign(came=[3, 3, 2, 2, 9])
    found = wide_of_scores(came, **names, attended="came")
    # Visits are 0, 1 and 3: coming until 2 is coming until 1 of them, and 9 is beyond the last.
    assert found.attended.tolist() == [2, 1, 3]
    for broken, message in (
        ([3, 1, 2, 2, 9], "1 subjects have two values of came"),
        ([1, 1, 2, 2, 9], "1 subjects have a score after their last visit in came"),
        ([3, 3, 2, 2, nan], "1 scores have no came"),
        (["x", "x", "y", "y", "z"], "came: its values are not visits like 0"),
    ):
        with pytest.raises(ValueError, match=message):
            wide_of_scores(frame.assign(came=broken), **names, attended="came")


def test_the_subjects_of_a_patient_are_one_kind() -> None:
    frame = long(("a", 0, 1.0, "I"), ("b", 0, 1.0, "I"), ("c", 0, 2.0, "I")).assign(who=["x", "y", "x"])
    names = {"subject": "patient", "visit": "visit", "score": "score"}
    patients, place = wide_of_scores(frame, **names, patient="who").patients
    assert (patients.tolist(), place.tolist()) == ([1, 1], [0, 1, 0])


def test_a_tally_gives_its_paths_up_to_the_last_session_with_enough(tally_of) -> None:
    scores = [[3, 2, 1]] * (ENOUGH - 1) + [[3, 2, nan]] + [[4, nan, nan]] * 2
    ends = ["stopped"] * ENOUGH + ["ongoing", "finished"]
    found = wide_of_tally(tally_of(scores, end=ends))
    assert found.visits == (0, 1)
    assert found.seen.tolist() == [ENOUGH + 2, ENOUGH]
    by_path: Counter = Counter()
    for row, stopped, n in zip(np.nan_to_num(found.scores), found.stopped, found.count, strict=True):
        by_path[(tuple(row), bool(stopped))] += n
    # Ongoing and finished courses did not stop.
    assert by_path == {((3, 2), True): ENOUGH, ((4, 0), False): 2}
    assert found.attending.tolist() == [ENOUGH + 2, ENOUGH]
    assert sorted(found.attended) == [0, 0, 1, 2]


def test_groups_without_courses_stay(tally_of) -> None:
    found = wide_of_tally(tally_of([[3, 2]] * 5, skin_type="V"), {"I": "I-IV", "IV": "I-IV", "V": "V", "VI": "VI"})
    assert found.groups == ("I-IV", "V", "VI")
    assert found.of_group("VI").seen.tolist() == [0, 0]


def test_cells_are_counts_means_and_cross_products() -> None:
    frame = long(
        ("a", 0, 1.0, "I"), ("a", 1, 2.0, "I"), ("b", 0, 3.0, "I"), ("b", 1, 8.0, "I"), ("c", 1, 5.0, "I"), ("d", 0, 7.0, "V")
    )
    cells = cells_of(wide(frame, "type"))
    found = {
        (cells.groups[g], tuple(seen)): (n, mean.tolist(), cross.tolist())
        for g, seen, n, mean, cross in zip(cells.group, cells.seen, cells.n, cells.mean, cells.cross, strict=True)
    }
    assert found == {
        ("I", (True, True)): (2, [2, 5], [[2, 6], [6, 18]]),
        ("I", (False, True)): (1, [0, 5], [[0, 0], [0, 0]]),
        ("V", (True, False)): (1, [7, 0], [[0, 0], [0, 0]]),
    }
    assert cells.counts.tolist() == [[2, 3], [1, 0]]
    assert cells.pairs.tolist() == [[3, 2], [2, 3]]


def test_counts_of_subjects_are_as_good_as_the_subjects() -> None:
    rng = np.random.default_rng(3)
    rows, times = rng.integers(1, 5, (6, 3)).astype(float), np.array([1, 3, 2, 5, 1, 2])
    rows[1, 2] = rows[4, 1] = nan

    def of(scores: np.ndarray, count: np.ndarray) -> Wide:
        nobody = np.zeros(len(scores), np.int64)
        stopped, kind = np.ones(len(scores), bool), np.arange(len(scores))
        return Wide(scores, count.astype(float), stopped, nobody, ("all",), (0, 1, 2), nobody, kind)

    counted, spelled_out = cells_of(of(rows, times)), cells_of(of(np.repeat(rows, times, axis=0), np.ones(times.sum())))
    for name in ("n", "mean", "cross"):
        np.testing.assert_allclose(getattr(counted, name), getattr(spelled_out, name), atol=1e-12)
