"""How commands end: in order, with one message and its exit code, whatever the disk, the memory, the terminal or the surroundings do."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from outcomes.ending import in_order, told
from outcomes.errors import UsageError
from outcomes.tabular.private_folder import PREFIX, PrivateFolder, sweep

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "sessions.csv"
OUTCOMES = (sys.executable, "-P", "-m", "outcomes")


def run(*words: object, cwd: Path, command: tuple[str, ...] = OUTCOMES, **more: object) -> subprocess.CompletedProcess[str]:
    options = {"capture_output": True, "text": True, "cwd": cwd, "timeout": 300, "check": False} | more
    return subprocess.run([*command, *map(str, words)], **options)  # type: ignore[call-overload, no-any-return]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_output_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run("parameters", "2_records", cwd=tmp_path, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "there is no room to write" in done.stderr


def test_streams_that_are_closed_and_terminals_without_letters_change_nothing(tmp_path: Path) -> None:
    script = f"exec {' '.join(OUTCOMES)} check {SAMPLE} 2>&- <&-"
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, text=True, timeout=300, check=False)
    assert done.returncode == 0
    assert "nothing broken" in done.stdout
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = run("check", SAMPLE, cwd=tmp_path, env=plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "14-60 days" in done.stdout


def test_warnings_of_packages_are_no_errors(tmp_path: Path) -> None:
    done = run("check", SAMPLE, cwd=tmp_path, command=(sys.executable, "-W", "error", "-P", "-m", "outcomes"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux")
def test_little_memory_is_one_message(tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))

    done = run("check", SAMPLE, cwd=tmp_path, preexec_fn=limit)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "not enough memory" in done.stderr


def test_a_folder_that_is_gone_is_one_message(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    script = f'rmdir "{folder}"; exec {" ".join(OUTCOMES)} check {SAMPLE}'
    done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no longer there" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_any_command_with_its_own_code(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        try:
            os.kill(os.getpid(), number)
        except KeyboardInterrupt:
            raise ValueError("an engine gives a failure of its own in place of the interruption") from None

    with pytest.raises(SystemExit) as ended, in_order():
        interrupted()
    assert ended.value.code == 128 + number
    assert capsys.readouterr().err == "interrupted\n"


def test_a_mistake_of_our_own_tells_its_kind_and_place_and_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, in_order():
        {}["Jane Smith"]
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "KeyError in" in said
    assert "test_ending.py line" in said
    assert "Jane" not in said
    with pytest.raises(SystemExit) as ended, in_order():
        raise UsageError("what the user can mend")
    assert (ended.value.code, capsys.readouterr().err) == (2, "what the user can mend\n")
    assert told(BrokenPipeError()) == ""


HOSTILE = ("re", "csv", "pandas", "numpy", "duckdb", "typer", "matplotlib", "ipykernel_launcher", "IPython", "zmq", "secrets")


@pytest.mark.slow
def test_nothing_beside_the_records_is_run_or_read(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "mine.csv")
    ran = tmp_path / "ran"
    for name in HOSTILE:
        (tmp_path / f"{name}.py").write_text(f"open({str(ran)!r}, 'w')\nraise SystemExit(99)\n", encoding="utf-8")
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe lines.linewidth: 33")
    start = tmp_path / "start.py"
    start.write_text(f"open({str(ran)!r}, 'w')\n", encoding="utf-8")
    (tmp_path / ".ipython" / "profile_default" / "startup").mkdir(parents=True)
    shutil.copy(start, tmp_path / ".ipython" / "profile_default" / "startup" / "00.py")
    fonts = tmp_path / "fonts.conf"
    fonts.write_text("<fontconfig></fontconfig>", encoding="utf-8")
    own = {**os.environ, "PYTHONSTARTUP": str(start), "HOME": str(tmp_path), "FONTCONFIG_FILE": str(fonts), "PYTHONHASHSEED": "7"}
    own |= {"JUPYTER_DEFAULT_PROVISIONER_NAME": "none", "IPYTHONDIR": str(tmp_path / ".ipython"), "TZ": "Pacific/Kiritimati"}
    words = ("report", "mine.csv", "--notebook", "3_improvement", "-p", "report_date=2026-01-31", "--out")
    # Without -P, as most people call it.
    done = run(*words, "hostile", cwd=tmp_path, command=(sys.executable, "-m", "outcomes"), env=own)
    assert done.returncode == 0, done.stderr
    assert not ran.exists()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(SAMPLE, elsewhere / "mine.csv")
    assert run(*words, "plain", cwd=elsewhere).returncode == 0
    for made in (elsewhere / "plain").rglob("*.*"):
        if made.name != "manifest.json":
            assert made.read_bytes() == (tmp_path / "hostile" / made.relative_to(elsewhere / "plain")).read_bytes(), made.name


def test_a_folder_that_a_kernel_still_works_in_is_no_leftover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed = (
        "import os, subprocess, sys\nfrom outcomes.tabular.private_folder import PrivateFolder\nkept = PrivateFolder()\n"
        "kernel = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=0, stdout=-3, stderr=-3, pass_fds=[kept.lock])\n"
        "os._exit(9)"
    )
    reading, writing = os.pipe()
    done = subprocess.run(
        [sys.executable, "-c", killed],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=reading,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 9
    sweep()
    assert len([*tmp_path.iterdir()]) == 1
    os.close(reading)
    os.close(writing)
    until = time.monotonic() + 30
    while [*tmp_path.iterdir()] and time.monotonic() < until:
        time.sleep(0.05)
        sweep()
    assert [*tmp_path.iterdir()] == []


def test_leftovers_of_killed_runs_are_swept_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    of_a_user = tmp_path / f"{PREFIX}notes"
    of_a_user.mkdir()
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os\nfrom outcomes.tabular.private_folder import PrivateFolder\nkept = PrivateFolder()\nos._exit(9)",
        ],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
    )
    assert killed.returncode == 9
    with PrivateFolder() as running:
        assert len([*tmp_path.iterdir()]) == 3
        sweep()
        assert {*tmp_path.iterdir()} == {of_a_user, Path(running)}
