"""What the summary says of the sample is true of the patients it was made from."""

from __future__ import annotations

import pandas as pd
import pytest

import outcomes
from outcomes.display.prose import headline
from outcomes.measures.skin_types import DIFFERENT
from outcomes.simulate.sample import truth


@pytest.fixture(scope="module")
def tallies(sample_records: outcomes.Records) -> list[outcomes.Tally]:
    return outcomes.tallies(sample_records)


@pytest.fixture(scope="module")
def at_headline(tallies: list[outcomes.Tally]) -> pd.DataFrame:
    return outcomes.headline(tallies)


@pytest.mark.parametrize("measure", ["change", "responders"])
@pytest.mark.parametrize("endpoint", ["scarring", "pih"])
def test_the_headline_holds_the_true_value_in_its_interval(at_headline: pd.DataFrame, endpoint: str, measure: str) -> None:
    row = at_headline[(at_headline["endpoint"] == endpoint) & (at_headline["measure"] == measure)].iloc[0]
    true = truth()["endpoints"][endpoint][measure][int(row["session"]) - 1] * (100 if measure == "responders" else 1)
    assert row["conf_low"] <= true <= row["conf_high"]
    widest = {"responders": 30, "change": 0.3 if endpoint == "scarring" else 1.5}[measure]
    assert row["conf_high"] - row["conf_low"] < widest


@pytest.mark.slow
def test_fine_lines_run_through_the_same_way_and_hold_their_true_value() -> None:
    """In a large sample: in the committed one, with 55 courses scored, the interval of fine lines is one of the 1 in 20 that miss."""
    fine_lines = outcomes.headline([outcomes.tally(outcomes.read_records(_many()), endpoint="fine_lines")])
    true = truth()["endpoints"]["fine_lines"]
    for measure, factor, widest in (("change", 1, 0.15), ("responders", 100, 10)):
        row = fine_lines[fine_lines["measure"] == measure].iloc[0]
        assert row["conf_low"] <= factor * true[measure][int(row["session"]) - 1] <= row["conf_high"]
        assert row["conf_high"] - row["conf_low"] < widest
    assert headline(fine_lines).startswith("After 4 sessions, **fine lines** would have improved by **0.49 grades** on average")


def test_the_raw_mean_after_six_sessions_leaves_it_out_where_the_headline_does_not(tallies: list[outcomes.Tally]) -> None:
    """Over many samples: the reason why the headline is not the mean of those still attending."""
    true = truth()["endpoints"]["scarring"]["change"][5]
    many = outcomes.tally(outcomes.read_records(_many()), endpoint="scarring")
    observed = outcomes.change_by_session(many).set_index("session").loc[6]
    continued = outcomes.continued_by_session(many).query("measure == 'change'").set_index("session").loc[6]
    assert observed["conf_low"] > true + 0.1
    assert continued["conf_low"] <= true <= continued["conf_high"]


def test_no_skin_type_is_called_different_where_all_respond_alike(tallies: list[outcomes.Tally]) -> None:
    assert DIFFERENT not in set(outcomes.skin_type_differences(tallies)["verdict"])


def test_satisfied_patients_are_found_to_stop(tallies: list[outcomes.Tally]) -> None:
    row = outcomes.odds_of_stopping(tallies[0]).iloc[0]
    assert row["conf_low"] > 1


def test_the_delta_is_larger_than_any_difference_the_sample_was_made_with(tallies: list[outcomes.Tally]) -> None:
    """The sample's stopping rests on recorded scores only, so those not assessed differ from those assessed by 0 at the same scores."""
    delta = outcomes.tipping_point(tallies[0]).set_index("session")["estimate"]
    assert delta[outcomes.headline_session(tallies[0])] > 1


def test_the_summary_names_both_endpoints(at_headline: pd.DataFrame) -> None:
    said = headline(at_headline)
    assert said.startswith("After 3 sessions, **acne scarring** would have improved by **0.8 grades** on average, ")
    assert "**PIH** would have improved by **3.4 points**" in said


def _many() -> pd.DataFrame:
    from outcomes.simulate.sample import sample

    return sample(4_000, seed=5, stopping="satisfied").records
