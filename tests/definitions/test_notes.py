"""Notes as codes and numbers: how they read, and how a row is asked for them."""

from __future__ import annotations

import pandas as pd
import pytest

from outcomes.definitions.notes import Note, NoteCode, codes


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        (Note(NoteCode.TOO_FEW, 3), "too few: 3"),
        (Note(NoteCode.TOO_FEW, 1, unit="sessions"), "too few: 1 sessions"),
        (Note(NoteCode.TOO_FEW_BLIND, 14, 15), "too few scored blind: 14 of 15"),
        (Note(NoteCode.PERCENT_SCORED, 100 * 5 / 12), "percent scored: 41.6667"),
        (Note(NoteCode.CHECK_OUTSIDE, -0.6, names=("MMRM",)), "check outside: -0.6, MMRM"),
        (Note(NoteCode.NO_COURSES), "no courses"),
        (Note(NoteCode.OF_TYPES, names=("I-III",), why=(Note(NoteCode.NOBODY_ASKED),)), "of types: I-III, nobody asked"),
    ],
)
def test_a_note_is_short_and_can_be_read(note: Note, shown: str) -> None:
    assert str(note) == shown


def test_a_row_is_asked_for_its_codes() -> None:
    row = {"note": (Note(NoteCode.TOO_FEW, 3), Note(NoteCode.NO_SPREAD))}
    assert codes(row) == {NoteCode.TOO_FEW, NoteCode.NO_SPREAD}
    assert codes({"note": ()}) == set()


def test_notes_that_say_the_same_are_equal() -> None:
    assert len({Note(NoteCode.TOO_FEW, 3), Note(NoteCode.TOO_FEW, 3.0), Note(NoteCode.TOO_FEW, 4)}) == 2


def test_notes_stay_readable_in_a_file_that_pandas_writes() -> None:
    frame = pd.DataFrame({"n": [3], "note": [(Note(NoteCode.TOO_FEW, 3), Note(NoteCode.AT_BEST_LEFT_OUT, 2))]})
    assert frame.to_csv(index=False) == 'n,note\n3,"(<too few: 3>, <at the best score, left out: 2>)"\n'
