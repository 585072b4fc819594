"""The house keeps its own rules: one direction of imports, one list of packages, no address or path of a machine."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "outcomes"
MODULES = sorted(PACKAGE.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


# Imports point one way

ORDER = (
    {"statistics", "errors"},
    {"definitions", "tabular"},
    {"records", "trials", "simulate"},
    {"cohort", "deidentify"},
    {"measures"},
    {"display"},
    {"report", "ending"},
    {"cli"},
)
"""Folders and files of the package: each imports only from rows above its own, and from itself."""

COMMANDS = "commands"

HOME_OF = {
    "matplotlib": {"display"},
    "papermill": {"report"},
    "nbconvert": {"report"},
    "weasyprint": {"report"},
    "psycopg": {"tabular"},
}
WHEN_CALLED = {"papermill", "nbconvert", "weasyprint", "psycopg"}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> set[str]:
    """Dotted names of what is imported anywhere below `tree`: ``outcomes.definitions.scales``, ``matplotlib.pyplot``."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            names.add(node.module)
            if node.module == "outcomes":
                names |= {f"outcomes.{alias.name}" for alias in node.names}
    return names


def rooms(tree: ast.AST) -> set[str]:
    """The modules of this package imported below `tree`."""
    found = {name.split(".")[1] for name in imported(tree) if name.startswith("outcomes.")} - {"__version__"}
    return {"cli" if name == COMMANDS else name for name in found}


def room(path: Path) -> str:
    """The folder of this package that a file is in, or the file that stands by itself. `__main__` is another door of `cli`, `commands` a part of it."""
    name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "cli" if name in ("__main__", COMMANDS) else name


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def row_of(name: str) -> int:
    return next(row for row, names in enumerate(ORDER) if name in names)


def test_the_order_names_every_room_once_and_nothing_else() -> None:
    named = [name for row in ORDER for name in row]
    assert len(named) == len(set(named))
    assert set(named) == {room(path) for path in MODULES} - {"__init__"}
    assert len(ORDER) == 8


def too_far(room_name: str, tree: ast.Module) -> set[str]:
    """What is imported, anywhere in the file, from a room that is neither its own nor in a row above."""
    return rooms(tree) - set().union(*ORDER[: row_of(room_name)]) - {room_name}


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) != "__init__"], ids=place)
def test_imports_point_one_way(path: Path) -> None:
    assert not too_far(room(path), parsed(path)), f"{room(path)} stands before these and must not import from there"


def test_an_import_that_points_up_would_be_found() -> None:
    for text in (
        "from outcomes.measures.change import x",
        "import outcomes.display.prose",
        "def f():\n    from outcomes import report",
    ):
        assert too_far("cohort", ast.parse(text)), text
    assert not too_far("cohort", ast.parse("from outcomes.cohort.tally import tally\nfrom outcomes.errors import UsageError"))


def test_statistics_work_alone() -> None:
    ours = {
        name for path in MODULES if room(path) == "statistics" for name in imported(parsed(path)) if name.startswith("outcomes")
    }
    assert {name.split(".")[1] for name in ours} == {"statistics"}


def imports_at_once(path: Path) -> set[str]:
    """Files of this package that are imported when this one is."""
    found = set()
    for node in parsed(path).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("outcomes."):
            for name in [f"{node.module}.{alias.name}" for alias in node.names] + [node.module]:
                file = PACKAGE.parent / Path(*name.split("."))
                if file.with_suffix(".py").exists():
                    found.add(place(file.with_suffix(".py")))
    return found


