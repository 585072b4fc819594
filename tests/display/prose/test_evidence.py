"""The clinic beside published trials, in sentences: as few trials as there are, no verdict that they do not carry."""

from __future__ import annotations

from math import nan
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes import prose, tables
from outcomes.measures.evidence import PREDICTION, SUMMARY
from outcomes.measures.published_results import PUBLISHED
from outcomes.trials.schema import SEEN_IN

M, NB = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
SOME_LEFT_OUT = pd.DataFrame([{"study": "A", "endpoint": "scarring"}])
NONE_LEFT_OUT = SOME_LEFT_OUT[:0]


def row(estimand: str, estimate: float, half: float, **other: Any) -> dict[str, Any]:
    return {
        "endpoint": "scarring", "scale": "goodman_baron_grade", "estimand": estimand, "session": 3, "n": 40, "estimate": estimate,
        "conf_low": estimate - half, "conf_high": estimate + half, "study": "", "year": pd.NA, "correlation": 0.5, "doubt": (), "note": (),
        "interval_days": 30, "after_days": 30, "seen_in": "full text",
    } | other  # fmt: skip


OWN = row("continued", -0.9, 0.1, n=141)
FIRST = (
    f"In this clinic, **acne scarring** would have improved by **0.9 grades** after 3 sessions, had every patient continued (95%{NB}CI 0.8–1.0; "
    "141 courses assessed)."
)
NO_CONTEST = "\n\nA larger change does not make a better clinic: patients, devices and timing differ."
TRIALS = [row(PUBLISHED, estimate, 0.2, study=name, year=2020) for name, estimate in (("A", -1.5), ("B", -0.8), ("C & D", -1.0))]


def said(*rows: dict[str, Any], left_out: pd.DataFrame = SOME_LEFT_OUT) -> str:
    return str(prose.evidence(pd.DataFrame(rows), left_out))


def together(half: float, apart: float) -> tuple[dict[str, Any], dict[str, Any]]:
    return row(SUMMARY, -1.1, half), row(PREDICTION, -1.1, apart)


def test_few_trials_are_named_and_not_summed_up() -> None:
    few = row(SUMMARY, nan, nan)
    assert (
        said(OWN, TRIALS[0], few)
        == f"{FIRST} **One comparable published trial reports** a change of {M}1.5 (A 2020) grades; one is too few for a summary.{NO_CONTEST}"
    )
    assert said(OWN, *TRIALS[1:], few) == (
        f"{FIRST} **Two comparable published trials report** changes of {M}0.8 (B 2020) and {M}1.0 (C \\& D 2020) grades; two are too few for "
        f"a summary.{NO_CONTEST}"
    )


@pytest.mark.parametrize(("apart", "where"), [(0.5, "inside"), (0.1, "outside")])
def test_three_trials_say_where_a_further_one_is_expected(apart: float, where: str) -> None:
    low, high = prose.signed(-1.1 - apart), prose.signed(-1.1 + apart)
    assert said(OWN, *TRIALS, *together(0.1, apart)) == (
        f"{FIRST} Together, **3 comparable published trials** give a change of {M}1.1 grades (95%{NB}CI {M}1.2 to {M}1.0); a further such trial "
        f"would be expected between {low} and {high}, and this clinic lies **{where}** that range.{NO_CONTEST}"
    )


def test_a_range_wider_than_the_scale_is_said_to_tell_nothing() -> None:
    assert said(OWN, *TRIALS, *together(0.9, 5.4)).endswith(
        f"; so few and such unlike trials cannot tell where a further one would lie.{NO_CONTEST}"
    )


def test_a_clinic_that_can_not_say_is_not_placed() -> None:
    text = said(row("continued", nan, nan, n=3), *TRIALS, *together(0.1, 0.5))
    assert text.startswith("This clinic cannot be compared for acne scarring: too few courses. Together, ")
    assert text.endswith(f"a further such trial would be expected between {M}1.6 and {M}0.6.")
    assert said(row("continued", -1.0, nan), TRIALS[0], row(SUMMARY, nan, nan)).startswith(
        f"In this clinic, **acne scarring** would have changed by **{M}1.0 grades** after 3 sessions, had every patient continued (no interval; 40 "
        "courses assessed)."
    )


