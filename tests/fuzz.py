"""Coverage-guided fuzzing of the reader, as long as is wished: ``python tests/fuzz.py SECONDS`` (pip install atheris).

Ends at the first file that is read otherwise than Python's own reader of CSV reads it, or that ends in a traceback; what it
finds becomes a test in test_damage.py.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outcomes"]):
    import outcomes.records.read  # noqa: F401

from hypothesis import given, settings

from test_damage import ENCODINGS, VALID, Damage, check_outcome, damaged, damages

outcomes_seen: Counter[str] = Counter()
folder = tempfile.TemporaryDirectory(prefix="outcomes-fuzz-")


@given(damage=damages, encoding=ENCODINGS)
@settings(deadline=None, database=None)
def reads_as_written_or_refuses(damage: list[Damage], encoding: str) -> None:
    outcomes_seen[check_outcome(Path(folder.name) / "sessions.csv", damaged(VALID, damage), encoding)] += 1


def one(data: bytes) -> None:
    reads_as_written_or_refuses.hypothesis.fuzz_one_input(data)  # type: ignore[attr-defined]
    n = outcomes_seen.total()
    if n and n % 500 == 0:
        print(n, dict(outcomes_seen), flush=True)  # noqa: T201


if __name__ == "__main__":
    seconds = sys.argv[1] if len(sys.argv) > 1 else "3600"
    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={seconds}",
            "-max_len=512",
            "-len_control=0",
            "-rss_limit_mb=8000",
            "-timeout=120",
            "-print_final_stats=1",
        ],
        one,
    )
    atheris.Fuzz()
