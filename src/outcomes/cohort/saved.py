"""A cohort as one file: a ZIP archive of CSV tables and ``cohort.json``, without a row of any patient.

``cohort.json`` holds `format`, `version`, what is known of the cohort beside its counts, and for each table its file, its
columns and the SHA-256 of its text. A table has one row per combination of keys; the last column, or the columns named as sums
in `outcomes.cohort.parts.PARTS`, say how often. Its `groups` are those of some columns, each with its numbers; their
tables say by the place of a group which it is, and no file bears its name. Readable by anything that reads CSV.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from outcomes.cohort.counts import column_type, filled
from outcomes.cohort.parts import PARTS, Key, keys_of, split
from outcomes.cohort.paths import EVERY
from outcomes.cohort.saved_counts import NUMBER, about_faults, faults, group_faults
from outcomes.definitions.columns import COLUMN
from outcomes.errors import UsageError
from outcomes.records.read import COHORT
from outcomes.tabular.atomic import written_whole

FORMAT, VERSION = "outcomes cohort", 3
_CONTENTS = "cohort.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES = 4 * 2**30
"""More than this unpacked is no cohort."""


class SavedGroup(NamedTuple):
    """What is kept of the courses of one value of a column: `numbers` of rows, visits, courses and patients, and the parts `kept`."""

    column: str
    value: str
    numbers: dict[str, int]
    parts: Mapping[Key, pd.DataFrame]
    kept: tuple[str, ...]


def save(path: Path, about: Mapping[str, Any], parts: Mapping[Key, pd.DataFrame], groups: Sequence[SavedGroup] = ()) -> None:
    """Write counts to one file, whole or not at all; the same counts give the same bytes.

    Raises:
        UsageError: a name that does not end in ``.cohort``, a place that can't be written, or a file there that is no cohort.
    """
    check_place(path)
    tables, files = _tables(parts)
    by_column = []
    for number, column in enumerate(dict.fromkeys(group.column for group in groups), start=1):
        own = [group for group in groups if group.column == column]
        found, more = _tables(together([group.parts for group in own]), f"groups_{number}/")
        named = [{"value": group.value, "numbers": group.numbers} for group in own]
        by_column.append({"column": column, "kept": list(own[0].kept), "groups": named, "tables": found})
        files |= more
    contents = {
        "format": FORMAT,
        "version": VERSION,
        "columns": list(COLUMN),
        "about": dict(about),
        "tables": tables,
        "groups": by_column,
    }
    files = {_CONTENTS: json.dumps(contents, indent=1, ensure_ascii=False)} | files
    try:
        with written_whole(path, is_private=True) as passing, zipfile.ZipFile(passing, "w") as archive:
            for name, text in files.items():
                member = zipfile.ZipInfo(name, _EPOCH)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, text.encode("utf-8"), compresslevel=1)
    except OSError as error:
        raise UsageError(f"{path.name}: can't be written ({error.strerror or error})") from None


def check_place(path: Path) -> None:
    """Refuse a file that a cohort is not saved in.

    Raises:
        UsageError: a name that does not end in ``.cohort``, or a file there that is no cohort.
    """
    if path.suffix != COHORT:
        raise UsageError(f"a cohort is saved in a file whose name ends in {COHORT}, got {path.name}")
    if path.is_file() and path.stat().st_size and not _is_cohort(path):
        raise UsageError(f"{path.name}: holds what outcomes did not write; name another file")


def _tables(parts: Mapping[Key, pd.DataFrame], folder: str = "") -> tuple[list[dict[str, Any]], dict[str, str]]:
    """What ``cohort.json`` says of these counts, and the text of each file."""
    texts = {key: counts.to_csv(index=False, lineterminator="\n") if len(counts.columns) else "" for key, counts in parts.items()}
    said = [{"part": list(key), "file": f"{folder}{_file(key)}", "sha256": _digest(text)} for key, text in texts.items()]
    return said, {f"{folder}{_file(key)}": text for key, text in texts.items()}


class _Split(NamedTuple):
    """The groups of a column as they are saved: in each table `NUMBER` is the place of the group."""

    column: str
    kept: list[str]
    groups: list[dict[str, Any]]
    tables: dict[Key, pd.DataFrame]


def together(several: Sequence[Mapping[Key, pd.DataFrame]]) -> dict[Key, pd.DataFrame]:
    """The counts of several groups in one table for each part, with the place of each group in a first column `NUMBER`."""
    found = {}
    for key in dict.fromkeys(key for parts in several for key in parts):
        own = [(place, parts[key]) for place, parts in enumerate(several) if key in parts and len(parts[key].columns)]
        tables = [counts.assign(**{NUMBER: place}) for place, counts in own]
        found[key] = _below_each_other(tables) if tables else pd.DataFrame()
    return found


def _below_each_other(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Groups of other clinics may have longer courses than these."""
    keys = [name for name in max(tables, key=lambda table: len(table.columns)) if name != NUMBER]
    return filled(pd.concat(tables, ignore_index=True), [NUMBER, *keys]).astype({name: column_type(name) for name in keys})


