"""One command's worth of work: records checked, notebooks run, page and PDF made, everything published whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from outcomes.cohort.public import check_audience
from outcomes.definitions.audiences import CLINIC, PUBLIC
from outcomes.definitions.endpoints import endpoints_named
from outcomes.errors import ReportError, UsageError
from outcomes.report.branding import Branding, read_branding
from outcomes.report.by import Groups
from outcomes.report.execute import CELL_SECONDS, Source, execute
from outcomes.report.kernels import Kernels
from outcomes.report.made_from import made_from_records
from outcomes.report.manifest import manifest_of
from outcomes.report.masthead import PARAMETERS as MASTHEAD
from outcomes.report.masthead import masthead_of
from outcomes.report.notebooks import AUDIENCE, ENDPOINTS, Run, chosen_notebooks, planned_runs
from outcomes.report.outputs import NAMELESS, OUTPUTS, SET_ASIDE, Made
from outcomes.report.parameters import counting_definitions, parameter_values
from outcomes.report.previous import MANIFEST, NOTEBOOKS, check_folder, digest_of, own_files
from outcomes.report.progress import Step, Steps
from outcomes.report.publish import digests, publish, unfinished
from outcomes.report.released import check_released, foreign_files
from outcomes.tabular.atomic import is_same
from outcomes.tabular.formats import why_unusable


class Report(NamedTuple):
    """What a run has made: the paths written, and what the reader should know, one sentence each."""

    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...]


def make_report(
    source: str | Path,
    out: str | Path,
    *,
    table: str = "",
    notebooks: Sequence[str] = (),
    parameters: Mapping[str, object] | None = None,
    audience: str = CLINIC,
    branding: str | Path | None = None,
    set_aside: bool = False,
    progress: Callable[[Step], None] | None = None,
    cell_seconds: float = CELL_SECONDS,
    fresh_kernels: bool = False,
    accept_codes: Sequence[str] = (),
    force: bool = False,
    groups: Groups | None = None,
) -> Report:
    """The report of the records in `source`, written into the folder `out`.

    `source` is a file of session records, "sample" or "patchy", or a database of which `table` names the table or view. `parameters` are those of the masthead (`outcomes.report.masthead`) and
    of the notebooks. `branding` is a TOML file with the clinic's `name`, `logo`, `accent` and `contact`
    (`outcomes.report.branding`); a clinic or a contact among the parameters wins. Made are report.html, report.pdf, estimates.csv, the executed
    notebooks and manifest.json; with `set_aside`, courses with broken rows are left out and stand in set_aside.csv. For the `audience` public
    all of it holds what may be published alone (`outcomes.release`), and is read back before it is made (`outcomes.report.released`).
    `accept_codes` are columns whose codes the caller vouches for; the manifest says so. The same records,
    parameters and version give the same bytes, manifest times apart. A failed or killed run leaves what stood in `out` as it was.
    Only files of an earlier report that nobody has changed since are replaced, unless by `force`; none that the report is made from.

    With `groups` (`outcomes.report.by`) a short report of each group is made after that, in the same steps.

    Each notebook has a Python of its own: a copy of one that has imported everything, or one that is started for it: with
    `fresh_kernels`, for a single notebook, and where the system can't copy.

    Raises:
        RecordsError, PrivacyError: the records are refused.
        UsageError: an unknown notebook or parameter, a value or a branding that does not fit, or a folder that can't be used.
        ReportError: a notebook failed, or what is for the public would hold what must not be published.
    """
    steps = Steps(progress)
    out = Path(out)
    if why := why_unusable(out):
        raise UsageError(f"--out {out}: can't write there ({why})")
    parameters = {
        **(parameters or {}),
        **({"set_aside": True} if set_aside else {}),
        **({"accept_codes": ",".join(accept_codes)} if accept_codes else {}),
    }
    audience = str(parameters.pop(AUDIENCE, audience))
    check_audience(audience)
    look = Branding() if branding is None else read_branding(branding)
    masthead = masthead_of({**look.masthead, **{name: parameters.pop(name) for name in MASTHEAD if name in parameters}})
    values = parameter_values(chosen_notebooks(notebooks, audience=audience), parameters, also=MASTHEAD)
    asked = endpoints_named(str(parameters.get(ENDPOINTS, "")))
    definitions = counting_definitions(values)
    # To make one process warm takes longer than to start one notebook.
    with Kernels(fresh=fresh_kernels or (len(values) == 1 and not groups)) as kernels:
        with steps("records"):
            from outcomes.cohort.read import cohort_of
            from outcomes.records.read import SAMPLES, read_records, shown_name

            # Notebooks start from these counts: a window or a limit set for one of them holds for all.
            records = read_records(
                source,
                table=table,
                set_aside=any(given.get("set_aside") is True for given in values.values()),
                window=str(definitions.pop("window", "")),
                accept_codes=next((str(given["accept_codes"]) for given in values.values() if given.get("accept_codes")), ""),
            )
            cohort = cohort_of(records, **definitions)
            digest = records.digest
            about = made_from_records(records)
            if groups:
                groups.check(cohort)
        inputs = [records.path, *look.paths]
        _check_apart([*values], out)
        unscored = [name for name in asked if name not in records.endpoints]
        if asked and unscored == asked:
            raise UsageError(f"-p {ENDPOINTS}: {records.source} holds no score of {' or '.join(asked)}")
        runs = planned_runs(values, records.endpoints)
        if not runs:
            raise UsageError(f"{records.source}: holds no score of any endpoint, so the chosen notebooks have nothing to show")
        steps.total = len(runs) + 1 + len({output.step for output in OUTPUTS})
        suffix = records.path.suffix.lower() if records.path else ""
        shown = str(source) if source in SAMPLES else NAMELESS if audience == PUBLIC else f"records{suffix}"
        with unfinished(out) as draft:
            is_aside = bool(records.aside) and audience != PUBLIC
            check_folder(out, _names(runs, is_aside=is_aside), inputs=inputs, force=force)
            saved = cohort.save(draft.home / "records.cohort")
            kernels.prepare(saved)
            given = Source(str(saved), shown)
            executed = execute(
                runs, given, kernels, seconds=cell_seconds, done=lambda each: steps.note(each.run.name, each.seconds)
            )
            if records.path and digest_of(records.path) != digest:
                raise ReportError(f"{records.source} changed while the report was being made; run it again")
            made = Made(about, executed, masthead, look, audience)
            unmade = _write(draft.folder, made, steps)
            notes = [*unmade.values(), *records.doubts, *(f"{each}; accepted" for each in records.accepted)]
            if unscored:
                notes.append(f"{shown_name(records)} holds no score of {' or '.join(unscored)}, so the report is without")
            before = {Path(name).stem for name in own_files(draft.out, force=force) if name.endswith(".ipynb")}
            # What is doubtful in the records is the clinic's business.
            told = [*unmade.values()] if audience == PUBLIC else notes
            manifest = manifest_of(about, executed, digests(draft.folder), told, steps, look, made.typeset, audience)
            if audience == PUBLIC:
                check_released(draft.folder, manifest)
            kept = publish(draft, manifest, inputs=inputs, force=force)
        if groups:
            groups.make(cohort, about, shown, look, masthead, parameters, kernels, steps)
    gone = before - {run.name for run in runs} - {Path(name).stem for name in kept}
    files = tuple(out / name for name in (*manifest["files"], MANIFEST))
    if audience == PUBLIC and (others := foreign_files(out, files)):
        notes.append(f"{out} also holds {others}: do not publish that with the report")
    if notebooks and gone:
        notes.append(f"{out} held a report with {', '.join(sorted(gone))} as well; it now holds only the notebooks chosen here")
    notes += [f"{out} still holds {name} of an earlier report, which was changed since" for name in kept]
    files = tuple(out / name for name in (*manifest["files"], MANIFEST))
    return Report(out, files, (*notes, *kernels.notes))


def _names(runs: Sequence[Run], *, is_aside: bool) -> list[str]:
    """The files that a report will have: its PDF too, which may turn out not to be made."""
    outputs = [output.file for output in OUTPUTS if is_aside or output.file != SET_ASIDE]
    return [*outputs, *(f"{NOTEBOOKS}/{run.name}.ipynb" for run in runs), MANIFEST]


def _check_apart(notebooks: Sequence[Path], out: Path) -> None:
    """Refuse a folder where the report would take the place of the notebooks it is made from."""
    if any(is_same(out / NOTEBOOKS, notebook.parent) for notebook in notebooks):
        raise UsageError(f"--out {out}: the report would overwrite the notebooks it is made from; name another folder")


def _write(folder: Path, made: Made, steps: Steps) -> dict[str, str]:
    """Write the executed notebooks and every file of `OUTPUTS`; give the files that can't be made, each with the reason in a sentence."""
    for each in made.executed:
        (folder / NOTEBOOKS / f"{each.run.name}.ipynb").write_text(each.text, encoding="utf-8")
    unmade: dict[str, str] = {}
    for step, outputs in groupby(OUTPUTS, key=lambda output: output.step):
        with steps(step):
            unmade |= {output.file: reason for output in outputs if (reason := output.write(folder / output.file, made))}
    return unmade
