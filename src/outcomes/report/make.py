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
from outcomes.records.records import Records
from outcomes.report.branding import Branding, read_branding
from outcomes.report.by import Groups
from outcomes.report.clinics import check_unread, kept_of_groups, read_clinics, saved_cohorts, with_clinics
from outcomes.report.comparison import asked_for, check_compare, compared, for_the_next, with_comparison
from outcomes.report.execute import CELL_SECONDS, Source, execute
from outcomes.report.kernels import Kernels
from outcomes.report.made_from import digest_of_all, made_from_cohorts, made_from_records
from outcomes.report.manifest import manifest_of
from outcomes.report.masthead import PARAMETERS as MASTHEAD
from outcomes.report.masthead import masthead_of
from outcomes.report.notebooks import AUDIENCE, COMPARE, ENDPOINTS, Run, chosen_notebooks, planned_runs
from outcomes.report.outputs import NAMELESS, OUTPUTS, SET_ASIDE, Made
from outcomes.report.parameters import counting_definitions, parameter_values
from outcomes.report.previous import MANIFEST, NOTEBOOKS, check_folder, own_files
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
    source: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    table: str = "",
    notebooks: Sequence[str] = (),
    parameters: Mapping[str, object] | None = None,
    audience: str = CLINIC,
    branding: str | Path | None = None,
    compare: str | Path = "",
    set_aside: bool = False,
    progress: Callable[[Step], None] | None = None,
    cell_seconds: float = CELL_SECONDS,
    fresh_kernels: bool = False,
    accept_codes: Sequence[str] = (),
    force: bool = False,
    groups: Groups | None = None,
) -> Report:
    """The report of the records in `source`, written into the folder `out`.

    `source` is a file of session records, "sample" or "patchy", or a database of which `table` names the table or view; or one or several
    saved cohorts, each named by the code of its clinic: the report is then of their sum, and compares them. `parameters` are those of the masthead (`outcomes.report.masthead`) and
    of the notebooks. `branding` is a TOML file with the clinic's `name`, `logo`, `accent` and `contact`
    (`outcomes.report.branding`); a clinic or a contact among the parameters wins. `compare` is the folder of an earlier report, that in `out`
    too, or its estimates.csv: the report then says what has changed since. Made are report.html, report.pdf, estimates.csv, the executed
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
        UsageError: an unknown notebook or parameter, a value or a branding that does not fit, a folder that can't be used, or cohorts
            that do not add.
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
    sources = [source] if isinstance(source, str | Path) else [*source]
    paths = saved_cohorts(sources)
    check_unread(paths, table=table)
    audience = str(parameters.pop(AUDIENCE, audience))
    check_audience(audience)
    compare = str(parameters.pop(COMPARE, compare))
    look = Branding() if branding is None else read_branding(branding)
    masthead = masthead_of({**look.masthead, **{name: parameters.pop(name) for name in MASTHEAD if name in parameters}})
    chosen = asked_for(chosen_notebooks(notebooks, audience=audience), compare, is_named=bool(notebooks))
    values = parameter_values(chosen, with_clinics(paths, chosen, parameters), also=MASTHEAD)
    is_aside = any(given.get("set_aside") is True for given in values.values())
    vouched = next((str(given["accept_codes"]) for given in values.values() if given.get("accept_codes")), "")
    check_unread(paths, set_aside=is_aside, accept_codes=vouched)
    earlier = check_compare(compare, audience)
    asked = endpoints_named(str(parameters.get(ENDPOINTS, "")))
    definitions = counting_definitions(values)
    # To make one process warm takes longer than to start one notebook.
    with Kernels(fresh=fresh_kernels or (len(values) == 1 and not groups)) as kernels:
        with steps("records"):
            from outcomes.cohort.read import cohort_of
            from outcomes.records.read import SAMPLES, read_records

            # Notebooks start from these counts: a window or a limit set for one of them holds for all.
            records: Records | None = None
            known: list[str] = []
            if paths:
                digest = digest_of_all(paths)
                cohort, known = read_clinics(paths, **definitions)
                about = made_from_cohorts(cohort, paths, digest)
            else:
                window = str(definitions.pop("window", ""))
                records = read_records(sources[0], table=table, set_aside=is_aside, window=window, accept_codes=vouched)
                cohort = cohort_of(records, **definitions)
                about = made_from_records(records)
            called = about.name if records is None else records.source
            if groups:
                groups.check(cohort)
            comparison = compared(compare, earlier, records, cohort) if earlier else None
        inputs = [*about.paths, *look.paths]
        _check_apart([*values], out)
        unscored = [name for name in asked if name not in cohort.endpoints]
        if asked and unscored == asked:
            raise UsageError(f"-p {ENDPOINTS}: {called} holds no score of {' or '.join(asked)}")
        runs = planned_runs(values, cohort.endpoints)
        if not runs:
            raise UsageError(f"{called}: holds no score of any endpoint, so the chosen notebooks have nothing to show")
        steps.total = len(runs) + 1 + len({output.step for output in OUTPUTS})
        suffix = about.paths[0].suffix.lower() if about.paths else ""
        shown = str(sources[0]) if sources[0] in SAMPLES else NAMELESS if audience == PUBLIC else f"records{suffix}"
        with unfinished(out) as draft:
            has_list = bool(about.aside) and audience != PUBLIC
            check_folder(out, _names(runs, is_aside=has_list), inputs=inputs, force=force)
            saved = cohort.save(draft.home / "records.cohort", by=kept_of_groups(paths))
            if comparison:
                runs = with_comparison(runs, comparison, draft.home / "earlier")
            kernels.prepare(saved)
            given = Source(str(saved), shown)
            executed = execute(
                runs, given, kernels, seconds=cell_seconds, done=lambda each: steps.note(each.run.name, each.seconds)
            )
            if about.paths and digest_of_all(about.paths) != about.digest:
                raise ReportError(f"{called} changed while the report was being made; run it again")
            made = Made(about, executed, masthead, look, audience)
            unmade = _write(draft.folder, made, steps)
            notes = [
                *unmade.values(),
                *about.doubts,
                *(f"{each}; accepted" for each in about.accepted),
                *known,
            ]
            if unscored:
                notes.append(f"{about.name} holds no score of {' or '.join(unscored)}, so the report is without")
            before = {Path(name).stem for name in own_files(draft.out, force=force) if name.endswith(".ipynb")}
            # What is doubtful in the records is the clinic's business.
            told = [*unmade.values()] if audience == PUBLIC else notes
            manifest = manifest_of(about, executed, digests(draft.folder), told, steps, look, made.typeset, audience)
            if audience == PUBLIC:
                check_released(draft.folder, manifest)
            else:
                manifest |= for_the_next(records, cohort, masthead, values)
            kept = publish(draft, manifest, inputs=inputs, force=force)
        if groups:
            notes += groups.make(cohort, about, shown, look, masthead, parameters, kernels, steps)
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
