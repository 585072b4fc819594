"""A report for the public is read back: a breach in any of its files is found, and named with its place."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

import outcomes
from outcomes.definitions.audiences import PUBLIC
from outcomes.display.tables.table import ESTIMATES_MIME
from outcomes.errors import ReportError, UsageError
from outcomes.report.branding import Branding
from outcomes.report.execute import Executed
from outcomes.report.made_from import made_from_records
from outcomes.report.make import make_report
from outcomes.report.manifest import manifest_of
from outcomes.report.masthead import masthead_of
from outcomes.report.notebooks import Run, all_notebooks
from outcomes.report.outputs import OUTPUTS, Made
from outcomes.report.progress import Steps
from outcomes.report.publish import digests
from outcomes.report.released import check_released, foreign_files, verify_public
from outcomes.report.released_text import counts_in, page_breaches
from outcomes.simulate.sample import write_sample

PAGE, ESTIMATES, MANIFEST, NOTEBOOK = "report.html", "estimates.csv", "manifest.json", "notebooks/1_improvement.ipynb"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sample_records: outcomes.Records) -> Path:
    """The report of the sample for the public, from its notebooks as they were run, without the PDF."""
    folder = tmp_path_factory.mktemp("public")
    executed = [
        Executed(Run(path.stem, path, {}), nbformat.read(path, as_version=4), (), 0.0)  # type: ignore[no-untyped-call]
        for path in all_notebooks(PUBLIC)
    ]
    (folder / "notebooks").mkdir()
    for each in executed:
        (folder / "notebooks" / f"{each.run.name}.ipynb").write_text(each.text, encoding="utf-8")
    whole = Made(
        made_from_records(sample_records),
        executed,
        masthead_of({"clinic": "Skin 24", "report_date": "2026-07-15"}),
        audience=PUBLIC,
    )
    for output in OUTPUTS[:3]:
        output.write(folder / output.file, whole)
    manifest = manifest_of(made_from_records(sample_records), executed, digests(folder), [], Steps(None), Branding(), {}, PUBLIC)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))


def checked(folder: Path) -> None:
    check_released(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))


def test_the_sample_may_be_published(made: Path) -> None:
    found = verify_public(made)
    assert found.files == (ESTIMATES, MANIFEST, *(f"notebooks/{path.name}" for path in all_notebooks(PUBLIC)), PAGE)
    assert len(found.rows) > 60


def test_it_tells_nothing_of_the_records(made: Path, sample_records: outcomes.Records) -> None:
    whole = "\n".join(path.read_text(encoding="utf-8") for path in made.rglob("*") if path.is_file())
    assert sample_records.digest not in whole
    assert "sessions.csv" not in whole
    assert "1,210" not in whole
    assert not (made / "set_aside.csv").exists()
    assert "For the public: counts are rounded to the nearest 5" in (made / PAGE).read_text(encoding="utf-8")


def in_text(file: str, place: str, put: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert place in text
        (folder / file).write_text(text.replace(place, put, 1), encoding="utf-8")

    return plant


def said(words: str) -> Callable[[Path], None]:
    """A sentence on the page."""
    return in_text(PAGE, "</h2>", f"</h2><p>{words}</p>")


def row(**cells: str) -> Callable[[Path], None]:
    """One more row of estimates."""

    def plant(folder: Path) -> None:
        with (folder / ESTIMATES).open(encoding="utf-8", newline="") as lines:
            rows = [*csv.DictReader(lines)]
        names = list(dict.fromkeys([*rows[0], *cells]))
        with (folder / ESTIMATES).open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, names, restval="")
            writer.writeheader()
            writer.writerows([*rows, cells])

    return plant


def in_json(file: str, change: Callable[[Any], object]) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        whole = json.loads((folder / file).read_text(encoding="utf-8"))
        change(whole)
        (folder / file).write_text(json.dumps(whole), encoding="utf-8")

    return plant


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook["cells"] for output in cell.get("outputs", ())]


def shown(kind: str, value: object) -> Callable[[Path], None]:
    """Something else that a notebook shows."""
    return in_json(NOTEBOOK, lambda notebook: outputs(notebook)[0]["data"].update({kind: value}))


def more_estimates(notebook: Any) -> None:
    next(output for output in outputs(notebook) if ESTIMATES_MIME in output["data"])["data"][ESTIMATES_MIME].append(
        {"measure": "change", "n": 6}
    )


PLANTED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a count of a count": (said("Recorded in 3 of 40 courses."), "report.html: “3 of 40”: 3 is a count of 1 to 7"),
    "a count not rounded": (said("There were 37 patients."), "report.html: “37 patients”: 37 is not rounded to 5"),
    "a count in bold": (said("It was seen in <b>6</b> patients."), "report.html: “6 patients”: 6 is a count of 1 to 7"),
    "a count in a word": (said("In three patients it got worse."), "report.html: “three patients”: it is a count of 1 to 7"),
    "a per cent": (
        said("In 19.9% it was so."),
        "report.html: 19.9 in “In 19.9% it was so.”: it does not follow from estimates.csv",
    ),
    "ages": (said("Ages from 19 to 83 years."), "report.html: “83 years”: not published of anybody"),
    "a maximum": (said("The youngest was 20."), "report.html: “youngest was 20”: not published of anybody"),
    "providers": (said("It was 10 providers."), "report.html: “10 providers”: not published of anybody"),
    "what is read out": (
        in_text(PAGE, 'aria-label="Line chart', 'aria-label="4 courses. Line chart'),
        "report.html: “4 courses”: 4 is a count of 1 to 7",
    ),
    "a folded table": (
        said(
            '<details class="numbers"><table><tr><th>who</th><th>courses</th></tr><tr><td>all</td><td>6</td></tr></table></details>'
        ),
        "report.html: 6 under courses: 6 is a count of 1 to 7",
    ),
    "a number in a drawing": (in_text(PAGE, ">195<", ">37<"), "report.html: 37 in a picture: 37 is not rounded to 5"),
    "a picture": (
        said('<img src="data:image/png;base64,iVBORw0KGgo=" alt="">'),
        "report.html: a picture that is not drawn in the page: its numbers can't be read",
    ),
    "a remark in the page": (
        in_text(PAGE, "</h2>", "</h2><!-- 3 patients -->"),
        "report.html: “3 patients”: 3 is a count of 1 to 7",
    ),
    "a hidden attribute": (said('<i data-x="3 patients">all</i>'), "report.html: “3 patients”: 3 is a count of 1 to 7"),
    "a style": (in_text(PAGE, "<style>", "<style>/* 3 patients */"), "report.html: “3 patients”: 3 is a count of 1 to 7"),
    "a word of a count": (said("It was two of 40."), "report.html: “two of 4”: it is a count of 1 to 7"),
    "a cell of words": (
        row(measure="treated", level="3 patients", n="40"),
        "estimates.csv: “3 patients”: 3 is a count of 1 to 7",
    ),
    "the same count twice": (row(measure="treated", level="courses", n="245"), "estimates.csv, the counts contradict each other"),
    "above the report": (
        in_text(PAGE, '<dl class="facts">', '<p>3 patients</p><dl class="facts">'),
        "report.html: “3 patients”: 3 is a count",
    ),
    "below the report": (
        in_text(PAGE, "<footer>", "<footer>1,210 visits"),
        "report.html: “1,210 visits”: not published of anybody",
    ),
    "a small n": (in_text(ESTIMATES, ",195,", ",6,"), "estimates.csv, row 3: n: 6 is a count of 1 to 7"),
    "an n not rounded": (in_text(ESTIMATES, ",195,", ",196,"), "estimates.csv, row 3: n: 196 is not rounded to 5"),
    "an estimate not rounded": (in_text(ESTIMATES, ",-0.5,", ",-0.48,"), "estimates.csv, row 3: estimate: more than one decimal"),
    "a share of other counts": (
        in_text(ESTIMATES, ",46.153846,", ",45.8,"),
        "estimates.csv, row 10: estimate: not that of a rounded count",
    ),
    "another measure": (
        row(measure="median", variable="age", n="40", estimate="33"),
        "estimates.csv, row 82: median: not among what is published",
    ),
    "a provider": (
        row(measure="courses with the event", event="infection", provider_id="PR1", n="40", events="10"),
        "estimates.csv, row 82: provider_id: not published of anybody",
    ),
    "a note": (
        row(measure="treated", level="others", n="40", note="3 courses, too few"),
        "estimates.csv, row 82: note: it can hold numbers that are not rounded",
    ),
    "an interval that gives a count back": (
        row(measure="courses with the event", event="infection", n="40", note="1 to 7", conf_high="16.9"),
        "estimates.csv, row 82: estimate: it gives back a count that is withheld",
    ),
    "all of them": (
        row(measure="courses with the event", event="infection", skin_types="I-III", n="40", events="40", estimate="100"),
        "estimates.csv, row 82: events: all of them",
    ),
    "sums that give a count back": (
        row(measure="courses with the event", event="any event", skin_types="V-VI", n="10", note="1 to 7"),
        "estimates.csv, the counts contradict each other",
    ),
    "printed in a notebook": (
        in_json(
            NOTEBOOK,
            lambda book: book["cells"][3]["outputs"].append({"output_type": "stream", "name": "stdout", "text": "37 courses"}),
        ),
        "notebooks/1_improvement.ipynb: cell 4: “37 courses”: 37 is not rounded to 5",
    ),
    "prose of a notebook": (
        shown("text/markdown", ["It was ", "6 courses"]),
        "notebooks/1_improvement.ipynb: cell 4: “6 courses”: 6 is a count",
    ),
    "a list": (shown("text/plain", "courses: 6"), "notebooks/1_improvement.ipynb: cell 4: “courses: 6”: 6 is a count"),
    "a picture of a notebook": (
        shown("image/png", "iVBORw0KGgo="),
        "notebooks/1_improvement.ipynb: cell 4: it shows image/png, which can't be read",
    ),
    "estimates of a notebook": (
        in_json(NOTEBOOK, more_estimates),
        "notebooks/1_improvement.ipynb: cell 6: it holds estimates that estimates.csv does not hold",
    ),
    "a remark in a notebook": (
        in_json(NOTEBOOK, lambda book: book["cells"][0].update(source="# We saw 3 patients")),
        "notebooks/1_improvement.ipynb: cell 1: “3 patients”: 3 is a count of 1 to 7",
    ),
    "what a notebook says of itself": (
        in_json(NOTEBOOK, lambda book: book["metadata"].update(about={"seen": ["3 patients"]})),
        "notebooks/1_improvement.ipynb: “3 patients”: 3 is a count of 1 to 7",
    ),
    "where the records are": (
        in_json(NOTEBOOK, lambda book: book["metadata"].update(papermill={"parameters": {"records": "clinic/Smith.csv"}})),
        "notebooks/1_improvement.ipynb: its parameters tell where the records are kept",
    ),
    "rows of the records": (
        in_json(MANIFEST, lambda whole: whole.update(records={"rows_in": 1210})),
        "manifest.json: records: it tells of the records",
    ),
    "a remark in the manifest": (
        in_json(MANIFEST, lambda whole: whole["notes"].append("3 patients")),
        "manifest.json: “3 patients”: 3 is a count",
    ),
    "courses set aside": (lambda folder: (folder / "set_aside.csv").touch(), "set_aside.csv: no file of a report for the public"),
    "a cohort": (
        lambda folder: (folder / "notebooks" / "all.cohort").touch(),
        "notebooks/all.cohort: no file of a report for the public",
    ),
    "a hidden file": (lambda folder: (folder / ".old").touch(), ".old: no file of a report for the public"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_breach_is_found_in_its_place(name: str, copy: Path) -> None:
    plant, told = PLANTED[name]
    plant(copy)
    with pytest.raises(ReportError) as refused:
        checked(copy)
    first, *lines = str(refused.value).splitlines()
    assert first == "This must not be published:"
    assert any(line.startswith(told) for line in lines), lines


def test_the_report_of_a_clinic_is_refused_in_one_line(copy: Path) -> None:
    in_json(MANIFEST, lambda whole: whole.update(audience="clinic"))(copy)
    with pytest.raises(ReportError, match=r": not a report for the public; outcomes report --audience public makes one$"):
        verify_public(copy)


def test_what_cannot_be_read_back_is_refused(copy: Path) -> None:
    (copy / ESTIMATES).write_bytes(b"measure,n\nchange,\xff\n")
    with pytest.raises(
        ReportError, match=r"can't be read back \(UnicodeDecodeError\), so nothing says that it may be published$"
    ):
        verify_public(copy)
    (copy / ESTIMATES).unlink()
    with pytest.raises(ReportError, match=r"holds no report"):
        verify_public(copy)
    with pytest.raises(UsageError, match=r"there is no such folder$"):
        verify_public(copy / "nowhere")


def test_a_pdf_of_another_page_is_read(copy: Path) -> None:
    pytest.importorskip("weasyprint")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext reads the PDF")
    from outcomes.report.pdf import pdf

    page = (copy / PAGE).read_text(encoding="utf-8")
    (copy / "report.pdf").write_bytes(pdf(page.replace("</h2>", "</h2><p>In 3 patients it got worse.</p>", 1)))
    with pytest.raises(ReportError, match=r"report.pdf: “3 patients”: 3 is a count of 1 to 7"):
        verify_public(copy)


@pytest.mark.parametrize(
    "words",
    [
        "45 of 225 courses (20.0%; 95% CI 15.0–25.8%)",
        "1 to 7 of 225 courses",
        "Nothing is shown of fewer than 8 courses.",
        "after 3 sessions, from 3.1 to about 2.3 (scale 1 to 4)",
        "One patient's series of sessions on one area.",
        "A count of 1 to 7 is not given",
        "none of 40 courses",
    ],
)
def test_what_a_release_says_is_no_breach(words: str) -> None:
    assert [*counts_in(words)] == []


@pytest.mark.parametrize(
    "words",
    ["7 courses", "in 12 courses", "3 more patients", "2 new adverse patients", "n = 9", "n=12", "4 out of 10", "one man", "five women",
     "6\N{NO-BREAK SPACE}courses", "patients: 3", "40 patients, 3 cases", "12 of the 40"],
)  # fmt: skip
def test_a_count_is_known_in_many_words(words: str) -> None:
    assert [*counts_in(words)] != []


def test_the_clinics_name_and_logo_are_no_breach() -> None:
    logo = '<header><img class="logo" src="data:image/png;base64,iVBO" alt="Logo of One Man Clinic"><h1>One Man Clinic, 24 High Street</h1></header>'
    assert [*page_breaches(logo, [])] == []
    assert [*page_breaches(logo.replace("header", "main"), [])] != []


def test_a_table_is_read_under_its_heads() -> None:
    table = "<table><tr><td></td><th>Courses</th><th>sessions</th></tr><tr><th>all</th><td>{}</td><td>3</td></tr></table>"
    assert [*page_breaches(table.format("1 to 7"), [])] == []
    assert [*page_breaches(table.format(6), [])] == ["6 under Courses: 6 is a count of 1 to 7"]


def test_the_first_page_of_a_clinic_says_that_it_is_not_to_be_published(made: Path) -> None:
    from outcomes.report.html import Page, page

    whole = page(Page("visits.csv", 3, 2, 2, "1"), [])
    header = re.search(r"<header>.*?</header>", whole, re.DOTALL)[0]  # type: ignore[index]
    assert "For the clinic only, not to be published: it holds small groups, in which a patient could be recognised." in header
    assert "not to be published" not in (made / PAGE).read_text(encoding="utf-8")


def test_files_beside_the_report_are_named(tmp_path: Path) -> None:
    assert foreign_files(tmp_path, []) == ""
    for name in ("a.csv", "b.csv", PAGE):
        (tmp_path / name).touch()
    assert foreign_files(tmp_path, [tmp_path / PAGE]) == "a.csv and 1 more file"
    assert foreign_files(tmp_path, [tmp_path / PAGE, tmp_path / "a.csv"]) == "b.csv"


@pytest.mark.slow
@pytest.mark.parametrize("patients", [5, 12, 40])
def test_a_report_of_few_patients_may_be_published(patients: int, tmp_path: Path) -> None:
    records, out = tmp_path / "Smith Clinic.csv", tmp_path / "out"
    write_sample(records, patients=patients, seed=1)
    report = make_report(records, out, audience=PUBLIC, parameters={"clinic": "Skin 24"})
    assert {path.name for path in report.files} >= {PAGE, ESTIMATES, MANIFEST, "report.pdf"}
    assert verify_public(out).rows
    assert all(b"Smith" not in path.read_bytes() for path in out.rglob("*") if path.is_file())


@pytest.mark.slow
def test_the_sample_may_be_published_by_the_command_line(command: Any, tmp_path: Path) -> None:
    done = command("report", "sample", "-p", "audience=public", "--out", "public", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = command("verify", "--public", "public", "--against", "public", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    whole, publishable = done.stdout.splitlines()[:2]
    assert whole == "public: whole, 7 files as the manifest says"
    assert publishable.startswith("public: nothing in it that must not be published, also beside public (8 files, ")


def test_verify_looks_at_the_manifest_first(command: Any, copy: Path) -> None:
    assert command("verify", copy, "--against", copy, cwd=copy).returncode == 2
    done = command("verify", "--public", copy, "--against", copy, cwd=copy)
    assert done.returncode == 0, done.stderr
    assert "nothing in it that must not be published" in done.stdout
    said("In 3 patients.")(copy)
    done = command("verify", "--public", copy, cwd=copy)
    assert done.returncode == 6
    assert done.stderr.strip().endswith(f"{PAGE} was changed after the report was made")
    digest = hashlib.sha256((copy / PAGE).read_bytes()).hexdigest()
    in_json(MANIFEST, lambda whole: whole["files"].update({PAGE: digest}))(copy)
    done = command("verify", "--public", copy, cwd=copy)
    assert done.returncode == 6
    assert done.stderr.splitlines()[:2] == ["This must not be published:", "report.html: “3 patients”: 3 is a count of 1 to 7"]
