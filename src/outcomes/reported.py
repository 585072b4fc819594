"""What one published trial reports, as rows of estimates: its change, its share improved, its new PIH; with the citation."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import pandas as pd

from outcomes.change import ESTIMATES
from outcomes.intervals import NOT_ESTIMABLE, Interval, clopper_pearson, t_interval
from outcomes.published import published_trials
from outcomes.scales import SCALES

CITED = ("study", "year", "doi", "seen_in", "after_days", "baseline", "correlation")
"""Columns beside those of `ESTIMATES`: the citation, days after the last session, the mean at baseline, the correlation assumed."""

PUBLISHED, NOT_COMPARED = "published", "published, not compared"

Trial = dict[str, Any]
"""One row of `published_trials`."""


def published_new_pih(trials: pd.DataFrame | None = None) -> pd.DataFrame:
    """Patients with new PIH in published trials, in percent with exact intervals; one row per trial, columns as in `evidence`.

    nan with a note where a trial does not say of how many.

    References:
        Clopper & Pearson (1934), Biometrika 26:404-413.
    """
    listed = published_trials() if trials is None else trials
    first = listed[listed["new_pih_n"].notna()].drop_duplicates(["study", "year"])
    return ordered(pd.DataFrame([_new_pih(trial) for trial in first.to_dict("records")], columns=[*ESTIMATES, *CITED]))


def reported_change(trial: Trial) -> float:
    """After less before; as reported where the trial gives it. nan where it gives neither."""
    reported = trial["change"]
    return float(trial["after_mean"] - trial["baseline_mean"] if pd.isna(reported) else reported)


def reported_interval(trial: Trial, correlation: float) -> Interval:
    """95 % interval of the change: as reported, else from the two spreads; nan where there are none."""
    before, after, n = trial["baseline_sd"], trial["after_sd"], trial["analysed"]
    if not pd.isna(trial["change_low"]):
        return Interval(trial["change_low"], trial["change_high"])
    if pd.isna(n) or pd.isna(before) or pd.isna(after):
        return NOT_ESTIMABLE
    return t_interval(int(n), reported_change(trial), before**2 + after**2 - 2 * correlation * before * after)


def results(trial: Trial) -> list[dict[str, Any]]:
    """The change and the share improved that a trial gives, or a row without a number."""
    empty = {"estimand": NOT_COMPARED, "estimate": nan, "conf_low": nan, "conf_high": nan, "unit": "", "method": "as reported"}
    said = "; ".join(filter(None, (trial["reason"], trial["remark"], trial["doubt"])))
    row = cited(trial) | empty | {"note": said, "n": trial["analysed"], "scale": trial["scale"]}
    rows = []
    if not isnan(reported_change(trial)):
        unit = SCALES[trial["scale"]].unit if trial["scale"] in SCALES else "points"
        rows.append(row | {"measure": "change", "estimate": reported_change(trial), "unit": unit})
    if not pd.isna(trial["improved_of"]) and not pd.isna(trial["improved_n"]):
        rule = f" ({trial['improved_rule']})" if trial["improved_rule"] else ""
        rows.append(row | {"measure": f"improved{rule}"} | _share(trial["improved_n"], trial["improved_of"]))
    return rows or [row | {"measure": "not reported"}]


def _new_pih(trial: Trial) -> dict[str, Any]:
    row = cited(trial) | {
        "endpoint": "pih",
        "measure": "new PIH",
        "estimand": PUBLISHED,
        "unit": "%",
        "method": "Clopper-Pearson",
    }
    if pd.isna(trial["new_pih_of"]):
        note = f"{trial['new_pih_n']} with new PIH; of how many is not stated"
        return row | {"n": pd.NA, "estimate": nan, "conf_low": nan, "conf_high": nan, "note": note}
    return row | {"note": ""} | _share(trial["new_pih_n"], trial["new_pih_of"])


def _share(k: int, n: int) -> dict[str, Any]:
    low, high = clopper_pearson(int(k), int(n))
    estimate = 100 * k / n if n else nan
    return {
        "n": n,
        "estimate": estimate,
        "conf_low": 100 * low,
        "conf_high": 100 * high,
        "unit": "%",
        "method": "Clopper-Pearson",
    }


def cited(trial: Trial) -> dict[str, Any]:
    """Where a result comes from, and how the trial was done."""
    taken = {name: trial[name] for name in ("study", "year", "doi", "seen_in", "after_days", "skin_types")}
    return taken | {"session": trial["sessions"], "baseline": trial["baseline_mean"]}


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that apply, as texts without blanks, counts that may be blank, and numbers."""
    texts = ("study", "doi", "seen_in", "note", "skin_types", "unit", "method")
    counts = ("n", "session", "year", "after_days")
    floats = ("estimate", "conf_low", "conf_high", "baseline", "correlation")
    whole = frame.assign(**{name: frame[name].astype(object).where(frame[name].notna(), "") for name in texts})
    typed = whole.astype(dict.fromkeys(texts, "str") | dict.fromkeys(counts, "Int64") | dict.fromkeys(floats, "float64"))
    return typed.drop(columns=["skin_band", "before", "after", "skin_type"])
