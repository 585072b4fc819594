"""One browser for all that is looked at, and reports that are made once for all tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"no browser found; install one of {', '.join(BROWSERS)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def report_on(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a report: on the sample, or on so many invented patients, such as "12"; each is made when it is first asked for."""
    folder = tmp_path_factory.mktemp("reports")

    def command(*words: str | Path) -> None:
        call = "import sys; from outcomes.cli import main; sys.exit(main())"
        done = subprocess.run([sys.executable, "-c", call, *map(str, words)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    @cache
    def made(records: str) -> Path:
        source: str | Path = records
        if records.isdecimal():
            source = folder / f"{records}.csv"
            command("sample", "--patients", records, "--out", source)
        command("report", source, "--out", folder / records)
        return folder / records

    return made


@pytest.fixture(scope="session")
def report(report_on: Callable[[str], Path]) -> Path:
    """The folder of a report on the sample records."""
    return report_on("sample")
