"""Patients who share what could be known of them: how many are alike in sex and skin type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from outcomes.definitions.thresholds import SMALL

_SHARED = ("sex", "fitzpatrick")


class Shared(NamedTuple):
    """How many patients share what could be known about them: the smallest group, and how many are in groups under `SMALL`."""

    known: str
    smallest: int
    in_small: int


def shared(people: pd.DataFrame) -> Iterator[Shared]:
    """How many patients share age, sex and skin type, with ages in bands of 5 and 10 years and without age.

    `people` has one row per patient. What is not recorded is a value of its own.
    """
    known = [name for name in _SHARED if name in people]
    for label, width in (
        ("age in bands of 5 years, sex and skin type", 5),
        ("age in bands of 10 years, sex and skin type", 10),
        ("sex and skin type", 0),
    ):
        keys = people[known].astype(object).where(people[known].notna(), "")
        if width:
            keys = keys.assign(age=(people["age"].astype(float) // width).fillna(-1))
        sizes = keys.groupby(list(keys)).size()
        yield Shared(label, int(sizes.min()), int(sizes[sizes < SMALL].sum()))
