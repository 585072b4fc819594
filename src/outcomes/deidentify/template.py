"""A mapping to start from, with the columns of an export that go by a usual name."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from outcomes.definitions.columns import COLUMN
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.deidentify.mapping import MAPPED, SCORED_ON, SESSION
from outcomes.errors import UsageError, spans
from outcomes.records.privacy import is_identifying, private_headers
from outcomes.records.texts import is_named_header
from outcomes.tabular.words import unaccented, word_lists, words

_LISTS = word_lists("outcomes.deidentify", "synonyms.toml")
_SYNONYMS = {column: words(names) for column, names in _LISTS["columns"].items()}
"""Contract column -> its usual names, in order of preference."""

# By which scale a score goes, where the name of its column says so in other words than the scale's own.
_SAID = {
    "scar_scale": {"ecca": "ecca", "asas": "asas", "gb grad": "goodman_baron_grade", "baron grad": "goodman_baron_grade"},
    "pih_scale": {"pahpi": "pahpi", "mmasi": "mmasi", "melanin": "melanin_index"},
    "line_scale": {"lemperle": "lemperle"},
}
_ENDPOINTS = {endpoint.scale_column: endpoint for endpoint in ENDPOINTS.values()}
_NEEDED = ("patient_id", "day", "age", SESSION, "sex", "fitzpatrick", "scar_score", "pih_score")

# A word in the header of the dates -> how dates and decimals are usually written where it is used.
_COUNTRIES = {
    **dict.fromkeys(("datum", "behandlungsdatum", "besuchsdatum", "termin"), ("dd.mm.yyyy", ",")),
    **dict.fromkeys(("fecha", "data", "de"), ("dd/mm/yyyy", ",")),
}

_AGES = words(_LISTS["columns"]["age"]["otherwise"])
_TIP = ["|".join(map(re.escape, names)) for names in _LISTS["tip"].values()]
_PERSON = words(_LISTS["person"])

_HEAD = """\
# Which column of the export is which column of a session record. What is not named here is dropped.
# Check every line, then: outcomes deidentify EXPORT --mapping THIS_FILE --out passed_on/sessions.csv

[export]
{sheet:<31}# which sheet of a workbook
dates = {dates:<23}# how dates are written: dd.mm.yyyy, dd/mm/yyyy (day first), mm/dd/yyyy (month first), dd mmm yyyy, ...
decimal = {decimal:<21}# "," where 3,5 is three and a half
scores = "before"              # the scores of a row were taken before its session, or "after" it
# scores_days_after = 30       # "after" only, where no column (scored_on) has the date of the scores
# blank = ["-", "n/a"]         # written for "not recorded"

