"""The clinic's own change beside published ones: a forest plot in rows, own clinic first and in its own shape and colour."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from outcomes.definitions.scales import SCALES
from outcomes.definitions.thresholds import FEW
from outcomes.display.figures.canvas import INK, SOFT, Figure
from outcomes.display.figures.elements import Part, heading_of, hue_of, left_out, notes, nothing, parts_of, titled, told_of
from outcomes.display.figures.strips import Axis, Group, Row, dot_rows, with_interval
from outcomes.display.prose.evidence import dose_words, trial_name
from outcomes.display.words import counted, measured, signed
from outcomes.measures.evidence import PREDICTION, SUMMARY
from outcomes.measures.published_results import PUBLISHED

_ENDS = ("conf_low", "estimate", "conf_high")


_NOTHING = (
    "Nothing to compare with published trials",
    "There are too few courses here, or no trial listed on the same scale, with its spread and its time",
)


def evidence(compared: pd.DataFrame) -> Figure:
    """The clinic's change, every comparable trial's, and where there are 3 their mean and where a further one is expected.

    From `outcomes.evidence`; endpoints without a comparable trial, or of which this clinic has too few courses, are named in the
    note. Square: this clinic; dots: trials; diamond: trials
    together; hollow: a further trial.
    """
    drawn, missing = parts_of(compared, _part)
    if not drawn:
        return nothing(*_NOTHING)
    return Figure(
        title=titled(drawn),
        measure="Mean change; left is more improvement. Square: this clinic; dots: published trials",
        said=f"Mean change. {told_of(drawn)}",
        drawing=dot_rows("This clinic beside published trials", ("Trial", "Change (95% CI)"), [part.drawn for part in drawn]),
        note=notes(_note(PREDICTION in set(compared["estimand"])), left_out(missing)),
    )


def _part(compared: pd.DataFrame) -> Part:
    heading, trials = heading_of(compared), compared[compared["estimand"] == PUBLISHED]
    if trials.empty or _is_unknown(compared.iloc[0].to_dict()):
        return Part(heading, _NOTHING[0], "")
    rows = compared[(compared["estimand"] != SUMMARY) | compared["estimate"].notna()].to_dict("records")
    axis, hue = Axis.of(_reach(rows), least=0.0, most=_range(compared)), hue_of(compared)
    said = "; ".join(f"{_name(row)} ({_about(row)}) {_value(row)}" for row in rows)
    each = [_row(row, axis, INK if place else hue, is_own=not place) for place, row in enumerate(rows)]
    title = _title(rows[0], trials)
    return Part(heading, title, f"{said}.", Group(f"{heading}, {measured(compared)}", each, axis.head()))


def _title(own: dict[str, Any], trials: pd.DataFrame) -> str:
    reported = [signed(trials["estimate"].min()), signed(trials["estimate"].max())]
    said = reported[0] if len(trials) == 1 else f"{reported[0]} {'and' if len(trials) == 2 else 'to'} {reported[1]}"
    here = "too few courses" if _is_unknown(own) else f"{signed(own['estimate'])} {SCALES[own['scale']].unit}"
    return f"This clinic: {here}; {counted(len(trials), 'published trials')}: {said}"


def _note(has_summary: bool) -> str:
    shapes = "Diamond: trials together. Hollow: where a further such trial's mean is expected. " if has_summary else ""
    return f"Bars: 95% CI; days from the last session to the score. {shapes}".strip()


def _reach(rows: list[dict[str, Any]]) -> list[float]:
    """The ends of the axis: all intervals and no change; of a further trial's no more than half as much again beyond them."""
    ends = {
        is_further: [
            row[name]
            for row in rows
            for name in _ENDS
            if (row["estimand"] == PREDICTION) == is_further and not _is_unknown(row) and not pd.isna(row[name])
        ]
        for is_further in (False, True)
    }
    low, high = min([*ends[False], 0.0]), max([*ends[False], 0.0])
    span = (high - low) or 1.0
    return [max(min([*ends[True], low]), low - span / 2), min(max([*ends[True], high]), high + span / 2)]


def _row(row: dict[str, Any], axis: Axis, hue: str, *, is_own: bool) -> Row:
    shapes = {SUMMARY: "D", PREDICTION: "o", PUBLISHED: "o"}
    return Row(
        _name(row), (_cell(row),), axis.strip(*_drawn(row, axis, hue, shapes.get(row["estimand"], "s"))), _about(row), is_own
    )


def _drawn(row: dict[str, Any], axis: Axis, hue: str, shape: str) -> list[str]:
    if _is_unknown(row):
        return []
    bar = (
        []
        if pd.isna(row["conf_low"])
        else [axis.bar(row["conf_low"], row["conf_high"], SOFT if row["estimand"] == PREDICTION else hue)]
    )
    is_further = row["estimand"] == PREDICTION
    return [*bar, axis.mark(row["estimate"], SOFT if is_further else hue, shape, is_hollow=is_further)]


def _name(row: dict[str, Any]) -> str:
    names = {
        "continued": "This clinic, had every patient continued",
        SUMMARY: "These trials together",
        PREDICTION: "A further such trial",
    }
    return names.get(row["estimand"]) or trial_name(row)


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
    if _is_unknown(row):
        return "too few"
    around = "" if pd.isna(row["conf_low"]) else f"{signed(row['conf_low'])} to {signed(row['conf_high'])}"
    return around if row["estimand"] == PREDICTION else f"{signed(row['estimate'])}{f' ({around})' if around else ''}"


def _cell(row: dict[str, Any]) -> str:
    if _is_unknown(row) or pd.isna(row["conf_low"]) or row["estimand"] == PREDICTION:
        return escape(_value(row))
    return with_interval(signed(row["estimate"]), signed(row["conf_low"]), signed(row["conf_high"]))


def _is_unknown(row: dict[str, Any]) -> bool:
    """Whether there is no value, or one of the clinic's own from too few courses."""
    return bool(pd.isna(row["estimate"]) or (row["estimand"] == "continued" and row["n"] < FEW))


def _range(compared: pd.DataFrame) -> float:
    scale = SCALES[compared["scale"].iloc[0]]
    return float(scale.high - scale.low)
