"""KPIs side by side: a table with a row per channel, and what the sections by channel share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import channel_name, is_missing, kpi_name
from kpi_helpers.language import _
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import Row, row_of
from kpi_helpers.tables import Column

MONEY = ("spend", "leads", "cpl", "qualified_leads", "cpql", "orders", "revenue")
REACH = ("spend", "impressions", "clicks", "ctr", "cpc", "cpm")  # what is known where no lead or order is
RETURN = ("revenue", "margin", "spend", "roas", "drr", "revenue_roi", "romi")
QUALITY = ("visits", "bounce_rate", "page_depth", "robot_share", "visit_to_lead", "qualification_rate")
SMALL_PRINT = Markup('<div class="kpi"><p class="note">{}</p></div>\n')
BY_CHANNEL = tuple(dict.fromkeys((*MONEY, *REACH, *RETURN, *QUALITY)))


def missing_rows(card: pd.DataFrame, keys: Iterable[str]) -> list[Row]:
    return [row for key in keys if (row := row_of(card, key)) and is_missing(row["value"])]


def value_of(card: pd.DataFrame, key: str, scope: str = "company") -> float:
    row = row_of(card, key, scope)
    return float(row["value"]) if row else np.nan


def table_by_channel(
    section: Section,
    card: pd.DataFrame,
    channels: pd.DataFrame,
    keys: tuple[str, ...],
    caption: str,
    note: str = "",
    *,
    paid_only: bool = False,
) -> None:
    wide = channels.pivot(index="scope", columns="kpi", values="value").reindex(columns=list(keys))
    wide = wide[wide["spend"] > 0] if paid_only else wide[(wide.fillna(0) != 0).any(axis=1)]
    wide = wide.sort_values(keys[0], ascending=False, na_position="last", kind="stable")
    used = [key for key in keys if wide[key].notna().any()]
    columns = [Column(_("Channel"))] + [Column(kpi_name(key), KPIS[key].style) for key in used]
    rows = [[channel_name(scope), *(wide.loc[scope, key] for key in used)] for scope in wide.index]
    if rows:
        section.table(
            columns, rows, caption=caption, note=note, total=[_("Company"), *(value_of(card, key) for key in used)]
        )
