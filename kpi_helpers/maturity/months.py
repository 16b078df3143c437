"""How much of each month of leads is known: what was won, and what the deals still open are expected to bring."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.maturity.closing import OPEN, Closing, fit_closing, horizon_of, sort_by_age
from kpi_helpers.maturity.deals import follow_deals

MATURE = 0.9  # of what a month will bring
LEAST_WINS = 20  # below, the days of deals cannot be foreseen
GAPS = 0.05  # of the deals may lack their closing day, of those won their money
STILL_COMING = 0.1  # of all wins, or their money, in the later half of the ages known: more comes after, unseen
DRAWS = 400
CONFIDENCE = 0.95
MEASURES = ("won", "amount")
COLUMNS = ["month", "group", "measure", "leads", "open", "seen", "maturity", "maturity_low", "maturity_high",
           "matured", "matured_low", "matured_high", "verdict", "reason"]  # fmt: skip


def mature_months(leads: pd.DataFrame, end: date, lost_stages: Collection[str] = (), value: str = "amount",
                  by: str = "", threshold: float = MATURE) -> pd.DataFrame:  # fmt: skip
    """Each month of leads as known when the day `end` was over: COLUMNS, a row per month, group of `by` and measure.

    `leads`, `lost_stages`, `value`, `by`: as `follow_deals` takes them. `measure`: "won" (deals) or "amount" (their
    money). `open` deals may still be won: each brings what deals as old as it brought in all months (Aalen and
    Johansen's estimate). `matured` is what was `seen` and that; `maturity` = seen / matured, 1 where nothing is open.
    The 95 % intervals hold both the luck of the open deals and what is not known of the pace (bootstrap of the leads);
    they take the months for alike: where sales changed, the truth lies outside more often, and so it does where the few
    deals open are older than nearly all that were won (80 to 90 % inside, in simulations). One pace is taken for all
    groups: where channels close at different speeds, ask for each by itself. Of a running month, leads to come are not
    counted.

    `verdict`: "mature" (from `threshold`), "immature", "unfinished" (the month still runs), "unknown". `reason` why it
    is unknown: "not_enough" (wins, or leads followed), "no_close_dates", "no_amounts" (more than 5 % without),
    "short_history" (a tenth of the wins or their money come in the later half of the ages known); then all but `leads`,
    `open` and `seen` is NaN (and `seen` too, of money that is not known). Below 5 %, wins without money are taken at
    the mean. A month of which nothing is open is known without any pace.
    """
    deals = follow_deals(leads, end, lost_stages, value, by)
    won = deals["end"] == "won"
    lacking = float(deals.loc[won, "amount"].isna().mean()) if won.any() else 0.0
    deals["amount"] = deals["amount"].fillna(math.nan if lacking > GAPS else deals["amount"].mean()).where(won)
    cells, places = _cells(deals)
    seen = _seen(deals, places, len(cells))
    if lacking > GAPS:
        seen[MEASURES.index("amount")] = math.nan
    reasons = _refusals(deals, "no_amounts" if lacking > GAPS else "")
    more, drawn = np.zeros((2, len(cells))), np.zeros((DRAWS, 2, len(cells)))
    if "" in reasons:
        more, drawn = _expected(deals, places, len(cells)), _drawn(deals, places, len(cells))
    table = pd.concat([
        _judged(cells.assign(measure=measure), seen[row], more[row], drawn[:, row], reasons[row])
        for row, measure in enumerate(MEASURES)
    ], ignore_index=True)  # fmt: skip
    table["verdict"] = _verdicts(table, pd.Timestamp(end), threshold)
    return table.sort_values(["month", "group", "measure"], ascending=[True, True, False], ignore_index=True)[COLUMNS]


def rank_mature(values: pd.Series, verdicts: pd.Series, ascending: bool = False) -> pd.Series:
    """The places of the mature months (or channels) among themselves, 1 the largest; NaN for all that is not mature.

    >>> rank_mature(pd.Series([3.0, 9.0, 5.0]), pd.Series(["mature", "immature", "mature"])).tolist()
    [2.0, nan, 1.0]
    """
    return values.where(verdicts == "mature").rank(method="min", ascending=ascending)


def _cells(deals: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The months and groups, and in which of them each deal is."""
    grouped = deals.assign(open=deals["end"] == "open").groupby(["month", "group"], sort=True)
    cells = grouped["open"].agg(leads="size", open="sum").reset_index()
    return cells, grouped.ngroup().to_numpy()


def _seen(deals: pd.DataFrame, places: np.ndarray, cells: int) -> np.ndarray:
    won = (deals["end"] == "won").to_numpy(dtype=float)
    money = deals["amount"].fillna(0).to_numpy(dtype=float)
    return np.array([np.bincount(places, weights, cells) for weights in (won, money)])


def _refusals(deals: pd.DataFrame, no_amounts: str) -> tuple[str, str]:
    """Why wins, and why their money, cannot be foreseen, or ""."""
    over, won = deals["end"] != "open", (deals["end"] == "won") & deals["dated"]
    if over.any() and (~deals["dated"]).sum() > GAPS * over.sum():
        return "no_close_dates", "no_close_dates"
    horizon = horizon_of(deals)
    if won.sum() < LEAST_WINS or not math.isfinite(horizon):
        return "not_enough", "not_enough"
    ordered = sort_by_age(deals[deals["dated"]])
    found = fit_closing(ordered, horizon=horizon)
    late = found.days > horizon / 2
    money = found.step * ordered["amount"].fillna(0).to_numpy(dtype=float)
    coming = ["short_history" if step[late].sum() > STILL_COMING * step.sum() else "" for step in (found.step, money)]
    return coming[0], no_amounts or coming[0] or coming[1]


def _ready(deals: pd.DataFrame, places: np.ndarray) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The dated deals by age; which of them are open, and in which cell."""
    ordered = sort_by_age(deals.assign(cell=places)[deals["dated"]])
    waiting = np.flatnonzero(ordered["state"] == OPEN)
    return ordered, waiting, ordered["cell"].to_numpy()[waiting]


def _expected(deals: pd.DataFrame, places: np.ndarray, cells: int) -> np.ndarray:
    """Wins and money to come, by cell."""
    ordered, waiting, cell = _ready(deals, places)
    found = fit_closing(ordered, horizon=horizon_of(deals))
    amount = ordered["amount"].fillna(0).to_numpy(dtype=float)
    sums = []
    for step in (found.step, found.step * amount):
        before = np.cumsum(step) - step
        sums.append(np.bincount(cell, (step.sum() - before[waiting]) / found.alive[waiting], cells))
    return np.maximum(np.array(sums), 0)


def _drawn(deals: pd.DataFrame, places: np.ndarray, cells: int) -> np.ndarray:
    """DRAWS possible futures: wins and money to come, by cell. Each has leads drawn anew, and with their pace an end
    for every open deal: a later win of theirs, with its money, or none."""
    ordered, waiting, cell = _ready(deals, places)
    horizon, chance = horizon_of(deals), np.random.default_rng(20260101)
    amount = ordered["amount"].fillna(0).to_numpy(dtype=float)
    number = len(ordered)
    drawn = np.empty((DRAWS, 2, cells))
    for draw in range(DRAWS):
        weights = np.bincount(chance.integers(0, number, number), minlength=number).astype(float)
        found = fit_closing(ordered, weights, horizon)
        brings = _fates(found, waiting, chance.random(len(waiting)), amount)
        drawn[draw] = [np.bincount(cell, weights, cells) for weights in brings]
    return drawn


def _fates(found: Closing, waiting: np.ndarray, luck: np.ndarray, amount: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether each open deal is won, and its money: the win at which the share won has grown by its luck."""
    grown = np.cumsum(found.step)
    at = found.won[waiting] + luck * found.alive[waiting]
    wins = at < grown[-1]
    place = np.minimum(np.searchsorted(grown, at, side="right"), len(grown) - 1)
    return wins.astype(float), np.where(wins, amount[place], 0.0)


def _judged(cells: pd.DataFrame, seen: np.ndarray, more: np.ndarray, drawn: np.ndarray, reason: str) -> pd.DataFrame:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0, method="inverted_cdf")
    known = ((cells["open"] == 0).to_numpy() & ~np.isnan(seen)) | (reason == "")
    table = cells.assign(seen=seen, reason=np.where(known, "", reason))
    for name, coming in (("", more), ("_low", np.minimum(low, more)), ("_high", np.maximum(high, more))):
        table[f"matured{name}"] = np.where(known, seen + coming, np.nan)
    for name, of in (("", ""), ("_low", "_high"), ("_high", "_low")):
        whole = table[f"matured{of}"]
        table[f"maturity{name}"] = (table["seen"] / whole.where(whole > 0)).mask(whole == 0, 1.0)
    return table


def _verdicts(table: pd.DataFrame, end: pd.Timestamp, threshold: float) -> np.ndarray:
    running = table["month"] + pd.offsets.MonthEnd(0) > end
    sure = table["maturity"] >= threshold
    return np.select([running, table["reason"] != "", sure], ["unfinished", "unknown", "mature"], "immature")
