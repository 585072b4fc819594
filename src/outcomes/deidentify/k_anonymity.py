"""Patients who share what could be known of them: how many are alike in sex, skin type, age and the year in which they came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from outcomes.definitions.columns import START_YEAR
from outcomes.definitions.thresholds import SMALL

_SHARED = ("sex", "fitzpatrick")
YEAR = "year of the first visit"


class Shared(NamedTuple):
    """How many patients share what could be known about them: the smallest group, and how many are in groups under `SMALL`."""

    known: str
    smallest: int
    in_small: int


def shared(people: pd.DataFrame) -> Iterator[Shared]:
    """How many patients share age, sex, skin type and, where it is passed on, the year in which they first came.

    With ages in bands of 5 and 10 years, without age, and without the year. `people` has one row per patient. What is not recorded is a
    value of its own.
    """
    has_year = START_YEAR in people and people[START_YEAR].notna().any()
    for width, of_year in ((5, has_year), (10, has_year), (0, True), (0, False)):
        if width == 0 and of_year and not has_year:
            continue
        known = [name for name in (*_SHARED, *([START_YEAR] if of_year else [])) if name in people]
        *names, last = [*([f"age in bands of {width} years"] if width else []), "sex", "skin type", *([YEAR] if of_year else [])]
        label = f"{', '.join(names)} and {last}"
        keys = people[known].astype(object).where(people[known].notna(), "")
        if width:
            keys = keys.assign(age=(people["age"].astype(float) // width).fillna(-1))
        sizes = keys.groupby(list(keys)).size()
        yield Shared(label, int(sizes.min()), int(sizes[sizes < SMALL].sum()))
