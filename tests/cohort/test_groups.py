"""Courses by provider, area, device or clinic: each group is counted as if its courses had been given alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import outcomes
from outcomes.cohort.cohort import Cohort
from outcomes.cohort.groups import SEVERAL
from outcomes.cohort.parts import COMPARED, split
from outcomes.definitions.columns import NOT_RECORDED
from outcomes.errors import UsageError

ROWS = pd.DataFrame(
    {
        "patient_id": ["a", "a", "a", "b", "b", "c", "c", "d"],
        "area": ["face", "face", "back", "face", "face", "face", "face", "face"],
        "provider_id": ["X", "", "Y", "X", "Y", "", "", "Z"],
        "fitzpatrick": ["III", "III", "III", "", "", "V", "V", "I"],
        "day": [0, 30, 0, 0, 30, 0, 30, 0],
        "sessions_completed": [0, 1, 0, 0, 1, 0, 1, 0],
        "scar_scale": "goodman_baron_grade",
        "scar_score": [3, 2, 4, 4, 3, 2, 2, 3],
        "treated": "yes",
    }
)


def sizes(cohort: Cohort, column: str) -> dict[str, tuple[int, int, int]]:
    return {value: (of.rows, of.courses, of.patients) for value, of in cohort.by(column).items()}


def test_a_course_is_of_the_value_that_all_its_rows_name_which_name_one() -> None:
    cohort = outcomes.read_cohort(ROWS)
    assert sizes(cohort, "provider_id") == {
        "X": (2, 1, 1),
        "Y": (1, 1, 1),
        "Z": (1, 1, 1),
        SEVERAL: (2, 1, 1),
        NOT_RECORDED: (2, 1, 1),
    }
    assert sizes(cohort, "device") == {NOT_RECORDED: (8, 5, 4)}


@pytest.fixture(scope="module")
def sample() -> Cohort:
    return outcomes.read_cohort("sample")


def test_a_group_has_the_counts_of_its_courses_alone(sample: Cohort) -> None:
    rows = pd.read_csv(Path(__file__).parents[2] / "data" / "sample" / "sessions.csv", dtype=str)
    window = ",".join(map(str, sample.window))
    alone = outcomes.read_cohort(rows[rows["provider_id"] == "D5"], window=window)
    group = sample.by("provider_id")["D5"]
    assert (group.rows, group.courses, group.patients) == (345, 75, 74)
    for key in alone.part_keys():
        pd.testing.assert_frame_equal(group.part(*key), alone.part(*key))


def test_a_saved_cohort_keeps_the_groups_of_providers_and_adds_them(tmp_path: Path, sample: Cohort) -> None:
    saved = outcomes.read_cohort(sample.save(tmp_path / "a.cohort"))
    assert sizes(saved, "provider_id") == sizes(sample, "provider_id")
    one, other = saved.by("provider_id")["D2"], sample.by("provider_id")["D2"]
    pd.testing.assert_frame_equal(one.tally("pih").paths, other.tally("pih").paths)
    patchy = outcomes.read_cohort("patchy")
    both = (saved + patchy).by("provider_id")["D2"]
    assert both.courses == one.courses + patchy.by("provider_id")["D2"].courses
    assert both.tally().analysed == one.tally().analysed + patchy.by("provider_id")["D2"].tally().analysed
    with pytest.raises(UsageError, match="holds no event_lengths: count the records anew"):
        one.part("event_lengths")
    with pytest.raises(UsageError, match="holds no flow"):
        one.tally(blinded=True)
    with pytest.raises(UsageError, match=r"sessions\.csv holds no groups by device: count the records anew"):
        saved.by("device")
    by_device = outcomes.read_cohort(sample.save(tmp_path / "b.cohort", by={"device": COMPARED}))
    assert sizes(by_device, "device") == sizes(sample, "device")


def test_counts_are_split_by_numbers_and_by_texts() -> None:
    counts = pd.DataFrame({"of": [10, 2, 2, 10], "kind": [5, 3, 3, 7], "n": [1, 2, 3, 4]})
    found = split(counts, "of")
    assert {value: part.to_numpy().tolist() for value, part in found.items()} == {
        "": [],
        "2": [[0, 2], [0, 3]],
        "10": [[0, 1], [1, 4]],
    }
    assert list(split(counts.iloc[:0], "of")) == [""]
    assert split(counts.assign(of="x"), "of")["x"]["n"].tolist() == [1, 2, 3, 4]


def test_rows_of_several_assessors_are_those_of_the_records() -> None:
    rated = pd.concat([ROWS.assign(assessor_id="P"), ROWS.assign(assessor_id="Q")])
    assert sizes(outcomes.read_cohort(rated), "provider_id")["X"] == (4, 1, 1)


def test_another_column_is_refused(sample: Cohort) -> None:
    with pytest.raises(UsageError, match=r"can be grouped by provider_id, area, device, clinic_id.*, got 'sex'"):
        sample.by("sex")
