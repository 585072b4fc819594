"""Files and frames in: every broken rule refused with its message, everything else read as it stands."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import outcomes
from outcomes.definitions.columns import COLUMNS, REQUIRED
from outcomes.errors import PrivacyError, RecordsError, UsageError
from outcomes.tabular.engines import collect
from sheets import workbook

BAD = Path(__file__).parents[1] / "bad"
HEADER = "patient_id,fitzpatrick,day,sessions_completed"
KEYS = {"patient_id": ["P1"], "fitzpatrick": ["IV"], "day": [0], "sessions_completed": [0]}


def written(folder: Path, content: str | bytes, name: str = "sessions.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(source: Any) -> str:
    with pytest.raises((RecordsError, PrivacyError)) as caught:
        outcomes.read_records(source)
    return str(caught.value)


def cells(source: Any, *columns: str) -> list[list[Any]]:
    """The records' own rows as plain Python values, null as None."""
    frame = collect(outcomes.read_records(source).frame).sort_values("source_row")
    return [[None if pd.isna(value) else value for value in row] for row in frame[list(columns)].to_numpy(dtype=object).tolist()]


# One bad file for each rule


@pytest.mark.parametrize("expected", sorted(BAD.glob("*.txt")), ids=lambda path: path.stem)
def test_a_bad_file_is_refused_with_exactly_this_message(expected: Path) -> None:
    assert refused(expected.with_suffix("")) == expected.read_text(encoding="utf-8").removesuffix("\n")


def test_every_bad_file_has_its_message() -> None:
    without = {path.name for path in BAD.iterdir() if path.suffix != ".txt" and not path.with_name(f"{path.name}.txt").exists()}
    assert without == {"binary_rubbish.xlsx", "binary_rubbish.parquet"}, "these carry their reader's own words"
    assert len(list(BAD.glob("*.txt"))) >= 40


def test_every_message_of_a_bad_file_begins_with_its_name_and_shows_no_identifier() -> None:
    for path in BAD.glob("*.txt"):
        message = path.read_text(encoding="utf-8")
        lines = message.removesuffix("\n").split("\n")
        assert all(line.startswith((path.stem, "... and ", "    ", "Refused: ")) for line in lines), path.name
        assert not any(
            secret in message
            for secret in (
                "Traceback",
                "duckdb",
                "P1",
                "P2",
                "P3",
                "Jane",
                "Smith",
                "Brien",
                "ller",
                "example",
                "LOT",
                "2024",
                "12.03",
                "6789",
                "555",
                "415",
            )
        )


@pytest.mark.parametrize("name", ["binary_rubbish.xlsx", "binary_rubbish.parquet"])
def test_rubbish_is_refused_without_the_path_of_the_machine(name: str) -> None:
    message = refused(BAD / name)
    assert message.startswith(f"{name}: the file can't be read as a table (")
    assert "\n" not in message
    assert str(BAD) not in message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_every_usual_encoding_gives_the_same_text(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, f"{HEADER},device\r\nP1,IV,0,0,Gerät “1” – 5 €\r\n\r\n\r\n".encode(encoding))
    assert cells(path, "source_row", "patient_id", "device") == [[2, "P1", "Gerät “1” – 5 €"]]
    assert outcomes.read_records(path).digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_rows_of_another_encoding_are_numbered_as_its_own(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, f"{HEADER},device\n\nP1,IX,0,0,Gerät\n".encode(encoding))
    assert refused(path) == "sessions.csv row 3, fitzpatrick: IX is not one of I, II, III, IV, V, VI"


def test_two_encodings_in_one_file_are_refused(tmp_path: Path) -> None:
    mixed = f"{HEADER},device\nP1,IV,0,0,".encode() + "Gerät\n".encode() + b"P2,IV,0,0," + "Gerät\n".encode("cp1252")
    assert refused(written(tmp_path, mixed)).startswith("sessions.csv: UTF-8 and another encoding are mixed in it; ")


@pytest.mark.parametrize("odd", [b"\x00", b"\x07", b"\x81\x8d"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, odd: bytes) -> None:
    path = written(tmp_path, f"{HEADER},device\nP1,IV,0,0,pen\nP2,IV,0,0,".encode() + odd + b"\n")
    assert "holds bytes that are no text; open the file in a spreadsheet" in refused(path)


@pytest.mark.parametrize(
    ("begin", "kind"),
    [(b"PK\x03\x04", "a workbook or a zip archive"), (b"\x1f\x8b\x08\x00", "a gzip archive"), (b"%PDF-1.7", "a PDF")],
)
def test_an_archive_under_the_ending_of_a_text_is_named(tmp_path: Path, begin: bytes, kind: str) -> None:
    assert (
        refused(written(tmp_path, begin + b"rest"))
        == f"sessions.csv: this is {kind}, not text; give it its own ending, or unpack it"
    )


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"not \.zip; unpack it first$"):
        outcomes.read_records(written(tmp_path, b"PK", "sessions.zip"))


