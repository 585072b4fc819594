"""A mapping to start from: what the headers and cells of an export leave no doubt of, and what somebody has to check."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Named

import pandas as pd

from outcomes.definitions.columns import COLUMN, START_YEAR
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import SCALES
from outcomes.deidentify.appointments import MEANINGS, appointment
from outcomes.deidentify.guess import DATED, SCALE_COLUMNS, Guess, guess
from outcomes.deidentify.headers import LISTS, Match, matches, plain_words
from outcomes.deidentify.layout import LATER, Column, Layout, columns_of, is_later
from outcomes.deidentify.mapping import APPOINTMENT, CANCELLED, MAPPED, MISSED, OF_ROWS, SCORED_ON, SESSION, VISIT, Mapping
from outcomes.deidentify.meanings import NOTHING, Meaning, is_needling, meaning, sexes
from outcomes.deidentify.readers import is_read
from outcomes.deidentify.written import Dates
from outcomes.errors import UsageError, spans
from outcomes.records.privacy import is_identifying, private_headers
from outcomes.records.texts import is_named_header
from outcomes.tabular.words import folded, words

CHECK = "# check"
"""What marks a line of a mapping that a person has to decide."""

UNMAPPED = "# not mapped, and so dropped:"
BEFORE_OR_AFTER = 'were the scores of a row taken before its session, or "after" it'

MOST_TEXTS = 40
"""Different texts of a column that are listed; of more, the most frequent."""

_NEEDED = ("patient_id", "day", "age", SESSION, "sex", "fitzpatrick", "scar_score", "pih_score")


_SESSIONS = frozenset(words(LISTS["layout"]["session"]))

_HEAD = """\
# Which column of the export is which column of a session record. What is not named here is dropped.
# This file holds texts of the export: it stays in the clinic.
# Check the lines marked "# check", then: outcomes deidentify EXPORT --mapping THIS_FILE --out passed_on/sessions.csv

[export]
{sheet}
dates = {dates:<22} {day_order}
decimal = {decimal:<20} # "," where 3,5 is three and a half
scores = "before"              {check}: {before_or_after}?
# scores_days_after = 30       # "after" only, where no column (scored_on) has the date of the scores
# start_year = false           # leaves out the year of each course's first visit, from which trends are told
{blank}

[columns]
# patient_id and tip_code may be lists: columns that together tell one. age: a date of birth, or ages. session: the number
# of the session given at the visit, blank or 0 if none; or sessions_completed, those given before; without either,
# sessions are counted from the visits that are treated, or from all visits."""
_DATES = "# how dates are written: dd.mm.yyyy, dd/mm/yyyy (day first), mm/dd/yyyy (month first), dd mmm yyyy, ...; or a list"


def example(export: Layout | pd.DataFrame | Sequence[str] = ()) -> str:
    """A commented mapping as TOML, guessed from an export: its columns by their usual names in six languages, and what its cells mean.

    `export` is the `layout_of` files, a table of text, or headers alone. A line that somebody has to decide ends with ``# check`` and
    the reason; what could not be guessed stands there as a comment. Texts are listed of columns that hold scores, categories and answers, never
    of those that tell who somebody is.

    Raises:
        UsageError: the headers are those of no export, but a record: they name a person, and hardly one goes by a usual name.

    Example:
        >>> import pandas as pd
        >>> draft = example(pd.DataFrame({"Client no.": ["7"], "Visit date": ["14/03/2023"], "FST": ["type 4"], "Scars": ["3 (moderate)"]}))
        >>> [line for line in draft.splitlines() if line.startswith(("scar_score", "dates", '"3'))]
        ['dates = "dd/mm/yyyy"           # how dates are written: dd.mm.yyyy, dd/mm/yyyy (day first), mm/dd/yyyy (month first), dd mmm yyyy, ...; or a list', 'scar_score = "Scars"', '"3 (moderate)" = "3"']
    """
    frame = export if isinstance(export, pd.DataFrame) else pd.DataFrame(columns=[] if isinstance(export, Layout) else [*export])
    lies = export if isinstance(export, Layout) else columns_of(frame)
    seems = guess(lies)
    columns, found = seems.columns, seems.found
    _check_headers([*columns], found)
    used = {header for match in found.values() for name in match.headers for header in columns[name].headers} | {*lies.long}
    blank = list(
        dict.fromkeys(
            folded(text)
            for match in found.values()
            for name in match.headers
            for text in columns[name].cells.dropna().unique()
            if folded(text) in NOTHING
        )
    )
    has_cells, several = len(lies.table) > 0, any(column.visits for column in lies.columns)
    left = [shown_header(name, place) for place, name in enumerate(lies.table, start=1) if name not in used]
    return "\n".join(
        [
            _head(lies, seems.written, seems.decimal, blank),
            *(
                f"{column} = {_toml(found[column].headers)}{_doubt(found[column])}"
                for column in (*MAPPED, *OF_ROWS)
                if column in found and _is_plain(columns[found[column].headers[0]]) and not (column == "day" and several)
            ),
            *_event(found, columns, lies),
            *_missing(seems, used, has_cells=has_cells, several=several),
            *([UNMAPPED, *(f"#   {_shown(name)}" for name in left)] if left else []),
            "",
            *_visits(found, columns, lies.days),
            "[constants]                    # the same on all rows",
            *(_scale_line(column, scale) for column, scale in seems.scales.items()),
            "",
            '# What the export writes, in any case = what it means; "" = not recorded.',
            *(_listed(seems, is_typed=lies.is_typed) if has_cells else _offered()),
            *_long(found, columns, lies.long),
            "",
        ]
    )


