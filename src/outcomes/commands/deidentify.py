"""``outcomes deidentify``: the command whose answers stay in the clinic. Heavy packages are imported when it is called."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from outcomes.commands.options import Force, Memory, use_memory
from outcomes.errors import RecordsError, UsageError, counted

_SET_ASIDE = "Mend the mapping, or leave out the courses of these rows: outcomes deidentify --set-aside."


def deidentify(
    export: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="EXPORT",
            help="What the clinic's software exported: .csv, .tsv, .xlsx or .parquet; several are read as one.",
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Which column is which, as TOML; --example writes one.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The session records to write; their folder is made if need be.")
    ] = Path("passed_on/sessions.csv"),
    linkage: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Which code is whose. It stays in the clinic, in another folder than --out, and gives the next export the same codes."
            " By default linkage.csv beside the export.",
        ),
    ] = None,
    dictionary: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="REDCap's data dictionary, as CSV: it says what the codes of an export mean."),
    ] = None,
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside", help="Leave out courses with rows that can't be read or do not fit; counted, with the reasons."
        ),
    ] = False,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Go the whole way and print the account, but write nothing.")
    ] = False,
    example: Annotated[
        bool, typer.Option("--example", help="Print a mapping to start from, guessed from EXPORT, and end.")
    ] = False,
    ask: Annotated[
        bool,
        typer.Option(
            "--ask", help="Ask what the mapping leaves open, one question at a time; by default mapping.toml beside the export."
        ),
    ] = False,
    sheet: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --example or --ask: which sheet of a workbook; it goes into the mapping."),
    ] = None,
    force: Force = False,
    memory: Memory = None,
) -> None:
    """Make anonymised session records from a clinic's export: random codes, ages, days since the first visit.

    First `outcomes deidentify EXPORT --example > mapping.toml`; check every line of it; then `outcomes deidentify EXPORT
    --mapping mapping.toml --out passed_on/sessions.csv`. What the mapping does not name is dropped.
    """
    use_memory(memory)
    if example:
        _print_example(export or [], sheet)
        return
    if ask:
        if not export:
            raise UsageError("name the export: outcomes deidentify EXPORT --ask")
        _ask(export, mapping or export[0].parent / "mapping.toml", sheet)
        return
    if sheet is not None:
        raise UsageError("--sheet goes with --example and --ask; in a mapping, write sheet = ... under [export]")
    if not export or mapping is None:
        raise UsageError("name the export and its --mapping; outcomes deidentify EXPORT --example writes a mapping to start from")
    from outcomes.deidentify.account import summary
    from outcomes.deidentify.mapping import read_mapping
    from outcomes.deidentify.run import deidentify as made
    from outcomes.tabular.atomic import check_output

    own_linkage = linkage or export[0].parent / "linkage.csv"
    for written in (out, own_linkage):
        check_output(written, inputs=[*export, mapping])
    try:
        done = made(
            export,
            read_mapping(mapping),
            out,
            linkage=own_linkage,
            dictionary=dictionary,
            set_aside=set_aside,
            rehearse=rehearse,
            force=force,
        )
    except RecordsError as error:
        if not set_aside and any(breach.row for breach in error.breaches):
            error.args = (f"{error}\n{_SET_ASIDE}",)
        raise
    for line in summary(done):
        print(line)
    if done.table is not None:
        _tell_scores(done.table)


def _tell_scores(records: Any) -> None:
    """What would become of every score of the records in a frame."""
    from outcomes.cohort.score_account import score_account
    from outcomes.display.prose.score_account import account_lines, window_follows
    from outcomes.records.read import read_records

    read = read_records(records)
    follows = window_follows(read)
    for line in [*([follows] if follows else []), *account_lines(score_account(read))]:
        print(f"- {line}")


def _print_example(export: list[Path], sheet: str | None) -> None:
    from outcomes.deidentify.template import example

    draft = _draft(export, sheet) if export else example()
    print(draft, end="")
    if export:
        print(f"{counted(draft.count('# check: '), 'lines')} to check", file=sys.stderr)


def _draft(export: list[Path], sheet: str | None) -> str:
    """A mapping to start from, guessed from exports that are read as one."""
    from outcomes.deidentify.layout import layout_of
    from outcomes.deidentify.template import example

    return example(layout_of(export, sheet))


def _ask(export: list[Path], mapping: Path, sheet: str | None) -> None:
    """Ask what a mapping leaves open; it is guessed from the export where it is not there yet."""
    from outcomes.deidentify.ask import ask
    from outcomes.tabular.atomic import written_whole

    try:
        if not mapping.exists():
            with written_whole(mapping) as passing:
                passing.write_text(_draft(export, sheet), encoding="utf-8")
        left = ask(mapping, input, print)
    except OSError as problem:
        raise UsageError(f"{mapping.name}: can't be read or written ({problem.strerror})") from None
    go_on = f"outcomes deidentify {' '.join(map(str, export))} --mapping {mapping}"
    print(
        f"{mapping}: {counted(left, 'questions')} left; go on with {go_on} --ask"
        if left
        else f"{mapping} is complete. Next: {go_on}"
    )
