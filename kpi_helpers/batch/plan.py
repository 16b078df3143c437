"""The plan of a batch: which reports of which clients are wanted. Every mistake in it is named at once."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from kpi_helpers.batch.jobs import Job
from kpi_helpers.batch.months import last_month, read_months, says_last
from kpi_helpers.batch.plan_file import Entry, read_entries
from kpi_helpers.company import read_currency
from kpi_helpers.errors import KitError, KitErrors, did_you_mean
from kpi_helpers.language import LANGUAGES, N_, _, language
from kpi_helpers.reports import order
from kpi_helpers.reports.order import NOTEBOOKS, PRODUCTS, REPORT, safe_name
from kpi_helpers.reports.parameters import read_parameters

OUT = "reports"
TIME_LIMIT = "10m"
OWN_FILES = ("index.html", "batch.json")  # of a batch, beside the folders of the clients
# parameters of every report that have a field of their own
FIELDS = {"month": "months", "data_dir": "folder", "goals_file": "goals", "lang": "language", "currency": "currency",
          "client": "client"}  # fmt: skip
SPOKEN = {"english": "en", "английский": "en", "russian": "ru", "русский": "ru"}  # languages as people write them
NONE = (["none"], ["нет"])  # no products, whatever the plan says of all
_UNITS = {"s": 1, "m": 60, "h": 3600}
SLASH = N_("Write / in place of \\.")
T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True)
class Wishes:
    """What the command says beside the plan; it counts before the plan. `lang`: the language that it is to speak."""

    out: str = ""
    months: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    time_limit: str = ""
    again: bool = False
    lang: str = ""
    today: date = field(default_factory=date.today)


@dataclass(frozen=True)
class Plan:
    """The reports that are wanted, each with the line of the plan it stands on; `time_limit` of one in seconds.

    `language`: of the batch, its page and its reasons.
    `last`: the month that the plan calls "last", "" where it does not.
    """

    name: str
    out: Path
    time_limit: float
    language: str
    jobs: tuple[Job, ...]
    lines: dict[str, str]
    last: str = ""


def read_plan(path: str | Path, wishes: Wishes = Wishes()) -> Plan:  # noqa: B008  it is frozen
    """The plan in a YAML file or a table; its folders and files are found from where it lies.

    KitErrors names everything that is wrong in it, each with its line and the next step.
    """
    path = Path(path)
    defaults, entries, errors = read_entries(path)
    asked = (wishes.lang, read_language(defaults.one.get("language", "")))
    spoken = next((lang for lang in asked if lang in LANGUAGES), language())
    reading = _Reading(path, defaults, wishes, errors, spoken)
    said = defaults.one.get("out") or OUT
    out = Path(wishes.out) if wishes.out else path.parent / read_path(said)
    if not wishes.out and ("\0" in said or (said.startswith("~") and not read_path(said).is_absolute())):
        errors.append(KitError(_("there is no folder {folder}.").format(folder=said), where=path.name))
    if os.path.isfile(out):
        errors.append(KitError(_("{name} is a file, not a folder.").format(name=out), where=path.name))
    limit = reading.check(lambda: read_limit(wishes.time_limit or defaults.one.get("time_limit") or TIME_LIMIT), 0.0)
    jobs: dict[str, Job] = {}
    lines: dict[str, str] = {}
    for entry in entries:
        for job in reading.jobs(entry, out):
            if job.key in jobs and (jobs[job.key].name, jobs[job.key].folder) == (job.name, job.folder):
                found = _("the report of {month} stands in the plan already: {place}.")
                reading.wrong(entry, found.format(month=job.month, place=lines[job.key]))
            jobs[job.key], lines[job.key] = job, reading.place(entry)
    reading.same_folders(entries, out)
    if not entries and not errors:
        errors.append(KitError(_("the plan names no client."), _("Add a client and its folder."), where=path.name))
    if errors:
        raise KitErrors.of(list({str(error): error for error in errors}.values()))
    last = last_month(wishes.today) if reading.said_last else ""
    return Plan(path.name, out, limit, spoken, tuple(jobs.values()), lines, last)


def read_path(text: str) -> Path:
    """A path with the user's own folder in the place of ~; ~ before a name that no user has stays as it is.

    >>> read_path("./~archive") == Path("~archive"), read_path("~no-such-user/x").parts[0]
    (True, '~no-such-user')
    """
    path = Path(text.replace("\0", "\ufffd"))  # no path holds it
    with suppress(RuntimeError):
        return path.expanduser() if text.startswith("~") else path
    return path


def says_backslash(name: str, path: Path) -> bool:
    r"""Whether a path that is not there is written as on Windows, which `\` separates folders on alone."""
    return os.sep != "\\" and "\\" in name and not os.path.exists(path)


def read_limit(text: str) -> float:
    """A time as seconds; KitError where it is none.

    >>> read_limit("10m"), read_limit("1.5h")
    (600.0, 5400.0)
    """
    found = re.fullmatch(r"\s*(\d{1,6}(?:\.\d+)?)\s*([smh])\s*", text, re.ASCII)
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if seconds <= 0:
        said = _("time limit {text} cannot be read.").format(text=repr(text[:40]))
        raise KitError(said, _("Write it as 10m or 90s."))
    return seconds


def read_language(text: str) -> str:
    """A language as the kit names it; what is no language stays as it is.

    >>> read_language("RU"), read_language("английский"), read_language("fr")
    ('ru', 'en', 'fr')
    """
    lang = text.casefold()
    return SPOKEN.get(lang, lang if lang in LANGUAGES else text)


class _Reading:
    """Reads the clients one by one and keeps what is wrong."""

    def __init__(self, path: Path, defaults: Entry, wishes: Wishes, errors: list[KitError], spoken: str) -> None:
        self.file, self.home = path.name, path.parent.absolute()  # so that nothing is looked for elsewhere
        self.defaults, self.wishes, self.errors, self.spoken = defaults, wishes, errors, spoken
        self.said_last = False
        self.known = sorted(notebook.stem for notebook in (NOTEBOOKS / "reports").glob("*.ipynb"))

    def place(self, entry: Entry) -> str:
        client = entry.one.get("client") or entry.one.get("folder") or ""
        return f"{entry.where} ({client})" if client else entry.where

    def wrong(self, entry: Entry, found: str, step: str = "") -> None:
        self.errors.append(KitError(found, step, where=self.place(entry)))

    def check(self, read: Callable[[], T], otherwise: D, entry: Entry | None = None) -> T | D:
        try:
            return read()
        except KitError as error:
            where = self.place(entry) if entry else self.file
            found = error.errors if isinstance(error, KitErrors) else (error,)
            self.errors += [KitError(one.found, one.next_step, where=where) for one in found]
            return otherwise

    def jobs(self, entry: Entry, out: Path) -> list[Job]:
        """The reports that are wanted of a client."""
        reports = self._reports(entry)
        job = Job(
            client=entry.one.get("client", ""), folder=str(self._folder(entry)), month="", lang=self._language(entry),
            currency=self._currency(entry), goals=self._goals(entry), out=str(out), products=self._products(entry),
            parameters=self._parameters(entry, reports), again=self.wishes.again, spoken=self.spoken,
        )  # fmt: skip
        months = self._months(entry)
        return [replace(job, month=month, report=report) for month in months for report in reports]

    def giver(self, entry: Entry, name: str) -> Entry:
        """Who says a field of a client: the client itself, or the plan for all."""
        return entry if entry.one.get(name) or entry.several.get(name) else self.defaults

    def _language(self, entry: Entry) -> str:
        giver = self.giver(entry, "language")
        lang = read_language(giver.one.get("language", ""))
        if lang and lang not in LANGUAGES:
            found = _("there is no language {lang}.").format(lang=repr(lang[:40]))
            self.wrong(giver, found, did_you_mean(lang, LANGUAGES))
        return lang

    def _currency(self, entry: Entry) -> str:
        giver = self.giver(entry, "currency")
        return self.check(lambda: read_currency(giver.one.get("currency", "")), "", giver)

    def _folder(self, entry: Entry) -> Path:
        name = entry.one.get("folder", "")
        folder = self.home / read_path(name)
        if not name and "folder" not in entry.unread:
            self.wrong(entry, _("there is no folder."), _("Name the folder that holds the exports."))
        if says_backslash(name, folder):
            self.wrong(entry, _("there is no folder {folder}.").format(folder=name), _(SLASH))
        return folder

    def _goals(self, entry: Entry) -> str:
        name = entry.one.get("goals", "")
        file = self.home / read_path(name)
        if says_backslash(name, file):
            self.wrong(entry, _("there is no goals file {file}.").format(file=name), _(SLASH))
        return str(file) if name else ""

    def _parameters(self, entry: Entry, reports: Sequence[str]) -> dict[str, str]:
        notebooks = [order.notebook_path(report, "en") for report in reports if report in self.known]
        for giver in (self.defaults, entry):
            for name, text in giver.parameters.items():
                if name in FIELDS:
                    found = _("{name} has a field of its own: {field}.").format(name=name, field=FIELDS[name])
                    self.wrong(giver, found, _("Write it there."))
                    continue
                for notebook in notebooks:
                    self.check(partial(read_parameters, notebook, {name: text}), None, giver)
        return {**self.defaults.parameters, **entry.parameters}

    def _months(self, entry: Entry) -> list[str]:
        giver = self.giver(entry, "months")
        texts = list(self.wishes.months) or giver.several.get("months", [])
        if not texts and "months" not in giver.unread | entry.unread:
            self.wrong(entry, _("there is no month."), _("Name months in the plan, or one by --month."))
        self.said_last |= says_last(texts)
        return self.check(lambda: read_months(texts, self.wishes.today), [], giver)

    def _reports(self, entry: Entry) -> list[str]:
        giver = self.giver(entry, "reports")
        reports = giver.several.get("reports") or [REPORT]
        for report in reports:
            if report not in self.known:
                found = _("there is no report {report}.").format(report=repr(report[:60]))
                self.wrong(giver, found, did_you_mean(report, self.known))
        return list(dict.fromkeys(reports))

    def _products(self, entry: Entry) -> tuple[str, ...]:
        giver = entry if "products" in entry.several else self.defaults
        wanted = giver.several.get("products", [])
        wanted = [] if [word.casefold() for word in wanted] in NONE else wanted
        for product in wanted:
            if product not in PRODUCTS:
                found = _("{product} cannot be made.").format(product=repr(product[:40]))
                self.wrong(giver, found, did_you_mean(product, PRODUCTS))
        return tuple(product for product in PRODUCTS if product in {*wanted, *self.wishes.products})

    def same_folders(self, entries: Sequence[Entry], out: Path) -> None:
        """Two clients whose reports some system would put into one folder, and reports among a client's exports."""
        owners: dict[str, tuple[str, str, str]] = {}
        for entry in entries:
            if not (named := entry.one.get("client") or entry.one.get("folder")):
                continue
            folder = (self.home / read_path(entry.one.get("folder", ""))).resolve()
            name = safe_name(entry.one.get("client") or folder.name)
            who = (named, str(folder), entry.where)
            first = owners.setdefault(unicodedata.normalize("NFKC", name).casefold(), who)
            if first[:2] != who[:2]:
                found = _("{client} and {other} ({place}) would get the same folder {folder}.")
                found = found.format(client=named, other=first[0], place=first[2], folder=name)
                self.wrong(entry, found, _("Name one of them otherwise."))
            if name.casefold() in OWN_FILES:
                found = _("{folder} is the name of a file of the batch.").format(folder=name)
                self.wrong(entry, found, _("Name the client otherwise."))
            if entry.one.get("folder") and (out / name).resolve().is_relative_to(folder):
                found = _("the reports would lie among the exports.")
                self.wrong(entry, found, _("Choose another folder for the reports: out in the plan, or --out."))
