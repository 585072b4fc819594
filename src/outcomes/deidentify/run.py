"""A clinic's export -> session records without names, numbers or dates, and an account of what became of every row."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from outcomes.definitions.columns import START_YEAR
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.deidentify.account import Deidentified
from outcomes.deidentify.apart import Apart, all_or_none, set_apart
from outcomes.deidentify.contract import contract_breaches
from outcomes.deidentify.data_dictionary import with_labels
from outcomes.deidentify.k_anonymity import shared
from outcomes.deidentify.making import Made
from outcomes.deidentify.mapping import Mapping
from outcomes.deidentify.places import Places
from outcomes.deidentify.pseudonyms import Linkage, check_apart, is_coded, read_linkage, write_linkage
from outcomes.deidentify.shape import Shaped, shaped
from outcomes.deidentify.sources import read_sources
from outcomes.deidentify.template import quoted
from outcomes.deidentify.values import DATE, Converted, converted
from outcomes.deidentify.visits import COURSE
from outcomes.errors import Breach, RecordsError, UsageError
from outcomes.tabular.atomic import check_output, written_whole
from outcomes.tabular.csv_writer import write_rows
from outcomes.tabular.engines import ROW
from outcomes.tabular.formats import why_unusable

_SHOWN = 40


def deidentify(
    export: Path | Sequence[Path],
    mapping: Mapping,
    out: Path,
    *,
    linkage: Path,
    dictionary: Path | None = None,
    set_aside: bool = False,
    rehearse: bool = False,
    force: bool = False,
    rng: random.Random | None = None,
) -> Deidentified:
    """Writes session records made from a clinic's export, or several, and returns what became of its rows and columns.

    Patients, staff, clinics and tips become random codes, kept in the file `linkage` for the next export; dates become
    days since the course's first visit, dates of birth the age at the patient's first visit, 90 for 90 and over. What is
    not mapped is dropped. `out` is written only once all of it keeps the contract; otherwise neither file changes.
    `dictionary` is REDCap's data dictionary, which says what codes mean. With `set_aside`, courses with a row that can't be read are left
    out and counted instead of refusing the export. With `rehearse` nothing is written. A file at `out` is replaced where its patients have such
    codes, and any other by `force`. `rng` is for tests.

    Raises:
        RecordsError: the export can't be read or does not fit the contract; every breach with the export's own row and
            column, never a value.
        UsageError: the export lacks a mapped column; a file can't be written or would be overwritten, or `linkage` would travel with `out`.
    """
    exports = [Path(export)] if isinstance(export, str | Path) else [Path(each) for each in export]
    out, linkage = Path(out), Path(linkage)
    _check_files(exports, out, linkage, is_written=not rehearse, force=force)
    codes = read_linkage(linkage, rng=rng)
    sources = read_sources(exports, mapping)
    shape = shaped(sources, with_labels(mapping, dictionary, sources) if dictionary else mapping)
    mapping, places, name = shape.mapping, shape.places, ", ".join(path.name for path in exports)
    cells = converted(shape.table, mapping, codes)
    found = [*shape.breaches, *cells.breaches]

    def check(made: Made) -> list[Breach]:
        return contract_breaches(made.text().astype(str), mapping, made)

    apart, breaches = set_apart(cells, mapping, found, check) if set_aside else all_or_none(cells, mapping, found, check)
    if apart is None:
        raise RecordsError(name, places.told(breaches), on_screen=_lines_to_write(cells.unread))
    was_open = False
    if not rehearse:
        try:
            # What is refused never lies in the folder that is passed on: all of it has been checked.
            with written_whole(out) as passing:
                write_rows(passing, apart.made.columns, apart.made.text().itertuples(index=False, name=None))
                # A code that is in the records is known; one that is in no records yet does no harm.
                was_open = write_linkage(linkage, codes)
        except OSError as problem:
            raise UsageError(f"{out.name}: can't be written ({problem.strerror})") from None
    return _account(out, linkage, shape, cells, apart, is_rehearsal=rehearse, codes=codes, was_open=was_open)


def _account(
    out: Path,
    linkage: Path,
    shape: Shaped,
    cells: Converted,
    apart: Apart,
    *,
    is_rehearsal: bool,
    codes: Linkage,
    was_open: bool,
) -> Deidentified:
    made, visits = apart.made, apart.made.visits
    records, columns = made.records, made.columns
    people = _people(records)
    unkept = sum(made.unkept.values())
    scores = {name: endpoint.score_column for name, endpoint in ENDPOINTS.items() if endpoint.score_column in records}
    return Deidentified(
        out=out,
        linkage=linkage,
        rows_in=shape.rows_in,
        reshaped=shape.reshaped,
        blank=len(shape.table) - len(cells.rows) - cells.totals - len(cells.remarks),
        totals=cells.totals,
        remarks=tuple(shape.places.told(Breach(row, None, "") for row in cells.remarks)),
        set_aside=len(apart.rows),
        rows_aside=shape.places.rows_of(apart.rows),
        courses_aside=apart.courses,
        patients_aside=apart.patients,
        reasons=tuple(shape.places.told(apart.breaches)),
        unkept=made.unkept,
        unticked=visits.unticked,
        undated=visits.undated - made.other - unkept,
        other_measures=made.other + shape.other,
        merged=visits.merged,
        merged_across=_across(made.rows, shape.places),
        added=visits.added,
        rows_out=len(records),
        patients=len(people),
        untyped=int(people["fitzpatrick"].isna().sum()),
        courses=records[COURSE].nunique(),
        # A visit that several scored has a row for each of them.
        sessions=int(records.drop_duplicates([COURSE, "day"])["treated"].eq("yes").sum()) if "treated" in records else 0,
        scores={name: int(records[column].notna().sum()) for name, column in scores.items() if records[column].notna().any()},
        without_baseline=_without_baseline(records, scores.values()),
        dropped=shape.dropped,
        translated=cells.translated + visits.filled,
        rounded=cells.rounded,
        cut=cells.cut,
        topped=visits.ages_topped,
        texts=records["device"].nunique() if "device" in columns else 0,
        only_yes={shape.places.name(shape.mapping.place(column)): (column, count) for column, count in cells.only_yes.items()},
        notes=shape.notes,
        new_codes=codes.new,
        respelt=len(codes.respelt),
        alike=tuple(shape.places.told(Breach(row, None, "") for row in cells.alike)),
        was_open=was_open,
        shared=tuple(shared(people)),
        table=made.text().replace("", None) if is_rehearsal else None,
    )


def _people(records: pd.DataFrame) -> pd.DataFrame:
    """One row per patient, with the year of their first course."""
    people = records.drop_duplicates("patient_id")
    if START_YEAR not in records:
        return people
    first = records[START_YEAR].astype("Int64").groupby(records["patient_id"]).min()
    return people.assign(**{START_YEAR: people["patient_id"].map(first)})


def _across(rows: pd.DataFrame, places: Places) -> int:
    """How many rows tell a visit that a row of another file or sheet tells too."""
    if len(places.labels) == 1:
        return 0
    dated = rows[rows[DATE].notna()]
    source = dated[ROW].map(places.lines["of_source"])
    first = source.groupby([dated[COURSE], dated[DATE]]).transform("first")
    return int((source != first).sum())


def _without_baseline(records: pd.DataFrame, scores: Iterable[str]) -> int:
    baselines = records[records["sessions_completed"].astype(float).eq(0) & records[list(scores)].notna().any(axis=1)]
    return int(records[COURSE].nunique() - baselines[COURSE].nunique())


def _check_files(exports: Sequence[Path], out: Path, linkage: Path, *, is_written: bool, force: bool) -> None:
    for path in (*exports, out, linkage):
        if why := why_unusable(path):
            raise UsageError(f"{path.name}: can't be used ({why})")
    for number, export in enumerate(exports):
        if export.resolve() in {other.resolve() for other in exports[:number]}:
            raise UsageError(f"{export.name}: it is named twice")
    if out.suffix.lower() != ".csv":
        raise UsageError(f"{out.name}: the records are written as .csv")
    check_output(out, inputs=[*exports, linkage], is_ours=is_coded, force=force or not is_written)
    check_output(linkage, inputs=[*exports])
    if not linkage.resolve().parent.is_dir():
        raise UsageError(f"{linkage}: there is no such folder")
    check_apart(linkage, out)
    if not is_written:
        return
    try:
        out.resolve().parent.mkdir(exist_ok=True)
    except OSError as problem:
        raise UsageError(f"{out}: its folder can't be made ({problem.strerror})") from None


def _lines_to_write(unread: dict[str, Counter[str]]) -> list[str]:
    """The texts that could not be read, as the lines of the mapping in which their meaning can be written.

    What they mean is left open: as they stand, the lines are refused, so that no text is taken as not recorded unseen.
    """
    lines = []
    for column, texts in unread.items():
        lines += [f"[values.{column}]", *(f'{quoted(text)} = "..."' for text, _ in texts.most_common(_SHOWN))]
        if len(texts) > _SHOWN:
            lines.append(f"# and {len(texts) - _SHOWN:,} more")
    return lines
