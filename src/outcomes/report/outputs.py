"""The files of a report beside its notebooks: a row each, with its name and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from outcomes import __version__
from outcomes.definitions.audiences import CLINIC, PUBLIC
from outcomes.report.branding import Branding
from outcomes.report.estimates_csv import estimates_csv
from outcomes.report.execute import Executed
from outcomes.report.made_from import MadeFrom
from outcomes.report.masthead import Masthead
from outcomes.tabular.csv_writer import write_csv

NO_PDF = (
    "report.pdf was not made: WeasyPrint needs the Pango library"
    " (Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; Fedora: dnf install pango; macOS: brew install pango)"
)


@dataclass(frozen=True)
class Made:
    """What the files of a report are written from: what is told of the records, the executed notebooks, the masthead and the clinic's look, and the page made of them.

    `subject` is whose courses it is of, where it is not of all; `typeset` holds what the PDF was set with, once it is made.
    """

    records: MadeFrom
    executed: Sequence[Executed]
    masthead: Masthead
    branding: Branding = field(default_factory=Branding)
    audience: str = CLINIC
    subject: str = ""
    typeset: dict[str, object] = field(default_factory=dict)

    @cached_property
    def page(self) -> str:
        """The page as HTML."""
        from outcomes.report.html import Page, page

        parts = [(each.run.name, each.notebook) for each in self.executed]
        records = self.records
        if self.audience == PUBLIC:
            return page(Page.for_the_public(NAMELESS, __version__, self.masthead, self.branding, records.is_invented), parts)
        about = Page(
            source=records.name,
            rows=records.rows,
            courses=records.courses,
            patients=records.patients,
            version=__version__,
            rows_aside=records.rows_aside,
            masthead=self.masthead,
            branding=self.branding,
            is_invented=records.is_invented,
            subject=self.subject,
            has_list=records.aside is not None,
        )
        return page(about, parts)


class Output(NamedTuple):
    """One file of a report. `write` writes it at a path, where there is something to write, or gives a sentence why it can't be made.

    `step` is the step of the report in which that is done, as its progress is told.
    """

    file: str
    write: Callable[[Path, Made], str | None]
    step: str = "page"


def _html(path: Path, made: Made) -> None:
    path.write_text(made.page, encoding="utf-8")


def _estimates(path: Path, made: Made) -> None:
    path.write_text(estimates_csv(each.notebook for each in made.executed), encoding="utf-8", newline="")


def _set_aside(path: Path, made: Made) -> None:
    # It holds where in the records each course stands.
    if made.records.aside and made.audience != PUBLIC:
        write_csv(path, *made.records.aside.table())


def _pdf(path: Path, made: Made) -> str | None:
    from outcomes.report.pdf import pdf

    try:
        path.write_bytes(pdf(made.page, made.typeset))
    except ImportError:
        return f"{path.name} was not made: WeasyPrint is not installed (pip install weasyprint)"
    except OSError:
        return NO_PDF
    return None


PDF, SET_ASIDE = "report.pdf", "set_aside.csv"

NAMELESS = "session records"
"""What records are called where the name of their file is nobody's business."""

OUTPUTS = (
    Output("report.html", _html),
    Output("estimates.csv", _estimates),
    Output(SET_ASIDE, _set_aside),
    Output(PDF, _pdf, step="pdf"),
)
"""Every file in the order in which they are made; the steps are told in this order."""
