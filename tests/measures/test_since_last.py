"""What has changed since an earlier report: which numbers are compared with which, and what is said of each."""

from __future__ import annotations

import json
from math import nan, sqrt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.display import prose
from outcomes.display.prose.since_last import since_tiles
from outcomes.errors import UsageError
from outcomes.measures.since_last import EarlierReport
from outcomes.report.earlier import earlier_report, sample_path
from outcomes.report.notebooks import notebooks_folder
from shared import sample

COLUMNS = ("endpoint", "scale", "measure", "estimand", "event", "skin_types", "gais_by", "claim", "said", "verdict")


def numbers(estimate: float, half: float = 0.2, n: int = 100, **others: object) -> dict[str, object]:
    """A row of estimates of scarring after 3 sessions, unless that is said otherwise."""
    row = {
        "endpoint": "scarring",
        "scale": "goodman_baron_grade",
        "measure": "change",
        "estimand": "continued",
        "session": 3.0,
        "n": n,
        "estimate": estimate,
        "conf_low": estimate - half,
        "conf_high": estimate + half,
        "unit": "grades",
        "note": (),
    }
    return row | others


def events(estimate: float, half: float, n: int = 100, **others: object) -> dict[str, object]:
    known = {"endpoint": "", "scale": "", "estimand": "", "event": "new_pih", "events": 5, "session": 4.0, "unit": "% of courses"}
    return numbers(estimate, half, n, measure="events per course") | known | others


def then(*rows: dict[str, Any], **about: Any) -> EarlierReport:
    blank = dict.fromkeys(COLUMNS, "")
    return EarlierReport(pd.DataFrame([blank | row for row in rows]), **about)


def since(now: dict[str, Any], was: dict[str, Any], **about: Any) -> dict[str, Any]:
    (row,) = outcomes.since_last_report(then(was, **about), pd.DataFrame([now])).to_dict("records")
    return row


def test_of_different_patients_the_spreads_add_and_of_shared_ones_the_interval_is_narrower() -> None:
    apart, shared = (since(numbers(-0.9), numbers(-0.6), overlap=share) for share in (0.0, 0.75))
    assert apart["estimate"] == shared["estimate"] == pytest.approx(-0.3)
    assert (apart["conf_low"], apart["conf_high"]) == pytest.approx((-0.3 - 0.2 * sqrt(2), -0.3 + 0.2 * sqrt(2)))
    assert (shared["conf_low"], shared["conf_high"]) == pytest.approx((-0.3 - 0.2 * sqrt(0.5), -0.3 + 0.2 * sqrt(0.5)))


def test_an_overlap_that_is_not_known_gives_the_widest_interval() -> None:
    unknown, none = since(numbers(-0.9), numbers(-0.6)), since(numbers(-0.9), numbers(-0.6), overlap=0.0)
    assert [unknown[end] for end in ("conf_low", "conf_high")] == [none[end] for end in ("conf_low", "conf_high")]


@pytest.mark.parametrize(
    ("now", "was", "verdict"),
    [
        (numbers(-1.2), numbers(-0.6), "better"),
        (numbers(-0.6), numbers(-1.2), "worse"),
        (numbers(-0.7), numbers(-0.6), "no clear change"),
        (numbers(80.0, 5, measure="responders", unit="%"), numbers(60.0, 5, measure="responders", unit="%"), "better"),
        (events(9.0, 2), events(3.0, 2), "worse"),
        (events(1.0, 1), events(6.0, 2), "better"),
        (numbers(-0.7), numbers(nan, n=3), "newly known"),
        (numbers(-0.7), numbers(-0.7, n=4), "newly known"),
        (numbers(-0.7), numbers(-0.7, session=2.0), "newly known"),
        (numbers(-0.7, n=4), numbers(-0.7), "no longer known"),
        (numbers(-0.7), numbers(-0.7, endpoint="pih", scale="pahpi"), "not compared"),
        (numbers(-0.7), numbers(-0.7, half=nan), "not compared"),
        (numbers(-0.7), numbers(-0.7, tilt=0.2), "not compared"),
        (numbers(-0.7), numbers(-0.7, start_year="2024"), "not compared"),
        (numbers(-0.7), numbers(-0.7, grouped_by="provider_id", group="D2"), "not compared"),
    ],
)
def test_each_number_is_better_worse_unclear_or_why_not(now: dict[str, Any], was: dict[str, Any], verdict: str) -> None:
    found = since(now, was, overlap=0.0)
    assert found["verdict"] == verdict
    assert (found["conf_low"] == found["conf_low"]) == (verdict in ("better", "worse", "no clear change"))


