"""What spend brought, week by week: the history of response curves from a company's exports, and what they advise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpi_helpers.budget import Curves, best_split, fit_curves, marginal_returns, what_if
from kpi_helpers.budget.curves import ALL
from kpi_helpers.coverage import BY_DAY, known_until, last_day
from kpi_helpers.exports import Exports
from kpi_helpers.labels import write_date, write_days, write_period
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.terms import MEASURES
from kpi_helpers.traffic import robot_burst, untracked_days

RESULTS = ("qualified_leads", "leads", "orders", "revenue", "margin", "visits")  # the first one known is shown first
OF_LEADS = ("qualified_leads", "leads")
OF_ORDERS = ("orders", "revenue", "margin")
DAYS, YEAR = 7, 52
MONTH = 365.25 / 12 / DAYS  # weeks
LONG = 78  # weeks from which on the last year can be looked at by itself
KNOWN = 0.95  # of the orders have a margin: the others are taken at the mean
PENDING = 0.1  # share of a week's leads without a verdict from which on it is too early to count it
DRAWS = 150
STEPS = 100  # parts into which the money is cut: a hundredth of it is no advice, and a slider waits for the answer
FAR = 1.5  # times the most that was spent: so far may be asked, with a warning
NUDGE = 1 / 6  # of the smallest channel's month: the money whose result is told is no more
MOVED = 0.05  # of today's spend: less is no advice
AS_SEEN, BEYOND = 0.0, -1.0  # reaches that are no share of today's spend
REACHES = (0.2, 0.5, AS_SEEN, BEYOND)


@dataclass(frozen=True, eq=False)
class Weeks:
    """Whole weeks of one result: `table` is what `fit_curves` takes; `left_out` says what was left out and why."""

    result: str
    table: pd.DataFrame
    left_out: tuple[str, ...]

    @property
    def first(self) -> date:
        return (self.table["date"].min()).date()

    @property
    def last(self) -> date:
        """The last day of the last week."""
        return (self.table["date"].max() + pd.Timedelta(days=DAYS - 1)).date()

    def __len__(self) -> int:
        return int(self.table["date"].nunique())


class Spending:
    """The exports' paid channels by day: what was spent on them and what they are credited with.

    `results` are the measures that any of them has, most telling first; none where no spend is known by day.
    """

    def __init__(self, exports: Exports) -> None:
        self.exports, self.currency, self._end = exports, exports.currency, last_day(exports)
        sums = sum_measures(exports.tables, "day", "channel", keys=("spend", *RESULTS, "robot_visits"))
        paid = sums.groupby("channel")["spend"].sum() if len(sums) else pd.Series(dtype="float64")
        self.channels = [str(channel) for channel in paid[paid > 0].index]
        self._daily = sums[sums["channel"].isin(self.channels)] if self.channels else sums.iloc[:0]
        told = [key for key in RESULTS if len(self._daily) and self._daily[key].sum() > 0]
        self.results = [key for key in told if len(self.weeks(key))]

    def weeks(self, result: str, last: int | None = None) -> Weeks:
        """Spend and result by channel and whole week, counted back from the last day known; `last`: so many weeks.

        A week with a day that is not known has no value. In a list of leads or orders a day without rows had none; in
        web analytics it is an outage. Visits are those of people: robots are taken off.
        """
        spend, outcome = self._by_day("spend"), self._by_day(result)
        said: list[str] = []
        end = self._told_until(result)
        if result == "visits":
            outcome, said = self._of_people(outcome, end)
        if result == "qualified_leads":
            end, said = self._judged_until(end)
        first = spend.index[(spend > 0).any(axis=1)][0]
        count = max((end - first.date()).days + 1, 0) // DAYS
        count = min(count, last or count)
        days = pd.date_range(end - timedelta(days=DAYS * count - 1), end, unit="us")
        parts = {"spend": _by_week(spend, days), "outcome": _by_week(outcome, days)}
        table = pd.concat({name: frame.stack(future_stack=True) for name, frame in parts.items()}, axis=1)
        table = table.rename_axis(["date", "channel"]).reset_index()
        return Weeks(result, table, tuple(said))

    def worth(self, result: str) -> pd.Series:
        """Margin per unit of the result by channel, over the last year; NaN where one of the two is not known.

        Of leads it is the margin of the orders that name their lead: what others bring is not theirs.
        """
        first = self._daily["period"].max() - pd.Timedelta(days=DAYS * YEAR - 1)
        recent = self._daily[self._daily["period"] >= first]
        came = recent.groupby("channel")[result].sum(min_count=1)
        if result == "margin":
            return came.where(came > 0) / came
        return self._margins(first, of_leads=result in OF_LEADS).reindex(came.index) / came.where(came > 0)

    def _margins(self, first: pd.Timestamp, *, of_leads: bool) -> pd.Series:
        """Margin of the orders since `first` by channel: NaN where it is not known of more than a few of them."""
        orders = self.exports.tables.get("orders")
        if orders is None or (of_leads and orders["lead_id"].isna().all()) or orders["margin"].isna().all():
            return pd.Series(np.nan, index=self.channels)
        own = orders[orders["ordered_at"].dt.tz_localize(None) >= first]
        own = own[own["lead_id"].notna()] if of_leads else own
        sums = own.groupby("channel")["margin"].agg(["sum", "count", "size"]).reindex(self.channels, fill_value=0)
        told = sums["count"] >= KNOWN * sums["size"]
        return (sums["sum"] * sums["size"] / sums["count"].clip(lower=1)).where(told)

    def _by_day(self, key: str) -> pd.DataFrame:
        """One measure, a row per day and a column per channel; a list of events is silent where there was none."""
        daily = self._daily.pivot(index="period", columns="channel", values=key).astype("float64")
        table = MEASURES[key].table
        told = daily.index[daily.notna().any(axis=1)]
        if table in BY_DAY or daily.empty or not len(told) or self._spans_days(table):
            return daily
        return daily.fillna(0.0)[daily.index >= told[0]].reindex(daily.index)

    def _spans_days(self, table: str) -> bool:
        """Whether rows speak of several days: then a day without rows is not known."""
        frame = self.exports.tables[table]
        return "since" in frame and bool(frame["since"].notna().any())

    def _told_until(self, result: str) -> date:
        """The last day that both the spend and the result are told of."""
        assert self._end is not None
        ends = []
        for table in ("ads", MEASURES[result].table):
            told = pd.Timestamp(self.exports.tables[table]["date"].max()).date() if table in BY_DAY else self._end
            ends.append(min(told, known_until(self.exports, table, self._end)))
        return min(ends)

    def _of_people(self, visits: pd.DataFrame, end: date) -> tuple[pd.DataFrame, list[str]]:
        """Visits less those of robots; before robots were exported, less the share that each channel had later."""
        traffic, start = self.exports.tables["traffic"], visits.index[0].date()
        burst, lost = robot_burst(traffic, start, end), untracked_days(traffic, start, end)
        said = [_("No visits were tracked on {days}: those weeks are left out.").format(days=write_days(len(lost)))]
        said = said if lost else []
        robots = self._by_day("robot_visits")
        told = robots.notna().any(axis=1)
        if not told.any():
            return visits, [*said, _("The exports do not tell robots from people: all visits count.")]
        if burst:
            days = visits.index.to_series().between(pd.Timestamp(burst.first), pd.Timestamp(burst.last))
            visits, told = visits.mask(days, axis=0), told & ~days
            text = _("Robots came in a burst, {period}: those weeks are left out.")
            said.append(text.format(period=write_period(burst.first, burst.last)))
        share = (robots[told].sum() / visits[told].sum()).fillna(0.0)
        since = told[told].index[0]
        if since > visits.index[0]:
            text = _("Robots are told apart since {day}; before, each channel's later share of them is taken off.")
            said.append(text.format(day=write_date(since.date())))
        known = robots.notna().any(axis=1)
        return (visits - robots.fillna(0.0)).where(known, visits * (1 - share)).clip(lower=0.0), said

    def _judged_until(self, end: date) -> tuple[date, list[str]]:
        """The last weeks are left out while too many of their leads still wait for a verdict."""
        leads = self.exports.tables["leads"]
        created = pd.DatetimeIndex(leads["created_at"].dt.tz_localize(None)).normalize()
        waiting = leads["qualified"].isna() & leads.get("qualified_leads", leads["qualified"]).isna()
        judged = end
        while True:
            week = (created > pd.Timestamp(judged - timedelta(days=DAYS))) & (created <= pd.Timestamp(judged))
            if not week.any() or not waiting[week].mean() > PENDING:
                break
            judged -= timedelta(days=DAYS)
        if judged == end:
            return end, []
        text = _("The weeks after {day} are left out: many of their leads still wait for a verdict.")
        return judged, [text.format(day=write_date(judged))]


def _by_week(daily: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Sums of seven days each, by their first day; NaN where one of them is not known."""
    rows = daily.reindex(days).to_numpy().reshape(-1, DAYS, daily.shape[1])
    return pd.DataFrame(rows.sum(axis=1), index=days[::DAYS], columns=daily.columns)


