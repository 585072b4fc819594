"""What an export seems to hold, by its headers and its cells: its columns, how dates and numbers are written, and the scales of its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from outcomes.definitions.columns import COLUMN
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.deidentify.appointments import known_share
from outcomes.deidentify.by_cells import by_cells, not_kept, services
from outcomes.deidentify.dates import reader
from outcomes.deidentify.headers import LISTS, Match, is_about_else, matches, plain_words, scale_names
from outcomes.deidentify.layout import Column, Layout
from outcomes.deidentify.mapping import CANCELLED, MISSED, SCORED_ON, SESSION
from outcomes.deidentify.meanings import NOTHING, meaning, readable_share
from outcomes.deidentify.written import Dates, date_forms, decimal_sign
from outcomes.tabular.words import folded, words

SCALE_COLUMNS = {endpoint.scale_column: endpoint for endpoint in ENDPOINTS.values()}
_UNKEPT = frozenset(word for column in (MISSED, CANCELLED) for word in words(LISTS["layout"][column]))
DATED = ("day", SCORED_ON)

# By which scale a score goes, where the name of its column says so in other words than the scale's own.
_SAID = {
    "scar_scale": {
        "ecca": "ecca", "asas": "asas", "gb grad": "goodman_baron_grade", "baron grad": "goodman_baron_grade", "gb score": "goodman_baron_score",
    },
    "pih_scale": {"pahpi": "pahpi", "mmasi": "mmasi", "melanin": "melanin_index"},
    "line_scale": {"lemperle": "lemperle"},
}  # fmt: skip

# A word in the header of the dates -> how dates and decimals are usually written where it is used.
_COUNTRIES = {
    **dict.fromkeys(("datum", "behandlungsdatum", "besuchsdatum", "termin"), ("dd.mm.yyyy", ",")),
    **dict.fromkeys(("fecha", "data", "de"), ("dd/mm/yyyy", ",")),
}


class Guess(NamedTuple):
    """An export as it seems to be: its `columns` of one kind by name, their different `texts`, what was `found` of a session record among
    them, how dates are `written`, the decimal sign, and column of a scale -> the scale and what has to be checked; blank where there is no score.
    """

    columns: dict[str, Column]
    texts: dict[str, list[str]]
    found: dict[str, Match]
    written: Dates
    decimal: str
    scales: dict[str, tuple[str, str]]


def guess(lies: Layout) -> Guess:
    """What an export of this layout seems to hold."""
    columns = {column.name: column for column in lies.columns}
    texts = {name: _texts(column.cells) for name, column in columns.items()}
    found = _switched(matches([*columns], lambda column, name: _fits(column, name, texts[name])), texts)
    found = _told_by_name(found, lies.table)
    for further in (by_cells, not_kept, services):
        taken = {name for match in found.values() for name in match.headers}
        free = {
            name: texts[name]
            for name, column in columns.items()
            if name not in taken
            and not (column.visits or column.measure)
            and (plain_words(name) in _UNKEPT or not is_about_else(name))
        }
        found |= further(free, found, columns)
    texts |= _of_records(columns, found, lies, _dates(found, texts).forms)
    found = _with_doubts(_numbered(found, lies), texts)
    decimal = _decimal(found, texts, is_typed=lies.is_typed)
    return Guess(columns, texts, found, _dates(found, texts), decimal, _scales(found, texts))


def _texts(cells: pd.Series) -> list[str]:
    """The different texts of a column, the most frequent first, without those for nothing."""
    return [text for text in cells.dropna().value_counts(sort=True).index if folded(text) not in NOTHING]


def _of_records(
    columns: Mapping[str, Column], found: Mapping[str, Match], lies: Layout, forms: Sequence[str]
) -> dict[str, list[str]]:
    """The texts of plain columns without the rows that have no patient and, in place of a date, a title, a remark or a unit."""
    person, day = found.get("patient_id"), found.get("day")
    if person is None or day is None or any(name not in lies.table for name in (*person.headers, *day.headers)):
        return {}
    readers = [reader(form) for form in forms]
    dates = lies.table[day.headers[0]]
    is_date = dates.map(lambda text: any(read(text) for read in readers), na_action="ignore")
    is_other = lies.table[[*person.headers]].isna().all(axis=1) & is_date.eq(False)
    if not is_other.any():
        return {}
    return {name: _texts(lies.table.loc[~is_other, name]) for name in columns if name in lies.table}


def _fits(column: str, header: str, texts: Sequence[str]) -> bool:
    """Whether texts can be those of a column; PIH may be scored or answered."""
    if not texts or column in ("patient_id", "pih_score"):
        return True
    if column in DATED or column == "age":
        ages = sum(text.isdigit() and len(text) <= 3 for text in texts) if column == "age" else 0
        return 2 * (date_forms(texts).unread - ages) <= len(texts) or all(map(_is_serial, texts))
    kind = COLUMN[column].kind if column in COLUMN else "whole"
    if column == "status":
        # What becomes of an appointment is no status of a course.
        return readable_share(column, texts) >= (0.5 if known_share(texts) == 0 else 1)
    if column == "fitzpatrick" and plain_words(header) == "skin":
        # That may be what is noted of the skin.
        return readable_share(column, texts) >= 0.5
    return kind in ("id", "text", "category") or readable_share(column, texts) >= 0.5


def _is_serial(text: str) -> bool:
    return text.isdigit() and 10_000 <= int(text) < 100_000


def _switched(found: dict[str, Match], texts: Mapping[str, list[str]]) -> dict[str, Match]:
    """PIH that is answered and not scored is new PIH; a session that is answered and not numbered says whether one was given."""
    session = found.get(SESSION)
    if session is not None and "treated" not in found and len(said := texts[session.headers[0]]) > 1:
        is_answer = all(_yes_no(text) for text in said)
        if is_answer and ({*said} == {"0", "1"} or not any(text.isdigit() for text in said)):
            doubt = "only 0 and 1: taken as whether a session was given" if said[0].isdigit() else ""
            found = {column: match for column, match in found.items() if column != SESSION}
            found["treated"] = Match(session.headers, doubt)
    pih = found.get("pih_score")
    if pih is None or readable_share("pih_score", texts[pih.headers[0]]) >= 0.5:
        return found
    rest = {column: match for column, match in found.items() if column != "pih_score"}
    return (
        rest
        if "new_pih" in rest
        else {**rest, "new_pih": Match(pih.headers, "answers, no scores: taken as new PIH since the last session")}
    )


def _yes_no(text: str) -> bool:
    told = meaning("treated", text)
    return told is not None and bool(told.text) and not told.doubt


def _numbered(found: dict[str, Match], lies: Layout) -> dict[str, Match]:
    """Without a number of sessions that is the same at all visits of every patient: it tells how many they were, not which."""
    several = any(column.visits for column in lies.columns)
    wrong = []
    for column in {SESSION, "sessions_completed"} & found.keys():
        (header, *_) = found[column].headers
        if header not in lies.table:
            continue
        if several or _is_total_of_patient(lies.table, header, found.get("patient_id")):
            wrong.append(column)
    return {column: match for column, match in found.items() if column not in wrong}


def _is_total_of_patient(table: pd.DataFrame, header: str, person: Match | None) -> bool:
    if person is None:
        return False
    told = table[table[header].notna()].groupby([*person.headers])[header]
    seen = told.agg(["nunique", "size"])
    again = seen[seen["size"] > 1]
    return len(again) >= _FEWEST_PATIENTS and bool((again["nunique"] == 1).all())


_FEWEST_PATIENTS = 3


def _with_doubts(found: dict[str, Match], texts: Mapping[str, list[str]]) -> dict[str, Match]:
    """What numbers leave open: which end of a scale is the better one, and where it ends."""
    doubts: dict[str, str] = {}
    if "scar_score" in found and plain_words(found["scar_score"].headers[0]) in _GRADES:
        doubts["scar_score"] = "is this the grade of scars?"
    if SESSION in found and _VISITS & {*plain_words(found[SESSION].headers[0]).split()}:
        doubts[SESSION] = "numbers of visits: was a session given at each of them?"
    for column, asked in _DIRECTIONS.items():
        if column in found:
            numbers = [
                float(told.text)
                for text in texts[found[column].headers[0]]
                if _is_bare(text) and (told := meaning(column, text)) and told.text
            ]
            if numbers and (
                column != "satisfaction" or (max(numbers) <= _HALF and "10" not in plain_words(found[column].headers[0]).split())
            ):
                doubts[column] = asked
    return {column: match._replace(doubt=doubts.get(column, match.doubt)) for column, match in found.items()}


_HALF = 5
_GRADES = words(LISTS["columns"]["scar_score"]["otherwise"])
_VISITS = frozenset(("visit", "besuch", "visite", "visita"))
_DIRECTIONS = {
    "gais": "is 1 very much improved, 4 no change and 5 worse?",
    "satisfaction": "no number above 5: is 10 the most that could be said?",
}


def _is_bare(text: str) -> bool:
    return text.replace(",", ".").replace(".", "", 1).isdigit()


def _told_by_name(found: dict[str, Match], table: pd.DataFrame) -> dict[str, Match]:
    """Names without the date of birth, where it does not stand on every row of theirs."""
    person = found.get("patient_id", Match(()))
    names = [name for name in person.headers if name not in found.get("age", Match(())).headers]
    if len(names) in (0, len(person.headers)) or table.loc[table[names].notna().all(axis=1), [*person.headers]].notna().all(
        axis=None
    ):
        return found
    return {**found, "patient_id": Match(tuple(names), "two patients of one name would become one")}


def _dates(found: Mapping[str, Match], texts: Mapping[str, list[str]]) -> Dates:
    """How the visits and births are written, all together: one person exported them."""
    day = plain_words(" ".join(found["day"].headers)) if "day" in found else ""
    usual = next((known for begin, (known, _) in _COUNTRIES.items() if begin in day.split()), "")
    headers = [name for column in (*DATED, "age") for name in found.get(column, Match(())).headers]
    written = [text for name in headers for text in texts[name] if not (text.isdigit() and len(text) <= 3)]
    if written and all(map(_is_serial, written)):
        return Dates(("serial",), "numbers of a spreadsheet, counted from 1900", 0)
    told = date_forms(written, day_first=True if usual else None)
    return told if told.forms else Dates((usual or "yyyy-mm-dd",), told.doubt, told.unread)


def _decimal(found: Mapping[str, Match], texts: Mapping[str, list[str]], *, is_typed: bool) -> str:
    numbers = [column for column in found if column in COLUMN and COLUMN[column].kind == "number"]
    cells = [text for column in numbers for text in texts[found[column].headers[0]]]
    if cells or is_typed:
        return decimal_sign(cells)
    day = plain_words(" ".join(found["day"].headers)) if "day" in found else ""
    return next((sign for begin, (_, sign) in _COUNTRIES.items() if begin in day.split()), ".")


def _scales(found: Mapping[str, Match], texts: Mapping[str, list[str]]) -> dict[str, tuple[str, str]]:
    """Column of a scale that has none in the export -> the scale by the header or the numbers, and what has to be checked; blank where there is no score."""
    guessed: dict[str, tuple[str, str]] = {}
    for column, endpoint in SCALE_COLUMNS.items():
        if column in found:
            continue
        guessed[column] = ("", "")
        if endpoint.score_column not in found:
            continue
        header = found[endpoint.score_column].headers[0]
        known = _SAID.get(column, {}) | {text: name for name in endpoint.scales for text in scale_names(name)}
        named = next((name for word, name in known.items() if word in plain_words(header)), "")
        numbers = [float(told.text) for text in texts[header] if (told := meaning(endpoint.score_column, text)) and told.text]
        if named:
            guessed[column] = (named, "")
        elif numbers:
            low, high = min(numbers), max(numbers)
            name = next((name for name in endpoint.scales if _share_on(name, numbers) >= _MOST_ON), "")
            guessed[column] = (name, f"by its numbers, {low:g} to {high:g}; or {', '.join(endpoint.scales)}")
    return guessed


_MOST_ON = 0.75
"""Share of different numbers on the scale that is guessed: the others may be codes for what was not recorded."""


def _share_on(scale: str, numbers: Sequence[float]) -> float:
    return sum(SCALES[scale].low <= number <= SCALES[scale].high for number in numbers) / len(numbers)
