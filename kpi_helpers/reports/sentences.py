"""The report's findings in words: each sentence is drawn from the numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.coverage import late_exports
from kpi_helpers.labels import (
    NO_VALUE,
    channel_name,
    is_missing,
    kpi_name,
    owner_name,
    write_change,
    write_date,
    write_period,
    write_value,
)
from kpi_helpers.language import _, ngettext
from kpi_helpers.monthly import Month
from kpi_helpers.tables import Finding
from kpi_helpers.traffic import robot_burst

RESULT = ("revenue", "orders", "leads", "visits")  # the month's result: the first that has a value
VOLUME = ("leads", "orders", "new_customers", "actions")
PRICE = ("cpl", "cac", "cpo", "drr")
SPARE = (  # what is said where there is little to say
    "spend", "clicks", "cpc", "visits", "visitors", "marketing_cost", "answered_in_time", "missed_calls", "missed_chats",
    "nps", "awareness_aided", "market_share", "follower_growth", "engagement_rate", "on_time_share",
)  # fmt: skip
LEAST, MOST = 3, 5
EMPTY_VISITS = 200  # visits from which a channel without one qualified lead is worth a sentence
REAL = ("better", "worse", "changed")  # verdicts of a change that is more than noise

Row = dict[str, Any]


def row_of(card: pd.DataFrame, key: str, scope: str = "company") -> Row | None:
    """The scorecard's row of a KPI and scope, or None."""
    found = card[(card["kpi"] == key) & (card["scope"] == scope)]
    return {str(name): value for name, value in found.iloc[0].items()} if len(found) else None


