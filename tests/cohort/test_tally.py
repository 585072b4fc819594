"""Courses -> counts: counted by hand, the same however the rows are cut or ordered."""

from __future__ import annotations

from collections import Counter
from functools import cache
from io import StringIO

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import outcomes
from outcomes.cohort.courses import ANALYSED, BEGAN, MISSED, NO_BASELINE, NOT_AGAIN, NOT_PRESENT, NOT_SCORED, OUTSIDE
from outcomes.errors import UsageError

TABLES = ("flow", "scores", "last", "paths")


def records_of(visits: pd.DataFrame) -> outcomes.Records:
    """Polars starts fastest on a few rows; test_engines.py has every engine agree."""
    cells = {name: [None if pd.isna(value) else value for value in column] for name, column in visits.items()}
    return outcomes.read_records(pl.DataFrame(cells, strict=False))


def read(table: str) -> outcomes.Records:
    return records_of(pd.read_csv(StringIO(table), sep=r"\s+", dtype="str", na_values="-"))


def assert_same(one: outcomes.Tally, other: outcomes.Tally) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    assert (one.rows, one.patients, one.endpoint, one.scale) == (other.rows, other.patients, other.endpoint, other.scale)


# Counted by hand

VISITS = """
patient_id fitzpatrick status  day sessions_completed scar_scale          scar_score pih_scale pih_score
A          I           stopped   0                  0 goodman_baron_grade 4          pahpi     12
A          I           stopped  30                  1 goodman_baron_grade 3          pahpi     10
A          I           stopped  60                  2 goodman_baron_grade 2          pahpi     9.5
B          I           stopped   0                  0 goodman_baron_grade 4          pahpi     6
B          I           stopped  30                  1 goodman_baron_grade 3          pahpi     6
B          I           stopped  60                  2 goodman_baron_grade 2          pahpi     6
C          I           -         0                  0 goodman_baron_grade 4          pahpi     8
C          I           -        30                  1 -                   -          pahpi     7
C          I           -        60                  2 goodman_baron_grade 2.5        -         -
D          V           -         0                  0 goodman_baron_grade 3          pahpi     10
E          V           -         0                  0 goodman_baron_grade 3          pahpi     14
E          V           -       400                  1 goodman_baron_grade 1          -         -
F          V           -         0                  0 -                   -          -         -
F          V           -        30                  1 goodman_baron_grade 1          -         -
"""


@cache
def scarring() -> outcomes.Tally:
    return outcomes.tally(read(VISITS))


@cache
def pih() -> outcomes.Tally:
    return outcomes.tally(read(VISITS), "pih")


def rows(table: pd.DataFrame) -> list[tuple]:
    return list(table.itertuples(index=False, name=None))


def counted(table: pd.DataFrame) -> Counter:
    """Courses by all columns but the patients' kind."""
    courses: Counter = Counter()
    for row in rows(table.drop(columns="kind")):
        courses[row[:-1]] += row[-1]
    return courses


def test_the_flow_counts_every_course_once() -> None:
    assert rows(scarring().flow) == [("I", ANALYSED, 3), ("V", NOT_AGAIN, 1), ("V", NO_BASELINE, 1), ("V", OUTSIDE, 1)]
    assert rows(pih().flow) == [("I", ANALYSED, 2), ("I", NOT_PRESENT, 1), ("V", NOT_AGAIN, 2), ("V", NOT_SCORED, 1)]
    assert (scarring().courses, scarring().analysed, scarring().rows, scarring().patients) == (6, 3, 14, 6)


def test_scores_count_courses_by_baseline_and_score_after_each_session() -> None:
    assert counted(scarring().scores) == {
        # skin type, session, baseline, score: courses
        ("I", 0, 400, 400): 3,
        ("I", 1, 400, 300): 2,
        ("I", 2, 400, 200): 2,
        ("I", 2, 400, 250): 1,
        ("V", 0, 300, 300): 2,
    }


