"""Records -> courses: which score is the one "after k sessions", and why a course is not analysed."""

from __future__ import annotations

from io import StringIO
from math import nan

import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes.cohort.courses import (
    ANALYSED,
    NO_BASELINE,
    NOT_AGAIN,
    NOT_PRESENT,
    NOT_SCORED,
    OTHER_SCALE,
    OUTSIDE,
    REASONS,
    UNDATED,
)
from outcomes.errors import UsageError


def read(table: str, **constants: str) -> outcomes.Records:
    """Records of a little table of visits; "-" is blank. Skin type II and Goodman-Baron grades where not said otherwise."""
    visits = pd.read_csv(StringIO(table), sep=r"\s+", dtype="str", na_values="-")
    short = {"patient": "patient_id", "given": "sessions_completed", "type": "fitzpatrick"}
    usual = {"fitzpatrick": "II", "scar_scale": "goodman_baron_grade"} | constants
    visits = visits.rename(columns=short)
    visits = visits.assign(**{name: value for name, value in usual.items() if name not in visits})
    # Polars starts fastest on a few rows; test_engines.py has every engine agree.
    return outcomes.read_records(pl.DataFrame(visits.astype(object).where(visits.notna(), None).to_dict("list")))


def only_course(table: str, **options) -> pd.Series:
    courses = outcomes.courses(outcomes.read_cohort(read(table), **options))
    assert len(courses) == 1
    return courses.iloc[0]


def scores(course: pd.Series) -> list[float]:
    return course.filter(regex="^after_").tolist()


# The score after k sessions


def test_each_score_stands_after_the_sessions_given_before_it() -> None:
    course = only_course("""
        patient day given treated scar_score
        A         0     0 yes     4
        A        30     1 yes     3
        A        60     2 no      2.5
    """)
    assert scores(course) == [4, 3, 2.5]
    assert course["reason"] == ANALYSED


@pytest.mark.parametrize(
    ("day", "after"),
    [(13, nan), (14, 3), (30, 3), (60, 3), (61, nan)],
)
def test_a_score_counts_from_14_to_60_days_after_the_session(day: int, after: float) -> None:
    course = only_course(f"""
        patient    day given treated scar_score
        A            0     0 yes     4
        A        {day}     1 no      3
    """)
    assert scores(course) == pytest.approx([4, after], nan_ok=True)
    assert course["reason"] == (OUTSIDE if after != after else ANALYSED)


@pytest.mark.parametrize(("day", "after"), [(6, nan), (7, 3), (21, 3), (22, nan)])
def test_the_window_is_a_parameter(day: int, after: float) -> None:
    course = only_course(
        f"""
        patient    day given treated scar_score
        A            0     0 yes     4
        A        {day}     1 no      3
        """,
        window=(7, 14, 21),
    )
    assert scores(course) == pytest.approx([4, after], nan_ok=True)


@pytest.mark.parametrize(
    ("days", "nearest"),
    [((20, 29, 45), 2), ((25, 35, 50), 1), ((15, 44, 46), 2), ((14, 46, 47), 1), ((13, 59, 60), 2), ((1, 2, 60), 3)],
    ids=["one day early", "a tie goes to the earlier", "14 against 15", "a tie at the edge", "outside is no rival", "last day"],
)
def test_the_score_nearest_to_30_days_after_the_session_counts(days: tuple[int, int, int], nearest: int) -> None:
    """The first visit scores 1, the second 2, the third 3."""
    course = only_course(f"""
        patient        day given treated scar_score
        A                0     0 yes     4
        A        {days[0]}     1 no      1
        A        {days[1]}     1 no      2
        A        {days[2]}     1 no      3
    """)
    assert scores(course) == [4, nearest]


