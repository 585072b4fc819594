"""Change and responders had every patient continued, from a tally: the plain cases, the notes, and what each figure is made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.fitzpatrick import MERGES, SKIN_BANDS, SKIN_TYPES
from outcomes.definitions.notes import Note, NoteCode, codes
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import SMALLEST_GROUP
from outcomes.errors import UsageError
from outcomes.measures.continued_by_session import continued_by_session, crosscheck_by_session
from outcomes.measures.estimators import METHOD, continued_by_group, estimators
from outcomes.measures.gain import gain_by_session
from outcomes.measures.groups import groups_of
from outcomes.measures.headline import headline_session
from outcomes.measures.tipping_point import tipping_point
from outcomes.simulate.sample import sample

NUMBERS = ["n", "estimate", "conf_low", "conf_high"]
POINTS = {"scale": "goodman_baron_score"}


def made(n: int, seed: int = 1, *, stop: float = 0.3, sessions: int = 5, points: bool = False) -> np.ndarray:
    """Scores after each session; those who gained a grade, or 10 points, often stop."""
    rng = np.random.default_rng(seed)
    fall = rng.lognormal(-0.1, 0.5, n)[:, None] * 1.5 * (1 - 0.75 ** np.arange(sessions))
    exact = rng.normal(3.2, 0.7, n)[:, None] - fall + rng.normal(0, 0.3, (n, sessions))
    scores = np.clip(np.rint(exact * 10), 1, 84) if points else np.clip(np.rint(exact), 1, 4)
    gained = (scores[:, :1] - scores) / (10 if points else 1)
    leaves = (rng.random(scores.shape) < np.where(gained >= 1, stop, stop / 4)) & (np.arange(sessions) > 0)
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), sessions - 1)
    return np.where(np.arange(sessions) <= last[:, None], scores, np.nan)


def changes(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of change after at least one session."""
    return frame[(frame["measure"] == "change") & (frame["session"] > 0)].reset_index(drop=True)


@pytest.mark.parametrize("points", [False, True], ids=["grades", "points"])
def test_where_nobody_is_unseen_continued_is_observed(tally_of, points: bool) -> None:
    scores = made(40, stop=0, points=points)
    tally = tally_of(scores, **POINTS if points else {})
    plain = (scores - scores[:, :1])[:, 1:].mean(axis=0)
    for frame in (changes(continued_by_session(tally)), crosscheck_by_session(tally)):
        np.testing.assert_allclose(frame["estimate"], plain, atol=1e-6)
        assert set(frame["note"]) == {()}
    responded = scores[:, :1] - scores >= (4.5 if points else 1)
    able = scores[:, 0] > SCALES[tally.scale.name].low
    found = continued_by_session(tally).query("measure == 'responders'")
    np.testing.assert_allclose(found["estimate"], 100 * responded[able][:, 1:].mean(axis=0), atol=1e-5)


# Notes


def test_a_session_that_fewer_than_half_reach_says_so(tally_of) -> None:
    scores = made(40, stop=0)
    scores[15:, 3:] = np.nan
    for measure, rows in continued_by_session(tally_of(scores)).groupby("measure"):
        notes = rows.set_index("session")["note"]
        assert NoteCode.PERCENT_SCORED not in {note.code for note in notes[1] + notes[2]}, measure
        assert notes[3][0] == Note(NoteCode.PERCENT_SCORED, 37.5), measure


def test_exactly_half_is_not_fewer_than_half(tally_of) -> None:
    scores = made(40, stop=0)
    scores[20:, 4] = np.nan
    assert NoteCode.PERCENT_SCORED not in codes(changes(continued_by_session(tally_of(scores))).iloc[-1])


def test_nothing_is_given_beyond_the_last_session_with_five(tally_of) -> None:
    scores = made(40, stop=0)
    scores[5:, 3] = scores[4:, 4] = np.nan
    assert changes(continued_by_session(tally_of(scores)))["session"].tolist() == [1, 2, 3]


