"""`kpi class DIR`: where the learners of a class are, what they mistake for what, and who is stuck."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_helpers.commands.wording import json_option, make_command
from kpi_helpers.errors import KitError
from kpi_helpers.labels import write_value
from kpi_helpers.language import _, language, ngettext
from kpi_helpers.lettering import LONGEST_NAME, as_cell, cut_middle
from kpi_helpers.printing import align, file_name, print_json, print_lines, tell

if TYPE_CHECKING:
    from kpi_helpers.lessons.classroom import Classroom, Learner, Standing

FINISHED, NOT_BEGUN = "●", "·"


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Show where the learners of a class are. DIR holds their files of progress, also in folders below it: one line "
        "a learner, one column a lesson; then the misconceptions met most, and who is stuck. A file that cannot be "
        "read is named, and the exit code is 1."
    )
    file = _("Write the table to FILE, one line for each learner and lesson.")
    params: list[click.Parameter] = [
        click.Argument(["folder"], metavar=_("DIR")),
        click.Option(["csv_file", "--csv"], default="", metavar=_("FILE"), help=file),
        json_option(),
    ]
    lines = ["kpi class class-2026", "kpi class class-2026 --csv class.csv --lang ru"]
    return make_command("class", run, _("Show how a class is doing in the lessons."), text, params, lines)


def run(folder: str, csv_file: str, as_json: bool) -> int:
    """Print the class; 1 where a file could not be read."""
    from kpi_helpers.lessons.classroom import read_class
    from kpi_helpers.saving import write_safely

    found = read_class(_find(folder))
    for error in found.errors:
        tell(str(error))
    if not found.learners and not found.errors:
        said = _("there are no files of progress in {folder}.").format(folder=file_name(folder))
        raise KitError(said, _("Collect the learners' files of data/progress there."))
    if csv_file:
        write_safely(_target(csv_file), as_csv(found).encode("utf-8-sig"))
    if as_json:
        print_json(as_data(found))
    elif found.learners:
        print_lines(_in_words(found))
    return 1 if found.errors else 0


def as_data(found: Classroom) -> dict[str, Any]:
    """The class as data: shares are fractions, what is not known is null."""
    from kpi_helpers.lessons.course import LESSONS

    return {
        "learners": [
            {
                "learner": learner.name, "files": list(learner.files),
                "lessons": {lesson: _standing_data(learner.standing(lesson)) for lesson in LESSONS},
            }
            for learner in found.learners
        ],
        "misconceptions": [vars(met) for met in found.misconceptions()],
        "stuck": [
            {**vars(one), "learner": one.learner.name, "files": list(one.learner.files)} for one in found.stuck()
        ],
        "errors": [str(error) for error in found.errors],
    }  # fmt: skip


def as_csv(found: Classroom) -> str:
    """A row for each learner and lesson; what a spreadsheet would run begins with an apostrophe."""
    from kpi_helpers.lessons.course import LESSONS
    from kpi_helpers.lessons.sitting import STEPS

    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if language() == "ru" else ",", lineterminator="\r\n")
    share = _("Right at the first try, %")
    writer.writerow([_("Learner"), _("Lesson"), _("Title"), _("State"), _("Step"), _("of steps"), share])
    for learner in found.learners:
        for lesson in LESSONS.values():
            standing = learner.standing(lesson.key)
            first = "" if math.isnan(standing.first_try) else str(round(standing.first_try * 100))
            cells = [_name(learner), str(lesson.number), _(lesson.title), _state(standing), str(standing.step),
                     str(len(STEPS)), first]  # fmt: skip
            writer.writerow([as_cell(cell) for cell in cells])
    return text.getvalue()


def standing_words(standing: Standing) -> str:
    """Where a learner is in a lesson, in words."""
    from kpi_helpers.lessons.sitting import STEPS

    if standing.step and not standing.finished:
        return _("step {n} of {steps}").format(n=standing.step, steps=len(STEPS))
    return _state(standing)


def _find(folder: str) -> Path:
    path = Path(folder).expanduser()
    if not path.is_dir():
        said = _("there is no folder {folder}.").format(folder=file_name(folder))
        raise KitError(said, _("Name the folder that holds the learners' files of progress."))
    return path


def _target(csv_file: str) -> Path:
    path = Path(csv_file).expanduser()
    if path.is_dir():
        said = _("{folder} is a folder.").format(folder=file_name(csv_file))
        raise KitError(
            said, _("Name the file to write, such as {file}.").format(file=file_name(str(path / "class.csv")))
        )
    return path


def _standing_data(standing: Standing) -> dict[str, Any]:
    first = None if math.isnan(standing.first_try) else standing.first_try
    return {"step": standing.step, "finished": standing.finished, "first_try": first}


def _in_words(found: Classroom) -> Iterator[str]:
    from kpi_helpers.lessons.sitting import STEPS

    yield ngettext("{n} learner", "{n} learners", len(found.learners)).format(n=len(found.learners))
    yield ""
    yield from _table(found)
    yield ""
    yield _("{finished} finished, {step} the step reached, {begun} not begun; %: right at the first try").format(
        finished=FINISHED, step=f"3/{len(STEPS)}", begun=NOT_BEGUN
    )
    for learner in found.learners:
        if len(learner.files) > 1:
            said = _("{learner} has several files, taken together: {files}.")
            yield said.format(learner=_name(learner), files=", ".join(map(file_name, learner.files)))
    yield from _misconceptions(found)
    yield from _stuck(found)


def _table(found: Classroom) -> Iterator[str]:
    from kpi_helpers.lessons.course import LESSONS

    head = [_("Learner"), *(str(lesson.number) for lesson in LESSONS.values())]
    rows = [[_name(learner), *(_cell(learner.standing(lesson)) for lesson in LESSONS)] for learner in found.learners]
    yield from align([head, *rows])


def _misconceptions(found: Classroom) -> Iterator[str]:
    from kpi_helpers.lessons.course import LESSONS
    from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS

    rows = [
        [_(MISCONCEPTIONS[met.name].name), str(met.learners), _lesson(LESSONS[met.lesson].number)]
        for met in found.misconceptions()
    ]
    if rows:
        yield from ("", _("What was mistaken, and by how many learners:"), *align(rows, numbers=[1]))


def _stuck(found: Classroom) -> Iterator[str]:
    from kpi_helpers.lessons.course import LESSONS
    from kpi_helpers.lessons.sitting import STEPS

    rows = [
        [
            _name(one.learner), _lesson(LESSONS[one.lesson].number),
            _("step {n} of {steps}").format(n=STEPS.index(one.step) + 1, steps=len(STEPS)),
            ngettext("{n} wrong answer", "{n} wrong answers", one.wrong).format(n=one.wrong),
            _("has seen the solution") if one.shown else "",
        ]
        for one in found.stuck() if one.step in STEPS
    ]  # fmt: skip
    if rows:
        yield from ("", _("Who is stuck:"), *align(rows))


def _name(learner: Learner) -> str:
    """The learner's name; of who gave none, the file."""
    nameless = _("(no name: {file})").format(file=file_name(learner.files[0]))
    return cut_middle(learner.name or nameless, LONGEST_NAME)


def _lesson(number: int) -> str:
    return _("lesson {n}").format(n=number)


def _state(standing: Standing) -> str:
    return _("finished") if standing.finished else _("begun") if standing.step else _("not begun")


def _cell(standing: Standing) -> str:
    from kpi_helpers.lessons.sitting import STEPS

    if not standing.step:
        return NOT_BEGUN
    mark = FINISHED if standing.finished else f"{standing.step}/{len(STEPS)}"
    return mark if math.isnan(standing.first_try) else f"{mark} {write_value(standing.first_try, 'share', short=True)}"
