"""The report's findings in words: each sentence is drawn from the numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.causes import RATE, REAL
from kpi_helpers.causes_words import UNSURE, leads_sentence
from kpi_helpers.comparisons import judge_paid_traffic
from kpi_helpers.coverage import late_exports
from kpi_helpers.exports import double_sources
from kpi_helpers.labels import (
    NO_VALUE,
    is_missing,
    kpi_name,
    owner_name,
    write_change,
    write_date,
    write_period,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.paid_traffic import price_empty
from kpi_helpers.reports.reviews import real_change
from kpi_helpers.tables import Finding
from kpi_helpers.traffic import robot_burst

RESULT = ("revenue", "orders", "leads", "visits")  # the month's result: the first that has a value
VOLUME = ("leads", "orders", "new_customers", "actions")
PRICE = ("cpl", "cac", "cpo", "drr")
SPARE = (  # what is said where there is little to say
    "spend", "clicks", "cpc", "visits", "visitors", "marketing_cost", "answered_in_time", "missed_calls",
    "missed_chats", "nps", "awareness_aided", "market_share", "follower_growth", "engagement_rate", "on_time_share",
)  # fmt: skip
LEAST, MOST = 3, 6
MANY = 0.01  # share of rejected rows that is worth a sentence

Row = dict[str, Any]


def row_of(card: pd.DataFrame, key: str, scope: str = "company") -> Row | None:
    """The scorecard's row of a KPI and scope, or None."""
    named = list(zip(card["kpi"].tolist(), card["scope"].tolist(), strict=True))
    if (key, scope) not in named:
        return None
    return {str(name): value for name, value in card.iloc[named.index((key, scope))].items()}


def find_headlines(month: Month, card: pd.DataFrame) -> list[Finding]:
    """Up to five findings: what counts twice and late exports; result and volume; what stands out; what else missed."""
    result, volume, price = (_first(card, keys) for keys in (RESULT, VOLUME, PRICE))
    main = _different([result, volume])
    missed = _missed(card, main)
    proven = _proven(missed)
    others = _different([*proven, price, *missed])[len(proven) :]
    findings = _double_findings(month) + _late_findings(month) + _rejected_findings(month)
    for shown in main:
        finding = _kpi_finding(shown, month)
        findings.append(replace(finding, text=finding.text + _drivers(card, shown)))
    findings += _cause_findings(month, card, proven) or [_missed_finding(row, month) for row in proven]
    findings += _robot_findings(month) + _empty_channel_findings(month) + _review_findings(month)
    findings += [_missed_finding(row, month) for row in others]
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
    found: dict[str, Row] = {}
    for row in rows:
        if row:
            found.setdefault(row["kpi"], row)
    return list(found.values())


def _double_findings(month: Month) -> list[Finding]:
    """Two sources of the same: what they count is there twice."""
    return [Finding(text, "no_data", "missing") for text in double_sources(month.exports)][:1]


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


def _rejected_findings(month: Month) -> list[Finding]:
    """A file of which many rows could not be read: its numbers are too low."""
    return [
        Finding(
            _("{file}: {n} of {all} rows could not be read. Numbers that use it are too low.").format(
                file=file.file, n=write_value(table.rejected, "count"), all=write_value(table.rows_in, "count")
            ),
            "no_data",
            "receipt",
        )
        for file in month.exports.files
        for table in file.tables[:1]
        if table.rejected > MANY * table.rows_in
    ][:2]


def _drivers(card: pd.DataFrame, row: Row) -> str:
    """What stands behind the revenue, orders and the average order, as a further sentence; "" for other KPIs."""
    parts, before = [row_of(card, key) for key in ("orders", "aov")], "year_ago" if _is_on_year(row) else "previous"
    changes = [write_change(part["value"], part[before], KPIS[part["kpi"]].style) for part in parts if part]
    if row["kpi"] != "revenue" or len(changes) < 2 or NO_VALUE in changes:
        return ""
    return " " + _("Orders {orders}, average order {aov}.").format(orders=changes[0], aov=changes[1])


def kpi_sentence(row: Row, currency: str, *, to_date: bool = False) -> str:
    """ "Leads: 412, 8 % above goal, +3 % on last month (within noise)."; `to_date` in an unfinished month."""
    style = KPIS[row["kpi"]].style
    parts = [
        f"{kpi_name(row['kpi'])}: {write_value(row['value'], style, currency, short=style == 'money')}",
        goal_words(row, currency, to_date=to_date and KPIS[row["kpi"]].is_sum),
        change_words(row, to_date=to_date),
    ]
    text = ", ".join(part for part in parts if part)
    return text if text.endswith(".") else f"{text}."


