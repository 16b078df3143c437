"""A claim as a scenario: what it would make of revenue, margin, ad spend and ROMI. Reckoned, not found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from kpi_helpers.beliefs.evidence import YEAR, Change
from kpi_helpers.catalogue import KPIS
from kpi_helpers.history import COMPANY, History

SUMS = ("revenue", "margin", "spend", "orders", "leads", "qualified_leads")
COMMON = ("revenue", "margin", "spend")  # they have to be of the same months
ROWS = ("revenue", "margin", "spend", "left", "romi", "drr")  # left: margin less ad spend
COSTS = {"drr": "revenue", "cpl": "leads", "cpql": "qualified_leads", "cpo": "orders"}  # KPI -> what it is spend by
COUNTED = ("revenue", "orders", "aov", "margin", "leads", "qualified_leads", "spend", *COSTS)
Sums = Mapping[str, float]


def last_year(history: History) -> tuple[dict[str, float], pd.DatetimeIndex]:
    """The sums of the last whole months, 12 or as many as there are, and these months; NaN where a month is not known.

    They are the last ones of which revenue, margin and ad spend are all known, or those of them that are known at all.
    """
    series = {key: history.past.values(key, COMPANY).dropna() for key in SUMS}
    held = [values.index for values in (series[key] for key in COMMON) if len(values)]
    if not held:
        return dict.fromkeys(SUMS, math.nan), pd.DatetimeIndex([])
    first, last = max(months[0] for months in held), min(months[-1] for months in held)
    months = pd.date_range(max(first, last - pd.DateOffset(months=YEAR - 1)), last, freq="MS")
    if not len(months):
        return dict.fromkeys(SUMS, math.nan), months
    return {key: float(values.reindex(months).sum(skipna=False)) for key, values in series.items()}, months


def imagine(sums: Sums, changes: Iterable[Change]) -> tuple[pd.DataFrame, dict[str, str]]:
    """ROWS `before` and `after` all changes at once, NaN where something is not known; the KPIs that play no part, each
    with the one beside which it is not counted, "" where it has no price of its own.

    What is claimed itself goes before what would follow: with revenue claimed, orders and the average order do not move
    it. The margin stays the same share of revenue, unless the margin is claimed; ad spend stays, unless it or
    a cost is claimed: a cost per lead times the leads. Two claims of the spend: the first in the order of COUNTED.

    >>> sums = {"revenue": 1000.0, "margin": 400.0, "spend": 200.0, "orders": 10.0, "leads": 50.0}
    >>> rows, unused = imagine(sums, [Change("revenue", "relative", 0.15), Change("spend", "relative", -0.2)])
    >>> rows.loc["left"].round(6).tolist(), rows.loc["romi"].round(6).tolist(), unused
    ([200.0, 300.0], [1.0, 1.875], {})
    """
    known = {key: sums.get(key, math.nan) for key in SUMS}
    claimed = {change.key: change for change in reversed(list(changes))}
    after, beside = dict(known), _not_counted(claimed)
    counted = {key: change for key, change in claimed.items() if key not in beside}
    for key in ("leads", "qualified_leads", "orders"):
        if key in claimed:
            after[key] = claimed[key].level(known[key])
    for key in ("revenue", "orders", "aov"):
        if key in counted:
            after["revenue"] *= counted[key].level(1.0)
    rate = known["margin"] / known["revenue"] if known["revenue"] else math.nan
    after["margin"] = counted["margin"].level(known["margin"]) if "margin" in counted else after["revenue"] * rate
    if "spend" in counted:
        after["spend"] = counted["spend"].level(known["spend"])
    for key in COSTS.keys() & counted.keys():
        by = COSTS[key]
        after["spend"] = counted[key].level(known["spend"] / known[by] if known[by] else math.nan) * after[by]
    rows = pd.DataFrame({"before": _rows(known), "after": _rows(after)}, index=list(ROWS))
    return rows, beside


def _not_counted(claimed: Mapping[str, Change]) -> dict[str, str]:
    """The claimed KPIs that move nothing, in their order, each with the one that stands in its place, or ""."""
    costs = [key for key in ("spend", *COSTS) if key in claimed]
    by = COSTS.get(costs[0], "") if costs else ""
    places = dict.fromkeys(costs[1:], costs[0] if costs else "")
    if "revenue" in claimed:
        places |= {key: "revenue" for key in ("orders", "aov") if key != by}
    places |= {key: "" for key in ("leads", "qualified_leads") if key != by}
    priced = {"revenue", "orders", "aov", "margin", *costs, by}
    return {key: places.get(key, "") for key in reversed([*claimed]) if key in places or key not in priced}


def _rows(sums: Sums) -> dict[str, float]:
    shown = {key: sums[key] for key in ("revenue", "margin", "spend")}
    return {**shown, "left": sums["margin"] - sums["spend"], **{key: _ratio(key, sums) for key in ("romi", "drr")}}


def _ratio(key: str, sums: Sums) -> float:
    try:
        return float(KPIS[key].formula.evaluate(dict(sums)))
    except ZeroDivisionError:
        return math.nan
