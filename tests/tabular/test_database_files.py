"""SQLite and DuckDB files give what the same rows give as CSV, are left as they are, and are refused in one sentence."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import outcomes
from outcomes.errors import PrivacyError, RecordsError, UsageError
from outcomes.records.read import sample_path, shown_name
from outcomes.tabular.engines import ROW, collect
from outcomes.tabular.files import text_table
from shared import same_cohort, sample
from typed_cells import IN_SQLITE, KINDS, statements, texts

SAMPLE_ROWS = pd.read_csv(sample_path(), dtype="str")
ENDINGS = ("sqlite", "duckdb")


def in_file(path: Path, *statements: str) -> Path:
    """A database that these statements make, of the kind of its ending."""
    with closing(duckdb.connect(str(path)) if path.suffix == ".duckdb" else sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def rows_of(count: int) -> str:
    """SQL that puts so many rows into the table t."""
    return "insert into t values " + ", ".join(f"('{'x' * 50}{number}')" for number in range(count))


@pytest.fixture(scope="module", params=ENDINGS)
def clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as the table visits of a database, beside another table and a view of it."""
    path = tmp_path_factory.mktemp("clinic") / f"anna müller's.{request.param}"
    with closing(duckdb.connect(str(path)) if request.param == "duckdb" else sqlite3.connect(path)) as database:
        if request.param == "duckdb":
            database.execute(f"create table visits as from read_csv('{sample_path()}')")
        else:
            rows = SAMPLE_ROWS.astype(object).where(SAMPLE_ROWS.notna(), None)
            database.execute(f"create table visits ({', '.join(rows)})")
            database.executemany(f"insert into visits values ({', '.join('?' * len(rows.columns))})", rows.values.tolist())
        database.execute("create table staff (name text)")
        database.execute("create view scored as select * from visits where scar_score is not null")
        database.commit()
    return path


def test_they_count_as_the_same_rows_do_as_csv(clinic: Path) -> None:
    same_cohort(outcomes.read_cohort(clinic, table="visits"), outcomes.read_cohort(sample()))


def test_large_ones_are_read_as_small_ones_are(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcomes.records.read.SMALL", -1)
    records = outcomes.read_records(clinic, table="visits")
    assert records.frame.implementation.is_duckdb()
    here, there = (collect(each.frame) for each in (records, outcomes.read_records("sample")))
    pd.testing.assert_frame_equal(*(each.sort_values(ROW, ignore_index=True) for each in (here[there.columns], there)))


def test_a_report_does_not_name_them(clinic: Path) -> None:
    records = outcomes.read_records(clinic, table="visits")
    assert shown_name(records) == "the records"
    assert outcomes.read_cohort(records).about.source == "the records"


@pytest.mark.parametrize("named", ["visits", "VISITS", "main.visits", '"visits"', 'main."visits"', " visits "])
def test_a_table_is_named_as_in_sql(clinic: Path, named: str) -> None:
    assert len(text_table(clinic, sheet=named)) == 1210


def test_a_table_may_stand_behind_the_file_and_a_view_is_read(clinic: Path) -> None:
    assert outcomes.read_records(f"{clinic}?table=scored").rows == SAMPLE_ROWS["scar_score"].notna().sum()


NO_TABLE = "there is no table or view of this name"


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ("", "name one of its 3 tables by --table, in deidentify by --sheet: scored, staff, visits"),
        ("vists", f"{NO_TABLE}; did you mean visits?"),
        ("other.visits", f"{NO_TABLE}; did you mean visits?"),
        ("visits; drop table visits", NO_TABLE),
        ("(select 1)", f"{NO_TABLE}: scored, staff, visits"),
        ('visits" where 1=1 --', NO_TABLE),
        ("sqlite_master", NO_TABLE),
        ("information_schema.tables", NO_TABLE),
        ("main.main.visits", NO_TABLE),
        ("x" * 10_000, NO_TABLE),
        (".", NO_TABLE),
    ],
)
def test_what_is_no_table_is_refused(clinic: Path, named: str, problem: str) -> None:
    with pytest.raises(RecordsError) as refused:
        outcomes.read_records(clinic, table=named)
    assert str(refused.value).startswith(f"{clinic.name}: {problem}")
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 200
    assert len(text_table(clinic, sheet="visits")) == 1210


@pytest.mark.parametrize("ending", ENDINGS)
def test_odd_names_are_taken_literally(tmp_path: Path, ending: str) -> None:
    path = in_file(
        tmp_path / f"a.{ending}",
        'create table "a.""b; --" ("x""; y" text, " " text)',
        """insert into "a.""b; --" values ('1', '2')""",
    )
    table = text_table(path, sheet='"a.""b; --"')
    assert table.to_dict("list") == {ROW: [2], 'x"; y': ["1"], "column 2": ["2"]}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_only_table_needs_no_name(tmp_path: Path, ending: str) -> None:
    assert text_table(in_file(tmp_path / f"a.{ending}", "create table t (x int)", "insert into t values (7)"))["x"].tolist() == [
        "7"
    ]


