"""The mapping: what it may say, and that everything wrong with it is told at once."""

from __future__ import annotations

import contextlib
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.definitions.columns import COLUMN
from outcomes.deidentify.dates import is_format, reader, years_between
from outcomes.deidentify.mapping import MAPPED, parse_mapping, read_mapping, resolved
from outcomes.deidentify.template import example, guesses
from outcomes.errors import UsageError

WHOLE = """
[export]
sheet = "Visits"
dates = "dd/mm/yyyy"
decimal = ","
scores = "after"
scores_days_after = 30
blank = ["N/A", "-"]
[columns]
patient_id = ["Name", "Born"]
day = "Date"
age = "Born"
[constants]
scar_scale = "ecca"
fitzpatrick = 4
[values.sex]
W = "female"
1 = "male"
[long]
measure = "Test"
value = "Result"
[long.measures]
ECCA = "scar_score"
"""

SMALLEST = """
[export]
scores = "before"
[columns]
patient_id = "Chart"
day = "Date"
fitzpatrick = "Skin"
"""


def problems(text: str) -> list[str]:
    with pytest.raises(UsageError) as caught:
        parse_mapping(text, "m.toml")
    return [line.removeprefix("m.toml: ") for line in str(caught.value).splitlines()]


def test_a_whole_mapping_is_read() -> None:
    mapping = parse_mapping(WHOLE, "m.toml")
    assert mapping.columns == {"patient_id": ("Name", "Born"), "day": ("Date",), "age": ("Born",)}
    assert mapping.used == ("Name", "Born", "Date", "Test", "Result")
    assert mapping.values == {"sex": {"w": "female", "1": "male"}}
    assert mapping.constants == {"scar_scale": "ecca", "fitzpatrick": "4"}
    assert mapping.blank == {"n/a", "-"}
    assert mapping.long is not None
    assert mapping.long.measures == {"ecca": "scar_score"}
    assert mapping.place("scar_score") == "Result"
    assert mapping.place("patient_id") == "Name + Born"


def test_a_year_is_not_mapped_and_left_out_at_once() -> None:
    text = SMALLEST.replace('scores = "before"', 'scores = "before"\nstart_year = false') + 'start_year = "Begun"\n'
    assert problems(text) == ["[columns] start_year and [export] start_year = false contradict each other; keep one of them"]


def test_everything_unknown_is_told_at_once() -> None:
    text = SMALLEST.replace("fitzpatrick", "fitzpatrik").replace("scores", "score") + "[valuess.sex]\n[long]\nmeasures = 1\n"
    assert problems(text) == [
        "[valuess] is unknown; did you mean values?",
        "[export] score is unknown; did you mean scores?",
        "[columns] fitzpatrik is unknown; did you mean fitzpatrick?",
    ]


def test_everything_that_does_not_fit_is_told_at_once() -> None:
    text = """
    [export]
    dates = "dd.mm"
    decimal = "'"
    scores = "later"
    scores_days_after = 0
    start_year = "no"
    [columns]
    area = ["A", "B"]
    day = 3
    [constants]
    scar_scale = "eca"
    [values.sex]
    w = "femle"
    [values."yes/no"]
    ja = "ok"
    """
    found = "\n".join(problems(text))
    for part in (
        "[export] dates must be made of dd, mm",
        '[export] decimal must be "." or ","',
        '[export] scores must be "before" or "after"',
        "[export] scores_days_after must be a whole number between 1 and 365",
        "[export] start_year must be true or false",
        "[columns] area must be one column; only ids may be made of several",
        "[columns] day must be the name of a column",
        "[constants] eca is not one of goodman_baron_grade, goodman_baron_score, ecca, asas; did you mean ecca?",
        "[values.sex] femle is not one of female, male, other; did you mean female?",
        "[values.yes/no] ok is not yes or no",
    ):
        assert part in found


@pytest.mark.parametrize("name", ["patient_id", "day"])
def test_what_is_needed_is_told(name: str) -> None:
    text = "\n".join(line for line in SMALLEST.splitlines() if not line.startswith(name))
    assert problems(text)[0].startswith(f"[columns] {name} is missing")


