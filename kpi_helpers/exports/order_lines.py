"""Orders whose lines (one per product) stand under one number: one order is one row."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_helpers.language import N_

OTHER_ORDER = N_("is the number of an order above, of another day or customer")
OWN_NUMBER = N_("Give each order a number of its own.")


@dataclass(frozen=True)
class OrderLines:
    """Orders with the sums of their lines; the index labels of lines added to one above, of orders that stand in the
    file a second time, and of lines that clash."""

    orders: pd.DataFrame
    added: pd.Index
    doubled: pd.Index
    clashing: pd.Index


def join_lines(lines: pd.DataFrame, raw: pd.Series) -> OrderLines:
    """One row per order number and year; `raw` tells lines apart that differ in any cell of the file.

    An order all of whose lines stand there equally often was exported twice. Else lines are added up where day and
    customer agree (NaN where a line does not say); where no order has lines of different amounts, the amounts are those
    of the order, told on each of its lines.
    """
    number = lines["order_id"].str.cat(lines["ordered_at"].dt.year.astype("str"), sep="\x1f")
    whose = pd.DataFrame({"day": lines["ordered_at"].dt.normalize(), "customer": lines["customer_id"].fillna("")})
    own = whose.groupby(number).transform("first")
    clashing = lines.index[(whose != own).any(axis=1) & number.notna()]
    orders = lines.drop(clashing)
    doubled = _doubled(number.drop(clashing), raw.drop(clashing))
    orders, number = orders.drop(doubled), number.drop(clashing).drop(doubled)
    several = orders[number.duplicated(keep=False) & number.notna()]
    of_order = number.loc[several.index]
    first = ~of_order.duplicated()
    heads, added = several.index[first], several.index[~first]
    if (several[["revenue", "margin"]].fillna(0).groupby(of_order).nunique() > 1).any(axis=None):
        sums = several.groupby(of_order)[["revenue", "margin"]].sum(skipna=False)
        orders.loc[heads, ["revenue", "margin"]] = sums.loc[of_order.loc[heads]].to_numpy()
    return OrderLines(orders.drop(added), added, doubled, clashing)


def _doubled(number: pd.Series, raw: pd.Series) -> pd.Index:
    """The lines of orders all of whose lines stand in the file equally often, save the first of each."""
    times = raw.groupby([number, raw]).transform("size")
    of_order = times.groupby(number)
    again = raw.groupby([number, raw]).cumcount() > 0
    return number.index[again & (of_order.transform("min") == of_order.transform("max"))]
