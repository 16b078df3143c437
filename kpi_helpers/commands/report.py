"""`kpi report`: one company's report for one month."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kpi_helpers.commands.wording import make_command
from kpi_helpers.company import read_currency
from kpi_helpers.errors import KitError
from kpi_helpers.language import _, language, use_language
from kpi_helpers.printing import file_name, reading_bar, tell
from kpi_helpers.stopping import run_stoppable

# parameters of every report that have an option of their own
OPTIONS = {"month": "--month", "data_dir": "--data", "goals_file": "--goals", "lang": "--lang",
           "currency": "--currency", "client": "--client"}  # fmt: skip


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Make the report of a month: a page (HTML), a spreadsheet (XLSX), the notebook it was made by, and its data "
        "(JSON). The paths are printed. Either all of it is written or nothing. The report speaks the company's "
        "language; --lang makes it speak another."
    )
    lines = ["kpi report acme --month 2026-10", "kpi report acme --lang ru --out reports/"]
    return make_command("report", run, _("Make the report of a month."), text, _params(), lines)


def _params() -> list[click.Parameter]:
    folder, file, name = _("DIR"), _("FILE"), _("NAME")
    last_month = _("The month. Without it: the last in the exports.")
    return [
        click.Argument(["folder"], default="", metavar=f"[{folder}]"),
        click.Option(["--data"], default="", metavar=folder, help=_("The same folder, where DIR is not given.")),
        click.Option(["--month"], default="", metavar="2026-10", help=last_month),
        click.Option(["--out"], default="reports", show_default=True, metavar=folder, help=_("Where the report goes.")),
        click.Option(["--goals"], default="", metavar=file, help=_("The goals. Without it: goals.csv in the folder.")),
        click.Option(["--currency"], default="", metavar=_("CODE"), help=_("The currency, such as USD.")),
        click.Option(["--client"], default="", metavar=name, help=_("The company's name in the report.")),
        click.Option(["parameters", "-p"], nargs=2, multiple=True, metavar=_("NAME VALUE"),
                     help=_("A further parameter of the notebook; can be given several times.")),
        click.Option(["--pdf"], is_flag=True, help=_("Make a PDF as well; it is printed by Chromium or Chrome.")),
        click.Option(["--email"], is_flag=True, help=_("Make a summary for e-mail as well (HTML and EML).")),
    ]  # fmt: skip


def run(
    folder: str, data: str, month: str, out: str, goals: str, currency: str, client: str,
    parameters: tuple[tuple[str, str], ...], pdf: bool, email: bool,
) -> None:
    """Render, and print the paths of what was written."""
    from kpi_helpers.reports.render import render_report

    spoken, asked = language(), click.get_current_context().obj or ""
    data = _one_folder(folder, data)
    _check_inputs(goals, parameters)
    try:
        wanted = month or _last_month(data, currency)
        written = run_stoppable(lambda: render_report(
            data, wanted, out, goals_file=goals, lang=asked, currency=read_currency(currency), client=client,
            parameters=dict(parameters), products=[*["pdf"] * pdf, *["email"] * email], progress=sys.stderr.isatty(),
        ))  # fmt: skip
    finally:
        use_language(spoken)
    for path in sorted(written.iterdir()):
        if path.is_file():
            print(file_name(path))


def _one_folder(folder: str, data: str) -> str:
    if bool(folder) == bool(data):
        found = _("the company's folder is named twice.") if folder else _("the company's folder is missing.")
        raise click.UsageError(f"{found} {_('Name it once: kpi report DIR.')}", click.get_current_context())
    return folder or data


def _check_inputs(goals: str, parameters: tuple[tuple[str, str], ...]) -> None:
    """What can be found wrong without reading the exports."""
    if goals and not Path(goals).is_file():
        found = _("there is no goals file {file}.").format(file=goals)
        raise KitError(found, _("Name an existing file or leave it out."))
    for name, _value in parameters:
        if name in OPTIONS:
            raise click.UsageError(
                _("{name} has an option of its own: {option}.").format(name=name, option=OPTIONS[name]),
                click.get_current_context(),
            )


def _last_month(data: str, currency: str) -> str:
    """The last month that the exports reach into, said aloud."""
    from kpi_helpers.coverage import period_covered
    from kpi_helpers.exports import read_exports
    from kpi_helpers.labels import month_name

    _first, last = period_covered(read_exports(data, currency=currency, progress=reading_bar()))
    tell(_("the last month in the exports is {month}.").format(month=month_name(last, heading=False)))
    return f"{last:%Y-%m}"
