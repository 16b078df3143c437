"""Whose numbers a lesson uses: the learner's own where they hold what it needs, else those of a made-up company."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kpi_helpers.errors import KitError
from kpi_helpers.folders import ROOT, find_folder
from kpi_helpers.labels import month_name
from kpi_helpers.language import _, language
from kpi_helpers.lessons.course import Lesson
from kpi_helpers.lessons.figures import Figures, Lot, figures_of
from kpi_helpers.lessons.script import Script
from kpi_helpers.lettering import LONGEST_NAME, cut_middle

SAMPLES = {"en": "data/sample/northlight", "ru": "data/sample/severny_svet"}


@dataclass(frozen=True)
class Opened:
    """A lesson composed: its script, the figures it was composed of, and whose they are and why, in words."""

    script: Script
    figures: Figures
    said: str


def compose_lesson(lesson: Lesson, data_dir: str, learner: str, currency: str = "") -> Opened:
    """The lesson on the learner's folder; on a sample where the folder is not named or lacks what the lesson needs.

    KitError where no sample can be read either.
    """
    reason = ""
    if str(data_dir).strip():
        try:
            return _compose(lesson, find_folder(data_dir), learner, currency)
        except Exception as error:  # whatever is in the folder, the lesson takes place
            if os.environ.get("KPI_DEBUG") and not isinstance(error, KitError):
                traceback.print_exc()
            reason = why(error)
            fault = error
    for folder in _samples():
        try:
            opened = _compose(lesson, folder, learner, "")
        except (KitError, OSError) as error:
            fault = error
        else:
            return Opened(opened.script, opened.figures, _why_not(data_dir, reason) + opened.said)
    raise fault


def why(error: Exception) -> str:
    """What went wrong, in one line for the learner."""
    if isinstance(error, KitError):
        return str(error).splitlines()[0]
    if isinstance(error, OSError) and error.strerror:
        return _("{file} cannot be used: {reason}.").format(file=error.filename or "", reason=error.strerror)
    return _("a fault of the kit: {error}.").format(error=f"{type(error).__name__}: {error}")


def _compose(lesson: Lesson, folder: Path, learner: str, currency: str) -> Opened:
    figures = figures_of(folder, currency)
    script = lesson.compose(figures, Lot(learner, lesson.key))
    return Opened(script, figures, _whose(figures, folder))


def _samples() -> Iterator[Path]:
    """The folder of the sample in the reader's language, then the others."""
    for lang in sorted(SAMPLES, key=lambda lang: lang != language()):
        yield ROOT / SAMPLES[lang]


def _whose(figures: Figures, folder: Path) -> str:
    name = cut_middle(figures.name or folder.name, LONGEST_NAME)
    made_up = any(folder.resolve() == (ROOT / sample).resolve() for sample in SAMPLES.values())
    form = (
        _("The numbers: {company}, a made-up company, up to {month}.")
        if made_up
        else _("The numbers: {company}, up to {month}.")
    )
    if not figures.months:
        return _("The numbers: {company}.").format(company=name)
    return form.format(company=name, month=month_name(figures.months[-1], heading=False))


def _why_not(data_dir: str, reason: str) -> str:
    if not reason:
        return ""
    form = _("The numbers of {folder} are not used here: {reason}")
    return form.format(folder=cut_middle(Path(data_dir).name or data_dir, LONGEST_NAME), reason=reason) + " "