def fit_weeks(weeks: Weeks, draws: int = DRAWS) -> Curves:
    """The response curves of these weeks, and why a channel has none (see `kpi_helpers.budget.fit_curves`)."""
    return fit_curves(weeks.table, draws=draws)


def nudge(curves: Curves) -> float:
    """A round sum of money, small beside a month of each channel, whose result is told: "the next 1 000"."""
    smallest = float(curves.spends["today"].min()) * MONTH
    return float(10.0 ** np.floor(np.log10(max(smallest * NUDGE, 1.0))))


def next_returns(curves: Curves, worth: pd.Series) -> pd.DataFrame:
    """What the next `nudge` of money brings, by channel: the lowest and highest of all forms, and their mean.

    Columns: channel, spend and outcome (a month, the mean of the forms), brings, brings_low, brings_high; profit,
    profit_low, profit_high: at the channel's usual margin per unit of the result, less the money itself.
    """
    money, rows = nudge(curves), marginal_returns(curves)
    ends = rows[rows["form"] == ALL].set_index("channel")
    means = rows[rows["form"] != ALL].groupby("channel", sort=False)[["spend", "outcome", "marginal"]].mean()
    found = pd.DataFrame({
        "spend": means["spend"] * MONTH, "outcome": means["outcome"] * MONTH, "brings": means["marginal"] * money,
        "brings_low": ends["marginal_low"] * money, "brings_high": ends["marginal_high"] * money,
    })  # fmt: skip
    for end in ("", "_low", "_high"):
        found[f"profit{end}"] = found[f"brings{end}"] * worth.reindex(found.index) - money
    return found.rename_axis("channel").reset_index()


