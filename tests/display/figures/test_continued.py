"""Pictures of change had every patient continued, skin types and further sessions, at their edges: whole, readable, and the same twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from math import isnan, nan
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure as Canvas

import outcomes
from outcomes import figures
from outcomes.definitions.notes import Note, NoteCode
from outcomes.display.figures.canvas import HUES
from outcomes.display.figures.svg import drawing
from outcomes.display.prose import percent, signed
from outcomes.measures.skin_types import SLIGHTLY

M = "\N{MINUS SIGN}"
NB = "\N{NO-BREAK SPACE}"
TWELVE = (58, 50, 44, 40, 35, 31, 28, 20, 15, 11, 7, 5)
PIH = {"endpoint": "pih", "scale": "pahpi", "step": -1.1, "half": 0.9}


def observed(n: Iterable[int], *, step: float = -0.3, half: float = 0.2, **other: Any) -> pd.DataFrame:
    """Changes after session 1, 2, ... of so many courses; each session adds `step`; nan below 5 courses."""
    rows = [
        {
            "endpoint": "scarring", "scale": "goodman_baron_grade", "measure": "change", "estimand": "observed", "session": k,
            "n": count, "estimate": (centre := step * k if count >= 5 else nan), "conf_low": centre - half,
            "conf_high": centre + half, "note": () if count >= 5 else (Note(NoteCode.TOO_FEW, count),), **other,
        }
        for k, count in enumerate(n, start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def continued(n: Iterable[int], *, began: int = 60, **other: Any) -> pd.DataFrame:
    """The same had every patient continued, with the row of those who began."""
    start = observed([began], **other).assign(
        session=0, estimate=0.0, conf_low=nan, conf_high=nan, note=[(Note(NoteCode.ALL_BEGAN),)]
    )
    return pd.concat([start, observed(n, **other)], ignore_index=True).assign(estimand="continued")


def groups(**n: Iterable[int]) -> pd.DataFrame:
    return pd.concat([continued(of, skin_types=name.replace("_", "-")) for name, of in n.items()], ignore_index=True)


def compared(*rows: tuple[str, int, float, float, str], margin: float = 0.5, **other: Any) -> pd.DataFrame:
    """A row per group: its name, courses, difference, half an interval and verdict."""
    return pd.DataFrame(
        [
            {
                "endpoint": "scarring", "scale": "goodman_baron_grade", "measure": "difference", "session": 3, "skin_types": name,
                "n": n, "estimate": centre, "conf_low": centre - half, "conf_high": centre + half, "margin_low": centre - 0.8 * half,
                "margin_high": centre + 0.8 * half, "margin": nan if isnan(centre) else margin, "margin_from": "declared", "verdict": verdict,
                "note": (Note(NoteCode.TOO_FEW, n),) if isnan(centre) else (Note(NoteCode.VERDICT, names=(verdict,)),), **other,
            }
            for name, n, centre, half, verdict in rows
        ]
    )  # fmt: skip


def responded(*ends: tuple[float, float]) -> pd.DataFrame:
    """Percent responded by session 1, 2, ...: at least and at most."""
    return pd.DataFrame(
        [
            {
                "endpoint": "scarring", "scale": "goodman_baron_grade", "measure": f"responded by, {name}", "session": k, "n": 50,
                "estimate": share, "conf_low": share - 6, "conf_high": share + 6,
            }
            for k, pair in enumerate(ends, start=1)
            for name, share in zip(("at least", "at most"), pair, strict=True)
        ]
    )  # fmt: skip


def gains(n: Iterable[int], **other: Any) -> pd.DataFrame:
    return observed(n, measure="gain of this session", **other)


BY_SESSION: dict[str, Callable[[], figures.Figure]] = {
    "one endpoint": lambda: figures.change_by_session(continued(TWELVE[:6]), observed(TWELVE[:6], step=-0.2)),
    "two endpoints": lambda: figures.change_by_session(
        pd.concat([continued(TWELVE[:6]), continued(TWELVE[:4], **PIH)]), pd.concat([observed(TWELVE[:6]), observed(TWELVE[:4], **PIH)])
    ),
    "12 sessions": lambda: figures.change_by_session(continued(TWELVE), observed(TWELVE, step=-0.2)),
    "two endpoints of 12 sessions": lambda: figures.change_by_session(
        pd.concat([continued([1000 * n for n in TWELVE], began=60_000), continued(TWELVE, **PIH)]),
        pd.concat([observed([1000 * n for n in TWELVE]), observed(TWELVE, **PIH)]),
    ),
    "continued only": lambda: figures.change_by_session(continued(TWELVE[:5])),
    "observed only": lambda: figures.change_by_session(observed(TWELVE[:5])),
    "nobody past session 1": lambda: figures.change_by_session(continued([40]), observed([40])),
    "nobody past the start": lambda: figures.change_by_session(continued([]), observed([])),
    "too few after session 1": lambda: figures.change_by_session(continued([3]), observed([3])),
    "too few in the middle": lambda: figures.change_by_session(continued([50, 3, 45, 20, 35, 4]), observed([50, 3, 45, 20, 35, 4])),
    "no intervals": lambda: figures.change_by_session(continued([50, 48], half=nan), observed([50, 48])),
    "worse": lambda: figures.change_by_session(continued(TWELVE[:5], step=0.3), observed(TWELVE[:5], step=0.2)),
}  # fmt: skip
GROUPS: dict[str, Callable[[], figures.Figure]] = {
    "1 group": lambda: figures.change_of_groups(groups(I_VI=TWELVE[:5]), continued(TWELVE[:5])),
    "2 groups": lambda: figures.change_of_groups(groups(I_III=TWELVE[:5], IV_VI=TWELVE[:4]), continued(TWELVE[:6])),
    "3 groups, one of nobody": lambda: figures.change_of_groups(
        groups(I_II=TWELVE[:5], III_IV=TWELVE[:8], V_VI=[3, 1]), continued(TWELVE[:8])
    ),
    "6 groups": lambda: figures.change_of_groups(
        groups(I=TWELVE, II=TWELVE, III=TWELVE[:3], IV=[3, 2], V=TWELVE, VI=[1]), continued(TWELVE)
    ),
    "1 group of nobody": lambda: figures.change_of_groups(groups(I_VI=[3, 2]), continued([])),
    "no groups": lambda: figures.change_of_groups(groups(I_VI=[9])[:0], continued(TWELVE)),
}
SIX = tuple(
    (name, 30 + k, 0.2 * k - 0.5, 0.4, verdict)
    for k, (name, verdict) in enumerate(
        zip(("I", "II", "III", "IV", "V", "VI"), ["different", "equivalent", "equivalent", *["undecided"] * 2, "different"], strict=True)
    )
)  # fmt: skip
DIFFERENCES: dict[str, Callable[[], figures.Figure]] = {
    "no groups compared": lambda: figures.skin_type_differences(compared(*SIX)[:0]),
    "2 groups compared": lambda: figures.skin_type_differences(
        compared(("I-III", 45, -0.2, 0.25, "equivalent"), ("IV-VI", 15, 0.2, 0.25, "undecided"), margin=0.75, **{**PIH, "session": 1})
    ),
    "6 groups compared": lambda: figures.skin_type_differences(compared(*SIX)),
    "huge intervals": lambda: figures.skin_type_differences(
        compared(("I-II", 1_234_567, -200, 9000, "undecided"), ("III-IV", 5, 0.1, 0.2, "equivalent"))
    ),
    "tiny intervals beside a big margin": lambda: figures.skin_type_differences(
        compared(("I-II", 90, -0.01, 0.002, "equivalent"), ("III-VI", 80, 0.01, 0.002, "equivalent"), margin=30.0)
    ),
    "a group without an interval": lambda: figures.skin_type_differences(
        compared(("V-VI", 3, nan, nan, "undecided"), ("I-II", 44, -0.1, 0.2, "equivalent"), ("III-IV", 40, 0.1, 0.2, "equivalent"))
    ),
    "margins of their own, a slight difference and no margin": lambda: pd.concat(
        [compared(("I-II", 44, 0.2, 0.1, SLIGHTLY), margin=0.31), compared(("III-IV", 40, -0.4, 0.1, "different"), margin=0.2),
         compared(("V-VI", 40, 0.1, 0.3, "undecided"), margin=0.0)]
    ).pipe(figures.skin_type_differences),
    "no group has an interval": lambda: figures.skin_type_differences(
        compared(("I-II", 44, nan, nan, "undecided"), ("III-IV", 40, nan, nan, "undecided"))
    ),
}  # fmt: skip
RESPONSES: dict[str, Callable[[], figures.Figure]] = {
    "responses": lambda: figures.response_by_session(responded((30, 32), (50, 55), (60, 70), (65, 80)), 3),
    "ends that nearly meet": lambda: figures.response_by_session(responded((30, 30), (65, 66)), 2),
    "nobody responded": lambda: figures.response_by_session(responded((0, 0), (0, 0)), 1),
    "everybody responded": lambda: figures.response_by_session(responded((99, 100), (100, 100)), 2),
    "responses to one session": lambda: figures.response_by_session(responded((30, 45)), 1),
    "unknown at the end": lambda: figures.response_by_session(responded((30, 32), (50, 55), (nan, nan), (nan, nan)), 2),
    "all responses unknown": lambda: figures.response_by_session(responded((nan, nan)), 1),
    "no responses": lambda: figures.response_by_session(responded((1, 1))[:0], 1),
    "responses to 12 sessions": lambda: figures.response_by_session(responded(*[(20 + 5 * k, 22 + 6 * k) for k in range(12)]), 5),
    "a session that nobody reached": lambda: figures.response_by_session(responded((30, 45)), 4),
}
GAINS: dict[str, Callable[[], figures.Figure]] = {
    "gains": lambda: figures.gain_by_session(gains(TWELVE[:8], step=-0.1, half=0.35), 5),
    "no gains known": lambda: figures.gain_by_session(gains([3, 2]), 1),
    "no gains": lambda: figures.gain_by_session(gains([9])[:0], 1),
    "one gain": lambda: figures.gain_by_session(gains([50]), 1),
    "positive gains": lambda: figures.gain_by_session(gains(TWELVE[:5], step=0.3), 3),
    "gains of 12 sessions": lambda: figures.gain_by_session(gains(TWELVE), 12),
    "gains with a gap": lambda: figures.gain_by_session(gains([50, *[3] * 9, 40, 40]), 12),
}
EVERY = BY_SESSION | GROUPS | DIFFERENCES | RESPONSES | GAINS
DRAWN: dict[str, figures.Figure] = {}
"""Pictures already drawn by a test: one of two that must be the same."""


TITLES = {
    "one endpoint": "Acne scarring improved",
    "two endpoints": "Acne scarring and PIH improved",
    "observed only": "Acne scarring improved, of those still attending",
    "too few after session 1": "Too few courses to say how much better",
    "no intervals": "Too few courses are left to say",
    "worse": "Acne scarring got worse",
    "2 groups compared": "Types I–III equivalent; types IV–VI undecided",
    "6 groups compared": "Types II and III equivalent; types I and VI different; types IV and V undecided",
    "margins of their own, a slight difference and no margin": f"Types I–II {SLIGHTLY}; types III–IV different; types V–VI undecided",
    "no groups compared": "Too few courses to compare skin types",
    "no groups": "Too few courses to show groups of skin types apart",
    "1 group": "Too few courses to show groups of skin types apart",
    "3 groups, one of nobody": "Every group with at least 5 courses improved",
    "responses": "Between 60% and 70% had improved by session 3",
    "everybody responded": "100% had improved by session 2",
    "all responses unknown": "Too few courses to say how many sessions an improvement takes",
    "no responses": "Too few courses to say how many sessions an improvement takes",
    "a session that nobody reached": "Too few courses to say how many sessions an improvement takes",
    "nobody past session 1": "Too few courses to say how much better",
    "gains": "A clear further improvement went with sessions 4, 5, 6, 7 and 8",
    "one gain": "Too few courses to say what a further session adds",
    "gains with a gap": "A clear further improvement went with sessions 1, 11 and 12",
    "positive gains": "No session with a clear further improvement; worse after sessions 1, 2, 3, 4 and 5",
    "no gains known": "Too few courses to say what a further session adds",
}


@pytest.mark.parametrize("name", EVERY)
def test_every_edge_makes_a_whole_picture(name: str, edges: Any, check_drawing: Any) -> None:
    figure = DRAWN[name] = EVERY[name]()
    check_drawing(figure)
    assert edges.over() == []
    assert edges.overlapping() == []
    assert not re.search(r"nan\b|\bNone\b|,,|\.\.|: [.;]|  ", figure.said)
    assert figure.said.endswith(".")
    assert figure.title == TITLES.get(name, figure.title)


@pytest.mark.parametrize("name", ["one endpoint", "2 groups", "2 groups compared", "responses", "gains"])
def test_a_picture_is_the_same_twice(name: str) -> None:
    assert (DRAWN.get(name) or EVERY[name]()) == EVERY[name]()


def test_every_picture_of_the_sample_is_whole(sample_records: outcomes.Records, edges: Any, check_drawing: Any) -> None:
    tally = outcomes.tally(sample_records)
    everyone, session = outcomes.continued_by_session(tally), outcomes.headline_session(tally)
    for figure in (
        figures.change_by_session(everyone, outcomes.change_by_session(tally)),
        figures.change_of_groups(outcomes.continued_by_session(tally, by="skin_types"), everyone),
        figures.skin_type_differences(outcomes.skin_type_differences(tally)),
        figures.response_by_session(outcomes.response_by_session(tally), session),
        figures.gain_by_session(outcomes.gain_by_session(tally), session),
    ):
        check_drawing(figure)
    assert edges.over() == []
    assert edges.overlapping() == []


# What the pictures say


def test_the_words_hold_every_plotted_number() -> None:
    line, points, by_group = continued(TWELVE), observed(TWELVE, step=-0.2), groups(I_II=TWELVE[:5], III_IV=[9], V_VI=TWELVE[:3])
    differences, ends, steps = compared(*SIX), responded((31, 42), (53, 64)), gains(TWELVE)
    for alt, rows in (
        (figures.change_by_session(line, points).said, pd.concat([line, points])),
        (figures.change_of_groups(by_group, line).said, by_group),
        (figures.skin_type_differences(differences).said, differences),
        (figures.gain_by_session(steps, 6).said, steps),
    ):
        for row in rows[rows["session"] > 0].to_dict("records"):
            assert (
                f"{signed(row['estimate'])} ({signed(row['conf_low'])} to {signed(row['conf_high'])}), {row['n']} courses" in alt
            )
    said = figures.response_by_session(ends, 2).said
    assert all(f"{percent(row['estimate'])} by session {row['session']}" in said for row in ends.to_dict("records"))


def test_a_group_without_an_estimate_says_why_in_words() -> None:
    assert DIFFERENCES["a group without an interval"]().said.startswith(
        "Difference of each group of skin types from all others. Types V–VI 3 courses, too few, undecided; types I–II"
    )
    assert GROUPS["3 groups, one of nobody"]().said.endswith("Types V–VI, too few.")
    assert BY_SESSION["nobody past the start"]().said == "Not after two sessions 5 courses were scored."


def test_every_group_stands_on_a_zone_of_its_own_margin() -> None:
    name = "margins of their own, a slight difference and no margin"
    figure = DIFFERENCES[name]()
    wide, narrow, none = (float(width) for width in re.findall(r'<rect x="[^"]*" width="([^"]*)%"', figure.drawing))
    assert wide / narrow == pytest.approx(0.31 / 0.2, abs=0.01)
    assert none == 0
    assert figure.said == (
        f"Difference of each group of skin types from all others. Types I–II +0.2 (+0.1 to +0.3), 44 courses, {SLIGHTLY} (margin 0.31 grades); "
        f"types III–IV {M}0.4 ({M}0.5 to {M}0.3), 40 courses, different (margin 0.2 grades); types V–VI +0.1 ({M}0.2 to +0.4), 40 courses, undecided."
    )


def test_a_group_that_is_undecided_is_hollow() -> None:
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', DIFFERENCES["6 groups compared"]().drawing)
    assert ['fill="#ffffff"' in row for row in rows] == [False, False, False, True, True, False]


def test_a_panel_without_a_line_says_so(edges: Any) -> None:
    figure = GROUPS["3 groups, one of nobody"]()
    written = [text for texts in edges.drawn.values() for text, _ in texts]
    assert written.count("too few") == 1
    assert re.findall(r"<b>(.*?)</b> <small>(.*?)</small>", figure.drawing) == [
        ("Acne scarring, I–II", "35 of 60 courses"), ("Acne scarring, III–IV", "35 of 60 courses"),
        ("Acne scarring, V–VI", "of 60 courses too few"),
    ]  # fmt: skip


def test_where_nothing_can_be_drawn_nothing_is(check_drawing: Any) -> None:
    for figure in (
        BY_SESSION["nobody past the start"](), BY_SESSION["nobody past session 1"](), BY_SESSION["too few after session 1"](), GROUPS["1 group"](), GROUPS["no groups"](),
        DIFFERENCES["no group has an interval"](), RESPONSES["all responses unknown"](), GAINS["no gains known"](),
    ):  # fmt: skip
        check_drawing(figure)
        assert figure.drawing == ""
        assert figure.html() == f'<p class="nothing">{figure.title}. {figure.measure}.</p>'


# Several endpoints


def shares(n: Iterable[int], *, endpoint: str = "scarring", scale: str = "goodman_baron_grade", **_: Any) -> pd.DataFrame:
    """60% better, 30% the same and 10% worse after session 1, 2, ... of so many courses."""
    parts = {"better": 60.0, "same": 30.0, "worse": 10.0}
    return pd.DataFrame(
        [
            {"endpoint": endpoint, "scale": scale, "measure": name, "session": k, "n": count, "estimate": share if count else nan}
            for k, count in enumerate(n, start=1)
            for name, share in parts.items()
        ]
    )


def at_last(n: Iterable[int], **other: Any) -> pd.DataFrame:
    """Skin types I, II, ... of so many courses, at their last assessment."""
    return observed(n, **other).assign(estimand="as_treated", skin_type=["I", "II", "III", "IV", "V", "VI"][: len([*n])])


def steps(n: Iterable[int], **other: Any) -> pd.DataFrame:
    counts = dict(enumerate(n, start=1))
    return responded(*[(30 + 10 * k, 35 + 10 * k) for k in counts]).assign(n=lambda rows: rows["session"].map(counts), **other)


def of_pih(measure: Callable[..., pd.DataFrame], n: Iterable[int]) -> pd.DataFrame:
    own = PIH | {} if measure not in (shares, steps) else {"endpoint": "pih", "scale": "pahpi"}
    return measure(n, **own)


def by_groups(n: Iterable[int], **other: Any) -> pd.DataFrame:
    return pd.concat([continued(n, skin_types=name, **other) for name in ("I-III", "IV-VI")], ignore_index=True)


def differences(n: Iterable[int], **other: Any) -> pd.DataFrame:
    own = {"session": 3} | {name: value for name, value in other.items() if name not in ("step", "half")}
    first, second, *_ = n
    few = nan if min(first, second) < 5 else 0.1
    return compared(("I-III", first, few, 0.2, "undecided"), ("IV-VI", second, few, 0.2, "undecided"), **own)


SEVERAL: dict[str, tuple[Callable[..., pd.DataFrame], Callable[[pd.DataFrame], figures.Figure], str]] = {
    "change": (continued, figures.change_by_session, "Too few courses to say how much better"),
    "change of those still attending": (observed, figures.change_by_session, "Too few courses to say how much better"),
    "better or worse": (shares, figures.better_or_worse, "Too few courses to say who was better or worse"),
    "last": (at_last, figures.change_at_last, "Too few courses to show skin types apart"),
    "groups": (
        by_groups, lambda rows: figures.change_of_groups(rows, rows[rows["skin_types"] == "I-III"]),
        "Too few courses to show groups of skin types apart",
    ),
    "responses": (
        steps, lambda rows: figures.response_by_session(rows, 2), "Too few courses to say how many sessions an improvement takes"
    ),
    "gains": (gains, lambda rows: figures.gain_by_session(rows, 2), "Too few courses to say what a further session adds"),
}  # fmt: skip
"""Rows of one endpoint, the picture of several, and what it says of one of which there is too little."""


@pytest.mark.parametrize("name", SEVERAL)
def test_endpoints_stand_in_one_picture_in_their_order(name: str, edges: Any, check_drawing: Any) -> None:
    rows, draw, _ = SEVERAL[name]
    figure = draw(pd.concat([rows(TWELVE[:5]), of_pih(rows, TWELVE[:5])], ignore_index=True))
    check_drawing(figure)
    assert (edges.over(), edges.overlapping()) == ([], [])
    headings = re.findall(r'<b>(.*?)</b>|<th scope="rowgroup"[^>]*>(.*?)</th>', figure.drawing)
    names = ["".join(each).partition(",")[0] for each in headings]
    assert list(dict.fromkeys(names)) == ["Acne scarring", "PIH"]
    assert HUES["scarring"] in figure.drawing or name == "last"
    assert HUES["pih"] in figure.drawing or name == "last"
    assert figure.said.index("Acne scarring") < figure.said.index("PIH")
    assert "Too few" not in figure.note


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("n", [(4, 3, 2, 1, 0), (40, 4, 3, 1, 0), (0, 0, 0, 0, 0)], ids=["few", "one session", "none"])
def test_an_endpoint_of_too_few_is_left_out_and_named(name: str, n: tuple[int, ...], edges: Any, check_drawing: Any) -> None:
    rows, draw, why = SEVERAL[name]
    if name == "groups" and n[0] > 4:
        n = (4, 4, 3, 1, 0)  # one session is enough to compare groups
    few, enough = of_pih(rows, n), rows(TWELVE[:5])
    figure = draw(pd.concat([enough, few], ignore_index=True))
    alone = draw(enough)
    check_drawing(figure)
    assert (edges.over(), edges.overlapping()) == ([], [])
    assert (figure.title, figure.drawing) == (alone.title, alone.drawing)
    assert figure.note == " ".join(filter(None, (alone.note, f"PIH: {why[:1].lower()}{why[1:]}.")))
    assert "Acne scarring" in figure.drawing
    assert "PIH" not in figure.title
    nobody = draw(pd.concat([rows(n), few], ignore_index=True))
    assert nobody.drawing == ""
    assert nobody.title == why


def test_an_endpoint_whose_groups_are_too_few_to_compare_keeps_its_rows_without_a_value(check_drawing: Any) -> None:
    figure = figures.skin_type_differences(pd.concat([differences((40, 20)), differences((4, 3), **PIH)], ignore_index=True))
    check_drawing(figure)
    assert re.findall(r'<th scope="rowgroup"[^>]*>(.*?)</th>', figure.drawing) == ["Acne scarring, grades", "PIH, points"]
    scarring, pih = figure.drawing.split("<tbody>")[1:]
    assert scarring.count("<circle") == 2
    assert "<circle" not in pih
    assert pih.count("fewer than 5 courses") == 2
    assert figure.title == "Undecided whether any group differs from all others"
    assert "after 3 sessions, had every patient continued" in figure.measure


def test_endpoints_compared_after_different_sessions_say_after_which() -> None:
    later = differences((40, 20), **PIH | {"session": 1})
    measure = figures.skin_type_differences(pd.concat([differences((40, 20)), later], ignore_index=True)).measure
    assert "after 3 sessions (acne scarring) and after 1 session (PIH)" in measure


def test_a_finding_is_said_once_where_it_is_the_same_of_all_and_else_of_each() -> None:
    same = figures.gain_by_session(pd.concat([gains([50, 40]), gains([50, 40], **PIH)]), 2)
    assert same.title == "A clear further improvement went with sessions 1 and 2"
    other = figures.gain_by_session(pd.concat([gains([50, 40]), gains([50, 40], **PIH | {"step": 2.0})]), 2)
    assert other.title == (
        "Acne scarring: a clear further improvement went with sessions 1 and 2; "
        "PIH: no session with a clear further improvement; worse after sessions 1 and 2"
    )


# Lines and bands


def canvases_of(draw: Callable[[], figures.Figure], monkeypatch: pytest.MonkeyPatch) -> list[Canvas]:
    drawn: list[Canvas] = []

    def watched(canvas: Canvas, label: str) -> str:
        drawn.append(canvas)
        return drawing(canvas, label)

    monkeypatch.setattr("outcomes.display.figures.canvas.drawing", watched)
    draw()
    return drawn


def canvas_of(draw: Callable[[], figures.Figure], monkeypatch: pytest.MonkeyPatch) -> Canvas:
    return canvases_of(draw, monkeypatch)[0]


def style_of(line: Any) -> str:
    return "solid" if line.get_linestyle() == "-" else "dashed"


def reach(canvas: Canvas) -> list[tuple[str, float, float]]:
    """Style and first and last session of every line of several sessions in the first panel, but for no change and its grid."""
    lines = [
        line
        for line in canvas.axes[0].lines
        if line.get_linestyle() != "None" and len({*line.get_xdata()}) > 1 and line.get_color() in HUES.values()
    ]
    return [(style_of(line), min(line.get_xdata()), max(line.get_xdata())) for line in lines]


def bands(canvas: Canvas) -> list[tuple[float, float]]:
    paths = [path for band in canvas.axes[0].collections for path in band.get_paths()]
    return [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in paths]


def test_the_band_of_a_group_begins_where_its_line_does(monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = canvas_of(GROUPS["2 groups"], monkeypatch)
    assert bands(canvas) == [(0, 5)]
    assert reach(canvas) == [("solid", 0, 5)]


def test_a_line_is_dashed_exactly_on_the_way_to_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = canvas_of(BY_SESSION["too few in the middle"], monkeypatch)
    assert reach(canvas) == [("solid", 0, 3), ("dashed", 3, 4), ("solid", 4, 5)]


def test_a_session_without_an_interval_has_no_band_instead_of_one_down_to_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = continued([50, 48, 46, 44])
    rows.loc[rows["session"] == 4, ["conf_low", "conf_high"]] = nan
    canvas = canvas_of(lambda: figures.change_by_session(rows), monkeypatch)
    assert bands(canvas) == [(0, 3)]


def test_all_skin_types_together_are_dotted_and_thin(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = (line for line in canvas_of(GROUPS["2 groups"], monkeypatch).axes[0].lines if len({*line.get_xdata()}) > 2)
    assert style_of(first) == "dashed"
    assert first.get_linewidth() < 2
    assert first.get_color() not in HUES.values()


def test_responses_are_dashed_beyond_the_session_and_named_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = canvas_of(RESPONSES["responses"], monkeypatch)
    assert reach(canvas) == [("solid", 0, 4), ("dashed", 4, 4.5)] * 2
    names = [text.get_text() for text in canvas.axes[0].texts]
    assert {"60%", "70%"} <= {*names}


# The axis


def test_what_is_not_drawn_does_not_stretch_the_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points beside a line have no bars, and points of fewer than 5 courses are not drawn at all."""
    bars = observed([50, 40, 3], half=9.0, step=-0.5)
    bars.loc[bars["session"] == 3, "estimate"] = -3.0
    low, high = canvas_of(lambda: figures.change_by_session(continued([50, 40, 30]), bars), monkeypatch).axes[0].get_ylim()
    assert -1.5 < low < -1.1
    assert high == 0