def test_nothing_of_fewer_than_5_courses_is_given() -> None:
    assert pd.isna(since(numbers(-0.7, n=4), numbers(-0.6))["now"])
    assert pd.isna(since(numbers(-0.7), numbers(-0.6, n=4))["then"])


def test_where_the_usual_course_has_another_length_events_are_compared_by_session() -> None:
    by_session = {"measure": "events per session", "unit": "% of sessions", "session": nan}
    was = then(events(3, 2), events(1, 0.5) | by_session, overlap=0.0)
    same, longer = ([events(4, 2, session=length), events(2, 0.5) | by_session] for length in (4.0, 5.0))
    assert outcomes.since_last_report(was, pd.DataFrame(same))["compared"].tolist() == ["events per course"]
    assert outcomes.since_last_report(was, pd.DataFrame(longer))["compared"].tolist() == ["events per session"]


def test_an_endpoint_scored_on_another_scale_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="acne scarring was scored on the ECCA then, and on the Goodman-Baron grade now"):
        since(numbers(-0.7), numbers(-40, scale="ecca"))


@pytest.mark.parametrize("overlap", ["half", "1.5", -0.1])
def test_an_overlap_that_is_no_share_is_refused(overlap: float | str) -> None:
    with pytest.raises(UsageError, match="overlap must be a share between 0 and 1, or blank"):
        outcomes.since_last_report(then(numbers(-0.6)), pd.DataFrame([numbers(-0.7)]), overlap=overlap)


def claim(verdict: str, said: str = "Improves acne scarring") -> dict[str, object]:
    return {"claim": "1", "said": said, "verdict": verdict, "n": 40, "measure": "change"}


@pytest.mark.parametrize(
    ("now", "was", "found"),
    [
        (claim("supported"), claim("supported"), "same verdict"),
        (claim("supported"), claim("undecided"), "other verdict"),
        (claim("supported"), claim("not recorded"), "newly known"),
        (claim("not recorded"), claim("supported"), "no longer known"),
        (claim("supported"), claim("undecided", "Improves scars"), "not compared"),
        (claim("supported"), claim("<b>splendid</b>"), "not compared"),
    ],
)
def test_a_claim_has_its_verdict_then_and_now(now: dict[str, Any], was: dict[str, Any], found: str) -> None:
    row = since(now, was)
    assert (row["verdict"], row["verdict_now"], row["verdict_then"]) == (found, now["verdict"], was["verdict"])


def test_the_sample_beside_its_earlier_report() -> None:
    cohort = outcomes.read_cohort(sample())
    earlier = earlier_report("sample", cohort)
    rows = outcomes.since_last_report(earlier, outcomes.headline(cohort.tallies()))
    found = rows[rows["endpoint"] == "scarring"].set_index("compared")
    assert found.loc["responders", ["then", "now"]].astype(float).round().tolist() == [73, 73]
    assert found["verdict"].tolist() == ["no clear change"] * 2
    assert since_tiles(rows) == {"improvement": "Since 15 June 2026: no clear change (95%\N{NO-BREAK SPACE}CI −4 to +5 points)"}
    nothing = outcomes.since_last_report(EarlierReport(earlier.estimates[:0]), outcomes.headline(cohort.tallies()))
    assert nothing["verdict"].tolist() == ["not compared"] * 4


