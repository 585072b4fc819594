"""Quartiles of counted values, against NumPy's definition of the same name over every value written out."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.statistics.quartiles import quartiles

COUNTED = st.dictionaries(st.integers(0, 300), st.integers(0, 9), min_size=1, max_size=12)


@given(COUNTED)
def test_the_quartiles_are_those_of_every_value_written_out(counted: dict[int, int]) -> None:
    written_out = np.repeat(list(counted), list(counted.values()))
    found = quartiles(list(counted), list(counted.values()))
    if not len(written_out):
        assert all(map(isnan, found))
        return
    assert found == tuple(np.quantile(written_out, [0.25, 0.5, 0.75], method="averaged_inverted_cdf"))


@pytest.mark.parametrize(
    ("values", "of"),
    [
        ([7], (7, 7, 7)),
        ([1, 2], (1, 1.5, 2)),
        ([1, 2, 3], (1, 2, 3)),
        ([1, 2, 3, 4], (1.5, 2.5, 3.5)),
        ([1, 2, 3, 4, 5], (2, 3, 4)),
    ],
)
def test_few_values_by_hand(values: list[int], of: tuple[float, float, float]) -> None:
    assert quartiles(values, [1] * len(values)) == of


def test_nothing_has_no_quartiles() -> None:
    assert all(map(isnan, quartiles([], [])))
