"""The table of who the patients are: counts before percents, nothing of too few, and what is not recorded always said."""

from __future__ import annotations

import pandas as pd
import pytest

import outcomes
from outcomes import tables
from outcomes.definitions.estimate_dictionary import undescribed
from outcomes.display.tables import ESTIMATES_MIME, Table
from outcomes.report.sanitize import allowed_html


def clinic(n: int = 30, **other: object) -> pd.DataFrame:
    """So many patients of one course with a baseline and a session, and columns that differ from the usual."""
    usual: dict[str, object] = {
        "patient_id": [f"P{patient}" for patient in range(n)],
        "area": "chin",
        "fitzpatrick": "II",
        "age": [20 + patient for patient in range(n)],
        "sex": "female",
        "day": 0,
        "sessions_completed": 0,
        "treated": "yes",
        "device": "pen",
        "depth_mm": 1.5,
    }
    return pd.DataFrame(usual | other)


def shown(visits: pd.DataFrame) -> Table:
    return tables.patients(outcomes.patients(outcomes.read_cohort(visits)))


def group(table: Table, heading: str) -> dict[str, str]:
    """The cells under a heading by the names of their rows."""
    (rows,) = [rows for words, rows in table.grouped if words == heading]
    return dict(rows)  # type: ignore[arg-type]


def test_each_variable_is_a_heading_that_says_of_how_many() -> None:
    table = shown(clinic())
    assert table.columns == ("", "n (%) or median (quartiles)")
    assert table.caption == "Who the patients are; percentages are of those recorded"
    assert {words: rows for words, rows in table.grouped if "skin type" not in words} == {
        "Age at first visit, years (30 patients)": (("median (quartiles)", "34.5 (27.0–42.0)"),),
        "Sex (30 patients)": (("female", "30 (100%)"),),
        "Area treated (30 courses)": (("chin", "30 (100%)"),),
        "Sessions given (30 courses)": (("median (quartiles)", "1 (1–1)"),),
        "Device (30 sessions given)": (("pen", "30 (100%)"),),
        "Needle depth, mm (30 sessions given)": (("median (quartiles)", "1.5 (1.5–1.5)"),),
    }


def test_every_skin_type_stays_and_few_have_no_percent() -> None:
    table = shown(clinic(fitzpatrick=["I"] * 4 + ["II"] * 5 + ["V"] * 21))
    assert group(table, "Fitzpatrick skin type (30 patients)") == {
        "I": "4",
        "II": "5 (17%)",
        "III": "0",
        "IV": "0",
        "V": "21 (70%)",
        "VI": "0",
    }


def test_what_is_not_recorded_is_no_category() -> None:
    table = shown(
        clinic(sex=["female"] * 20 + [None] * 10, age=[30] * 4 + [None] * 26, device=None, depth_mm=[0.55] * 29 + [None])
    )
    assert group(table, "Sex (30 patients)") == {"female": "20 (100%)", "not recorded": "10"}
    assert group(table, "Age at first visit, years (30 patients)") == {"median (quartiles)": "too few (4)", "not recorded": "26"}
    assert group(table, "Device (30 sessions given)") == {"not recorded": "30"}
    assert group(table, "Needle depth, mm (30 sessions given)") == {"median (quartiles)": "0.55 (0.55–0.55)", "not recorded": "1"}


def test_one_patient_has_counts_alone() -> None:
    table = shown(clinic(1))
    assert group(table, "Sex (1 patient)") == {"female": "1"}
    assert group(table, "Device (1 session given)") == {"pen": "1"}
    assert group(table, "Needle depth, mm (1 session given)") == {"median (quartiles)": "too few (1)"}
    assert "%" not in "".join(cell for _, cell in table.rows)


def test_a_patient_with_two_courses_is_told() -> None:
    two = pd.concat([clinic(), clinic(1, area="back")])
    assert shown(two).caption.endswith(". More than one course: 1 of 30 patients")
    assert group(shown(two), "Area treated (31 courses)") == {"chin": "30 (97%)", "back": "1"}
    assert group(shown(two), "Sex (30 patients)") == {"female": "30 (100%)"}


def test_where_no_session_is_marked_as_given_that_is_said() -> None:
    table = shown(clinic(treated=None))
    assert group(table, "Device (0 sessions given)") == {"no session is marked as given": ""}


def test_scores_stand_by_scale_and_pih_where_it_was_present() -> None:
    scored = clinic(
        scar_scale=["goodman_baron_grade"] * 20 + ["asas"] * 8 + [None] * 2,
        scar_score=[2, 3, 4, 4] * 5 + [1.5] * 8 + [None] * 2,
        pih_scale="pahpi",
        pih_score=[6] * 10 + [12] * 20,
    )
    assert group(shown(scored), "Acne scarring before treatment (30 courses)") == {
        "Goodman-Baron grade, 20 courses": "3.5 (2.5–4.0)",
        "Acne Scar Assessment Scale, 8 courses": "1.5 (1.5–1.5)",
        "not recorded": "2",
    }
    assert group(shown(scored), "PIH before treatment (30 courses)") == {
        "none": "10 (33%)",
        "PAHPI, 20 courses": "12.0 (12.0–12.0)",
    }


def test_only_the_devices_used_most_are_named_and_long_names_are_cut() -> None:
    used = [f"pen {letter}" for letter in "ABCDEF"]
    six = group(shown(clinic(device=[used[patient % 6] for patient in range(30)])), "Device (30 sessions given)")
    assert six == dict.fromkeys(used, "5 (17%)")
    seven = group(
        shown(clinic(device=["pen G", "P" * 90, *used[:5] * 5, "pen A", "pen B", "pen C"])), "Device (30 sessions given)"
    )
    assert seven == {f"pen {letter}": "6 (20%)" for letter in "ABC"} | {
        "pen D": "5 (17%)",
        "pen E": "5 (17%)",
        "2 other devices": "2",
    }
    assert [*group(shown(clinic(device="P" * 90)), "Device (30 sessions given)")] == [f"{'P' * 39}…"]


@pytest.mark.parametrize("name", ["sample", "patchy"])
def test_every_number_of_the_samples_is_described_and_stands_on_a_page(name: str) -> None:
    found = outcomes.patients(outcomes.read_cohort(name))
    table = tables.patients(found)
    assert allowed_html(table.html()) == table.html()
    carried = table._repr_mimebundle_()[ESTIMATES_MIME]
    assert len(carried) == len(found)
    assert undescribed(carried) == []
    assert "nan" not in table.html()
