"""The promises of a report, kept on small notebooks of one or two cells."""

import base64
import csv
import hashlib
import json
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from outcomes.errors import RecordsError, ReportError, UsageError
from outcomes.records.read import sample_path
from outcomes.report.make import make_report
from outcomes.report.notebooks import chosen_notebooks, notebooks_folder, planned_runs
from outcomes.report.parameters import declared, parameter_values

RECORDS = """patient_id,fitzpatrick,day,sessions_completed,scar_scale,scar_score,pih_scale,pih_score
a1,II,0,0,goodman_baron_grade,3,pahpi,12
a1,II,30,1,goodman_baron_grade,2,pahpi,10
b2,V,0,0,goodman_baron_grade,4,pahpi,14
"""
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
SHOW = "from IPython.display import Markdown, display\n"
ROW = {"endpoint": "pih", "measure": "change", "session": 1, "n": 3, "estimate": -0.5, "conf_low": None, "extra": "x"}
SUMMARY = [
    ("markdown", "# What do <our> records show?"),
    ("parameters", 'records: str = "sample"  # the records\naudience: str = "clinic"'),
    ("code", SHOW + 'display(Markdown("Better by **half** a grade <script>alert(1)</script> ![x](https://example.org/x.png)"))'),
    (
        "code",
        "display({'text/plain': '[figure] alt', 'image/png': '" + PIXEL + "'},"
        " metadata={'image/png': {'width': 900, 'height': 400, 'alt': 'half \"a\" grade'}}, raw=True)",
    ),
    ("markdown", "#### Careful\n\nNo control group.\n\n## Careful\n\n| a | b |\n|---|--:|\n| x | 1 |"),
]
CHECKS = [
    ("markdown", "# Who is in?"),
    (
        "parameters",
        'records: str = "sample"\npython: str = ""\nmargin: float = 1\nlisted: list[str] = []\nwhole: int = 3  # how many\nis_short: bool = False',
    ),
    ("code", "import sys\nassert python in ('', sys.executable), sys.executable"),
    ("code", "import warnings\nwarnings.warn('about patient a1')\nprint('plain <b>')\nprint(whole, margin, listed, is_short)"),
]
IMPROVEMENT = [
    ("parameters", 'records: str = "sample"\nendpoints: str = ""'),
    ("code", SHOW + 'display(Markdown("# How much better?\\n\\nMuch."))'),
    (
        "code",
        "rows = [" + repr(ROW) + "]\n"
        'html = \'<details class="numbers"><summary>Numbers</summary><table onclick="x"><tr><td>1</td></tr></table></details>\'\n'
        "display({'text/html': html, 'application/vnd.outcomes.estimates+json': rows}, raw=True)",
    ),
]


def notebook(path: Path, cells: list[tuple[str, str]]) -> Path:
    """Write a notebook of (kind, source) cells; the kind "parameters" is a code cell with that tag."""
    written = []
    for number, (kind, source) in enumerate(cells):
        cell = {"cell_type": "markdown" if kind == "markdown" else "code", "id": f"c{number}", "metadata": {}, "source": source}
        if kind != "markdown":
            cell |= {"execution_count": None, "outputs": [], "metadata": {"tags": ["parameters"]} if kind == "parameters" else {}}
        written.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": written, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "visits [1] é.csv"
    path.write_text(RECORDS, encoding="utf-8")
    return path


