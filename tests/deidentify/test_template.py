"""The lists of usual names that speakers of a language keep, and what is guessed from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import pytest

from outcomes.deidentify.headers import matches, plain_words
from outcomes.deidentify.mapping import MAPPED, parse_mapping
from outcomes.deidentify.meanings import Meaning, meaning
from outcomes.deidentify.template import CHECK, example, guesses
from outcomes.deidentify.written import date_forms, decimal_sign
from outcomes.errors import UsageError
from outcomes.tabular.words import word_lists, words

LISTS = word_lists("outcomes.deidentify", "synonyms.toml")


def languages(table: Mapping[str, Any]) -> Iterator[str]:
    for name, listed in table.items():
        yield from languages(listed) if isinstance(listed, Mapping) else (name,)


def test_every_list_is_of_a_column_that_can_be_mapped_and_of_a_language_by_two_letters() -> None:
    assert {*LISTS} == {"columns", "person", "tip", "since", "passing", "other", "layout", "values"}
    assert {*LISTS["columns"]} <= {*MAPPED}
    named = {
        language
        for table in (*LISTS["columns"].values(), LISTS["person"], LISTS["passing"], LISTS["other"])
        for language in languages(table)
    }
    assert named >= {"en", "de", "fr", "es", "pt", "it"}
    assert [language for language in named if not (len(language) == 2 and language.isalpha() and language.islower())] == []


def test_every_name_is_written_as_headers_are_compared() -> None:
    names = [
        name for table in (*LISTS["columns"].values(), LISTS["person"], LISTS["passing"], LISTS["other"]) for name in words(table)
    ]
    assert len(names) > 400
    assert [name for name in names if name != plain_words(name)] == [], "lower case, no accents, single spaces"


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


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Goodman & Baron Grade (1-4)", "scar_score"), ("Fitz", "fitzpatrick"), ("FST", "fitzpatrick"), ("Client DOB", "age"), ("Visit #", "session"),
        ("Phototype (I-VI)", "fitzpatrick"), ("Depth of needle in mm", "depth_mm"), ("Redness Y/N?", "prolonged_erythema"), ("Patient's sex", "sex"),
        ("Hauttyp nach Fitzpatrick (I-VI)", "fitzpatrick"), ("Fecha de la visita", "day"), ("N° de séance", "session"), ("Data della seduta", "day"),
    ],
)  # fmt: skip
def test_a_header_is_matched_by_its_words(header: str, column: str) -> None:
    (match,) = matches([header]).items()
    assert match == (column, ((header,), ""))


@pytest.mark.parametrize(
    "header",
    [
        "Next appointment date",
        "Consent date",
        "Partner's name",
        "Scar notes",
        "Invoice date",
        "Emergency contact",
        "Last visit",
        "Notiz Hauttyp",
    ],
)
def test_a_header_about_something_else_is_not_matched(header: str) -> None:
    assert matches([header]) == {}


def test_a_header_that_says_more_is_matched_and_has_to_be_checked() -> None:
    assert matches(["Scar grade before laser"]) == {"scar_score": (("Scar grade before laser",), "the header says more")}
    first = matches(["Scar grade today", "Current scar grade"])["scar_score"]
    assert first.doubt == "as near: Scar grade today"


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("scar_score", "3 (moderate)", Meaning("3")), ("scar_score", "Grade 2", Meaning("2")), ("scar_score", "severe", Meaning("4")),
        ("scar_score", "1-2", Meaning("1.5", "between two")), ("scar_score", "2 (severe)", Meaning("", "the number and the word differ: 2 and 4")),
        ("scar_score", "~3", Meaning("3", "not exact")), ("scar_score", "-99", Meaning("", "below 0: a code for not recorded?")),
        ("scar_score", "99", Meaning("", "not between 1 and 4")), ("scar_score", "Grade III", Meaning("3")), ("scar_score", "better", None),
        ("session", "#2", Meaning("2")), ("session", "2/4", Meaning("2")), ("session", "3rd", Meaning("3")), ("session", "2 von 6", Meaning("2")),
        ("planned_sessions", "2/4", Meaning("4")), ("session", "44", Meaning("", "not between 0 and 31")),
        ("fitzpatrick", "FST IV", Meaning("IV")), ("fitzpatrick", "type 4", Meaning("IV")), ("fitzpatrick", "III-IV", Meaning("", "two skin types")),
        ("fitzpatrick", "olive", None), ("depth_mm", "1.5mm", Meaning("1.5")), ("depth_mm", "1,5 mm", Meaning("1.5")),
        ("new_pih", "none", Meaning("no")), ("new_pih", "✓", Meaning("yes")), ("new_pih", "Nein", Meaning("no")),
        ("new_pih", "small spot", Meaning("yes", "says something, taken as yes")), ("new_pih", "no, only redness", Meaning("no", "more than yes or no")),
        ("area", "both cheeks", Meaning("cheeks")), ("area", "Full face", Meaning("face")), ("area", "Stirn", Meaning("forehead")),
        ("area", "nose + chin", Meaning("", "nose and chin")), ("sex", "F", Meaning("female")), ("sex", "Frau", Meaning("female")),
        ("gais", "much improved", Meaning("2")), ("adjunct", "PRP added", Meaning("prp")), ("status", "Lost to follow-up", Meaning("stopped")),
    ],
)  # fmt: skip
def test_what_a_text_means(column: str, text: str, said: Meaning | None) -> None:
    assert meaning(column, text, "goodman_baron_grade" if column == "scar_score" else "") == said


@pytest.mark.parametrize(
    ("texts", "forms", "doubt"),
    [
        (["16/03/2023", "03/04/2023"], ("dd/mm/yyyy",), ""), (["03/16/2023", "03/04/23"], ("mm/dd/yyyy", "mm/dd/yy"), ""),
        (["03.04.2023"], ("dd.mm.yyyy",), ""), (["2023-03-04", "4 Mar 2023"], ("yyyy-mm-dd", "dd mmm yyyy"), ""),
        (["04 Jan 2024, 10:30am"], ("dd mmm yyyy",), ""), (["03/04/2023"], ("dd/mm/yyyy",), "day or month first? No cell tells"),
        (["16/03/2023", "03/16/2023", "17/03/2023"], ("dd/mm/yyyy",), "1 date written in another way"), (["soon"], (), ""),
    ],
)  # fmt: skip
def test_how_dates_are_written_is_found_in_them(texts: list[str], forms: tuple[str, ...], doubt: str) -> None:
    assert date_forms(texts)[:2] == (forms, doubt)


def test_headers_of_another_country_settle_the_order_and_the_most_frequent_sign_is_the_decimal() -> None:
    assert date_forms(["03/04/2023"], day_first=True).doubt == ""
    assert decimal_sign(["1,5", "2,5 mm", "1.000"]) == ","


EXPORT = pd.DataFrame(
    {
        "Date": ["03/16/2023", "04/13/2023", "05/14/23"],
        "Client": ["Ann Sample", "Ann Sample", "Bob Sample"],
        "DOB": ["10/05/1991", None, "05/22/99"],
        "FST": ["type 4", None, "IV-V"],
        "Visit #": ["#1", "2/4", "1"],
        "Scars": ["3 (moderate)", "1-2", "2"],
        "PIH": ["-", "small spot", "none"],
        "Call back": ["555-0134", None, None],
    }
)


def test_an_export_comes_with_its_texts_their_meanings_and_marks_where_somebody_has_to_decide() -> None:
    draft = example(EXPORT)
    mapping = parse_mapping(draft.replace('dates = ["mm/dd/yyyy", "mm/dd/yy"]', 'dates = "mm/dd/yyyy"'), "m.toml")
    assert mapping.columns == {
        "patient_id": ("Client",), "fitzpatrick": ("FST",), "age": ("DOB",), "day": ("Date",), "scar_score": ("Scars",), "new_pih": ("PIH",),
        "session": ("Visit #",),
    }  # fmt: skip
    assert mapping.values == {
        "fitzpatrick": {"iv-v": ""}, "session": {"#1": "1", "2/4": "2"}, "scar_score": {"3 (moderate)": "3", "1-2": "1.5"},
        "new_pih": {"small spot": "yes"}, "yes/no": {"none": "no"},
    }  # fmt: skip
    assert mapping.blank == {"-"}
    assert mapping.constants == {"scar_scale": "goodman_baron_grade"}
    marked = [line.split(CHECK + ": ")[1] for line in draft.splitlines() if CHECK + ": " in line]
    assert marked == [
        'were the scores of a row taken before its session, or "after" it?', "two patients of one name would become one",
        "answers, no scores: taken as new PIH since the last session", "numbers of visits: was a session given at each of them?",
        "by its numbers, 1.5 to 3; or goodman_baron_grade, goodman_baron_score, ecca, asas", "two skin types", "between two",
        "says something, taken as yes",
    ]  # fmt: skip


def test_no_text_of_a_column_that_tells_who_somebody_is_is_listed() -> None:
    draft = example(EXPORT)
    assert [name for name in ("Ann", "Bob", "1991", "555", "2023") if name in draft] == []


def test_what_becomes_of_an_appointment_is_no_status_of_a_course() -> None:
    booked = pd.DataFrame(
        {"Patient ID": ["1", "1"], "Visit date": ["2024-01-04", "2024-02-05"], "Status": ["Completed", "No Show"]}
    )
    assert "status" not in parse_mapping(example(booked).replace("# fitzpatrick", "fitzpatrick"), "m.toml").columns
    assert 'status = "Status"' in example(booked.assign(Status=["active", "lost"])).splitlines()


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


WIDE = pd.DataFrame(
    {
        "Chart no": ["1001", "1002", "1003"],
        "FST": ["IV", "II", "V"],
        "Baseline date": ["14/03/2023", "20/03/2023", "02/04/2023"],
        "Baseline scar grade": ["3 (moderate)", "4", "3"],
        "Visit 1 date": ["15/04/2023", "21/04/2023", None],
        "Visit 1 scar grade": ["2", "3", None],
        "Visit 2 date": [None, "25/05/2023", None],
        "Visit 2 scar grade": [None, "2", None],
        "Notes": [None, None, "stopped"],
    }
)


def test_a_row_that_tells_several_visits_is_mapped_by_visit() -> None:
    mapping = parse_mapping(example(WIDE), "m.toml")
    assert mapping.visits == {
        "day": ("Baseline date", "Visit 1 date", "Visit 2 date"),
        "scar_score": ("Baseline scar grade", "Visit 1 scar grade", "Visit 2 scar grade"),
        "treated": (True, True, False),
    }
    assert mapping.columns == {"patient_id": ("Chart no",), "fitzpatrick": ("FST",)}
    assert mapping.values["scar_score"] == {"3 (moderate)": "3"}
    one_date = WIDE.drop(columns=["Visit 1 date", "Visit 2 date"]).rename(
        columns={
            "Baseline date": "First visit date",
            "Visit 1 scar grade": "Scar grade month 1",
            "Visit 2 scar grade": "Scar grade month 3",
        }
    )
    by_days = parse_mapping(example(one_date), "m.toml")
    assert (by_days.visits["day"], by_days.days_after) == (("First visit date",), (0, 30, 90))


def test_one_value_a_row_is_mapped_by_its_measures() -> None:
    rows = [("1", "dob", "1980-01-02"), ("1", "fitzpatrick_type", "3"), ("1", "visit_date", "2024-01-06"), ("1", "gb_grade", "4")]
    mapping = parse_mapping(example(pd.DataFrame(rows, columns=["record", "field_name", "value"])), "m.toml")
    assert mapping.columns == {"patient_id": ("record",)}
    assert mapping.long is not None
    assert mapping.long.measures == {
        "dob": "age", "fitzpatrick_type": "fitzpatrick", "visit_date": "day", "gb_grade": "scar_score"
    }  # fmt: skip


def test_appointments_that_were_not_kept_are_no_visits() -> None:
    booked = pd.DataFrame(
        {"Patient ID": ["1", "1"], "Visit date": ["2024-01-04", "2024-02-05"], "Status": ["Completed", "No Show"]}
    )
    assert parse_mapping(example(booked), "m.toml").columns["appointment"] == ("Status",)
    flagged = booked.drop(columns="Status").assign(**{"Did not arrive": ["false", "true"], "Cancelled at": [None, None]})
    assert parse_mapping(example(flagged), "m.toml").columns["missed"] == ("Did not arrive",)


def test_a_code_for_not_recorded_does_not_hide_the_scale() -> None:
    coded = pd.DataFrame({"Patient ID": [*"12345"], "Visit date": ["2024-01-04"] * 5, "Scars": ["1", "2", "3", "4", "99"]})
    draft = example(coded)
    assert 'scar_scale = "goodman_baron_grade"' in draft
    assert '"99" = ""    # check: not between 1 and 4' in draft