def _is_plain(column: Column) -> bool:
    return not column.visits and not column.measure


def _head(lies: Layout, written: Dates, decimal: str, blank: Sequence[str]) -> str:
    """What the mapping says of the export as a whole."""
    own = [
        f"sheet = {quoted(lies.sheets[0])}"
        if len(lies.sheets) == 1
        else f"sheets = {json.dumps([*lies.sheets], ensure_ascii=False)}"
    ]
    lines = [
        f"{line:<30} # which sheet of a workbook; several are read as one table"
        for line in (own if lies.sheets else ['# sheet = "Visits"'])
    ]
    if lies.header:
        lines.append(
            f"header = {[*lies.header]}             # the rows of the header: the names of the upper one stand before those below"
        )
    return _HEAD.format(
        check=CHECK,
        before_or_after=BEFORE_OR_AFTER,
        sheet="\n".join(lines),
        dates=_toml(written.forms),
        day_order=f"{CHECK}: {written.doubt}" if written.doubt else _DATES,
        decimal=quoted(decimal),
        blank=f"blank = {json.dumps([*blank], ensure_ascii=False)}"
        if blank
        else '# blank = ["-", "n/a"]         # written for "not recorded"',
    )


def _event(found: Named[str, Match], columns: Named[str, Column], lies: Layout) -> Iterator[str]:
    """Where the date is one of the values, the columns that tell which of them are of one visit."""
    if "day" not in found or not columns[found["day"].headers[0]].measure:
        return
    names = [name for name in lies.table if plain_words(name) in words(LISTS["layout"]["event"])]
    if names:
        yield f"{VISIT} = {_toml(names)}"
    elif not any(plain_words(name).startswith("redcap ") for name in lies.table):
        yield f'# {VISIT} = "..."    {CHECK}: which column is it? the column that tells the visits of a patient apart'


def _missing(seems: Guess, used: set[str], *, has_cells: bool, several: bool) -> list[str]:
    """Columns that were not found, as examples in their place: those first that a session record hardly does without."""
    found = seems.found
    asked = dict.fromkeys((*_NEEDED, *MAPPED))
    left = [name for name in asked if name not in found and name not in (*SCALE_COLUMNS, "sessions_completed", "gais_by")]
    open_ = {"patient_id", "day", "fitzpatrick"}
    if not {endpoint.score_column for endpoint in ENDPOINTS.values()} & found.keys():
        open_.add("scar_score")
    if not ({SESSION, "sessions_completed", "treated"} & found.keys() or several or _are_sessions(seems)):
        open_.add(SESSION)
    unread = {column: match.headers[0] for column, match in matches([name for name in seems.columns if name not in used]).items()}
    return [
        f'# {column} = "..."{_meaning(column, is_open=has_cells and column in open_, unread=unread.get(column, ""))}'
        for column in left
    ]


def _are_sessions(seems: Guess) -> bool:
    """Whether each row is an appointment for the treatment whose sessions are counted."""
    is_booking = bool({APPOINTMENT, MISSED, CANCELLED} & seems.found.keys())
    return is_booking and any(texts and all(map(is_needling, texts)) for texts in seems.texts.values())


def _visits(found: Named[str, Match], columns: Named[str, Column], days: int) -> Iterator[str]:
    """Where a row tells several visits, the columns of each in order."""
    told = {column: columns[match.headers[0]] for column, match in found.items() if columns[match.headers[0]].visits}
    if not told:
        return
    order = sorted({visit for column in told.values() for visit in column.visits})
    yield "[visits]                       # a row tells several visits: the columns of each, in order"
    if "day" not in told:
        if "day" in found:
            yield f"day = {quoted(found['day'].headers[0])}{_doubt(found['day'])}"
        after = [visit % LATER * days for visit in order] if days else [30 * place for place in range(len(order))]
        yield f"days_after = {after}    {CHECK}: how many days after the date of the row was each visit?"
    for name, column in told.items():
        at = dict(zip(column.visits, column.headers, strict=True))
        yield f"{name} = {json.dumps([at.get(visit, '') for visit in order], ensure_ascii=False)}{_doubt(found[name])}"
    if "session" not in told and "treated" not in found:
        # After the last session nobody is treated; where no such visit is told, the last is taken for one, unless all are numbered as sessions.
        headers = [name for column in told.values() for name in column.headers]
        are_sessions = bool(order[0]) and all(_SESSIONS & {*plain_words(name).split()} for name in headers if not is_later(name))
        last = LATER if are_sessions or order[-1] >= LATER else order[-1]
        given = [visit < last for visit in order]
        yield f"treated = {json.dumps(given)}    {CHECK}: at which of these visits was a session given, after the scores?"
    yield ""


