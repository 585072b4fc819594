"""A table of a real PostgreSQL server gives what the same rows give as CSV, nothing is written to it, and no secret is told."""

from __future__ import annotations

import csv
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import outcomes
from outcomes.errors import RecordsError
from outcomes.records.read import sample_path, shown_name
from outcomes.report.make import make_report
from outcomes.tabular import postgresql
from outcomes.tabular.addresses import parsed
from outcomes.tabular.engines import ROW, collect
from outcomes.tabular.text import as_text
from postgres_server import OWNER, OWNERS_PASSWORD, READER, READERS_PASSWORD, Server, server
from shared import eventually, same_cohort, sample
from typed_cells import KINDS, NOT_TEXT, statements, texts

pytestmark = pytest.mark.postgresql

SECRETS = (READERS_PASSWORD, OWNERS_PASSWORD)
ELSEWHERE = """
create type hue as enum ('pale', 'dark');
create domain grade as numeric(4,2);
create table kinds (hue hue, grade grade, money money, span interval, bytes bytea, doc jsonb, id uuid, at time, code char(5), many int[], huge numeric);
insert into kinds values ('pale', 2.50, 12.5, '1 day', 'Anna', '{"name": "Anna"}', '6f1c1a52-0000-4000-8000-000000000001', '10:00', 'II', '{1,2}', 'NaN'),
                         (null, null, null, null, null, null, null, null, null, null, '1e400')
"""


@pytest.fixture(scope="module")
def clinic() -> Iterator[Server]:
    """The sample as the table visits, beside others; one user may only read."""
    pytest.importorskip("psycopg")
    with server() as here, here.connect() as database:
        with sample_path().open(encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        database.execute(f"create role {READER} login")
        database.execute(f"alter role {READER} password '{READERS_PASSWORD}'")
        database.execute(f"create table visits ({', '.join(f'{name} text' for name in header)})")
        with database.cursor() as cursor, cursor.copy("copy visits from stdin") as copy:
            for row in rows:
                copy.write_row([cell or None for cell in row])
        for statement in (
            *statements(KINDS),
            *ELSEWHERE.split(";\n"),
            "create schema other",
            "create table other.elsewhere (x text)",
            'create table "Odd.""name; --" (x text, "y"" z" text)',
            """insert into "Odd.""name; --" values ('1', '2')""",
            "create table hidden (x text)",
            "create table half (x text, name text)",
            "create table nothing ()",
            "create view scored as select * from visits where scar_score is not null",
            "create materialized view kept as select * from visits",
            "create view broken as select 1 / (length(patient_id) - length(patient_id)) as x from visits",
            "create view slow as select visits.*, pg_sleep(0.01)::text as wait from (select * from visits limit 200) as visits",
            "create table written (x text)",
            "create function writes() returns text volatile security definer language sql as"
            " 'insert into public.written values (1) returning x'",
            "create view writing as select writes() as x",
            f"grant usage on schema other to {READER}",
            f"grant select on all tables in schema public, other to {READER}",
            f"revoke select on hidden, half from {READER}",
            f"grant select (x) on half to {READER}",
        ):
            database.execute(statement)
        yield here


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", READERS_PASSWORD)


def cells(clinic: Server, table: str) -> pd.DataFrame:
    """A table of the server as text, blanks None."""
    found = collect(as_text(postgresql.read(parsed(clinic.address, table)).cells)).astype(object)
    return found.where(found.notna(), None)


def test_it_counts_as_the_same_rows_do_as_csv(clinic: Server) -> None:
    for table in ("visits", "kept"):
        same_cohort(outcomes.read_cohort(clinic.address, table=table), outcomes.read_cohort(sample()))
    same_cohort(outcomes.read_cohort(f"{clinic.address}?table=public.visits"), outcomes.read_cohort(sample()))


def test_large_ones_are_read_as_small_ones_are(clinic: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcomes.records.read.SMALL", -1)
    records = outcomes.read_records(clinic.address, table="visits")
    assert records.frame.implementation.is_duckdb()
    same_cohort(outcomes.read_cohort(records), outcomes.read_cohort(sample()))


def test_cells_of_every_kind_say_what_they_say_in_parquet(clinic: Server) -> None:
    found = cells(clinic, "cells").drop(columns=ROW).to_dict("list")
    assert found == {name: [cell and cell.rstrip("\n") for cell in column] for name, column in texts(KINDS).items()}


def test_cells_of_other_kinds_are_texts_numbers_or_no_text(clinic: Server) -> None:
    first, last = cells(clinic, "kinds").drop(columns=ROW).to_dict("records")
    plain = {name: cell for name, cell in first.items() if not (cell or "").startswith(NOT_TEXT)}
    assert plain == {
        "hue": "pale",
        "grade": "2.5",
        "id": "6f1c1a52-0000-4000-8000-000000000001",
        "code": "II",
        "huge": None,
    }
    assert {name for name, cell in first.items() if "Anna" in (cell or "").split("\n")} == {"bytes", "doc"}
    assert {*first} - {*plain} == {"money", "span", "bytes", "doc", "at", "many"}
    assert last == dict.fromkeys(first) | {"huge": "#####"}


def test_names_are_taken_literally(clinic: Server) -> None:
    assert cells(clinic, '"Odd.""name; --"').to_dict("list") == {ROW: [2], "x": ["1"], 'y" z': ["2"]}
    assert cells(clinic, 'public."odd.""NAME; --"')["x"].tolist() == ["1"]


NO_TABLE = "the records: there is no table or view of this name"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("", "the records: name one of its 14 tables by --table, in deidentify by --sheet: "),
        ("vists", f"{NO_TABLE}; did you mean visits?"),
        ("elsewhere", f"{NO_TABLE}; did you mean other.elsewhere?"),
        ("pg_class", NO_TABLE),
        ("pg_catalog.pg_authid", NO_TABLE),
        ("visits; drop table visits", NO_TABLE),
        ("(select 1)", NO_TABLE),
        (
            "hidden",
            "the records: this user has no right to read the table, or not all of its columns; ask for the right, or name a view",
        ),
        ("half", "the records: this user has no right to read the table"),
        ("nothing", "the records: the table has no columns"),
        ("broken", "the records: the table can't be read; is it a view that fails?"),
        ("writing", "the records: the table can't be read; is it a view that fails?"),
        ("other.elsewhere", "the records: column patient_id is missing"),
    ],
)
def test_what_can_not_be_read_is_refused_in_one_sentence(clinic: Server, table: str, problem: str) -> None:
    with pytest.raises(RecordsError) as refused:
        outcomes.read_records(clinic.address, table=table)
    assert str(refused.value).startswith(problem)
    with clinic.connect() as database:
        assert database.execute("select count(*) from written").fetchone() == (0,)
        assert database.execute("select count(*) from visits").fetchone() == (1210,)


