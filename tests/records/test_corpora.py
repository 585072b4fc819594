"""The lists of identifiers and of innocent codes judge the gate: nearly all are caught, and none is refused without need."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def privacy() -> ModuleType:
    """The program that prints the figures of the README."""
    found = importlib.util.spec_from_file_location("privacy_figures", ROOT / "benchmarks" / "privacy.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def share_caught(privacy: ModuleType, name: str, every: int) -> float:
    chosen = privacy.forms(ROOT / "data" / "privacy" / name)[::every]
    return sum(privacy.verdict(form.place, form.examples) != privacy.READ for form in chosen) / len(chosen)


def test_the_lists_are_as_long_as_they_say(privacy: ModuleType) -> None:
    known = privacy.forms(ROOT / "data" / "privacy" / "identifiers.csv")
    assert len(known) >= 200
    assert len({form.country for form in known}) >= 12
    assert {form.place for form in known} == {"id", "text", "device", "unknown", "header"}
    assert len(privacy.SCHEMES) >= 40


def test_most_forms_of_identifiers_are_caught(privacy: ModuleType) -> None:
    assert share_caught(privacy, "identifiers.csv", every=5) >= 0.95
    assert share_caught(privacy, "held_out.csv", every=5) >= 0.9


def test_no_innocent_codes_are_refused(privacy: ModuleType) -> None:
    refused = [name for name in privacy.SCHEMES if privacy.of_codes(privacy.scheme_codes(name, seed=0)) == privacy.REFUSED]
    assert refused == []


def test_no_innocent_texts_and_headers_are_refused(privacy: ModuleType) -> None:
    assert [each for each in privacy.innocent_texts() if privacy.verdict(each[0], [each[1]]) == privacy.REFUSED] == []


@pytest.mark.slow
def test_all_forms_are_judged_and_all_seeds(privacy: ModuleType) -> None:
    for name in ("identifiers.csv", "held_out.csv"):
        assert share_caught(privacy, name, every=1) >= 0.95
    files = [privacy.of_codes(privacy.scheme_codes(name, seed)) for name in privacy.SCHEMES for seed in range(1, privacy.SEEDS)]
    assert files.count(privacy.REFUSED) < len(files) / 100


def test_names_are_listed_in_order_in_small_letters_and_say_where_they_are_from() -> None:
    lines = (ROOT / "src" / "outcomes" / "records" / "names.txt").read_text(encoding="ascii").splitlines()
    listed = [line for line in lines if not line.startswith("#")]
    assert [line for line in listed if not re.fullmatch(r"[a-z]{3,20}\*?", line)] == []
    assert [line.rstrip("*") for line in listed] == sorted({line.rstrip("*") for line in listed})
    head = " ".join(line for line in lines if line.startswith("#"))
    assert "Faker" in head
    assert "MIT License" in head
