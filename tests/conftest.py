"""What several test files start from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import outcomes
from outcomes.course import MISSED
from outcomes.scales import ENDPOINTS, HUNDREDTHS, SCALES

TallyOf = Callable[..., outcomes.Tally]


@pytest.fixture(scope="session")
def tally_of() -> TallyOf:
    """Scores after each session, a row per course with nan where missed -> a tally that holds their paths."""
    base = outcomes.tally(outcomes.read_records("sample"))

    def tally_of(
        scores: np.ndarray | Sequence[Sequence[float]],
        skin_type: str | Sequence[str] = "II",
        end: str | Sequence[str] = "stopped",
        *,
        scale: str = "goodman_baron_grade",
        endpoint: str = "scarring",
    ) -> outcomes.Tally:
        wide = np.asarray(scores, float)
        names = [f"after_{k}" for k in range(wide.shape[1])]
        hundredths = np.where(np.isnan(wide), MISSED, np.round(wide * HUNDREDTHS)).astype(int)
        rows = pd.DataFrame(hundredths, columns=names).assign(skin_type=skin_type, end=end)
        paths = rows.groupby(["skin_type", "end", *names], as_index=False).size().rename(columns={"size": "n"})
        return replace(base, paths=paths, scale=SCALES[scale], endpoint=ENDPOINTS[endpoint])

    return tally_of
