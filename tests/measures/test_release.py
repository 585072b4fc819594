"""What may be published of a cohort: no count of 1 to 7 is in it, and none can be worked out of it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import outcomes
from outcomes.cohort.public import PublicCohort
from outcomes.display.tables.table import in_words
from outcomes.errors import UsageError
from outcomes.measures.release import released_session
from outcomes.report.released_rows import breaches, given_back, key_of, limits_of, sums_of
from outcomes.simulate.sample import write_sample
from outcomes.statistics.suppression import Sum, possible

FEW = [(7, 0), (14, 1), (40, 4)]
MANY = [(patients, seed) for patients in (6, 9, 12, 16, 20, 28, 50) for seed in range(4)]
EACH = [*FEW, *(pytest.param(*each, marks=pytest.mark.slow) for each in MANY)]


@cache
def cohort(patients: int, seed: int, folder: Path) -> Any:
    path = folder / f"{patients}-{seed}.csv"
    write_sample(path, patients=patients, seed=seed)
    return outcomes.read_cohort(path)


@cache
def release(patients: int, seed: int, folder: Path) -> Any:
    return outcomes.release(cohort(patients, seed, folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("released")


def rows_of(release: Any) -> list[dict[str, str]]:
    """The rows as estimates.csv has them."""
    told: list[dict[str, Any]] = []
    for frame in release:
        whole = in_words(frame.dropna(axis="columns", how="all"))
        told += json.loads(whole.to_json(orient="records", double_precision=6))
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in told]


def truth(whole: Any) -> dict[Any, int]:
    """The counts behind some keys of a release, counted from the clinic's own measures."""
    events = outcomes.adverse_events(whole).query("measure == 'events per course'")
    found: dict[Any, int] = {"courses": whole.courses, "patients": whole.patients}
    for row in events.to_dict("records"):
        found["asked", row["event"], ""] = int(row["n"])
        found["with", row["event"], ""] = int(row["events"])
    types = outcomes.patients(whole).query("variable == 'fitzpatrick' and measure == 'share'")
    found |= {("patients", row["level"]): int(row["events"]) for row in types.to_dict("records")}
    for tally in whole.tallies():
        of = tally.scores.groupby("session")["n"].sum()
        found |= {("assessed", tally.endpoint.name, "", f"{k}"): int(n) for k, n in of.items()}
    return found


@pytest.mark.parametrize(("patients", "seed"), EACH)
def test_three_values_stay_possible_for_every_small_count_of_a_cohort(patients: int, seed: int, folder: Path) -> None:
    whole = cohort(patients, seed, folder)
    rows, counts = rows_of(release(patients, seed, folder)), truth(whole)
    assert [*breaches(rows)] == []
    limits = limits_of(rows)
    hidden, adds = sums_of(limits, rows)
    sums = [Sum(each.total, each.parts, each.is_least) for each in adds]
    known = [key for key in limits if key in counts]
    assert len(known) > 15
    for key in known:
        low, high = limits[key]
        assert low <= counts[key] <= high, key
        if 0 < counts[key] < 8:
            low, high = possible(key, limits | hidden, sums)
            assert low <= counts[key] <= high, key
            assert high - low >= 2, (key, counts[key])


@pytest.mark.parametrize(("patients", "seed"), FEW)
def test_every_number_is_rounded_and_rests_on_enough(patients: int, seed: int, folder: Path) -> None:
    for frame in release(patients, seed, folder):
        for name in {"n", "events"} & {*frame}:
            known = frame[name].dropna()
            assert ((known == 0) | ((known >= 10) & (known % 5 == 0))).all()
        told = frame[frame["estimate"].notna()]
        assert (told["n"] >= 10).all()
        changes = told[told["measure"] == "change"]
        assert np.allclose(changes["estimate"] * 10, (changes["estimate"] * 10).round())
        if len(changes):
            assert changes.loc[changes["session"] > 0, "conf_low"].notna().all()


def test_shares_are_those_of_rounded_counts_and_hold_the_clinics_own(sample_records: outcomes.Records) -> None:
    whole = outcomes.tallies(sample_records)
    own = outcomes.continued_by_session(whole).query("measure == 'responders'").set_index(["endpoint", "session"])
    shares = outcomes.release(sample_records).change.query("measure == 'responders'")
    assert len(shares) >= 10
    for row in shares.to_dict("records"):
        clinic = own.loc[(row["endpoint"], row["session"])]
        courses = row["estimate"] * row["n"] / 100
        assert abs(courses - 5 * round(courses / 5)) < 1e-9
        assert abs(row["estimate"] - clinic["estimate"]) < 100 * 5 / row["n"]
        assert row["conf_low"] <= row["estimate"] <= row["conf_high"]


