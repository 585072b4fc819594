"""A report of saved cohorts: which files go together, what their sum holds, and what is told of it."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from math import isnan, nan
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import outcomes
from outcomes.cli import app
from outcomes.cohort.parts import SPLIT
from outcomes.definitions.windows import Window
from outcomes.errors import RecordsError, UsageError
from outcomes.records.patient_sketch import hashes_of, sketch_of
from outcomes.report.by import Groups
from outcomes.report.clinics import (
    check_unread,
    kept_of_groups,
    read_clinics,
    saved_cohorts,
    shared_codes,
    with_clinics,
)
from outcomes.report.comparison import compared, for_the_next
from outcomes.report.earlier import COMPARISON, read_earlier, sample_path
from outcomes.report.made_from import digest_of_all, made_from_cohorts
from outcomes.report.make import make_report
from outcomes.report.masthead import masthead_of
from outcomes.report.notebooks import notebooks_folder
from shared import sample

PROVIDERS = notebooks_folder() / "11_providers.ipynb"


def visits(people: int, gain: int, provider: str = "D1", clinic: str = "C0") -> pd.DataFrame:
    """Patients scored before and a month after one session, the spacing of which follows no clinic."""
    rows = [
        {
            "patient_id": f"p{number}",
            "fitzpatrick": "II",
            "day": day,
            "sessions_completed": day // 30,
            "provider_id": provider,
            "clinic_id": clinic,
            "scar_scale": "goodman_baron_grade",
            "scar_score": 3 - (gain if day else 0),
        }
        for number in range(people)
        for day in (0, 30)
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the saved cohorts of three clinics; the records of two say the same `clinic_id`."""
    folder = tmp_path_factory.mktemp("saved")
    outcomes.read_cohort(visits(12, 1)).save(folder / "K7.cohort")
    outcomes.read_cohort(visits(9, 2)).save(folder / "H2.cohort")
    other = outcomes.read_cohort(folder / "K7.cohort")
    replace(other, about=replace(other.about, window=Window(7, 30, 60))).save(folder / "W1.cohort")
    return folder


@pytest.fixture(scope="module")
def paths(saved: Path) -> list[Path]:
    return [saved / "H2.cohort", saved / "K7.cohort"]


@pytest.fixture(scope="module")
def whole(paths: list[Path]) -> outcomes.Cohort:
    return read_clinics(paths)[0]


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([], r"^a report is made from one file of records, or from several saved cohorts; outcomes check FILE --cohort"),
        (["a.csv", "b.csv"], r"^a report is made from one file of records, or from several saved cohorts; "),
        (["a.csv", "K7.cohort"], r"^a report is made from records or from saved cohorts, not from both; "),
        (["K7.cohort", "K7.cohort"], r"^K7\.cohort is given twice; "),
        (["K7.cohort", "there/K7.cohort"], r"^K7\.cohort is given twice; "),
        (["K7.cohort", "k7.cohort"], r"^K7\.cohort is given twice; "),
        (
            ["K7.cohort", "Anna Brown.cohort"],
            r"^Anna Brown\.cohort: a clinic is shown by the name of its file, which must be a code ",
        ),
        (["K7.cohort", f"{'k' * 65}.cohort"], r": a clinic is shown by the name of its file"),
        (["K7.cohort", "Brown.cohort"], r"^Brown\.cohort: .*, since letters alone may be a name; rename the file$"),
        (["K7.cohort", "2026-03-01.cohort"], r"^2026-03-01\.cohort: a clinic is shown by the name of its file"),
    ],
)
def test_files_that_do_not_go_together_are_one_message(sources: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as refusal:
        saved_cohorts(sources)
    assert "\n" not in str(refusal.value)


def test_clinics_stand_in_the_order_of_their_codes_and_one_alone_may_be_called_anything() -> None:
    assert saved_cohorts(["there/K7.cohort", "H2.cohort"]) == [Path("H2.cohort"), Path("there/K7.cohort")]
    assert saved_cohorts(["our clinic.cohort"]) == [Path("our clinic.cohort")]
    assert saved_cohorts(["sample"]) == saved_cohorts([Path("a.cohort.csv")]) == []


@pytest.mark.parametrize(
    ("given", "option"),
    [({"table": "visits"}, "--table"), ({"set_aside": True}, "--set-aside"), ({"accept_codes": "tip_code"}, "--accept-codes")],
)
def test_what_is_about_reading_records_is_refused(given: dict[str, object], option: str, saved: Path, tmp_path: Path) -> None:
    said = f"^{option} goes with records; a saved cohort holds counts alone$"
    with pytest.raises(UsageError, match=said):
        check_unread([saved / "K7.cohort"], **given)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=said):
        make_report(saved / "K7.cohort", tmp_path / "out", **given)  # type: ignore[arg-type]
    check_unread([], **given)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_sum_of_clinics_whose_courses_are_not_equally_long_is_saved_whole(saved: Path, tmp_path: Path) -> None:
    longer = visits(10, 1, provider="D2")
    longer = pd.concat([longer, longer[longer["day"] == 30].assign(day=60, sessions_completed=2)], ignore_index=True)
    outcomes.read_cohort(longer, window="14,30,60").save(tmp_path / "L3.cohort")
    outcomes.read_cohort(visits(12, 1), window="14,30,60").save(tmp_path / "K7.cohort")
    paths = [tmp_path / "K7.cohort", tmp_path / "L3.cohort"]
    whole = read_clinics(paths)[0]
    again = outcomes.read_cohort(whole.save(tmp_path / "sum.cohort", by=kept_of_groups(paths)))
    for by in ("clinic_id", "provider_id"):
        pd.testing.assert_frame_equal(outcomes.group_comparison(again, by), outcomes.group_comparison(whole, by))
    assert {code: of.courses for code, of in again.by("clinic_id").items()} == {"K7": 12, "L3": 10}