def test_the_day_of_a_session_is_that_of_the_treated_visit_not_of_the_last_one_before_it() -> None:
    """Treated on day 10; the unscored review on day 50 has no session yet counted. Day 70 is 60 days after day 10."""
    course = only_course("""
        patient day given treated scar_score
        A         0     0 no      4
        A        10     0 yes     -
        A        50     0 no      -
        A        70     1 no      3
    """)
    assert scores(course) == [4, 3]


def test_a_treated_visit_goes_before_a_later_one_that_does_not_say() -> None:
    """Day 61 is 61 days after the session on day 0, though 21 after the visit on day 40."""
    course = only_course("""
        patient day given treated scar_score
        A         0     0 yes     4
        A        40     0 -       -
        A        61     1 no      3
    """)
    assert course["reason"] == OUTSIDE


def test_where_treated_is_blank_the_last_visit_before_it_is_the_day_of_the_session() -> None:
    course = only_course("""
        patient day given treated scar_score
        A         0     0 -       4
        A        50     0 -       -
        A        70     1 -       3
    """)
    assert scores(course) == [4, 3]


def test_where_the_column_treated_is_missing_the_last_visit_before_it_is_the_day_of_the_session() -> None:
    course = only_course("""
        patient day given scar_score
        A         0     0 4
        A        30     1 3
        A       100     1 2
        A       130     2 1
    """)
    assert scores(course) == [4, 3, 1]


def test_a_visit_that_says_not_treated_is_never_the_day_of_a_session() -> None:
    """The session was given at a visit that is not in the records: on day 14 at the earliest it can be told that it was before."""
    for day, after in ((13, nan), (14, 3), (45, 3)):
        course = only_course(f"""
            patient   day given treated scar_score
            A           0     0 no      4
            A       {day}     1 no      3
        """)
        assert scores(course) == pytest.approx([4, after], nan_ok=True), day
        assert course["reason"] == (UNDATED if after != after else ANALYSED)


def test_a_score_after_a_session_whose_visit_is_missing_counts() -> None:
    """The visit with one session given is not in the records."""
    course = only_course("""
        patient day given treated scar_score
        A         0     0 yes     4
        A        60     2 yes     3
        A        90     3 no      2
    """)
    assert scores(course) == pytest.approx([4, nan, 3, 2], nan_ok=True)
    assert (course["sessions"], course["reason"]) == (3, ANALYSED)


@pytest.mark.parametrize(("day", "after"), [(13, nan), (14, 3), (90, 3), (120, 3), (121, nan)])
def test_where_only_scored_visits_were_kept_a_score_counts_between_the_visit_before_and_the_spacing_after(
    day: int, after: float
) -> None:
    """Sessions 1 to 3 were on day 0 and, 30 days apart, on days 30 and 60; 60 days after that is day 120."""
    course = only_course(f"""
        patient    day given treated scar_score
        A            0     0 yes     4
        A        {day}     3 no      3
    """)
    assert scores(course) == pytest.approx([4, nan, nan, after], nan_ok=True)
    assert course["reason"] == (UNDATED if after != after else ANALYSED)


@pytest.mark.parametrize(("day", "after"), [(74, nan), (75, 3)])
def test_a_score_right_before_a_visit_with_more_sessions_does_not_count_where_its_session_has_no_day(
    day: int, after: float
) -> None:
    course = only_course(f"""
        patient    day given treated scar_score
        A            0     0 yes     4
        A           60     2 no      3
        A        {day}     3 no      -
    """)
    assert scores(course) == pytest.approx([4, nan, after, nan], nan_ok=True)


def test_of_several_scores_after_a_session_without_a_day_the_one_nearest_to_the_usual_day_counts() -> None:
    """Session 2 is expected on day 30: the usual day is 60, as far from 55 as from 65, and the earlier one is taken."""
    course = only_course("""
        patient day given treated scar_score
        A         0     0 yes     4
        A        35     2 no      1
        A        55     2 no      2
        A        65     2 no      3
        A       140     2 no      1
    """)
    assert scores(course) == pytest.approx([4, nan, 2], nan_ok=True)


