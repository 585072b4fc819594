"""What makes the site beside its own pages: pages from elsewhere in the repository, the API by folder, and cells that are run."""

from __future__ import annotations

import ast
import contextlib
import io
import posixpath
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import gallery

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "outcomes"

FROM_ELSEWHERE = {
    "data-dictionary.md": "data/dictionary.md",
    "estimates.md": "data/estimates.md",
    "sample.md": "data/sample/README.md",
    "glossary.md": "GLOSSARY.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
}
"""Pages of the site -> the files of the repository that they are. A page is written once."""

PICTURES = ("data/sample/report.png",)

REPORTS = ROOT / "reports" / "gallery"
"""Where `make gallery` leaves the reports that the page of the gallery shows."""

FOLDERS = (
    "report",
    "display",
    "measures",
    "cohort",
    "deidentify",
    "records",
    "trials",
    "simulate",
    "tabular",
    "definitions",
    "statistics",
)
"""In the order in which they use each other; one that is not named here comes last."""


# Pages


def on_config(config: Any) -> Any:
    """Fills the place of the API in the navigation."""
    for entry in config.nav:
        if "API" in entry:
            entry["API"] = ["api/index.md", *({name: f"api/{name}.md"} for name in folders())]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages that do not stand in this folder, the pictures they show, and the reports of the gallery."""
    from mkdocs.structure.files import File

    for page, path in FROM_ELSEWHERE.items():
        files.append(File.generated(config, page, content=elsewhere(path)))
    for path in PICTURES:
        if (ROOT / path).exists():
            files.append(File.generated(config, Path(path).name, abs_src_path=str(ROOT / path)))
    for path in sorted(REPORTS.glob("*/*")):
        if path.parent.name in gallery.GALLERY and path.name in (*gallery.ON_THE_SITE, gallery.PICTURE):
            files.append(File.generated(config, f"gallery/{path.parent.name}/{path.name}", abs_src_path=str(path)))
    files.append(File.generated(config, "api/index.md", content=public_names()))
    for name in folders():
        files.append(File.generated(config, f"api/{name}.md", content=of_folder(name)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Puts in the parts of other files that a page names, and what its cells show."""
    return with_outputs(with_parts(markdown.replace("<!-- gallery -->", gallery.reports(REPORTS))))


def on_post_build(config: Any) -> None:
    """Refuses a site that would ask for anything over the network when it is opened."""
    from mkdocs.exceptions import PluginError

    found = requests(Path(config.site_dir))
    if found:
        raise PluginError("the site asks for files over the network:\n" + "\n".join(found))


# Parts of other files


PART = re.compile(r'^--8<-- "(?P<path>[^":]+):(?P<part>[\w-]+)"$', re.MULTILINE)
LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]+)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def with_parts(markdown: str) -> str:
    """Each line ``--8<-- "FILE:part"`` is replaced by what stands in FILE between ``<!-- part -->`` and ``<!-- /part -->``."""
    return PART.sub(lambda match: part_of(match["path"], match["part"]), markdown)


def part_of(path: str, name: str) -> str:
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    if found is None:
        raise ValueError(f"{path} has no part <!-- {name} -->")
    return relinked(found[1], path)


def elsewhere(path: str) -> str:
    """A file of the repository as a page of the site."""
    return relinked((ROOT / path).read_text(encoding="utf-8"), path)


