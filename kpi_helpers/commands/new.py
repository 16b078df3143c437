"""`kpi new`: a folder for a company's exports, settings and goals."""

from __future__ import annotations

from pathlib import Path

import click

from kpi_helpers.commands.wording import as_called, make_command
from kpi_helpers.language import _, language
from kpi_helpers.printing import file_name, print_lines


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Make a folder for a company: its settings, its goals, and a README that says where each export comes from. "
        "Nothing that exists is overwritten."
    )
    own_name = _("The company's name. Without it: the folder's.")
    params: list[click.Parameter] = [
        click.Argument(["folder"], metavar=_("DIR")),
        click.Option(["--name"], default="", metavar=_("NAME"), help=own_name),
        click.Option(["--currency"], default="", metavar=_("CODE"), help=_("The company's currency, such as USD.")),
    ]
    lines = ["kpi new acme --name Acme --currency USD"]
    return make_command("new", run, _("Make a folder for a company."), text, params, lines)


def run(folder: str, name: str, currency: str) -> None:
    from kpi_helpers.newcomer import EXPORTS, make_company

    if not folder.strip():
        raise click.UsageError(_("the folder needs a name."), click.get_current_context())
    home = Path(folder).expanduser()
    made = make_company(home, lang=language(), currency=currency, name=name)
    print_lines([file_name(path) for path in made])
    place = file_name(home)
    command = f'kpi check "{place}"' if " " in place else f"kpi check {place}"
    next_step = _("Put the exports into {folder}, then: {command}")
    print_lines([next_step.format(folder=file_name(home / EXPORTS), command=as_called(command))])
