"""A report is published whole: killed at any step, the older one or the new one is there, and what is somebody else's stays."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from faults import Killed, Steps, contents
from outcomes.errors import ReportError, UsageError
from outcomes.report import homes
from outcomes.report.exchange import exchange
from outcomes.report.previous import MANIFEST, check_folder
from outcomes.report.publish import digests, publish, unfinished
from outcomes.report.verify import Verified, verify_report

OLD = {"report.html": "old page", "report.pdf": "old PDF", "notebooks/1_a.ipynb": "old a", "notebooks/2_b.ipynb": "old b"}
NEW = {"report.html": "new page", "estimates.csv": "new numbers", "notebooks/1_a.ipynb": "new a"}
THEIRS = {"notes.txt": "mine", "notebooks/mine.ipynb": "mine", "more/below/x.txt": "mine"}
ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test can tell whether a disk was waited for; only that takes time here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def made(out: Path, files: dict[str, str], *, force: bool = False, inputs: Iterable[Path] = ()) -> list[str]:
    """A report of these files, made and published."""
    with unfinished(out) as draft:
        for name, text in files.items():
            (draft.folder / name).write_text(text, encoding="utf-8")
        manifest = {"versions": {"outcomes": "0"}, "files": digests(draft.folder)}
        return publish(draft, manifest, inputs=inputs, force=force)


def theirs(out: Path) -> dict[str, tuple[int, int, int]]:
    """What somebody put into a report's folder, with what tells whether it was touched."""
    for name, text in THEIRS.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, encoding="utf-8")
    return touched(out)


def touched(out: Path) -> dict[str, tuple[int, int, int]]:
    there = [(name, (out / name).lstat()) for name in THEIRS if (out / name).exists()]
    return {name: (status.st_ino, status.st_mtime_ns, status.st_mode) for name, status in there}


