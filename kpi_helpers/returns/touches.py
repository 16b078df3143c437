"""The same sales credited by another rule: to the channel of the first touch, or of the last, instead of the one
that was written down."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from kpi_helpers.terms import UNKNOWN

Rule = Literal["first", "last"]


AGREES = 0.9  # of the sales with touches: so far the channel that was written down is that of a rule


def credit_otherwise(orders: pd.DataFrame, touches: pd.DataFrame) -> tuple[pd.DataFrame, Rule, str] | None:
    """The orders with the channel of their first touch, or of the last one where the channels written down are mostly
    those of the first; which of them it is; and the rule of what was written down ("": of neither). None where no touch
    belongs to an order.

    An order without touches keeps its channel. Touches of one moment share the order evenly, as rows of their own.
    """
    seen = _touches_of(orders, touches)
    if seen.empty:
        return None
    first, last = (_chosen(seen, end) for end in ("min", "max"))
    alike: dict[Rule, float] = {"last": _alike(orders, last), "first": _alike(orders, first)}
    rule: Rule = "last" if alike["first"] > alike["last"] else "first"
    written: Rule = "first" if rule == "last" else "last"
    chosen = last if rule == "last" else first
    moved = orders.loc[chosen["row"]].reset_index(drop=True)
    parts = chosen["part"].reset_index(drop=True)
    moved = moved.assign(channel=chosen["channel"].reset_index(drop=True),
                         **{name: moved[name] * parts for name in ("revenue", "margin")})  # fmt: skip
    credited = pd.concat([orders[~orders.index.isin(chosen["row"])], moved], ignore_index=True)
    return credited, rule, written if alike[written] >= AGREES else ""


def _touches_of(orders: pd.DataFrame, touches: pd.DataFrame) -> pd.DataFrame:
    """`row` of the order, `touched_at` and `channel` of its touches, those of its lead and its own, up to its day."""
    told = touches[touches["channel"].notna() & (touches["channel"] != UNKNOWN) & touches["touched_at"].notna()]
    rows = orders[["lead_id", "order_id", "ordered_at"]].assign(row=orders.index).dropna(subset="ordered_at")
    found = [
        rows[["row", key, "ordered_at"]].dropna(subset=key).merge(
            told[[key, "touched_at", "channel"]].dropna(subset=key), on=key)
        for key in ("lead_id", "order_id")
    ]  # fmt: skip
    seen = pd.concat(found, ignore_index=True)
    before = seen["touched_at"].dt.tz_localize(None).dt.normalize() <= seen["ordered_at"].dt.tz_localize(None)
    return seen.loc[before, ["row", "touched_at", "channel"]]


def _chosen(seen: pd.DataFrame, end: Literal["min", "max"]) -> pd.DataFrame:
    """The channels at one end of the way of each order, and the `part` of it that each is given."""
    at_end = seen["touched_at"] == seen.groupby("row")["touched_at"].transform(end)
    chosen = seen[at_end].drop_duplicates(["row", "channel"]).sort_values(["row", "channel"])
    return chosen.assign(part=1 / chosen.groupby("row")["channel"].transform("size"))


def _alike(orders: pd.DataFrame, chosen: pd.DataFrame) -> float:
    """The share of the orders with touches that have been written down for the channel chosen."""
    same = chosen["channel"].to_numpy() == orders.loc[chosen["row"], "channel"].to_numpy()
    return float(chosen.loc[same, "part"].sum() / chosen["part"].sum())