@pytest.mark.parametrize(
    ("address", "password", "problem"),
    [
        (
            "postgresql://reader@127.0.0.1:{port}/postgres",
            "wrong-Pa55",
            "the server does not accept this user with this password",
        ),
        (
            "postgresql://nobody@127.0.0.1:{port}/postgres",
            READERS_PASSWORD,
            "the server does not accept this user with this password",
        ),
        ("postgresql://reader@127.0.0.1:{port}/postgres", "", "the server asks for a password; write it into the file ~/.pgpass"),
        (
            "postgresql://reader@127.0.0.1:{port}/gone",
            READERS_PASSWORD,
            "the server refuses the connection: no such database or user",
        ),
        ("postgresql://reader@127.0.0.1:1/postgres", READERS_PASSWORD, "the server can't be reached; is the address right"),
        ("postgresql:///postgres?host=/nowhere", READERS_PASSWORD, "the server can't be reached; is the address right"),
        ("postgresql://reader@name.invalid/postgres", READERS_PASSWORD, "the server can't be reached; is the address right"),
        ("postgresql:///?service=gone", READERS_PASSWORD, "there is no service of this name"),
        ("postgresql://reader@127.0.0.1:{port}/postgres?connect_timeout=x", READERS_PASSWORD, "the server can't be reached"),
    ],
)
def test_who_can_not_come_in_is_told_why_in_one_message(
    clinic: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: Callable[..., Any],
    address: str,
    password: str,
    problem: str,
) -> None:
    monkeypatch.setenv("PGPASSWORD", password)
    monkeypatch.setenv("HOME", str(tmp_path))
    if not password:
        monkeypatch.delenv("PGPASSWORD")
    ended = command("check", address.format(port=clinic.port), "--table", "visits", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert ended.stderr.startswith(f"the records: {problem}")
    assert ended.stderr.count("\n") == 1
    assert not [word for word in ("127.0.0.1", "reader", "Pa55", "invalid", "gone") if word in ended.stderr]


def test_the_password_file_and_the_file_of_services_are_used(
    clinic: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PGPASSWORD")
    kept = tmp_path / "pgpass"
    kept.write_text(f"*:*:*:{READER}:{READERS_PASSWORD.replace(':', chr(92) + ':')}\n", encoding="utf-8")
    kept.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(kept))
    services = tmp_path / "services"
    services.write_text(f"[clinic]\nhost=127.0.0.1\nport={clinic.port}\nuser={READER}\ndbname=postgres\n", encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    for address in (clinic.address, "postgresql:///?service=clinic"):
        assert outcomes.read_records(address, table="visits").rows == 1210


def test_the_socket_of_the_machine_is_used(clinic: Server) -> None:
    address = f"postgresql://{READER}@/postgres?host={clinic.folder}&port={clinic.port}"
    assert outcomes.read_records(address, table="visits").rows == 1210


def test_a_connection_that_is_cut_is_told(clinic: Server) -> None:
    ended: list[object] = []

    def cut() -> None:
        query = "select pid from pg_stat_activity where query like 'copy%' and application_name = 'outcomes'"
        with clinic.connect() as database:
            ended.append(eventually(lambda: bool(database.execute(query).fetchall()), 20))
            time.sleep(0.2)
            database.execute(f"select pg_terminate_backend(pid) from ({query}) as reading")

    cutting = threading.Thread(target=cut)
    cutting.start()
    with pytest.raises(
        RecordsError, match="the connection was cut while the rows were read, so none of them was used; try again"
    ):
        outcomes.read_records(clinic.address, table="slow")
    cutting.join()
    assert ended == [True]


def test_a_time_limit_of_the_server_is_told(clinic: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=1000")
    with pytest.raises(RecordsError, match="the server gave up reading, as after its time limit"):
        outcomes.read_records(clinic.address, table="slow")


def test_count_and_rows_are_of_one_state(clinic: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    poured = postgresql.poured

    def meanwhile(*words: Any) -> Any:
        with clinic.connect() as database:
            database.execute("insert into other.elsewhere values ('late')")
        return poured(*words)

    monkeypatch.setattr(postgresql, "poured", meanwhile)
    before = postgresql.read(parsed(clinic.address, "other.elsewhere"))
    assert before.rows == len(collect(before.cells)) == 0
    monkeypatch.undo()
    monkeypatch.setenv("PGPASSWORD", READERS_PASSWORD)
    assert postgresql.read(parsed(clinic.address, "other.elsewhere")).rows == 1


def test_who_may_write_does_not(clinic: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", OWNERS_PASSWORD)
    owners = clinic.address.replace(READER, OWNER)
    with pytest.raises(RecordsError, match="the table can't be read"):
        outcomes.read_records(owners, table="writing")
    assert outcomes.read_records(owners, table="visits").rows == 1210
    with clinic.connect() as database:
        assert database.execute("select count(*) from written").fetchone() == (0,)


def test_text_that_is_no_utf8_is_refused(clinic: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with clinic.connect() as database:
        database.execute("create database bytes encoding 'SQL_ASCII' template template0")
    address = f"postgresql://{OWNER}@127.0.0.1:{clinic.port}/bytes"
    import psycopg

    with psycopg.connect(address, password=OWNERS_PASSWORD, autocommit=True, client_encoding="sql_ascii") as database:
        database.execute(b"create table t (x text)")
        database.execute(b"insert into t values ('Anna M\xfcller')")
    monkeypatch.setenv("PGPASSWORD", OWNERS_PASSWORD)
    with pytest.raises(RecordsError, match="a cell holds bytes that are no text") as refused:
        outcomes.read_records(address, table="t")
    assert "Anna" not in str(refused.value)


def test_no_file_of_a_report_names_where_the_records_came_from(clinic: Server, tmp_path: Path) -> None:
    assert shown_name(outcomes.read_records(clinic.address, table="visits")) == "the records"
    made = make_report(f"{clinic.address}?table=visits", tmp_path / "out", notebooks=["2_records"])
    saved = outcomes.read_cohort(clinic.address, table="visits").save(tmp_path / "saved.cohort")
    assert len(made.files) == 5
    for path in (*made.files, saved):
        held = path.read_bytes()
        for word in (*SECRETS, "127.0.0.1", "postgres", str(clinic.port), f"{READER}@", "PGPASSWORD", "visits?"):
            assert word.encode() not in held, f"{word} in {path.name}"


def test_no_process_shows_the_password_and_one_that_is_asked_to_end_ends(clinic: Server) -> None:
    words = [sys.executable, "-m", "outcomes", "check", clinic.address, "--table", "slow"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as reading, clinic.connect() as database:
        query = "select query from pg_stat_activity where application_name = 'outcomes' and query like 'copy%'"
        assert eventually(lambda: bool(database.execute(query).fetchall()), 30)
        shown = Path(f"/proc/{reading.pid}/cmdline").read_bytes()
        assert clinic.address.encode() in shown
        assert not [secret for secret in SECRETS if secret.encode() in shown]
        reading.terminate()
        _, told = reading.communicate(timeout=5)
        assert (reading.returncode, told) == (143, "interrupted\n")
        assert eventually(lambda: not database.execute(query.replace("query like 'copy%'", "true")).fetchall(), 5)
