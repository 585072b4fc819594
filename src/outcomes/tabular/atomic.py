"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path, *, is_private: bool = False) -> Iterator[Path]:
    """A new empty file beside `path`, of the same ending, to write to: at the end of the block it takes the place of `path`.

    Where the block ends in any other way, what stood at `path` stays as it was and nothing else is left. What is written is
    on the disk before it is in its place. A private file can be read by its owner alone, from the first byte.

    Raises:
        OSError: nothing can be written there.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "codes.csv")
        ...     with written_whole(path) as passing:
        ...         _ = passing.write_text("all of it")
        ...     path.read_text()
        'all of it'
    """
    passing = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    os.close(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if is_private else 0o666))
    try:
        yield passing
        with passing.open("rb+") as file:
            os.fsync(file.fileno())
        passing.replace(path)
    finally:
        with suppress(OSError):
            passing.unlink(missing_ok=True)
