"""What a scheme would have paid, and may pay: cost for the company, chance for the owner, and the part of luck."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import kpi
from kpi_helpers.scorecard.noise import chance_by_noise, noise_of
from kpi_helpers.scorecard.scheme import ROUNDING, Line, Scheme
from kpi_helpers.scorecard.scoring import EXACT, achievement, index_of, keyed

MONTHS = 24  # looked back upon
DRAWS = 2000  # of noise
SEED = 20261001
Paths = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Simulation:
    """What a scheme pays.

    `months`: by month looked back upon, `index`, `bonus` (money, NaN where no line had a result), `set_aside` (weight
    of the lines without a result), `luck` (chance that noise alone decided whether the index came to 1), `swing` (one
    standard deviation of the bonus from noise alone, money). `lines`: by key, in how many of its known months it was
    `reached` of so many `known` (`results` have a value, `goals` a target), its mean `points`, its `luck` (mean chance
    that noise carried it over the edge where its pay jumps), and `chance`, of the target in a month ahead. `ahead`: by
    month ahead, bonus as `low`, `median`, `high` (80 % of the draws) and `mean`, the `chance` of an index of 1 or more,
    and the weight that is `set_aside`: where there is any, the rest is NaN, for the lines that can be forecast say
    nothing of the others.
    `paid`, `cost`: bonuses of the `whole` months looked back upon, and with the charges on pay. `expected`,
    `expected_cost`: the same for the months ahead, on average. `ceiling`: the most that a month can cost, be it that
    only the line with the highest cap has a result. NaN where nothing is known.
    """

    months: pd.DataFrame
    lines: pd.DataFrame
    ahead: pd.DataFrame
    paid: float
    cost: float
    expected: float
    expected_cost: float
    ceiling: float

    @property
    def whole(self) -> pd.DataFrame:
        """The months looked back upon in which no weight was set aside; where there is none, those with a bonus."""
        return _whole(self.months, "bonus")

    @property
    def whole_ahead(self) -> pd.DataFrame:
        """The months ahead of which all paid lines are known."""
        return self.ahead[self.ahead["mean"].notna()]


def _whole(months: pd.DataFrame, bonus: str) -> pd.DataFrame:
    known = months[months[bonus].notna()]
    whole = known[known["set_aside"] < ROUNDING]
    return whole if len(whole) else known


def simulate(
    scheme: Scheme,
    history: pd.DataFrame,
    paths: Paths | None = None,
    charges: float = 0.0,
    months: int = MONTHS,
    *,
    targets: Paths | None = None,
    draws: int = DRAWS,
) -> Simulation:
    """What the scheme would have paid in the last months of `history`, and may pay in those ahead.

    `history`: period (month start), kpi, value, perhaps scope, numerator and denominator (for the noise of shares) and
    goal (the target that the month had, for lines that say none). `paths`: by the key of a line, an array of (draws,
    months ahead); the same draw belongs together in all of them; a line without paths is set aside. `targets`: by key,
    the goals of the months ahead. `charges`: on top of pay, as a fraction of it. `draws`: of noise. Weights and owners
    are not checked: an unfair scheme can be simulated, too.
    """
    tables = {line.key: of_line(line, history, months) for line in scheme.lines}
    back = _looked_back(scheme, tables, draws)
    ahead, chances = _looked_ahead(scheme, paths or {}, targets or {})
    lines = pd.DataFrame([_line(line, tables[line.key], chances) for line in scheme.lines]).set_index("key")
    most = max((line.curve.most for line in scheme.lines if line.weight > 0), default=0.0)
    paid, expected = _sum(_whole(back, "bonus")["bonus"]), _sum(ahead["mean"])
    with_charges = 1 + charges
    return Simulation(
        back, lines, ahead, paid, paid * with_charges, expected, expected * with_charges,
        scheme.bonus * most * with_charges,
    )  # fmt: skip


def of_line(line: Line, history: pd.DataFrame, months: int = MONTHS) -> pd.DataFrame:
    """The line's last months in the history, as many as asked: value, goal, achievement, points …, by month."""
    last = np.sort(history["period"].unique())[-months:]
    rows = history[keyed(history) == line.key].drop_duplicates("period", keep="last").set_index("period").reindex(last)
    rows["value"] = rows["value"].astype("float64").where(np.isfinite(rows["value"].astype("float64")))
    own = "goal" in rows and math.isnan(line.target)
    rows["goal"] = rows["goal"].astype("float64") if own else line.target
    rows["achievement"] = achievement(line, rows["value"], rows["goal"])
    rows["points"] = line.curve.points(rows["achievement"].to_numpy())
    return rows


