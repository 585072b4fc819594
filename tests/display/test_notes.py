"""The words of notes: a sentence for every code, with every number it can hold."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import outcomes
from outcomes import tables
from outcomes.definitions.notes import Note, NoteCode
from outcomes.display.notes import note_of, note_words, only
from outcomes.display.tables import ESTIMATES_MIME

MINUS = "\N{MINUS SIGN}"
FROM_3 = (Note(NoteCode.ENROLLED_FROM, 3, 0),)

SENTENCES: dict[Note, str] = {
    Note(NoteCode.NO_COURSES): "no courses",
    Note(NoteCode.TOO_FEW, 3): "3 courses, too few",
    Note(NoteCode.TOO_FEW, 1): "1 course, too few",
    Note(NoteCode.TOO_FEW, 1, unit="sessions"): "1 session, too few",
    Note(NoteCode.TOO_FEW_PAIRS, 0): "0 pairs of scores, too few",
    Note(NoteCode.TOO_FEW_PAIRS, 1): "1 pair of scores, too few",
    Note(NoteCode.TOO_FEW_BEGAN, 14): "14 courses began, too few to estimate",
    Note(NoteCode.TOO_FEW_STOPPED, 4): "4 stopped, too few to report",
    Note(NoteCode.TOO_FEW_BLIND, 14, 15): "14 courses with blind scores, 15 are needed",
    Note(NoteCode.TOO_FEW_BLIND, 1, 15): "1 course with blind scores, 15 are needed",
    Note(NoteCode.TOO_FEW_COURSES): "too few courses",
    Note(NoteCode.TOO_FEW_GROUPS): "too few courses of more than one group of types",
    Note(NoteCode.TOO_FEW_AFTER): "too few courses were assessed after a session",
    Note(NoteCode.TOO_FEW_YEARS, 2): "2 of the 3 years needed have an estimate",
    Note(NoteCode.NOBODY_AFTER): "no course was assessed after a session",
    Note(NoteCode.TOO_FEW_TWICE): "too few courses were assessed twice to tell how scores vary by themselves",
    Note(NoteCode.TOO_FEW_LENGTHS): "too few for an interval",
    Note(NoteCode.ALL_BEGAN): "all who began",
    Note(NoteCode.PERCENT_SCORED, 44.6): "45% of courses assessed",
    Note(NoteCode.PERCENT_ALONE, 16.2): "16% of courses were like none that was assessed",
    Note(NoteCode.AT_BEST_LEFT_OUT, 2): "2 already at the best score left out",
    Note(NoteCode.FEWER, 8): "1 to 7",
    Note(NoteCode.WITHHELD): "not published",
    Note(NoteCode.ONLY_AT_THE_END): "assessed only where courses ended",
    Note(NoteCode.FEW_LIKE_LEAVERS): "too few were like those who stopped",
    Note(NoteCode.FEW_EFFECTIVE): "rests on too few patients",
    Note(NoteCode.GROUP_TOO_FEW_SCORED): "too few assessed",
    Note(NoteCode.GROUP_NONE_LIKE_LEAVERS): "nobody like those who stopped",
    Note(NoteCode.GROUP_FEW_EFFECTIVE): "rests on too few",
    Note(NoteCode.NOT_ESTIMABLE): "not estimable",
    Note(NoteCode.NO_SPREAD): "no spread: no interval",
    Note(NoteCode.NO_INTERVAL): "no interval",
    Note(NoteCode.CHANGED_ALIKE): "every course changed alike: no interval",
    Note(NoteCode.ANSWERED_ALIKE): "all answered alike: no interval",
    Note(NoteCode.IMPROVED_ALIKE): (
        "no interval: every course improved by the same share, or too many are close to the best score"
    ),
    Note(NoteCode.ALL_AT_BEST): "every course was at the best score",
    Note(NoteCode.SAME_SCORES): "every score is the same",
    Note(NoteCode.TOLD_APART): "stopping is told apart by the change completely",
    Note(NoteCode.CHECK_OUTSIDE, -0.61, names=("MMRM, unstructured",)): "MMRM, unstructured gives -0.6, outside this interval",
    Note(NoteCode.HOLDS_NO_CHANGE): "the interval includes no change",
    Note(NoteCode.UNSEEN, 39.4): "39% not assessed",
    Note(NoteCode.NOBODY_UNSEEN): "every course was assessed",
    Note(NoteCode.VERDICT, names=("different, by less than the margin",)): "different, by less than the margin",
    Note(NoteCode.MARGIN_FROM, names=("declared",)): "margin: declared",
    Note(NoteCode.BLIND_FAR, 0.5, unit="grades"): "apart from the result of all scores by more than 0.5 grades",
    Note(NoteCode.BLIND_OUTSIDE): "apart from the result of all scores, which lies outside this interval",
    Note(NoteCode.NO_CUT): "no sign that only higher scores were enrolled",
    Note(NoteCode.BEGAN_ALIKE): "all courses began at the same score",
    Note(NoteCode.ENROLLED_FROM, 2.5, 0): "enrolled from a score of 2.5 on",
    Note(NoteCode.ENROLLED_FROM, 3.0, 1_204): "enrolled from a score of 3 on (1,204 below)",
    Note(NoteCode.ENROLLED_DOWN_FROM, 3.0, 1_204): "enrolled from a score of 3 down (1,204 above)",
    Note(NoteCode.NOT_RECORDED): "not recorded",
    Note(NoteCode.NOBODY_SEEN): "no visit after a session",
    Note(NoteCode.NOBODY_ASKED): "nobody was asked",
    Note(NoteCode.UNASKED_SESSIONS, names=("1", "3")): "nobody was asked after session 1, 3",
    Note(NoteCode.FEWEST_ASKED, 11.0): "11 patients asked after the session least asked about",
    Note(NoteCode.FEWEST_ASKED, 1.0): "1 patient asked after the session least asked about",
    Note(NoteCode.NO_EVENTS): "no events",
    Note(NoteCode.NO_LENGTH): "no length recorded",
    Note(NoteCode.EXPECTED, 12.0): "12.0 expected by skin type",
    Note(NoteCode.NONE_EXPECTED): "no event in skin types like these",
    Note(NoteCode.OF_TYPES, names=("IV-VI",), why=(Note(NoteCode.NOBODY_ASKED),)): "types IV-VI: nobody was asked",
    Note(NoteCode.AGAINST_GUIDANCE, 22, names=("under age",)): "given below the age of 22",
    Note(NoteCode.AGAINST_GUIDANCE, names=("pregnant",)): "given during pregnancy",
    Note(NoteCode.AGAINST_GUIDANCE, names=("breastfeeding",)): "given while breastfeeding",
    Note(NoteCode.AGAINST_GUIDANCE, names=("active_skin_cancer",)): "given with active skin cancer in the area",
    Note(NoteCode.AGAINST_GUIDANCE, names=("blood_disorder",)): "given with a blood disorder",
    Note(NoteCode.AGAINST_GUIDANCE, 6.0, names=("isotretinoin",)): "given within 6 months of isotretinoin",
    Note(NoteCode.AGAINST_GUIDANCE, 1.5, names=("deep on the face",)): (
        "given deeper than 1.5 mm on the face, for which the cleared device was not evaluated"
    ),
    Note(NoteCode.AGAINST_GUIDANCE, names=("tip reused",)): "recorded at more than one visit; tips are single-use",
    Note(NoteCode.AGAINST_GUIDANCE, 21, names=("days apart, too few",)): "under 21 days apart",
    Note(NoteCode.AGAINST_GUIDANCE, 60, names=("days apart, too many",)): "over 60 days apart",
    Note(NoteCode.NEVER_ANSWERED, names=("breastfeeding", "blood_disorder")): "not recorded: breastfeeding, blood disorder",
    Note(NoteCode.PARTLY_RECORDED, 39, 1_925): "39 of 1,925 sessions not recorded",
    Note(NoteCode.TYPES_NOT_ASKED, names=("IV-VI",)): "no course of types IV-VI was asked about",
    Note(NoteCode.SMALL, 0.5, unit="grades"): "the whole interval is less than 0.5 grades",
    Note(NoteCode.CHANCE_NOT_JUDGED): "how much of it can be expected without any effect cannot be told",
    Note(NoteCode.CHANCE_NOT_JUDGED, why=(Note(NoteCode.BEGAN_ALIKE),)): (
        "how much of it can be expected without any effect cannot be told: all courses began at the same score"
    ),
    Note(NoteCode.UNCLEAR_OVER_EVERY): "not clear over every course",
    Note(NoteCode.NOT_BEYOND_CHANCE): "not clearly more than can be expected without any effect",
    Note(NoteCode.NOT_REACHED, 4.0): "not reached by session 4",
    Note(NoteCode.END_NOT_REACHED, 4.0): "upper end not reached by session 4",
    Note(NoteCode.CHANCE_UNKNOWN, why=(Note(NoteCode.BEGAN_ALIKE),)): (
        "how much can be expected without any effect cannot be told: all courses began at the same score"
    ),
    Note(NoteCode.CHANCE, -0.16, unit="grades", why=FROM_3): (
        "expected without any effect: -0.2 grades, enrolled from a score of 3 on"
    ),
    Note(NoteCode.CHANCE, -0.16, unit="grades", names=("at most",), why=FROM_3): (
        "expected without any effect: at most -0.2 grades, enrolled from a score of 3 on"
    ),
    Note(NoteCode.SCORED_OF_BEGAN, 1_044, 2_231): "assessed: 1,044 of 2,231 courses that began",
    Note(NoteCode.METHOD, names=("attended-session chain",)): "attended-session chain",
    Note(NoteCode.GOES_ON): (
        "patients who stopped are taken to progress like patients with the same recorded scores who stayed"
    ),
    Note(NoteCode.STILL_ATTENDING): "only patients still attending",
    Note(NoteCode.EVERY_COURSE, -1.23, 1_210, unit="points", why=(Note(NoteCode.PER_AFFECTED, -2.06),)): (
        "over every course assessed, also without it at baseline: -1.2 points (1,210 courses assessed), -2.1 per affected course"
    ),
    Note(NoteCode.PER_AFFECTED, -2.06): "-2.1 per affected course",
    Note(NoteCode.EVERY_COURSE_UNKNOWN): (
        "the change of every course assessed, also without it at baseline, cannot be estimated"
    ),
    Note(NoteCode.RESPONDED, names=("goodman_baron_grade",)): "improved by at least one grade, which is not a correction",
    Note(NoteCode.JUDGED_IMPROVED): "judged improved or better",
    Note(NoteCode.GROUPS_COMPARED, names=("scarring", "I-II", "III-IV", "V-VI")): "acne scarring as I-II, III-IV, V-VI",
    Note(NoteCode.TOO_FEW_TO_COMPARE, names=("pih",)): "too few to compare: PIH",
    Note(NoteCode.TOO_FEW_TO_COMPARE, names=("pih", "fine_lines")): "too few to compare: PIH, fine lines",
    Note(NoteCode.FEWEST_OF_A_TYPE, 5): "fewest courses of a type: 5",
    Note(NoteCode.USUAL_COURSE, 4.0, names=("new_pih",)): (
        "a course of 4 sessions, the usual number, by a life table over the sessions asked about new PIH"
    ),
    Note(NoteCode.OTHER_EVENTS_LEFT_OUT): "other adverse events are not in it",
    Note(NoteCode.MARKED_GIVEN): "sessions marked as given",
    Note(NoteCode.AGE_AT_FIRST_VISIT): "age at the first visit",
    Note(NoteCode.CONTRAINDICATIONS, 6.0): (
        "pregnant, breastfeeding, skin cancer in the area, blood disorder, isotretinoin within 6 months (guidance; the label "
        "says currently taking)"
    ),
    Note(NoteCode.REMARK, names=("the neck only",)): "the neck only",
    Note(NoteCode.OTHER_SCALE, names=("goodman_baron_score",)): "another scale: Goodman-Baron score",
    Note(NoteCode.OTHER_SCALE, names=("other", "a score of its own")): "another scale: a score of its own",
    Note(NoteCode.OTHER_SCALE, names=("other",)): "another scale: its own",
    Note(NoteCode.FROM_CONTROL): "a difference from a control, not a change from baseline",
    Note(NoteCode.ADJUNCT): "microneedling with something added, not by itself",
    Note(NoteCode.NO_CHANGE_REPORTED): "no mean change reported",
    Note(NoteCode.NO_SPREAD_REPORTED): "no spread reported",
    Note(NoteCode.TIME_UNSTATED): "time after the last session not stated",
    Note(NoteCode.TIME_UNSTATED, names=("end of study",)): "time after the last session not stated (end of study)",
    Note(NoteCode.SCORED_OUTSIDE, 180, names=("14", "100")): "assessed 180 days after the last session, not 14 to 100",
    Note(NoteCode.NEARER_SCORE, 30): "another score of this trial is nearer to 30 days after the last session",
    Note(NoteCode.IMPOSSIBLE_MEAN, 25, names=("16.39", "7.78")): "no 25 whole scores have the mean 16.39 or 7.78",
    Note(NoteCode.CHANGE_APART, names=("-1.3", "2.1", "3.2")): "the change -1.3 is not 2.1 less 3.2",
    Note(NoteCode.TOO_FEW_TRIALS, 1): "1 comparable trial, too few for a summary",
    Note(NoteCode.TOO_FEW_TRIALS, 2): "2 comparable trials, too few for a summary",
    Note(NoteCode.BETWEEN_TRIALS, 3, 0.214): "3 trials; standard deviation between them 0.21",
    Note(NoteCode.NEW_PIH, 5): "5 with new PIH",
    Note(NoteCode.NEW_PIH, 0): "none with new PIH",
    Note(NoteCode.OF_HOW_MANY_UNSTATED): "of how many is not stated",
    Note(NoteCode.OF_WHICH_UNSTATED, 5, names=("30", "36")): "whether of 30 or of 36 is not stated (16.7% or 13.9%)",
    Note(NoteCode.OF_WHICH_UNSTATED, 0, names=("15", "20")): "whether of 15 or of 20 is not stated",
}  # fmt: skip


@pytest.mark.parametrize(("note", "words"), SENTENCES.items(), ids=map(str, SENTENCES))
def test_a_note_has_its_sentence(note: Note, words: str) -> None:
    assert note_words((note,)) == words


def test_every_code_has_a_sentence_here() -> None:
    assert {note.code for note in SENTENCES} == set(NoteCode)


def test_several_notes_stand_in_their_order_and_none_is_blank() -> None:
    assert note_words((Note(NoteCode.TOO_FEW, 3), Note(NoteCode.AT_BEST_LEFT_OUT, 2))) == (
        "3 courses, too few; 2 already at the best score left out"
    )
    assert note_words(()) == ""


def test_people_see_a_real_minus_and_files_do_not() -> None:
    row = {"note": (Note(NoteCode.CHECK_OUTSIDE, -0.61, names=("MMRM",)),)}
    assert note_of(row) == f"MMRM gives {MINUS}0.6, outside this interval"
    assert note_words(row["note"]) == "MMRM gives -0.6, outside this interval"


def test_people_see_skin_types_with_a_dash_and_percents_closed_up() -> None:
    row = {"note": (Note(NoteCode.OF_TYPES, names=("IV-VI",), why=(Note(NoteCode.REMARK, names=("down 31 %",)),)),)}
    assert note_of(row) == "types IV\N{EN DASH}VI: down 31%"
    assert note_words(row["note"]) == "types IV-VI: down 31 %"


def test_the_notes_of_one_kind_can_be_picked() -> None:
    check = Note(NoteCode.CHECK_OUTSIDE, -0.6, names=("MMRM",))
    row = {"note": (Note(NoteCode.PERCENT_SCORED, 44), check)}
    assert only(row, NoteCode.CHECK_OUTSIDE) == (check,)
    assert only(row, NoteCode.NO_CUT) == ()


def test_what_a_claim_rests_on_is_several_notes() -> None:
    assert note_words((Note(NoteCode.SCORED_OF_BEGAN, 3, 4), Note(NoteCode.NO_CUT))) == (
        "assessed: 3 of 4 courses that began; no sign that only higher scores were enrolled"
    )


def test_a_table_carries_its_notes_in_words(sample_records: outcomes.Records) -> None:
    tally = outcomes.tally(sample_records)
    frame = outcomes.continued_by_session(tally)
    carried = tables.numbers(frame)._repr_mimebundle_()[ESTIMATES_MIME]
    assert [row["note"] for row in carried] == [note_words(notes) for notes in frame["note"]]
    assert carried[0]["note"] == "all who began"


def test_a_raw_frame_can_be_read() -> None:
    frame = pd.DataFrame({"n": [3], "note": [(Note(NoteCode.TOO_FEW, 3), Note(NoteCode.AT_BEST_LEFT_OUT, 2))]})
    shown = re.sub(r" +", " ", frame.to_string(index=False))
    assert shown.endswith("(too few: 3, at the best score, left out: 2)")
    assert "&lt;" not in frame.to_html()