def relinked(text: str, path: str) -> str:
    """Links between files of the repository become links between pages; one to a file that is no page becomes its name."""
    pages = {source: page for page, source in FROM_ELSEWHERE.items()} | {"README.md": "index.md"}
    pages |= {picture: Path(picture).name for picture in PICTURES}

    def moved(match: re.Match[str]) -> str:
        target = match["target"]
        if re.match(r"[a-z]+:", target):
            return match[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        page = (
            pages.get(file) or pages.get(f"{file}/README.md") or (file.removeprefix("docs/") if file.startswith("docs/") else "")
        )
        return f"{match['image']}[{match['text']}]({page}{match['anchor'] or ''})" if page else f"{match['text']} (`{file}`)"

    return LINK.sub(moved, text)


# The API


def folders() -> list[str]:
    """The folders of the package, from the report down to the statistics."""
    there = [path.name for path in sorted(PACKAGE.iterdir()) if (path / "__init__.py").exists()]
    known = [name for name in FOLDERS if name in there]
    return [*known, *(name for name in there if name not in known)]


def modules(name: str) -> list[str]:
    """Dotted names of the modules of a folder that hold anything public; a door that only gives on is left out."""
    paths = sorted((PACKAGE / name).rglob("*.py"))
    return [
        ".".join(("outcomes", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for path in paths
        if path.name != "__main__.py" and _defines(path)
    ]


def _defines(path: Path) -> bool:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") for node in body)


def of_folder(name: str) -> str:
    """The page of a folder: what it is for, and every public function and class of its modules with its docstring."""
    purpose = ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_text(encoding="utf-8"))) or ""
    return "\n\n".join([f"# outcomes.{name}", purpose, *(f"::: {module}" for module in modules(name))])


def public_names() -> str:
    """The page of what `import outcomes` gives, one line each."""
    import outcomes

    rows = []
    for name in outcomes.__all__:
        given = getattr(outcomes, name)
        home = getattr(given, "__module__", None)
        if home is None:
            continue
        first = (given.__doc__ or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        rows.append(f"| [`{name}`][{home}.{name}] | {re.sub(' +', ' ', first)} |")
    shown = "\n".join(rows)
    return f"""# Public names

What `import outcomes` gives. `outcomes.figures`, `outcomes.prose` and `outcomes.tables` show it: see [display](display.md). The pages
beside this one have every folder of the package. A [tutorial](../tutorial.md) shows the names at work.

| name | gives |
|---|---|
{shown}
"""


# Cells


CELL = re.compile(r"^```python run\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)


def with_outputs(markdown: str) -> str:
    """Runs the cells of a page, one after the other, and puts what each shows under it. A cell that fails ends the build."""
    names: dict[str, Any] = {}

    def run(match: re.Match[str]) -> str:
        said, value = ran(match["code"], names)
        return f"```python\n{match['code']}```\n\n{shown(said, value)}"

    with as_in_a_notebook():
        return CELL.sub(run, markdown)


@contextlib.contextmanager
def as_in_a_notebook() -> Iterator[None]:
    """Cells run in the root of the repository, where data/sample is."""
    with contextlib.chdir(ROOT):
        yield


def ran(code: str, names: dict[str, Any]) -> tuple[str, Any]:
    """What a cell prints, and the value of its last line if that is an expression."""
    body = ast.parse(code).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    said, value = io.StringIO(), None
    with contextlib.redirect_stdout(said):
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    return said.getvalue(), value


def shown(said: str, value: Any) -> str:
    """An output as Markdown: a picture, a table, prose, or else plain text."""
    parts = [_plain(said)] if said else []
    if hasattr(value, "drawing"):
        parts.append(value.html())
    elif hasattr(value, "_repr_mimebundle_"):
        bundle = value._repr_mimebundle_()
        html = re.sub(r"<table[^>]*>", "<table>", bundle.get("text/html", ""))  # as the site shows tables
        parts.append(html or bundle.get("text/markdown") or _plain(bundle["text/plain"]))
    elif hasattr(value, "to_html"):
        parts.append(_table(value))
    elif hasattr(value, "_repr_markdown_"):
        parts.append(value._repr_markdown_())
    elif value is not None:
        parts.append(_plain(repr(value)))
    return "\n\n".join(('<div class="output" markdown>', *parts, "</div>")) if parts else ""


def _table(frame: Any) -> str:
    """A frame as the site shows tables: notes in words, two decimals, blank where nothing is known, without classes."""
    from outcomes.display.tables.table import in_words

    told = in_words(frame).astype(object).where(frame.notna(), "")
    html = told.to_html(index=False, border=0, float_format="{:.2f}".format)
    return re.sub(r' (?:class|style|border)="[^"]*"', "", html)


def _plain(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


# The finished site


TAG = re.compile(r"<(?P<tag>script|link|img|source|iframe|video|audio|object|embed|use|form)\b[^>]*>", re.IGNORECASE)
ADDRESS = re.compile(r"""\b(?:src|srcset|href|data|action|poster)\s*=\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)
STYLE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//""", re.IGNORECASE)


def requests(site: Path) -> list[str]:
    """What a browser would fetch from elsewhere when a page of the site is opened: file and tag or style. Links to follow are not."""
    found = []
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(site).as_posix()
        found += [f"{name}: {match[0]}" for match in TAG.finditer(text) if ADDRESS.search(match[0])]
        found += [
            f"{name}: {match[0]}" for style in re.findall(r"<style.*?</style>", text, re.DOTALL) if (match := STYLE.search(style))
        ]
    for path in sorted(site.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.relative_to(site).as_posix()}: {match[0]}" for match in STYLE.finditer(text)]
    return found
