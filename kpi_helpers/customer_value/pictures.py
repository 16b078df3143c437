"""Pictures of customers with their findings, for a report and for a view; None where there is too little to draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpi_helpers.charts import plot_cohorts, plot_money_by_age, plot_second_purchase
from kpi_helpers.charts.by_row import Shown
from kpi_helpers.customer_value.groups import Customers, Group
from kpi_helpers.customer_value.words import group_name, second_words
from kpi_helpers.customer_value.worth import HORIZONS, LEAST, LEVEL, Paths
from kpi_helpers.customers import (
    cohort_counts,
    describe_second_purchase,
    first_covered,
    money_by_age,
    unfinished_counts,
)
from kpi_helpers.labels import is_missing, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import LONGEST_NAME, cut_middle
from kpi_helpers.outlook_words import rounded

COHORT_MONTHS = 12
LONGEST = 730.0  # days of the second purchase that are drawn
Drawn = tuple[Axes, str]  # and what it says to who cannot see it


def count_cohorts(customers: Customers) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """`cohort_counts` of the last year, its sizes, and what was counted so far in a month that is not over.

    Columns that say nothing yet are left out.
    """
    counts, sizes = cohort_counts(customers.orders, customers.until, COHORT_MONTHS)
    unfinished = unfinished_counts(customers.orders, customers.until, COHORT_MONTHS)
    used = counts.notna().any() | unfinished.notna().any()
    return counts.loc[:, used], sizes, unfinished.loc[:, used]


def draw_cohorts(customers: Customers, show: Shown = "both") -> Drawn | None:
    """The heat map of the cohorts; None where no month after a first one is over."""
    counts, sizes, unfinished = count_cohorts(customers)
    if len(counts) < 2 or not counts.get(1, pd.Series(dtype=float)).notna().any():
        return None
    known = counts[1].notna()
    back = write_value(counts.loc[known, 1].sum() / sizes[known].sum(), "share")
    finding = _("{share} of new customers buy again in the month after").format(share=back)
    subtitle = _("Share of customers who buy again, by month of the first order and months since")
    if unfinished.notna().any(axis=None):
        subtitle = f"{subtitle} · {_('outlined: the month is not over')}"
    matrix = counts.div(sizes, axis=0)
    return plot_cohorts(matrix, sizes, unfinished=unfinished, show=show, finding=finding, subtitle=subtitle), finding


def draw_second(customers: Customers) -> Drawn | None:
    """The curve of the second purchase; None where nobody made one or there are few customers."""
    found = describe_second_purchase(customers.purchases)
    if found.curve.empty or found.customers < LEAST:
        return None
    part, everybody = (write_value(number, "count") for number in (found.repeaters, found.customers))
    finding = _("{part} of {all} customers have bought a second time").format(part=part, all=everybody)
    subtitle = _("Share who have, by days since the first purchase; band: 95% interval")
    known = found.curve.loc[found.curve["at_risk"] >= LEAST, "day"].max()
    if not known > 0:
        return None
    ax = plot_second_purchase(found.curve, min(known, LONGEST), finding=finding, subtitle=subtitle)
    return ax, f"{finding}. {second_words(found)}"


def draw_payback(
    customers: Customers, group: Group, paths: Paths, place: int, cac: float, currency: str
) -> Drawn | None:
    """What a customer of the group has brought by age, and is expected to, against the cost of one.

    `customers`: those of the group, which is at `place` of the paths. None where fewer than LEAST are old enough.
    """
    curve = money_by_age(customers.orders, customers.purchases, max(HORIZONS), customers.money)
    seen = curve.assign(**{name: curve[name].where(curve["customers"] >= LEAST) for name in ("money", "low", "high")})
    if not seen["money"].notna().any():
        return None
    is_margin = customers.money == "margin"
    cac = cac if is_margin else float("nan")
    payback, expected = first_covered(curve, cac, LEAST), _expected(paths, place)
    words = [_("Margin per customer") if is_margin else _("Revenue per customer")]
    words += [cut_middle(group_name(group), LONGEST_NAME), _("dashed: expected of a new one") if expected else ""]
    finding = _payback_finding(seen, cac, payback, currency, is_margin=is_margin)
    ax = plot_money_by_age(
        seen, **expected, cost=cac, payback=payback, currency=currency, finding=finding,
        subtitle=" · ".join(filter(None, words)),
    )  # fmt: skip
    return ax, finding


def _expected(paths: Paths, place: int) -> dict[str, Any]:
    """The expected curve of a new customer, with its band where there are draws."""
    if not paths.known[place]:
        return {}
    lines = paths.first[:, [place]] + np.insert(paths.new[:, place].cumsum(axis=1), 0, 0.0, axis=1)
    if len(lines) < 2:
        return {"expected": lines[0]}
    low, high = np.quantile(lines[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return {"expected": lines[0], "low": low, "high": high}


def _payback_finding(seen: pd.DataFrame, cac: float, payback: float, currency: str, *, is_margin: bool) -> str:
    if payback >= 0 and not seen["low"].iloc[int(payback)] >= cac:
        return _("A customer just covers the cost of one: when is within noise")
    if payback == 0:
        return _("The first purchase covers the cost of a customer")
    if payback > 0:
        form = ngettext(
            "A customer is paid back after {n} month", "A customer is paid back after {n} months", int(payback)
        )
        return form.format(n=int(payback))
    last = seen.dropna(subset="money").iloc[-1]
    brought, n = write_value(rounded(last["money"]), "money", currency), int(last["months_since"])
    if is_missing(cac):
        form = _("A customer brings {money} of margin in {n} mo.")
        form = form if is_margin else _("A customer brings {money} of revenue in {n} mo.")
        return form.format(money=brought, n=n)
    cost = write_value(rounded(cac), "money", currency)
    return _("Not paid back in {n} mo.: {money} of {cac}").format(n=n, money=brought, cac=cost)
