"""Is it real? A company's shares held against earlier months, and its channels against one another.

Composes the stages: the counts are those of `measures`, the verdicts those of `differences`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS, expanded, kpi, tables_of
from kpi_helpers.comparisons.people import COMPLEMENTS, SIDES, WHO, of_people, once, with_people
from kpi_helpers.coverage import DAILY, known_until, whole_since
from kpi_helpers.differences import COLUMNS as FOUND
from kpi_helpers.differences import COUNTS, compare_shares
from kpi_helpers.errors import KitError
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY
from kpi_helpers.terms import UNKNOWN, source_table
from kpi_helpers.traffic import untracked_days

SHARES = tuple(key for key, row in KPIS.items() if row.interval == "proportion")
EARLIER = {"month_before": 1, "year_before": 12}
OTHERS = "others"
OPEN = ["open", "open_before"]
COLUMNS = ["kpi", "scope", "against", *COUNTS, *OPEN, "people", "asked", *FOUND]
WAITING = {"qualification_rate": "qualified", "close_rate": "won"}  # the verdict that a lead still waits for
UNRIPE = 0.25  # of the trials: where more of the leads are open, nothing is compared
REFUSED = ("overlapping", "not_whole", "ends_early", "untracked", "no_data", "unripe", "robots", "visitors")


def compare_months(
    month: Month, keys: Iterable[str] | None = None, by: str | None = None, asked: Collection[tuple[str, str]] = ()
) -> pd.DataFrame:
    """Shares of the month against the month before and the year before: a row a comparison, COLUMNS.

    The company's, or by="channel" those of each channel against its own months before. `keys` are KPIs that are shares
    (None: all of which the month knows). Of an unfinished month the same first days are compared. All rows are one
    family, but the (KPI, scope) that were `asked` for beforehand, by a goal: each of these is a question, with a
    decision, of its own, and its two comparisons are a family. See `compare_shares` for share, share_before,
    difference, low, high (fractions), p_value, p_adjusted, family, verdict and reason.

    `open`: leads that still wait for the verdict, counted as not qualified (not won). A verdict that depends on how
    they turn out is "too_early" (reason "open"), and so is a share of which more than a quarter is open ("unripe").
    `people`: the trials are visits of people, since both sides know their robots (see `comparisons.people`).
    What else cannot be compared is "not_enough" with a reason of REFUSED, and out of the family.
    KitError for a KPI that is no share.
    """
    counts = _counts(month, _shares(keys), by)
    rows = pd.concat([_beside(month, counts, *earlier) for earlier in EARLIER.items()], ignore_index=True)
    own = {(COMPLEMENTS.get(key, key), scope) for key, scope in asked}
    pairs = [(COMPLEMENTS.get(key, key), scope) for key, scope in zip(rows["kpi"], rows["scope"], strict=True)]
    rows["question"] = [" ".join(pair) if pair in own else "" for pair in pairs]
    rows["asked"] = rows["question"] != ""
    return judge_rows(of_people(rows))


def compare_channels(month: Month, keys: Iterable[str], *, own_past: bool = False) -> pd.DataFrame:
    """Each channel's shares of the month against those of all the other named channels together; as `compare_months`.

    No lead or visit is on both sides. Channels of which the counts are not known, or make no share, stand on neither.
    The best come first. `own_past`: then each channel against its own month before, in the same family.
    """
    counts = _counts(month, _shares(keys), "channel")
    now = counts[counts["period"] == pd.Timestamp(month.start)]
    sound = now[(now["trials"] > 0) & now["hits"].between(0, now["trials"])]
    sound = sound[sound.groupby("kpi")["kpi"].transform("size") > 1]
    rows = [beside_others(sound)]
    if own_past:
        past = _beside(month, counts, "month_before", 1)
        rows.append(past[past["kpi"].isin(sound["kpi"])])
    return _ranked(judge_rows(of_people(pd.concat(rows, ignore_index=True))))


def beside_others(rows: pd.DataFrame) -> pd.DataFrame:
    """Each channel's hits, trials, open leads and WHO, beside those of the other channels of its KPI together."""
    parts = ["hits", "trials", "open", *WHO]
    others = rows.groupby("kpi")[parts].transform("sum") - rows[parts]
    return rows.join(others.add_suffix("_before")).assign(against=OTHERS, reason="")


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """KPI by KPI, the best difference from the others first; what a channel was before in the same order."""
    others = table[table["against"] == OTHERS]
    merit = others["difference"] * others["kpi"].map(lambda key: -1.0 if KPIS[key].better == "lower" else 1.0)
    order = pd.Series(merit.to_numpy(), index=pd.MultiIndex.from_frame(others[["kpi", "scope"]]))
    places = {key: place for place, key in enumerate(table["kpi"].unique())}
    ranks = pd.DataFrame({
        "past": table["against"] != OTHERS, "kpi": table["kpi"].map(places),
        "merit": -order.reindex(pd.MultiIndex.from_frame(table[["kpi", "scope"]])).to_numpy(dtype="float64"),
    })  # fmt: skip
    return table.loc[ranks.sort_values(["past", "kpi", "merit"], kind="stable").index].reset_index(drop=True)


