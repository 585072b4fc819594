"""The lists of usual names that speakers of a language keep, and what is guessed from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from outcomes.deidentify.mapping import MAPPED
from outcomes.deidentify.template import _plain, example, guesses
from outcomes.errors import UsageError
from outcomes.tabular.words import word_lists, words

LISTS = word_lists("outcomes.deidentify", "synonyms.toml")


def languages(table: Mapping[str, Any]) -> Iterator[str]:
    for name, listed in table.items():
        yield from languages(listed) if isinstance(listed, Mapping) else (name,)


def test_every_list_is_of_a_column_that_can_be_mapped_and_of_a_language_by_two_letters() -> None:
    assert {*LISTS} == {"columns", "person", "tip", "values"}
    assert {*LISTS["columns"]} <= {*MAPPED}
    named = {language for table in (*LISTS["columns"].values(), LISTS["person"]) for language in languages(table)}
    assert named >= {"en", "de", "fr", "es", "pt", "it"}
    assert [language for language in named if not (len(language) == 2 and language.isalpha() and language.islower())] == []


def test_every_name_is_written_as_headers_are_compared() -> None:
    names = [name for table in (*LISTS["columns"].values(), LISTS["person"]) for name in words(table)]
    assert len(names) > 400
    assert [name for name in names if name != _plain(name)] == [], "lower case, no accents, single spaces"


def test_no_name_stands_twice() -> None:
    times = Counter(name for table in LISTS["columns"].values() for name in words(table))
    assert [name for name, n in times.items() if n > 1] == []


def test_a_name_of_any_language_is_guessed_and_the_first_of_two_is_taken() -> None:
    assert guesses(["Gerät", "Date de séance", "N. historia", "tipo de pele", "Nascita"]) == {
        "patient_id": ("N. historia",),
        "fitzpatrick": ("tipo de pele",),
        "age": ("Nascita",),
        "day": ("Date de séance",),
        "device": ("Gerät",),
    }
    assert guesses(["age years", "Geburtsdatum"])["age"] == ("Geburtsdatum",), "an age only where there is no date of birth"
    assert guesses(["study id", "Akte"])["patient_id"] == ("Akte",)


def test_a_person_is_told_by_names_and_a_tip_by_lot_and_serial_number() -> None:
    assert guesses(["Nachname", "Vorname", "geb. Datum"])["patient_id"] == ("Nachname", "Vorname", "geb. Datum")
    assert guesses(["Charge", "Serial no"])["tip_code"] == ("Charge", "Serial no")


def test_a_header_with_the_columns_own_name_is_guessed_whether_or_not_it_has_other_names() -> None:
    assert [column for column in MAPPED if column != "sessions_completed" and guesses([column]) != {column: (column,)}] == []


RECORD = ["4711", "Jane Smith", "12.03.1980", "0151 2345678", "f", "II", "03.02.2024"]


def test_the_first_patient_of_an_export_without_headers_is_not_printed() -> None:
    with pytest.raises(UsageError, match=r"the first row is a record, not one of headers \(columns 2-4, 7\)") as caught:
        example(RECORD)
    assert not any(cell in str(caught.value) for cell in RECORD if len(cell) > 2)


def test_a_cell_among_headers_is_not_printed() -> None:
    text = example(["Chart", "Visit date", "Skin type", "Jane Smith", "0151 2345678", "Room"])
    assert "#   column 4 (its header looks like a cell)" in text
    assert "#   Room" in text
    assert "Smith" not in text
    assert "0151" not in text
