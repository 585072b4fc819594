"""The open lines of a mapping, asked one at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from outcomes.deidentify.ask import ask, questions
from outcomes.deidentify.mapping import parse_mapping
from outcomes.deidentify.template import example

EXPORT = pd.DataFrame(
    {
        "Visit date": ["03/04/2023", "04/05/2023"],
        "Patient ID": ["1", "1"],
        "Complexion": ["IV", "IV"],
        "Scars": ["1-2", "~3"],
        "PIH": ["small spot", "no"],
        "Remarks": ["a", "b"],
    }
)


def answers(*given: str) -> Callable[[str], str]:
    """What somebody types, and then the end of input."""
    left = iter(given)

    def read(prompt: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return read


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    file = tmp_path / "mapping.toml"
    file.write_text(example(EXPORT), encoding="utf-8")
    return file


def test_every_answer_is_written_and_what_is_left_is_asked_the_next_time(mapping: Path) -> None:
    assert [each.key for each in questions(mapping.read_text())] == [
        "dates", "scores", "new_pih", "session", "fitzpatrick", "scar_scale", '"1-2"', '"~3"', '"small spot"'
    ]  # fmt: skip
    shown: list[str] = []
    assert ask(mapping, answers("2", "1", "q"), shown.append) == 7
    assert "    2 month first" in shown[0].splitlines()
    assert ask(mapping, answers("-", "-", "1", "goodman_baron_grade", "", "?"), shown.append) == 2
    assert ask(mapping, answers("-", ""), shown.append) == 0, "what was left for later"
    done = parse_mapping(mapping.read_text(), "mapping.toml")
    assert (done.dates, done.scores, done.columns["fitzpatrick"]) == (("mm/dd/yyyy",), "before", ("Complexion",))
    assert "new_pih" not in done.columns
    assert done.constants == {"scar_scale": "goodman_baron_grade"}
    assert done.values["scar_score"] == {"1-2": "1.5", "~3": ""}


def test_an_answer_that_does_not_fit_is_asked_again_and_nothing_is_written(mapping: Path) -> None:
    before, shown = mapping.read_text(), []
    ask(mapping, answers("3"), shown.append)
    assert shown[1] == "answer with a number from 1 to 2"
    assert mapping.read_text() == before
    ask(mapping, answers("", "", "", "-", "", "1", "five"), shown.append)
    assert shown[-2] == "five is not a number between 0 and 540 with at most two decimals"
    assert questions(mapping.read_text())[0].key == '"1-2"'


def test_scores_taken_after_the_session_ask_how_long_after(mapping: Path) -> None:
    ask(mapping, answers("", "2", "28"), lambda text: None)
    done = mapping.read_text()
    assert 'scores = "after"' in done.splitlines()
    assert "scores_days_after = 28" in done.splitlines()