def test_links_and_pipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(written(tmp_path, f"{HEADER}\nP1,IV,0,0\n"))
    os.mkfifo(tmp_path / "pipe.csv")
    assert refused(tmp_path / "link.csv") == "link.csv: this is a link; name the file that it leads to"
    assert refused(tmp_path / "pipe.csv") == "pipe.csv: this is a device or a pipe; save the records as a file"


@pytest.mark.parametrize(
    "long", [f"{HEADER},{'x' * 2_100_000}\nP1,IV,0,0,1\n", f"{HEADER},device\nP1,IV,0,0,{'x' * 2_100_000}\n"]
)
def test_a_line_without_end_is_refused(tmp_path: Path, long: str) -> None:
    assert "a row of more than 2,000,000 characters; is a quotation mark not closed" in refused(written(tmp_path, long))


def test_a_file_that_is_not_there_is_named_as_it_was_asked_for() -> None:
    assert refused("no/such/sessions.csv") == "no/such/sessions.csv: there is no such file"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}: this is a folder; name the file of session records"


@pytest.mark.parametrize(("name", "shown"), [("sessions.pdf", ".pdf"), ("sessions", "files without an ending")])
def test_an_unknown_ending_is_a_mistake_of_usage(tmp_path: Path, name: str, shown: str) -> None:
    path = written(tmp_path, f"{HEADER}\nP1,IV,0,0\n", name)
    with pytest.raises(UsageError) as caught:
        outcomes.read_records(path)
    assert (
        str(caught.value)
        == f"{name}: session records are read from .csv, .tsv, .parquet, .xlsx, .sqlite and .duckdb files, not {shown}"
    )
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("source", [3, None, [1, 2], {"patient_id": []}])
def test_what_is_neither_a_path_nor_a_frame_is_a_programmers_mistake(source: Any) -> None:
    with pytest.raises(TypeError, match="records must be a path or a pandas, Polars or PySpark frame, got"):
        outcomes.read_records(source)


def test_the_exception_holds_every_breach_though_the_message_lists_twenty() -> None:
    with pytest.raises(RecordsError) as caught:
        outcomes.read_records(BAD / "more_than_twenty.csv")
    assert len(caught.value.breaches) == 1203
    assert caught.value.breaches[-1].row == 1204
    assert len(str(caught.value).splitlines()) == 2


# Text files


@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (",", "\r"), (";", "\r\n"), ("\t", "\r\n"), ("|", "\n")])
def test_separator_and_line_ending_are_found_out(tmp_path: Path, separator: str, end: str) -> None:
    lines = [f"{HEADER},device", 'P1,type iv,0,0,"a ,;| ""good"" pen"', "P2,2,7,0,plain"]
    text = end.join(line.replace(",", separator) for line in lines) + end
    device = 'a ,;| "good" pen'.replace(",", separator)
    assert cells(written(tmp_path, text), "source_row", "patient_id", "fitzpatrick", "day", "device") == [
        [2, "P1", "IV", 0, device],
        [3, "P2", "II", 7, "plain"],
    ]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt", ".CSV"])
def test_every_text_ending_is_read(tmp_path: Path, ending: str) -> None:
    assert outcomes.read_records(written(tmp_path, f"{HEADER}\nP1,IV,0,0\n", f"sessions{ending}")).rows == 1


def test_the_last_line_needs_no_line_break(tmp_path: Path) -> None:
    assert outcomes.read_records(written(tmp_path, f"{HEADER}\nP1,IV,0,0\nP2,IV,0,0")).rows == 2


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    records = outcomes.read_records(written(tmp_path, b"\xef\xbb\xbf" + f"{HEADER}\nP1,IV,0,0\n".encode()))
    assert records.present == REQUIRED
    assert records.unknown == ()


def test_apostrophes_and_hashes_are_letters_like_others(tmp_path: Path) -> None:
    text = f"{HEADER},device\nP1,IV,0,0,'pen\nP2,IV,0,0,pen'\nP3,IV,0,0,#1 pen 5\" long\n"
    assert cells(written(tmp_path, text), "patient_id", "device") == [["P1", "'pen"], ["P2", "pen'"], ["P3", '#1 pen 5" long']]