def test_a_score_needs_its_scale() -> None:
    assert problems(SMALLEST + 'pih_score = "P"')[0].startswith(
        "pih_score needs pih_scale: map it, or write it under [constants]"
    )


def test_what_is_given_twice_is_told() -> None:
    assert problems(SMALLEST + 'session = "A"\nsessions_completed = "B"\nsex = "S"\n[constants]\nsex = "male"') == [
        "sex is given twice, under [columns], [visits], [constants] or [long.measures]",
        "[columns] session and sessions_completed are two ways to count sessions; map one of them",
    ]


def test_scores_after_a_session_need_a_day() -> None:
    found = problems(SMALLEST.replace("before", "after"))
    assert "too soon to count, it counts from 14 days after" in found[0]


def test_a_fault_in_toml_is_told_with_its_line() -> None:
    assert "line 3" in problems('[export]\nscores = "before"\nday = ???')[0]


@pytest.mark.parametrize("content", [b"\xff\xfe[", None])
def test_a_file_that_is_no_text_or_not_there_is_one_message(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "m.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"^m\.toml: (holds characters that are not UTF-8|can't be read)"):
        read_mapping(path)


@pytest.mark.parametrize(
    "text",
    ["export = 1", "columns = []", "[values]\nsex = 1", "[long]\nmeasures = []", "[columns.day]\na = 1", "constants.sex = []"],
)
def test_a_table_of_another_kind_is_one_message(text: str) -> None:
    assert problems(text)


def test_a_column_is_found_whatever_its_case_and_spacing() -> None:
    mapping = resolved(parse_mapping(SMALLEST, "m.toml"), [" chart", "DATE", "Skin", "skin"], "x.csv")
    assert mapping.columns == {"patient_id": (" chart",), "day": ("DATE",), "fitzpatrick": ("Skin",)}


ODD = (
    "[values]",
    "sex = 1",
    "[values.sex]",
    '"" = "no"',
    "a = []",
    "[columns]",
    'day = [""]',
    "day = {}",
    "[long]",
    "measures = {a = 1}",
    "[export]",
    "blank = 1",
    "dates = []",
    "scores = []",
)


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*WHOLE.splitlines(), *SMALLEST.splitlines(), *ODD]), max_size=30))
def test_whatever_it_says_it_is_a_mapping_or_one_message(lines: list[str]) -> None:
    with contextlib.suppress(UsageError):
        assert parse_mapping("\n".join(lines), "m.toml").columns["day"]


# Dates


@pytest.mark.parametrize(
    "form", ["dd.mm.yyyy", "d/m/yyyy", "mm/dd/yy", "yyyy-mm-dd", "dd mmm yyyy", "mmm dd, yyyy", "yyyymmdd", "DD-MM-YYYY"]
)
def test_a_form_of_dates_that_people_use(form: str) -> None:
    assert is_format(form)


@pytest.mark.parametrize(
    "form",
    ["", "dd.mm", "yyyy-dd-mm", "dd.mm.yyyy.dd", "ddmmyy", "dd mm yyyy hh", "dmy", "dd.mm.yyy", "day/month/year", "%d.%m.%Y"],
)
def test_no_form_of_dates(form: str) -> None:
    assert not is_format(form)


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("dd.mm.yyyy", "05.03.2024", date(2024, 3, 5)),
        ("dd.mm.yyyy", "5.3.2024", date(2024, 3, 5)),
        ("dd.mm.yyyy", "05.03.2024 10:30", date(2024, 3, 5)),
        ("dd.mm.yyyy", "2024-03-05T10:00:00", date(2024, 3, 5)),
        ("dd.mm.yyyy", "2024-03-05 00:00:00", date(2024, 3, 5)),
        ("dd.mm.yyyy", "05/03/2024", None),
        ("dd.mm.yyyy", "05.03.24", None),
        ("dd.mm.yyyy", "31.02.2024", None),
        ("dd.mm.yyyy", "05.03.2024 or so", None),
        ("mm/dd/yyyy", "12/31/2024 9:05 PM", date(2024, 12, 31)),
        ("dd/mm/yyyy", "12/31/2024", None),
        ("dd.mm.yy", "05.03.24", date(2024, 3, 5)),
        ("dd.mm.yy", "05.03.2024", None),
        ("dd mmm yyyy", "5 März 2024", date(2024, 3, 5)),
        ("dd-mmm-yyyy", "05-Dez-2024", date(2024, 12, 5)),
        ("dd mmm yyyy", "5 juillet 2024", date(2024, 7, 5)),
        ("dd mmm yyyy", "5 maggio 2024", date(2024, 5, 5)),
        ("dd mmm yyyy", "5 Foo 2024", None),
        ("yyyymmdd", "20240305", date(2024, 3, 5)),
        ("yyyymmdd", "2024035", None),
    ],
)
def test_a_date_is_read_as_declared(form: str, text: str, day: date | None) -> None:
    assert reader(form)(text) == day


