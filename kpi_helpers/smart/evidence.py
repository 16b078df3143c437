"""What the exports say of a goal's KPI and scope, gathered once: the checks read nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from kpi_helpers.forecast import Forecast, forecast_kpi
from kpi_helpers.goals import count_months
from kpi_helpers.monthly_goals import with_baseline
from kpi_helpers.past import Past

FARTHEST = 36  # months ahead that a forecast is asked for
OPEN_ENDED = timedelta(days=366)  # what a goal without a deadline is forecast for


@dataclass(frozen=True)
class Evidence:
    """What the exports say of a KPI and scope: its `values` by whole month, why there are none (`reason`, a code of
    `compute_kpis`), the `scopes` that have rows, the `forecast` of the months after, the `last` day known, the currency
    of money, and the target that the goal has with a baseline from the exports (`target`, NaN where unknown).
    """

    values: pd.Series
    reason: str
    scopes: Sequence[str]
    last: date
    forecast: Forecast | None = None
    currency: str = ""
    target: float = math.nan
    note: str = ""


def gather_evidence(goal: Mapping[str, Any], past: Past, currency: str = "") -> Evidence:
    """What the exports say of the goal's KPI and scope; the forecast reaches to its deadline."""
    values, scope, last = past.values(goal["kpi"], goal["scope"]), goal["scope"], past.last or date.today()
    known = values.dropna()
    resolved = with_baseline(dict(goal), past)
    note = "no_baseline" if math.isnan(resolved["target"]) else ""
    forecast, held = None, past.held(goal["kpi"], scope)
    if len(known) and len(held):
        end = goal["deadline"] or (last + OPEN_ENDED)
        ahead = min(count_months(values.index[-1].date(), end) - 1, FARTHEST)
        forecast = forecast_kpi(held, goal["kpi"], ahead) if ahead > 0 else None
    reason = past.reason(goal["kpi"], scope)
    return Evidence(values, reason, past.scopes, last, forecast, currency, resolved["target"], note)
