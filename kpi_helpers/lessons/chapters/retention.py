"""Retention and lifetime value: how long customers stay, what they bring until then, and who is counted as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from kpi_helpers.charts.paper import figure_html
from kpi_helpers.charts.what_if import plot_what_if
from kpi_helpers.customer_value import Customers
from kpi_helpers.customer_value.pictures import draw_cohorts
from kpi_helpers.labels import upper_first, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.retention_asking import ask_cohorts, ask_repeat
from kpi_helpers.lessons.chapters.retention_cases import (
    WIDER,
    Year,
    as_shown,
    customers_of,
    list_cohorts,
    list_years,
    months,
    with_definition,
    written,
)
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import Experiment, Paragraph, Script, Shown, Slider, Step, leave_out, steps_table
from kpi_helpers.tables import Column, data_table

HALF_A_PERCENT = 0.005
FASTER = {"double": 2.0, "half": 1.5}  # times the lifetime, of which one is drawn
HIGHEST = 0.9  # churn


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on the company's customers."""
    years, customers = list_years(figures), customers_of(figures)
    now, others, days = years[-1], lot.shuffled(years[:-1]), figures.exports.company.active_days
    example, grows = others[0], lot.one(list(FASTER))
    _case, blank = lot.clear(others[1:], ask_ltv)
    _case, repeat = lot.clear(years, ask_repeat)
    return Script(
        predict=ask_prediction(now, days, grows), explore=vary_churn(now),
        explain=lambda said: explain(now, customers, days, said, grows),
        example=work_out(example), example_of=example.name, blank=blank,
        fresh=[repeat, ask_cohorts(lot, list_cohorts(customers))],
        leave=ask_definition(figures, now, round(days * lot.one(WIDER))),
        remember=(
            _("Lifetime is 1 / churn: half the churn is twice the lifetime and twice the LTV."),
            _("LTV is counted in margin, never in revenue, and compared with CAC. That it should be 3 times as "
              "much is a rule of thumb, not a law."),
            _("Count customers, not rows: two orders on one day are one purchase."),
            _("Compare cohorts at the same age, and ask first who counts as active."),
        ),
    )  # fmt: skip


# The steps


def ask_prediction(year: Year, days: int, grows: str = "double") -> Choice:
    """What a higher retention does to the LTV: `grows` is the right option. Calculated with what is shown."""
    kept = round(1 - year.churn, 2)
    better = round(1 - (1 - kept) / FASTER[grows], 3)
    in_proportion = slip("retention_in_proportion", kept=kept, better=better)
    text = _("A customer counts as active if they bought within the last {days} days. In the {year}, of the customers "
             "who were active at the start of a month, about {kept} still were at its end. Suppose you raise that "
             "to {better}. What happens to the lifetime value (LTV), the margin that a customer brings until they "
             "leave?")  # fmt: skip
    options = (
        Option(
            "in_proportion",
            _("It grows by {gain}, as retention does").format(gain=write_value(in_proportion.value, "share")),
        ),
        Option("half", _("It grows by about a half")),
        Option("double", _("It doubles")),
        Option("same", _("It stays: each purchase brings as much as before")),
    )
    return Choice(
        text=text.format(days=days, year=year.name, kept=write_value(kept, "share", short=True),
                         better=write_value(better, "share")),
        answer=grows,
        options=options,
        slips=(slip_to(in_proportion.name, "in_proportion", **in_proportion.figures),
               slip_to("value_of_one_purchase", "same")),
    )  # fmt: skip


def vary_churn(year: Year) -> Experiment:
    low = round(max(year.churn / 4, 0.01), 2)
    high = round(min(max(2.5 * year.churn, 1.2 / year.payback), HIGHEST), 2)
    at = np.linspace(low, high, 4 * round(100 * (high - low)) + 1)
    line = pd.Series(year.margin / at, index=at)

    def show(set_to: Mapping[str, Any]) -> Shown:
        churn = set_to["churn"]
        ltv = year.margin / churn
        said = _(
            "With a churn of {churn} a month a customer stays {lifetime} and brings {ltv}: {to_cac} times the CAC."
        )
        if ltv < year.cac:
            said = _("With a churn of {churn} a month a customer stays {lifetime} and leaves before the CAC is paid "
                     "back: {ltv}, {to_cac} times the CAC.")  # fmt: skip
        words = said.format(churn=write_value(churn, "share"), lifetime=months(1 / churn),
                            ltv=year.money(ltv), to_cac=write_value(ltv / year.cac, "multiple"))  # fmt: skip
        ax = plot_what_if(
            line, churn, styles=("share", "money"), currency=year.currency, level=year.cac,
            marks={_("today"): year.churn}, x_name=_("churn: share of the active customers lost in a month"),
            finding=words, subtitle=_("LTV by churn, {name}; level: CAC {cac}").format(
                name=year.name, cac=year.money(year.cac)),
        )  # fmt: skip
        return Shown(words, ax, words, _beside_today(year, churn))

    return Experiment(
        task=_("Margin and CAC (what a new customer costs) stay as they are. Churn is the share of active "
               "customers lost in a month. Roughly halve it and see what happens to lifetime, LTV and payback. "
               "Then find the churn at which a customer no longer brings back what they cost."),
        controls=[Slider("churn", _("Churn a month"), low, high, HALF_A_PERCENT, round(year.churn, 2), "share")],
        show=show,
    )  # fmt: skip


