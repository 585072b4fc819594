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
from outcomes.definitions.scales import SCALES

M = "\N{MINUS SIGN}"
NB = "\N{NO-BREAK SPACE}"
CI = f"95%{NB}CI {M}0.6 to {M}0.4"


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


# The answer


def change(**other: Any) -> pd.DataFrame:
    row = {
        "endpoint": "scarring",
        "scale": "goodman_baron_grade",
        "session": 4.0,
        "n": 208,
        "estimate": -0.9,
        "conf_low": -1.04,
        "conf_high": -0.81,
    }
    return pd.DataFrame([{**row, **other}])


def responders(**other: Any) -> pd.DataFrame:
    return pd.DataFrame([{"n": 206, "estimate": 75.7, "conf_low": 69.4, "conf_high": 81.1, **other}])


def answer(of_change: pd.DataFrame, of_responders: pd.DataFrame | None = None) -> str:
    return str(prose.answer(of_change, responders() if of_responders is None else of_responders)).replace(NB, " ")


def test_the_answer_is_an_improvement_and_a_share_with_their_intervals() -> None:
    assert answer(change()) == (
        "At the last assessment, **acne scarring** was **0.9 grades better** than before treatment (95% CI 0.8–1.0; 208 courses assessed, "
        "after a median of 4 sessions). In **76%** of courses, it improved by at least one grade (95% CI 69–81%)."
    )


def test_a_rise_is_called_worse() -> None:
    said = answer(change(estimate=0.5, conf_low=0.2, conf_high=0.8))
    assert "**acne scarring** was **0.5 grades worse** than before treatment (95% CI 0.2–0.8;" in said


@pytest.mark.parametrize(
    ("low", "high", "shown"), [(-0.7, 0.14, f"{M}0.7 to +0.1"), (-0.7, 0.0, f"{M}0.7 to 0.0"), (0.0, 0.5, "0.0–0.5")]
)
def test_an_interval_that_reaches_no_change_is_no_change(low: float, high: float, shown: str) -> None:
    said = answer(change(estimate=-0.3, conf_low=low, conf_high=high))
    assert f"there was **no clear change** in **acne scarring** from before treatment ({M}0.3 grades; 95% CI {shown}; 208" in said
    assert "better" not in said


@pytest.mark.parametrize("n", [0, 1, 4])
def test_few_courses_say_nothing(n: int) -> None:
    estimate = nan if n == 0 else -1.0
    few = change(n=n, estimate=estimate, conf_low=nan, conf_high=nan, session=nan if n == 0 else 1.0)
    assert answer(few, responders(n=n, estimate=estimate)) == (
        f"Too few courses were assessed for **acne scarring** to report ({n}; 5 are needed)."
    )


def test_many_courses_that_changed_alike_are_not_too_few() -> None:
    said = answer(change(n=50, estimate=-1.0, conf_low=nan, conf_high=nan))
    assert (
        said
        == f"At the last assessment, **acne scarring** had changed by {M}1.0 grades in each of 50 courses, so there is no interval."
    )


def test_one_session_is_singular_and_points_are_points() -> None:
    said = answer(change(endpoint="pih", scale="pahpi", session=1.0, estimate=-12.4, conf_low=-14, conf_high=-10.6, n=94))
    assert said.startswith(
        "At the last assessment, **PIH** was **12.4 points better** than before treatment (95% CI 10.6–14.0; 94 courses assessed, after "
        "a median of 1 session)."
    )
    assert said.endswith("it improved by half or more (95% CI 69–81%).")


def test_a_percent_of_few_courses_stands_after_their_number() -> None:
    said = answer(change(), responders(estimate=100 * 14 / 19, n=19))
    assert said.endswith("In **14 of 19 courses**, it improved by at least one grade (74%; 95% CI 69–81%).")
    assert "In **76%** of courses, it" in answer(change(), responders(n=20))


def test_courses_that_cannot_improve_are_no_share() -> None:
    said = answer(change(), responders(n=0, estimate=nan, conf_low=nan, conf_high=nan))
    assert said.endswith("No course could improve: all began at the best score.")


def test_several_endpoints_are_paragraphs() -> None:
    two = pd.concat([change(), change(endpoint="pih", scale="pahpi")])
    assert answer(two, pd.concat([responders(), responders()])).count("\n\n") == 1


def test_unlike_tables_are_a_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        prose.answer(change(), pd.concat([responders(), responders()]))


# Those still attending


def observed(*n: int) -> pd.DataFrame:
    return pd.concat(
        [
            change(session=float(k), n=count, estimate=-0.5 if count else nan, conf_low=-0.6, conf_high=-0.4)
            for k, count in enumerate(n, start=1)
        ]
    )


