"""What is asked on new numbers in the lesson on retention: the repeat purchase rate, two cohorts at the same age."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from kpi_helpers.labels import upper_first, write_difference, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.retention_cases import AGE, Cohort, Year
from kpi_helpers.lessons.figures import Lot
from kpi_helpers.lessons.misconceptions import slip
from kpi_helpers.lessons.questions import Number
from kpi_helpers.tables import Column, data_table

TENTH, WHOLE = 0.001, 0.01  # of a percent: a repeat rate is asked for with a decimal, points without


def ask_repeat(year: Year) -> Number:
    count = {name: write_value(value, "count") for name, value in year.sums.items()}
    once = year.sums["buyers_12m"] - year.sums["repeat_buyers_12m"]
    text = _("{name}: the file has {orders} orders of {customers} customers. {once} of the customers bought on one "
             "day only, the others on two days or more. What is the repeat "
             "purchase rate, in percent with one decimal?")  # fmt: skip
    figures = {"orders": year.sums["customer_orders"], "customers": year.sums["buyers_12m"]}
    return Number(
        text=text.format(name=upper_first(year.name), orders=count["customer_orders"],
                         customers=count["buyers_12m"], once=write_value(once, "count")),
        answer=year.repeat_rate, style="share", rounding=TENTH,
        slips=(slip("rows_as_purchases", **figures), slip("orders_per_customer", **figures),
               slip("once_as_repeat", once=once, customers=figures["customers"])),
        hints=(
            _("The rate is a share of customers. Which of the numbers count customers?"),
            _("First: how many customers bought on two days or more? Then: of how many customers?"),
        ),
        because=_("People are counted, above and below the line. How many orders they made does not matter."),
        solution=_("({customers} − {once}) / {customers} = {rate}").format(
            customers=count["buyers_12m"], once=write_value(once, "count"),
            rate=write_value(year.repeat_rate, "share")),
    )  # fmt: skip


def ask_cohorts(lot: Lot, cohorts: Sequence[Cohort]) -> Number:
    third = len(cohorts) // 3
    pairs = [(old, young) for old in cohorts[:third] for young in cohorts[-third:]]
    return lot.clear([pair for pair in pairs if abs(_later_less_earlier(pair)) >= WHOLE], _ask_pair)[1]


def _later_less_earlier(pair: tuple[Cohort, Cohort]) -> float:
    """The difference of the shares who came back by the same age."""
    old, young = pair
    return young.at_age / young.customers - old.at_age / old.customers


def _ask_pair(pair: tuple[Cohort, Cohort]) -> Number:
    old, young = pair
    columns = [Column(_("First purchase in")), Column(_("Customers"), "count"),
               Column(_("Bought again within {n} days").format(n=AGE), "count"),
               Column(_("Bought again up to today"), "count")]  # fmt: skip
    table = data_table(columns, [[c.name, c.customers, c.at_age, c.so_far] for c in pair])
    then, now, difference = old.at_age / old.customers, young.at_age / young.customers, _later_less_earlier(pair)
    figures = {"now": young.so_far, "customers": young.customers, "then": old.so_far, "customers_then": old.customers}
    return Number(
        text=_("Do the customers of {young} come back more or less often than those of {old}? Give the "
               "difference between their shares, newer minus older, in percentage points. A whole number is enough, "
               "but round only at the end.").format(young=young.name, old=old.name),
        given=Markup(table), answer=difference, style="pp", rounding=WHOLE,
        slips=(
            slip("young_cohort_as_final", **figures),
            slip("percent_for_points", share=now, share_before=then),
            slip("counts_for_shares", now=young.at_age, then=old.at_age),
        ),
        hints=(
            _("How long has each of the two cohorts been watched?"),
            _("Take the column in which both had the same number of days, and divide by each one's own customers."),
        ),
        because=_("Both had the same {n} days, and each is measured by its own size. With so few customers such "
                  "a difference may still be chance: lesson 8 shows how to tell.").format(n=AGE),
        solution=_("{now} / {n_now} − {then} / {n_then} = {points}").format(
            now=young.at_age, n_now=young.customers, then=old.at_age, n_then=old.customers,
            points=write_difference(difference, "share")),
    )  # fmt: skip
