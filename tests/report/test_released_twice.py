"""Two reports for the public after each other: what anybody can subtract is worked out, and refused where it is a small group."""

from __future__ import annotations

import pytest

from outcomes.errors import ReportError
from outcomes.report.released_twice import compared, mean_between


def treated(courses: int, *types: tuple[str, int | None]) -> list[dict[str, str]]:
    """Patients, all by skin types, as a release has them; None is a count of 1 to 7."""
    rows = [{"measure": "treated", "level": "patients", "n": f"{courses}"}]
    return rows + [
        {
            "measure": "share",
            "variable": "fitzpatrick",
            "level": name,
            "n": f"{courses}",
            "events": "" if count is None else f"{count}",
            "note": "1 to 7" if count is None else "",
        }
        for name, count in types
    ]


def change(session: int, n: int, estimate: float) -> dict[str, str]:
    return {
        "endpoint": "scarring",
        "scale": "goodman_baron_grade",
        "measure": "change",
        "session": f"{session}",
        "n": f"{n}",
        "estimate": f"{estimate}",
        "conf_low": f"{estimate - 1}",
        "conf_high": f"{estimate + 1}",
    }


def test_the_same_report_twice_gives_nothing_away() -> None:
    found = compared(treated(40, ("I", 20), ("II", 20)), treated(40, ("I", 20), ("II", 20)))
    assert found.problems == ()
    assert found.has_grown


def test_one_more_step_leaves_many_values() -> None:
    found = compared(treated(45), treated(40))
    assert found.risen == {"patients": (1, 9)}
    assert found.problems == ()
    assert found.said() == [
        "1 count can be subtracted from those of the earlier report.",
        "The one that is known best: patients, 1 to 9 more.",
    ]


def test_parts_that_rise_while_the_sum_does_not_are_refused() -> None:
    """48 of 12 each and then 52 of 13 each fit four types that rose while their sum, 50, did not: one came to each."""
    types = ("I", "II", "III", "IV")
    found = compared(treated(50, *((name, 15) for name in types)), treated(50, *((name, 10) for name in types)))
    assert found.has_grown
    assert found.risen["patients", "I"] == (1, 1)
    assert [problem for problem in found.problems if "more than in the earlier report" in problem]
    with pytest.raises(ReportError, match=r"^Published together, these two reports give small groups away:\n"):
        found.check()


def test_a_count_that_comes_into_view_tells_little_of_what_it_was() -> None:
    """The 1 to 7 of the earlier report rose by at most 4 to 8 or more, so that it was 4 to 7."""
    found = compared(treated(45, ("I", 35), ("II", 10)), treated(40, ("I", 35), ("II", None)))
    assert found.problems == ()


def test_records_that_lost_patients_are_compared_all_the_same() -> None:
    found = compared(treated(40), treated(60))
    assert not found.has_grown
    assert found.risen == {"patients": (-24, -16)}
    assert found.problems == ()


def test_what_two_means_tell_of_those_who_came_between() -> None:
    """Of 8 to 12 courses with -1.0, and 7 more with all of them at -1.0: theirs is near -1.0; of 1 more it can be any."""
    row, then = change(3, 15, -1.0), change(3, 10, -1.0)
    low, high = mean_between(row, then, (7, 7)) or (0, 0)
    assert low < -1.0 < high
    assert high - low < 1
    low, high = mean_between(row, then, (1, 1)) or (0, 0)
    assert high - low > 2
    assert mean_between(row, then, (0, 4)) is mean_between(row, then, (1, 9)) is None


def test_reports_without_a_common_count_say_so() -> None:
    assert compared(treated(40), []).said() == ["The two hold no count of the same, so nothing can be subtracted."]