def test_small_groups_are_nan_with_their_number(tally_of) -> None:
    tally = tally_of(made(40 + SMALLEST_GROUP - 1), ["II"] * 40 + ["V"] * (SMALLEST_GROUP - 1))
    rows = changes(continued_by_session(tally, "skin_type")).set_index("skin_type")
    assert rows.loc["II", "estimate"].notna().all()
    assert rows.loc["V", "estimate"].isna().all()
    assert {notes[-1] for notes in rows.loc["V", "note"]} == {Note(NoteCode.TOO_FEW_BEGAN, 14)}
    assert rows.loc["VI", "n"].eq(0).all()
    assert {notes[0] for notes in rows.loc["VI", "note"]} == {Note(NoteCode.NO_COURSES)}


def test_a_check_outside_the_interval_is_said(tally_of, monkeypatch: pytest.MonkeyPatch) -> None:
    from outcomes.measures import continued_by_session as module

    tally = tally_of(made(60))
    assert NoteCode.CHECK_OUTSIDE not in {note.code for notes in changes(continued_by_session(tally))["note"] for note in notes}
    lead, check = estimators(tally, None)
    far = replace(check, change=check.change - 1, method="another way")
    monkeypatch.setattr(module, "estimators", lambda *_: (lead, far))
    rows = changes(continued_by_session(tally))
    assert [notes[-1] for notes in rows["note"]] == [
        Note(NoteCode.CHECK_OUTSIDE, value, names=("another way",)) for value in far.change[0, 1:]
    ]


def test_what_is_asked_again_without_a_tilt_is_not_computed_again(tally_of) -> None:
    tally = tally_of(made(60))
    assert continued_by_group(tally, None, 0.0) is continued_by_group(tally, None)


def test_courses_at_the_best_score_are_left_out_of_responders(tally_of) -> None:
    scores = np.vstack([made(40, stop=0), np.ones((7, 5))])
    able = scores[:40][scores[:40, 0] > 1]
    rows = continued_by_session(tally_of(scores)).query("measure == 'responders'")
    unable = 47 - len(able)
    assert set(rows["note"]) == {(Note(NoteCode.AT_BEST_LEFT_OUT, unable),)}
    np.testing.assert_allclose(rows["estimate"], 100 * (able[:, :1] - able >= 1)[:, 1:].mean(axis=0), atol=1e-9)


# What a further session adds, and what could overturn it


@pytest.mark.parametrize("points", [False, True], ids=["grades", "points"])
def test_the_gain_of_a_session_is_the_difference_with_its_own_interval(tally_of, points: bool) -> None:
    tally = tally_of(made(60, points=points), **POINTS if points else {})
    change, gain = changes(continued_by_session(tally)), gain_by_session(tally)
    np.testing.assert_allclose(gain["estimate"], np.diff(change["estimate"], prepend=0), atol=1e-9)
    lead, _ = estimators(tally, None)
    k = 3
    variance = lead.cov[k, k] + lead.cov[k - 1, k - 1] - 2 * lead.cov[k, k - 1]
    row = gain[gain["session"] == k].iloc[0]
    _, error, df = lead.contrast(lead.row({("all", k): 1, ("all", k - 1): -1})[None])
    assert error[0] == pytest.approx(np.sqrt(variance))
    assert df[0] > 5
    # Correlated: narrower than if the two sessions had been other patients.
    assert row["conf_high"] - row["conf_low"] < 2 * 2.1 * np.sqrt(lead.cov[k, k] + lead.cov[k - 1, k - 1])


def test_without_missing_scores_the_gain_is_a_paired_t_test(tally_of) -> None:
    from scipy import stats

    scores = made(30, stop=0)
    row = gain_by_session(tally_of(scores)).set_index("session").loc[3]
    t = stats.ttest_rel(scores[:, 3], scores[:, 2]).confidence_interval()
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(t), abs=1e-9)


