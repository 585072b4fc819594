"""How long reading and checking of session records takes, and in how much memory: ``python benchmarks/reading.py [ROWS ...]``.

Invented records of about so many rows are written into a temporary folder as CSV and as Parquet, and each is read by a new
process. Where pyarrow is installed, ``times`` is the CPU time as a multiple of what pyarrow takes to decode the same file, the
least that any reader takes; nothing else needs it. Imports are not counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from outcomes.simulate.sample import write_sample
from outcomes.tabular.engines import duckdb_connection

ROWS_OF_A_PATIENT = 5.15
MEASURED = """
import resource, sys, time
import pandas
{imports}
began, cpu = time.perf_counter(), time.process_time()
rows = {read}
print(rows, time.perf_counter() - began, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
READ = MEASURED.format(imports="import duckdb, outcomes; outcomes.read_records", read="outcomes.read_records(sys.argv[1]).rows")
OF_TEXT = """import pyarrow, pyarrow.csv
names = open(sys.argv[1]).readline().strip().split(',')
text = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()))"""
FLOOR = {
    ".csv": MEASURED.format(imports=OF_TEXT, read="pyarrow.csv.read_csv(sys.argv[1], convert_options=text).num_rows"),
    ".parquet": MEASURED.format(imports="import pyarrow.parquet", read="pyarrow.parquet.read_table(sys.argv[1]).num_rows"),
}


def main() -> None:
    print(f"{'rows':>10} {'file':>9} {'MB':>6} {'seconds':>8} {'CPU s':>7} {'peak MB':>8} {'floor CPU s':>12} {'times':>6}")
    for rows in map(int, sys.argv[1:] or ["1000", "100000", "1000000"]):
        with tempfile.TemporaryDirectory() as folder:
            text, packed = Path(folder, "sessions.csv"), Path(folder, "sessions.parquet")
            write_sample(text, patients=max(1, round(rows / ROWS_OF_A_PATIENT)), seed=1)
            duckdb_connection().read_csv(str(text)).write_parquet(str(packed))
            for path in (text, packed):
                n, wall, cpu, peak = measured(READ, path)
                floor = measured(FLOOR[path.suffix], path)[2]
                size = path.stat().st_size / 1e6
                print(
                    f"{n:10,.0f} {path.suffix[1:]:>9} {size:6,.0f} {wall:8.1f} {cpu:7.1f} {peak:8,.0f} {floor:12.2f} {cpu / floor:6.1f}",
                    flush=True,
                )


def measured(program: str, path: Path) -> list[float]:
    """Rows, seconds, CPU seconds and megabytes of a program that reads the file; nan where it can't be run."""
    read = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    return [float(each) for each in read.stdout.split()] if read.returncode == 0 else [float("nan")] * 4


if __name__ == "__main__":
    main()