def _shares(keys: Iterable[str] | None) -> list[str]:
    chosen = list(SHARES if keys is None else keys)
    if wrong := [key for key in chosen if kpi(key).interval != "proportion"]:
        raise KitError(_("{name} is no share: it cannot be compared as one.").format(name=repr(wrong[0])),
                       _("Choose from {choices}.").format(choices=", ".join(SHARES)))  # fmt: skip
    return once(chosen)


def _counts(month: Month, keys: Sequence[str], by: str | None) -> pd.DataFrame:
    """Hits and trials by month: period, scope, kpi, hits, trials, open; no rows without a channel's name."""
    names = dict.fromkeys(name for key in keys for name in expanded(key).names)
    sums = sum_measures(month.tables, "month", by, first_days=month.first_days, keys=names)
    rows = compute_kpis(sums, keys).rename(columns={"numerator": "hits", "denominator": "trials", by: "scope"})
    if by is None:
        rows["scope"] = COMPANY
    rows = rows[rows["scope"].notna() & (rows["scope"] != UNKNOWN)].reindex(
        columns=["period", "scope", "kpi", "hits", "trials"]
    )
    rows = with_people(rows, month, by)
    waiting = [open_leads(month, key, by) for key in keys if key in WAITING and "leads" in month.tables]
    if not waiting:
        return rows.assign(open=0.0)
    rows = rows.merge(pd.concat(waiting), how="left", on=["period", "scope", "kpi"])
    return rows.assign(open=rows["open"].fillna(0.0))


def open_leads(month: Month, key: str, by: str | None) -> pd.DataFrame:
    """Leads of each month (its first days, where they are compared) that may still turn into hits of the KPI."""
    leads = month.tables["leads"]
    came = leads["created_at"].dt.tz_localize(None)
    open_ = leads[WAITING[key]].isna() & came.notna()
    if key == "close_rate":
        open_ &= leads["qualified"].fillna(False).astype(bool)
    if "leads" in leads:
        open_ &= leads["leads"].isna()
    if month.first_days is not None:
        open_ &= came.dt.day <= month.first_days
    found = pd.DataFrame({"period": came[open_].dt.to_period("M").dt.to_timestamp().astype("datetime64[us]"),
                          "scope": leads.loc[open_, by].astype("str") if by else COMPANY, "kpi": key})  # fmt: skip
    return found.groupby(["period", "scope", "kpi"]).size().rename("open").astype("float64").reset_index()


def _beside(month: Month, counts: pd.DataFrame, against: str, months_ago: int) -> pd.DataFrame:
    """What is known of the month, beside the same of an earlier one; refused rows keep no counts of it."""
    now, then = pd.Timestamp(month.start), pd.Timestamp(month.start) - pd.DateOffset(months=months_ago)
    rows = counts[(counts["period"] == now) & counts["hits"].notna() & (counts["trials"] > 0)]
    before = counts[counts["period"] == then].drop(columns="period")
    rows = rows.merge(before, how="left", on=["scope", "kpi"], suffixes=("", "_before")).assign(against=against)
    rows["open_before"] = rows["open_before"].fillna(0.0)
    refusals = {key: _refusal(month, key, then) for key in rows["kpi"].unique()}
    rows["reason"] = rows["kpi"].map(refusals).astype("str")
    unknown = (rows["reason"] == "") & ~(rows["trials_before"] > 0)
    rows.loc[unknown | rows["hits_before"].isna() & (rows["reason"] == ""), "reason"] = "no_data"
    return rows


