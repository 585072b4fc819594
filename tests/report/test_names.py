"""What a file or a column is called may be a name: nothing of a report repeats it."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

import outcomes
from outcomes.report.branding import read_branding
from outcomes.report.execute import Source, published
from outcomes.report.make import make_report
from outcomes.report.notebooks import Run

ROWS = "patient_id,fitzpatrick,day,sessions_completed,scar_scale,scar_score,Zimmerli_extra\n" + "".join(
    f"P{n},{'II' if n % 2 else 'V'},{day},{done},asas,{3 - done},x\n" for n in range(12) for day, done in ((0, 0), (30, 1))
)
NAMED = "Jane Zimmerli"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("named")
    (here / f"{NAMED}.csv").write_text(ROWS, encoding="utf-8")
    (here / f"{NAMED}.toml").write_text('name = "Quay Clinic"', encoding="utf-8")
    out = here / "out"
    make_report(here / f"{NAMED}.csv", out, notebooks=["records"], branding=here / f"{NAMED}.toml", accept_codes=["patient_id"])
    return out


def test_no_file_of_a_report_holds_the_name_of_the_records_or_of_an_unknown_column(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        content = path.read_bytes()
        unpacked = b"".join(_inflated(stream) for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL))
        for text in (content, unpacked):
            assert b"Zimmerli" not in text, path.name
            assert "Zimmerli".encode("utf-16-be") not in text, path.name


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


def test_the_manifest_tells_the_records_by_what_they_hold_and_who_vouched(folder: Path) -> None:
    found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert found["records"]["name"] == "the records"
    assert found["records"]["sha256"] == hashlib.sha256(ROWS.encode()).hexdigest()
    assert found["parameters"]["2_records"] == {"accept_codes": "patient_id"}
    assert list(found["branding"]) == ["branding"]


def test_a_path_among_the_parameters_is_told_by_what_the_file_holds(tmp_path: Path) -> None:
    trials = tmp_path / f"{NAMED}.csv"
    trials.write_text("trial\n", encoding="utf-8")
    run = Run("8_evidence", Path("8_evidence.ipynb"), {"trials": str(trials), "endpoints": "pih"})
    told = f"trials-{hashlib.sha256(b'trial' + bytes([10])).hexdigest()[:12]}.csv"
    assert run.shown == {"trials": told, "endpoints": "pih"}
    cell = new_code_cell(f'records = "/a/b.csv"\ntrials = "{trials}"', metadata={"tags": ["injected-parameters"]})  # type: ignore[no-untyped-call]
    notebook: Any = new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    out = json.dumps(published(notebook, run, Source("/a/b.csv", "records.csv")))
    assert str(tmp_path) not in out
    assert "Zimmerli" not in out
    assert told in out


def test_a_saved_cohort_holds_neither(tmp_path: Path) -> None:
    path = tmp_path / f"{NAMED}.csv"
    path.write_text(ROWS, encoding="utf-8")
    cohort = outcomes.read_cohort(path)
    assert (cohort.about.source, cohort.about.unknown) == ("the records", ("column 7",))
    assert "Zimmerli" not in repr(cohort)


def test_branding_is_told_by_what_the_files_are(tmp_path: Path) -> None:
    (tmp_path / f"{NAMED}.toml").write_text('name = "Quay Clinic"', encoding="utf-8")
    assert list(read_branding(tmp_path / f"{NAMED}.toml").files) == ["branding"]
