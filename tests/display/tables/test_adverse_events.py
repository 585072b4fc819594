"""Adverse events as a table: most frequent first, none kept as none of so many, and never asked about not taken for none."""

from __future__ import annotations

from functools import cache

import pandas as pd

import outcomes
from outcomes import tables
from outcomes.cohort.events import ANY
from outcomes.definitions.columns import EVENTS
from outcomes.display.figures.adverse_events import adverse_events as picture
from outcomes.display.tables import Table


def visits() -> pd.DataFrame:
    """Of 40 courses of two sessions: infections in 8, new PIH in 3 and in 2 of these twice, no tram tracks, and no other event asked about."""
    rows = [
        {
            "patient_id": f"P{patient}",
            "fitzpatrick": "II" if patient % 2 else "V",
            "day": 30 * k,
            "sessions_completed": k,
            "infection": ("yes" if patient < 8 and k == 1 else "no") if k else None,
            "new_pih": ("yes" if patient < 3 and (k == 1 or patient < 2) else "no") if k else None,
            "tram_tracks": "no" if k else None,
            "event_days": 5 if patient < 8 and k == 1 else None,
        }
        for patient in range(40)
        for k in range(3)
    ]
    return pd.DataFrame(rows)


@cache
def overall() -> pd.DataFrame:
    return outcomes.adverse_events(outcomes.read_cohort(visits()))


def test_the_most_frequent_event_comes_first_after_any() -> None:
    table = tables.adverse_events(overall())
    assert table.columns == (
        "event",
        "courses",
        "of courses of 2 sessions (exact 95% CI)",
        "sessions",
        "of sessions (exact 95% CI)",
        "days it lasted, median (95% CI)",
    )
    assert [(name, courses, sessions) for name, courses, _, sessions, *_ in table.rows[:4]] == [
        ("any event", "8 of 40", "10 of 80"),
        ("infection", "8 of 40", "8 of 80"),
        ("new PIH", "3 of 40", "5 of 80"),
        ("tram tracks", "0 of 40", "0 of 80"),
    ]
    assert (table.groups, table.folded) == ((), True)


def test_none_has_what_it_leaves_possible_and_what_was_never_asked_is_not_recorded() -> None:
    rows = {name: cells for name, *cells in tables.adverse_events(overall()).rows}
    # Of 0 of 40 the exact upper end is 1 - 0.025 ** (1 / 40).
    assert rows["tram tracks"][1] == "0.0% (0.0–8.8%)"
    assert [name for name, cells in rows.items() if cells[0] == "not recorded"] == [
        "prolonged redness (erythema)",
        "herpes flare",
        "worse scarring",
        "other event",
    ]
    assert list(rows)[4:] == [name for name, cells in rows.items() if cells[0] == "not recorded"]
    assert rows["herpes flare"] == ["not recorded", "", "not recorded", "", "not recorded"]


def test_groups_stand_below_each_event_in_their_own_order() -> None:
    cohort = outcomes.read_cohort(visits())
    table = tables.adverse_events(
        outcomes.adverse_events(cohort, by="skin_type"), outcomes.adverse_events(cohort, by="skin_types")
    )
    assert [words for words, _ in table.grouped][:4] == ["any event", "infection", "new PIH", "tram tracks"]
    any_event = dict(table.grouped)["infection"]
    assert [row[0] for row in any_event] == [
        *(f"type {name}" for name in ("I", "II", "III", "IV", "V", "VI")),
        "types I–III",
        "types IV–VI",
    ]
    assert [row[1] for row in any_event if "of" in row[1]] == ["4 of 20", "4 of 20", "4 of 20", "4 of 20"]
    assert table.columns[0] == "among"


def test_the_order_is_that_of_the_picture(sample_records: outcomes.Records) -> None:
    events = outcomes.adverse_events(sample_records)
    names = [row[0].removesuffix(" (erythema)") for row in tables.adverse_events(events).rows]
    html = picture(events).html().lower()
    places = [html.index(f'<th scope="row">{name.lower()}</th>') for name in names[1:]]
    assert places == sorted(places)
    assert len(names) == len((ANY, *EVENTS))


def test_every_estimate_is_carried() -> None:
    table = tables.adverse_events(overall(), caption="Events")
    assert isinstance(table, Table)
    assert table.caption == "Events"
    assert table.estimates is not None
    assert len(table.estimates) == len(overall())
