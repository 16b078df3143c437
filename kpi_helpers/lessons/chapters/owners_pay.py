"""The experiment of the lesson on owners: empty leads are bought, and split and bonus answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from kpi_helpers.causes import RATE
from kpi_helpers.charts.waterfall import plot_waterfall
from kpi_helpers.drivers import split_change
from kpi_helpers.labels import kpi_name, month_name, write_difference, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.lessons.figures import Figures, Lacking
from kpi_helpers.lessons.script import Experiment, Shown, Slider
from kpi_helpers.scorecard import Curve, Line, Scheme, score
from kpi_helpers.tables import Column, data_table

MOST = 0.4  # empty leads, by those that came
BY_DEGREES = Curve(threshold=0, cap=1.5)
SHOWN = 0.2  # of those that came: the case that the exit question speaks of


class TwoMonths(Protocol):
    """Two months of leads, of which some qualified."""

    @property
    def before(self) -> pd.Timestamp: ...
    @property
    def after(self) -> pd.Timestamp: ...
    @property
    def leads(self) -> tuple[float, float]: ...
    @property
    def qualified(self) -> tuple[float, float]: ...


def shows_costs(figures: Figures, month: pd.Timestamp) -> bool:
    """Whether it is known what a qualified lead cost, and in some channel a lead."""
    costs = (figures.value("cpl", month, channel) for channel in figures.channels("cpl", month))
    return figures.value("cpql", month) > 0 and any(cost > 0 for cost in costs)


def cheapest_lead(figures: Figures, month: pd.Timestamp) -> float:
    """What a lead costs in the cheapest channel of the month; Lacking where no cost per lead is known."""
    costs = [cost for channel in figures.channels("cpl", month) if (cost := figures.value("cpl", month, channel)) > 0]
    if not costs:
        raise Lacking(_("the exports show in no channel what a lead costs."))
    return min(costs)


def schemes(figures: Figures, case: TwoMonths) -> dict[str, Scheme]:
    """Three ways to pay marketing, each of which pays in full for the month as it was."""
    targets = {"leads": case.leads[1], "qualified_leads": case.qualified[1], "cpql": figures.value("cpql", case.after)}
    weights = {"alone": {"leads": 1.0}, "balanced": {"leads": 0.5, "cpql": 0.5}, "result": {"qualified_leads": 1.0}}
    lines = {name: tuple(Line(key, weight, targets[key], BY_DEGREES) for key, weight in paid.items())
             for name, paid in weights.items()}  # fmt: skip
    return {name: Scheme("marketing", 1.0, paid) for name, paid in lines.items()}


def bonuses(figures: Figures, case: TwoMonths, empty: float, price: float) -> dict[str, float]:
    """The part of the full bonus that each scheme pays when so many empty leads are bought on top."""
    spend = figures.sums(case.after)["spend"] + empty * price
    values = {"leads": case.leads[1] + empty, "qualified_leads": case.qualified[1], "cpql": spend / case.qualified[1]}
    results = pd.DataFrame({"kpi": list(values), "value": list(values.values())})
    return {name: score(scheme, results).index for name, scheme in schemes(figures, case).items()}


def buy_empty_leads(figures: Figures, case: TwoMonths) -> Experiment:
    """A slider of leads that will never qualify, bought at the price of the cheapest channel."""
    price = cheapest_lead(figures, case.after)
    if not figures.value("cpql", case.after) > 0:
        raise Lacking(_("the exports do not show what a qualified lead costs."))

    def show(set_to: Mapping[str, Any]) -> Shown:
        empty = float(set_to["empty"])
        paid = bonuses(figures, case, empty, price)
        words = _finding(case, empty, paid["alone"])
        alt = f"{words} {_subtitle(case)}"
        return Shown(words, _draw(case, empty, words), alt, _table(figures, case, empty, price, paid))

    task = _("Nothing changes at sales: just as many leads qualify. But marketing also buys empty leads, which "
             "nobody can use, at {price} each, the price of the cheapest channel. Move the slider. Who gets the "
             "praise, who gets the blame, and what does the bonus pay?")  # fmt: skip
    most = max(round(MOST * case.leads[1]), 5)
    return Experiment(
        task=task.format(price=write_value(price, "money", figures.currency)),
        controls=[Slider("empty", _("Empty leads bought"), 0, most, 1, 0, "count")],
        show=show,
    )


def pays_for(figures: Figures, case: TwoMonths, price: float) -> str:
    """What empty leads bring by the three schemes, in a sentence."""
    empty = round(SHOWN * case.leads[1])
    paid = {name: write_value(part, "share") for name, part in bonuses(figures, case, empty, price).items()}
    form = ngettext(
        "With {n} empty lead bought, leads alone would pay {alone} of the bonus; with the counterweight it is "
        "{balanced}. And a near miss still pays.",
        "With {n} empty leads bought, leads alone would pay {alone} of the bonus; with the counterweight it is "
        "{balanced}. And a near miss still pays.", empty)  # fmt: skip
    return form.format(n=write_value(empty, "count"), **paid)


def _split(case: TwoMonths, empty: float) -> pd.Series:
    before = {"leads": case.leads[0], "qualified_leads": case.qualified[0]}
    after = {"leads": case.leads[1] + empty, "qualified_leads": case.qualified[1]}
    return split_change(before, after, f"leads * {RATE}")


def _finding(case: TwoMonths, empty: float, bonus: float) -> str:
    parts = {name: write_difference(part, "count", tenths=True) for name, part in _split(case, empty).items()}
    form = ngettext(
        "{n} empty lead: marketing is credited with {leads} qualified leads and sales with {rate}. A bonus on "
        "leads alone pays {bonus}.",
        "{n} empty leads: marketing is credited with {leads} qualified leads and sales with {rate}. A bonus on "
        "leads alone pays {bonus}.", int(empty))  # fmt: skip
    if not empty:
        form = _("As it was: marketing is credited with {leads} qualified leads and sales with {rate}. A bonus on "
                 "leads alone pays {bonus}.")  # fmt: skip
    return form.format(n=write_value(empty, "count"), leads=parts["leads"], rate=parts[RATE],
                       bonus=write_value(bonus, "share"))  # fmt: skip


def _subtitle(case: TwoMonths) -> str:
    return _("Qualified leads, {before} → {after}: leads × rate").format(
        before=month_name(case.before, heading=False), after=month_name(case.after, heading=False)
    )


def _draw(case: TwoMonths, empty: float, finding: str) -> Any:
    parts = _split(case, empty)
    effects = pd.DataFrame({
        "label": [_("Leads"), _("Rate")], "owner": ["marketing", "sales"],
        "effect": [parts["leads"], parts[RATE]],
    })  # fmt: skip
    totals = [
        (month_name(month), number) for month, number in zip((case.before, case.after), case.qualified, strict=True)
    ]
    return plot_waterfall(effects, totals, finding=finding, subtitle=_subtitle(case))


def _table(figures: Figures, case: TwoMonths, empty: float, price: float, paid: Mapping[str, float]) -> str:
    leads, spend = case.leads[1] + empty, figures.sums(case.after)["spend"] + empty * price
    lines = [
        (_("Leads"), leads, "count"), (_("Qualified leads"), case.qualified[1], "count"),
        (kpi_name("qualification_rate"), case.qualified[1] / leads, "share"),
        (kpi_name("cpql"), spend / case.qualified[1], "money"),
        (_("Bonus on leads alone"), paid["alone"], "share"),
        (_("Bonus on leads and on cost per qualified lead, half each"), paid["balanced"], "share"),
        (_("Bonus on qualified leads"), paid["result"], "share"),
    ]  # fmt: skip
    rows = [[name, write_value(value, style, figures.currency)] for name, value, style in lines]
    caption = _("{month}; bonuses in percent of the full bonus, which the month as it was would pay").format(
        month=month_name(case.after)
    )
    return data_table([Column(_("What")), Column(_("Value"), "number")], rows, caption=caption)
