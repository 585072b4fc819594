"""Frames as programs leave them, on every engine: the same rows with the same values, the same breaches, or the same refusal."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import outcomes
from outcomes.errors import OutcomesError, PrivacyError, RecordsError
from outcomes.tabular.engines import ROW, collect

VISITS: dict[str, list[Any]] = {
    "patient_id": ["A1x", "A1x", "B2x", "B2x", "C3x"],
    "fitzpatrick": ["I", "I", "4", "4", "VI"],
    "day": [0, 30, 0, 31, 0],
    "sessions_completed": [0, 1, 0, 1, 0],
    "scar_scale": ["ecca"] * 5,
    "scar_score": [87.5, 60.0, 40.0, 30.25, 10.0],
    "treated": ["yes", "no", "yes", "no", None],
}
N = 5
OTHERS = ("pandas on DuckDB", "polars", "polars lazy")
"""What is compared with a small pandas frame."""

MAIL = "jane@example.org"
COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "a dotted capital": ("fitzpatrick", ["\u0130V", "\u0130V", "4", "4", "VI"]),
    "a sign in place of a letter": ("area", ["chee\u212as", "chin", None, None, "CHIN"]),
    "decimals": ("scar_score", [Decimal("87.500"), Decimal("60"), Decimal("40.0"), Decimal("30.25"), None]),
    "decimals that are no number": ("scar_score", [Decimal("NaN"), Decimal("60"), Decimal("40"), Decimal("30.25"), None]),
    "a negative zero": ("scar_score", [-0.0, 60.0, 40.0, 30.25, 10.0]),
    "a negative zero as a day": ("day", [-0.0, 30.0, 0.0, 31.0, 0.0]),
    "a score too exact": ("scar_score", [3.0000000001, 60.0, 40.0, 30.25, 10.0]),
    "a score without end": ("scar_score", [float("inf"), 60.0, 40.0, 30.25, 10.0]),
    "small floats": ("scar_score", [np.float32(87.35), 60.0, Decimal("40.00"), "30.250", None]),
    "codes beyond what a float holds": ("tip_code", [2**53 + 1, 2**53 + 3, 11, 12, None]),
    "codes that became floats": ("tip_code", [1e16, 1e-5, float("inf"), 12345678.0, 1.5]),
    "mixed codes": ("tip_code", [1, 2.0, "3", True, pd.NA]),
    "truth values": ("treated", [True, False, True, False, None]),
    "mixed truth values": ("treated", [True, "no", 1, 0.0, pd.NA]),
    "truth values as scores": ("scar_score", [True, False, True, False, None]),
    "digits of another script": ("day", ["\u0660", "\u0663", "0", "31", "0"]),
    "a separator of lines": ("day", ["0\u2028", "30", "0\u0085", "31", "0"]),
    "letters without width": ("fitzpatrick", ["I\u200b", "I", "4", "4", "VI"]),
    "a letter of zero": ("device", ["pen\x00", "\x00", " pen ", None, "\u00a0"]),
    "lists in place of scores": ("scar_score", [[87.5], [60.0], [40.0], [30.25], None]),
    "lists in place of a device": ("device", [["pen"], ["pen", MAIL], [], None, ["x"]]),
    "bytes in place of a device": ("device", [b"pen", b"\xff", b"", None, b"x"]),
    "spans in place of days": ("day", [datetime.timedelta(days) for days in (0, 30, 0, 31, 0)]),
    "times": ("extra", [datetime.time(1), None, datetime.time(2), None, None]),
    "lists": ("extra", [["a"], [], None, ["b", "c"], [None]]),
    "moments": ("extra", [datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC), None, None, None, None]),
    "days of the calendar": ("day", [datetime.date(2024, 1, day) for day in (1, 2, 3, 4, 5)]),
    "lines of which one is a date": ("extra", ["a\n20240301", None, None, None, None]),
    "a column called like the row": (ROW, ["2024-01-02", None, None, None, None]),
}
PRIVATE = {
    "a list with an address": [["a"], ["b", MAIL], None, [], [None]],
    "a list with a date": [["a"], ["b", "20240301"], None, [], [None]],
    "a record with an address": [{"who": None}, {"who": MAIL}, None, {"who": ""}, {"who": "a"}],
    "records in a list": [[{"who": [MAIL]}], [], None, [{"who": []}], [{"who": ["a"]}]],
    "bytes with an address": [MAIL.encode(), b"\xff", None, b"", b"a"],
}


def pandas_frame(**changed: list[Any]) -> pd.DataFrame:
    """The values as they are: pandas itself makes floats of whole numbers with blanks, and loses digits."""
    return pd.DataFrame(VISITS | {name: pd.Series(values, dtype=object) for name, values in changed.items()})


def polars_frame(**changed: list[Any]) -> pl.DataFrame:
    """The same values in the kind that Polars finds for them, or as objects."""

    def column(name: str, values: list[Any]) -> pl.Series:
        cells = [None if value is pd.NA or (isinstance(value, float) and value != value) else value for value in values]
        kinds = {type(cell) for cell in cells if cell is not None}
        is_mixed = len(kinds) > 1 and not kinds <= {int, float}
        is_object = is_mixed or (kinds == {Decimal} and not all(cell.is_finite() for cell in cells if cell is not None))
        return pl.Series(name, cells, dtype=pl.Object if is_object else None, strict=False)

    return pl.DataFrame([column(name, values) for name, values in {**VISITS, **changed}.items()])


def outcome(source: Any) -> tuple[Any, ...]:
    """All that reading gives: rows, values and breaches, with broken courses set aside; or the refusal."""
    try:
        records = outcomes.read_records(source, set_aside=True)
    except OutcomesError as error:
        return type(error).__name__, str(error)
    read = collect(records.frame).sort_values(ROW)
    rows = [[cell(value) for value in read[name]] for name in sorted(read)]
    aside = records.aside
    breaches = [] if aside is None else [tuple(each) for each in aside.breaches]
    cells = [] if aside is None else sorted([[cell(value) for value in row] for row in aside.table()[1]], key=lambda row: row[0])
    sizes = (records.rows_in, records.rows, records.blank, records.courses, records.patients, records.sessions)
    return sizes, records.present, records.unknown, rows, breaches, cells


def cell(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value if isinstance(value, str) else float(value)


def outcome_on(engine: str, monkeypatch: pytest.MonkeyPatch, visits: pd.DataFrame, **changed: list[Any]) -> tuple[Any, ...]:
    if engine == "pandas on DuckDB":
        with monkeypatch.context() as patched:
            patched.setattr("outcomes.records.read.SMALL", -1)
            return outcome(visits)
    frame = polars_frame(**changed)
    return outcome(frame if engine == "polars" else frame.lazy())


@pytest.mark.parametrize("name", COLUMNS)
def test_a_hostile_column_is_read_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    column, values = COLUMNS[name]
    visits = pandas_frame(**{column: values})
    assert outcome_on("polars", monkeypatch, visits, **{column: values}) == outcome(visits)


@pytest.mark.parametrize("name", ["a dotted capital", "decimals", "a negative zero", "codes that became floats", "lists"])
def test_a_hostile_column_is_read_alike_by_duckdb(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    column, values = COLUMNS[name]
    visits = pandas_frame(**{column: values})
    assert outcome_on("pandas on DuckDB", monkeypatch, visits) == outcome(visits.astype(object))


@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.parametrize("of", [pandas_frame, polars_frame])
def test_lists_records_and_bytes_are_looked_at_for_identifiers(name: str, of: Any) -> None:
    with pytest.raises(
        PrivacyError, match=r"column 'extra' holds (e-mail or internet addresses|calendar dates) \(1 cell, in row [23]\)"
    ):
        outcomes.read_records(of(extra=PRIVATE[name]))


@pytest.mark.parametrize("name", PRIVATE)
def test_lists_records_and_bytes_of_parquet_are_looked_at_too(name: str, tmp_path: Any) -> None:
    polars_frame(extra=PRIVATE[name]).write_parquet(tmp_path / "visits.parquet")
    with pytest.raises(PrivacyError, match=r"column 'extra' holds (e-mail or internet addresses|calendar dates)"):
        outcomes.read_records(tmp_path / "visits.parquet")


def test_numbers_are_read_by_their_value_and_lists_are_no_values() -> None:
    """Literals, so that engines that agree on what is wrong are seen too."""
    exact = [Decimal("87.500"), Decimal("60"), Decimal("40.0"), Decimal("30.25"), -0.0]
    records = outcomes.read_records(pandas_frame(scar_score=exact))
    assert collect(records.frame).sort_values(ROW)["scar_score"].tolist() == [8750, 6000, 4000, 3025, 0]
    for column, values, problem in [
        (
            "scar_score",
            [[87.5], 60, 40, 30, 10],
            "a value of another kind is not a number between 0 and 540 with at most two decimals",
        ),
        ("device", [["pen"], None, None, None, None], "the value is not a text of at most 200 characters"),
        ("fitzpatrick", ["\u0130V", "I", "4", "4", "VI"], "\u0130V is not one of I, II, III, IV, V, VI"),
        (
            "scar_score",
            [1e16, 60, 40, 30, 10],
            "a number of too many digits is not a number between 0 and 540 with at most two decimals",
        ),
        ("tip_code", [1e16, 1.0, 2.0, 3.0, 4.0], "the value is not 1 to 64 of the characters A-Z a-z 0-9 _ -"),
    ]:
        with pytest.raises(RecordsError) as raised:
            outcomes.read_records(pandas_frame(**{column: values}))
        assert [(each.row, each.column, each.problem) for each in raised.value.breaches if each.row == 2] == [
            (2, column, problem)
        ]


def same_as_plain(visits: pd.DataFrame) -> None:
    assert outcome(visits) == outcome(pandas_frame())


def test_what_pandas_calls_the_kind_of_a_column_means_nothing() -> None:
    plain = pandas_frame()
    same_as_plain(plain.astype("category"))
    same_as_plain(plain.assign(fitzpatrick=pd.Categorical(plain["fitzpatrick"], ["VI", "V", "4", "I"], ordered=True)))
    same_as_plain(plain.assign(treated=pd.Categorical([True, False, True, False, None])))
    same_as_plain(plain.assign(treated=pd.array([True, False, True, False, None], dtype="boolean")))
    same_as_plain(plain.astype({"day": "UInt8", "scar_score": "Float64", "treated": "string"}))
    same_as_plain(plain.astype({"day": pd.SparseDtype(int), "scar_score": "float16"}))
    same_as_plain(plain.set_axis(pd.MultiIndex.from_product([["a"], range(N)])))
    same_as_plain(plain.astype(object))


def test_names_of_columns_may_be_anything() -> None:
    odd = {3: 1, None: 1, ("a", "b"): 1, "a\x00b": 1, "\ud800": 1, 'a"; --': 1, "": 1, "Extra": 1, "extra": 1}
    for frame in (pandas_frame().assign(x=1), pandas_frame()):
        visits = pd.concat([frame, pd.DataFrame({name: [value] * N for name, value in odd.items()})], axis=1)
        assert len(outcomes.read_records(visits).unknown) == visits.shape[1] - len(VISITS)
    with pytest.raises(RecordsError, match="day: 2 columns have this name"):
        outcomes.read_records(pl.DataFrame({**VISITS, " Day": 1}))
    assert outcomes.read_records(pl.DataFrame({**VISITS, "Extra": 1, "extra": 1})).unknown == ("Extra", "extra (9)")


def test_a_cell_may_hold_anything() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    itself: list[Any] = []
    itself.append(itself)
    odd = [pandas_frame(), np.array("x"), 1j, deep, itself]
    assert outcomes.read_records(pandas_frame(extra=odd)).unknown == ("extra",)


_TEXT = st.sampled_from(
    [
        "IV",
        "\u0130V",
        "i",
        "4",
        "0",
        "30",
        "87.500",
        "1e3",
        "-0",
        "yes",
        "\u0663",
        "x\x00",
        " 2\u00a0",
        "3\u2028",
        "I\u200b",
        "A1x",
    ]
)
_FLOAT = st.sampled_from(
    [-0.0, 4.0, 30.0, 87.5, 3.0000000001, 0.1 + 0.2, 1e7 + 0.5, 1e15, 1e22, 1e-5, float("inf"), float("-inf")]
)
_WHOLE = st.integers(0, 90) | st.sampled_from([-1, 2**31, 2**53 + 1, 2**62])
_EXACT = st.decimals(0, 600, places=3) | st.sampled_from([Decimal("87.500"), Decimal("NaN"), Decimal("4")])
_NESTED = st.lists(st.sampled_from(["a", "b", MAIL]), max_size=2)
_RECORD = st.fixed_dictionaries({"who": st.sampled_from(["a", None, MAIL])})
_SPAN = st.timedeltas(datetime.timedelta(0), datetime.timedelta(90))
_DATE = st.dates(datetime.date(2000, 1, 1), datetime.date(2030, 1, 1))
_KINDS = [_TEXT, _FLOAT, _WHOLE, _EXACT, st.booleans(), _NESTED, _RECORD, _SPAN, _DATE, st.binary(max_size=3)]
_MIXED = st.one_of(_TEXT, _FLOAT, _WHOLE, _EXACT, st.booleans(), _NESTED, st.just(pd.NA), st.just(float("nan")))
_VALUES = st.sampled_from([*_KINDS, _MIXED]).flatmap(lambda of: st.lists(st.none() | of, min_size=N, max_size=N))
_CHANGES = st.dictionaries(
    st.sampled_from(["fitzpatrick", "day", "scar_score", "treated", "tip_code", "device", "extra", "patient_id"]),
    _VALUES,
    min_size=1,
    max_size=2,
)
_FORMS = st.sampled_from(["natural", "object", "category"])


def check_alike(changes: dict[str, list[Any]], form: str, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    visits = pandas_frame(**{name: list(values) for name, values in changes.items()})
    for name, values in changes.items():
        cells = pd.Series(values, dtype=object)
        is_hashable = not any(isinstance(value, list | dict) for value in values)
        visits[name] = (
            cells.astype("category")
            if form == "category" and is_hashable and len({*map(type, values)} - {type(None)}) == 1
            else cells
        )
    assert outcome_on(engine, monkeypatch, visits, **changes) == outcome(visits)


@given(changes=_CHANGES, form=_FORMS, engine=st.sampled_from(OTHERS))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_frame_is_read_alike_on_every_engine(changes, form: str, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_alike(changes, form, engine, monkeypatch)


@pytest.mark.slow
@given(changes=_CHANGES, form=_FORMS, engine=st.sampled_from(OTHERS))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_frame_is_read_alike_on_every_engine_in_many_ways(
    changes, form: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_alike(changes, form, engine, monkeypatch)
