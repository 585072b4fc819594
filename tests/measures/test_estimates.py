"""Rows of the one long table: their notes, their keys, and one tally or several."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.definitions.estimates import ESTIMATES, Estimate
from outcomes.definitions.notes import Note, NoteCode
from outcomes.errors import UsageError
from outcomes.measures.estimates import estimate_row

MEASURES = Path(__file__).parents[2] / "src" / "outcomes" / "measures"

OF_ONE = {"last_results"}
"""Public functions of one tally, which gives no estimates."""

NO_ROWS = {"headline_session", "blind_headline"}
"""Public functions of several tallies that are tried by themselves: a number, and tallies that are held against others."""

OF_ANY = [
    outcomes.better_or_worse,
    outcomes.change_by_session,
    outcomes.continued_by_session,
    outcomes.crosscheck_by_session,
    outcomes.evidence,
    outcomes.gain_by_session,
    outcomes.headline,
    outcomes.not_compared,
    outcomes.odds_of_stopping,
    outcomes.percent_of_possible_by_session,
    outcomes.regression_to_the_mean,
    outcomes.responders_by_session,
    outcomes.response_by_session,
    outcomes.skin_type_counts,
    outcomes.skin_type_differences,
    outcomes.tilt_sensitivity,
    outcomes.tipping_point,
    outcomes.transitions,
]


def named(measure: Callable[..., Any]) -> str:
    return measure.__name__


def first_parameter(name: str) -> inspect.Parameter | None:
    function = getattr(outcomes, name)
    return next(iter(inspect.signature(function).parameters.values()), None) if inspect.isfunction(function) else None


# Rows


def test_a_row_has_the_columns_of_the_long_table() -> None:
    assert tuple(Estimate.__annotations__) == ESTIMATES


def test_what_makes_n_too_few_is_noted_first_and_nothing_twice() -> None:
    left_out = Note(NoteCode.AT_BEST_LEFT_OUT, 2)
    assert estimate_row(3, -1.0, (nan, nan), left_out)["note"] == (Note(NoteCode.TOO_FEW, 3), left_out)
    assert estimate_row(0, nan, (nan, nan), Note(NoteCode.NO_COURSES))["note"] == (Note(NoteCode.NO_COURSES),)
    assert estimate_row(5, -1.0, (-2.0, 0.0))["note"] == ()


# One tally, or several


def test_every_measure_of_a_tally_takes_several() -> None:
    first = {name: of for name in outcomes.__all__ if (of := first_parameter(name)) and of.name == "tally"}
    several = {name for name, of in first.items() if of.annotation in ("Tally | Sequence[Tally]", "Tallies")}
    assert several == {*map(named, OF_ANY), *NO_ROWS}
    assert set(first) - several == OF_ONE


@pytest.mark.parametrize("measure", OF_ANY, ids=named)
def test_several_tallies_give_their_rows_below_each_other(measure: Callable[..., pd.DataFrame], tally_of) -> None:
    grades = tally_of([[4, 3, 2], [3, 3, 2], [3, 2, 2], [2, 2, 1]] * 10, ["II", "V"] * 20)
    other = tally_of([[3, 2, 2], [4, 4, 3], [4, 3, 2], [3, 3, 1]] * 10, ["II", "V"] * 20)
    both = measure([grades, other])
    pd.testing.assert_frame_equal(both, pd.concat([measure(grades), measure(other)], ignore_index=True))
    assert len(both) > len(measure(grades)) > 0


@pytest.mark.parametrize("measure", OF_ANY, ids=named)
def test_no_tally_at_all_has_no_rows(measure: Callable[..., pd.DataFrame]) -> None:
    found = measure([])
    assert len(found) == 0
    assert {"endpoint", "measure", "estimate", "n"} <= {*found}


def test_no_tally_at_all_has_no_headline_session() -> None:
    with pytest.raises(UsageError, match=r"^no tally was given, so there is nothing to estimate$"):
        outcomes.headline_session([])


def test_a_tally_can_be_named_and_options_reach_each(tally_of) -> None:
    tally = tally_of([[4, 3, 2], [3, 3, 2], [3, 2, 2], [2, 2, 1]] * 10, ["II", "V"] * 20)
    bands = outcomes.change_by_session(tally=[tally, tally], by="skin_band", level=0.9)
    assert bands["skin_band"].cat.categories.tolist() == ["I-II", "III-IV", "V-VI"]
    pd.testing.assert_frame_equal(bands[: len(bands) // 2], outcomes.change_by_session(tally, "skin_band", level=0.9))


def test_every_course_of_another_endpoint_is_refused(tally_of) -> None:
    grades, points = tally_of([[4, 3]] * 20), tally_of([[4, 3]] * 20, endpoint="pih", scale="pahpi")
    with pytest.raises(UsageError, match=r"^there is no tally of scarring beside it, only of pih$"):
        outcomes.regression_to_the_mean([grades], points)
    with pytest.raises(UsageError, match=r"^there is no tally of scarring beside it, only of pih, pih$"):
        outcomes.blind_headline([points, grades], [points, points])


def test_each_endpoint_is_held_against_its_own_tally_in_whatever_order(tally_of) -> None:
    grades, points = (
        tally_of([[4, 3], [3, 2], [3, 3], [2, 1]] * 10),
        tally_of([[9, 6], [12, 9]] * 20, endpoint="pih", scale="pahpi"),
    )
    for measure in (outcomes.regression_to_the_mean, outcomes.blind_headline):
        both = measure([grades, points], [points, grades])
        apart = [measure(grades, grades), measure(points, points)]
        pd.testing.assert_frame_equal(both, pd.concat(apart, ignore_index=True))


def test_endpoints_by_name_stand_below_each_other(sample_records: outcomes.Records) -> None:
    for measure in (outcomes.durability, outcomes.blinding, outcomes.agreement):
        both = measure(sample_records, ["pih", "scarring"])
        apart = [measure(sample_records, name) for name in ("pih", "scarring")]
        pd.testing.assert_frame_equal(both, pd.concat(apart, ignore_index=True))
        assert both["endpoint"].unique().tolist() == ["pih", "scarring"]
        pd.testing.assert_frame_equal(measure(sample_records, ["pih"]), apart[0])
        with pytest.raises(UsageError, match="endpoint must be one of scarring, pih, fine_lines, got 'scaring'"):
            measure(sample_records, ["pih", "scaring"])


# No words where numbers are made


def texts_of_notes(tree: ast.AST) -> list[str]:
    """Texts given as the `note` of a row, or to a note: ``{"note": "too few"}``, ``Note("too few")``."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
            found += [value for key, value in zip(keys, node.values, strict=True) if key == "note"]
        elif isinstance(node, ast.keyword) and node.arg == "note":
            found.append(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Note", "estimate_row"):
            found += node.args
    parts = [part for value in found for part in ast.walk(value)]
    return [ast.unparse(part) for part in parts if isinstance(part, ast.JoinedStr)] + [
        part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value
    ]


@pytest.mark.parametrize("path", sorted(MEASURES.glob("*.py")), ids=lambda path: path.stem)
def test_no_measure_writes_a_sentence_into_a_note(path: Path) -> None:
    assert texts_of_notes(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_a_sentence_in_a_note_would_be_found() -> None:
    for text in ('{"note": f"{n} too few"}', '{"note": "too few"}', 'estimate_row(0, 1, (2, 3), "too few")', 'f(note="a b")'):
        assert texts_of_notes(ast.parse(text)), text


def test_every_note_of_the_sample_is_codes(sample_frames: list[pd.DataFrame]) -> None:
    notes = [note for frame in sample_frames for notes in frame["note"] for note in notes]
    assert len(notes) > 100
    assert {type(note) for note in notes} == {Note}


@pytest.fixture(scope="module")
def sample_frames(sample_records: outcomes.Records) -> list[pd.DataFrame]:
    records = sample_records
    tally = outcomes.tally(records)
    return [
        *(frame for measure in OF_ANY if "note" in (frame := measure(tally))),
        outcomes.adverse_events(records, "provider_id"),
        outcomes.adverse_event_differences(records),
        outcomes.agreement(records),
        outcomes.appearance(records),
        outcomes.blind_headline(tally, outcomes.tally(records, blinded=True)),
        outcomes.claims(records),
        outcomes.durability(records),
        outcomes.eligibility(records),
        outcomes.patients(records),
        outcomes.published_new_pih(),
        outcomes.sessions_to_half(records),
    ]
