"""Estimates and counts as accessible tables: display only, no statistics."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from outcomes.comparable import OWN, PREDICTION, SUMMARY
from outcomes.course import ANALYSED, REASONS
from outcomes.events import PER_COURSE, PER_SESSION, RESOLUTION
from outcomes.prose import label, number, of_words, percent, rate, rates, signed, trial_name, with_minus
from outcomes.scales import SCALES, SKIN_TYPES
from outcomes.screening import AGAINST, NOT_RECORDED
from outcomes.tallies import Tally

ESTIMATES_MIME = "application/vnd.outcomes.estimates+json"
"""Where a shown table carries its estimates, so that the report can write them to ``estimates.csv``."""

_GROUPS = {
    "skin_type": "skin type",
    "skin_band": "skin types",
    "skin_types": "skin types",
    "session": "sessions",
    "before": "before",
    "after": "after",
}
_IMPROVED = {
    "patient": "improved, by patients",
    "clinician": "improved, by clinicians",
    "not recorded": "improved, by somebody not recorded",
}
_SEVERAL = {"endpoint": "endpoint", "estimand": "among"}


@dataclass(frozen=True)
class Table:
    """A table for people: strings only. The first column names its row; a `folded` table opens on request."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False
    estimates: pd.DataFrame | None = None

    def html(self) -> str:
        """The table with a caption, and a scope for every heading cell."""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        body = "\n".join(
            f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
            for first, *rest in self.rows
        )
        caption = escape(self.caption)
        # A folded table is named by its summary; a caption as well would be read out twice. Wide tables scroll by themselves,
        # with the keyboard too.
        shown = "" if self.folded else f"<caption>{caption}</caption>"
        name = f' aria-label="{caption}"' if self.folded else ""
        scrolls = f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">'
        table = f"{scrolls}<table{name}>{shown}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
        return f'<details class="numbers"><summary>{caption}</summary>{table}</details>' if self.folded else table

    def __repr__(self) -> str:
        return pd.DataFrame(self.rows, columns=list(self.columns)).to_string(index=False)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self.html()}
        if self.estimates is not None:
            # Six decimals: as many as every machine computes alike, and more than any interval deserves.
            bundle[ESTIMATES_MIME] = json.loads(self.estimates.to_json(orient="records", double_precision=6))
        return bundle


def numbers(*estimates: pd.DataFrame, caption: str = "The numbers behind this") -> Table:
    """The estimates behind a picture, folded: one row each, with its interval, n, unit, method and note."""
    long = pd.concat(estimates, ignore_index=True)
    labels = {name: label for name, label in _SEVERAL.items() if long[name].nunique() > 1}
    labels |= {name: label for name, label in _GROUPS.items() if name in long}
    columns = ("measure", *labels.values(), "courses", "estimate", "95 % interval", "unit", "method", "note")
    rows = tuple(
        (
            row["measure"],
            *(_plain(row[name]) for name in labels),
            f"{row['n']:,}",
            _shown(row["estimate"], row["unit"]),
            _interval(row),
            row["unit"],
            row["method"],
            with_minus(row["note"]),
        )
        for row in long.to_dict("records")
    )
    return Table(caption, columns, rows, folded=True, estimates=long)


def transitions(estimates: pd.DataFrame) -> Table:
    """Grade before (rows) by grade after (columns), in percent of each row, from `outcomes.transitions`."""
    grades = sorted(estimates["before"].unique())
    rows = tuple(
        (str(before), f"{row['n'].iloc[0]:,}", *(_shown(share, "%") for share in row["estimate"]))
        for before, row in ((before, estimates[estimates["before"] == before].sort_values("after")) for before in grades)
    )
    columns = ("grade before", "courses", *(f"{grade} after" for grade in grades))
    return Table(
        f"{SCALES[estimates['scale'].iloc[0]].label} before and after, % of each row", columns, rows, estimates=estimates
    )


