"""Tables for people: strings only, accessible, escaped, and carrying the estimates they show."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from math import nan, sqrt

import pandas as pd
import pytest

import outcomes
from outcomes import prose, tables
from outcomes.cohort.courses import REASONS
from outcomes.cohort.score_account import SCORE_REASONS
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.notes import Note, NoteCode
from outcomes.display.tables import ESTIMATES_MIME, Table
from outcomes.display.tables.table import told
from outcomes.measures.skin_types import NO_MARGIN, OF_CHANGE
from outcomes.report.sanitize import allowed_html

M = "\N{MINUS SIGN}"
NB = "\N{NO-BREAK SPACE}"


class Elements(HTMLParser):
    """Every start tag with its attributes, and whether each is closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


HOSTILE = "<script>alert(\"1\")</script> & 'x'"


def test_an_open_table_has_a_caption_and_scopes() -> None:
    assert Table("Grades", ("", "n"), (("I", "3"), ("II", "0"))).html() == (
        '<table><caption>Grades</caption><thead><tr><td></td><th scope="col">n</th></tr></thead>\n'
        '<tbody>\n<tr><th scope="row">I</th><td>3</td></tr>\n<tr><th scope="row">II</th><td>0</td></tr>\n</tbody></table>'
    )


def test_a_folded_table_is_named_once_for_the_eye_and_once_for_the_ear() -> None:
    html = Table("Grades", ("type",), (("I",),), folded=True).html()
    assert html.startswith(
        '<details class="numbers"><summary>Grades</summary><div class="scroll" tabindex="0" role="group" aria-label="Grades">'
        '<table aria-label="Grades"><thead>'
    )
    assert "<caption>" not in html


@pytest.mark.parametrize("folded", [True, False])
def test_no_cell_caption_or_heading_is_markup(folded: bool) -> None:
    html = Table(HOSTILE, (HOSTILE, HOSTILE), ((HOSTILE, HOSTILE),), folded=folded).html()
    elements = Elements(html)
    assert elements.open == []
    assert {tag for tag, _ in elements.found} <= {
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
    }
    assert "<script" not in html
    assert all(set(attributes) <= {"class", "scope", "aria-label", "role", "tabindex"} for _, attributes in elements.found)


GROUPED = Table(
    "Who", ("", "n"), (("I", "3"), ("II", "0"), ("face", "<1")), groups=(("Type & more", 2), ("Area", 1)), numbers=(1,)
)


def test_a_group_of_rows_has_a_heading_and_a_body_of_its_own() -> None:
    html = GROUPED.html()
    assert html.split("</thead>\n")[1] == (
        '<tbody>\n<tr><th scope="rowgroup" colspan="2"><b>Type &amp; more</b></th></tr>\n<tr><th scope="row">I</th><td class="num">3</td></tr>\n'
        '<tr><th scope="row">II</th><td class="num">0</td></tr>\n</tbody>\n'
        '<tbody>\n<tr><th scope="rowgroup" colspan="2"><b>Area</b></th></tr>\n<tr><th scope="row">face</th><td class="num">&lt;1</td></tr>\n</tbody></table>'
    )
    assert '<td></td><th scope="col" class="num">n</th>' in html
    assert Elements(html).open == []
    assert allowed_html(html) == html
    assert [line.split() for line in repr(GROUPED).splitlines()] == [
        ["n"],
        ["Type", "&", "more"],
        ["I", "3"],
        ["II", "0"],
        ["Area"],
        ["face", "<1"],
    ]


def test_a_blank_first_cell_heads_nothing() -> None:
    html = Table("Grades", ("", "n"), (("", "3"), ("II", "0"))).html()
    assert '<tr><td></td><td>3</td></tr>\n<tr><th scope="row">II</th><td>0</td></tr>' in html
    assert "></th>" not in html


def test_groups_are_of_all_rows() -> None:
    with pytest.raises(ValueError, match="groups must be of all 3 rows, got 2"):
        replace(GROUPED, groups=(("Type", 2),)).html()


