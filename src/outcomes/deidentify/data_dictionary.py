"""REDCap's data dictionary: what the codes of a field mean, where an export has codes in place of labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from outcomes.definitions.columns import COLUMN
from outcomes.deidentify.mapping import Mapping, resolved
from outcomes.deidentify.readers import is_read
from outcomes.deidentify.sources import Source
from outcomes.errors import UsageError
from outcomes.tabular.files import text_table
from outcomes.tabular.words import folded

_FIELD = ("variable / field name", "variable/field name", "field_name")
_KIND = ("field type", "field_type")
_CHOICES = ("choices, calculations, or slider labels", "choices or calculations", "select_choices_or_calculations")
_OF_CHOICE = ("radio", "dropdown")
_READ = ("category", "yes/no", "whole", "number")


def with_labels(mapping: Mapping, dictionary: Path, sources: Sequence[Source]) -> Mapping:
    """The mapping with what each code of its columns means: the code's label, where [values] says nothing of it and the label can be read.

    Raises:
        UsageError: the file is no data dictionary, or the label of a code says another number than the code.
        RecordsError: the file can't be read.
    """
    choices = _choices(dictionary)
    own = resolved(mapping, sources[0].headers, sources[0].label)
    fields = own.columns | {
        column: tuple(name for name in names if isinstance(name, str) and name) for column, names in own.visits.items()
    }
    if own.long:
        for measure, column in own.long.measures.items():
            fields[column] = (*fields.get(column, ()), measure)
    values = {column: dict(table) for column, table in mapping.values.items()}
    problems: list[str] = []
    for column, names in fields.items():
        if column not in COLUMN or COLUMN[column].kind not in _READ:
            continue
        for code, label in ((code, label) for name in names for code, label in choices.get(folded(name), {}).items()):
            said = values.get(column, {})
            if code in said:
                continue
            meaning = said.get(folded(label), label)
            if is_read(column, meaning, mapping, is_typed=False):
                values.setdefault(column, {})[code] = meaning
            elif (
                COLUMN[column].kind in ("whole", "number")
                and (numbers := re.findall(r"\d+(?:\.\d+)?", label))
                and numbers != [code]
            ):
                problems.append(
                    f'the code {code} of {names[0]} is not the number in its label; write "{code}" = "..." under [values.{column}]'
                )
    if problems:
        raise UsageError("\n".join(f"{dictionary.name}: {problem}" for problem in dict.fromkeys(problems)))
    return replace(mapping, values=values)


def _choices(dictionary: Path) -> dict[str, dict[str, str]]:
    """Field (in lower case) -> code -> label, of fields of which one choice is made."""
    table = text_table(dictionary)
    plain = {folded(name): name for name in table}
    found = [next((plain[name] for name in names if name in plain), None) for names in (_FIELD, _KIND, _CHOICES)]
    if None in found:
        raise UsageError(
            f'{dictionary.name}: is no data dictionary of REDCap: it needs the columns "Variable / Field Name", "Field Type" and "Choices, Calculations, OR Slider Labels"'
        )
    field, kind, choices = (str(name) for name in found)
    of_choice = table[table[kind].isin(_OF_CHOICE) & table[choices].notna() & table[field].notna()]
    return {
        folded(name): {
            folded(code): label.strip()
            for code, _, label in (choice.partition(",") for choice in listed.split("|"))
            if label.strip()
        }
        for name, listed in zip(of_choice[field], of_choice[choices], strict=True)
    }