def test_last_counts_each_analysed_course_once_at_its_last_score() -> None:
    assert counted(scarring().last) == {("I", 2, 400, 200): 2, ("I", 2, 400, 250): 1}
    assert counted(pih().last) == {("I", 1, 800, 700): 1, ("I", 2, 1200, 950): 1}


def test_paths_count_courses_by_end_and_whole_path() -> None:
    columns = ["kind", "skin_type", "end", "attended", "given", "after_0", "after_1", "after_2", "n"]
    assert scarring().paths.columns.tolist() == columns
    assert rows(scarring().paths) == [
        (0, "I", "not recorded", 2, 2, 400, MISSED, 250, 1),
        (1, "I", "stopped", 2, 2, 400, 300, 200, 2),
        (2, "V", "not recorded", 0, 0, 300, MISSED, MISSED, 1),
        (3, "V", "not recorded", 1, 1, 300, MISSED, MISSED, 1),
    ]
    assert rows(pih().paths) == [
        (0, "I", "not recorded", 2, 2, 800, 700, MISSED, 1),
        (1, "I", "stopped", 2, 2, 1200, 1000, 950, 1),
        (2, "V", "not recorded", 0, 0, 1000, MISSED, MISSED, 1),
        (3, "V", "not recorded", 1, 1, 1400, MISSED, MISSED, 1),
    ]


def test_the_courses_of_a_patient_stay_together() -> None:
    visits = """
    patient_id area   fitzpatrick day sessions_completed treated scar_scale scar_score
    A          cheeks I             0                  0 yes     asas       3
    A          cheeks I            30                  1 yes     asas       2
    A          chin   I             0                  0 no      asas       4
    B          chin   I             0                  0 no      asas       4
    B          cheeks I             0                  0 yes     asas       3
    B          cheeks I            30                  1 yes     asas       2
    C          chin   I             0                  0 no      asas       4
    """
    alone, *pair = (
        (0, "I", "not recorded", 0, 0, 400, MISSED, 1),
        (1, "I", "not recorded", 0, 0, 400, MISSED, 2),
        (1, "I", "not recorded", 1, 2, 300, 200, 2),
    )
    tally = outcomes.tally(read(visits))
    assert rows(tally.paths) == [alone, *pair]
    assert rows((tally + tally).paths) == [(*row[:-1], 2 * row[-1]) for row in (alone, *pair)]


def test_counts_are_64_bit_integers_and_the_rest_is_text() -> None:
    for tally in (scarring(), pih()):
        for name in TABLES:
            kinds = {column: str(kind) for column, kind in getattr(tally, name).dtypes.items()}
            text = {"skin_type", "reason", "end"} & kinds.keys()
            assert kinds == {column: "str" if column in text else "int64" for column in kinds}


# Nothing to count


def test_records_of_baselines_only() -> None:
    tally = outcomes.tally(
        read("""
        patient_id fitzpatrick day sessions_completed scar_scale scar_score
        A          I             0                  0 asas       3
        B          I             0                  0 asas       3
    """)
    )
    assert rows(tally.flow) == [("I", NOT_AGAIN, 2)]
    assert rows(tally.scores) == [(0, "I", 0, 300, 300, 2)]
    assert rows(tally.paths) == [(0, "I", "not recorded", 0, 0, 300, 2)]
    assert (len(tally.last), tally.last.columns.tolist()) == (0, ["kind", "skin_type", "session", "baseline", "score", "n"])


@pytest.mark.parametrize("endpoint", ["scarring", "pih"])
def test_a_skin_type_that_nobody_has_is_an_empty_tally_that_adds(endpoint: str) -> None:
    whole = outcomes.tally(read(VISITS), endpoint)
    nobody = outcomes.tally(read(VISITS), endpoint, skin_types="VI")
    assert [len(getattr(nobody, name)) for name in TABLES] == [0] * len(TABLES)
    assert (nobody.courses, nobody.analysed) == (0, 0)
    for total in (nobody + whole, whole + nobody):
        for name in TABLES:
            pd.testing.assert_frame_equal(getattr(total, name), getattr(whole, name), obj=name)
    assert [len(getattr(nobody + nobody, name)) for name in TABLES] == [0] * len(TABLES)


