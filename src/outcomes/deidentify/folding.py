"""Lines of one value each, the date of the visit among them -> one row for each visit."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from outcomes.definitions.columns import COLUMN
from outcomes.deidentify.mapping import VISIT, Mapping
from outcomes.errors import Breach
from outcomes.tabular.engines import ROW
from outcomes.tabular.words import folded

MEASURE, VALUE = "measure", "value"
"""Columns of a line: what is told, and its value."""


def is_folded(mapping: Mapping) -> bool:
    """Whether the rows of a visit must first be put together, as none of them has its date beside the measure."""
    return mapping.long is not None and not {*mapping.long.measures.values()} <= {*COLUMN} - {"day"}


class Folded(NamedTuple):
    """`number`: that of a line -> that of the row which it became part of."""

    table: pd.DataFrame
    mapping: Mapping
    number: dict[int, int]
    cells: dict[tuple[int, str], int]
    breaches: list[Breach]
    other: int


def as_visits(table: pd.DataFrame, mapping: Mapping) -> Folded:
    """Lines of one cell each -> one row for each patient and visit, with a column for each measure."""
    assert mapping.long is not None
    measures = mapping.long.measures
    table = _with_boxes(table, measures)
    is_other = table[MEASURE].notna() & ~table[MEASURE].isin(list(measures))
    kept = table[~is_other]
    keys = [name for column in ("patient_id", VISIT) for name in mapping.columns[column]]
    visit = kept.groupby([kept[name].fillna("").map(folded) for name in keys], sort=False).ngroup()
    number = kept.groupby(visit)[ROW].first()
    one = kept[[name for name in kept if name not in (MEASURE, VALUE)]].groupby(visit).first()
    same = [name for names in mapping.columns.values() for name in names if name not in keys]
    cells: dict[tuple[int, str], int] = {}
    breaches: list[Breach] = []
    for column in [*same, *dict.fromkeys(measures.values())]:
        told = kept.assign(at=visit)
        if column not in same:
            told = told[told[MEASURE].isin([name for name, own in measures.items() if own == column])]
            told = told.assign(**{column: told[VALUE]})
        told = told.loc[told[column].notna(), ["at", ROW, column]]
        first = told.drop_duplicates("at").set_index("at")
        if column not in same:
            one[column] = first[column]
            cells |= {(int(number[at]), column): int(line) for at, line in first[ROW].items()}
        joined = told.merge(first, left_on="at", right_index=True, suffixes=("", "_first"))
        differing = joined[joined[column] != joined[f"{column}_first"]]
        breaches += [
            Breach(int(number[at]), column, f"row {line} says something else of the same visit")
            for at, line in zip(differing["at"], differing[ROW], strict=True)
        ]
    columns = mapping.columns | {name: (name,) for name in measures.values()}
    numbers = {int(line): int(number[at]) for line, at in zip(kept[ROW], visit, strict=True)}
    table = one.reset_index(drop=True)
    return Folded(table, replace(mapping, columns=columns, long=None), numbers, cells, breaches, int(is_other.sum()))


def _with_boxes(table: pd.DataFrame, measures: dict[str, str]) -> pd.DataFrame:
    """The measures in lower case; a ticked box, whose code REDCap tells as the value, by the name of its column: ``events___1``."""
    measure = table[MEASURE].map(folded, na_action="ignore")
    box = measure + "___" + table[VALUE].map(folded, na_action="ignore")
    is_box = box.isin(list(measures)) & ~measure.isin(list(measures))
    return table.assign(**{MEASURE: measure.where(~is_box, box), VALUE: table[VALUE].where(~is_box, "yes")})
