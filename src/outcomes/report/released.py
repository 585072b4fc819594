"""Whether a report may be published: its files are read back, and every breach is named with its place.

What is checked is what can be read: the numbers of ``estimates.csv``, and the texts of the page, of the notebooks' outputs and of the PDF.
Shapes in a drawing are not measured; they are drawn from the same numbers.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from outcomes.definitions.audiences import PUBLIC
from outcomes.display.tables.table import ESTIMATES_MIME
from outcomes.errors import ReportError, UsageError, counted
from outcomes.report.previous import MANIFEST
from outcomes.report.released_rows import Rows, breaches, rows_of
from outcomes.report.released_text import counts_in, page_breaches, printed_breaches, text_breaches

PAGE, ESTIMATES, PDF = "report.html", "estimates.csv", "report.pdf"

_FILES = re.compile(rf"{re.escape(PAGE)}|{re.escape(ESTIMATES)}|{re.escape(PDF)}|{re.escape(MANIFEST)}|notebooks/\w+\.ipynb")
_TOLD = {
    "audience",
    "branding",
    "versions",
    "parameters",
    "warnings",
    "notes",
    "pdf",
    "typeset",
    "files",
    "seconds",
    "started",
    "finished",
}
"""What a manifest of a report for the public may hold."""

_READ_OUT = ("text/plain", "text/markdown", "text/html")
_MOST = 20
"""Breaches that are told one by one."""


class Released(NamedTuple):
    """What was read back of a report for the public: its files and how many numbers its estimates hold."""

    files: tuple[str, ...]
    rows: Rows


def verify_public(folder: str | Path) -> Released:
    """Read a report for the public back, as anybody could.

    Raises:
        UsageError: there is no such folder.
        ReportError: every breach of what may be published, with its file and place; or a file that can't be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    if not (folder / MANIFEST).is_file() or not (folder / ESTIMATES).is_file():
        raise ReportError(f"{folder}: holds no report: there is no {MANIFEST} or no {ESTIMATES}")
    return _checked(folder, _manifest(folder), is_new=False)


def check_released(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse a draft of a report that must not be published; its PDF was just made from its page.

    Raises:
        ReportError: every breach.
    """
    _checked(folder, manifest, is_new=True)


def _checked(folder: Path, manifest: Mapping[str, Any], *, is_new: bool) -> Released:
    if manifest.get("audience") != PUBLIC:
        raise ReportError(f"{folder}: not a report for the public; outcomes report --audience public makes one")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    found = [f"{name}: no file of a report for the public" for name in files if not _FILES.fullmatch(name)]
    found += [f"{MANIFEST}: {problem}" for problem in _of_manifest(manifest)]
    try:
        rows = rows_of(folder / ESTIMATES)
        found += [f"{ESTIMATES}, {problem}" for problem in breaches(rows)]
        words = {cell for row in rows for name, cell in row.items() if name != "note"}
        found += [f"{ESTIMATES}: {problem}" for cell in sorted(words) for problem in counts_in(cell)]
        for name in files:
            found += [f"{name}: {problem}" for problem in _of_file(folder, name, rows, is_new=is_new)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ReportError(
            f"{folder}: can't be read back ({type(problem).__name__}), so nothing says that it may be published"
        ) from None
    if found:
        several = list(dict.fromkeys(found))
        more = [f"and {counted(len(several) - _MOST, 'more breaches', 'more breach')}"] if len(several) > _MOST else []
        raise ReportError("\n".join(["This must not be published:", *several[:_MOST], *more]))
    return Released(tuple(files), rows)


def foreign_files(folder: Path, own: Iterable[Path]) -> str:
    """What a folder holds beside the files of a report: the first name, and how many more; blank where there is nothing."""
    names = sorted(path.relative_to(folder).as_posix() for path in {*folder.rglob("*")} - {*own} if not path.is_dir())
    return "" if not names else f"{names[0]} and {counted(len(names) - 1, 'more files')}" if names[1:] else names[0]


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ReportError(f"{folder}: its {MANIFEST} can't be read") from None
    return found if isinstance(found, Mapping) else {}


def _of_manifest(manifest: Mapping[str, Any]) -> Iterator[str]:
    for name in manifest:
        if name not in _TOLD:
            yield f"{name}: it tells of the records"
    for words in _words_of(manifest):
        yield from counts_in(words, worded=False)


def _of_file(folder: Path, name: str, rows: Rows, *, is_new: bool) -> Iterator[str]:
    path = folder / name
    if path.is_symlink():
        yield "it is a link to elsewhere"
    elif name == PAGE:
        yield from page_breaches(path.read_text(encoding="utf-8"), rows)
    elif name.endswith(".ipynb"):
        yield from _of_notebook(json.loads(path.read_text(encoding="utf-8")), rows)
    elif name == PDF and not is_new:
        yield from _of_pdf(path, folder / PAGE, rows)


def _of_notebook(notebook: Mapping[str, Any], rows: Rows) -> Iterator[str]:
    """What a notebook shows, and the parameters that it ran with."""
    known = [_cells(row) for row in rows]
    for words in _words_of(notebook.get("metadata", {})):
        yield from counts_in(words)
        if re.search(r"[/\\]", words):
            yield "its parameters tell where the records are kept"
    for place, cell in enumerate(notebook["cells"], start=1):
        for words in _words_of([cell.get("metadata", {}), *(output.get("metadata", {}) for output in cell.get("outputs", ()))]):
            yield from (f"cell {place}: {problem}" for problem in counts_in(words))
        for output in cell.get("outputs", ()):
            yield from (f"cell {place}: {problem}" for problem in _of_output(output, rows, known))
        # Prose that somebody has written, and what a cell is given.
        yield from (f"cell {place}: {problem}" for problem in counts_in(_text(cell["source"])))
        if cell.get("attachments"):
            yield f"cell {place}: a picture that can't be read"


def _of_output(output: Mapping[str, Any], rows: Rows, known: list[dict[str, str]]) -> Iterator[str]:
    if output["output_type"] == "stream":
        yield from text_breaches(_text(output["text"]), rows)
        return
    if output["output_type"] == "error":
        yield "it ended in an error"
        return
    for kind, shown in output.get("data", {}).items():
        if kind == ESTIMATES_MIME:
            if any(_cells(row) not in known for row in shown):
                yield "it holds estimates that estimates.csv does not hold"
        elif kind == "text/html":
            yield from page_breaches(_text(shown), rows)
        elif kind in _READ_OUT:
            yield from text_breaches(_text(shown), rows)
        elif shown:
            yield f"it shows {kind}, which can't be read"


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a row that are not blank, as the file has them."""
    return {name: str(value) for name, value in row.items() if value not in (None, "")}


def _of_pdf(path: Path, page: Path, rows: Rows) -> Iterator[str]:
    """The PDF is that of the page; where it can't be made anew, or other fonts make another one, its text is read."""
    from outcomes.report.pdf import pdf

    try:
        if page.is_file() and pdf(page.read_text(encoding="utf-8")) == path.read_bytes():
            return
    except (ImportError, OSError):
        pass
    reader = shutil.which("pdftotext")
    if reader is None:
        yield "it is not the PDF of report.html as this computer makes it, and can't be read without pdftotext (poppler)"
        return
    done = subprocess.run([reader, str(path), "-"], capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode or not done.stdout.strip():
        yield "it can't be read"
        return
    yield from printed_breaches(done.stdout)


def _words_of(value: Any) -> Iterator[str]:
    """Every text in what a file says about itself."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from _words_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words_of(each)
    elif value is not None:
        yield str(value)


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
