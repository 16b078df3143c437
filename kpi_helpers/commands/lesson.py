"""`kpi lesson`: the course with what is done of it, or one lesson as a page."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpi_helpers.commands import serving
from kpi_helpers.commands.wording import as_called, make_command
from kpi_helpers.errors import KitError
from kpi_helpers.folders import ROOT, find_folder
from kpi_helpers.language import _, language
from kpi_helpers.printing import align, file_name, print_lines, tell

if TYPE_CHECKING:
    from kpi_helpers.lessons.course import Lesson
    from kpi_helpers.lessons.kept import Try

NOTEBOOKS = ROOT / "notebooks"
LAST_PORT = 65535


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "List the lessons of the course, with what the learner has done, or open one, by its number or its name, as a "
        "page in the browser. Ctrl-C ends it; the answers are kept in data/progress."
    )
    lab = _("Open it in JupyterLab, where its code can be seen. So it is opened, too, where Voila is not installed.")
    params: list[click.Parameter] = [
        click.Argument(["name"], default="", metavar=f"[{_('LESSON')}]"),
        click.Option(["--data"], default="", metavar=_("DIR"), help=_("The folder of your own exports.")),
        click.Option(["--learner"], default="", metavar=_("LEARNER"), help=_("Whose answers these are.")),
        click.Option(["lab", "--lab"], is_flag=True, help=lab),
        click.Option(["browser", "--no-browser"], is_flag=True, flag_value=False, default=True,
                     help=_("Only print the address, and open no browser.")),
        click.Option(["--port"], default="", metavar="8890", help=_("The port; without it any free one.")),
        click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED, metavar=f"[-- {_('ARGS')}...]"),
    ]  # fmt: skip
    lines = ["kpi lesson", "kpi lesson 5 --data acme --learner Anna", "kpi lesson honest_roi --lab"]
    return make_command("lesson", run, _("List the lessons of the course, or open one."), text, params, lines)


def run(
    name: str, data: str, learner: str, lab: bool, browser: bool, port: str, arguments: tuple[str, ...]
) -> None:  # fmt: skip
    """List the course, or show the lesson until Ctrl-C."""
    from kpi_helpers.lessons.course import find_lesson

    if not name:
        print_lines(_course(learner))
        return
    lesson = find_lesson(name)
    notebook = notebook_of(lesson)
    given = {"data_dir": str(find_folder(data).resolve()) if data else "", "learner": learner, "lang": language()}
    number = _port(port)
    if not lab and not serving.has_voila():
        tell(_("Voila is not installed: the lesson opens in JupyterLab, with its code."))
        lab = True

    def told(address: str) -> None:
        print_lines([f"{lesson.number}. {_(lesson.title)}", address, _("Ctrl-C ends it.")])
        sys.stdout.flush()

    parameters = {key: value for key, value in given.items() if value}
    serving.show(notebook, parameters, told, lab=lab, browser=browser, port=number, arguments=arguments)


def notebook_of(lesson: Lesson) -> Path:
    """The lesson's notebook in the reader's language; KitError where it is missing."""
    places = [NOTEBOOKS / language() / "lessons", NOTEBOOKS / "lessons"]
    found = next((path for place in places if (path := place / f"{lesson.notebook}.ipynb").is_file()), None)
    if found is None:
        said = _("the notebook {file} is missing.").format(file=f"{lesson.notebook}.ipynb")
        raise KitError(said, _("Unpack the kit again: its notebooks lie in the folder {folder}.").format(
            folder="notebooks/lessons"))  # fmt: skip
    return found


def _port(text: str) -> int:
    """The number of a port, 0 where none is asked for."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= LAST_PORT):
        said = _("{port} is no port.").format(port=repr(text))
        raise KitError(said, _("Name a number from 1 to {last}, or leave it out.").format(last=LAST_PORT))
    return int(text[:6])


def _course(learner: str) -> Iterator[str]:
    """The lessons, one a line."""
    from kpi_helpers.commands.classroom import standing_words
    from kpi_helpers.lessons.classroom import standing_of
    from kpi_helpers.lessons.course import LESSONS

    done = _done(learner)
    rows = [
        [str(lesson.number), _(lesson.title), lesson.key, _("{n} min").format(n=lesson.minutes),
         standing_words(standing_of(done.get(lesson.key, ())))]
        for lesson in LESSONS.values()
    ]  # fmt: skip
    yield from align(rows, numbers=[0, 3])
    yield ""
    yield _("Open one: {line}").format(line=as_called("kpi lesson 1"))


def _done(learner: str) -> Mapping[str, tuple[Try, ...]]:
    """The learner's tries by lesson; a file that cannot be read is named, and left as it is."""
    from kpi_helpers.lessons.kept import read_progress
    from kpi_helpers.lessons.learners import folded
    from kpi_helpers.lessons.progress import FOLDER, progress_file

    path = progress_file(learner, FOLDER)
    if not path.exists():
        return {}
    try:
        kept = read_progress(path)
        if folded(kept.learner) != folded(learner):
            raise KitError(_("{file} is another learner's.").format(file=file_name(path.name)))
        return kept.lessons
    except KitError as error:
        tell(str(error))
        return {}