def test_a_table_is_plain_text_without_a_browser() -> None:
    table = Table("Grades", ("type", "n"), (("type I", "3"), ("type II", "1,203")))
    assert repr(table) == "   type     n\n type I     3\ntype II 1,203"
    assert set(table._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_long_cells_are_not_cut_off_in_text() -> None:
    words = " ".join(["word"] * 60)
    assert words in repr(Table("x", ("a",), ((words,),)))


def estimates(**other: object) -> pd.DataFrame:
    row = {
        "endpoint": "scarring",
        "scale": "goodman_baron_grade",
        "measure": "change",
        "estimand": "observed",
        "session": 1,
        "n": 1203,
        "estimate": -0.4,
        "conf_low": -0.52,
        "conf_high": 0.04,
        "unit": "grades",
        "method": "t interval",
        "note": (),
    }
    return pd.DataFrame([{**row, **other}])


def test_numbers_are_shown_with_sign_interval_and_n() -> None:
    table = tables.numbers(estimates())
    assert table.columns == ("sessions", "courses", "estimate (95% CI)")
    assert table.rows == (("1", "1,203", f"{M}0.40 ({M}0.52 to +0.04) grades"),)
    assert table.folded


def test_percents_are_percents() -> None:
    table = tables.numbers(estimates(measure="responders", estimate=0.0, conf_low=0.0, conf_high=2.6, unit="%"))
    assert table.rows[0][-1] == "0% (0–3%)"


def test_what_is_zero_by_its_rule_has_no_interval_and_a_share_of_none_has_one() -> None:
    zero = {"estimate": 0.0, "conf_low": 0.0}
    assert tables.numbers(estimates(**zero, conf_high=0.0)).rows[0][-1] == "0.0 grades"
    assert tables.numbers(estimates(**zero, conf_high=8.8, unit="% of courses")).rows[0][-1] == "0.0% (0.0–8.8%)"


def test_a_session_is_named_by_its_number() -> None:
    half = {"measure": "session by which half would have responded", "unit": "sessions", "conf_low": 1.0, "conf_high": nan}
    assert tables.numbers(estimates(**half, estimate=1.0)).rows[0][-1] == "session 1 (1 or later)"
    assert tables.numbers(estimates(**half, estimate=2.0)).rows[0][-1] == "session 2 (1 or later)"


def test_a_number_of_sessions_is_no_change_and_has_no_sign() -> None:
    ends = {"conf_low": 1.0, "conf_high": nan, "note": (), "measure": "change"}
    assert told({"estimate": 2.0, "unit": "sessions"} | ends) == ("2", "1 or later")
    assert told({"estimate": 2.0, "unit": "grades"} | ends) == ("2.0", "")
    assert told(
        {"estimate": 2.0, "unit": "grades", "measure": "difference"}
        | dict.fromkeys(("conf_low", "conf_high"), nan)
        | {"note": ()}
    ) == (
        "+2.0",
        "",
    )


def test_too_few_courses_have_no_number() -> None:
    few = estimates(n=4, note=(Note(NoteCode.TOO_FEW, 4),))
    assert tables.numbers(few).rows == (("1", "4", "4 courses, too few"),)
    assert tables.numbers(few)._repr_mimebundle_()[ESTIMATES_MIME][0]["estimate"] == -0.4


def test_what_is_not_estimable_is_blank_with_its_note() -> None:
    table = tables.numbers(
        estimates(n=0, estimate=nan, conf_low=nan, conf_high=nan, session=nan, note=(Note(NoteCode.NO_COURSES),))
    )
    assert (table.columns[0], table.rows) == ("measure", (("change", "0", "no courses"),))


def test_a_column_that_tells_nothing_apart_is_left_out() -> None:
    two = tables.numbers(estimates(), estimates(endpoint="fine_lines", estimand="as_treated", session=2.5))
    assert two.columns == ("endpoint", "among", "sessions", "courses", "estimate (95% CI)")
    assert [row[:3] for row in two.rows] == [("acne scarring", "still attending", "1"), ("fine lines", "last assessment", "2.5")]
    measures = tables.numbers(
        estimates(), estimates(measure="responders", estimate=60.0, conf_low=50.0, conf_high=70.0, unit="%")
    )
    assert measures.columns == ("measure", "sessions", "courses", "estimate (95% CI)")
    assert [row[0] for row in measures.rows] == ["change", "improved"]


def test_methods_and_notes_that_are_not_shown_are_carried() -> None:
    noted = estimates(note=(Note(NoteCode.TOO_FEW, 4),))
    (row,) = tables.numbers(noted)._repr_mimebundle_()[ESTIMATES_MIME]
    assert (row["method"], row["note"]) == ("t interval", "4 courses, too few")


def test_the_carried_estimates_are_the_frame_with_null_for_nan_and_notes_in_words() -> None:
    none = estimates(n=0, estimate=nan, conf_low=nan, conf_high=nan, note=(Note(NoteCode.NO_COURSES),))
    frame = pd.concat([estimates(estimate=-1 / 3), none], ignore_index=True)
    carried = tables.numbers(frame)._repr_mimebundle_()[ESTIMATES_MIME]
    assert [list(row) for row in carried] == [list(frame.columns)] * 2
    blank = {"estimate": None, "conf_low": None, "conf_high": None}
    assert carried[1] == {**frame.iloc[1].to_dict(), **blank, "note": "no courses"}
    assert carried[0]["estimate"] == pytest.approx(-1 / 3, abs=5.1e-7)


@pytest.fixture(scope="module")
def sample(sample_records: outcomes.Records) -> outcomes.Records:
    return sample_records


@pytest.fixture(scope="module")
def tallies(sample: outcomes.Records) -> list[outcomes.Tally]:
    return outcomes.tallies(sample)


def test_the_carried_estimates_of_the_sample_are_every_number_shown(tallies: list[outcomes.Tally]) -> None:
    frame = outcomes.change_by_session(tallies[0], by="skin_type")
    table = tables.numbers(frame)
    carried = pd.DataFrame(table._repr_mimebundle_()[ESTIMATES_MIME])
    assert len(carried) == len(table.rows) == len(frame)
    assert carried["skin_type"].tolist() == frame["skin_type"].astype(str).tolist()
    for name in ("n", "session", "estimate", "conf_low", "conf_high"):
        assert carried[name].astype(float).tolist() == pytest.approx(
            frame[name].astype(float).tolist(), abs=5.1e-7, nan_ok=True
        ), name


def test_all_six_skin_types_are_rows_though_nobody_has_them(sample: outcomes.Records) -> None:
    only_iv = outcomes.tally(sample, skin_types=["IV"])
    counted = tables.skin_type_counts(outcomes.skin_type_counts(only_iv)).rows
    assert [row[0] for row in counted] == [f"type {name}" for name in SKIN_TYPES]
    assert [row[1] for row in counted if row[0] != "type IV"] == ["0"] * 5
    last = tables.numbers(outcomes.change_by_session(only_iv, by="skin_type", estimand="as_treated"))
    shown = {row[0]: row[-2:] for row in last.rows}
    assert last.columns[0] == "skin type"
    assert list(shown) == list(SKIN_TYPES)
    assert [shown[name] for name in SKIN_TYPES if name != "IV"] == [("0", "no courses")] * 5
    assert shown["IV"][0] == str(only_iv.analysed)


def test_skin_types_of_two_endpoints_are_counted_beside_each_other(tallies: list[outcomes.Tally]) -> None:
    table = tables.skin_type_counts(outcomes.skin_type_counts(tallies))
    assert table.columns == ("", "acne scarring, courses", "analysed as", "PIH, courses", "analysed as")
    assert [row[2] for row in table.rows] == ["I–II", "I–II", "III–IV", "III–IV", "V–VI", "V–VI"]
    assert {len(row) for row in table.rows} == {5}


# The result counted in three ways


def three_ways(**other: object) -> pd.DataFrame:
    shares = {"measure": "responders", "estimate": 60.0, "conf_low": 50.0, "conf_high": 70.0, "unit": "%"}
    return pd.concat(
        [estimates(session=session, estimand=name, **more, **other)
         for name, session in (("continued", 3), ("observed", 3), ("as_treated", 2.5), ("continued", 4))
         for more in ({}, shares)]
    )  # fmt: skip


def test_each_endpoint_is_a_heading_over_its_three_ways_of_counting() -> None:
    table = tables.ways_of_counting(three_ways(), three_ways(endpoint="pih", scale="pahpi"), session=3)
    assert table.columns == ("", "courses", "change", "improved")
    assert [words for words, _ in table.grouped] == [
        "Acne scarring, grades; improved by at least one grade",
        "PIH, points; improved by half or more",
    ]
    for _, rows in table.grouped:
        assert rows == (
            ("all patients (estimated)", "1,203", f"{M}0.40 ({M}0.52 to +0.04)", "60% (50–70%)"),
            ("still attending", "1,203", f"{M}0.40 ({M}0.52 to +0.04)", "60% (50–70%)"),
            ("last assessment", "1,203", f"{M}0.40 ({M}0.52 to +0.04)", "60% (50–70%)"),
        )


def test_a_way_of_counting_of_too_few_courses_has_no_number() -> None:
    few = three_ways(n=4)
    for _, rows in tables.ways_of_counting(three_ways(), few.assign(endpoint="pih", scale="pahpi"), session=3).grouped[1:]:
        assert [row[2:] for row in rows] == [("too few (4)", "too few (4)")] * 3
    without = three_ways()[lambda rows: rows["measure"] == "change"]
    assert [row[3] for row in tables.ways_of_counting(without, session=3).rows] == ["", "", ""]


def test_every_course_is_in_the_flow_once(tallies: list[outcomes.Tally]) -> None:
    table = tables.flow(*tallies)
    *reasons, sums = table.rows
    assert table.columns == ("", "acne scarring", "PIH")
    assert [row[0] for row in reasons] == list(REASONS)
    for place, tally in enumerate(tallies, start=1):
        assert sum(int(row[place].replace(",", "")) for row in reasons) == tally.courses
        assert sums[place] == f"{tally.courses:,}"


def test_every_score_is_in_the_account_once(sample_records: outcomes.Records) -> None:
    account = outcomes.score_account(sample_records)
    table = tables.score_account(account)
    *reasons, sums = table.rows
    assert table.columns == ("", "acne scarring", "PIH", "fine lines")
    assert [row[0] for row in reasons] == list(SCORE_REASONS)
    for place, name in enumerate(("scarring", "pih", "fine_lines"), start=1):
        n = account.loc[account["endpoint"] == name, "n"].sum()
        assert sum(int(row[place].replace(",", "")) for row in reasons) == n
        assert sums[place] == f"{n:,}"


def test_transitions_are_grades_before_by_grades_after(tallies: list[outcomes.Tally]) -> None:
    table = tables.transitions(outcomes.transitions(tallies[0]))
    assert table.columns == ("grade before", "courses", "1 after", "2 after", "3 after", "4 after")
    assert [row[0] for row in table.rows] == ["1", "2", "3", "4"]
    for row in table.rows:
        assert abs(sum(int(cell.removeprefix("<").removesuffix("%")) for cell in row[2:]) - 100) <= 2, (
            "a row of percents is the whole"
        )
    assert sum(int(row[1]) for row in table.rows) == tallies[0].analysed


def test_a_grade_that_nobody_had_is_a_blank_row() -> None:
    parts = [(before, after, n, 50.0 if n else nan) for before, n in ((1, 0), (2, 4)) for after in (1, 2)]
    frame = pd.concat([estimates(before=b, after=a, n=n, estimate=share, unit="% of courses") for b, a, n, share in parts])
    assert tables.transitions(frame).rows == (("1", "0", "", ""), ("2", "4", "50%", "50%"))


def test_findings_with_any_come_first_and_the_unrecorded_are_not_none() -> None:
    limits = {"endpoint": "", "low": nan, "high": nan, "names": (), "is_to_act_on": False}
    found = pd.DataFrame(
        [
            {"finding": "pregnant", "n": 0, "of": 5, "unit": "visits"} | limits,
            {"finding": "breastfeeding", "n": 0, "of": 0, "unit": "visits"} | limits,
            {"finding": "no baseline", "n": 1203, "of": 2000, "unit": "courses"} | limits,
            {"finding": "unknown column", "n": 1, "of": 2, "unit": "columns"} | limits | {"names": ("<b>",)},
        ]
    )
    table = tables.findings(found)
    assert table.rows == (
        ("no baseline", "1,203", "In 1,203 of 2,000 courses, no score was taken before the first session."),
        ("unknown column", "1", "Of 2 columns, 1 is not in the contract and was not read: <b>."),
        ("pregnant", "0", "Of 5 sessions, none was given during pregnancy."),
        ("breastfeeding", "not recorded", "Not recorded, so it cannot be checked: breastfeeding."),
    )
    assert "not read: &lt;b&gt;." in table.html()


def test_completeness_is_a_percent_of_the_rows() -> None:
    recorded = pd.DataFrame({"column": ["day", "gais"], "n": [1210, 0], "of": [1210, 1210], "meaning": ["days", "global"]})
    table = tables.completeness(recorded)
    assert table.rows == (("day", "1,210", "100%", "days"), ("gais", "0", "0%", "global"))
    assert table.folded


def test_no_table_over_the_sample_shows_nan_or_a_hyphen_for_minus(
    sample: outcomes.Records, tallies: list[outcomes.Tally]
) -> None:
    shown = [
        tables.numbers(outcomes.change_by_session(tallies), outcomes.percent_of_possible_by_session(tallies)),
        tables.numbers(outcomes.change_by_session(tallies[1], by="skin_type", estimand="as_treated")),
        tables.findings(outcomes.findings(sample)),
    ]
    for table in shown:
        for cell in (cell for row in table.rows for cell in row):
            assert not re.search(r"\bnan\b|(?<![\w-])-\d", cell), cell


# Published trials


def test_published_trials_stand_below_the_clinic_with_their_citation(tally_of) -> None:
    clinic = tally_of([[4, 3, 3], [3, 2, 2], [3, 3, 2], [4, 4, 3]] * 5)
    compared = outcomes.evidence(clinic)
    table = tables.evidence(compared)
    own, vietnam, ablon, together = table.rows
    assert (own[0], own[1], own[-1]) == ("this clinic", "20", "")
    assert vietnam == (
        *("Vietnam series 2019", "31", "12", "7", "30", "3.3", f"{M}1.4", f"{M}1.6 to {M}1.1"),
        "means and spreads, correlation 0.5 assumed; every week for 3 months, about 12 sessions; no 31 whole scores have the mean 1.93",
        "Minh PPT, Bich DD, Hai VNT, et al.; Open Access Maced J Med Sci; 10.3889/oamjms.2019.098; read as an abstract",
    )
    assert ablon[:6] == ("von Dalwig-Nolda & Ablon 2020", "not stated", "4", "30", "90", "")
    assert together == ("comparable trials together", *[""] * 7, "2 comparable trials, too few for a summary", "")
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert table.estimates is compared


def test_three_comparable_trials_have_a_mean_and_a_range(tally_of) -> None:
    trials = outcomes.published_trials()
    third = trials[trials["study"] == "Sharma split-face"].assign(after_days=30)
    clinic = tally_of([[4, 3, 3], [3, 2, 2], [3, 3, 2], [4, 4, 3]] * 5)
    *_, together, further = tables.evidence(outcomes.evidence(clinic, pd.concat([trials, third]))).rows
    assert together[0] == "comparable trials together"
    errors = [sqrt((0.59**2 + 0.58**2 - 0.59 * 0.58) / 31), 0.27 / 2 / 1.959964, sqrt((0.4**2 + 0.56**2 - 0.4 * 0.56) / 40)]
    of = outcomes.random_effects([-1.36, -0.91, -0.84], errors)
    assert together[6:8] == prose.shown(of.mean, *of.interval, none=0)
    assert further[0] == "a further such trial"
    assert further[6:8] == ("", prose.shown(of.mean, max(of.prediction[0], -3), of.prediction[1], none=0).interval)


def test_intervals_are_shown_under_each_correlation(tally_of) -> None:
    clinic = tally_of([[4, 3, 3], [3, 2, 2], [3, 3, 2], [4, 4, 3]] * 5)
    table = tables.correlations(*(outcomes.evidence(clinic, correlation=r) for r in (0.3, 0.8)))
    assert table.folded
    assert table.rows == (
        ("Vietnam series 2019", "0.3", f"{M}1.4", f"{M}1.6 to {M}1.1"),
        ("Vietnam series 2019", "0.8", f"{M}1.4", f"{M}1.5 to {M}1.2"),
    )


def test_what_is_not_compared_shows_what_it_reports_and_why(tally_of) -> None:
    table = tables.not_compared(outcomes.not_compared(tally_of([[4, 3]] * 10)))
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["Dogra 2014"][:2] == ("30", f"{M}5.2 points")
    assert rows["Majid 2009"] == (
        *("36", "94% improved (down by 1 or 2 grades)"),
        *("no mean change reported", "Majid I; J Cutan Aesthet Surg; 10.4103/0974-2077.53096; read as an abstract"),
    )
    assert rows["Cachafeiro 2016"][:2] == ("not stated", "no number to compare")


def test_new_pih_in_trials_shows_counts_and_exact_intervals() -> None:
    rows = {row[0]: row[1:] for row in tables.published_new_pih(outcomes.published_new_pih()).rows}
    assert rows["Fabbrocini 2014"] == (
        *("I–VI", "0 of 60", "0.0%", "0.0–6.0%"),
        "J Dermatolog Treat; 10.3109/09546634.2012.742949; read as an abstract",
    )
    assert rows["Dogra 2014"] == (
        *("IV–V", "5 with new PIH; whether of 30 or of 36 is not stated (16.7% or 13.9%)", "", ""),
        "read as an abstract",
    )


# Skin types


def compared(*, several: bool = False, **other: object) -> pd.DataFrame:
    row = {
        "endpoint": "scarring", "scale": "goodman_baron_grade", "measure": "difference", "session": 3, "skin_types": "V-VI", "n": 1030,
        "estimate": 0.103, "conf_low": -0.27, "conf_high": 0.48, "unit": "grades", "standardised": 0.094, "margin": 0.3101,
        "margin_from": OF_CHANGE, "verdict": "undecided", "note": (Note(NoteCode.VERDICT, names=("undecided",)), Note(NoteCode.MARGIN_FROM, names=(OF_CHANGE,))),
        "kept": 88.9, "kept_low": 51.8, "kept_high": 131.9, "possible": 40.5, "possible_low": nan, "possible_high": nan,
        "n_more": 130.0, "n_more_all": 340.0,
    }  # fmt: skip
    return pd.DataFrame([row | other, row | other | {"endpoint": "pih"}] if several else [row | other])


def test_skin_types_stand_beside_each_other_with_what_each_kept_and_needs() -> None:
    table = tables.skin_type_differences(compared())
    assert table.caption == "Each group of skin types beside all others, after 3 sessions, had every patient continued"
    assert dict(zip(table.columns, table.rows[0], strict=True)) == {
        "skin types": "V–VI",
        "courses": "1,030",
        "difference from all others": "+0.1",
        "95% CI": f"{M}0.3 to +0.5",
        "at one baseline": "+0.1",
        "margin": "0.31 grades, a third of the others' own change",
        "verdict": "undecided",
        "of the others' improvement": "89% (52–132%)",
        "of the possible": "40%",
        "more courses needed": "about 130 more courses of V–VI",
    }
    assert table.estimates is not None
    assert table.estimates["n_more"].tolist() == [130]


@pytest.mark.parametrize(
    ("other", "column", "cell"),
    [
        ({"n_more": nan}, -1, "about 340 more courses of all types"),
        ({"n_more": 500.0}, -1, "about 340 more courses of all types"),
        ({"n_more": 0.0}, -1, "none: close to the margin"),
        ({"n_more": nan, "n_more_all": nan}, -1, ""),
        ({"verdict": "different", "n_more": nan, "n_more_all": nan}, -1, ""),
        ({"kept": nan, "kept_low": nan, "kept_high": nan}, -3, ""),
        ({"margin": 0.0, "margin_from": NO_MARGIN}, 5, "the others did not improve"),
        ({"conf_low": nan, "conf_high": nan, "note": (Note(NoteCode.TOO_FEW, 3),)}, 6, "undecided: 3 courses, too few"),
    ],
)
def test_what_is_not_known_of_a_skin_type_is_blank_or_said(other: dict[str, object], column: int, cell: str) -> None:
    assert tables.skin_type_differences(compared(**other)).rows[0][column] == cell


def test_skin_types_of_several_endpoints_are_told_apart() -> None:
    table = tables.skin_type_differences(compared(several=True))
    assert [row[0] for row in table.rows] == ["Acne scarring, V–VI", "PIH, V–VI"]
    assert tables.skin_type_differences(compared()[:0]).rows == ()
