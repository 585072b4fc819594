"""Cohorts: counted once, saved and read again, added; every measure is the same of all of these."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes.cohort.parts import PARTS
from outcomes.errors import UsageError
from outcomes.records.read import sample_path

WINDOW = "14,30,60"


def measured(cohort: outcomes.Cohort) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every estimate of every notebook, by name."""
    of_cohort: list[Callable[..., pd.DataFrame]] = [
        outcomes.findings,
        outcomes.completeness,
        outcomes.score_account,
        outcomes.unscored_ends,
        outcomes.appearance,
        outcomes.adverse_events,
        outcomes.adverse_event_differences,
        outcomes.eligibility,
        outcomes.patients,
        outcomes.claims,
        outcomes.claimed_skin_types,
        outcomes.claimed_regression,
        outcomes.sessions_to_half,
    ]
    for measure in of_cohort:
        yield measure.__name__, measure(cohort)
    for by in ("skin_type", "skin_band", "skin_types", "provider_id"):
        yield f"adverse events by {by}", outcomes.adverse_events(cohort, by=by)
    yield "eligibility by provider", outcomes.eligibility(cohort, by="provider_id")
    for endpoint in cohort.endpoints:
        tally = cohort.tally(endpoint)
        every, blind = cohort.tally(endpoint, every_course=True), cohort.tally(endpoint, blinded=True)
        yield f"flow of {endpoint}", tally.flow
        yield f"durability of {endpoint}", outcomes.durability(cohort, endpoint)
        yield f"blinding of {endpoint}", outcomes.blinding(cohort, endpoint)
        yield f"agreement of {endpoint}", outcomes.agreement(cohort, endpoint)
        yield f"regression of {endpoint}", outcomes.regression_to_the_mean(tally, every)
        yield f"blind headline of {endpoint}", outcomes.blind_headline(tally, blind)
        for of_tally in (
            outcomes.continued_by_session,
            outcomes.change_by_session,
            outcomes.responders_by_session,
            outcomes.better_or_worse,
            outcomes.response_by_session,
            outcomes.gain_by_session,
            outcomes.odds_of_stopping,
            outcomes.tilt_sensitivity,
            outcomes.skin_type_differences,
            outcomes.evidence,
        ):
            yield f"{of_tally.__name__} of {endpoint}", of_tally(tally)
        yield f"V-VI of {endpoint}", outcomes.change_by_session(cohort.tally(endpoint, skin_types="V,VI"))


def assert_the_same(one: outcomes.Cohort, other: outcomes.Cohort) -> None:
    assert one.part_keys() == other.part_keys()
    for key in one.part_keys():
        pd.testing.assert_frame_equal(one.part(*key), other.part(*key), obj=" ".join(key))


def read(name: str, keep: Callable[[pd.Series], pd.Series] | None = None) -> pd.DataFrame:
    visits = pd.read_csv(sample_path(name), dtype=str)
    return visits if keep is None else visits[keep(visits["patient_id"])]


