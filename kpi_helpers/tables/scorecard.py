"""The scorecard as a table: value, interval, changes, goal and status of each KPI, in groups by owner."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from pandas import DataFrame

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import (
    NO_VALUE,
    OWNERS,
    channel_name,
    is_missing,
    kpi_name,
    lower_first,
    measure_name,
    owner_name,
    write_change,
    write_difference,
    write_interval,
    write_value,
)
from kpi_helpers.language import N_, _
from kpi_helpers.lettering import LONGEST_NAME, cut_middle
from kpi_helpers.palette import STATUSES, status_word
from kpi_helpers.tables.fragments import fragment, piece
from kpi_helpers.tables.marks import bullet, sparkline
from kpi_helpers.terms import TABLES

VERDICTS = {
    "better": ("↑", N_("better")), "worse": ("↓", N_("worse")), "noise": ("≈", N_("as usual")),
    "changed": ("", N_("changed")), "unknown": ("", ""), "not_proven": ("≈", N_("not proven")),
    "not_enough": ("?", N_("not enough data")), "too_early": ("…", N_("too early to tell")),
    "not_compared": ("–", N_("not compared")),
}  # fmt: skip
NARROW = 0.02  # an interval of shares: tenths of a point are too coarse for its bounds
LONGEST_VALUE = 11  # characters that fit: a longer amount is written short


def status_badge(status: str, better: str = "higher", style: str = "count") -> Markup:
    """A status as shape, word and colour."""
    return piece("status.html", key=status, shape=STATUSES[status].shape, word=status_word(status, better, style))


def reason_text(reason: str) -> str:
    """Why a value is missing, in words; "" for a value that is there."""
    code, _colon, key = reason.partition(":")
    match code:
        case "no_export":
            return _("no export: {table}").format(table=lower_first(_(TABLES[key].name)) if key in TABLES else key)
        case "no_rows":
            return _("no rows in this period")
        case "no_history":
            return _("the orders do not reach back far enough")
        case "no_values":
            return _("the exports do not hold: {measure}").format(measure=measure_name(key))
        case "zero":
            return _("nothing to divide by: {measure} = 0").format(measure=measure_name(key))
    return code


def scorecard_table(card: DataFrame, currency: str = "", *, unfinished: bool = False) -> str:
    """The scorecard (columns as `scorecard` gives them) as a table in groups by owner, in the order of its rows.

    A KPI's name links to its entry in the `glossary`, which the page should hold. `unfinished`: the month is not over,
    and the last point of each sparkline is hollow.
    """
    rows = [_score_row(row, currency, unfinished) for row in card.to_dict("records")]
    present = {row["owner"]: None for row in rows}
    owners = [owner for owner in OWNERS if owner in present] + [owner for owner in present if owner not in OWNERS]
    groups = [
        {"owner": owner, "name": owner_name(owner), "rows": [row for row in rows if row["owner"] == owner]}
        for owner in owners
    ]
    return fragment("scorecard.html", groups=groups, words=_scorecard_words())


def _scorecard_words() -> dict[str, str]:
    return {
        "kpi": _("KPI"), "history": _("13 months"), "value": _("Value"), "month": _("vs last month"),
        "year": _("vs last year"), "goal": _("Goal"), "against": _("Against goal"), "status": _("Status"),
        "owner": _("Owner"),
    }  # fmt: skip


def _score_row(row: dict[Any, Any], currency: str, unfinished: bool) -> dict[str, Any]:
    kpi = KPIS.get(row["kpi"])
    style, better = (kpi.style, kpi.better) if kpi else ("ratio", "neither")
    goal, value = row["goal"], row["value"]

    def written(number: Any) -> str:
        text = write_value(number, style, currency)
        return text if len(text) <= LONGEST_VALUE else write_value(number, style, currency, short=True)

    goal_full = row.get("goal_full")
    scaled = not is_missing(goal) and not is_missing(goal_full) and written(goal) != written(goal_full)
    return {
        "key": row["kpi"],
        "name": kpi_name(row["kpi"]),
        "formula": kpi.formula.to_text(measure_name) if kpi else "",
        "scope": "" if row["scope"] == "company" else cut_middle(channel_name(row["scope"]), LONGEST_NAME),
        "owner": row["owner"],
        "spark": sparkline(row["history"], goal, unfinished=unfinished, signals=row.get("signals") or ()),
        "value": written(value),
        "interval": write_interval(row["low"], row["high"], style, currency),
        "reason": reason_text(row["reason"]) if is_missing(value) else "",
        "month": _change(row, "change", style),
        "year": _change(row, "year", style),
        "goal": "" if is_missing(goal) else written(goal),
        "goal_full": _("of {goal} a month").format(goal=written(goal_full)) if scaled else "",
        "bullet": bullet(value, goal, better, row["low"], row["high"], status=row["status"]),
        "status": status_badge(row["status"], better, style),
    }


def _change(row: dict[Any, Any], name: str, style: str) -> dict[str, str]:
    """A change ("change" on last month, "year" on last year) with its verdict, and its interval where it has one."""
    before = row["previous" if name == "change" else "year_ago"]
    verdict, low, high = row[f"{name}_verdict"], row.get(f"{name}_low"), row.get(f"{name}_high")
    text = write_change(row["value"], row.get(f"{name}_from", before), style)
    if text == NO_VALUE:
        return {"text": NO_VALUE, "verdict": "unknown", "arrow": "", "word": "", "ends": ""}
    ends = write_ends(low, high)
    arrow, word = VERDICTS["not_proven" if verdict == "noise" and ends else verdict]
    star = "*" if row.get(f"{name}_reason") == "many_comparisons" else ""
    return {"text": text, "verdict": verdict, "arrow": arrow, "word": _(word) + star, "ends": ends}


def write_ends(low: Any, high: Any) -> str:
    """The interval of a difference of shares in points, as fine as it is narrow: "−21.1…−1.9"; "" without one."""
    if is_missing(low) or is_missing(high):
        return ""
    style = "ratio" if high - low < NARROW else "points"
    return "…".join(write_difference(round(100 * end, 9), style) for end in (low, high))


def verdict_text(row: dict[Any, Any], name: str) -> str:
    """The verdict of a change in words: `name` is "change" (on last month) or "year"."""
    return _change(row, name, "ratio")["word"]


def change_cell(row: dict[Any, Any], name: str, style: str) -> Markup:
    """A change with its verdict and interval for a `data_table`: `name` is "change" (on last month) or "year"."""
    return piece("change.html", cell=_change(row, name, style))
