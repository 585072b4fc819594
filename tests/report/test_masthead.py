"""What stands above a report: given values in words, and one message where a value does not fit."""

import pytest

from outcomes.errors import UsageError
from outcomes.report.masthead import LONGEST, PARAMETERS, masthead_of


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-01-01/2026-06-30", "1 January to 30 June 2026"),
        ("2025-11-03/2026-06-30", "3 November 2025 to 30 June 2026"),
        ("2026-01/2026-06", "January to June 2026"),
        ("2025-12/2026-02", "December 2025 to February 2026"),
        ("2026-03/2026-03", "March 2026"),
        ("2026-03-05 to 2026-03-05", "5 March 2026"),
        ("2026-01–2026-02", "January to February 2026"),
        ("", ""),
    ],
)
def test_a_period_is_told_in_words(given: str, shown: str) -> None:
    assert masthead_of({"period": given, "report_date": "2026-07-15"}).period == shown


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("period", "2026-06-30/2026-01-01", "-p period=2026-06-30/2026-01-01: it ends before it begins"),
        ("period", "2026-07/2026-06", "-p period=2026-07/2026-06: it ends before it begins"),
        ("period", "June 2026", "-p period=June 2026: two days or two months are wanted"),
        ("period", "2026-02-30/2026-03-01", "-p period=2026-02-30/2026-03-01: two days or two months are wanted"),
        ("period", "2026-01/2026-06-30", "-p period=2026-01/2026-06-30: two days or two months are wanted"),
        ("report_date", "30.6.2026", "-p report_date=30.6.2026: a day is wanted, such as 2026-06-30"),
        ("records_until", "2026-13-01", "-p records_until=2026-13-01: a day is wanted, such as 2026-06-30"),
        ("clinic", "x" * 200, f"-p clinic: it has 200 characters, at most {LONGEST} can be shown"),
        ("clinic", "Clinic\x1b[31m", "-p clinic: it holds a line break or a character that cannot be printed"),
        ("contact", "one\ntwo", "-p contact: it holds a line break or a character that cannot be printed; plain text is wanted"),
        ("period", "2026-03 to 2025-01", "-p period=2026-03 to 2025-01: it ends before it begins"),
        ("period", "March 2026–January 2025", "-p period=March 2026–January 2025: two days or two months are wanted"),
        ("period", "0206-01/2026-06", "-p period=0206-01/2026-06: two days or two months are wanted"),
        ("records_until", "0206-06-30", "-p records_until=0206-06-30: a day is wanted, such as 2026-06-30"),
        ("report_date", "9999-12-31", "-p report_date=9999-12-31: a day is wanted, such as 2026-06-30"),
    ],
)
def test_what_does_not_fit_is_one_message(name: str, value: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        masthead_of({name: value})
    assert str(refused.value).startswith(message)


def test_records_are_not_from_after_the_report() -> None:
    with pytest.raises(UsageError, match="-p records_until=2026-07-01: this is later than the date of the report, 2026-06-30"):
        masthead_of({"records_until": "2026-07-01", "report_date": "2026-06-30"})


@pytest.mark.parametrize("period", ["2026-01/2026-07", "2026-01-01/2026-07-01", "2026-01-01/2027-01-01"])
@pytest.mark.parametrize(
    ("given", "event"),
    [({"records_until": "2026-06-30"}, "the day of the export"), ({"report_date": "2026-06-30"}, "the date of the report")],
)
def test_sessions_are_not_from_after_the_export_or_the_report(period: str, given: dict[str, str], event: str) -> None:
    with pytest.raises(UsageError) as refused:
        masthead_of({"report_date": "2026-12-31", "period": period, **given})
    assert str(refused.value) == f"-p period={period}: it ends later than {event}, 2026-06-30"


def test_the_month_of_the_export_may_be_the_last_of_the_period() -> None:
    given = {"period": "2026-01/2026-06", "records_until": "2026-06-10", "report_date": "2026-06-10"}
    assert masthead_of(given).period == "January to June 2026"


def test_what_is_none_is_not_given() -> None:
    assert masthead_of({"clinic": None, "period": None, "report_date": "2026-06-05"})[:2] == ("", "")


@pytest.mark.parametrize("epoch", ["9" * 30, "9" * 5000])
def test_a_time_of_the_build_that_is_none_is_one_message(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(UsageError, match=r"SOURCE_DATE_EPOCH=9+: this is no time that a date can be made of"):
        masthead_of({})


def test_the_date_of_the_report_is_that_of_the_build_where_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert masthead_of({})[4:] == ("2 January 1970", "1970-01-02")
    assert masthead_of({"report_date": "2026-06-05"})[4:] == ("5 June 2026", "2026-06-05")


def test_names_are_shown_as_they_are_given() -> None:
    given = masthead_of({"clinic": " Skin & <Laser> «Aïda» ", "contact": "Dr A. Ng, <a@example.org>"})
    assert (given.clinic, given.contact) == ("Skin & <Laser> «Aïda»", "Dr A. Ng, <a@example.org>")
    assert {*PARAMETERS} == {"clinic", "period", "records_until", "contact", "report_date"}