[columns]
# patient_id and tip_code may be lists: columns that together tell one. age: a date of birth, or ages. session: the number
# of the session given at the visit, blank or 0 if none; or sessions_completed, those given before; without either,
# sessions are counted from the visits that are treated, or from all visits.
"""


def example(headers: Sequence[str] = (), sheet: str | None = None) -> str:
    """A commented mapping as TOML, with the columns among `headers` that go by a usual name in one of six languages.

    What could not be guessed stands there as a comment. Nothing but the headers is looked at. `sheet` is theirs in a workbook.

    Raises:
        UsageError: the headers are those of no export, but a record: they name a person, and hardly one goes by a usual name.
    """
    guessed = guesses(headers)
    cells = [place for place, name in enumerate(headers, start=1) if is_cell(name)]
    if 4 * len(cells) >= max(len(headers), 4) and len(guessed) < 3:
        where = f"{'column' if len(cells) == 1 else 'columns'} {spans(cells)}"
        raise UsageError(
            f"the first row is a record, not one of headers ({where}): put a row with the names of the columns above it"
        )
    lines = [f"{column} = {_toml(guessed[column])}" for column in MAPPED if column in guessed]
    # Columns that a session record hardly does without come with an example in their place.
    missing = [
        column
        for column in (*_NEEDED, *MAPPED)
        if column not in guessed and column not in _ENDPOINTS and column != "sessions_completed"
    ]
    lines += [f'# {column} = "..."{_meaning(column)}' for column in dict.fromkeys(missing) if column not in ("gais_by",)]
    taken = {part for parts in guessed.values() for part in parts}
    left = [shown_header(name, place) for place, name in enumerate(headers, start=1) if name not in taken]
    if left:
        lines += ["# not mapped, and so dropped:", *(f"#   {_shown(name)}" for name in left)]
    own_sheet = '# sheet = "Visits"' if sheet is None else f"sheet = {_quoted(sheet)}"
    day = _plain(" ".join(guessed.get("day", ())))
    dates, decimal = next((known for begin, known in _COUNTRIES.items() if begin in day.split()), ("yyyy-mm-dd", "."))
    return "\n".join(
        [
            _HEAD.format(sheet=own_sheet, dates=_quoted(dates), decimal=_quoted(decimal)) + "\n".join(lines),
            "",
            "[constants]                    # the same on all rows",
            *_scale_lines(guessed),
            "",
            '# What the export writes, in any case = what it means; "" = not recorded.',
            '[values."yes/no"]              # for every yes/no column',
            *(f'{_quoted(text)} = "{meaning}"' for meaning, texts in _LISTS["values"]["yes_no"].items() for text in texts),
            "",
            "[values.sex]",
            *(f'{_quoted(text)} = "{meaning}"' for meaning, texts in _LISTS["values"]["sex"].items() for text in texts),
            "",
            "# [values.area]",
            '# "left cheek" = "cheeks"',
            "",
            "# [long]                       # only where every row is one measurement",
            '# measure = "Test"             # the column that names it',
            '# value = "Result"             # the column of its value',
            "# [long.measures]",
            '# "GB grade" = "scar_score"',
            "",
        ]
    )


def is_cell(header: str) -> bool:
    """Whether what stands as a header is the cell of a record: it names a person or holds a date, an address or a number."""
    return (bool(private_headers([header])) and not is_identifying(header)) or is_named_header(header)


def shown_header(name: str, place: int) -> str:
    """A header as a message or a mapping may show it: without what only a cell would hold."""
    return f"column {place} (its header looks like a cell)" if is_cell(name) else name


def guesses(headers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Contract column -> the one of `headers` that goes by a usual name for it; no header is taken twice."""
    by_plain: dict[str, str] = {}
    for name in headers:
        by_plain.setdefault(_plain(name), name)
    found: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for column in (*_SYNONYMS, *(column for column in MAPPED if column not in _SYNONYMS)):
        known = (_plain(column), *_SYNONYMS.get(column, ()), *_own_names(column))
        header = next((by_plain[name] for name in known if name in by_plain and by_plain[name] not in taken), None)
        if header is not None:
            found[column] = (header,)
            taken.add(header)
    if SESSION in found:
        found.pop("sessions_completed", None)
    lot, serial = (next((name for name in headers if re.search(rf"\b({word})\b", _plain(name))), None) for word in _TIP)
    if lot and serial and lot != serial and not {lot, serial} & (taken - set(found.get("tip_code", ()))):
        found["tip_code"] = (lot, serial)
    people = tuple(by_plain[name] for name in _PERSON if name in by_plain and by_plain[name] not in taken)
    if "patient_id" not in found and people:
        found["patient_id"] = (*people, *(name for name in found.get("age", ()) if _plain(name) not in _AGES))
    return {column: found[column] for column in MAPPED if column in found}


def _scale_lines(guessed: dict[str, tuple[str, ...]]) -> list[str]:
    lines = []
    for scale, endpoint in _ENDPOINTS.items():
        if scale in guessed:
            continue
        known = _SAID.get(scale, {}) | {text: name for name in endpoint.scales for text in _names_of(name)}
        header = _plain(" ".join(guessed.get(scale.replace("scale", "score"), ())))
        name = next((name for word, name in known.items() if word in header), None)
        allowed = ", ".join(COLUMN[scale].categories)
        lines.append(f'{scale} = "{name}"' if name else f'# {scale} = "..."    # {allowed}')
    return lines


def _own_names(column: str) -> list[str]:
    """A score column goes by its endpoint and by each of its scales as well."""
    endpoint = next((endpoint for endpoint in ENDPOINTS.values() if endpoint.score_column == column), None)
    return [_plain(endpoint.label), *(text for name in endpoint.scales for text in _names_of(name))] if endpoint else []


def _names_of(scale: str) -> tuple[str, str]:
    return _plain(scale), _plain(SCALES[scale].label)


def _meaning(column: str) -> str:
    own = {
        SCORED_ON: "the date of the row's scores, where it is not that of the visit",
        SESSION: "number of the session given at the visit",
        "day": "date of the visit; becomes days since the course's first visit",
        "age": "date of birth, or age in years",
    }
    if column in own:
        return f"    # {own[column]}"
    return f"    # {'becomes a random code' if COLUMN[column].kind == 'id' else COLUMN[column].meaning}"


def _plain(name: str) -> str:
    """A header for comparing: lower case, no accents, single spaces for whatever is no letter or digit."""
    return " ".join(re.findall(r"[a-z0-9]+", unaccented(name.replace("№", "no").casefold())))


def _shown(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _quoted(text: str) -> str:
    # A basic string of TOML is a string of JSON, save for one control character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(parts: tuple[str, ...]) -> str:
    return _quoted(parts[0]) if len(parts) == 1 else f"[{', '.join(map(_quoted, parts))}]"
