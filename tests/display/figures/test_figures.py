"""Pictures: their words hold the plotted numbers, their pixels are right for print, and nothing runs over an edge."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from io import BytesIO
from itertools import pairwise
from math import nan
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Canvas

import outcomes
from outcomes import figures
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.notes import Note, NoteCode
from outcomes.display.figures.canvas import INK, SKIN_TYPE_MARKS, SOFT, tick_words, width_of

M = "\N{MINUS SIGN}"
NB = "\N{NO-BREAK SPACE}"


def series(
    n: Iterable[int], *, endpoint: str = "scarring", scale: str = "goodman_baron_grade", step: float = -0.3, **other: Any
) -> pd.DataFrame:
    """Estimates after session 1, 2, ...: each session adds `step`; nan where n is 0, no interval where n is 1."""
    counts = list(n)
    rows = [
        {
            "endpoint": endpoint,
            "scale": scale,
            "measure": "change",
            "estimand": "observed",
            "session": session,
            "n": count,
            "estimate": step * session if count else nan,
            "conf_low": step * session - 0.2 if count > 1 else nan,
            "conf_high": step * session + 0.2 if count > 1 else nan,
            "note": () if count > 4 else (Note(NoteCode.TOO_FEW, count),),
            **other,
        }
        for session, count in enumerate(counts, start=1)
    ]
    return pd.DataFrame(rows)


def by_type(*n: Iterable[int]) -> pd.DataFrame:
    frame = pd.concat([series(counts, skin_type=name) for name, counts in zip(SKIN_TYPES, n, strict=True)], ignore_index=True)
    return frame.assign(skin_type=pd.Categorical(frame["skin_type"], SKIN_TYPES, ordered=True))


def of_groups(*n: Iterable[int], **other: Any) -> pd.DataFrame:
    """Each skin type as a group of its own, had every patient continued."""
    frames = [series(counts, skin_types=name, estimand="continued", **other) for name, counts in zip(SKIN_TYPES, n, strict=True)]
    return pd.concat(frames, ignore_index=True)


def shares(
    *rows: tuple[int, float, float, float], endpoint: str = "scarring", scale: str = "goodman_baron_grade"
) -> pd.DataFrame:
    """Courses and percent better, same and worse, a row for each session."""
    names = ("better", "same", "worse")
    return pd.DataFrame(
        [
            {
                "endpoint": endpoint,
                "scale": scale,
                "measure": name,
                "session": session,
                "n": n,
                "estimate": share if n else nan,
            }
            for session, (n, *parts) in enumerate(rows, start=1)
            for name, share in zip(names, parts, strict=True)
        ]
    )


@pytest.fixture(scope="module")
def tallies(sample_records: outcomes.Records) -> list[outcomes.Tally]:
    return outcomes.tallies(sample_records, tuple(ENDPOINTS))


EXTREME: dict[str, Callable[[], figures.Figure]] = {
    "one session": lambda: figures.change_by_session(series([50])),
    "two sessions": lambda: figures.change_by_session(series([50, 40])),
    "one course": lambda: figures.change_by_session(series([1])),
    "no course": lambda: figures.change_by_session(series([0, 0])),
    "a gap": lambda: figures.change_by_session(series([50, 0, 30, 0, 2])),
    "worse": lambda: figures.change_by_session(series([50, 40], step=0.5)),
    "30 sessions": lambda: figures.change_by_session(series(range(12000, 0, -400))),
    "two endpoints of 30 sessions": lambda: figures.change_by_session(
        pd.concat([series(range(12000, 0, -400)), series(range(90, 0, -3), endpoint="pih", scale="pahpi")])
    ),
    "empty skin types": lambda: figures.change_of_groups(
        of_groups([10, 8], [0, 0], [1, 1], [4, 3], [20, 2], [0, 0]), series([35, 14])
    ),
    "no skin type with enough": lambda: figures.change_of_groups(of_groups([1], [0], [1], [4], [2], [0]), series([4])),
    "skin types over 30 sessions": lambda: figures.change_of_groups(
        of_groups(*[range(60, 30, -1)] * 6), series(range(360, 330, -1))
    ),
    "millions of each skin type": lambda: figures.change_of_groups(of_groups(*[[1234567, 9]] * 6), series([7000000, 54])),
    "last of empty skin types": lambda: figures.change_at_last(by_type([10], [0], [1], [4], [2000000], [5])),
    "last of nobody": lambda: figures.change_at_last(by_type(*[[0]] * 6)),
    "better or worse over 30 sessions": lambda: figures.better_or_worse(shares(*[(900 - k, 60, 30, 10) for k in range(30)])),
    "better or worse of one course": lambda: figures.better_or_worse(shares((1, 100, 0, 0))),
    "all worse, all the same": lambda: figures.better_or_worse(
        shares((9, 0, 0, 100), (5, 0, 100, 0), (0, 0, 0, 0), (3, 33, 33, 34))
    ),
    "better or worse of nobody": lambda: figures.better_or_worse(shares((0, 0, 0, 0))),
}


def of_sample(tallies: list[outcomes.Tally]) -> dict[str, figures.Figure]:
    scarring, pih, _ = tallies
    huge = dataclasses.replace(scarring, rows=123_456_789, flow=scarring.flow.assign(n=scarring.flow["n"] * 10**6))
    observed, everyone = outcomes.change_by_session(scarring), outcomes.continued_by_session([scarring, pih])
    return {
        "one endpoint": figures.change_by_session(observed),
        "two endpoints": figures.change_by_session(outcomes.change_by_session([scarring, pih])),
        "three endpoints": figures.change_by_session(outcomes.change_by_session(tallies)),
        "skin types": figures.change_of_groups(outcomes.continued_by_session([scarring, pih], by="skin_types"), everyone),
        "last by skin type": figures.change_at_last(outcomes.change_by_session(pih, by="skin_type", estimand="as_treated")),
        "last by band": figures.change_at_last(outcomes.change_by_session(pih, by="skin_band", estimand="as_treated")),
        "better or worse": figures.better_or_worse(outcomes.better_or_worse(scarring)),
        "last of three endpoints": figures.change_at_last(
            outcomes.change_by_session(tallies, by="skin_type", estimand="as_treated")
        ),
        "better or worse of three endpoints": figures.better_or_worse(outcomes.better_or_worse(tallies)),
        "flow": figures.flow(*tallies),
        "flow of millions": figures.flow(huge, pih),
    }


def test_texts_over_an_edge_or_on_each_other_would_be_found(edges: Any) -> None:
    canvas = Canvas(figsize=(4, 2), dpi=100)
    axes = canvas.add_axes((0.2, 0.2, 0.6, 0.6))
    axes.set_axis_off()
    axes.annotate("too far right", (1.01, 0.5), xycoords="axes fraction")
    axes.annotate("one", (0, 0.5), xytext=(20, 0), textcoords="offset points")
    axes.annotate("other", (0, 0.5), xytext=(30, 4), textcoords="offset points")
    canvas.savefig(BytesIO(), format="png")
    assert edges.over() == ["too far right"]
    assert edges.overlapping() == [("one", "other")]


@pytest.mark.parametrize("name", EXTREME)
def test_extreme_estimates_make_a_whole_picture(name: str, edges: Any, check_drawing: Any) -> None:
    figure = EXTREME[name]()
    check_drawing(figure)
    assert edges.over() == []
    assert edges.overlapping() == []
    assert not re.search(r"\bnan\b|\bNone\b|,,|\.\.|: \.", figure.said)


def test_every_picture_of_the_sample_is_whole_and_the_same_twice(
    tallies: list[outcomes.Tally], edges: Any, check_drawing: Any
) -> None:
    once = of_sample(tallies)
    for figure in once.values():
        check_drawing(figure)
    assert edges.over() == []
    assert edges.overlapping() == []
    again = figures.flow(*tallies), figures.change_by_session(outcomes.change_by_session(tallies[0]))
    assert again == (once["flow"], once["one endpoint"])


# What the pictures say


def test_the_words_hold_every_plotted_change(tallies: list[outcomes.Tally]) -> None:
    frame = outcomes.change_by_session(tallies[0])
    alt = figures.change_by_session(frame).said
    for row in frame[frame["n"] >= 5].to_dict("records"):
        assert f"{row['estimate']:+.1f}".replace("-", M).replace("+0.0", "0.0") in alt
        assert f"{row['n']:,} course" in alt


def test_a_change_is_said_with_session_interval_and_n() -> None:
    assert figures.change_by_session(series([50, 9, 1, 0])).said == (
        f"Mean change by session. Acne scarring, still attending: after 1 session {M}0.3 ({M}0.5 to {M}0.1), 50 courses; "
        f"after 2 sessions {M}0.6 ({M}0.8 to {M}0.4), 9 courses; after 3 sessions fewer than 5 courses."
    )


def test_skin_types_without_enough_are_named() -> None:
    alt = figures.change_of_groups(of_groups([10], [0], [1], [4], [20], [0]), series([35])).said
    assert alt == (
        "Mean change had every patient continued, by skin types. "
        f"Type I, after 1 session {M}0.3 ({M}0.5 to {M}0.1), 10 courses. Type II, too few. Type III, too few. Type IV, too few. "
        f"Type V, after 1 session {M}0.3 ({M}0.5 to {M}0.1), 20 courses. Type VI, too few."
    )
    last = figures.change_at_last(by_type([10], [0], [1], [4], [20], [0])).said
    assert f"Type I {M}0.3 ({M}0.5 to {M}0.1), 10 courses; type II too few (0 courses); type III too few (1 course);" in last


def test_better_and_worse_are_said_in_percent() -> None:
    alt = figures.better_or_worse(shares((40, 60, 30, 10), (20, 100, 0, 0))).said
    assert alt == (
        "Of those still attending. After 1 session 60% better, 30% the same, 10% worse; "
        "after 2 sessions 100% better, 0% the same, 0% worse."
    )


def test_the_flow_says_each_loss_and_adds_up(tallies: list[outcomes.Tally]) -> None:
    alt = figures.flow(tallies[0]).said
    assert alt.startswith(f"Acne scarring: {tallies[0].rows:,} rows, {tallies[0].courses} courses; ")
    assert alt.endswith(f"{tallies[0].analysed} analysed.")
    lost = sum(int(n) for n in re.findall(r"(\d+) (?:never|no|not|scored (?:on|again))", alt))
    assert tallies[0].courses - lost == tallies[0].analysed


@pytest.mark.parametrize(
    ("draw", "title"),
    [
        (EXTREME["one session"], "Too few courses to say how much better"),
        (EXTREME["two sessions"], "Acne scarring improved, of those still attending"),
        (EXTREME["a gap"], "Acne scarring improved, of those still attending"),
        (EXTREME["one course"], "Too few courses to say how much better"),
        (EXTREME["last of nobody"], "Too few courses to show skin types apart"),
        (EXTREME["last of empty skin types"], "Every skin type with at least 5 courses improved"),
        (EXTREME["empty skin types"], "Every group with at least 5 courses improved"),
        (EXTREME["all worse, all the same"], "Better than at baseline, of those still attending: 0% after 2 sessions"),
        (lambda: figures.better_or_worse(shares((40, 60, 30, 10), (19, 99, 1, 0))), "Better than at baseline, of those still attending: 60% after 1 session"),
        (lambda: figures.change_by_session(series([9, 8], endpoint="pih", scale="pahpi", step=-0.05)), "PIH did not clearly change, of those still attending"),
    ],
)  # fmt: skip
def test_the_title_says_what_was_found_where_enough_remain(draw: Callable[[], figures.Figure], title: str) -> None:
    assert draw().title == title


def test_what_is_measured_stands_beside_the_title() -> None:
    figure = EXTREME["two sessions"]()
    assert figure.measure == "Mean change from baseline, by sessions given; lower is better"
    assert "<b>Acne scarring</b> <small>Goodman-Baron grade, 1 to 4</small>" in figure.drawing


def test_nothing_is_shown_of_fewer_than_five_courses() -> None:
    rows = re.findall(
        r'<tr><th scope="row">.*?</tr>', figures.better_or_worse(shares((40, 60, 30, 10), (4, 75, 25, 0), (9, 50, 50, 0))).drawing
    )
    assert "&lt;5" in rows[1]
    assert "%" not in rows[1].partition('<td class="plot"')[0]
    last = figures.change_at_last(by_type([10], [4], [9], [4], [20], [5])).drawing
    assert re.findall(r'<th scope="row">(\w+)</th><td>&lt;5</td><td>too few</td>', last) == ["II", "IV"]


def test_a_figure_shows_itself_as_part_of_a_page_and_in_words() -> None:
    figure = figures.change_by_session(series([50, 40]))
    data = figure._repr_mimebundle_()
    assert data == {"text/plain": repr(figure), "text/html": figure.html()}
    assert repr(figure) == f"[figure] {figure.title}. {figure.said}"
    assert figure.html().startswith(
        f"<figure><figcaption><strong>{figure.title}</strong> <span>{figure.measure}</span></figcaption>"
    )
    assert figure.html().endswith(f'<p class="note">{figure.note}</p></figure>')


def test_a_folded_figure_keeps_its_name_and_opens_on_request() -> None:
    figure = figures.change_by_session(series([50, 40]))
    folded = figure.fold()
    assert folded.html() == (
        f'<details class="numbers"><summary>{figure.title}</summary><figure><figcaption><span>{figure.measure}</span></figcaption>'
        f'{figure.drawing}{figure.key}<p class="note">{figure.note}</p></figure></details>'
    )
    assert repr(folded) == repr(figure)
    assert not figure.folded


def test_where_nothing_is_drawn_nothing_is_folded() -> None:
    figure = EXTREME["one course"]()
    assert figure.fold().html() == figure.html() == f'<p class="nothing">{figure.title}. {figure.measure}.</p>'


def test_a_drawing_is_text_and_presentation_alone() -> None:
    drawn = figures.change_by_session(series([50, 40, 30])).drawing
    assert ">no change</text>" in drawn
    assert not re.search(r"\b(id|style|href|class=\"(?!panels|panel|chart))=?|<(style|defs|use|image|script)", drawn)


def test_drawing_leaves_matplotlibs_settings_alone() -> None:
    # The backend is looked up when first asked for; every other setting is a value.
    before = {name: value for name, value in matplotlib.rcParams.items() if name != "backend"}
    figures.change_by_session(series([50, 40]))
    assert {name: matplotlib.rcParams[name] for name in before} == before


# Type


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0.0, 1e-17, -0.5], ["0.0", "0.0", f"{M}0.5"]),
        ([-1.0, 0.0, 1.0], [f"{M}1", "0", "+1"]),
        ([-1500.0, 0.0], [f"{M}1,500", "0"]),
        ([0.25, 0.5, 0.1 + 0.2], ["+0.25", "+0.50", "+0.30"]),
    ],
)
def test_an_axis_has_one_precision(values: list[float], shown: list[str]) -> None:
    assert tick_words(values) == shown


def test_text_is_as_wide_as_its_letters() -> None:
    assert width_of("1462", 12) == pytest.approx(4 * width_of("1", 12), rel=0.02)
    assert width_of("1462", 24) == pytest.approx(2 * width_of("1462", 12), rel=0.02)


# Colours


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(colour: str) -> float:
    return 1.05 / (luminance(colour) + 0.05)


def test_black_and_grey_have_the_contrast_that_is_published() -> None:
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("colour", [*figures.HUES.values(), *figures.SKIN_TYPE_HUES.values()])
def test_what_is_drawn_stands_out_on_white(colour: str) -> None:
    assert contrast(colour) >= 3


@pytest.mark.parametrize("colour", [INK, SOFT, *figures.HUES.values()])
def test_what_is_written_is_readable_on_white(colour: str) -> None:
    assert contrast(colour) >= 4.5


def test_every_skin_type_and_endpoint_has_its_own_hue() -> None:
    assert tuple(figures.SKIN_TYPE_HUES) == SKIN_TYPES
    assert figures.HUES.keys() == ENDPOINTS.keys()
    assert len({*figures.HUES.values(), *figures.SKIN_TYPE_HUES.values()}) == 9


def test_skin_types_darken_in_order_so_that_grey_print_tells_them_apart() -> None:
    ramp = [luminance(colour) for colour in figures.SKIN_TYPE_HUES.values()]
    assert all(lighter / darker > 1.15 for lighter, darker in pairwise(ramp))


def test_skin_types_have_a_mark_each() -> None:
    assert tuple(SKIN_TYPE_MARKS) == SKIN_TYPES
    assert len({*SKIN_TYPE_MARKS.values()}) == 6
    drawn = figures.change_at_last(by_type(*[[20]] * 6)).drawing
    assert len({*re.findall(r'overflow="visible"><(circle r="[^"]*"|path d="[^"]*")', drawn)}) == 6


@pytest.mark.parametrize("colour", [*figures.HUES.values(), *figures.SKIN_TYPE_HUES.values()])
def test_red_is_kept_for_what_must_be_acted_on(colour: str) -> None:
    red, green, blue = to_rgb(colour)
    assert not (red > 0.6 and green < 0.25 and blue < 0.2)
