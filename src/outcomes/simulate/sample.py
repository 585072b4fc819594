"""Invented session records with known true effects.

No patient here exists. Each course has a hidden severity per endpoint that falls with every session by less than with
the one before, at the patient's own pace; a recorded score is that severity plus the rater's noise, rounded and cut to
its scale. The pace has the same distribution in every skin type. Only the stopping differs: it looks at the recorded
scores, so means of those who still attend mislead while the true change is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import HUNDREDTHS, SCALES
from outcomes.errors import UsageError
from outcomes.simulate.attendance import (
    EVENTS_PER_SESSION,
    NEW_PIH_PER_SESSION,
    SESSIONS,
    SKIN_TYPE_SHARES,
    START_YEARS,
    STOPPING_AT_ONE_GRADE,
    STOPPING_PER_GRADE,
    VISITS,
    Stopping,
)
from outcomes.simulate.histories import PATCHES, Kept
from outcomes.simulate.records import CODE, draw_records
from outcomes.simulate.scores import EFFECTS, Array, draw_hidden, draw_scores
from outcomes.tabular.atomic import check_output, written_whole
from outcomes.tabular.private_folder import PrivateFolder

PATIENTS_AT_ONCE = 50_000
"""Patients made together, each such group from its own random stream: memory does not grow with the sample."""

MOST_PATIENTS = 100_000_000
_LINE = 10_000


class Sample(NamedTuple):
    """`records`: one row per visit, every column of the contract; `truth`: what made them, ready for JSON."""

    records: pd.DataFrame
    truth: dict[str, Any]


def sample(patients: int = 240, *, seed: int = 1, stopping: Stopping = "satisfied", kept: Kept = "fully") -> Sample:
    """Invented session records and the truth behind them.

    `records` has one row per visit with the contract's columns in order and the values that `write_sample` writes:
    text, whole numbers (Int64) and floats; missing is not recorded. `stopping` says who does not come back: anyone,
    those whose recorded scores improved most, or least. Records `kept` patchily are scored at some visits only, half of the
    time by a rater who expects improvement, and stopping goes by the skin, whether it was scored or not (`Patches`).

    Raises:
        UsageError: fewer than 1 or more than 100 million patients, a negative seed, an unknown `stopping` or `kept`.

    Example:
        >>> sample(10, seed=3).records["patient_id"].nunique()
        10
    """
    _check(patients, seed, stopping, kept)
    records = pd.concat(_chunks(patients, seed, stopping, kept), ignore_index=True)
    kinds = {name: _plain(records[name].dtype) for name in records}
    return Sample(records.astype(kinds), truth(patients, seed=seed, stopping=stopping, kept=kept))


def write_sample(
    path: str | Path, *, patients: int = 240, seed: int = 1, stopping: Stopping = "satisfied", kept: Kept = "fully"
) -> dict[str, Any]:
    """Write the records of `sample` as CSV and return the truth behind them.

    The same arguments give the same bytes. The file appears whole or not at all.

    Raises:
        UsageError: as `sample`, or the folder of `path` does not exist.
    """
    _check(patients, seed, stopping, kept)
    import duckdb

    path = Path(path)
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder; the sample is written into one that exists")
    with (
        PrivateFolder() as folder,
        duckdb.connect() as connection,
        written_whole(path) as passing,
        passing.open("wb") as file,
    ):
        part = Path(folder, "part.csv")
        for number, chunk in enumerate(_chunks(patients, seed, stopping, kept)):
            connection.from_df(chunk).write_csv(str(part), header=number == 0)
            file.write(part.read_bytes())
    return truth(patients, seed=seed, stopping=stopping, kept=kept)


def check_sample(path: Path, truth: Path | None = None, *, force: bool = False) -> None:
    """Refuse places for a sample and its truth that are one or, unless by `force`, hold something else than older ones.

    Raises:
        UsageError: they do.
    """
    check_output(path, is_ours=_is_sample, force=force)
    if truth:
        check_output(truth, inputs=[path], is_ours=_is_truth, force=force)


def _is_sample(path: Path) -> bool:
    """Whether a file begins with the columns of the contract, and each of its rows with an invented code."""
    with path.open("rb") as file:
        if not file.readline(_LINE).startswith(b"patient_id,"):
            return False
        lines = list(iter(lambda: file.readline(_LINE), b""))
    return bool(lines) and all(re.match(CODE.encode() + b",", line) for line in lines)


def _is_truth(path: Path) -> bool:
    try:
        return "stopping_log_odds_per_grade" in json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, TypeError, RecursionError):
        return False


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write the truth behind a sample as JSON, whole or not at all."""
    with written_whole(path) as passing:
        passing.write_text(json.dumps(truth, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def truth(patients: int = 240, *, seed: int = 1, stopping: Stopping = "satisfied", kept: Kept = "fully") -> dict[str, Any]:
    """What made a sample: its parameters, and the true effects on the scales as recorded.

    Under ``endpoints``, lists run over sessions 1 to 8: ``change`` is the mean change from baseline had everyone
    continued and been scored by a rater who expects nothing (negative is improvement), ``responders`` the share (0 to 1)
    who respond by the default rule of the scale among those who can improve. PIH counts courses that have it at baseline.
    Neither depends on `patients`, `seed`, `stopping` or `kept`. ``patches`` say how patchy records are kept.
    """
    return {
        "patients": patients,
        "seed": seed,
        "stopping": stopping,
        "kept": kept,
        **({"patches": asdict(PATCHES)} if kept == "patchily" else {}),
        "stopping_log_odds_per_grade": STOPPING_PER_GRADE[stopping],
        "stopping_log_odds_at_one_grade": STOPPING_AT_ONE_GRADE,
        "skin_type_shares": dict(zip(SKIN_TYPES, SKIN_TYPE_SHARES, strict=True)),
        "skin_type_effects": "the true change is the same for every skin type, by design",
        "start_years": [*START_YEARS],
        "start_year_effects": "the true change and the risks are the same in every year, by design",
        "sessions": list(range(1, SESSIONS + 1)),
        "endpoints": {
            name: {"change": list(change), "responders": list(responders), "model": asdict(EFFECTS[name])}
            for name, (change, responders) in _true_effects().items()
        },
        "events_per_session": dict(EVENTS_PER_SESSION),
        "new_pih_per_session": dict(zip(SKIN_TYPES, NEW_PIH_PER_SESSION, strict=True)),
    }


@cache
def _true_effects() -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    """Endpoint -> mean change and share of responders after 1 to 8 sessions, from 500 000 courses that all go on."""
    random = np.random.Generator(np.random.PCG64(20180301))
    effects = {}
    for name, effect in EFFECTS.items():
        scores = draw_scores(random, effect, draw_hidden(random, effect, np.arange(500_000)), VISITS)
        low = SCALES[effect.scale].low
        enrolled = scores[scores[:, 0] > low] if ENDPOINTS[name].present_at_baseline else scores
        open_to_change = scores[scores[:, 0] > low] * HUNDREDTHS
        responded = SCALES[effect.scale].is_response(open_to_change[:, :1], open_to_change[:, 1:])
        change = (enrolled[:, 1:] - enrolled[:, :1]).mean(axis=0)
        effects[name] = (_rounded(change), _rounded(responded.mean(axis=0)))
    return effects


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


def _check(patients: int, seed: int, stopping: str, kept: str) -> None:
    if not 1 <= patients <= MOST_PATIENTS:
        raise UsageError(f"patients must be between 1 and {MOST_PATIENTS:,}, got {patients:,}")
    if seed < 0:
        raise UsageError(f"seed must be 0 or more, got {seed}")
    if stopping not in get_args(Stopping):
        raise UsageError(f"stopping must be one of {', '.join(get_args(Stopping))}, got {stopping}")
    if kept not in get_args(Kept):
        raise UsageError(f"kept must be one of {', '.join(get_args(Kept))}, got {kept}")


def _chunks(patients: int, seed: int, stopping: Stopping, kept: Kept) -> Iterator[pd.DataFrame]:
    """The records, `PATIENTS_AT_ONCE` patients a frame: text as categories, whole numbers as nullable integers."""
    keys = np.random.SeedSequence(seed, spawn_key=(0,)).generate_state(8, np.uint64)
    for number, first in enumerate(range(0, patients, PATIENTS_AT_ONCE)):
        random, of_years = (
            np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stream, number)))) for stream in (1, 2)
        )
        yield draw_records(random, min(PATIENTS_AT_ONCE, patients - first), first, keys, stopping, kept, of_years)


def _plain(kind: Any) -> str:
    return "Int64" if pd.api.types.is_integer_dtype(kind) else "float64" if pd.api.types.is_float_dtype(kind) else "str"
