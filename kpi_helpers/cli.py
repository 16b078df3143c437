"""The command `kpi`: its commands, the language it speaks, and how it ends."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from kpi_helpers.commands.wording import asked_language, lang_option, show_examples, speak
from kpi_helpers.errors import KitError, KitErrors, did_you_mean
from kpi_helpers.language import _
from kpi_helpers.printing import tell, use_utf8

# command -> module in kpi_helpers.commands, imported when it is needed
COMMANDS = {"new": "new", "check": "check", "report": "report", "batch": "batch", "diff": "diff", "read": "read",
            "layout": "layout", "list": "listing", "goals": "goals", "lab": "lab",
            "lesson": "lesson", "class": "classroom"}  # fmt: skip

DONE, TO_MEND, WRONG_USE, FAULT, STOPPED = 0, 1, 2, 70, 130


class Commands(click.Group):
    """The commands by name; each is imported only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"kpi_helpers.commands.{COMMANDS[cmd_name]}").command()
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            ctx.fail(f"{_('there is no command {name}.').format(name=repr(args[0]))} {did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


def make_group() -> click.Group:
    """The command `kpi` in the language in use."""
    codes = _(
        "Exit codes: 0 done; 1 an export, a setting or a goal must be mended; 2 the command was not understood; "
        "3 some reports of a batch failed; 70 a fault of the kit; 130 stopped."
    )
    lines = ("kpi new acme --currency USD", "kpi check acme", "kpi report acme --month 2026-10")
    version = click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show_version,
        help=_("Show the version and exit."),
    )  # fmt: skip
    return Commands(
        "kpi", help=_("From marketing exports to KPIs that can be trusted, held against goals and explained."),
        epilog=f"{show_examples(lines)}\n\n{codes}", params=[lang_option(), version], options_metavar=_("[OPTIONS]"),
        subcommand_metavar=_("COMMAND [ARGS]..."),
    )  # fmt: skip


def show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Print the version and end, where it is asked for."""
    if wanted:
        from kpi_helpers.reports.record import kit_version

        print(f"kpi {kit_version()}")
        ctx.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `kpi` and return its exit code. A failure is one line on standard error; KPI_DEBUG=1 adds the traceback."""
    use_utf8()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small sums: threads only wait for one another
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = asked_language(given)
    try:
        speak(asked)
        code = make_group().main(given or ["--help"], prog_name="kpi", standalone_mode=False, obj=asked)
        sys.stdout.flush()
        return code or DONE
    except (KeyboardInterrupt, click.Abort):
        tell(_("stopped."))
        return STOPPED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return TO_MEND
    except Exception as error:
        return explain(error, given)


def explain(error: Exception, given: Sequence[str]) -> int:
    """Say in one line what went wrong, and return the exit code for it."""
    if os.environ.get("KPI_DEBUG"):
        traceback.print_exception(error)
    match error:
        case click.UsageError():
            named = [word for word in given if word in COMMANDS][:1]  # for click does not always say where it was
            path = error.ctx.command_path if error.ctx else " ".join(["kpi", *named])
            tell(f"{error.format_message()} {_('Help: {command}').format(command=f'{path} --help')}")
            return WRONG_USE
        case KitErrors():
            for line in str(error).splitlines():
                tell(line)
            return TO_MEND
        case KitError():
            tell(str(error))
            return TO_MEND
        case OSError(errno=errno.ENOSPC):
            tell(_("the disk is full. Free some space and run the command again."))
            return TO_MEND
        case OSError(filename=str() as file, strerror=str() as reason):
            tell(_("{file} cannot be used: {reason}.").format(file=file, reason=reason))
            return TO_MEND
    kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    tell(_("a fault of the kit: {error}. KPI_DEBUG=1 shows where.").format(error=kind))
    return FAULT


if __name__ == "__main__":
    sys.exit(main())
