"""Adverse events, guidance, durability and appearance as tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from outcomes.display.prose import counted, label, rate, rates, signed, with_minus
from outcomes.display.tables.table import Table, amount
from outcomes.measures.adverse_events import NOBODY, PER_COURSE, PER_SESSION, RESOLUTION
from outcomes.measures.eligibility import AGAINST, NOT_RECORDED

_IMPROVED = {
    "patient": "improved, by patients",
    "clinician": "improved, by clinicians",
    "not recorded": "improved, by somebody not recorded",
}


def events(*estimates: pd.DataFrame, caption: str = "Every event, per session and per course") -> Table:
    """One row for each event and group of `outcomes.safety`, with intervals and the days that events lasted; folded."""
    rows = []
    for safety in estimates:
        by = next((name for name in ("skin_type", "skin_band", "skin_types", "provider_id") if name in safety), None)
        for (event, group), of in safety.assign(group=safety[by] if by else "all").groupby(
            ["event", "group"], sort=False, observed=True
        ):
            measures = of.set_index("measure")
            session, course, lasted = (measures.loc[name] for name in (PER_SESSION, PER_COURSE, RESOLUTION))
            group_words = f"{'type' if by == 'skin_type' else 'types'} {group}" if by and by.startswith("skin") else str(group)
            rows.append((label(event), group_words, *_of(session), *_of(course), _lasted(lasted)))
    columns = ("event", "among", "sessions", "of sessions", "courses", _of_usual(estimates), "days it lasted, median")
    return Table(caption, columns, tuple(rows), folded=True, estimates=pd.concat(estimates, ignore_index=True))


def _of_usual(estimates: tuple[pd.DataFrame, ...]) -> str:
    """``of courses of 4 sessions``: what the rate per course is of, the same in all."""
    usual = pd.concat(each["session"] for each in estimates).dropna()
    return f"of courses of {counted(int(usual.iloc[0]), 'sessions')}" if len(usual) else "of courses"


def events_apart(difference: pd.DataFrame) -> Table:
    """One row for each event of `outcomes.compare_events`: by how many percentage points it is more frequent in types IV-VI; folded."""
    rows = [(label(row["event"]), f"{row['events']:,} of {row['n']:,}", _points(row)) for row in difference.to_dict("records")]
    columns = ("event", "courses of all types", "types IV-VI less I-III, percentage points (95 % interval)")
    return Table(
        "By how much events differ between skin types I-III and IV-VI", columns, tuple(rows), folded=True, estimates=difference
    )


def eligibility(estimates: pd.DataFrame) -> Table:
    """One row for each rule of guidance and provider of `outcomes.eligibility`: how often it was not kept, and how often not recorded."""
    by = "provider_id" in estimates
    groups = estimates.groupby("provider_id", sort=False) if by else [("", estimates)]
    rows = []
    for group, of in groups:
        blank = of[of["measure"] == NOT_RECORDED].set_index("rule")
        for row in of[of["measure"] == AGAINST].to_dict("records"):
            missing = _of(blank.loc[row["rule"]])[0] if row["rule"] in blank.index else ""
            what = f"{row['unit'].removeprefix('% of ')} {row['note'].replace('treated', 'given', 1)}"
            first = (str(group), what) if by else (what,)
            rows.append((*first, *_of(row), missing))
    columns = (*(("provider",) if by else ()), "", "how many", "of those recorded", "not recorded")
    caption = "Sessions beside guidance, by provider" if by else "Sessions given beside guidance"
    return Table(caption, columns, tuple(rows), folded=by, estimates=estimates)


def lasting(durability: pd.DataFrame) -> Table:
    """Change from baseline by months after the last session, beside that of the same courses at 1 month, from `outcomes.durability`."""
    measures = ("change", "responders", "change at 1 month, same courses", "change since 1 month")
    rows = []
    for month, of in durability.groupby("month"):
        at = of.set_index("measure")
        cells = [_estimate(at.loc[name]) if name in at.index else "" for name in measures]
        rows.append((f"{month} {'month' if month == 1 else 'months'}", f"{at.loc['change', 'n']:,}", *cells))
    columns = ("after the last session", "courses", "change", "responded", "the same courses at 1 month", "change since then")
    return Table(
        "Change after the last session, of those who came back (95 % interval; courses)",
        columns,
        tuple(rows),
        estimates=durability,
    )


def appearance(estimates: pd.DataFrame) -> Table:
    """Overall appearance and satisfaction by sessions given, from `outcomes.appearance`."""
    improved = estimates[estimates["measure"] == "improved appearance"]
    judges = [name for name in ("patient", "clinician", "not recorded") if improved.loc[improved["gais_by"] == name, "n"].sum()]
    rows = []
    for session, of in estimates.groupby("session"):
        judged = of[of["measure"] == "improved appearance"].set_index("gais_by")
        asked = of[of["measure"] == "satisfaction"]
        cells = [_estimate(judged.loc[name]) if name in judged.index and judged.loc[name, "n"] else "" for name in judges]
        rows.append((f"{session:g}", *cells, _mean(asked.iloc[0]) if asked["n"].sum() else ""))
    columns = ("sessions", *(_IMPROVED[name] for name in judges), "satisfaction, 0 to 10")
    caption = "Appearance judged as improved, and satisfaction, of those still attending (95 % interval; courses)"
    return Table(caption, columns, tuple(rows), estimates=estimates)


def _of(row: Any) -> tuple[str, str]:
    """``26 of 854`` and its percent with the interval where there is one."""
    if row["n"] == 0:
        return NOBODY if row["note"] == NOBODY else "not recorded", ""
    count = f"{row['events']:,} of {row['n']:,}"
    if pd.isna(row["estimate"]):
        return count, row["note"]
    interval = "" if pd.isna(row["conf_low"]) else f" ({rates(row['conf_low'], row['conf_high'])})"
    return count, f"{rate(row['estimate'])}{interval}"


def _points(row: Any) -> str:
    if pd.isna(row["estimate"]):
        return row["note"]
    return f"{signed(row['estimate'])} ({signed(row['conf_low'])} to {signed(row['conf_high'])})"


def _lasted(row: Any) -> str:
    if row["n"] == 0:
        return row["note"]
    interval = "" if pd.isna(row["conf_low"]) else f" ({row['conf_low']:g} to {row['conf_high']:g})"
    return f"{row['estimate']:g}{interval}; {row['n']:,} of {row['events']:,} recorded"


def _estimate(row: Any) -> str:
    if pd.isna(row["estimate"]):
        return with_minus(row["note"])
    ends = [amount(row[name], row["unit"]) for name in ("conf_low", "conf_high")]
    interval = f"{ends[0]} to {ends[1]}; " if all(ends) else ""
    return f"{amount(row['estimate'], row['unit'])} ({interval}{row['n']:,})"


def _mean(row: Any) -> str:
    """A mean of a scale, which has no sign."""
    ends = "" if pd.isna(row["conf_low"]) else f"{row['conf_low']:.1f} to {row['conf_high']:.1f}; "
    return f"{row['estimate']:.1f} ({ends}{row['n']:,})"