def test_deltas_that_do_not_exist_say_why(tally_of) -> None:
    whole = tipping_point(tally_of(made(40, stop=0)))
    assert whole["estimate"].isna().all()
    assert set(whole["note"]) == {(Note(NoteCode.NOBODY_UNSEEN),)}
    rng = np.random.default_rng(1)
    noise = np.clip(np.rint(rng.normal(2.5, 0.7, (40, 3))), 1, 4)
    noise[20:, 2] = np.nan
    assert tipping_point(tally_of(noise))["note"].iloc[-1] == (Note(NoteCode.HOLDS_NO_CHANGE),)
    worse = made(60)[:, ::-1].copy()
    worse[np.isnan(worse)] = 1
    worse[30:, 4] = np.nan
    assert tipping_point(tally_of(worse))["estimate"].iloc[-1] < 0
    assert Note(NoteCode.TOO_FEW_BEGAN, 10) in tipping_point(tally_of(made(10)))["note"].iloc[0]


# Groups


def enrolled(tally_of, **sizes: int) -> outcomes.Tally:
    types = [name for name, n in sizes.items() for _ in range(n)]
    return tally_of(np.tile([3.0, 2.0], (len(types), 1)), types)


@pytest.mark.parametrize(
    ("sizes", "merge"),
    [
        (dict.fromkeys(SKIN_TYPES, SMALLEST_GROUP), MERGES[0]),
        ({"II": 15, "V": 15}, MERGES[0]),  # types that nobody has are no reason to merge
        ({"II": 15, "V": 14, "VI": 1}, MERGES[1]),
        ({"I": 1, "II": 14, "III": 15, "IV": 1, "V": 8, "VI": 7}, MERGES[1]),
        ({"I": 7, "II": 7, "III": 8, "IV": 15}, MERGES[2]),
        ({"I": 7, "II": 7, "IV": 40}, MERGES[3]),
        ({"II": 3}, MERGES[3]),
        ({"II": 100}, MERGES[0]),
    ],
)
def test_small_types_are_merged_by_the_fixed_rule(tally_of, sizes: dict[str, int], merge: dict[str, str]) -> None:
    assert groups_of(enrolled(tally_of, **sizes), "skin_types") == merge


def test_groups_asked_for_are_not_merged(tally_of) -> None:
    tally = enrolled(tally_of, II=3)
    assert groups_of(tally, "skin_band") == SKIN_BANDS
    assert groups_of(tally, "skin_type") == {name: name for name in SKIN_TYPES}
    with pytest.raises(UsageError, match="by must be skin_type, skin_band or skin_types, got 'age'"):
        groups_of(tally, "age")


def test_a_type_iv_patient_never_alters_type_iis_rows(tally_of) -> None:
    scores, more = made(60), made(20, seed=9)
    without = continued_by_session(tally_of(scores, ["II"] * 30 + ["IV"] * 30), "skin_type").query("skin_type == 'II'")
    with_more = continued_by_session(tally_of(np.vstack([scores, more]), ["II"] * 30 + ["IV"] * 50), "skin_type").query(
        "skin_type == 'II'"
    )
    pd.testing.assert_frame_equal(with_more[NUMBERS], without[NUMBERS], check_exact=True)


def test_tallies_of_two_halves_add_up_to_the_whole() -> None:
    visits = sample(200, seed=3).records
    records = pl.DataFrame(visits.astype(object).where(visits.notna(), None).to_dict("list"), infer_schema_length=None)
    is_first = pl.col("patient_id").is_in(records["patient_id"].unique().sort()[:100].to_list())
    parts = [outcomes.tally(outcomes.read_records(records.filter(own))) for own in (is_first, ~is_first)]
    whole = continued_by_session(outcomes.tally(outcomes.read_records(records)))
    pd.testing.assert_frame_equal(continued_by_session(parts[0] + parts[1]), whole, check_exact=True)
    shuffled = outcomes.tally(outcomes.read_records(records.sample(fraction=1, shuffle=True, seed=1)))
    pd.testing.assert_frame_equal(continued_by_session(shuffled), whole, check_exact=True)