# What if


def limits_of(curves: Curves, reach: float) -> pd.DataFrame:
    """The least and most spend a week by channel: `reach` of today's more or less, within what was spent before.

    AS_SEEN: all that was spent before; BEYOND: from nothing to `FAR` times that.
    """
    limits = curves.spends[["least", "most"]].copy()
    today = curves.spends["today"]
    if reach == BEYOND:
        limits["least"], limits["most"] = 0.0, limits["most"] * FAR
    elif reach != AS_SEEN:
        limits["least"] = np.maximum(limits["least"], today * (1 - reach))
        limits["most"] = np.minimum(limits["most"], today * (1 + reach))
    return limits.assign(least=np.minimum(limits["least"], today), most=np.maximum(limits["most"], today))


def keep_total(spends: Mapping[str, float], moved: str, spend: float, limits: pd.DataFrame) -> dict[str, float]:
    """The same money together when one channel's spend is set: the others give or take by the room that they have.

    Where they have too little room, the channel is set as far as they can follow.
    """
    others = [channel for channel in spends if channel != moved]
    end = "least" if spend > spends[moved] else "most"
    bounds = limits[end].to_dict()
    room = {channel: abs(bounds[channel] - spends[channel]) for channel in others}
    together = sum(room.values())
    change = float(np.clip(spend - spends[moved], -together, together))
    part = change / together if together > 0 else 0.0
    return {**spends, moved: spends[moved] + change, **{name: spends[name] - part * room[name] for name in others}}


@dataclass(frozen=True)
class Advice:
    """What the forms say of the best split: `directions` by channel: "take", "give", "stay", or "differ".

    `split`: the mean of the forms' best splits, spend a week by channel; it keeps total and bounds. `low` and `high`:
    what it would change in the result a week, by all forms together.
    """

    directions: dict[str, str]
    split: dict[str, float]
    low: float
    high: float

    def told(self, direction: str) -> list[str]:
        """The channels of one direction."""
        return [channel for channel, said in self.directions.items() if said == direction]

    @property
    def is_real(self) -> bool:
        """Whether every form expects more of it, noise included."""
        return self.low > 0


def advise(curves: Curves, best: pd.DataFrame) -> Advice:
    """What the best splits of the forms, as `best_split` returns them, have in common."""
    moves = best.assign(move=best["spend"] / best["today"] - 1).groupby("channel", sort=False)["move"]
    directions = {str(channel): _direction(move) for channel, move in moves}
    split = {str(channel): float(spend) for channel, spend in best.groupby("channel")["spend"].mean().items()}
    expected = what_if(curves, split)
    gain = expected[expected["form"] == ALL].iloc[0]
    return Advice(directions, split, float(gain["change_low"]), float(gain["change_high"]))


def _direction(moves: pd.Series) -> str:
    if (moves <= -MOVED).all():
        return "take"
    if (moves >= MOVED).all():
        return "give"
    return "stay" if (moves.abs() < MOVED).all() else "differ"


def best_within(curves: Curves, total: float, limits: pd.DataFrame) -> pd.DataFrame:
    """The best split of `total` a week of each form within the limits."""
    bounds = {str(channel): (float(row["least"]), float(row["most"])) for channel, row in limits.iterrows()}
    inside = float(np.clip(total, limits["least"].sum(), limits["most"].sum()))
    return best_split(curves, inside, bounds, STEPS)
