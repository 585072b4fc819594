"""Events, guidance, what lasts and how it is judged, in sentences, tables and pictures: at their edges, and with every number."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes import figures, prose, tables
from outcomes.definitions.notes import Notes
from outcomes.display.words import one_in
from outcomes.measures.adverse_events import BY_CHANCE, PER_SESSION, STANDARDISED
from shared import sample

FORBIDDEN = re.compile(r"\b(approv\w*|safe|safely|prove[nds]?|caused by|significan\w*|efficac\w*|effective\w*)\b", re.IGNORECASE)
MIME = tables.ESTIMATES_MIME


def checked(said: prose.Prose) -> str:
    """The text with ordinary spaces, after what holds for all of them."""
    text = str(said).replace("\N{NO-BREAK SPACE}", " ")
    assert isinstance(said, prose.Prose)
    assert all(line.endswith((".", "**")) for line in text.split("\n"))
    assert not re.search(r"  |\.\.|,,|\( |\(\)|\( ?;| [.,;:)]|\bnan\b|\bNone\b|\binf\b|(?<![\w-])-\d", text), text
    assert not re.search(r"\b1 (courses|sessions|patients|tips)\b", text), text
    assert text.count("**") % 2 == 0
    assert not FORBIDDEN.search(text), text
    return text


@cache
def seen(courses: int, events: int = 0, *, providers: int = 1, **other: Any) -> outcomes.Records:
    """Courses of one session after which so many had an infection, given by so many providers in turn."""
    rows = [
        {"patient_id": f"P{n}", "fitzpatrick": "V", "provider_id": f"D{n % providers}", "day": 30 * k, "sessions_completed": k,
         "treated": "no" if k else "yes", "infection": (("yes" if n < events else "no") if k else None), **other}
        for n in range(courses) for k in (0, 1)
    ]  # fmt: skip
    return outcomes.read_records(pd.DataFrame(rows))


@cache
def of_sample(by: Any = None) -> pd.DataFrame:
    return outcomes.adverse_events(sample(), by)


@cache
def eligible() -> pd.DataFrame:
    return outcomes.eligibility(sample())


# Words


def test_none_is_said_with_what_it_leaves_possible() -> None:
    """The upper end of binom.test(0, 31) in R is 0.1122."""
    records = seen(31)
    said = checked(prose.adverse_events(outcomes.adverse_events(records), outcomes.adverse_events(records, "skin_types")))
    assert said.startswith(
        "An adverse event was recorded in none of 31 courses (a rate of up to 11.2% of courses of 1 session is compatible with the "
        "records), and after none of 31 sessions (a rate of up to 11.2% is compatible with the records)."
    )
    assert said.endswith(
        "**New PIH** (absent before treatment) was recorded as follows, in per cent of courses of 1 session: in types I–III: no visit after a "
        "session; in types IV–VI: not recorded."
    )


@pytest.mark.parametrize(("high", "most"), [(11.2, 8), (10.0, 10), (9.99, 10), (0.3, 333), (60.0, 1), (100.0, 1), (0.0, 1)])
def test_one_in_n_never_promises_more_than_the_bound(high: float, most: int) -> None:
    assert one_in(high) == most
    assert most == 1 or 100 / most >= high


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0.0%"), (0.04, "<0.1%"), (0.06, "0.1%"), (0.4, "0.4%"), (9.94, "9.9%"), (9.96, "10.0%"), (12.3, "12.3%")],
)
def test_rates_of_events_have_one_decimal(value: float, said: str) -> None:
    assert prose.rate(value) == said


def test_what_nobody_asked_about_is_not_called_none() -> None:
    records = seen(9, infection=None)
    said = checked(prose.adverse_events(outcomes.adverse_events(records), outcomes.adverse_events(records, "skin_types")))
    assert said.startswith("**Adverse events are not recorded**: no visit after a session says yes or no.")


def test_the_sample_is_told_in_two_sentences_with_their_intervals() -> None:
    said = checked(prose.adverse_events(of_sample(), of_sample("skin_types")))
    assert said.startswith(
        "An adverse event was recorded in 45 of 226 courses (19.4% of courses of 4 sessions; 95% CI 13.7–26.2%), "
        "and after 50 of 854 sessions (5.9%; 95% CI 4.3–7.7%). **New PIH** (absent before treatment) was recorded as follows, in per cent of "
        "courses of 4 sessions: in types I–III: 7 of 127 courses ("
    )
    assert said.endswith("in types IV–VI: 2 of 99 courses (3.3%; 95% CI 0.3–12.3%).")


def difference(low: float, estimate: float, high: float, note: Notes = ()) -> pd.DataFrame:
    return pd.DataFrame(
        {"event": ["new_pih"], "session": 4.0, "estimate": estimate, "conf_low": low, "conf_high": high, "note": [note]}
    )


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (
            (-0.9, 3.2, 8.1),
            "With so few events, the records **cannot show whether the groups differ** (types IV–VI less I–III: +3.2 percentage points of "
            "courses of 4 sessions; 95% CI \N{MINUS SIGN}0.9 to +8.1).",
        ),
        (
            (0.9, 3.2, 8.1),
            "New PIH was **more frequent in types IV–VI** than in types I–III (+3.2 percentage points of courses of 4 sessions; 95% CI "
            "+0.9 to +8.1).",
        ),
        (
            (-6.0, -3.2, -0.4),
            "New PIH was **less frequent in types IV–VI** than in types I–III (\N{MINUS SIGN}3.2 percentage points of courses of 4 sessions; 95% "
            "CI \N{MINUS SIGN}6.0 to \N{MINUS SIGN}0.4).",
        ),
    ],
)
def test_groups_differ_only_where_the_interval_of_the_difference_leaves_out_none(ends: tuple[float, ...], said: str) -> None:
    assert checked(prose.adverse_event_differences(difference(*ends))) == said


def test_groups_of_whom_one_was_not_asked_cannot_be_compared() -> None:
    records = seen(9)
    assert checked(prose.adverse_event_differences(outcomes.adverse_event_differences(records), "infection")) == (
        "Infection **cannot be compared** between skin types I–III and IV–VI (types I–III: nobody was asked)."
    )
    assert tables.adverse_event_differences(outcomes.adverse_event_differences(records)).rows[3] == (
        "infection",
        "0 of 9",
        "types I–III: nobody was asked",
    )


def test_a_session_that_nobody_was_asked_about_leaves_a_count_and_no_rate(edges: Any, check_drawing: Any) -> None:
    rows = [
        {"patient_id": f"P{n}", "fitzpatrick": "V", "day": 30 * k, "sessions_completed": k, "infection": ("yes" if n else "no") if k == 2 else None}
        for n in range(6) for k in range(3)
    ]  # fmt: skip
    records = outcomes.read_records(pd.DataFrame(rows))
    safety = outcomes.adverse_events(records)
    said = checked(prose.adverse_events(safety, outcomes.adverse_events(records, "skin_types")))
    assert "was recorded in 5 of 6 courses (no rate: nobody was asked after session 1), and after 5 of 6 sessions" in said
    picture = figures.adverse_events(safety)
    check_drawing(picture)
    assert "infection 5 of 6 courses (no rate: nobody was asked after session 1)" in picture.said
    assert edges.over() == []
    assert [row[4:6] for row in tables.adverse_events(safety).rows if row[0] == "infection"] == [
        ("83.3% (35.9–99.6%)", "no length recorded")
    ]
    assert [row[1:4] for row in tables.adverse_events(safety).rows if row[0] == "infection"] == [
        ("5 of 6", "nobody was asked after session 1", "5 of 6")
    ]


OTHERS = [
    "- **Check age and every screening question before every session.** An answer is missing at 39 of 925 sessions. Of 925 sessions, 32 were given "
    "below the age of 22.",
    "- **Use each tip once.** Of 922 tips, 3 were recorded at more than one visit; tips are single-use.",
    "- **Check the depth before every session.** Of 902 sessions, 3 were given deeper than 1.5 mm on the face, for which the cleared device was not "
    "evaluated.",
]


def test_what_to_act_on_begins_with_the_gravest() -> None:
    lines = checked(prose.act_on_first(eligible(), of_sample())).splitlines()
    assert lines == [
        "- **Find out why sessions were given despite a recorded contraindication**: isotretinoin within 6 months 6 of 925, blood disorder 3 of "
        "894, pregnancy 2 of 650, active skin cancer in the area 2 of 894 and breastfeeding 2 of 650.",
        *OTHERS,
    ]


def test_what_to_act_on_says_how_many_sessions_there_were_under_any_contraindication() -> None:
    lines = checked(prose.act_on_first(eligible(), of_sample(), outcomes.contraindications(sample()))).splitlines()
    assert lines == [
        "- **Find out why 15 sessions were given despite a recorded contraindication** (15 of 886): isotretinoin within 6 months 6, blood disorder "
        "3, pregnancy 2, active skin cancer in the area 2 and breastfeeding 2.",
        *OTHERS,
    ]


def test_nothing_to_act_on_is_said() -> None:
    answered = dict.fromkeys(("pregnant", "breastfeeding", "active_skin_cancer", "blood_disorder"), "no")
    events = dict.fromkeys(
        ("new_pih", "prolonged_erythema", "herpes_flare", "tram_tracks", "scar_worsening", "other_event"), "no"
    )
    records = seen(6, age=30, **answered, **events)
    assert (
        checked(prose.act_on_first(outcomes.eligibility(records), outcomes.adverse_events(records)))
        == "Nothing needs action: no session was recorded outside guidance."
    )


def test_records_without_treated_visits_are_asked_for_them() -> None:
    records = seen(6, treated=None)
    said = checked(prose.act_on_first(outcomes.eligibility(records), outcomes.adverse_events(records)))
    assert said.startswith(
        "- **Record at which visits a session was given** (`treated`). Without it, sessions cannot be compared with guidance."
    )
    assert checked(prose.eligibility(outcomes.eligibility(records))).startswith(
        "No visit is marked as one at which a session was given"
    )


def test_screening_tells_what_was_answered_and_how_far_apart_sessions_were() -> None:
    said = checked(prose.eligibility(eligible()))
    assert said == (
        "Before 886 of 925 sessions (**96%**), an answer to every screening question is recorded. Sessions were a median of **30 days** apart; 28 "
        "are usual. Of 676 intervals, none was shorter than 21 days and 21 were longer than 60 days."
    )


def test_what_lasts_is_told_of_those_who_came_back() -> None:
    said = checked(prose.durability(outcomes.durability(sample())))
    assert said == (
        "At 6 months after the last session, acne scarring was **0.9 grades better** than before treatment (95% CI 0.6–1.2; 28 courses), with "
        "no clear change since the first month (25 courses assessed both times)."
    )
    few = outcomes.durability(seen(3, scar_scale="asas", scar_score=2))
    assert (
        checked(prose.durability(few))
        == "Too few courses were assessed again later to tell whether a change in acne scarring lasts."
    )


def test_what_lasts_of_several_endpoints_is_a_paragraph_each() -> None:
    both = prose.durability(outcomes.durability(sample(), ["scarring", "pih"]))
    first, second = (checked(prose.Prose(each)) for each in both.split("\n\n"))
    assert first == checked(prose.durability(outcomes.durability(sample())))
    assert second == (
        "At 6 months after the last session, PIH was **5.1 points better** than before treatment (95% CI 4.2–6.0; 11 courses), and 1.2 points "
        "better than at the first month (95% CI 0.6–1.9; 9 courses assessed both times)."
    )


def test_a_change_that_did_not_last_is_worse_than_at_the_first_month() -> None:
    lasted = outcomes.durability(sample())
    since = (lasted["measure"] == "change since 1 month") & (lasted["month"] == 6)
    lasted.loc[since, ["estimate", "conf_low", "conf_high"]] = [0.4, 0.2, 0.6]
    assert checked(prose.durability(lasted)).endswith(
        "(95% CI 0.6–1.2; 28 courses), and 0.4 grades worse than at the first month (95% CI 0.2–0.6; 25 courses assessed both times)."
    )


def test_judgements_are_told_after_one_session() -> None:
    said = checked(prose.appearance(outcomes.appearance(sample())))
    assert said == (
        "After 4 sessions, **68%** of patients' ratings (95% CI 49–82%; 28 courses) and **63%** of clinicians' ratings (95% CI 52–73%; 79 "
        "courses) were “improved” or better. Satisfaction was **6.3 of 10** on average (95% CI 5.9–6.7; 102 courses). Only patients still "
        "attending are included."
    )
    assert checked(prose.appearance(outcomes.appearance(sample()), 3)) == (
        "After 3 sessions, **67%** of patients' ratings (95% CI 52–79%; 42 courses) and **70%** of clinicians' ratings (95% CI 61–78%; 101 "
        "courses) were “improved” or better. Satisfaction was **6.2 of 10** on average (95% CI 5.9–6.6; 142 courses). Only patients still "
        "attending are included."
    )
    assert checked(prose.appearance(outcomes.appearance(sample()), 9)) == said
    unasked = outcomes.appearance(seen(9))
    assert prose.appearance(unasked, 3) == prose.appearance(unasked)
    assert checked(prose.appearance(unasked)) == "Overall appearance and satisfaction are not recorded often enough to report."


def test_how_events_are_counted_is_said_in_full() -> None:
    said = checked(prose.what_counts())
    assert [line[:2] for line in said.splitlines()] == ["- "] * 3
    for words in (
        "**later visit at which the question was answered**", "are not counted as event-free", "for the last session before the visit",
        "had each of its sessions been asked about", "the two differ a little", "do not show what caused an event",
    ):  # fmt: skip
        assert words in said
    assert "never what was there before" in prose.how_to_read("new PIH")


# Tables


def test_the_table_of_events_holds_every_estimate_it_shows() -> None:
    table = tables.adverse_events(of_sample(), of_sample("skin_types"))
    assert [row[0] for row in table.rows[:3]] == ["any event", "types I–III", "types IV–VI"]
    assert len(table.rows) == 8 + 16
    pih = dict(table.grouped)["new PIH"]
    assert pih[0][3:5] == ("9 of 854", "1.1% (0.4–2.2%)")
    carried = table._repr_mimebundle_()[MIME]
    assert len(carried) == len(of_sample()) + len(of_sample("skin_types"))
    assert {row["event"] for row in carried} == set(of_sample()["event"])


def test_the_limits_of_chance_are_carried_with_the_providers() -> None:
    carried = tables.adverse_events(of_sample("provider_id"))._repr_mimebundle_()[MIME]
    measures = [row["measure"] for row in carried]
    assert measures.count(BY_CHANCE) == measures.count(STANDARDISED) == measures.count(PER_SESSION) == 24


def test_guidance_has_a_column_for_what_is_not_recorded() -> None:
    table = tables.eligibility(eligible())
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["sessions given during pregnancy"] == ("2 of 650", "0.3%", "26 of 676")
    assert not any("apart" in name for name in rows), "how far apart sessions were is told in words"
    unasked = tables.eligibility(outcomes.eligibility(seen(9)))
    assert ("sessions given during pregnancy", "not recorded", "", "9 of 9") in unasked.rows
    assert tables.eligibility(outcomes.eligibility(seen(9), "provider_id")).columns[0] == "provider"


def test_what_lasts_stands_beside_the_same_courses_at_one_month() -> None:
    table = tables.durability(outcomes.durability(sample()))
    assert [(row[0], row[1].rpartition("; ")[2]) for row in table.rows] == [
        ("1 month", "166)"),
        ("3 months", "46)"),
        ("6 months", "28)"),
    ], "3 courses at 12 months are too few for a row"
    assert table.rows[0][-1] == ""
    assert table.rows[1][-1] == "\N{MINUS SIGN}0.14 (\N{MINUS SIGN}0.30 to +0.02; 43)"
    assert "of patients who came back" in table.caption
    both = tables.durability(outcomes.durability(sample(), ["scarring", "pih"]))
    assert [name for name, _ in both.groups] == ["Acne scarring, grades", "PIH, points"]


def test_judgements_stand_in_a_column_for_each_judge_there_is() -> None:
    table = tables.appearance(outcomes.appearance(sample()))
    assert table.columns == ("sessions", "improved, by patients", "improved, by clinicians", "satisfaction, 0 to 10")
    assert table.rows[0][1] == "57% (43–70%; 51)"
    assert table.rows[0][3] == "5.8 (5.5–6.1; 181)"


# Pictures


def test_every_picture_of_the_sample_is_whole_and_tells_its_numbers(edges: Any, check_drawing: Any) -> None:
    pictures = [
        figures.adverse_events(of_sample()),
        figures.adverse_events_by_skin_type(of_sample("skin_type")),
        figures.adverse_events_by_skin_type(of_sample("skin_types")),
    ]
    for picture in pictures:
        check_drawing(picture)
    assert edges.over() == []
    assert edges.overlapping() == []
    alts = [picture.said.replace("\N{NO-BREAK SPACE}", " ") for picture in pictures]
    assert "herpes flare 2 of 226 courses (1.1%; 95% CI 0.1–4.4%)" in alts[0]
    assert (
        "type V none of 33 courses (a rate of up to 21.8% is compatible with the records; 15 patients asked after the session least asked about)"
        in alts[1]
    )
    assert pictures[0].title == "Prolonged redness was the most frequent event: in 25 of 226 courses"


@pytest.mark.parametrize(("courses", "events"), [(4, 1), (12_345, 0), (12_345, 12_345)])
def test_every_edge_makes_a_whole_picture(courses: int, events: int, edges: Any, check_drawing: Any) -> None:
    """Counts of any size, made of six courses: the picture does not know where they come from."""
    safety = outcomes.adverse_events(_six(), "skin_type")
    numbers = {"n": courses, "events": events, "estimate": 100 * events / courses}
    ends = outcomes.statistics.intervals.clopper_pearson(events, courses)
    wide = safety.assign(**numbers, conf_low=100 * ends.low, conf_high=100 * ends.high)
    for picture in (figures.adverse_events_by_skin_type(wide), figures.adverse_events(wide[wide["skin_type"] == "V"])):
        check_drawing(picture)
        assert "nan" not in picture.said
    assert edges.over() == []
    assert edges.overlapping() == []


@cache
def _six() -> outcomes.Records:
    return seen(6, 1)


def by_type(**counts: tuple[int, int]) -> pd.DataFrame:
    """New PIH and any event in so many of so many courses of each skin type."""
    safety = outcomes.adverse_events(_six(), "skin_type")
    frames = []
    for name, (events, n) in counts.items():
        ends = outcomes.statistics.intervals.clopper_pearson(events, n)
        numbers = {
            "events": events,
            "n": n,
            "estimate": 100 * events / n,
            "conf_low": 100 * ends.low,
            "conf_high": 100 * ends.high,
        }
        frames.append(safety[safety["skin_type"] == name].assign(**numbers))
    return pd.concat(frames)


def test_the_title_counts_events_and_courses_over_the_same_rows() -> None:
    counts = {"I": (1, 3), "II": (0, 7), "III": (1, 10), "IV": (4, 9), "V": (0, 6), "VI": (0, 4)}
    picture = figures.adverse_events_by_skin_type(by_type(**counts))
    assert picture.title == "New PIH was recorded in 6 of 39 courses, in 2 of 4 skin types"
    none = figures.adverse_events_by_skin_type(by_type(I=(0, 7), II=(0, 5)))
    assert none.title == "No new PIH was recorded in 12 courses"


def test_few_courses_have_no_percent_no_mark_and_no_count() -> None:
    of = by_type(I=(1, 4), II=(1, 5), III=(0, 5))
    few, enough = re.findall(r"<tr>.*?</tr>", figures.adverse_events_by_skin_type(of).drawing)[2:4]
    assert re.findall(r"<td>(.*?)</td>", few) == ["", "too few (&lt;5)"]
    assert "<circle" not in few
    assert "1 of 5" in enough
    alone = figures.adverse_events_by_skin_type(by_type(I=(1, 4), II=(1, 5)))
    assert (alone.title, alone.drawing) == ("Too few courses to show skin types apart", "")


def test_none_seen_is_hollow_with_its_upper_bound_and_a_note() -> None:
    picture = figures.adverse_events_by_skin_type(by_type(I=(0, 33), II=(3, 33)))
    none, some = re.findall(r"<tr>.*?</tr>", picture.drawing)[2:4]
    assert 'fill="#ffffff"' in none
    assert 'fill="#ffffff"' not in some
    assert picture.note.startswith("Hollow: none recorded; its bar ends at the rate that is still compatible with the records.")


def test_events_beyond_the_usual_length_are_said_not_to_be_part_of_the_rate() -> None:
    of = by_type(I=(0, 33), II=(3, 33))
    later = of.assign(estimate=of["estimate"].where(of["skin_type"] != "II", 0.0))
    picture = figures.adverse_events_by_skin_type(later)
    assert picture.note.endswith(
        " New PIH in type II and any event or new PIH in type II: recorded only after more than 1 session, so not part of the rate."
    )
    assert "3 of 33 courses, only after more than 1 session (0.0%; " in picture.said
    assert "only after" not in figures.adverse_events_by_skin_type(of).said


def test_events_that_nobody_had_are_one_row_where_as_much_is_known() -> None:
    drawn = figures.adverse_events(outcomes.adverse_events(seen(31, tram_tracks="yes"))).drawing
    assert re.findall(r'<th scope="row">(.*?)</th>', drawn) == [
        "<b>Any of these</b>",
        "Tram tracks",
        "Infection",
        "New PIH, prolonged redness, herpes flare, worse scarring and other event",
    ]
    none = figures.adverse_events(outcomes.adverse_events(seen(31))).drawing
    assert re.findall(r'<th scope="row">(.*?)</th>', none)[0] == "<b>Any of these</b>"


def test_events_stand_in_order_of_frequency_below_all_together() -> None:
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(\d+) of', figures.adverse_events(of_sample()).drawing)
    assert rows[0][0] == "<b>Any of these</b>"
    counts = [int(count) for _, count in rows[1:]]
    assert counts == sorted(counts, reverse=True)
