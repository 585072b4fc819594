"""The dictionary of estimates.csv describes what is there, all of it, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from outcomes.definitions.estimate_dictionary import DESCRIBED, described, estimates_dictionary, pattern, undescribed
from outcomes.display.tables import ESTIMATES_MIME

ROOT = Path(__file__).parents[2]
CHANGE = {"measure": "change", "estimand": "continued", "unit": "grades", "method": "attended-session chain", "note": None}


def of_the_sample() -> list[dict[str, object]]:
    """Every estimate that the saved notebooks show, which are those of the sample records."""
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "notebooks").rglob("*.ipynb"))]
    cells = [cell for notebook in notebooks for cell in notebook["cells"]]
    return [row for cell in cells for output in cell.get("outputs", ()) for row in output.get("data", {}).get(ESTIMATES_MIME, ())]


def test_the_page_is_what_the_package_says() -> None:
    written = (ROOT / "data" / "estimates.md").read_text(encoding="utf-8")
    assert written == estimates_dictionary(), (
        "run: .venv/bin/python -m outcomes.definitions.estimate_dictionary > data/estimates.md"
    )


def test_all_that_the_sample_shows_is_described() -> None:
    rows = of_the_sample()
    assert {row["measure"] for row in rows} >= {"change", "responders", "difference", "events per course", "against guidance"}
    assert undescribed(rows) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"weight": 3}, "column: weight"),
        ({"measure": "mode"}, "measure: mode"),
        ({"estimand": "per protocol"}, "estimand: per protocol"),
        ({"unit": "stars"}, "unit: stars"),
        ({"method": "bootstrap"}, "method: bootstrap"),
        ({"note": "3 courses, too few; as expected"}, "note: 3 courses, too few; as expected"),
        ({"endpoint": "pores"}, "endpoint: pores"),
    ],
)
def test_what_is_not_described_is_told(other: dict[str, object], told: str) -> None:
    assert undescribed([CHANGE]) == []
    assert undescribed([CHANGE, CHANGE | other]) == [told]


def test_a_text_in_braces_stands_for_numbers_and_names() -> None:
    assert re.fullmatch(pattern("{n} courses, too few"), "3 courses, too few")
    assert not re.fullmatch(pattern("{n} courses, too few"), "3 courses; 4 courses, too few")


def test_every_column_is_described_in_its_order() -> None:
    from outcomes.definitions.estimates import ESTIMATES
    from outcomes.measures.claims import COLUMNS as CLAIMED
    from outcomes.measures.group_comparison import COLUMNS as GROUPED
    from outcomes.measures.published_results import CITED
    from outcomes.measures.skin_types import COLUMNS as COMPARED
    from outcomes.measures.unrecorded import LastResults
    from outcomes.measures.years import COLUMNS as BY_YEAR

    names = [column["name"] for column in described()["column"]]
    assert names[: len(ESTIMATES)] == [*ESTIMATES]
    assert set(names) == {*ESTIMATES, *LastResults._fields, *COMPARED, *CLAIMED, *CITED, *BY_YEAR, *GROUPED}


# What may stand between the words that code puts together.
JOINTS = re.compile(r"\{\w+\}|\b(?:courses?|sessions?|pairs?|patients?|by|of|per|upper end)\b|[;,:(]|%")


@pytest.mark.parametrize("of", DESCRIBED)
def test_nothing_is_described_that_no_code_writes(of: str) -> None:
    modules = [path for path in (ROOT / "src").rglob("*.py") if path.name != "estimate_dictionary.py"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    source = re.sub(r'"\s*\n\s*f?"', "", source)  # a text over two lines
    longest = {
        entry["name"]: max((part.strip(" )") for part in JOINTS.split(entry["name"])), key=len) for entry in described()[of]
    }
    assert [name for name, part in longest.items() if part not in source] == []
    assert len(longest) == len(described()[of]), "a value is described twice"
