"""What a report was made from and with."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from outcomes import __version__
from outcomes.definitions.audiences import CLINIC
from outcomes.report.branding import Branding
from outcomes.report.execute import Executed
from outcomes.report.made_from import MadeFrom
from outcomes.report.outputs import PDF
from outcomes.report.progress import Steps

PACKAGES = (
    "pandas",
    "duckdb",
    "polars",
    "narwhals",
    "numpy",
    "scipy",
    "matplotlib",
    "papermill",
    "ipykernel",
    "jinja2",
    "pillow",
    "mistune",
    "weasyprint",
)


def manifest_of(
    records: MadeFrom,
    executed: Sequence[Executed],
    files: Mapping[str, str],
    notes: Sequence[str],
    steps: Steps,
    branding: Branding,
    typeset: Mapping[str, object],
    audience: str = CLINIC,
) -> dict[str, Any]:
    """How the report came about: everything but `started`, `finished` and `seconds` is the same for the same run.

    `typeset` are the libraries and fonts of the PDF, which another machine may have otherwise; with the same ones its bytes are the same.
    For the public nothing is told of the records: neither how many rows there are nor what would show that one has the same.
    """
    own = {
        "name": records.name,
        "sha256": records.digest,
        "rows_in": records.rows_in,
        "rows_analysed": records.rows,
        "rows_set_aside": records.rows_aside,
        "rows_blank": records.blank,
        **({"may_identify": list(records.doubts)} if records.doubts else {}),
        **({"accepted_codes": list(records.accepted)} if records.accepted else {}),
    }
    return {
        "audience": audience,
        **({"records": own} if audience == CLINIC else {}),
        **({"branding": dict(branding.files)} if branding.files else {}),
        "versions": {"python": platform.python_version(), "outcomes": __version__, **{name: _version(name) for name in PACKAGES}},
        "parameters": {each.run.name: each.run.shown for each in executed},
        "warnings": {each.run.name: list(each.warnings) for each in executed if each.warnings},
        "notes": list(notes),
        "pdf": "made" if PDF in files else "not made",
        "typeset": dict(typeset),
        "files": dict(files),
        "seconds": steps.seconds,
        "started": steps.started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
