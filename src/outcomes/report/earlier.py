"""An earlier report, read to be compared with: its numbers, its date, and by which definitions it was counted."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from math import isfinite, isnan, nan
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from outcomes import __version__
from outcomes.cohort.cohort import Cohort, said
from outcomes.definitions.audiences import CLINIC, PUBLIC
from outcomes.definitions.columns import COLUMN
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.estimates import ESTIMATES
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import SCALES
from outcomes.definitions.windows import Window, window_given
from outcomes.display.groups import called
from outcomes.errors import UsageError
from outcomes.measures.since_last import EarlierReport, comparable
from outcomes.records.patient_sketch import PatientSketch, sketch_told
from outcomes.records.read import SAMPLE
from outcomes.report.previous import MANIFEST
from outcomes.tabular.words import beginning

ESTIMATES_CSV = "estimates.csv"

COMPARISON = "for_comparison"
"""The entry of a manifest by which a later report is compared with this one."""

_NEEDED = ("endpoint", "measure", "estimand", "session", "n", "estimate", "conf_low", "conf_high", "unit")
_NUMBERS = ("session", "since", "month", "before", "after", "tilt", "n", "events", "estimate", "conf_low", "conf_high")
_COUNTS = ("n", "events")
_LARGEST = 1e12
"""No number of a report is larger; one that is would not be told from infinity further on."""

_DAMAGED = (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What reading a manifest raises where it holds something else than a report's."""

_MOST_BYTES = 100_000_000
_SAMPLE_SIZE = (1210, 251, 240)
"""Rows, courses and patients of the invented records, which alone the invented earlier report goes with."""


class Definitions(NamedTuple):
    """By what an earlier report was counted: the window, the limits of guidance, the skin types, and the columns its records had."""

    window: Window
    limits: Mapping[str, float]
    skin_types: str
    columns: tuple[str, ...]


class Earlier(NamedTuple):
    """An earlier report as it was found: its `report`, the texts of its files, and what its manifest tells for a comparison, None where it tells nothing.

    `patients` is its sketch, None where it has none.
    """

    report: EarlierReport
    estimates: str
    manifest: str
    definitions: Definitions | None
    patients: PatientSketch | None


def earlier_report(source: str | Path, cohort: Cohort | None = None) -> EarlierReport:
    """What an earlier report says, for `outcomes.since_last_report`: of its folder, or of its ``estimates.csv`` alone.

    ``"sample"`` is the report on the first 160 patients of the invented records. With a `cohort`, today's, a report that was counted
    by other definitions is refused.

    Raises:
        UsageError: no report, one that is damaged, of a newer version, for the public, or counted by other definitions.

    Example:
        >>> import outcomes
        >>> outcomes.earlier_report("sample").issued
        '2026-06-15'
    """
    earlier = read_earlier(source)
    if cohort is not None:
        check_comparable(earlier, cohort, str(source))
    return earlier.report


def read_earlier(source: str | Path) -> Earlier:
    """The report in a folder, or of an ``estimates.csv``, which may lie beside its manifest.

    Raises:
        UsageError: no report, one that is damaged, of a newer version or for the public.
    """
    path = sample_path() if str(source) == SAMPLE else Path(source)
    if not path.exists():
        raise UsageError(f"{source}: there is no such folder or file")
    folder = path if path.is_dir() else path.parent
    manifest = _text(folder / MANIFEST, source) if (folder / MANIFEST).is_file() else ""
    if path.is_dir():
        if not manifest:
            raise UsageError(f"{source}: holds no report: there is no {MANIFEST}")
        path = folder / ESTIMATES_CSV
        if not path.is_file():
            raise UsageError(f"{source}: holds no {ESTIMATES_CSV}, so there is nothing to compare with")
    estimates = _text(path, source)
    # A file by another name, or beside the manifest of another report, stands for itself.
    if path.name != ESTIMATES_CSV and Path(source) == path:
        manifest = ""
    told = _checked(manifest, estimates, source) if manifest else {}
    return _earlier(told, estimates, manifest, source)