def flow(*tallies: Tally) -> Table:
    """Every course once, by why it is or is not analysed; one column per endpoint."""
    counts = [tally.flow.groupby("reason")["n"].sum() for tally in tallies]
    rows = [(reason, *(f"{int(n.get(reason, 0)):,}" for n in counts)) for reason in REASONS]
    sums = ("all courses", *(f"{tally.courses:,}" for tally in tallies))
    return Table("Every course, counted once", ("", *(tally.endpoint.label for tally in tallies)), (*rows, sums))


def by_skin_type(*tallies: Tally) -> Table:
    """Analysed courses of each skin type; one column per endpoint. Types that nobody has stay as rows."""
    counts = [tally.flow[tally.flow["reason"] == ANALYSED].set_index("skin_type")["n"] for tally in tallies]
    rows = tuple((f"type {name}", *(f"{int(n.get(name, 0)):,}" for n in counts)) for name in SKIN_TYPES)
    return Table("Analysed courses by Fitzpatrick skin type", ("", *(tally.endpoint.label for tally in tallies)), rows)


def skin_type_counts(counts: pd.DataFrame) -> Table:
    """Courses of each skin type, unmerged, and the group it is compared in, from `outcomes.skin_type_counts`."""
    rows = tuple((f"type {row['skin_type']}", f"{row['courses']:,}", row["group"]) for row in counts.to_dict("records"))
    return Table("Courses that began, by Fitzpatrick skin type", ("", "courses", "looked at as"), rows)


def completeness(recorded: pd.DataFrame) -> Table:
    """How many rows have each column, from `outcomes.completeness`; folded."""
    rows = tuple(
        (row["column"], f"{row['n']:,}", percent(100 * row["n"] / row["of"]), row["meaning"])
        for row in recorded.to_dict("records")
    )
    return Table("How often each column is recorded", ("column", "rows", "of all rows", "meaning"), rows, folded=True)


def findings(found: pd.DataFrame) -> Table:
    """Every kind of finding in words with its count, from `outcomes.findings`; those with any first."""
    ordered = found.assign(any=found["n"] > 0).sort_values("any", ascending=False, kind="stable")
    rows = tuple(
        (row["finding"], f"{row['n']:,}" if row["of"] else "not recorded", row["sentence"]) for row in ordered.to_dict("records")
    )
    return Table("Findings", ("finding", "how many", "in words"), rows)


def events(*estimates: pd.DataFrame, caption: str = "Every event, per session and per course") -> Table:
    """One row for each event and group of `outcomes.safety`, with exact intervals and the days that events lasted; folded."""
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
    columns = ("event", "among", "sessions", "of sessions", "courses", "of courses", "days it lasted, median")
    return Table(caption, columns, tuple(rows), folded=True, estimates=pd.concat(estimates, ignore_index=True))


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
        return "not recorded", ""
    interval = "" if pd.isna(row["conf_low"]) else f" ({rates(row['conf_low'], row['conf_high'])})"
    return f"{row['events']:,} of {row['n']:,}", f"{rate(row['estimate'])}{interval}"


def _lasted(row: Any) -> str:
    if row["n"] == 0:
        return row["note"]
    interval = "" if pd.isna(row["conf_low"]) else f" ({row['conf_low']:g} to {row['conf_high']:g})"
    return f"{row['estimate']:g}{interval}; {row['n']:,} of {row['events']:,} recorded"


def _estimate(row: Any) -> str:
    if pd.isna(row["estimate"]):
        return with_minus(row["note"])
    ends = [_shown(row[name], row["unit"]) for name in ("conf_low", "conf_high")]
    interval = f"{ends[0]} to {ends[1]}; " if all(ends) else ""
    return f"{_shown(row['estimate'], row['unit'])} ({interval}{row['n']:,})"


def _mean(row: Any) -> str:
    """A mean of a scale, which has no sign."""
    ends = "" if pd.isna(row["conf_low"]) else f"{row['conf_low']:.1f} to {row['conf_high']:.1f}; "
    return f"{row['estimate']:.1f} ({ends}{row['n']:,})"