def test_an_endpoint_without_scores_is_said_and_left_out_of_each() -> None:
    records = read(VISITS)
    with pytest.raises(UsageError, match=r"has no scores of fine lines \(line_score\)"):
        outcomes.tally(records, "fine_lines")
    assert [tally.endpoint.name for tally in outcomes.tallies(records, ("fine_lines", "pih", "scarring"))] == [
        "pih",
        "scarring",
    ]


def test_endpoints_are_named_by_text_or_by_a_list_and_unknown_ones_refused(sample_records: outcomes.Records) -> None:
    cohort = outcomes.read_cohort(sample_records)

    def names(endpoints: str | list[str]) -> list[str]:
        return [tally.endpoint.name for tally in cohort.tallies(endpoints)]

    assert names("scarring, pih") == names(["scarring", "pih"]) == ["scarring", "pih"]
    assert names("fine_lines,scarring,fine_lines") == ["fine_lines", "scarring"]
    assert names("") == names([]) == [tally.endpoint.name for tally in cohort.tallies()] == ["scarring", "pih"]
    for unknown in ("scarring, acne", ["acne"]):
        with pytest.raises(UsageError, match=r"^endpoint must be one of scarring, pih, fine_lines, got 'acne'$"):
            cohort.tallies(unknown)


def test_options_reach_the_tally_of_each_endpoint(sample_records: outcomes.Records) -> None:
    cohort = outcomes.read_cohort(sample_records)
    for options in ({"skin_types": "V,VI"}, {"blinded": True}, {"every_course": True}):
        for tally in cohort.tallies("scarring,pih", **options):
            assert_same(tally, cohort.tally(tally.endpoint.name, **options))
    light, every = cohort.tallies(skin_types="I")[0], cohort.tallies()[0]
    assert 0 < light.courses < every.courses


# Which courses


@pytest.mark.parametrize("endpoint", ["scarring", "pih"])
def test_some_skin_types_are_the_tally_of_their_records(endpoint: str) -> None:
    visits = pd.read_csv(StringIO(VISITS), sep=r"\s+", dtype="str", na_values="-")
    some = outcomes.tally(read(VISITS), endpoint, skin_types=("V",))
    # Rows of one session only: the paths of all records are longer, by sessions that type V missed.
    own = outcomes.tally(records_of(visits[visits["fitzpatrick"] == "V"]), endpoint, scale=some.scale.name)
    for name in ("flow", "scores", "last"):
        pd.testing.assert_frame_equal(getattr(some, name), getattr(own, name), obj=name)
    assert (some.paths["after_2"] == MISSED).all()
    pd.testing.assert_frame_equal(some.paths.drop(columns="after_2"), own.paths)


@pytest.mark.parametrize("skin_types", ["V,I", " I , V ", ("I", "V"), ["V", "I", "V"]])
def test_skin_types_are_a_text_or_a_sequence_in_any_order(skin_types) -> None:
    assert_same(outcomes.tally(read(VISITS), skin_types=skin_types), scarring())


@pytest.mark.parametrize(
    ("skin_types", "got"),
    [("VII", "VII"), ("I,7,IX", "7, IX"), ((), "none"), ("", ""), ("i", "i")],
    ids=["one", "two", "none", "blank", "small"],
)
def test_a_skin_type_that_does_not_exist_is_said(skin_types, got: str) -> None:
    with pytest.raises(UsageError) as raised:
        outcomes.tally(read(VISITS), skin_types=skin_types)
    assert str(raised.value).startswith("skin types must be among I, II, III, IV, V, VI, got ")
    assert str(raised.value).endswith(got or "none")


# Adding


def test_tallies_of_different_things_do_not_add() -> None:
    records = read(VISITS)
    with pytest.raises(ValueError, match="tallies of different endpoints do not add"):
        _ = scarring() + pih()
    with pytest.raises(ValueError, match="tallies of different windows do not add"):
        _ = scarring() + outcomes.tally(outcomes.read_cohort(records, window=(14, 30, 90)))


