"""What could identify a patient is refused by column and kind, and never repeated; what can't, is let through."""

from __future__ import annotations

import random
import string
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes.definitions.columns import COLUMN
from outcomes.errors import PrivacyError
from outcomes.records import codes, texts
from outcomes.records.gate import looked_over
from outcomes.records.privacy import is_identifying, is_private
from outcomes.tabular.engines import collect
from outcomes.tabular.words import word_lists, words

KEYS = {"patient_id": ["P1"], "fitzpatrick": ["IV"], "day": [0], "sessions_completed": [0]}


def looked_at(column: str, values: list[str]) -> list[str]:
    """Those of the values that could identify a patient in this column."""
    frame = nw.from_native(pl.LazyFrame({column: values}))
    found = frame.select(nw.col(column), is_private([column]).alias("is_private")).collect()
    return [value for value, is_found in found.rows() if is_found or is_like(column, value)]


def is_like(column: str, value: str) -> bool:
    """Whether records are refused for this cell, alone in its column, by what codes or texts look like."""
    if column not in COLUMN:
        return any(found.is_refused for found in texts.doubts([value]))
    if COLUMN[column].kind == "text":
        return any(found.is_refused for found in texts.doubts([value], is_device=True))
    return COLUMN[column].kind == "id" and any(found.is_refused for found in codes.doubts([value], places=column == "course_id"))


def reasons(of: Any = pd.DataFrame, **cells: Any) -> tuple[str, ...]:
    """Why a one-row frame with these cells is refused; nothing where it is read."""
    try:
        outcomes.read_records(of(KEYS | {name: [value] for name, value in cells.items()}))
    except PrivacyError as error:
        return error.reasons
    return ()


NAMED = [
    "name", "Patient Name", "patientName", "PATIENT_NAME", "first name", "LastName", "surname", "clinic_name", "e-mail", "Email address",
    "phone", "Phone no.", "cell", "dob", "D.O.B. born", "date_of_birth", "birthday", "Street", "home address", "ZIP", "postal code",
    "mrn", "Chart Number", "record_id", "ssn", "photo", "before picture", "notes", "Comment", "ip", "URL", "tip serial", "serial_no",
    "lot", "patient", "Client", "Kunde", "Chart", "Akte Nr.", "Handynr", "Postleitzahl", "Hausnummer", "county", "Geb.-Dat.", "NHSnumber", "Vorname", "Geburtsdatum", "Straße", "prénom", "Apellidos", "Teléfono", "endereço", "Indirizzo", "licence plate",
]  # fmt: skip
NOT_NAMED = [
    "visit",
    "scar depth",
    "tipped",
    "session",
    "zone",
    "kit",
    "lotion",
    "shipping",
    "icing",
    "pascal",
    "patient satisfaction",
    "mobility",
]


def test_a_column_that_names_a_person_or_a_place_is_told_by_its_name() -> None:
    assert [name for name in NAMED if not is_identifying(name)] == []
    assert reasons(phone=None) == ("column 'phone': by its name it identifies a person or a place",)


def test_no_other_column_is_taken_for_one() -> None:
    assert [name for name in [*NOT_NAMED, *COLUMN] if is_identifying(name)] == []


DATES = [
    "2024-03-12", "2024/3/2", "12.03.2024", "3/12/2024", "12-03-24", "12.3.24", "2024-03", "03/2024", "12 Mar 2024", "12-Mar-24",
    "March 12, 2024", "mars 2024", "12. März 2024", "4 de marzo de 2024", "4 de março de 2024", "4 di maggio 2024", "4 juin 2024", "1 enero 2024", "12\u201103\u20112024", "2024\u201303\u201312", "2024 03 12", "2024-03-12T10:15:00", "seen 12/03/2024 again",
]  # fmt: skip
COMPACT = ["20240312", "12032024"]
NO_DATES = [
    "pen 2.0.1",
    "1.2.3",
    "V2024",
    "12/13",
    "2024",
    "0.5",
    "3-6",
    "4 1 2",
    "may 5 times",
    "2024.5",
    "99999999",
    "20241301",
]