def test_a_session_was_given_by_the_first_visit_that_counts_it() -> None:
    """Session 3, expected on day 60, was given by day 20: day 80 is 60 days after that at least, and day 81 is late."""
    for day, after in ((80, 3), (81, nan)):
        course = only_course(f"""
            patient   day given treated scar_score
            A           0     0 yes     4
            A          20     3 no      -
            A       {day}     3 no      3
        """)
        assert scores(course) == pytest.approx([4, nan, nan, after], nan_ok=True)
        assert course["reason"] == (OUTSIDE if after != after else ANALYSED)


def test_the_spacing_of_the_other_courses_bounds_a_score_after_a_session_without_a_day() -> None:
    """Forty days apart, session 3 is expected on day 80, and day 140 is the last that counts."""
    visits = """
        patient    day given treated scar_score
        other1       0     0 yes     4
        other1      40     1 yes     -
        other1      80     2 yes     -
        other1     120     3 yes     -
        other1     160     4 yes     -
        other1     200     5 yes     -
        A            0     0 yes     4
        A        {day}     3 no      3
    """
    for day, after in ((140, 3), (141, nan)):
        courses = outcomes.courses(read(visits.format(day=day))).set_index("patient_id")
        assert courses.loc["A", "after_3"] == pytest.approx(after, nan_ok=True), day


def test_a_visit_before_at_which_no_session_was_given_lets_a_score_be_one_spacing_later() -> None:
    """The first session comes after day 0, on day 30 as expected: day 90 is 60 days after it."""
    for day, after in ((90, 3), (91, nan)):
        course = only_course(f"""
            patient   day given treated scar_score
            A           0     0 no      4
            A       {day}     1 no      3
        """)
        assert scores(course) == pytest.approx([4, after], nan_ok=True)


def test_all_scored_visits_say_the_same_as_all_visits() -> None:
    """Scored before the first and after the third and the sixth of six sessions, 30 days apart."""
    rows = [f"A{n} {30 * k} {k} {'no' if k == 6 else 'yes'} {score}" for n in range(3) for k, score in enumerate("4--3--2")]
    header = "patient day given treated scar_score\n"
    whole = outcomes.courses(read(header + "\n".join(rows)))
    scored = outcomes.courses(read(header + "\n".join(row for row in rows if not row.endswith("-"))))
    pd.testing.assert_frame_equal(scored, whole)
    assert whole["after_6"].tolist() == [2, 2, 2]


def test_two_sessions_without_a_day_in_between_do_not_lose_the_score_after_the_second() -> None:
    """Visits 2 and 3 are missing; the score after four sessions has no day, those after five have one."""
    course = only_course("""
        patient day given treated scar_score
        A         0     0 yes     4
        A        30     1 yes     3.5
        A       120     4 yes     3
        A       150     5 no      2
    """)
    assert scores(course) == pytest.approx([4, 3.5, nan, nan, 3, 2], nan_ok=True)


def test_follow_up_long_after_the_last_session_is_not_a_score_after_it() -> None:
    course = only_course("""
        patient day given treated scar_score
        A         0     0 yes     4
        A        30     1 no      3
        A        90     1 no      2
        A       365     1 no      1
    """)
    assert scores(course) == [4, 3]


def test_the_baseline_counts_whenever_it_was_taken() -> None:
    course = only_course("""
        patient day given treated scar_score
        A         0     0 no      4
        A       200     0 yes     -
        A       230     1 no      3
    """)
    assert scores(course) == [4, 3]


def test_a_treated_visit_after_which_the_count_did_not_rise_moves_the_session_to_the_later_one() -> None:
    course = only_course("""
        patient day given treated scar_score
        A         0     0 yes     4
        A        40     0 yes     -
        A        61     1 no      3
    """)
    assert scores(course) == [4, 3]


