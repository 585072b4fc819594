"""Results by year: each year as if it were a clinic's all, nothing of fewer than 5 courses, and what goes on is said."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes import figures, prose, tables
from outcomes.definitions.columns import START_YEAR
from outcomes.definitions.notes import NoteCode, codes
from outcomes.errors import UsageError
from outcomes.measures.years import trends, under_way
from shared import sample

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "sessions.csv"


@cache
def found() -> pd.DataFrame:
    return outcomes.by_year(sample(), "scarring")


def rows(of: pd.DataFrame, measure: str) -> pd.DataFrame:
    return of[of["measure"] == measure]


def clinic(courses: dict[int, int], *, years: dict[int, str] | None = None, status: str | None = "finished") -> pd.DataFrame:
    """So many courses begun in each year, scored twice and asked about; `years` says what stands in the column."""
    lines = []
    for year, n in courses.items():
        for number in range(n):
            shared = {
                "patient_id": f"P{year}x{number}",
                "fitzpatrick": "II",
                "status": status,
                "start_year": (years or {}).get(year, str(year)),
                "scar_scale": "goodman_baron_grade",
            }
            lines.append(
                shared | {"day": 0, "sessions_completed": 0, "treated": "yes", "scar_score": 4, "age": 30 - 15 * (number == 0)}
            )
            lines.append(
                shared
                | {
                    "day": 30,
                    "sessions_completed": 1,
                    "treated": "no",
                    "scar_score": 3 - number % 2,
                    "age": 30 - 15 * (number == 0),
                }
                | {"new_pih": "yes" if number == 1 else "no"}
            )
    return pd.DataFrame(lines).astype(object).where(lambda frame: frame.notna(), None)


def test_each_year_is_estimated_as_a_clinic_of_that_year_would_be() -> None:
    records = pd.read_csv(SAMPLE, dtype=str)
    alone = outcomes.read_records(records[records["start_year"] == "2023"])
    whole = outcomes.continued_by_session(outcomes.tally(alone)).query("session == 3").set_index("measure")
    for measure in ("change", "responders"):
        (year,) = rows(found(), measure).query("start_year == 2023").to_dict("records")
        for name in ("n", "estimate", "conf_low", "conf_high"):
            assert year[name] == pytest.approx(whole.loc[measure, name])
    asked = outcomes.adverse_events(alone).query("event == 'new_pih' and measure == 'events per course'").iloc[0]
    (year,) = rows(found(), "events per course").query("start_year == 2023").to_dict("records")
    assert (year["n"], year["events"]) == (asked["n"], asked["events"])


def test_years_add_up_to_the_whole() -> None:
    of = rows(found(), "sessions outside guidance")
    assert (of["n"].sum(), of["events"].sum()) == (925, 47)
    whole = outcomes.adverse_events(sample()).query("event == 'new_pih' and measure == 'events per course'").iloc[0]
    of = rows(found(), "events per course")
    assert (of["n"].sum(), of["events"].sum()) == (whole["n"], whole["events"])
    (none,) = rows(found(), "courses without a year")[["events", "n"]].to_numpy().tolist()
    assert none == [0, 251]


def test_every_measure_has_a_line_over_its_years_with_a_test() -> None:
    lines = trends(found())
    assert lines["measure"].tolist() == [
        "change per year",
        "responders per year",
        "events per course per year",
        "sessions outside guidance per year",
    ]
    assert (lines["n"] == 4).all()
    assert lines["p_value"].between(0, 1).all()
    is_beyond = (lines["conf_low"] > 0) | (lines["conf_high"] < 0)
    assert (is_beyond == (lines["p_value"] < 0.05)).all()
    assert lines["unit"].tolist() == ["grades", *["percentage points"] * 3]


def test_the_sample_whose_years_are_alike_by_design_has_no_clear_trend() -> None:
    assert not trends(found())["is_clear"].any()
    said = prose.by_year(found())
    assert said.startswith(
        "From 2022 to 2025, there was **no clear trend** in acne scarring, new PIH or sessions outside guidance."
    )
    assert said.endswith("Of 63 courses begun in 2025 with baseline acne scarring scores, 49% are **still under way**.")


@pytest.mark.slow
def test_a_saved_cohort_and_a_polars_frame_give_the_same(tmp_path: Path) -> None:
    records = clinic({2022: 6, 2023: 7, 2024: 5})
    texts = {name: [None if value is None else str(value) for value in records[name]] for name in records}
    path = outcomes.read_cohort(records).save(tmp_path / "clinic.cohort")
    kept, counted, polars = (outcomes.by_year(outcomes.read_cohort(source)) for source in (path, records, pl.DataFrame(texts)))
    pd.testing.assert_frame_equal(kept, counted)
    pd.testing.assert_frame_equal(polars, counted)
    assert rows(kept, "sessions outside guidance")["events"].dropna().tolist() == [1, 1, 1]


def test_a_year_of_one_course_and_one_of_four_have_no_numbers_and_courses_without_a_year_are_counted() -> None:
    of = outcomes.by_year(outcomes.read_cohort(clinic({2020: 1, 2021: 4, 2022: 6, 2023: 5, 2024: 2}, years={2024: None})))
    few = of[of[START_YEAR].isin([2020, 2021])]
    assert few[["estimate", "conf_low", "conf_high"]].isna().all(axis=None)
    assert rows(few, "events per course")["n"].tolist() == [1, 4]
    assert all(NoteCode.TOO_FEW in codes(row) for row in rows(few, "events per course").to_dict("records"))
    assert few["events"].isna().all()
    assert rows(few, "sessions outside guidance")["n"].isna().all()
    lines = [line.split() for line in repr(tables.by_year(of)).splitlines()]
    told = [" ".join(line[1:]) for line in lines if line[:1] == ["2020"]]
    assert told[2:] == ["1 course, too few", "1 patient, too few", "1 course, too few"]
    assert rows(of, "events per course").query("start_year >= 2022")["estimate"].notna().all()
    (line,) = rows(of, "change per year").to_dict("records")
    assert (line["n"], codes(line)) == (2, {NoteCode.TOO_FEW_YEARS})
    assert rows(of, "courses without a year")[["events", "n"]].to_numpy().tolist() == [[2, 18]]
    assert prose.by_year(of) == "In too few years there were enough courses: a trend needs 3 years with enough of them."
    assert "2 of the 3 years needed have an estimate" in repr(tables.by_year(of))


def test_records_without_years_have_a_sentence_and_no_table_and_no_picture() -> None:
    records = clinic({2022: 6, 2023: 6}).drop(columns="start_year")
    of = outcomes.by_year(outcomes.read_cohort(records))
    assert of.empty
    assert prose.by_year(of) == "The records do not say in which year a course began."
    assert {"application/vnd.outcomes.nothing+json"} <= {*tables.by_year(of)._repr_mimebundle_()}
    assert figures.by_year(of).drawing == ""
    assert prose.points(prose.year_limits(of)) == prose.by_year(of)


def test_of_the_last_year_a_course_that_nothing_ends_is_under_way_and_of_the_others_not() -> None:
    records = clinic({2022: 6, 2023: 6, 2024: 6}, status=None)
    records["status"] = records["status"].where(records["start_year"] != "2023", "ongoing")
    never_came_back = records["patient_id"].isin(["P2022x3", "P2024x3"]) & (records["day"] == 30)
    of = outcomes.by_year(outcomes.read_cohort(records[~never_came_back]))
    assert rows(of, "courses under way")["events"].tolist() == [0, 6, 1]
    assert under_way(of) == {2023: 100.0, 2024: pytest.approx(100 / 6)}


def test_years_scored_on_another_scale_say_so_and_what_goes_on_is_counted_on_any() -> None:
    records = clinic({2022: 6, 2023: 7, 2024: 6}, status="ongoing")
    is_other = records["start_year"] == "2022"
    records.loc[is_other, "scar_scale"] = "ecca"
    records.loc[is_other, "scar_score"] = records.loc[is_other, "scar_score"] * 40
    of = outcomes.by_year(outcomes.read_cohort(records))
    first = rows(of, "change").iloc[0]
    assert (first["n"], [(note.code, note.names) for note in first["note"]]) == (0, [(NoteCode.OTHER_SCALE, ("ecca",))])
    assert "another scale: ECCA" in repr(tables.by_year(of))
    assert rows(of, "courses under way")[["events", "n"]].to_numpy().tolist() == [[6, 6], [7, 7], [6, 6]]


def test_the_public_has_no_results_by_year() -> None:
    with pytest.raises(UsageError):
        outcomes.by_year(outcomes.read_cohort("sample", audience="public"))
