"""Makes ``data/sample/earlier`` anew: ``python data/earlier.py``.

It is the report of 15 June 2026 on the first 160 patients of the invented records, cut to what a later report is compared with; all of
its patients are in the records too.
"""

from __future__ import annotations

import csv
import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from outcomes.measures.since_last import comparable
from outcomes.report.earlier import COMPARISON, ESTIMATES_CSV, read_earlier
from outcomes.report.make import make_report
from outcomes.report.previous import MANIFEST
from outcomes.tabular.csv_writer import csv_text

SAMPLE = Path(__file__).parent / "sample"
PATIENTS, ISSUED = 160, "2026-06-15"
COLUMNS = (
    *("endpoint", "scale", "measure", "estimand", "event", "skin_types", "gais_by", "session", "n", "events", "estimate"),
    *("conf_low", "conf_high", "unit", "claim", "said", "verdict"),
)


def main() -> None:
    """Write the two files."""
    with TemporaryDirectory() as folder:
        records = pd.read_csv(SAMPLE / "sessions.csv", dtype=str, keep_default_na=False)
        first = records["patient_id"].unique()[:PATIENTS]
        path, out = Path(folder, "visits.csv"), Path(folder, "report")
        records[records["patient_id"].isin(first)].to_csv(path, index=False)
        make_report(path, out, parameters={"report_date": ISSUED})
        report = read_earlier(out).report.estimates
        with (out / ESTIMATES_CSV).open(encoding="utf-8", newline="") as lines:
            rows = [*csv.DictReader(lines)]
        made = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    kept = comparable(report).index.union(report.index[report["claim"] != ""])
    estimates = csv_text(COLUMNS, dict.fromkeys(tuple(rows[place][name] for name in COLUMNS) for place in kept))
    told = {
        "audience": made["audience"],
        "versions": {"outcomes": made["versions"]["outcomes"]},
        "files": {ESTIMATES_CSV: sha256(estimates.encode("utf-8")).hexdigest()},
        COMPARISON: {"issued": ISSUED, "definitions": made[COMPARISON]["definitions"], "overlap": 1},
    }
    (SAMPLE / "earlier" / ESTIMATES_CSV).write_text(estimates, encoding="utf-8", newline="")
    (SAMPLE / "earlier" / MANIFEST).write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
