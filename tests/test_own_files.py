"""Nothing of a user's is overwritten, by any command: no input, and nothing that outcomes did not make."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import outcomes
from faults import EXPORT, MAPPING, RECORDS, contents
from outcomes.errors import UsageError
from outcomes.tabular.atomic import is_same

MINE = "what I have written myself\n"
SAMPLES = Path(__file__).parents[1] / "data" / "sample"


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A folder with records, an export and its mapping, and a text of somebody's own."""
    for name, text in {"r.csv": RECORDS, "export.csv": EXPORT, "mapping.toml": MAPPING, "mine.csv": MINE}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copy(tmp_path / "mapping.toml", tmp_path / "mapping.csv")
    os.link(tmp_path / "r.csv", tmp_path / "linked.csv")
    first, second, *_ = (SAMPLES / "sessions.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "begins.csv").write_text(f"{first}\n{second}\nP3,{second.partition(',')[2]}\n", encoding="utf-8")
    (tmp_path / "leads.csv").symlink_to("mine.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "report.html").write_text(MINE, encoding="utf-8")
    return tmp_path


def deidentified(mapping: str, out: str, *more: str) -> tuple[str, ...]:
    return ("deidentify", "export.csv", "--mapping", mapping, "--out", out, *more)


OVERWRITTEN = "is read here and would be overwritten; name another file\n"
NOT_OURS = "holds what outcomes did not write; name another file, or replace it by --force\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check", "r.csv", "--csv", "r.csv"), f"r.csv: r.csv {OVERWRITTEN}"),
        (("check", "r.csv", "--csv", "./folder.csv/../r.csv"), f"r.csv: r.csv {OVERWRITTEN}"),
        (("check", "r.csv", "--csv", "linked.csv"), f"linked.csv: r.csv {OVERWRITTEN}"),
        (("check", "r.csv", "--csv", "r.csv", "--force"), f"r.csv: r.csv {OVERWRITTEN}"),
        (("check", "r.csv", "--csv", "mine.csv"), f"mine.csv: {NOT_OURS}"),
        (("check", "r.csv", "--csv", "export.csv"), f"export.csv: {NOT_OURS}"),
        (("check", "r.csv", "--csv", "leads.csv"), "leads.csv: this is a link; name the file that it leads to\n"),
        (("check", "r.csv", "--csv", "folder.csv", "--force"), "folder.csv: this is a folder; name a file\n"),
        (deidentified("mapping.toml", "export.csv"), f"export.csv: export.csv {OVERWRITTEN}"),
        (deidentified("mapping.csv", "mapping.csv", "--force"), f"mapping.csv: mapping.csv {OVERWRITTEN}"),
        (deidentified("mapping.toml", "p.csv", "--linkage", "mapping.toml"), f"mapping.toml: mapping.toml {OVERWRITTEN}"),
        (deidentified("mapping.toml", "mine.csv"), f"mine.csv: {NOT_OURS}"),
        (deidentified("mapping.toml", "p.csv", "--linkage", "P.csv"), f"p.csv: P.csv {OVERWRITTEN}"),
        (deidentified("mapping.toml", "leads.csv"), "leads.csv: this is a link; name the file that it leads to\n"),
        (("sample", "--out", "mine.csv"), f"mine.csv: {NOT_OURS}"),
        (("sample", "--out", "r.csv"), f"r.csv: {NOT_OURS}"),
        (("sample", "--out", "begins.csv"), f"begins.csv: {NOT_OURS}"),
        (("check", "r.csv", "--csv", "."), ".: this is a folder; name a file\n"),
        (("check", "r.csv", "--csv", "mine.csv/list.csv"), "mine.csv/list.csv: cannot be written (Not a directory)\n"),
        (("sample", "--out", "new.csv", "--truth", "mine.csv"), f"mine.csv: {NOT_OURS}"),
        (("sample", "--out", "new.csv", "--truth", "new.csv"), f"new.csv: new.csv {OVERWRITTEN}"),
        (("sample", "--out", "leads.csv", "--force"), "leads.csv: this is a link; name the file that it leads to\n"),
        (
            ("report", "r.csv", "--out", "reports", "--notebook", "improvement"),
            "--out reports: outcomes did not make its report.html; name another folder, or replace what is there by --force\n",
        ),
    ],
)
def test_what_is_a_users_own_stays(words: tuple[str, ...], told: str, clinic: Path, command: Callable[..., Any]) -> None:
    before = contents(clinic)
    done = command(*words, cwd=clinic)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(told)
    assert "Traceback" not in done.stderr
    assert contents(clinic) == before


def test_no_device_is_replaced_by_a_file(clinic: Path, command: Callable[..., Any]) -> None:
    pipe = clinic / "pipe.csv"
    os.mkfifo(pipe)
    for words in (("check", "r.csv", "--csv"), ("sample", "--out"), ("sample", "--out", "s.csv", "--truth")):
        done = command(*words, "pipe.csv", "--force", cwd=clinic)
        assert (done.returncode, done.stderr) == (2, "pipe.csv: this is a device or a pipe; name a file\n")
    assert command(*deidentified("mapping.toml", "pipe.csv", "--force"), cwd=clinic).returncode == 2
    assert pipe.is_fifo()


def test_what_outcomes_made_is_replaced_and_anything_by_force(clinic: Path, command: Callable[..., Any]) -> None:
    for _ in range(2):
        assert command("check", "r.csv", "--csv", "list.csv", cwd=clinic).returncode == 0
        assert command("sample", "--out", "s.csv", "--patients", "3", "--truth", "t.json", cwd=clinic).returncode == 0
        assert command(*deidentified("mapping.toml", "passed_on/sessions.csv"), cwd=clinic).returncode == 0
    assert command("check", "r.csv", "--csv", "mine.csv", "--force", cwd=clinic).returncode == 0
    assert (clinic / "mine.csv").read_text(encoding="utf-8") == "row,column,problem\n"


def test_a_cohort_takes_the_place_of_a_cohort_alone(tmp_path: Path) -> None:
    cohort = outcomes.read_cohort("sample")
    path = tmp_path / "a.cohort"
    path.write_text(MINE, encoding="utf-8")
    with pytest.raises(UsageError, match=r"^a\.cohort: holds what outcomes did not write; name another file$"):
        cohort.save(path)
    assert path.read_text(encoding="utf-8") == MINE
    path.unlink()
    cohort.save(path)
    cohort.save(path)


def test_names_that_differ_in_case_alone_may_be_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    assert is_same(tmp_path / "new.csv", tmp_path / "NEW.csv")
    assert is_same(tmp_path / "a.csv", tmp_path / "x" / ".." / "a.csv")
    assert not is_same(tmp_path / "a.csv", tmp_path / "b.csv")
