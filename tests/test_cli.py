"""The command line as a user meets it: called in this process, and in one of its own where the process is what matters."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
import webbrowser
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.main import get_command

import shared
from outcomes.cli import app
from outcomes.report import notebooks
from outcomes.report.make import Report
from sheets import workbook

SAMPLES = Path(__file__).parents[1] / "data" / "sample"
RECORDS = """patient_id,fitzpatrick,day,sessions_completed,scar_scale,scar_score
a1,II,0,0,goodman_baron_grade,3
a1,II,30,1,goodman_baron_grade,2
b2,V,0,0,goodman_baron_grade,4
"""
# The command line with the notebooks of the folder that comes first.
WITH_NOTEBOOKS = """
import sys, pathlib, signal, outcomes.report.notebooks
# What a shell starts in the background ignores Ctrl-C, as does all that it starts in turn.
signal.signal(signal.SIGINT, signal.default_int_handler)
folder = pathlib.Path(sys.argv.pop(1))
outcomes.report.notebooks.notebooks_folder = lambda: folder
from outcomes.cli import main
main()
"""
LAZY = ("pandas", "numpy", "duckdb", "matplotlib", "papermill", "nbformat", "weasyprint", "scipy", "rich.progress", "jinja2")
# The notebook: it waits for as many seconds as `pause`, or until somebody lets it go on.
WAITING = """import pathlib, time
if pause:
    pathlib.Path('began').touch()
