"""What an export seems to hold, by its headers and its cells: its columns, how dates and numbers are written, and the scales of its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from outcomes.definitions.columns import COLUMN
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.deidentify.appointments import are_of_appointments
from outcomes.deidentify.headers import LISTS, Match, matches, plain_words, scale_names
from outcomes.deidentify.layout import Column, Layout
from outcomes.deidentify.mapping import APPOINTMENT, CANCELLED, MISSED, SCORED_ON
from outcomes.deidentify.meanings import NOTHING, meaning, readable_share
from outcomes.deidentify.written import Dates, date_forms, decimal_sign
from outcomes.tabular.words import folded, words

SCALE_COLUMNS = {endpoint.scale_column: endpoint for endpoint in ENDPOINTS.values()}
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
    found = _switched(matches([*columns], lambda column, name: _fits(column, texts[name])), texts)
    taken = {name for match in found.values() for name in match.headers}
    found = _told_by_name(found, lies.table) | _not_kept(columns, texts, taken)
    decimal = _decimal(found, texts, is_typed=lies.is_typed)
    return Guess(columns, texts, found, _dates(found, texts), decimal, _scales(found, texts))


def _texts(cells: pd.Series) -> list[str]:
    """The different texts of a column, the most frequent first, without those for nothing."""
    return [text for text in cells.dropna().value_counts(sort=True).index if folded(text) not in NOTHING]


def _fits(column: str, texts: Sequence[str]) -> bool:
    """Whether texts can be those of a column; PIH may be scored or answered."""
    if not texts or column in ("patient_id", "pih_score"):
        return True
    if column in DATED or column == "age":
        ages = sum(text.isdigit() and len(text) <= 3 for text in texts) if column == "age" else 0
        return 2 * (date_forms(texts).unread - ages) <= len(texts) or all(map(_is_serial, texts))
    kind = COLUMN[column].kind if column in COLUMN else "whole"
    if column == "status":
        # What becomes of an appointment is no status of a course.
        return readable_share(column, texts) == 1
    return kind in ("id", "text", "category") or readable_share(column, texts) >= 0.5


def _is_serial(text: str) -> bool:
    return text.isdigit() and 10_000 <= int(text) < 100_000


def _switched(found: dict[str, Match], texts: Mapping[str, list[str]]) -> dict[str, Match]:
    """PIH that is answered and not scored is new PIH."""
    pih = found.get("pih_score")
    if pih is None or readable_share("pih_score", texts[pih.headers[0]]) >= 0.5:
        return found
    rest = {column: match for column, match in found.items() if column != "pih_score"}
    return (
        rest
        if "new_pih" in rest
        else {**rest, "new_pih": Match(pih.headers, "answers, no scores: taken as new PIH since the last session")}
    )


def _not_kept(columns: Mapping[str, Column], texts: Mapping[str, list[str]], taken: set[str]) -> dict[str, Match]:
    """Columns that say which appointments were not kept, and so are no visits."""
    free = {
        name: plain_words(name) for name, column in columns.items() if name not in taken and not (column.visits or column.measure)
    }
    told = {APPOINTMENT: next((name for name in free if are_of_appointments(texts[name])), "")}
    for column in (MISSED, CANCELLED):
        told[column] = next((name for name, plain in free.items() if plain in words(LISTS["layout"][column])), "")
    return {column: Match((name,)) for column, name in told.items() if name}


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
