"""The way back from qualified leads that are wanted to leads, visits and money."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from kpi_helpers.labels import NBSP, kpi_name, month_name, write_change, write_money, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking
from kpi_helpers.lessons.misconceptions import slip
from kpi_helpers.lessons.questions import Number
from kpi_helpers.lessons.script import BLANK, Step, steps_table
from kpi_helpers.outlook_words import rounded
from kpi_helpers.planning import plan_backward

RATE = "qualification_rate"
MEASURES = ("visits", "orders", "revenue", "spend", "leads", "qualified_leads", "new_customers")
GROWTHS = (0.1, 0.2, 0.25, 0.3, 0.4)
HALF = 0.5


@dataclass(frozen=True)
class Way:
    """A month's way from visits to qualified leads, and how many of these are wanted."""

    month: pd.Timestamp
    wanted: int
    qualified: float
    rate: float
    visit_to_lead: float
    cpl: float
    currency: str

    @property
    def steps(self) -> dict[str, float]:
        """What is needed for it, by measure: leads, visits, spend."""
        rates = {"qualification_rate": self.rate, "visit_to_lead": self.visit_to_lead, "cpl": self.cpl}
        return {step.measure: step.value for step in plan_backward("qualified_leads", self.wanted, rates)}

    @property
    def leads(self) -> int:
        """The whole leads that it takes."""
        return math.ceil(self.steps["leads"] - 1e-9)

    @property
    def is_whole(self) -> bool:
        """Whether who rounds to the nearest gets as many leads as who rounds up."""
        return self.leads - self.steps["leads"] < HALF


def list_months(figures: Figures) -> list[pd.Timestamp]:
    """The judged months that have all it takes, the newest first; Lacking where none has."""
    judged = figures.judged_months()
    months = [month for month in figures.months_with(*MEASURES) if month in judged]
    if not months:
        raise Lacking(_("the exports show the way from visits to qualified leads in too few months."))
    return months


def list_ways(figures: Figures) -> list[Way]:
    """The ways of all judged months, with the growths of the qualified leads at which rounding to whole leads is
    rounding up; Lacking for fewer than two months."""
    found = []
    for month in list_months(figures):
        rate, to_lead, cpl = (figures.value(key, month) for key in (RATE, "visit_to_lead", "cpl"))
        qualified = figures.sums(month)["qualified_leads"]
        if 0.3 < rate < 0.95:
            found += [Way(month, round(qualified * (1 + growth)), qualified, rate, to_lead, cpl, figures.currency)
                      for growth in GROWTHS]  # fmt: skip
    found = [way for way in found if way.is_whole]
    if len({way.month for way in found}) < 2:
        raise Lacking(_("the exports show the way from visits to qualified leads in too few months."))
    return found


def work_out(way: Way) -> list[Step]:
    """From the qualified leads that are wanted back to leads, visits and money, with the owner of each step."""
    count, each = (lambda value: write_value(value, "count")), 1 / way.visit_to_lead
    leads, visits = way.leads, way.leads * round(each)
    price = round(way.cpl, 2 if way.cpl < 100 else 0)  # as it is shown: who reckons along gets the same
    return [
        Step(_("Qualified leads wanted"), _("{n} in {month}, to be {change}").format(
            n=count(way.qualified), month=month_name(way.month, heading=False),
            change=write_change(way.wanted, way.qualified, "count")), count(way.wanted)),
        Step(_("Leads needed (rate: sales)"), f"{count(way.wanted)} / {write_value(way.rate, 'share')}", count(leads)),
        Step(_("Visits needed (rate: marketing)"), _("{n} leads × {each} visits for each").format(
            n=count(leads), each=count(round(each))), f"≈{NBSP}{count(rounded(visits))}"),
        Step(_("Ad spend at the price of that month"), f"{count(leads)} × {write_money(way.cpl, way.currency)}",
             f"≈{NBSP}{write_money(rounded(leads * price), way.currency)}"),
    ]  # fmt: skip


def ask_leads(way: Way) -> Number:
    count, rate = (lambda value: write_value(value, "count")), write_value(way.rate, "share")
    needed = way.leads
    month = month_name(way.month, heading=False)
    table = [
        Step(_("Qualified leads wanted"), _("{n} in {month}, to be {change}").format(
            n=count(way.qualified), month=month, change=write_change(way.wanted, way.qualified, "count")),
            count(way.wanted)),
        Step(kpi_name(RATE), month, rate),
        Step(_("Leads needed (rate: sales)"), BLANK, BLANK),
    ]  # fmt: skip
    return Number(
        text=_("Sales qualify {rate} of the leads. How many leads does it take for {wanted} qualified ones, rounded up "
               "to whole leads?").format(rate=rate, wanted=count(way.wanted)),
        given=steps_table(table), answer=float(needed), style="count", rounding=1.0,
        slips=(
            slip("multiplied_by_rate", needed=float(way.wanted), rate=way.rate),
            slip("lost_share_added", needed=float(way.wanted), rate=way.rate),
            slip("rate_forgotten", needed=float(way.wanted)),
        ),
        hints=(
            _("Write it forward first: what, times the rate, gives the qualified leads?"),
            _("Leads × rate = qualified leads. Turn it round."),
        ),
        because=_("Leads are what marketing moves; at a better rate of sales fewer of them would do."),
        solution=_("{wanted} / {rate} ≈ {exact}; rounded up, {needed}").format(
            wanted=count(way.wanted), rate=rate, exact=count(round(way.steps["leads"], 1)), needed=count(needed)),
    )  # fmt: skip