def test_space_and_case_of_names_and_values_do_not_matter(tmp_path: Path) -> None:
    text = " Patient_ID , FITZPATRICK,Day , sessions_completed,Scar_Scale,SCAR_SCORE, Treated\n  P1 , type Vi , 0,0 ,ECCA, 12.50 , YES \n"
    path = written(tmp_path, text)
    shown = cells(path, "patient_id", "fitzpatrick", "scar_scale", "scar_score", "treated")
    assert shown == [["P1", "VI", "ecca", 1250, True]]
    assert outcomes.read_records(path).unknown == ()


@pytest.mark.parametrize(
    ("spelling", "skin_type"),
    [
        *zip("123456", ("I", "II", "III", "IV", "V", "VI"), strict=True),
        ("iv", "IV"),
        ("Type iv", "IV"),
        ("TYPE 4", "IV"),
        ("4.0", None),
    ],
)
def test_skin_types_are_read_in_each_spelling(tmp_path: Path, spelling: str, skin_type: str | None) -> None:
    path = written(tmp_path, f"{HEADER}\nP1,{spelling},0,0\n")
    if skin_type:
        assert cells(path, "fitzpatrick") == [[skin_type]]
    else:
        assert refused(path) == "sessions.csv row 2, fitzpatrick: 4.0 is not one of I, II, III, IV, V, VI"


@pytest.mark.parametrize(
    ("spelling", "value"),
    [
        ("yes", True),
        ("TRUE", True),
        ("1", True),
        ("y", True),
        ("No", False),
        ("false", False),
        ("0", False),
        ("N", False),
        ("", None),
    ],
)
def test_yes_and_no_are_read_in_each_spelling_and_blank_is_neither(tmp_path: Path, spelling: str, value: bool | None) -> None:
    assert cells(written(tmp_path, f"{HEADER},treated\nP1,IV,0,0,{spelling}\n"), "treated") == [[value]]


def test_numbers_become_exact_hundredths(tmp_path: Path) -> None:
    rows = "\n".join(
        f"P{n},IV,0,0,ecca,{score},{depth}"
        for n, (score, depth) in enumerate([("0.29", "0.15"), ("1.1", "2.95"), ("540.00", "3"), ("4.3500", ".5")])
    )
    text = f"{HEADER},scar_scale,scar_score,depth_mm\n{rows}\n".replace(",.5", ",0.5")
    assert cells(written(tmp_path, text), "scar_score", "depth_mm") == [[29, 15], [110, 295], [54000, 300], [435, 50]]


def test_blank_lines_and_rows_of_blank_cells_are_no_rows(tmp_path: Path) -> None:
    records = outcomes.read_records(written(tmp_path, f"{HEADER}\n\nP1,IV,0,0\n,,,\n\nP2,IV,0,0\n,,,\n"))
    assert (records.rows, records.patients) == (2, 2)


