"""Which table or view of a database is meant: one that is there, told by its name, and never a piece of SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from outcomes.errors import Breach, RecordsError, counted
from outcomes.tabular.engines import in_quotes
from outcomes.tabular.words import did_you_mean

_LISTED = 12
_PARTS = re.compile(r'(?:"((?:[^"]|"")+)"|([^".]+))(?:\.|$)')


class Table(NamedTuple):
    """A table or view as its database calls it; `is_near` where its schema need not be named."""

    schema: str
    name: str
    is_near: bool

    @property
    def sql(self) -> str:
        """Its name as SQL takes it literally."""
        return f"{in_quotes(self.schema)}.{in_quotes(self.name)}"

    @property
    def shown(self) -> str:
        """Its name as one would give it, without what moves the cursor."""
        parts = [self.name] if self.is_near else [self.schema, self.name]
        given = ".".join(in_quotes(part) if re.search(r'[."]', part) else part for part in parts)
        return "".join(letter if letter.isprintable() else "?" for letter in given)


def table_named(asked: str, tables: Sequence[Table], source: str) -> Table:
    """The table asked for as `visits`, `clinic.visits` or, with dots or quotation marks in it, `"odd.name"`; the only one where none is.

    Raises:
        RecordsError: there is none of that name, or none is named and there are several.
    """
    if not asked.strip():
        if len(tables) == 1:
            return tables[0]
        many = (
            "it holds no table that this user can see"
            if not tables
            else f"name one of its {counted(len(tables), 'tables')} by --table, in deidentify by --sheet"
        )
        raise RecordsError(source, [Breach(None, None, f"{many}{_list(tables)}")])
    parts = _parts(asked.strip())
    for same in (str, str.casefold):
        wanted = [same(part) for part in parts]
        fits = [each for each in tables if wanted == [same(part) for part in ((each.schema, each.name)[-len(parts) :])]]
        near = [each for each in fits if each.is_near] if len(parts) == 1 else fits
        if len(near) == 1:
            return near[0]
    shown = {each.name.casefold(): each.shown for each in tables}
    elsewhere = shown.get(parts[-1].casefold())
    near_word = f"; did you mean {elsewhere}?" if elsewhere else did_you_mean(asked, shown.values())
    problem = f"there is no table or view of this name{near_word or _list(tables)}"
    raise RecordsError(source, [Breach(None, None, problem)])


def _parts(asked: str) -> list[str]:
    """A name, or a schema and a name; as it stands where it is neither."""
    found = list(_PARTS.finditer(asked))
    parts = [(each[1] or "").replace('""', '"') or each[2] for each in found]
    is_whole = "".join(each[0] for each in found) == asked and not asked.endswith(".")
    return parts if is_whole and 1 <= len(parts) <= 2 else [asked]


def _list(tables: Sequence[Table]) -> str:
    names = [each.shown for each in tables[:_LISTED]] + (["..."] if len(tables) > _LISTED else [])
    return f": {', '.join(names)}" if names else ""
