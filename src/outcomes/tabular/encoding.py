"""The encoding of text files, found out before anything is read: they are decoded while they are read, never copied."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from pathlib import Path

from outcomes.errors import Breach, RecordsError
from outcomes.tabular.formats import TABLES

NOT_TEXT = 'holds bytes that are no text; open the file in a spreadsheet and save it as "CSV UTF-8"'
MIXED = 'UTF-8 and another encoding are mixed in it; open the file in a spreadsheet, mend the odd characters and save it as "CSV UTF-8"'

_CHUNK = 2**24
_CONTROL = rb"[\x00-\x08\x0e-\x1f\x7f]"
_TEXT = re.sub(_CONTROL, b"", bytes(range(256)))


def encoding_of(path: Path) -> str | None:
    """The encoding of a text file where it is not UTF-8; None for UTF-8, and for files of other kinds.

    Raises:
        RecordsError: the text is of no encoding that can be told, or not of its own throughout.
    """
    if path.suffix.lower() not in TABLES:
        return None
    state = path.stat()
    return _found(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _found(path: Path, *_state: int) -> str | None:
    """The same, looked for once as long as the file stays as it is."""
    encoding = _encoding(path)
    if encoding is not None:
        _check(path, encoding)
    return encoding


def _check(path: Path, encoding: str) -> None:
    """Decode the whole file once."""
    row = 1
    try:
        with path.open(encoding=encoding, newline="") as lines:
            while text := lines.read(_CHUNK):
                if control := re.search(_CONTROL.decode("latin-1"), text):
                    raise RecordsError(path.name, [Breach(row + text.count("\n", 0, control.start()), None, NOT_TEXT)])
                row += text.count("\n")
    except UnicodeError:
        raise RecordsError(path.name, [Breach(None, None, NOT_TEXT)]) from None


def decoded(path: Path) -> str:
    """All of a text file of any usual encoding, whatever its ending, without a copy on the disk.

    Raises:
        RecordsError: the text is of no encoding that can be told.
    """
    try:
        return path.read_bytes().decode(_encoding(path) or "utf-8-sig").removeprefix("\ufeff")
    except UnicodeError:
        raise RecordsError(path.name, [Breach(None, None, NOT_TEXT)]) from None


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
                raise RecordsError(path.name, [Breach(row, None, NOT_TEXT)])
            lines += chunk.count(b"\n")
            is_mixed |= not chunk.isascii() and bool(re.search(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}", chunk))
            if is_utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
    if not is_utf8 and is_mixed:
        raise RecordsError(path.name, [Breach(None, None, MIXED)])
    return None if is_utf8 else "cp1252"