def test_unknown_columns_are_shown_without_what_moves_the_cursor_or_turns_text_around(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("patient_id,fitzpatrick,day,sessions_completed,\u009b2Ja\u202eb\nP1,IV,0,0,1\n", encoding="utf-8")
    assert outcomes.read_records(path).unknown == ("2Ja b",)


def test_more_columns_than_an_engine_can_take_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("patient_id," + ",".join(f"c{n}" for n in range(4000)) + "\n", encoding="utf-8")
    with pytest.raises(RecordsError, match=r"4,001 columns, but at most 4,000 are read"):
        outcomes.read_records(path)


def test_unknown_columns_are_named_and_not_read(tmp_path: Path) -> None:
    header = f"{HEADER},<b>x</b>,,more,More,source_row,course,broken_bits,day__value"
    path = written(tmp_path, f"{header}\nP1,IV,0,0,a,b,c,d,e,f,7,8\n")
    records = outcomes.read_records(path)
    assert records.unknown == (
        "<b>x</b>",
        "column 6",
        "more",
        "More (8)",
        "source_row (9)",
        "course",
        "broken_bits",
        "day__value",
    )
    assert cells(path, "source_row", "course") == [[2, "P1/"]]


def test_a_very_wide_file_is_read(tmp_path: Path) -> None:
    many = 500
    text = f"{HEADER},{','.join(f'c{n}' for n in range(many))}\nP1,IV,0,0,{','.join('1' * many)}\n"
    assert len(outcomes.read_records(written(tmp_path, text)).unknown) == many


def test_a_file_name_is_no_pattern(tmp_path: Path) -> None:
    written(tmp_path, f"{HEADER}\nP9,IV,0,0\n", "sessions1.csv")
    path = written(tmp_path, f"{HEADER}\nP1,IV,0,0\n", "sessions[1]*.csv")
    assert cells(path, "patient_id") == [["P1"]]


def test_rows_keep_their_numbers_in_a_file_read_in_parallel(tmp_path: Path) -> None:
    body = "".join(f"P{n},IV,0,0\n" for n in range(2, 100_001))
    path = written(tmp_path, f"{HEADER}\n{body}P100001,IX,0,0\n")
    assert refused(path) == "sessions.csv row 100001, fitzpatrick: IX is not one of I, II, III, IV, V, VI"


# Workbooks


def test_a_sheet_gives_numbers_booleans_texts_and_blanks(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "sessions.xlsx",
        [
            ["Patient_ID", "fitzpatrick", "day", "sessions_completed", "scar_scale", "scar_score", "treated", "tip_code"],
            ["P1", 4, 0, 0.0, "ecca", 12.5, True, 77],
            ["P1", "type IV", 30, 1, "ecca", None, False, None],
            [None, None, None, None, None, None, None, None],
            ["P2", "II", 0, 0, None, None, None, "007"],
        ],
    )
    assert cells(path, "source_row", "patient_id", "fitzpatrick", "sessions_completed", "scar_score", "treated", "tip_code") == [
        [2, "P1", "IV", 0, 1250, True, "77"],
        [3, "P1", "IV", 1, None, False, None],
        [5, "P2", "II", 0, None, None, "007"],
    ]


def test_a_date_in_a_sheet_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = workbook(tmp_path / "sessions.xlsx", [HEADER.split(","), ["P1", "IV", pd.Timestamp("1985-03-12"), 0]])
    with pytest.raises(PrivacyError, match=r"^sessions\.xlsx: column day holds calendar dates \(1 cell, in row 2\)\n"):
        outcomes.read_records(path)


def test_breaches_of_a_sheet_are_numbered_as_the_sheet_shows_them(tmp_path: Path) -> None:
    blank = [None] * 4
    path = workbook(tmp_path / "sessions.xlsx", [HEADER.split(","), ["P1", "IV", 0, 0], blank, blank, ["P2", "IX", 0, 0]])
    assert refused(path) == "sessions.xlsx row 5, fitzpatrick: IX is not one of I, II, III, IV, V, VI"


def test_a_sheet_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "sessions.xlsx", [[*HEADER.split(","), "DAY "], ["P1", "IV", 0, 0, 0]])
    assert refused(path) == "sessions.xlsx row 1, day: 2 columns have this name"


def test_an_empty_sheet_lacks_every_required_column(tmp_path: Path) -> None:
    assert refused(workbook(tmp_path / "sessions.xlsx", [])).count("is missing") == len(REQUIRED)


# Parquet and frames


def test_parquet_keeps_numbers_booleans_and_blanks(tmp_path: Path) -> None:
    path = tmp_path / "sessions.parquet"
    query = """
        select 'P1' as patient_id, 4 as fitzpatrick, 0::smallint as day, 0::bigint as sessions_completed, 'ecca' as scar_scale,
            12.5::double as scar_score, true as treated
        union all select 'P1', 4, 30, 1, 'ecca', 'nan'::double, null
        order by day"""
    duckdb.connect().execute(f"copy ({query}) to '{path}' (format parquet)")
    assert cells(path, "source_row", "fitzpatrick", "day", "scar_score", "treated") == [
        [2, "IV", 0, 1250, True],
        [3, "IV", 30, None, None],
    ]


def test_a_file_of_one_kind_under_the_ending_of_another_is_refused(tmp_path: Path) -> None:
    assert "can't be read as a table" in refused(written(tmp_path, f"{HEADER}\nP1,IV,0,0\n", "sessions.parquet"))
    pl.DataFrame({"patient_id": ["JaneSmith"], "fitzpatrick": "IV", "day": "0", "sessions_completed": "0"}).write_parquet(
        tmp_path / "cell.parquet", compression="uncompressed"
    )
    cell = tmp_path / "cell.parquet"
    cell.write_bytes(cell.read_bytes().replace(b"JaneSmith", b"JaneSm\xffth"))
    assert refused(cell) == "cell.parquet: the file can't be read as a table (Invalid string encoding found in Parquet file)"
    told = "this is a text of separated cells under the ending of a workbook; open it in a spreadsheet and save it as .xlsx"
    assert told in refused(written(tmp_path, f"{HEADER}\nP1,IV,0,0\n", "sessions.xlsx"))


