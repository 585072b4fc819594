"""Random codes in place of names and numbers, and the linkage file that alone knows which is whose."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from outcomes.deidentify.originals import key
from outcomes.errors import Breach, RecordsError, UsageError
from outcomes.tabular.atomic import written_whole
from outcomes.tabular.csv_writer import is_run

LETTERS, DIGITS = "CDFGHJKMNPQRTVWX", "3479"
"""What a code is made of: no vowels, so that it spells nothing, and nothing that looks like something else."""

KINDS = {"patient": "P", "staff": "S", "clinic": "C", "course": "K", "tip": "T"}
"""Kind of code -> its first letter. Those who treat and those who score are one kind: they may be the same people."""

KIND_OF = {
    "patient_id": "patient",
    "provider_id": "staff",
    "assessor_id": "staff",
    "clinic_id": "clinic",
    "course_id": "course",
    "tip_code": "tip",
}
"""Contract column -> kind of code."""

_LENGTH = 8
_HEADER = ["kind", "original", "code"]
_CODE = re.compile(rf"[{''.join(KINDS.values())}][{LETTERS}{DIGITS}]{{{_LENGTH}}}")


class Pseudonym(NamedTuple):
    """One line of the linkage file."""

    kind: str
    original: str
    code: str


class Linkage:
    """The codes given so far, and those given now. `rng` draws new ones; without it the system's own randomness.

    Codes are never derived from what they stand for. The same original, whatever its case or spacing, has the same code.
    `content` is the file that held the known ones; `respelt` are codes of originals that are written in more than one way.
    """

    def __init__(self, known: Iterable[Pseudonym] = (), *, content: bytes = b"", rng: random.Random | None = None) -> None:
        self.pseudonyms = list(known)
        self.content = content
        self.new = 0
        self._rng = rng or secrets.SystemRandom()
        self.respelt: set[str] = set()
        self._code = {(one.kind, key(one.original)): one.code for one in self.pseudonyms}
        self._written = {(one.kind, key(one.original)): one.original for one in self.pseudonyms}
        self._taken = set(self._code.values())

    def code(self, kind: str, parts: Sequence[str]) -> str:
        """The code of an original, which may be told by several parts together; drawn now if it has none."""
        original = " | ".join(part.strip().replace("|", r"\|") for part in parts)
        whose = kind, key(original)
        if whose not in self._code:
            self._code[whose] = self._drawn(KINDS[kind])
            self._taken.add(self._code[whose])
            self._written[whose] = original
            self.pseudonyms.append(Pseudonym(kind, original, self._code[whose]))
            self.new += 1
        elif normalize("NFC", self._written[whose]) != normalize("NFC", original):
            self.respelt.add(self._code[whose])
        return self._code[whose]

    def originals(self, kind: str) -> list[str]:
        """The originals of one kind."""
        return [one.original for one in self.pseudonyms if one.kind == kind]

    def _drawn(self, first: str) -> str:
        while True:
            drawn = "".join(self._rng.choices(LETTERS + DIGITS, k=_LENGTH))
            # Some of each: a code can't be taken for a name or a telephone number.
            mixed = 1 <= sum(character in DIGITS for character in drawn) <= 4
            if mixed and first + drawn not in self._taken:
                return first + drawn


def is_coded(path: Path) -> bool:
    """Whether a file begins as session records that have codes of this kind begin: one made earlier, which may be replaced."""
    with path.open("rb") as file:
        header, row = file.readline(10_000), file.readline(10_000)
    return header.startswith(b"patient_id,") and bool(_CODE.match(row.decode("utf-8", "replace")))


def check_apart(linkage: Path, out: Path) -> None:
    """Refuses a linkage file that would travel with the records: in the folder of `out`, or below it.

    Raises:
        UsageError: it is there.
    """
    folder = out.resolve().parent
    if linkage.resolve().is_relative_to(folder):
        raise UsageError(
            f"{linkage.name}: the linkage file names the patients and must not be in or below the folder of {out.name}, "
            f"which is passed on; choose another folder, such as --out passed_on/{out.name}"
        )


def read_linkage(path: Path, *, rng: random.Random | None = None) -> Linkage:
    """The codes in a linkage file; none where there is no file yet.

    Raises:
        RecordsError: it is not a linkage file or it is damaged; its first fault is told, never what it holds.
        UsageError: it can't be opened.
    """
    try:
        content = path.read_bytes()
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except FileNotFoundError:
        return Linkage(rng=rng)
    except (UnicodeDecodeError, csv.Error):
        raise _damaged(path, None, "is not a linkage file: no CSV of kind, original and code in UTF-8") from None
    except OSError as problem:
        raise UsageError(f"{path.name}: can't be read ({problem.strerror})") from None
    if not rows or rows[0] != _HEADER:
        raise _damaged(path, None, "is not a linkage file: its header must be kind,original,code")
    known: list[Pseudonym] = []
    originals: set[tuple[str, str]] = set()
    codes: set[str] = set()
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(_HEADER) or row[0] not in KINDS or not row[1].strip() or not _CODE.fullmatch(row[2]):
            raise _damaged(path, number, "is damaged: every row must hold a kind, an original and a code")
        one = Pseudonym(row[0], _original(row[1]), row[2])
        if (one.kind, key(one.original)) in originals or one.code in codes or one.code[0] != KINDS[one.kind]:
            raise _damaged(path, number, "is damaged: an original or a code stands twice, or a code is of another kind")
        originals.add((one.kind, key(one.original)))
        codes.add(one.code)
        known.append(one)
    return Linkage(known, content=content, rng=rng)


def write_linkage(path: Path, linkage: Linkage) -> bool:
    """Writes the linkage file whole or not at all, readable by its owner alone from the first byte.

    Returns whether an older file there could be read by others; it no longer can.

    Raises:
        UsageError: it can't be written, or another run has written it since it was read.
    """
    was_open = os.name == "posix" and path.exists() and bool(path.stat().st_mode & 0o077)
    try:
        if (path.read_bytes() if path.exists() else b"") != linkage.content:
            raise UsageError(f"{path.name}: another run has written it meanwhile; run this one again")
        with written_whole(path, is_private=True) as passing, passing.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(_HEADER)
            writer.writerows((one.kind, _harmless(one.original), one.code) for one in linkage.pseudonyms)
    except OSError as problem:
        raise UsageError(f"{path.name}: can't be written ({problem.strerror})") from None
    return was_open


def _harmless(original: str) -> str:
    return f"'{original}" if is_run(original) else original


def _original(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and is_run(cell[1:]) else cell


def _damaged(path: Path, row: int | None, problem: str) -> RecordsError:
    return RecordsError(path.name, [Breach(row, None, problem)])
