"""Numbers in sentences: every builder at its edges, and no word that promises too much."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from math import inf, nan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes import figures, prose, tables
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.guidance import UNDER_AGE
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.display.prose.change import than_before as than_before_words
from outcomes.display.texts import Nothing

M = "\N{MINUS SIGN}"
NB = "\N{NO-BREAK SPACE}"


# Numbers


@pytest.mark.parametrize(
    ("value", "number", "signed"),
    [
        (0, "0.0", "0.0"),
        (-0.0, "0.0", "0.0"),
        (-0.04, "0.0", "0.0"),
        (0.04, "<0.1", "0.0"),
        (0.06, "0.1", "+0.1"),
        (-0.06, f"{M}0.1", f"{M}0.1"),
        (1.25, "1.2", "+1.2"),
        (9.96, "10.0", "+10.0"),
        (-9.96, f"{M}10.0", f"{M}10.0"),
        (13.46, "13.5", "+13.5"),
        (1234.4, "1,234.4", "+1,234.4"),
        (-1234567, f"{M}1,234,567.0", f"{M}1,234,567.0"),
    ],
)
def test_a_number_has_one_decimal_and_a_real_minus(value: float, number: str, signed: str) -> None:
    assert prose.number(value) == number
    assert prose.signed(value) == signed


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0%"),
        (-0.0, "0%"),
        (-0.4, "0%"),
        (0.49, "<1%"),
        (0.6, "1%"),
        (62.5, "62%"),
        (63.5, "64%"),
        (100, "100%"),
        (-4.2, f"{M}4%"),
        (1180, "1,180%"),
    ],
)
def test_a_percent_is_whole_and_its_sign_is_closed_up(value: float, shown: str) -> None:
    assert prose.percent(value) == shown


@pytest.mark.parametrize(
    ("numbers", "options", "estimate", "interval"),
    [
        ((0.9, 0.8, 1.04), {}, "0.9", "0.8–1.0"),
        ((0.9, 0.86, 0.94), {}, "0.90", "0.86–0.94"),
        ((0.94, 0.8, 0.98), {}, "0.9", "0.8–1.0"),
        ((0.91, 0.8, 0.94), {}, "0.91", "0.80–0.94"),
        ((-0.1, -0.3, 0.1), {"none": 0}, f"{M}0.1", f"{M}0.3 to +0.1"),
        ((0.2, -0.1, 0.5), {"none": 0}, "+0.2", f"{M}0.1 to +0.5"),
        ((-0.9, -1.0, -0.8), {"none": 0}, f"{M}0.9", f"{M}1.0 to {M}0.8"),
        ((0.5, 0.2, 0.8), {"none": 0}, "0.5", "0.2–0.8"),
        ((0.5, 0.2, 0.8), {"none": 0, "plus": True}, "+0.5", "+0.2 to +0.8"),
        ((-0.4, -0.8, -0.02), {"none": 0}, f"{M}0.40", f"{M}0.80 to {M}0.02"),
        ((-0.3, -0.7, 0.03), {"none": 0}, f"{M}0.30", f"{M}0.70 to +0.03"),
        ((0.02, -0.3, 0.3), {"none": 0}, "0.0", f"{M}0.3 to +0.3"),
        ((0.0, -0.3, 0.0), {"none": 0}, "0.0", f"{M}0.3 to 0.0"),
        ((74.1, 66.2, 80.6), {"decimals": 0, "unit": "%"}, "74%", "66–81%"),
        ((100, 99.6, 100), {"decimals": 0, "unit": "%"}, "100.0%", "99.6–100.0%"),
        ((1.9, 0.04, 9.9), {"unit": "%"}, "1.9%", "<0.1–9.9%"),
        ((0.0, 0.0, 10.6), {"unit": "%"}, "0.0%", "0.0–10.6%"),
        ((-8.0, -40.0, 22.0), {"decimals": 0, "unit": "%"}, f"{M}8%", f"{M}40 to +22%"),
        ((0.9, nan, nan), {}, "0.9", ""),
        ((0.9, 0.9, 0.9), {}, "0.9", "0.9–0.9"),
        ((-0.1, -0.227, 0.003), {"none": 0}, f"{M}0.10", f"{M}0.23 to 0.00"),
        ((1.1, 1.02, 2.4), {"none": 1}, "1.10", "1.02–2.40"),
    ],
)
def test_an_estimate_and_its_interval_have_one_precision(
    numbers: tuple[float, float, float], options: dict[str, Any], estimate: str, interval: str
) -> None:
    assert prose.shown(*numbers, **options) == (estimate, interval)


GRADE = {"scale": "goodman_baron_grade", "unit": "grades"}


@pytest.mark.parametrize(
    ("told", "row", "shown"),
    [
        (prose.change_of, (-3.0, -41, 35), f"{M}3.0 ({M}3.0 to +3.0)"),
        (prose.size_of, (-0.9, -1.04, -0.81), "0.9 (0.8–1.0)"),
        (prose.size_of, (-0.1, -0.3, 0.1), f"{M}0.1 ({M}0.3 to +0.1)"),
        (prose.size_of, (-0.5, -0.9, -0.03), "0.5 (<0.1–0.9)"),
        (prose.difference_of, (0.1, 0.05, 0.5), "+0.10 (+0.05 to +0.50)"),
        (prose.share_of, (98.0, 90, 104), "98% (90–100%)"),
        (prose.rate_of, (19.91, 14.9, 25.7), "19.9% (14.9–25.7%)"),
        (prose.ratio_of, (3.4, 2.2, 5.1), "3.4 (2.2–5.1)"),
        (prose.ratio_of, (0.5, 0.2, 0.8), "0.50 (0.20–0.80)"),
        (prose.ratio_of, (40.0, 2.0, inf), "40.0 (2.0 to more than 1,000)"),
    ],
)
def test_a_row_is_told_as_what_it_is(told: Any, row: tuple[float, ...], shown: str) -> None:
    numbers = dict(zip(("estimate", "conf_low", "conf_high"), row, strict=True))
    assert told(GRADE | numbers).cell == shown


@pytest.mark.parametrize(
    ("unit", "measure", "cell"),
    [
        ("% of courses", "events per course", "9.0% (4.2–16.9%)"),
        ("%", "responders", "9% (4–17%)"),
        ("kappa", "weighted kappa", "9.00 (4.20–16.90)"),
        ("odds ratio per grade", "odds ratio of stopping", "9.0 (4.2–16.9)"),
        ("percentage points", "difference", "+9.0 (+4.2 to +16.9)"),
        ("sessions", "session by which half would have responded", "9 (4.2–16.9)"),
    ],
)
def test_the_unit_says_how_a_number_is_written(unit: str, measure: str, cell: str) -> None:
    row = {"unit": unit, "measure": measure, "estimate": 9.0, "conf_low": 4.2, "conf_high": 16.9}
    assert prose.in_unit(row).cell == cell


@pytest.mark.parametrize(("n", "words"), [(0, "0 courses"), (1, "1 course"), (2, "2 courses"), (1203, "1,203 courses")])
def test_one_is_singular(n: int, words: str) -> None:
    assert prose.counted(n, "courses") == words


@pytest.mark.parametrize(
    ("k", "words"), [(1, "after 1 session"), (1.0, "after 1 session"), (2, "after 2 sessions"), (3.5, "after 3.5 sessions")]
)
def test_sessions_are_counted_in_words(k: float, words: str) -> None:
    assert prose.session_words(k) == words


def test_an_abbreviation_keeps_its_capitals() -> None:
    assert [prose.heading(endpoint) for endpoint in ENDPOINTS.values()] == ["Acne scarring", "PIH", "Fine lines"]


# Change from before treatment


def than_before(label: str = "acne scarring", **other: Any) -> str:
    row = {"scale": "goodman_baron_grade", "estimate": -0.9, "conf_low": -1.04, "conf_high": -0.81}
    return than_before_words({**row, **other}, label, "208 courses").replace(NB, " ")


def test_a_change_from_before_treatment_is_better_or_worse_with_its_interval() -> None:
    assert than_before() == "acne scarring was **0.9 grades better** than before treatment (95% CI 0.8–1.0; 208 courses)"
    worse = than_before(estimate=0.5, conf_low=0.2, conf_high=0.8)
    assert worse == "acne scarring was **0.5 grades worse** than before treatment (95% CI 0.2–0.8; 208 courses)"
    points = than_before("PIH", scale="pahpi", estimate=-12.4, conf_low=-14, conf_high=-10.6)
    assert points == "PIH was **12.4 points better** than before treatment (95% CI 10.6–14.0; 208 courses)"


@pytest.mark.parametrize(
    ("low", "high", "shown"), [(-0.7, 0.14, f"{M}0.7 to +0.1"), (-0.7, 0.0, f"{M}0.7 to 0.0"), (0.0, 0.5, "0.0–0.5")]
)
def test_an_interval_that_reaches_no_change_is_no_change(low: float, high: float, shown: str) -> None:
    said = than_before(estimate=-0.3, conf_low=low, conf_high=high)
    assert said == (
        f"there was **no clear change** in acne scarring from before treatment ({M}0.3 grades; 95% CI {shown}; 208 courses)"
    )


# The three ways of counting: each in a row of the table, as no sentence tells them


def counted_ways(**other: Any) -> pd.DataFrame:
    """The result had every patient continued, of those still attending, and at the last assessment."""
    usual = {
        "endpoint": "scarring", "scale": "goodman_baron_grade", "estimand": "continued", "session": 3.0, "n": 208, "unit": "grades",
        "measure": "change", "estimate": -0.9, "conf_low": -1.04, "conf_high": -0.81, "note": (),
    }  # fmt: skip
    share = {"measure": "responders", "unit": "%", "estimate": 75.7, "conf_low": 69.4, "conf_high": 81.1}
    each = [{"estimand": "continued"}, {"estimand": "observed", "n": 12}, {"estimand": "as_treated", "session": 4.0}]
    return pd.DataFrame([usual | of | more | other for of in each for more in ({}, share)])


def ways(*frames: pd.DataFrame, session: int = 3) -> tuple[tuple[str, ...], ...]:
    return tables.ways_of_counting(*(frames or (counted_ways(),)), session=session).rows


def test_a_result_counted_in_three_ways_has_its_number_of_courses_and_both_intervals() -> None:
    result = (f"{M}0.9 ({M}1.0 to {M}0.8)", "76% (69–81%)")
    assert [(row[1], *row[2:]) for row in ways()] == [("208", *result), ("12", *result), ("208", *result)]
    assert [row[0] for row in ways()] == ["all patients (estimated)", "still attending", "last assessment"]


def test_another_session_than_the_one_asked_for_is_not_counted_but_the_last_assessment_always() -> None:
    assert [row[0] for row in ways(session=9)] == ["last assessment"]


@pytest.mark.parametrize("n", [0, 1, 4])
def test_few_courses_have_no_number_in_any_way_of_counting(n: int) -> None:
    few = counted_ways(n=n, estimate=nan if n == 0 else -1.0, conf_low=nan, conf_high=nan)
    assert {row[1:] for row in ways(few)} == {(f"{n}", f"too few ({n})", f"too few ({n})")}


def test_courses_that_changed_alike_have_a_number_and_no_interval() -> None:
    assert ways(counted_ways(n=50, estimate=-1.0, conf_low=nan, conf_high=nan))[0][1:3] == ("50", f"{M}1.0")


def test_a_result_that_cannot_be_estimated_says_why_and_is_not_called_few() -> None:
    unknown = {"estimate": nan, "conf_low": nan, "conf_high": nan}
    assert ways(counted_ways(**unknown, n=40, note=(Note(NoteCode.FEW_LIKE_LEAVERS),)))[0][1:] == (
        "40",
        "too few were like those who stopped",
        "too few were like those who stopped",
    )
    at_best = counted_ways(**unknown, n=0, note=(Note(NoteCode.NO_COURSES), Note(NoteCode.AT_BEST_LEFT_OUT, 40)))
    assert ways(at_best)[0][3] == "no courses; 40 already at the best score left out"


def test_several_endpoints_are_groups_with_their_own_unit_and_rule() -> None:
    pih = counted_ways(endpoint="pih", scale="pahpi")
    table = tables.ways_of_counting(counted_ways(), pih, session=3)
    assert table.groups == (
        ("Acne scarring, grades; improved by at least one grade", 3),
        ("PIH, points; improved by half or more", 3),
    )
    assert len(table.rows) == 6


# Records and tallies


@pytest.fixture(scope="module")
def sample(sample_records: outcomes.Records) -> outcomes.Records:
    return sample_records


@pytest.fixture(scope="module")
def scarring(sample: outcomes.Records) -> outcomes.Tally:
    return outcomes.tally(sample, endpoint="scarring")


def test_who_is_in_counts_rows_courses_and_patients(sample: outcomes.Records, scarring: outcomes.Tally) -> None:
    said = str(prose.who_is_in(replace(sample, source="visits.csv", path=None, rows=1, courses=1, patients=1), scarring))
    assert said.startswith("The **1 row** in visits.csv makes **1 course** of **1 patient**.")
    share = f"{scarring.analysed} ({round(100 * scarring.analysed / scarring.courses)}%)"
    assert said.endswith(f"are analysed: {share} for acne scarring, scored on the Goodman-Baron grade.")


def test_who_is_in_without_an_endpoint_ends_like_a_sentence(sample: outcomes.Records) -> None:
    assert prose.who_is_in(sample).endswith("No endpoint was scored.")


def test_a_file_name_is_no_markup(sample: outcomes.Records) -> None:
    assert "in \\*\\*a\\*\\*\\<b\\>.csv make" in prose.who_is_in(replace(sample, source="**a**<b>.csv", path=None))


@pytest.mark.parametrize("name", SCALES)
def test_the_rule_is_a_sentence_on_every_scale(scarring: outcomes.Tally, name: str) -> None:
    said = prose.responder_rule(replace(scarring, scale=SCALES[name]))
    assert said == (
        f"**Improved** means {SCALES[name].rule} for acne scarring. This is a convention: no minimal important difference is published for this scale. "
        "Courses that began at the best score cannot improve and are left out."
    )
    assert SCALES[name].rule.startswith(("down by ", "at least half of the way ")), "the sentence is built for these"


def test_the_rule_of_each_of_several_endpoints_is_said(scarring: outcomes.Tally) -> None:
    pih = replace(scarring, endpoint=ENDPOINTS["pih"], scale=SCALES["pahpi"])
    assert prose.responder_rule([scarring, pih]).startswith(
        f"**Improved** means {scarring.scale.rule} for acne scarring and {SCALES['pahpi'].rule} for PIH. This is a convention: no minimal important "
        "difference is published for these scales. "
    )
    assert prose.responder_rule([scarring]) == prose.responder_rule(scarring)


def test_findings_to_act_on_are_a_list_and_the_others_are_not(sample: outcomes.Records) -> None:
    found = outcomes.findings(sample)
    row = found[found["finding"] == "unknown column"].to_dict("records")[0]
    rows = pd.DataFrame(
        [
            row | {"n": 1, "of": 2, "names": ("*b* <c>",), "is_to_act_on": True},
            row | {"n": 9, "of": 9, "is_to_act_on": False},
            row | {"n": 0, "of": 9, "is_to_act_on": True},
        ]
    )
    assert prose.findings(rows) == "- Of 2 columns, 1 is not in the contract and was not read: \\*b\\* \\<c\\>."
    assert prose.findings(rows[1:]) == "Nothing needs action: no session was recorded outside guidance."


def test_what_to_check_in_the_records_is_what_was_not_given_outside_guidance(sample: outcomes.Records) -> None:
    row = outcomes.findings(sample).to_dict("records")[0] | {"names": (), "low": nan, "high": nan}
    outside = row | {"finding": UNDER_AGE, "n": 3, "of": 9, "is_to_act_on": True, "low": 22.0}
    checks = [
        row | {"finding": "no baseline", "n": n, "of": of, "unit": "courses", "is_to_act_on": False} for n, of in ((1, 9), (0, 9))
    ]
    assert prose.in_the_records(pd.DataFrame([outside, *checks])) == (
        "- In 1 of 9 courses, no score was taken before the first session."
    )
    assert prose.in_the_records(pd.DataFrame([outside, checks[1]])) == "Nothing was found that has to be checked."


def test_what_is_found_in_the_sample_is_told_once(sample: outcomes.Records) -> None:
    found = outcomes.findings(sample)
    lines = [*str(prose.findings(found)).split("\n"), *str(prose.in_the_records(found)).split("\n")]
    assert all(line.startswith("- ") and line.endswith(".") for line in lines)
    told = "\n".join(lines)
    assert all(words in told for words in ("the session count had not increased", "isotretinoin within 6 months"))
    assert "isotretinoin" not in prose.in_the_records(found)


def test_text_from_the_records_is_never_markup() -> None:
    assert prose.plain("<b>*x*_[a](b)`|!~$&\\#{}+</b>") == "\\<b\\>\\*x\\*\\_\\[a\\](b)\\`\\|\\!\\~\\$\\&\\\\\\#\\{\\}\\+\\</b\\>"
    assert prose.plain("two\n\n# lines\r\n") == "two \\# lines"
    assert prose.plain("scar_score is 2 - 3, 50%.") == "scar\\_score is 2 - 3, 50%."


def test_prose_shows_itself_as_markdown() -> None:
    said = prose.limits()
    assert (repr(said), said._repr_markdown_()) == (str(said), str(said))


def test_the_limits_are_whole_sentences_without_a_list() -> None:
    assert prose.limits() == "Scores are the **assessors' judgement**, and an assessor who hopes for improvement may see it."
    assert prose.attending_limits() == (
        "Averages of those **still attending** do not show what a further session does: satisfied patients stop, and so do disappointed ones."
    )


def test_points_are_one_list_of_all_that_is_said() -> None:
    assert prose.points("One.\n\nIts second paragraph.", "", "- Two.\n- Three.", "Four.") == (
        "- One. Its second paragraph.\n- Two.\n- Three.\n- Four."
    )
    assert isinstance(prose.points("One."), prose.Prose)
    assert prose.points() == prose.points("", "") == ""
    assert prose.points("One.", Nothing("Too few.")) == "- One."


# Words

FORBIDDEN = re.compile(
    r"\b(approv\w*|safe|safely|safety profile|prove[nds]?|caused by|significan\w*|efficac\w*|effective\w*|cures?|guarantee\w*)\b",
    re.IGNORECASE,
)


def everything_shown(sample: outcomes.Records) -> list[str]:
    tallies = outcomes.tallies(sample, tuple(ENDPOINTS))
    last = outcomes.change_by_session(tallies, estimand="as_treated")
    by_session = outcomes.change_by_session(tallies)
    found = outcomes.findings(sample)
    texts = [
        tables.ways_of_counting(
            by_session, last, outcomes.responders_by_session(tallies, estimand="as_treated"), session=3
        ).html(),
        prose.who_is_in(sample, *tallies),
        prose.score_window(sample),
        prose.score_account(outcomes.score_account(sample)),
        prose.unscored_ends(outcomes.unscored_ends(sample)),
        tables.score_account(outcomes.score_account(sample)).html(),
        prose.points(prose.limits(), prose.attending_limits()),
        prose.findings(found),
        prose.in_the_records(found),
        prose.how_to_read(),
        prose.responder_rule(tallies),
        figures.change_by_session(by_session).said,
        figures.flow(*tallies).said,
        tables.findings(found).html(),
        tables.flow(*tallies).html(),
        tables.skin_type_counts(outcomes.skin_type_counts(tallies)).html(),
        tables.numbers(last, by_session).html(),
        tables.completeness(outcomes.completeness(sample)).html(),
    ]
    for tally in tallies:
        name = tally.endpoint.name
        alone = outcomes.blind_headline(tally, outcomes.tally(sample, name, blinded=True))
        rated = (outcomes.blinding(sample, name), alone, outcomes.agreement(sample, name))
        texts += [prose.raters(*rated), tables.raters(*rated).html()]
        texts += [prose.responder_rule(tally), prose.odds_of_stopping(outcomes.odds_of_stopping(tally))]
    return [str(text) for text in texts]


def test_no_text_over_the_sample_promises_too_much(sample: outcomes.Records) -> None:
    for text in everything_shown(sample):
        assert not FORBIDDEN.search(text), text
        assert not re.search(r"\bnan\b|-0\b|(?<!\d)\.\d|\bNone\b(?! \*\*| responded|\*\*)", re.sub("<[^>]*>", " ", text)), text
        assert not re.search(r"(?<![\w-])-\d", text), f"a hyphen stands for a minus: {text}"


QUESTION = "Is it safe, also for darker skin?"
"""The one place where the word stands: a question is no promise."""


def test_no_notebook_promises_too_much() -> None:
    for path in sorted((Path(__file__).parents[3] / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            shown = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
            for output in cell.get("outputs", []):
                for kind in ("text/plain", "text/markdown", "text/html"):
                    shown += "".join(output.get("data", {}).get(kind, ""))
            assert not FORBIDDEN.search(shown.replace(QUESTION, "")), path.name


def test_no_source_of_prose_tables_or_figures_promises_too_much() -> None:
    package = Path(outcomes.__file__).parent
    sources = [*package.rglob("display/**/*.py"), package / "cohort" / "findings.py"]
    assert len(sources) >= 20
    for path in sources:
        assert not FORBIDDEN.search(path.read_text(encoding="utf-8").replace(QUESTION, "")), path.name


def test_the_forbidden_words_would_be_found() -> None:
    for text in ("FDA-approved", "is safe", "proven", "caused by it", "statistically significant", "no significant difference"):
        assert FORBIDDEN.search(text), text
    assert not FORBIDDEN.search("safety, provider, unsafe because improved")


def test_infinity_is_not_a_number_to_print() -> None:
    assert prose.number(inf) == "inf"
