"""The page beside the committed sample: how it was made, what is true of it, what was planted."""

from __future__ import annotations

from typing import get_args

import pandas as pd

from outcomes.sample import PATIENTS_AT_ONCE, sample
from outcomes.sample.model import EFFECTS, EVENTS_PER_SESSION, NEW_PIH_PER_SESSION, Stopping
from outcomes.scales import ENDPOINTS, SCALES

PLANTED = (
    "isotretinoin in the last 6 months at a treated visit",
    "pregnant, breastfeeding, active skin cancer in the area or a blood disorder at a treated visit",
    "a patient under 22",
    "a needle depth over 1.5 mm on the face",
    "one tip code at two visits",
    "a treated visit after which the count of sessions did not rise",
    "a course without a baseline score",
    "an interval of more than 60 days, so that the assessment is outside its window",
)
"""Findings that a sample of 100 patients or more is sure to show."""


def readme() -> str:
    """The page beside the committed sample, as it stands in ``data/sample/README.md``."""
    records, known = sample()
    endpoints = known["endpoints"]
    columns = [endpoints[name][number] for name in EFFECTS for number in ("change", "responders")]
    effects = "\n".join(
        f"| {row[0]} | " + " | ".join(f"{row[i]:.2f} | {100 * row[i + 1]:.0f} %" for i in (1, 3, 5)) + " |"
        for row in zip(known["sessions"], *columns, strict=True)
    )
    session = 6
    attending = "\n".join(
        f"| {stopping} | {_change_of_attending(sample(PATIENTS_AT_ONCE, stopping=stopping).records, session):.2f} "
        f"| {endpoints['scarring']['change'][session - 1]:.2f} |"
        for stopping in get_args(Stopping)
    )
    heads = " | ".join(f"{ENDPOINTS[name].label}: mean change | responders" for name in EFFECTS)
    rules = "; ".join(
        f"{ENDPOINTS[name].label} ({SCALES[effect.scale].label}) {SCALES[effect.scale].rule}" for name, effect in EFFECTS.items()
    )
    rates = ", ".join(f"{name.replace('_', ' ')} {100 * rate:g} %" for name, rate in EVENTS_PER_SESSION.items())
    return f"""# The invented sample

Every patient, visit and score in `sessions.csv` is invented. It has {len(records):,} visits of {records["patient_id"].nunique():,} patients and was made by

```
outcomes sample --patients 240 --seed 1 --out data/sample/sessions.csv
```

which gives the same bytes each time. This page is made by `python -m outcomes.sample`; change
`src/outcomes/sample`, not the page or the records.

## True effects

Had every patient continued: the mean change from baseline on the recorded scale (negative is improvement), and the
share who respond among those who can improve. They are the same for every skin type, by design. PIH counts courses
that have it at baseline.

| sessions | {heads} |
|---|---|---|---|---|---|---|
{effects}

Responders: {rules}.

Events per session: {rates}; new PIH {100 * NEW_PIH_PER_SESSION[0]:g} % in skin types I-III and {100 * NEW_PIH_PER_SESSION[-1]:g} % in IV-VI.

## Who stops

Patients of this sample tend to stop once their recorded scores have improved, those of skin types I-III more than those
of IV-VI. So the mean of those still attending is not the effect. In samples of {PATIENTS_AT_ONCE:,} patients, scarring after
{session} sessions:

| `--stopping` | mean change of those still attending | had all continued |
|---|---|---|
{attending}

## Planted

At least one of each, for the findings to find:

- {_LINES.join(PLANTED)}

Besides, some 4 % of scores are blank and 2 % of visits are missing, at random.

## Exports

`export.csv` and `redcap.csv` are invented too: what a clinic's software and REDCap might export, with names, dates and
typing habits of their own, and with their mappings `export.toml` and `redcap.toml` for `outcomes deidentify`.
"""


_LINES = "\n- "


def _change_of_attending(records: pd.DataFrame, session: int) -> float:
    """Mean change in scarring of those still assessed after `session` sessions: what a clinic would naively report."""
    course = ["patient_id", "course_id"]
    scored = records.drop_duplicates([*course, "sessions_completed"]).set_index(course)["scar_score"].astype(float)
    after = records.drop_duplicates([*course, "sessions_completed"])["sessions_completed"].to_numpy()
    return float((scored[after == session] - scored[after == 0]).mean())
