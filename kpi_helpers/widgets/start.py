"""The start page: drop exports or choose a folder, see what was recognised and which KPIs live, render the report."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from kpi_helpers.checkup import Checkup, check_folder
from kpi_helpers.errors import KitError
from kpi_helpers.exports import find_folder
from kpi_helpers.folders import ROOT, shown_path
from kpi_helpers.labels import month_name, write_period
from kpi_helpers.language import _, use_language
from kpi_helpers.reports.render import render_report
from kpi_helpers.tables import TEMPLATES, notice, page_style
from kpi_helpers.widgets.goal_rows import month_end
from kpi_helpers.widgets.start_bar import Bar
from kpi_helpers.widgets.start_drop import DropZone
from kpi_helpers.widgets.start_folders import company_folder, list_folders
from kpi_helpers.widgets.start_inbox import Inbox
from kpi_helpers.widgets.start_links import ReportLinks
from kpi_helpers.widgets.start_words import dropped_words, files_words, kpi_words, step
from kpi_helpers.widgets.view import NAMES_UNCUT, View, choice, offer, row_of, still_page

INBOX = "data/inbox"
REPORTS = "reports"
OTHER = "*"  # a folder that the list does not name
LANGUAGE_NAMES = (("English", "en"), ("Русский", "ru"))
MOST_MONTHS = 60
BOLD = {"button_color": "#0072b2", "text_color": "#fff", "font_weight": "600"}


def open_start(folder: str | Path = "", *, inbox: str | Path = INBOX, reports: str | Path = REPORTS) -> StartPage:
    """The page to begin with; `folder` is read at once where it is given.

    Dropped files are kept in `inbox`, reports are written to `reports`: both are in the kit's folder unless they say
    another.
    """
    return StartPage(str(folder), ROOT / inbox, ROOT / reports)


class StartPage(View):
    """Controls `name`, `currency`, `speech`, `zone`, `folder`, `path`, `read`, `month`, `make`; `found`: what was read.

    The steps below the first appear when there is something to show in them.
    """

    def __init__(self, folder: str, inbox: Path, reports: Path) -> None:
        super().__init__()
        self.title = _("Start")
        self._inbox, self._reports = inbox, reports
        self._home: Path | None = None
        self._currency = ""  # what the reader typed: a folder's own only stands in the field
        self.found: Checkup | None = None
        self._make_fields()
        self.said, self.files, self.kpis, self.report = (widgets.HTML() for _place in range(4))
        self.reading, self.rendering, self.links = Bar(), Bar(), ReportLinks()
        self.root = self._arrange()
        self._listen()
        self._say_where()
        self._show()
        if folder:
            self._take(folder)

    def _make_fields(self) -> None:
        self.name = _field(_("Company"), _("My company"), _("The name of the company: it also names the folder"))
        tip = _("Three letters, such as USD; empty: as in the exports")
        self.currency = _field(_("Currency"), "", tip, "RUB" if self._language == "ru" else "USD", "150px")
        self.speech = choice(_("Language of the report"), LANGUAGE_NAMES, self._language)
        self.zone = DropZone(self._open_inbox)
        self.folder = choice(_("Or take a folder"), self._folders(), tooltip=_("A folder with exports"))
        self.path = _field(_("Path"), "", _("The path of a folder with exports"), "/home/…/exports", "420px")
        self.read = widgets.Button(description=_("Read the folder"), disabled=True)
        self.month = choice(_("Month"), [("", None)])
        self.make = widgets.Button(description=_("Make the report"), style=BOLD)

    def _arrange(self) -> Any:
        """The steps, one below the other."""
        first = page_style() + _style() + step(1, _("Your exports"))
        self._steps = [
            widgets.VBox([widgets.HTML(step(2, _("What was recognised"))), self.files]),
            widgets.VBox([widgets.HTML(step(3, _("Which KPIs have data"))), self.kpis]),
            widgets.VBox([
                widgets.HTML(step(4, _("The report of a month"))), row_of(self.month, self.make),
                self.rendering.widget, self.report, self.links,
            ]),
        ]  # fmt: skip
        return widgets.VBox(
            [
                widgets.HTML(first), row_of(self.name, self.currency, self.speech), self.zone,
                row_of(self.folder, self.path, self.read), self.reading.widget, self.said, *self._steps,
            ],
            layout={"max_width": "960px", "padding": "0 4px"},
        )  # fmt: skip

    def still(self) -> str:
        shown = [files_words(self.found), kpi_words(self.found)] if self.found else []
        advice = notice(_("Here you drop your exports."), _("Run the notebook: menu Run, Run All Cells."))
        return _style() + still_page(*shown or [advice], self.report.value)

    def _listen(self) -> None:
        self.listen(self._say_where, self.name)
        self.listen(self._take_dropped, self.zone)
        self.listen(self._choose_folder, self.folder, self.path)
        self.listen(self._read_folder, self.read)
        self.listen(self._take_currency, self.currency)
        self.listen(self._forget_report, self.month, self.speech)
        self.listen(self._make_report, self.make)

    # The first step: which exports

    def _open_inbox(self) -> Inbox:
        return Inbox(self._inbox_home(), name=self.name.value, lang=self.speech.value, currency=self._currency)

    def _inbox_home(self) -> Path:
        return company_folder(self._inbox, self.name.value)

    def _say_where(self) -> None:
        self.zone.say_where(shown_path(self._inbox_home()))

    def _folders(self) -> list[tuple[str, str]]:
        home = [self._home] if self._home and self._home not in list_folders() else []
        found = [(shown_path(folder), str(folder)) for folder in (*home, *list_folders())]
        return [(_("choose …"), ""), *found, (_("another folder …"), OTHER)]

    def _choose_folder(self) -> None:
        self._show()

    def _chosen(self) -> str:
        return str(self.path.value.strip() if self.folder.value == OTHER else self.folder.value)

    def _take_dropped(self) -> None:
        kept, inbox = self.zone.kept, self.zone.inbox
        self.said.value = dropped_words(kept, shown_path(inbox.home) if inbox else "")
        if inbox and inbox.home.exists():
            self._take(str(inbox.home))
            with self.quiet():
                offer(self.folder, self._folders(), str(inbox.home))
            self._show()

    def _read_folder(self) -> None:
        self.said.value = ""
        self._take(self._chosen())

    def _take_currency(self) -> None:
        self._currency = self.currency.value.strip()
        if self._home is not None:
            self._take(str(self._home))

    def _take(self, folder: str) -> None:
        """Read a folder and show what is in it."""
        with self.quiet():
            if self._home is not None and str(self._home) != folder:
                self._currency = ""
            self._forget_report()
            self._busy(True)
            try:
                self._home, self.found = find_folder(folder), None
                self.found = check_folder(self._home, currency=self._currency, progress=self._tell_reading)
                self._take_settings()
            except Exception as error:
                self.said.value += notice(_reason(error))
            finally:
                self.reading.hide()
                self._busy(False)
            self._show()

    def _tell_reading(self, done: int, files: int, name: str) -> None:
        self.reading.show(done, files, _("Reading {n} of {all}: {file}").format(n=done + 1, all=files, file=name))

    def _take_settings(self) -> None:
        """What company.toml says stands in the fields, and the months of the data in the list."""
        exports = self.found.exports if self.found else None
        if exports is None:
            return
        self.currency.value = exports.currency
        self.speech.value = exports.company.language or self._language
        months = self._months()
        if months:
            offer(self.month, months, self.month.value)

    def _months(self) -> list[tuple[str, date]]:
        """The months that the data reach into, the last first; of an unfinished one the days that are there."""
        covered = self.found.months if self.found else None
        if covered is None:
            return []
        first, last = covered
        starts = [day.date() for day in pd.date_range(first.replace(day=1), last, freq="MS")]
        whole = last == month_end(last)
        return [
            (month_name(start) if whole or start < last.replace(day=1) else write_period(start, last), start)
            for start in reversed(starts[-MOST_MONTHS:])
        ]

    # The last step: the report

    def _make_report(self) -> None:
        self._forget_report()
        self._busy(True)
        self.rendering.show(0, 1, _("The report is being made …"))
        try:
            folder = render_report(
                self._home or "", f"{self.month.value:%Y-%m}", self._reports, lang=self.speech.value,
                currency=self._currency, progress=self._tell_rendering,
            )  # fmt: skip
            use_language(self._language)
            done = _("The report is ready. It lies in {folder}.").format(folder=shown_path(folder))
            self.report.value = notice(done)
            self.links.offer(folder)
        except Exception as error:
            use_language(self._language)
            self.report.value = notice(_reason(error))
        finally:
            self.rendering.hide()
            self._busy(False)

    def _tell_rendering(self, done: int, cells: int) -> None:
        said = _("The report is being made, step {n} of {all}. It usually takes less than a minute.")
        self.rendering.show(done, cells, said.format(n=done + 1, all=cells))

    def _forget_report(self) -> None:
        self.report.value = ""
        self.links.offer(None)

    # What is shown

    def _busy(self, busy: bool) -> None:
        self.zone.busy = self.make.disabled = busy
        self.read.disabled = busy or not self._chosen()

    def _show(self) -> None:
        """The steps that there is something to show in."""
        found = self.found
        exports = found.exports if found else None
        _visible(self.path, self.folder.value == OTHER)
        self.read.disabled = not self._chosen()
        for place, shown in zip(self._steps, (found, exports, found and found.months), strict=True):
            _visible(place, bool(shown))
        if found:
            self.files.value, self.kpis.value = files_words(found), kpi_words(found)


def _field(name: str, value: str, tooltip: str, placeholder: str = "", width: str = "260px") -> Any:
    return widgets.Text(
        value=value, description=name, tooltip=tooltip, placeholder=placeholder, style=NAMES_UNCUT,
        continuous_update=False, layout={"width": width, "max_width": "100%"},
    )  # fmt: skip


def _visible(widget: Any, shown: bool) -> None:
    widget.layout.display = None if shown else "none"


def _style() -> str:
    return f"<style>{(TEMPLATES / 'start.css').read_text(encoding='utf-8')}</style>"


def _reason(error: Exception) -> str:
    """Why something was not done, in one line: the page shows it where a notebook would show a traceback."""
    if isinstance(error, KitError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return _("{file} cannot be used: {reason}.").format(file=error.filename or "", reason=error.strerror)
    return _("a fault of the kit: {error}.").format(error=f"{type(error).__name__}: {error}")
