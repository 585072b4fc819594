"""Adverse events and new PIH: counted by hand on little tables, the same on every engine, and true of what the sample was made with."""

from __future__ import annotations

from functools import cache

import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes.contract import EVENTS, NEW_PIH
from outcomes.engines import collect
from outcomes.errors import UsageError
from outcomes.events import ANY, BY_CHANCE, PER_COURSE, PER_SESSION, RESOLUTION, asked_sessions
from outcomes.intervals import chance_limits, clopper_pearson
from outcomes.sample import sample
from outcomes.sample.model import EVENTS_PER_SESSION, NEW_PIH_PER_SESSION
from outcomes.scales import SKIN_BANDS, SKIN_HALVES, SKIN_TYPES


def frame(rows: str) -> pd.DataFrame:
    """A little table: a header line, then one line per row; a dot is a blank."""
    header, *lines = (line.split() for line in rows.strip().splitlines())
    return pd.DataFrame([[None if cell == "." else cell for cell in line] for line in lines], columns=header)


def in_polars(rows: pd.DataFrame) -> pl.LazyFrame:
    return pl.LazyFrame({name: [None if pd.isna(cell) else cell for cell in rows[name]] for name in rows})


def counts(events: pd.DataFrame, measure: str, event: str) -> list[tuple[int, int]]:
    """Events and those asked, in the order of the groups."""
    rows = events[(events["measure"] == measure) & (events["event"] == event)]
    return list(zip(rows["events"].tolist(), rows["n"].tolist(), strict=True))


VISITS = """
    patient_id fitzpatrick provider_id day sessions_completed treated new_pih infection event_days
    A          I           D1          0   0                  yes     .       .         .
    A          I           D2          30  1                  yes     no      no        .
    A          I           D2          60  2                  no      no      yes       9
    A          I           D2          95  2                  no      yes     no        .
    B          IV          D1          0   0                  yes     yes     .         .
    B          IV          D1          30  1                  yes     .       .         .
    B          IV          D1          60  2                  yes     no      yes       5
    C          VI          .           0   0                  yes     .       .         .
    D          II          D1          0   0                  yes     .       .         .
    D          II          .           60  2                  no      yes     no        .
"""


@cache
def visits() -> outcomes.Records:
    return outcomes.read_records(frame(VISITS))


@cache
def overall() -> pd.DataFrame:
    return outcomes.safety(visits())


def test_a_session_counts_once_and_only_where_somebody_was_asked() -> None:
    """A1, A2, B2 and D2 were asked about; B1 was not, C never came back, D1 has no visit of its own; B's first visit is no event."""
    events = overall()
    assert counts(events, PER_SESSION, "infection") == [(2, 4)]
    assert counts(events, PER_SESSION, NEW_PIH) == [(2, 4)]
    assert counts(events, PER_SESSION, ANY) == [(3, 4)]
    assert counts(events, PER_COURSE, "infection") == [(2, 3)]
    assert counts(events, PER_COURSE, ANY) == [(3, 3)]


def test_an_event_nobody_was_asked_about_is_not_recorded_rather_than_absent() -> None:
    events = overall().set_index(["measure", "event"])
    row = events.loc[(PER_SESSION, "tram_tracks")]
    assert (row["n"], row["events"], row["note"]) == (0, 0, "not recorded")
    assert row[["estimate", "conf_low", "conf_high"]].isna().all()


def test_any_event_is_absent_only_where_all_that_is_ever_recorded_was_denied() -> None:
    rows = """
        patient_id fitzpatrick day sessions_completed new_pih infection
        A          I           30  1                  no      no
        B          I           30  1                  no      .
        C          I           30  1                  .       yes
        D          I           30  1                  .       .
    """
    assert counts(outcomes.safety(outcomes.read_records(frame(rows))), PER_SESSION, ANY) == [(1, 2)]


@pytest.mark.parametrize(
    ("by", "groups", "infections"),
    [
        ("skin_type", list(SKIN_TYPES), [(1, 2), (0, 1), (0, 0), (1, 1), (0, 0), (0, 0)]),
        ("skin_band", list(dict.fromkeys(SKIN_BANDS.values())), [(1, 3), (1, 1), (0, 0)]),
        ("skin_types", list(dict.fromkeys(SKIN_HALVES.values())), [(1, 3), (1, 1)]),
    ],
)
def test_every_group_is_a_row_though_nobody_is_in_it(by, groups: list[str], infections: list[tuple[int, int]]) -> None:
    events = outcomes.safety(visits(), by)
    assert counts(events, PER_SESSION, "infection") == infections
    assert [*events.loc[events["event"] == ANY, by].astype(str).unique()] == groups


