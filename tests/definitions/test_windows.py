"""Which window follows from a clinic's spacing, and how a window is set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import outcomes
from outcomes.definitions.dictionary import data_dictionary
from outcomes.definitions.windows import MONTHLY, WINDOW, Window, window_for, window_given
from outcomes.errors import UsageError


def clinic(*days: int, patients: int = 3, given: tuple[int, ...] | None = None, treated: str | None = None) -> outcomes.Records:
    """Courses scored on these days after 0, 1, 2 ... sessions, or after as many as `given` says; one grade better each time."""
    rows = [
        {"patient_id": f"P{patient}", "fitzpatrick": "II", "day": day, "sessions_completed": k, "treated": treated,
         "scar_scale": "asas", "scar_score": 4 - place}
        for patient in range(patients) for place, (day, k) in enumerate(zip(days, given or range(len(days)), strict=True))
    ]  # fmt: skip
    return outcomes.read_records(pd.DataFrame(rows))


# The clinic's spacing


@pytest.mark.parametrize(
    ("spacing", "window"),
    [
        (None, WINDOW),
        (1, (1, 1, 2)),
        (7, (3, 7, 14)),
        (14, (6, 14, 28)),
        (19, (9, 19, 38)),
        (20, WINDOW),
        (45, WINDOW),
        (46, (21, 46, 92)),
        (90, (40, 90, 180)),
    ],
)
def test_the_window_follows_a_spacing_outside_20_to_45_days(spacing: int | None, window: Window) -> None:
    assert window_for(spacing) == window


@pytest.mark.parametrize("apart", [7, 10, 14, 30, 90])
def test_a_clinic_of_any_spacing_has_all_its_scores(apart: int) -> None:
    records = clinic(0, apart, 2 * apart, 3 * apart)
    assert records.spacing == apart
    tally = outcomes.tally(records)
    assert tally.window == records.window == window_for(apart)
    assert outcomes.change_by_session(tally).set_index("session")["estimate"].to_dict() == {1: -1, 2: -2, 3: -3}


def test_the_spacing_is_the_median_over_all_intervals_of_all_courses() -> None:
    """Nothing tells whether a session was given at the last visit, unless it is marked as treated."""
    assert clinic(0, 7, 14, 44).spacing == 7
    assert clinic(0, 7, 17, 44, treated="yes").spacing == 10


def test_fewer_than_five_intervals_say_nothing_about_a_clinic() -> None:
    assert clinic(0, 7, 14, patients=4).spacing is None
    assert clinic(0, 7, 14, patients=4).window == WINDOW
    assert clinic(0, 7, 14, patients=5).spacing == 7


def test_days_between_two_sessions_are_shared_out_among_those_whose_visits_are_missing() -> None:
    """Session 1 on day 0, session 4 on day 90; the visit of day 180, at which none is given, has no session of its own."""
    assert clinic(0, 90, 180, given=(0, 3, 6), treated="yes", patients=5).spacing == 30
    assert clinic(0, 270, 540, given=(0, 3, 6), treated="yes", patients=5).window == window_for(90)


def test_intervals_are_of_sessions_in_a_row_where_they_are_held_against_guidance() -> None:
    """A visit between is missing on the way to session 4: 90 days are no interval of two sessions in a row."""
    found = outcomes.findings(clinic(0, 30, 120, given=(0, 1, 4), treated="yes")).set_index("finding")
    assert found.loc["long interval", ["n", "of"]].tolist() == [0, 3]


def test_the_spacing_is_that_of_all_skin_types_whichever_are_looked_at() -> None:
    records = clinic(0, 7, 14, 21)
    assert outcomes.tally(records, skin_types="VI").window == (3, 7, 14)


def test_the_data_dictionary_names_these_days() -> None:
    page = " ".join(data_dictionary().split())
    assert (
        f"taken {WINDOW.first} to {WINDOW.last} days after session k; of several, the one nearest to {WINDOW.usual} days" in page
    )
    assert f"less than {MONTHLY[0]} or more than {MONTHLY[1]} days apart" in page


# A window that is set


@pytest.mark.parametrize("given", ["7,14,21", " 7 , 14,21 ", (7, 14, 21), [7, 14, 21], Window(7, 14, 21)])
def test_a_window_is_set_by_three_days(given: object) -> None:
    assert window_given(given) == Window(7, 14, 21)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["", " ", ()])
def test_no_window_is_none(given: str) -> None:
    assert window_given(given) is None


@pytest.mark.parametrize(
    "given", ["7", "7,14", "7,14,21,28", "14,7,21", "7,21,14", "0,7,14", "7,14,4000", "a,b,c", "7.5,14,21", "7,,21"]
)
def test_what_is_no_window_is_refused(given: str) -> None:
    with pytest.raises(UsageError) as raised:
        window_given(given)
    assert str(raised.value) == f"window must be three numbers of days, first, usual and last, such as 14,30,60; got {given!r}"


def test_a_window_that_is_set_goes_before_the_clinics_spacing_everywhere() -> None:
    visits = pd.DataFrame(
        {"patient_id": [f"P{n}" for n in range(9) for _ in (0, 1)], "fitzpatrick": "I", "day": [0, 7] * 9, "gais": 1,
         "sessions_completed": [0, 1] * 9, "treated": ["yes", "yes"] * 9, "scar_scale": "asas", "scar_score": [3, 2] * 9}
    )  # fmt: skip
    own = outcomes.read_records(visits)
    told = outcomes.read_records(visits, window="14,30,60")
    assert (own.window, told.window) == ((3, 7, 14), (14, 30, 60))
    assert [outcomes.tally(records).analysed for records in (own, told)] == [9, 0]
    assert outcomes.tally(outcomes.read_cohort(told, window=(3, 7, 14))).analysed == 9
    assert [int(outcomes.appearance(records)["n"].sum()) for records in (own, told)] == [9, 0]
    late = [outcomes.findings(records).set_index("finding").loc["scored too soon", "n"] for records in (own, told)]
    assert late == [0, 9]


def test_a_saved_cohort_keeps_its_window_and_is_refused_with_another(tmp_path: Path) -> None:
    visits = pd.DataFrame({"patient_id": ["P1"], "fitzpatrick": ["I"], "day": [0], "sessions_completed": [0]})
    for window, is_own in (("7,14,21", True), ("", False)):
        saved = outcomes.read_cohort(visits, window=window).save(tmp_path / "clinic.cohort")
        again = outcomes.read_cohort(saved, window=window)
        assert (again.window, again.about.is_own_window) == (window_given(window) or WINDOW, is_own)
        with pytest.raises(UsageError, match=r"counted with the window .*, not 1,2,3: count the records anew"):
            outcomes.read_cohort(saved, window="1,2,3")
