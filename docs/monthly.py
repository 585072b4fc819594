"""This month's report in a folder of its own, compared with the one before: ``python monthly.py passed_on/sessions.csv reports``.

It lies in reports/2026-11; options that follow go to ``outcomes report``. The last twelve stay, and an older one goes only where it is whole
and nothing else lies in its folder. Ends with 0 where nobody has to act, also where the records are those of the report before, and
otherwise with the code of ``outcomes report``, whose message says what to do.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

KEPT = 12


def outcomes(*words: str | Path) -> int:
    """The exit code of a command."""
    return subprocess.run([sys.executable, "-P", "-m", "outcomes", *map(str, words)], check=False).returncode


def monthly(records: Path, reports: Path, options: Sequence[str] = (), today: date | None = None) -> int:
    """The report of this month, and the exit code."""
    month = reports / (today or date.today()).strftime("%Y-%m")
    made = sorted(
        each for each in reports.glob("*") if re.fullmatch(r"\d{4}-\d\d", each.name) and (each / "manifest.json").is_file()
    )
    before = [each for each in made if each.name < month.name]
    if made and records.is_file() and _digest(records) == _digest_told(made[-1]):
        print(f"{records.name} is what {made[-1]} was made from: nothing to do")
        return 0
    code = outcomes("report", records, "--out", month, *(["--compare", before[-1]] if before else []), *options)
    for old in before[: len(before) + 1 - KEPT] if code == 0 and len(before) >= KEPT else ():
        if outcomes("verify", old) == 0:
            shutil.rmtree(old)
    return code


def _digest(records: Path) -> str:
    return hashlib.sha256(records.read_bytes()).hexdigest()


def _digest_told(report: Path) -> str:
    return str(json.loads((report / "manifest.json").read_text(encoding="utf-8")).get("records", {}).get("sha256"))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("python monthly.py RECORDS FOLDER [OPTIONS of outcomes report]")
    sys.exit(monthly(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
