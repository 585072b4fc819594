"""The script of the page about a report every month."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from outcomes.records.read import sample_path

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture
def script() -> ModuleType:
    spec = spec_from_file_location("monthly", DOCS / "monthly.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def asked(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that the script runs; instead of a report, a manifest alone is written."""
    commands: list[list[str]] = []

    def run(*words: str | Path) -> int:
        commands.append([str(word) for word in words])
        if words[0] == "verify":
            return 6 if "somebody's.txt" in {path.name for path in Path(words[1]).iterdir()} else 0
        records, out = Path(words[1]), Path(words[3])
        if records.read_text(encoding="utf-8") == "broken":
            return 4
        out.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(records.read_bytes()).hexdigest()
        (out / "manifest.json").write_text(json.dumps({"records": {"sha256": digest}}), encoding="utf-8")
        return 0

    monkeypatch.setattr(script, "outcomes", run)
    return commands


def test_each_month_is_compared_with_the_one_before(script: ModuleType, asked: list[list[str]], tmp_path: Path) -> None:
    records, reports = tmp_path / "sessions.csv", tmp_path / "reports"
    for month in (1, 2, 3):
        records.write_text(f"month {month}", encoding="utf-8")
        assert script.monthly(records, reports, ["-p", "clinic=X"], date(2026, month, 1)) == 0
    plain = ["report", str(records), "--out"]
    assert asked[0] == [*plain, str(reports / "2026-01"), "-p", "clinic=X"]
    assert asked[2] == [*plain, str(reports / "2026-03"), "--compare", str(reports / "2026-02"), "-p", "clinic=X"]


def test_nothing_is_done_for_records_that_have_a_report(script: ModuleType, asked: list[list[str]], tmp_path: Path) -> None:
    records, reports = tmp_path / "sessions.csv", tmp_path / "reports"
    records.write_text("once", encoding="utf-8")
    assert [script.monthly(records, reports, (), date(2026, month, 1)) for month in (1, 1, 2)] == [0, 0, 0]
    assert len(asked) == 1


def test_twelve_stay_and_what_is_not_the_reports_own(script: ModuleType, asked: list[list[str]], tmp_path: Path) -> None:
    records, reports = tmp_path / "sessions.csv", tmp_path / "reports"
    for place in range(15):
        records.write_text(f"month {place}", encoding="utf-8")
        assert script.monthly(records, reports, (), date(2026 + place // 12, place % 12 + 1, 1)) == 0
        if place == 0:
            (reports / "2026-01" / "somebody's.txt").write_text("mine", encoding="utf-8")
    assert [path.name for path in sorted(reports.iterdir())] == [
        "2026-01",
        *(f"2026-{month:02}" for month in range(4, 13)),
        *(f"2027-0{month}" for month in (1, 2, 3)),
    ]


def test_a_refusal_is_passed_on_and_the_older_reports_stay(script: ModuleType, asked: list[list[str]], tmp_path: Path) -> None:
    records, reports = tmp_path / "sessions.csv", tmp_path / "reports"
    records.write_text("whole", encoding="utf-8")
    assert script.monthly(records, reports, (), date(2026, 1, 1)) == 0
    records.write_text("broken", encoding="utf-8")
    assert script.monthly(records, reports, (), date(2026, 2, 1)) == 4
    assert sorted(path.name for path in reports.iterdir()) == ["2026-01", "to_act.txt"]
    records.write_text("whole", encoding="utf-8")
    assert script.monthly(records, reports, (), date(2026, 2, 1)) == 0
    assert sorted(path.name for path in reports.iterdir()) == ["2026-01", "2026-02"]


@pytest.mark.parametrize("manifest", ["", "[]", '{"records": null}', '{"records": {}}'])
def test_a_damaged_report_is_not_taken_for_one_of_these_records(
    script: ModuleType, asked: list[list[str]], tmp_path: Path, manifest: str
) -> None:
    records, reports = tmp_path / "sessions.csv", tmp_path / "reports"
    records.write_text("whole", encoding="utf-8")
    (reports / "2026-01").mkdir(parents=True)
    (reports / "2026-01" / "manifest.json").write_text(manifest, encoding="utf-8")
    assert script.monthly(records, reports, (), date(2026, 1, 2)) == 0
    assert len(asked) == 1


def test_a_report_for_the_public_is_compared_with_none(script: ModuleType, asked: list[list[str]], tmp_path: Path) -> None:
    records, reports = tmp_path / "sessions.csv", tmp_path / "reports"
    for month in (1, 2):
        records.write_text(f"month {month}", encoding="utf-8")
        assert script.monthly(records, reports, ["--audience", "public"], date(2026, month, 1)) == 0
    assert "--compare" not in asked[1]


@pytest.mark.slow
def test_the_command_of_the_page_makes_reports_and_says_what_is_wrong(tmp_path: Path) -> None:
    page = (DOCS / "monthly.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^(python monthly\.py passed_on/sessions\.csv reports) -p", page, re.MULTILINE)
    words = [sys.executable, str(DOCS / "monthly.py"), *command.split()[2:]]
    rows = pd.read_csv(sample_path(), dtype=str)
    (tmp_path / "passed_on").mkdir()
    file = tmp_path / "passed_on" / "sessions.csv"

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    rows.head(600).to_csv(file, index=False)
    first = run()
    assert first.returncode == 0, first.stderr
    (month,) = (tmp_path / "reports").iterdir()
    month.rename(month.with_name("2020-01"))
    assert "nothing to do" in run().stdout
    rows.to_csv(file, index=False)
    second = run()
    assert second.returncode == 0, second.stderr
    shown = {path.name for path in (month / "notebooks").iterdir()}
    assert "9_since_last.ipynb" in shown
    rows.head(10).assign(day="soon").to_csv(file, index=False)
    broken = run()
    assert (broken.returncode, broken.stdout) == (4, "")
    assert "day: a text of 4 characters is not a whole number" in broken.stderr
    assert (month / "manifest.json").exists()
