"""Codes are random, kept, and nobody else can read whose they are."""

from __future__ import annotations

import csv
import io
import os
import random
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.deidentify.pseudonyms import DIGITS, LETTERS, Linkage, Pseudonym, check_apart, read_linkage, write_linkage
from outcomes.errors import RecordsError, UsageError
from outcomes.tabular.csv_writer import shown

GOOD = "kind,original,code\npatient,A-1,PCDFG3HJK\nstaff,Dr. Example,SCDFG3HJK\n"


def kept(path: Path, text: str) -> Linkage:
    path.write_text(text, encoding="utf-8")
    return read_linkage(path)


def test_a_code_is_not_derived_from_what_it_stands_for() -> None:
    assert Linkage().code("patient", ["A-1"]) != Linkage().code("patient", ["A-1"])


def test_the_same_original_has_the_same_code_whatever_its_case_and_spacing() -> None:
    linkage = Linkage()
    assert len({linkage.code("patient", [text]) for text in ("Ann Müster", " ANN  MÜSTER ", "ann mu\u0308ster")}) == 1
    assert linkage.new == 1


def test_kinds_and_parts_are_told_apart() -> None:
    linkage = Linkage()
    codes = [
        linkage.code("patient", ["1"]),
        linkage.code("staff", ["1"]),
        linkage.code("tip", ["1", "2"]),
        linkage.code("tip", ["1 | 2"]),
    ]
    assert len(set(codes)) == 4
    assert [code[0] for code in codes] == ["P", "S", "T", "T"]


def test_codes_never_clash() -> None:
    linkage = Linkage(rng=random.Random(1))
    codes = {linkage.code("patient", [str(number)]) for number in range(5000)}
    assert len(codes) == 5000
    assert {character for code in codes for character in code[1:]} == set(LETTERS + DIGITS)
    assert all(1 <= sum(character in DIGITS for character in code) <= 4 for code in codes)


def test_a_code_that_is_taken_is_drawn_again() -> None:
    taken = Linkage(rng=random.Random(1))
    first = taken.code("patient", ["a"])
    other = Linkage(taken.pseudonyms, rng=random.Random(1))
    assert other.code("patient", ["b"]) != first


def test_codes_are_kept_for_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "linkage.csv"
    first = read_linkage(path)
    code = first.code("patient", ["A-1"])
    write_linkage(path, first)
    again = read_linkage(path)
    assert again.code("patient", ["a-1 "]) == code
    assert again.new == 0


@settings(max_examples=30)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(str.strip), min_size=1, max_size=5)
)
def test_whatever_the_original_it_is_found_again(tmp_path_factory: pytest.TempPathFactory, originals: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.unlink(missing_ok=True)
    linkage = read_linkage(path)
    codes = [linkage.code("patient", [text]) for text in originals]
    write_linkage(path, linkage)
    again = read_linkage(path)
    assert [again.code("patient", [text]) for text in originals] == codes


def test_two_runs_at_once_lose_no_code(tmp_path: Path) -> None:
    path = tmp_path / "linkage.csv"
    one, other = read_linkage(path), read_linkage(path)
    one.code("patient", ["a"])
    write_linkage(path, one)
    with pytest.raises(UsageError, match="another run has written it meanwhile"):
        write_linkage(path, other)
    assert [pseudonym.original for pseudonym in read_linkage(path).pseudonyms] == ["a"]


@pytest.mark.parametrize("original", ["=1+1", "@SUM(A1)", "\uff1d1+1"])
def test_no_spreadsheet_runs_an_original(tmp_path: Path, original: str) -> None:
    path = tmp_path / "linkage.csv"
    linkage = Linkage()
    code = linkage.code("patient", [original])
    write_linkage(path, linkage)
    assert f"patient,'{original},P" in path.read_text(encoding="utf-8")
    assert read_linkage(path).code("patient", [original]) == code


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_its_owner_can_read_it_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    sync = os.fsync

    def noted(number: int) -> None:
        if stat.S_ISREG(mode := os.fstat(number).st_mode):
            modes.append(stat.S_IMODE(mode))
        sync(number)

    monkeypatch.setattr(os, "fsync", noted)
    path = tmp_path / "linkage.csv"
    before = os.umask(0)
    try:
        assert not write_linkage(path, Linkage())
    finally:
        os.umask(before)
    assert modes == [0o600]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_a_linkage_file_that_others_could_read_is_closed_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "linkage.csv"
    linkage = kept(path, GOOD)
    path.chmod(0o644)
    assert write_linkage(path, linkage)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["linkage.csv"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "linkage.csv: is not a linkage file"),
        ("a,b\n1,2\n", "linkage.csv: is not a linkage file"),
        ('kind,original,code\npatient,"A', "linkage.csv: is not a linkage file"),
        (GOOD + "patient,Erika\n", "linkage.csv row 4: is damaged"),
        (GOOD + "friend,Erika,PCDFG3HJL\n", "linkage.csv row 4: is damaged"),
        (GOOD + "patient,Erika,P123\n", "linkage.csv row 4: is damaged"),
        (GOOD + "patient,Erika,PCDFG3HJK\n", "linkage.csv row 4: is damaged"),
        (GOOD + "patient,a-1,PCDFG4HJK\n", "linkage.csv row 4: is damaged"),
        (GOOD + "patient,Erika,TCDFG4HJK\n", "linkage.csv row 4: is damaged"),
    ],
)
def test_a_broken_linkage_file_is_one_message_without_names(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(RecordsError) as caught:
        kept(tmp_path / "linkage.csv", text)
    assert str(caught.value).startswith(problem)
    assert len(str(caught.value).splitlines()) == 1
    assert "Erika" not in str(caught.value)


def test_bytes_that_are_no_text_are_one_message(tmp_path: Path) -> None:
    (tmp_path / "linkage.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(RecordsError, match="is not a linkage file"):
        read_linkage(tmp_path / "linkage.csv")


def test_it_must_not_travel_with_the_records(tmp_path: Path) -> None:
    out = tmp_path / "passed" / "sessions.csv"
    (tmp_path / "passed" / "in").mkdir(parents=True)
    check_apart(tmp_path / "linkage.csv", out)
    for name in ("passed/linkage.csv", "passed/in/linkage.csv", "passed/../passed/linkage.csv"):
        with pytest.raises(UsageError, match="names the patients"):
            check_apart(tmp_path / name, out)


@pytest.mark.parametrize("first", "=+-@\t\r\n＝＋－＠")
def test_an_original_that_a_spreadsheet_would_run_is_written_as_text_and_read_as_itself(tmp_path: Path, first: str) -> None:
    """One that begins with a line end was written as it is until the two lists of such beginnings became one."""
    path = tmp_path / "linkage.csv"
    original = f"{first}cmd"
    assert write_linkage(path, Linkage([Pseudonym("patient", original, "PCDFG3HJK")])) is False
    (_, row) = csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))
    assert row[1] == shown(original) == f"'{original}"
    assert [one.original for one in read_linkage(path).pseudonyms] == [original]
