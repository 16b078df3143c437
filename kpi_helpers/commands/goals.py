"""`kpi goals check`: each goal of a file held against SMART; what is refused is named line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_helpers.commands.wording import json_option, make_command
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.printing import align, file_name, print_json, print_lines, reading_bar, tell

if TYPE_CHECKING:
    from kpi_helpers.errors import KitError
    from kpi_helpers.past import Past
    from kpi_helpers.smart import Check

    Found = tuple[dict[str, Any], str, list[Check]]

WHAT = ("check",)
MARKS = {"yes": "●", "unsure": "?", "no": "▲"}
VERDICTS = {"yes": N_("yes"), "unsure": N_("unsure"), "no": N_("no")}
MEANINGS = {
    "S": N_("specific"), "M": N_("measurable"), "A": N_("achievable"), "R": N_("relevant"), "T": N_("time-bound"),
}  # fmt: skip


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Hold goals against SMART: specific, measurable, achievable, relevant, time-bound. FILE is a goals file (CSV, "
        "Excel or YAML) or a company's folder. With exports at hand it says what chance each goal has. Exit code 1 "
        "when a goal is refused."
    )
    params: list[click.Parameter] = [
        click.Argument(["what"], type=click.Choice(WHAT), metavar="|".join(WHAT)),
        click.Argument(["file"], metavar=_("FILE")),
        click.Option(["--data"], default="", metavar=_("DIR"), help=_("The folder of the exports.")),
        json_option(),
    ]
    lines = ["kpi goals check acme", "kpi goals check goals.yml --data acme"]
    return make_command("goals", run, _("Check goals: SMART, and in order."), text, params, lines)


def run(what: str, file: str, data: str, as_json: bool) -> int:
    """Print the goals with their verdicts; 1 when a goal is refused."""
    from kpi_helpers.goals import sort_goals
    from kpi_helpers.monthly import read_goal_rows

    path, folder = _places(file, data)
    rows, lines = read_goal_rows(path)
    _tell_unread(path, rows)
    goals, errors = sort_goals(rows, path.name, lines)
    past = _read_past(folder) if folder and len(goals) else None
    named = ({str(name): value for name, value in goal.items()} for goal in goals.to_dict("records"))
    found = [(goal, *_checks(goal, past)) for goal in named]
    if as_json:
        print_json(_as_data(path, found, errors))
    else:
        print_lines(_in_words(path, found, past))
        for line in (line for error in errors for line in str(error).splitlines()):
            tell(line)
    return 1 if errors else 0


def _tell_unread(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Columns that say nothing to the kit: comments, or a heading that was meant otherwise."""
    from kpi_helpers.goals import COLUMNS, name_columns

    unread = [name for name in name_columns(rows[0]) if name and name not in COLUMNS] if rows else []
    if unread:
        said = _("{file}: not read: {unread}. Columns of goals: {columns}.")
        tell(said.format(file=file_name(path.name), unread=", ".join(unread), columns=", ".join(COLUMNS)))


def _places(file: str, data: str) -> tuple[Path, Path | None]:
    """The goals file, and the folder of the exports: the one named, or the company's own."""
    from kpi_helpers.company import FILE
    from kpi_helpers.errors import KitError
    from kpi_helpers.exports import find_folder
    from kpi_helpers.monthly import find_goals

    named = find_folder(data) if data else None
    if Path(file).is_file():
        path = Path(file)
        home = path.parent if (path.parent / FILE).exists() else None
    else:
        home = find_folder(file)
        path = find_goals(home)
        if not path.exists():
            found = _("there is no goals file in {folder}.").format(folder=file_name(home))
            raise KitError(found, _("Write one: kpi new shows its columns."))
    return path, named or home


def _read_past(folder: Path) -> Past:
    from kpi_helpers.exports import read_exports
    from kpi_helpers.monthly import past_of

    return past_of(read_exports(folder, progress=reading_bar()))


def _checks(goal: dict[str, Any], past: Past | None) -> tuple[str, list[Check]]:
    """The goal in words, and its checks."""
    from kpi_helpers.smart import check_smart, gather_evidence, goal_words

    evidence = gather_evidence(goal, past, past.exports.currency) if past else None
    return goal_words(goal, evidence), check_smart(goal, evidence)


def _in_words(path: Path, found: list[Found], past: Past | None) -> Iterator[str]:
    today = past.last + timedelta(days=1) if past and past.last else date.today()
    held = [
        (_with_period(title, goal), checks)
        for goal, title, checks in found if not goal["deadline"] or goal["deadline"] >= today
    ]  # fmt: skip
    over = len(found) - len(held)
    if held:
        rows = [[title, *(MARKS[check.verdict] for check in checks)] for title, checks in held]
        yield from align([[_("Goal"), *MEANINGS], *rows], 0)
        yield ""
        yield "   ".join(f"{mark} {_(VERDICTS[verdict])}" for verdict, mark in MARKS.items())
        yield ", ".join(f"{letter}: {_(word)}" for letter, word in MEANINGS.items())
    for title, checks in held:
        yield from ("", title)
        for check in checks:
            if check.verdict != "yes" or check.letter == "A":  # the chance is said of every goal
                yield f"  {check.letter} {MARKS[check.verdict]} {check.words} {check.next_step}".rstrip()
    if over:
        form = ngettext("{n} goal is over and is not shown.", "{n} goals are over and are not shown.", over)
        yield from (("",) if held else ())
        yield form.format(n=over)
    if not found:
        yield _("{file}: no goals in order.").format(file=file_name(path.name))


def _with_period(title: str, goal: dict[str, Any]) -> str:
    from kpi_helpers.labels import write_period

    known = goal["start"] and goal["deadline"]
    return f"{title} · {write_period(goal['start'], goal['deadline'])}" if known else title


def _as_data(path: Path, found: list[Found], errors: list[KitError]) -> dict[str, Any]:
    return {
        "file": file_name(path),
        "goals": [
            {**{name: _json(value) for name, value in goal.items()}, "checks": [asdict(check) for check in checks]}
            for goal, _title, checks in found
        ],
        "errors": [str(error) for error in errors],
    }


def _json(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value
