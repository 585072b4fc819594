"""Patients without a skin type: counted in all that is not by skin type, and named elsewhere."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes import prose, tables
from outcomes.definitions.fitzpatrick import UNKNOWN_TYPE


def visits(types: list[str | None], **other: Any) -> pd.DataFrame:
    """A course of one session for each type, with a score before and after it."""
    return pd.DataFrame(
        [
            {"patient_id": f"P{n}", "fitzpatrick": of, "day": 30 * k, "sessions_completed": k, "treated": "no" if k else "yes",
             "scar_scale": "goodman_baron_grade", "scar_score": 3 - k, "infection": "no" if k else None, "gais": 2 if k else None,
             "gais_by": "patient" if k else None, **other}
            for n, of in enumerate(types) for k in (0, 1)
        ]
    )  # fmt: skip


@pytest.fixture
def cohort() -> outcomes.Cohort:
    return outcomes.read_cohort(visits(["II"] * 8 + ["V"] * 8 + [None] * 8))


def test_they_are_in_every_total(cohort: outcomes.Cohort) -> None:
    scarring = cohort.tally("scarring")
    assert (scarring.courses, scarring.analysed) == (24, 24)
    assert outcomes.change_by_session(scarring)["n"].tolist() == [24]
    assert outcomes.continued_by_session(scarring)["n"].tolist()[-1] == 24
    assert outcomes.appearance(cohort)["n"].max() == 24
    events = outcomes.adverse_events(cohort)
    assert events.loc[events["event"] == "infection", "n"].max() == 24
    assert cohort.tally("scarring", skin_types="II,V").courses == 16


def test_by_skin_type_they_stand_under_not_recorded_or_are_said_to_be_left_out(cohort: outcomes.Cohort) -> None:
    scarring = cohort.tally("scarring")
    by_type = outcomes.adverse_events(cohort, by="skin_type")
    assert by_type.loc[(by_type["skin_type"] == UNKNOWN_TYPE) & (by_type["event"] == "infection"), "n"].max() == 8
    assert UNKNOWN_TYPE not in outcomes.adverse_events(cohort, by="skin_types")["skin_types"].tolist()
    counts = outcomes.skin_type_counts(scarring)
    assert counts.iloc[-1][["skin_type", "courses", "group"]].tolist() == [UNKNOWN_TYPE, 8, ""]
    assert prose.skin_type_numbers(counts).endswith(
        "Courses of patients without a recorded skin type are in no group: 8 for acne scarring."
    )
    assert tables.skin_type_counts(counts).rows[-1] == ("type not recorded", "8", "")
    patients = outcomes.patients(cohort)
    shares = patients[(patients["variable"] == "fitzpatrick") & (patients["measure"] == "share")]
    assert shares["n"].tolist() == [16] * 6
    assert outcomes.change_by_session(scarring, by="skin_type")["n"].sum() == 16


def test_a_type_on_any_row_of_a_patient_is_theirs() -> None:
    once = visits(["II"] * 6)
    once.loc[1::2, "fitzpatrick"] = None
    whole, known = outcomes.read_cohort(visits(["II"] * 6)), outcomes.read_cohort(once)
    for part in ("asked", "gais", "skin_types"):
        pd.testing.assert_frame_equal(whole.part(part), known.part(part))
    pd.testing.assert_frame_equal(whole.tally("scarring").paths, known.tally("scarring").paths)


def test_nobody_has_a_type() -> None:
    cohort = outcomes.read_cohort(visits([None] * 20))
    assert outcomes.change_by_session(cohort.tally("scarring"))["n"].tolist() == [20]
    assert outcomes.skin_type_differences(cohort.tally("scarring")).empty
