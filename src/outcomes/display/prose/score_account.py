"""Which score counts after a session, what became of every score, and courses that ended without one."""

from __future__ import annotations

import pandas as pd

from outcomes.cohort.cohort import Cohort
from outcomes.cohort.read import cohort_of
from outcomes.cohort.score_account import ANALYSED
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.thresholds import ENOUGH_FOR_PERCENT
from outcomes.definitions.windows import WINDOW
from outcomes.display.words import Prose, counted, first_up, heading, listed, percent, was_or_were
from outcomes.records.records import Records


def score_window(cohort: Cohort | Records) -> Prose:
    """The window after a session in which a score counts, and why it is that one."""
    about = cohort_of(cohort).about
    window, follows = about.window, window_follows(cohort)
    first = f"{first_up(follows)}. " if follows else ""
    own = "This window was set for the report. " if about.is_own_window else ""
    return Prose(
        f"{first}A score counts as the one after a session when it was taken **{window.first}\N{EN DASH}{window.last} days** after it; of "
        f"several, the one nearest to {window.usual} days counts. {own}".strip()
    )


def window_follows(cohort: Cohort | Records) -> str:
    """That the window follows the clinic's own spacing; blank where it is the one for monthly sessions, or was set."""
    about = cohort_of(cohort).about
    window = about.window
    if about.is_own_window or window == WINDOW:
        return ""
    return (
        f"sessions here are a median of {counted(window.usual, 'days')} apart, so a score counts {window.first}\N{EN DASH}{window.last} "
        f"days after a session, not {WINDOW.first}\N{EN DASH}{WINDOW.last} as with monthly sessions; the parameter window sets another"
    )


def score_account(account: pd.DataFrame) -> Prose:
    """How many scores are analysed, of each endpoint of `outcomes.score_account`."""
    if account.empty:
        return Prose("No endpoint was scored.")
    of_each = account.groupby("endpoint", sort=False)
    first, *others = (_kept(ENDPOINTS[name].label, rows.set_index("reason")["n"]) for name, rows in of_each)
    undated = int(account.loc[account["reason"] == ANALYSED, "undated"].sum())
    more = (
        f" Of those analysed, {undated:,} follow{'s' if undated == 1 else ''} a session whose visit is not in the records."
        if undated
        else ""
    )
    of, label, n = first
    rest = "".join(f"; of {every:,} of {name}, **{_or_none(kept)}**" for every, name, kept in others)
    return Prose(f"Of {counted(of, 'scores')} of {label}, **{_or_none(n)}** {was_or_were(n)} analysed{rest}.{more}")


def account_lines(account: pd.DataFrame) -> list[str]:
    """The same as plain lines, ``acne scarring: 10 scores = 9 analysed + 1 left out (1 too soon after the session)``."""
    return [f"{ENDPOINTS[name].label}: {_sum(rows)}" for name, rows in account.groupby("endpoint", sort=False)]


def unscored_ends(ends: pd.DataFrame) -> Prose:
    """How many courses ended without a score that counts after their last session, from `outcomes.unscored_ends`."""
    if ends.empty:
        return Prose("No endpoint was scored.")
    return Prose("\n\n".join(_ended(row["endpoint"], row["n"], row["of"]) for row in ends.to_dict("records")))


def _kept(label: str, by_reason: pd.Series) -> tuple[int, str, int]:
    """How many scores, of what, and how many of them are analysed."""
    return int(by_reason.sum()), label, int(by_reason[ANALYSED])


def _or_none(n: int) -> str:
    return f"{n:,}" if n else "none"


def _sum(rows: pd.DataFrame) -> str:
    by_reason = rows.set_index("reason")["n"]
    left_out = [f"{n:,} {reason}" for reason, n in by_reason.items() if reason != ANALYSED and n]
    total, analysed = int(by_reason.sum()), int(by_reason[ANALYSED])
    why = f" ({listed(left_out)})" if left_out else ""
    return f"{counted(total, 'scores')} = {analysed:,} analysed + {total - analysed:,} left out{why}"


def _ended(endpoint: str, n: int, of: int) -> str:
    name = heading(ENDPOINTS[endpoint])
    if of == 0:
        return f"**{name}**: no course has ended yet."
    if n == 0:
        who = "the one course that ended was" if of == 1 else f"all {of:,} courses that ended were"
        return f"**{name}**: {who} assessed after {'its' if of == 1 else 'their'} last session."
    share = f" ({percent(100 * n / of)})" if of >= ENOUGH_FOR_PERCENT else ""
    last = "its last session" if of == 1 else "their last session"
    return f"**{name}**: {n:,} of {counted(of, 'courses')}{share} ended without an assessment that counts after {last}."
