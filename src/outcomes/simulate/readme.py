"""The page beside the committed sample: how it was made, what is true of it, what was planted."""

from __future__ import annotations

from typing import Any, get_args

import pandas as pd

from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.simulate.attendance import EVENTS_PER_SESSION, NEW_PIH_PER_SESSION, Stopping
from outcomes.simulate.histories import EXPECTED_FROM, PATCHES, SCORED_SESSION
from outcomes.simulate.sample import PATIENTS_AT_ONCE, sample
from outcomes.simulate.scores import EFFECTS, UNITS_OF_A_GRADE

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

PATCHY: dict[str, Any] = {"patients": 150, "seed": 62, "kept": "patchily"}
"""What `sample` is asked for the second clinic's records, ``data/sample/patchy.csv``. The seed
was chosen, among 2 to 79, so that the means resemble those of many patients: what misleads them misleads 150 too."""


def readme() -> str:
    """The page beside the committed sample, as it stands in ``data/sample/README.md``."""
    records, known = sample()
    endpoints = known["endpoints"]
    columns = [endpoints[name][number] for name in EFFECTS for number in ("change", "responders")]
    effects = "\n".join(
        f"| {row[0]} | " + " | ".join(f"{row[i]:.2f} | {100 * row[i + 1]:.0f} %" for i in range(1, len(row), 2)) + " |"
        for row in zip(known["sessions"], *columns, strict=True)
    )
    session = 6
    attending = "\n".join(
        f"| {stopping} | {_changes(sample(PATIENTS_AT_ONCE, stopping=stopping).records, session)['change'].mean():.2f} "
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

which gives the same bytes each time. This page is made by `python -m outcomes.simulate`; change
`src/outcomes/simulate`, not the page or the records.

## True effects

Had every patient continued: the mean change from baseline on the recorded scale (negative is improvement), and the
share who respond among those who can improve. They are the same for every skin type and for every year in which courses
began (`start_year`), by design. PIH counts courses that have it at baseline.

| sessions | {heads} |
|---|{"---|---|" * len(EFFECTS)}
{effects}

Responders: {rules}.

Events per session: {rates}; new PIH {100 * NEW_PIH_PER_SESSION[0]:g} % in skin types I-III and {100 * NEW_PIH_PER_SESSION[-1]:g} % in IV-VI.

## Who stops

Patients of this sample tend to stop once their recorded scores have improved, those of skin types I-III more than those
of IV-VI. So the mean of those still attending is not the effect. In samples of {PATIENTS_AT_ONCE:,} patients, scarring after
{session} sessions:

| `--stopping` | mean change of those still attending | had every patient continued |
|---|---|---|
{attending}

## Planted

At least one of each, for the findings to find:

- {_LINES.join(PLANTED)}

Besides, some 4 % of scores are blank and 2 % of visits are missing, at random.

{_second_clinic(endpoints["scarring"]["change"])}

## Exports

`export.csv` and `redcap.csv` are invented too: what a clinic's software and REDCap might export, with names, dates and
typing habits of their own, and with their mappings `export.toml` and `redcap.toml` for `outcomes deidentify`.
"""


_LINES = "\n- "


def _second_clinic(true_change: list[float]) -> str:
    records = sample(**PATCHY).records
    many = sample(PATIENTS_AT_ONCE, seed=PATCHY["seed"], kept="patchily").records
    planted = "\n".join(f"| {what} | {how_much} |" for what, how_much in _patches().items())
    rows = "\n".join(
        f"| {k} | {_naive(records, k)} | {_naive(many, k)} | {true_change[k - 1]:.2f} |" for k in (SCORED_SESSION, 6)
    )
    return f"""## A second clinic

`patchy.csv` shows records as clinics keep them: {len(records):,} rows of {records["patient_id"].nunique()} patients, as invented as the others, made by

```
outcomes sample --kept patchily --patients {PATCHY["patients"]} --seed {PATCHY["seed"]} --out data/sample/patchy.csv
```

and read as `outcomes report patchy` or `outcomes.read_records("patchy")`. The true effects are those of the first clinic,
in the table above: what raters who expect nothing would have marked, had every patient continued. Besides what was planted
in the first clinic's records:

| planted | how much |
|---|---|
{planted}

So a mean of the scores that were taken misleads in two ways, and the two may cancel out. Satisfied patients are missing
from it, and raters who expect improvement find more of it. Mean change in scarring of the courses scored, and how many:

| sessions | `patchy.csv`: all | scored blind | not blind | {PATIENTS_AT_ONCE:,} patients: all | scored blind | not blind | true change |
|---|---|---|---|---|---|---|---|
{rows}

The seed was chosen, among 2 to 79, so that these means resemble those of many patients. Where it was not noted whether
a score was blind, it counts under "all" only; where both raters scored, the row that comes first counts."""


def _patches() -> dict[str, str]:
    """What was planted in patchy records -> how much of it, for a table."""
    return {
        "visits scored": f"{_percent(PATCHES.scored_at_baseline)} at baseline, {_percent(PATCHES.scored_after_3)} after "
        f"{SCORED_SESSION} sessions, {_percent(PATCHES.scored_at_last)} at the visit after the last session, "
        f"{_percent(PATCHES.scored_elsewhere)} at other visits",
        "patients who stop": f"they go by how the skin looks at the next visit, scored or not, with the odds of the first clinic; "
        f"{_percent(PATCHES.unseen)} of them do not come to that visit, so nobody writes down what they saw",
        "two areas": f"{_percent(PATCHES.two_areas)} of patients; {_percent(PATCHES.alike)} of the variance in severity and in pace "
        "is the patient's",
        "raters": f"{_percent(PATCHES.scored_blind)} of scores are taken by a blind rater (A6), the others by one who marks "
        f"{PATCHES.expected_grades:g} grades lower ({PATCHES.expected_grades * UNITS_OF_A_GRADE['pih']:.2g} points of PAHPI) once "
        f"{EXPECTED_FROM} sessions were given (A1); {_percent(PATCHES.scored_by_both)} of scored visits are scored by both, a row each",
        "intervals": f"about 34 days (standard deviation 8); {_percent(PATCHES.no_shows)} are of 61 to 120 days after an appointment "
        "that was not kept",
        "rows": f"{_percent(PATCHES.visits_missed)} of visits have none; {_percent(PATCHES.courses_of_scored_rows)} of courses have "
        "rows for the first visit and for scored visits only",
        "PIH": "courses without it are scored at the floor (PAHPI 6) from the baseline on, here and in the first clinic",
        "status": f"blank in {_percent(PATCHES.status_blank)} of courses",
        "adverse events": f"asked about at {_percent(PATCHES.asked_about_events)} of visits after a session",
    }


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _naive(records: pd.DataFrame, session: int) -> str:
    """Three cells of a table: the mean change of all who were scored, of those scored blind, and of the others."""
    changes = _changes(records, session)
    groups = (changes, changes[changes["blinded"] == "yes"], changes[changes["blinded"] == "no"])
    return " | ".join(f"{group['change'].mean():.2f} ({len(group):,})" for group in groups)


def _changes(records: pd.DataFrame, session: int) -> pd.DataFrame:
    """Change in scarring of each course assessed after `session` sessions, what a clinic would naively average; and who was blind."""
    course = ["patient_id", "course_id"]
    visits = records.drop_duplicates([*course, "sessions_completed"]).set_index(course)
    before, after = (visits[visits["sessions_completed"] == k] for k in (0, session))
    change = after["scar_score"].astype(float) - before["scar_score"].astype(float).reindex(after.index)
    return after.assign(change=change)[["change", "blinded"]].dropna(subset=["change"])