def _looked_back(scheme: Scheme, tables: Mapping[str, pd.DataFrame], draws: int) -> pd.DataFrame:
    points = {key: table["points"].to_numpy() for key, table in tables.items()}
    index = index_of(scheme.lines, points)
    known = np.stack([np.isfinite(points[line.key]) * line.weight for line in scheme.lines]).sum(axis=0)
    luck, swing = _by_noise(scheme, tables, index, draws)
    first = next(iter(tables.values()))
    found = {"index": index, "bonus": index * scheme.bonus, "set_aside": scheme.weight - known, "luck": luck}
    return pd.DataFrame({**found, "swing": swing}, index=first.index)


def _by_noise(
    scheme: Scheme, tables: Mapping[str, pd.DataFrame], index: np.ndarray, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """How often noise alone changes whether the index comes to 1, and how far it moves the bonus, by month.

    The level of each line that has a result is drawn about it. NaN where the noise of a line that counts is unknown.
    """
    rng, points, unknown = np.random.default_rng(SEED), {}, np.isnan(index)
    for line in scheme.lines:
        table = tables[line.key]
        values, spread = table["value"].to_numpy(), noise_of(line, table).to_numpy()
        drawn = values + spread * rng.standard_normal((draws, len(values)))
        if kpi(line.kpi).interval == "proportion":
            drawn = drawn.clip(0, 1)
        points[line.key] = line.curve.points(achievement(line, drawn, table["goal"]))
        unknown |= (line.weight > 0) & table["points"].notna().to_numpy() & np.isnan(spread)
    drawn_index = index_of(scheme.lines, points)
    luck = (_full(drawn_index) != _full(index)).mean(axis=0)
    return np.where(unknown, np.nan, luck), np.where(unknown, np.nan, drawn_index.std(axis=0) * scheme.bonus)


def _looked_ahead(scheme: Scheme, paths: Paths, targets: Paths) -> tuple[pd.DataFrame, dict[str, float]]:
    columns = ["low", "median", "high", "mean", "chance", "set_aside"]
    if not any(line.weight and line.key in paths for line in scheme.lines):
        return pd.DataFrame(columns=columns, dtype="float64"), {}
    achieved = _achieved_ahead(scheme, paths, targets)
    points = {line.key: line.curve.points(achieved[line.key]) for line in scheme.lines}
    known = np.stack([np.isfinite(points[line.key]).any(axis=0) * line.weight for line in scheme.lines]).sum(axis=0)
    index = index_of(scheme.lines, points)
    bonus = index * scheme.bonus
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a month of which no line is known stays NaN
        low, median, high = np.nanquantile(bonus, [0.1, 0.5, 0.9], axis=0)
        mean = np.nanmean(bonus, axis=0)
    aside = scheme.weight - known
    drawn = (np.where(aside < ROUNDING, part, np.nan) for part in (low, median, high, mean, _share_full(index)))
    reached = {key: part[np.isfinite(part)] >= 1 for key, part in achieved.items()}
    chances = {key: float(part.mean()) for key, part in reached.items() if part.size}
    return pd.DataFrame(dict(zip(columns, (*drawn, aside), strict=True))), chances


def _achieved_ahead(scheme: Scheme, paths: Paths, targets: Paths) -> dict[str, np.ndarray]:
    """The achievements of all draws and months ahead, by line; NaN for a line without paths or a month without goal."""
    shape = next(np.shape(paths[line.key]) for line in scheme.lines if line.key in paths)
    found = {line.key: np.full(shape, np.nan) for line in scheme.lines}
    for line in scheme.lines:
        if line.key in paths:
            goal = targets.get(line.key, line.target) if math.isnan(line.target) else line.target
            found[line.key] = achievement(line, paths[line.key], goal)
    return found


def _full(index: np.ndarray) -> np.ndarray:
    return np.round(index, EXACT) >= 1


def _share_full(index: np.ndarray) -> np.ndarray:
    known = np.isfinite(index)
    with np.errstate(invalid="ignore"):
        return (_full(index) & known).sum(axis=0) / known.sum(axis=0)


def _line(line: Line, table: pd.DataFrame, chances: Mapping[str, float]) -> dict[str, object]:
    achieved = table["achievement"].dropna()
    return {
        "key": line.key, "reached": int((achieved >= 1).sum()), "known": len(achieved),
        "results": int(table["value"].count()), "goals": int(table["goal"].count()),
        "points": float(table["points"].mean()), "luck": float(chance_by_noise(line, table).mean()),
        "chance": chances.get(line.key, math.nan),
    }  # fmt: skip


def _sum(bonuses: pd.Series) -> float:
    return math.fsum(bonuses.dropna()) if bonuses.notna().any() else math.nan