def test_cells_of_every_kind_say_what_they_say_in_parquet(tmp_path: Path) -> None:
    parquet = tmp_path / "a.parquet"
    for path, kinds in ((tmp_path / "a.duckdb", KINDS), (tmp_path / "a.sqlite", IN_SQLITE)):
        cells = text_table(in_file(path, *statements(kinds)), sheet="cells").astype(object)
        assert cells.where(cells.notna(), None).drop(columns=ROW).to_dict("list") == texts(kinds)
    with closing(duckdb.connect(str(tmp_path / "a.duckdb"))) as database:
        database.execute(f"copy cells to '{parquet}'")
    pd.testing.assert_frame_equal(text_table(parquet), text_table(tmp_path / "a.duckdb", sheet="cells"))


def test_a_column_of_sqlite_may_hold_several_kinds(tmp_path: Path) -> None:
    made = "insert into t values (1), (1.5), (2.0), ('x'), (null), (x'41'), (1e300)"
    assert text_table(in_file(tmp_path / "a.db", "create table t (x)", made))["x"].fillna("").tolist() == [
        "1", "1.5", "2", "x", "", "not a text:\nA", "#####",
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_blank_and_doubtful_rows_are_told_by_their_place(tmp_path: Path, ending: str) -> None:
    path = in_file(
        tmp_path / f"a.{ending}",
        "create table visits (patient_id text, fitzpatrick text, day text, sessions_completed text)",
        "insert into visits values ('P3X', 'II', '0', '0'), (null, null, null, ''), ('P3X', 'II', '30', 'many')",
    )
    with pytest.raises(RecordsError, match=rf"a.{ending} row 4, sessions_completed: a text of 4 characters is not"):
        outcomes.read_records(path)
    in_file(path, "alter table visits add column phone text")
    with pytest.raises(PrivacyError, match="column 'phone': by its name"):
        outcomes.read_records(path)


def test_nothing_is_written_beside_or_into_them(clinic: Path) -> None:
    before, names, times = clinic.read_bytes(), sorted(clinic.parent.iterdir()), clinic.stat().st_mtime_ns
    outcomes.read_records(clinic, table="visits")
    assert (clinic.read_bytes(), sorted(clinic.parent.iterdir()), clinic.stat().st_mtime_ns) == (before, names, times)


def test_changes_that_wait_beside_a_sqlite_file_are_read(tmp_path: Path) -> None:
    path = in_file(tmp_path / "a.sqlite", "pragma journal_mode = wal", "create table t (x)", "insert into t values (1)")
    assert [each.name for each in tmp_path.iterdir()] == ["a.sqlite"]
    assert text_table(path)["x"].tolist() == ["1"]
    assert [each.name for each in tmp_path.iterdir()] == ["a.sqlite"]
    with closing(sqlite3.connect(path)) as writing:
        writing.execute("insert into t values (2)")
        writing.commit()
        assert text_table(path)["x"].tolist() == ["1", "2"]


def test_a_change_that_was_cut_off_is_not_read(tmp_path: Path) -> None:
    path = in_file(tmp_path / "a.sqlite", "create table t (x)", rows_of(5000))
    with closing(sqlite3.connect(path)) as writing:
        writing.execute("pragma cache_size = 1")
        writing.execute("update t set x = 'late'")
        for name in ("a.sqlite", "a.sqlite-journal"):
            (tmp_path / f"cut_{name}").write_bytes((tmp_path / name).read_bytes())
    with pytest.raises(RecordsError, match="what was last written to it is unfinished; open it once with the program"):
        text_table(tmp_path / "cut_a.sqlite")


def test_an_export_in_a_database_is_made_anonymous(command: Callable[..., Any], tmp_path: Path) -> None:
    export = sample_path().with_name("export.csv")
    with closing(sqlite3.connect(tmp_path / "clinic.sqlite")) as database:
        database.execute("create table staff (name text)")
        text_table(export).drop(columns=ROW).to_sql("bookings", database, index=False)
    mapping = sample_path().with_name("export.toml").read_text(encoding="utf-8")
    for ending, text in (("csv", mapping), ("sqlite", mapping.replace("[export]", '[export]\nsheet = "bookings"'))):
        (tmp_path / f"{ending}.toml").write_text(text, encoding="utf-8")
    for source, out in ((export, "csv_out/out.csv"), (tmp_path / "clinic.sqlite", "sqlite_out/out.csv")):
        words = ("--mapping", f"{source.suffix[1:]}.toml", "--out", out, "--linkage", f"linkage_{source.suffix[1:]}.csv")
        ended = command("deidentify", source, *words, cwd=tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "")
    ended = command("deidentify", tmp_path / "clinic.sqlite", "--example", "--sheet", "bookings", cwd=tmp_path)
    assert (ended.returncode, 'sheet = "bookings"' in ended.stdout) == (0, True)
    ended = command("deidentify", tmp_path / "clinic.sqlite", "--example", cwd=tmp_path)
    assert ended.stderr == "clinic.sqlite: name one of its 2 tables by --table, in deidentify by --sheet: bookings, staff\n"
    here, there = (
        pd.read_csv(tmp_path / out).drop(columns=["patient_id", "provider_id", "tip_code"], errors="ignore")
        for out in ("csv_out/out.csv", "sqlite_out/out.csv")
    )
    key = ["day", "sessions_completed", "scar_score", "pih_score"]
    pd.testing.assert_frame_equal(here[key].sort_values(key, ignore_index=True), there[key].sort_values(key, ignore_index=True))


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """A database of an ending that another process has open for writing."""
    connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.connect", lambda *words, **more: connect(*words, **more | {"timeout": 0.1}))
    running: list[subprocess.Popen[str]] = []

    def locked(ending: str) -> Path:
        path = in_file(tmp_path / f"a.{ending}", "create table t (x int)")
        module, begin = ("duckdb", "select 1") if ending == "duckdb" else ("sqlite3", "begin exclusive")
        program = (
            f"import {module}, sys; c = {module}.connect(sys.argv[1]); c.execute('{begin}'); print('open', flush=True); input()"
        )
        running.append(
            subprocess.Popen([sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        assert running[0].stdout
        assert running[0].stdout.readline() == "open\n"
        return path

    yield locked
    for each in running:
        each.communicate("\n")


@pytest.mark.parametrize("ending", ENDINGS)
def test_one_that_is_being_written_to_is_refused(locked: Callable[[str], Path], ending: str) -> None:
    with pytest.raises(
        RecordsError, match="another program has it open for writing; close that one and try again, or name a copy"
    ):
        text_table(locked(ending))


def _cut(path: Path, *, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])


def _zeroed(path: Path) -> None:
    held = path.read_bytes()
    path.write_bytes(held[:4096] + bytes(len(held) - 4096))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (
            lambda path: path.write_bytes(b"no database, but a text of some length"),
            "this is neither a SQLite nor a DuckDB database",
        ),
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (lambda path: _cut(path, keep=20), "the database is damaged, encrypted, or of a newer version|can't be read"),
        (lambda path: _cut(path, keep=5000), "the database is damaged, encrypted, or of a newer version|can't be read"),
        (_zeroed, "the database is damaged, encrypted, or of a newer version|can't be read|holds no table"),
        (lambda path: path.rename(path.with_suffix(".gone")), "there is no such file"),
    ],
)
def test_one_that_is_damaged_is_refused(tmp_path: Path, ending: str, damage: Callable[[Path], Any], problem: str) -> None:
    path = in_file(tmp_path / f"a.{ending}", "create table t (x text)", rows_of(2000))
    damage(path)
    with pytest.raises(RecordsError, match=problem) as refused:
        text_table(path)
    assert len(str(refused.value).splitlines()) == 1
    assert str(tmp_path) not in str(refused.value).replace(str(path), "")


def test_a_text_that_is_none_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    path = in_file(tmp_path / "a.sqlite", "create table t (x text)", "insert into t values (cast(x'416e6e61ff' as text))")
    with pytest.raises(RecordsError, match=r"^a.sqlite: a cell holds bytes that are no text$"):
        text_table(path)


@pytest.mark.parametrize(
    ("ending", "view"),
    [
        ("sqlite", "select * from t join gone using (x)"),
        ("sqlite", "select load_extension('x') as x from t"),
        ("duckdb", "select * from read_csv('{}')"),
        ("duckdb", "select * from t"),
    ],
)
def test_a_view_reads_nothing_outside_the_file(tmp_path: Path, ending: str, view: str) -> None:
    other = tmp_path / "secret.csv"
    other.write_text("x\nAnna\n", encoding="utf-8")
    path = in_file(
        tmp_path / f"a.{ending}", "create table t (x int)", f"create view v as {view.format(other)}", "drop table if exists t"
    )
    with pytest.raises(RecordsError, match=r"the table can't be read; is it a view of what is not in this file\?"):
        text_table(path, sheet="v")


def test_a_table_is_named_of_a_database_only() -> None:
    for source in ("sample", SAMPLE_ROWS, str(sample_path())):
        with pytest.raises(UsageError, match="a table is named only of a database"):
            outcomes.read_records(source, table="visits")


def test_the_commands_take_a_table(command: Callable[..., Any], clinic: Path, tmp_path: Path) -> None:
    ended = command("check", clinic, "--table", "visits", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{clinic.name}: 1,210 rows, 251 courses, 240 patients; nothing broken\n")
    ended = command("report", clinic, "--table", "vists", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (4, f"{clinic.name}: {NO_TABLE}; did you mean visits?\n")
    before = clinic.read_bytes()
    ended = command("check", f"{clinic}?table=visits", "--csv", clinic, "--force", cwd=tmp_path)
    assert ended.returncode != 0
    assert clinic.read_bytes() == before