@pytest.mark.parametrize(
    ("estimate", "half", "words"),
    [
        (0.3, 0.1, f"In this clinic, **acne scarring** would have worsened by **0.3 grades** after 3 sessions, had every patient continued (95%{NB}CI 0.2–0.4;"),
        (-0.1, 0.2, f"In this clinic, there would have been **no clear change** in **acne scarring** after 3 sessions, had every patient continued ({M}0.1 grades; 95%{NB}CI {M}0.3 to +0.1; 40 courses assessed). **One"),
    ],
)  # fmt: skip
def test_a_clinic_that_worsened_or_did_not_clearly_change_says_so(estimate: float, half: float, words: str) -> None:
    assert said(row("continued", estimate, half), TRIALS[0], row(SUMMARY, nan, nan)).startswith(words)


def test_without_a_comparable_trial_it_says_what_is_missing_and_nothing_of_the_clinic() -> None:
    assert said(OWN) == (
        "**No published trial** of acne scarring can be compared: none listed gives a mean change on the Goodman-Baron grade with its spread, of "
        "needling by itself and at a stated time."
    )
    assert said(OWN, left_out=NONE_LEFT_OUT) == "**No published trial** of acne scarring can be compared: none is listed."


def test_each_endpoint_has_its_own_trials_and_that_it_is_no_contest_is_said_once() -> None:
    pih = {"endpoint": "pih", "scale": "pahpi"}
    few = row(SUMMARY, nan, nan)
    first, second, last = said(OWN, TRIALS[0], few, OWN | pih).split("\n\n")
    assert first.endswith("one is too few for a summary.")
    assert second == "**No published trial** of PIH can be compared: none is listed."
    assert f"\n\n{last}" == NO_CONTEST
    both = said(OWN, TRIALS[0], few, *(each | pih for each in (OWN, *TRIALS, *together(0.1, 0.5))))
    assert both.count("A larger change does not make a better clinic") == 1
    assert "**PIH** would have improved by **0.9 points** after 3 sessions" in both
    assert "**3 comparable published trials** give a change" in both


def test_another_dose_is_told_with_what_was_given_and_what_is_usual() -> None:
    weekly = TRIALS[0] | {"session": 12, "interval_days": 7}
    short = TRIALS[1] | {"session": pd.NA, "interval_days": 14}
    assert said(OWN, weekly, short, row(SUMMARY, nan, nan)).endswith(
        " **The dose differed** in A 2020 (12 sessions, 7 days apart) and B 2020 (sessions not stated, 14 days apart); a usual course is 3–6 "
        f"sessions, about 30 days apart.{NO_CONTEST}"
    )
    assert "dose" not in said(OWN, TRIALS[0], row(SUMMARY, nan, nan))


def test_a_trial_read_as_an_abstract_is_named() -> None:
    few, read = row(SUMMARY, nan, nan), {"seen_in": "abstract"}
    assert said(OWN, TRIALS[0] | read, few).endswith(f"summary. A 2020 could be read only as an abstract.{NO_CONTEST}")
    assert said(OWN, TRIALS[0] | read, TRIALS[1] | read, few).endswith(
        f" A 2020 and B 2020 could be read only as abstracts.{NO_CONTEST}"
    )
    assert said(OWN, TRIALS[0] | read, TRIALS[1], few).endswith(f" A 2020 could be read only as an abstract.{NO_CONTEST}")


def test_a_source_is_what_is_known_of_it_and_how_it_was_read() -> None:
    known = {"authors": "A B, C D", "journal": "J Skin", "doi": "10.1/x", "seen_in": "registry"}
    assert prose.source_words(known) == "A B, C D; J Skin; 10.1/x; read in a registry"
    assert prose.source_words(known | {"authors": "", "journal": "", "doi": "", "seen_in": "abstract"}) == "read as an abstract"


