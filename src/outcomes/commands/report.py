"""``outcomes report``. Heavy packages are imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from outcomes.commands.options import AcceptCodes, Force, Memory, ReportFiles, TableName, shown, use_memory
from outcomes.definitions.audiences import PUBLIC, Audience
from outcomes.errors import UsageError


def report(
    files: ReportFiles,
    table: TableName = "",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the report; it is made if need be.")] = Path("reports"),
    notebook: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this notebook, such as 3_improvement; may be repeated.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            "-p",
            metavar="NAME=VALUE",
            help="A parameter, such as endpoints=pih or clinic=NAME; may be repeated; outcomes parameters lists them.",
        ),
    ] = None,
    audience: Annotated[
        Audience,
        typer.Option(
            help="Whom it is for: the clinic itself, or the public, for whom small numbers are withheld and the others rounded."
        ),
    ] = Audience.clinic,
    by: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="Also a short report for each provider_id, area, device or clinic_id, with an index, in a folder below that of the report.",
        ),
    ] = "",
    branding: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The clinic's look, as TOML: name, logo (PNG or JPEG), accent (#rrggbb) and contact."),
    ] = None,
    compare: Annotated[
        str,
        typer.Option(
            metavar="OLD", help="An older report's folder, or its estimates.csv: what is better, worse or newly known since."
        ),
    ] = "",
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside", help="Leave out courses with broken rows; they are written to set_aside.csv with the reasons."
        ),
    ] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open report.html in the browser when it is made.")] = False,
    timeout: Annotated[int, typer.Option(metavar="SECONDS", min=1, help="Give up a notebook when one cell takes longer.")] = 1800,
    fresh_kernels: Annotated[
        bool,
        typer.Option(
            "--fresh-kernels", help="Start Python anew for each notebook, instead of copying one that is warm; it takes longer."
        ),
    ] = False,
    accept_codes: AcceptCodes = None,
    force: Force = False,
    memory: Memory = None,
) -> None:
    """Make the report: one page, the same as PDF, every number as CSV, and the executed notebooks."""
    from outcomes.report.browser import opened
    from outcomes.report.by import INDEX, Groups, alone
    from outcomes.report.make import make_report
    from outcomes.report.parameters import values_given
    from outcomes.report.progress import progress_shown

    use_memory(memory)
    if by and audience == PUBLIC:
        raise UsageError("--by: the report of a group holds small numbers, so there is none for the public")
    values = values_given(parameter or ())
    groups = Groups(by, out, str(values.get("report_date", "")), timeout, force) if by else None
    is_offered = not (compare or notebook or {"compare", "audience"} & {*values}) and audience is not Audience.public
    held = _held(out) if is_offered else ""
    compare = str(out) if held and _is_wanted(out, held) else compare
    with _unchanged(out), alone(out) if by else nullcontext(), progress_shown() as progress:
        made = make_report(
            files[0] if len(files) == 1 else files,
            out,
            table=table,
            notebooks=notebook or (),
            parameters=values,
            audience=audience,
            branding=branding,
            compare=compare,
            set_aside=set_aside,
            progress=progress,
            cell_seconds=timeout,
            fresh_kernels=fresh_kernels,
            accept_codes=accept_codes or (),
            force=force,
            groups=groups,
        )
    for path in made.files:
        print(shown(path))
    for note in made.notes:
        print(note, file=sys.stderr)
    if groups:
        print(shown(groups.folder / INDEX))
    if held and not compare:
        there = shown(out)
        print(
            f"{there} held the report of {held}; next time, --compare {there} shows what has changed since this one",
            file=sys.stderr,
        )
    page = made.folder / "report.html"
    if open_page and not opened(page):
        print(f"No browser could be started here; open {shown(page)} yourself.", file=sys.stderr)
    if groups:
        groups.check_made()


def _held(out: Path) -> str:
    """The date of the report in the folder that this one is to take the place of, if it can be compared with; else blank."""
    if not (out / "manifest.json").exists():
        return ""
    from outcomes.report.comparison import date_of

    return date_of(out)


def _is_wanted(out: Path, day: str) -> bool:
    """Whether somebody at a terminal wants to compare with that report; without an answer it is not."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{shown(out)} holds the report of {day}. Compare with it? [Y/n] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer.strip().lower() in ("", "y", "yes") and bool(answer)


@contextmanager
def _unchanged(out: Path) -> Iterator[None]:
    """An interruption tells what stands in the folder of the report."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        is_there = (out / "manifest.json").exists()
        is_left = "the previous report is unchanged" if is_there else "no report was written"
        raise KeyboardInterrupt(*interruption.args, f"interrupted; {is_left}") from None
