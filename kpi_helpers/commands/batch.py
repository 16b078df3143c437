"""`kpi batch`: the reports of many companies, unattended."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from kpi_helpers.commands.wording import json_option, make_command
from kpi_helpers.errors import KitError, KitErrors, did_you_mean
from kpi_helpers.language import N_, _, ngettext, use_language
from kpi_helpers.printing import align, file_name, print_json, print_lines, tell

if TYPE_CHECKING:
    from kpi_helpers.batch.jobs import Job, Look
    from kpi_helpers.batch.plan import Plan
    from kpi_helpers.batch.summary import Summary
    from kpi_helpers.commands.progress import Progress

SOME_FAILED = 3  # exit code
REASONS = {
    "": N_("stands, nothing has changed"), "missing": N_("is not made yet"),
    "damaged": N_("a file of it is damaged or gone"), "parameters": N_("its settings have changed"),
    "inputs": N_("exports, settings or goals have changed"), "notebook": N_("the notebook has changed"),
    "code": N_("the kit has changed"), "libraries": N_("libraries have changed"), "asked": N_("is asked for"),
    "unreadable": N_("the company's settings cannot be read"),
}  # fmt: skip


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Make the reports of many companies, as a plan says: a YAML file or a table of clients. A report whose "
        "exports, settings, goals, notebook and code have not changed stays as it is; the others are made, each in a "
        "process of its own. A report that fails stops no other. In the folder of the reports index.html shows all "
        "clients and months; batch.json says the same to programs.\n\nExit codes: 0 all reports stand; 1 the plan "
        "must be mended, nothing was made; 2 the command was not understood; 3 some reports failed; 70 a fault of the "
        "kit; 130 stopped."
    )
    lines = ["kpi batch clients.yaml", "kpi batch clients.csv --month last --jobs 4",
             "kpi batch clients.yaml --dry-run", "kpi batch clients.yaml --only Acme/2026-10 --no-resume"]  # fmt: skip
    return make_command("batch", run, _("Make the reports of many companies."), text, _params(), lines)


def _params() -> list[click.Parameter]:
    folder, number = _("DIR"), _("N")
    resume = _("Keep the reports that stand unchanged (the default), or make all of them again.")
    return [
        click.Argument(["plan"], metavar=_("PLAN")),
        click.Option(["--jobs"], default="", metavar=number,
                     help=_("Reports made at the same time. Without it: one for each processor, as memory allows.")),
        click.Option(["--only"], multiple=True, metavar=_("CLIENT[/MONTH]"),
                     help=_("Only this client's reports; can be given several times.")),
        click.Option(["--month"], default="", metavar="2026-10",
                     help=_("The month instead of the plan's: 2026-10, 2026-08..2026-10 or last, the last whole one.")),
        click.Option(["--resume/--no-resume"], default=True, help=resume),
        click.Option(["--dry-run"], is_flag=True, help=_("Say which reports would be made and why, and make none.")),
        click.Option(["--out"], default="", metavar=folder,
                     help=_("Where the reports go. Without it: as the plan says, else reports beside the plan.")),
        click.Option(["--time-limit"], default="", metavar="10m",
                     help=_("The longest that one report may take, such as 90s, 10m or 1h. Without it: 10m.")),
        click.Option(["--pdf"], is_flag=True, help=_("Make each report as PDF, too.")),
        click.Option(["--email"], is_flag=True, help=_("Make a summary of each report for e-mail, too.")),
        click.Option(["--scheduler"], default="", metavar=_("ADDRESS"),
                     help=_("Make the reports on the Dask cluster with this address.")),
        json_option(),
    ]  # fmt: skip


def run(
    plan: str, jobs: str, only: tuple[str, ...], month: str, resume: bool, dry_run: bool, out: str, time_limit: str,
    pdf: bool, email: bool, scheduler: str, as_json: bool,
) -> int:  # fmt: skip
    """Make what is missing or has changed; 3 when some reports failed."""
    from kpi_helpers.batch.plan import Wishes, read_plan
    from kpi_helpers.commands.progress import name_month

    slots = read_slots(jobs)
    products = tuple(name for name, wanted in (("pdf", pdf), ("email", email)) if wanted)
    months = (month,) if month else ()
    _check_options(month, time_limit)
    asked = click.get_current_context().obj or ""  # by --lang
    read = read_plan(plan, Wishes(out, months, products, time_limit, not resume, asked))
    use_language(read.language)
    chosen = choose(read.jobs, only)
    if read.last:
        tell(_("last is {month}.").format(month=name_month(read.last)))
    if dry_run:
        return _say_what_would_run(chosen, _look(read, chosen), as_json)
    return _make(read, chosen, slots, scheduler, as_json)


def _check_options(month: str, time_limit: str) -> None:
    """UsageError for a month or a time limit that cannot be read: the plan is not at fault."""
    from kpi_helpers.batch.months import read_months
    from kpi_helpers.batch.plan import TIME_LIMIT, read_limit

    try:
        read_months([month] if month else [], date.today())
        read_limit(time_limit or TIME_LIMIT)
    except KitError as error:
        raise click.UsageError(str(error), click.get_current_context(silent=True)) from None


def choose(jobs: Sequence[Job], only: Sequence[str]) -> list[Job]:
    """The reports that `--only` names: of a client, or of a client's month. UsageError where there is none."""
    chosen: dict[str, Job] = {}
    for text in only:
        client, _slash, month = text.rpartition("/")
        found = [job for job in jobs if _is_of(job, text)] or [
            job for job in jobs if _is_of(job, client) and job.month == month
        ]
        if not found:
            known = {job.name for job in jobs} | {f"{job.name}/{job.month}" for job in jobs if _is_of(job, client)}
            said = _("the plan has no report of {client}.").format(client=repr(text[:60]))
            context = click.get_current_context(silent=True)
            raise click.UsageError(f"{said} {did_you_mean(text, known)}".rstrip(), context)
        chosen |= {job.key: job for job in found}
    return list(chosen.values()) if only else list(jobs)