def _beside_today(year: Year, churn: float) -> str:
    """Today, as it is written elsewhere, and the chosen churn as a table."""
    columns = [Column(""), Column(_("Churn a month"), "number"), Column(_("Lifetime"), "number"),
               Column(_("Lifetime value (LTV)"), "number"),
               Column(_("LTV : CAC"), "number"), Column(_("Payback"), "number")]  # fmt: skip
    today, ltv = written(year), year.margin / churn
    rows = [
        [_("Today"), *(today[name] for name in ("churn", "lifetime", "ltv", "to_cac", "payback"))],
        [_("Chosen"), write_value(churn, "share"), months(1 / churn), year.money(ltv),
         write_value(ltv / year.cac, "multiple"), write_value(year.payback, "months")],
    ]  # fmt: skip
    return data_table(columns, rows)


def explain(year: Year, customers: Customers, days: int, said: Any, grows: str = "double") -> list[Paragraph]:
    lifetime = _("In the {year}, {churn} of the active customers left in an average month. So a customer stays "
                 "{lifetime} on average: 1 / churn, if the churn stays as it is. Half the churn is twice the lifetime "
                 "and twice the LTV: {twice} instead of {ltv}. A churn lower by a third makes both larger by a half. "
                 "The payback of {payback} does not move: it says after how long the CAC is covered by a customer "
                 "who stays that long. A customer who leaves earlier has cost more than they brought.")  # fmt: skip
    active = _("“Active” here: bought within the last {days} days. Another number of days makes another churn of the "
               "same orders. So a churn without its definition says nothing.").format(days=days)  # fmt: skip
    rows = _("In the map below each row is a cohort: the customers who first bought in one month. The lower the row, "
             "the less time it has had. Read down a column, where all are of the same age.")  # fmt: skip
    words = lifetime.format(**written(year), year=year.name, twice=year.amount(2 * as_shown(year)["ltv"]))
    drawn = draw_cohorts(customers, "share")
    picture: list[Paragraph] = [rows, Markup(figure_html(*drawn))] if drawn else []
    return [*filter(None, (_begin(grows, str(said)), words, active)), *picture, *_few(year, customers)]


def _begin(grows: str, said: str) -> str:
    """How the prediction differs from what is so."""
    doubles = grows == "double"
    return {
        "double": _("You said that it doubles, and that is right.") if doubles else
        _("You said that it doubles. For that the churn would have to halve, and here it falls by a third."),
        "half": _("You expected a half more. It is more than that: the churn has halved.") if doubles else
        _("You expected a half more, and that is right: the churn has fallen by a third."),
        "in_proportion": _("You let the LTV grow as retention does. Retention grew a little, but the churn fell far "
                           "more, and it is the churn that decides."),
        "same": _("You thought of one purchase. The LTV adds up all of them until the customer leaves."),
    }.get(said, "")  # fmt: skip