def test_a_code_that_is_taken_is_not_given_to_a_provider_that_clinics_share(tmp_path: Path) -> None:
    both = pd.concat(
        [visits(6, 1, provider="D2"), visits(6, 1, provider="K7-D2").assign(patient_id=lambda rows: "q" + rows["patient_id"])]
    )
    outcomes.read_cohort(both).save(tmp_path / "K7.cohort")
    outcomes.read_cohort(visits(9, 2, provider="D2")).save(tmp_path / "H2.cohort")
    with pytest.raises(
        UsageError, match=r"^K7\.cohort: several clinics share a provider's code that would become K7-D2, which is taken$"
    ):
        read_clinics([tmp_path / "H2.cohort", tmp_path / "K7.cohort"])


def test_the_sum_holds_each_clinic_whatever_its_records_say_of_it(whole: outcomes.Cohort) -> None:
    assert (whole.rows, whole.courses, whole.patients) == (42, 21, 21)
    assert {code: of.courses for code, of in whole.by("clinic_id").items()} == {"H2": 9, "K7": 12}
    compared = outcomes.group_comparison(whole, "clinic_id")
    change = compared[(compared["measure"] == "change") & (compared["endpoint"] == "scarring")].set_index("group")
    assert change["estimate"].to_dict() == {"H2": -2.0, "K7": -1.0}
    assert change["expected"].round(6).to_dict() == {"H2": -1.428571, "K7": -1.428571}, "of all 21 courses"


def test_one_cohort_alone_is_reported_as_it_was_saved(saved: Path) -> None:
    paths = [saved / "K7.cohort"]
    cohort, known = read_clinics(paths)
    assert cohort.tally("scarring").analysed == 12
    assert {**cohort.by("provider_id")}.keys() == {"D1"}
    assert kept_of_groups(paths) == SPLIT
    assert with_clinics(paths, [PROVIDERS], {}) == {}
    assert known == []


def test_clinics_are_compared_where_there_are_several_and_nothing_else_was_asked_for(
    whole: outcomes.Cohort, paths: list[Path]
) -> None:
    assert with_clinics(paths, [PROVIDERS], {"clinic": "Group"}) == {"clinic": "Group", "by": "clinic_id"}
    assert with_clinics(paths, [PROVIDERS], {"by": "provider_id"}) == {"by": "provider_id"}
    assert with_clinics(paths, [notebooks_folder() / "3_improvement.ipynb"], {}) == {}


def test_a_code_that_two_clinics_use_is_that_of_two_providers(whole: outcomes.Cohort) -> None:
    assert {code: of.courses for code, of in whole.by("provider_id").items()} == {"H2-D1": 9, "K7-D1": 12}
    assert [*whole.part("providers").itertuples(index=False, name=None)] == [("H2-D1", 9), ("K7-D1", 12)]
    assert {*outcomes.adverse_events(whole, "provider_id")["provider_id"]} >= {"H2-D1", "K7-D1"}
    one = "1 provider code is used by several clinics, and shown with the clinic's before: K7-D1"
    assert shared_codes({"A1": whole.by("clinic_id")["K7"], "B2": whole}) == [one]
    assert shared_codes({"A1": whole, "B2": whole})[0].startswith("2 provider codes are used by several clinics, ")


