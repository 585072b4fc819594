"""The documentation: what its pages are made of, and that a site would not ask for anything over the network."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Pages


@pytest.mark.parametrize(
    ("written", "on_the_site"),
    [
        ("[glossary](GLOSSARY.md)", "[glossary](glossary.md)"),
        ("[dictionary](data/dictionary.md#columns)", "[dictionary](data-dictionary.md#columns)"),
        ("[sample](data/sample)", "[sample](sample.md)"),
        ("![the report](data/sample/report.png)", "![the report](report.png)"),
        ("[methods](docs/methods.md)", "[methods](methods.md)"),
        ("[tests](tests)", "tests (`tests`)"),
        ("[a paper](https://doi.org/10.1)", "[a paper](https://doi.org/10.1)"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(hooks: ModuleType, written: str, on_the_site: str) -> None:
    assert hooks.relinked(written, "README.md") == on_the_site


def test_links_are_read_from_where_their_file_stands(hooks: ModuleType) -> None:
    assert hooks.relinked("[dictionary](../dictionary.md)", "data/sample/README.md") == "[dictionary](data-dictionary.md)"


def test_a_page_shows_a_part_of_another_file(hooks: ModuleType) -> None:
    limits = hooks.with_parts('before\n\n--8<-- "README.md:limits"\n\nafter')
    assert limits.startswith("before\n\n1. ")
    assert limits.endswith("\n\nafter")
    with pytest.raises(ValueError, match=r"README\.md has no part <!-- advert -->"):
        hooks.with_parts('--8<-- "README.md:advert"')


def test_every_page_is_there_and_in_the_contents(hooks: ModuleType) -> None:
    contents = set(re.findall(r"[\w-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert contents == {path.name for path in (ROOT / "docs").glob("*.md")} | set(hooks.FROM_ELSEWHERE)
    assert all((ROOT / path).is_file() for path in (*hooks.FROM_ELSEWHERE.values(), *hooks.PICTURES))


def test_the_api_has_every_folder_and_its_modules(hooks: ModuleType) -> None:
    assert set(hooks.folders()) == {path.parent.name for path in (ROOT / "src" / "outcomes").glob("*/__init__.py")}
    page = hooks.of_folder("measures")
    assert page.startswith("# outcomes.measures\n\nCounts")
    assert "\n::: outcomes.measures.change" in page
    assert hooks.modules("statistics")


# Cells


def test_a_cell_shows_what_it_prints_and_its_last_value(hooks: ModuleType) -> None:
    page = "```python run\nx = 2\n```\n\nand\n\n```python run\nprint('two')\nx + 1\n```"
    shown = hooks.with_outputs(page)
    assert shown.startswith("```python\nx = 2\n```\n\n\n\nand")
    assert shown.endswith('<div class="output" markdown>\n\n```text\ntwo\n```\n\n```text\n3\n```\n\n</div>')


def test_a_cell_that_fails_ends_the_build(hooks: ModuleType) -> None:
    with pytest.raises(ZeroDivisionError):
        hooks.with_outputs("```python run\n1 / 0\n```")


@pytest.mark.slow
def test_the_tutorial_and_the_readme_run(hooks: ModuleType) -> None:
    """Without the site: all cells of the tutorial, and the README's Python, about 15 seconds."""
    shown = hooks.with_outputs((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"))
    assert shown.count("<figure>") >= 2
    assert shown.count("<table>") >= 10
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("```python\n", "```python run\n")
    assert hooks.with_outputs(readme).count('class="output"') == 1


# Without a network


@pytest.mark.parametrize(
    "asking",
    [
        '<script src="https://example.org/a.js"></script>',
        "<script src=//example.org/a.js></script>",
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<img alt="" src="http://example.org/a.png">',
        '<source srcset="https://example.org/a.webp">',
        "<style>@import 'https://example.org/a.css';</style>",
        '<style>@font-face { src: url("https://example.org/a.woff2") }</style>',
    ],
)
def test_a_page_that_asks_elsewhere_is_found(hooks: ModuleType, tmp_path: Path, asking: str) -> None:
    (tmp_path / "quiet.html").write_text('<script src="a.js"></script><a href="https://example.org">a link</a>', encoding="utf-8")
    assert hooks.requests(tmp_path) == []
    (tmp_path / "loud.html").write_text(f"<html>{asking}</html>", encoding="utf-8")
    (found,) = hooks.requests(tmp_path)
    assert found.startswith("loud.html: ")


def test_a_style_that_asks_elsewhere_is_found(hooks: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(".x { background: url(https://example.org/a.png) }", encoding="utf-8")
    assert len(hooks.requests(tmp_path)) == 1


# Habits


def loaded(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_commits_are_checked_without_a_network() -> None:
    repos = loaded(".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    assert {hook["entry"].split()[0] for hook in repos[0]["hooks"]} == {".venv/bin/ruff", ".venv/bin/mypy"}


def test_forks_are_tested_on_every_python_that_is_declared() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', pyproject)
    matrix = loaded(".github/workflows/ci.yml")["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == declared
    assert {"ubuntu-latest", "windows-latest"} <= set(matrix["os"])


def test_the_version_is_written_once() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    files = [
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "docs").glob("*"),
        ROOT / "README.md",
        ROOT / "environment.yml",
        ROOT / "Makefile",
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in files if path.is_file()}
    assert [path.name for path, text in texts.items() if f'"{version[1]}"' in text or f" {version[1]} " in text] == []


def test_the_package_is_a_command_where_no_command_is_on_the_path() -> None:
    from outcomes import __version__

    done = subprocess.run([sys.executable, "-m", "outcomes", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"outcomes {__version__}\n", "")


def test_the_picture_of_the_readme_is_light() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"^!\[.+\]\((.+)\)$", readme, re.MULTILINE)
    assert (ROOT / picture).stat().st_size < 300_000


# The gallery


def test_the_gallery_shows_the_reports_that_are_there(hooks: ModuleType, tmp_path: Path) -> None:
    assert "make gallery" in hooks.gallery.reports(tmp_path)
    for name, file in (
        ("sample", "report.html"),
        ("sample", "report.pdf"),
        ("points", "report.html"),
        ("stranger", "report.html"),
    ):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / file).touch()
    shown = hooks.gallery.reports(tmp_path)
    assert re.findall("^## (.*)$", shown, re.MULTILINE) == ["The sample", "Scales of points"]
    assert re.findall(r"\]\((.*?)\)", shown) == [
        "gallery/sample/report.html",
        "gallery/sample/report.pdf",
        "gallery/points/report.html",
    ]


def test_the_records_scored_in_points_are_accepted_and_hold_as_many_scores(hooks: ModuleType, tmp_path: Path) -> None:
    from outcomes.records.read import read_records

    hooks.gallery.points(tmp_path / "points.csv")
    made, own = read_records(tmp_path / "points.csv"), read_records("sample")
    assert (made.rows, made.courses, made.endpoints) == (own.rows, own.courses, own.endpoints)
    text = (tmp_path / "points.csv").read_text(encoding="utf-8")
    assert "goodman_baron_score" in text
    assert "goodman_baron_grade" not in text