def check_comparable(earlier: Earlier, cohort: Cohort, shown: str) -> None:
    """Refuse a report that was counted by other definitions than a cohort; `shown` is how it is told.

    Raises:
        UsageError: each definition that differs, by name.
    """
    size = (cohort.rows, cohort.courses, cohort.patients)
    if shown == SAMPLE and size != _SAMPLE_SIZE:
        raise UsageError(
            f"{SAMPLE}: this earlier report goes with the invented records alone; name the folder of an earlier report of these records"
        )
    problems = _other_scales(earlier.report.estimates, cohort)
    if earlier.definitions:
        problems += _other_definitions(earlier.definitions, cohort)
    if problems:
        raise UsageError("\n".join(f"{shown}: {problem}" for problem in problems))


def _other_definitions(then: Definitions, cohort: Cohort) -> list[str]:
    """A sentence for each definition that differs, with what would count alike."""
    told = []
    if strange := [name for name in then.columns if name not in COLUMN]:
        told.append(f"its records had the column {_short(_listed(strange))}, which this version does not know")
    if then.window != cohort.window:
        given = said(then.window)
        told.append(
            f"counted with the window {given}, these records with {said(cohort.window)}; -p window={given} counts these alike"
        )
    for name, limit in cohort.about.limits.items():
        if (was := then.limits.get(name, limit)) != limit:
            told.append(f"counted with {name} {was:g}, these records with {limit:g}; -p {name}={was:g} counts these alike")
    if {*then.skin_types.split(",")} != {*SKIN_TYPES}:
        told.append(f"it is of skin types {_short(then.skin_types)} alone, and what is compared is of all")
    return told


def _other_scales(estimates: pd.DataFrame, cohort: Cohort) -> list[str]:
    """A sentence for each endpoint that was scored on another scale then."""
    rows = comparable(estimates)
    told = []
    for name in cohort.endpoints:
        now, before = cohort.scale_used(ENDPOINTS[name]), {*rows.loc[rows["endpoint"] == name, "scale"]} - {""}
        if before and now.name not in before:
            then = _listed(SCALES[scale].label if scale in SCALES else _short(scale) for scale in sorted(before))
            told.append(
                f"{ENDPOINTS[name].label} was scored on the {then} then, and is on the {now.label} now; "
                "make one report without --compare, and compare the next with that"
            )
    return told


def sample_path() -> Path:
    """The folder of the invented earlier report: in an installed package, or in the checkout."""
    installed = Path(__file__).parents[1] / "earlier"
    return installed if installed.exists() else Path(__file__).parents[3] / "data" / "sample" / "earlier"


def _text(path: Path, source: str | Path) -> str:
    try:
        if not path.is_file():
            raise UsageError(f"{source}: this is neither the folder of a report nor its {ESTIMATES_CSV}")
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{source}: {path.name} is too large to be that of a report")
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{source}: {path.name} is not one that outcomes has written: it is no text in UTF-8") from None
    except OSError as problem:
        raise UsageError(f"{source}: {path.name} can't be read ({problem.strerror or problem})") from None


def _checked(manifest: str, estimates: str, source: str | Path) -> Mapping[str, Any]:
    """What a manifest tells, if it is that of these estimates and this version can read it."""
    try:
        told = json.loads(manifest)
        made_by, digest = str(told["versions"]["outcomes"]), told["files"].get(ESTIMATES_CSV)
        audience, comparison = told.get("audience", CLINIC), told.get(COMPARISON) or {}
        if not isinstance(comparison, Mapping):
            raise TypeError(COMPARISON)
        is_newer, group = _numbers(made_by) > _numbers(__version__), _group_of(told)
    except _DAMAGED:
        raise UsageError(f"{source}: its {MANIFEST} is not a report's, or damaged") from None
    if audience == PUBLIC:
        raise UsageError(
            f"{source}: this is a report for the public, whose numbers are withheld or rounded; compare with one for the clinic"
        )
    if group:
        raise UsageError(f"{source}: this is the report of one {group}, not of all; name the folder of the whole report")
    if is_newer:
        raise UsageError(
            f"{source}: outcomes {_short(made_by)} made it, and this is {__version__}; install the newer one to compare with it"
        )
    if digest != sha256(estimates.encode("utf-8")).hexdigest():
        raise UsageError(f"{source}: its {ESTIMATES_CSV} was changed after the report was made, so it is not compared with")
    return told


