"""A short report for each provider: which folders, what is kept, what fails, and the index of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.errors import ReportError, UsageError
from outcomes.report.by import FAILED, KEPT, MADE, TOO_FEW, Groups, Status, _folders, _is_kept, alone
from outcomes.report.by_index import index_page
from outcomes.report.masthead import Masthead

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "sessions.csv"


def test_folders_are_called_by_codes_and_never_by_texts() -> None:
    assert _folders("provider_id", ["D2", "D-5"]) == {"D2": "provider_D2", "D-5": "provider_D-5"}
    assert _folders("device", ["pen 1", "../x"]) == {"pen 1": "device_1", "../x": "device_2"}
    assert _folders("provider_id", ["a", "A"]) == {"a": "provider_1", "A": "provider_2"}


@pytest.fixture(scope="module")
def cohort() -> outcomes.Cohort:
    return outcomes.read_cohort("sample")


def test_a_column_that_the_records_lack_is_refused_in_a_sentence(cohort: outcomes.Cohort, tmp_path: Path) -> None:
    without = replace(cohort, about=replace(cohort.about, present=("patient_id",)))
    with pytest.raises(UsageError, match=r"^--by provider_id: the records have no such column$"):
        Groups("provider_id", tmp_path).check(without)
    with pytest.raises(UsageError, match="can be grouped by provider_id, area"):
        Groups("sex", tmp_path)


def test_somebody_elses_index_stays(cohort: outcomes.Cohort, tmp_path: Path) -> None:
    groups = Groups("provider_id", tmp_path)
    groups.folder.mkdir()
    (groups.folder / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"outcomes did not make .*index\.html; name another folder, or replace it by --force"):
        groups.check(cohort)
    replace(groups, force=True).check(cohort)


def test_a_link_or_a_file_in_the_place_of_the_groups_is_refused_before_anything_is_made(
    cohort: outcomes.Cohort, tmp_path: Path
) -> None:
    groups = Groups("provider_id", tmp_path)
    groups.folder.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"^--out .*: its by_provider_id is a file; name another folder$"):
        groups.check(cohort)
    groups.folder.unlink()
    groups.folder.symlink_to(tmp_path / "elsewhere")
    for _ in range(2):  # also where the link leads somewhere
        with pytest.raises(UsageError, match="its folder by_provider_id is a link to elsewhere; remove the link"):
            groups.check(cohort)
        (tmp_path / "elsewhere").mkdir(exist_ok=True)


def test_the_index_tells_why_one_failed_without_the_path(cohort: outcomes.Cohort, tmp_path: Path) -> None:
    groups = Groups("provider_id", tmp_path)
    groups.folder.mkdir()
    changed = "its report.html changed after the report was made; name another folder, or replace what is there by --force"
    reason = f"--out {groups.folder / 'provider_D2'}: {changed}"
    groups.statuses = [Status("D2", 90, FAILED, reason=reason)]
    groups._write_index(Masthead(), cohort, {"D2": "provider_D2"})
    page = (groups.folder / "index.html").read_text(encoding="utf-8")
    assert f"failed: {changed}" in page
    assert str(tmp_path) not in page
    with pytest.raises(ReportError, match=re.escape(f"D2: {reason}")):
        groups.check_made()


def of_group(folder: Path, group: str) -> Path:
    """The least that is the report of a provider."""
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("x", encoding="utf-8")
    files = {"report.html": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
    manifest = {"versions": {"outcomes": "1"}, "files": files, "made_from": "k"}
    manifest["parameters"] = {"1_group": {"by": "provider_id", "group": group}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_reports_of_an_earlier_run_go_if_nobody_changed_them_and_nothing_of_others_does(
    cohort: outcomes.Cohort, tmp_path: Path
) -> None:
    groups = Groups("provider_id", tmp_path)
    for name in ("D1", "D2", "D3", "D4", "D5"):
        of_group(groups.folder / f"provider_{name}", name)
    of_group(groups.folder / "provider_7", "pen 7")
    of_group(groups.folder / "provider_D1_of_May", "D1")
    (of_group(tmp_path / "elsewhere", "D9") / "report.html").touch()
    (groups.folder / "provider_D9").symlink_to(tmp_path / "elsewhere")
    (groups.folder / "provider_D3" / "report.html").write_text("mine", encoding="utf-8")
    (groups.folder / "provider_D4" / "notes.txt").write_text("mine", encoding="utf-8")
    (groups.folder / "provider_D6").mkdir()
    before = {path for path in tmp_path.rglob("*") if path.parent.name not in ("provider_D1", "provider_7")}
    statuses = [Status("D2", 90, MADE, "provider_D2"), Status("D5", 75, FAILED)]
    said = groups._clear_earlier(statuses, {"D2": "provider_D2", "D5": "provider_D5"})
    gone = {groups.folder / "provider_D1", groups.folder / "provider_7"}
    assert {*tmp_path.rglob("*")} == before - gone
    left = ("provider_D3 (changed since)", "provider_D4 (changed since)", "provider_D5 (the new one failed)")
    assert groups.left == left
    assert said == [
        f"{groups.folder}: removed the reports of an earlier run that this one does not have: provider_7, provider_D1",
        f"{groups.folder} still holds reports of an earlier run: {', '.join(left)}",
    ]
    groups._write_index(Masthead(), cohort, {})
    page = (groups.folder / "index.html").read_text(encoding="utf-8")
    assert f"<p>Still there from an earlier run: {left[0]}, {left[1]} and {left[2]}.</p>" in page


def test_the_index_tells_every_group_by_code_with_its_status() -> None:
    statuses = [
        Status("A<1", 12, MADE, "device_1"),
        Status("B", 4, TOO_FEW),
        Status("C", 30, KEPT, "device_2"),
        Status("D", 9, FAILED, reason="1_group, cell 4: ValueError"),
    ]
    page = index_page("device", statuses, {"more than one": 7, "not recorded": 1}, Masthead(clinic="Skin 24"))
    rows = [re.sub("<[^>]*>", "|", row).strip("|") for row in re.findall("<tr>(.*?)</tr>", page)[1:]]
    assert rows == [
        "A&lt;1||12||made|||Report of device A&lt;1",
        "B||4||too few courses",
        "C||30||kept from before|||Report of device C",
        "D||9||failed: 1_group, cell 4: ValueError",
    ]
    assert 'href="device_1/report.html"' in page
    assert "7 courses with more than one and 1 course with none recorded are in the report of all alone." in page
    assert "<script" not in page


def test_two_runs_into_one_folder_are_told_of_each_other(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(UsageError, match="another run is making reports there"), alone(tmp_path):
        pass
    with alone(tmp_path), alone(tmp_path / "other"):
        pass


def test_only_a_whole_report_made_from_the_same_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("x", encoding="utf-8")
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    manifest = {"versions": {"outcomes": "1"}, "files": {"report.html": digest}, "made_from": "k"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert _is_kept(tmp_path, "k")
    assert not _is_kept(tmp_path, "other")
    assert not _is_kept(tmp_path, "")
    page.write_text("changed", encoding="utf-8")
    assert not _is_kept(tmp_path, "k")


def test_there_is_none_for_the_public(command: Callable[..., Any], tmp_path: Path) -> None:
    ended = command("report", "sample", "--by", "provider_id", "--audience", "public", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == "--by: the report of a group holds small numbers, so there is none for the public\n"


@pytest.mark.slow
def test_one_that_fails_does_not_stop_the_others_and_the_next_run_makes_it_alone(
    command: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import outcomes.report.by as by

    rows = pd.read_csv(SAMPLE, dtype=str)
    few = rows["patient_id"].isin(rows["patient_id"].unique()[:3])
    rows.assign(provider_id=rows["provider_id"].mask(few, "Few")).to_csv(tmp_path / "visits.csv", index=False)
    run = ("report", "visits.csv", "--notebook", "summary", "--by", "provider_id", "--out", "out")
    made, failing = by.executed, {"D5"}

    def sometimes(run: Any, *rest: Any) -> Any:
        if run.values.get("group") in failing:
            raise ReportError("1_group, cell 4: ValueError: invented")
        return made(run, *rest)

    monkeypatch.setattr(by, "executed", sometimes)
    ended = command(*run, cwd=tmp_path)
    assert ended.returncode == 6
    assert "1 of 4 reports by provider failed" in ended.stderr
    assert "D5: 1_group, cell 4: ValueError: invented" in ended.stderr
    folder = tmp_path / "out" / "by_provider_id"
    assert {path.name for path in folder.iterdir()} == {"index.html", "provider_D2", "provider_D8"}

    assert command("verify", "out", cwd=tmp_path).returncode == 0
    page = folder / "provider_D8" / "report.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(f"{text} ", encoding="utf-8")
    told = command("verify", "out", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (
        6,
        "out: by_provider_id/provider_D8/report.html was changed after the report was made\n",
    )
    page.write_text(text, encoding="utf-8")

    failing.clear()
    before = (folder / "provider_D2" / "manifest.json").read_bytes()
    ended = command(*run, cwd=tmp_path)
    assert ended.returncode == 0
    assert (folder / "provider_D2" / "manifest.json").read_bytes() == before
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert index.count(KEPT) == 2
    assert f"<td>{TOO_FEW}</td>" in index
    page = (folder / "provider_D5" / "report.html").read_text(encoding="utf-8")
    assert "What do the courses of provider D5 show?" in page
    assert "D8" not in re.sub("<svg.*?</svg>", "", page, flags=re.DOTALL)