# Next to nothing


def test_a_clinic_where_nobody_came_back_has_columns_and_no_rows(tally_of) -> None:
    tally = tally_of([[3, np.nan, np.nan]] * 30)
    began = continued_by_session(tally)
    assert began[["measure", "session", "n", "note"]].to_numpy().tolist() == [["change", 0, 30, (Note(NoteCode.ALL_BEGAN),)]]
    for frame in (
        changes(continued_by_session(tally, "skin_band")),
        crosscheck_by_session(tally),
        gain_by_session(tally),
        tipping_point(tally),
    ):
        assert frame.empty
        assert set(frame) <= set(ESTIMATES)
        assert {"measure", "session", "n", "estimate", "conf_low", "conf_high", "note"} <= set(frame)


@pytest.mark.parametrize("scale", ["goodman_baron_grade", "goodman_baron_score"])
@pytest.mark.parametrize("value", [1.0, 0.1 + 0.2, 3.0])
def test_equal_scores_are_no_change_without_an_interval(tally_of, scale: str, value: float) -> None:
    scores = np.full((30, 4), 3.0 if scale == "goodman_baron_grade" else round(value, 2))
    for by in (None, "skin_types"):
        rows = changes(continued_by_session(tally_of(scores, scale=scale), by))
        assert rows["conf_low"].isna().all()
        rows = rows[rows["n"] > 0]
        np.testing.assert_allclose(rows["estimate"], 0, atol=1e-6)


@pytest.mark.parametrize("scale", ["goodman_baron_grade", "goodman_baron_score"])
def test_everybody_at_the_best_score_has_no_responders(tally_of, scale: str) -> None:
    best = SCALES[scale].low
    rows = continued_by_session(tally_of(np.full((30, 4), best), scale=scale)).query("measure == 'responders'")
    assert rows["estimate"].isna().all()
    assert all(Note(NoteCode.AT_BEST_LEFT_OUT, 30) in notes for notes in rows["note"])


def test_a_tally_gives_the_same_as_its_long_frame(tally_of) -> None:
    scores = made(60)
    tally = tally_of(scores)
    subject, session = np.nonzero(~np.isnan(scores))
    long = pd.DataFrame({"who": subject, "session": session, "grade": scores[subject, session]})
    columns = {"subject": "who", "visit": "session", "score": "grade"}
    model = outcomes.mmrm(long, **columns, covariance="unstructured")
    pd.testing.assert_frame_equal(
        outcomes.mmrm(tally, covariance="unstructured").change[NUMBERS], model.change[NUMBERS], rtol=1e-8
    )
    able = long.groupby("who")["grade"].transform("first") > 1
    own, frame = outcomes.continued(tally), outcomes.continued(long, **columns)
    of_able = outcomes.continued(tally_of(scores[scores[:, 0] > 1])), outcomes.continued(long[able], **columns)
    for one, other, names in ((own, frame, ("change", "shares", "gain")), (*of_able, ("improved",))):
        for name in names:
            pd.testing.assert_frame_equal(getattr(one, name)[NUMBERS], getattr(other, name)[NUMBERS], rtol=1e-8)


def test_how_a_course_ended_makes_no_difference_to_the_headline(tally_of) -> None:
    scores = made(60)
    kinds = [continued_by_session(tally_of(scores, end=end)) for end in ("stopped", "ongoing", "finished", "not recorded")]
    for other in kinds[1:]:
        pd.testing.assert_frame_equal(other, kinds[0])


# Which estimator, and which session


