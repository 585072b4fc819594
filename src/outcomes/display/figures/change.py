"""Change after each session: had every patient continued as a line with its band, those still attending as hollow points."""

from __future__ import annotations

from math import ceil, nan

import pandas as pd
from matplotlib.axes import Axes

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.display.figures.canvas import DOTS, FAINT, INK, SMALL, TEXT, Figure, Page, styled, width_of
from outcomes.display.figures.elements import (
    bars,
    better,
    enough_of,
    heading_of,
    hue_of,
    name_point,
    no_change,
    points_words,
    under,
)
from outcomes.display.words import measured, session_words, signed


@styled
def change_by_session(*estimates: pd.DataFrame) -> Figure:
    """Change after each session, one panel for each endpoint; frames of `observed` and `continued` change go together.

    The line is the mean had every patient continued, its band the interval. Hollow points are the means of those still attending.
    Both are grey where under half of the courses that began or fewer than 5 are scored; the row of numbers
    underneath says how many are.
    """
    whole = pd.concat(estimates, ignore_index=True)
    whole = whole[(whole["n"] > 0) & (whole["measure"] == "change")]
    seen = [frame for _, frame in whole.groupby("endpoint", sort=False)]
    columns = 2 if len(seen) == 2 else 1
    rows = max(len(seen) // columns, 1)
    scale = f" in {measured(seen[0])}" if len(seen) == 1 else ""
    has_line = (whole["estimand"] == "continued").any()
    page = Page(
        title=_title(seen, "continued" if has_line else "observed"),
        subtitle=f"Mean change from baseline{scale}, by sessions given; {better(whole)}",
        footnote=(
            "Line: had every patient continued, with its 95 % interval. Hollow points: mean of those still attending. "
            if has_line
            else "Bars: 95 % interval. "
        )
        + "Grey: fewer than half of the courses that began, or fewer than 5. Patients stop for a reason, so the step from one "
        "hollow point to the next is not what a session adds.",
        height=(2.6 if len(seen) < 3 else 2.4 * rows) if seen else 0.1,
    )
    for place, frame in enumerate(seen):
        above = 0.34 if len(seen) > 1 else 0.12
        axes = page.panel(place % columns, columns, place // columns, rows, left=0.74, right=0.1, below=0.55, above=above)
        _panel(axes, frame)
        if len(seen) > 1:
            label = SCALES[frame["scale"].iloc[0]].label
            axes.set_title(f"{heading_of(frame)}: {label}", loc="left", x=-0.04, fontsize=TEXT, color=hue_of(frame))
    said = [
        f"{ENDPOINTS[frame['endpoint'].iloc[0]].label}, {words}: {points_words(part) or 'too few'}"
        for frame in seen
        for estimand, words in (("continued", "had every patient continued"), ("observed", "still attending"))
        if len(part := frame[frame["estimand"] == estimand])
    ]
    return page.figure(f"Mean change by session. {'. '.join(said) or 'No courses'}.", colours=48)


def _panel(axes: Axes, frame: pd.DataFrame) -> None:
    line, observed = (frame[frame["estimand"] == name] for name in ("continued", "observed"))
    enough = enough_of(line if len(line) else observed)
    # Only what is drawn makes the axis: beside the line the points have no bars.
    no_change(axes, frame if line.empty else pd.concat([line, observed.assign(conf_low=nan, conf_high=nan)]))
    _continued(axes, line.dropna(subset="estimate"), enough)
    _observed(axes, observed, enough, bars_too=line.empty)
    lead = line[line["session"] > 0].dropna(subset="estimate") if len(line) else observed
    for row in lead[lead["n"] >= enough].tail(1).to_dict("records"):
        name_point(axes, row, hue_of(frame))
    _counts(axes, pd.concat([line[line["session"] == 0], observed]) if len(observed) else line)


def _continued(axes: Axes, line: pd.DataFrame, enough: float) -> None:
    """The line from no change at the start, its band where there is one, and both in grey on the way to where too few are seen."""
    low, high = (line[name].where(line["session"] > 0, 0.0) for name in ("conf_low", "conf_high"))
    for first, last, is_enough in _stretches(line["n"] >= enough):
        part, colour = slice(first, last + 1), hue_of(line) if is_enough else FAINT
        axes.fill_between(line["session"][part], low[part], high[part], color=colour, alpha=0.16, linewidth=0)
        axes.plot(line["session"][part], line["estimate"][part], color=colour, linewidth=2.2, solid_capstyle="butt")


def _stretches(enough: pd.Series) -> list[tuple[int, int, bool]]:
    """First and last place of each stretch of the line in one colour; a step has the colour of where it leads."""
    stretches: list[tuple[int, int, bool]] = []
    for place, is_enough in list(enumerate(enough))[1:]:
        if stretches and stretches[-1][2] == is_enough:
            stretches[-1] = (stretches[-1][0], place, is_enough)
        else:
            stretches.append((place - 1, place, bool(is_enough)))
    return stretches


def _observed(axes: Axes, observed: pd.DataFrame, enough: float, *, bars_too: bool) -> None:
    for rows, colour in (
        (observed[observed["n"] >= enough], hue_of(observed) if len(observed) else INK),
        (observed[observed["n"] < enough], FAINT),
    ):
        if bars_too:
            bars(axes, rows, colour)
        axes.plot(
            rows["session"], rows["estimate"], linestyle="none", marker="o", markersize=7 if bars_too else 6,
            markeredgewidth=1.6 if bars_too else 1.2, markerfacecolor="white", color=colour,
        )  # fmt: skip


def _counts(axes: Axes, observed: pd.DataFrame) -> None:
    """The sessions and how many courses are scored after each, under the axis."""
    last = observed["session"].max()
    axes.set_xticks(sorted({0, *observed["session"]}), [])
    counts = {row["session"]: f"{row['n']:,}" for row in observed.to_dict("records")}
    slot = axes.get_window_extent().width / DOTS / (last + 1)
    step = ceil((max(width_of(text, SMALL) for text in counts.values()) + 0.06) / slot)
    # Where not every number fits, the first one needs more room beside the name of its row.
    axes.set_xlim(-0.4 if step == 1 else -0.6 * step, last + 0.6)
    shown = [session for session in counts if (session - 1) % step == 0]
    under(axes, -6, "sessions", {session: f"{session:g}" for session in ([0, *shown] if step == 1 else shown)})
    under(axes, -22, "courses", {session: counts[session] for session in shown})


def _title(frames: list[pd.DataFrame], estimand: str) -> str:
    said = []
    for frame in frames:
        own = frame[frame["estimand"] == estimand].dropna(subset="estimate")
        for row in own[(own["n"] >= enough_of(own)) & (own["session"] > 0)].tail(1).to_dict("records"):
            label, unit = ENDPOINTS[row["endpoint"]].label, SCALES[row["scale"]].unit
            said.append(f"{label} {signed(row['estimate'])} {unit} {session_words(row['session'])}")
    lead = "Had every patient continued" if estimand == "continued" else "Among those still attending"
    return f"{lead}: {'; '.join(said)}" if said else "Too few courses to say"