@pytest.fixture(scope="module", autouse=True)
def notebooks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    notebook(folder / "1_summary.ipynb", SUMMARY)
    notebook(folder / "2_checks.ipynb", CHECKS)
    notebook(folder / "10_improvement.ipynb", IMPROVEMENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("outcomes.report.notebooks.notebooks_folder", lambda: folder)
        yield folder


@pytest.fixture(scope="module")
def made(records, notebooks, tmp_path_factory):
    return make_report(records, tmp_path_factory.mktemp("report"))


@pytest.fixture
def only(tmp_path, monkeypatch):
    """Replaces the notebooks by a single one whose code cell is given."""

    def replace(code: str) -> None:
        folder = tmp_path / "only"
        folder.mkdir()
        notebook(
            folder / "1_only.ipynb",
            [("markdown", "# Only"), ("parameters", 'records: str = "sample"'), ("code", "1"), ("code", code)],
        )
        monkeypatch.setattr("outcomes.report.notebooks.notebooks_folder", lambda: folder)

    return replace


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


class Elements(HTMLParser):
    """Every start tag of a page with its attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, attribute: str) -> list[str]:
        return [attrs[attribute] for _, attrs in self.found if attribute in attrs]


# What is made


def test_a_report_is_a_page_a_pdf_the_estimates_the_notebooks_and_a_manifest(made):
    assert [path.relative_to(made.folder).as_posix() for path in made.files] == [
        "estimates.csv",
        "notebooks/10_improvement.ipynb",
        "notebooks/1_summary.ipynb",
        "notebooks/2_checks.ipynb",
        "report.html",
        "report.pdf",
        "manifest.json",
    ]
    assert {*contents(made.folder)} == {path.relative_to(made.folder).as_posix() for path in made.files}
    assert made.notes == ()


def test_a_window_set_for_one_notebook_holds_for_all(records, tmp_path, monkeypatch):
    folder = tmp_path / "windows"
    folder.mkdir()
    shown = "import outcomes\nprint('window', outcomes.read_cohort(records).window)"
    notebook(folder / "1_without.ipynb", [("markdown", "# Without"), ("parameters", 'records: str = "sample"'), ("code", shown)])
    cells = [("markdown", "# With"), ("parameters", 'records: str = "sample"\nwindow: str = ""'), ("code", shown)]
    notebook(folder / "2_with.ipynb", cells)
    monkeypatch.setattr("outcomes.report.notebooks.notebooks_folder", lambda: folder)
    made = make_report(records, tmp_path / "out", parameters={"window": "7,14,21"})
    texts = [(made.folder / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8") for name in ("1_without", "2_with")]
    assert all("window Window(first=7, usual=14, last=21)" in text for text in texts)
    with pytest.raises(UsageError, match="window must be three numbers of days"):
        make_report(records, tmp_path / "out", parameters={"window": "21,14,7"})


def test_a_limit_set_for_one_notebook_holds_for_all_and_two_that_differ_are_refused(records, tmp_path, monkeypatch):
    folder = tmp_path / "limits"
    folder.mkdir()
    shown = "import outcomes\nprint('months', outcomes.read_cohort(records).about.limits['isotretinoin_months'])"
    notebook(folder / "1_without.ipynb", [("markdown", "# Without"), ("parameters", 'records: str = "sample"'), ("code", shown)])
    for name, months in (("2_with", 6.0), ("3_with", 6.0)):
        declared = f'records: str = "sample"\nisotretinoin_months: float = {months}'
        notebook(folder / f"{name}.ipynb", [("markdown", "# With"), ("parameters", declared), ("code", shown)])
    monkeypatch.setattr("outcomes.report.notebooks.notebooks_folder", lambda: folder)
    made = make_report(records, tmp_path / "out", parameters={"isotretinoin_months": "3"})
    assert all("months 3.0" in path.read_text(encoding="utf-8") for path in (made.folder / "notebooks").glob("*.ipynb"))
    declared = 'records: str = "sample"\nisotretinoin_months: float = 12.0'
    notebook(folder / "3_with.ipynb", [("markdown", "# With"), ("parameters", declared), ("code", shown)])
    with pytest.raises(UsageError, match=r"-p isotretinoin_months: 3_with asks for 12\.0 and another notebook for 6\.0"):
        make_report(records, tmp_path / "out")


def test_the_same_records_give_the_same_bytes_wherever_they_are_kept(made, records, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copy = elsewhere / records.name
    copy.write_bytes(records.read_bytes())
    again = make_report(copy, tmp_path / "again")
    first, second = contents(made.folder), contents(again.folder)
    whole_first, whole_second = json.loads(first.pop("manifest.json")), json.loads(second.pop("manifest.json"))
    assert first == second
    for times in ("started", "finished", "seconds"):
        assert whole_first.pop(times)
        assert whole_second.pop(times)
    assert whole_first == whole_second


def test_no_file_tells_where_the_records_are_kept(made, records):
    for name, content in contents(made.folder).items():
        if not name.endswith(".pdf"):
            text = content.decode()
            assert str(records.parent) not in text, name
            assert str(made.folder) not in text, name
            assert sys.prefix not in text, name


def test_an_executed_notebook_runs_again_beside_the_records_once_they_have_the_name_that_it_tells(records, tmp_path):
    out = make_report(records, tmp_path / "out", notebooks=["improvement"], parameters={"endpoints": "pih"}).folder
    executed = json.loads((out / "notebooks/10_improvement.ipynb").read_text(encoding="utf-8"))
    injected = next(cell for cell in executed["cells"] if cell["id"] == "injected-parameters")
    given: dict[str, object] = {}
    exec("".join(injected["source"]), given)
    assert (given["records"], given["endpoints"]) == ("records.csv", "pih")
    assert executed["metadata"]["papermill"] == {"parameters": {"records": "records.csv", "endpoints": "pih"}}
    assert all({*cell["metadata"]} <= {"tags"} for cell in executed["cells"])


def test_the_manifest_holds_the_input_the_versions_and_a_digest_of_every_other_file(made, records):
    found = manifest(made.folder)
    assert found["records"] == {
        "name": "the records",
        "rows_in": 3,
        "rows_analysed": 3,
        "rows_set_aside": 0,
        "rows_blank": 0,
        "sha256": hashlib.sha256(records.read_bytes()).hexdigest(),
    }
    files = contents(made.folder)
    del files["manifest.json"]
    assert found["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert {"python", "outcomes", "pandas", "duckdb", "matplotlib"} <= {*found["versions"]}
    assert {"1_summary", "10_improvement", "records", "page", "pdf"} <= {*found["seconds"]}
    assert found["parameters"]["10_improvement"] == {}


def test_warnings_are_counted_by_kind_and_never_shown(made):
    assert manifest(made.folder)["warnings"] == {"2_checks": ["cell 3: UserWarning"]}
    for content in contents(made.folder).values():
        assert b"about patient a1" not in content.replace(b"warnings.warn('about patient a1')", b"")


def test_estimates_come_once_with_blanks_for_what_is_not_estimable(made):
    text = (made.folder / "estimates.csv").read_bytes().decode()
    assert "\r" not in text
    (row,) = csv.DictReader(text.splitlines())
    assert list(row)[:3] == ["endpoint", "scale", "measure"]
    assert list(row)[-2:] == ["note", "extra"]
    assert (row["endpoint"], row["n"], row["estimate"], row["conf_low"], row["extra"]) == ("pih", "3", "-0.5", "", "x")


# The page


def test_the_page_holds_no_script_and_asks_for_nothing(made):
    page = Elements((made.folder / "report.html").read_text(encoding="utf-8"))
    tags = {tag for tag, _ in page.found}
    assert tags.isdisjoint({"script", "iframe", "object", "embed", "form", "base"})
    assert all(address.startswith("data:") for address in page.all("src"))
    assert {address for address in page.all("href") if not address.startswith("#")} == {"data:,", "estimates.csv"}
    assert not [name for _, attrs in page.found for name in attrs if name.startswith("on") or name in ("style", "srcset")]


def test_the_policy_of_the_page_allows_data_pictures_and_its_own_style_sheet_only(made):
    text = (made.folder / "report.html").read_text(encoding="utf-8")
    css = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = next(attrs["content"] for tag, attrs in Elements(text).found if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in css
    assert "@import" not in css


def test_headings_nest_without_a_jump_and_every_link_has_its_place(made):
    page = Elements((made.folder / "report.html").read_text(encoding="utf-8"))
    levels = [int(tag[1]) for tag, _ in page.found if tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = page.all("id")
    assert len(ids) == len({*ids})
    assert {address[1:] for address in page.all("href") if address.startswith("#")} <= {*ids}
    assert ("html", {"lang": "en"}) in page.found


def test_a_section_is_titled_by_the_first_heading_and_named_by_its_notebook(made):
    text = (made.folder / "report.html").read_text(encoding="utf-8")
    assert [line.partition(">")[2].removesuffix("</h2>") for line in text.splitlines() if line.startswith("<h2")] == [
        "What do &lt;our&gt; records show?",
        "Contents",
        "1. Who is in?",
        "2. How much better?",
        "3. How to read this report",
    ]
    page = Elements(text)
    assert [attrs["id"] for tag, attrs in page.found if tag == "section"] == ["summary", "checks", "improvement", "how-to-read"]


def test_what_notebooks_show_is_escaped_and_pictures_carry_their_words(made):
    text = (made.folder / "report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<pre>plain &lt;b&gt;" in text
    picture = next(attrs for tag, attrs in Elements(text).found if tag == "img")
    assert (picture["alt"], picture["width"], picture["height"]) == ('half "a" grade', "900", "400")
    assert "import warnings" not in text


# Parameters


def test_parameters_are_read_from_the_cell_with_their_kinds(notebooks):
    found = declared(notebooks / "2_checks.ipynb")
    assert {name: (each.kind, each.is_list) for name, each in found.items()} == {
        "records": (str, False),
        "python": (str, False),
        "margin": (float, False),
        "listed": (str, True),
        "whole": (int, False),
        "is_short": (bool, False),
    }
    assert (found["whole"].help, found["margin"].help) == ("how many", "")
    assert [found[name].shown for name in ("margin", "listed", "whole", "is_short")] == ["1", "", "3", "false"]


def test_values_become_the_declared_kind_and_reach_the_notebook(records, tmp_path):
    given = {"whole": "7", "margin": "2", "listed": "I, II,a'b\"\\n", "is_short": "yes", "python": sys.executable}
    out = make_report(records, tmp_path / "out", notebooks=["2_checks"], parameters=given).folder
    assert manifest(out)["parameters"]["2_checks"]["listed"] == ["I", "II", "a'b\"\\n"]
    assert (
        "7 2.0 ['I', 'II', 'a\\'b\"\\\\n'] True"
        in json.loads((out / "notebooks/2_checks.ipynb").read_text(encoding="utf-8"))["cells"][4]["outputs"][0]["text"][1]
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"audiense": "public"}, "-p audiense: no chosen notebook has this parameter; did you mean audience?"),
        (
            {"zzz": "1"},
            "-p zzz: no chosen notebook has this parameter; there are audience, endpoints, is_short, listed, margin, python, whole",
        ),
        ({"endpoint": "pih"}, "-p endpoint: no chosen notebook has this parameter; did you mean endpoints?"),
        ({"whole": "three"}, "-p whole=three: whole wants a whole number"),
        ({"whole": "3.5"}, "-p whole=3.5: whole wants a whole number"),
        ({"whole": True}, "-p whole=True: whole wants a whole number"),
        ({"margin": "nan"}, "-p margin=nan: margin wants a number"),
        ({"is_short": "2"}, "-p is_short=2: is_short wants true or false"),
        ({"listed": 3}, "-p listed=3: listed wants text, or several with commas between them"),
        (
            {"records": "x.csv"},
            "-p records: the records are the FILE that the command is given, they can't be set as a parameter",
        ),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(given, message):
    with pytest.raises(UsageError) as refused:
        parameter_values(chosen_notebooks([]), given)
    assert str(refused.value) == message


def test_a_parameter_goes_to_the_notebooks_that_declare_it(notebooks):
    values = parameter_values(chosen_notebooks([]), {"audience": "public"})
    assert {path.stem: given for path, given in values.items()} == {
        "1_summary": {"audience": "public"},
        "2_checks": {},
        "10_improvement": {},
    }


@pytest.mark.parametrize("name", ["10_improvement", "10_improvement.ipynb", "improvement", "notebooks/10_improvement.ipynb"])
def test_a_notebook_has_several_names(name):
    assert [path.stem for path in chosen_notebooks([name])] == ["10_improvement"]


def test_notebooks_keep_the_order_of_their_numbers():
    assert [path.stem for path in chosen_notebooks(["improvement", "checks"])] == ["2_checks", "10_improvement"]


def test_an_unknown_notebook_is_refused():
    with pytest.raises(UsageError, match=r"^--notebook improvment: there is no such notebook; did you mean improvement\?$"):
        chosen_notebooks(["improvment"])


@pytest.mark.parametrize(
    ("given", "present", "names"),
    [
        ({}, ("scarring", "pih", "fine_lines"), ["10_improvement"]),
        ({}, ("pih",), ["10_improvement"]),
        ({}, ("fine_lines",), ["10_improvement"]),
        ({}, (), []),
        ({"endpoints": "fine_lines"}, ("scarring",), ["10_improvement"]),
    ],
)
def test_a_notebook_about_endpoints_is_run_once_unless_none_is_recorded(given, present, names):
    values = parameter_values(chosen_notebooks(["improvement"]), given)
    (run,) = planned_runs(values, present) or [None]
    assert ([run.name] if run else []) == names
    assert run is None or run.values == given
    assert [other.name for other in planned_runs(parameter_values(chosen_notebooks(["checks"]), {}), present)] == ["2_checks"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("scaring", "endpoint must be one of scarring, pih, fine_lines, got 'scaring'"),
        ("../x", "endpoint must be one of scarring, pih, fine_lines, got '../x'"),
        ("pih,x", "endpoint must be one of scarring, pih, fine_lines, got 'x'"),
        ("fine_lines", "-p endpoints: visits [1] é.csv holds no score of fine_lines"),
    ],
)
def test_endpoints_that_there_are_not_or_that_nobody_scored_are_refused(asked, message, records, tmp_path):
    with pytest.raises(UsageError) as refused:
        make_report(records, tmp_path / "out", parameters={"endpoints": asked})
    assert str(refused.value) == message
    assert not (tmp_path / "out").exists()


def test_records_without_a_score_have_nothing_to_show_in_a_notebook_about_endpoints(tmp_path):
    bare = tmp_path / "bare.csv"
    bare.write_text("patient_id,fitzpatrick,day,sessions_completed\na1,II,0,0\na1,II,30,1\n", encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"^bare\.csv: holds no score of any endpoint, so the chosen notebooks have nothing to show$"
    ):
        make_report(bare, tmp_path / "out", notebooks=["improvement"])
    assert (make_report(bare, tmp_path / "out").folder / "notebooks/2_checks.ipynb").exists()
    assert not (tmp_path / "out/notebooks/10_improvement.ipynb").exists()


def test_an_endpoint_among_several_that_nobody_scored_is_named(records, tmp_path):
    made = make_report(records, tmp_path / "out", notebooks=["improvement"], parameters={"endpoints": "pih, fine_lines"})
    note = "the records holds no score of fine_lines, so the report is without"
    assert made.notes == (note,)
    assert manifest(made.folder)["notes"] == [note]


@pytest.mark.parametrize(
    "cell",
    [
        "records = open('x')",
        "import os",
        "records: str",
        "for x in y: pass",
        "audience = 'x'",
        "records =",
        # What papermill passes over without a word.
        "records = 'x'\nimport os",
        "records = 'x'\nlisted: tuple[str, ...] = ()",
        "records = 'x'\nword = 'a = b'",
        "records = 'x'\nword = 'a # b'",
        "records = 'x'\nrecords = 'y'",
        "records, word = 'xy'",
        "records = word = 'x'",
    ],
)
def test_a_parameters_cell_holds_literals_only(cell, tmp_path):
    with pytest.raises(ReportError, match=r"^1_x: the parameters cell "):
        declared(notebook(tmp_path / "1_x.ipynb", [("parameters", cell)]))


def test_the_notebooks_of_the_package_declare_literals_and_records(monkeypatch):
    monkeypatch.undo()
    for path in notebooks_folder().glob("[0-9]*_*.ipynb"):
        assert declared(path)["records"].default == "sample"


# Failures


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("{}['x']", "1_only, cell 3: KeyError: 'x'"),
        ("assert False", "1_only, cell 3: AssertionError"),
        ("1 +", "1_only, cell 3: SyntaxError: invalid syntax"),
        ("import outcomes.errors as e\nraise e.UsageError('phi is no endpoint [a]')", "1_only, cell 3: phi is no endpoint [a]"),
        ("import sys; sys.exit()", "1_only, cell 3: it ended the notebook before its end"),
    ],
)
def test_a_failing_cell_is_one_message_with_its_place_and_cause(code, message, only, records, tmp_path):
    only(code)
    with pytest.raises(ReportError) as failure:
        make_report(records, tmp_path / "out")
    assert str(failure.value).partition(" (")[0] == message
    assert not (tmp_path / "out").exists()


def test_a_kernel_that_dies_is_one_message(only, records, tmp_path):
    only("import os; os._exit(1)")
    with pytest.raises(
        ReportError, match=r"^1_only, cell 3: Python ended unexpectedly \(kernel died\); the memory may have run out$"
    ):
        make_report(records, tmp_path / "out")


def test_a_cell_that_runs_too_long_is_one_message(only, records, tmp_path):
    only("import time; time.sleep(60)")
    with pytest.raises(ReportError, match=r"^1_only, cell 3: still running after 1 seconds$"):
        make_report(records, tmp_path / "out", cell_seconds=1)


def test_a_failed_run_leaves_the_previous_report_as_it_was(made, only, records):
    before = contents(made.folder)
    only("1 / 0")
    with pytest.raises(ReportError):
        make_report(records, made.folder)
    assert contents(made.folder) == before


def test_records_that_change_during_the_run_are_not_reported_on(only, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text(RECORDS, encoding="utf-8")
    only(f"open({str(mine)!r}, 'a').write('c3,I,0,0,,,,\\n')")
    with pytest.raises(ReportError, match=r"^mine\.csv changed while the report was being made; run it again$"):
        make_report(mine, tmp_path / "out")


def test_broken_records_write_nothing(tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text(RECORDS.replace("V", "VII"), encoding="utf-8")
    with pytest.raises(RecordsError, match=r"mine\.csv row 4, fitzpatrick"):
        make_report(mine, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# Surroundings


def test_the_kernel_is_this_interpreter_whatever_else_is_registered(records, tmp_path, monkeypatch):
    for variable in ("JUPYTER_DATA_DIR", "JUPYTER_PATH"):
        registered = tmp_path / variable / "kernels" / "python3"
        registered.mkdir(parents=True)
        (registered / "kernel.json").write_text(json.dumps({"argv": ["false"], "display_name": "broken", "language": "python"}))
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("MPLBACKEND", "no_such_backend")
    (tmp_path / "sitting").mkdir()
    monkeypatch.chdir(tmp_path / "sitting")
    Path("json.py").write_text("raise RuntimeError('the wrong json')")
    make_report(records, "out", notebooks=["checks"], parameters={"python": sys.executable})
    assert Path("out/report.html").exists()


def without_pango(monkeypatch):
    """Makes the import of WeasyPrint fail as it does where its system libraries are missing."""

    class Missing:
        def find_spec(self, name, path, target=None):
            if name == "weasyprint":
                sys.stdout.write("-----\nWeasyPrint could not import some external libraries\n")
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])


def test_without_pango_the_rest_is_written_and_no_older_pdf_is_left(records, tmp_path, monkeypatch, capsys):
    make_report(records, tmp_path, notebooks=["checks"])
    assert (tmp_path / "report.pdf").exists()
    without_pango(monkeypatch)
    again = make_report(records, tmp_path, notebooks=["checks"])
    (note,) = again.notes
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in note
    assert "\n" not in note
    assert not (tmp_path / "report.pdf").exists()
    assert (manifest(tmp_path)["pdf"], manifest(tmp_path)["notes"]) == ("not made", [note])
    assert capsys.readouterr().out == ""


# The folder


def test_other_files_stay_and_notebooks_of_the_previous_report_go(made, records, tmp_path):
    for name, content in contents(made.folder).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    kept = {"notes.txt": b"mine", "notebooks/own.ipynb": b"{}", "report.html.bak": b"x"}
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / ".unfinished-abc").mkdir()
    again = make_report(records, tmp_path, notebooks=["checks"])
    assert len(again.notes) == 1
    assert again.notes[0].startswith(f"{tmp_path} held a report with ")
    assert again.notes[0].endswith(" as well; it now holds only the notebooks chosen here")
    after = contents(tmp_path)
    assert {name: after.pop(name) for name in kept} == kept
    assert {*after} == {"estimates.csv", "manifest.json", "notebooks/2_checks.ipynb", "report.html", "report.pdf"}
    assert not (tmp_path / ".unfinished-abc").exists()


def test_notebooks_that_are_a_link_to_elsewhere_are_not_written_through(records, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "2_checks.ipynb").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notebooks").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="its folder notebooks is a link to elsewhere"):
        make_report(records, tmp_path / "out", notebooks=["checks"])
    assert contents(elsewhere) == {"2_checks.ipynb": b"mine"}


def test_a_folder_that_is_not_a_reports_is_refused(records, notebooks, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="this is a file; name a folder"):
        make_report(records, tmp_path / "file")
    (tmp_path / "manifest.json").write_text('{"files": ["notes.txt"]}')
    with pytest.raises(UsageError, match=r"its manifest\.json is not a report's; name another folder"):
        make_report(records, tmp_path)
    with pytest.raises(UsageError, match="overwrite the notebooks it is made from"):
        make_report(records, link(tmp_path / "linked", notebooks))
    mine = tmp_path / "estimates.csv"
    mine.write_text(RECORDS, encoding="utf-8")
    with pytest.raises(UsageError, match=r"overwrite estimates\.csv, which it is made from"):
        make_report(mine, tmp_path, force=True)
    assert mine.read_text(encoding="utf-8") == RECORDS


def link(folder: Path, notebooks: Path) -> Path:
    """A folder whose `notebooks` are the source notebooks, as the top of a checkout is."""
    folder.mkdir()
    (folder / "notebooks").symlink_to(notebooks, target_is_directory=True)
    return folder


def test_the_masthead_says_whose_records_of_which_time_and_what_is_missing(records, tmp_path, monkeypatch, only):
    only("1")
    given = {"clinic": "Skin & Co", "period": "2026-01/2026-06", "report_date": "2026-07-15"}
    page = (make_report(records, tmp_path / "given", parameters=given).folder / "report.html").read_text(encoding="utf-8")
    for shown in (
        "<title>Skin &amp; Co: what the records show</title>",
        '<meta name="author" content="Skin &amp; Co">',
        "<h1>What do the records of Skin &amp; Co show?</h1>",
        "<dd>January to June 2026</dd>",
        "<dd>15 July 2026</dd>",
        '<span class="missing">[date of export]</span>',
        '<span class="missing">[name, e-mail]</span>',
    ):
        assert shown in page
    assert "Invented records" not in page
    with pytest.raises(UsageError, match="-p period=2026-06/2026-01: it ends before it begins"):
        make_report(records, tmp_path / "refused", parameters={"period": "2026-06/2026-01"})
    assert not (tmp_path / "refused").exists()


def test_a_clinics_look_is_in_the_page_and_the_pdf_and_its_files_are_in_the_manifest(records, tmp_path, only):
    only("1")
    brand = tmp_path / "brand"
    brand.mkdir()
    (brand / "logo.png").write_bytes(base64.b64decode(PIXEL))
    (brand / "clinic.toml").write_text('name = "Skin & Co"\nlogo = "logo.png"\naccent = "#7a1f5c"', encoding="utf-8")
    given = {"parameters": {"report_date": "2026-07-15"}, "branding": brand / "clinic.toml"}
    first, second = (make_report(records, tmp_path / name, **given).folder for name in ("first", "second"))
    page = (first / "report.html").read_text(encoding="utf-8")
    assert "records of Skin &amp; Co show?" in page
    assert 'alt="Logo of Skin &amp; Co"' in page
    assert "--accent: #7a1f5c" in page
    found = manifest(first)["branding"]
    named = {"branding": "clinic.toml", "logo": "logo.png"}
    assert found == {kind: hashlib.sha256((brand / name).read_bytes()).hexdigest() for kind, name in named.items()}
    for name in ("report.html", "report.pdf"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    (brand / "logo.png").write_bytes(b"<svg/>")
    with pytest.raises(UsageError, match=r"clinic\.toml, logo: logo\.png is neither a PNG nor a JPEG picture"):
        make_report(records, tmp_path / "refused", **given)
    assert not (tmp_path / "refused").exists()


def test_invented_records_say_so_whatever_their_file_is_called(tmp_path, only):
    only("1")
    copy = tmp_path / "clinic.csv"
    copy.write_bytes(sample_path().read_bytes())
    page = (make_report(copy, tmp_path / "out").folder / "report.html").read_text(encoding="utf-8")
    assert "Invented records of 240 invented patients. No real clinic, no real patient." in page
