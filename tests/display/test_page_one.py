"""Page one: the sample's answers, and what it says where there is too little to answer from."""

from __future__ import annotations

import pandas as pd
import pytest

import outcomes
from outcomes.display.page_one import NOT_SCORED, PAGE_ONE_MIME, TOO_FEW, PageOne
from shared import sample


def page_of(records: outcomes.Records) -> PageOne:
    cohort = outcomes.read_cohort(records)
    tallies = cohort.tallies() if cohort.endpoints else []
    return outcomes.page_one(
        outcomes.headline(tallies),
        outcomes.sessions_to_half(cohort),
        outcomes.gain_by_session(tallies),
        outcomes.adverse_events(cohort),
        outcomes.adverse_events(cohort, by="skin_types"),
        outcomes.adverse_event_differences(cohort),
        outcomes.claims(cohort),
        outcomes.eligibility(cohort),
    )


@pytest.fixture(scope="module")
def of_sample() -> PageOne:
    return page_of(sample())


def visits(patients: int, **columns: object) -> outcomes.Records:
    rows = [
        {"patient_id": f"P{n}", "fitzpatrick": "V", "day": 30 * k, "sessions_completed": k, "treated": "no" if k == 3 else "yes"}
        for n in range(patients)
        for k in range(4)
    ]
    scored = {"scar_scale": "goodman_baron_grade", "scar_score": [4, 3, 2, 2] * patients}
    return outcomes.read_records(pd.DataFrame(rows).assign(**scored | columns))


def test_the_sample_is_told_in_four_answers(of_sample: PageOne) -> None:
    assert [(tile.figure, tile.unit, tile.line) for tile in of_sample.tiles] == [
        ("73%", "improved", "95% CI 65–80%; 144 courses assessed"),
        ("2", "sessions for half", "95% CI 1–3; 164 courses assessed"),
        ("19.4%", "had an event", "95% CI 13.7–26.2%; 45 of 226 courses"),
        ("5 of 7", "supported", "1 contradicted, 1 undecided"),
    ]
    assert of_sample.tiles[0].sentences == (
        "After 3 sessions, 73% of courses would have improved by at least one grade, and PIH in 47% by half or more, had every patient "
        "continued.",
        "The average would have gone from 3.1 to about 2.2 (scale 1 to 4).",
    )
    assert of_sample.tiles[2].sentences[1] == "With so few events, the records cannot show whether the groups differ."


def test_what_to_act_on_begins_with_what_is_said_and_is_contradicted(of_sample: PageOne) -> None:
    assert len(of_sample.actions) == 3
    assert of_sample.actions[0].startswith("**Stop saying “No damage to darker skin (IV–VI)”.** New PIH")
    assert [point.count("**") for point in of_sample.careful] == [2, 2]


def test_every_number_stands_in_a_section_too(of_sample: PageOne) -> None:
    """Nothing is computed for page one alone."""
    cohort = outcomes.read_cohort(sample())
    tallies = cohort.tallies()
    events = outcomes.adverse_events(cohort)
    told = outcomes.prose.paragraphs(
        outcomes.prose.headline(outcomes.headline(tallies)),
        outcomes.prose.sessions_to_half(outcomes.sessions_to_half(cohort)),
        outcomes.prose.adverse_events(events, outcomes.adverse_events(cohort, by="skin_types")),
    )
    for tile in of_sample.tiles[:3]:
        assert tile.line.removeprefix("95% CI ").partition(";")[0] in told


@pytest.mark.parametrize("patients", [1, 4])
def test_few_patients_have_no_number(patients: int) -> None:
    better, many, safe, true = page_of(visits(patients, infection="no")).tiles
    assert (better.figure, better.line) == (TOO_FEW, "fewer than 5 courses assessed")
    assert many.figure == TOO_FEW
    assert (safe.figure, safe.line) == (TOO_FEW, f"{patients} course{'s' if patients > 1 else ''}; 5 are needed")
    assert true.figure.startswith("0 of ") or true.figure == TOO_FEW
    assert "%" not in " ".join(tile.figure for tile in (better, many, safe, true))


def test_without_a_score_it_says_so_and_nothing_of_improvement() -> None:
    page = page_of(visits(20, scar_score=None, scar_scale=None, new_pih=["", "no", "no", "no"] * 20))
    assert [tile.figure for tile in page.tiles[:2]] == [NOT_SCORED, NOT_SCORED]
    assert page.tiles[2].figure == "0.0%"
    assert page.careful[1] == "**No score was recorded**, so nothing is known about improvement."


def test_what_nobody_asked_is_not_none() -> None:
    safe = page_of(visits(9)).tiles[2]
    assert (safe.figure, safe.line) == ("Not recorded", "adverse events")
    assert safe.sentences == ("No visit after a session says yes or no, which is not the same as none.",)


def test_a_notebook_shows_it_as_text_and_the_report_has_its_parts(of_sample: PageOne) -> None:
    shown = of_sample._repr_mimebundle_()
    assert shown["text/markdown"].count("###") == 2
    assert [tile["section"] for tile in shown[PAGE_ONE_MIME]["tiles"]] == ["improvement", "sessions", "safety", "claims"]
