"""Options that several commands have, and what they say alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RecordsFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="Session records: .csv, .tsv, .parquet or .xlsx; a database, with --table; or the word sample or patchy.",
    ),
]

ReportFiles = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Session records: .csv, .tsv, .parquet or .xlsx; a database, with --table; or the word sample or patchy. Or one or several"
        " saved cohorts, CODE.cohort, a clinic each: the report of them together, which compares the clinics.",
    ),
]

TableName = Annotated[
    str,
    typer.Option(
        "--table",
        metavar="NAME",
        help="The table or view of a database: a .sqlite or .duckdb file, or postgresql://USER@HOST/DATABASE. Its password is taken from"
        " PGPASSWORD or ~/.pgpass.",
    ),
]

AcceptCodes = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN", help="Vouch for codes that look like names or numbers; may be repeated; the manifest tells."),
]

Memory = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="How much memory the records may take, such as 4GB; beyond it they wait on disk."),
]
"""The option of every command that reads records."""

Force = Annotated[
    bool, typer.Option("--force", help="Replace a file there that outcomes did not make, or that somebody has changed since.")
]
"""The option of every command that writes files."""


def use_memory(size: str | None) -> None:
    """Let the records take so much memory."""
    from outcomes.tabular.room import use_memory

    use_memory(size)


def shown(path: Path) -> str:
    """A path relative to the current folder where it lies below it."""
    whole = path.absolute()
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(whole)