@pytest.mark.parametrize("column", ["extra", "device", "patient_id", "sex", "age"])
def test_a_calendar_date_is_found_anywhere(column: str) -> None:
    assert looked_at(column, DATES) == DATES
    assert looked_at(column, COMPACT) == ([] if column == "device" else COMPACT)


def test_what_is_no_date_is_no_date() -> None:
    assert looked_at("extra", NO_DATES) == looked_at("device", NO_DATES) == []


def test_a_date_is_told_in_a_column_of_the_contract_too() -> None:
    assert reasons(sex="12.03.2024") == ("column sex holds calendar dates (1 cell, in row 2)",)


@pytest.mark.parametrize("day", ["45363", 45363, pd.Timestamp("2024-03-12")])
def test_a_date_in_place_of_a_day_is_a_date(day: Any) -> None:
    assert reasons(day=day) == ("column day holds calendar dates (1 cell, in row 2)",)


CONTACTS = [
    "ann@example.org",
    "see www.example.org",
    "https://example.org/p/1",
    "192.0.2.17",
    "+49 30 5550134",
    "(415) 555-0134",
    "123-45-6789",
]


@pytest.mark.parametrize("column", ["extra", "device", "patient_id"])
def test_contact_details_are_found_in_any_text(column: str) -> None:
    assert looked_at(column, CONTACTS) == CONTACTS


NAMES = ["Smith", "smith", "SMITH", "Anna-Maria", "anna_smith", "AnnaSmith", "SmithJohn85", "O'Brien", "Jürgens", "Jane Doe"]
NUMBERS = ["4155550134", "415-555-0134", "555-0134", "123456789", "0049305550134"]
PSEUDONYMS = [
    "P1",
    "7",
    "007",
    "12345678",
    "A",
    "AB",
    "K7",
    "P9F1P8X2B",
    "a3f0c2de-9b1d-4c55-8a8e-3f2b7c9d0e11",
    "V1StGXR8_Z5jdHi6B-myT",
    "XKCD",
]
COURSES = ["left", "Left_cheek", "face", "upper-lip", "C1", "first"]


@pytest.mark.parametrize("column", ["patient_id", "course_id", "clinic_id", "provider_id", "assessor_id", "tip_code"])
def test_codes_of_letters_alone_or_of_many_digits_alone_may_be_of_a_person_and_pseudonyms_not(column: str) -> None:
    assert looked_at(column, [*NAMES, *NUMBERS, *PSEUDONYMS]) == [*NAMES, *NUMBERS]


def test_a_course_may_be_told_by_a_place_on_the_body() -> None:
    assert looked_at("course_id", [*COURSES, "upper-jones", "Smith-face"]) == ["upper-jones", "Smith-face"]


@pytest.mark.parametrize(("age", "is_refused"), [(90, False), (91, True), ("104", True), ("91.0", True)])
def test_an_age_above_ninety_is_refused(age: Any, is_refused: bool) -> None:
    assert reasons(age=age) == (("column age holds ages above 90 (1 cell, in row 2)",) if is_refused else ())


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
@pytest.mark.parametrize("column", ["tip_code", "device", "other_0"])
def test_every_engine_finds_the_same(engine: str, column: str) -> None:
    values = [*DATES, *NO_DATES, *CONTACTS, *NAMES, *NUMBERS, *PSEUDONYMS]
    by_polars = pl.LazyFrame({column: values})
    frame = nw.from_native(by_polars if engine == "polars" else duckdb.connect().from_df(pd.DataFrame({column: values})))
    found = collect(frame.select(nw.col(column), is_private([column]).alias("is_private")))
    expected = collect(nw.from_native(by_polars).select(nw.col(column), is_private([column]).alias("is_private")))
    assert dict(zip(found[column], found["is_private"], strict=True)) == dict(
        zip(expected[column], expected["is_private"], strict=True)
    )
    known, unknown = ([column], []) if column in COLUMN else ([], [column])
    looked_over_here = looked_over(frame, known, unknown)
    assert looked_over_here == looked_over(nw.from_native(by_polars), known, unknown)
    assert any(each.is_refused for each in looked_over_here)


