"""The session record: one row per visit of a course, or for each assessor of a visit. Drives reading, checking and the data dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from outcomes.definitions.endpoints import ENDPOINTS, Endpoint
from outcomes.definitions.fitzpatrick import SKIN_TYPES
from outcomes.definitions.scales import SCALES

Kind = Literal["id", "text", "category", "whole", "number", "yes/no"]

# A yes/no column with blanks becomes 1.0 and 0.0 on its way through a float column.
YES = ("yes", "true", "1", "y", "1.0")
NO = ("no", "false", "0", "n", "0.0")
LONGEST_TEXT, LONGEST_ID = 200, 64

NOT_RECORDED = "not recorded"
"""What stands where a cell is blank and a word is needed: the provider, the judge, how a course ended, the verdict on a claim."""

START_YEAR = "start_year"
"""The year in which a course began: what results are compared by over time."""


NEVER = 10**9
"""What stands for a time that has not been, in a column of times since: longer ago than any limit."""


@dataclass(frozen=True)
class Column:
    """One column of a session record.

    `low` and `high` bound a number, `step` (in hundredths) is its finest division. `categories` maps each
    allowed value to the spellings read as it, in lower case. A number column holds integer hundredths once read; `words` are texts that
    it may hold as well, in lower case, each with the integer that it is held as. A `required` column has to be there, and no cell of
    it `may_be_blank` unless that is said. An `event` is a yes/no column that says whether something went wrong since the previous session.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    may_be_blank: bool = False
    low: int = 0
    high: int = 0
    step: int = 1
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)
    event: bool = False

    @property
    def allowed(self) -> str:
        """What the column may hold, as the end of a sentence: ``"<value> is not <allowed>"``."""
        if self.kind == "id":
            return f"1 to {LONGEST_ID} of the characters A-Z a-z 0-9 _ -"
        if self.kind == "text":
            return f"a text of at most {LONGEST_TEXT} characters"
        if self.kind == "category":
            return "one of " + ", ".join(self.categories)
        if self.kind == "yes/no":
            return "yes or no"
        if self.kind == "whole":
            return f"a whole number between {self.low} and {self.high}"
        if self.step == 50:
            return f"between {self.low} and {self.high} in halves"
        if self.step == 5:
            return f"between {self.low} and {self.high} in steps of 0.05"
        return f"a number between {self.low} and {self.high} with at most two decimals{''.join(f', or {word}' for word in self.words)}"


def _one_of(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name.lower(),) for name in names}


def _skin_types() -> dict[str, tuple[str, ...]]:
    spellings = {}
    for number, name in enumerate(SKIN_TYPES, start=1):
        plain = (name.lower(), str(number))
        spellings[name] = (*plain, *(f"type {spelling}" for spelling in plain))
    return spellings


def _areas() -> dict[str, tuple[str, ...]]:
    names = ("face", "cheeks", "forehead", "temples", "nose", "chin", "jawline", "neck", "chest", "back", "other")
    others = {
        "face": ("full face", "whole face", "entire face"),
        "cheeks": ("both cheeks", "cheek"),
        "temples": ("both temples", "temple"),
        "jawline": ("jaw line", "jaw"),
    }
    return {name: (name, *others.get(name, ())) for name in names}


def _scores(endpoint: Endpoint) -> tuple[Column, Column]:
    meaning = f"{endpoint.meaning} at this visit, before any treatment of the day"
    low = min(SCALES[name].low for name in endpoint.scales)
    high = max(SCALES[name].high for name in endpoint.scales)
    return (
        Column(endpoint.scale_column, "category", f"the scale of {endpoint.score_column}", categories=_one_of(*endpoint.scales)),
        Column(endpoint.score_column, "number", meaning, low=low, high=high),
    )


