"""Whose report it is and of which time: what stands above its first line and in its foot.

Records hold no name of a clinic and no date, so all of it is given. What is not given prints its name in square brackets.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from outcomes.display.words import day_words
from outcomes.errors import UsageError
from outcomes.report.parameters import Parameter

LONGEST = 100
"""Characters that a name or a contact may have."""

YEARS = range(1990, 2101)
"""Years of which a report can be."""

_UNSEEN = "\u00a0\u200c\u200d\u202f"

PARAMETERS = {
    name: Parameter(name, str, is_list=False, default="", help=help)
    for name, help in {
        "clinic": "name of the clinic, as it stands above the report",
        "period": "first and last day, or month, of the sessions, such as 2026-01-01/2026-06-30 or 2026-01/2026-06",
        "records_until": "day on which the records were exported, such as 2026-06-30",
        "contact": "whom to ask about the report: a name, an e-mail address or both",
        "report_date": "day of the report, such as 2026-07-15; today where it is blank",
    }.items()
}
"""What a report is told for its masthead, beside the parameters of its notebooks."""

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


class Masthead(NamedTuple):
    """What was given, in words: `period` is "1 January to 30 June 2026"; blank where nothing was given, but for the date of the report.

    `issued` is that date as a computer reads it.
    """

    clinic: str = ""
    period: str = ""
    records_until: str = ""
    contact: str = ""
    report_date: str = ""
    issued: str = ""


def masthead_of(given: Mapping[str, object]) -> Masthead:
    """The masthead from values by the names of `PARAMETERS`.

    The date of the report is today, or the day of the environment variable SOURCE_DATE_EPOCH, where it is not given.

    Raises:
        UsageError: a name that is too long or can't be printed, a date that is none, a period that ends before it begins, records
            from after the report, sessions from after either.
    """
    text = {name: "" if given.get(name) is None else str(given[name]).strip() for name in PARAMETERS}
    for name in ("clinic", "contact"):
        if problem := name_problem(text[name]):
            raise UsageError(f"-p {name}: {problem}")
    issued = _day("report_date", text["report_date"]) if text["report_date"] else _today()
    until = _day("records_until", text["records_until"]) if text["records_until"] else None
    if until and until > issued:
        raise UsageError(f"-p records_until={until}: this is later than the date of the report, {issued}")
    ends = _period(text["period"]) if text["period"] else None
    if ends:
        _check_past(text["period"], ends.last, "the day of the export", until)
        _check_past(text["period"], ends.last, "the date of the report", issued)
    return Masthead(
        clinic=text["clinic"],
        period=ends.words if ends else "",
        records_until=day_words(until) if until else "",
        contact=text["contact"],
        report_date=day_words(issued),
        issued=issued.isoformat(),
    )


def name_problem(text: str) -> str | None:
    """Why a name or a contact can't be shown, continuing the sentence that begins with its place; None where it can.

    Markup is no reason: it is shown as it is written. Blanks that don't break a line and the joiners of Persian and Indian
    scripts are no control characters.

    Example:
        >>> name_problem("Skin & Laser <Aïda>") is None
        True
        >>> name_problem("one" + chr(10) + "two")
        'it holds a line break or a character that cannot be printed; plain text is wanted'
    """
    if len(text) > LONGEST:
        return f"it has {len(text)} characters, at most {LONGEST} can be shown"
    if not all(letter.isprintable() or letter in _UNSEEN for letter in text):
        return "it holds a line break or a character that cannot be printed; plain text is wanted"
    return None


def _check_past(period: str, last: date, event: str, day: date | None) -> None:
    if day and last > day:
        raise UsageError(f"-p period={period}: it ends later than {event}, {day}")


def _today() -> date:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date() if epoch.isdecimal() else date.today()
    except (OverflowError, ValueError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH={epoch}: this is no time that a date can be made of") from None


def _day(name: str, text: str) -> date:
    try:
        return _credible(date(*map(int, _DAY.fullmatch(text).groups())))  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        raise UsageError(f"-p {name}={text}: a day is wanted, such as 2026-06-30") from None


def _credible(day: date) -> date:
    """The day, unless its year can only be a slip of the finger, such as 0206."""
    if day.year not in YEARS:
        raise ValueError(f"the year {day.year}")
    return day


class _Period(NamedTuple):
    """When it ends, a month standing for its first day, and both ends in words."""

    last: date
    words: str


def _period(text: str) -> _Period:
    """The period between two days or two months."""
    ends = re.split(r"\s*(?:/|–|\bto\b)\s*", text)
    whole = [_MONTH.fullmatch(end) for end in ends]
    try:
        if len(ends) != 2:
            raise ValueError
        if all(whole):
            first, last = (_credible(date(int(month[1]), int(month[2]), 1)) for month in whole if month)
        else:
            first, last = (_day("period", end) for end in ends)
    except (ValueError, UsageError):
        raise UsageError(
            f"-p period={text}: two days or two months are wanted, such as 2026-01-01/2026-06-30 or 2026-01/2026-06"
        ) from None
    if last < first:
        raise UsageError(f"-p period={text}: it ends before it begins")
    names = [day_words(day).split(maxsplit=1)[1] if all(whole) else day_words(day) for day in (first, last)]
    if names[0] == names[1]:
        return _Period(last, names[0])
    same_year = first.year == last.year
    return _Period(last, f"{names[0].removesuffix(f' {first.year}') if same_year else names[0]} to {names[1]}")