until = time.monotonic() + pause
while time.monotonic() < until and not pathlib.Path('go on').exists(): time.sleep(0.05)
assert word != 'fail', '[red]no[/red]'
print(word)"""
# The longest that a machine with other work is waited for; what is waited for is an event, and mostly there within a second.
PATIENCE = 300
ENDLESS = 10 * PATIENCE


@pytest.fixture
def sitting(tmp_path):
    """A folder with records, a folder of notebooks beside it and a folder for temporary files."""
    folder = tmp_path / "sitting"
    for name in (folder, tmp_path / "notebooks", tmp_path / "t"):
        name.mkdir()
    (folder / "visits.csv").write_text(RECORDS, encoding="utf-8")
    write(
        tmp_path / "notebooks" / "1_only.ipynb",
        'records: str = "sample"\npause: float = 0.0\nword: str = ""',
        WAITING,
    )
    return folder


def write(path: Path, parameters: str, code: str) -> None:
    def cell(number: int, source: str, *tags: str) -> dict:
        return {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": [*tags]},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }

    cells = [cell(0, parameters, "parameters"), cell(1, code)]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")


@pytest.fixture
def start(sitting: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `outcomes report visits.csv` on the fixture's notebook, its temporary files below the fixture."""
    begun = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        words = [str(sitting.parent / "notebooks"), "report", "visits.csv", "--out", "out", *arguments]
        process = subprocess.Popen(
            [sys.executable, "-c", WITH_NOTEBOOKS, *words],
            cwd=sitting,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(sitting.parent / "t")},
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture
def report(sitting: Path, command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The same in this process, from beginning to end."""
    monkeypatch.setattr(notebooks, "notebooks_folder", lambda: sitting.parent / "notebooks")
    monkeypatch.setattr(tempfile, "tempdir", str(sitting.parent / "t"))
    return lambda *arguments: command("report", "visits.csv", "--out", "out", *arguments, cwd=sitting)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def previous(folder: Path) -> dict[str, bytes]:
    """Puts something into a folder that looks like the report of an earlier run."""
    folder.mkdir()
    (folder / "report.html").write_text("the previous report", encoding="utf-8")
    files = {"report.html": hashlib.sha256(b"the previous report").hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"files": files, "versions": {"outcomes": "0"}}), encoding="utf-8")
    return contents(folder)


def kernels(sitting: Path) -> list[int]:
    """Processes that were started with a connection file below the fixture."""
    mine = str(sitting.parent / "t")
    return [
        each.pid
        for each in psutil.process_iter(["cmdline", "status"])
        if mine in " ".join(each.info["cmdline"] or []) and each.info["status"] != "zombie"
    ]


def eventually(true) -> bool:
    return shared.eventually(true, PATIENCE)


# Help


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option, tmp_path):
    code = (
        "import sys\nfrom outcomes.cli import app\ntry:\n    app()\nexcept SystemExit:\n    pass\nprint('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, option], capture_output=True, text=True, cwd=tmp_path, check=True)
    shown, _, loaded = done.stdout.rpartition("LOADED")
    assert "microneedling" in shown or shown.startswith("outcomes ")
    assert not {*LAZY} & {*loaded.split()}


def test_every_command_and_option_has_help():
    commands = get_command(app).commands
    assert {"check", "report", "parameters", "sample"} <= {*commands}
    for command in commands.values():
        assert command.help
        assert all(parameter.help for parameter in command.params), command.name


# Parameters


def test_the_parameters_of_a_notebook_are_listed_with_their_defaults_and_what_they_mean(tmp_path, command):
    done = command("parameters", "improvement", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    title, *lines = done.stdout.splitlines()
    assert title == "3_improvement"
    assert lines[lines.index("  sessions: a whole number; 8 unless given") + 1] == "      show at most this many sessions"
    assert "  window: text; blank unless given" in lines
    assert not any(line.startswith("  records") for line in lines), "they are the FILE"


def test_every_parameter_of_every_notebook_says_what_it_means(tmp_path, command):
    done = command("parameters", cwd=tmp_path)
    numbered = [line for line in done.stdout.splitlines() if line[:1].isdigit()]
    assert [line.partition("_")[0] for line in numbered] == [str(n) for n in range(1, len(numbered) + 1)]
    names, helps = (len(re.findall(begin, done.stdout, flags=re.MULTILINE)) for begin in (r"^  \w+: ", r"^      \S"))
    assert names == helps > len(numbered) >= 8


def test_blank_endpoints_are_explained_below_the_list(tmp_path, command):
    done = command("parameters", "improvement", cwd=tmp_path)
    assert "  endpoints: text; blank unless given" in done.stdout.splitlines()
    assert (
        done.stdout.splitlines()[-1]
        == "Blank endpoints are scarring and pih, whichever are recorded; where neither is, whatever is."
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("endpoint=pih", "-p endpoint: no chosen notebook has this parameter; did you mean endpoints?"),
        ("endpoints=scaring", "endpoint must be one of scarring, pih, fine_lines, got 'scaring'"),
        ("endpoints=fine_lines", "-p endpoints: visits.csv holds no score of fine_lines"),
    ],
)
def test_endpoints_that_there_are_not_are_refused_in_a_line(given, message, sitting, command):
    done = command("report", "visits.csv", "--out", "out", "--notebook", "improvement", "-p", given, cwd=sitting)
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (2, "", message)
    assert "Traceback" not in done.stderr
    assert not (sitting / "out").exists()


def test_the_parameters_of_a_notebook_that_is_not_there_are_refused(tmp_path, command):
    done = command("parameters", "improvment", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "improvment: there is no such notebook; did you mean improvement?\n"


# check


def test_check_counts_what_it_read_and_lists_findings(sitting, command):
    done = command("check", "visits.csv", cwd=sitting)
    first, *findings = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert first == "visits.csv: 3 rows, 2 courses, 2 patients; nothing broken"
    assert all(line.startswith("- ") for line in findings)


def test_check_tells_of_steps_that_take_long(sitting, command, monkeypatch):
    monkeypatch.setattr("outcomes.cli._LONG", 0)
    done = command("check", "visits.csv", cwd=sitting)
    assert done.returncode == 0
    assert [line.rpartition(": ")[0] for line in done.stderr.splitlines()] == ["reading the records", "counting the scores"]


def test_check_says_what_became_of_every_score_and_which_window_was_taken(sitting, command):
    """Six courses with a session a week; the score after the third of the first comes late, and one has no baseline."""
    rows = [f"p{n},II,{7 * k},{k},asas,{'' if n == 5 and k == 0 else 3}" for n in range(6) for k in range(4)]
    rows[3] = "p0,II,29,3,asas,3"
    (sitting / "weekly.csv").write_text("\n".join([RECORDS.splitlines()[0], *rows]), encoding="utf-8")
    done = command("check", "weekly.csv", cwd=sitting)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:3] == [
        "- sessions here are a median of 7 days apart, so a score counts 3–14 days after a session, not 14–60 as with monthly "
        "sessions; the parameter window sets another",
        "- acne scarring: 23 scores = 19 analysed + 4 left out (3 in a course without a score before the first session and 1 too late "
        "after the session: follow-up)",
    ]
    assert (
        command("check", "visits.csv", cwd=sitting).stdout.splitlines()[1]
        == "- acne scarring: 3 scores = 3 analysed + 0 left out"
    )


def test_check_lists_every_breach_and_ends_with_4(sitting):
    """As the shell sees it: in a process of its own."""
    (sitting / "visits.csv").write_text(RECORDS.replace(",3\n", ",7\n").replace(",4\n", ",9\n"), encoding="utf-8")
    words = [sys.executable, "-m", "outcomes.cli", "check", "visits.csv"]
    done = subprocess.run(words, cwd=sitting, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.splitlines() == [
        "visits.csv row 2, scar_score: 7 is not between 1 and 4",
        "visits.csv row 4, scar_score: 9 is not between 1 and 4",
        "Fix these rows, or leave out their courses: outcomes report --set-aside.",
    ]


def test_check_writes_every_breach_into_a_file(sitting, command):
    (sitting / "broken.csv").write_text(RECORDS.replace("V,0,0", "V,0,many"), encoding="utf-8")
    done = command("check", "broken.csv", "--csv", "breaches.csv", cwd=sitting)
    assert (done.returncode, done.stdout) == (4, "breaches.csv: 1 breach\n")
    assert done.stderr.endswith("Fix these rows, or leave out their courses: outcomes report --set-aside.\n")
    assert (sitting / "breaches.csv").read_text(encoding="utf-8") == (
        "row,column,problem\n4,sessions_completed,a text of 4 characters is not a whole number between 0 and 30\n"
    )


def test_check_refuses_what_could_identify_a_patient_with_5(sitting, command):
    (sitting / "private.csv").write_text(RECORDS.replace("fitzpatrick", "phone"), encoding="utf-8")
    done = command("check", "private.csv", cwd=sitting)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == (
        "private.csv: column 'phone': by its name it identifies a person or a place\n"
        "Refused: a patient could be identified. `outcomes deidentify` makes records without that; its --help says how.\n"
    )


def test_a_strangers_export_becomes_a_report_with_three_commands(tmp_path, command):
    clinic = tmp_path / "clinic"
    clinic.mkdir()
    shutil.copy(SAMPLES / "export.csv", clinic)
    example = command("deidentify", "clinic/export.csv", "--example", cwd=tmp_path)
    assert 'patient_id = "Akte Nr."' in example.stdout
    mapping = SAMPLES / "export.toml"
    made = command("deidentify", "clinic/export.csv", "--mapping", mapping, "--out", "sessions.csv", cwd=tmp_path)
    assert made.returncode == 2
    assert made.stderr.endswith("choose another folder, such as --out passed_on/sessions.csv\n")
    made = command("deidentify", "clinic/export.csv", "--mapping", mapping, "--out", "passed_on/sessions.csv", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("sessions.csv: 110 rows of 25 patients in 25 courses, from 113 rows of the export\n")
    assert (clinic / "linkage.csv").stat().st_mode & 0o777 == 0o600
    assert command("check", "passed_on/sessions.csv", cwd=tmp_path).stdout.startswith(
        "sessions.csv: 110 rows, 25 courses, 25 patients; nothing broken\n"
    )


def test_the_readme_names_folders_in_which_its_commands_run(tmp_path, command):
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    commands = [line.partition("#")[0].split() for line in readme.splitlines() if line.startswith("outcomes deidentify clinic/")]
    (tmp_path / "clinic").mkdir()
    shutil.copy(SAMPLES / "export.csv", tmp_path / "clinic")
    shutil.copy(SAMPLES / "export.toml", tmp_path / "clinic" / "mapping.toml")
    made = command(*commands[1][1:], cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert f"outcomes report {commands[1][-1]} --out reports" in readme
    assert (tmp_path / commands[1][-1]).exists()


def test_deidentify_says_what_it_needs(tmp_path, command):
    done = command("deidentify", cwd=tmp_path)
    assert done.returncode == 2
    assert (
        done.stderr == "name the export and its --mapping; outcomes deidentify EXPORT --example writes a mapping to start from\n"
    )


def test_a_missing_file_is_one_line(sitting, command):
    done = command("check", "[red]none.csv", cwd=sitting)
    assert (done.returncode, done.stderr) == (4, "[red]none.csv: there is no such file\n")


# sample


def test_sample_writes_records_that_check_accepts_and_their_truth(tmp_path, command):
    done = command("sample", "--out", "invented.csv", "--patients", "20", "--seed", "3", "--truth", "truth.json", cwd=tmp_path)
    rows = (tmp_path / "invented.csv").read_text(encoding="utf-8").count("\n") - 1
    assert (done.returncode, done.stdout) == (0, f"invented.csv: {rows:,} rows, 20 patients, all invented\ntruth.json\n")
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["patients"] == 20
    assert command("check", "invented.csv", cwd=tmp_path).returncode == 0


def test_sample_kept_patchily_says_so_in_its_truth(tmp_path, command):
    done = command("sample", "--kept", "patchily", "--patients", "20", "--out", "p.csv", "--truth", "t.json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["kept"] == "patchily"
    assert command("check", "p.csv", cwd=tmp_path).stdout.startswith("p.csv: ")


def test_sample_into_no_folder_is_one_message(tmp_path, command):
    done = command("sample", "--out", "none/x.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


# report


def test_report_tells_each_step_and_ends_with_the_paths(sitting, start):
    process = start("-p", "word=a=b [bold]", "--notebook", "only")
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out.split()) == (
        0,
        ["out/estimates.csv", "out/notebooks/1_only.ipynb", "out/report.html", "out/report.pdf", "out/manifest.json"],
    )
    assert [line.partition(":")[0] for line in err.splitlines()] == ["records", "1_only", "page", "pdf"]
    assert json.loads((sitting / "out/manifest.json").read_text())["parameters"] == {"1_only": {"word": "a=b [bold]"}}


@pytest.fixture
def made(monkeypatch):
    """The report is taken to be made; what is done with it afterwards is tried here."""
    done = Report(Path("out"), (Path("out/report.html"), Path("out/manifest.json")), ())
    monkeypatch.setattr("outcomes.report.make.make_report", lambda *_, **__: done)


def test_the_page_is_opened_where_that_is_asked_for(sitting, made, report, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    assert report()[0] == 0
    assert opened == []
    ended, _, err = report("--open")
    assert (ended, opened) == (0, [(sitting / "out" / "report.html").as_uri()])
    assert "browser" not in err


@pytest.mark.parametrize("refusal", [False, webbrowser.Error("could not locate runnable browser"), OSError("none")])
def test_without_a_browser_the_report_is_made_and_one_sentence_says_so(refusal, made, report, monkeypatch):
    def none(_: str) -> bool:
        if isinstance(refusal, Exception):
            raise refusal
        return refusal

    monkeypatch.setattr("webbrowser.open", none)
    ended, out, err = report("--open")
    assert (ended, err.splitlines()[-1]) == (0, f"No browser could be started here; open {Path('out/report.html')} yourself.")
    assert "manifest.json" in out


def test_a_report_that_fails_opens_nothing(report, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda _: pytest.fail("it was opened"))
    assert report("--open", "-p", "wrod=x")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--branding", "clinic.toml"], 2, "clinic.toml: can't be read (No such file or directory)"),
        (["-p", "wrod=x"], 2, "-p wrod: no chosen notebook has this parameter; did you mean word?"),
        (["-p", "word"], 2, "-p word: write NAME=VALUE"),
        (["-p", "word=a", "-p", "word=b"], 2, "-p word: it is given twice"),
        (["-p", "pause=[x]"], 2, "-p pause=[x]: pause wants a number"),
        (["--notebook", "onyl"], 2, "--notebook onyl: there is no such notebook; did you mean only?"),
        (["-p", "word=fail"], 6, "1_only, cell 2: AssertionError: [red]no[/red]"),
        (["-p", "pause=9", "--timeout", "1"], 6, "1_only, cell 2: still running after 1 seconds"),
    ],
)
def test_what_the_user_can_put_right_is_one_message_and_a_code(arguments, code, message, sitting, report):
    ended, out, err = report(*arguments)
    assert (ended, out, err.splitlines()[-1]) == (code, "", message)
    assert "Traceback" not in err
    assert not (sitting / "out").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_report_leaves_the_previous_one_and_no_kernel(number, code, sitting, start):
    before = previous(sitting / "out")
    process = start("-p", f"pause={ENDLESS}")
    assert eventually((sitting / "began").exists)
    assert kernels(sitting)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err.splitlines()[1:]) == (code, "", ["interrupted; the previous report is unchanged"])
    assert eventually(lambda: not kernels(sitting))
    assert contents(sitting / "out") == before
    assert not list((sitting.parent / "t").iterdir())


@pytest.mark.slow
def test_a_killed_report_leaves_the_previous_one_and_the_next_clears_up(sitting, start, report):
    before = previous(sitting / "out")
    process = start("-p", f"pause={ENDLESS}")
    assert eventually((sitting / "began").exists)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert contents(sitting / "out") == before
    assert list(sitting.glob(".out.unfinished-*"))
    assert eventually(lambda: not kernels(sitting))
    assert report()[0] == 0
    assert not list(sitting.glob(".*unfinished-*"))


@pytest.mark.slow
def test_a_running_report_keeps_its_place_when_another_is_made(sitting, start, report):
    slow = start("-p", f"pause={ENDLESS}")
    assert eventually((sitting / "began").exists)
    assert report()[0] == 0
    (sitting / "go on").touch()
    _, err = slow.communicate(timeout=PATIENCE)
    assert slow.returncode == 0, err


def test_the_sheet_of_a_workbook_goes_into_the_mapping(tmp_path, command):
    book = workbook(tmp_path / "visits.xlsx", [["Chart", "Date"], ["1", "2024-01-02"]], [["Help"], ["text"]])
    with zipfile.ZipFile(book) as archive:
        name = re.search(rb'<sheet [^>]*name="([^"]+)"', archive.read("xl/workbook.xml"))[1].decode()
    without = command("deidentify", "visits.xlsx", "--example", cwd=tmp_path)
    assert (without.returncode, tomllib.loads(without.stdout)["export"]["sheet"]) == (0, name), "that with the columns of records"
    made = command("deidentify", "visits.xlsx", "--example", "--sheet", name, cwd=tmp_path)
    assert (made.returncode, tomllib.loads(made.stdout)["export"]["sheet"]) == (0, name)
    assert tomllib.loads(made.stdout)["columns"] == {"patient_id": "Chart", "day": "Date"}
