"""Records on PySpark: what its workers count part by part adds up to what DuckDB counts of all rows at once."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.cohort.guidance import reused_tips
from outcomes.records.read import sample_path
from outcomes.simulate.sample import sample

pytestmark = pytest.mark.spark


@pytest.fixture
def spread(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Visits as a PySpark frame whose parts are each counted by themselves, few as their rows are."""
    monkeypatch.setattr("outcomes.tabular.workers.WORTH_A_WORKER", 3)

    def spread(visits: pd.DataFrame) -> Any:
        rows = [[None if pd.isna(cell) else str(cell) for cell in row] for row in visits.to_numpy(object)]
        return spark.createDataFrame(rows, ", ".join(f"{name} string" for name in visits))

    return spread


def assert_the_same(one: outcomes.Cohort, other: outcomes.Cohort) -> None:
    assert one.part_keys() == other.part_keys()
    for key in one.part_keys():
        pd.testing.assert_frame_equal(one.part(*key), other.part(*key), obj=" ".join(key))


def visits_of(patients: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Two visits of each patient, scored before and 30 days after a session, with what is said of the patient."""
    scored = {"fitzpatrick": "II", "scar_scale": "asas", "scar_score": "3", "treated": ["yes", "no"]}
    days = {"day": ["0", "30"], "sessions_completed": ["0", "1"]}
    return pd.concat([pd.DataFrame({"patient_id": who, **days, **scored, **more}) for who, more in patients.items()])


@pytest.mark.parametrize(
    "options", [{}, {"window": "7,28,70", "isotretinoin_months": 3, "youngest": 30, "deepest_mm": 1}], ids=str
)
@pytest.mark.parametrize("name", ["sample", "patchy"])
def test_all_is_counted_in_two_jobs_as_duckdb_counts_it(
    name: str, options: dict[str, Any], spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcomes.tabular.workers.WORTH_A_WORKER", 300)
    records = outcomes.read_records(spark.read.csv(str(sample_path(name)), header=True), set_aside=True)
    context = spark.sparkContext
    context.setJobGroup(f"counting {name} {options}", "a cohort")
    cohort = outcomes.read_cohort(records, **options)
    cohort.part("checks")
    context.setJobGroup("after", "")
    assert len(context.statusTracker().getJobIdsForGroup(f"counting {name} {options}")) <= 2
    assert set(cohort.parts) == set(cohort.part_keys())
    assert_the_same(cohort, outcomes.read_cohort(name, **options))


def test_a_patient_scored_on_another_scale_or_never_is_counted_as_left_out(spread: Any) -> None:
    """More parts than patients: some hold nobody, some lack a scale that another has."""
    visits = visits_of(
        {
            "A": {},
            "B": {"scar_scale": "goodman_baron_grade", "area": "chin"},
            "C": {"scar_scale": None, "scar_score": None},
            "D": {"pih_scale": "pahpi", "pih_score": "9.25"},
        }
    )
    assert_the_same(outcomes.read_cohort(spread(visits)), outcomes.read_cohort(visits))


def test_a_tip_used_at_two_patients_is_one_tip(spread: Any) -> None:
    patients = {f"P{number}": {"tip_code": ["T1", f"U{number}"], "provider_id": f"D{number % 2}"} for number in range(9)}
    visits = visits_of(patients)
    cohort = outcomes.read_cohort(spread(visits))
    assert reused_tips(cohort.part("tips")) == (1, 10)
    assert_the_same(cohort, outcomes.read_cohort(visits))


def test_visits_of_several_assessors_are_counted_as_duckdb_counts_them(spread: Any) -> None:
    cells = sample(30, seed=2).records.astype("str")
    visits = cells.where(~cells.isin(["nan", "<NA>"]), None)
    again = visits.iloc[::3].assign(assessor_id="B2", blinded="yes")
    both = pd.concat([visits, again], ignore_index=True)
    assert_the_same(outcomes.read_cohort(spread(both)), outcomes.read_cohort(both))
    broken = both.assign(treated=both["treated"].mask(both.index == 2, "maybe"))
    there, here = (outcomes.read_cohort(source, set_aside=True) for source in (spread(broken), broken))
    assert there.about.rows_aside == here.about.rows_aside > 0
    assert_the_same(there, here)


def test_any_text_comes_to_a_worker_as_it_is(spread: Any) -> None:
    devices = ["a,b;c", "tab\tand\nline", "unit\x1fseparator", "sub\x1aB\x1f\x1aA", "\"quoted'", "\\N", "皮膚", "nul\x00", "none"]
    visits = visits_of({f"P{place}": {"device": device, "tip_code": "-1"} for place, device in enumerate(devices)})
    # Letters of another script may be a name: somebody vouches for them.
    there, here = (outcomes.read_cohort(source, accept_codes="device") for source in (spread(visits), visits))
    assert_the_same(there, here)


def test_courses_are_listed_as_duckdb_lists_them(spread: Any) -> None:
    visits = visits_of({"A": {}, "B": {"area": ["chin", "back"]}, "C": {"scar_score": ["2", None]}})
    pd.testing.assert_frame_equal(
        outcomes.courses(outcomes.read_records(spread(visits))), outcomes.courses(outcomes.read_records(visits))
    )
