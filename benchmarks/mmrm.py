"""How long a model of repeated scores takes, beside statsmodels and nlme in the same run: python benchmarks/mmrm.py

Invented scores of 6 skin types at 7 visits; patients stop when satisfied. `aggregation` is long frame -> cells, `fit` cells
-> estimates with their intervals. Medians of 5 runs, of 3 above a second, one above 10 seconds, after one to warm up. The
others fit simpler or the same models: statsmodels a random intercept (it has no unstructured covariance), nlme's gls the
unstructured one, which it no longer manages at 2 000. On a busy machine set OMP_NUM_THREADS=1: matrices of 7 x 7 gain
nothing from threads, which then wait for each other.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.statistics.longitudinal import wide_of_scores
from outcomes.statistics.mmrm import mmrm_of_cells
from outcomes.statistics.sufficient_statistics import cells_of

PATIENTS = (200, 2_000, 20_000, 1_000_000)
MOST_FOR_STATSMODELS = 20_000
MOST_FOR_NLME = 200
VISITS = 7

NLME = """
suppressMessages(library(nlme))
scores <- read.csv(commandArgs(TRUE)[1])
scores$place <- scores$visit + 1
scores$cell <- factor(paste(scores$skin_type, scores$visit))
seconds <- system.time(gls(score ~ 0 + cell, scores, correlation = corSymm(form = ~ place | patient_id),
  weights = varIdent(form = ~ 1 | place)))["elapsed"]
cat(seconds)
"""


def invented(patients: int, seed: int = 1) -> pd.DataFrame:
    """One row per patient and visit: `patient_id`, `skin_type`, `visit`, `score`; some visits are missed."""
    rng = np.random.default_rng(seed)
    gain = 25 * (1 - 0.75 ** np.arange(VISITS)) / (1 - 0.75 ** (VISITS - 1))
    scores = (
        rng.normal(60, 12, patients)[:, None]
        - rng.normal(1, 0.4, patients)[:, None] * gain
        + rng.normal(0, 4, (patients, VISITS))
    )
    hazard = 1 / (1 + np.exp(2 - 0.12 * (scores[:, :1] - scores - 15)))
    stops = (rng.random(scores.shape) < hazard) & (np.arange(VISITS) > 0)
    last = np.where(stops.any(axis=1), stops.argmax(axis=1), VISITS - 1)
    seen = (np.arange(VISITS) <= last[:, None]) & ((rng.random(scores.shape) > 0.05) | (np.arange(VISITS) == 0))
    patient, visit = np.nonzero(seen)
    names = np.char.add("P", np.arange(patients).astype(str))
    types = np.array(SKIN_TYPES)[np.arange(patients) % len(SKIN_TYPES)]
    return pd.DataFrame(
        {"patient_id": names[patient], "skin_type": types[patient], "visit": visit, "score": scores[seen].round(1)}
    )


def median_seconds(run: Callable[[], Any]) -> float:
    """Median of 5 runs after one to warm up; of 3 above a second, and the first alone above 10 seconds."""
    first = seconds(run)
    if first > 10:
        return first
    return statistics.median(seconds(run) for _ in range(3 if first > 1 else 5))


def seconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def aggregate(scores: pd.DataFrame) -> Any:
    return cells_of(wide_of_scores(scores, subject="patient_id", visit="visit", score="score", group="skin_type"))


def statsmodels_seconds(scores: pd.DataFrame) -> float:
    try:
        import statsmodels.formula.api as smf
    except ImportError:
        return float("nan")

    def run() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            smf.mixedlm("score ~ 0 + C(skin_type):C(visit)", scores, groups=scores["patient_id"]).fit(reml=True)

    return median_seconds(run)


def nlme_seconds(scores: pd.DataFrame) -> float:
    """One run of R, its start and reading not counted; nan where R or nlme is not installed."""
    if shutil.which("Rscript") is None:
        return float("nan")
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder, "scores.csv"), Path(folder, "gls.R")
        scores.to_csv(table, index=False)
        script.write_text(NLME, encoding="utf-8")
        done = subprocess.run(["Rscript", script, table], capture_output=True, text=True)
    return float(done.stdout) if done.returncode == 0 else float("nan")


def compared(patients: int) -> dict[str, Any]:
    """One row of the table; nan is not run."""
    scores = invented(patients)
    cells = aggregate(scores)
    aggregation, fit = median_seconds(lambda: aggregate(scores)), median_seconds(lambda: mmrm_of_cells(cells))
    ours = aggregation + fit
    theirs = statsmodels_seconds(scores) if patients <= MOST_FOR_STATSMODELS else float("nan")
    nlme = nlme_seconds(scores) if patients <= MOST_FOR_NLME else float("nan")
    return {
        "patients": f"{patients:,}",
        "rows": f"{len(scores):,}",
        "aggregation s": aggregation,
        "fit s": fit,
        "statsmodels s": theirs,
        "times ours": theirs / ours,
        "nlme s": nlme,
        "times ours ": nlme / ours,
    }


def main() -> None:
    rows = pd.DataFrame([compared(patients) for patients in PATIENTS])
    print(rows.to_string(index=False, na_rep="-", float_format=lambda value: f"{value:,.3f}" if value < 10 else f"{value:,.0f}"))


if __name__ == "__main__":
    main()
