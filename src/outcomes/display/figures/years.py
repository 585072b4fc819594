"""Results by the year in which courses began, as small panels."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.definitions.columns import START_YEAR
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW, MANY_UNDER_WAY
from outcomes.display.figures.canvas import GRID, HUES, INK, SOFT, TEXT, Figure, panels, paper, styled
from outcomes.display.figures.elements import NARROW, change_axis, courses_shown, label_of, nothing, within
from outcomes.display.figures.key import key
from outcomes.display.words import heading, in_unit, listed, session_words
from outcomes.measures.adverse_events import PER_COURSE
from outcomes.measures.years import CHANGE, PER_YEAR, RESPONDERS, of_years, trends, under_way

_NOTHING = ("Too few courses to compare years", f"Fewer than two years have {FEW} courses with a result")
_SIZE = NARROW | {"height": 156.0, "below": 46.0, "left": 48.0}
_MOST_NAMED = 5
"""Years that have room for their names side by side in a panel."""


@styled
def by_year(found: pd.DataFrame) -> Figure:
    """A small panel for each measure of `outcomes.by_year`: a point and interval for each year, hollow where many courses are under way."""
    rows = of_years(found)
    rows = rows[rows["estimate"].notna()]
    each = [of for _, of in rows.groupby([rows["measure"], rows["endpoint"].fillna("")], sort=False) if len(of) > 1]
    if not each:
        return nothing(*_NOTHING)
    drawn = pd.concat(each)
    years, going = sorted(drawn[START_YEAR].astype(int).unique()), {*under_way(found)}
    is_hollow = bool(going & {*years})
    hollow = [("hollow", f"{MANY_UNDER_WAY:.0f}% or more under way")] if is_hollow else []
    return Figure(
        title=_title(found),
        measure=f"By year of the first visit{_after(drawn)}",
        said=f"Results by year of the first visit. {' '.join(f'{_name(of)}: {_points(of)}.' for of in each)}",
        drawing=panels(*(_panel(of, years, going) for of in each), small=True),
        key=key(*hollow, ("solid", "95% CI")),
    )


def _title(found: pd.DataFrame) -> str:
    lines = trends(found)
    clear = lines[lines["is_clear"]]
    if clear.empty:
        return "No clear trend"
    return f"Clear trends: {listed([_name(clear.loc[[at]]) for at in clear.index])}"


def _after(drawn: pd.DataFrame) -> str:
    """After which session, and of whom."""
    of = drawn.loc[drawn["measure"].isin((CHANGE, RESPONDERS)), "session"]
    return f"; {session_words(of.iloc[0])}, had every patient continued" if len(of) else ""


def _name(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"{_heading(first)}, {_beside(rows)}"


def _heading(first: Any) -> str:
    if pd.notna(first["endpoint"]):
        return heading(ENDPOINTS[first["endpoint"]])
    return "New PIH" if first["measure"].startswith(PER_COURSE) else "Outside guidance"


def _beside(rows: pd.DataFrame) -> str:
    """What is told of it, and in which unit."""
    measure = rows["measure"].iloc[0].removesuffix(PER_YEAR)
    if measure == CHANGE:
        return f"mean change, {SCALES[rows['scale'].iloc[0]].unit}"
    return {RESPONDERS: "% improved", PER_COURSE: "% of courses"}.get(measure, "% of sessions")


def _panel(rows: pd.DataFrame, years: list[int], going: set[int]) -> tuple[str, str, Axes, str]:
    axes, first = paper(**_SIZE), rows.iloc[0]
    ends = rows[["conf_low", "conf_high"]]
    if first["measure"] == CHANGE:
        ends = ends.apply(lambda end: within(first["scale"], end))
        change_axis(axes, first["scale"], [*rows["estimate"], *ends["conf_low"], *ends["conf_high"]], is_named=False)
    else:
        _share_axis(axes, [*rows["estimate"], *ends["conf_high"].clip(upper=100)])
    hue = HUES[first["endpoint"]] if pd.notna(first["endpoint"]) else INK
    for year, estimate, low, high in zip(rows[START_YEAR], rows["estimate"], ends["conf_low"], ends["conf_high"], strict=True):
        axes.vlines(int(year), low, high, color=hue, linewidth=1.8, alpha=0.55)
        face = "white" if int(year) in going else hue
        axes.plot(int(year), estimate, marker="o", markersize=7, color=hue, markerfacecolor=face, clip_on=False)
    _under(axes, rows, years)
    return _heading(first), _beside(rows), axes, label_of("Results by year", _heading(first), _points(rows.tail(1)))


def _share_axis(axes: Axes, values: list[float]) -> None:
    """Ticks from 0 to all that is drawn, in per cent."""
    top = min(100.0, max([value for value in values if pd.notna(value)], default=0.0) or 1.0)
    axes.set_ylim(0, top * 1.06)
    ticks = [float(tick) for tick in MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(0, top) if tick <= top * 1.06]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=TEXT)
    for tick in ticks:
        axes.axhline(tick, color=INK if tick == 0 else GRID, linewidth=1.2 if tick == 0 else 1, zorder=0)


def _under(axes: Axes, rows: pd.DataFrame, years: list[int]) -> None:
    """Two rows under the panel: the years by their last two figures, and how many each result rests on."""
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    axes.set_xticks([])
    step = -(-(years[-1] - years[0] + 1) // _MOST_NAMED)
    counts = dict(zip(rows[START_YEAR].astype(int), rows["n"].astype(int), strict=True))
    for year in years[::-1][::step]:
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "ha": "center"}
        axes.annotate(f"\N{RIGHT SINGLE QUOTATION MARK}{year % 100:02d}", (year, 0), xytext=(0, -18), fontsize=TEXT, **place)
        if year in counts:
            axes.annotate(courses_shown(counts[year]), (year, 0), xytext=(0, -36), fontsize=TEXT, color=SOFT, **place)


def _points(rows: pd.DataFrame) -> str:
    return "; ".join(f"{row[START_YEAR]} {in_unit(row).cell}, {int(row['n']):,}" for row in rows.to_dict("records"))
