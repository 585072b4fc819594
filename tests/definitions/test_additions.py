"""An addition is one row: a scale on which higher is better, an endpoint, an adverse event, a claim and a file of the report, end to end."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import outcomes
from outcomes import prose, tables
from outcomes.definitions.scales import SCALES
from outcomes.measures.regression_to_the_mean import SHIFT
from outcomes.records.read import sample_path

ADDITIONS = Path(__file__).parent / "additions"

ROWS = {
    "outcomes.definitions.scales": (
        "    for scale in (",
        'Scale("quality", "Skin Quality Index", 0, 10, "sum", "invented", "points", HALF_WAY, 0.5, higher_is_better=True),',
    ),
    "outcomes.definitions.endpoints": (
        "    for endpoint in (",
        'Endpoint("texture", "skin texture", "texture", ("quality",), "skin texture"),',
    ),
    "outcomes.definitions.columns": (
        '    Column("other_event", "yes/no", "adverse event since the previous session", event=True),',
        '    Column("milia", "yes/no", "adverse event since the previous session", event=True),',
    ),
    "outcomes.measures.claims": (
        "    for claim in (",
        'Claim("8", "No milia in darker skin", partial(measure.event_in_darker_skin, "milia"), rules.never),',
    ),
    "outcomes.report.outputs": (
        "OUTPUTS = (",
        'Output("contents.txt", lambda path, made: print(*(each.run.name for each in made.executed), file=path.open("w"))),',
    ),
}
"""One row for each registry: the line after which it stands, and the row."""


def python(*arguments: str, **options: object) -> str:
    """What a Python with these rows prints."""
    path = os.pathsep.join([str(ADDITIONS), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path, "ADDED_ROWS": json.dumps(ROWS)}
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Invented records made with the rows: a score of the new endpoint and an answer about the new event at each visit."""
    path = tmp_path_factory.mktemp("added") / "sessions.csv"
    python("-m", "outcomes", "sample", "--patients", "160", "--seed", "4", "--out", str(path))
    return path


def test_invented_records_have_the_new_columns_and_scores_rise_where_higher_is_better(records: Path) -> None:
    frame = pd.read_csv(records)
    assert {"texture_scale", "texture_score", "milia"} <= {*frame}
    assert set(frame["texture_scale"].dropna()) == {"quality"}
    assert set(frame["milia"].dropna()) == {"yes", "no"}
    by_sessions = frame.groupby("sessions_completed")["texture_score"].mean()
    assert by_sessions[3] > by_sessions[0] + 1


FIRST_WORDS = """
import sys, outcomes
from outcomes import prose
records = outcomes.read_records(sys.argv[1])
texture = outcomes.tally(records, "texture")
print(prose.headline(outcomes.headline([texture])))
print(prose.responder_rule(texture))
print(prose.durability(outcomes.durability(records, "texture")))
print([each.endpoint.name for each in outcomes.tallies(records)])
"""


def test_sentences_about_the_new_scale_say_improved_whichever_way_it_runs(records: Path) -> None:
    headline, rule, lasted, leading = python("-c", FIRST_WORDS, str(records)).strip().splitlines()
    assert headline.startswith("After 4 sessions, **skin texture** would have improved by **2.4 points** on average")
    assert "lower" not in headline
    assert rule.startswith(
        "**Improved** means at least half of the way from baseline to the best possible score for skin texture. This is a convention:"
    )
    assert "points better** than before treatment" in lasted
    assert leading == "['texture', 'scarring', 'pih']"


CLAIM_WORDS = """
import sys, outcomes
from outcomes import prose, tables
judged = outcomes.claims(outcomes.read_records(sys.argv[1]))
print(*judged["claim"])
print(*tables.claims(judged).rows[0], sep=" | ")
print(*tables.what_claims_rest_on(judged).rows[0], sep=" | ")
print(prose.note_words(judged["rests_on"].iloc[0]))
print(prose.claims(judged))
"""


def test_a_claim_is_judged_and_told_in_words(records: Path) -> None:
    codes, row, below, rests_on, said = (
        python("-c", CLAIM_WORDS, str(records)).replace("\N{NO-BREAK SPACE}", " ").strip().splitlines()
    )
    assert codes.split() == ["8", "1", "2", "3", "4a", "4b", "5a", "5b", "6", "7"]
    heard, verdict, number = row.split(" | ")
    again, rule, rests, _ = below.split(" | ")
    assert heard == again == "8. No milia in darker skin"
    assert rests == rests_on
    assert verdict in ("contradicted", "supported") or verdict.startswith("undecided")
    assert number.startswith("Milia was recorded in ")
    assert rule.startswith("contradicted: at least one was recorded; supported: none was, and the upper end of the exact 95% CI")
    assert "by a life table over the sessions asked about milia; other adverse events are not in it" in rests_on
    assert said.startswith("Of the 8 statements that patients hear about the outcome")


def test_an_export_is_mapped_by_the_new_names() -> None:
    told = python(
        "-c",
        "from outcomes.deidentify.template import example;"
        "print(example(['Patient No', 'Visit date', 'Skin Quality Index', 'Milia']))",
    )
    assert 'texture_score = "Skin Quality Index"' in told
    assert 'texture_scale = "quality"' in told
    assert 'milia = "Milia"' in told


