"""The data dictionary: the contract of the session record as a page, made by ``python -m outcomes.definitions.dictionary``."""

from __future__ import annotations

from outcomes.definitions.columns import COLUMNS
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES


def data_dictionary() -> str:
    """The columns of a session record as a Markdown page, as it stands in ``data/dictionary.md``."""
    rows = "\n".join(
        f"| `{column.name}` | {column.kind} | {'yes' if column.required else 'no'} | {column.allowed} | {column.meaning} |"
        for column in COLUMNS
    )
    scales = "\n".join(
        f"| `{name}` | {scale.low}-{scale.high} | {scale.kind} | {endpoint.label} | {scale.rule} | {scale.margin:g} {scale.unit} | "
        f"{'higher' if scale.higher_is_better else 'lower'} | {scale.source} |"
        for endpoint in ENDPOINTS.values()
        for name in endpoint.scales
        for scale in [SCALES[name]]
    )
    return f"""# Data dictionary

Made by `python -m outcomes.definitions.dictionary`; change `src/outcomes/definitions`, not this page.

One row per visit of a course: one patient's series of microneedling sessions on one area. CSV, Parquet, an Excel
sheet, or a table of a database. Anonymised: pseudonyms, ages, and days since the course's first visit; no date, no name. A blank is "not
recorded", never "no". Yes/no columns read yes, no, true, false, 1, 0, y and n in any case; skin types also read 1-6 and
"type iv". Numbers have a decimal point and no thousands separator, and not just three decimals: 1.500 could be either.

A visit that several assessors scored has a row for each, with the same day and another `assessor_id` on every row. These rows may
differ in `blinded`, in the scores, and in `gais` where each says that a clinician judged; whatever else is recorded must be the
same on all of them. What is analysed is the mean of the scores, in hundredths, half a hundredth rounded down; the single scores
show how well the assessors agree. Without such codes a course has one row per day.

Refused before anything is computed, as a patient could be identified: a column that names a person or a place (name,
e-mail, telephone, date of birth, address, postcode, record number, photo, note, serial number, in any spelling); a calendar
date, an e-mail or internet address or a telephone number in any cell; an age above 90; a code that looks like a name or like
a number of a person. So a pseudonym has letters and digits: codes of letters alone are taken for names where more than a third
of a column are such, and nine digits or more for a number. Other columns than these are named in the report and not used.

## A score "after k sessions"

The score with `sessions_completed` k that was taken 14 to 60 days after session k; of several, the one nearest to 30 days. Where
the sessions of a clinic are in the median less than 20 or more than 45 days apart, the window follows them: from 0.45 times that
spacing to twice the spacing, nearest to the spacing itself; every report says which window it used, and the parameter `window`
sets another. The day of session k is the day of the last row with `treated` yes and `sessions_completed` k - 1, or where
`treated` is not recorded, of the last such row.

Where that row is missing, as where only scored visits were kept, a score counts if it lies at least 14 days after the last row with
fewer sessions, if no row with more sessions lies within 14 days after it, and if it lies at most 60 days after the day on which
session k is to be expected, with the sessions since the last known one spaced as in the clinic's other courses (30 days apart
where that is not known). Of several scores, the one nearest to 30 days after that day counts. With another window its days stand
in place of 14, 30 and 60. A score that does not count is counted under its reason.

## Columns

| column | kind | required | allowed | meaning |
|---|---|---|---|---|
{rows}

## Scales

No published minimal important difference exists for these scales; the responder rules are this product's defaults and are
printed with every responder rate, and the margin is the largest difference between groups taken as none. Where higher is
better, scores are turned round before anything is computed (lowest + highest - score): a change below 0 is an improvement on
every scale.

| scale | range | kind | used for | responder | margin | better | source |
|---|---|---|---|---|---|---|---|
{scales}
"""


if __name__ == "__main__":
    print(data_dictionary(), end="")
