"""Every notebook says something sensible of records that are small, one-sided or long: cell by cell, without a kernel."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from outcomes.report.earlier import sample_path
from outcomes.simulate.sample import sample

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
GRADE, PAHPI, LEMPERLE = ("scar", "goodman_baron_grade"), ("pih", "pahpi"), ("line", "lemperle")


def visits(scale: tuple[str, str], scores: list[list[float]], types: str = "I II III IV V VI") -> pd.DataFrame:
    """One patient for each list of scores, after 0, 1, 2 ... sessions a month apart."""
    prefix, name = scale
    known = types.split()
    return pd.DataFrame(
        {
            "patient_id": f"P{patient}",
            "fitzpatrick": known[patient % len(known)],
            "day": 30 * k,
            "sessions_completed": k,
            f"{prefix}_scale": name,
            f"{prefix}_score": score,
        }
        for patient, path in enumerate(scores)
        for k, score in enumerate(path)
    )


def treated(frame: pd.DataFrame, **columns: object) -> pd.DataFrame:
    """The same visits with what was recorded at each session and since the one before."""
    is_last = frame["day"] == frame.groupby("patient_id")["day"].transform("max")
    given = (~is_last).map({True: "yes", False: "no"})
    asked = {name: pd.Series(value, frame.index).where(frame["sessions_completed"] > 0) for name, value in columns.items()}
    *others, score = frame.columns
    return frame.assign(treated=given, **asked)[[*others, "treated", *columns, score]]


RECORDS = {
    "one patient": visits(GRADE, [[4, 3, 3, 2]]),
    "three patients": visits(GRADE, [[4, 3], [3, 3, 2], [4]]),
    "baselines only": visits(GRADE, [[4], [3], [4], [2], [3], [4]] * 4),
    "all at the best score": visits(GRADE, [[1, 1, 1]] * 20),
    "PIH at its best score": visits(PAHPI, [[6, 6, 6]] * 20),
    "all changed alike": visits(GRADE, [[4, 3, 2]] * 20),
    "fine lines only": visits(LEMPERLE, [[4, 3, 3], [5, 4, 4], [3, 3, 2], [2, 2]] * 6),
    "PIH only, one type": visits(PAHPI, [[14, 12, 10, 9], [18, 15, 15], [9, 9], [12, 10, 11, 7]] * 8, types="V"),
    "twelve sessions": visits(GRADE, [[4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1], [3, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1]] * 20),
    "one course without events": treated(visits(GRADE, [[4, 3, 3, 2]]), infection="no", new_pih="no", provider_id="D1"),
    "one event each": treated(
        visits(GRADE, [[4, 3]] * 7), infection="yes", event_days=9, provider_id="D1", gais=3, satisfaction=8
    ),
    "many and long providers": treated(
        visits(GRADE, [[3, 3]] * 24),
        scar_worsening=["no"] * 47 + ["yes"],
        provider_id=[f"{'D' * 40}{row // 12}" for row in range(48)],
    ),
    "getting worse": visits(GRADE, [[2, 2, 3, 3], [1, 2, 2], [2, 3, 4, 4]] * 8),
}


def shown(notebook: Path, records: Path, endpoint: str) -> list[Any]:
    """What each code cell shows, run in order with these records; notebooks have no other state."""
    names: dict[str, Any] = {}
    out = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        *before, last = cell.source.splitlines()
        exec("\n".join(before), names)
        if "parameters" in cell.metadata.get("tags", []):
            exec(last, names)
            names |= {"records": str(records)} | ({"endpoint": endpoint} if "endpoint" in names else {})
            # The invented earlier report by its path, as that of a clinic.
            names |= {"compare": str(sample_path())} if names.get("compare") else {}
        elif last.split("=")[0].strip().isidentifier() and "=" in last:
            exec(last, names)
        else:
            out.append(eval(last, names))
    return out


ALWAYS = ("one patient",)
"""The case that failed most; the others are as slow and are run with the slow tests."""


@pytest.mark.parametrize("case", [case if case in ALWAYS else pytest.param(case, marks=pytest.mark.slow) for case in RECORDS])
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_speaks_plainly_of(case: str, notebook: Path, tmp_path: Path) -> None:
    frame = RECORDS[case]
    file = tmp_path / "records.csv"
    frame.to_csv(file, index=False)
    endpoint = {"scar_score": "scarring", "pih_score": "pih", "line_score": "fine_lines"}[frame.columns[-1]]
    said = [str(each) for each in shown(notebook, file, endpoint)]
    assert all(said), "a cell shows nothing"
    for text in said:
        assert not re.search(r"\b(nan|inf|NaN|<NA>)\b", text), text
        assert not re.search(r"(?<![0-9,.])1 (courses|patients|rows|visits|sessions)\b", text), text
        assert ": ." not in text, text


@pytest.mark.parametrize("name", ["1_summary", pytest.param("6_safety", marks=pytest.mark.slow), "7_claims"])
@pytest.mark.parametrize(
    "asked",
    [pytest.param({}, marks=pytest.mark.slow), {"new_pih": "no", "gais": 3, "gais_by": "patient"}],
    ids=["bare visits", "events only"],
)
def test_a_notebook_needs_no_endpoint(name: str, asked: dict[str, Any], tmp_path: Path) -> None:
    frame = treated(visits(GRADE, [[4, 3, 3]] * 20), **asked).drop(columns=["scar_scale", "scar_score"])
    file = tmp_path / "records.csv"
    frame.to_csv(file, index=False)
    (notebook,) = [path for path in NOTEBOOKS if path.stem == name]
    said = [str(each) for each in shown(notebook, file, "")]
    assert all(said), "a cell shows nothing"
    assert not [text for text in said if re.search(r"\b(nan|NaN|<NA>)\b", text)]


SCREENING = ("pregnant", "breastfeeding", "active_skin_cancer", "blood_disorder", "isotretinoin_months")
EVENTS = (
    "new_pih",
    "prolonged_erythema",
    "infection",
    "herpes_flare",
    "tram_tracks",
    "scar_worsening",
    "other_event",
    "event_days",
)
WITHOUT = (
    ("gais", "gais_by"), ("gais_by",), ("satisfaction",), ("provider_id",), ("area",), ("course_id",), ("age", "sex"), ("planned_sessions", "status"),
    ("treated",), ("tip_code", "depth_mm"), SCREENING, EVENTS, ("event_days",), ("new_pih",), ("pih_scale", "pih_score"), ("line_scale", "line_score"),
    ("gais", "satisfaction", "treated", *SCREENING, *EVENTS),
)  # fmt: skip


@cache
def without(columns: tuple[str, ...]) -> pd.DataFrame:
    records = sample(60, seed=4).records
    # Without its course, a patient's second one would be more than one row on a day.
    once = records.drop_duplicates(["patient_id", "day"]) if {"course_id", "area"} & {*columns} else records
    return once.drop(columns=list(columns))


@pytest.mark.slow
@pytest.mark.parametrize("columns", WITHOUT, ids=" ".join)
@pytest.mark.parametrize("notebook", [path for path in NOTEBOOKS if path.stem[0] in "12367"], ids=lambda path: path.stem)
def test_a_notebook_does_without_any_optional_column(columns: tuple[str, ...], notebook: Path, tmp_path: Path) -> None:
    without(columns).to_csv(tmp_path / "records.csv", index=False)
    said = [str(each) for each in shown(notebook, tmp_path / "records.csv", "scarring")]
    assert all(said), "a cell shows nothing"
