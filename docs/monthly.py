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

TO_ACT = "to_act.txt"
"""Stands beside the reports as long as somebody has to act, so that the next run tries again."""


def outcomes(*words: str | Path) -> int:
    """The exit code of a command."""
    return subprocess.run([sys.executable, "-P", "-m", "outcomes", *map(str, words)], check=False).returncode


def monthly(records: Path, reports: Path, options: Sequence[str] = (), today: date | None = None) -> int:
    """The report of this month, and the exit code."""
    month, to_act = reports / (today or date.today()).strftime("%Y-%m"), reports / TO_ACT
    made = sorted(
        each for each in reports.glob("*") if re.fullmatch(r"\d{4}-\d\d", each.name) and (each / "manifest.json").is_file()
    )
    before = [each for each in made if each.name < month.name]
    if made and not to_act.exists() and is_made_from(made[-1], records):
        print(f"{records.name} is what {made[-1]} was made from: nothing to do")
        return 0
    compare = ["--compare", before[-1]] if before and "public" not in options else []
    code = outcomes("report", records, "--out", month, *compare, *options)
    if code:
        reports.mkdir(exist_ok=True)
        to_act.write_text(f"outcomes report ended with {code}; its message says what to do\n", encoding="utf-8")
        return code
    to_act.unlink(missing_ok=True)
    for old in before[: max(0, len(before) + 1 - KEPT)]:
        if outcomes("verify", old) == 0:
            shutil.rmtree(old)
    return 0


def is_made_from(report: Path, records: Path) -> bool:
    """Whether a report is of just these records, as far as its manifest tells."""
    try:
        told = json.loads((report / "manifest.json").read_text(encoding="utf-8"))["records"]["sha256"]
        return bool(told == hashlib.sha256(records.read_bytes()).hexdigest())
    except (OSError, ValueError, KeyError, TypeError):
        return False


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("python monthly.py RECORDS FOLDER [OPTIONS of outcomes report]")
    sys.exit(monthly(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