def test_a_shorter_tally_missed_the_sessions_of_a_longer_one() -> None:
    visits = pd.read_csv(StringIO(VISITS), sep=r"\s+", dtype="str", na_values="-")
    short, long = (records_of(visits[visits["patient_id"].isin(list(who))]) for who in ("D", "ABCEF"))
    assert (short.sessions, long.sessions) == (0, 2)
    for endpoint, whole in (("scarring", scarring()), ("pih", pih())):
        one, other = outcomes.tally(short, endpoint), outcomes.tally(long, endpoint)
        assert_same(one + other, whole)
        assert_same(other + one, whole)


@st.composite
def some_visits(draw: st.DrawFn) -> pd.DataFrame:
    """Visits of 2 to 8 patients: 0 to 5 sessions, gaps, late and missing visits, all kinds of ends."""
    visits = []
    for number in range(draw(st.integers(2, 8))):
        constant = {
            "patient_id": f"P{number}",
            "fitzpatrick": draw(st.sampled_from(["I", "IV", "VI"])),
            "status": draw(st.sampled_from([None, "ongoing", "stopped"])),
            "planned_sessions": draw(st.sampled_from([None, 2, 4])),
            "scar_scale": "goodman_baron_grade",
            "pih_scale": "pahpi",
        }
        day = 0
        for given_so_far in range(draw(st.integers(1, 6))):
            if given_so_far and draw(st.integers(0, 9)) == 0:
                continue
            for _ in range(1 if given_so_far == 0 else draw(st.integers(1, 2))):
                scar = draw(st.one_of(st.none(), st.integers(2, 8).map(lambda half: half / 2)))
                pih = draw(st.one_of(st.none(), st.integers(600, 2200).map(lambda hundredth: hundredth / 100)))
                treated = draw(st.sampled_from([None, "yes", "no"]))
                visits.append(
                    constant
                    | {"day": day, "sessions_completed": given_so_far, "scar_score": scar, "pih_score": pih, "treated": treated}
                )
                day += draw(st.sampled_from([13, 14, 30, 45, 61]))
    return pd.DataFrame(visits)


SCORED = pd.DataFrame(
    [
        {"patient_id": f"{part}{patient}", "fitzpatrick": "II", "day": 30 * given_so_far, "sessions_completed": given_so_far}
        | {"scar_scale": "goodman_baron_grade", "pih_scale": "pahpi"}
        | ({"scar_score": 3, "pih_score": 9} if given_so_far == 0 else {})
        for part in ("Q0", "Q1")
        for patient in range(5)
        for given_so_far in range(10)
    ]
)
"""Baselines for either part, so that neither is without a score, and more intervals of 30 days than all others may be: the
parts are of one clinic, whose spacing says which window it has and when a session without a visit is to be expected."""


def parts(visits: pd.DataFrame, first: set[int]) -> list[pd.DataFrame]:
    whole = pd.concat([visits, SCORED], ignore_index=True)
    of_first = whole["patient_id"].isin([f"P{number}" for number in first]) | whole["patient_id"].str.startswith("Q0")
    return [whole, whole[of_first], whole[~of_first]]


@settings(max_examples=8, deadline=None)
@given(some_visits(), st.sets(st.integers(0, 7)))
def test_adding_the_tallies_of_parts_is_the_tally_of_all(visits: pd.DataFrame, first: set[int]) -> None:
    whole, one, other = map(records_of, parts(visits, first))
    for endpoint in ("scarring", "pih"):
        total = outcomes.tally(one, endpoint) + outcomes.tally(other, endpoint)
        assert_same(total, outcomes.tally(whole, endpoint))


