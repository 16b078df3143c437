"""A month above the one before: how much of it is season, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import lower_first, month_name, upper_first, write_change, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.targets_cases import Rise
from kpi_helpers.lessons.figures import Lacking, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.tables import Column, data_table

WHOLE = 0.01  # percent are asked for without decimals


def ask_growth(rise: Rise) -> Number:
    year_ago = rise.month.replace(year=rise.month.year - 1)
    text = _("{kpi} in {month}: {value}. How large is the growth without the season, in whole percent?")
    return Number(
        text=text.format(kpi=rise.name, month=month_name(rise.month, heading=False), value=rise.write(rise.value)),
        given=_two_years(rise),
        answer=rise.value / rise.year_ago - 1, style="share", rounding=WHOLE,
        slips=(
            slip("season_as_growth", value=rise.value, previous=rise.previous),
            slip("new_value_as_base", value=rise.value, before=rise.year_ago),
        ),
        hints=(
            _("Which other month has the same season?"),
            _("Compare the month with the same month of last year, in percent of that one."),
        ),
        because=_("Both months have the same season, so it plays no part in their difference."),
        solution=_("{value} / {before} − 1 = {change}, against {month}").format(
            value=rise.write(rise.value), before=rise.write(rise.year_ago),
            month=month_name(year_ago, heading=False), change=write_value(rise.value / rise.year_ago - 1, "share")),
    )  # fmt: skip


def _two_years(rise: Rise) -> Markup:
    year_ago = rise.month.replace(year=rise.month.year - 1)
    rows = [[month_name(year_ago), rise.year_ago_previous, rise.year_ago],
            [month_name(rise.month), rise.previous, rise.value]]  # fmt: skip
    columns = [Column(_("Month")), Column(_("The month before it"), "count"), Column(_("This month"), "count")]
    return Markup(data_table(columns, rows, caption=rise.name))


def ask_signal(lot: Lot, rises: Sequence[Rise]) -> Choice:
    """Which sentence a rise within the usual range allows; Lacking where no month has such a range."""
    usual = [rise for rise in rises if rise.is_usual]
    if not usual:
        raise Lacking(_("no month with a usual range was above the one before."))
    rise = lot.one(usual)
    style, kpi, month = KPIS[rise.key].style, lower_first(rise.name), month_name(rise.month, heading=False)
    change = write_change(_shown(rise, rise.value), _shown(rise, rise.previous), style)
    ends = {name: write_value(_shown(rise, end), style) for name, end in (("low", rise.low), ("high", rise.high))}
    text = _("{kpi}, {month}: {value}, the month before {previous} ({change}). Judging by earlier months, chance "
             "alone keeps nearly every such month between {low} and {high}: its usual range. This month a new landing "
             "page went live. Which sentence belongs in the report?")  # fmt: skip
    return Choice(
        text=text.format(kpi=rise.name, month=month, value=rise.write(rise.value), previous=rise.write(rise.previous),
                         change=change, **ends),
        answer="usual",
        options=(
            Option("works", _("{change} in a month: the new page works").format(change=change)),
            Option("usual", _("Within the usual range: whether the page helps cannot be told yet")),
            Option("trend", _("The trend points up: next month brings as much again")),
            Option("nothing", _("Within the usual range: the new page has no effect")),
        ),
        slips=(slip_to("chance_as_success", "works"), slip_to("trend_of_two", "trend"),
               slip_to("no_signal_as_no_effect", "nothing")),
        hints=(
            _("How far do the months move when nothing special happens?"),
            _("The month lies within its usual range. What does that prove, and what does it not prove?"),
        ),
        because=_("Months differ anyway. Within the range a rise may be chance, or chance may hide a small "
                  "effect: only more months or a test can tell."),
        solution=_("{kpi}: {value} lies between {low} and {high}, so this one month shows neither success nor "
                   "failure.").format(kpi=upper_first(kpi), value=rise.write(rise.value), **ends),
    )  # fmt: skip


def _shown(rise: Rise, value: float) -> float:
    """As it is written, so that a reader calculates the same: counts whole, shares with the decimals of the value."""
    return float(round(value)) if KPIS[rise.key].style == "count" else round(value, 3 if abs(value) >= 0.00995 else 4)
