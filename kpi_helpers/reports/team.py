"""The work of the department: amount, quality, on time, by kind of work and never by person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from kpi_helpers import tables
from kpi_helpers.labels import NO_VALUE, write_days
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.gaming import warn_of_gaming
from kpi_helpers.reports.rows import keys_in, show_kpis
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column
from kpi_helpers.team import COUNTS, work_table
from kpi_helpers.teamwork import (
    ALL_KINDS,
    few_words,
    gather_kinds,
    in_order,
    kind_name,
    write_done,
    write_open,
    write_rating,
    write_share,
)


def show_team(month: Month, card: pd.DataFrame) -> Section:
    """The work of the marketing department: amount, quality, on time; goals of it that invite gaming."""
    section = show_kpis(month, card, "team", _("Team"), keys_in("team"), new_page=False)
    warn_of_gaming(section, card, card[card["status"] != "no_goal"], team=True)
    if "tasks" in month.tables:
        _work_by_kind(section, month)
    return section


def _work_by_kind(section: Section, month: Month) -> None:
    """What was done, on time and how it was received, by kind of work, beside the month before."""
    tasks = gather_kinds(month.tables["tasks"])
    now, before, ahead = (_by_kind(tasks, first, last) for first, last in _spans(month))
    kinds = in_order({str(kind) for work in (now, before, ahead) for kind in work.index} - {ALL_KINDS})
    if not kinds:
        return
    now, before, ahead = (_listed(work, kinds) for work in (now, before, ahead))
    written = {
        _("Work"): [kind_name(str(kind)) for kind in now.index],
        _("Done"): _written(now, write_done),
        _("Done the month before"): _written(before, write_done),
        _("On time"): _written(now, write_share, "on_time", "due"),
        _("On time the month before"): _written(before, write_share, "on_time", "due"),
        _("Accepted"): _written(now, write_share, "accepted", "judged"),
        _("Rating"): _written(now, write_rating),
        _("Not due yet"): _written(ahead, write_open),
    }
    used = {title: cells for title, cells in written.items() if set(cells) != {NO_VALUE}}
    columns = [Column(title, "number" if place else "text") for place, title in enumerate(used)]
    rows = [list(cells) for cells in zip(*used.values(), strict=True)]
    caption, note = _("Work by kind"), " ".join(filter(None, [_how_counted(month), few_words(now, before)]))
    section.html(tables.data_table(columns, rows[:-1], caption=caption, note=note, total=rows[-1]))
    _add_sheet(section, caption, now, before, ahead)


def _written(work: pd.DataFrame, write: Callable[..., str], *names: str) -> list[str]:
    return [write(row, *names) for row in work.to_dict("records")]


def _spans(month: Month) -> list[tuple[date, date]]:
    """The days covered of the month, as many of the month before, and the whole month."""
    before = month.start - timedelta(days=1)
    same = min(before.replace(day=1) + timedelta(days=month.days - 1), before) if month.first_days else before
    return [(month.start, month.end), (before.replace(day=1), same),
            (month.start, month.start + timedelta(days=month.length - 1))]  # fmt: skip


def _by_kind(tasks: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """The work of a period by kind, and of all kinds."""
    return pd.concat([work_table(tasks, first, last).set_index("kind"),
                      work_table(tasks, first, last, by=()).set_axis([ALL_KINDS])])  # fmt: skip


def _listed(work: pd.DataFrame, kinds: list[str]) -> pd.DataFrame:
    """The work of these kinds and of all: nothing was done of a kind that others were done of."""
    listed = work.reindex([*kinds, ALL_KINDS])
    return listed.fillna({name: 0.0 for name in COUNTS if listed[name].notna().any()})


def _how_counted(month: Month) -> str:
    words = _("Done: by the day the work was done. On time, accepted, rating: of the tasks that were due.")
    if month.first_days is None:
        return words
    return f"{words} {_('Of the month before the same first {days} count.').format(days=write_days(month.days))}"


def _add_sheet(section: Section, caption: str, now: pd.DataFrame, before: pd.DataFrame, ahead: pd.DataFrame) -> None:
    """The same as numbers, for the spreadsheet."""
    shown = {
        _("Done"): (now["done"], "count"), _("Done the month before"): (before["done"], "count"),
        _("Due"): (now["due"], "count"), _("On time"): (now["on_time"], "count"), _("Late"): (now["late"], "count"),
        _("On time, share"): (now["on_time_share"], "share"),
        _("Due the month before"): (before["due"], "count"),
        _("On time the month before"): (before["on_time"], "count"), _("Not due yet"): (ahead["open"], "count"),
        _("Judged"): (now["judged"], "count"), _("Accepted"): (now["accepted"], "count"),
        _("Accepted, share"): (now["accepted_share"], "share"), _("Rated"): (now["rated"], "count"),
        _("Rating"): (now["rating"], "ratio"),
    }  # fmt: skip
    names = [kind_name(str(kind)) for kind in now.index]
    columns = [Column(_("Work")), *(Column(title, style) for title, (_values, style) in shown.items())]
    section.sheet(caption, columns, zip(names, *(values for values, _style in shown.values()), strict=True))
