"""What an export seems to hold: lines of the mapping that is guessed from small exports, as clinics keep them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from outcomes.deidentify.appointments import appointment
from outcomes.deidentify.dates import reader
from outcomes.deidentify.meanings import Meaning, meaning
from outcomes.deidentify.template import example

KEPT = {
    "Client no": ["1", "1", "2", "2"],
    "Date": ["2024-01-05", "2024-02-06", "2024-01-07", "2024-02-08"],
    "FST": ["II", "II", "V", "V"],
}


def lines(**more: Sequence[str | None]) -> list[str]:
    """The lines of a mapping for four visits of two patients, with further columns."""
    return example(pd.DataFrame(KEPT | {name.replace("_", " "): [*cells] for name, cells in more.items()})).splitlines()


def marked(found: Sequence[str], begin: str) -> str:
    """Why the line that begins so has to be checked; blank where it need not be."""
    (line,) = [line for line in found if line.startswith(begin)]
    return line.partition("# check: ")[2]


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        ("HMHM", '"M" = "female"'),
        ("UDUD", '"D" = "female"'),
        ("VMMM", '"V" = "female"    # check: varón, or vrouw?'),
        ("MFMF", '"M" = "male"'),
    ],
)
def test_a_letter_for_a_sex_is_read_beside_the_others(texts: str, line: str) -> None:
    assert line in lines(Gender=texts)


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("satisfaction", "8/10", Meaning("8")), ("satisfaction", "7 out of 10", Meaning("7")), ("satisfaction", "80 %", Meaning("8")),
        ("satisfaction", "4/5", Meaning("8", "out of 5, as 0 to 10")), ("pih_score", "14/22", Meaning("14")), ("scar_score", "3/4", Meaning("3")),
        ("scar_score", "II-III", Meaning("2.5", "between two")), ("scar_score", "mild to moderate", Meaning("2.5", "between two")),
        ("session", "Session 2 of 3 + PRP", Meaning("2")), ("session", "5/4", Meaning("5", "5 out of 4?")), ("session", "Segunda", Meaning("2")),
        ("session", "f/u 1", Meaning("", "a follow-up without a session?")), ("session", "Kontrolle", Meaning("")),
        ("session", "06-Mar", Meaning("", "a date: a spreadsheet makes one of 2/3")), ("session", "Peel 30 min", None),
        ("depth_mm", "0.5-1.5 mm", Meaning("1.5")), ("fitzpatrick", "FP4", Meaning("IV")), ("isotretinoin_months", "no", Meaning("never", "never taken?")),
        ("new_pih", "9", Meaning("", "a code: no, or not recorded?")), ("treated", "Micro-needling, face", Meaning("yes")),
        ("treated", "Consultation", Meaning("no", "is this a session?")),
    ],
)  # fmt: skip
def test_what_a_text_means(column: str, text: str, said: Meaning | None) -> None:
    scales = {"scar_score": "goodman_baron_grade", "pih_score": "pahpi"}
    assert meaning(column, text, scales.get(column, "")) == said


def test_a_column_of_appointments_is_told_by_half_of_its_words_and_the_others_are_asked() -> None:
    found = lines(Status=["Closed", "NoShow", "CheckedIn", "Room 2"])
    assert 'appointment = "Status"' in found
    assert marked(found, '"Room 2"') == "kept, missed, cancelled or booked?"
    assert [appointment(text) for text in ("Annulé par le patient", "Absent non excusé", "Signed In")] == [
        "cancelled",
        "missed",
        "kept",
    ]
    assert 'appointment = "Photos"' not in lines(Photos=["done", "pending", "done", "done"]), (
        "bookings alone need a header that says so"
    )


def test_sessions_are_told_from_other_services() -> None:
    found = lines(Service=["Microneedling 60 min", "Botox", "Micro-needling", "Consultation"])
    assert marked(found, 'treated = "Service"') == "by the services; is each of them told rightly below?"
    assert '"Microneedling 60 min" = "yes"' in found or '"microneedling 60 min" = "yes"' in found
    assert marked(found, '"Botox" = "no"') == "is this a session?"


def test_what_would_make_every_visit_a_session_is_asked() -> None:
    assert "without it, every visit counts as a session" in marked(lines(), "# session = ")
    assert marked(lines(Visit_no="1212"), 'session = "Visit no"') == "numbers of visits: was a session given at each of them?"
    blank = lines(Tx_done=["x", None, "x", None])
    assert marked(blank, '"" = "no"') == "does a blank mean that no session was given?"


def test_a_number_of_sessions_that_is_the_same_at_all_visits_is_none_of_a_session() -> None:
    three = KEPT | {"Client no": [*"112233"], "Date": KEPT["Date"] + ["2024-01-09", "2024-02-10"], "FST": ["II"] * 6}
    found = example(pd.DataFrame(three | {"Sessions": [*"334433"]})).splitlines()
    assert "# session" in "\n".join(found)
    assert 'session = "Sessions"' not in found


def test_numbers_do_not_say_which_end_of_a_scale_is_the_better_one() -> None:
    assert marked(lines(GAIS="3213"), "gais = ") == "is 1 very much improved, 4 no change and 5 worse?"
    assert marked(lines(Satisfaction="5432"), "satisfaction = ") == "no number above 5: is 10 the most that could be said?"
    assert marked(lines(Satisfaction=["5", "9", "3", "2"]), "satisfaction = ") == ""


def test_of_scores_of_one_visit_those_before_the_session_are_taken_and_the_others_named() -> None:
    found = lines(GB_after="2121", GB_before="3232", Session="1212")
    assert marked(found, 'scar_score = "GB before"') == "the header says more; as near: GB after"


def test_columns_that_no_header_names_are_told_by_their_cells() -> None:
    table = pd.DataFrame({"Client no": [*"1122"], "Came": KEPT["Date"], "Complexion": KEPT["FST"], "Created": KEPT["Date"]})
    found = example(table).splitlines()
    assert marked(found, 'day = "Came"') == "its cells are dates"
    assert marked(found, 'fitzpatrick = "Complexion"') == "its cells are skin types"
    month = example(table.assign(Date=["Jan 2024"] * 4).drop(columns=["Came", "Created"]))
    assert "by its name Date, but its cells can't be read as that" in marked(month.splitlines(), "# day = ")


def test_follow_ups_stand_after_the_last_session_of_a_wide_table() -> None:
    wide = pd.DataFrame(
        {
            "ID": ["1", "2"],
            "FST": ["II", "V"],
            **{
                f"Session {n} {what}": [f"2024-0{n}-0{n}", f"2024-0{n}-12"] if what == "date" else ["3", "2"]
                for n in (1, 2)
                for what in ("date", "GB")
            },
            "Follow-up date": ["2024-06-01", None],
            "Follow-up GB": ["2", None],
        }
    )
    found = example(wide).splitlines()
    assert 'day = ["Session 1 date", "Session 2 date", "Follow-up date"]' in found
    assert any(line.startswith("treated = [true, true, false]") for line in found)


def test_values_of_one_visit_are_told_by_the_column_of_the_event() -> None:
    values = pd.DataFrame(
        [["1", "7", "visit_date", "2024-01-05"], ["1", "7", "fitzpatrick", "2"], ["1", "7", "gb_grade", "3"]],
        columns=["record", "event_id", "field_name", "value"],
    )
    assert 'visit = "event_id"' in example(values).splitlines()


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("dd mmm yyyy", "Tue 5 Mar 2024"), ("dd mmm yyyy", "martes 5 de marzo de 2024"), ("mmm dd, yyyy", "Mar 5th, 2024"), ("dd.mm.yyyy", "Di. 05.03.2024"),
        ("mmm dd, yyyy", "Tuesday, March 5, 2024"), ("dd.mm.yyyy", "05.03.2024 10:30 Uhr"), ("dd mmm yyyy", "5 mars 2024"),
    ],
)  # fmt: skip
def test_a_date_is_read_with_its_weekday_and_small_words(form: str, text: str) -> None:
    told = reader(form)(text)
    assert told is not None
    assert told.isoformat() == "2024-03-05"
