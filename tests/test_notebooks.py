"""Notebooks are thin, were run in order, and run wherever papermill is started.

nbval compares saved outputs with fresh ones, but passes a notebook without outputs and never looks at a picture:
these checks close the gap.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import venv
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
CLINIC, PUBLIC, GROUP = (
    sorted((ROOT / "notebooks" / folder).glob("*.ipynb"), key=lambda path: int(path.stem.partition("_")[0]))
    for folder in ("", "public", "group")
)
NOTEBOOKS = [*CLINIC, *PUBLIC, *GROUP]
MOST_CELLS = 20
MOST_LINES = 6
LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With)
PARAMETER = re.compile(r"(?P<name>[a-z][a-z_]*): (?P<kind>[a-z]+(\[[a-z, .]+\])?) = (?P<value>.+?)  # (?P<help>\S.{5,})")
SAVED = {"kernelspec": {"display_name", "language", "name"}, "language_info": {"name"}}
"""What a notebook keeps about itself: no version, path or time of whoever ran it."""

each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")


def read(notebook: Path) -> Any:
    return nbformat.read(notebook, as_version=4)


def code_cells(notebook: Path) -> list[Any]:
    return [cell for cell in read(notebook).cells if cell.cell_type == "code"]


def is_parameters(cell: Any) -> bool:
    return "parameters" in cell.metadata.get("tags", [])


def data_of(cell: Any) -> list[Any]:
    """The outputs of a cell by kind: ``{"text/html": ..., "text/plain": ...}`` each."""
    return [output.get("data", {}) for output in cell.get("outputs", [])]


def has_picture(cell: Any) -> bool:
    return any(data.get("text/html", "").startswith("<figure>") for data in data_of(cell))


def has_open_table(cell: Any) -> bool:
    """Whether a cell shows a table at once: not the numbers folded under a picture."""
    return any(not data.get("text/html", "<details").startswith(("<details", "<figure", "<p")) for data in data_of(cell))


def tells(cell: Any) -> bool:
    """Whether a cell is prose: written, or computed and shown as Markdown."""
    return cell.cell_type == "markdown" or any("text/markdown" in data for data in data_of(cell))


def test_notebooks_are_numbered_without_a_gap() -> None:
    for notebooks in (CLINIC, PUBLIC, GROUP):
        assert notebooks, "no notebooks found: nothing below was checked"
        assert [int(path.stem.split("_")[0]) for path in notebooks] == list(range(1, len(notebooks) + 1))


@pytest.mark.parametrize("notebook", CLINIC, ids=lambda path: path.stem)
def test_plain_papermill_cannot_make_a_notebook_of_the_clinic_one_for_the_public(notebook: Path) -> None:
    """The parameter goes to the cohort, from which every number comes and which then gives none."""
    source = "\n".join(cell.source for cell in code_cells(notebook))
    assert source.count("outcomes.read_") == 1
    assert source.count("outcomes.read_cohort(records, audience=audience, ") == 1
    assert 'audience: str = "clinic"' in source


@pytest.mark.parametrize("notebook", PUBLIC, ids=lambda path: path.stem)
def test_a_notebook_for_the_public_starts_from_a_release_alone(notebook: Path) -> None:
    source = "\n".join(cell.source for cell in code_cells(notebook))
    assert 'released = outcomes.release(outcomes.read_cohort(records, audience="public", ' in source
    assert source.count("outcomes.") == 2
    assert "read_records" not in source


@each_notebook
def test_it_is_a_whole_document_for_any_machine(notebook: Path) -> None:
    document = read(notebook)
    nbformat.validate(document)
    assert notebook.read_bytes().endswith(b"}\n")
    assert document.metadata.kernelspec.name == "python3"
    assert {key: set(value) for key, value in document.metadata.items()} == SAVED, "run: make notebooks"
    assert [cell.metadata for cell in document.cells if cell.metadata and cell.metadata.keys() != {"tags"}] == [], (
        "run: make notebooks"
    )


@each_notebook
def test_it_begins_with_its_title(notebook: Path) -> None:
    cells = read(notebook).cells
    assert cells[0].cell_type == "markdown"
    assert re.match(r"# \S", cells[0].source)
    headings = [
        line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines() if re.match(r"#+ ", line)
    ]
    levels = [len(line.split()[0]) for line in headings]
    assert levels.count(1) == 1, headings
    assert all(after <= before + 1 for before, after in pairwise(levels)), headings


@each_notebook
def test_one_cell_declares_the_parameters(notebook: Path) -> None:
    (cell,) = [cell for cell in code_cells(notebook) if is_parameters(cell)]
    lines = cell.source.splitlines()
    matches = [PARAMETER.fullmatch(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches, strict=True) if match is None]
    for match in filter(None, matches):
        value = ast.literal_eval(match["value"])
        assert type(value).__name__ == re.split(r"\W", match["kind"])[0], match[0]
    names = [match["name"] for match in filter(None, matches)]
    assert "records" in names
    assert len(set(names)) == len(names)


@each_notebook
def test_it_is_thin(notebook: Path) -> None:
    cells = [cell for cell in code_cells(notebook) if not is_parameters(cell)]
    assert 1 <= len(cells) <= MOST_CELLS
    long = [cell.source for cell in cells if len([line for line in cell.source.splitlines() if line.strip()]) > MOST_LINES]
    assert long == []
    logic = [ast.unparse(node) for cell in cells for node in ast.walk(ast.parse(cell.source)) if isinstance(node, LOGIC)]
    assert logic == [], "logic belongs into the package, where it is tested"


@each_notebook
def test_every_cell_was_run_in_order_without_a_complaint(notebook: Path) -> None:
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), "run: make notebooks"
    outputs = [output for cell in cells for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    assert any(cell.outputs for cell in cells), "a notebook that shows nothing answers nothing"


@each_notebook
def test_words_come_before_what_is_shown(notebook: Path) -> None:
    """Every picture follows words of its own, every open table words or its picture."""
    words = picture = False
    for cell in read(notebook).cells:
        words = words or tells(cell)
        if has_picture(cell):
            assert words, f"nothing is said before the picture of:\n{cell.source}"
            words, picture = False, True
        elif has_open_table(cell):
            assert words or picture, f"nothing is said before the table of:\n{cell.source}"
            words = picture = False


@each_notebook
def test_every_picture_says_what_it_shows(notebook: Path) -> None:
    for cell in filter(has_picture, code_cells(notebook)):
        (text,) = [data["text/plain"] for data in data_of(cell)]
        assert text.startswith("[figure] "), f"nbval compares the text of a picture; this one has {text[:60]!r}"
        assert len(text) > 60, text


@pytest.mark.parametrize("folder", [".", "notebooks"])
def test_plain_papermill_runs_it_from_either_folder(folder: str, tmp_path: Path) -> None:
    name = "2_records.ipynb" if folder == "notebooks" else "notebooks/2_records.ipynb"
    command = [
        sys.executable,
        "-m",
        "papermill",
        name,
        str(tmp_path / "out.ipynb"),
        "-p",
        "records",
        "patchy",
        "--no-progress-bar",
    ]
    done = subprocess.run(command, cwd=ROOT / folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    text = "".join(str(cell.outputs) for cell in code_cells(tmp_path / "out.ipynb"))
    assert "150 patients" in text
    assert "150 patients" not in "".join(str(cell.outputs) for cell in code_cells(ROOT / "notebooks" / "2_records.ipynb"))


@pytest.mark.slow
def test_the_installed_wheel_reports_outside_of_the_checkout(tmp_path: Path) -> None:
    """The wheel alone, in an environment of its own that borrows the other packages from this one."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    quiet = {"check": True, "capture_output": True, "text": True}
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path / "wheel", ROOT], **quiet)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    venv.create(tmp_path / "own", symlinks=os.name != "nt")
    scripts = tmp_path / "own" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([*pip, "--python", scripts / "python", "install", "-q", "--no-deps", "--no-index", wheel], **quiet)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = Path(subprocess.run([scripts / "python", "-c", where], **quiet).stdout.strip())
    here = Path(subprocess.run([sys.executable, "-c", where], **quiet).stdout.strip())
    # Folders named in a .pth are searched after the environment's own; the .pth files in them are not read.
    (own / "borrowed.pth").write_text(f"{here}\n", encoding="utf-8")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    found = subprocess.run([scripts / "python", "-c", "import outcomes; print(outcomes.__file__)"], cwd=elsewhere, **quiet)
    assert Path(found.stdout.strip()).is_relative_to(own)
    version = subprocess.run([scripts / "outcomes", "--version"], cwd=elsewhere, **quiet).stdout
    assert wheel.name.split("-")[1] in version
    command = [scripts / "outcomes", "report", "sample", "--out", "made", "--notebook", "1_summary"]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (elsewhere / "made" / "report.html").stat().st_size > 1000
    assert sorted(path.name for path in elsewhere.iterdir()) == ["made"]