def goal_words(row: Row, currency: str, *, to_date: bool = False) -> str:
    """How a value stands to its goal, in words; "" without a goal. Costs are over or under plan, not above a goal."""
    kpi = KPIS[row["kpi"]]
    if is_missing(row["goal"]) or is_missing(row["value"]):
        return ""
    size = write_change(row["value"], row["goal"], kpi.style).lstrip("+−")
    if kpi.style in ("share", "points") or row["goal"] <= 0 or size == NO_VALUE:
        return _("goal {goal}").format(goal=write_value(row["goal"], kpi.style, currency))
    difference = row["value"] - row["goal"]
    if abs(difference) < 0.005 * abs(row["goal"]):
        return _("on plan to date") if to_date else _("on goal")
    if to_date:
        words = _("{size} above the plan to date") if difference > 0 else _("{size} below the plan to date")
        return words.format(size=size)
    if kpi.style == "money" and kpi.better == "lower":
        return (_("{size} over plan") if difference > 0 else _("{size} under plan")).format(size=size)
    return (_("{size} above goal") if difference > 0 else _("{size} below goal")).format(size=size)


def change_words(row: Row, *, to_date: bool = False) -> str:
    """The change on last month in words, on last year where only that is more than noise; "" where none is known."""
    on_year = _is_on_year(row)
    before, verdict = (row["year_ago"], row["year_verdict"]) if on_year else (row["previous"], row["change_verdict"])
    before = row.get("year_from" if on_year else "change_from", before)
    size = write_change(row["value"], before, KPIS[row["kpi"]].style)
    if size == NO_VALUE or verdict == "not_compared":
        return ""
    if size[0] not in "+−":
        return _("the same as last year") if on_year else _("the same as last month")
    if to_date:
        words = _("{change} on the same days of last year") if on_year else _("{change} on the same days of last month")
    else:
        words = _("{change} on last year") if on_year else _("{change} on last month")
    change = words.format(change=size)
    return f"{change} ({_(UNSURE[verdict])})" if verdict in UNSURE else change


def _is_on_year(row: Row) -> bool:
    """Whether only the change on last year is more than noise, so that it is the one to tell."""
    return row["year_verdict"] in REAL and row["change_verdict"] not in REAL


def _kpi_finding(row: Row, month: Month) -> Finding:
    status = row["status"] if row["status"] != "no_goal" else ""
    text = kpi_sentence(row, month.currency, to_date=month.first_days is not None)
    return Finding(text, status, "goals" if status else "scorecard")


def _missed(card: pd.DataFrame, told: list[Row]) -> list[Row]:
    """The company's KPIs that missed their goals, the farthest first, without those already told."""
    missed = card[(card["status"] == "missed") & (card["scope"] == "company")]
    missed = missed[~missed["kpi"].isin([row["kpi"] for row in told])]
    goals = missed["goal"].astype(float)
    distance = ((missed["value"].astype(float) - goals) / goals.abs().replace(0, np.nan)).abs()
    rows = missed.assign(distance=distance).sort_values("distance", ascending=False, kind="stable").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _proven(missed: list[Row]) -> list[Row]:
    """The missed goal to be told first: of what really grew worse; else that whose interval lies farthest from it."""
    worse = [row for row in missed if "worse" in (row["change_verdict"], row["year_verdict"])]
    gaps = [max(row["low"] - row["goal"], row["goal"] - row["high"]) / abs(row["goal"] or 1) for row in missed]
    sure = [(gap, place) for place, gap in enumerate(gaps) if gap > 0]
    return worse[:1] or [missed[place] for _gap, place in sorted(sure, reverse=True)[:1]]


def _missed_finding(row: Row, month: Month) -> Finding:
    """A missed goal with its owner; the finding alone where the goal is not missed."""
    if row["status"] != "missed":
        return _kpi_finding(row, month)
    shared = row["owner"] == "shared"
    words = _("{sentence} A shared responsibility.") if shared else _("{sentence} Owner: {owner}.")
    text = words.format(sentence=_kpi_finding(row, month).text, owner=owner_name(row["owner"]))
    return Finding(text, "missed", "goals")


def _cause_findings(month: Month, card: pd.DataFrame, proven: list[Row]) -> list[Finding]:
    """Who moved the qualified leads, where these or their rate really changed; a missed rate is named with it."""
    shown = [row for key in (RATE, "qualified_leads") if (row := row_of(card, key))]
    verdicts = {row[name] for row in shown for name in ("change_verdict", "year_verdict")}
    with_rate = bool(proven) and proven[0]["kpi"] == RATE
    moved = leads_sentence(month, card, brief=with_rate) if verdicts & set(REAL) else ""
    if moved and with_rate:
        return [Finding(f"{_kpi_finding(proven[0], month).text} {moved}", "missed", "causes")]
    return [*(_missed_finding(row, month) for row in proven), Finding(moved, "", "causes")] if moved else []


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


def _empty_channel_findings(month: Month) -> list[Finding]:
    """Paid channels whose visits never qualify, the dearest first; at most two."""
    paid = judge_paid_traffic(month)
    return [Finding(text, "", "traffic") for text in price_empty(paid, month.currency)[:2]] if paid else []


def _review_findings(month: Month) -> list[Finding]:
    """A reputation that really changed."""
    said = real_change(month)
    return [Finding(said, "", "brand")] if said else []