def _group_of(told: Mapping[str, Any]) -> str:
    """What a report is of where it is the short one of a group, such as provider; blank of the report of all."""
    given = [each for each in (told.get("parameters") or {}).values() if each.get("group")]
    return called(str(given[0].get("by"))).removesuffix("s") if given else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def _earlier(told: Mapping[str, Any], estimates: str, manifest: str, source: str | Path) -> Earlier:
    frame, comparison = _frame(estimates, source), told.get(COMPARISON)
    if not comparison:
        return Earlier(EarlierReport(frame), estimates, manifest, None, None)
    try:
        issued, definitions = str(comparison["issued"]), _definitions(comparison["definitions"])
        patients = sketch_told(comparison["patients"]) if comparison.get("patients") else None
        overlap = float(comparison.get("overlap", nan))
        date.fromisoformat(issued)
        if not (isnan(overlap) or 0 <= overlap <= 1):
            raise ValueError(overlap)
    except (*_DAMAGED, UsageError):
        raise UsageError(f"{source}: its {MANIFEST} is not a report's, or damaged") from None
    return Earlier(EarlierReport(frame, issued, overlap), estimates, manifest, definitions, patients)


def _definitions(told: Mapping[str, Any]) -> Definitions:
    """Raises one of `_DAMAGED`, or UsageError of a window, where it does not tell them."""
    limits = {str(name): float(limit) for name, limit in told["limits"].items()}
    columns = tuple(name for name in str(told["columns"]).split(",") if name)
    window = window_given(told["window"])
    if window is None or not all(map(isfinite, limits.values())):
        raise ValueError("no window, or a limit that is no number")
    return Definitions(window, limits, str(told["skin_types"]), columns)


def _frame(text: str, source: str | Path) -> pd.DataFrame:
    """The estimates with numbers as numbers, every other cell as text."""
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True) if row]
    except (csv.Error, ValueError):
        raise UsageError(f"{source}: {ESTIMATES_CSV} is no table, or cut off") from None
    if missing := [name for name in _NEEDED if name not in header]:
        raise UsageError(f"{source}: {ESTIMATES_CSV} is not that of a report: it has no column {_listed(missing)}")
    if len({*header}) < len(header) or any(len(row) != len(header) for row in rows):
        raise UsageError(f"{source}: {ESTIMATES_CSV} is damaged: not every row has a cell for each column")
    frame = pd.DataFrame(rows, columns=header, dtype=str)
    for name in _NUMBERS:
        if name not in frame:
            continue
        numbers = pd.to_numeric(frame[name], errors="coerce").astype(float)
        is_number = numbers.abs() <= _LARGEST
        if name in _COUNTS:
            is_number &= (numbers >= 0) & (numbers % 1 == 0)
        if (bad := frame.loc[~is_number & (frame[name] != ""), name]).size:
            raise UsageError(
                f"{source}: {ESTIMATES_CSV} is damaged: its column {name} holds '{_short(bad.iloc[0])}', which is no number"
            )
        frame[name] = numbers
    texts = {name for name in (*ESTIMATES, "claim", "said", "verdict", "study") if name not in _NUMBERS} - {*frame}
    return frame.assign(**dict.fromkeys(sorted(texts), ""), **dict.fromkeys(sorted({*_NUMBERS} - {*frame}), nan))


def _short(text: str) -> str:
    return beginning(text)[1:-1]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