def test_the_highest_score_of_the_widest_scale_survives() -> None:
    """The score travels in the last digits of a key: 999 is the largest there is."""
    visits = """
        patient day given treated pih_score
        A         0     0 yes     999
        A        14     1 no      998.99
        A      3650     1 no      0
    """
    courses = outcomes.courses(read(visits, pih_scale="melanin_index"), "pih")
    assert scores(courses.iloc[0]) == [999, 998.99]


# What is one course


def test_a_course_is_a_patient_and_an_area() -> None:
    courses = outcomes.courses(
        read("""
        patient area  day given treated scar_score
        A       chin    0     0 yes     4
        A       back    0     0 yes     3
        A       chin   30     1 no      2
        A       back   30     1 no      1
        B       chin    0     0 yes     2
    """)
    )
    assert courses[["patient_id", "course", "after_0"]].values.tolist() == [
        ["A", "A/back", 3],
        ["A", "A/chin", 4],
        ["B", "B/chin", 2],
    ]
    assert courses["after_1"].tolist() == pytest.approx([1, 2, nan], nan_ok=True)


def test_a_course_id_goes_before_the_area_and_is_the_patients_own() -> None:
    courses = outcomes.courses(
        read("""
        patient area  course_id day given treated scar_score
        A       chin  C1          0     0 yes     4
        A       back  C1         30     1 no      2
        B       chin  C1          0     0 yes     3
        B       chin  -           0     0 yes     1
    """)
    )
    assert courses[["course", "after_0"]].values.tolist() == [["A/C1", 4], ["B/C1", 3], ["B/chin", 1]]
    assert courses["reason"].tolist() == [ANALYSED, NOT_AGAIN, NOT_AGAIN]


def test_without_area_and_course_id_a_patient_is_one_course() -> None:
    course = only_course("""
        patient day given scar_score
        A         0     0 4
        A        30     1 3
    """)
    assert (course["patient_id"], course["course"]) == ("A", "A/")


def test_courses_come_sorted_with_all_six_skin_types_as_categories() -> None:
    courses = outcomes.courses(
        read("""
        patient type day given scar_score
        B       6      0     0 4
        A       iv     0     0 3
    """)
    )
    assert courses["skin_type"].tolist() == ["IV", "VI"]
    assert courses["skin_type"].cat.categories.tolist() == ["I", "II", "III", "IV", "V", "VI"]
    assert courses.columns.tolist() == ["patient_id", "course", "skin_type", "end", "sessions", "given", "reason", "after_0"]


# How a course ended


@pytest.mark.parametrize(
    ("status", "planned", "end"),
    [
        ("ongoing", "1", "ongoing"),
        ("stopped", "1", "stopped"),
        ("finished", "6", "finished"),
        ("-", "1", "finished"),
        ("-", "2", "not recorded"),
        ("-", "-", "not recorded"),
    ],
)
def test_the_end_is_the_status_else_finished_where_the_plan_was_reached(status: str, planned: str, end: str) -> None:
    course = only_course(f"""
        patient day given status   planned_sessions scar_score
        A         0     0 {status} {planned}        4
        A        30     1 {status} {planned}        3
    """)
    assert course["end"] == end


def test_a_status_recorded_on_one_visit_only_is_that_of_the_course() -> None:
    course = only_course("""
        patient day given status  scar_score
        A         0     0 -       4
        A        30     1 stopped 3
    """)
    assert course["end"] == "stopped"


# Why a course is or is not analysed

ONE_OF_EACH = """
    patient day given treated scar_scale          scar_score pih_scale pih_score
    never1     0     0 yes     -                   -          pahpi     12
    never1    30     1 no      -                   -          pahpi     11
    other1     0     0 yes     asas                3          -         -
    other1    30     1 no      asas                2          -         -
    nobase1    0     0 yes     goodman_baron_grade -          -         -
    nobase1   30     1 no      goodman_baron_grade 2          -         -
    once1      0     0 yes     goodman_baron_grade 4          pahpi     6
    once1     30     1 no      goodman_baron_grade -          pahpi     7
    late1      0     0 yes     goodman_baron_grade 4          pahpi     6.01
    late1     61     1 no      goodman_baron_grade 3          -         -
    soon1      0     0 no      goodman_baron_grade 4          -         -
    soon1      5     1 no      goodman_baron_grade 3          -         -
    good1      0     0 yes     goodman_baron_grade 1          pahpi     6.5
    good1     30     1 no      goodman_baron_grade 1          pahpi     6
"""


