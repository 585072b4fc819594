"""An earlier report beside this one, as tables."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd

from outcomes.display.prose.since_last import difference_since, differences, label_of, topic_of, value_of
from outcomes.display.tables.table import Table, with_direction
from outcomes.display.words import typeset
from outcomes.measures.since_last import NOT_COMPARED, VERDICT


def since_last(since: pd.DataFrame) -> Table:
    """Every number of `outcomes.since_last_report`: then, now, the difference with its interval, and what that comes to; folded."""
    rows = [row for row in differences(since) if not (pd.isna(row["now"]) and pd.isna(row["then"]))]
    by_topic = [(topic, [*each]) for topic, each in groupby(rows, key=topic_of)]
    cells = tuple(_row(row) for _, each in by_topic for row in each)
    groups = tuple((topic, len(each)) for topic, each in by_topic)
    columns = ("", "then (courses)", "now (courses)", "difference (95% CI)", "")
    caption = with_direction("The earlier report beside this one", since)
    return Table(caption, columns, cells, groups=groups, numbers=(1, 2, 3), estimates=since, folded=True)


def verdicts_since(since: pd.DataFrame) -> Table:
    """What patients hear, with the verdict then and now; folded."""
    rows = tuple(
        (typeset(f"{row['claim']}. {row['said']}"), str(row["verdict_then"]), str(row["verdict_now"]))
        for row in since[since["measure"] == VERDICT].to_dict("records")
        if row["verdict"] != NOT_COMPARED
    )
    return Table("What patients hear: the verdicts then and now", ("what patients hear", "then", "now"), rows, folded=True)


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    then, now = (_with_n(value_of(row, side), row[n]) for side, n in (("then", "n_then"), ("now", "n")))
    told = "" if pd.isna(row["estimate"]) else difference_since(row).cell
    return label_of(row), then, now, told, "" if row["verdict"] == NOT_COMPARED else row["verdict"]


def _with_n(value: str, n: Any) -> str:
    return f"{value} ({int(n):,})" if value else "not known"
