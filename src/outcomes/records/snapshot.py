"""Checked records written to a folder and opened again, so that each notebook need not read and check the source anew."""

from __future__ import annotations

import json
from pathlib import Path

from outcomes.definitions.windows import Window, window_given
from outcomes.errors import Breach
from outcomes.records.records import Records
from outcomes.records.set_aside import SetAside
from outcomes.tabular.files import scanned, scanned_together

KEPT = ".checked"
"""The ending of a folder in which `keep` has written checked records."""

_COUNTS = ("rows", "visits", "courses", "patients", "sessions")


def keep(records: Records, folder: Path) -> Path:
    """Write checked records below `folder` and give their path: `read_records` reads it without checking again.

    For the notebooks of one report, which all read the same records.
    """
    kept = folder / f"records{KEPT}"
    kept.mkdir()
    records.frame.sink_parquet(kept / "records.parquet")
    if records.aside:
        records.aside.frame.sink_parquet(kept / "aside.parquet")
    if records.ratings is not None:
        records.ratings.sink_parquet(kept / "ratings.parquet")
    about = {
        "source": records.source,
        "digest": records.digest,
        "present": records.present,
        "unknown": records.unknown,
        "own_window": records.own_window,
        "aside": {"rows": records.aside.rows, "breaches": records.aside.breaches} if records.aside else None,
        **{name: getattr(records, name) for name in _COUNTS},
    }
    (kept / "about.json").write_text(json.dumps(about), encoding="utf-8")
    return kept


def reopened(kept: Path, own_window: Window | None) -> Records:
    """The records that `keep` wrote into a folder."""
    about = json.loads((kept / "about.json").read_text(encoding="utf-8"))
    aside = about["aside"] and SetAside(
        scanned(kept / "aside.parquet"), about["aside"]["rows"], tuple(Breach(*breach) for breach in about["aside"]["breaches"])
    )
    rated = kept / "ratings.parquet"
    frame, *ratings = scanned_together([kept / "records.parquet", *([rated] if rated.exists() else [])])
    records = Records(
        frame=frame,
        source=about["source"],
        path=None,
        present=tuple(about["present"]),
        unknown=tuple(about["unknown"]),
        aside=aside,
        ratings=ratings[0] if ratings else None,
        own_window=own_window or window_given(about["own_window"] or ""),
        **{name: about[name] for name in _COUNTS},
    )
    # A cached property of a frozen class: it belongs to the file that was checked.
    records.__dict__["digest"] = about["digest"]
    return records
