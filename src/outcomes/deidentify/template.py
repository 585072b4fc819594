"""A mapping to start from: what the headers and cells of an export leave no doubt of, and what somebody has to check."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Named

import pandas as pd

from outcomes.definitions.columns import COLUMN
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.deidentify.headers import LISTS, Match, matches, plain_words, scale_names
from outcomes.deidentify.mapping import MAPPED, SCORED_ON, SESSION, Mapping
from outcomes.deidentify.meanings import NOTHING, Meaning, meaning, readable_share
from outcomes.deidentify.values import is_read
from outcomes.deidentify.written import Dates, date_forms, decimal_sign
from outcomes.errors import UsageError, spans
from outcomes.records.privacy import is_identifying, private_headers
from outcomes.records.texts import is_named_header
from outcomes.tabular.engines import ROW
from outcomes.tabular.words import folded

CHECK = "# check"
"""What marks a line of a mapping that a person has to decide."""

UNMAPPED = "# not mapped, and so dropped:"
BEFORE_OR_AFTER = 'were the scores of a row taken before its session, or "after" it'

MOST_TEXTS = 40
"""Different texts of a column that are listed; of more, the most frequent."""

_ENDPOINTS = {endpoint.scale_column: endpoint for endpoint in ENDPOINTS.values()}
_NEEDED = ("patient_id", "day", "age", SESSION, "sex", "fitzpatrick", "scar_score", "pih_score")
_DATED = ("day", SCORED_ON)

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

_HEAD = """\
# Which column of the export is which column of a session record. What is not named here is dropped.
# This file holds texts of the export: it stays in the clinic.
# Check the lines marked "# check", then: outcomes deidentify EXPORT --mapping THIS_FILE --out passed_on/sessions.csv

[export]
{sheet:<30} # which sheet of a workbook
dates = {dates:<22} {day_order}
decimal = {decimal:<20} # "," where 3,5 is three and a half
scores = "before"              {check}: {before_or_after}?
# scores_days_after = 30       # "after" only, where no column (scored_on) has the date of the scores
{blank}

[columns]
# patient_id and tip_code may be lists: columns that together tell one. age: a date of birth, or ages. session: the number
# of the session given at the visit, blank or 0 if none; or sessions_completed, those given before; without either,
# sessions are counted from the visits that are treated, or from all visits.
"""
_DATES = "# how dates are written: dd.mm.yyyy, dd/mm/yyyy (day first), mm/dd/yyyy (month first), dd mmm yyyy, ...; or a list"


def example(export: pd.DataFrame | Sequence[str] = (), sheet: str | None = None, *, is_typed: bool = False) -> str:
    """A commented mapping as TOML, guessed from an export: its columns by their usual names in six languages, and what its cells mean.

    `export` is a table of text as `outcomes.tabular.files.text_table` gives it, or headers alone; `sheet` is its own in a workbook, whose
    numbers are written with a point (`is_typed`). A line that somebody has to decide ends with ``# check`` and the reason; what
    could not be guessed stands there as a comment. Texts are listed of columns that hold scores, categories and answers, never of those
    that tell who somebody is.

    Raises:
        UsageError: the headers are those of no export, but a record: they name a person, and hardly one goes by a usual name.
    """
    table = export.drop(columns=[ROW], errors="ignore") if isinstance(export, pd.DataFrame) else pd.DataFrame(columns=[*export])
    texts = {name: _texts(table[name]) for name in table}
    found = _switched(matches([*table], lambda column, header: _fits(column, texts[header])), texts)
    found = _told_by_name(found, table)
    _check_headers([*table], found)
    written = _dates(found, texts)
    decimal = _decimal(found, texts, is_typed=is_typed)
    used = {name for match in found.values() for name in match.headers}
    lines = [f"{column} = {_toml(found[column].headers)}{_doubt(found[column])}" for column in MAPPED if column in found]
    # Columns that a session record hardly does without come with an example in their place.
    missing = [
        column
        for column in (*_NEEDED, *MAPPED)
        if column not in found and column not in _ENDPOINTS and column != "sessions_completed"
    ]
    lines += [
        f'# {column} = "..."{_meaning(column, has_cells=len(table) > 0)}'
        for column in dict.fromkeys(missing)
        if column != "gais_by"
    ]
    left = [shown_header(name, place) for place, name in enumerate(table, start=1) if name not in used]
    if left:
        lines += [UNMAPPED, *(f"#   {_shown(name)}" for name in left)]
    blank = list(
        dict.fromkeys(
            folded(text) for name in table if name in used for text in table[name].dropna().unique() if folded(text) in NOTHING
        )
    )
    head = _HEAD.format(
        check=CHECK,
        before_or_after=BEFORE_OR_AFTER,
        sheet='# sheet = "Visits"' if sheet is None else f"sheet = {quoted(sheet)}",
        dates=_toml(written.forms),
        day_order=f"{CHECK}: {written.doubt}" if written.doubt else _DATES,
        decimal=quoted(decimal),
        blank=f"blank = {json.dumps(blank, ensure_ascii=False)}"
        if blank
        else '# blank = ["-", "n/a"]         # written for "not recorded"',
    )
    scales = _scales(found, texts)
    draft = [
        head + "\n".join(lines),
        "",
        "[constants]                    # the same on all rows",
        *(_scale_line(column, scale) for column, scale in scales.items()),
        "",
        '# What the export writes, in any case = what it means; "" = not recorded.',
        *(_offered() if not len(table) else _listed(found, texts, scales, decimal, is_typed=is_typed)),
        "# [long]                       # only where every row is one measurement",
        '# measure = "Test"             # the column that names it',
        '# value = "Result"             # the column of its value',
        "# [long.measures]",
        '# "GB grade" = "scar_score"',
        "",
    ]
    return "\n".join(draft)


def _check_headers(headers: Sequence[str], found: Named[str, Match]) -> None:
    """Refuse headers that are those of no export, but a record."""
    cells = [place for place, name in enumerate(headers, start=1) if is_cell(name)]
    if 4 * len(cells) >= max(len(headers), 4) and len(found) < 3:
        where = f"{'column' if len(cells) == 1 else 'columns'} {spans(cells)}"
        raise UsageError(
            f"the first row is a record, not one of headers ({where}): put a row with the names of the columns above it"
        )


def is_cell(header: str) -> bool:
    """Whether what stands as a header is the cell of a record: it names a person or holds a date, an address or a number."""
    return (bool(private_headers([header])) and not is_identifying(header)) or is_named_header(header)


def shown_header(name: str, place: int) -> str:
    """A header as a message or a mapping may show it: without what only a cell would hold."""
    return f"column {place} (its header looks like a cell)" if is_cell(name) else name


def guesses(headers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Contract column -> the headers that go by a usual name for it, by their words alone."""
    return {column: match.headers for column, match in matches(headers).items()}


