"""The reports of the gallery: on invented clinics of every kind, made by ``make gallery`` into reports/gallery, from where the site takes them.

``python docs/gallery.py FOLDER [NAME ...]`` makes all of them, or those named, each with the picture of its beginning where there is a browser.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from picture import BROWSERS, picture

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample" / "sessions.csv"
ON_THE_SITE = ("report.html", "report.pdf", "estimates.csv")
PICTURE = "report.png"


class Shown(NamedTuple):
    """A report of the gallery: whose records these are, as its title says it, and what they show; `given` are words for the command line.

    `records` writes them to a path; without it, they come with the package and `given` begins with their name.
    """

    title: str
    shows: str
    given: tuple[str, ...] = ()
    records: Callable[[Path], None] | None = None


def invented(*words: str) -> Callable[[Path], None]:
    """Records written by ``outcomes sample`` with these words."""
    return lambda path: outcomes("sample", "--out", str(path), *words)


def points(path: Path) -> None:
    """The sample with its scars scored from 0 to 84 and its PIH from 0 to 24: between two grades the points follow from the row."""
    with SAMPLE.open(encoding="utf-8", newline="") as kept, path.open("w", encoding="utf-8", newline="") as made:
        rows = csv.DictReader(kept)
        written = csv.DictWriter(made, rows.fieldnames or ())
        written.writeheader()
        for number, row in enumerate(rows):
            if row["scar_score"]:
                score = 20 * (float(row["scar_score"]) - 1) + 4 + 7 * number % 13
                row |= {"scar_scale": "goodman_baron_score", "scar_score": f"{score:g}"}
            if row["pih_score"]:
                row |= {"pih_scale": "mmasi", "pih_score": f"{1.5 * (float(row['pih_score']) - 6):g}"}
            written.writerow(row)


GALLERY = {
    "sample": Shown(
        "The sample", "240 invented patients, nearly every visit scored. This is the report that the README shows.", ("sample",)
    ),
    "patchy": Shown(
        "Records kept patchily",
        "Some visits are scored, not all of them blind, and most patients who stop are not seen again.",
        ("patchy",),
    ),
    "patients-12": Shown(
        "12 patients",
        "A clinic that has just begun: what is too few for a number is counted and named.",
        ("-p", "clinic=an invented clinic with 12 patients"),
        invented("--patients", "12"),
    ),
    "patients-40": Shown(
        "40 patients",
        "Some numbers, with wide intervals; skin types are grouped.",
        ("-p", "clinic=an invented clinic with 40 patients"),
        invented("--patients", "40"),
    ),
    "patients-1500": Shown(
        "1,500 patients",
        "Narrow intervals, and every skin type by itself.",
        ("-p", "clinic=an invented clinic with 1,500 patients"),
        invented("--patients", "1500"),
    ),
    "disappointed": Shown(
        "Disappointed patients stop",
        "Those still attending look better than all patients would, so the two numbers stand apart.",
        ("-p", "clinic=an invented clinic whose disappointed patients stop"),
        invented("--stopping", "disappointed"),
    ),
    "points": Shown(
        "Scales of points",
        "Scars from 0 to 84 points and PIH from 0 to 24 in place of grades: improved means by more than 4 points, or by half.",
        ("-p", "clinic=an invented clinic that scores in points"),
        points,
    ),
}
"""Every report by the name of its folder, in the order of the page."""


def outcomes(*words: str) -> None:
    """Runs the command line and ends where it fails."""
    subprocess.run([sys.executable, "-m", "outcomes", *words], check=True, stdout=subprocess.DEVNULL)


def make(name: str, folder: Path) -> None:
    """Makes one report of the gallery in `folder`, whole or not at all, and the picture of its beginning."""
    shown = GALLERY[name]
    with tempfile.TemporaryDirectory(prefix="outcomes-") as private:
        given = shown.given
        if shown.records:
            path = Path(private, f"{name}.csv")
            shown.records(path)
            given = (str(path), *given)
        outcomes("report", *given, "--out", str(folder / name))
    if any(map(shutil.which, BROWSERS)):
        picture(folder / name / "report.html", folder / name / PICTURE)


def reports(folder: Path) -> str:
    """The gallery in Markdown, with those reports of `folder` that are there: a heading, a sentence, links and a picture for each."""
    there = [name for name in GALLERY if (folder / name / "report.html").exists()]
    if not there:
        return "The reports are not part of this site: `make gallery` makes them, and `make docs` then shows them here."
    parts = []
    for name in there:
        shown, own = GALLERY[name], f"gallery/{name}"
        links = {"page": "report.html", "PDF": "report.pdf", "numbers": "estimates.csv"}
        files = [f"[{word}]({own}/{file})" for word, file in links.items() if (folder / name / file).exists()]
        parts += [f"## {shown.title}", shown.shows, f"Open the report: {', '.join(files)}."]
        if (folder / name / PICTURE).exists():
            parts.append(f"[![The beginning of the report]({own}/{PICTURE})]({own}/report.html)")
    return "\n\n".join(parts)


if __name__ == "__main__":
    for name in sys.argv[2:] or GALLERY:
        print(f"{name} ...", flush=True)
        make(name, Path(sys.argv[1]))