def test_cells_are_counted_by_column_and_kind_and_the_first_row_is_named() -> None:
    frame = pl.DataFrame({**{name: value * 4 for name, value in KEYS.items()}, "extra": ["x", "a@b.org", "1.1.2024", "c@d.org"]})
    with pytest.raises(PrivacyError) as caught:
        outcomes.read_records(frame)
    assert caught.value.reasons == (
        "column 'extra' holds calendar dates (1 cell, in row 4)",
        "column 'extra' holds e-mail or internet addresses (2 cells, the first in row 3)",
    )
    assert caught.value.exit_code == 5


def test_privacy_comes_before_every_other_refusal_and_cannot_be_set_aside() -> None:
    frame = pd.DataFrame({"patient_id": ["P1", "Ann Lee"], "sex": ["x", "y"]})
    for set_aside in (False, True):
        with pytest.raises(PrivacyError):
            outcomes.read_records(frame, set_aside=set_aside)


def test_the_cells_of_a_source_with_a_refused_header_are_not_told() -> None:
    assert reasons(phone="415-555-0134", extra="2024-03-12") == ("column 'phone': by its name it identifies a person or a place",)


@pytest.mark.parametrize("number", ["0151 234 5678", "tel 07700 900123", "0171/2345678", "(0151) 234-5678"])
def test_a_number_with_an_area_code_is_a_telephone_in_a_text_and_may_be_a_code(number: str) -> None:
    assert looked_at("device", [number]) == [number]
    assert looked_at("tip_code", ["0151-2345"]) == []


@pytest.mark.parametrize("device", ["SkinPen 0.25 to 2.5", "Pen 05 12", "Model 0 to 3000", "Dr. Pen M8"])
def test_a_model_with_numbers_is_no_telephone(device: str) -> None:
    assert looked_at("device", [device]) == []


def test_a_code_of_a_name_and_a_number_or_of_initials_and_a_date_of_birth_is_no_pseudonym() -> None:
    given = ["John_Smith_2", "Dr-Smith-2", "AS19800102", "as-19800102", "P19800102", "Patient_002", "ID20241301"]
    assert looked_at("patient_id", given) == given[:5]


def test_an_address_with_a_wide_at_sign_is_an_address() -> None:
    assert looked_at("device", ["a\uff20example.org"]) == ["a\uff20example.org"]


SCHEMES = {
    "A-Z0-9": (string.ascii_uppercase + string.digits, 6),
    "base62": (string.ascii_letters + string.digits, 10),
    "hex": ("0123456789abcdef", 8),
}


@pytest.mark.parametrize("scheme", [*SCHEMES, "digits after letters"])
def test_random_codes_are_not_taken_for_names_or_dates(scheme: str) -> None:
    rng = random.Random(scheme)
    characters, length = SCHEMES.get(scheme, (string.digits, 8))
    codes = [("" if scheme in SCHEMES else "PT") + "".join(rng.choices(characters, k=length)) for _ in range(400)]
    frame = pl.DataFrame({"patient_id": codes, "fitzpatrick": "IV", "day": "0", "sessions_completed": "0"})
    assert outcomes.read_records(frame).patients == 400


def test_names_among_pseudonyms_are_found_where_they_are_more_than_chance() -> None:
    codes = [f"P{n:03d}" for n in range(95)] + ["Smith", "Nguyen", "AnnaLee", "Garcia", "Weber", "Rossi"]
    frame = pl.DataFrame({"patient_id": codes, "fitzpatrick": "IV", "day": "0", "sessions_completed": "0"})
    with pytest.raises(PrivacyError, match=r"patient_id holds codes with capitals as in names \(6 cells, the first in row 97\)"):
        outcomes.read_records(frame)


def test_the_lists_of_identifying_words_are_written_as_names_are_compared() -> None:
    lists = word_lists("outcomes.records", "identifiers.toml")
    assert {*lists} == {"words", "parts", "whole"}
    assert {"en", "de", "fr", "es", "pt", "it"} == {language for table in lists.values() for language in table}
    for table in lists.values():
        assert [word for word in words(table) if not (word.isascii() and word.isalpha() and word.islower())] == []
        assert len(words(table)) == len({*words(table)})


@pytest.mark.parametrize("word", words(word_lists("outcomes.records", "identifiers.toml")["words"]))
def test_a_column_with_an_identifying_word_is_refused(word: str) -> None:
    assert is_identifying(f"the_{word}")
    assert is_identifying(word.capitalize())
