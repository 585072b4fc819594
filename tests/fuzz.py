"""Coverage-guided fuzzing, as long as is wished: ``python tests/fuzz.py rows|workbooks|mappings SECONDS`` (pip install atheris).

Records are damaged as rows of CSV; workbooks in any part of their archive, and as bytes; mappings, with the export they are for and the
clinic's look, as TOML. It ends at the first file that is read otherwise than Python's own reader of CSV reads it, or that ends in
anything but a reading or one of our own refusals; what it finds becomes a test.
"""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outcomes"]):
    import outcomes.deidentify.run
    import outcomes.records.read
    import outcomes.report.branding

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcomes.deidentify.mapping import read_mapping
from outcomes.errors import OutcomesError
from sheets import Xml, workbook
from test_damage import ENCODINGS, LINES, VALID, Damage, check_outcome, damaged, damages

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
outcomes_seen: Counter[str] = Counter()
folder = Path(tempfile.mkdtemp(prefix="outcomes-fuzz-"))
quickly = settings(deadline=None, database=None, suppress_health_check=[*HealthCheck])

XML = (
    *('t="s"', 't="e"', 't="shared"', "<f>", "</f>", "<v>", "</v>", "<c/>", '<c r="A1"/>', 'r="XFD1048576"', "<row>", "</row>"),
    *(
        "&#0;",
        "&amp;",
        "<!--",
        "]]>",
        "<![CDATA[",
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        "&b;",
        'encoding="utf-16"',
        "\x00",
        "..",
        "/",
    ),
    *("-1", "1e999", "NaN", "2958466", "4294967296", 'state="hidden"', 'date1904="1"', 'ref="A1:B2"', "<mergeCell/>", "\ufffe"),
)
TOML = (
    *(
        "[export]",
        "[visits]",
        "[values.x]",
        "[[columns]]",
        "[columns]",
        "[constants]",
        "{",
        "}",
        "[",
        "]",
        '"',
        '"""',
        "''",
        "=",
        ".",
        "#",
    ),
    *(
        "true",
        "nan",
        "-inf",
        "1979-05-27T07:32:00Z",
        "07:32:00",
        "0x1F",
        "9" * 40,
        "\\u0000",
        "\\UFFFFFFFF",
        "{k}",
        "{n}",
        "*",
        "(",
        "%",
    ),
    *('"day"', '"Datum"', "sheet = 1", "header = 0", "header = [1, 2]", "dates = 5", "scores = []", "\x00", "\ufeff", "é"),
)
Edit = tuple[str, int, int, str]


def edits(words: tuple[str, ...]) -> st.SearchStrategy[list[Edit]]:
    kind = st.sampled_from(["insert", "delete", "replace", "repeat", "cut"])
    return st.lists(st.tuples(kind, st.integers(0, 20_000), st.integers(0, 60), st.sampled_from(words)), min_size=1, max_size=4)


def edited(text: str, changes: list[Edit]) -> str:
    for kind, place, length, word in changes:
        at = place % (len(text) + 1)
        end = at + length
        middle = {"insert": word + text[at:end], "replace": word, "repeat": 2 * text[at:end]}.get(kind, "")
        text = text[:at] + middle + ("" if kind == "cut" else text[end:])
    return text


def outcome(do: Callable[[], object]) -> str:
    try:
        do()
    except OutcomesError as refusal:
        said = f"{type(refusal).__name__}: {refusal}"
    else:
        return "read"
    kind, _, message = said.partition(": ")
    assert message.strip(), "a refusal without a message"
    return kind


@given(damage=damages, encoding=ENCODINGS)
@quickly
def rows(damage: list[Damage], encoding: str) -> None:
    outcomes_seen[check_outcome(folder / "sessions.csv", damaged(VALID, damage), encoding)] += 1


def _parts() -> dict[str, str]:
    table = [line.split(",") for line in LINES[:3]]
    visits = [table[0], table[1], [Xml("<f>1+1</f><v>2</v>"), *table[2][1:]]]
    with zipfile.ZipFile(workbook(folder / "valid.xlsx", visits, [["note"]])) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


PARTS = _parts()


@given(
    part=st.sampled_from(sorted(PARTS)),
    changes=edits(XML),
    raw=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=3),
)
@quickly
def workbooks(part: str, changes: list[Edit], raw: list[tuple[int, int]]) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, (edited(text, changes) if name == part else text).encode("utf-8", errors="surrogatepass"))
    content = bytearray(held.getvalue())
    for at, byte in raw:
        content[at % len(content)] = byte
    path = folder / "sessions.xlsx"
    path.write_bytes(content)
    outcomes_seen[outcome(lambda: outcomes.read_records(path))] += 1


MAPPING = (SAMPLE / "export.toml").read_text(encoding="utf-8")
LOOK = 'name = "Harbour Skin Clinic"\naccent = "#0b5c5c"\ncontact = "mail@example.org"\nlogo = "logo.png"\n'
(folder / "export.csv").write_bytes(b"".join((SAMPLE / "export.csv").read_bytes().splitlines(keepends=True)[:12]))


@given(changes=edits(TOML), is_look=st.booleans())
@quickly
def mappings(changes: list[Edit], is_look: bool) -> None:
    path = folder / "given.toml"
    path.write_bytes(edited(LOOK if is_look else MAPPING, changes).encode("utf-8", errors="surrogatepass"))
    if is_look:
        outcomes_seen[outcome(lambda: outcomes.report.branding.read_branding(path))] += 1
        return

    def rehearse() -> None:
        places = {"out": folder / "out" / "sessions.csv", "linkage": folder / "linkage.csv"}
        outcomes.deidentify.run.deidentify(folder / "export.csv", read_mapping(path), **places, rehearse=True)

    outcomes_seen[outcome(rehearse)] += 1


TARGETS = {target.__name__: target for target in (rows, workbooks, mappings)}


def main() -> None:
    name, seconds = [*sys.argv[1:], "rows", "3600"][:2] if len(sys.argv) != 2 else (sys.argv[1], "3600")
    if name not in TARGETS:
        sys.exit(f"name one of {', '.join(TARGETS)}")
    target = TARGETS[name]

    def one(data: bytes) -> None:
        target.hypothesis.fuzz_one_input(data)  # type: ignore[attr-defined]
        n = outcomes_seen.total()
        if n and n % 100 == 0:
            print(n, dict(outcomes_seen), flush=True)  # noqa: T201

    bounds = (
        f"-max_total_time={seconds}",
        "-max_len=512",
        "-len_control=0",
        "-rss_limit_mb=8000",
        "-timeout=120",
        "-print_final_stats=1",
    )
    atheris.Setup([sys.argv[0], *bounds], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
