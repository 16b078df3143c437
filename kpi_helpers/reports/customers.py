"""Who bought, who came back, what a customer costs and brings."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.customer_value import (
    ALL_COSTS,
    Customers,
    acquisition_costs,
    fit_kinds,
    gather_customers,
    value_table,
)
from kpi_helpers.customer_value.known_words import (
    base_words,
    margin_words,
    newness_words,
    nobody_words,
    too_late_words,
    unknown_words,
)
from kpi_helpers.customer_value.pictures import count_cohorts, draw_cohorts
from kpi_helpers.customer_value.segments import is_long_enough, segment_piece
from kpi_helpers.customer_value.words import ahead_words, payback_words
from kpi_helpers.customer_value.worth import DISCOUNT, HORIZON, LEAST, SEEN
from kpi_helpers.labels import channel_name, is_missing, month_name, write_days, write_interval, write_value
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY
from kpi_helpers.reports.rows import keys_in, needs, show_kpis
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column

CUSTOMERS = ("new_customers", "aov", "cac")  # beside the KPIs of customers
_WITH_ENDS = Markup("{}<small>{}</small>")
_PARAGRAPH = Markup('<div class="kpi"><p>{}</p></div>\n')


def show_customers(month: Month, card: pd.DataFrame) -> Section:
    """Who bought, who came back, what a customer costs and brings."""
    if "orders" not in month.tables:
        section = Section("customers", _("Customers"))
        needs(section, month, "orders")
        return section
    section = show_kpis(month, card, "customers", _("Customers"), keys_in("customers", CUSTOMERS))
    section.lead = _("Active means: bought within the last {days}.").format(days=write_days(month.company.active_days))
    customers = gather_customers(month)
    if customers.purchases.empty:
        return section.notice(*nobody_words(month.tables["orders"]))
    _say_newness(section, customers)
    if not customers.newcomers.purchases.empty:
        _cohorts(section, customers.newcomers)
        _ahead(section, customers.newcomers, month.currency)
        _by_channel(section, month, customers)
    return section.table(**segment_piece(customers)) if is_long_enough(customers) else section


def _say_newness(section: Section, customers: Customers) -> None:
    """Where old customers pass for new ones, before anything is said of what new ones cost and bring."""
    if customers.newness is None:
        return
    words, step = newness_words(customers.newness)
    if customers.newcomers.purchases.empty:
        words = f"{words} {too_late_words()}".strip()
    if words:
        section.notice(words, step)


def _cohorts(section: Section, customers: Customers) -> None:
    """The heat map of those who came back, and its numbers for the spreadsheet."""
    if not (drawn := draw_cohorts(customers)):
        return
    section.chart(*drawn)
    counts, sizes, _unfinished = count_cohorts(customers)
    columns = [Column(_("Month of the first order")), Column(_("Customers"), "count")]
    columns += [Column(str(step), "count") for step in counts.columns]
    rows = [[f"{start:%Y-%m}", sizes[start], *counts.loc[start]] for start in counts.index]
    section.sheet(_("Cohorts: customers who buy, by months since"), columns, rows)


def _ahead(section: Section, customers: Customers, currency: str) -> None:
    """The second purchase, and what the purchase models expect, in sentences."""
    lifetimes = fit_kinds(customers)
    said = ahead_words(customers.kinds, lifetimes, currency, HORIZON, DISCOUNT)
    if any(not lifetime.models[0].reason for lifetime in lifetimes.values()):
        said.append(_("The models know no season and no growth (BG/NBD, Gamma-Gamma)."))
    section.html("".join(str(_PARAGRAPH.format(text)) for text in said))


def _by_channel(section: Section, month: Month, customers: Customers) -> None:
    """What the customers of each channel bring by age, against what they cost."""
    costs = acquisition_costs(month, customers.until, customers.since)
    rows = value_table(customers.newcomers, costs)
    is_margin, is_priced = customers.money == "margin", rows["cac"].notna().any()
    money = _("Margin per customer by month {n}") if is_margin else _("Revenue per customer by month {n}")
    written: dict[Column, list[Any]] = {
        Column(_("Channel")): [_("Company") if name == COMPANY else channel_name(name) for name in rows["channel"]],
        Column(_("Customers"), "count"): [*rows["customers"]],
        Column(_("Bought again"), "share"): [_repeat(row) for _place, row in rows.iterrows()],
        **{Column(money.format(n=age), "money"): [*rows[f"money_{age}"]] for age in SEEN},
    }
    if is_priced:
        written[Column(_("CAC, all months"), "money")] = [*rows["cac"]]
    if is_priced and is_margin:
        title = _("Margin of {n} months : CAC").format(n=max(SEEN))
        written[Column(title, "multiple")] = [_to_cac(row) for _place, row in rows.iterrows()]
        written[Column(_("Paid back"), "number")] = [payback_words(row) for _place, row in rows.iterrows()]
    cells = [list(row) for row in zip(*written.values(), strict=True)]
    notes = [
        _span_words(costs), _cost_words(costs), unknown_words(customers.newcomers) if is_priced else "", _seen_words(),
        margin_words(customers), base_words(customers.newness) if customers.newness else "",
    ]  # fmt: skip
    caption = _("What customers bring and cost, by the channel of the first order")
    section.table(list(written), cells[:-1], total=cells[-1], caption=caption, note=" ".join(filter(None, notes)))


def _repeat(row: pd.Series) -> Markup:
    share, ends = write_value(row["repeat_rate"], "share"), write_interval(row["low"], row["high"], "share")
    return _WITH_ENDS.format(share, ends)


def _to_cac(row: pd.Series) -> Any:
    if is_missing(row["money_to_cac"]):
        return row["money_to_cac"]
    ends = write_interval(row["to_cac_low"], row["to_cac_high"], "multiple")
    return _WITH_ENDS.format(write_value(row["money_to_cac"], "multiple"), ends)


def _span_words(costs: pd.DataFrame) -> str:
    """Why these numbers are others than those of the month above."""
    if costs.empty:
        return ""
    first, last = (month_name(day, heading=False) for day in (costs["month"].min(), costs["month"].max()))
    return _(
        "The indicators above are of this month or of the last 12; this table is of all months, the CAC from {first} "
        "to {last}: they differ."
    ).format(first=first, last=last)


def _cost_words(costs: pd.DataFrame) -> str:
    """What is counted as the cost of a customer."""
    of = costs.loc[costs["channel"] == COMPANY, "of"]
    if of.empty:
        return _("What a customer costs is not known: there is no export of advertising.")
    words = _("CAC of a channel: its own costs / its new customers; channels without costs have none.")
    if of.iloc[0] == ALL_COSTS:
        return f"{words} {_('CAC of the company: all marketing costs.')}"
    return f"{words} {_('CAC of the company: ads only, no other costs are known.')}"


def _seen_words() -> str:
    return _(
        "What customers brought was seen and not expected: by months since the first purchase, of customers old "
        "enough; of fewer than {few} nothing is written. Paid back: the month by which it covered the CAC."
    ).format(few=LEAST)