def _is_of(job: Job, client: str) -> bool:
    return bool(client) and client.casefold() in (job.name.casefold(), job.key.partition("/")[0].casefold())


def read_slots(text: str) -> int:
    """How many reports are made at the same time. UsageError where the text is no such number."""
    from kpi_helpers.batch.machine import slots_here

    if not text:
        return slots_here()
    if not re.fullmatch("[1-9][0-9]{0,2}", text):
        found = _("{key} = {value} is not allowed.").format(key="--jobs", value=repr(text[:40]))
        expected = _("Expected: {expected}.").format(expected=_("a whole number from 1 to 999"))
        raise click.UsageError(f"{found} {expected}", click.get_current_context(silent=True))
    return int(text)


def _look(plan: Plan, jobs: Sequence[Job]) -> list[Look]:
    """Whether each report must be made; KitErrors where the plan asks for what there is not."""
    from kpi_helpers.batch.jobs import look_at

    looks = [look_at(job) for job in jobs]
    mistakes = {(plan.lines[job.key], look.mistake) for job, look in zip(jobs, looks, strict=True) if look.mistake}
    if mistakes:
        raise KitErrors.of([KitError(mistake, where=where) for where, mistake in sorted(mistakes)])
    return looks


def _say_what_would_run(jobs: Sequence[Job], looks: Sequence[Look], as_json: bool) -> int:
    from kpi_helpers.commands.progress import title

    if as_json:
        found = [{"client": job.name, "month": job.month, "report": job.report, "path": file_name(job.final),
                  "why": look.why, "reason": look.reason} for job, look in zip(jobs, looks, strict=True)]  # fmt: skip
        print_json({"reports": found})
        return 0
    rows = [[title(job), job.report, look.reason or _(REASONS[look.why])]
            for job, look in zip(jobs, looks, strict=True)]  # fmt: skip
    print_lines(align(rows, 0))
    fail = sum(bool(look.reason) for look in looks)
    n = sum(bool(look.why) for look in looks) - fail
    said = ngettext("{n} of {wanted} reports would be made.", "{n} of {wanted} reports would be made.", n)
    tell(said.format(n=n, wanted=len(jobs)))
    if fail:
        tell(ngettext("{n} report would fail.", "{n} reports would fail.", fail).format(n=fail))
    return 0


