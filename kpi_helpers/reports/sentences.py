"""The report's findings in words: each sentence is drawn from the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.coverage import late_exports
from kpi_helpers.labels import channel_name, is_missing, kpi_name, owner_name, write_change, write_date, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.monthly import Month
from kpi_helpers.tables import Finding
from kpi_helpers.traffic import robot_burst

RESULT = ("revenue", "orders", "leads", "visits")  # the month's result: the first that has a value
VOLUME = ("leads", "orders", "new_customers", "actions")
PRICE = ("cpl", "cac", "cpo", "drr", "cpc")
MOST = 5
EMPTY_VISITS = 200  # visits from which a channel without one qualified lead is worth a sentence

Row = dict[str, Any]


def row_of(card: pd.DataFrame, key: str, scope: str = "company") -> Row | None:
    """The scorecard's row of a KPI and scope, or None."""
    found = card[(card["kpi"] == key) & (card["scope"] == scope)]
    return {str(name): value for name, value in found.iloc[0].items()} if len(found) else None


def find_headlines(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> list[Finding]:
    """Three to five findings: the result, the volume, the price, then what stands out most."""
    chosen: list[Row] = []
    for keys in (RESULT, VOLUME, PRICE):
        rows = [row for key in keys if (row := row_of(card, key)) and not is_missing(row["value"])]
        chosen += [row for row in rows if row["kpi"] not in {other["kpi"] for other in chosen}][:1]
    findings = [_kpi_finding(row, month) for row in chosen]
    extra = [_robot_finding(month), _empty_channel_finding(month, channels), *_missed_findings(card, chosen, month)]
    return (_late_findings(month) + findings + [finding for finding in extra if finding])[:MOST]


def _late_findings(month: Month) -> list[Finding]:
    """Exports that end too early come first: what is said after them lacks days."""
    return [
        Finding(
            _("{file} ends on {day}: every number that uses it lacks the days after.").format(
                file=file, day=write_date(day)
            ),
            "no_data",
            "missing",
        )
        for file, day in late_exports(month.exports, month.end)
    ][:2]


def kpi_sentence(row: Row, currency: str) -> str:
    """ "Leads: 412, 8 % above goal, +3 % on last month (within noise)"."""
    style = KPIS[row["kpi"]].style
    parts = [
        f"{kpi_name(row['kpi'])}: {write_value(row['value'], style, currency, short=style == 'money')}",
        goal_words(row, currency),
        change_words(row),
    ]
    return ", ".join(part for part in parts if part) + "."


def goal_words(row: Row, currency: str) -> str:
    """How a value stands to its goal, in words; "" without a goal."""
    kpi = KPIS[row["kpi"]]
    if is_missing(row["goal"]) or is_missing(row["value"]):
        return ""
    difference = row["value"] - row["goal"]
    if kpi.style in ("share", "points") or row["goal"] <= 0:
        return _("goal {goal}").format(goal=write_value(row["goal"], kpi.style, currency))
    if abs(difference) < 0.005 * abs(row["goal"]):
        return _("on goal")
    size = write_change(row["value"], row["goal"], kpi.style).lstrip("+−")
    return (_("{size} above goal") if difference > 0 else _("{size} below goal")).format(size=size)


def change_words(row: Row) -> str:
    """The change to the month before in words, with the verdict on noise; "" where it is unknown."""
    if is_missing(row["previous"]) or is_missing(row["value"]):
        return ""
    change = _("{change} on last month").format(change=write_change(row["value"], row["previous"], KPIS[row["kpi"]].style))
    return f"{change} ({_('within noise')})" if row["change_verdict"] == "noise" else change


def _kpi_finding(row: Row, month: Month) -> Finding:
    status = row["status"] if row["status"] != "no_goal" else ""
    return Finding(kpi_sentence(row, month.currency), status, "goals" if status else "scorecard")


def _missed_findings(card: pd.DataFrame, chosen: list[Row], month: Month) -> list[Finding]:
    """The KPIs that missed their goals by most, with whose lever each is."""
    missed = card[(card["status"] == "missed") & (card["scope"] == "company")]
    missed = missed[~missed["kpi"].isin([row["kpi"] for row in chosen])]
    distance = ((missed["value"] - missed["goal"]) / missed["goal"].abs().replace(0, np.nan)).abs()
    rows = missed.assign(distance=distance).sort_values("distance", ascending=False, kind="stable").to_dict("records")
    return [
        Finding(
            _("{sentence} The lever: {owner}.").format(
                sentence=kpi_sentence({str(name): value for name, value in row.items()}, month.currency),
                owner=owner_name(row["owner"]),
            ),
            "missed",
            "goals",
        )
        for row in rows
    ]


def _robot_finding(month: Month) -> Finding | None:
    burst = robot_burst(month.tables.get("traffic"), month.start, month.end)
    if burst is None:
        return None
    return Finding(
        _("Robots made {share} of the visits from {first} to {last} of the month, {usual} on other days.").format(
            share=write_value(burst.share, "share"),
            usual=write_value(burst.usual, "share"),
            first=burst.first.day,
            last=burst.last.day,
        ),
        "",
        "traffic",
    )


def _empty_channel_finding(month: Month, channels: pd.DataFrame) -> Finding | None:
    """A paid channel that brings visits and not one qualified lead in three months."""
    for scope in sorted(channels["scope"].unique()) if len(channels) else []:
        spend, visits, qualified = (row_of(channels, key, scope) for key in ("spend", "visits", "qualified_leads"))
        if not (spend and visits and qualified) or is_missing(spend["value"]) or is_missing(qualified["value"]):
            continue
        if spend["value"] > 0 and visits["value"] >= EMPTY_VISITS and np.nansum(qualified["history"][-3:]) == 0:
            count = int(visits["value"])
            return Finding(
                ngettext(
                    "{channel}: {spend} bought {n} visit and no qualified lead for three months.",
                    "{channel}: {spend} bought {n} visits and no qualified lead for three months.",
                    count,
                ).format(
                    channel=channel_name(scope),
                    spend=write_value(spend["value"], "money", month.currency),
                    n=write_value(count, "count"),
                ),
                "",
                "channels",
            )
    return None