def test_every_reason_is_reached() -> None:
    records = read(ONE_OF_EACH)
    scarring = outcomes.courses(records).set_index("patient_id")["reason"].to_dict()
    pih = outcomes.courses(records, "pih").set_index("patient_id")["reason"].to_dict()
    assert scarring == {
        "never1": NOT_SCORED,
        "other1": OTHER_SCALE,
        "nobase1": NO_BASELINE,
        "once1": NOT_AGAIN,
        "late1": OUTSIDE,
        "soon1": UNDATED,
        "good1": ANALYSED,
    }
    assert pih == {
        "never1": ANALYSED,
        "other1": NOT_SCORED,
        "nobase1": NOT_SCORED,
        "once1": NOT_PRESENT,
        "late1": NOT_AGAIN,
        "soon1": NOT_SCORED,
        "good1": ANALYSED,
    }
    assert set(scarring.values()) | set(pih.values()) == set(REASONS)


def test_scarring_at_the_best_grade_is_analysed_pih_that_is_not_there_is_not() -> None:
    records = read(ONE_OF_EACH)
    good = outcomes.courses(records).set_index("patient_id").loc["good1"]
    once = outcomes.courses(records, "pih").set_index("patient_id").loc["once1"]
    assert scores(good) == [1, 1]
    assert scores(once) == [6, 7]


# Which scale

TWO_SCALES = """
    patient day given scar_scale          scar_score
    A         0     0 goodman_baron_grade 4
    B         0     0 asas                2
    {third}
"""


@pytest.mark.parametrize(
    ("third", "used"),
    [("C 0 0 asas 1", "asas"), ("C 0 0 goodman_baron_grade 1", "goodman_baron_grade"), ("A 9 0 goodman_baron_grade -", "asas")],
    ids=["two to one", "one to two", "a tie goes to the first by name"],
)
def test_the_scale_of_most_courses_is_used(third: str, used: str) -> None:
    assert outcomes.tally(read(TWO_SCALES.format(third=third))).scale.name == used


def test_courses_decide_on_the_scale_and_not_visits() -> None:
    tally = outcomes.tally(
        read("""
        patient day given scar_scale scar_score
        A         0     0 ecca       100
        A        30     1 ecca       90
        A        60     2 ecca       80
        A        90     3 ecca       70
        B         0     0 asas       2
        C         0     0 asas       2
    """)
    )
    assert tally.scale.name == "asas"


def test_a_scale_asked_for_is_used() -> None:
    courses = outcomes.courses(read(TWO_SCALES.format(third="C 0 0 asas 1")), scale="goodman_baron_grade")
    assert courses["reason"].tolist() == [NOT_AGAIN, OTHER_SCALE, OTHER_SCALE]
    assert courses["after_0"].tolist() == pytest.approx([4, nan, nan], nan_ok=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"endpoint": "scars"}, "endpoint must be one of scarring, pih, fine_lines, got 'scars'"),
        ({"endpoint": "pih"}, "the frame has no scores of PIH (pih_score)"),
        (
            {"scale": "pahpi"},
            "scale of scarring must be one of goodman_baron_grade, goodman_baron_score, ecca, asas, got 'pahpi'",
        ),
        ({"scale": "ecca"}, "the frame has no scores of acne scarring (scar_score on ecca)"),
    ],
)
def test_what_is_not_there_is_said(options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        outcomes.courses(read(TWO_SCALES.format(third="C 0 0 asas 1")), **options)
    assert str(raised.value) == message
