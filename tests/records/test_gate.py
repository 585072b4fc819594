"""What codes of a column look like together, what a person vouches for, and that a report repeats none of it."""

from __future__ import annotations

import polars as pl
import pytest

import outcomes
from outcomes.errors import PrivacyError, UsageError
from outcomes.records.codes import doubts

KEYS = {"fitzpatrick": "IV", "day": "0", "sessions_completed": "0"}
USUAL = [f"P{number:02}" for number in range(1, 13)]


def of(**columns: list[str]) -> pl.DataFrame:
    rows = max(map(len, columns.values()))
    return pl.DataFrame({"patient_id": USUAL[:rows], **columns}).with_columns(
        **{name: pl.lit(cell) for name, cell in KEYS.items()}
    )


def refused(**columns: list[str]) -> tuple[str, ...]:
    with pytest.raises(PrivacyError) as caught:
        outcomes.read_records(of(**columns))
    return caught.value.reasons


def test_two_names_among_usual_codes_are_refused_by_column_and_count() -> None:
    assert refused(patient_id=[*USUAL[:6], "jane_smith", "robert_miller", *USUAL[8:]]) == (
        "column patient_id holds codes that look like a name (2 cells, the first in row 8)",
    )


def test_the_word_that_a_study_begins_its_codes_with_is_only_said() -> None:
    study = [f"CLARA-{number:03}" for number in range(1, 21)]
    assert [doubt.is_refused for doubt in doubts(study)] == [False]
    assert [doubt.codes for doubt in doubts([*study, "CLARA-smith2", "CLARA-jones3"]) if doubt.is_refused] == [
        ("CLARA-jones3", "CLARA-smith2")
    ]


def test_few_codes_of_one_family_are_no_series() -> None:
    assert any(doubt.is_refused for doubt in doubts([f"Smith{number}" for number in range(1, 6)]))


def test_a_date_in_another_script_is_told_once_and_as_a_date() -> None:
    for cell in ("२/१/१९८०", "２０２３年１月２日", "2 stycznia 1980", "12.03.1980"):
        (reason,) = refused(extra=[cell, *[""] * 5])
        assert "holds calendar dates (1 cell, in row 2)" in reason


def test_a_number_of_eight_digits_is_said_and_read() -> None:
    records = outcomes.read_records(of(patient_id=["20456112", "88123004", "12345678"]))
    assert records.doubts == (
        "column patient_id holds numbers of 5 to 8 digits, as record numbers are (3 cells, the first in row 2)",
    )


@pytest.mark.parametrize("codes", [["10001", "10002", "10003", "10004", "10005", "10006"], [f"{n:05}" for n in range(1, 30)]])
def test_numbers_that_are_counted_on_are_nothing_to_say(codes: list[str]) -> None:
    assert doubts(codes) == []


def test_a_person_may_vouch_for_codes_and_it_is_remembered() -> None:
    codes = ["jsmith2", "mjones14", "agarcia3", *USUAL[3:]]
    records = outcomes.read_records(of(patient_id=codes), accept_codes="patient_id")
    assert records.doubts == ()
    assert records.accepted == ("column patient_id holds codes that look like a name (3 cells, the first in row 2)",)
    with pytest.raises(PrivacyError, match="--accept-codes patient_id; the manifest then says that you vouch for them"):
        outcomes.read_records(of(patient_id=codes))


def test_nobody_can_vouch_for_a_date_an_address_or_a_telephone_written_as_such() -> None:
    for cell in ("12.03.1980", "jane@example.org", "+1 415 555 0134"):
        with pytest.raises(PrivacyError):
            outcomes.read_records(of(extra=[cell, *[""] * 5]), accept_codes=["extra"])


def test_a_column_that_is_not_there_cannot_be_vouched_for() -> None:
    with pytest.raises(UsageError, match=r"--accept-codes patient: the records have no such column; did you mean patient_id\?"):
        outcomes.read_records(of(patient_id=USUAL), accept_codes=["patient"])


def test_one_column_is_vouched_for_and_another_refused() -> None:
    frame = of(patient_id=["jsmith2", *USUAL[1:]], tip_code=["mary_jones", *[f"T{n}" for n in range(1, 12)]])
    with pytest.raises(PrivacyError) as caught:
        outcomes.read_records(frame, accept_codes="patient_id")
    assert caught.value.acceptable == ("tip_code",)


def test_an_unknown_column_is_told_by_its_place_where_a_report_may_repeat_it() -> None:
    records = outcomes.read_records(of(Marias_list=["Johnson", "x", "y", "z", "u"]), accept_codes="Marias_list")
    assert records.unknown_at == (2,)
    assert all("Maria" not in told for told in (*records.accepted, *records.doubts))
    assert outcomes.read_cohort(records).about.unknown == ("column 2",)


def test_codes_as_deidentify_makes_them_are_never_looked_at() -> None:
    assert outcomes.read_records(of(patient_id=["PCDFG3HJK", "PKRX9MNTQ", "PJNHN4KVC"])).doubts == ()


def test_a_cell_that_is_no_code_is_looked_at_too() -> None:
    assert any("look like a name" in reason for reason in refused(patient_id=["smith.j@home", "jane.smith82", "r.miller75"]))