def which(out: Path) -> str:
    """Which report stands in a folder, as it is, beside what is somebody else's."""
    found = contents(out)
    digest = json.loads(found.pop(MANIFEST))["files"]
    texts = {name: text.decode() for name, text in found.items() if name not in THEIRS and not name.startswith(homes.UNFINISHED)}
    assert digest == {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    return {json.dumps(OLD, sort_keys=True): "old", json.dumps(NEW, sort_keys=True): "new"}[json.dumps(texts, sort_keys=True)]


def dies() -> None:
    raise Killed


def no_exchange(*_: object) -> None:
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


@pytest.fixture(params=["folders change places", "file by file", "file by file, as on Windows"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a report comes into its folder."""
    if request.param == "file by file":
        monkeypatch.setattr("outcomes.report.publish.exchange", no_exchange)
    elif request.param != "folders change places":
        monkeypatch.setattr(homes, "CAN_EXCHANGE", False)
        monkeypatch.setattr("outcomes.report.publish.exchange", no_exchange)
    elif not homes.CAN_EXCHANGE:
        pytest.skip("this system has no such exchange")
    return str(request.param)


# Killed


def test_killed_at_any_step_leaves_the_older_report_or_the_new_one(way: str, tmp_path: Path) -> None:
    """In a folder that changes places whole, without any help; file by file, after verify, and before that there is no page."""
    seen, at = set(), 0
    while True:
        at += 1
        root = tmp_path / f"{at}"
        out = root / "out"
        made(out, OLD)
        before = theirs(out)
        steps = Steps(root, at, dies)
        try:
            with steps():
                made(out, NEW)
        except Killed:
            pass
        else:
            break
        assert touched(out) == before, steps.names[-1]
        if way == "folders change places" or (out / "report.html").exists():
            state = which(out)
        else:
            assert verify_report(out).recovered in ("completed", "taken back"), steps.names[-1]
            state = which(out)
        seen.add(state)
        found = verify_report(out)
        assert (found.missing, found.changed, {*found.foreign}) == ((), (), {*THEIRS})
        assert [path.name for path in root.iterdir()] == ["out"]
        assert not [name for name in contents(out) if name.startswith(".")]
    assert at > 50
    assert seen == {"old", "new"}


def test_killed_at_any_step_leaves_no_folder_or_the_whole_report_where_there_was_none(tmp_path: Path) -> None:
    seen, at = set(), 0
    while True:
        at += 1
        out = tmp_path / f"{at}" / "below" / "out"
        steps = Steps(tmp_path, at, dies)
        try:
            with steps():
                made(out, NEW)
        except Killed:
            seen.add(out.exists())
            assert not out.exists() or which(out) == "new"
        else:
            break
    assert seen == {False, True}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EBUSY])
def test_where_any_step_fails_the_older_report_stays_or_the_new_one_is_there(number: int, way: str, tmp_path: Path) -> None:
    at, ended = 0, []
    while True:
        at += 1
        root = tmp_path / f"{at}"
        out = root / "out"
        made(out, OLD)
        before = theirs(out)

        def fail() -> None:
            raise OSError(number, os.strerror(number))

        steps = Steps(root, at, fail)
        try:
            with steps():
                made(out, NEW)
        except (UsageError, OSError):
            ended.append(which(out))
        else:
            assert which(out) == "new", steps.names[-1]
        if steps.count < at:
            break
        assert touched(out) == before
        assert verify_report(out).changed == ()
    assert "old" in ended


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("is_whole", [True, False])
def test_a_process_killed_at_any_system_call_leaves_the_older_report_or_the_new_one(is_whole: bool, tmp_path: Path) -> None:
    """The real thing: SIGKILL at every rename, link, removal, new folder, fsync, and change of mode that the process asks for."""
    program = tmp_path / "program.py"
    tests = Path(__file__).parents[1]
    program.write_text(
        f"import sys; sys.path[:0] = [{str(tests)!r}, {str(tests / 'report')!r}]\n"
        "from pathlib import Path\nimport outcomes.report.publish as publish\n"
        "from test_publish import NEW, made, no_exchange\n"
        + ("" if is_whole else "publish.exchange = no_exchange\n")
        + "made(Path(sys.argv[1]), NEW)\n",
        encoding="utf-8",
    )
    seen = []
    for call in ("rename", "renameat2", "linkat", "unlink", "unlinkat", "rmdir", "mkdir", "fsync", "chmod"):
        for at in range(1, 100):
            out = tmp_path / f"{call} {at}" / "out"
            made(out, OLD)
            before = theirs(out)
            trace = [
                "strace",
                "-f",
                "-qq",
                "-o",
                os.devnull,
                "-e",
                f"trace={call}",
                "-e",
                f"inject={call}:signal=SIGKILL:when={at}",
            ]
            ended = subprocess.run([*trace, sys.executable, str(program), str(out)], capture_output=True, check=False)
            if b"ptrace" in ended.stderr:
                pytest.skip("strace is not allowed here")
            assert touched(out) == before, (call, at)
            if is_whole or (out / "report.html").exists():
                seen.append(which(out))
            verify_report(out)
            assert which(out) in ("old", "new")
            assert [path.name for path in out.parent.iterdir()] == ["out"]
            if ended.returncode == 0:
                break
            assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert {"old", "new"} == {*seen}
    assert len(seen) > 40


# What is somebody else's


def test_what_is_somebody_elses_is_the_same_file_afterwards(way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    before = theirs(out)
    (out / "link").symlink_to("notes.txt")
    (out / "empty").mkdir()
    assert made(out, NEW) == []
    assert which(out) == "new" if not (out / "link").unlink() else ""
    assert touched(out) == before
    assert (out / "empty").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of Windows are another thing")
def test_owner_and_permissions_of_the_folder_stay(way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    out.chmod(0o2750)
    (out / "notebooks").chmod(0o700)
    if os.getuid() == 0:
        os.chown(out, 12345, 23456)
    before = out.stat()
    made(out, NEW)
    after = out.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert stat.S_IMODE((out / "notebooks").stat().st_mode) == 0o700


@ON_LINUX
def test_attributes_of_the_folder_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    try:
        os.setxattr(out, "user.label", b"clinic")
    except OSError:
        pytest.skip("this file system has no attributes")
    made(out, NEW)
    assert os.getxattr(out, "user.label") == b"clinic"


def test_a_file_that_is_put_there_at_the_last_moment_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    theirs(out)

    def late(one: Path, other: Path) -> None:
        (out / "late.txt").write_text("late", encoding="utf-8")
        (out / "passing").write_text("saved anew", encoding="utf-8")
        (out / "passing").replace(out / "notes.txt")
        exchange(one, other)

    monkeypatch.setattr("outcomes.report.publish.exchange", late)
    made(out, NEW)
    assert (out / "late.txt").read_text(encoding="utf-8") == "late"
    assert (out / "notes.txt").read_text(encoding="utf-8") == "saved anew"
    assert verify_report(out).changed == ()


def test_a_report_for_the_current_folder_leaves_everybody_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "out", OLD)
    monkeypatch.chdir(tmp_path / "out")
    made(Path(), NEW)
    assert which(Path.cwd()) == which(Path()) == "new"


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    made(tmp_path / "real", OLD)
    (tmp_path / "out").symlink_to(tmp_path / "real", target_is_directory=True)
    made(tmp_path / "out", NEW)
    assert (tmp_path / "out").is_symlink()
    assert which(tmp_path / "real") == "new"


def test_a_folder_that_becomes_a_link_meanwhile_is_left_as_it_is(way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    with unfinished(out) as draft:
        out.rename(tmp_path / "real")
        out.symlink_to(tmp_path / "real", target_is_directory=True)
        with pytest.raises(UsageError, match="became a link"):
            publish(draft, {"versions": {"outcomes": "0"}, "files": digests(draft.folder)})
    assert out.is_symlink()
    assert which(tmp_path / "real") == "old"


def test_a_name_of_the_greatest_length_is_a_folder_like_others(tmp_path: Path) -> None:
    out = tmp_path / ("é" * 127)
    made(out, OLD)
    made(out, NEW)
    assert which(out) == "new"
    assert len([*tmp_path.iterdir()]) == 1


# What may not be replaced


def refusal(out: Path, **given: object) -> str:
    before = contents(out)
    with pytest.raises(UsageError) as refused:
        made(out, NEW, **given)  # type: ignore[arg-type]
    assert contents(out) == before
    assert [path.name for path in out.parent.iterdir() if path.name.startswith(".")] == []
    return str(refused.value).replace(f"--out {out}: ", "")


@pytest.mark.parametrize("name", ["report.html", "estimates.csv", "notebooks/1_a.ipynb"])
def test_what_no_report_has_made_is_not_replaced_unless_by_force(name: str, way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "notebooks").mkdir(parents=True)
    (out / name).write_text("mine", encoding="utf-8")
    assert refusal(out) == f"outcomes did not make its {name}; name another folder, or replace what is there by --force"
    made(out, NEW, force=True)
    assert which(out) == "new"


def test_all_that_is_in_the_way_is_told_at_once(tmp_path: Path) -> None:
    for name in ("report.html", "estimates.csv"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    (tmp_path / "notebooks" / "1_a.ipynb").mkdir(parents=True)
    with pytest.raises(UsageError) as refused:
        check_folder(tmp_path, NEW)
    assert str(refused.value).replace(f"--out {tmp_path}: ", "").splitlines() == [
        "its notebooks/1_a.ipynb is a folder; name another folder",
        "outcomes did not make its report.html and estimates.csv; name another folder, or replace what is there by --force",
    ]


def test_a_page_that_was_changed_is_not_replaced_unless_by_force(way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    (out / "report.html").write_text("old page, with my remarks", encoding="utf-8")
    assert (
        refusal(out)
        == "its report.html changed after the report was made; name another folder, or replace what is there by --force"
    )
    made(out, NEW, force=True)
    assert which(out) == "new"


def test_a_changed_file_that_the_new_report_does_not_have_stays_and_is_told(way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    for name in ("report.pdf", "notebooks/2_b.ipynb"):
        (out / name).write_text("with my remarks", encoding="utf-8")
    assert sorted(made(out, NEW)) == ["notebooks/2_b.ipynb", "report.pdf"]
    assert verify_report(out).foreign == ("notebooks/2_b.ipynb", "report.pdf")


def _folder(path: Path) -> None:
    path.mkdir()


def _link(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere.txt")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pipes in folders")
@pytest.mark.parametrize(("make", "what"), [(_folder, "a folder"), (_link, "a link"), (_pipe, "a device or a pipe")])
@pytest.mark.parametrize("force", [False, True])
def test_only_files_are_replaced_whatever_is_asked(
    make: Callable[[Path], None], what: str, force: bool, way: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    (out / "report.html").unlink()
    make(out / "report.html")
    assert refusal(out, force=force) == f"its report.html is {what}; name another folder"


def test_what_a_report_is_made_from_is_never_replaced(way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    records = tmp_path / "records.csv"
    os.link(out / "report.html", records)
    told = "the report would overwrite report.html, which it is made from; name another folder"
    assert refusal(out, inputs=[records], force=True) == told


@ON_LINUX
def test_what_is_made_fast_is_told_before_anything_moves(way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    page = out / "report.html"
    fast = shutil.which("chattr") and subprocess.run(["chattr", "+i", page], capture_output=True, check=False).returncode == 0
    if not fast and os.getuid() == 0:
        pytest.skip("nothing can be made fast here")
    page.chmod(0o444) if not fast else None
    try:
        assert re.fullmatch(r"its report\.html can't be replaced \((Operation not permitted|Permission denied)\)", refusal(out))
    finally:
        if fast:
            subprocess.run(["chattr", "-i", page], check=True)
    assert which(out) == "old"


@pytest.mark.skipif(os.name != "posix", reason="permissions of Windows are another thing")
def test_a_folder_that_is_read_only_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    allowed = os.access
    # Whoever runs the tests may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != out / "notebooks" and allowed(path, mode))
    assert refusal(out) == "can't write there (notebooks is read-only)"


# Those who come next


def half_done(home: Path, **journal: object) -> None:
    (home / "report").mkdir(parents=True)
    (home / "journal.json").write_text(json.dumps(journal), encoding="utf-8")


def test_a_journal_leads_nowhere_else(tmp_path: Path) -> None:
    """A folder that was received from a stranger: neither names with a way out nor links are followed."""
    out = tmp_path / "out"
    made(out, OLD)
    (tmp_path / "report.html").write_text("mine", encoding="utf-8")
    half_done(out / ".unfinished-a", new=["../report.html"], gone=["../report.html"])
    half_done(out / ".unfinished-b", new=["report.html"], gone=[])
    (out / ".unfinished-b" / "report").rmdir()
    (out / ".unfinished-b" / "report").symlink_to(tmp_path, target_is_directory=True)
    verify_report(out)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "mine"
    assert which(out) == "old"


def test_a_file_that_somebody_put_into_a_half_report_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    monkeypatch.setattr("outcomes.report.publish.exchange", no_exchange)
    at = 0
    while (out / "report.html").exists():
        at += 1
        with suppress(Killed), Steps(tmp_path, at, dies)():
            made(out, NEW)
    (out / "report.html").write_text("mine", encoding="utf-8")
    with pytest.raises(ReportError, match="somebody has put a file there meanwhile"):
        verify_report(out)
    assert (out / "report.html").read_text(encoding="utf-8") == "mine"
    (out / "report.html").unlink()
    assert verify_report(out).recovered == "completed"
    assert which(out) == "new"


def test_a_run_that_goes_on_keeps_its_draft(way: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(out, OLD)
    with unfinished(out) as draft:
        made(out, NEW)
        (draft.folder / "report.html").write_text("later", encoding="utf-8")
        publish(draft, {"versions": {"outcomes": "0"}, "files": digests(draft.folder)})
    assert contents(out)["report.html"] == b"later"
    assert verify_report(out).is_whole


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")
def test_a_folder_that_another_run_is_publishing_into_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    out = tmp_path / "out"
    made(out, OLD)
    handle = os.open(out, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    monkeypatch.setattr("outcomes.report.publish._PATIENCE", 0.05)
    with pytest.raises(UsageError, match="another program holds this folder"):
        made(out, NEW)
    assert which(out) == "old"
    os.close(handle)
    made(out, NEW)
    assert which(out) == "new"


@pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_end_waits_for_a_publication(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    made(out, OLD)

    def asked(one: Path, other: Path) -> None:
        os.kill(os.getpid(), number)
        exchange(one, other)

    before = signal.getsignal(number)
    monkeypatch.setattr("outcomes.report.publish.exchange", asked)
    made(out, NEW)
    assert which(out) == "new"
    assert signal.getsignal(number) == before


# verify


def test_what_is_missing_changed_and_foreign_is_named(tmp_path: Path) -> None:
    made(tmp_path, OLD)
    assert verify_report(tmp_path) == Verified(tuple(sorted(OLD)), (), (), ())
    (tmp_path / "report.pdf").unlink()
    (tmp_path / "report.html").write_text("another page", encoding="utf-8")
    (tmp_path / "notebooks" / "1_a.ipynb").unlink()
    (tmp_path / "notebooks" / "1_a.ipynb").symlink_to("2_b.ipynb")
    (tmp_path / "set_aside.csv").write_text("x", encoding="utf-8")
    (tmp_path / "Thumbs.db").write_text("x", encoding="utf-8")
    found = verify_report(tmp_path)
    assert found == Verified(
        ("notebooks/2_b.ipynb",), ("report.pdf",), ("notebooks/1_a.ipynb", "report.html"), ("set_aside.csv",)
    )
    with pytest.raises(ReportError) as refused:
        found.check("reports")
    assert str(refused.value).splitlines() == [
        "reports: report.pdf is missing",
        "reports: notebooks/1_a.ipynb was changed after the report was made",
        "reports: report.html was changed after the report was made",
        "reports: set_aside.csv is not of this report",
    ]


@pytest.mark.parametrize(
    "manifest",
    ["", "{", "[]", '{"files": {"../x": "0"}, "versions": {"outcomes": "1"}}', "[" * 5000, '{"files": {"report.html": ""}}'],
)
def test_a_damaged_manifest_is_told(manifest: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(manifest, encoding="utf-8")
    with pytest.raises(ReportError, match=r"its manifest\.json is not a report's, or damaged"):
        verify_report(tmp_path)


def test_where_there_is_no_report_or_no_folder_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"holds no report: there is no manifest\.json"):
        verify_report(tmp_path)
    with pytest.raises(UsageError, match="there is no such folder"):
        verify_report(tmp_path / "none")


def test_verify_says_what_is_not_as_it_was_made_and_ends_with_6(tmp_path: Path, command: Callable[..., Any]) -> None:
    made(tmp_path / "out", OLD)
    done = command("verify", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "out: whole, 4 files as the manifest says\n", "")
    (tmp_path / "out" / "report.pdf").unlink()
    (tmp_path / "out" / "notes.txt").touch()
    done = command("verify", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr == "out: report.pdf is missing\nout: notes.txt is not of this report\n"
    assert command("verify", "none", cwd=tmp_path).returncode == 2
