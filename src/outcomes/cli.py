"""The command line: outcomes check | report | verify | parameters | deidentify | sample. Heavy packages are imported by the command that needs them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from outcomes.commands.deidentify import deidentify
from outcomes.commands.options import AcceptCodes, Force, Memory, RecordsFile, TableName, shown, use_memory
from outcomes.commands.report import report
from outcomes.ending import in_order, stoppable
from outcomes.errors import Breach, RecordsError, UsageError, counted

_LONG = 2
"""Seconds after which a step is told of."""


class Stopping(StrEnum):
    """Why invented patients stop early."""

    random = "random"
    satisfied = "satisfied"
    disappointed = "disappointed"


class Kept(StrEnum):
    """How invented records are kept."""

    fully = "fully"
    patchily = "patchily"


class _Commands(TyperGroup):
    """Commands that end in order when they are asked to; left to itself, Click says "Aborted!" and ends with 1."""

    def invoke(self, ctx: Any) -> Any:
        with stoppable():
            return super().invoke(ctx)


app = typer.Typer(
    name="outcomes",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    # A bug's traceback with local variables would print records.
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line; what the user can put right is one message on stderr and its own exit code."""
    with in_order():
        app(prog_name="outcomes")


def _show_version(asked: bool) -> None:
    if asked:
        from outcomes import __version__

        print(f"outcomes {__version__}")
        raise typer.Exit


@app.callback()
def outcomes(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """What microneedling achieved in a clinic's own records: acne scarring and PIH, by sessions and skin type."""
    from outcomes.tabular.private_folder import sweep

    sweep()


@app.command()
def check(
    file: RecordsFile,
    table: TableName = "",
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write every broken rule into this CSV file.")] = None,
    cohort: Annotated[
        Path | None,
        typer.Option(
            metavar="CODE.cohort",
            help="Also save every count, for a report of several clinics; small groups are in it, so keep it as carefully as the records.",
        ),
    ] = None,
    window: Annotated[
        str,
        typer.Option(
            metavar="DAYS",
            help="First, usual and last day after a session on which a score counts, such as 14,30,60; by default it follows the clinic."
            " Only cohorts of one window can be added.",
        ),
    ] = "",
    accept_codes: AcceptCodes = None,
    force: Force = False,
    memory: Memory = None,
) -> None:
    """Check session records: every broken rule is listed, then what becomes of every score, and what is worth a look.

    Ends with 0 where nothing is broken, 4 where a rule is, 5 where a patient could be identified.
    """
    from outcomes.cohort.findings import findings
    from outcomes.cohort.read import cohort_of
    from outcomes.cohort.saved import check_place
    from outcomes.cohort.score_account import score_account
    from outcomes.display.prose.findings import finding_words
    from outcomes.display.prose.score_account import account_lines, window_follows
    from outcomes.records.breach_list import check_breach_list
    from outcomes.records.read import path_of, read_records

    use_memory(memory)
    if cohort:
        check_place(cohort)
    if csv:
        check_breach_list(csv, inputs=[path_of(file)], force=force)
    try:
        with _told("reading the records"):
            records = read_records(file, table=table, window=window, accept_codes=accept_codes or ())
    except RecordsError as error:
        if csv:
            _write_breaches(csv, error.breaches)
        raise
    if csv:
        _write_breaches(csv, ())
    size = ", ".join(counted(getattr(records, noun), noun) for noun in ("rows", "courses", "patients"))
    blank = f"; {counted(records.blank, 'blank rows')} left out" if records.blank else ""
    print(f"{records.source}: {size}; nothing broken{blank}")
    with _told("counting the scores"):
        found = findings(records)
        follows = window_follows(records)
        account = score_account(records)
    worth_a_look = map(finding_words, found[found["n"] > 0].to_dict("records"))
    for line in [*([follows] if follows else []), *account_lines(account), *worth_a_look, *records.to_look_at]:
        print(f"- {line}")
    if cohort:
        with _told("counting the rest"):
            cohort_of(records).save(cohort)
        print(f"{shown(cohort)}: every count, small groups among them; keep it as carefully as the records")


def _write_breaches(path: Path, breaches: Sequence[Breach]) -> None:
    from outcomes.records.breach_list import write_breach_list

    write_breach_list(path, breaches)
    print(f"{shown(path)}: {counted(len(breaches), 'breaches', 'breach')}")


app.command()(report)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a report.")],
    public: Annotated[
        bool, typer.Option("--public", help="Also read a report for the public back, and refuse what must not be published.")
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="OLD", help="With --public: an earlier report for the public; what the two give away together is told."
        ),
    ] = None,
) -> None:
    """Compare a report with its manifest: every file that is missing, changed or not of the report is named.

    What a killed run has left half done is carried out or taken back first. Ends with 0 where the report is whole and nothing else is there, 6
    where not, or where it must not be published.
    """
    from outcomes.report.released_twice import released_lines
    from outcomes.report.verify import verify_report

    if against and not public:
        raise UsageError("--against goes with --public")
    found = verify_report(folder)
    if found.recovered:
        print(f"{shown(folder)}: the publication of a report had been cut short; it was {found.recovered}", file=sys.stderr)
    found.check(shown(folder))
    print(f"{shown(folder)}: whole, {counted(len(found.whole), 'files')} as the manifest says")
    for line in released_lines(folder, against) if public else ():
        print(line)


