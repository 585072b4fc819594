"""A PostgreSQL server of the tests' own: in a temporary folder, on the loopback interface alone, run by a user without rights."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

OWNER, OWNERS_PASSWORD = "owner", "owners-Pa55word"
READER, READERS_PASSWORD = "reader", "readers-Pa55:w/ord@"


class Server(NamedTuple):
    """Where it listens, and the folder of its socket."""

    port: int
    folder: Path

    @property
    def address(self) -> str:
        """The database of the records, for one who may only read."""
        return f"postgresql://{READER}@127.0.0.1:{self.port}/postgres"

    def connect(self, user: str = OWNER, password: str = OWNERS_PASSWORD) -> Any:
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, password=password, dbname="postgres", autocommit=True, connect_timeout=5
        )


def program(name: str) -> str:
    """One of PostgreSQL's programs, where its package puts it."""
    found = shutil.which(name) or next((str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    return found


def _as_nobody(folder: Path) -> list[str]:
    """What a command begins with where it would be run by root, for whom PostgreSQL does not start."""
    if os.geteuid() != 0:
        return []
    import pwd

    user = next(each for each in pwd.getpwall() if each.pw_name in ("postgres", "nobody"))
    for each in (folder, *folder.iterdir()):
        os.chown(each, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def server() -> Iterator[Server]:
    """It runs as long as the block does."""
    initdb, postgres = program("initdb"), program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        secret = folder / "secret"
        secret.write_text(OWNERS_PASSWORD, encoding="utf-8")
        first = _as_nobody(folder)
        made = [initdb, "-D", str(folder / "data"), "-U", OWNER, "-A", "scram-sha-256", f"--pwfile={secret}", "-N", "-E", "UTF8"]
        subprocess.run([*first, *made, "--locale=C"], check=True, capture_output=True, cwd=folder)
        here = Server(_free_port(), folder)
        settings = [f"port={here.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off"]
        words = [word for each in settings for word in ("-c", each)]
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen([*first, postgres, "-D", str(folder / "data"), *words], cwd=folder, stdout=log, stderr=log)
        try:
            _await(here, running)
            yield here
        finally:
            running.send_signal(signal.SIGQUIT)
            running.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await(here: Server, running: subprocess.Popen[bytes]) -> None:
    import psycopg

    until = time.monotonic() + 30
    while time.monotonic() < until and running.poll() is None:
        with suppress(psycopg.OperationalError), here.connect():
            return
        time.sleep(0.05)
    pytest.fail("PostgreSQL did not start: " + (here.folder / "log").read_text(errors="replace")[-500:])
