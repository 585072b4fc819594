"""An earlier report is read whole or refused in a sentence, and its definitions are held against today's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from math import inf
from pathlib import Path
from shutil import copytree
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.definitions.windows import Window
from outcomes.errors import UsageError
from outcomes.records.patient_sketch import hashes_of, patient_hashes, sketch_of
from outcomes.report.comparison import asked_for, check_compare, compared, date_of, for_the_next, with_comparison
from outcomes.report.earlier import COMPARISON, check_comparable, read_earlier, sample_path
from outcomes.report.masthead import masthead_of
from outcomes.report.notebooks import Run, all_notebooks
from shared import sample


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The folder of an earlier report, as small as can be compared with."""
    return Path(copytree(sample_path(), tmp_path / "june"))


def change(folder: Path, **told: Any) -> None:
    """Other things told by the manifest; `comparison` is its entry for later reports."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest[COMPARISON] |= told.pop("comparison", {})
    path.write_text(json.dumps(manifest | told), encoding="utf-8")


def write(folder: Path, text: str) -> None:
    """Another estimates.csv, with the digest that its manifest has then."""
    (folder / "estimates.csv").write_text(text, encoding="utf-8", newline="")
    change(folder, files={"estimates.csv": sha256(text.encode("utf-8")).hexdigest()})


def test_a_folder_and_its_estimates_are_the_same_report(earlier: Path) -> None:
    whole, alone = read_earlier(earlier), read_earlier(earlier / "estimates.csv")
    assert whole.report.issued == alone.report.issued == "2026-06-15"
    assert whole.report.estimates.equals(alone.report.estimates)


def test_estimates_by_themselves_have_no_date_and_no_patients(earlier: Path) -> None:
    alone = (earlier / "estimates.csv").rename(earlier / "june.csv")
    found = read_earlier(alone)
    assert (found.report.issued, found.definitions, found.patients) == ("", None, None)
    assert found.report.overlap != found.report.overlap


HEADER = "endpoint,measure,estimand,session,n,estimate,conf_low,conf_high,unit\n"

REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "holds no report: there is no manifest.json"),
    "no estimates": (
        lambda folder: (folder / "estimates.csv").unlink(),
        "holds no estimates.csv, so there is nothing to compare with",
    ),
    "changed": (
        lambda folder: (folder / "estimates.csv").write_text("measure\n"),
        "its estimates.csv was changed after the report was made, so it is not compared with",
    ),
    "another manifest": (
        lambda folder: (folder / "manifest.json").write_text('{"name": "a package"}'),
        "its manifest.json is not a report's, or damaged",
    ),
    "a manifest that is cut off": (
        lambda folder: (folder / "manifest.json").write_text('{"versions": {'),
        "its manifest.json is not a report's, or damaged",
    ),
    "a date that is none": (
        lambda folder: change(folder, comparison={"issued": "last June"}),
        "its manifest.json is not a report's, or damaged",
    ),
    "definitions that are none": (
        lambda folder: change(folder, comparison={"definitions": {"window": [14, 30], "limits": {"youngest": "old"}}}),
        "its manifest.json is not a report's, or damaged",
    ),
    "patients that are none": (
        lambda folder: change(folder, comparison={"patients": {"patients": 2, "smallest": "00"}}),
        "its manifest.json is not a report's, or damaged",
    ),
    "a newer version": (
        lambda folder: change(folder, versions={"outcomes": "99.1.0"}),
        f"outcomes 99.1.0 made it, and this is {outcomes.__version__}; install the newer one to compare with it",
    ),
    "of one provider": (
        lambda folder: change(folder, parameters={"1_group": {"by": "provider_id", "group": "D2"}}),
        "this is the report of one provider, not of all; name the folder of the whole report",
    ),
    "a strange version": (
        lambda folder: change(folder, versions={"outcomes": "99 " + "x" * 500}),
        f"outcomes 99 {'x' * 37}… made it, and this is {outcomes.__version__}; install the newer one to compare with it",
    ),
    "for the public": (
        lambda folder: change(folder, audience="public"),
        "this is a report for the public, whose numbers are withheld or rounded; compare with one for the clinic",
    ),
    "no text": (
        lambda folder: (folder / "estimates.csv").write_bytes(b"PK\x03\x04\xff\xfe"),
        "estimates.csv is not one that outcomes has written: it is no text in UTF-8",
    ),
    "empty": (lambda folder: write(folder, ""), "estimates.csv is no table, or cut off"),
    "another table": (
        lambda folder: write(folder, "measure,estimate,conf_low,conf_high,unit\n"),
        "estimates.csv is not that of a report: it has no column endpoint, estimand, session, n",
    ),
    "a row that is cut off": (
        lambda folder: write(folder, f"{HEADER}scarring,change,continued,3\n"),
        "estimates.csv is damaged: not every row has a cell for each column",
    ),
    "no number": (
        lambda folder: write(folder, f"{HEADER}scarring,change,x,3,9,much,0,1,grades\n"),
        "estimates.csv is damaged: its column estimate holds 'much', which is no number",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_report_that_is_damaged_newer_or_for_the_public_is_refused_in_a_sentence(name: str, earlier: Path) -> None:
    damage, message = REFUSED[name]
    damage(earlier)
    with pytest.raises(UsageError) as refusal:
        check_compare(str(earlier), "clinic")
    assert str(refusal.value) == f"--compare {earlier}: {message}"


NO_OTHERS = {"skin_types": "I,II,III,IV,V,VI", "columns": "patient_id"}

DAMAGED: dict[str, dict[str, Any]] = {
    "a window without end": {"comparison": {"definitions": {"window": [inf, 1, 2], "limits": {}, **NO_OTHERS}}},
    "a limit without end": {
        "comparison": {"definitions": {"window": [14, 30, 60], "limits": {"youngest": 10**400}, **NO_OTHERS}}
    },
    "an infinite limit": {"comparison": {"definitions": {"window": [14, 30, 60], "limits": {"youngest": inf}, **NO_OTHERS}}},
    "an overlap without end": {"comparison": {"overlap": 10**400}},
    "an overlap above 1": {"comparison": {"overlap": 7}},
    "a version without end": {"versions": {"outcomes": "9" * 5000}},
    "parameters that are none": {"parameters": {"1_summary": [1]}},
}


@pytest.mark.parametrize("name", DAMAGED)
def test_numbers_that_no_manifest_holds_are_one_message_and_no_date(name: str, earlier: Path) -> None:
    change(earlier, **DAMAGED[name])
    with pytest.raises(UsageError, match=r"its manifest.json is not a report's, or damaged$"):
        read_earlier(earlier)
    assert date_of(earlier) == ""


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ("3,9,inf,0,1", "column estimate holds 'inf'"),
        ("3,9,1,-1e13,1", "column conf_low holds '-1e13'"),
        ("3,-9,1,0,1", "column n holds '-9'"),
        ("3,9.5,1,0,1", "column n holds '9.5'"),
        (f"3,9,{'x' * 500},0,1", f"column estimate holds '{'x' * 40}…'"),
    ],
)
def test_numbers_that_no_report_holds_are_refused(cells: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "june.csv").write_text(f"{HEADER}scarring,change,continued,{cells},grades\n", encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        read_earlier(tmp_path / "june.csv")
    assert str(refusal.value).endswith(f"estimates.csv is damaged: its {shown}, which is no number")


def test_estimates_that_a_spreadsheet_has_saved_with_a_mark_in_front_are_read(tmp_path: Path) -> None:
    path = tmp_path / "june.csv"
    path.write_text(f"\ufeff{HEADER}scarring,change,continued,3,40,-0.5,-0.7,-0.3,grades\n", encoding="utf-8")
    assert read_earlier(path).report.estimates["endpoint"].tolist() == ["scarring"]


def test_what_is_not_there_and_what_is_for_the_public_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--compare none: there is no such folder or file"):
        check_compare("none", "clinic")
    with pytest.raises(UsageError, match="a report for the public is not compared with an earlier one"):
        check_compare("none", "public")


def test_columns_that_an_older_version_did_not_have_are_blank(earlier: Path) -> None:
    write(earlier, f"{HEADER}scarring,change,continued,3,40,-0.5,-0.7,-0.3,grades\n")
    (row,) = read_earlier(earlier).report.estimates.to_dict("records")
    assert (row["estimate"], row["event"], row["claim"]) == (-0.5, "", "")


def test_definitions_that_differ_are_refused_by_name_with_what_would_count_alike(earlier: Path) -> None:
    cohort = outcomes.read_cohort(sample())
    definitions = {"window": [10, 28, 60], "limits": {"youngest": 18.0}, "skin_types": "IV,V", "columns": "patient_id,moon"}
    change(earlier, comparison={"definitions": definitions})
    with pytest.raises(UsageError) as refusal:
        check_comparable(read_earlier(earlier), cohort, "june")
    assert str(refusal.value).splitlines() == [
        "june: its records had the column moon, which this version does not know",
        "june: counted with the window 10,28,60, these records with 14,30,60; -p window=10,28,60 counts these alike",
        "june: counted with youngest 18, these records with 22; -p youngest=18 counts these alike",
        "june: it is of skin types IV,V alone, and what is compared is of all",
    ]


def test_an_endpoint_that_was_scored_on_another_scale_is_refused_by_name_without_a_manifest_too(earlier: Path) -> None:
    text = (earlier / "estimates.csv").read_text(encoding="utf-8").replace("pahpi", "mmasi")
    (earlier / "june.csv").write_text(text, encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"^june: PIH was scored on the mMASI then, and is on the PAHPI now; make one report without --compare,"
    ):
        check_comparable(read_earlier(earlier / "june.csv"), outcomes.read_cohort(sample()), "june")


def test_the_invented_earlier_report_is_of_the_invented_records_alone() -> None:
    cohort = outcomes.read_cohort(sample())
    others = replace(cohort, about=replace(cohort.about, patients=239))
    check_comparable(read_earlier("sample"), cohort, "sample")
    with pytest.raises(UsageError, match="sample: this earlier report goes with the invented records alone"):
        check_comparable(read_earlier("sample"), others, "sample")


def test_what_a_manifest_tells_the_next_report_is_read_back_by_it(earlier: Path) -> None:
    records = sample()
    told = for_the_next(records, outcomes.read_cohort(records), masthead_of({"report_date": "2026-07-01"}), {})
    change(earlier, comparison=told[COMPARISON])
    found = compared("june", read_earlier(earlier), records, outcomes.read_cohort(records))
    assert found.earlier.report.issued == "2026-07-01"
    assert found.earlier.definitions.window == Window()
    assert found.overlap == 1


def test_the_overlap_is_counted_from_the_codes_of_the_patients(earlier: Path) -> None:
    hashes = patient_hashes(sample())
    others = hashes_of([f"Q{number}" for number in range(60)])
    change(earlier, comparison={"patients": sketch_of(sorted_of(hashes[:180], others)).told()})
    found = compared("june", read_earlier(earlier), sample(), outcomes.read_cohort(sample()))
    assert found.overlap == 0.75


def sorted_of(*hashes: Any) -> Any:
    import numpy as np

    return np.unique(np.concatenate(hashes))


def test_notebooks_are_given_the_report_as_it_was_read_and_the_overlap(earlier: Path, tmp_path: Path) -> None:
    found = compared("june", read_earlier(earlier), sample(), outcomes.read_cohort(sample()))
    (earlier / "estimates.csv").unlink()  # it may be in the folder that is replaced
    runs = {path.stem: Run(path.stem, path, {}) for path in all_notebooks()}
    summary, records, last = (runs[name] for name in ("1_summary", "2_records", "9_since_last"))
    given = [run.values for run in with_comparison([summary, records, last], found, tmp_path / "kept")]
    assert given[0] == given[2] == {"compare": str(tmp_path / "kept" / "estimates.csv"), "overlap": "1"}
    assert given[1] == {}
    assert read_earlier(given[0]["compare"]).report.issued == "2026-06-15"


def test_the_notebook_about_an_earlier_report_runs_only_where_there_is_one() -> None:
    notebooks = all_notebooks()
    assert [path.stem for path in notebooks if path not in asked_for(notebooks, "", is_named=False)] == ["9_since_last"]
    assert asked_for(notebooks, "june", is_named=False) == notebooks
    with pytest.raises(UsageError, match="--notebook 9_since_last: this notebook needs an earlier report; name it by --compare"):
        asked_for([path for path in notebooks if path.stem == "9_since_last"], "", is_named=True)
    summary, records = notebooks[:2]
    assert asked_for([summary, records], "june", is_named=True) == [summary, records]
    with pytest.raises(UsageError, match="--compare: none of the chosen notebooks compares with an earlier report"):
        asked_for([records], "june", is_named=True)


@pytest.mark.slow
def test_the_invented_earlier_report_is_that_of_the_first_160_patients() -> None:
    records = pd.read_csv(sample_path().parent / "sessions.csv", dtype=str, keep_default_na=False)
    first = records[records["patient_id"].isin(records["patient_id"].unique()[:160])]
    cohort = outcomes.read_cohort(first)
    now = outcomes.headline(cohort.tallies()), outcomes.adverse_events(cohort), outcomes.claims(cohort)
    rows = outcomes.since_last_report(read_earlier("sample").report, *now)
    assert rows["estimate"].abs().max() < 1e-5
    assert {*rows["verdict"]} == {"no clear change", "same verdict"}
    assert len(rows) == 4 + 2 + 9
