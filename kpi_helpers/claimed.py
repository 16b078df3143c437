"""What the platforms claim beside what the company's own books hold, and who is credited by which rule.

Composes the stage `attribution` with a company's month.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kpi_helpers.attribution import attribute, compare_claims
from kpi_helpers.attribution.claims import ALL
from kpi_helpers.attribution.rules import DIRECT
from kpi_helpers.deals import deals_with_money
from kpi_helpers.monthly import Month
from kpi_helpers.terms import UNKNOWN

RULES = ("first", "position", "linear", "last")  # from the one that opens the way to the one that closes
MONTHS = 12  # of leads and orders credited, the report's included: a month alone has too few
AGREES = 0.9  # of the records: so far the channel that was written down is that of a rule
LEAST = 30  # records with touches, for shares to be compared
CLAIMS = ["channel", "conversions", "leads", "orders", "recorded", "conversions_ratio", "conversions_excess",
          "conversions_verdict", "revenue", "revenue_recorded", "revenue_ratio", "revenue_excess",
          "revenue_verdict"]  # fmt: skip
Kind = Literal["leads", "orders"]
KINDS: tuple[tuple[Kind, str, str], ...] = (("leads", "lead_id", "created_at"), ("orders", "order_id", "ordered_at"))


@dataclass(frozen=True)
class Credit:
    """Who is credited with the leads (or orders) of the last twelve months, by rule.

    `shares`: records by channel (index) and rule, as fractions of all with touches; `value` likewise, of their money,
    None where none is known. `records` with touches, of `all`. `named`: the rule whose channel is the one that was
    written down, and how often; "" where none fits so often, or the channels were not written down.
    """

    kind: Kind
    shares: pd.DataFrame
    value: pd.DataFrame | None
    records: int
    all: int
    named: tuple[str, float]

    @property
    def moved(self) -> pd.Series:
        """By how much the share of each channel differs between the first and the last touch, the largest first."""
        apart = self.shares["last"] - self.shares["first"]
        return apart.sort_values(key=lambda change: -change.abs(), kind="stable")


def claims_of(month: Month) -> pd.DataFrame | None:
    """The platforms' conversions and revenue of the month beside the company's own: CLAIMS, a row per channel.

    The row of channel "" (last) holds all there was. A conversion may be a lead or an order: a claim is held against
    whichever are more, the month's leads with the orders that are of none of them (`leads`, `orders`), or all orders of
    the month. `recorded` is that number. `revenue_recorded` is that of all orders; where no order is exported, of deals
    won. None without ads, or where no platform claims anything, or where neither leads nor orders are there.
    """
    ads, leads, orders = (_in_month(month, key) for key in ("ads", "leads", "orders"))
    if ads is None or (leads is None and orders is None):
        return None
    if ads[["platform_conversions", "platform_revenue"]].isna().all(axis=None):
        return None
    free = _without_lead(orders, leads)
    counted = _most_recorded(ads, [frame for frame in (leads, free) if frame is not None], orders)
    money, value = (orders, "revenue") if orders is not None else _won(month, leads)
    earned = compare_claims(ads, money, value)
    earned = earned[earned["measure"] == "revenue"]
    table = _named(counted, "conversions").join(_named(earned, "revenue"), how="outer")
    table = table.rename(columns={"conversions_recorded": "recorded"})
    table["leads"], table["orders"] = (_count(frame, table.index) for frame in (leads, free))
    order = table["conversions"].fillna(0).drop(ALL).sort_values(ascending=False, kind="stable").index
    return table.loc[[*order, ALL]].reset_index()[CLAIMS]


def credit_of(month: Month) -> list[Credit]:
    """Who is credited by which rule, of leads and of orders, where there are touches of enough of them."""
    touches = month.exports.tables.get("touches")
    if touches is None:
        return []
    seen = touches.rename(columns={"touched_at": "at"})
    found = [_credit(month, seen, kind, key, at) for kind, key, at in KINDS]
    return [credit for credit in found if credit is not None]


def count_touched(month: Month) -> int | None:
    """Leads and orders, of any month, to which a touch belongs; None where no touches are exported."""
    touches = month.exports.tables.get("touches")
    if touches is None or touches.empty:
        return None
    known = [frame[key].dropna() for kind, key, _at in KINDS if (frame := month.exports.tables.get(kind)) is not None]
    named = [touches[key].dropna() for kind, key, _at in KINDS if kind in month.exports.tables]
    return sum(int(own.isin(theirs).sum()) for own, theirs in zip(known, named, strict=True))


def _credit(month: Month, touches: pd.DataFrame, kind: Kind, key: str, at: str) -> Credit | None:
    if kind not in month.exports.tables or touches[key].isna().all():
        return None
    records = _last_months(month, kind, key, at)
    own = records[records[key].isin(touches[key]) & records[key].notna()]
    if len(own) < LEAST:
        return None
    credit = attribute(own, touches, key, at, "revenue", RULES)
    known = credit["value"].abs().sum() > 0
    shares = _shares(credit, "records")
    return Credit(kind, shares, _shares(credit, "value") if known else None, len(own), len(records),
                  _rule_named(own, touches, key, at))  # fmt: skip


def _last_months(month: Month, kind: Kind, key: str, at: str) -> pd.DataFrame:
    """Records of the last MONTHS months that have a name and a time of their own, with their `revenue`."""
    frame = deals_with_money(month)[0] if kind == "leads" else month.exports.tables[kind]
    if kind == "leads":
        frame = frame.assign(revenue=frame["revenue"].where(frame["won"].fillna(False).astype(bool)))
    first = pd.Timestamp(month.start) - pd.DateOffset(months=MONTHS - 1)
    day = frame[at].dt.tz_localize(None)
    inside = (day >= first) & (day < pd.Timestamp(month.end) + pd.Timedelta(days=1))
    return frame[inside & frame[key].notna()].drop_duplicates(key)


def _shares(credit: pd.DataFrame, column: str) -> pd.DataFrame:
    """Channels by rule as fractions, the largest by the last touch first; the channel without touches left out."""
    wide = credit[credit["rule"].isin(RULES)].pivot(index="channel", columns="rule", values=column)[list(RULES)]
    wide = wide.loc[(wide != 0).any(axis=1)]
    return (wide / wide.sum()).sort_values(["last", "first"], ascending=False, kind="stable")


def _rule_named(own: pd.DataFrame, touches: pd.DataFrame, key: str, at: str) -> tuple[str, float]:
    """The single-touch rule that gives most often the channel that was written down, and how often."""
    told = own[own["channel"].notna() & ~own["channel"].isin([UNKNOWN, ""])]
    if len(told) < LEAST:
        return "", math.nan
    until = told.set_index(key)[at]
    seen = touches[touches[key].isin(told[key])].drop_duplicates([key, "at", "channel"])
    seen = seen[seen["at"] <= seen[key].map(until)].sort_values("at", kind="stable")
    written, number = told.set_index(key)["channel"], seen[key].nunique()
    found = {"last": seen.drop_duplicates(key, keep="last"), "last_non_direct": _last_non_direct(seen, key),
             "first": seen.drop_duplicates(key)}  # fmt: skip
    alike = {rule: float((rows.set_index(key)["channel"] == written.reindex(rows[key])).sum()) / max(number, 1)
             for rule, rows in found.items()}  # fmt: skip
    best = max(alike, key=lambda rule: alike[rule])
    return (best, alike[best]) if alike[best] >= AGREES else ("", alike[best])


def _last_non_direct(seen: pd.DataFrame, key: str) -> pd.DataFrame:
    other = seen[seen["channel"] != DIRECT]
    alone = seen[~seen[key].isin(other[key])]
    return pd.concat([other, alone]).drop_duplicates(key, keep="last")


def _in_month(month: Month, key: str) -> pd.DataFrame | None:
    """The rows of a table that are dated in the days covered of the month."""
    if key not in month.exports.tables:
        return None
    frame = month.exports.tables[key]
    day = frame[{"ads": "date", "leads": "created_at", "orders": "ordered_at"}[key]].dt.tz_localize(None)
    return frame[(day >= pd.Timestamp(month.start)) & (day < pd.Timestamp(month.end) + pd.Timedelta(days=1))]


def _without_lead(orders: pd.DataFrame | None, leads: pd.DataFrame | None) -> pd.DataFrame | None:
    """Orders that are not the order of one of these leads: the lead has been counted."""
    if orders is None or leads is None:
        return orders
    return orders[~orders["lead_id"].isin(leads["lead_id"].dropna())]


def _most_recorded(ads: pd.DataFrame, results: list[pd.DataFrame], orders: pd.DataFrame | None) -> pd.DataFrame:
    """The claims against leads and orders without one, or against all orders, channel by channel whichever are more."""
    together = pd.concat(results, ignore_index=True)
    found = compare_claims(ads, together[["channel", *(["leads"] if "leads" in together else [])]])
    if orders is None:
        return found
    sold = compare_claims(ads, orders[["channel"]]).set_index("channel").reindex(found["channel"]).reset_index()
    return found.mask(sold["recorded"] > found["recorded"].fillna(0), sold)


def _won(month: Month, leads: pd.DataFrame | None) -> tuple[pd.DataFrame, str]:
    assert leads is not None
    own = deals_with_money(month)[0]
    own = own[own.index.isin(leads.index) & own["won"].fillna(False).astype(bool)]
    return own, "revenue"


def _named(compared: pd.DataFrame, measure: str) -> pd.DataFrame:
    names = {"claimed": measure, "recorded": f"{measure}_recorded", "ratio": f"{measure}_ratio",
             "excess": f"{measure}_excess", "verdict": f"{measure}_verdict"}  # fmt: skip
    return compared.drop(columns="measure").rename(columns=names).set_index("channel")


def _count(frame: pd.DataFrame | None, channels: pd.Index) -> pd.Series:
    """Records by channel, tallied ones as many as they are; NaN where no such table is exported."""
    if frame is None:
        return pd.Series(np.nan, index=channels)
    each = frame["leads"].fillna(1.0) if "leads" in frame else pd.Series(1.0, index=frame.index)
    sums = each.groupby(frame["channel"].replace("", None).fillna(UNKNOWN)).sum().reindex(channels, fill_value=0.0)
    sums[ALL] = each.sum()
    return sums