def test_an_age_is_whole_years() -> None:
    assert [years_between(date(1990, 3, 6), date(2024, 3, day)) for day in (5, 6)] == [33, 34]


# Guesses


HEADERS = {
    "English": ["Chart No", "Visit Date", "DOB", "Gender", "Fitzpatrick Skin Type", "Treatment #", "Phone"],
    "German": ["Patientennummer", "Behandlungsdatum", "Geburtsdatum", "Geschlecht", "Hauttyp", "Sitzung", "Telefon"],
    "French": ["Numéro de dossier", "Date de séance", "Date de naissance", "Sexe", "Phototype", "N° séance", "Courriel"],
    "Spanish": ["Historia clínica", "Fecha", "Fecha de nacimiento", "Sexo", "Fototipo", "Sesión", "Correo"],
    "Portuguese": ["Prontuário", "Data da sessão", "Data de nascimento", "Sexo", "Tipo de pele", "Sessão", "Telefone"],
    "Italian": ["Cartella", "Data seduta", "Data di nascita", "Sesso", "Tipo di pelle", "Seduta", "Telefono"],
}


@pytest.mark.parametrize("language", HEADERS)
def test_usual_headers_are_guessed_and_the_mapping_is_accepted(language: str) -> None:
    headers = HEADERS[language]
    found = guesses(headers)
    assert [found.get(name, ("",))[0] for name in ("patient_id", "day", "age", "sex", "fitzpatrick")] == headers[:5]
    text = example(headers)
    assert parse_mapping(text, "m.toml").columns == found
    assert f"#   {headers[6]}" in text


def test_no_header_is_taken_twice() -> None:
    parts = [
        name for names in guesses(["Date", "Session", "Session No", "PIH", "Tip", "Lot", "Serial"]).values() for name in names
    ]
    assert len(parts) == len(set(parts))


def test_a_patient_without_a_number_is_told_by_name_and_birth() -> None:
    assert guesses(["Vorname", "Nachname", "Geburtsdatum"])["patient_id"] == ("Nachname", "Vorname", "Geburtsdatum")


def test_the_scale_is_guessed_only_where_the_header_names_it() -> None:
    assert 'scar_scale = "ecca"' in example(["ECCA"]).splitlines()
    assert not [line for line in example(["Scar grade"]).splitlines() if line.startswith("scar_scale")]


def test_every_column_is_in_an_example_without_headers() -> None:
    text = example()
    assert tomllib.loads(text)["columns"] == {}
    assert [name for name in MAPPED if f"# {name} = " not in text and name not in ("gais_by", "sessions_completed")] == []


@pytest.mark.parametrize("header", ['Say "hi"', "a\\b", "ta\tb", "\x7f", "Zeile\nzwei", "'", "#", "=1+1"])
def test_any_header_leaves_the_example_valid(header: str) -> None:
    assert tomllib.loads(example([header, "Date"]))["columns"]["day"] == "Date"
    assert tomllib.loads(example([f" {name}{header}" for name in COLUMN]))


@pytest.mark.parametrize("name", ["export", "redcap"])
def test_the_mappings_of_the_invented_exports_are_accepted(name: str) -> None:
    assert read_mapping(Path(__file__).parents[2] / "data" / "sample" / f"{name}.toml").columns