def test_no_file_imports_itself_by_way_of_others() -> None:
    graph = {place(path): imports_at_once(path) for path in MODULES if path.name != "__init__.py"}
    while leaves := {file for file, needs in graph.items() if not needs & graph.keys()}:
        graph = {file: needs for file, needs in graph.items() if file not in leaves}
    assert graph == {}, "these import each other in a circle"


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=place)
def test_a_door_is_short(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 60


def test_what_is_private_stays_in_its_file() -> None:
    taken = {
        (place(path), alias.name)
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("outcomes")
        for alias in node.names
        if alias.name.startswith("_") and alias.name != "__version__"
    }
    assert taken == set()


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_heavy_packages_have_one_home(path: Path) -> None:
    packages = {name.split(".")[0] for name in imported(parsed(path))}
    strangers = {package for package in packages & HOME_OF.keys() if room(path) not in HOME_OF[package]}
    assert not strangers, f"{room(path)} must not import {strangers}"
    at_once = set().union(*(imported(node) for node in parsed(path).body if isinstance(node, ast.Import | ast.ImportFrom)), set())
    assert not {name.split(".")[0] for name in at_once} & WHEN_CALLED, "import it inside the function that needs it"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_a_module_stays_under_400_lines(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines < 400, f"{room(path)} is two ideas: split it by idea"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_what_is_public_says_what_it_is(path: Path) -> None:
    tree = parsed(path)
    definitions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert ast.get_docstring(tree), "the module has no docstring"
    assert [node.name for node in definitions if not ast.get_docstring(node)] == []


# The public names

AFTER_IMPORT = """
import json, sys, outcomes
listed = dir(outcomes)
loaded = sorted({"pandas", "narwhals", "duckdb", "matplotlib", "scipy", "papermill"} & set(sys.modules))
print(json.dumps({"loaded": loaded, "listed": listed}))
"""


def test_import_alone_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", AFTER_IMPORT], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["loaded"] == []
    assert [name for name in found["listed"] if name in {"pd", "np", "nw", "pandas", "numpy", "Any", "version"}] == []


def test_every_public_name_is_there() -> None:
    import outcomes

    assert [name for name in dir(outcomes) if getattr(outcomes, name, None) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'talley'"):
        _ = outcomes.talley


def test_no_room_hides_a_public_function() -> None:
    import outcomes

    assert {room(path) for path in MODULES} & set(outcomes.__all__) == set()


def test_every_public_function_has_an_example_that_is_run() -> None:
    import outcomes

    given = {name: getattr(outcomes, name) for name in outcomes.__all__}
    without = [name for name, each in given.items() if callable(each) and "Example:\n" not in (each.__doc__ or "")]
    assert without == []
    assert [name for name, each in given.items() if callable(each) and ">>> " not in each.__doc__] == []


# One list of packages

CONDA_NAME = {"matplotlib": "matplotlib-base", "duckdb": "python-duckdb", "jupyter-client": "jupyter_client"}
"""Package -> its name on conda-forge, where that differs."""

CONDA_ONLY = {"python", "pip", "jupyterlab"}
"""For people, or provided by the setup itself elsewhere."""


def requirements(*extras: str) -> dict[str, Requirement]:
    """The bounds of pyproject.toml by name: of a run and of the extras named."""
    optional = PROJECT["project"]["optional-dependencies"]
    lines = [*PROJECT["project"]["dependencies"], *(line for extra in extras for line in optional[extra])]
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


def locked() -> dict[str, list[Version]]:
    """Package -> the versions in the lock: more than one where they differ by Python."""
    versions: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==([^ ]+)", LOCK, flags=re.MULTILINE):
        versions.setdefault(name, []).append(Version(version))
    return versions


def test_conda_has_the_same_packages_and_bounds() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = {
        item.name: item.specifier
        for item in map(Requirement, (line for line in environment["dependencies"] if isinstance(line, str)))
    }
    assert str(conda["python"]) == PROJECT["project"]["requires-python"]
    assert conda.keys() >= CONDA_ONLY
    ours = {CONDA_NAME.get(name, name): requirement.specifier for name, requirement in requirements("test").items()}
    assert {name: bounds for name, bounds in conda.items() if name not in CONDA_ONLY} == ours
    assert [line["pip"] for line in environment["dependencies"] if isinstance(line, dict)] == [["-e ."]]
    assert environment["channels"] == ["conda-forge", "nodefaults"]


IMPORTED_AS = {"PIL": "pillow", "python_calamine": "python-calamine", "jupyter_client": "jupyter-client"}
WITH_AN_EXTRA = {"pyspark", "psycopg"}
"""An optional engine or driver: imported, if at all, where a frame or an address of its own was given."""


def test_what_is_imported_is_declared() -> None:
    packages = (
        {name.split(".")[0] for path in MODULES for name in imported(parsed(path))} - sys.stdlib_module_names - {"outcomes"}
    )
    needed = {IMPORTED_AS.get(package, package) for package in packages} - WITH_AN_EXTRA
    assert needed <= requirements().keys(), "a package of a package may leave: declare what is imported"


def test_the_lock_is_versions_and_hashes_only() -> None:
    version = r"[a-z0-9-]+==[0-9][0-9a-z.+!]*( ; [A-Za-z0-9_ .*'()<>=!-]+)? \\"
    digest = r"    --hash=sha256:[0-9a-f]{64}( \\)?"
    strange = [line for line in LOCK.splitlines() if not re.fullmatch(f"{version}|{digest}", line)]
    assert strange == []


def test_the_lock_keeps_the_bounds() -> None:
    versions = locked()
    needed = [
        *requirements("test", "check").values(),
        *map(Requirement, PROJECT["build-system"]["requires"]),
        Requirement("editables"),
    ]
    missing = [
        str(item) for item in needed if not versions.get(item.name) or not all(map(item.specifier.contains, versions[item.name]))
    ]
    assert missing == [], "pyproject.toml has changed: make lock"


def test_pandas_is_3() -> None:
    assert [version.major for version in locked()["pandas"]] == [3]
    assert str(requirements()["pandas"].specifier) == "<4,>=3"


@pytest.mark.parametrize("name", ["pyarrow", "jupyter-server", "notebook", "nbdime", "pyspark"])
def test_the_lock_does_without(name: str) -> None:
    assert name not in locked()


# Files

PLACES = re.compile(r"(?<![\w.~:}$*/-])/(?:tmp|work|root|home|Users|opt|mnt|data|private)/\w|\b[A-Z]:\\\\?Users")
HOSTS = tuple(
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("anaconda", "org"), ("npmjs", "org"), ("unpkg", "com"))
)
SKIPPED = {
    ".git",
    ".venv",
    "reports",
    "site",
    "build",
    "dist",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "__pycache__",
    ".ipynb_checkpoints",
}


def our_files() -> list[Path]:
    """Every text file of the checkout, generated folders aside."""
    files = [path for path in ROOT.rglob("*") if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in files if b"\0" not in path.read_bytes()[:4096])


def test_the_places_looked_for_would_be_found() -> None:
    for text in ('"/tmp/x"', " /home/ann/a.csv", "(/Users/ann", "C:\\Users\\ann"):
        assert PLACES.search(text), text
    for text in ("https://example.org/home/x", "data/tmp/x", "../work/x", "/usr/bin/env bash"):
        assert not PLACES.search(text), text


def test_no_file_names_a_machine_or_a_registry() -> None:
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8", errors="replace") for path in our_files()}
    assert {"Makefile", "requirements.lock", "src/outcomes/errors.py"} <= texts.keys()
    found = {
        name: match.group() for name, text in texts.items() if name != "tests/test_house.py" and (match := PLACES.search(text))
    }
    assert found == {}
    assert [name for name, text in texts.items() if any(host in text for host in HOSTS)] == []


def test_the_changelog_is_of_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    assert next(entry.split()[0] for entry in entries if "(unreleased)" not in entry) == PROJECT["project"]["version"]
    assert all("(unreleased)" not in entry for entry in entries[1:])
    assert all(re.match(r"\S+ \((\d{4}-\d\d-\d\d|unreleased)\)\n\n### Changed results\n", entry) for entry in entries)


def test_the_data_dictionary_is_the_contract() -> None:
    from outcomes.definitions.dictionary import data_dictionary

    written = (ROOT / "data" / "dictionary.md").read_text(encoding="utf-8")
    assert written == data_dictionary(), "run: .venv/bin/python -m outcomes.definitions.dictionary > data/dictionary.md"