def test_a_split_by_skin_types_is_whole_or_not_there(folder: Path) -> None:
    for patients, seed in FEW:
        frame = release(patients, seed, folder).by_skin_types
        groups = frame[frame["session"] == 0]["skin_types"].nunique()
        assert groups != 1
        assert (frame["measure"] == "change").all()
        halves = release(patients, seed, folder).events
        if "skin_types" in halves:
            split = halves[halves["skin_types"].notna()]
            assert split.groupby("event")["skin_types"].nunique().eq(2).all()
            assert split["events"].notna().all()


def test_where_all_changed_alike_nothing_is_told_of_it(
    sample_records: outcomes.Records, tally_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Had all improved by one grade, the mean would tell it of each of them."""
    alike = tally_of([[3, 2]] * 30)
    whole = outcomes.read_cohort(sample_records)
    monkeypatch.setattr(type(whole), "tallies", lambda *_: [alike])
    change = outcomes.release(whole).change
    assert change["session"].tolist() == [0]


def test_the_session_that_is_spoken_of_is_that_of_the_headline(sample_records: outcomes.Records) -> None:
    change = outcomes.release(sample_records).change
    assert released_session(change) == outcomes.headline_session(outcomes.tallies(sample_records)) == 3
    assert released_session(change[:0]) == 0


@pytest.mark.slow
def test_those_without_a_skin_type_are_not_given_away_by_the_others(folder: Path) -> None:
    """Each third patient has none: 13 of 40; then 2 alone, whose mean would follow from all others."""
    cohort(40, 4, folder)
    for every, row in ((3, True), (20, False)):
        frame = pd.read_csv(folder / "40-4.csv")
        blank = frame["patient_id"].drop_duplicates().tolist()[::every]
        frame.loc[frame["patient_id"].isin(blank), "fitzpatrick"] = None
        whole = outcomes.read_cohort(frame)
        found = outcomes.release(whole)
        assert [*breaches(rows_of(found))] == []
        (unknown,) = found.treated.query("level == 'not recorded'").to_dict("records")
        assert unknown["events"] == 5 * round(len(blank) / 5) if row else pd.isna(unknown["events"])
        if not row:
            assert (found.by_skin_types["session"] > 0).sum() == 0
            assert "skin_types" not in found.events


@pytest.mark.parametrize(
    "measure",
    [
        lambda cohort: cohort.tally("scarring"),
        lambda cohort: cohort.save("public.cohort"),
        lambda cohort: cohort.courses,
        outcomes.tallies,
        outcomes.patients,
        outcomes.adverse_events,
        outcomes.claims,
        outcomes.findings,
        outcomes.completeness,
        outcomes.eligibility,
        outcomes.sessions_to_half,
        outcomes.score_account,
        outcomes.prose.who_is_in,
    ],
)
def test_a_cohort_for_the_public_gives_nothing_else(measure: Any, sample_records: outcomes.Records) -> None:
    whole = outcomes.read_cohort(sample_records, audience="public")
    assert isinstance(whole, PublicCohort)
    with pytest.raises(UsageError, match=r"^these numbers are not for the public"):
        measure(whole)


def test_a_cohort_for_the_public_tells_nothing_of_itself(sample_records: outcomes.Records) -> None:
    whole = outcomes.read_cohort(sample_records, audience="public")
    assert repr(whole) == "PublicCohort()"
    own, same = (outcomes.release(each) for each in (sample_records, whole))
    assert all(pd.DataFrame(one).equals(other) for one, other in zip(own, same, strict=True))
    with pytest.raises(UsageError, match=r"^audience must be clinic or public, got 'press'$"):
        outcomes.read_cohort(sample_records, audience="press")


def test_what_sums_give_back_is_found_without_the_code_that_protects() -> None:
    """26 of 225 and 7 of 100: the rest of the courses has 19, were they told; here the halves of 45 are 1 to 7 and 40."""
    row = {"measure": "courses with the event", "event": "infection", "unit": "% of courses"}
    rows = [
        row | {"n": "100", "events": "50"},
        row | {"n": "50", "events": "40", "skin_types": "I-III"},
        row | {"n": "50", "events": "", "skin_types": "IV-VI", "note": "1 to 7"},
    ]
    rows = [{"level": "", "skin_types": "", "note": "", **each} for each in rows]
    assert [key_of(rows[2], name) for name in ("n", "events")] == [
        ("asked", "infection", "IV-VI"),
        ("with", "infection", "IV-VI"),
    ]
    assert [*given_back(rows)] == ["courses with (infection, IV-VI): what is published gives back that it is 6 or 7"]
