"""Invented records: the committed files are fresh, the contract is kept, and the truth is what the records show."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from outcomes.contract import COLUMN, CONSTANT_WITHIN_COURSE, CONSTANT_WITHIN_PATIENT
from outcomes.errors import UsageError
from outcomes.sample import sample, truth, write_sample
from outcomes.sample.model import EFFECTS, EVENTS_PER_SESSION
from outcomes.sample.page import readme
from outcomes.scales import ENDPOINTS, SCALES, SKIN_TYPES

COMMITTED = Path(__file__).parents[1] / "data" / "sample"
COURSE = ["patient_id", "course_id"]
FACE = ["face", "cheeks", "forehead", "temples", "nose", "chin", "jawline"]


@cache
def _large(stopping: str) -> pd.DataFrame:
    return sample(30_000, seed=11, stopping=stopping).records


@pytest.fixture(params=[(240, 1), (3_000, 8), (1, 2)], ids=["default", "larger", "one patient"])
def records(request: pytest.FixtureRequest) -> pd.DataFrame:
    patients, seed = request.param
    return sample(patients, seed=seed).records


def _changes(records: pd.DataFrame, endpoint: str, session: int) -> pd.Series:
    """Change from baseline of those still assessed after `session` sessions, one per course."""
    score = ENDPOINTS[endpoint].score_column
    first = records.drop_duplicates([*COURSE, "sessions_completed"])
    scores = first.set_index([*COURSE, "sessions_completed"])[score].astype("float64").unstack()
    if ENDPOINTS[endpoint].present_at_baseline:
        scores = scores[scores[0] > SCALES[EFFECTS[endpoint].scale].low]
    return (scores[session] - scores[0]).dropna()


# The files


def test_the_committed_records_are_a_fresh_run(tmp_path: Path) -> None:
    write_sample(tmp_path / "sessions.csv")
    assert (tmp_path / "sessions.csv").read_bytes() == (COMMITTED / "sessions.csv").read_bytes()


def test_the_committed_page_is_what_the_code_says() -> None:
    assert (COMMITTED / "README.md").read_text(encoding="utf-8") == readme()


def test_the_frame_is_what_the_file_shows(tmp_path: Path) -> None:
    records, known = sample(300, seed=4)
    assert write_sample(tmp_path / "s.csv", patients=300, seed=4) == known
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "s.csv"), records, check_dtype=False, check_exact=True)


def test_lines_end_alike_everywhere_and_nothing_needs_quotes() -> None:
    text = (COMMITTED / "sessions.csv").read_bytes()
    assert not set(b'\r"') & set(text)
    assert text.endswith(b"\n")


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("old")
    write_sample(tmp_path / "s.csv", patients=3)
    assert [path.name for path in tmp_path.iterdir()] == ["s.csv"]
    assert (tmp_path / "s.csv").read_text().startswith("patient_id,")


def test_a_run_of_several_chunks_has_one_header_and_begins_like_a_shorter_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcomes.sample.PATIENTS_AT_ONCE", 100)
    write_sample(tmp_path / "two.csv", patients=200)
    write_sample(tmp_path / "three.csv", patients=230)
    two, three = (tmp_path / "two.csv").read_text(), (tmp_path / "three.csv").read_text()
    assert three.startswith(two)
    assert three.count("patient_id") == 1
    assert pd.read_csv(tmp_path / "three.csv")["patient_id"].nunique() == 230


def test_another_seed_gives_other_records() -> None:
    assert not sample(50, seed=1).records.equals(sample(50, seed=2).records)
    assert set(sample(50, seed=1).records["patient_id"]).isdisjoint(sample(50, seed=2).records["patient_id"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"patients": 0}, "patients must be between 1 and 100,000,000, got 0"),
        ({"seed": -1}, "seed must be 0 or more, got -1"),
        ({"stopping": "bored"}, "stopping must be one of random, satisfied, disappointed, got bored"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(arguments: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"^{message}$"):
        sample(**arguments)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=f"^{message}$"):
        write_sample(tmp_path / "s.csv", **arguments)  # type: ignore[arg-type]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        write_sample(tmp_path / "nowhere" / "s.csv")


# The contract


def test_the_default_has_about_1200_rows_of_240_patients() -> None:
    records = sample().records
    assert 1_100 <= len(records) <= 1_350
    assert records["patient_id"].nunique() == 240


def test_every_column_is_used_in_order() -> None:
    records = sample().records
    assert list(records) == list(COLUMN)
    assert records.notna().any().all()


def test_every_value_is_allowed(records: pd.DataFrame) -> None:
    for column in COLUMN.values():
        values = records[column.name].dropna()
        if column.kind == "id":
            assert values.str.fullmatch(r"[A-Za-z0-9_-]{1,64}").all()
        elif column.kind in ("category", "yes/no"):
            assert set(values) <= set(column.categories or ("yes", "no"))
        elif column.kind in ("whole", "number"):
            hundredths = values.astype("float64") * 100
            np.testing.assert_allclose(hundredths, (hundredths / column.step).round() * column.step, atol=1e-9)
            assert values.between(column.low, column.high).all()
        assert not (column.required and records[column.name].isna().any())


def test_scores_have_a_scale_and_stay_on_it(records: pd.DataFrame) -> None:
    for name, effect in EFFECTS.items():
        scored = records[records[ENDPOINTS[name].score_column].notna()]
        assert (scored[ENDPOINTS[name].scale_column] == effect.scale).all()
        assert scored[ENDPOINTS[name].score_column].between(SCALES[effect.scale].low, SCALES[effect.scale].high).all()


def test_no_rule_across_rows_is_broken(records: pd.DataFrame) -> None:
    assert not records.duplicated([*COURSE, "day"]).any()
    assert not records[records["sessions_completed"] == 0].duplicated(COURSE).any()
    by_day = records.sort_values([*COURSE, "day"])
    assert (by_day.groupby(COURSE)["sessions_completed"].diff().dropna() >= 0).all()
    assert (records.groupby(COURSE)[[*CONSTANT_WITHIN_COURSE, "area"]].nunique() == 1).all(axis=None)
    assert (records.groupby("patient_id")[[*CONSTANT_WITHIN_PATIENT, "age"]].nunique() == 1).all(axis=None)
    assert not records.drop_duplicates(COURSE).duplicated(["patient_id", "area"]).any()


def test_first_visits_are_on_day_0_and_carry_no_events(records: pd.DataFrame) -> None:
    first = records[records["sessions_completed"] == 0]
    assert (first["day"] == 0).all()
    assert first[["new_pih", *EVENTS_PER_SESSION, "event_days", "gais", "satisfaction"]].isna().all(axis=None)


def test_a_session_is_described_where_one_was_given(records: pd.DataFrame) -> None:
    is_treated = records["treated"] == "yes"
    for column in ("device", "depth_mm", "passes", "adjunct", "tip_code"):
        assert (records[column].notna() == is_treated).all()


def test_event_days_are_given_where_an_event_occurred(records: pd.DataFrame) -> None:
    assert (records["event_days"].notna() == (records[[*EVENTS_PER_SESSION]] == "yes").any(axis=1)).all()


def test_status_fits_the_course() -> None:
    course = (
        _large("satisfied").groupby(COURSE).agg({"sessions_completed": "max", "planned_sessions": "first", "status": "first"})
    )
    reached = course["sessions_completed"] >= course["planned_sessions"]
    assert not reached[course["status"] == "stopped"].any()
    # Where the last row is missing the count stays behind the plan.
    assert reached[course["status"] == "finished"].mean() > 0.97
    assert 0.12 < (course["status"] == "ongoing").mean() < 0.20


def test_skin_types_come_in_their_shares() -> None:
    patients = sample().records.drop_duplicates("patient_id")["fitzpatrick"].value_counts().reindex(SKIN_TYPES)
    assert patients.tolist() == pytest.approx([19.2, 48, 67.2, 57.6, 33.6, 14.4], abs=1)


def test_pseudonyms_and_tips_are_unique_and_no_word_or_telephone_number() -> None:
    records = sample(100_000, seed=3).records
    assert records["patient_id"].nunique() == 100_000
    assert records["tip_code"].nunique() > 0.99 * (records["treated"] == "yes").sum()
    assert records["patient_id"].str.fullmatch(r"P([0-9][A-Z]){4}").all()
    # Neighbours in the file are not neighbours in their codes.
    starts = records["patient_id"].drop_duplicates().str.slice(0, 3)
    assert np.mean([before == after for before, after in pairwise(starts)]) < 0.02


# What is planted


@pytest.mark.parametrize(("patients", "seed"), [(240, 1), (100, 1), (100, 2), (100, 3)])
def test_every_planted_finding_is_there(patients: int, seed: int) -> None:
    records = sample(patients, seed=seed).records.sort_values([*COURSE, "day"])
    treated = records[records["treated"] == "yes"]
    for column in ("pregnant", "breastfeeding", "active_skin_cancer", "blood_disorder"):
        assert (treated[column] == "yes").any(), column
    assert (treated["isotretinoin_months"] < 6).any()
    assert (treated["age"] < 22).any()
    assert ((treated["depth_mm"] > 1.5) & treated["area"].isin(FACE)).any()
    assert treated["tip_code"].duplicated().any()
    following = records.groupby(COURSE)["sessions_completed"].shift(-1)
    assert ((records["treated"] == "yes") & (following == records["sessions_completed"])).any()
    baseline = records[(records["sessions_completed"] == 0) & records["scar_score"].notna()]
    assert len(baseline) < len(records.drop_duplicates(COURSE))
    days, counts = (records.groupby(COURSE)[column].diff() for column in ("day", "sessions_completed"))
    assert ((days > 60) & (counts == 1)).any()


def test_findings_stay_few() -> None:
    records = _large("satisfied")
    treated = records[records["treated"] == "yes"]
    for share in (
        (treated["pregnant"] == "yes").mean(),
        (treated["depth_mm"] > 1.5).mean(),
        treated["tip_code"].duplicated().mean(),
        (treated["isotretinoin_months"] < 6).sum() / len(treated),
    ):
        assert 0 < share < 0.02


def test_nearly_all_regular_assessments_are_in_their_window() -> None:
    records = _large("satisfied")
    following = records[records.groupby(COURSE)["sessions_completed"].diff() == 1]
    waited = records.groupby(COURSE)["day"].diff()[following.index]
    assert waited.between(14, 60).mean() > 0.97
    assert waited.median() == 30


def test_improvement_goes_on_after_the_last_session() -> None:
    records = _large("random")
    repeated = records.duplicated([*COURSE, "sessions_completed"])
    regular = records[~repeated].set_index([*COURSE, "sessions_completed"])["scar_score"].astype("float64")
    later = (
        records[repeated & (records["treated"] == "no")]
        .set_index([*COURSE, "sessions_completed"])["scar_score"]
        .astype("float64")
    )
    change = (later - regular.reindex(later.index)).dropna()
    assert len(change) > 3_000
    assert -0.3 < change.mean() < -0.05


# The truth


@pytest.mark.parametrize("endpoint", EFFECTS)
@pytest.mark.parametrize("session", [1, 3, 6])
def test_stopping_at_random_shows_the_true_change(endpoint: str, session: int) -> None:
    change = _changes(_large("random"), endpoint, session)
    known = truth()["endpoints"][endpoint]["change"][session - 1]
    assert change.mean() == pytest.approx(known, abs=4 * change.sem())


@pytest.mark.parametrize("skin_types", [["I", "II", "III"], ["IV", "V", "VI"]])
def test_the_true_change_is_the_same_for_every_skin_type(skin_types: list[str]) -> None:
    records = _large("random")
    change = _changes(records[records["fitzpatrick"].isin(skin_types)], "scarring", 4)
    assert change.mean() == pytest.approx(truth()["endpoints"]["scarring"]["change"][3], abs=4 * change.sem())


def test_responders_are_those_of_the_default_rule() -> None:
    records = _large("random")
    enrolled = _changes(records, "pih", 6)
    first = records[records["sessions_completed"] == 0].set_index(COURSE)["pih_score"].astype("float64")
    responded = SCALES["pahpi"].is_response(100 * first[enrolled.index], 100 * (first[enrolled.index] + enrolled))
    known = truth()["endpoints"]["pih"]["responders"][5]
    assert responded.mean() == pytest.approx(known, abs=4 * responded.sem())


@pytest.mark.parametrize(("endpoint", "least"), [("scarring", 0.1), ("pih", 0.2)])
def test_satisfied_stopping_hides_and_disappointed_stopping_flatters(endpoint: str, least: float) -> None:
    known = truth()["endpoints"][endpoint]["change"][5]
    assert _changes(_large("satisfied"), endpoint, 6).mean() > known + least
    assert _changes(_large("disappointed"), endpoint, 6).mean() < known - least


def test_skin_types_with_equal_effects_look_different_where_stopping_differs() -> None:
    records = _large("satisfied")
    lighter, darker = (
        _changes(records[records["fitzpatrick"].isin(types)], "scarring", 6) for types in (SKIN_TYPES[:3], SKIN_TYPES[3:])
    )
    assert lighter.mean() - darker.mean() > 4 * np.hypot(lighter.sem(), darker.sem())


def test_the_true_change_is_of_the_size_seen_in_clinics_and_adds_less_each_session() -> None:
    for name, (low, high) in {"scarring": (-1.3, -1.1), "pih": (-5.5, -4.5), "fine_lines": (-0.7, -0.5)}.items():
        change = np.array([0.0, *truth()["endpoints"][name]["change"]])
        assert low < change[6] < high
        assert (np.diff(change) < 0).all()
        assert (np.diff(change, 2) > 0).all()


def test_events_come_at_their_true_rates() -> None:
    records = _large("random")
    for name, rate in truth()["events_per_session"].items():
        asked = records[name].dropna() == "yes"
        assert asked.mean() == pytest.approx(rate, abs=4 * asked.sem())
    for skin_type, rate in truth()["new_pih_per_session"].items():
        asked = records.loc[records["fitzpatrick"] == skin_type, "new_pih"].dropna() == "yes"
        assert asked.mean() == pytest.approx(rate, abs=4 * asked.sem())


def test_the_truth_is_json_and_does_not_depend_on_the_sample() -> None:
    known = truth()
    assert json.loads(json.dumps(known)) == known
    assert truth(5, seed=9, stopping="random")["endpoints"] == known["endpoints"]
