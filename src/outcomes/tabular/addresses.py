"""Where a table of a database is: its address or its file, and its name. What may hold a password is never told."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from outcomes.errors import UsageError

_TABLE = "?table="
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/|\b(password|passwd|pwd)\s*=", re.IGNORECASE)
_POSTGRESQL = re.compile(r"postgres(ql)?://", re.IGNORECASE)

_SETTINGS = {"application_name", "channel_binding", "connect_timeout", "dbname", "gssencmode", "host", "hostaddr", "krbsrvname"} | {
    "passfile", "port", "requirepeer", "service", "sslcert", "sslcrl", "sslkey", "sslmode", "sslrootcert", "target_session_attrs", "user"
}  # fmt: skip
"""What may follow the question mark of an address, beside the table; each as PostgreSQL's own programs take it."""

_FORM = "write postgresql://USER@HOST/DATABASE, or postgresql:///?service=NAME"


class Address(NamedTuple):
    """A PostgreSQL database, by the names that its own library gives to the parts, and the table named with it."""

    settings: dict[str, str]
    table: str


def is_address(source: object) -> bool:
    """Whether a source is meant as an address, of whatever kind, and is no file.

    >>> is_address("postgresql://host/clinic"), is_address("C:/clinic.sqlite"), is_address("host=h password=p")
    (True, False, True)
    """
    return isinstance(source, str | Path) and bool(_ADDRESS.search(str(source))) and not os.path.exists(source)  # noqa: PTH110


def check_no_address(source: str | Path) -> None:
    """Refuses an address where a file is wanted, before a message can repeat it.

    Raises:
        UsageError: it is one.
    """
    if is_address(source):
        raise UsageError("a file is wanted here, and this is an address; save what is there as a file")


def file_and_table(source: str | Path, table: str) -> tuple[str | Path, str]:
    """The file of a source and the table that is named, beside it or behind it.

    >>> file_and_table("clinic.sqlite?table=visits", ""), file_and_table("clinic.sqlite", "visits")
    (('clinic.sqlite', 'visits'), ('clinic.sqlite', 'visits'))

    Raises:
        UsageError: two tables are named.
    """
    file, found, behind = str(source).rpartition(_TABLE)
    return (file, _one(unquote(behind), table)) if found else (source, table)


def parsed(address: str, table: str) -> Address:
    """The parts of an address.

    Raises:
        UsageError: it is not one of PostgreSQL, or holds a password; it is not repeated.
    """
    scheme = _POSTGRESQL.match(address)
    rest = address[scheme.end() :] if scheme else address
    if ":" in rest.rpartition("@")[0] or re.search(r"(password|passwd|pwd|secret)\s*=", rest, re.IGNORECASE):
        raise UsageError(
            "no password may stand in an address: the list of what runs shows it to others."
            " Write it into the file ~/.pgpass or the variable PGPASSWORD, and leave it out here"
        )
    if not scheme:
        raise UsageError(f"records are read from files, and by their address only from PostgreSQL; {_FORM}")
    place, _, query = rest.partition("?")
    place, _, database = place.partition("/")
    user, _, hosts = place.rpartition("@")
    pairs = parse_qsl(query, keep_blank_values=True)
    settings = dict(pairs)
    named = settings.pop("table", "")
    ports = [re.fullmatch(r"([^:\[\]]*|\[[0-9A-Fa-f:.%]+\])(?::([0-9]{1,5}))?", host) for host in hosts.split(",")]
    parts = len(pairs), len(query.split("&")) if query else 0
    if not all(ports) or "/" in database or "@" in user or parts[0] != parts[1] or len(dict(pairs)) != parts[0]:
        raise UsageError(f"this address can't be read; {_FORM}")
    if not settings.keys() <= _SETTINGS:
        raise UsageError(f"behind the question mark of an address may stand table, {', '.join(sorted(_SETTINGS))}; nothing else")
    found = [each for each in ports if each]
    own = {"user": unquote(user), "dbname": unquote(database), "host": ",".join(unquote(each[1].strip("[]")) for each in found)}
    if any(each[2] for each in found):
        own["port"] = ",".join(each[2] or "" for each in found)
    if ":" in own["user"]:
        raise UsageError(f"the user's name in an address holds no colon; {_FORM}")
    return Address({name: value for name, value in (own | settings).items() if value}, _one(named, table))


def _one(named: str, table: str) -> str:
    if named and table and named != table:
        raise UsageError("the table is named twice, by --table and behind the question mark; name it once")
    return named or table
