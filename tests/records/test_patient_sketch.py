"""How many of an earlier report's patients are in these records: exactly up to 1,024 of them, and closely beyond."""

from __future__ import annotations

import pandas as pd
import pytest

import outcomes
from outcomes.records import patient_sketch
from outcomes.records.patient_sketch import SIZE, hashes_of, patient_hashes, share_among, sketch_of, sketch_told


def people(first: int, last: int) -> list[str]:
    return [f"P{number}" for number in range(first, last)]


def test_of_few_patients_the_share_is_exact() -> None:
    then = sketch_of(hashes_of(people(0, 200)))
    assert [share_among(then, hashes_of(people(first, 1000))) for first in (0, 50, 100, 200)] == [1, 0.75, 0.5, 0]


def test_of_many_it_is_known_to_some_percentage_points() -> None:
    then = sketch_of(hashes_of(people(0, 20_000)))
    assert len(then.smallest) == SIZE
    assert share_among(then, hashes_of(people(6_000, 40_000))) == pytest.approx(0.7, abs=0.06)
    assert share_among(then, hashes_of(people(0, 20_000))) == 1


def test_each_patient_counts_once_however_many_rows_and_the_order_of_rows_is_nothing() -> None:
    rows = pd.DataFrame({"patient_id": [*people(0, 9), *people(0, 9)], "fitzpatrick": "II", "day": [0] * 9 + [30] * 9})
    rows["sessions_completed"] = rows["day"] // 30
    for given in (rows, rows.sample(frac=1, random_state=1)):
        assert patient_hashes(outcomes.read_records(given)).tolist() == hashes_of(people(0, 9)).tolist()


def test_it_holds_no_code_and_comes_back_from_its_text_as_it_was() -> None:
    then = sketch_of(hashes_of(people(0, 300)))
    told = then.told()
    assert told["patients"] == 300
    assert len(told["smallest"]) == 8 * 300
    again = sketch_told(told)
    assert (again.patients, again.smallest.tolist()) == (300, then.smallest.tolist())


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"patients": 2, "smallest": "zz"},
        {"patients": 2, "smallest": "00000001"},
        {"patients": 2, "smallest": "00000002" * 2},
    ],
)
def test_a_damaged_sketch_is_none(told: object) -> None:
    with pytest.raises(ValueError, match="no sketch of patients"):
        sketch_told(told)


def test_of_too_many_patients_none_is_made(monkeypatch: pytest.MonkeyPatch, sample_records: outcomes.Records) -> None:
    monkeypatch.setattr(patient_sketch, "MOST_PATIENTS", 239)
    assert patient_hashes(sample_records) is None
