"""One command's worth of work: records checked, notebooks run, page and PDF made, everything published whole."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from outcomes.cohort.public import check_audience
from outcomes.definitions.audiences import CLINIC, PUBLIC
from outcomes.definitions.endpoints import endpoints_named
from outcomes.errors import ReportError, UsageError
from outcomes.report.branding import Branding, read_branding
from outcomes.report.execute import CELL_SECONDS, Source, execute
from outcomes.report.kernels import Kernels
from outcomes.report.manifest import manifest_of
from outcomes.report.masthead import PARAMETERS as MASTHEAD
from outcomes.report.masthead import masthead_of
from outcomes.report.notebooks import AUDIENCE, ENDPOINTS, chosen_notebooks, planned_runs
from outcomes.report.outputs import NAMELESS, OUTPUTS, Made
from outcomes.report.parameters import counting_definitions, parameter_values
from outcomes.report.progress import Step, Steps
from outcomes.report.publish import MANIFEST, digest_of, digests, previous_files, publish, unfinished
from outcomes.report.released import check_released, foreign_files


class Report(NamedTuple):
    """What a run has made: the paths written, and what the reader should know, one sentence each."""

    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...]


def make_report(
    source: str | Path,
    out: str | Path,
    *,
    notebooks: Sequence[str] = (),
    parameters: Mapping[str, object] | None = None,
    audience: str = CLINIC,
    branding: str | Path | None = None,
    set_aside: bool = False,
    progress: Callable[[Step], None] | None = None,
    cell_seconds: float = CELL_SECONDS,
    fresh_kernels: bool = False,
) -> Report:
    """The report of the records in `source`, written into the folder `out`.

    `source` is a file of session records, or "sample" or "patchy". `parameters` are those of the masthead (`outcomes.report.masthead`) and
    of the notebooks. `branding` is a TOML file with the clinic's `name`, `logo`, `accent` and `contact`
    (`outcomes.report.branding`); a clinic or a contact among the parameters wins. Made are report.html, report.pdf, estimates.csv, the executed
    notebooks and manifest.json; with `set_aside`, courses with broken rows are left out and stand in set_aside.csv. For the `audience` public
    all of it holds what may be published alone (`outcomes.release`), and is read back before it is made (`outcomes.report.released`). The same records,
    parameters and version give the same bytes, manifest times apart. A failed run leaves what stood in `out` as it was.

    Each notebook has a Python of its own: a copy of one that has imported everything, or one that is started for it: with
    `fresh_kernels`, for a single notebook, and where the system can't copy.

    Raises:
        RecordsError, PrivacyError: the records are refused.
        UsageError: an unknown notebook or parameter, a value or a branding that does not fit, or a folder that can't be used.
        ReportError: a notebook failed, or what is for the public would hold what must not be published.
    """
    steps = Steps(progress)
    out = Path(out)
    parameters = {**(parameters or {}), **({"set_aside": True} if set_aside else {})}
    audience = str(parameters.pop(AUDIENCE, audience))
    check_audience(audience)
    look = Branding() if branding is None else read_branding(branding)
    masthead = masthead_of({**look.masthead, **{name: parameters.pop(name) for name in MASTHEAD if name in parameters}})
    values = parameter_values(chosen_notebooks(notebooks, audience=audience), parameters, also=MASTHEAD)
    asked = endpoints_named(str(parameters.get(ENDPOINTS, "")))
    definitions = counting_definitions(values)
    # To make one process warm takes longer than to start one notebook.
    with Kernels(fresh=fresh_kernels or len(values) == 1) as kernels:
        with steps("records"):
            from outcomes.cohort.read import cohort_of
            from outcomes.records.read import SAMPLES, read_records

            # Notebooks start from these counts: a window or a limit set for one of them holds for all.
            records = read_records(
                source,
                set_aside=any(given.get("set_aside") is True for given in values.values()),
                window=str(definitions.pop("window", "")),
            )
            cohort = cohort_of(records, **definitions)
            digest = records.digest
        _check_apart(records.path, [*values], out)
        unscored = [name for name in asked if name not in records.endpoints]
        if asked and unscored == asked:
            raise UsageError(f"-p {ENDPOINTS}: {records.source} holds no score of {' or '.join(asked)}")
        runs = planned_runs(values, records.endpoints)
        if not runs:
            raise UsageError(f"{records.source}: holds no score of any endpoint, so the chosen notebooks have nothing to show")
        steps.total = len(runs) + 1 + len({output.step for output in OUTPUTS})
        shown = str(source) if source in SAMPLES else NAMELESS if audience == PUBLIC else records.source
        with unfinished(out) as folder, tempfile.TemporaryDirectory(prefix="outcomes-") as private:
            saved = cohort.save(Path(private, "records.cohort"))
            kernels.prepare(saved)
            given = Source(str(saved), shown)
            executed = execute(
                runs, given, kernels, seconds=cell_seconds, done=lambda each: steps.note(each.run.name, each.seconds)
            )
            if records.path and digest_of(records.path) != digest:
                raise ReportError(f"{records.source} changed while the report was being made; run it again")
            unmade = _write(folder, Made(records, executed, masthead, look, audience), steps)
            notes = [*unmade.values()]
            if unscored:
                notes.append(f"{records.source} holds no score of {' or '.join(unscored)}, so the report is without")
            gone = {Path(name).stem for name in previous_files(out) if name.endswith(".ipynb")} - {run.name for run in runs}
            manifest = manifest_of(records, executed, digests(folder), notes, steps, look, audience)
            if audience == PUBLIC:
                check_released(folder, manifest)
            files = publish(folder, out, manifest, unmade)
    if audience == PUBLIC and (others := foreign_files(out, files)):
        notes.append(f"{out} also holds {others}: do not publish that with the report")
    if notebooks and gone:
        notes.append(f"{out} held a report with {', '.join(sorted(gone))} as well; it now holds only the notebooks chosen here")
    return Report(out, tuple(files), (*notes, *kernels.notes))


def _check_apart(records: Path | None, notebooks: Sequence[Path], out: Path) -> None:
    """Refuse a folder where the report would take the place of the records or of the notebooks it is made from."""
    own = [out / name for name in (*(output.file for output in OUTPUTS), MANIFEST)]
    if records and records.resolve() in [path.resolve() for path in own]:
        raise UsageError(f"--out {out}: the report would overwrite {records.name}, the records themselves; name another folder")
    if (out / "notebooks").resolve() in [notebook.resolve().parent for notebook in notebooks]:
        raise UsageError(f"--out {out}: the report would overwrite the notebooks it is made from; name another folder")


def _write(folder: Path, made: Made, steps: Steps) -> dict[str, str]:
    """Write the executed notebooks and every file of `OUTPUTS`; give the files that can't be made, each with the reason in a sentence."""
    (folder / "notebooks").mkdir()
    for each in made.executed:
        (folder / "notebooks" / f"{each.run.name}.ipynb").write_text(each.text, encoding="utf-8")
    unmade: dict[str, str] = {}
    for step, outputs in groupby(OUTPUTS, key=lambda output: output.step):
        with steps(step):
            unmade |= {output.file: reason for output in outputs if (reason := output.write(folder / output.file, made))}
    return unmade
