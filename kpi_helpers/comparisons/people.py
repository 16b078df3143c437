"""Shares of visits as shares of people: robots are taken off, and what one person does again is no second witness."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month

OF_PEOPLE = ("visit_to_lead", "conversion_rate")  # a robot neither asks nor buys
ALIKE = ("bounce_rate",)  # the visits of one person end alike
MANY_ROBOTS = 0.05  # of the visits: more of them spoil what is compared with them
WHO = ["robots", "untold", "visitors", "unseen"]
SIDES = ("", "_before")
COMPLEMENTS = {"churn_rate": "retention_rate"}


def with_people(rows: pd.DataFrame, month: Month, by: str | None) -> pd.DataFrame:
    """`rows` (period, scope, kpi) with WHO made the visits: all of it can be added over channels.

    `robots` and `visitors` of the cell, 0 where not known; then `untold` (robots) and `unseen` (visitors) are 1.
    """
    if "traffic" not in month.tables or not set(rows["kpi"]) & {*OF_PEOPLE, *ALIKE}:
        return rows.assign(robots=0.0, untold=1.0, visitors=0.0, unseen=1.0)
    names = ("robot_visits", "visitors")
    sums = sum_measures(month.tables, "month", by, first_days=month.first_days, keys=names)
    sums.loc[sums["period"] < _robots_since(month.tables["traffic"]), "robot_visits"] = np.nan
    sums = sums.rename(columns={by: "scope", "robot_visits": "robots"})
    joined = rows.merge(sums, how="left", on=["period", "scope"] if by else ["period"])
    known = joined[["robots", "visitors"]].notna()
    return joined.fillna({"robots": 0.0, "visitors": 0.0}).assign(
        untold=1.0 - known["robots"], unseen=1.0 - known["visitors"]
    )


def _robots_since(traffic: pd.DataFrame) -> pd.Timestamp:
    """The first month of which all days can tell robots: one that begins in the middle knows only a part of them."""
    begins = traffic["since"].fillna(traffic["date"]) if "since" in traffic else traffic["date"]
    told = begins[traffic["robot_visits"].notna()].min()
    if pd.isna(told) or told.day == 1 or told <= begins.min():
        return told if pd.isna(told) else told.replace(day=1)
    return pd.Timestamp(told.replace(day=1) + pd.DateOffset(months=1))


def of_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Comparisons (both sides with their WHO) held by people, as far as these are known.

    Robots are taken off the visits where both sides know them (`people` says so). Where they are many and cannot be
    taken off, the reason is "robots". `per_person`, `per_person_before`: visits per visitor where the visits of a
    person end alike; where they are not known, the reason is "visitors".
    """
    rows = rows.copy()
    robots, trials = ([rows[f"{name}{side}"].fillna(0.0) for side in SIDES] for name in ("robots", "trials"))
    told = rows[["untold", "untold_before"]].fillna(1.0).sum(axis=1) == 0
    off, alike = rows["kpi"].isin(OF_PEOPLE) & told, rows["kpi"].isin(ALIKE)
    many = np.logical_or.reduce([part > MANY_ROBOTS * all_ for part, all_ in zip(robots, trials, strict=True)])
    rows["people"] = off & (robots[0] + robots[1] > 0)
    seen = rows[["unseen", "unseen_before"]].fillna(1.0).sum(axis=1) == 0
    for side, part in zip(SIDES, robots, strict=True):
        visits = (rows[f"trials{side}"] / rows[f"visitors{side}"].where(rows[f"visitors{side}"] > 0)).clip(lower=1.0)
        rows[f"per_person{side}"] = visits.where(alike & seen, 1.0).fillna(1.0)
        rows[f"trials{side}"] = rows[f"trials{side}"].mask(off, (rows[f"trials{side}"] - part).clip(lower=0.0))
    free = rows["reason"] == ""
    rows.loc[free & alike & ~seen, "reason"] = "visitors"
    rows.loc[free & many & (alike | rows["kpi"].isin(OF_PEOPLE) & ~told), "reason"] = "robots"
    return rows


def once(keys: list[str]) -> list[str]:
    """KPIs to compare, without those that are what another leaves over: they would count twice in a family."""
    return [key for key in keys if COMPLEMENTS.get(key) not in keys]


def with_complements(found: pd.DataFrame) -> pd.DataFrame:
    """The comparisons, and beside them those that mirror one of them: churn is what retention leaves over."""
    told = {"higher": "lower", "lower": "higher"}
    mirrors = [found]
    for key, of in COMPLEMENTS.items():
        rows = found[found["kpi"] == of]
        if rows.empty or (found["kpi"] == key).any():
            continue
        mirrors.append(rows.assign(
            kpi=key, share=1 - rows["share"], share_before=1 - rows["share_before"], difference=-rows["difference"],
            low=-rows["high"], high=-rows["low"], verdict=rows["verdict"].replace(told),
            hits=rows["trials"] - rows["hits"], hits_before=rows["trials_before"] - rows["hits_before"],
        ))  # fmt: skip
    return pd.concat(mirrors, ignore_index=True)