COLUMNS: tuple[Column, ...] = (
    Column("patient_id", "id", "random pseudonym; not derived from a name or a chart number", required=True),
    Column(
        "area",
        "category",
        "treated area; a course is one patient and one area unless course_id is given",
        categories=_areas(),
    ),
    Column("course_id", "id", "one patient's series of sessions on one area"),
    Column("clinic_id", "id", "random code of the clinic"),
    Column("provider_id", "id", "random code of the person who treated"),
    Column(
        "fitzpatrick",
        "category",
        "Fitzpatrick skin type, the same on all rows of a patient; blank where it is not recorded",
        required=True,
        may_be_blank=True,
        categories=_skin_types(),
    ),
    Column("age", "whole", "years at the first visit; 90 means 90 or over", high=90),
    Column("sex", "category", "the same on all rows of a patient", categories=_one_of("female", "male", "other")),
    Column(
        START_YEAR,
        "whole",
        "year of the course's first visit, the same on all its rows; a year alone, never a date",
        low=1990,
        high=2100,
    ),
    Column("planned_sessions", "whole", "sessions agreed at the start; the same on all rows of a course", low=1, high=30),
    Column(
        "status",
        "category",
        "the course when the records were exported; the same on all its rows",
        categories=_one_of("ongoing", "finished", "stopped"),
    ),
    Column("day", "whole", "days since the course's first visit", required=True, high=3650),
    Column(
        "sessions_completed",
        "whole",
        "sessions already given when the scores of this row were taken; 0 is the baseline",
        required=True,
        high=30,
    ),
    *(column for endpoint in ENDPOINTS.values() for column in _scores(endpoint)),
    Column("gais", "number", "global aesthetic improvement: 1 very much improved, 4 no change, 5 worse", low=1, high=5, step=50),
    Column("gais_by", "category", "who judged gais", categories=_one_of("patient", "clinician")),
    Column("satisfaction", "number", "0 not at all satisfied, 10 fully satisfied", high=10),
    Column("assessor_id", "id", "random code of the person who scored; another one on each of several rows of one visit"),
    Column("blinded", "yes/no", "the assessor did not know the number of sessions"),
    Column("treated", "yes/no", "a session was given at this visit, after the scores were taken"),
    Column("device", "text", "model, without serial number"),
    Column("depth_mm", "number", "deepest needle setting of this session, in millimetres", high=3, step=5),
    Column("passes", "whole", "passes over the area in this session", low=1, high=20),
    Column(
        "adjunct", "category", "given with the session", categories=_one_of("none", "prp", "peel", "topical", "laser", "other")
    ),
    Column("tip_code", "id", "random code of the single-use tip; not its lot or serial number"),
    Column("pregnant", "yes/no", "screened at this visit"),
    Column("breastfeeding", "yes/no", "screened at this visit"),
    Column("active_skin_cancer", "yes/no", "in the treated area, screened at this visit"),
    Column("blood_disorder", "yes/no", "screened at this visit"),
    Column(
        "isotretinoin_months", "number", "months since the last dose of isotretinoin, or never", high=600, words={"never": NEVER}
    ),
    Column("new_pih", "yes/no", "PIH that arose since the previous session", event=True),
    Column("prolonged_erythema", "yes/no", "adverse event since the previous session", event=True),
    Column("infection", "yes/no", "adverse event since the previous session", event=True),
    Column("herpes_flare", "yes/no", "adverse event since the previous session", event=True),
    Column("tram_tracks", "yes/no", "adverse event since the previous session", event=True),
    Column("scar_worsening", "yes/no", "adverse event since the previous session", event=True),
    Column("other_event", "yes/no", "adverse event since the previous session", event=True),
    Column("event_days", "whole", "how many days the longest of the events lasted", high=3650),
)
"""Every column of a session record, in order."""

COLUMN = {column.name: column for column in COLUMNS}
"""Column by name."""

REQUIRED = tuple(column.name for column in COLUMNS if column.required)
"""Columns without which nothing can be computed."""

NEW_PIH = "new_pih"
EVENTS = tuple(column.name for column in COLUMNS if column.event)
"""Columns that record what went wrong since the previous session."""
ADVERSE = tuple(name for name in EVENTS if name != NEW_PIH)
"""The same but new PIH, which has rates of its own."""

CONSTANT_WITHIN_COURSE = {"status": "status", "planned_sessions": "plan", START_YEAR: "year of the first visit"}
"""Column that is the same on all rows of a course -> the word for it."""

CONSTANT_WITHIN_PATIENT = {"fitzpatrick": "skin type", "sex": "sex"}
"""Column that is the same on all rows of a patient -> the word for it."""