@app.command()
def parameters(
    notebook: Annotated[
        str | None, typer.Argument(metavar="NOTEBOOK", help="Only those of this notebook, such as 3_improvement.")
    ] = None,
) -> None:
    """List what a report and each of its notebooks can be told, with what is taken otherwise; outcomes report -p sets it."""
    from outcomes.definitions.endpoints import LEADING
    from outcomes.report.masthead import PARAMETERS
    from outcomes.report.notebooks import chosen_notebooks
    from outcomes.report.parameters import declared

    lists = {path.stem: declared(path) for path in chosen_notebooks([notebook] if notebook else [], given_as="")}
    for name, found in (lists if notebook else {"The report": PARAMETERS, **lists}).items():
        print(name)
        for each in found.values():
            if each.name == "records":
                continue
            print(f"  {each.name}: {each.wanted}; {each.shown or 'blank'} unless given")
            if each.help:
                print(f"      {each.help}")
        print()
    print("To set one: outcomes report FILE -p NAME=VALUE. The records are FILE.")
    print(f"Blank endpoints are {' and '.join(LEADING)}, whichever are recorded; where neither is, whatever is.")


app.command()(deidentify)


@app.command()
def sample(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The CSV file to write; an older one is replaced.")],
    patients: Annotated[int, typer.Option(min=1, help="How many patients to invent.")] = 240,
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.")] = 1,
    stopping: Annotated[
        Stopping, typer.Option(help="Who stops early: anyone, those who are satisfied, or those who are disappointed.")
    ] = Stopping.satisfied,
    kept: Annotated[
        Kept,
        typer.Option(
            help="fully: nearly every visit is scored. patchily: as clinics keep records, some visits scored, not all of them"
            " blind, and most of those who stop not seen again."
        ),
    ] = Kept.fully,
    truth: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the true effects, as JSON.")] = None,
    force: Force = False,
) -> None:
    """Write invented session records whose true effects are known."""
    from outcomes.simulate.sample import check_sample, write_sample, write_truth

    check_sample(out, truth, force=force)
    try:
        effects = write_sample(out, patients=patients, seed=seed, stopping=stopping.value, kept=kept.value)
        if truth:
            write_truth(truth, effects)
    except OSError as problem:
        raise UsageError(f"{problem.filename or out}: cannot be written ({problem.strerror})") from None
    with out.open("rb") as lines:
        print(f"{shown(out)}: {sum(1 for _ in lines) - 1:,} rows, {patients:,} patients, all invented")
    if truth:
        print(shown(truth))


@contextmanager
def _told(step: str) -> Iterator[None]:
    """Tells of a step that takes over two seconds: while it lasts on a terminal, elsewhere when it has ended."""
    waiting, began = f"{step} ...", time.monotonic()
    line = threading.Timer(_LONG, lambda: print(waiting, end="\r", file=sys.stderr, flush=True))
    line.daemon = True
    if is_terminal := sys.stderr.isatty():
        line.start()
    try:
        yield
    finally:
        line.cancel()
        if is_terminal and time.monotonic() - began > _LONG:
            print(" " * len(waiting), end="\r", file=sys.stderr, flush=True)
    if not is_terminal and time.monotonic() - began > _LONG:
        print(f"{step}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
