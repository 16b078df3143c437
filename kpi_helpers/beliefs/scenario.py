"""A claim as a scenario: what it would make of revenue, margin, ad spend and ROMI. Reckoned, not found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from kpi_helpers.beliefs.evidence import YEAR, Change
from kpi_helpers.catalogue import KPIS
from kpi_helpers.history import COMPANY, History

SUMS = ("revenue", "margin", "spend", "orders", "leads", "qualified_leads")
ROWS = ("revenue", "margin", "spend", "left", "romi", "drr")  # left: margin less ad spend
COSTS = {"drr": "revenue", "cpl": "leads", "cpql": "qualified_leads", "cpo": "orders"}  # KPI -> what it is spend by
COUNTED = ("revenue", "orders", "aov", "margin", "leads", "qualified_leads", "spend", *COSTS)
Sums = Mapping[str, float]


def last_year(history: History) -> tuple[dict[str, float], int]:
    """The sums of the last whole months (12, or as many as there are), NaN where a month is not known; how many."""
    series = {key: history.past.values(key, COMPANY) for key in SUMS}
    last = max((values.index[-1] for values in series.values() if len(values)), default=None)
    if last is None:
        return dict.fromkeys(SUMS, math.nan), 0
    first = min(values.index[0] for values in series.values() if len(values))
    months = pd.date_range(max(first, last - pd.DateOffset(months=YEAR - 1)), last, freq="MS")
    return {key: float(values.reindex(months).sum(skipna=False)) for key, values in series.items()}, len(months)


def imagine(sums: Sums, changes: Iterable[Change]) -> tuple[pd.DataFrame, list[str]]:
    """ROWS `before` and `after` all changes at once, NaN where something is not known; the KPIs that play no part.

    What is claimed itself goes before what would follow: with revenue claimed, orders and the average order do not move
    it. The margin stays the same share of revenue, unless the margin is claimed; ad spend stays, unless it or
    a cost is claimed: a cost per lead times the leads. Two claims of the spend: the first in the order of COUNTED.

    >>> sums = {"revenue": 1000.0, "margin": 400.0, "spend": 200.0, "orders": 10.0, "leads": 50.0}
    >>> rows, unused = imagine(sums, [Change("revenue", "relative", 0.15), Change("spend", "relative", -0.2)])
    >>> rows.loc["left"].round(6).tolist(), rows.loc["romi"].round(6).tolist(), unused
    ([200.0, 300.0], [1.0, 1.875], [])
    """
    known = {key: sums.get(key, math.nan) for key in SUMS}
    claimed = {change.key: change for change in reversed(list(changes))}
    after, used = dict(known), set[str]()

    def level(key: str, base: float) -> float:
        used.add(key)
        return claimed[key].level(base)

    for key in ("leads", "qualified_leads", "orders"):
        if key in claimed:
            after[key] = level(key, known[key])
    if "revenue" in claimed:
        after["revenue"] = level("revenue", known["revenue"])
    else:
        for key in ("orders", "aov"):
            if key in claimed:
                after["revenue"] *= level(key, 1.0)
    margin_rate = known["margin"] / known["revenue"] if known["revenue"] else math.nan
    after["margin"] = level("margin", known["margin"]) if "margin" in claimed else after["revenue"] * margin_rate
    cost = next((key for key in ("spend", *COSTS) if key in claimed), "")
    if cost == "spend":
        after["spend"] = level("spend", known["spend"])
    elif cost:
        by = COSTS[cost]
        after["spend"] = level(cost, known["spend"] / known[by] if known[by] else math.nan) * after[by]
    rows = pd.DataFrame({"before": _rows(known), "after": _rows(after)}, index=list(ROWS))
    return rows, [key for key in reversed(claimed) if key not in used]


def _rows(sums: Sums) -> dict[str, float]:
    shown = {key: sums[key] for key in ("revenue", "margin", "spend")}
    return {**shown, "left": sums["margin"] - sums["spend"], **{key: _ratio(key, sums) for key in ("romi", "drr")}}


def _ratio(key: str, sums: Sums) -> float:
    try:
        return float(KPIS[key].formula.evaluate(dict(sums)))
    except ZeroDivisionError:
        return math.nan
