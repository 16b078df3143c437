"""Response curves by channel and form, each many times over: what a spend brings, and what a little more would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.budget.checks import check_history, first_spend
from kpi_helpers.budget.fitting import Problem, draw_rows, fit, refit
from kpi_helpers.budget.forms import FORMS
from kpi_helpers.budget.history import MONTH, YEAR, History, baseline, by_week, read_history
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _

SEED = 2026
DRAWS = 200
LEVEL = 0.95  # of intervals
FLAT = 0.02  # exponent of a power curve: twice the spend would bring 1.4 % more
ALL = "all"  # the forms together: no value, only the lowest low and the highest high


@dataclass(frozen=True, eq=False)
class Response:
    """The curve of one channel in one form: the fit first, then its draws, along the first axis.

    `unit`: usual spend a period. `level`: outcome a period at that spend, on average over the last year (or over all
    periods, where there are fewer). `own`: parameters of the form; `carry`: share carried over to the next period.
    `errors`: outcome less what was expected, by period.
    """

    channel: str
    form: str
    unit: float
    level: np.ndarray
    own: np.ndarray
    carry: np.ndarray
    errors: pd.Series
    r2: float

    def outcome(self, spend: np.ndarray) -> np.ndarray:
        """Expected outcome a period at steady spends a period: shape (1 + draws, spends); 0 at no spend."""
        form, own = FORMS[self.form], self.own[:, None, :]
        share = np.maximum(spend / self.unit, 1e-12)
        shape = form.log_shape(share, own) - form.log_shape(np.ones(1), own)
        return np.where(spend > 0, self.level[:, None] * np.exp(shape), 0.0)

    def marginal(self, spend: float) -> np.ndarray:
        """Outcome of one more unit of money a period, at a steady spend above zero: shape (1 + draws,)."""
        steady = np.array([spend])
        rising = FORMS[self.form].elasticity(steady / self.unit, self.own[:, None, :])
        return (self.outcome(steady) * rising / spend)[:, 0]


@dataclass(frozen=True, eq=False)
class Curves:
    """What `fit_curves` found. `checks`: see `check_history`. `step`: days a period has.

    `spends`, by channel with a curve: today (mean a period over the last four weeks), least and most (of weekly means).
    """

    responses: tuple[Response, ...]
    checks: pd.DataFrame
    spends: pd.DataFrame
    step: int

    @property
    def forms(self) -> list[str]:
        return list(dict.fromkeys(response.form for response in self.responses))

    def of_form(self, form: str) -> dict[str, Response]:
        """The curves of one form by channel."""
        return {response.channel: response for response in self.responses if response.form == form}

    def of(self, channel: str, name: str) -> float:
        """One of the channel's `spends`: today, least or most."""
        return float(self.spends[name][channel])

    def is_seen(self, channel: str, spend: float) -> bool:
        """Whether a spend lies within what was spent before."""
        least, most = self.of(channel, "least"), self.of(channel, "most")
        return least - 1e-9 * most <= spend <= most + 1e-9 * most


def fit_curves(
    table: pd.DataFrame, *, forms: Sequence[str] = tuple(FORMS), draws: int = DRAWS, seed: int = SEED
) -> Curves:
    """Response curves of outcome on spend, for each channel that its history allows, in several forms.

    `table`: columns date, channel, spend, outcome; a row per channel and day or week; the outcome (visits, leads,
    margin) is the one the channel is credited with. Expected outcome = baseline x form(spend with carry-over): no
    spend, no outcome; more spend, never less. The baseline (level, straight trend, waves of the year, weekday)
    multiplies. Errors are deviances of counts, large ones count less (soft L1); the level is then set so that
    the sum expected is the sum that came, bursts left out. `draws` fits on circular blocks of four weeks give the
    intervals. Which form is right cannot be told from the fit: read all. What one channel does for the outcome of
    another is not seen here. Of 250 true marginal returns under the sample's laws the span of the forms held 244, the
    interval of the right form alone 232; by week 239 and 226 (benchmarks/budget.py). KitError where the table is not
    one of these, and for a form that there is not.
    """
    for form in forms:
        if form not in FORMS:
            raise KitError(_("no form {name} of a response curve.").format(name=repr(form)), did_you_mean(form, FORMS))
    history = read_history(table)
    checks = check_history(history).set_index("channel")
    responses: list[Response] = []
    for channel in checks.index[checks["refusal"] == ""]:
        needed = dict.fromkeys([*forms, "power"])
        fitted = {form: _respond(history, str(channel), form, draws, seed) for form in needed}
        low, high = interval(fitted["power"].own[:, 0])
        checks.loc[channel, ["elasticity_low", "elasticity_high"]] = low, high
        if low <= FLAT:
            checks.loc[channel, "refusal"] = "no_response"
        else:
            responses += [fitted[form] for form in forms]
    return Curves(tuple(responses), checks.reset_index(), _spends(history, responses), history.step)