def published(compared: pd.DataFrame) -> Table:
    """The clinic's own change and every comparable trial with its citation, from `outcomes.evidence`."""
    names = {"continued": OWN, SUMMARY: "comparable trials together", PREDICTION: "a further such trial"}
    rows = tuple(
        (
            names.get(row["estimand"]) or trial_name(row),
            _blank(row["n"], "not stated") if row["study"] else "",
            _blank(row["session"], "not stated") if row["study"] else "",
            _blank(row["after_days"], "not stated") if row["study"] else "",
            "" if pd.isna(row["baseline"]) else number(row["baseline"]),
            "" if row["estimand"] == PREDICTION else _shown(row["estimate"], row["unit"]),
            _interval(row),
            _notes(row),
            "" if row["study"] == OWN else row["doi"] or row["seen_in"],
        )
        for row in compared.to_dict("records")
    )
    columns = ("", "patients", "sessions", "days after the last", "before", "change", "95 % interval", "how", "DOI, or seen in")
    return Table(f"Change in {_measured(compared)}, beside published trials", columns, rows, estimates=compared)


def correlations(*compared: pd.DataFrame) -> Table:
    """Intervals of published changes under each correlation assumed, from `outcomes.evidence` with each; folded."""
    long = pd.concat(compared, ignore_index=True).query("correlation.notna() and estimate.notna()")
    rows = tuple(
        (
            trial_name(row) if row["study"] else row["estimand"],
            f"{row['correlation']:g}",
            _shown(row["estimate"], row["unit"]),
            _interval(row),
        )
        for row in long.to_dict("records")
    )
    columns = ("", "correlation", "change", "95 % interval")
    return Table("The intervals under other correlations", columns, rows, folded=True, estimates=long)


def not_compared(results: pd.DataFrame) -> Table:
    """Every published result that is left out: what it reports, and why, from `outcomes.not_compared`."""
    rows = tuple(
        (trial_name(row), _blank(row["n"], "not stated"), _reported(row), with_minus(row["note"]), row["doi"] or row["seen_in"])
        for row in results.to_dict("records")
    )
    columns = ("", "patients", "reports", "why it is not compared", "DOI, or seen in")
    return Table("Published results that are not compared", columns, rows, estimates=results)


def new_pih_published(shares: pd.DataFrame) -> Table:
    """New PIH in published trials with exact intervals, from `outcomes.published_new_pih`."""
    rows = tuple(
        (
            trial_name(row),
            row["skin_types"] or "not stated",
            row["note"] or of_words(row),
            _shown(row["estimate"], "%"),
            _interval(row),
            row["doi"] or row["seen_in"],
        )
        for row in shares.to_dict("records")
    )
    columns = ("", "skin types", "new PIH", "share", "exact 95 % interval", "DOI, or seen in")
    return Table("New PIH in published trials", columns, rows, estimates=shares)


def _reported(row: dict[str, Any]) -> str:
    if pd.isna(row["estimate"]):
        return "no number to compare"
    shown = _shown(row["estimate"], row["unit"])
    return f"{shown} {row['unit']}" if row["measure"] == "change" else f"{shown} {row['measure']}"


def _notes(row: dict[str, Any]) -> str:
    if pd.isna(row["estimate"]):
        return with_minus(row["note"])
    how = row["method"].replace("correlation assumed", f"correlation {row['correlation']:g} assumed")
    return "; ".join(filter(None, (how, with_minus(row["note"]))))


def _interval(row: dict[str, Any]) -> str:
    return " to ".join(filter(None, (_shown(row["conf_low"], row["unit"]), _shown(row["conf_high"], row["unit"]))))


def _blank(value: Any, words: str) -> str:
    return words if pd.isna(value) else f"{value:,}"


def _measured(estimates: pd.DataFrame) -> str:
    scale = SCALES[estimates["scale"].iloc[0]]
    return scale.label if scale.kind == "ordinal" else f"{scale.label} {scale.unit}"


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:g}"
    return str(value).replace("_", " ")


def _shown(value: float, unit: str) -> str:
    return (
        ""
        if pd.isna(value)
        else percent(value)
        if unit.startswith("%")
        else number(value)
        if unit.startswith("odds")
        else signed(value)
    )
