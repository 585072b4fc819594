"""What one published trial reports, as rows of estimates: its change, its share improved, its new PIH; with the citation."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import pandas as pd
from scipy import stats

from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.notes import Note, NoteCode, Notes
from outcomes.definitions.scales import SCALES
from outcomes.statistics.intervals import NOT_ESTIMABLE, Interval, clopper_pearson, t_interval
from outcomes.trials.published import published_trials

CITED = (
    *("study", "year", "authors", "journal", "doi", "seen_in"),
    *("interval_days", "after_days", "baseline", "correlation"),
)
"""Columns beside those of `ESTIMATES`: the citation and where it was read, days between sessions and days after the last, the
mean at baseline, the correlation assumed."""

PUBLISHED, NOT_COMPARED = "published", "published, not compared"

REPORTED, ASSUMED = "as reported", "means and spreads, correlation assumed"
"""What an interval rests on: it is the paper's own; or the paper gives spreads before and after and none of the changes."""

_LEVEL = 95

Trial = dict[str, Any]
"""One row of `published_trials`."""


def published_new_pih(trials: pd.DataFrame | None = None) -> pd.DataFrame:
    """Patients with new PIH in published trials, in percent with exact intervals; one row per trial, columns as in `evidence`.

    nan with a note where a trial does not say of how many.

    References:
        Clopper & Pearson (1934), Biometrika 26:404-413.

    Example:
        >>> import outcomes
        >>> seen = outcomes.published_new_pih().dropna(subset="estimate")
        >>> seen[["study", "n"]].values.tolist()[:2]
        [['Vietnam series', 31], ['Split-face v CO2', 30]]
    """
    listed = published_trials() if trials is None else trials
    first = listed[listed["new_pih_n"].notna()].drop_duplicates(["study", "year"])
    return ordered(pd.DataFrame([_new_pih(trial) for trial in first.to_dict("records")], columns=[*ESTIMATES, *CITED]))


def reported_change(trial: Trial) -> float:
    """After less before, as changes are counted; as reported where the trial gives it. nan where it gives neither."""
    reported = trial["change"]
    return _sign(trial) * float(trial["after_mean"] - trial["baseline_mean"] if pd.isna(reported) else reported)


def _sign(trial: Trial) -> int:
    """-1 where higher is better, as a change below 0 is an improvement on every scale; else 1, on the trial's own scales too."""
    return -1 if trial["scale"] in SCALES and SCALES[trial["scale"]].higher_is_better else 1


def _reported_ends(trial: Trial) -> Interval:
    """The interval of the change that a trial reports, as changes are counted."""
    return Interval(*sorted(_sign(trial) * float(trial[end]) for end in ("change_low", "change_high")))


def basis(trial: Trial) -> str:
    """What the interval of the change rests on, in words; blank where nothing reported gives one."""
    if not pd.isna(trial["change_low"]):
        return REPORTED if _level(trial) == _LEVEL else f"from the {_level(trial)} % interval reported"
    if pd.isna(trial["analysed"]):
        return ""
    if not (pd.isna(trial["change"]) or pd.isna(trial["change_sd"])):
        return "spread of the changes reported"
    return "" if pd.isna(trial["baseline_sd"]) or pd.isna(trial["after_sd"]) else ASSUMED


def reported_interval(trial: Trial, correlation: float) -> Interval:
    """95 % interval of the change; nan where its `basis` is blank. Only where that is `ASSUMED` does the correlation enter."""
    before, after, n = trial["baseline_sd"], trial["after_sd"], trial["analysed"]
    change = reported_change(trial)
    if not basis(trial):
        return NOT_ESTIMABLE
    if basis(trial) == REPORTED:
        return _reported_ends(trial)
    if not pd.isna(trial["change_low"]):
        wider = quantile(n, _LEVEL) / quantile(n, _level(trial))
        return Interval(*(change + wider * (end - change) for end in _reported_ends(trial)))
    if basis(trial) == ASSUMED:
        return t_interval(int(n), change, before**2 + after**2 - 2 * correlation * before * after)
    return t_interval(int(n), change, trial["change_sd"] ** 2)


def quantile(n: Any, level: int) -> float:
    """Standard errors from a mean to an end of its interval: of a t interval of n patients, of a normal one where n is not stated."""
    tail = (1 + level / 100) / 2
    return float(stats.norm.ppf(tail) if pd.isna(n) or n < 2 else stats.t.ppf(tail, int(n) - 1))


def _level(trial: Trial) -> int:
    return _LEVEL if pd.isna(trial["change_level"]) else int(trial["change_level"])


def results(trial: Trial) -> list[dict[str, Any]]:
    """The change and the share improved that a trial gives, or a row without a number."""
    empty = {"estimand": NOT_COMPARED, "estimate": nan, "conf_low": nan, "conf_high": nan, "unit": "", "method": REPORTED}
    row = cited(trial) | empty | {"note": (*trial["reason"], *remarks(trial)), "n": trial["analysed"], "scale": trial["scale"]}
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
        note = (Note(NoteCode.NEW_PIH, int(trial["new_pih_n"])), _unsaid(trial))
        return row | {"n": pd.NA, "estimate": nan, "conf_low": nan, "conf_high": nan, "note": note}
    return row | {"note": ()} | _share(trial["new_pih_n"], trial["new_pih_of"])


def remarks(trial: Trial) -> Notes:
    """What the list remarks on a trial, and what is odd in its arithmetic."""
    quoted = (Note(NoteCode.REMARK, names=(trial["remark"],)),) if trial["remark"] else ()
    return (*quoted, *trial["doubt"])


def _unsaid(trial: Trial) -> Note:
    """That the patients counted are not stated, and where two numbers come into question both of them."""
    began, ended, n = trial["enrolled"], trial["analysed"], trial["new_pih_n"]
    if pd.isna(began) or pd.isna(ended) or began == ended or not ended:
        return Note(NoteCode.OF_HOW_MANY_UNSTATED)
    return Note(NoteCode.OF_WHICH_UNSTATED, int(n), names=(str(ended), str(began)))


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
    names = ("study", "year", "authors", "journal", "doi", "seen_in", "interval_days", "after_days", "skin_types")
    taken = {name: trial[name] for name in names}
    return taken | {"session": trial["sessions"], "baseline": trial["baseline_mean"]}


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that apply, as texts without blanks, counts that may be blank, and numbers."""
    texts = ("study", "authors", "journal", "doi", "seen_in", "skin_types", "unit", "method")
    counts = ("n", "session", "year", "interval_days", "after_days")
    floats = ("estimate", "conf_low", "conf_high", "baseline", "correlation")
    whole = frame.assign(**{name: frame[name].astype(object).where(frame[name].notna(), "") for name in texts})
    typed = whole.astype(dict.fromkeys(texts, "str") | dict.fromkeys(counts, "Int64") | dict.fromkeys(floats, "float64"))
    return typed.drop(columns=["skin_band", "before", "after", "skin_type"])
