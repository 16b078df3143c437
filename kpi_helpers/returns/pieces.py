"""What a report and a view show of a return: tables, the rows of the chart, the largest campaigns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import kpi_name
from kpi_helpers.language import _, ngettext
from kpi_helpers.returns.rating import MONEY, SHARES, WHOLE, rate_returns
from kpi_helpers.returns.words import Row, rows_of, scope_words, trap_cells, verdict_words
from kpi_helpers.tables import Column

Table = tuple[list[Column], list[list[Any]]]
MOST_CAMPAIGNS = 10
FINAL = ("earns", "ads_only", "loses")
WAYS = ("revenue", "margin", "spend", "roas", "revenue_roi", "romi", "roi")
RATIOS = ("roas", "drr", "revenue_roi", "romi", "roi", *SHARES)


def chart_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `charts.returns.plot_margins`: what is needed covers all own costs that are known."""
    return pd.DataFrame({
        "name": [scope_words(scope) for scope in table["scope"]],
        "needed": table["needed"].to_numpy(dtype=float),
        "there": table["margin_share"].to_numpy(dtype=float),
        "word": [verdict_words(verdict) for verdict in table["verdict"]],
        "open": [verdict not in FINAL for verdict in table["verdict"]],
    })  # fmt: skip


def pay_table(table: pd.DataFrame, head: str) -> Table:
    """The margin that is there against the one that is needed, and whether it pays; columns without values left out."""
    shown = {
        "margin_share": _("Margin in revenue"), "drr": _("Break-even margin = ad cost share"),
        **({"break_even_all": _("Break-even margin with all own costs")} if _has_other_costs(table) else {}),
    }  # fmt: skip
    used = {key: title for key, title in shown.items() if table[key].notna().any()}
    columns = [Column(head), *(Column(title, "share") for title in used.values()), Column(_("Does it pay?"))]
    return columns, [
        [scope_words(row["scope"]), *(row[key] for key in used), verdict_words(row["verdict"])]
        for row in rows_of(table)
    ]


def ways_table(table: pd.DataFrame, head: str) -> Table:
    """Revenue, margin, spend, and the ways to call the return side by side; columns without values left out."""
    shown = {key: (kpi_name(key), KPIS[key].style) for key in WAYS}
    shown["roi"] = (_("ROI with own costs"), "share")
    known = {key: names for key, names in shown.items() if key != "roi" or _has_other_costs(table)}
    used = {key: names for key, names in known.items() if table[key].notna().any()}
    columns = [Column(head), *(Column(title, style) for title, style in used.values())]
    return columns, [[scope_words(row["scope"]), *(row[key] for key in used)] for row in rows_of(table)]


def trap_table(row: Row) -> Table:
    """The ways to call one return, each counted with its own numbers."""
    columns = [Column(_("What is said")), Column(_("How it is counted"), "number"), Column(_("Result"), "number")]
    return columns, [list(cells) for cells in trap_cells(row)]


def _has_other_costs(table: pd.DataFrame) -> bool:
    return bool((table["marketing_cost"] > table["spend"]).any())


def few_campaigns(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The campaigns with the largest spend, at most 10, and all others as one row (none where there are no more)."""
    first, others = table.head(MOST_CAMPAIGNS), table.iloc[MOST_CAMPAIGNS:]
    if others.empty:
        return first, others
    money = others.assign(other_costs=0.0)[list(MONEY)].sum(skipna=False).to_frame().T
    whole = rate_returns(money.assign(scope=others_name(len(others)), channel="", named=0.0))
    return first, whole


def others_name(number: int) -> str:
    """The row of the campaigns beyond those named."""
    return ngettext("{n} other campaign", "{n} other campaigns", number).format(n=number)


def proven(campaigns: pd.DataFrame) -> pd.DataFrame:
    """Campaigns without the ratios of those of which only a part of the revenue is told and proves nothing."""
    told = (campaigns["verdict"] != "unknown") | campaigns["margin"].isna() | (campaigns["named"] >= WHOLE)
    return campaigns.assign(**{name: campaigns[name].where(told) for name in RATIOS})