def test_a_tile_says_that_events_are_compared_by_session_where_the_usual_course_has_another_length() -> None:
    by_session = {"measure": "events per session", "unit": "% of sessions", "session": nan, "event": "any event"}
    was, now = ([events(3, 2, event="any event", session=length), events(2, 0.5) | by_session] for length in (4.0, 5.0))
    rows = outcomes.since_last_report(then(*was, issued="2026-06-15"), pd.DataFrame(now))
    assert since_tiles(rows) == {
        "safety": "Since 15 June 2026: no clear change, per session (95%\N{NO-BREAK SPACE}CI −0.7 to +0.7 points)"
    }


def test_records_without_any_score_are_compared_by_their_events_and_claims_alone(tmp_path: Path) -> None:
    records = pd.read_csv(sample_path().parent / "sessions.csv", dtype=str, nrows=300)
    is_score = records.columns.str.contains("_score|_scale|gais|satisfaction")
    records.loc[:, ~is_score].to_csv(tmp_path / "unscored.csv", index=False)
    cells = json.loads((notebooks_folder() / "9_since_last.ipynb").read_text(encoding="utf-8"))["cells"]
    parameters, *others = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names: dict[str, Any] = {}
    exec(parameters, names)
    names |= {"records": str(tmp_path / "unscored.csv"), "compare": str(sample_path())}
    exec("\n".join(others), names)
    rows = names["since"]
    assert {*rows["compared"].dropna()} == {"events per session"}  # the usual course of these few is shorter
    assert rows.loc[rows["claim"] == "1", ["verdict_then", "verdict_now"]].values.tolist() == [["supported", "not recorded"]]


def told(*rows: tuple[dict[str, Any], dict[str, Any]], **about: Any) -> pd.DataFrame:
    now, was = zip(*rows, strict=True)
    return outcomes.since_last_report(then(*was, **about), pd.DataFrame(now))


def test_sentences_say_what_is_better_or_worse_by_how_much_and_what_is_newly_known() -> None:
    rows = told(
        (numbers(-1.2), numbers(-0.6)),
        (events(9.0, 2, skin_types="IV-VI"), events(3.0, 2, skin_types="IV-VI")),
        (numbers(50, 9, measure="responders", unit="%"), numbers(nan, n=2, measure="responders", unit="%")),
        issued="2026-06-15",
    )
    assert prose.since_last(rows) == (
        "Since 15 June 2026, of 2 numbers compared, **1 is better** and **1 is worse**. By chance alone, about 1 in 20 would be.\n\n"
        "- **Better:** the change in acne scarring after 3 sessions, −1.2 now and −0.6 then (−0.6 grades; 95%\N{NO-BREAK SPACE}CI −0.9 to −0.3).\n"
        "- **Worse:** new PIH in skin types IV–VI, 9.0% now and 3.0% then (+6.0 percentage points; 95%\N{NO-BREAK SPACE}CI +3.2 to +8.8).\n\n"
        "Newly known: courses improved in acne scarring after 3 sessions."
    )


def test_where_nothing_is_clear_or_nothing_can_be_compared_the_sentence_says_so() -> None:
    unclear = told((numbers(-0.7), numbers(-0.6)))
    assert prose.since_last(unclear) == (
        "Since the earlier report, **nothing has clearly changed**: of 1 number compared, none is clearly better or worse."
    )
    none = told((numbers(-0.7), numbers(-0.7, endpoint="pih", scale="pahpi")))
    assert prose.since_last(none) == "The earlier report holds none of the numbers of this one, so there is nothing to compare."


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"overlap": 0.0, "issued": "2026-06-15"}, "**No patient code of the earlier report is in these records**"),
        ({"overlap": 0.9, "issued": "2026-06-15"}, "90% of the patients of the earlier report are in these records too"),
        ({"overlap": 1.0, "issued": "2026-06-15"}, "All of the patients of the earlier report are in these records too"),
        ({"issued": "2026-06-15"}, "How many patients are in both reports is **not known**, so the intervals are the widest"),
        ({}, "Nor is it known by which window and limits the earlier one was counted."),
    ],
)
def test_a_sentence_says_how_many_patients_are_in_both(about: dict[str, Any], words: str) -> None:
    assert words in prose.overlap(told((numbers(-0.7), numbers(-0.6)), **about))
