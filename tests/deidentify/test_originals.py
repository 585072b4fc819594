"""Patients never become one or two without a word: numbers that a spreadsheet spoilt, and spellings that differ a little."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from outcomes.deidentify.account import Deidentified, summary
from outcomes.deidentify.mapping import parse_mapping
from outcomes.deidentify.run import deidentify
from outcomes.errors import RecordsError

MAPPING = """
[export]
dates = "yyyy-mm-dd"
scores = "before"
[columns]
patient_id = {who}
day = "Date"
fitzpatrick = "Skin"
[values.patient_id]
"0077" = "77"
"""


def run(folder: Path, *ids: str, who: str = '"Chart"') -> Deidentified:
    lines = [f'"{text}",2024-03-{day:02},II' for day, text in enumerate(ids, start=1)]
    export = folder / "visits.csv"
    export.write_text("\n".join(["Chart,Date,Skin", *lines]) + "\n", encoding="utf-8")
    (folder / "passed").mkdir(exist_ok=True)
    mapping = parse_mapping(MAPPING.format(who=who), "m.toml")
    return deidentify(export, mapping, folder / "passed" / "s.csv", linkage=folder / "linkage.csv", rng=random.Random(1))


def problem(folder: Path, *ids: str) -> str:
    with pytest.raises(RecordsError) as caught:
        run(folder, *ids)
    message = str(caught.value)
    assert not any(text in message for text in ids if len(text) > 2)
    return message


@pytest.mark.parametrize("text", ["1.23457E+12", "1,23457E+12", "1.2e+08", "4E+15", "9.99E-05"])
def test_a_number_that_a_spreadsheet_rounded_is_refused(tmp_path: Path, text: str) -> None:
    assert "row 2, Chart: is a number that a spreadsheet has rounded" in problem(tmp_path, text, "A1")


def test_long_numbers_of_which_a_spreadsheet_kept_fifteen_digits_are_refused(tmp_path: Path) -> None:
    assert "has rounded" in problem(tmp_path, "1234567890123450000", "1234567890123460000")
    assert "has rounded" in problem(tmp_path, str(int(float("1234567890123450000"))))
    assert run(tmp_path, "1234567890123456781", "1234567890123450000").patients == 2


@pytest.mark.parametrize(
    "text", ["#N/A", "#REF!", "########", "#NAME?", "2024-03-01", "2024-03-01 00:00:00", "3-Jan", "Jan-03", "1. Mai"]
)
def test_an_error_or_a_date_in_place_of_a_number_is_refused(tmp_path: Path, text: str) -> None:
    assert "spreadsheet" in problem(tmp_path, text, "A1")


@pytest.mark.parametrize("text", ["unknown", "N/A", "-", "?", "none", "NaN", "Unbekannt"])
def test_patients_of_whom_nothing_is_known_are_not_one_patient(tmp_path: Path, text: str) -> None:
    assert "nothing is known" in problem(tmp_path, text, text)


@pytest.mark.parametrize(
    "text", ["1E5", "12E4", "4e7a", "A-1", "2024-031", "mar-7", "X1", "E+12", "12-1", "nan7", "ABC-12", "7-XYZ"]
)
def test_a_code_that_looks_a_little_like_one_is_a_code(tmp_path: Path, text: str) -> None:
    assert run(tmp_path, text).patients == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("007", "7"),
        ("P-007", "p7"),
        ("7.0", "7"),
        ("1-11", "01-11"),
        ("A\u20137", "A-7"),
        ("M\u00fcller 1", "Muller 1"),
        ("a/1", "a-1"),
        ("P 007", "P7"),
    ],
)
def test_spellings_that_would_become_two_patients_are_said(tmp_path: Path, one: str, other: str) -> None:
    assert "row 3, Chart: differs from row 2 only in zeros at the beginning" in problem(tmp_path, one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("1-11", "11-1"), ("70", "7"), ("A7", "A70"), ("A1", "B1"), ("1.01", "1.1001"), ("AB", "A-B")]
)
def test_other_codes_are_other_patients(tmp_path: Path, one: str, other: str) -> None:
    assert run(tmp_path, one, other).patients == 2


@pytest.mark.parametrize(("one", "other"), [("aB3x", "Ab3x"), ("k7Q", "K7q"), ("xYz12", "xyz12")])
def test_codes_that_capitals_may_tell_apart_are_said(tmp_path: Path, one: str, other: str) -> None:
    assert "row 3, Chart: differs from row 2 only in capitals" in problem(tmp_path, one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a-2210", "A-2210"),
        ("'5", "5"),
        ("A 7", "A  7"),
        ("A7", "A\u200b7"),
        ("\uff17\uff17", "77"),
        ("smith", "Smith"),
        ("A\u00a07", "A 7"),
    ],
)
def test_spellings_of_one_patient_are_one_and_it_is_said_where(tmp_path: Path, one: str, other: str) -> None:
    done = run(tmp_path, one, other)
    assert done.patients == 1
    (line,) = [line for line in summary(done) if "in more than one way" in line]
    assert line.startswith("1 code of what is written in more than one way")
    assert line.endswith("was taken for the same; look at row 3 of the export")


def test_a_spelling_that_the_linkage_file_has_otherwise_is_said(tmp_path: Path) -> None:
    run(tmp_path, "007", "A8")
    assert "differs from one in the linkage file only in zeros" in problem(tmp_path, "7")
    done = run(tmp_path, "a8")
    assert (done.new_codes, done.respelt) == (0, 1)
    assert any("in more than one way" in line for line in summary(done))


def test_what_is_meant_can_be_said_in_the_mapping(tmp_path: Path) -> None:
    assert run(tmp_path, "0077", "77").patients == 1


def test_the_same_spelling_throughout_is_nothing_to_say(tmp_path: Path) -> None:
    done = run(tmp_path, "A7", "A7", "B8")
    assert (done.patients, done.respelt) == (2, 0)
    assert not any("in more than one way" in line for line in summary(done))
