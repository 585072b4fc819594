"""Who is in and who is not, in sentences."""

from __future__ import annotations

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.courses import OTHER_SCALE
from outcomes.cohort.read import cohort_of
from outcomes.cohort.tally import Tally
from outcomes.definitions.thresholds import MOST_REASONS
from outcomes.display.texts import Prose
from outcomes.display.words import counted, percent, plain
from outcomes.records.records import Records


def who_is_in(cohort: Cohort | Records, *tallies: Tally) -> Prose:
    """How many rows, courses and patients there are, and how many courses each endpoint is computed from."""
    counts = cohort_of(cohort)
    parts = [
        f"{tally.analysed:,} ({percent(100 * tally.analysed / tally.courses)}) for {tally.endpoint.label}, scored on the {tally.scale.label}"
        + (f" ({counted(other, 'courses')} on another scale left out)" if (other := _on_another_scale(tally)) else "")
        for tally in tallies
    ]
    size = (
        f"The **{counted(counts.rows, 'rows')}** in {plain(counts.about.source)} make{'s' if counts.rows == 1 else ''} **{counted(counts.courses, 'courses')}** of "
        f"**{counted(counts.patients, 'patients')}**.{_of_visits(counts)}"
    )
    if not parts:
        return Prose(f"{size} No endpoint was scored.")
    return Prose(
        f"{size} Courses with a score before the first session and another after a later one are analysed: {'; '.join(parts)}."
    )


def _of_visits(cohort: Cohort) -> str:
    visits = cohort.about.visits
    if visits == cohort.rows:
        return ""
    return f" The rows are of {counted(visits, 'visits')}: a visit that several assessors scored, each on a row, counts once."


def rows_kept(cohort: Cohort | Records) -> Prose:
    """That every row of the source is either analysed or set aside, and why some are."""
    about = cohort_of(cohort).about
    whole = counted(about.rows + about.rows_aside, "rows")
    total = (
        f"Every row is counted once: **{whole}** in the file = **{about.rows:,}** analysed + **{about.rows_aside:,}** set aside."
    )
    if about.blank > 0:
        total += f" {counted(about.blank, 'blank rows')} beside them {'hold' if about.blank > 1 else 'holds'} nothing."
    if about.aside is None:
        return Prose(total)
    reasons = about.aside.to_dict("records")
    lines = [f"- {plain(reason['column'])}: {plain(reason['problem'])} ({counted(reason['n'], 'times')})" for reason in reasons]
    why = "A course with a broken row is set aside whole, with all its rows. What is broken, each kind by its first row:"
    return Prose("\n".join([f"{total} {why}", "", *lines[:MOST_REASONS], *_more(len(lines) - MOST_REASONS)]))


def _more(n: int) -> list[str]:
    return [f"- {counted(n, 'kinds')} more"] if n > 0 else []


def _on_another_scale(tally: Tally) -> int:
    return int(tally.flow.loc[tally.flow["reason"] == OTHER_SCALE, "n"].sum())