def test_providers_of_fewer_than_five_courses_are_taken_together() -> None:
    """D1 gave the first sessions of nine courses, D2 of four, D3 of two; the one without a code is not recorded."""
    treated = [("D1", 9), ("D2", 4), ("D3", 2), (None, 1)]
    rows = [
        {"patient_id": f"{name}{n}", "fitzpatrick": "II", "provider_id": name, "day": 30 * k, "sessions_completed": k,
         "infection": None if k == 0 else "yes" if n == 0 else "no", "treated": "yes" if k == 0 else "no"}
        for name, courses in treated for n in range(courses) for k in (0, 1)
    ]  # fmt: skip
    events = outcomes.safety(outcomes.read_records(pd.DataFrame(rows)), by="provider_id")
    of = events[(events["event"] == "infection") & (events["measure"] == PER_SESSION)].set_index("provider_id")
    assert of[["events", "n"]].to_numpy().tolist() == [[1, 9], [2, 6], [1, 1]]
    assert of.index.tolist() == ["D1", "other providers", "not recorded"]
    chance = events[(events["event"] == "infection") & (events["measure"] == BY_CHANCE)].set_index("provider_id")
    assert chance["estimate"].tolist() == pytest.approx([25.0] * 3)
    assert chance.loc["D1", ["conf_low", "conf_high"]].tolist() == pytest.approx([100 * x for x in chance_limits(9, 0.25)])


def test_a_session_belongs_to_the_provider_who_gave_it_not_to_the_one_who_saw_the_event() -> None:
    sessions = asked_sessions(visits())
    gave = {(row["course"], row["k"]): row["provider_id"] for row in collect(sessions).to_dict("records")}
    assert gave == {("A/", 1): "D1", ("A/", 2): "D2", ("B/", 1): "D1", ("B/", 2): "D1", ("D/", 2): "D1"}


def test_the_intervals_are_exact() -> None:
    events = overall()
    assert (events["n"] > 0).any()
    for row in events[events["measure"] == PER_SESSION].to_dict("records"):
        if row["n"]:
            low, high = clopper_pearson(row["events"], row["n"])
            assert (row["conf_low"], row["conf_high"]) == (100 * low, 100 * high)
            assert row["estimate"] == 100 * row["events"] / row["n"]


def test_none_in_31_has_the_upper_bound_of_r() -> None:
    """binom.test(0, 31) in R: 0 to 0.1121887."""
    asked = pd.DataFrame(
        {"patient_id": f"P{n}", "fitzpatrick": "V", "day": 30, "sessions_completed": 1, "infection": "no"} for n in range(31)
    )
    events = outcomes.safety(outcomes.read_records(asked)).set_index(["measure", "event"])
    assert events.loc[(PER_COURSE, "infection"), "conf_high"] == pytest.approx(11.21887, abs=1e-5)


def test_the_length_is_the_median_of_those_recorded() -> None:
    days = [3, 4, 6, 9, 12, 20, 41, None]
    asked = pd.DataFrame(
        {"patient_id": f"P{n}", "fitzpatrick": "V", "day": 30, "sessions_completed": 1, "infection": "yes", "event_days": length}
        for n, length in enumerate(days)
    )
    events = outcomes.safety(outcomes.read_records(asked)).set_index(["measure", "event"])
    row = events.loc[(RESOLUTION, "infection")]
    assert row[["events", "n", "estimate", "conf_low", "conf_high"]].tolist() == [8, 7, 9, 3, 41]
    assert events.loc[(RESOLUTION, NEW_PIH), "note"] == "not recorded"


def test_by_is_one_of_four() -> None:
    with pytest.raises(UsageError, match="by must be one of skin_type, skin_band, skin_types, provider_id, got 'age'"):
        outcomes.safety(visits(), by="age")  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["skin_type", "provider_id"])
def test_records_without_a_second_visit_have_no_events_to_count(by) -> None:
    rows = frame(VISITS).query("sessions_completed == '0'")
    for source in (rows, in_polars(rows)):
        events = outcomes.safety(outcomes.read_records(source), by)
        assert (events["n"] == 0).all()
        assert set(events["note"]) <= {"nobody seen after a session", "not recorded"}


@pytest.mark.parametrize("by", ["skin_types", "provider_id"])
def test_polars_counts_the_same(by) -> None:
    here, there = visits(), outcomes.read_records(in_polars(frame(VISITS)))
    pd.testing.assert_frame_equal(outcomes.safety(here, by), outcomes.safety(there, by))


@pytest.mark.slow
def test_the_true_rates_lie_in_the_intervals_of_a_large_sample() -> None:
    events = outcomes.safety(outcomes.read_records(sample(4_000, seed=7).records), by="skin_types")
    rates = {name: (rate, rate) for name, rate in EVENTS_PER_SESSION.items()}
    rates[NEW_PIH] = (NEW_PIH_PER_SESSION[0], NEW_PIH_PER_SESSION[-1])
    assert set(rates) == {*EVENTS}
    per_session = events[events["measure"] == PER_SESSION].set_index(["event", "skin_types"])
    outside = [
        (event, half)
        for event, both in rates.items()
        for half, rate in zip(("I-III", "IV-VI"), both, strict=True)
        if not per_session.loc[(event, half), "conf_low"] <= 100 * rate <= per_session.loc[(event, half), "conf_high"]
    ]
    # Of 14 exact 95 % intervals one misses at most, but for one sample in 20.
    assert len(outside) <= 1, outside
    assert per_session["n"].min() > 5_000
