"""The paths of one endpoint by hand, as one would count them in records known to be clean: by SQL for DuckDB, and by plain pandas.

Courses with a score before the first session, by skin type and the score after each session in hundredths, -1 where none counts:
of those 14 to 60 days after the session the one nearest to 30. Where the visit of a session is not in the records, its day is
expected 30 days after the session before it, and a score counts where no visit with fewer or more sessions is near.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

SCALE = "goodman_baron_grade"
FIRST, USUAL, LAST = 14, 30, 60
NEEDED = ["patient_id", "course_id", "fitzpatrick", "day", "sessions_completed", "treated", "scar_scale", "scar_score"]

Rows = Iterable[Iterable[Any]]
Step = Callable[[str, Callable[[], Any]], Any]
"""Runs something under the name of a step, and gives what it gives."""


def sql_by_hand(path: Path, step: Step) -> Rows:
    """Step `read`: the columns needed as a table. Step `paths`: one query."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    step("read", lambda: connection.execute(f"create table visits as select {', '.join(NEEDED)} from '{path}'"))

    def paths() -> list[Any]:
        (most,) = connection.execute("select max(sessions_completed) from visits").fetchone() or (0,)
        after = ", ".join(f"coalesce(max(score) filter (k = {k}), -1) as after_{k}" for k in range(most + 1))
        return connection.execute(SQL.format(after=after, scale=SCALE, first=FIRST, usual=USUAL, last=LAST)).fetchall()

    return step("paths", paths)


SQL = """
with counts as (
    select patient_id, course_id, sessions_completed as k, min(day) as own_day, max(day) as last_day,
        coalesce(max(day) filter (treated), max(day) filter (treated is null)) as next_session
    from visits group by all
), beside as (
    select patient_id, course_id, k, own_day, k - lag(k) over course as steps, lag(last_day) over course as earlier_day,
        lead(own_day) over course as later_day, lag(next_session) over course as session_day
    from counts window course as (partition by patient_id, course_id order by k)
), expected as (
    select *, steps = 1 and session_day is not null as is_dated, least(own_day,
        coalesce(session_day + (steps - 1) * {usual}, earlier_day + steps * {usual})) as expected_day
    from beside
), timed as (
    select patient_id, course_id, fitzpatrick, k, 100 * scar_score as score, day, day - expected_day as waited,
        k = 0 or day - own_day <= {last} and waited <= {last} and if(is_dated, waited >= {first},
            day - earlier_day >= {first} and (later_day is null or later_day - day > {first})) as counts
    from visits join expected using (patient_id, course_id)
    where k = sessions_completed and scar_scale = '{scale}' and scar_score is not null
), nearest as (
    select patient_id, course_id, fitzpatrick, k, arg_min(score, (abs(waited - {usual}), day)) as score
    from timed where counts group by all
), courses as (
    select fitzpatrick, {after} from nearest group by patient_id, course_id, fitzpatrick
)
select *, count(*) as n from courses where after_0 >= 0 group by all
"""


def plain_pandas(path: Path, step: Step) -> Rows:
    """Step `read`: the columns needed as a frame. Step `paths`: the rest."""
    import pandas as pd

    visits = step("read", lambda: pd.read_csv(path, usecols=NEEDED, dtype={"treated": "str"}))
    return step("paths", lambda: _courses(visits.rename(columns={"sessions_completed": "k"})))


def _courses(visits: Any) -> Rows:
    course = ["patient_id", "course_id"]
    days = visits.assign(
        treated_day=visits["day"].where(visits["treated"] == "yes"), blank_day=visits["day"].where(visits["treated"].isna())
    )
    beside = days.groupby([*course, "k"], as_index=False).agg(
        own_day=("day", "min"), last_day=("day", "max"), treated_day=("treated_day", "max"), blank_day=("blank_day", "max")
    )
    beside["next_session"] = beside["treated_day"].fillna(beside["blank_day"])
    before = beside.groupby(course)[["k", "last_day", "next_session"]].shift(1)
    steps = beside["k"] - before["k"]
    expected = (before["next_session"] + (steps - 1) * USUAL).fillna(before["last_day"] + steps * USUAL)
    beside = beside.assign(
        is_dated=(steps == 1) & before["next_session"].notna(),
        expected_day=expected.fillna(beside["own_day"]).clip(upper=beside["own_day"]),
        earlier_day=before["last_day"],
        later_day=beside.groupby(course)["own_day"].shift(-1),
    )

    scored = visits[(visits["scar_scale"] == SCALE) & visits["scar_score"].notna()]
    timed = scored.merge(beside, on=[*course, "k"])
    day, waited = timed["day"], timed["day"] - timed["expected_day"]
    is_apart = (day - timed["earlier_day"] >= FIRST) & ~(timed["later_day"] - day <= FIRST)
    is_late = (waited > LAST) | (day - timed["own_day"] > LAST)
    counts = (timed["k"] == 0) | (~is_late & (waited >= FIRST).where(timed["is_dated"], is_apart))
    timed = timed.assign(away=(waited - USUAL).abs(), score=(timed["scar_score"] * 100).round().astype("int64"))
    nearest = timed[counts].sort_values(["away", "day"]).drop_duplicates([*course, "k"])
    wide = nearest.pivot(index=[*course, "fitzpatrick"], columns="k", values="score")
    scores = wide.reindex(columns=range(visits["k"].max() + 1)).fillna(-1).astype("int64").add_prefix("after_")
    began = scores[scores["after_0"] >= 0].reset_index("fitzpatrick")
    return began.value_counts().reset_index().itertuples(index=False)