def _refusal(month: Month, key: str, then: pd.Timestamp) -> str:
    """Why a KPI of the month cannot be held against an earlier one, or ""."""
    sources = list(dict.fromkeys(source_table(table) for table in tables_of(key)))
    if KPIS[key].is_rolling:
        return "overlapping"
    if then < pd.Timestamp(whole_since(month.exports, sources)):
        return "not_whole"
    if any(known_until(month.exports, table, month.end) < month.end for table in sources if table in DAILY):
        return "ends_early"
    if "traffic" in sources and len(sources) > 1 and any(_is_untracked(month, start) for start in (
            pd.Timestamp(month.start), then)):  # fmt: skip
        return "untracked"
    return ""


def _is_untracked(month: Month, start: pd.Timestamp) -> bool:
    """Whether the counter was missing on some days: what is held against its visits is then too high."""
    if "traffic" not in month.tables:
        return False
    days = min(month.first_days or start.days_in_month, start.days_in_month)
    return bool(untracked_days(month.tables["traffic"], start.date(), (start + pd.Timedelta(days=days - 1)).date()))


def judge_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of COUNTS, OPEN and `reason` (why not, or "") compared as a family; see `compare_months`.

    A verdict that open leads could turn is too early.
    """
    rows = rows.reset_index(drop=True)
    unripe = (rows["open"] > UNRIPE * rows["trials"]) | (rows["open_before"] > UNRIPE * rows["trials_before"])
    rows.loc[unripe & (rows["reason"] == ""), "reason"] = "unripe"
    rows.loc[rows["reason"] != "", ["hits_before", "trials_before"]] = math.nan
    refused = rows["reason"].to_numpy(dtype=object)
    found = _compared(rows)
    found["reason"] = np.where(refused != "", refused, found["reason"].to_numpy(dtype=object))
    found.loc[found["reason"] == "unripe", "verdict"] = "too_early"
    open_ = (rows[OPEN].sum(axis=1) > 0) & found["difference"].notna() & (found["verdict"] != "not_enough")
    if open_.any():
        worst = rows.assign(hits_before=_with_open(rows, "_before"))
        best = rows.assign(hits=_with_open(rows, ""))
        turns = [_compared(other)["verdict"] != found["verdict"] for other in (worst, best)]
        found.loc[open_ & (turns[0] | turns[1]), ["verdict", "reason"]] = ["too_early", "open"]
    return found.reindex(columns=COLUMNS)


def scorecard_verdict(row: Mapping[Any, Any]) -> str:
    """The verdict of a comparison as one of the scorecard: higher or lower is better or worse, as the KPI has it."""
    if row["verdict"] in ("higher", "lower"):
        return "better" if row["verdict"] == KPIS[row["kpi"]].better else "worse"
    if row["verdict"] == "not_enough" and math.isnan(row["difference"]):
        return "not_compared"
    return str(row["verdict"]).replace("within_noise", "noise")


def _compared(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows compared by as many witnesses as there are people, those of one `question` as a family.

    They keep the counts of what was done.
    """
    counts = rows[COUNTS].copy()
    for side in SIDES:
        alike = rows.get(f"per_person{side}", 1.0)
        counts[f"hits{side}"], counts[f"trials{side}"] = rows[f"hits{side}"] / alike, rows[f"trials{side}"] / alike
    counted = rows.drop(columns="reason").assign(**counts)
    families = [counted] if "question" not in rows else [part for _question, part in counted.groupby("question")]
    found = pd.concat([compare_shares(family) for family in families or [counted]]).loc[rows.index]
    return found.assign(**rows[COUNTS])


def _with_open(rows: pd.DataFrame, side: str) -> pd.Series:
    """The hits if all leads that still wait became hits."""
    return (rows[f"hits{side}"] + rows[f"open{side}"]).clip(upper=rows[f"trials{side}"])