def _texts(cells: pd.Series) -> list[str]:
    """The different texts of a column, the most frequent first, without those for nothing."""
    return [text for text in cells.dropna().value_counts(sort=True).index if folded(text) not in NOTHING]


def _fits(column: str, texts: Sequence[str]) -> bool:
    """Whether texts can be those of a column; PIH may be scored or answered."""
    if not texts or column in ("patient_id", "pih_score"):
        return True
    if column in _DATED or column == "age":
        ages = sum(text.isdigit() and len(text) <= 3 for text in texts) if column == "age" else 0
        return 2 * (date_forms(texts).unread - ages) <= len(texts) or all(map(_is_serial, texts))
    kind = COLUMN[column].kind if column in COLUMN else "whole"
    if column == "status":
        # What becomes of an appointment is no status of a course.
        return readable_share(column, texts) == 1
    return kind in ("id", "text", "category") or readable_share(column, texts) >= 0.5


def _is_serial(text: str) -> bool:
    return text.isdigit() and 10_000 <= int(text) < 100_000


def _switched(found: dict[str, Match], texts: Named[str, list[str]]) -> dict[str, Match]:
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


def _told_by_name(found: dict[str, Match], table: pd.DataFrame) -> dict[str, Match]:
    """Names without the date of birth, where it does not stand on every row of theirs."""
    person = found.get("patient_id", Match(()))
    names = [name for name in person.headers if name not in found.get("age", Match(())).headers]
    if len(names) in (0, len(person.headers)) or table.loc[table[names].notna().all(axis=1), [*person.headers]].notna().all(
        axis=None
    ):
        return found
    return {**found, "patient_id": Match(tuple(names), "two patients of one name would become one")}


def _dates(found: Named[str, Match], texts: Named[str, list[str]]) -> Dates:
    """How the visits and births are written, all together: one person exported them."""
    day = plain_words(" ".join(found["day"].headers)) if "day" in found else ""
    usual = next((known for begin, (known, _) in _COUNTRIES.items() if begin in day.split()), "")
    headers = [name for column in (*_DATED, "age") for name in found.get(column, Match(())).headers]
    written = [text for name in headers for text in texts[name] if not (text.isdigit() and len(text) <= 3)]
    told = date_forms(written, day_first=True if usual else None)
    return told if told.forms else Dates((usual or "yyyy-mm-dd",), told.doubt, told.unread)


