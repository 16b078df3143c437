"""`kpi diff`: which numbers of two versions of a report differ, and why."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import click

from kpi_helpers.commands.wording import json_option, make_command
from kpi_helpers.language import _, ngettext
from kpi_helpers.printing import align, file_name, print_json, print_lines

if TYPE_CHECKING:
    from kpi_helpers.revisions import Change, Comparison

SHOWN = 10  # changes of channels under one cause; all of the company's are shown
DIFFERENT = 1


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Say which numbers of two versions of a report differ, and why: data restated, settings or goals changed, a "
        "formula changed (then they are not comparable), another kit. REPORT and AFTER are folders of a month, or "
        "report.json in one: what changed from REPORT to AFTER. REPORT alone: what changed since the version that "
        "stood there before. Exit code 0; with --exit-code 1 where a value differs."
    )
    at = _("Against the version that stood there on this day, or at this time (UTC).")
    params: list[click.Parameter] = [
        click.Argument(["before"], metavar=_("REPORT")),
        click.Argument(["after"], default="", metavar=f"[{_('AFTER')}]"),
        click.Option(["--at"], default="", metavar="2026-11-01", help=at),
        click.Option(["everything", "--all"], is_flag=True, help=_("Show every channel's numbers.")),
        click.Option(["exit_code", "--exit-code"], is_flag=True, help=_("End with exit code 1 where a value differs.")),
        json_option(),
    ]
    lines = ["kpi diff reports/acme/2026-10", "kpi diff reports/acme/2026-10 --at 2026-11-01",
             "kpi diff old/2026-10 reports/acme/2026-10 --json"]  # fmt: skip
    return make_command("diff", run, _("Say which numbers of a report changed, and why."), text, params, lines)


def run(before: str, after: str, at: str, everything: bool, exit_code: bool, as_json: bool) -> int:
    """Print what differs; with `exit_code` 1 where a value does."""
    from kpi_helpers.revisions import Comparison, compare, earlier_version, find_version
    from kpi_helpers.revisions.data import as_data

    if after and at:
        said = _("--at chooses a version of one report, and two are named.")
        raise click.UsageError(said, click.get_current_context())
    if after:
        comparison = compare(find_version(before), find_version(after))
    else:
        now = find_version(before)
        comparison = Comparison(earlier_version(now, at), now)
    if as_json:
        print_json(as_data(comparison))
    else:
        print_lines(_lines(comparison, everything))
    return DIFFERENT if exit_code and comparison.has_other_values else 0


def _lines(comparison: Comparison, everything: bool) -> Iterator[str]:
    from kpi_helpers.revisions import words

    yield words.title(comparison)
    ends = ((_("before"), comparison.before), (_("after"), comparison.after))
    yield from align([[file_name(cell) for cell in words.version_row(*end)] for end in ends])
    if rows := words.input_rows(comparison):
        yield from ("", _("What differs beside the numbers:"), *align(rows))
    for _cause, changes in groupby(comparison.changes, lambda change: (change.cause, change.because)):
        yield from ("", *_group(comparison, list(changes), everything))
    yield ""
    yield from (*words.notes(comparison), words.summary(comparison.changes))


def _group(comparison: Comparison, changes: list[Change], everything: bool) -> Iterator[str]:
    """The changes of one cause as a table: the company's, and the largest of the channels'."""
    from kpi_helpers.revisions import words
    from kpi_helpers.revisions.comparing import COMPANY

    yield words.heading(changes[0])
    channels = [change for change in changes if change.scope != COMPANY]
    shown = changes if everything else changes[: len(changes) - len(channels) + SHOWN]
    rows = [words.change_row(change, comparison.before, comparison.after) for change in shown]
    yield from _table([words.column_names(), *rows])
    if hidden := len(changes) - len(shown):
        form = ngettext("and {n} change of channels: --all shows it.", "and {n} changes of channels: --all shows them.",
                        hidden)  # fmt: skip
        yield f"  {form.format(n=hidden)}"


def _table(rows: list[list[str]]) -> Iterator[str]:
    """Aligned rows, without the columns that hold nothing but their heading; amounts stand to the right."""
    kept = [place for place in range(len(rows[0])) if any(row[place] for row in rows[1:])]
    numbers = [kept.index(place) for place in (1, 2, 3) if place in kept]
    yield from align([[row[place] for place in kept] for row in rows], numbers=numbers)