@pytest.mark.parametrize("where", SEEN_IN)
def test_every_place_where_facts_are_read_has_its_words(where: str) -> None:
    assert prose.source_words({"authors": "", "journal": "", "doi": "", "seen_in": where}).startswith("read ")


def test_the_assumed_correlation_is_told_with_what_it_does() -> None:
    low, assumed, high = (
        pd.DataFrame([OWN, row(PUBLISHED, -1.5, half, study="A", correlation=r)])
        for half, r in ((0.24, 0.3), (0.2, 0.5), (0.12, 0.8))
    )
    assert prose.assumed_correlation(low, assumed, high) == (
        "The interval of A assumes that a patient's two scores have a correlation of **0.5**, which papers do not report. With 0.3 it would be "
        "1.2 times as wide; with 0.8, 0.6 times."
    )
    reported = pd.DataFrame([row(PUBLISHED, -1.5, 0.2, correlation=nan)])
    assert prose.assumed_correlation(reported, reported, reported) == ""


def test_only_what_can_be_compared_is_explained() -> None:
    pih = {"endpoint": "pih", "scale": "pahpi"}
    both = pd.DataFrame([each | of for of in ({}, pih) for each in (OWN, TRIALS[0])])
    alone = " **no test** of one against the other."
    assert prose.like_with_like(both) == (
        f"Only trials of microneedling alone, on the same scale (Goodman-Baron grade or PAHPI), are compared. This is{alone}"
    )
    unknown = pd.DataFrame([OWN, TRIALS[0], OWN | pih | {"estimate": nan}, TRIALS[0] | pih])
    assert "same scale (Goodman-Baron grade), are" in prose.like_with_like(unknown)
    assert prose.like_with_like(unknown[unknown["endpoint"] == "pih"]) == ""
    assert prose.like_with_like(pd.DataFrame([OWN])) == ""


def test_the_limits_of_published_trials_say_whom_they_report() -> None:
    said = prose.published_limits()
    assert all(words in said for words in ("**no systematic review**", "more likely to be published", "**came to the end**"))


def test_new_pih_is_a_range_of_counts() -> None:
    shares = outcomes.published_new_pih()
    assert prose.published_new_pih(shares) == (
        "In published trials that state both numbers, new PIH arose in **0 of 60** to **2 of 30** patients; 0 of 60 is compatible with a rate of "
        "up to 6.0%, 2 of 30 with up to 22.1%."
    )
    beside = {row[0]: row[2:4] for row in tables.published_new_pih(shares).rows}
    assert beside["Dogra 2014"] == ("5 with new PIH; whether of 30 or of 36 is not stated (16.7% or 13.9%)", "")
    assert beside["Cachafeiro 2016"] == ("none with new PIH; of how many is not stated", "")
    assert beside["Alam 2014"] == ("none with new PIH; whether of 15 or of 20 is not stated", "")
    assert (
        prose.published_new_pih(shares[shares["study"] == "Cachafeiro"])
        == "No listed trial says how many of its patients had new PIH."
    )


def test_what_is_left_out_is_counted(tally_of) -> None:
    scarring, pih = tally_of([[4, 3]]), tally_of([[14, 12]], scale="pahpi", endpoint="pih")
    one, both = outcomes.not_compared(pih), outcomes.not_compared([scarring, pih])
    reason = "the reason stands beside each in the table."
    assert prose.not_compared(one) == f"Listed, but not compared, is 1 published result on PIH; {reason}"
    n = len(both) - 1
    assert n > 1
    assert prose.not_compared(both) == (
        f"Listed, but not compared, are {n} published results on acne scarring and 1 published result on PIH; {reason}"
    )
    assert prose.not_compared(both[:0]) == "No published result is listed and left out."
    assert len(tables.not_compared(both).rows) == n + 1
