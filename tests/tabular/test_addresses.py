"""Addresses of databases: their parts, and no word of them in a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import outcomes
from outcomes.errors import UsageError
from outcomes.tabular.addresses import file_and_table, parsed
from outcomes.tabular.formats import checked_path


@pytest.mark.parametrize(
    ("address", "settings", "table"),
    [
        ("postgresql://ann@db.example/clinic", {"user": "ann", "host": "db.example", "dbname": "clinic"}, ""),
        ("postgres://db.example:5433/clinic?table=s.visits", {"host": "db.example", "port": "5433", "dbname": "clinic"}, "s.visits"),
        ("postgresql:///clinic?host=%2Frun%2Fpg&sslmode=require&table=a%26b", {"dbname": "clinic", "host": "/run/pg", "sslmode": "require"}, "a&b"),
        ("postgresql://%2Frun%2Fpg/clinic", {"host": "/run/pg", "dbname": "clinic"}, ""),
        ("postgresql:///?service=clinic", {"service": "clinic"}, ""),
        ("postgresql://", {}, ""),
        ("postgresql://[::1]:5433,other/x%20y", {"host": "::1,other", "port": "5433,", "dbname": "x y"}, ""),
    ],
)  # fmt: skip
def test_an_address_has_parts(address: str, settings: dict[str, str], table: str) -> None:
    assert parsed(address, "") == (settings, table)


HIDDEN = "zwölf-Pa55"

WITH_PASSWORD = (
    f"postgresql://ann:{HIDDEN}@host/db",
    f"postgresql://ann:{HIDDEN}@host/x.cohort",
    f"postgresql://ann:{HIDDEN}/x@host/db?table=visits",
    f"postgresql://ann:{HIDDEN}?x=y@host/db",
    f"postgresql://ann:x@{HIDDEN}@host/db",
    f"postgresql://:{HIDDEN}@host/db",
    f"postgresql://ann%3A{HIDDEN}@host/db",
    f"postgresql://ann@host/db?password={HIDDEN}",
    f"postgresql://ann@host/db?table=t&sslpassword={HIDDEN}",
    f"postgresql://ann@host/db?oauth_client_secret={HIDDEN}",
    f"postgresql://ann@host/db?{HIDDEN}",
    f"postgresql://ann@host/db?options=-c%20x={HIDDEN}",
    f"postgresql://host:{HIDDEN}/db",
    f"postgresql://host/{HIDDEN}/db",
    f"postgresql:/ann:{HIDDEN}@host/db",
    f"POSTGRESQL://ann:{HIDDEN}@host/db",
    f"mysql://ann:{HIDDEN}@host/db",
    f"jdbc:postgresql://host/db?user=ann&password={HIDDEN}",
    f"host=h dbname=d user=ann password={HIDDEN}",
    f"Server=h;Uid=ann;Pwd={HIDDEN}",
)


@pytest.mark.parametrize("address", WITH_PASSWORD)
@pytest.mark.parametrize(
    "read", [outcomes.read_records, outcomes.read_cohort, checked_path, lambda address: outcomes.read_records(Path(address))]
)
def test_no_password_is_taken_or_told(address: str, read: Callable[[str], Any]) -> None:
    with pytest.raises(UsageError) as refused:
        read(address)
    held = refused.value
    while held is not None:
        assert not {HIDDEN, "host", "ann@", "mysql"} & set(str(held).replace("=", " ").replace("/", " ").split())
        assert HIDDEN not in str(held)
        held = held.__cause__ or held.__context__


@pytest.mark.parametrize(
    "words", [("check",), ("report",), ("check", "--csv", "x.csv"), ("deidentify", "--example"), ("deidentify", "--ask")]
)
@pytest.mark.parametrize("address", WITH_PASSWORD[::6])
def test_no_command_tells_a_password(command: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], address: str) -> None:
    ended = command(words[0], address, *words[1:], cwd=tmp_path)
    assert ended.returncode == 2
    assert HIDDEN not in ended.stdout + ended.stderr
    assert ended.stderr.count("\n") == 1
    assert [*tmp_path.iterdir()] == []


def test_a_table_behind_a_file_is_no_part_of_its_name() -> None:
    assert file_and_table("a?b.sqlite?table=x%3Fy", "") == ("a?b.sqlite", "x?y")
    assert file_and_table(Path("a.csv"), "") == (Path("a.csv"), "")
    with pytest.raises(UsageError, match="the table is named twice"):
        file_and_table("a.sqlite?table=x", "y")


def test_without_its_driver_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(
        UsageError, match=r"psycopg, which is not installed here: pip install 'microneedling-outcomes\[postgresql\]'"
    ):
        outcomes.read_records("postgresql://host/db", table="visits")
