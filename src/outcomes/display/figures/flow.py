"""Who is in: from the rows of the file to the courses that are analysed."""

from __future__ import annotations

from matplotlib.axes import Axes

from outcomes.cohort.courses import NO_BASELINE, NOT_AGAIN, NOT_PRESENT, NOT_SCORED, OTHER_SCALE, OUTSIDE, UNDATED
from outcomes.cohort.tally import Tally
from outcomes.display.figures.canvas import (
    DOTS,
    FAINT,
    HUES,
    INK,
    LINE,
    MARGIN,
    PALE,
    SMALL,
    SOFT,
    TEXT,
    TITLE,
    WIDTH,
    Figure,
    Page,
    styled,
    wrapped,
)
from outcomes.display.words import counted, heading, percent

_Steps = list[tuple[str, list[tuple[str, int]], int]]
"""The word for those left, what was lost on the way by its reason, and how many are left."""


@styled
def flow(*tallies: Tally) -> Figure:
    """From rows to analysed courses, left to right, each loss with its reason and number; one line for each endpoint."""
    steps = [_steps(tally) for tally in tallies]
    heights = [1.15 + max(len(_losses(losses)) for _, losses, _ in taken) * SMALL * LINE / 72 for taken in steps]
    page = Page(
        title="; ".join(
            f"{heading(tally.endpoint)}: {percent(100 * tally.analysed / tally.courses)} of courses analysed" for tally in tallies
        ),
        subtitle="From the rows of the file to the courses that are analysed; what is lost on the way and why",
        footnote="A course is analysed when it has a score before the first session and another in the window after a later one.",
        height=sum(heights),
    )
    for place, (tally, taken) in enumerate(zip(tallies, steps, strict=True)):
        axes = page.panel(left=MARGIN, right=MARGIN, above=sum(heights[:place]), below=sum(heights[place + 1 :]))
        _draw_flow(axes, tally, taken)
    return page.figure(" ".join(_said_flow(tally, taken) for tally, taken in zip(tallies, steps, strict=True)))


def _steps(tally: Tally) -> _Steps:
    """From all courses to the analysed ones."""
    lost, left, steps = tally.flow.groupby("reason")["n"].sum(), tally.courses, []
    for word, reasons in (
        ("scored", (NOT_SCORED, OTHER_SCALE)),
        ("with a baseline", (NO_BASELINE, NOT_PRESENT)),
        ("analysed", (NOT_AGAIN, UNDATED, OUTSIDE)),
    ):
        losses = [(reason, int(lost[reason])) for reason in reasons if lost.get(reason, 0)]
        left -= sum(n for _, n in losses)
        steps.append((word, losses, left))
    return steps


def _losses(losses: list[tuple[str, int]]) -> list[str]:
    """Each loss as lines that fit under one box."""
    return [line for reason, n in losses for line in wrapped(f"\N{MINUS SIGN}{n:,} {reason}", SMALL, inches=WIDTH / 5 - 0.1)]


def _said_flow(tally: Tally, steps: _Steps) -> str:
    said = [", ".join([*(f"{n:,} {reason}" for reason, n in losses), f"{left:,} {word}"]) for word, losses, left in steps]
    return f"{tally.endpoint.label}: {counted(tally.rows, 'rows')}, {counted(tally.courses, 'courses')}; {'; '.join(said)}."


def _draw_flow(axes: Axes, tally: Tally, steps: _Steps) -> None:
    """Boxes and arrows of one endpoint, in inches from the top left; losses stand under the arrow they happen at."""
    box = axes.get_window_extent()
    width, height = box.width / DOTS, box.height / DOTS
    axes.set_xlim(0, width)
    axes.set_ylim(-height, 0)
    axes.set_axis_off()
    hue, pitch = HUES[tally.endpoint.name], width / 5
    axes.annotate(heading(tally.endpoint), (0, -0.1), va="top", fontsize=TEXT, fontweight="bold", color=hue)
    boxes = [(tally.rows, "rows"), (tally.courses, "courses"), *((left, word) for word, _, left in steps)]
    size = TITLE if tally.rows < 10**7 and tally.courses < 10**7 else SMALL
    for place, (count, word) in enumerate(boxes):
        x, final = (place + 0.5) * pitch, place == len(boxes) - 1
        frame = {"boxstyle": "round,pad=0.42", "facecolor": hue if final else PALE, "edgecolor": "none"}
        if place:
            axes.annotate(
                "",
                (x - 0.3 * pitch, -0.53),
                (x - 0.7 * pitch, -0.53),
                arrowprops={"arrowstyle": "-|>", "color": FAINT, "linewidth": 1},
            )
        axes.annotate(
            f"{count:,}",
            (x, -0.53),
            ha="center",
            va="center",
            fontsize=size,
            fontweight="bold",
            color="white" if final else INK,
            bbox=frame,
        )
        axes.annotate(word, (x, -0.8), ha="center", va="center", fontsize=SMALL, color=SOFT)
    for place, (_, losses, _) in enumerate(steps, start=2):
        axes.annotate(
            "\n".join(_losses(losses)), (place * pitch, -1.0), ha="center", va="top", fontsize=SMALL, color=SOFT, linespacing=1.15
        )
