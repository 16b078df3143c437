"""One language throughout: click's own words come from the kit's catalogue, too."""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Sequence
from typing import Any

import click

from kpi_helpers.language import LANGUAGES, LOCALE_DIR, N_, _, ngettext, system_language, use_language

# What click says, listed here so that the catalogue holds it. A test finds every message in the installed click.
CLICK_SAYS = (
    N_("Usage:"), N_("Options"), N_("Commands"), N_("Positional arguments"), N_("required"),
    N_("default: {default}"), N_("Show this message and exit."),
    N_("Missing command."), N_("Missing argument"), N_("Missing option"),
    N_("Invalid value: {message}"), N_("Invalid value for {param_hint}: {message}"),
    N_("No such option {name!r}."), N_("Argument {name!r} takes {nargs} values."),
    N_("Option {name!r} does not take a value."), N_("Choose from:\n\t{choices}"),
)  # fmt: skip


def click_counts(n: int) -> tuple[str, ...]:
    """What click says of one and of many."""
    return (
        ngettext("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", n),
        ngettext("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", n),
        ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", n),
        ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", n),
    )


def asked_language(arguments: Sequence[str]) -> str:
    """The language that `--lang` asks for, wherever it stands, or "": help must speak it before click reads anything.

    >>> asked_language(["report", "--lang", "ru"]), asked_language(["--lang=en", "list"]), asked_language(["list"])
    ('ru', 'en', '')
    """
    own = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    values = [following for option, following in zip(own, own[1:], strict=False) if option == "--lang"]
    values += [word.removeprefix("--lang=") for word in own if word.startswith("--lang=")]
    return next((value for value in values if value in LANGUAGES), "")


def speak(asked: str = "") -> str:
    """Speak the language asked for, else that of KPI_LANG, else the system's; the language spoken is returned."""
    wanted = os.environ.get("KPI_LANG", "")[:2].lower()
    lang = use_language(asked or (wanted if wanted in LANGUAGES else system_language()))
    # click asks the standard gettext, which asks LANGUAGE
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("kpi", str(LOCALE_DIR))
    gettext.textdomain("kpi")
    return lang


def make_command(
    name: str, run: Callable[..., Any], short: str, text: str, params: Sequence[click.Parameter],
    examples: Sequence[str], **settings: Any,
) -> click.Command:
    """A command with `--lang` and its examples; all texts come translated."""
    return click.Command(
        name, callback=run, short_help=short, help=text, params=[*params, lang_option()],
        epilog=show_examples(examples), options_metavar=_("[OPTIONS]"), context_settings=settings,
    )  # fmt: skip


def lang_option() -> click.Option:
    """`--lang`, for help and for checking: `asked_language` has read it before."""
    text = _("Language: en or ru. Without it: KPI_LANG, else the system's.")
    choice = click.Choice(LANGUAGES)
    return click.Option(["--lang"], type=choice, expose_value=False, help=text, metavar="|".join(LANGUAGES))


def json_option() -> click.Option:
    """`--json`."""
    return click.Option(["as_json", "--json"], is_flag=True, help=_("Print JSON for other programs."))


def as_called(line: str) -> str:
    """A command line as it works where `kpi` was called: kit.py runs a `kpi` that is on no path of the caller's.

    >>> as_called("kpi check acme")
    'kpi check acme'
    """
    return os.environ.get("KPI_CALLED", "kpi") + line.removeprefix("kpi")


def show_examples(lines: Sequence[str]) -> str:
    """Command lines as the end of a help text."""
    return "\b\n" + "\n".join([_("Examples:"), *(f"  {as_called(line)}" for line in lines)])
