"""Who is in: from the rows of the file to the courses that are analysed."""

from __future__ import annotations

from matplotlib.axes import Axes

from outcomes.cohort.courses import NO_BASELINE, NOT_AGAIN, NOT_PRESENT, NOT_SCORED, OTHER_SCALE, OUTSIDE, UNDATED
from outcomes.cohort.tally import Tally
from outcomes.display.figures.canvas import HUES, INK, SOFT, TEXT, ZONE, Figure, panels, paper, styled, width_of
from outcomes.display.figures.elements import label_of
from outcomes.display.words import counted, heading, percent

_Steps = list[tuple[str, list[tuple[str, int]], int]]
"""The word for those left, what was lost on the way by its reason, and how many are left."""

_WIDTH, _BOX, _LINE = 400.0, 34.0, 18.0
_MIDDLE, _BESIDE = 75.0, 100.0
"""Where the boxes have their middle, and where what was lost on the way begins."""


@styled
def flow(*tallies: Tally) -> Figure:
    """From rows to analysed courses, each loss with its reason and number; a panel for each endpoint."""
    steps = [_steps(tally) for tally in tallies]
    return Figure(
        title="; ".join(
            f"{heading(tally.endpoint)}: {percent(100 * tally.analysed / tally.courses) if tally.courses else 'no courses'} of courses analysed"
            for tally in tallies
        ),
        measure="From the rows of the file to the courses that are analysed",
        said=" ".join(_said(tally, taken) for tally, taken in zip(tallies, steps, strict=True)),
        drawing=panels(*(_panel(tally, taken) for tally, taken in zip(tallies, steps, strict=True))),
    )


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


def _said(tally: Tally, steps: _Steps) -> str:
    said = [", ".join([*(f"{n:,} {reason}" for reason, n in losses), f"{left:,} {word}"]) for word, losses, left in steps]
    return f"{heading(tally.endpoint)}: {counted(tally.rows, 'rows')}, {counted(tally.courses, 'courses')}; {'; '.join(said)}."


def _panel(tally: Tally, steps: _Steps) -> tuple[str, str, Axes, str]:
    """Boxes under each other in units from the top left; losses stand beside the arrow that they happen at."""
    boxes: list[tuple[list[str], str]] = [([], f"{tally.rows:,} rows"), ([], f"{tally.courses:,} courses")]
    boxes += [(_lines(losses), f"{left:,} {word}") for word, losses, left in steps]
    height = _BOX * len(boxes) + sum(_gap(lines) for lines, _ in boxes[1:]) + 4
    axes = paper(_WIDTH, height, left=0, right=0, above=0, below=0)
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    top = 2.0
    for place, (lines, words) in enumerate(boxes):
        if place:
            gap = _gap(lines)
            axes.annotate(
                "",
                (_MIDDLE, top + gap),
                (_MIDDLE, top),
                arrowprops={"arrowstyle": "-|>", "color": SOFT, "linewidth": 1.2, "shrinkA": 1, "shrinkB": 1},
            )
            for line, text in enumerate(lines):
                axes.text(_BESIDE, top + 5 + _LINE * (line + 0.75), text, color=SOFT, va="baseline")
            top += gap
        _box(axes, top, words, HUES[tally.endpoint.name] if place == len(boxes) - 1 else "")
        top += _BOX
    name = heading(tally.endpoint)
    said = f"{tally.analysed:,} of {counted(tally.courses, 'courses')} analysed"
    return name, "", axes, label_of("Flow from rows to analysed courses", name, said)


def _box(axes: Axes, top: float, words: str, hue: str) -> None:
    half = max(70.0, width_of(words, TEXT, "bold") / 2 + 10)
    left = max(_MIDDLE - half, 1.0)
    axes.fill([left, left + 2 * half, left + 2 * half, left], [top, top, top + _BOX, top + _BOX], color=hue or ZONE, linewidth=0)
    axes.text(
        left + half, top + _BOX / 2 + 5, words, ha="center", va="baseline", fontweight="bold", color="white" if hue else INK
    )


def _gap(lines: list[str]) -> float:
    return max(22.0, _LINE * len(lines) + 10)


def _lines(losses: list[tuple[str, int]]) -> list[str]:
    """Each loss as lines that fit beside the arrows."""
    lines: list[str] = []
    for reason, n in losses:
        line = f"\N{MINUS SIGN}{n:,}"
        for word in reason.split(" "):
            if width_of(f"{line} {word}", TEXT) > _WIDTH - _BESIDE - 4:
                lines, line = [*lines, line], f"   {word}"
            else:
                line = f"{line} {word}"
        lines.append(line)
    return lines