def _few(year: Year, customers: Customers) -> list[Paragraph]:
    """What the mean hides; nothing where margins are not known."""
    margins = customers.purchases["margin"].dropna().sort_values(ascending=False)
    if not len(margins) >= 10 or not margins.sum() > 0:
        return []
    most = float(margins.iloc[: len(margins) // 10].sum() / margins.sum())
    text = _("And no customer is average. All customers in the file have so far brought {mean} each on average, "
             "but half of them less than {median}, and the best tenth made {most} of all margin.")  # fmt: skip
    if margins.mean() > year.ltv:
        text += " " + _("(Here the mean is above the LTV. It is counted from the purchases of all months in the file, "
                        "and for the churn a customer who pauses is lost, even if they come back later.)")  # fmt: skip
    return [text.format(mean=year.money(margins.mean()), median=year.money(margins.median()),
                        most=write_value(most, "share", short=True))]  # fmt: skip


def work_out(year: Year, blank: str = "") -> list[Step]:
    """Churn, lifetime, LTV and payback of a year; with a `blank`, the step left to the learner, up to the LTV."""
    shown, sums = written(year), {name: write_value(value, "count") for name, value in year.sums.items()}
    cost = year.sums["spend"] + year.sums["other_costs"]
    steps = {
        "churn": Step(_("Churn a month: lost / active customers"),
                      f"{sums['lost_12m']} / {sums['customer_months_12m']}", shown["churn"]),
        "lifetime": Step(_("Lifetime"), f"1 / {shown['churn']}", shown["lifetime"]),
        "revenue": Step(_("Revenue a month of an active customer"),
                        f"{year.money(year.sums['revenue'])} / {sums['customer_months_12m']}",
                        year.amount(year.revenue)),
        "margin": Step(_("Margin a month of an active customer"),
                       f"{year.money(year.sums['margin_12m'])} / {sums['customer_months_12m']}", shown["margin"]),
        "ltv": Step(_("Lifetime value (LTV)"), f"{shown['margin']} × {shown['lifetime']}", shown["ltv"]),
        "cac": Step(_("CAC: marketing costs / new customers"),
                    f"{year.money(cost)} / {sums['new_customers']}", shown["cac"]),
        "to_cac": Step(_("LTV : CAC"), f"{shown['ltv']} / {shown['cac']}", shown["to_cac"]),
        "payback": Step(_("Payback"), f"{shown['cac']} / {shown['margin']}", shown["payback"]),
    }  # fmt: skip
    left_out = ("cac", "to_cac", "payback") if blank else ("revenue",)
    return leave_out({key: step for key, step in steps.items() if key not in left_out}, blank)


def ask_ltv(year: Year) -> Number:
    shown = written(year)
    return Number(
        text=_("{name}. What is the LTV: what does a customer bring until they leave?").format(
            name=upper_first(year.name)),
        given=steps_table(work_out(year, "ltv")), answer=year.ltv, style="money", currency=year.currency,
        slips=(
            slip("revenue_in_ltv", revenue=year.sums["revenue"], lost=year.sums["lost_12m"]),
            slip("year_as_lifetime", margin_a_month=year.margin),
            slip("retention_as_lifetime", margin_a_month=year.margin, churn=year.churn),
        ),
        hints=(
            _("How long does a customer stay, and what is left of a month's purchases when the goods are paid for?"),
            _("Two lines of the table are needed: one says how many months, the other how much margin a month."),
        ),
        because=_("The margin of a month, for as many months as a customer stays."),
        solution=_("{margin} × {lifetime} = {ltv}").format(**shown),
    )  # fmt: skip


def ask_definition(figures: Figures, year: Year, days: int) -> Choice:
    before, after = written(year), written(with_definition(figures, year, days))
    text = _("{month}: churn {churn} a month and an LTV of {ltv}. From now on the report calls a customer active "
             "who bought within {days} days, not {old}. The same orders then give a churn of {new_churn} and an "
             "LTV of {new_ltv}. Which sentence can go into the report?")  # fmt: skip
    return Choice(
        text=text.format(month=upper_first(year.name), churn=before["churn"], ltv=before["ltv"],
                         days=days, old=figures.exports.company.active_days, new_churn=after["churn"],
                         new_ltv=after["ltv"]),
        answer="definition",
        options=(
            Option("loyal", _("Customers are more loyal: fewer leave in a month, and they stay longer.")),
            Option("definition", _("“Active” now means something else; customers do what they did before.")),
            Option("rule", _("LTV : CAC has risen, and from 3 on there is room for more advertising.")),
            Option("margin", _("Each customer now brings more margin a month than before.")),
        ),
        slips=(slip_to("definition_as_behaviour", "loyal"), slip_to("rule_of_thumb_as_law", "rule"),
               slip_to("lifetime_as_margin", "margin")),
        hints=(
            _("Has a single customer bought anything more?"),
            _("The question says what has changed. Is it something that customers did?"),
        ),
        because=_("Not one order has changed. Churn and LTV only say something together with their definition."),
        solution=_("State the definition beside the number, and compare only months that were counted in the "
                   "same way."),
    )  # fmt: skip