def _make(plan: Plan, jobs: Sequence[Job], slots: int, scheduler: str, as_json: bool) -> int:
    from kpi_helpers.batch.jobs import kept
    from kpi_helpers.batch.summary import Summary, alone_in

    with alone_in(plan.out), ended_alike():
        looks = _look(plan, jobs)
        summary = Summary(plan.out, plan.name, plan.language, jobs, plan.jobs)
        todo = [job for job, look in zip(jobs, looks, strict=True) if look.why]
        for job, look in zip(jobs, looks, strict=True):
            if not look.why:
                summary.note(kept(job))
        try:
            _work(plan, todo, slots, scheduler, summary)
        except KeyboardInterrupt:
            _say_how_it_went(summary, as_json)
            raise
    _say_how_it_went(summary, as_json)
    return SOME_FAILED if summary.counts()["failed"] or summary.fault else 0


def _work(plan: Plan, todo: Sequence[Job], slots: int, scheduler: str, summary: Summary) -> None:
    """Make the reports, and keep the page and the data up to date meanwhile."""
    from kpi_helpers.commands.progress import Progress

    progress, by_key = Progress(todo), {job.key: job for job in todo}
    state = "stopped"
    try:
        summary.write(at_once=True)
        if summary.fault:
            raise summary.fault
        with closing(_outcomes(plan, todo, slots, scheduler, progress, summary)) as outcomes:
            for outcome in outcomes:
                summary.note(outcome)
                progress.report(by_key[outcome.job], outcome)
                summary.write()
        state = "finished"
    finally:
        progress.close()
        summary.end(state)


def _outcomes(plan: Plan, todo: Sequence[Job], slots: int, scheduler: str, progress: Progress, summary: Summary) -> Any:
    if scheduler:
        from kpi_helpers.batch.cluster import run_on_cluster

        return run_on_cluster(todo, scheduler, plan.time_limit, progress.cell, summary.write)
    from kpi_helpers.batch.run import run_here

    return run_here(todo, slots, plan.time_limit, progress.cell, summary.write)


@contextmanager
def ended_alike() -> Iterator[None]:
    """The end of the session and of the terminal stop a batch as Ctrl-C does; a second signal does not disturb it."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    heeded = [number for number in numbers if before[number] != signal.SIG_IGN]

    def stop(_number: int, _frame: object) -> None:
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    try:
        for number in heeded:
            signal.signal(number, stop)
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])


def _say_how_it_went(summary: Summary, as_json: bool) -> None:
    """The data of this batch, or where its page lies; then how many reports were made, failed, are to come."""
    from kpi_helpers.batch.summary import PAGE

    if as_json:
        print_json(summary.as_data(summary.own()))
    else:
        print(file_name(summary.out / PAGE))
    counts = summary.counts()
    made, kept, failed, left = (counts[state] for state in ("finished", "kept", "failed", "waiting"))
    parts = (
        (made, ngettext("{n} report was made.", "{n} reports were made.", made)),
        (kept, ngettext("{n} report stands: nothing has changed since it was made.",
                        "{n} reports stand: nothing has changed since they were made.", kept)),
        (failed, ngettext("{n} report failed.", "{n} reports failed.", failed)),
        (left, ngettext("{n} report is still to come.", "{n} reports are still to come.", left)),
    )  # fmt: skip
    tell(" ".join(text.format(n=n) for n, text in parts if n))
    if summary.fault:
        from kpi_helpers.batch.jobs import reason_of

        tell(reason_of(summary.fault))