@pytest.fixture(scope="module", params=["sample", "patchy"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def whole(name: str) -> outcomes.Cohort:
    return outcomes.read_cohort(read(name), window=WINDOW).counted()


def test_there_are_integers_and_their_keys_alone(whole: outcomes.Cohort) -> None:
    patients = set(read("sample")["patient_id"]) | set(read("patchy")["patient_id"])
    for key in whole.part_keys():
        counts = whole.part(*key)
        assert {str(kind) for kind in counts.dtypes} <= {"int64", "str"}, key
        assert not patients & {str(cell) for column in counts.select_dtypes("str") for cell in counts[column]}, key


def test_a_cohort_is_saved_to_the_same_bytes(whole: outcomes.Cohort, tmp_path: Path) -> None:
    one, other = (whole.save(tmp_path / f"{place}.cohort") for place in (1, 2))
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def saved_sum(name: str, whole: outcomes.Cohort, tmp_path_factory: pytest.TempPathFactory) -> outcomes.Cohort:
    """The cohort of all rows, from a file that holds the sum of two parts."""
    patients = read(name)["patient_id"].unique()
    first = set(np.random.default_rng(1).choice(patients, len(patients) // 3, replace=False))
    parts = [
        outcomes.read_cohort(read(name, lambda who: who.isin(first)), window=WINDOW),
        outcomes.read_cohort(read(name, lambda who: ~who.isin(first)), window=WINDOW),
    ]
    summed = parts[0] + parts[1]
    assert (summed.rows, summed.courses, summed.patients) == (whole.rows, whole.courses, whole.patients)
    assert_the_same(summed, whole)
    return outcomes.read_cohort(summed.save(tmp_path_factory.mktemp("saved") / "clinic.cohort"))


def test_cohorts_add_and_are_saved(saved_sum: outcomes.Cohort, whole: outcomes.Cohort) -> None:
    assert_the_same(saved_sum, whole)
    pd.testing.assert_frame_equal(outcomes.adverse_events(saved_sum), outcomes.adverse_events(whole))


@pytest.mark.slow
def test_every_estimate_of_a_saved_sum_is_that_of_all_rows(saved_sum: outcomes.Cohort, whole: outcomes.Cohort) -> None:
    for (said, one), (_, other) in zip(measured(saved_sum), measured(whole), strict=True):
        pd.testing.assert_frame_equal(one, other, obj=said)


def test_clinics_on_other_scales_add_with_courses_counted_as_left_out() -> None:
    visits = read("sample")
    first = visits["patient_id"].str[-1].isin(list("02468ACEGIKMOQSUWY"))
    points = visits.assign(
        scar_scale=visits["scar_scale"].mask(first & visits["scar_score"].notna(), "goodman_baron_score"),
        scar_score=visits["scar_score"]
        .mask(first, (20 * visits["scar_score"].astype(float)).astype("Int64").astype("str"))
        .mask(first & visits["scar_score"].isna()),
    )
    assert 0 < first.sum() < len(first)
    one, other = (outcomes.read_cohort(points[where], window=WINDOW) for where in (first, ~first))
    whole, summed = outcomes.read_cohort(points, window=WINDOW), one + other
    assert_the_same(summed, whole)
    for scale in ("goodman_baron_grade", "goodman_baron_score"):
        pd.testing.assert_frame_equal(summed.tally(scale=scale).flow, whole.tally(scale=scale).flow)


def test_every_engine_counts_the_same(name: str, whole: outcomes.Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    polars = pl.read_csv(sample_path(name), infer_schema=False)
    assert_the_same(outcomes.read_cohort(polars, window=WINDOW), whole)
    monkeypatch.setattr("outcomes.records.read.SMALL", -1)
    duckdb = outcomes.read_records(sample_path(name))
    assert duckdb.frame.implementation.is_duckdb()
    assert_the_same(outcomes.read_cohort(duckdb, window=WINDOW), whole)


@pytest.mark.spark
def test_spark_counts_the_same(spark: Any) -> None:
    """Of the clinic with patchy records, which has every part."""
    frame = spark.read.csv(str(sample_path("patchy")), header=True)
    assert_the_same(outcomes.read_cohort(frame, window=WINDOW), outcomes.read_cohort(read("patchy"), window=WINDOW))


def test_cohorts_of_other_definitions_do_not_add() -> None:
    sample = outcomes.read_records("sample")
    usual = outcomes.read_cohort(sample)
    with pytest.raises(UsageError, match="cohorts counted with another window do not add: 14,30,60 and 7,14,21"):
        _ = usual + outcomes.read_cohort(sample, window="7,14,21")
    with pytest.raises(
        UsageError, match=r"cohorts counted with another limit do not add: .*isotretinoin_months 6.* and .*isotretinoin_months 3"
    ):
        _ = usual + outcomes.read_cohort(sample, isotretinoin_months=3)


def test_each_part_is_there_and_is_counted_when_it_is_asked_for() -> None:
    cohort = outcomes.read_cohort(read("sample"))
    assert cohort.parts == {}
    cohort.tally("scarring")
    assert {key[0] for key in cohort.parts} == {"scales", "flow", "paths"}
    assert {key[0] for key in cohort.part_keys()} == set(PARTS)


# A file that is no saved cohort


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    visits = {"patient_id": "P1", "fitzpatrick": "II", "day": [0, 30], "sessions_completed": [0, 1]}
    return outcomes.read_cohort(pd.DataFrame(visits)).save(tmp_path / "clinic.cohort")


def rewritten(path: Path, change: Callable[[dict[str, Any]], None], file: str = "", text: str = "") -> None:
    """The same archive with its contents changed, or one of its tables."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    contents = json.loads(files["cohort.json"])
    change(contents)
    files["cohort.json"] = json.dumps(contents)
    if file:
        files[file] = text
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda contents: contents.update(version=99), "saved by a newer version of outcomes; count the records anew"),
        (lambda contents: contents.update(version=0), "saved by an older version of outcomes; count the records anew"),
        (lambda contents: contents.update(format="another"), "is no cohort that outcomes has saved: it is another kind of file"),
        (lambda contents: contents.pop("about"), "its contents are damaged"),
        (lambda contents: contents["about"].pop("rows"), "its contents are damaged"),
        (lambda contents: contents["columns"].append("more"), "counted by another contract of session records"),
        (lambda contents: contents["tables"][0].update(part=["other"]), "it holds 'other', which no cohort has"),
        (lambda contents: contents["tables"][0].update(sha256="0"), "skin_types.csv is damaged"),
    ],
)
def test_a_changed_cohort_is_refused(saved: Path, change: Callable[[dict[str, Any]], None], message: str) -> None:
    rewritten(saved, change)
    with pytest.raises(UsageError, match=message):
        outcomes.read_cohort(saved)


def test_a_table_that_was_edited_is_refused(saved: Path) -> None:
    rewritten(saved, lambda _: None, "skin_types.csv", "skin_type,n\nII,1000\n")
    with pytest.raises(UsageError, match=r"skin_types\.csv is damaged"):
        outcomes.read_cohort(saved)


def test_a_damaged_cohort_is_refused_wherever_it_is_cut_or_changed(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    other = tmp_path / "other.cohort"
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]):
            other.write_bytes(damaged)
            try:
                again = outcomes.read_cohort(other)
            except UsageError:
                continue
            assert_the_same(again, outcomes.read_cohort(saved))  # the byte was of no consequence


@pytest.mark.parametrize("text", ["", "patient_id,day\n", "PK\x03\x04"])
def test_another_file_is_no_cohort(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.cohort"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"records\.cohort is no cohort that outcomes has saved"):
        outcomes.read_cohort(path)


def test_places_that_cannot_be_read_or_written_are_said(tmp_path: Path, saved: Path) -> None:
    cohort = outcomes.read_cohort(saved)
    with pytest.raises(UsageError, match=r"missing\.cohort: can't be read"):
        outcomes.read_cohort(tmp_path / "missing.cohort")
    with pytest.raises(UsageError, match="can't be written"):
        cohort.save(tmp_path / "missing" / "clinic.cohort")
    with pytest.raises(UsageError, match=r"whose name ends in \.cohort, got clinic\.csv"):
        cohort.save(tmp_path / "clinic.csv")
    shutil.copy(saved, tmp_path / "again.cohort")
    assert cohort.save(tmp_path / "again.cohort").read_bytes() == saved.read_bytes()


def test_a_limit_other_than_it_was_counted_with_is_refused(saved: Path) -> None:
    assert outcomes.read_cohort(saved, isotretinoin_months=6.0).rows == 2
    with pytest.raises(UsageError, match="counted with isotretinoin_months 6, not 3: count the records anew"):
        outcomes.read_cohort(saved, isotretinoin_months=3)


def test_records_cannot_be_read_from_counts(saved: Path) -> None:
    with pytest.raises(UsageError, match=r"clinic\.cohort holds counts, not records: open it by outcomes\.read_cohort"):
        outcomes.read_records(saved)


def test_courses_cannot_be_listed_from_counts(saved: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no|no scores"):
        outcomes.courses(outcomes.read_cohort(saved))