def _apart(of: _Split) -> list[SavedGroup]:
    """The same as groups; of a scale that nobody in a group is scored on it holds nothing."""
    tables = {key: split(table, NUMBER) if len(table.columns) else {} for key, table in of.tables.items()}
    groups = []
    for place, group in enumerate(of.groups):
        scales = _own(tables, ("scales",), place)
        parts = {key: _own(tables, key, place) for key in keys_of(of.kept, scales, (EVERY,))}
        groups.append(SavedGroup(of.column, group["value"], group["numbers"], parts, tuple(of.kept)))
    return groups


def _own(tables: Mapping[Key, Mapping[str, pd.DataFrame]], key: Key, place: int) -> pd.DataFrame:
    found = tables[key]
    return found.get(str(place), found.get("", pd.DataFrame()))


def _is_cohort(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return _CONTENTS in archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def load(path: Path) -> tuple[dict[str, Any], dict[Key, pd.DataFrame], list[SavedGroup]]:
    """What `save` wrote: what is known of the cohort, its counts, and those of its groups.

    Raises:
        UsageError: no such file, another kind of file, a damaged one, or one of another version or contract.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
                raise _refused(path, "it is too large to be one")
            contents = json.loads(_text(archive, _CONTENTS))
            _check_contents(path, contents)
            about = contents["about"]
            parts = _parts(path, archive, contents["tables"])
            saved = [_Split(**each | {"tables": _parts(path, archive, each["tables"])}) for each in contents["groups"]]
            for fault in (*about_faults(about), *faults(parts), *group_faults(about, saved)):
                raise _refused(path, fault)
            groups = [group for of in saved for group in _apart(of)]
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise _refused(path, "it is another kind of file, or damaged") from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        raise _refused(path, "its contents are damaged") from None
    return about, parts, groups


def _check_contents(path: Path, contents: Mapping[str, Any]) -> None:
    if contents["format"] != FORMAT:
        raise _refused(path, "it is another kind of file")
    if contents["version"] != VERSION:
        newer = "a newer" if contents["version"] > VERSION else "an older"
        raise UsageError(f"{path.name}: saved by {newer} version of outcomes; count the records anew with this one")
    if contents["columns"] != list(COLUMN):
        raise UsageError(f"{path.name}: counted by another contract of session records; count the records anew")


def _parts(path: Path, archive: zipfile.ZipFile, tables: Sequence[Mapping[str, Any]]) -> dict[Key, pd.DataFrame]:
    parts = {tuple(each["part"]): _table(path, archive, each) for each in tables}
    if len(parts) < len(tables):
        raise _refused(path, "it holds a part twice")
    return parts


def _table(path: Path, archive: zipfile.ZipFile, of: Mapping[str, Any]) -> pd.DataFrame:
    name = of["part"][0]
    if name not in PARTS:
        raise _refused(path, f"it holds {name!r}, which no cohort has")
    text = _text(archive, of["file"])
    if _digest(text) != of["sha256"]:
        raise _refused(path, f"{of['file']} is damaged")
    if not text:
        return pd.DataFrame()
    header = text.partition("\n")[0].split(",")
    return pd.read_csv(
        io.StringIO(text), dtype={column: column_type(column) for column in header}, keep_default_na=False, na_filter=False
    )


def _text(archive: zipfile.ZipFile, name: str) -> str:
    return archive.read(name).decode("utf-8")


def _file(key: Key) -> str:
    return f"{'.'.join(part.replace(' ', '_') for part in key)}.csv"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _refused(path: Path, why: str) -> UsageError:
    return UsageError(f"{path.name} is no cohort that outcomes has saved: {why}")
