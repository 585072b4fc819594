"""Strips: where values lie, and that nothing leaves them."""

from __future__ import annotations

import re
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.display.figures.strips import Axis, Group, Row, dot_rows

PERCENTS = Axis(0.0, 40.0, (0.0, 20.0, 40.0), "%")
M = "\N{MINUS SIGN}"


def test_values_lie_between_the_ends_and_beyond_at_the_nearer_one() -> None:
    assert [PERCENTS.at(value) for value in (0, 20, 40, 50, -3)] == ["2.00%", "50.00%", "98.00%", "98.00%", "2.00%"]


def test_ends_of_an_interval_are_marked_where_they_lie_on_the_axis() -> None:
    assert PERCENTS.bar(10, 30, "#000000").count("<line") == 3
    assert PERCENTS.bar(10, 50, "#000000").count("<line") == 2


def test_inner_ticks_may_be_left_out_and_the_last_has_the_unit() -> None:
    assert re.findall(r'<text( class="opt")? [^>]*>([^<]*)<', PERCENTS.head()) == [("", "0"), (' class="opt"', "20"), ("", "40%")]


@pytest.mark.parametrize(
    ("values", "options", "ends"),
    [
        ([3.0, 26.0], {"most": 100.0}, (0.0, 30.0)),
        ([0.2], {}, (0.0, 1.0)),
        ([98.0], {"most": 100.0}, (0.0, 100.0)),
        ([-0.4, 0.4], {"least": 0.0}, (-0.4, 0.4)),
        ([-9.0], {"least": 0.0, "most": 3.0}, (-3.0, 0.0)),
        ([0.0, nan], {"least": 0.0}, (-1.0, 1.0)),
    ],
)
def test_an_axis_covers_what_is_drawn_as_far_as_it_can_be(
    values: list[float], options: dict[str, float], ends: tuple[float, float]
) -> None:
    axis = Axis.of(values, **options)
    assert (axis.low, axis.high) == ends
    assert 0.0 in axis.ticks


@given(st.lists(st.floats(-1e4, 1e4), max_size=5), st.floats(-2e4, 2e4))
def test_no_value_is_drawn_outside(values: list[float], value: float) -> None:
    place = float(Axis.of(values).at(value).removesuffix("%"))
    assert 2 <= place <= 98


def test_names_and_heads_are_words_never_markup() -> None:
    table = dot_rows("<b>", ("<i>",), [Group("<u>", [Row("<script>", ("1",), about="<p>")])])
    assert not re.search("<(script|i|u|p)>", table)
    assert '<th scope="row">&lt;script&gt; <small>&lt;p&gt;</small></th><td>1</td>' in table


def test_a_group_has_its_heading_and_axis_in_a_row_of_its_own_and_none_where_it_is_blank() -> None:
    rows = [Row("I", ("1",))]
    each = Group("Acne scarring", rows, "<svg></svg>")
    head = '<th scope="rowgroup" colspan="2">Acne scarring</th><td class="plot" aria-hidden="true"><svg></svg></td>'
    for groups in ([each], [each, each]):
        table = dot_rows("Changes", ("Type", "n"), groups, "above")
        assert table.count(f"<tbody><tr>{head}</tr>") == len(groups)
        assert '<td class="plot" aria-hidden="true">above</td></tr></thead>' in table
    assert "rowgroup" not in dot_rows("Changes", ("Type", "n"), [Group("", rows)])