def test_the_axis_ends_where_the_scale_does(monkeypatch: pytest.MonkeyPatch) -> None:
    (axes,) = canvas_of(lambda: figures.change_by_session(continued([50, 9], **PIH | {"half": 40.0})), monkeypatch).axes
    assert max(abs(end) for end in axes.get_ylim()) < 20
    assert all(abs(tick) <= 16 for tick in axes.get_yticks())
    assert max(abs(end) for path in axes.collections[0].get_paths() for end in path.vertices[:, 1]) == 16


def test_every_number_of_courses_stands_under_its_session(edges: Any) -> None:
    begun = [1462, 1204, 919, 439, 63, 4, 0]
    figures.change_by_session(continued(begun[1:], began=1462), observed(begun[1:]))
    written = [text for texts in edges.drawn.values() for text, _ in texts]
    assert [text for text in written if text in {"1462", "1204", "919", "439", "63", "<5", "0"}][-7:] == [
        "1462", "1204", "919", "439", "63", "<5", "0"
    ]  # fmt: skip
    assert edges.overlapping() == []


def test_no_change_is_named_above_the_panel_where_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    for draw in (BY_SESSION["one endpoint"], BY_SESSION["worse"], GAINS["positive gains"]):
        (name,) = (text for text in canvas_of(draw, monkeypatch).axes[0].texts if "no change" in text.get_text())
        assert name.xy == (1, 1)
        assert name.xyann[1] > 0


def test_one_long_interval_does_not_flatten_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = gains([60, 50, 9])
    rows.loc[rows["session"] == 3, ["conf_low", "conf_high"]] = (-3.0, 2.9)
    figure = figures.gain_by_session(rows, 2)
    low, high = canvas_of(lambda: figures.gain_by_session(rows, 2), monkeypatch).axes[0].get_ylim()
    assert high - low < 5
    assert figure.note == "A bar that ends at the edge goes on beyond it."