def _long(found: Named[str, Match], columns: Named[str, Column], long: tuple[str, str]) -> Iterator[str]:
    """Where every row is one measurement, the measures; as an example where it is not."""
    told = {columns[match.headers[0]].measure: column for column, match in found.items() if columns[match.headers[0]].measure}
    if told:
        yield f"[long]                         # every row is one measurement\nmeasure = {quoted(long[0])}\nvalue = {quoted(long[1])}\n[long.measures]"
        yield from (f"{quoted(measure)} = {quoted(column)}" for measure, column in told.items())
        return
    yield from (
        "# [long]                       # only where every row is one measurement",
        '# measure = "Test"             # the column that names it',
        '# value = "Result"             # the column of its value',
        "# [long.measures]",
        '# "GB grade" = "scar_score"',
    )


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


def _listed(seems: Guess, *, is_typed: bool) -> Iterator[str]:
    """The texts that cannot be read as they stand, each with what it means or seems to mean."""
    reading = Mapping(columns={}, decimal=seems.decimal)
    general: dict[str, str] = {}
    for column, match in seems.found.items():
        kind = COLUMN[column].kind if column in COLUMN else "whole"
        if column == APPOINTMENT:
            yield from _appointments(seems.texts[match.headers[0]])
        if kind in ("id", "text") or column in (*DATED, *OF_ROWS, "age"):
            continue
        scale = seems.scales.get(column.replace("score", "scale"), ("", ""))[0]
        unread = {
            folded(text): text
            for text in seems.texts[match.headers[0]]
            if not is_read(column, text, reading, is_typed=is_typed) or (scale and not _is_on(scale, text))
        }
        own = sexes(seems.texts[match.headers[0]], match.headers[0]) if column == "sex" else {}
        unread = {folded(text): text for text in seems.texts[match.headers[0]] if folded(text) in own} | unread
        told = {
            text: own.get(folded(text)) or meaning(column, text, scale) or Meaning("", "not understood")
            for text in [*unread.values()][:MOST_TEXTS]
        }
        if kind == "yes/no":
            general |= {folded(text): each.text for text, each in told.items() if not each.doubt}
            told = {text: each for text, each in told.items() if each.doubt}
        if column == "treated" and not seems.columns[match.headers[0]].visits and _is_only_yes(seems, match.headers[0], told):
            told[""] = Meaning("no", "does a blank mean that no session was given?")
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


def _is_only_yes(seems: Guess, header: str, told: Named[str, Meaning]) -> bool:
    """Whether a column says yes in some rows and nothing in the others."""
    said = {(told.get(text) or meaning("treated", text) or Meaning("")).text for text in seems.texts[header]}
    return said == {"yes"} and bool(seems.columns[header].cells.isna().any())


def _appointments(texts: Sequence[str]) -> Iterator[str]:
    """The texts of which it is not known what became of the appointment."""
    unknown = [text for text in texts if appointment(text) is None]
    if unknown:
        yield f"[values.{APPOINTMENT}]"
        yield from (f'{quoted(text)} = ""    {CHECK}: {", ".join(MEANINGS[:-1])} or {MEANINGS[-1]}?' for text in unknown)
        yield ""


def _is_on(scale: str, text: str) -> bool:
    """Whether a number lies on a scale."""
    return SCALES[scale].low <= float(text.replace(",", ".")) <= SCALES[scale].high


def _doubt(match: Match) -> str:
    return f"    {CHECK}: {_shown(match.doubt)}" if match.doubt else ""


def _meaning(column: str, *, is_open: bool, unread: str = "") -> str:
    own = {
        SCORED_ON: "the date of the row's scores, where it is not that of the visit",
        SESSION: "number of the session given at the visit",
        "day": "date of the visit; becomes days since the course's first visit",
        "age": "date of birth, or age in years",
        START_YEAR: "the year in which the course began, if that was before its first visit in the export",
    }
    said = own.get(column) or ("becomes a random code" if COLUMN[column].kind == "id" else COLUMN[column].meaning)
    without = {SESSION: "; without it, every visit counts as a session", "scar_score": "; no score was found"}
    if not is_open:
        return f"    # {said}"
    why = f"; by its name {_shown(unread)}, but its cells can't be read as that" if unread and not is_cell(unread) else ""
    return f"    {CHECK}: which column is it? {said}{without.get(column, '')}{why}"


def _shown(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    # A basic string of TOML is a string of JSON, save for one control character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(parts: Sequence[str]) -> str:
    return quoted(parts[0]) if len(parts) == 1 else f"[{', '.join(map(quoted, parts))}]"