@pytest.mark.parametrize("points", [False, True], ids=["grades", "points"])
def test_the_chain_leads_and_the_model_checks(tally_of, points: bool) -> None:
    tally = tally_of(made(60, points=points), **POINTS if points else {})
    lead, check = estimators(tally, None)
    assert lead.method == METHOD
    assert check.method == "MMRM, unstructured"
    assert continued_by_session(tally)["estimand"].unique().tolist() == ["continued"]
    assert crosscheck_by_session(tally)["estimand"].unique().tolist() == ["continued (check)"]


def test_the_check_weighs_a_patients_courses_as_one(tally_of) -> None:
    scores = made(60, points=True)
    once, twice = (
        crosscheck_by_session(tally_of(np.repeat(scores, times, axis=0), patient=np.repeat(range(60), times), **POINTS))
        for times in (1, 2)
    )
    pd.testing.assert_frame_equal(twice[NUMBERS[1:]], once[NUMBERS[1:]], rtol=1e-8)
    assert (twice["n"] == 2 * once["n"]).all()


def test_courses_written_twice_make_no_interval_narrower(tally_of) -> None:
    scores = made(60)
    once, twice = (
        continued_by_session(tally_of(np.repeat(scores, times, axis=0), patient=np.repeat(range(60), times))) for times in (1, 2)
    )
    # A ridge counts pseudo-courses, so that the estimates differ in the third decimal.
    np.testing.assert_allclose(twice["estimate"], once["estimate"], rtol=0.02, atol=0.02)
    width = [(frame["conf_high"] - frame["conf_low"]).dropna() for frame in (once, twice)]
    assert (width[1] > 0.97 * width[0]).all()


def test_the_headline_is_of_the_last_session_that_half_come_to_and_that_was_scored(tally_of) -> None:
    scores = made(60, stop=0, sessions=7)
    only = np.where(np.isin(np.arange(7), (0, 3, 6)), scores, np.nan)
    assert headline_session(tally_of(only, attended=[6] * 60)) == 6
    left = only.copy()
    left[:40, 6] = np.nan
    assert headline_session(tally_of(left, attended=[4] * 40 + [6] * 20)) == 3
    missed = np.where(np.random.default_rng(1).random(scores.shape) < 0.6, np.nan, scores)
    missed[:, 0] = scores[:, 0]
    assert headline_session(tally_of(missed, attended=[6] * 60)) == 6
    assert headline_session(tally_of([[3, np.nan]] * 30)) == 1


def test_sessions_that_nobody_was_scored_after_have_a_reason_and_no_estimate(tally_of) -> None:
    scores = np.where(np.isin(np.arange(7), (0, 3, 6)), made(60, stop=0, sessions=7), np.nan)
    rows = changes(continued_by_session(tally_of(scores, attended=[6] * 60))).set_index("session")
    assert rows["estimate"].isna().tolist() == [True, True, False, True, True, False]
    assert set(rows.loc[[1, 2, 4, 5], "note"]) == {(Note(NoteCode.NO_COURSES),)}
    plain = (scores - scores[:, :1]).mean(axis=0)
    assert rows.loc[[3, 6], "estimate"].tolist() == pytest.approx([plain[3], plain[6]], abs=1e-12)
    gains = gain_by_session(tally_of(scores, attended=[6] * 60)).set_index("session")
    assert gains.loc[6, "since"] == 3
    assert gains.loc[6, "estimate"] == pytest.approx(plain[6] - plain[3], abs=1e-12)


def test_the_tipping_delta_moves_the_interval_to_no_change_in_both_directions(tally_of) -> None:
    scores = made(70)
    for way, sign in ((scores, 1), (5 - scores, -1)):
        tally = tally_of(way)
        row = tipping_point(tally).set_index("session").loc[4]
        change = changes(continued_by_session(tally)).set_index("session").loc[4]
        unseen = np.isnan(way[:, 4]).mean()
        near = change["conf_high"] if sign > 0 else change["conf_low"]
        assert sign * row["estimate"] > 0
        assert near + row["estimate"] * unseen == pytest.approx(0, abs=1e-9)
