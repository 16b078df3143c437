"""Tables below the view of customers: what one is worth, and by month of the first purchase."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from markupsafe import escape

from kpi_helpers.customer_value import Customers, Paths, discounted
from kpi_helpers.customer_value.words import payback_words
from kpi_helpers.customer_value.worth import seen_money
from kpi_helpers.labels import is_missing, month_name, write_interval, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.outlook_words import rounded
from kpi_helpers.tables import Column, data_table

MOST_MONTHS = 13
Ends = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Worth:
    """What a customer of a group is worth, over a horizon and at a rate; each with the ends of its interval.

    `new`: the `first` purchase and what is expected `after` it; where a part of the customers has no model
    (`Paths.known`), what customers as old have brought (`seen`). `present`: what is still expected of all present
    customers with a model. NaN where nothing is expected by a model, and nothing was seen.
    """

    first: Ends
    after: Ends
    new: Ends
    present: Ends
    modelled: int
    customers: int
    cac: float
    seen: bool = False

    @property
    def to_cac(self) -> Ends:
        low, middle, high = (end / self.cac for end in self.new)
        return low, middle, high


def worth_of(paths: Paths, place: int, cac: float, months: int, rate: float, part: Customers) -> Worth:
    """The worth of the group at this place of the paths, whose customers are `part`."""
    nothing = (float("nan"),) * 3
    first, new, present = paths.first[:, place], paths.new[:, place], paths.present[:, place]
    known, modelled = paths.known[place], int(paths.modelled[place])
    seen = nothing if known else seen_money(part, months)
    return Worth(
        first=discounted(new * 0, months, rate, first),
        after=discounted(new, months, rate) if known else nothing,
        new=discounted(new, months, rate, first) if known else seen,
        present=discounted(present, months, rate) if modelled else nothing,
        modelled=modelled,
        customers=int(paths.customers[place]),
        cac=cac,
        seen=not known and not is_missing(seen[0]),
    )


def worth_table(worth: Worth, money: str, currency: str, months: int, rate: float, cost: str, lacking: str) -> str:
    """One customer and all of them in money; `cost`: what the CAC holds, `money`: "margin" or "revenue".

    `lacking`: of whom nothing is known or expected (`single_words`).
    """
    ahead = ngettext("{n} month", "{n} months", months).format(n=months)
    first = _("First purchase: margin") if money == "margin" else _("First purchase: revenue")
    rows = [
        [first, *_money(worth.first, currency), _("mean, as seen")],
        [_("Expected in the {months} after it").format(months=ahead), *_money(worth.after, currency),
         _("discounted at {rate} a year").format(rate=write_value(rate, "share", short=True))],
        [_("Value of a new customer, {months} (LTV)").format(months=ahead), *_money(worth.new, currency),
         _("as seen, not discounted") if worth.seen else "" if is_missing(worth.new[0]) else _("the sum of both")],
    ]  # fmt: skip
    if money == "margin":
        rows += [
            [_("CAC"), write_value(worth.cac, "money", currency), "", cost],
            [_("LTV : CAC"), *_multiple(worth.to_cac), "" if worth.cac > 0 else _("no CAC, no ratio")],
        ]
    present = _("Present customers: the {months} to come").format(months=ahead)
    count = _("of {n} customers with a purchase model").format(n=write_value(worth.modelled, "count"))
    if worth.modelled < worth.customers:
        count = _("of {n} customers with a purchase model; there are {all}").format(
            n=write_value(worth.modelled, "count"), all=write_value(worth.customers, "count")
        )
    rows.append([present, *_money(worth.present, currency), escape(count)])  # a sentence is not cut
    columns = [Column(_("What is counted")), Column(_("Amount"), "number"), Column(_("95% interval"), "number")]
    columns.append(Column(_("How")))
    return data_table(columns, rows, caption=_("What a customer is worth"), note=lacking)


def _money(ends: Ends, currency: str) -> list[str]:
    middle, low, high = (rounded(end) for end in ends)
    return [write_value(middle, "money", currency), write_interval(low, high, "money", currency)]


def _multiple(ends: Ends) -> list[str]:
    middle, low, high = ends
    return [write_value(middle, "multiple"), write_interval(low, high, "multiple")]


def cohort_html(table: pd.DataFrame, months: int, currency: str) -> str:
    """The latest cohorts against their CAC, newest first."""
    rows = table.sort_values("month", ascending=False).head(MOST_MONTHS)
    ahead = ngettext("{n} month", "{n} months", months).format(n=months)
    columns = [
        Column(_("Month of the first order")), Column(_("Customers"), "count"),
        Column(_("Margin per customer so far"), "money"), Column(_("CAC"), "money"),
        Column(_("Margin : CAC"), "multiple"), Column(_("Paid back"), "number"),
        Column(_("With the {months} to come").format(months=ahead), "money"), Column(_("LTV : CAC"), "multiple"),
    ]  # fmt: skip
    cells = [
        [month_name(row["month"]), row["customers"], row["margin"], row["cac"], row["margin_to_cac"],
         payback_words(pd.Series({**row, "seen": row["months"]})), row["ltv"], row["ltv_to_cac"]]
        for row in rows.to_dict("records")
    ]  # fmt: skip
    note = _(
        "One month of a channel has few customers: a single large order moves its margin. Expected money is a mean."
    )
    if rows["ltv"].isna().any():
        note = f"{note} {_('No value to come is said where a part of the customers has no purchase model.')}"
    return data_table(columns, cells, currency=currency, caption=_("By month of the first order"), note=note)