def test_cohorts_that_do_not_add_are_named(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^W1\.cohort: cohorts counted with another window do not add: "):
        read_clinics([saved / "H2.cohort", saved / "W1.cohort"])
    with pytest.raises(
        UsageError, match=r"^H2\.cohort: this cohort was counted with youngest 22, not 25: count the records anew$"
    ):
        read_clinics([saved / "H2.cohort"], youngest=25)
    copy = Path(shutil.copy(saved / "H2.cohort", tmp_path / "A1.cohort"))
    with pytest.raises(UsageError, match=r"^H2\.cohort holds the same counts as A1\.cohort: its patients would count twice$"):
        read_clinics([copy, saved / "H2.cohort"])
    copy.write_bytes(copy.read_bytes()[:-40])
    with pytest.raises(UsageError, match=r"^A1\.cohort is no cohort that outcomes has saved: "):
        read_clinics([copy, saved / "H2.cohort"])


def test_a_report_by_group_needs_what_a_saved_cohort_keeps_of_clinics_alone(whole: outcomes.Cohort, tmp_path: Path) -> None:
    Groups("clinic_id", tmp_path).check(whole)
    with pytest.raises(UsageError, match=r"^--by provider_id: a saved cohort keeps too little of each group for a report of it"):
        Groups("provider_id", tmp_path).check(whole)


def test_what_is_told_names_no_file_and_no_patient(whole: outcomes.Cohort, paths: list[Path]) -> None:
    about = made_from_cohorts(whole, paths, digest_of_all(paths))
    assert (about.name, about.rows_in, about.rows, about.courses) == ("the sum of 2 saved cohorts", 42, 42, 21)
    assert about.digest != digest_of_all(paths[:1]) != digest_of_all(paths[1:])
    told = for_the_next(None, whole, masthead_of({}), {})[COMPARISON]
    assert "patients" not in told
    assert told["definitions"]["window"] == [*whole.window]


def test_which_patients_are_in_an_earlier_report_is_not_known(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sample_path(), tmp_path / "june"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest[COMPARISON] |= {"overlap": nan, "patients": sketch_of(hashes_of(["p1", "p2"])).told()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    earlier = read_earlier(folder)
    assert earlier.patients is not None
    assert isnan(compared("june", earlier, None, outcomes.read_cohort(sample())).overlap)


def test_check_saves_every_count_and_refuses_a_place_before_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[tuple[str, object]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(outcomes.Cohort, "save", lambda cohort, path: saved.append((path.name, tuple(cohort.window))))
    visits(5, 1).to_csv("mine.csv", index=False)
    done = CliRunner().invoke(app, ["check", "mine.csv", "--cohort", "K7.cohort", "--window", "7,30,60"])
    assert done.exit_code == 0, done.output
    assert done.output.endswith("K7.cohort: every count, small groups among them; keep it as carefully as the records\n")
    Path("mine.cohort").write_text("a diary", encoding="utf-8")
    refused = CliRunner().invoke(app, ["check", "missing.csv", "--cohort", "mine.cohort"])
    assert isinstance(refused.exception, UsageError)
    assert str(refused.exception) == "mine.cohort: holds what outcomes did not write; name another file"
    Path("broken.csv").write_text("patient_id,fitzpatrick,day,sessions_completed\na1,VIII,0,0\n", encoding="utf-8")
    assert isinstance(CliRunner().invoke(app, ["check", "broken.csv", "--cohort", "no.cohort"]).exception, RecordsError)
    assert saved == [("K7.cohort", (7, 30, 60))]


@pytest.mark.slow
def test_two_clinics_are_reported_together_from_their_cohorts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for code, seed in (("K7", "5"), ("H2", "6")):
        for words in (
            ["sample", "--out", f"{code}.csv", "--patients", "80", "--seed", seed],
            ["check", f"{code}.csv", "--cohort", f"{code}.cohort"],
        ):
            assert CliRunner().invoke(app, words).exit_code == 0
    each = {code: outcomes.read_cohort(f"{code}.csv") for code in ("H2", "K7")}
    for code in each:
        Path(f"{code}.csv").unlink()
    made = CliRunner().invoke(
        app, ["report", "K7.cohort", "H2.cohort", "--out", "both", "--notebook", "11_providers", "--notebook", "3_improvement"]
    )
    assert made.exit_code == 0, made.output
    page = Path("both/report.html").read_text(encoding="utf-8")
    section = page.partition('id="providers"')[2].partition("</section>")[0]
    assert "Do clinics differ?" in section
    assert "2 clinics" in section
    assert all(f">{code}<" in section for code in each)
    manifest = json.loads(Path("both/manifest.json").read_text(encoding="utf-8"))
    assert manifest["records"]["rows_analysed"] == sum(of.rows for of in each.values())
    assert manifest["parameters"]["11_providers"] == {"by": "clinic_id"}
    assert "patients" not in manifest[COMPARISON]
    with Path("both/estimates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    clinics = [row for row in rows if row["grouped_by"] == "clinic_id"]
    assert {row["group"]: int(row["courses"]) for row in clinics} == {code: of.courses for code, of in each.items()}
    whole = each["H2"] + each["K7"]
    expected = outcomes.group_comparison(whole, "clinic_id", groups=each)
    assert [(row["group"], float(row["estimate"])) for row in clinics] == [
        (row["group"], pytest.approx(row["estimate"], abs=1e-6)) for row in expected.to_dict("records")
    ]
    after = outcomes.change_by_session(whole.tally("scarring")).set_index("session")
    shown = [row for row in rows if row["endpoint"] == "scarring" and row["estimand"] == "observed" and not row["group"]]
    ns = {int(float(row["n"])) for row in shown if row["n"] and row["session"] == "3"}
    assert int(after.loc[3, "n"]) in ns
