"""How long reading and checking of session records takes, and in how much memory: ``python benchmarks/reading.py [ROWS ...]``.

Invented records of about so many rows are written into a temporary folder, and each is read by a new process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from outcomes.simulate.sample import write_sample

ROWS_OF_A_PATIENT = 5.15
READ = """
import resource, sys, time
import outcomes
began = time.perf_counter()
records = outcomes.read_records(sys.argv[1])
print(records.rows, time.perf_counter() - began, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def main() -> None:
    print(f"{'rows':>12} {'file MB':>8} {'seconds':>8} {'CPU s':>8} {'peak MB':>8}")
    for rows in map(int, sys.argv[1:] or ["1000", "100000", "1000000"]):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sessions.csv"
            write_sample(path, patients=max(1, round(rows / ROWS_OF_A_PATIENT)), seed=1)
            read = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
            n, wall, cpu, peak = map(float, read.stdout.split())
            print(f"{n:12,.0f} {path.stat().st_size / 1e6:8,.0f} {wall:8.1f} {cpu:8.1f} {peak:8,.0f}")


if __name__ == "__main__":
    main()