@settings(max_examples=5, deadline=None)
@given(some_visits(), st.integers(0, 1000))
def test_shuffled_rows_change_nothing(visits: pd.DataFrame, seed: int) -> None:
    whole, *_ = parts(visits, set())
    shuffled, ordered = records_of(whole.sample(frac=1, random_state=seed)), records_of(whole)
    for endpoint in ("scarring", "pih"):
        assert_same(outcomes.tally(shuffled, endpoint), outcomes.tally(ordered, endpoint))


@settings(max_examples=8, deadline=None)
@given(some_visits())
def test_every_table_tells_the_same_story(visits: pd.DataFrame) -> None:
    records = records_of(parts(visits, set())[0])
    for endpoint in ("scarring", "pih"):
        tally, courses = outcomes.tally(records, endpoint), outcomes.courses(records, endpoint)
        assert tally.courses == records.courses == len(courses)
        assert tally.analysed == tally.last["n"].sum() == (courses["reason"] == ANALYSED).sum()
        started = tally.flow.loc[tally.flow["reason"].isin(BEGAN), "n"].sum()
        assert tally.scores.loc[tally.scores["session"] == 0, "n"].sum() == started
        assert_tally_counts(tally, courses)


def assert_tally_counts(tally: outcomes.Tally, courses: pd.DataFrame) -> None:
    """Scores, last scores and paths, by plain Python on one row per course."""
    started = courses[courses["reason"].isin(BEGAN)]
    scores, last, paths = Counter(), Counter(), Counter()
    for course in started.to_dict("records"):
        path = [course[f"after_{k}"] for k in range(started.filter(regex="^after_").shape[1])]
        hundredths = [MISSED if np.isnan(score) else round(100 * score) for score in path]
        seen = [(course["skin_type"], k, hundredths[0], score) for k, score in enumerate(hundredths) if score != MISSED]
        scores.update(seen)
        last.update(seen[-1:] if len(seen) > 1 else [])
        paths[(course["skin_type"], course["end"], course["sessions"], course["given"], *hundredths)] += 1
    assert [counted(table) for table in (tally.scores, tally.last, tally.paths)] == [scores, last, paths]


# Size


def test_sums_of_squares_of_the_largest_scores_do_not_overflow() -> None:
    """3 000 courses of up to 999: hundredths squared are nearly 10^10, which 32 bits can't hold."""
    n = 3000
    courses = np.repeat(np.arange(n), 2)
    visits = pl.DataFrame(
        {
            "patient_id": [f"P{course}" for course in courses],
            "fitzpatrick": ["III"] * 2 * n,
            "day": [0, 30] * n,
            "sessions_completed": [0, 1] * n,
            "pih_scale": ["melanin_index"] * 2 * n,
            "pih_score": [999, 0, 999, 999] * (n // 2),
        }
    )
    for frame in (visits, visits.to_dict(as_series=False)):
        records = outcomes.read_records(frame if isinstance(frame, pl.DataFrame) else pd.DataFrame(frame))
        change = outcomes.change_by_session(outcomes.tally(records, "pih")).iloc[0]
        half = 1.96 * 999 / 2 / np.sqrt(n)
        assert change["estimate"] == -999 / 2
        assert (change["conf_low"], change["conf_high"]) == pytest.approx((-999 / 2 - half, -999 / 2 + half), rel=1e-3)


def test_a_course_of_thirty_sessions_has_a_path_of_31_scores() -> None:
    k = list(range(31))
    visit = {"patient_id": ["A"] * 31, "fitzpatrick": ["I"] * 31, "day": [30 * i for i in k], "sessions_completed": k}
    records = outcomes.read_records(
        pl.DataFrame(
            visit | {"scar_scale": ["asas"] * 31, "scar_score": [4] * 31, "pih_scale": ["mmasi"] * 31, "pih_score": [24] * 31}
        )
    )
    assert rows(outcomes.tally(records).paths) == [(0, "I", "not recorded", 30, 30, *[400] * 31, 1)]
    assert rows(outcomes.tally(records, "pih").paths) == [(0, "I", "not recorded", 30, 30, *[2400] * 31, 1)]
    assert outcomes.tally(records).last["session"].tolist() == [30]
