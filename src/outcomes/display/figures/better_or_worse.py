"""How many got better, stayed the same or got worse, as a picture."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from outcomes.definitions.scales import SCALES
from outcomes.display.figures.canvas import FAINT, HUES, INK, PALE, SMALL, SOFT, Figure, Page, bare, beside, styled
from outcomes.display.figures.elements import enough_of
from outcomes.display.words import first_up, percent, session_words


@styled
def better_or_worse(estimates: pd.DataFrame) -> Figure:
    """Stacked bars by session: share of those still attending who were worse, the same and better than at baseline.

    The title speaks of the last session that at least half of the first one's courses, and at least 5, were scored after.
    """
    seen = estimates[estimates["n"] > 0]
    wide = {session: rows.set_index("measure")["estimate"] for session, rows in seen.groupby("session")}
    n = seen.groupby("session")["n"].first()
    enough = n[n >= enough_of(seen)]
    title = "Too few courses to say"
    if len(enough):
        better = percent(wide[enough.index[-1]]["better"])
        when = first_up(session_words(enough.index[-1]))
        title = f"{when}, {better} of those still attending scored better than at baseline"
    page = Page(
        title=title,
        subtitle=f"Share of courses whose {SCALES[estimates['scale'].iloc[0]].label} was worse, the same or better, by sessions given",
        footnote="Of the patients still attending, not of all who began. A score that differs by any amount counts as better or worse. "
        "Pale: fewer than half of the first session's courses, or fewer than 5.",
        height=(0.36 if len(wide) <= 12 else 0.24) * len(wide) + 0.4,
    )
    if wide:
        axes = page.panel(left=1.65, right=0.1, below=0.05, above=0.05)
        _stacked(axes, wide, HUES[estimates["endpoint"].iloc[0]], pale=set(n.index) - set(enough.index))
        for place, session in enumerate(wide):
            beside(axes, place, -0.95, f"{session:g}", ha="right")
            beside(axes, place, -0.12, f"{n[session]:,}", ha="right")
        beside(axes, -0.8, -0.95, "sessions", ha="right", size=SMALL)
        beside(axes, -0.8, -0.12, "courses", ha="right", size=SMALL)
    words = {"better": "better", "same": "the same", "worse": "worse"}
    said = [
        f"{session_words(session)} {', '.join(f'{percent(row[name])} {word}' for name, word in words.items())}"
        for session, row in wide.items()
    ]
    return page.figure(f"Of those still attending: {'; '.join(said) or 'no courses'}.")


def _stacked(axes: Axes, wide: dict[float, pd.Series], hue: str, pale: set[float]) -> None:
    """One bar for each session, laid so that the middle of "the same" is one line down the picture."""
    for place, (session, row) in enumerate(wide.items()):
        left = -row["worse"] - row["same"] / 2
        for name, colour, ink in (("worse", FAINT, INK), ("same", PALE, INK), ("better", hue, "white")):
            axes.barh(place, row[name], left=left, height=0.76, color=colour, alpha=0.4 if session in pale else 1)
            if row[name] >= 8 and (name == "better" or len(wide) <= 12):
                middle = (left + row[name] / 2, place)
                axes.annotate(
                    percent(row[name]), middle, ha="center", va="center", fontsize=SMALL, color=INK if session in pale else ink
                )
            left += row[name]
    beyond = max(next(iter(wide.values()))["same"] / 2, 9) + 2
    for x, word, ha in ((-beyond, "worse", "right"), (0, "the same", "center"), (beyond, "better", "left")):
        axes.annotate(word, (x, -0.8), ha=ha, va="center", fontsize=SMALL, color=SOFT)
    low = min(-row["worse"] - row["same"] / 2 for row in wide.values())
    high = max(row["better"] + row["same"] / 2 for row in wide.values())
    axes.set_xlim(min(low, -beyond - 15), max(high, beyond + 15))
    axes.set_ylim(len(wide) - 0.5, -1.2)
    axes.set_xticks([])
    bare(axes, "left", "bottom")