def test_the_last_session_with_enough_courses_is_spoken_of() -> None:
    for n in ((194, 161, 0), (194, 161, 4, 1)):
        assert prose.change_by_session(observed(*n)).startswith(
            f"Of 194 courses assessed after 1 session, 161 were assessed after 2 sessions; their average change was {M}0.5 grades ({CI}). Each"
        )
    assert prose.change_by_session(observed(4, 1)) == "Too few courses were assessed after a session to report."


def test_a_single_session_is_not_compared_with_itself() -> None:
    said = prose.change_by_session(observed(12))
    assert said.startswith(f"There were 12 courses assessed after 1 session; their average change was {M}0.5 grades ({CI}). Each")


def test_nobody_assessed_is_said() -> None:
    assert prose.change_by_session(observed(0, 0)) == "No course was assessed after a session."


# Records and tallies


@pytest.fixture(scope="module")
def sample(sample_records: outcomes.Records) -> outcomes.Records:
    return sample_records


@pytest.fixture(scope="module")
def scarring(sample: outcomes.Records) -> outcomes.Tally:
    return outcomes.tally(sample, endpoint="scarring")


def test_who_is_in_counts_rows_courses_and_patients(sample: outcomes.Records, scarring: outcomes.Tally) -> None:
    said = str(prose.who_is_in(replace(sample, source="visits.csv", rows=1, courses=1, patients=1), scarring))
    assert said.startswith("The **1 row** in visits.csv makes **1 course** of **1 patient**.")
    share = f"{scarring.analysed} ({round(100 * scarring.analysed / scarring.courses)}%)"
    assert said.endswith(f"are analysed: {share} for acne scarring, scored on the Goodman-Baron grade.")


def test_who_is_in_without_an_endpoint_ends_like_a_sentence(sample: outcomes.Records) -> None:
    assert prose.who_is_in(sample).endswith("No endpoint was scored.")


def test_a_file_name_is_no_markup(sample: outcomes.Records) -> None:
    assert "in \\*\\*a\\*\\*\\<b\\>.csv make" in prose.who_is_in(replace(sample, source="**a**<b>.csv"))


@pytest.mark.parametrize("name", SCALES)
def test_the_rule_is_a_sentence_on_every_scale(scarring: outcomes.Tally, name: str) -> None:
    said = prose.responder_rule(replace(scarring, scale=SCALES[name]))
    assert said.startswith(f"A course counts as **improved** when its {SCALES[name].label} went {SCALES[name].rule}. ")
    assert SCALES[name].rule.startswith(("down by ", "at least half of the way ")), "the sentence is built for these"


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


def test_text_from_the_records_is_never_markup() -> None:
    assert prose.plain("<b>*x*_[a](b)`|!~$&\\#{}+</b>") == "\\<b\\>\\*x\\*\\_\\[a\\](b)\\`\\|\\!\\~\\$\\&\\\\\\#\\{\\}\\+\\</b\\>"
    assert prose.plain("two\n\n# lines\r\n") == "two \\# lines"
    assert prose.plain("scar_score is 2 - 3, 50%.") == "scar\\_score is 2 - 3, 50%."


def test_prose_shows_itself_as_markdown() -> None:
    said = prose.limits()
    assert (repr(said), said._repr_markdown_()) == (str(said), str(said))
    assert said.count("\n- ") == 3


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
        prose.answer(last, outcomes.responders_by_session(tallies, estimand="as_treated")),
        prose.who_is_in(sample, *tallies),
        prose.score_window(sample),
        prose.score_account(outcomes.score_account(sample)),
        prose.unscored_ends(outcomes.unscored_ends(sample)),
        tables.score_account(outcomes.score_account(sample)).html(),
        prose.limits(),
        prose.findings(found),
        figures.change_by_session(by_session).said,
        figures.flow(*tallies).said,
        tables.findings(found).html(),
        tables.flow(*tallies).html(),
        tables.by_skin_type(*tallies).html(),
        tables.numbers(last, by_session).html(),
        tables.completeness(outcomes.completeness(sample)).html(),
    ]
    for tally in tallies:
        name = tally.endpoint.name
        alone = outcomes.blind_headline(tally, outcomes.tally(sample, name, blinded=True))
        rated = (outcomes.blinding(sample, name), alone, outcomes.agreement(sample, name))
        texts += [prose.raters(*rated), tables.raters(*rated).html()]
        texts += [prose.responder_rule(tally), prose.no_grades(tally), prose.change_by_session(outcomes.change_by_session(tally))]
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
