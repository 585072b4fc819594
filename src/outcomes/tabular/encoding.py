"""Text files of any usual encoding as UTF-8."""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from outcomes.errors import Breach, RecordsError
from outcomes.tabular import csv_reader
from outcomes.tabular.formats import TABLES
from outcomes.tabular.room import enough_room

_CHUNK = 2**24
_CONTROL = rb"[\x00-\x08\x0e-\x1f\x7f]"
_TEXT = re.sub(_CONTROL, b"", bytes(range(256)))


@contextmanager
def as_utf8(path: Path) -> Iterator[Path]:
    """The file itself, or for a text file in UTF-16 or Windows-1252 a private copy in UTF-8, gone afterwards.

    Raises:
        RecordsError: the text is of no encoding that can be told.
    """
    encoding = _encoding(path) if path.suffix.lower() in TABLES else None
    if encoding is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="outcomes-") as folder:
        copy = Path(folder) / path.name
        with path.open(encoding=encoding, newline="") as lines, copy.open("w", encoding="utf-8", newline="") as file:
            try:
                with enough_room():
                    while text := lines.read(_CHUNK):
                        file.write(text)
                    file.flush()
            except UnicodeError:
                raise RecordsError(path.name, [Breach(None, None, csv_reader.NOT_TEXT)]) from None
        yield copy


def decoded(path: Path) -> str:
    """All of a text file of any usual encoding, whatever its ending, without a copy on the disk.

    Raises:
        RecordsError: the text is of no encoding that can be told.
    """
    try:
        return path.read_bytes().decode(_encoding(path) or "utf-8-sig").removeprefix("\ufeff")
    except UnicodeError:
        raise RecordsError(path.name, [Breach(None, None, csv_reader.NOT_TEXT)]) from None


def _encoding(path: Path) -> str | None:
    """The encoding of a text file where it is not UTF-8.

    Bytes that are no UTF-8 are Windows-1252, the other encoding in which spreadsheets save CSV; where some of them are
    UTF-8 all the same, two encodings are mixed and the file is refused.
    """
    with path.open("rb") as file:
        begin = file.read(4)
        if begin.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            return "utf-32"
        if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_utf8, is_mixed, lines = True, False, 1
        while chunk := file.read(_CHUNK):
            # What is left is looked for only where there is something: to delete is ten times faster than to search.
            if chunk.translate(None, _TEXT) and (control := re.search(_CONTROL, chunk)):
                row = lines + chunk.count(b"\n", 0, control.start())
                raise RecordsError(path.name, [Breach(row, None, csv_reader.NOT_TEXT)])
            lines += chunk.count(b"\n")
            is_mixed |= not chunk.isascii() and bool(re.search(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}", chunk))
            if is_utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
    if not is_utf8 and is_mixed:
        raise RecordsError(path.name, [Breach(None, None, csv_reader.MIXED)])
    return None if is_utf8 else "cp1252"
