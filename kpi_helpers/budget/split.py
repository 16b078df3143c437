"""What if money moved: what the curves expect of a split, and the split they like best. Always "what if"."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpi_helpers.budget.curves import Curves, Response, told, with_all, with_ends
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _

STEPS = 200  # parts into which the money that may move is cut
Bounds = Mapping[str, tuple[float, float]]


def curve_points(curves: Curves, points: int = 41, beyond: float = 1.5) -> pd.DataFrame:
    """The curves to draw: channel, form, spend, outcome, outcome_low, outcome_high, extrapolated; all a period.

    Spend runs from 0 to `beyond` times the most of a week seen; `extrapolated` is where no week was.
    """
    rows = []
    for response in curves.responses:
        spends = np.linspace(0.0, beyond * curves.of(response.channel, "most"), points)
        for spend, found in zip(spends, response.outcome(spends).T, strict=True):
            row = {"channel": response.channel, "form": response.form, "spend": float(spend), **told("outcome", found)}
            rows.append(row | {"extrapolated": not curves.is_seen(response.channel, float(spend))})
    return pd.DataFrame(rows, columns=["channel", "form", "spend", *with_ends("outcome"), "extrapolated"])


def marginal_returns(curves: Curves) -> pd.DataFrame:
    """Today's returns, a row per channel and form: what the spend brings, and what one more unit of money would bring.

    Columns: channel, form, spend and outcome (a period), outcome_low, outcome_high; average (outcome / spend);
    marginal, marginal_low, marginal_high (outcome per unit of money); carry and its ends (share carried over to the
    next period); r2. The form "all" spans the forms and has no value of its own.
    """
    rows = []
    for response in curves.responses:
        today = curves.of(response.channel, "today")
        outcome = response.outcome(np.array([today]))[:, 0]
        rows.append({
            "channel": response.channel, "form": response.form, "spend": today, **told("outcome", outcome),
            "average": outcome[0] / today, **told("marginal", response.marginal(today)),
            **told("carry", response.carry), "r2": response.r2,
        })  # fmt: skip
    columns = ["channel", "form", "spend", *with_ends("outcome"), "average", *with_ends("marginal", "carry"), "r2"]
    return with_all(pd.DataFrame(rows, columns=columns), "channel", "outcome", "marginal", "carry")


def what_if(curves: Curves, split: Mapping[str, float]) -> pd.DataFrame:
    """What each form expects of a split: spend a period by channel; a channel not named keeps today's.

    Columns: form, spend, outcome with its interval, change against today's split with its interval (draw by draw, so
    that what is uncertain in both cancels), extrapolated (the channels whose spend lies outside what was seen). The
    form "all" spans the forms. KitError for a channel without curve and for a spend below zero.
    """
    _check_split(curves, split)
    today = curves.spends["today"]
    spends = today.copy()
    spends.update(pd.Series(split, dtype="float64"))
    beyond = tuple(channel for channel in spends.index if not curves.is_seen(channel, spends[channel]))
    rows = []
    for form in curves.forms:
        then, now = (_total(curves.of_form(form), each) for each in (spends, today))
        rows.append({"form": form, **told("outcome", then), **told("change", then - now)})
    table = pd.DataFrame(rows, columns=["form", *with_ends("outcome", "change")])
    table = with_all(table, None, "outcome", "change")
    return table.assign(spend=float(spends.sum()), extrapolated=pd.Series([beyond] * len(table)))


def best_split(
    curves: Curves, total: float | None = None, bounds: Bounds | None = None, steps: int = STEPS
) -> pd.DataFrame:
    """The split of `total` (a period; today's, where not given) that each form expects most of, within bounds.

    `bounds`: least and most spend by channel; what is not named stays within the weeks seen. Columns: form, channel,
    today, spend, spend_low, spend_high (the same for each draw), least, most, extrapolated. The best of all splits
    in `steps` equal parts of what may move, whatever the curves' shape (dynamic programming; Bellman 1957). Channels
    without curve are left out, and so is their money. KitError where the bounds cannot hold the total.
    """
    limits = _limits(curves, bounds or {})
    money = float(curves.spends["today"].sum() if total is None else total)
    _check_total(limits, money)
    rows = []
    for form in curves.forms:
        for channel, found in _allot(curves.of_form(form), limits, money, steps).items():
            rows.append({
                "form": form, "channel": channel, "today": curves.of(channel, "today"),
                **told("spend", found), "least": limits["least"][channel], "most": limits["most"][channel],
                "extrapolated": not curves.is_seen(channel, float(found[0])),
            })  # fmt: skip
    columns = ["form", "channel", "today", *with_ends("spend"), "least", "most", "extrapolated"]
    return pd.DataFrame(rows, columns=columns)


def _total(responses: Mapping[str, Response], spends: pd.Series) -> np.ndarray:
    return np.sum([each.outcome(np.array([spends[name]]))[:, 0] for name, each in responses.items()], axis=0)


def _check_split(curves: Curves, split: Mapping[str, float]) -> None:
    for channel, spend in split.items():
        if channel not in curves.spends.index:
            found = _("{channel} has no response curve: its money cannot be moved here.").format(channel=channel)
            raise KitError(found, did_you_mean(channel, list(curves.spends.index)))
        if not (np.isfinite(spend) and spend >= 0):
            found = _("{channel}: a spend of {value}; it must be a number, zero or more.")
            raise KitError(found.format(channel=channel, value=spend))


def _limits(curves: Curves, bounds: Bounds) -> pd.DataFrame:
    limits = curves.spends[["least", "most"]].copy()
    for channel, (least, most) in bounds.items():
        _check_split(curves, {channel: least})
        _check_split(curves, {channel: most})
        limits.loc[channel, ["least", "most"]] = least, most
        if least > most:
            found = _("{channel}: the least spend, {least}, is above the most, {most}.")
            raise KitError(found.format(channel=channel, least=least, most=most))
    return limits


def _check_total(limits: pd.DataFrame, total: float) -> None:
    least, most = float(limits["least"].sum()), float(limits["most"].sum())
    slack = 1e-9 * max(most, 1.0)
    if not least - slack <= total <= most + slack:
        found = _("the bounds hold from {least} to {most} together; {total} is to be split.")
        raise KitError(found.format(least=round(least, 2), most=round(most, 2), total=round(total, 2)))


def _allot(responses: Mapping[str, Response], limits: pd.DataFrame, total: float, steps: int) -> dict[str, np.ndarray]:
    """The best spend of each channel by draw: channel after channel, the best of every sum that may be spent so far."""
    part = max(total - float(limits["least"].sum()), 0.0) / steps
    best, taken = None, {}
    for channel, response in responses.items():
        least, most = limits.loc[channel].to_numpy()
        parts = min(steps, int(np.ceil((most - least) / part - 1e-9))) if part > 0 else 0
        worth = response.outcome(np.minimum(least + part * np.arange(parts + 1), most))
        best, taken[channel] = _add_channel(best, worth, steps)
    spends, left = {}, np.full(len(best) if best is not None else 0, steps)
    for channel in reversed(list(responses)):
        took = taken[channel][np.arange(len(left)), left]
        left = left - took
        least, most = limits.loc[channel].to_numpy()
        spends[channel] = np.minimum(least + part * took, most)
    return _spend_all({channel: spends[channel] for channel in responses}, limits, total)


def _add_channel(best: np.ndarray | None, worth: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The most that n parts bring with one more channel, and how many of them it takes: shapes (draws, steps + 1)."""
    if best is None:
        best = np.full((len(worth), steps + 1), -np.inf)
        best[:, 0] = 0.0
    together, taken = np.full_like(best, -np.inf), np.zeros(best.shape, dtype=int)
    for parts in range(worth.shape[1]):
        brought = best[:, : steps + 1 - parts] + worth[:, [parts]]
        better = brought > together[:, parts:]
        together[:, parts:][better] = brought[better]
        taken[:, parts:][better] = parts
    return together, taken


def _spend_all(spends: dict[str, np.ndarray], limits: pd.DataFrame, total: float) -> dict[str, np.ndarray]:
    """The rest of less than a part a channel, which a bound left over, goes where there is room."""
    rest = total - np.sum(list(spends.values()), axis=0)
    room = {channel: limits.loc[channel, "most"] - spend for channel, spend in spends.items()}
    share = rest / np.maximum(np.sum(list(room.values()), axis=0), 1e-300)
    return {channel: spend + room[channel] * share for channel, spend in spends.items()}
