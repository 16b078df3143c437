"""Orders whose lines (one per product) stand under one number: one order is one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.language import N_

OTHER_ORDER = N_("is the number of an order above, of another day or customer")
OWN_NUMBER = N_("Give each order a number of its own.")


@dataclass(frozen=True)
class OrderLines:
    """Orders with the sums of their lines; the index labels of lines added to one above, and of those that clash."""

    orders: pd.DataFrame
    added: pd.Index
    clashing: pd.Index


def join_lines(lines: pd.DataFrame) -> OrderLines:
    """One row per order number and year; an order that is repeated exactly stays as it is, to be counted as repeated.

    Revenue and margin are summed where day and customer agree: NaN where a line does not say.
    """
    number = [lines["order_id"], lines["ordered_at"].dt.year]
    several = lines[lines["order_id"].notna() & _differ(lines, number)]
    if several.empty:
        return OrderLines(lines, several.index, several.index)
    of_order = several.groupby([column.loc[several.index] for column in number])
    whose = pd.DataFrame({"day": several["ordered_at"].dt.normalize(), "customer": several["customer_id"].fillna("")})
    first = of_order.cumcount() == 0
    order = of_order.ngroup()
    own = whose[first].set_index(order[first]).loc[order].set_axis(several.index)
    clashing = several.index[np.any(whose != own, axis=1)]
    agreeing = several.drop(clashing)
    agreeing = agreeing[_differ(agreeing, [order.loc[agreeing.index]])]
    sums = agreeing.groupby(order.loc[agreeing.index])[["revenue", "margin"]].sum(skipna=False)
    added = agreeing.index[~first.loc[agreeing.index]]
    orders = lines.drop(clashing.union(added))
    heads = agreeing.index[first.loc[agreeing.index]]
    orders.loc[heads, ["revenue", "margin"]] = sums.loc[order.loc[heads]].to_numpy()
    return OrderLines(orders, added, clashing)


def _differ(lines: pd.DataFrame, order: list[pd.Series]) -> pd.Series:
    """Whether a line is of an order whose lines are not all the same."""
    return (~lines.duplicated()).groupby(order).transform("sum") > 1
