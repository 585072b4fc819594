"""What several test files start from."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import outcomes
from outcomes import figures
from outcomes.cohort.courses import MISSED
from outcomes.cohort.tally import of_kinds
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.scales import HUNDREDTHS, SCALES
from outcomes.report.sanitize import allowed_html
from shared import sample

collect_ignore = ["fuzz.py"]  # a program of its own, with a package of its own

TallyOf = Callable[..., outcomes.Tally]


@pytest.fixture(scope="session")
def sample_records() -> outcomes.Records:
    """The sample, read once for all tests of a process: records are frozen."""
    return sample()


@pytest.fixture(scope="session")
def tally_of(sample_records: outcomes.Records) -> TallyOf:
    """Scores after each session, a row per course with nan where missed -> a tally that holds their paths.

    A course attended until it was last scored, and is a patient's only one, unless that is said.
    """
    base = outcomes.tally(sample_records)

    def tally_of(
        scores: np.ndarray | Sequence[Sequence[float]],
        skin_type: str | Sequence[str] = "II",
        end: str | Sequence[str] = "stopped",
        *,
        scale: str = "goodman_baron_grade",
        endpoint: str = "scarring",
        attended: Sequence[int] | None = None,
        patient: Sequence[int] | None = None,
    ) -> outcomes.Tally:
        wide = np.asarray(scores, float)
        names = [f"after_{k}" for k in range(wide.shape[1])]
        hundredths = np.where(np.isnan(wide), MISSED, np.round(wide * HUNDREDTHS)).astype(int)
        last = (~np.isnan(wide) * np.arange(wide.shape[1])).max(axis=1) if attended is None else np.asarray(attended)
        who = np.arange(len(wide)) if patient is None else np.asarray(patient)
        rows = pd.DataFrame({"skin_type": skin_type, "end": end, "attended": last, "given": last, "patient": who, "n": 1})
        rows = pd.concat([rows, pd.DataFrame(hundredths, columns=names)], axis=1)
        return replace(base, paths=of_kinds(rows, "patient"), scale=SCALES[scale], endpoint=ENDPOINTS[endpoint])

    return tally_of


class Ended(NamedTuple):
    """A command that has ended, named as `subprocess` names it."""

    returncode: int
    stdout: str
    stderr: str


_HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""The warnings that Python shows nobody who runs a command."""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """The command line called in this process: its words and the folder it is called in -> how it ended and what it wrote.

    A process of its own takes seconds, most of them to load pandas. Tests of the process itself start one.
    """
    from outcomes.cli import main

    # However busy the machine is, no step takes so long that it is told of.
    monkeypatch.setattr("outcomes.cli._LONG", 3600)

    def shown(message: Any, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno))

    def command(*words: object, cwd: Path) -> Ended:
        capfd.readouterr()
        with monkeypatch.context() as there, warnings.catch_warnings():
            warnings.resetwarnings()
            for category in _HIDDEN:
                warnings.simplefilter("ignore", category)
            there.setattr(warnings, "showwarning", shown)
            there.setattr(sys, "argv", ["outcomes", *map(str, words)])
            there.chdir(cwd)
            with pytest.raises(SystemExit) as ended:
                main()
        return Ended(int(ended.value.code or 0), *capfd.readouterr())

    return command


class Edges:
    """Every text as it is drawn: those that reach over an edge of the paper, and those that lie on each other."""

    def __init__(self) -> None:
        self.drawn: dict[Canvas, list[tuple[str, Bbox]]] = {}

    def look_at(self, text: Text, renderer: Any) -> None:
        if text.get_text().strip() and text.get_visible():
            canvas = text.get_figure(root=True)
            self.drawn.setdefault(canvas, []).append((text.get_text(), Text.get_window_extent(text, renderer)))

    def over(self) -> list[str]:
        return [
            words
            for canvas, texts in self.drawn.items()
            for words, box in texts
            if box.x0 < 0 or box.y0 < 0 or box.x1 > canvas.bbox.width or box.y1 > canvas.bbox.height
        ]

    def overlapping(self) -> list[tuple[str, str]]:
        return [
            (one, other)
            for texts in self.drawn.values()
            for (one, here), (other, there) in combinations(texts, 2)
            # A box is a little taller than its letters.
            if min(here.x1, there.x1) - max(here.x0, there.x0) > 0.3 and min(here.y1, there.y1) - max(here.y0, there.y0) > 2.5
        ]


@pytest.fixture
def edges(monkeypatch: pytest.MonkeyPatch) -> Edges:
    edges, draw = Edges(), Text.draw

    def drawn(text: Text, renderer: Any) -> None:
        draw(text, renderer)
        edges.look_at(text, renderer)

    monkeypatch.setattr(Text, "draw", drawn)
    return edges


@pytest.fixture
def check_drawing() -> Callable[[figures.Figure], None]:
    """A check that a figure is small and whole: it stands on the page as it is, every drawing has a short label or words beside it."""

    def check_drawing(figure: figures.Figure) -> None:
        html = figure.html()
        assert unescape(allowed_html(html)) == unescape(re.sub(r"<(\w+)([^<>]*)/>", r"<\1\2></\1>", html))
        assert len(html) < 100_000
        for drawing in re.findall(r"<svg class=\"chart\"[^>]*>", html):
            (label,) = re.findall(r'aria-label="([^"]*)"', drawing)
            assert 40 < len(label) < 220, label
        for strip in re.findall(r"<svg class=\"strip\"[^>]*>", html):
            assert 'aria-hidden="true"' in strip
        assert not re.search(r"\bnan\b|\bNone\b(?! of)", html)
        assert bool(figure.drawing) == html.startswith("<figure>")

    return check_drawing


@pytest.fixture(scope="session")
def spark() -> Any:
    """One session of PySpark for all tests of a process, in local mode."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sql = pytest.importorskip("pyspark.sql")
        settings = {
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
        }
        builder = sql.SparkSession.builder.master("local[2]").appName("tests")
        session = builder.config(map=settings).getOrCreate()
    yield session
    session.stop()
