"""What counts as a response, at its edges, whatever holds the scores."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.fitzpatrick import SKIN_BANDS, SKIN_TYPES
from outcomes.definitions.scales import SCALES

EDGES = [
    # scale, baseline, score (hundredths), response
    ("goodman_baron_grade", 400, 300, True),
    ("goodman_baron_grade", 400, 301, False),
    ("goodman_baron_grade", 350, 250, True),
    ("goodman_baron_grade", 300, 250, False),
    ("goodman_baron_grade", 200, 400, False),
    ("asas", 100, 0, True),
    ("pih_severity", 800, 750, False),
    ("lemperle", 500, 400, True),
    ("goodman_baron_score", 2000, 1600, False),
    ("goodman_baron_score", 2000, 1599, True),
    ("goodman_baron_score", 400, 0, False),
    # At least half of the way to the floor; PAHPI's is 6: from 14, half way is 10 and not 7.
    ("pahpi", 1400, 1000, True),
    ("pahpi", 1400, 1001, False),
    ("pahpi", 1401, 1000, True),
    ("pahpi", 700, 650, True),
    ("pahpi", 700, 651, False),
    ("ecca", 10000, 5000, True),
    ("ecca", 10001, 5001, False),
    ("mmasi", 5, 3, False),
    ("melanin_index", 30000, 15000, True),
]


@pytest.mark.parametrize(("scale", "baseline", "score", "expected"), EDGES)
def test_a_response_at_its_edge(scale: str, baseline: int, score: int, expected: bool) -> None:
    assert SCALES[scale].is_response(baseline, score) is expected


def numpy_answers(rule, baseline, score) -> list[bool]:
    return rule(np.array(baseline, dtype="int32"), np.array(score, dtype="int32")).tolist()


def pandas_answers(rule, baseline, score) -> list[bool]:
    return rule(pd.Series(baseline, index=[7] * len(baseline)), pd.Series(score, index=[7] * len(score))).tolist()


def narwhals_answers(rule, baseline, score) -> list[bool]:
    frame = nw.from_native(pl.DataFrame({"baseline": baseline, "score": score}))
    return frame.select(response=rule(nw.col("baseline"), nw.col("score")))["response"].to_list()


@pytest.mark.parametrize("answers", [numpy_answers, pandas_answers, narwhals_answers])
@pytest.mark.parametrize("scale", SCALES)
def test_columns_respond_as_single_scores_do(answers, scale: str) -> None:
    rule, low, high = SCALES[scale].is_response, SCALES[scale].floor, SCALES[scale].high * 100
    pairs = [(b, s) for b in range(low, min(high, low + 900) + 1, 50) for s in range(low, b + 151, 50)]
    baseline, score = (list(column) for column in zip(*pairs, strict=True))
    expected = [rule(b, s) for b, s in pairs]
    assert {True, False} <= set(expected)
    assert answers(rule, baseline, score) == expected


@pytest.mark.parametrize("scale", ["goodman_baron_grade", "goodman_baron_score", "asas", "lemperle"])
def test_nobody_at_the_best_score_responds_by_staying_there(scale: str) -> None:
    floor = SCALES[scale].floor
    assert not SCALES[scale].is_response(floor, floor)


def test_the_floors_are_the_best_scores_in_hundredths() -> None:
    floors = {"goodman_baron_grade": 100, "pahpi": 600}
    assert {name: scale.floor for name, scale in SCALES.items()} == {name: floors.get(name, 0) for name in SCALES}


def test_the_rule_in_words_is_the_rule_that_counts() -> None:
    half, more_than_4, one_grade = (SCALES[name].rule for name in ("ecca", "goodman_baron_score", "asas"))
    assert half == "at least half of the way from baseline to the best possible score"
    assert more_than_4 == "down by more than 4 points, the disagreement between raters"
    assert one_grade == "down by at least one grade"
    assert {scale.unit for scale in SCALES.values() if scale.rule == one_grade} == {"grades"}
    assert {scale.unit for scale in SCALES.values() if scale.rule != one_grade} == {"points"}


def test_every_scale_is_of_one_endpoint() -> None:
    used = [name for endpoint in ENDPOINTS.values() for name in endpoint.scales]
    assert sorted(used) == sorted(SCALES)


def test_every_skin_type_is_of_one_band_in_order() -> None:
    assert tuple(SKIN_BANDS) == SKIN_TYPES
    assert list(SKIN_BANDS.values()) == ["I-II", "I-II", "III-IV", "III-IV", "V-VI", "V-VI"]
