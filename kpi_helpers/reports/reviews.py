"""The reviews by source: a part of the section on the brand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from kpi_helpers.brand.words import rating_words, reputation_readings, verdict_word
from kpi_helpers.labels import write_difference, write_interval, write_period, write_value
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.monthly import Month
from kpi_helpers.reports.section import Section
from kpi_helpers.reputation import describe_reviews, difference_of_means
from kpi_helpers.tables import Column

FEW = 5  # reviews: of fewer, no share and no average is written
MOST_ROWS = 20
ALL_SOURCES = "\0"  # a name that no export can hold
Row = dict[str, Any]


def show_reviews(section: Section, month: Month) -> None:
    """The average rating and the bad reviews of the month by source, beside the twelve months before."""
    now, before = _around(month)
    if ALL_SOURCES not in now:
        return
    names = [name for name in now if name != ALL_SOURCES][:MOST_ROWS]
    listed = [*names, ALL_SOURCES] if len(names) > 1 else [ALL_SOURCES]
    rows = [[_source_name(name), *_review_cells(now[name], before.get(name))] for name in listed]
    columns = [Column(_("Source")), Column(_("Reviews"), "number"), Column(_("Average rating"), "number"),
               Column(_("12 months before"), "number"), Column(_("1 and 2 stars"), "number"),
               Column(_("12 months before"), "number")]  # fmt: skip
    note = _(
        "Stars from 1 to 5, other scales brought to them. Intervals: Wilson's, for the average by how much the ratings "
        "differ. Fewer than {few} reviews: not enough data. Few people write reviews, the pleased and the angry more "
        "than others: watch the change, not the level."
    ).format(few=FEW)
    caption = _("Reviews, {period}").format(period=write_period(month.start, month.end))
    total = rows[-1] if len(rows) > 1 else None
    section.table(columns, rows[:-1] if total else rows, caption=caption, note=note, total=total)
    _change_of_rating(section, now[ALL_SOURCES], before.get(ALL_SOURCES))


def _around(month: Month) -> tuple[dict[str, Row], dict[str, Row]]:
    """The reviews of the month and of the 12 months before, by source and together."""
    reviews, first = month.tables["reviews"], month.start
    year = (pd.Timestamp(first) - pd.DateOffset(years=1)).date()
    return _by_source(reviews, first, month.end), _by_source(reviews, year, first - timedelta(days=1))


def _by_source(reviews: pd.DataFrame, first: date, last: date) -> dict[str, Row]:
    by_source, together = (describe_reviews(reviews, "", first, last, by_source=apart) for apart in (True, False))
    rows = pd.concat([by_source, together.assign(source=ALL_SOURCES)]).to_dict("records")
    return {row["source"]: {str(name): value for name, value in row.items()} for row in rows}


def _source_name(source: str) -> str:
    if source == ALL_SOURCES:
        return _("All reviews")
    return cut_middle(source, 40) if source else _("Source not given")


def _review_cells(now: Row, before: Row | None) -> list[str]:
    cells = [write_value(now["reviews"], "count")]
    for write in (rating_words, _bad_words):
        for row in (now, before):
            cells.append(write(row) if row is not None and row["reviews"] >= FEW else _("not enough data"))
    return cells


def _bad_words(row: Row) -> str:
    interval = write_interval(row["bad_low"], row["bad_high"], "share")
    return f"{write_value(row['bad_share'], 'share')} ({interval})"


def real_change(month: Month) -> str:
    """The sentence on an average rating that really changed against the 12 months before; "" where it did not."""
    if "reviews" not in month.tables:
        return ""
    now, before = _around(month)
    change = _difference(now.get(ALL_SOURCES), before.get(ALL_SOURCES))
    if change is None or change[1] <= 0 <= change[2]:
        return ""
    return _("Reviews: {now} stars on average, {before} in the 12 months before: {verdict}.").format(
        now=write_value(now[ALL_SOURCES]["mean"], "ratio"), before=write_value(before[ALL_SOURCES]["mean"], "ratio"),
        verdict=verdict_word(_verdict(change)))  # fmt: skip


def _difference(now: Row | None, before: Row | None) -> tuple[float, float, float] | None:
    if now is None or before is None or min(now["reviews"], before["reviews"]) < FEW:
        return None
    return difference_of_means(now, before)


def _verdict(change: tuple[float, float, float]) -> str:
    return "higher" if change[1] > 0 else "lower" if change[2] < 0 else "within_noise"


def _change_of_rating(section: Section, now: Row, before: Row | None) -> None:
    """Whether the rating really changed, and what a goal on reputation has to say."""
    if change := _difference(now, before):
        value, low, high = (write_difference(part, "ratio") for part in change)
        section.notice(
            _("Average rating against the 12 months before: {change} stars (from {low} to {high}): {verdict}.").format(
                change=value, low=low, high=high, verdict=verdict_word(_verdict(change))))  # fmt: skip
    if before is not None and before["reviews"] >= FEW:
        section.notice(_("A goal such as “reputation +15%” says nothing yet. It may mean: {readings}.").format(
            readings="; ".join(reputation_readings(before))), _("Write down which one is meant."))  # fmt: skip
