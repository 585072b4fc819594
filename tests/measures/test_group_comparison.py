"""Groups against the whole: expected by hand, all courses counted once, and nothing of a small group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import outcomes
from outcomes import figures, prose, tables
from outcomes.measures.group_comparison import FAR_BEYOND, TOO_FEW, WITHIN, group_comparison


def visits(courses: list[tuple[str, str, int, int, bool]]) -> pd.DataFrame:
    """Two visits of each course: provider, skin type, grade before and after one session, and an event after it."""
    rows = [
        {
            "patient_id": f"p{place}",
            "provider_id": provider,
            "fitzpatrick": skin_type,
            "day": 30 * k,
            "sessions_completed": k,
            "scar_scale": "goodman_baron_grade",
            "scar_score": (before, after)[k],
            "treated": "yes",
            "infection": "yes" if event and k else "no",
        }
        for place, (provider, skin_type, before, after, event) in enumerate(courses)
        for k in (0, 1)
    ]
    return pd.DataFrame(rows)


def of(compared: pd.DataFrame, measure: str, event: str = "") -> pd.DataFrame:
    return compared[(compared["measure"] == measure) & (compared["event"] == event)].set_index("group")


@pytest.fixture(scope="module")
def compared() -> pd.DataFrame:
    """A has courses of grade 4, which fall by 1, B of grade 2, which stay; C has four courses."""
    courses = [("A", "II", 4, 3, place < 6) for place in range(20)] + [("B", "II", 2, 2, False) for _ in range(20)]
    return group_comparison(outcomes.read_cohort(visits([*courses, *[("C", "II", 2, 2, False)] * 4])))


def test_a_group_is_expected_to_do_as_all_courses_of_its_strata(compared: pd.DataFrame) -> None:
    change = of(compared, "change")
    assert change.loc[["A", "B"], ["n", "estimate", "expected"]].to_numpy().tolist() == [[20, -1, -1], [20, 0, 0]]
    assert change["verdict"].tolist() == [WITHIN, WITHIN, TOO_FEW]


def test_nothing_is_given_of_a_small_group_but_it_counts_in_the_whole(compared: pd.DataFrame) -> None:
    event = of(compared, "courses with the event", "any event")
    assert event.loc["C", ["estimate", "expected", "inner_low", "outer_high"]].isna().all()
    # 6 of all 44 courses.
    assert event.loc["A", "expected"] == pytest.approx(100 * 6 / 44)
    assert event.loc["A", "events"] == 6
    # 20 of 44 with 6 events drawn: 6 of them by chance 1 in 182, R: dhyper(6, 6, 38, 20).
    assert (event.loc["A", "inner_high"], event.loc["A", "outer_high"]) == pytest.approx((25.0, 30.0))


def test_one_far_from_the_others_is_told() -> None:
    rng = np.random.default_rng(1)
    courses = [
        (code, "III", 3, 3 - int(rng.random() < share), False)
        for code, share in (("A", 0.3), ("B", 0.3), ("Z", 0.95))
        for _ in range(40)
    ]
    found = group_comparison(outcomes.read_cohort(visits(courses)))
    assert of(found, "change").loc["Z", "verdict"] == FAR_BEYOND
    said = prose.group_comparison(found)
    assert "lie **beyond what chance explains** (99.8% limits)" in said
    assert "**Z**: more improvement in acne scarring than expected: −1.0 grades after 1 session, where −0.5 was expected" in said
    assert "beyond 99.8%" in tables.group_comparison(found).html()
    assert "3 of 3 providers beyond what chance explains" in figures.group_comparison(found).html()


@pytest.mark.parametrize("providers", [[], ["A"]])
def test_one_provider_or_none_is_one_sentence(providers: list[str]) -> None:
    rows = visits([(providers[0] if providers else "", "II", 4, 3, False)] * 12)
    found = group_comparison(outcomes.read_cohort(rows))
    assert str(prose.group_comparison(found)).startswith("Providers cannot be compared: ")
    assert figures.group_comparison(found).drawing == ""
    assert tables.group_comparison(found).html()


def test_a_course_that_several_had_is_a_group_of_its_own_and_the_last() -> None:
    found = group_comparison(outcomes.read_cohort("sample"), "device")
    assert found["group"].unique().tolist() == ["powered pen 1", "powered pen 2", "more than one"]
