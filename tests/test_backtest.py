"""The estimates of the sample as they were last accepted: a change of a result shows in a diff of `backtest/`.

After a change that is meant, rewrite them and write the reason under "Changed results" in CHANGELOG.md:

    python tests/test_backtest.py
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import outcomes
from outcomes.definitions.estimates import ESTIMATES
from outcomes.display.notes import note_words
from shared import sample

ACCEPTED = Path(__file__).parent / "backtest"
ENDPOINTS = ("scarring", "pih", "fine_lines")
MEASURES = {
    "change": outcomes.change_by_session,
    "responders": outcomes.responders_by_session,
    "possible": outcomes.percent_of_possible_by_session,
    "better_or_worse": outcomes.better_or_worse,
}
DECIMALS = 6
"""Enough to see any change; beyond, the last bits of a machine's own mathematics."""


@cache
def tallies() -> list[outcomes.Tally]:
    return outcomes.tallies(sample(), ENDPOINTS)


def computed(name: str) -> pd.DataFrame:
    """All estimates of one measure: of everybody and by skin type, for those still attending and at the last score."""
    parts = [
        MEASURES[name](tallies(), by=by, estimand=estimand)
        for estimand in ("observed", "as_treated")
        for by in (None, "skin_type")
    ]
    table = pd.concat([part.astype({"skin_type": "str"}) if "skin_type" in part else part for part in parts], ignore_index=True)
    table = table.assign(note=[note_words(notes) for notes in table["note"]])
    return table[[column for column in ESTIMATES if column in table]].round(DECIMALS)


def flow() -> pd.DataFrame:
    return pd.concat(
        [tally.flow.assign(endpoint=tally.endpoint.name, scale=tally.scale.name) for tally in tallies()], ignore_index=True
    )


TABLES = {**{name: (lambda name=name: computed(name)) for name in MEASURES}, "flow": flow}


@pytest.mark.parametrize("name", TABLES)
def test_the_estimates_of_the_sample_are_those_accepted(name: str) -> None:
    accepted = pd.read_csv(
        ACCEPTED / f"{name}.csv",
        keep_default_na=False,
        na_values={"estimate": "", "conf_low": "", "conf_high": "", "session": ""},
    )
    now = TABLES[name]()
    text = now.select_dtypes(["object", "str"]).columns
    now = now.assign(**{column: now[column].fillna("") for column in text})
    pd.testing.assert_frame_equal(now, accepted, check_dtype=False, rtol=0, atol=2 * 10**-DECIMALS)


if __name__ == "__main__":
    for name, table in TABLES.items():
        table().to_csv(ACCEPTED / f"{name}.csv", index=False, lineterminator="\n")
