"""``outcomes report --compare OLD``: asked for, offered, refused, and three monthly reports of a growing clinic after each other."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pandas as pd
import pytest

import outcomes
from outcomes.report.earlier import COMPARISON, sample_path
from outcomes.report.make import Report, make_report
from outcomes.simulate.sample import sample

Run = Callable[..., Any]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each report of a command is to be compared with; none is made."""
    seen: list[str] = []

    def none_made(source: str, out: Path, *, compare: str, **others: object) -> Report:
        seen.append(compare)
        return Report(Path(out), (), ())

    monkeypatch.setattr("outcomes.report.make.make_report", none_made)
    return seen


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_the_option_names_the_earlier_report(command: Run, asked: list[str], tmp_path: Path) -> None:
    assert command("report", "sample", "--compare", "june", cwd=tmp_path).returncode == 0
    assert asked == ["june"]


def test_a_report_in_the_folder_is_told_of_where_nobody_can_be_asked(command: Run, asked: list[str], tmp_path: Path) -> None:
    copytree(sample_path(), tmp_path / "reports")
    ended = command("report", "sample", cwd=tmp_path)
    assert asked == [""]
    assert ended.stderr == (
        "reports held the report of 15 June 2026; next time, --compare reports shows what has changed since this one\n"
    )
    assert command("report", "sample", "--compare", "reports", cwd=tmp_path).stderr == ""


@pytest.mark.parametrize("others", [["--audience", "public"], ["--notebook", "safety"], ["--out", "elsewhere"]])
def test_where_it_would_be_out_of_place_nothing_is_told(
    command: Run, asked: list[str], tmp_path: Path, others: list[str]
) -> None:
    copytree(sample_path(), tmp_path / "reports")
    assert command("report", "sample", *others, cwd=tmp_path).stderr == ""
    assert asked == [""]


@pytest.mark.parametrize(("answer", "compare"), [("\n", "reports"), ("Y\n", "reports"), ("n\n", ""), ("", "")])
def test_at_a_terminal_it_is_offered_once(
    answer: str, compare: str, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from outcomes.commands.report import report

    copytree(sample_path(), tmp_path / "reports")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", told := Terminal())
    report("sample")
    assert asked == [compare]
    assert told.getvalue().count("reports holds the report of 15 June 2026. Compare with it? [Y/n] ") == 1
    assert ("next time" in told.getvalue()) == (not compare)


def test_what_cannot_be_compared_with_is_one_message(command: Run, tmp_path: Path) -> None:
    ended = command("report", "sample", "--compare", "june", cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", "--compare june: there is no such folder or file\n")
    assert not (tmp_path / "reports").exists()


# Three months of a clinic


def until(records: pd.DataFrame, start: pd.Series, day: int) -> pd.DataFrame:
    """The rows up to a day, where each course starts on one of its own; one that goes on later is under way."""
    course = records["patient_id"] + records["area"] + records["course_id"]
    on = course.map(start) + records["day"]
    goes_on = course.map(on.groupby(course).max()) > day
    return records.assign(status=records["status"].where(~goes_on, "ongoing"))[on <= day]


@pytest.mark.slow
def test_three_monthly_reports_of_a_growing_clinic_into_one_folder(tmp_path: Path) -> None:
    """Each is compared with the one that it replaces; the last is of other patients' codes, which is said."""
    records = sample(160, seed=11).records
    courses = (records["patient_id"] + records["area"] + records["course_id"]).unique()
    start = pd.Series(np.random.default_rng(3).integers(0, 365, len(courses)), index=courses)
    path, out, months = tmp_path / "visits.csv", tmp_path / "reports", []
    for month, day in enumerate((230, 260, 290, 290), start=7):
        rows = until(records, start, day)
        if month == 10:
            rows = rows.assign(patient_id="Q" + rows["patient_id"].str[1:])
        rows.to_csv(path, index=False)
        made = make_report(path, out, compare=out if months else "", parameters={"report_date": f"2026-{month:02}-01"})
        manifest = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
        months.append((manifest, (made.folder / "report.html").read_text(encoding="utf-8"), pd.read_csv(out / "estimates.csv")))
    first, second, third, other = months
    assert "9_since_last" not in first[0]["parameters"]
    assert "Since " not in first[1]
    for (manifest, page, estimates), day, overlap in ((second, "1 July", 1), (third, "1 August", 1), (other, "1 September", 0)):
        assert 'id="since_last"' in page
        assert page.count(f"Since {day} 2026: ") >= 2
        assert ("No patient code of the earlier report is in these records" in page) == (overlap == 0)
        rows = estimates[estimates["measure"] == "difference since then"]
        assert set(rows["overlap"]) == {overlap}
        known = rows.dropna(subset="estimate")
        assert (known["now"] - known["then"] - known["estimate"]).abs().max() < 1e-5
        assert len(known) > 8
        assert str(tmp_path) not in json.dumps(manifest) + page
    patients = [manifest[COMPARISON]["patients"]["patients"] for manifest, *_ in months]
    assert patients == sorted(patients)
    assert outcomes.verify_report(out).is_whole
    assert {*other[2].loc[other[2]["measure"] == "difference since then", "verdict"]} <= {"no clear change", "not compared"}
