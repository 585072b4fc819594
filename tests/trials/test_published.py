"""Published trials: the list that comes with the package, lists of one's own, and every impossible fact refused by row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import outcomes
from outcomes.definitions.endpoints import ENDPOINTS
from outcomes.definitions.notes import Note, NoteCode
from outcomes.definitions.scales import SCALES
from outcomes.errors import RecordsError
from outcomes.trials.published import published_trials
from outcomes.trials.schema import DESIGNS, FACTS

GOOD = {
    "study": "Trial", "year": "2020", "doi": "10.1000/x.1", "design": "single_arm", "endpoint": "scarring", "scale": "goodman_baron_grade",
    "enrolled": "36", "analysed": "30", "sessions": "4", "baseline_mean": "3.2", "baseline_sd": "0.5", "after_mean": "2.1",
    "after_sd": "0.6", "after_days": "30", "seen_in": "abstract",
}  # fmt: skip


def written(folder: Path, *rows: dict[str, str], more: str = "") -> Path:
    """A file of trials: each row is `GOOD` with these facts instead."""
    columns = list(dict.fromkeys([*GOOD, *(name for row in rows for name in row)]))
    lines = [",".join((GOOD | row).get(name, "") for name in columns) for row in rows]
    file = folder / "trials.csv"
    file.write_text("\n".join([",".join(columns), *lines]) + "\n" + more, encoding="utf-8")
    return file


def refusal(file: Path) -> list[str]:
    with pytest.raises(RecordsError) as refused:
        published_trials(file)
    return str(refused.value).splitlines()


# The list that comes with the package


def test_the_list_of_the_package_holds_what_it_cites() -> None:
    trials = outcomes.published_trials()
    assert [name for name in trials if name not in ("doubt", "source_row")] == list(FACTS)
    assert len(trials) == 26
    assert trials["source_row"].tolist() == list(range(2, 28))
    assert not trials["seen_in"].eq("").any()
    vietnam = trials[trials["study"] == "Vietnam series"]
    assert vietnam[["baseline_mean", "after_mean", "after_sd", "after_days", "sessions"]].values.tolist() == [
        [3.29, 2.23, 0.56, 0, 12],
        [3.29, 1.93, 0.58, 30, 12],
        [3.29, 1.77, 0.57, 60, 12],
    ]
    alam = trials[trials["study"] == "Alam"]
    assert alam["design"].unique().tolist() == ["microneedling_arm"]
    assert alam[["change", "change_low", "change_high", "after_days"]].values.tolist() == [
        [-2.4, -4.8, 0.01, 90],
        [-3.4, -6.5, -0.2, 180],
    ]
    assert trials.set_index("study").loc["Fabbrocini", ["new_pih_n", "new_pih_of"]].tolist() == [0, 60]


def test_every_trial_of_the_list_gives_a_number_or_says_what_it_found() -> None:
    trials = published_trials()
    numbers = trials[["after_mean", "change", "improved_n", "new_pih_n"]].notna().any(axis=1)
    assert trials.loc[~numbers, ["study", "remark"]].values.tolist() == [
        ["Al Qarqaz & Al-Yousef", "lower than before, without means; pigmentation worsened in none of 39"]
    ]


def test_a_doi_comes_with_its_journal_and_each_trial_has_one_of_each() -> None:
    trials = published_trials()
    assert trials.loc[trials["doi"] != "", "journal"].ne("").all()
    assert (
        trials.groupby("study")[["year", "authors", "journal", "doi", "design", "seen_in"]]
        .nunique(dropna=False)
        .eq(1)
        .all(axis=None)
    )


def test_the_arithmetic_of_the_list_leaves_three_doubts() -> None:
    trials = published_trials()
    odd = trials[trials["doubt"].map(len) > 0]
    assert odd[["study", "doubt"]].values.tolist() == [
        ["Al Chalabi", (Note(NoteCode.IMPOSSIBLE_MEAN, 25, names=("16.39", "7.78")),)],
        ["Vietnam series", (Note(NoteCode.IMPOSSIBLE_MEAN, 31, names=("1.93",)),)],
        ["Sharma split-face", (Note(NoteCode.IMPOSSIBLE_MEAN, 40, names=("2.36",)),)],
    ]


# A list of one's own


def test_columns_that_are_left_out_are_blank(tmp_path: Path) -> None:
    (trial,) = published_trials(written(tmp_path, {})).to_dict("records")
    assert (trial["study"], trial["sessions"], trial["baseline_sd"], trial["source_row"]) == ("Trial", 4, 0.5, 2)
    assert trial["remark"] == ""
    assert pd.isna(trial["new_pih_n"])
    assert pd.isna(trial["change"])


def test_a_list_from_before_authors_and_journals_were_asked_for_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "study,year,doi,design,design_as_reported,endpoint,scale,scale_as_reported,enrolled,analysed,skin_types,sessions,interval_days,"
        "baseline_mean,baseline_sd,after_mean,after_sd,change,change_low,change_high,after_as_reported,after_days,improved_n,improved_of,"
        "improved_percent,improvement_bins,improved_rule,new_pih_n,new_pih_of,remark,seen_in\n"
        "Trial,2020,,single_arm,,scarring,goodman_baron_grade,,,,,4,30,,,,,-0.91,-1.05,-0.78,,90,,,,,,,,,abstract\n",
        encoding="utf-8",
    )
    (trial,) = published_trials(file).to_dict("records")
    assert (trial["authors"], trial["journal"], trial["change"]) == ("", "", -0.91)
    assert pd.isna(trial["change_sd"])
    assert pd.isna(trial["change_level"])


def test_a_change_that_is_not_the_difference_of_the_means_is_a_doubt(tmp_path: Path) -> None:
    file = written(tmp_path, {"change": "-1.1"}, {"change": "-1.2"}, {"change": "-1.3"}, {"change": "-1.3", "after_mean": "2"})
    # 2.1 less 3.2, each rounded to a tenth: from -1.25 to -0.95 with its own rounding; 2 is anything from 1.5 to 2.5.
    apart = (Note(NoteCode.CHANGE_APART, names=("-1.3", "2.1", "3.2")),)
    assert published_trials(file)["doubt"].tolist() == [(), (), apart, ()]


def test_a_byte_order_mark_and_empty_lines_are_passed_over(tmp_path: Path) -> None:
    file = written(tmp_path, {})
    file.write_text("\N{ZERO WIDTH NO-BREAK SPACE}" + file.read_text(encoding="utf-8") + ",,,,\n\n", encoding="utf-8")
    assert len(published_trials(file)) == 1


def test_means_that_no_whole_scores_give_are_a_doubt_on_graded_scales_only(tmp_path: Path) -> None:
    odd = {"after_mean": "2.11", "analysed": "12", "endpoint": "scarring"}
    file = written(
        tmp_path,
        odd,
        odd | {"scale": "ecca"},
        odd | {"analysed": ""},
        {"after_mean": "2.08", "analysed": "12", "baseline_mean": "3.25"},
    )
    odd_mean = (Note(NoteCode.IMPOSSIBLE_MEAN, 12, names=("2.11",)),)
    assert published_trials(file)["doubt"].tolist() == [odd_mean, (), (), ()]


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"study": ""}, "study: blank; this is needed for every trial"),
        ({"study": "x" * 41}, "study: has 41 characters; 40 are allowed"),
        ({"scale": "gb"}, f"scale: gb is unknown; allowed are {', '.join([*SCALES, 'other'])}"),
        ({"scale": "pahpi"}, f"scale: pahpi is no scale of scarring; allowed are {', '.join(ENDPOINTS['scarring'].scales)}"),
        ({"design": "rct"}, f"design: rct is unknown; allowed are {', '.join(DESIGNS)}"),
        ({"seen_in": "hearsay"}, "seen_in: hearsay is unknown; allowed are abstract, full text, full text table, registry"),
        ({"doi": "doi:10.1/x"}, "doi: doi:10.1/x is not a DOI, which begins with 10. and a slash after the digits"),
        ({"year": "1920"}, "year: 1920 is not between 1990 and 2100"),
        ({"analysed": "30.5"}, "analysed: 30.5 is not a whole number"),
        ({"analysed": "-3"}, "analysed: -3 is not between 0 and 1000000"),
        ({"analysed": "37"}, "analysed: 37 is more than enrolled, 36"),
        ({"improved_n": "31", "improved_of": "30"}, "improved_n: 31 is more than improved_of, 30"),
        ({"improved_n": "1", "improved_of": "37"}, "improved_of: 37 is more than enrolled, 36"),
        ({"new_pih_n": "6", "new_pih_of": "5"}, "new_pih_n: 6 is more than new_pih_of, 5"),
        ({"improved_percent": "95", "improved_of": "36"}, "improved_percent: no whole number of 36 patients is 95 %"),
        ({"improved_percent": "120", "improved_of": "36"}, "improved_percent: 120 is not between 0 and 100"),
        (
            {"improved_percent": "94.4", "improved_of": "36", "improved_n": "30"},
            "improved_percent: 30 of 36 patients are 83.3 %, not 94.4 %",
        ),
        ({"improvement_bins": "0-25:2 20-50:4"}, "improvement_bins: 0-25 and 20-50 overlap; a patient belongs to one bin"),
        ({"improvement_bins": "50-25:2"}, "improvement_bins: 50-25 is not a range between 0 and 100"),
        ({"improvement_bins": "0-50:20 51-100:11"}, "improvement_bins: the bins hold 31 patients, more than 30"),
        (
            {"improvement_bins": "0 to 25: 2"},
            "improvement_bins: each bin is written like 26-50:4, percent of improvement and patients, with spaces between",
        ),
        ({"baseline_mean": "4.2"}, "baseline_mean: 4.2 is not between 1 and 4, the range of goodman_baron_grade"),
        ({"after_mean": "2,1".replace(",", ";")}, "after_mean: 2;1 is not a number like 3.29"),
        ({"after_sd": "-0.2"}, "after_sd: -0.2 is not between 0 and 1000"),
        (
            {"after_sd": "1.9"},
            "after_sd: 1.9 is more than 1.47, the largest that scores from 1 to 4 with mean 2.1 can have",
        ),
        ({"after_mean": "", "after_sd": "0.5"}, "after_sd: 0.5 stands without its mean"),
        ({"change": "-3.5"}, "change: -3.5 is more than goodman_baron_grade has from end to end, 3"),
        ({"change_low": "-1", "change_high": "-0.5"}, "change: blank; an interval needs the change that it is of"),
        (
            {"change": "-0.9", "change_low": "-0.9", "change_high": "-0.9"},
            "change_low: the interval has no width; leave both ends blank where none is reported",
        ),
        ({"change": "-0.9", "change_low": "-1"}, "change_low: an interval has two ends; change_low and change_high go together"),
        ({"authors": "x" * 201}, "authors: has 201 characters; 200 are allowed"),
        ({"journal": "x" * 101}, "journal: has 101 characters; 100 are allowed"),
        ({"change_sd": "0.66"}, "change_sd: 0.66 stands without its change"),
        ({"change": "-1.1", "change_sd": "3.1"}, "change_sd: 3.1 is more than goodman_baron_grade has from end to end, 3"),
        ({"change": "-1.1", "change_level": "99"}, "change_level: 99 stands without its interval"),
        (
            {"change": "-1.1", "change_low": "-1.3", "change_high": "-0.9", "change_level": "100"},
            "change_level: 100 is not between 50 and 99",
        ),
        (
            {"change": "-0.9", "change_low": "0.78", "change_high": "1.05"},
            "change: -0.9 is not between change_low and change_high, 0.78 and 1.05",
        ),
    ],
)
def test_an_impossible_fact_is_refused_by_row_and_column(facts: dict[str, str], problem: str, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, {}, facts)) == [f"trials.csv row 3, {problem}"]


def test_bins_may_touch_as_papers_write_them(tmp_path: Path) -> None:
    assert len(published_trials(written(tmp_path, {"improvement_bins": "50-75:12 25-50:7"}))) == 1


def test_every_impossible_fact_is_listed(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, {"year": "soon", "sessions": "0"}, {}, {"analysed": "40"})) == [
        "trials.csv row 2, year: soon is not a whole number",
        "trials.csv row 2, sessions: 0 is not between 1 and 30",
        "trials.csv row 4, analysed: 40 is more than enrolled, 36",
    ]


def test_a_column_that_is_misspelt_twice_there_or_missing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "trials.csv"
    file.write_text("study,design,endpoint,scale,seen,study\nTrial,single_arm,scarring,ecca,abstract,Trial\n", encoding="utf-8")
    assert refusal(file) == [
        f"trials.csv row 1, seen: is not a column; allowed are {', '.join(FACTS)}",
        "trials.csv row 1, study: stands there twice; each column is allowed once",
        "trials.csv: column seen_in is missing",
    ]


def test_a_row_of_another_length_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, {}, more="Trial,2020\n")) == [
        f"trials.csv row 3: has 2 cells where the header has {len(GOOD)}"
    ]


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.csv") == ["gone.csv: the file of published trials can't be read: there is no such file"]
    file = written(tmp_path)
    assert refusal(file) == ["trials.csv: no rows below the header; one row per trial is needed"]
    file.write_bytes(b"\xff\xfe\x00s")
    assert refusal(file) == ["trials.csv: the file of published trials is not text in UTF-8"]
    file.write_text("", encoding="utf-8")
    assert refusal(file)[0] == "trials.csv: column study is missing"