def test_the_data_dictionary_follows() -> None:
    page = python("-m", "outcomes.definitions.dictionary")
    assert "| `milia` | yes/no | no | yes or no | adverse event since the previous session |" in page
    assert (
        "| `texture_score` | number | no | a number between 0 and 10 with at most two decimals | skin texture at this visit"
        in page
    )
    assert (
        "| skin texture | at least half of the way from baseline to the best possible score | 0.5 points | higher | invented |"
        in page
    )


@pytest.mark.slow
def test_a_report_of_them_is_whole(records: Path, tmp_path: Path) -> None:
    """All notebooks, in other processes; 160 s on a busy machine."""
    out = tmp_path / "out"
    python("-m", "outcomes", "report", str(records), "--out", str(out), timeout=900)
    with (out / "estimates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    page = (out / "report.html").read_text(encoding="utf-8")

    texture = [row for row in rows if row["endpoint"] == "texture"]
    assert {row["scale"] for row in texture if row["variable"] != "baseline"} == {"quality"}
    assert {row["scale"] for row in texture if row["variable"] == "baseline"} <= {"quality", ""}, "not recorded on any scale"
    continued = [
        row for row in texture if row["measure"] == "change" and row["estimand"] == "continued" and row["session"] != "0"
    ]
    assert continued
    assert all(float(row["estimate"]) < 0 for row in continued if row["estimate"]), "an improvement, on every scale"
    assert re.search(r"skin texture</strong> would have improved by <strong>\d\.\d points", page)
    assert "Higher is better on the Skin Quality Index" in page

    events = [row for row in rows if row["event"] == "milia"]
    assert {"events per session", "events per course"} <= {row["measure"] for row in events}
    assert "milia" in page

    (claim,) = [row for row in rows if row["claim"] == "8"]
    assert (claim["said"], claim["event"]) == ("No milia in darker skin", "milia")
    assert claim["rule"].startswith("contradicted: at least one was recorded")
    assert "8. No milia in darker skin" in page

    names = (out / "contents.txt").read_text(encoding="utf-8").split()
    assert {"1_summary", "3_improvement", "4_skin_types", "8_evidence"} <= {*names}
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert "contents.txt" in manifest["files"]
    assert manifest["warnings"] == {}


# A scale turned round

GRADE = "goodman_baron_grade"


@contextmanager
def turned_round() -> Iterator[outcomes.Records]:
    """The invented clinic, had its scar grades run the other way: the same skin, 4 the best and 1 the worst."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCALES, GRADE, replace(SCALES[GRADE], higher_is_better=True))
        frame = pd.read_csv(sample_path())
        yield outcomes.read_records(frame.assign(scar_score=5 - frame["scar_score"]))


def both(measure: Callable[[outcomes.Records], Any]) -> tuple[Any, Any]:
    """What is measured of the clinic, and of the clinic turned round."""
    plain = measure(outcomes.read_records("sample"))
    with turned_round() as records:
        return plain, measure(records)


@pytest.fixture(scope="module")
def tallies() -> tuple[outcomes.Tally, outcomes.Tally]:
    return both(outcomes.tally)


@pytest.mark.parametrize(
    "measure",
    [
        outcomes.change_by_session,
        outcomes.responders_by_session,
        outcomes.percent_of_possible_by_session,
        outcomes.better_or_worse,
        outcomes.continued_by_session,
        outcomes.gain_by_session,
        outcomes.skin_type_differences,
        outcomes.response_by_session,
        outcomes.odds_of_stopping,
        outcomes.tipping_point,
    ],
    ids=lambda measure: measure.__name__,
)
def test_the_same_skin_gives_the_same_estimates(measure, tallies) -> None:
    plain, turned = map(measure, tallies)
    assert_frame_equal(turned, plain)


def test_the_same_skin_lasts_as_long() -> None:
    plain, turned = both(outcomes.durability)
    assert_frame_equal(turned, plain)


def test_scores_are_shown_as_recorded(tallies) -> None:
    plain, turned = (courses.filter(regex="^after_") for courses in both(outcomes.courses))
    assert_frame_equal(turned, 5 - plain)
    plain, turned = map(outcomes.transitions, tallies)
    assert_frame_equal(turned.assign(before=5 - turned["before"], after=5 - turned["after"]), plain)
    plain, turned = (outcomes.evidence(tally).iloc[0] for tally in tallies)
    assert turned["baseline"] == pytest.approx(5 - plain["baseline"])
    assert turned["estimate"] == plain["estimate"]


def test_where_enrolment_began_is_told_from_the_other_end(tallies) -> None:
    shifts = (outcomes.regression_to_the_mean(tally).set_index("measure").loc[SHIFT, "note"] for tally in tallies)
    assert [*map(prose.note_words, shifts)] == [
        "no sign that only higher scores were enrolled",
        "no sign that only lower scores were enrolled",
    ]


def test_a_caption_says_that_changes_are_turned_round() -> None:
    with turned_round() as records:
        table = tables.numbers(outcomes.change_by_session(outcomes.tally(records)))
    assert table.caption == (
        "The numbers behind this. Higher is better on the Goodman-Baron grade, so its scores are turned round: "
        "a change below 0 is an improvement"
    )


def test_the_words_of_a_rule_go_the_way_of_its_scale(tallies) -> None:
    assert [tally.scale.rule for tally in tallies] == ["down by at least one grade", "up by at least one grade"]