def find_headlines(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> list[Finding]:
    """Up to five findings: late exports, result and volume, then what stands out, then the price and what else missed."""
    result, volume, price = (_first(card, keys) for keys in (RESULT, VOLUME, PRICE))
    main = _different([result, volume])
    missed = _missed(card, main)
    proven = [row for row in missed if "worse" in (row["change_verdict"], row["year_verdict"])][:1]
    others = _different([*proven, price, *missed])[len(proven) :]
    findings = [
        *_late_findings(month), *(_kpi_finding(row, month) for row in main),
        *(_missed_finding(row, month) for row in proven), *_robot_findings(month), *_empty_channel_findings(month, channels),
        *(_missed_finding(row, month) if row["status"] == "missed" else _kpi_finding(row, month) for row in others),
    ]  # fmt: skip
    told = {row["kpi"] for row in (*main, *proven, *others)}
    spare = [row for key in SPARE if key not in told and (row := _first(card, [key]))]
    findings += [_kpi_finding(row, month) for row in spare[: max(LEAST - len(findings), 0)]]
    return findings[:MOST] or [Finding(_("No KPI has a value for this month."), "no_data", "missing")]


def _first(card: pd.DataFrame, keys: Iterable[str]) -> Row | None:
    """The first of these KPIs of the company that has a value."""
    rows = (row_of(card, key) for key in keys)
    return next((row for row in rows if row and not is_missing(row["value"])), None)


def _different(rows: Iterable[Row | None]) -> list[Row]:
    """The rows that are there, each KPI once."""
    return list({row["kpi"]: row for row in reversed([row for row in rows if row])}.values())[::-1]


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
    """ "Leads: 412, 8 % above goal, +3 % on last month (within noise)."."""
    style = KPIS[row["kpi"]].style
    parts = [
        f"{kpi_name(row['kpi'])}: {write_value(row['value'], style, currency, short=style == 'money')}",
        goal_words(row, currency),
        change_words(row),
    ]
    text = ", ".join(part for part in parts if part)
    return text if text.endswith(".") else f"{text}."


def goal_words(row: Row, currency: str) -> str:
    """How a value stands to its goal, in words; "" without a goal. Costs are over or under the plan, not above a goal."""
    kpi = KPIS[row["kpi"]]
    if is_missing(row["goal"]) or is_missing(row["value"]):
        return ""
    size = write_change(row["value"], row["goal"], kpi.style).lstrip("+−")
    if kpi.style in ("share", "points") or row["goal"] <= 0 or size == NO_VALUE:
        return _("goal {goal}").format(goal=write_value(row["goal"], kpi.style, currency))
    difference = row["value"] - row["goal"]
    if abs(difference) < 0.005 * abs(row["goal"]):
        return _("on goal")
    if kpi.style == "money" and kpi.better == "lower":
        return (_("{size} over plan") if difference > 0 else _("{size} under plan")).format(size=size)
    return (_("{size} above goal") if difference > 0 else _("{size} below goal")).format(size=size)


def change_words(row: Row) -> str:
    """The change in words: on last month, or on last year where only that is more than noise; "" where it is unknown."""
    on_year = row["year_verdict"] in REAL and row["change_verdict"] not in REAL
    before, verdict = (row["year_ago"], row["year_verdict"]) if on_year else (row["previous"], row["change_verdict"])
    size = write_change(row["value"], before, KPIS[row["kpi"]].style)
    if size == NO_VALUE:
        return ""
    if size[0] not in "+−":
        return _("the same as last year") if on_year else _("the same as last month")
    change = (_("{change} on last year") if on_year else _("{change} on last month")).format(change=size)
    return f"{change} ({_('within noise')})" if verdict == "noise" else change


def _kpi_finding(row: Row, month: Month) -> Finding:
    status = row["status"] if row["status"] != "no_goal" else ""
    return Finding(kpi_sentence(row, month.currency), status, "goals" if status else "scorecard")


def _missed(card: pd.DataFrame, told: list[Row]) -> list[Row]:
    """The company's KPIs that missed their goals, the farthest first, without those already told."""
    missed = card[(card["status"] == "missed") & (card["scope"] == "company")]
    missed = missed[~missed["kpi"].isin([row["kpi"] for row in told])]
    goals = missed["goal"].astype(float)
    distance = ((missed["value"].astype(float) - goals) / goals.abs().replace(0, np.nan)).abs()
    rows = missed.assign(distance=distance).sort_values("distance", ascending=False, kind="stable").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _missed_finding(row: Row, month: Month) -> Finding:
    """A missed goal with whose lever it is."""
    text = _("{sentence} The lever: {owner}.").format(
        sentence=kpi_sentence(row, month.currency), owner=owner_name(row["owner"])
    )
    return Finding(text, "missed", "goals")


def _robot_findings(month: Month) -> list[Finding]:
    burst = robot_burst(month.tables.get("traffic"), month.start, month.end)
    if burst is None:
        return []
    share, days = write_value(burst.share, "share"), write_period(burst.first, burst.last)
    if is_missing(burst.usual):
        text = _("{days}: robots made {share} of the visits.").format(days=days, share=share)
    else:
        text = _("{days}: robots made {share} of the visits, {usual} on other days.").format(
            days=days, share=share, usual=write_value(burst.usual, "share")
        )
    return [Finding(text, "", "traffic")]


def _empty_channel_findings(month: Month, channels: pd.DataFrame) -> list[Finding]:
    """Paid channels that bring visits and not one qualified lead in three months, the dearest first; at most two."""
    found = [(row, visits) for scope in sorted(channels["scope"].unique()) for row, visits in _empty_channel(channels, scope)]
    found.sort(key=lambda pair: -pair[0]["value"])
    return [Finding(_empty_channel_words(row, visits, month.currency), "", "channels") for row, visits in found[:2]]


def _empty_channel(channels: pd.DataFrame, scope: str) -> list[tuple[Row, int]]:
    """The channel's row of spend and its visits, where it is empty."""
    spend, visits, qualified = (row_of(channels, key, scope) for key in ("spend", "visits", "qualified_leads"))
    if not (spend and visits and qualified):
        return []
    if is_missing(spend["value"]) or is_missing(visits["value"]) or np.isnan(qualified["history"][-3:]).any():
        return []
    empty = spend["value"] > 0 and visits["value"] >= EMPTY_VISITS and sum(qualified["history"][-3:]) == 0
    return [(spend, int(visits["value"]))] if empty else []


def _empty_channel_words(spend: Row, visits: int, currency: str) -> str:
    return ngettext(
        "{channel}: {spend} bought {n} visit and no qualified lead for three months.",
        "{channel}: {spend} bought {n} visits and no qualified lead for three months.",
        visits,
    ).format(
        channel=channel_name(spend["scope"]),
        spend=write_value(spend["value"], "money", currency),
        n=write_value(visits, "count"),
    )
