"""The clinic's own change beside published ones: a forest plot, own clinic first and in its own shape and colour."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from outcomes.definitions.scales import SCALES
from outcomes.display.figures.canvas import INK, PALE, SMALL, SOFT, TEXT, Figure, Page, bare, beside, styled, tick, width_of
from outcomes.display.figures.elements import hue_of, nothing
from outcomes.display.prose.evidence import dose_words, trial_name
from outcomes.display.words import counted, measured, signed
from outcomes.measures.evidence import PREDICTION, SUMMARY
from outcomes.measures.published_results import PUBLISHED

_ENDS = ("conf_low", "estimate", "conf_high")
_WIDEST = 3.3  # inches for a name


@styled
def evidence(compared: pd.DataFrame) -> Figure:
    """The clinic's change, every comparable trial's, and where there are 3 their mean and where a further one is expected.

    From `outcomes.evidence`. Square: this clinic; dots: trials; diamond: trials together; open bar: a further trial.
    """
    trials = compared[compared["estimand"] == PUBLISHED]
    if trials.empty:
        return nothing("No published trial to compare with", "None listed is on the same scale, with its spread and its time")
    rows = compared[(compared["estimand"] != SUMMARY) | compared["estimate"].notna()].to_dict("records")
    page = Page(
        title=_title(rows[0], trials),
        subtitle=f"Mean change in {measured(compared)}; left is more improvement. Square: this clinic; dots: published trials",
        footnote=_footnote(len(rows) > len(trials) + 1),
        height=0.5 * len(rows) + 0.75,
    )
    names = [_fitted(_name(row)) for row in rows]
    left = max(width_of(name, TEXT) for name in names) + 0.2
    left = max(left, *(width_of(_about(row), SMALL) + 0.2 for row in rows))
    right = max(width_of(_value(row), TEXT) for row in rows) + 0.2
    axes = page.panel(left=left, right=right, below=0.38, above=0.25)
    axes.set_xlim(*_reach(rows))
    for place, row in enumerate(rows):
        hue = hue_of(compared) if place == 0 else INK
        _drawn(axes, place, row, hue)
        beside(axes, place - 0.17, 0.1 - left, names[place], color=hue)
        beside(axes, place + 0.21, 0.1 - left, _about(row), size=SMALL)
        beside(axes, place, 7.0, _value(row), right=True, color=hue)
    axes.axhline(0.5, color=PALE, linewidth=1)
    axes.axvline(0, color=INK, linewidth=1)
    axes.annotate("no change", (0, 1.03), xycoords=("data", "axes fraction"), ha="center", fontsize=SMALL, color=SOFT)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(tick)
    bare(axes, "left")
    said = "; ".join(f"{_name(row)} ({_about(row)}) {_value(row)}" for row in rows)
    return page.figure(f"Mean change in {measured(compared)}: {said}.", colours=48)


def _title(own: dict[str, Any], trials: pd.DataFrame) -> str:
    ends = [signed(trials["estimate"].min()), signed(trials["estimate"].max())]
    reported = ends[0] if len(trials) == 1 else f"{ends[0]} {'and' if len(trials) == 2 else 'to'} {ends[1]}"
    here = "too few courses" if pd.isna(own["estimate"]) else f"{signed(own['estimate'])} {SCALES[own['scale']].unit}"
    return f"This clinic: {here}; {counted(len(trials), 'published trials')}: {reported}"


def _footnote(has_summary: bool) -> str:
    shapes = "Diamond: trials together. Open bar: where a further such trial's mean is expected. " if has_summary else ""
    few = "" if has_summary else "Fewer than 3 trials: no summary. "
    return f"Bars: 95 % intervals; days from the last session to the score. {shapes}{few}Patients, sessions and scores at the start differ: no test of one against the other."


def _reach(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """The ends of the axis: all intervals and no change; of a further trial's no more than half as much again beyond them."""
    ends = {
        is_further: [
            row[name]
            for row in rows
            for name in _ENDS
            if (row["estimand"] == PREDICTION) == is_further and not pd.isna(row[name])
        ]
        for is_further in (False, True)
    }
    low, high = min([*ends[False], 0.0]), max([*ends[False], 0.0])
    span = (high - low) or 1.0
    low, high = max(min([*ends[True], low]), low - span / 2), min(max([*ends[True], high]), high + span / 2)
    return low - 0.06 * span, high + 0.06 * span


def _drawn(axes: Axes, place: int, row: dict[str, Any], hue: str) -> None:
    if pd.isna(row["estimate"]):
        return
    low, high, middle = row["conf_low"], row["conf_high"], row["estimate"]
    if row["estimand"] == SUMMARY:
        axes.fill([low, middle, high, middle], [place, place - 0.2, place, place + 0.2], color=hue, linewidth=0)
        return
    if row["estimand"] == PREDICTION:
        left, right = axes.get_xlim()
        ends = max(low, left), min(high, right)
        axes.fill_between(ends, place - 0.09, place + 0.09, facecolor=PALE, edgecolor=SOFT, linewidth=1)
        for end, edge, arrow in ((low, left, "<"), (high, right, ">")):
            if not left <= end <= right:
                axes.plot(edge, place, marker=arrow, markersize=7, color=SOFT, clip_on=False)
        return
    axes.plot([low, high], [place, place], color=hue, linewidth=2.2 if row["estimand"] != PUBLISHED else 1.4)
    axes.plot(middle, place, marker="o" if row["estimand"] == PUBLISHED else "s", markersize=7, color=hue)


def _name(row: dict[str, Any]) -> str:
    names = {
        "continued": "This clinic, had every patient continued",
        SUMMARY: "These trials together",
        PREDICTION: "A further such trial",
    }
    return names.get(row["estimand"]) or trial_name(row)


def _fitted(name: str) -> str:
    """The name, cut where it would leave no room for the picture; the table has it whole."""
    if width_of(name, TEXT) <= _WIDEST:
        return name
    return next(cut for end in range(len(name), 0, -1) if width_of(cut := f"{name[:end].rstrip()}…", TEXT) <= _WIDEST)


def _about(row: dict[str, Any]) -> str:
    """Who, what and when: ``31 patients; 4 sessions, 30 days apart; 60 days after``."""
    if row["estimand"] == SUMMARY:
        return "mean, with its interval"
    if row["estimand"] == PREDICTION:
        return "where its mean would be expected"
    if row["estimand"] == "continued":
        who = counted(int(row["n"]), "courses")
        sessions = "" if pd.isna(row["session"]) else f"; {counted(int(row['session']), 'sessions')}"
        return f"{who}{sessions}; about {row['after_days']} days after"
    who = "number not stated" if pd.isna(row["n"]) else counted(int(row["n"]), "patients")
    when = "time not stated" if pd.isna(row["after_days"]) else f"{row['after_days']} days after"
    return f"{who}; {dose_words(row)}; {when}"


def _value(row: dict[str, Any]) -> str:
    if pd.isna(row["estimate"]):
        return "too few to say"
    around = "" if pd.isna(row["conf_low"]) else f"{signed(row['conf_low'])} to {signed(row['conf_high'])}"
    return around if row["estimand"] == PREDICTION else f"{signed(row['estimate'])}{f' ({around})' if around else ''}"
