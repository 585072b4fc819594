"""The picture of the README: the beginning of a report as a browser shows it. ``python docs/picture.py REPORT.html PICTURE.png``"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
WIDTH, HEIGHT = 1000, 870
"""CSS pixels: what the owner reads first."""

COLOURS = 128


def picture(report: Path, made: Path) -> None:
    """Writes the beginning of `report` to `made`, with few colours so that it stays small."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"no browser found (looked for: {', '.join(BROWSERS)})")
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        options = (f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={shot}")
        subprocess.run([browser, *QUIET, *options, report.resolve().as_uri()], check=True, capture_output=True, timeout=120)
        with Image.open(shot) as seen:
            seen.convert("RGB").quantize(COLOURS).save(made, optimize=True)


if __name__ == "__main__":
    picture(Path(sys.argv[1]), Path(sys.argv[2]))