@pytest.mark.parametrize(
    "of", [pd.DataFrame, pl.DataFrame, lambda data: pl.DataFrame(data).lazy()], ids=["pandas", "polars", "lazy polars"]
)
def test_a_frame_is_read_like_a_file(of: Any) -> None:
    frame = of({**KEYS, "scar_scale": ["asas"], "scar_score": [2.5], "extra": [None]})
    records = outcomes.read_records(frame)
    assert repr(records) == "Records(the frame: 1 rows, 1 courses, 1 patients)"
    assert (records.path, records.digest, records.unknown) == (None, "", ("extra",))
    assert cells(frame, "source_row", "fitzpatrick", "scar_score") == [[2, "IV", 250]]


@pytest.mark.parametrize("of", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_a_bad_frame_is_refused_with_its_rows(of: Any) -> None:
    frame = of({"patient_id": ["P1", "P2"], "fitzpatrick": ["IV", "IX"], "day": [0, 0], "sessions_completed": [0, None]})
    assert refused(frame) == (
        "the frame row 3, fitzpatrick: IX is not one of I, II, III, IV, V, VI\n"
        "the frame row 3, sessions_completed: blank, but it must be a whole number between 0 and 30"
    )


def test_a_frame_without_rows_is_refused() -> None:
    message = "the frame: no rows below the header; one row per visit is needed"
    assert refused(pd.DataFrame({name: [] for name in KEYS})) == message
    assert refused(pl.DataFrame({name: [] for name in KEYS})) == message


def test_a_frame_that_names_a_column_twice_is_refused() -> None:
    twice = pd.DataFrame([["P1", "IV", 0, 0, 1]], columns=[*KEYS, "day"])
    assert refused(twice) == "the frame row 1, day: 2 columns have this name"
    assert refused(pd.DataFrame({**KEYS, "Day": [0]})) == "the frame row 1, day: 2 columns have this name"


def test_reading_leaves_the_callers_frame_alone() -> None:
    frame = pd.DataFrame({**KEYS, "scar_scale": ["asas"], "scar_score": [np.nan]})
    before = frame.copy(deep=True)
    outcomes.read_records(frame)
    pd.testing.assert_frame_equal(frame, before)


# What Records say of themselves


@pytest.fixture(scope="module")
def sample(sample_records: outcomes.Records) -> outcomes.Records:
    return sample_records


def test_the_sample_is_read_by_its_name(sample: outcomes.Records) -> None:
    assert sample.path is not None
    assert sample.digest == hashlib.sha256(sample.path.read_bytes()).hexdigest()
    assert sample.endpoints == ("scarring", "pih", "fine_lines")
    assert sample.present == tuple(column.name for column in COLUMNS)
    assert (
        repr(sample) == f"Records({sample.path.name}: {sample.rows:,} rows, {sample.courses} courses, {sample.patients} patients)"
    )


def test_every_row_of_the_sample_is_kept(sample: outcomes.Records) -> None:
    text = pd.read_csv(sample.path, dtype=str, keep_default_na=False)
    read = collect(sample.frame).sort_values("source_row")
    assert read["source_row"].tolist() == list(range(2, len(text) + 2))
    assert read["patient_id"].tolist() == text["patient_id"].tolist()
    recorded = text["scar_score"] != ""
    assert (read["scar_score"].notna().to_numpy() == recorded.to_numpy()).all()
    assert (read["scar_score"].dropna().to_numpy() == text.loc[recorded, "scar_score"].astype(float).to_numpy() * 100).all()


def test_courses_are_told_apart_by_course_or_area_or_patient(tmp_path: Path) -> None:
    text = f"{HEADER},area,course_id\nP1,IV,0,0,face,\nP1,IV,0,0,back,\nP1,IV,0,0,back,C2\nP2,IV,3,2,,\n"
    path = written(tmp_path, text)
    records = outcomes.read_records(path)
    assert (records.rows, records.courses, records.patients, records.sessions) == (4, 4, 2, 2)
    assert cells(path, "course") == [["P1/face"], ["P1/back"], ["P1/C2"], ["P2/"]]


def test_endpoints_are_those_with_a_score_not_those_with_a_column(tmp_path: Path) -> None:
    text = f"{HEADER},scar_scale,scar_score,line_scale,line_score\nP1,IV,0,0,,,lemperle,2\n"
    assert outcomes.read_records(written(tmp_path, text)).endpoints == ("fine_lines",)
