"""Numbers of goals: a year's target from a year, and a share that grows in percent of itself or in points."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.goals.targets import apply_change
from kpi_helpers.labels import kpi_name, measure_name, month_name, write_difference, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.goals_year import YEAR
from kpi_helpers.lessons.figures import Figures, Lacking
from kpi_helpers.lessons.misconceptions import slip
from kpi_helpers.lessons.questions import Number
from kpi_helpers.lessons.script import BLANK, Step, steps_table

SUMS = ("leads", "visits", "orders")
SHARES = ("market_share", "awareness_unaided", "awareness_aided", "qualification_rate", "repeat_rate")
WAITING = ("qualification_rate",)  # its last months grow as long as leads get their verdict
GROWTHS = (0.1, 0.15, 0.2, 0.25, 0.3)
STEPS_OF_SHARES = (0.03, 0.04, 0.05, 0.06, 0.08)
FINE = 0.001


@dataclass(frozen=True)
class Year:
    """Twelve months of a KPI that adds up, and the growth that is wished for."""

    key: str
    last: pd.Timestamp
    total: float
    last_month: float
    growth: float
    currency: str

    @property
    def target(self) -> float:
        return apply_change(KPIS[self.key], self.total, "relative", self.growth)

    def write(self, amount: float) -> str:
        return write_value(amount, KPIS[self.key].style, self.currency)


@dataclass(frozen=True)
class Share:
    """A share of a month, and a change of it: in points, or else in percent of itself."""

    key: str
    month: pd.Timestamp
    base: float
    by: float
    in_points: bool


def list_years(figures: Figures) -> list[Year]:
    """All stretches of twelve finished months of the sums that are known, each with all growths."""
    found = []
    for key in SUMS:
        values = figures.history.past.values(key).reindex(figures.months)
        for end in range(YEAR, len(values) + 1):
            months = values.iloc[end - YEAR : end]
            if months.notna().all() and months.iloc[-1] > 0:
                found += [Year(key, months.index[-1], float(months.sum()), float(months.iloc[-1]), growth,
                               figures.currency) for growth in GROWTHS]  # fmt: skip
    return found


def list_shares(figures: Figures) -> list[Share]:
    """The shares of all months, each with all changes that it can take; Lacking where there are none."""
    judged = figures.judged_months()
    found = [
        Share(key, month, round(value, 3), by, in_points)
        for key in SHARES for month, value in _by_month(figures, key).items() if key not in WAITING or month in judged
        if 0.05 < value < 0.85 for by in STEPS_OF_SHARES for in_points in (True, False)
    ]  # fmt: skip
    if not found:
        raise Lacking(_("the exports show no share that a goal could be set for."))
    return found


def ask_target(year: Year) -> Number:
    name, growth = measure_name(year.key), write_value(year.growth, "share", short=True)
    first = year.last - pd.DateOffset(months=YEAR - 1)
    steps = [
        Step(_("Where it stands"), f"{month_name(first, heading=False)} – {month_name(year.last, heading=False)}",
             year.write(year.total)),
        Step(_("Of it the last month"), month_name(year.last, heading=False), year.write(year.last_month)),
        Step(_("The wish"), _("the next 12 months together"), f"+{growth}"),
        Step(_("Target, in all"), BLANK, BLANK),
    ]  # fmt: skip
    figures = {"last_month": year.last_month, "growth": year.growth}
    return Number(
        text=_("A year's goal for {name}: +{growth} in all. What is the target?").format(name=name, growth=growth),
        given=steps_table(steps), answer=year.target, style=KPIS[year.key].style, rounding=1.0, currency=year.currency,
        slips=(slip("last_month_for_year", **figures), slip("last_month_twelvefold", **figures),
               slip("growth_as_target", base=year.total, growth=year.growth)),
        hints=(
            _("Which line of the table is the starting point of a goal for twelve months together?"),
            _("Take the twelve months together, and add the growth to them."),
        ),
        because=_("A goal for the year in all starts from a year in all: busy and quiet months are both in it."),
        solution=f"{year.write(year.total)} × {write_value(1 + year.growth, 'multiple')} = {year.write(year.target)}",
    )  # fmt: skip


def ask_share(case: Share) -> Number:
    ratio, points = (lambda value: write_value(value, "share")), round(100 * case.by)
    change = _("+{n} percentage points") if case.in_points else _("+{n} percent of its present value")
    right = case.base + case.by if case.in_points else case.base * (1 + case.by)
    wrong = slip("percent_of_share" if case.in_points else "points_on_share", base=case.base, by=case.by)
    added = write_difference(case.by, "share").lstrip("+")
    way = f"{ratio(case.base)} + {added} = {ratio(right)}" if case.in_points else (
        f"{ratio(case.base)} × {write_value(1 + case.by, 'multiple')} = {ratio(right)}")  # fmt: skip
    return Number(
        text=_("{kpi}, {month}: {value}. The goal: {change}. Which share is that, in percent with one decimal?").format(
            kpi=kpi_name(case.key), month=month_name(case.month, heading=False), value=ratio(case.base),
            change=change.format(n=points)),
        answer=right, style="share", rounding=FINE,
        slips=(wrong, slip("growth_as_target", base=case.base, growth=case.by)),
        hints=(
            _("A share can grow in two ways. Which one do the words of the goal name?"),
            _("Percentage points are added to the share; percent are taken of it."),
        ),
        because=_("The words “points” or “percent of” decide. Without them it would be two goals."), solution=way,
    )  # fmt: skip


def _by_month(figures: Figures, key: str) -> dict[pd.Timestamp, float]:
    values = figures.history.past.values(key).reindex(figures.months)
    return dict(zip(figures.months, values.astype(float), strict=True))
