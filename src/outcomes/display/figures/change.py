"""Change after each session: had every patient continued as a line with its band, those still attending as hollow points."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.canvas import BAND, RELIABLE, UNRELIABLE, Figure, panels, paper, styled
from outcomes.display.figures.elements import (
    Part,
    bars,
    better,
    change_axis,
    enough_of,
    finding,
    heading_of,
    headline_words,
    hue_of,
    known,
    label_of,
    last_reliable,
    left_out,
    name_point,
    notes,
    nothing,
    points_words,
    sessions_and_courses,
    wide,
    within,
)
from outcomes.display.figures.key import key
from outcomes.display.words import measured

_NOTHING = "Too few courses to say how much better"


@styled
def change_by_session(*estimates: pd.DataFrame) -> Figure:
    """Change after each session, one panel for each endpoint; frames of `observed` and `continued` change go together.

    The line is the mean had every patient continued, its band the interval; it is dashed on the way to where under half of the courses
    that began are scored. Hollow points are the means of those still attending. The rows underneath say how many are scored.
    """
    whole = pd.concat(estimates, ignore_index=True)
    whole = whole[whole["measure"] == "change"]
    every = {heading_of(frame): _shown(frame) for _, frame in whole.groupby("endpoint", sort=False)}
    enough = {name: frame for name, frame in every.items() if known(frame[frame["session"] > 0])["session"].nunique() > 1}
    if not enough:
        return nothing(_NOTHING, f"Not after two sessions {FEW} courses were scored")
    frames, missing = [*enough.values()], [Part(name, _NOTHING, "") for name in every if name not in enough]
    has_line = any((frame["estimand"] == "continued").any() for frame in frames)
    leads = [(frame, last_reliable(_lead(frame))) for frame in frames]
    among = "had every patient continued" if has_line else "of those still attending"
    labels = ((ENDPOINTS[frame["endpoint"].iloc[0]].label, row) for frame, row in leads)
    found = finding((label, row) for label, row in labels if row and pd.notna(row["conf_low"]))
    said = [
        f"{heading_of(frame)}, {words}: {points_words(part)}"
        for frame in frames
        for estimand, words in (("continued", "had every patient continued"), ("observed", "still attending"))
        if len(part := frame[(frame["estimand"] == estimand) & (frame["n"] > 0)])
    ]
    return Figure(
        title=f"{found}{'' if has_line else ', of those still attending'}" if found else "Too few courses are left to say",
        measure=f"Mean change from baseline, by sessions given; {better(pd.concat(frames))}",
        said=f"Mean change by session. {'. '.join(said)}.",
        drawing=panels(*(_panel(frame, row, among) for frame, row in leads)),
        key=_key(has_line, has_points=any((frame["estimand"] == "observed").any() for frame in frames)),
        note=notes(
            "Courses: those scored after each session; fewer, as courses end, stop or are still under way.",
            left_out(missing),
        ),
    )


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the line where nothing could be estimated after any session."""
    line = frame["estimand"] == "continued"
    return frame if len(known(frame[line & (frame["session"] > 0)])) else frame[~line]


def _lead(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the headline is taken from: the line, or else those still attending."""
    line = frame[frame["estimand"] == "continued"]
    return line if len(line) else frame


def _panel(frame: pd.DataFrame, headline: dict[str, Any] | None, among: str) -> tuple[str, str, Axes, str]:
    line, observed = (frame[frame["estimand"] == name] for name in ("continued", "observed"))
    enough, scale = enough_of(_lead(frame)), SCALES[frame["scale"].iloc[0]]
    counted = pd.concat([line[line["session"] == 0], observed]) if len(observed) else line
    counts = dict(zip(counted["session"], counted["n"].astype(int), strict=True))
    axes = paper(**wide(counts))
    shown, points = pd.concat([line[line["session"] == 0], known(line[line["session"] > 0])]), known(observed)
    # Only what is drawn makes the axis: beside the line the points have no bars.
    ends = shown if len(line) else points
    change_axis(axes, scale.name, [*ends["conf_low"], *ends["conf_high"], *shown["estimate"], *points["estimate"]])
    sessions_and_courses(axes, {0: counts[0], **counts} if 0 in counts else counts)
    _continued(axes, shown, enough)
    _observed(axes, points, bars_too=line.empty)
    if headline:
        if len(line):
            axes.plot(headline["session"], headline["estimate"], marker="o", markersize=9, color=hue_of(frame), zorder=4)
        name_point(axes, headline, hue_of(frame))
    said = f"{headline_words(headline, scale.unit)}, {among}"
    about = f"{measured(frame)}, {scale.low} to {scale.high}"
    return heading_of(frame), about, axes, label_of("Line chart of change by session", heading_of(frame), said)


def _continued(axes: Axes, line: pd.DataFrame, enough: float) -> None:
    """The line from no change at the start and its band where there is one; dashed on the way to where too few are seen."""
    if line.empty:
        return
    scale, hue = line["scale"].iloc[0], hue_of(line)
    low, high = (within(scale, line[name].where(line["session"] > 0, 0.0)) for name in ("conf_low", "conf_high"))
    for first, last, is_enough in stretches(line["n"] >= enough):
        part, style = slice(first, last + 1), RELIABLE if is_enough else UNRELIABLE
        axes.fill_between(line["session"][part], low[part], high[part], color=hue, alpha=BAND, linewidth=0)
        axes.plot(line["session"][part], line["estimate"][part], color=hue, **style)


def stretches(enough: pd.Series) -> list[tuple[int, int, bool]]:
    """First and last place of each stretch of a line in one style; a step has the style of where it leads."""
    found: list[tuple[int, int, bool]] = []
    for place, is_enough in list(enumerate(enough))[1:]:
        if found and found[-1][2] == is_enough:
            found[-1] = (found[-1][0], place, is_enough)
        else:
            found.append((place - 1, place, bool(is_enough)))
    return found


def _observed(axes: Axes, observed: pd.DataFrame, *, bars_too: bool) -> None:
    if observed.empty:
        return
    if bars_too:
        bars(axes, observed, hue_of(observed))
    axes.plot(
        observed["session"], observed["estimate"], linestyle="none", marker="o", markersize=9, markeredgewidth=1.6,
        markerfacecolor="white", color=hue_of(observed), zorder=3,
    )  # fmt: skip


def _key(has_line: bool, *, has_points: bool) -> str:
    attending = [("hollow", "mean of those still attending")] if has_points else []
    if not has_line:
        return key(*attending)
    return key(
        ("solid", "had every patient continued"),
        ("dashed", "fewer than half still assessed: less reliable"),
        *attending,
        ("band", "95% CI"),
    )
