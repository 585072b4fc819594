"""The contract of a session record is whole, agrees with the scales, and is what the data dictionary says."""

from __future__ import annotations

import pytest

from outcomes.definitions.columns import (
    COLUMN,
    COLUMNS,
    CONSTANT_WITHIN_COURSE,
    CONSTANT_WITHIN_PATIENT,
    NO,
    REQUIRED,
    YES,
    Column,
)
from outcomes.definitions.dictionary import data_dictionary
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import SCALES


def test_the_columns_are_those_agreed_in_order() -> None:
    assert " ".join(COLUMN) == (
        "patient_id area course_id clinic_id provider_id fitzpatrick age sex start_year planned_sessions status day sessions_completed "
        "scar_scale scar_score pih_scale pih_score line_scale line_score gais gais_by satisfaction assessor_id blinded treated "
        "device depth_mm passes adjunct tip_code pregnant breastfeeding active_skin_cancer blood_disorder isotretinoin_months "
        "new_pih prolonged_erythema infection herpes_flare tram_tracks scar_worsening other_event event_days"
    )
    assert len(COLUMN) == len(COLUMNS), "a name stands twice"


def test_four_columns_are_required() -> None:
    assert REQUIRED == ("patient_id", "fitzpatrick", "day", "sessions_completed")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("patient_id", "1 to 64 of the characters A-Z a-z 0-9 _ -"),
        ("device", "a text of at most 200 characters"),
        ("sex", "one of female, male, other"),
        ("treated", "yes or no"),
        ("day", "a whole number between 0 and 3650"),
        ("age", "a whole number between 0 and 90"),
        ("passes", "a whole number between 1 and 20"),
        ("gais", "between 1 and 5 in halves"),
        ("depth_mm", "between 0 and 3 in steps of 0.05"),
        ("satisfaction", "a number between 0 and 10 with at most two decimals"),
        ("pih_score", "a number between 0 and 999 with at most two decimals"),
    ],
)
def test_what_is_allowed_ends_a_sentence(name: str, allowed: str) -> None:
    assert COLUMN[name].allowed == allowed


def test_a_score_column_spans_the_scales_of_its_endpoint() -> None:
    for endpoint in ENDPOINTS.values():
        score, scale = COLUMN[endpoint.score_column], COLUMN[endpoint.scale_column]
        assert tuple(scale.categories) == endpoint.scales
        assert score.low == min(SCALES[name].low for name in endpoint.scales)
        assert score.high == max(SCALES[name].high for name in endpoint.scales)


def test_no_spelling_is_read_as_two_categories() -> None:
    for column in COLUMNS:
        spellings = [spelling for some in column.categories.values() for spelling in some]
        assert len(spellings) == len(set(spellings)), column.name
        assert all(spelling == spelling.lower().strip() for spelling in spellings), column.name


def test_skin_types_are_read_as_numbers_and_with_the_word_type() -> None:
    assert tuple(COLUMN["fitzpatrick"].categories) == SKIN_TYPES
    assert COLUMN["fitzpatrick"].categories["IV"] == ("iv", "4", "type iv", "type 4")


def test_yes_is_never_no() -> None:
    assert not set(YES) & set(NO)


def test_what_stays_the_same_is_a_column() -> None:
    assert {*CONSTANT_WITHIN_COURSE, *CONSTANT_WITHIN_PATIENT} <= COLUMN.keys()


def test_a_column_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        COLUMN["day"].high = 9  # type: ignore[misc]


def test_the_data_dictionary_has_a_line_for_each_column_and_scale() -> None:
    page = data_dictionary()
    for column in COLUMNS:
        required = "yes" if column.required else "no"
        assert f"| `{column.name}` | {column.kind} | {required} | {column.allowed} | {column.meaning} |" in page
    assert "| `goodman_baron_grade` | 1-4 | ordinal | acne scarring | down by at least one grade |" in page
    assert "| `pahpi` | 6-22 | sum | PIH | at least half of the way from baseline to the best possible score |" in page
    assert all(line.count("|") in (6, 9) for line in page.splitlines() if line.startswith("|")), "a | in a cell breaks the table"


def test_a_column_without_bounds_allows_nothing_by_accident() -> None:
    assert Column("x", "whole", "").allowed == "a whole number between 0 and 0"
