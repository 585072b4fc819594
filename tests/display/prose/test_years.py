"""What is said of years, from little tables."""

from __future__ import annotations

import pandas as pd
import pytest

from outcomes import figures, prose
from outcomes.measures.years import COLUMNS, PER_YEAR


def found(
    *lines: tuple[str, float, float, float, float], going: dict[int, float] | None = None, without: int = 0
) -> pd.DataFrame:
    """Three years of each measure, and its line with slope, interval and p value."""
    rows: list[dict[str, object]] = []
    for measure, *numbers in lines:
        of = {"measure": measure, "n": 40, "note": (), "session": 3.0, "unit": "% of courses", "estimand": "continued"}
        if measure in ("change", "responders"):
            of |= {"endpoint": "pih", "scale": "pahpi", "unit": "points" if measure == "change" else "%"}
        rows += [of | {"start_year": year, "estimate": 1.0, "conf_low": 0.5, "conf_high": 1.5} for year in (2021, 2022, 2023)]
        line = dict(zip(("estimate", "conf_low", "conf_high", "p_value"), numbers, strict=True))
        rows.append(
            of | line | {"measure": measure + PER_YEAR, "unit": "points" if measure == "change" else "percentage points", "n": 3}
        )
    for year in (2021, 2022, 2023):
        share = (going or {}).get(year, 0.0)
        rows.append(
            {"measure": "courses under way", "start_year": year, "n": 50, "events": int(share / 2), "estimate": share, "note": ()}
            | {"endpoint": "pih", "scale": "pahpi"}
        )
    rows.append({"measure": "courses without a year", "n": 150, "events": without, "estimate": 0.0, "note": ()})
    for row in rows:
        row["p_holm"] = row.get("p_value", float("nan")) * len(lines)
    return pd.DataFrame(rows).reindex(columns=[*COLUMNS]).astype({"start_year": "Int64", "events": "Int64"})


UNCLEAR = (-0.1, -0.4, 0.2, 0.5)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("change", -0.4, -0.6, -0.2, 0.001), "PIH **improved more** from year to year, by 0.4 points a year (95% CI 0.2–0.6)."),
        (("change", 0.4, 0.2, 0.6, 0.001), "PIH **improved less** from year to year, by 0.4 points a year (95% CI 0.2–0.6)."),
        (
            ("responders", 5.0, 2.0, 8.0, 0.001),
            "the share improved in PIH **rose** from year to year, by 5.0 percentage points a year (95% CI 2.0–8.0).",
        ),
        (
            ("events per course", -3.0, -5.0, -1.0, 0.001),
            "new PIH **became less frequent**, by 3.0 percentage points a year (95% CI 1.0–5.0).",
        ),
        (
            ("sessions outside guidance", 3.0, 1.0, 5.0, 0.001),
            "sessions outside guidance **became more frequent**, by 3.0 percentage points a year (95% CI 1.0–5.0).",
        ),
    ],
)
def test_a_clear_trend_is_told_with_its_size(line: tuple[str, float, float, float, float], said: str) -> None:
    assert prose.by_year(found(line)).replace("\N{NO-BREAK SPACE}", " ") == f"From 2021 to 2023, {said}"


def test_what_is_not_clear_is_named_once_after_what_is() -> None:
    said = prose.by_year(found(("change", -0.4, -0.6, -0.2, 0.001), ("responders", *UNCLEAR), ("events per course", *UNCLEAR)))
    assert said.endswith(". There was **no clear trend** in new PIH.")


def test_one_of_four_that_is_beyond_its_interval_is_not_clear_by_itself() -> None:
    three = [(name, *UNCLEAR) for name in ("responders", "events per course", "sessions outside guidance")]
    of = found(("change", -0.4, -0.7, -0.1, 0.02), *three)
    assert prose.by_year(of) == "From 2021 to 2023, there was **no clear trend** in PIH, new PIH or sessions outside guidance."
    assert figures.by_year(of).title == "No clear trend"
    assert figures.by_year(found(("change", -0.4, -0.7, -0.1, 0.02))).title == "Clear trends: PIH, mean change, points"


def test_years_that_go_on_are_named_and_drawn_hollow() -> None:
    of = found(("change", *UNCLEAR), going={2022: 12.0, 2023: 60.0})
    said = prose.by_year(of)
    assert said.endswith("Of the courses begun in 2022 and 2023 with baseline PIH scores, 12% and 60% are **still under way**.")
    assert "10% or more under way" in figures.by_year(of).key
    assert "under way" not in figures.by_year(found(("change", *UNCLEAR), going={2023: 8.0})).key


def test_one_year_that_goes_on_is_told_with_its_courses_and_more_than_three_by_how_many_they_are() -> None:
    (one, four) = (found(("change", *UNCLEAR), going=going) for going in ({2023: 60.0}, {2021: 12.0, 2022: 20.0, 2023: 60.0}))
    of = "Of 50 courses begun in 2023 with baseline PIH scores, 60% are **still under way**."
    assert prose.by_year(one).endswith(of)
    earlier = four[four["measure"] == "courses under way"].head(1).assign(start_year=2020)
    many = "In 4 years, 10% or more of the courses with baseline PIH scores are **still under way**: see the table."
    assert prose.by_year(pd.concat([earlier, four])).endswith(many)


def test_courses_without_a_year_are_told() -> None:
    assert prose.by_year(found(("change", *UNCLEAR), without=12)).endswith("No year is recorded of 12 of 150 courses.")


def test_two_years_are_too_few_and_one_sentence_says_so() -> None:
    of = found(("change", *[float("nan")] * 4))
    assert prose.by_year(of[of["start_year"] != 2021]) == "Courses began in 2 years: a trend needs 3 years with enough of them."
