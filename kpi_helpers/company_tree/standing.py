"""What the nodes of a tree are in a month, what they were before, and who moved the top."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.causes import LEADS_TREE, MONTH_AGO, RATE, confirm_channels, confirmed_in
from kpi_helpers.comparisons import judge_rows, scorecard_verdict
from kpi_helpers.comparisons.people import ALIKE, MANY_ROBOTS, OF_PEOPLE
from kpi_helpers.coverage import whole_since
from kpi_helpers.differences import COUNTS
from kpi_helpers.drivers import Node, Tree, better_of, evaluate, read_tree, split_tree
from kpi_helpers.errors import KitError
from kpi_helpers.goals import judge_status
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.language import _
from kpi_helpers.past import Past
from kpi_helpers.signals import judge_norm
from kpi_helpers.terms import MEASURES, source_table
from kpi_helpers.trends import judge_change

NEARLY_ALL = 0.9  # of the leads: so many must come by confirmed channels for the rate to be that of sales
JUDGED_BY = 12  # months before, as on the scorecard
OPEN_OF = {"close_rate": "won_leads", RATE: "qualified_leads"}  # share -> the measure whose leads it waits for
OPEN_UNTIL_KNOWN = {"won_leads": "won", "qualified_leads": "qualified"}  # measure -> the flag that is empty so long
COLUMNS = ["value", "before", "verdict", "low", "high", "family", "effect", "better", "norm_status", "reason"]


@dataclass(frozen=True)
class Standing:
    """The nodes of a tree in a month against another.

    `nodes`: COLUMNS by node. Of shares `low` and `high` are the interval of their change, and their verdicts are
    adjusted for the `family` of all shares of the tree (see `comparisons.judge_rows`); of others NaN and 0. `effect` is
    what a leaf moved the top by (NaN for what is not below the top; of a branch, that of its leaves together), exact:
    those of the leaves add up to `change`. `now` and `then` are the sums that all is reckoned from; `robots` the visits
    of robots that were taken out of them in the month, NaN where they could not be; `open_leads` the leads without an
    outcome and all leads, of the month and the one before, by measure.
    """

    tree: Tree
    month: pd.Timestamp
    before: pd.Timestamp
    nodes: pd.DataFrame
    now: pd.Series
    then: pd.Series
    change: float
    split_reason: str
    robots: float
    open_leads: dict[str, list[tuple[int, int]]]

    @property
    def months_ago(self) -> int:
        """How many months lie between the two."""
        return (self.month.year - self.before.year) * 12 + self.month.month - self.before.month

    @property
    def verdicts(self) -> dict[str, str]:
        """Whether each node really changed, as `judge_change` and, of shares, `comparisons` say it."""
        return {str(key): str(verdict) for key, verdict in self.nodes["verdict"].items()}

    def of(self, key: str) -> dict[str, Any]:
        """What is known of a node, by column."""
        return {str(name): value for name, value in self.nodes.loc[key].items()}


class CompanyTree:
    """A tree over the whole months of a company's exports, or over `sums` of the same first days of every month.

    KitError where there are none.
    """

    def __init__(self, past: Past, tree: Tree, sums: pd.DataFrame | None = None) -> None:
        self.past, self.tree, self.currency = past, tree, past.exports.currency
        self._sums = _held(past, past.sums() if sums is None else sums)
        if not len(self._sums):
            raise KitError(_("the exports hold no whole month."), _("Add exports of a whole month."))
        self.compare = lru_cache(maxsize=64)(self._compare)
        self._points = lru_cache(maxsize=2)(self._compute_points)
        self._lines = lru_cache(maxsize=2)(self._evaluate_all)

    @property
    def months(self) -> list[pd.Timestamp]:
        """The whole months, oldest first."""
        return list(self._sums.index)

    def line(self, key: str, *, people: bool = False) -> pd.Series:
        """A node by month, NaN where it is not known; `people`: robots taken out of the visits where they are known."""
        return self._lines(people)[key]

    def counts_people(self, month: pd.Timestamp, months_ago: int) -> bool:
        """Whether the robots of both months are known, so that visits are those of people."""
        return bool(self._robots.reindex([month, _before(month, months_ago)]).notna().all())

    @property
    def _robots(self) -> pd.Series:
        return self._sums["robot_visits"].where(self._sums["visits"].notna())

    def _people(self) -> pd.DataFrame:
        robots = self._robots
        return self._sums.assign(visits=self._sums["visits"] - robots.fillna(0))

    def _evaluate_all(self, people: bool) -> pd.DataFrame:
        sums = self._people() if people else self._sums
        return pd.DataFrame([evaluate(self.tree, row) for _month, row in sums.iterrows()], index=sums.index)

    def _compare(self, month: pd.Timestamp, months_ago: int = MONTH_AGO) -> Standing:
        """The nodes of `month` against those of the month so many `months_ago`, of which nothing may be known."""
        people, ago = self.counts_people(month, months_ago), _before(month, months_ago)
        states = self._sums.reindex([ago, month])
        then, now = without_robots(states.iloc[0], states.iloc[1])
        values = [evaluate(self.tree, state) for state in (then, now)]
        effects, split_reason = self._effects(then, now)
        better = {key: better_of(self.tree, key, now) for key in self.tree.nodes}
        tree = self._settled(month, ago)
        points, open_leads = self._points(people), self._open(month, ago)
        shares = self._shares(month, ago, people, points, open_leads)
        nodes = pd.DataFrame(
            {
                "value": values[1], "before": values[0],
                "verdict": {key: scorecard_verdict(shares[key]) if key in shares
                            else self._verdict(key, month, ago, people, points, better[key]) for key in better},
                **{name: {key: shares.get(key, {}).get(name, missing) for key in better}
                   for name, missing in (("low", math.nan), ("high", math.nan), ("family", 0))},
                "effect": {key: _effect_of(self.tree, key, effects) for key in better},
                "better": better,
                "norm_status": {key: _norm_status(node, values[1][key], points, month, better[key])
                                for key, node in self.tree.nodes.items()},
                "reason": {key: values[1].attrs["reasons"].get(key, "") for key in better},
            },
            index=pd.Index(self.tree.nodes, name="node"), columns=COLUMNS,
        )  # fmt: skip
        robots = float(self._robots[month]) if people else math.nan
        return Standing(tree, month, ago, nodes, now, then, effects.attrs["change"], split_reason, robots,
                        open_leads)  # fmt: skip

    def _settled(self, month: pd.Timestamp, ago: pd.Timestamp) -> Tree:
        """The tree; the qualification rate is shared unless nearly all leads come by channels confirmed at the norm."""
        node = self.tree.nodes.get(RATE)
        sums = self.past.all_months("channel")
        if node is None or not node.is_leaf or "leads" not in sums:
            return self.tree
        norm = read_tree(LEADS_TREE).nodes[RATE].norm if math.isnan(node.norm) else node.norm
        confirmed = confirmed_in(confirm_channels(sums, ago, norm))
        leads = sums[sums["period"].isin([ago, month])].groupby("channel")["leads"].sum()
        if leads[leads.index.isin(confirmed)].sum() >= NEARLY_ALL * leads.sum():
            return self.tree
        return replace(self.tree, nodes={**self.tree.nodes, RATE: replace(node, owner="shared")})

    def _effects(self, then: pd.Series, now: pd.Series) -> tuple[pd.Series, str]:
        """The effects of the leaves, and why there are none: in words, or a code of a value."""
        try:
            effects = split_tree(self.tree, then, now)
        except KitError as error:  # more leaves moved than can be told apart
            leaves = sorted(self.tree.leaves_below(self.tree.top))
            effects = pd.Series(math.nan, index=leaves, dtype="float64")
            effects.attrs = {"change": math.nan}
            return effects, str(error)
        return effects, str(effects.attrs["reason"])

    def _compute_points(self, people: bool) -> dict[str, pd.DataFrame]:
        """The KPIs of the catalogue among the nodes, by month, as `compute_kpis` gives them."""
        keys = [key for key in self.tree.nodes if key in KPIS]
        sums = self._people() if people else self._sums
        rows = compute_kpis(sums.reset_index(), keys) if keys else pd.DataFrame({"kpi": []})
        return {str(key): group.set_index("period") for key, group in rows.groupby("kpi")}

    def _shares(
        self, month: pd.Timestamp, ago: pd.Timestamp, people: bool, points: dict[str, pd.DataFrame],
        open_leads: dict[str, list[tuple[int, int]]],
    ) -> dict[str, dict[Any, Any]]:  # fmt: skip
        """The shares among the nodes, compared with the other month as one family, by node."""
        known = {
            key: table.reindex([month, ago])[["numerator", "denominator"]].to_numpy(dtype="float64").ravel()
            for key, table in points.items()
            if KPIS[key].interval == "proportion" and not KPIS[key].is_rolling
        }
        known = {key: counts for key, counts in known.items() if (counts[[1, 3]] > 0).all()}
        if not known:
            return {}
        robots = (self._robots / self._sums["visits"]).reindex([month, ago]).max() if not people else 0.0
        rows = pd.DataFrame.from_dict(known, orient="index", columns=COUNTS).rename_axis("kpi").reset_index()
        waiting = {key: open_leads.get(measure, [(0, 0)] * 2) for key, measure in OPEN_OF.items()}
        for name, place in zip(("open", "open_before"), (0, 1), strict=True):
            rows[name] = [float(waiting.get(key, [(0, 0)] * 2)[place][0]) for key in rows["kpi"]]
        rows["reason"] = ["visitors" if key in ALIKE else "robots" if key in OF_PEOPLE and robots > MANY_ROBOTS else ""
                          for key in rows["kpi"]]  # fmt: skip
        return {row["kpi"]: row for row in judge_rows(rows).to_dict("records")}

    def _verdict(
        self, key: str, month: pd.Timestamp, ago: pd.Timestamp, people: bool, points: dict[str, pd.DataFrame],
        better: str,
    ) -> str:  # fmt: skip
        line, row = self.line(key, people=people), as_kpi(self.tree.nodes[key], better)
        now, before = (_point(line, points.get(key), place) for place in (month, ago))
        return judge_change(row, now, before, list(line[line.index < month].tail(JUDGED_BY)))

    def _open(self, month: pd.Timestamp, ago: pd.Timestamp) -> dict[str, list[tuple[int, int]]]:
        """By measure of the tree, the leads without an outcome yet and all leads of the two months."""
        leads, needed = self.past.exports.tables.get("leads"), self.tree.measures
        if leads is None:
            return {}
        if "leads" in leads:
            leads = leads[leads["leads"].isna()]  # a tally does not say which of them are open
        start = leads["created_at"].dt.tz_localize(None).dt.to_period("M").dt.start_time
        flags = {measure: flag for measure, flag in OPEN_UNTIL_KNOWN.items()
                 if measure in needed and flag in leads and leads[flag].notna().any()}  # fmt: skip
        found = {}
        for measure, flag in flags.items():
            rows = [leads.loc[start == place, flag] for place in (month, ago)]
            if rows[0].isna().any():
                found[measure] = [(int(part.isna().sum()), len(part)) for part in rows]
        return found


def without_robots(*states: pd.Series) -> list[pd.Series]:
    """The sums of several months with robots taken out of the visits, where all of the months know their robots."""
    if any(state.get(name) is None or pd.isna(state[name]) for state in states for name in ("visits", "robot_visits")):
        return list(states)
    return [state.where(state.index != "visits", state["visits"] - state["robot_visits"]) for state in states]


def _held(past: Past, sums: pd.DataFrame) -> pd.DataFrame:
    """The measures by month, without the months that the exports of a measure hold in part."""
    sums = sums[[name for name in sums if name in MEASURES]].astype("float64")
    if not len(sums):
        return sums
    sums = sums.reindex(pd.date_range(sums.index.min(), sums.index.max(), freq="MS")).rename_axis("period")
    for name in map(str, sums):
        since = pd.Timestamp(max(whole_since(past.exports, [source_table(MEASURES[name].table)]), sums.index[0].date()))
        sums[name] = sums[name].where(sums.index >= since)
    return sums


def _effect_of(tree: Tree, key: str, effects: pd.Series) -> float:
    """What a node moved the top by: a leaf alone, a branch with its leaves; NaN where others rest on these too."""
    leaves, inside = tree.leaves_below(key), {key, *tree.below(key)}
    if not leaves <= set(effects.index):
        return math.nan
    outside = {tree.top, *tree.below(tree.top)} - inside
    shared = {child for name in outside for child in tree.children(name)} & (inside - {key})
    return math.nan if shared else math.fsum(effects[name] for name in leaves)


def as_kpi(node: Node, better: Any = "neither") -> Kpi:
    """The node as a row of the catalogue."""
    if node.key in KPIS:
        return KPIS[node.key]
    style: Any = node.style
    return Kpi(node.key, node.own_name, node.key, node.unit, style, better, "shared")


def _point(line: pd.Series, points: pd.DataFrame | None, month: pd.Timestamp) -> dict[str, float]:
    bounds = {"low": math.nan, "high": math.nan}
    if points is not None and month in points.index:
        bounds = {name: float(points[name][month]) for name in bounds}
    return {"value": float(line.get(month, math.nan)), **bounds}


def _norm_status(node: Node, value: float, points: dict[str, pd.DataFrame], month: pd.Timestamp, better: str) -> str:
    """ "met", "missed" or "not_enough" against the norm, "no_data" without a value, "" without a norm."""
    if math.isnan(node.norm):
        return ""
    if math.isnan(value):
        return "no_data"
    better = better if better in ("higher", "lower") else "higher"
    if node.key in KPIS and KPIS[node.key].interval == "proportion" and month in points[node.key].index:
        successes, trials = (float(points[node.key][name][month]) for name in ("numerator", "denominator"))
        return judge_norm(successes, trials, node.norm, better).replace("below", "missed")
    return judge_status(as_kpi(node, better), value, node.norm)


def _before(month: pd.Timestamp, months_ago: int) -> pd.Timestamp:
    return month - pd.DateOffset(months=months_ago)