def _decimal(found: Named[str, Match], texts: Named[str, list[str]], *, is_typed: bool) -> str:
    numbers = [column for column in found if column in COLUMN and COLUMN[column].kind == "number"]
    cells = [text for column in numbers for text in texts[found[column].headers[0]]]
    if cells or is_typed:
        return decimal_sign(cells)
    day = plain_words(" ".join(found["day"].headers)) if "day" in found else ""
    return next((sign for begin, (_, sign) in _COUNTRIES.items() if begin in day.split()), ".")


def _scales(found: Named[str, Match], texts: Named[str, list[str]]) -> dict[str, tuple[str, str]]:
    """Column of a scale that has none in the export -> the scale by the header or the numbers, and what has to be checked; blank where there is no score."""
    guessed: dict[str, tuple[str, str]] = {}
    for column, endpoint in _ENDPOINTS.items():
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
            name = next((name for name in endpoint.scales if SCALES[name].low <= low and high <= SCALES[name].high), "")
            guessed[column] = (name, f"by its numbers, {low:g} to {high:g}; or {', '.join(endpoint.scales)}")
    return guessed


def _scale_line(column: str, scale: tuple[str, str]) -> str:
    name, doubt = scale
    if not name:
        return f'# {column} = "..."    # {", ".join(COLUMN[column].categories)}'
    return f'{column} = "{name}"{f"    {CHECK}: {doubt}" if doubt else ""}'


def _offered() -> Iterator[str]:
    """What cells may say, where there are none to look at."""
    for heading, kind in (('"yes/no"', "yes_no"), ("sex", "sex")):
        yield f"[values.{heading}]" + ("              # for every yes/no column" if kind == "yes_no" else "")
        yield from (f'{quoted(text)} = "{told}"' for told, texts in LISTS["values"][kind].items() for text in texts)
        yield ""
    yield from ("# [values.area]", '# "left cheek" = "cheeks"', "")


def _listed(
    found: Named[str, Match],
    texts: Named[str, list[str]],
    scales: Named[str, tuple[str, str]],
    decimal: str,
    *,
    is_typed: bool,
) -> Iterator[str]:
    """The texts that cannot be read as they stand, each with what it means or seems to mean."""
    reading = Mapping(columns={}, decimal=decimal)
    general: dict[str, str] = {}
    for column, match in found.items():
        kind = COLUMN[column].kind if column in COLUMN else "whole"
        if kind in ("id", "text") or column in (*_DATED, "age"):
            continue
        scale = scales.get(column.replace("score", "scale"), ("", ""))[0]
        unread = {folded(text): text for text in texts[match.headers[0]] if not is_read(column, text, reading, is_typed=is_typed)}
        told = {text: meaning(column, text, scale) or Meaning("", "not understood") for text in [*unread.values()][:MOST_TEXTS]}
        if kind == "yes/no":
            general |= {folded(text): each.text for text, each in told.items() if not each.doubt}
            told = {text: each for text, each in told.items() if each.doubt}
        if told:
            yield f"[values.{column}]"
            yield from (
                f"{quoted(text)} = {quoted(each.text)}{f'    {CHECK}: {each.doubt}' if each.doubt else ''}"
                for text, each in told.items()
            )
            if len(unread) > MOST_TEXTS:
                yield f"# and {len(unread) - MOST_TEXTS:,} other texts    {CHECK}: too many to be a list; is this the right column?"
            yield ""
    if general:
        yield '[values."yes/no"]              # for every yes/no column'
        yield from (f'{quoted(text)} = "{told}"' for text, told in general.items())
        yield ""


def _doubt(match: Match) -> str:
    return f"    {CHECK}: {match.doubt}" if match.doubt else ""


def _meaning(column: str, *, has_cells: bool) -> str:
    own = {
        SCORED_ON: "the date of the row's scores, where it is not that of the visit",
        SESSION: "number of the session given at the visit",
        "day": "date of the visit; becomes days since the course's first visit",
        "age": "date of birth, or age in years",
    }
    said = own.get(column) or ("becomes a random code" if COLUMN[column].kind == "id" else COLUMN[column].meaning)
    needed = has_cells and column in ("patient_id", "day", "fitzpatrick")
    return f"    {CHECK}: which column is it? {said}" if needed else f"    # {said}"


def _shown(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    # A basic string of TOML is a string of JSON, save for one control character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(parts: Sequence[str]) -> str:
    return quoted(parts[0]) if len(parts) == 1 else f"[{', '.join(map(quoted, parts))}]"
