"""An earlier report beside this one as a picture: right is better, whatever is compared."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from outcomes import figures, tables
from outcomes.measures.since_last import DIFFERENCE


def rows(*verdicts: tuple[str, str, float]) -> pd.DataFrame:
    """Differences of 3 with an interval of 1 either way, or none, of what is compared."""
    known = {"measure": DIFFERENCE, "endpoint": "scarring", "scale": "goodman_baron_grade", "session": 3.0, "n": 81, "n_then": 67}
    return pd.DataFrame(
        [
            known
            | {"compared": compared, "event": "new_pih" if compared.startswith("events") else ""}
            | {"estimate": estimate, "conf_low": estimate - 1, "conf_high": estimate + 1, "now": 5 + estimate, "then": 5.0}
            | {"unit": "grades" if compared == "change" else "percentage points", "verdict": verdict, "then_on": "2026-06-15"}
            for compared, verdict, estimate in verdicts
        ]
    )


def places(html: str) -> list[float]:
    """Where the marks lie, in per cent from the left."""
    return [float(place) for place in re.findall(r'<svg x="([\d.]+)%"', html)]


def test_better_lies_right_of_no_difference_and_worse_left(check_drawing: Callable[[figures.Figure], None]) -> None:
    figure = figures.since_last(
        rows(
            ("change", "better", -3.0),
            ("responders", "better", 3.0),
            ("events per course", "worse", 3.0),
            ("change", "worse", 3.0),
        )
    )
    check_drawing(figure)
    assert [place > 50 for place in places(figure.html())] == [True, True, False, False]
    assert figure.title == "Since 15 June 2026: 2 better and 2 worse"


def test_what_is_not_clear_is_hollow_and_what_is_newly_known_is_not_drawn() -> None:
    figure = figures.since_last(rows(("change", "no clear change", 0.0), ("responders", "newly known", float("nan"))))
    html = figure.html()
    assert len(places(html)) == html.count('fill="#ffffff"') == 1
    assert not figures.since_last(rows(("responders", "newly known", float("nan")))).drawing


def test_the_table_behind_it_has_the_courses_and_what_was_not_known() -> None:
    new = rows(("change", "better", -3.0), ("responders", "newly known", float("nan"))).assign(
        then=[5.0, float("nan")], now=[2.0, 60.0]
    )
    assert tables.since_last(new).rows == (
        ("Change, grades", "5.0 (67)", "2.0 (81)", "−3.0 (−4.0 to −2.0)", "better"),
        ("Improved by at least one grade", "not known", "60% (81)", "", "newly known"),
    )