def _respond(history: History, channel: str, form: str, draws: int, seed: int) -> Response:
    start = first_spend(history.spend[channel])
    spend, outcome = history.spend[channel].iloc[start:], history.outcome[channel].iloc[start:]
    known = (spend.notna() & outcome.notna()).to_numpy()
    unit, usual = float(spend.mean()), float(outcome[known].mean())
    columns = baseline(pd.DatetimeIndex(spend.index), history.step)
    problem = Problem((spend.interpolate() / unit).to_numpy(), (outcome / usual).to_numpy(), columns, FORMS[form])
    drawn = draw_rows(len(spend), history.periods(MONTH), draws, seed)
    rows = [np.flatnonzero(known), *(each[known[each]] for each in drawn)]
    first, limit = fit(problem, rows[0])
    found = np.array([first, *(refit(problem, each, first, limit) for each in rows[1:])])
    levels = np.exp(found[:, problem.carry_at + 1 :] @ columns[-history.periods(YEAR) :].T).mean(axis=1)
    errors = outcome - usual * problem.predict(first)
    return Response(
        channel, form, unit, usual * levels, found[:, : problem.carry_at], found[:, problem.carry_at], errors,
        1 - float((errors[known] ** 2).sum() / ((outcome[known] - usual) ** 2).sum()),
    )  # fmt: skip


def _spends(history: History, responses: Sequence[Response]) -> pd.DataFrame:
    spend = history.spend[list(dict.fromkeys(response.channel for response in responses))]
    weekly = by_week(spend, history.step)
    today = spend.iloc[-history.periods(MONTH) :].mean()
    return pd.DataFrame({"today": today, "least": weekly[weekly > 0].min(), "most": weekly.max()}, dtype="float64")


def interval(found: np.ndarray) -> tuple[float, float]:
    """The middle `LEVEL` of the draws, widened to hold the fit itself; `found` is the fit and its draws."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(found[1:], [tail, 1 - tail]) if len(found) > 1 else (np.nan, np.nan)
    return float(np.fmin(low, found[0])), float(np.fmax(high, found[0]))


def told(name: str, found: np.ndarray) -> dict[str, float]:
    """A value (the fit's) with its interval (of the draws), as columns: name, name_low, name_high."""
    low, high = interval(found)
    return {name: float(found[0]), f"{name}_low": low, f"{name}_high": high}


def with_ends(*names: str) -> list[str]:
    """The columns of values with intervals."""
    return [f"{name}{end}" for name in names for end in ("", "_low", "_high")]


def with_all(rows: pd.DataFrame, by: str | None, *names: str) -> pd.DataFrame:
    """A row more (for each value of `by`) for all forms together: the lowest low and the highest high of each name."""
    if rows.empty:
        return rows
    ends = {f"{name}_low": "min" for name in names} | {f"{name}_high": "max" for name in names}
    grouped = rows.groupby(by, sort=False) if by else rows.groupby(lambda _row: 0)
    return pd.concat([rows, grouped.agg(ends).reset_index(drop=not by).assign(form=ALL)], ignore_index=True)
